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
    kernel::{CountyId, Day, DivisionCode},
    text,
};

use crate::{
    accounts::{Permission, Scope},
    places::short_name,
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

/// An entry of the log, as a person's file shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    pub href: String,
    pub day: Day,
    pub village: String,
    /// The word of the duty.
    pub duty: &'static str,
    pub words: String,
}

/// An outcome credited to a person, as their file shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    pub href: String,
    pub day: Day,
    pub village: String,
    /// What the menu calls it, and the unit beside the amount.
    pub name: &'static str,
    pub amount: String,
    pub unit: &'static str,
    pub what: String,
    /// Reported, and waiting for a word before it counts.
    pub waits: bool,
}

/// The latest entries of a person within the scope, and how many there are.
pub async fn noted(conn: &mut Conn, scope: &Scope, person_id: &str, most: i64) -> DbResult<(Vec<Noted>, i64)> {
    let filter = entries::store::Filter { person_id: Some(person_id.to_owned()), ..Default::default() };
    let all = entries::store::count(conn, scope, &filter).await?;
    let lines = entries::store::list(conn, scope, &filter, most, 0).await?;
    let noted = |line: entries::store::Line| Noted {
        href: format!("/log/{}/{}", line.county_id, line.id),
        day: line.day,
        village: line.village_name.as_deref().map(short_name).unwrap_or_default(),
        duty: entries::Duty::parse(&line.duty).map_or("", entries::Duty::zh),
        words: line.words,
    };
    Ok((lines.into_iter().map(noted).collect(), all))
}

/// The latest outcomes credited to a person in a county within the scope.
pub async fn deeds(conn: &mut Conn, scope: &Scope, of: (CountyId, &str), most: i64) -> DbResult<Vec<Deed>> {
    let deed = |row: entries::store::DeedRow| {
        let line = menu::of(&row.indicator, &row.unit);
        Deed {
            href: format!("/log/{}/{}", row.county_id, row.entry_id),
            day: row.day,
            village: row.village_name.as_deref().map(short_name).unwrap_or_default(),
            name: line.map_or("", |line| line.word),
            amount: row.typed,
            unit: line.map_or("", |line| line.unit),
            what: row.what.unwrap_or_default(),
            waits: row.state == "waiting",
        }
    };
    Ok(entries::store::deeds(conn, scope, of, most).await?.into_iter().map(deed).collect())
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
