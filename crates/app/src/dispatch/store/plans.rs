//! Plans of a round: asked for, solved by a job, kept as found.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Instant},
    web::AppResult,
};

use super::{
    super::rules::{Kept, Summary},
    read,
    rounds::Round,
    text_of,
};
use crate::accounts::Actor;

/// A plan to solve.
#[derive(Clone, Debug)]
pub struct NewPlan<'a> {
    pub id: &'a str,
    /// The unit that this variant does without.
    pub without: Option<&'a str>,
    pub job_id: &'a str,
}

/// A plan as its pages show it.
#[derive(Clone, Debug)]
pub struct PlanRow {
    pub county: CountyId,
    pub id: String,
    pub round_id: String,
    pub number: i64,
    /// The unit that it does without, and its name.
    pub without: Option<(String, String)>,
    /// `waiting`, `solved` or `failed`.
    pub state: String,
    pub stop: bool,
    /// Its figures, once it is solved.
    pub summary: Option<Summary>,
    /// All of it, where one plan is read; lists do without.
    pub kept: Option<Kept>,
    pub faults: Vec<String>,
    pub made_at: Instant,
    pub actor: String,
    /// Step and steps of the job while it waits or runs: objective and bound found so far.
    pub running: Option<(i64, i64)>,
    pub message: Option<String>,
}

impl PlanRow {
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == "waiting" && self.running.is_some()
    }
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    county_id: CountyId,
    id: String,
    round_id: String,
    number: i64,
    without_unit: Option<String>,
    unit_name: Option<String>,
    state: String,
    stop: i64,
    summary: Option<String>,
    result: Option<String>,
    faults: Option<String>,
    made_at: Instant,
    actor: String,
    job_state: Option<String>,
    step: Option<i64>,
    steps: Option<i64>,
    message: Option<String>,
    job_result: Option<String>,
}

impl Row {
    fn plan(self) -> AppResult<PlanRow> {
        let runs = matches!(self.job_state.as_deref(), Some("queued" | "running"));
        let mut faults: Vec<String> = self.faults.map(|text| read(&text)).transpose()?.unwrap_or_default();
        // The job ended without the plan: its own words.
        if self.state == "waiting" && !runs {
            faults.extend(self.job_result);
        }
        let kept: Option<Kept> = self.result.map(|text| read(&text)).transpose()?;
        let summary = match self.summary {
            Some(text) => Some(read(&text)?),
            None => kept.as_ref().map(Kept::summary),
        };
        Ok(PlanRow {
            summary,
            county: self.county_id,
            id: self.id,
            round_id: self.round_id,
            number: self.number,
            without: self.without_unit.map(|id| (id, self.unit_name.unwrap_or_default())),
            state: self.state,
            stop: self.stop == 1,
            kept,
            faults,
            made_at: self.made_at,
            actor: self.actor,
            running: runs.then(|| (self.step.unwrap_or(0), self.steps.unwrap_or(0))),
            message: self.message,
        })
    }
}

/// A list reads the figures alone; plans that were kept before there were any are read whole.
const LIST: &str = "case when p.summary is null then p.result else null end as result";
const WHOLE: &str = "p.result";
const PLAN: &str = ", p.county_id, p.id, p.round_id, p.number, p.without_unit, u.name as unit_name, p.state, \
                    p.stop, p.summary, p.faults, p.made_at, p.actor, j.state as job_state, j.step, j.steps, j.message, \
                    j.result as job_result from dispatch_plan p \
                    left join job j on j.county_id = p.county_id and j.id = p.job_id \
                    left join unit u on u.id = p.without_unit";

/// The plans of a round, newest first.
pub async fn list_plans(conn: &mut Conn, round: &Round) -> AppResult<Vec<PlanRow>> {
    let mut query = sql("select ");
    query.push(LIST).push(PLAN).push(" where p.county_id = ").push_bind(round.county);
    query.push(" and p.round_id = ").push_bind(&round.id).push(" order by p.number desc");
    conn.all::<Row>(query).await?.into_iter().map(Row::plan).collect()
}

pub async fn find_plan(conn: &mut Conn, county: CountyId, id: &str) -> AppResult<Option<PlanRow>> {
    let mut query = sql("select ");
    query.push(WHOLE).push(PLAN).push(" where p.county_id = ").push_bind(county);
    query.push(" and p.id = ").push_bind(id);
    conn.maybe::<Row>(query).await?.map(Row::plan).transpose()
}

/// Adds a plan that waits for its job; the round is locked by the caller. Returns its number.
pub async fn add_plan(tx: &mut Tx, round: &Round, new: &NewPlan<'_>, actor: &Actor) -> DbResult<i64> {
    let last = sql("select coalesce(max(number), 0) from dispatch_plan where county_id = $1 and round_id = $2");
    let number: i64 = tx.value::<i64>(last.bind(round.county).bind(&round.id)).await? + 1;
    let insert = sql("insert into dispatch_plan (county_id, id, round_id, number, without_unit, state, job_id, stop, \
                      made_at, account_id, actor) values ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $8, $9)")
    .bind(round.county)
    .bind(new.id)
    .bind(&round.id)
    .bind(number)
    .bind(new.without)
    .bind(new.job_id)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name);
    tx.run(insert).await?;
    Ok(number)
}

/// Keeps what a solve found, or why there is no plan; nothing where it was kept already.
pub async fn finish_plan(tx: &mut Tx, county: CountyId, id: &str, found: Result<&Kept, &[String]>) -> AppResult<bool> {
    let (state, result, summary, faults) = match found {
        Ok(kept) => ("solved", Some(text_of(kept)?), Some(text_of(&kept.summary())?), None),
        Err(faults) => ("failed", None, None, Some(text_of(&faults)?)),
    };
    let update = sql("update dispatch_plan set state = $1, result = $2, summary = $3, faults = $4 \
                      where county_id = $5 and id = $6 and state = 'waiting'");
    let update = update.bind(state).bind(result).bind(summary).bind(faults).bind(county).bind(id);
    Ok(tx.run(update).await? == 1)
}

/// Asks a solve to stop: the best plan so far is kept.
pub async fn ask_stop(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<()> {
    let update = sql("update dispatch_plan set stop = 1 where county_id = $1 and id = $2 and state = 'waiting'");
    tx.run(update.bind(county).bind(id)).await.map(drop)
}

pub async fn is_stopped(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<bool> {
    let query = sql("select stop from dispatch_plan where county_id = $1 and id = $2");
    Ok(conn.maybe::<(i64,)>(query.bind(county).bind(id)).await?.is_some_and(|(stop,)| stop == 1))
}
