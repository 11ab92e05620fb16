//! Rounds and what happened in them.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, new_id},
    web::{AppError, AppResult},
};

use super::super::rules::{NewRound, State};
use crate::accounts::{Actor, Columns, Scope};

/// A round as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Round {
    pub county: CountyId,
    pub id: String,
    pub place: DivisionCode,
    pub name: String,
    pub starts_on: Day,
    pub term_months: i64,
    pub state: State,
    pub proposed: Option<String>,
    /// The job of the approval that is under way, or was.
    pub job_id: Option<String>,
    pub actor: String,
    pub made_at: Instant,
}

impl Round {
    /// Whether several counties are planned at once: a city's or a province's round.
    #[must_use]
    pub fn is_above_county(&self) -> bool {
        self.place.level() < Level::County
    }

    /// Whether a county's or office's people and units may take part.
    #[must_use]
    pub fn takes(&self, county: CountyId) -> bool {
        self.place.contains(county.division())
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("/dispatch/{}/{}", self.county, self.id)
    }
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    county_id: CountyId,
    id: String,
    place: DivisionCode,
    name: String,
    starts_on: Day,
    term_months: i64,
    state: String,
    proposed_plan: Option<String>,
    batch_id: Option<String>,
    ended_on: Option<Day>,
    ended_by: Option<String>,
    run: Option<String>,
    job_id: Option<String>,
    actor: String,
    made_at: Instant,
}

impl Row {
    fn round(self) -> AppResult<Round> {
        let state = State::read(&self.state, self.ended_on.zip(self.ended_by), self.batch_id, self.run)
            .ok_or_else(|| AppError::internal(format!("round {} has the state {}", self.id, self.state)))?;
        Ok(Round {
            county: self.county_id,
            id: self.id,
            place: self.place,
            name: self.name,
            starts_on: self.starts_on,
            term_months: self.term_months,
            state,
            proposed: self.proposed_plan,
            job_id: self.job_id,
            actor: self.actor,
            made_at: self.made_at,
        })
    }
}

/// A line of the list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub place_name: Option<String>,
    pub name: String,
    pub starts_on: Day,
    pub state: String,
    pub proposed_plan: Option<String>,
    pub actor: String,
    pub made_at: Instant,
}

/// The sign keeps SQLite on the index that is in the order of the list.
const SCOPED: Columns = Columns { county: "r.county_id", division: "+r.place", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, state: Option<&str>) {
    scope.narrow(query, SCOPED);
    if let Some(state) = state {
        query.push(" and r.state = ").push_bind(state);
    }
}

/// The statement behind [`list_rounds`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, state: Option<&str>, limit: i64, offset: i64) -> Query {
    let mut query =
        sql("select r.county_id, r.id, d.name as place_name, r.name, r.starts_on, r.state, r.proposed_plan, r.actor, \
             r.made_at from dispatch_round r left join division d on d.code = r.place and d.until is null where 1 = 1");
    narrow(&mut query, scope, state);
    query.push(" order by r.made_at desc, r.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Rounds of the scope's places, newest first.
pub async fn list_rounds(
    conn: &mut Conn,
    scope: &Scope,
    state: Option<&str>,
    (limit, offset): (i64, i64),
) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, state, limit, offset)).await
}

pub async fn count_rounds(conn: &mut Conn, scope: &Scope, state: Option<&str>) -> DbResult<i64> {
    let mut query = sql("select count(*) from dispatch_round r where 1 = 1");
    narrow(&mut query, scope, state);
    conn.value(query).await
}

const ROUND: &str = "select county_id, id, place, name, starts_on, term_months, state, proposed_plan, batch_id, \
                     ended_on, ended_by, run, job_id, actor, made_at from dispatch_round where county_id = $1";

pub async fn find_round(conn: &mut Conn, county: CountyId, id: &str) -> AppResult<Option<Round>> {
    let mut query = sql(ROUND).bind(county);
    query.push(" and id = ").push_bind(id);
    conn.maybe::<Row>(query).await?.map(Row::round).transpose()
}

/// The rounds that are being planned for a county, its own and those of the offices above it, newest first: where units
/// nominate.
pub async fn planning_of(conn: &mut Conn, county: CountyId) -> AppResult<Vec<Round>> {
    let mut offices: Vec<CountyId> = county.division().path().into_iter().map(DivisionCode::county).collect();
    offices.dedup();
    let mut rounds = Vec::new();
    for office in offices {
        let mut query = sql(ROUND).bind(office);
        query.push(" and state = 'planning' order by made_at desc, id desc");
        for row in conn.all::<Row>(query).await? {
            rounds.push(row.round()?);
        }
    }
    rounds.sort_by(|a, b| (b.made_at, &b.id).cmp(&(a.made_at, &a.id)));
    Ok(rounds)
}

