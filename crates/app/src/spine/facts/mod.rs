//! Facts: one line of evidence each, written only by a capability from its own record, in the same transaction.
//!
//! A capability hands over what its record says *now* ([`store::record`]); what was there before and no longer holds is
//! reversed, what is new is added, so that correcting or withdrawing a record is the same call. Roll-ups inside the
//! county (village, township, county × day and month) and the table of distinct keys move in the same transaction.
//!
//! | table | what |
//! |---|---|
//! | `fact` | evidence; a reversal points to what it takes back, nothing is deleted |
//! | `rollup_day`, `rollup_month`, `rollup_year` | sums per indicator and division; sum and state figures read these alone: [`sums`] |
//! | `distinct_month`, `distinct_year` | per key and month or year how many facts; distinct figures read these |
//!
//! Facts of a staged run move `staged_rollup_day`, `staged_rollup_month` and the staged keys instead; readers go
//! through `live_…`, which add those of an applied run until they are folded in.
//!
//! Absent: typing a fact by hand; reading across counties anywhere but in [`read`].

mod catalogue;
mod check;
pub mod read;
mod say;
mod shelves;
mod store;
pub mod sums;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, How, Indicator, Noted, Says};
pub use check::{Difference, recompute};
pub use say::{Unit, UnitError, figure_href, figure_then, written_span};
pub use shelves::SHELVES;
pub use store::{FactDraft, Source, Writing, record, stage_first};
