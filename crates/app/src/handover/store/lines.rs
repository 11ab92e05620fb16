//! Lines of the three lists and what each party says of them: bulk statements, never one a line.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, Fen, Instant, new_id},
};

use super::{
    super::rules::{Answer, Hand, List, Party},
    HandoverRow,
};
use crate::accounts::Actor;

/// A line as it was taken down.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct LineRow {
    pub id: String,
    pub list: String,
    pub kind: String,
    pub title: String,
    pub note: Option<String>,
    pub due: Option<Day>,
    pub link: Option<String>,
    pub amount: Option<Fen>,
    pub actor: String,
}

/// A line to take down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLine {
    pub list: List,
    pub kind: &'static str,
    pub thing_id: String,
    pub title: String,
    pub note: Option<String>,
    pub due: Option<Day>,
    pub link: Option<String>,
    pub amount: Option<Fen>,
}

const LINE: &str = "select id, list, kind, title, note, due, link, amount, actor from handover_line \
                    where county_id = $1 and handover_id = $2 and removed_at is null";

/// The lines of a handover in the order they came, of one list where given.
pub async fn lines(conn: &mut Conn, county: CountyId, id: &str, list: Option<List>) -> DbResult<Vec<LineRow>> {
    let mut query = sql(LINE).bind(county).bind(id);
    if let Some(list) = list {
        query.push(" and list = ").push_bind(list.code());
    }
    query.push(" order by made_at, id");
    conn.all(query).await
}

pub async fn find_line(conn: &mut Conn, county: CountyId, handover: &str, id: &str) -> DbResult<Option<LineRow>> {
    let mut query = sql(LINE).bind(county).bind(handover);
    query.push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// Takes lines down; a thing that stands there already is left as it is. Returns how many came in.
pub async fn add_lines(tx: &mut Tx, row: &HandoverRow, lines: &[NewLine], actor: &Actor) -> DbResult<u64> {
    let values = |line: &NewLine| -> Vec<Value> {
        vec![
            row.county_id.into(),
            new_id().into(),
            (&row.id).into(),
            line.list.code().into(),
            line.kind.into(),
            (&line.thing_id).into(),
            (&line.title).into(),
            line.note.as_ref().into(),
            line.due.into(),
            line.link.as_ref().into(),
            line.amount.into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
        ]
    };
    let head = "insert into handover_line (county_id, id, handover_id, list, kind, thing_id, title, note, due, link, \
                amount, made_at, account_id, actor) values ";
    // What was done and is open again stands in the lists again.
    let tail = "on conflict (county_id, handover_id, kind, thing_id) do update set removed_at = null, \
                removed_by = null where handover_line.removed_at is not null";
    tx.run_rows(head, lines.iter().map(values).collect(), tail).await
}

/// Takes out the lines of a door whose things are open no longer; returns how many.
pub async fn remove_done(tx: &mut Tx, row: &HandoverRow, kind: &str, open: &[String], actor: &Actor) -> DbResult<u64> {
    let mut update = sql("update handover_line set removed_at = $1, removed_by = $2 where county_id = $3 \
                          and handover_id = $4 and kind = $5 and removed_at is null")
    .bind(actor.at)
    .bind(&actor.name)
    .bind(row.county_id)
    .bind(&row.id)
    .bind(kind);
    if !open.is_empty() {
        update.push(" and thing_id not in ").push_row(true, open.iter().map(Into::into).collect());
    }
    tx.run(update).await
}

/// Takes a line out of the lists; it stays in the store with who did it.
pub async fn remove_line(tx: &mut Tx, row: &HandoverRow, id: &str, actor: &Actor) -> DbResult<bool> {
    let update = sql("update handover_line set removed_at = $1, removed_by = $2 where county_id = $3 \
                      and handover_id = $4 and id = $5 and removed_at is null")
    .bind(actor.at)
    .bind(&actor.name)
    .bind(row.county_id)
    .bind(&row.id)
    .bind(id);
    Ok(tx.run(update).await? == 1)
}

/// What a party said of a line.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct AnswerRow {
    pub line_id: String,
    pub party: String,
    pub answer: String,
    pub words: Option<String>,
    pub at: Instant,
    pub actor: String,
    pub on_paper: i64,
}

