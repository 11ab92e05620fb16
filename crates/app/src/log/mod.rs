//! The log (记录): what was done, by whom, where, and what came of it; and who from outside came to see it.
//!
//! For cadres (their own and for team-mates), townships (for their cadres), branches and leaders (read), the office.
//! An **entry** is a day, a village, one of four duties and a sentence. Its **outcomes** become facts: counted at once,
//! or, above the pack's limit, only after the township or the branch has said its word (waiting → counted or sent back).
//! Two who report the same road are asked; merged, it is counted once and credited to both. Corrections and withdrawals
//! go through the entry, reverse its facts and stay in its history. A **visit** by leaders or guides counts each visitor
//! in each village, and turns what was promised into tasks with a holder and a day.
//!
//! | part | what |
//! |---|---|
//! | `menu` | what can be reported, from `data/outcomes.csv` |
//! | `entries` | entries with outcomes: rules, store, pages |
//! | `outcomes` | the word on those that wait |
//! | `visits` | visits, visitors, promises |
//! | `events` | the history of all of them |
//!
//! Tables: `log_entry`, `log_outcome`, `log_credit`, `log_picture`, `log_link`, `log_event`, `visitor`, `visit`,
//! `visit_place`, `visit_visitor`, `visit_promise`. Facts: the indicators of the menu, `visit.leader`,
//! `visit.leader.people`. Tasks: `log_confirm`, `log_confirm_branch`, `log_mend`, `visit_promise`.
//! Never: a place taken from the device, a picture as a condition, a count of days without an entry. Absent so far:
//! links by id to matters and projects, drafts without network.

pub mod entries;
mod events;
mod menu;
mod outcomes;
#[cfg(test)]
mod tests;
pub mod visits;

use base::{
    db::{Conn, DbResult},
    html::{Event, Link, Tone},
    i18n::Text,
    kernel::DivisionCode,
    text,
};

use crate::{
    accounts::{Permission, Scope},
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of the log.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().merge(entries::pages::routes()).merge(outcomes::routes()).merge(visits::pages::routes())
}

/// What was last recorded of a village, newest first: its entries, for pages that show a village.
pub async fn timeline(conn: &mut Conn, scope: &Scope, village: DivisionCode, most: i64) -> DbResult<Vec<Event>> {
    let within = scope.within(village);
    let lines = entries::store::list(conn, &within, &entries::store::Filter::default(), most, 0).await?;
    let event = |line: entries::store::Line| Event {
        tone: if line.waiting > 0 {
            Tone::Wait
        } else if line.outcomes > 0 {
            Tone::Ok
        } else {
            Tone::Idle
        },
        who: Text::data(line.person_name),
        what: Text::data(shorten(&line.words, 60)),
        when: line.day.to_string(),
        note: entries::Duty::parse(&line.duty).map(|duty| Text::key(duty.zh())).unwrap_or_default(),
        href: Some(format!("/log/{}/{}", line.county_id, line.id)),
    };
    Ok(lines.into_iter().map(event).collect())
}

/// The views of 记录, each a link for those who may open it.
fn section(ctx: &Ctx, on: &str) -> Vec<Link> {
    let all = [
        (text!("工作日志"), "/log", Permission::LogRead),
        (text!("按月看"), "/log/month", Permission::LogRead),
        (text!("待核成效"), "/outcomes", Permission::LogRead),
        (text!("调研指导"), "/visits", Permission::LogRead),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, href) }).collect()
}

/// The beginning of a text, with a mark where it goes on.
fn shorten(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if text.chars().count() > most {
        cut.push('…');
    }
    cut
}
