//! All SQL of switches and complaints.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, new_id},
    text,
    web::{AppError, Refusal},
};

use super::rules::{Class, Code, Opening, Standing, SwitchKind, standing};
use crate::accounts::{Actor, Scope};

/// A switch as it was turned on.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct SwitchRow {
    pub county_id: CountyId,
    pub id: String,
    pub kind: String,
    pub basis: String,
    pub approver: String,
    pub since: Day,
    pub until: Day,
    pub closed_on: Option<Day>,
    pub closed_why: Option<String>,
}

impl SwitchRow {
    #[must_use]
    pub fn kind(&self) -> Option<SwitchKind> {
        SwitchKind::parse(&self.kind)
    }

    #[must_use]
    pub fn standing(&self, today: Day) -> Standing {
        standing(self.until, self.closed_on, today)
    }
}

const SWITCH: &str =
    "select county_id, id, kind, basis, approver, since, until, closed_on, closed_why from switch where 1 = 1";

/// The switches of counties `first..=last`, newest first; of the whole installation for the public page.
pub async fn switches(conn: &mut Conn, counties: (i64, i64)) -> DbResult<Vec<SwitchRow>> {
    let mut query = sql(SWITCH);
    query.push(" and county_id between ").push_bind(counties.0).push(" and ").push_bind(counties.1);
    query.push(" order by since desc, id desc limit 500");
    conn.all(query).await
}

