//! What a village's page shows of its matters.

use base::{
    db::{Conn, DbResult},
    html::{Event, Tone},
    i18n::Text,
    kernel::{DivisionCode, Instant, Level},
    text,
};

use super::{
    rules::Stage,
    store::{self, Filter, Line, Which},
};
use crate::accounts::Scope;

/// How many matters of a village stand where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub open: i64,
    pub late: i64,
    /// Solved, waiting for the villager's word.
    pub solved: i64,
    pub closed: i64,
}

/// The counts of a village within the scope.
pub async fn tally(conn: &mut Conn, scope: &Scope, village: DivisionCode, now: Instant) -> DbResult<Tally> {
    let mut counts = store::counts(conn, &scope.within(village), Level::Village, now).await?;
    let own = counts.remove(&village).unwrap_or_default();
    Ok(Tally { open: own.open(), late: own.late, solved: own.of(Stage::Solved), closed: own.of(Stage::Closed) })
}

/// The matters last raised in a village, newest first.
pub async fn timeline(
    conn: &mut Conn,
    scope: &Scope,
    village: DivisionCode,
    now: Instant,
    most: i64,
) -> DbResult<Vec<Event>> {
    let all = Filter { which: Which::All, ..Filter::default() };
    let lines = store::list(conn, &scope.within(village), &all, most, 0).await?;
    Ok(lines.into_iter().map(|line| event(line, now)).collect())
}

fn event(line: Line, now: Instant) -> Event {
    let stage = line.stage();
    let late = line.is_late(now);
    let tone = match stage {
        _ if late => Tone::Late,
        Some(Stage::Closed | Stage::Solved) => Tone::Ok,
        Some(Stage::Held) => Tone::Stop,
        Some(Stage::Withdrawn | Stage::Merged) | None => Tone::Idle,
        Some(Stage::Raised | Stage::Accepted | Stage::Deliberating | Stage::Township | Stage::Express) => Tone::Wait,
    };
    let state = stage.map(|stage| Text::key(stage.zh())).unwrap_or_default();
    let note = if late {
        text!("群众事项 · {state}，逾期", state = state)
    } else {
        text!("群众事项 · {state}", state = state)
    };
    Event {
        tone,
        href: Some(line.href()),
        who: line.raiser.map_or_else(|| text!("群众"), Text::data),
        what: Text::data(line.title),
        when: line.raised_on.to_string(),
        note,
    }
}