/// The round, locked until the transaction ends.
pub async fn lock_round(tx: &mut Tx, county: CountyId, id: &str) -> AppResult<Option<Round>> {
    let touch = sql("update dispatch_round set version = version + 1 where county_id = $1 and id = $2");
    tx.run(touch.bind(county).bind(id)).await?;
    find_round(tx, county, id).await
}

/// Opens a round; returns its id.
pub async fn add_round(tx: &mut Tx, place: DivisionCode, new: &NewRound, actor: &Actor) -> DbResult<String> {
    let id = new_id();
    let insert =
        sql("insert into dispatch_round (county_id, id, place, name, starts_on, term_months, state, made_at, \
                      account_id, actor, version) values ($1, $2, $3, $4, $5, $6, 'planning', $7, $8, $9, 1)")
        .bind(place.county())
        .bind(&id)
        .bind(place)
        .bind(&new.name)
        .bind(new.starts_on)
        .bind(new.term_months)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name);
    tx.run(insert).await?;
    Ok(id)
}

/// Puts a plan forward for approval, or takes it back.
pub async fn propose(tx: &mut Tx, round: &Round, plan: Option<&str>) -> DbResult<()> {
    let update = sql("update dispatch_round set proposed_plan = $1 where county_id = $2 and id = $3");
    tx.run(update.bind(plan).bind(round.county).bind(&round.id)).await.map(drop)
}

/// Ends a round: approved with the batch it made, or dropped.
pub async fn end_round(tx: &mut Tx, round: &Round, batch_id: Option<&str>, actor: &Actor) -> DbResult<()> {
    let state = if batch_id.is_some() { "approved" } else { "dropped" };
    let update = sql("update dispatch_round set state = $1, batch_id = $2, ended_on = $3, ended_by = $4 \
                      where county_id = $5 and id = $6")
    .bind(state)
    .bind(batch_id)
    .bind(actor.today)
    .bind(&actor.name)
    .bind(round.county)
    .bind(&round.id);
    tx.run(update).await.map(drop)
}

/// An approval begins: nothing of the round changes until its run is applied or given up.
pub async fn begin_approval(tx: &mut Tx, round: &Round, (run, job): (&str, &str), actor: &Actor) -> DbResult<()> {
    let update = sql("update dispatch_round set state = 'approving', run = $1, job_id = $2, ended_on = $3, \
                      ended_by = $4 where county_id = $5 and id = $6")
    .bind(run)
    .bind(job)
    .bind(actor.today)
    .bind(&actor.name)
    .bind(round.county)
    .bind(&round.id);
    tx.run(update).await.map(drop)
}

/// An approval was broken off: the round is planned as before.
pub async fn reopen_round(tx: &mut Tx, round: &Round) -> DbResult<()> {
    let made = sql("delete from dispatch_made where county_id = $1 and round_id = $2");
    tx.run(made.bind(round.county).bind(&round.id)).await?;
    let update = sql("update dispatch_round set state = 'planning', run = null, job_id = null, ended_on = null, \
                      ended_by = null where county_id = $1 and id = $2 and state = 'approving'");
    tx.run(update.bind(round.county).bind(&round.id)).await.map(drop)
}

/// What happened in a round.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub at: Instant,
    pub actor: String,
    pub act: String,
    pub words: Option<String>,
}

pub async fn add_event(
    tx: &mut Tx,
    (county, round): (CountyId, &str),
    act: &'static str,
    words: Option<&str>,
    actor: &Actor,
) -> DbResult<()> {
    let insert = sql("insert into dispatch_event (county_id, id, round_id, at, account_id, actor, act, words) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(county)
    .bind(new_id())
    .bind(round)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(act)
    .bind(words);
    tx.run(insert).await.map(drop)
}

/// The story of a round, newest first.
pub async fn events(conn: &mut Conn, county: CountyId, round: &str, most: i64) -> DbResult<Vec<EventRow>> {
    let query = sql("select at, actor, act, words from dispatch_event where county_id = $1 and round_id = $2 \
                     order by at desc, id desc limit $3");
    conn.all(query.bind(county).bind(round).bind(most)).await
}