pub async fn find_switch(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<SwitchRow>> {
    let mut query = sql(SWITCH);
    query.push(" and county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// Whether a county may now ask for it: what every capability asks before it does.
pub async fn is_on(conn: &mut Conn, county: CountyId, kind: SwitchKind, today: Day) -> DbResult<bool> {
    let query = sql("select switch_id from switch_on where county_id = $1 and kind = $2 and until > $3");
    Ok(conn.maybe::<(String,)>(query.bind(county).bind(kind.code()).bind(today)).await?.is_some())
}

/// Turns a switch on. One of its kind that still holds is not pushed aside.
pub async fn open_switch(tx: &mut Tx, county: CountyId, opening: &Opening, actor: &Actor) -> Result<String, AppError> {
    let id = new_id();
    let hold = sql("insert into switch_on (county_id, kind, switch_id, until) values ($1, $2, $3, $4) \
                    on conflict (county_id, kind) do update set switch_id = excluded.switch_id, \
                    until = excluded.until where switch_on.until <= $5")
    .bind(county)
    .bind(opening.kind.code())
    .bind(&id)
    .bind(opening.until)
    .bind(actor.today);
    if tx.run(hold).await? != 1 {
        let say = text!("这一项已经开着，到期或停用之后才能再开。");
        return Err(Refusal::at("kind", say).into());
    }
    let insert = sql("insert into switch (county_id, id, kind, basis, approver, since, until, made_at, account_id, \
                      actor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(county)
    .bind(&id)
    .bind(opening.kind.code())
    .bind(&opening.basis)
    .bind(&opening.approver)
    .bind(actor.today)
    .bind(opening.until)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name);
    tx.run(insert).await?;
    Ok(id)
}

/// Turns a switch off before its day; false when it no longer holds.
pub async fn close_switch(tx: &mut Tx, row: &SwitchRow, why: &str, actor: &Actor) -> DbResult<bool> {
    let free = sql("delete from switch_on where county_id = $1 and kind = $2 and switch_id = $3");
    tx.run(free.bind(row.county_id).bind(&row.kind).bind(&row.id)).await?;
    let update = sql("update switch set closed_on = $1, closed_by = $2, closed_why = $3 where county_id = $4 \
                      and id = $5 and closed_on is null and until > $1")
    .bind(actor.today)
    .bind(&actor.name)
    .bind(why)
    .bind(row.county_id)
    .bind(&row.id);
    Ok(tx.run(update).await? == 1)
}

/// A complaint under the complainer's name.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ComplaintRow {
    pub county_id: CountyId,
    pub id: String,
    pub class: String,
    pub words: String,
    pub made_on: Day,
    pub account_id: String,
    pub actor: String,
    pub due: Day,
    pub answer: Option<String>,
    pub answered_on: Option<Day>,
    pub answered_by: Option<String>,
}

/// A complaint of somebody nobody knows.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct NamelessRow {
    pub county_id: CountyId,
    pub code_hash: String,
    pub class: String,
    pub words: String,
    pub week: Day,
    pub due: Day,
    pub answer: Option<String>,
    pub answered_on: Option<Day>,
    pub answered_by: Option<String>,
}

const NAMED: &str = "select county_id, id, class, words, made_on, account_id, actor, due, answer, answered_on, \
                     answered_by from complaint where county_id = $1";
const NAMELESS: &str = "select county_id, code_hash, class, words, week, due, answer, answered_on, answered_by \
                        from complaint_nameless where county_id = $1";

/// The statement behind [`complaints`], for its plan.
#[must_use]
pub fn complaints_query(county: CountyId) -> Query {
    let mut query = sql(NAMED).bind(county);
    query.push(" order by made_on desc, id desc limit 200");
    query
}

/// A county's complaints under a name, newest first.
pub async fn complaints(conn: &mut Conn, county: CountyId) -> DbResult<Vec<ComplaintRow>> {
    conn.all(complaints_query(county)).await
}

pub async fn find_complaint(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<ComplaintRow>> {
    let mut query = sql(NAMED).bind(county);
    query.push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// A county's nameless complaints, by week and then by their hash, which says nothing.
pub async fn nameless(conn: &mut Conn, county: CountyId) -> DbResult<Vec<NamelessRow>> {
    let mut query = sql(NAMELESS).bind(county);
    query.push(" order by week desc, code_hash limit 200");
    conn.all(query).await
}

pub async fn find_nameless(conn: &mut Conn, county: CountyId, code_hash: &str) -> DbResult<Option<NamelessRow>> {
    let mut query = sql(NAMELESS).bind(county);
    query.push(" and code_hash = ").push_bind(code_hash);
    conn.maybe(query).await
}

/// Adds a complaint under a name; returns its id.
pub async fn add(
    tx: &mut Tx,
    county: CountyId,
    (class, words, due): (Class, &str, Day),
    actor: &Actor,
) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into complaint (county_id, id, class, words, made_on, made_at, account_id, actor, due) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(county)
    .bind(&id)
    .bind(class.code())
    .bind(words)
    .bind(actor.today)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(due);
    tx.run(insert).await?;
    Ok(id)
}

/// Adds a nameless complaint: no actor, no instant, no time-ordered id. The same code again changes nothing.
pub async fn add_nameless(
    tx: &mut Tx,
    code: &Code,
    (class, words): (Class, &str),
    (week, due): (Day, Day),
) -> DbResult<()> {
    let insert = sql("insert into complaint_nameless (county_id, code_hash, class, words, week, due) \
                      values ($1, $2, $3, $4, $5, $6) on conflict (county_id, code_hash) do nothing")
    .bind(code.county)
    .bind(code.hash())
    .bind(class.code())
    .bind(words)
    .bind(week)
    .bind(due);
    tx.run(insert).await.map(drop)
}

/// Writes a county's nameless complaints anew in the order of their hashes, so that neither the place of a row nor the
/// number of its transaction tells when within the week it came.
pub async fn shuffle(tx: &mut Tx, county: CountyId) -> DbResult<()> {
    let mut query = sql(NAMELESS).bind(county);
    query.push(" order by code_hash");
    let rows: Vec<NamelessRow> = tx.all(query).await?;
    tx.run(sql("delete from complaint_nameless where county_id = $1").bind(county)).await?;
    let values = rows.into_iter().map(|row| {
        vec![
            row.county_id.into(),
            row.code_hash.into(),
            row.class.into(),
            row.words.into(),
            row.week.into(),
            row.due.into(),
            row.answer.into(),
            row.answered_on.into(),
            row.answered_by.into(),
        ]
    });
    let head = "insert into complaint_nameless (county_id, code_hash, class, words, week, due, answer, answered_on, \
                answered_by) values ";
    tx.run_rows(head, values.collect(), "").await.map(drop)
}

/// Answers a complaint; false when it had an answer.
pub async fn answer(tx: &mut Tx, county: CountyId, id: &str, words: &str, actor: &Actor) -> DbResult<bool> {
    let update = sql("update complaint set answer = $1, answered_on = $2, answered_by = $3 where county_id = $4 \
                      and id = $5 and answer is null");
    let update = update.bind(words).bind(actor.today).bind(&actor.name).bind(county).bind(id);
    Ok(tx.run(update).await? == 1)
}

/// Answers a nameless complaint; false when it had an answer.
pub async fn answer_nameless(tx: &mut Tx, county: CountyId, hash: &str, words: &str, actor: &Actor) -> DbResult<bool> {
    let update = sql("update complaint_nameless set answer = $1, answered_on = $2, answered_by = $3 \
                      where county_id = $4 and code_hash = $5 and answer is null");
    let update = update.bind(words).bind(actor.today).bind(&actor.name).bind(county).bind(hash);
    Ok(tx.run(update).await? == 1)
}

/// Nameless complaints without an answer: how many, and when the first is due.
pub async fn waiting_nameless(conn: &mut Conn, county: CountyId) -> DbResult<(i64, Option<Day>)> {
    let query = sql("select count(*), min(due) from complaint_nameless where county_id = $1 and answer is null");
    conn.one(query.bind(county)).await
}

/// The counties that have nameless complaints.
pub async fn counties_with_nameless(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let query = sql("select distinct county_id from complaint_nameless order by county_id");
    Ok(conn.all::<(CountyId,)>(query).await?.into_iter().map(|(county,)| county).collect())
}

/// Of one class in the counties of a scope: how many came, have an answer, are late without one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub made: i64,
    pub answered: i64,
    pub late: i64,
}

/// The complaints of a county by class, named and nameless together.
pub async fn tallies(conn: &mut Conn, county: CountyId, today: Day) -> DbResult<Vec<(Class, Tally)>> {
    let mut found: Vec<(Class, Tally)> = Class::ALL.map(|class| (class, Tally::default())).into();
    for text in [
        "select class, count(*), cast(coalesce(sum(case when answer is null then 0 else 1 end), 0) as bigint), \
         cast(coalesce(sum(case when answer is null and due < $2 then 1 else 0 end), 0) as bigint) \
         from complaint where county_id = $1 group by class",
        "select class, count(*), cast(coalesce(sum(case when answer is null then 0 else 1 end), 0) as bigint), \
         cast(coalesce(sum(case when answer is null and due < $2 then 1 else 0 end), 0) as bigint) \
         from complaint_nameless where county_id = $1 group by class",
    ] {
        let rows: Vec<(String, i64, i64, i64)> = conn.all(sql(text).bind(county).bind(today)).await?;
        for (class, made, answered, late) in rows {
            if let Some((_, tally)) = found.iter_mut().find(|(one, _)| one.code() == class) {
                tally.made += made;
                tally.answered += answered;
                tally.late += late;
            }
        }
    }
    Ok(found)
}

/// Whether the scope holds the county as a whole: the office answers for all of it or not at all.
pub fn require(scope: &Scope, county: CountyId) -> Result<DivisionCode, AppError> {
    let division = county.division();
    scope.require(division)?;
    Ok(division)
}