impl AnswerRow {
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        Answer::read(&self.answer, self.words.clone())
    }
}

/// Every answer of a handover, by line and party.
pub async fn answers(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<HashMap<(String, Party), AnswerRow>> {
    let query = sql("select line_id, party, answer, words, at, actor, on_paper from handover_answer \
                     where county_id = $1 and handover_id = $2");
    let rows: Vec<AnswerRow> = conn.all(query.bind(county).bind(id)).await?;
    let keyed = rows.into_iter().filter_map(|row| Some(((row.line_id.clone(), Party::parse(&row.party)?), row)));
    Ok(keyed.collect())
}

/// Writes the same answer of one party to the given lines, over what it said before.
pub async fn add_answers(
    tx: &mut Tx,
    row: &HandoverRow,
    lines: &[String],
    (party, hand): (Party, Hand),
    answer: &Answer,
    actor: &Actor,
) -> DbResult<()> {
    let words = match answer {
        Answer::Confirmed => None,
        Answer::Objected { words } => Some(words),
    };
    let values = |line: &String| -> Vec<Value> {
        vec![
            row.county_id.into(),
            line.into(),
            party.code().into(),
            (&row.id).into(),
            answer.code().into(),
            words.into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
            (hand == Hand::Paper).into(),
        ]
    };
    let head = "insert into handover_answer (county_id, line_id, party, handover_id, answer, words, at, account_id, \
                actor, on_paper) values ";
    let tail = "on conflict (county_id, line_id, party) do update set answer = excluded.answer, \
                words = excluded.words, at = excluded.at, account_id = excluded.account_id, \
                actor = excluded.actor, on_paper = excluded.on_paper";
    tx.run_rows(head, lines.iter().map(values).collect(), tail).await.map(drop)
}

/// Forgets what a party said: somebody else is that party now.
pub async fn remove_answers(tx: &mut Tx, row: &HandoverRow, party: Party) -> DbResult<()> {
    let delete = sql("delete from handover_answer where county_id = $1 and handover_id = $2 and party = $3");
    tx.run(delete.bind(row.county_id).bind(&row.id).bind(party.code())).await.map(drop)
}

/// How the lines of a handover stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    pub lines: i64,
    /// Lines that party has confirmed, in the order of [`Party::ALL`].
    pub confirmed: [i64; 3],
    /// Objections that still stand.
    pub objected: i64,
}

impl Count {
    /// Lines without this party's confirmation.
    #[must_use]
    pub fn lacks(&self, party: Party) -> i64 {
        let at = Party::ALL.iter().position(|one| *one == party).unwrap_or(0);
        self.lines - self.confirmed[at]
    }

    /// Whether all three have confirmed every line.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.objected == 0 && Party::ALL.into_iter().all(|party| self.lacks(party) == 0)
    }
}

/// Counts lines and answers, in two statements however many there are.
pub async fn counts(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Count> {
    let lines = sql("select count(*) from handover_line where county_id = $1 and handover_id = $2 \
                     and removed_at is null");
    let mut count = Count { lines: conn.value(lines.bind(county).bind(id)).await?, ..Count::default() };
    let said = sql("select a.party, a.answer, count(*) from handover_answer a \
                    join handover_line l on l.county_id = a.county_id and l.id = a.line_id and l.removed_at is null \
                    where a.county_id = $1 and a.handover_id = $2 group by a.party, a.answer");
    for (party, answer, n) in conn.all::<(String, String, i64)>(said.bind(county).bind(id)).await? {
        let at = Party::ALL.iter().position(|one| one.code() == party);
        match (at, answer.as_str()) {
            (Some(at), "confirmed") => count.confirmed[at] += n,
            _ => count.objected += n,
        }
    }
    Ok(count)
}

/// Takes the next version of a handover without another change, so that acts on its lines come one after another.
pub async fn touch(tx: &mut Tx, row: &HandoverRow) -> DbResult<()> {
    let update = sql("update handover set version = version + 1 where county_id = $1 and id = $2");
    tx.run(update.bind(row.county_id).bind(&row.id)).await.map(drop)
}
