//! Matters (群众事项): what a villager needs, from the card to the end (SQ-5, FS-6).
//!
//! For villagers without an account: the code on the contact card opens a small form; a follow-up code shows how it goes,
//! takes an answer, a rating, and opens it again. For cadres and branches: the inbox, the steps, the branch's
//! deliberation with minutes; for townships and counties: boards, what is late; a screen for the village room and a
//! paper form with the same fields.
//!
//! held 待审 → raised 待受理 → accepted 在办 → deliberating 支部议事 → township 乡镇在办 / express 直通车在办 → solved 待评价 →
//! closed 已办结; opened again it is accepted once more; withdrawn 已撤回, merged 已并入. Every matter has one holder (a post
//! of the village where possible, so that a change of person moves it) and one next date. A late one climbs: the
//! township's task, then the county's. The villager's satisfaction belongs to the matter and is not anonymous.
//!
//! | part | what |
//! |---|---|
//! | `rules` | states and steps, the follow-up code, what is like what, facts |
//! | `store` | all SQL: steps, lists, boards from kept counts, search by two-character words |
//! | `acts` | what crosses a page: raising, steps, the day's round, the door of open things, the express's answer |
//! | `members` | Party members and their ten households |
//! | `pages` | villagers, staff, screen, paper |
//! | `open311` | GeoReport v2 over matters, without personal content |
//!
//! Tables: `matter`, `matter_code`, `matter_order`, `matter_counter`, `matter_count`, `matter_word`, `matter_event`,
//! `matter_file`, `matter_deliberation`, `village_member`, `member_household`, `open311_key`. Facts: `matter.raised.*`,
//! `matter.solved.*`, `matter.answered*`, `matter.answer_hours`, `matter.rated*`, `matter.open`. Tasks: `matter`,
//! `matter_late`, `matter_held`. Never: a captcha, a text sent to anybody outside. Absent: messages to telephones.

pub mod acts;
mod door;
pub mod members;
pub mod open311;
pub mod pages;
pub mod rules;
pub mod store;
mod story;
#[cfg(test)]
pub(crate) mod tests;

pub use acts::{FromExpress, every_day, from_express, to_express};
pub use door::DOOR;
pub use story::{Tally, tally, timeline};

use crate::web::{AppRoutes, routes as empty};

/// The routes of matters.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().merge(pages::routes()).merge(members::routes()).merge(open311::routes())
}
