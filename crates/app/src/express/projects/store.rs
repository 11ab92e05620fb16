//! All SQL of projects, their villages, stages, funds and gains.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

use super::rules::{Fund, FundSource, GAINS, Gain, Kind, Said, Stage, facts};
use crate::{
    accounts::{Actor, Columns, Scope},
    express::COUNTED,
    spine::facts::{self as spine_facts, FactDraft, Source, Writing},
};

/// A project's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ProjectRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub name: String,
    pub kind: String,
    pub goal: String,
    pub owner: Option<String>,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub person_county: Option<CountyId>,
    pub person_id: Option<String>,
    pub person_name: Option<String>,
    pub credit_county: Option<CountyId>,
    pub credit_person: Option<String>,
    pub budget: i64,
    pub spent: i64,
    pub over_why: Option<String>,
    pub progress: i64,
    pub stage: String,
    pub stage_since: Day,
    pub due: Option<Day>,
    pub writer: String,
    pub version: i64,
}

impl ProjectRow {
    #[must_use]
    pub fn stage(&self) -> Stage {
        Stage::parse(&self.stage).unwrap_or(Stage::Stopped)
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Other)
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("/projects/{}/{}", self.county_id, self.id)
    }
}

const COLUMNS: &str = "select p.county_id, p.id, p.village, p.name, p.kind, p.goal, p.owner, p.unit_id, p.unit_name, \
    p.person_county, p.person_id, p.person_name, p.credit_county, p.credit_person, p.budget, p.spent, p.over_why, p.progress, p.stage, p.stage_since, \
    p.due, p.writer, p.version from project p where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<ProjectRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and p.county_id = ").push_bind(county).push(" and p.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every project of a county, for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<ProjectRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and p.county_id = ").push_bind(county).push(" order by p.id");
    conn.all(query).await
}

/// A project to write down.
#[derive(Clone, Debug)]
pub struct NewProject {
    pub villages: Vec<DivisionCode>,
    pub name: String,
    pub kind: Kind,
    pub goal: String,
    pub owner: Option<String>,
    /// The unit bound to it: id and name.
    pub unit: Option<(String, String)>,
    pub person: Option<(CountyId, String, String)>,
    pub due: Option<Day>,
}

pub async fn add(tx: &mut Tx, id: &str, new: &NewProject, stage: Stage, actor: &Actor) -> DbResult<()> {
    let Some(first) = new.villages.first().copied() else { return Ok(()) };
    let county = first.county();
    let insert = sql("insert into project (county_id, id, village, name, kind, goal, owner, unit_id, unit_name, \
                      person_county, person_id, person_name, budget, spent, progress, stage, stage_since, due, \
                      writer_account, writer, made_at, version, credit_county, credit_person) values ($1, $2, $3, $4, \
                      $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, $13, $14, $15, $16, $17, $18, 1, $19, $20)")
    .bind(county)
    .bind(id)
    .bind(first)
    .bind(&new.name)
    .bind(new.kind.code())
    .bind(&new.goal)
    .bind(new.owner.as_ref())
    .bind(new.unit.as_ref().map(|(id, _)| id))
    .bind(new.unit.as_ref().map(|(_, name)| name))
    .bind(new.person.as_ref().map(|(county, _, _)| *county))
    .bind(new.person.as_ref().map(|(_, id, _)| id))
    .bind(new.person.as_ref().map(|(_, _, name)| name))
    .bind(stage.code())
    .bind(actor.today)
    .bind(new.due)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(actor.at)
    .bind(new.person.as_ref().map(|(county, _, _)| *county))
    .bind(new.person.as_ref().map(|(_, id, _)| id));
    tx.run(insert).await?;
    let rows = new.villages.iter().map(|village| vec![county.into(), id.into(), (*village).into()]).collect();
    tx.run_rows("insert into project_village (county_id, project_id, village) values ", rows, "").await.map(drop)
}

pub async fn touch(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<bool> {
    let update = sql("update project set version = version + 1 where county_id = $1 and id = $2");
    Ok(tx.run(update.bind(county).bind(id)).await? == 1)
}

pub async fn save(tx: &mut Tx, row: &ProjectRow) -> DbResult<()> {
    let update = sql("update project set budget = $1, spent = $2, over_why = $3, progress = $4, stage = $5, \
                      stage_since = $6, due = $7 where county_id = $8 and id = $9")
    .bind(row.budget)
    .bind(row.spent)
    .bind(row.over_why.as_ref())
    .bind(row.progress)
    .bind(&row.stage)
    .bind(row.stage_since)
    .bind(row.due)
    .bind(row.county_id)
    .bind(&row.id);
    tx.run(update).await.map(drop)
}

/// What the project is, after a correction.
pub async fn save_base(tx: &mut Tx, row: &ProjectRow) -> DbResult<()> {
    let update = sql("update project set name = $1, goal = $2, kind = $3 where county_id = $4 and id = $5")
        .bind(&row.name)
        .bind(&row.goal)
        .bind(&row.kind)
        .bind(row.county_id)
        .bind(&row.id);
    tx.run(update).await.map(drop)
}

pub async fn villages(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<DivisionCode>> {
    let query = sql("select village from project_village where county_id = $1 and project_id = $2 order by village");
    Ok(conn.all::<(DivisionCode,)>(query.bind(county).bind(id)).await?.into_iter().map(|(code,)| code).collect())
}

/// A stage that was reached.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct StageRow {
    pub stage: String,
    pub reached: Day,
    pub words: Option<String>,
    pub actor: String,
}

pub async fn stages(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<StageRow>> {
    let query = sql("select stage, reached, words, actor from project_stage where county_id = $1 and project_id = $2 \
                     order by position");
    conn.all(query.bind(county).bind(id)).await
}

pub async fn add_stage(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    stage: Stage,
    (reached, words): (Day, Option<&str>),
    actor: &Actor,
) -> DbResult<()> {
    let position = stages(tx, county, id).await?.len();
    let insert = sql("insert into project_stage (county_id, project_id, position, stage, reached, words, actor) \
                      values ($1, $2, $3, $4, $5, $6, $7)")
    .bind(county)
    .bind(id)
    .bind(position)
    .bind(stage.code())
    .bind(reached)
    .bind(words)
    .bind(&actor.name);
    tx.run(insert).await.map(drop)
}

/// Money of a project from one source.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct FundRow {
    pub id: String,
    pub source: String,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub amount: i64,
    pub arrived_on: Option<Day>,
}

pub async fn funds(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<FundRow>> {
    let query = sql("select id, source, unit_id, unit_name, amount, arrived_on from project_fund \
                     where county_id = $1 and project_id = $2 order by id");
    conn.all(query.bind(county).bind(id)).await
}

/// Money to enter: source, who gives it, fen, the day on which it arrived.
#[derive(Clone, Debug)]
pub struct NewFund {
    pub source: FundSource,
    pub unit: Option<(String, String)>,
    pub amount: i64,
    pub arrived_on: Option<Day>,
}

pub async fn add_fund(tx: &mut Tx, county: CountyId, id: &str, fund: &NewFund) -> DbResult<()> {
    let insert = sql("insert into project_fund (county_id, id, project_id, source, unit_id, unit_name, amount, \
                      arrived_on) values ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(county)
    .bind(new_id())
    .bind(id)
    .bind(fund.source.code())
    .bind(fund.unit.as_ref().map(|(id, _)| id))
    .bind(fund.unit.as_ref().map(|(_, name)| name))
    .bind(fund.amount)
    .bind(fund.arrived_on);
    tx.run(insert).await.map(drop)
}

/// Money has arrived; `false` when it had already.
pub async fn save_arrival(tx: &mut Tx, county: CountyId, fund: &str, day: Day) -> DbResult<bool> {
    let update = sql("update project_fund set arrived_on = $1 where county_id = $2 and id = $3 and arrived_on is null");
    Ok(tx.run(update.bind(day).bind(county).bind(fund)).await? == 1)
}

/// Another amount for money that was entered wrongly.
pub async fn save_amount(tx: &mut Tx, county: CountyId, fund: &str, amount: i64) -> DbResult<()> {
    let update = sql("update project_fund set amount = $1 where county_id = $2 and id = $3");
    tx.run(update.bind(amount).bind(county).bind(fund)).await.map(drop)
}

/// Takes out money that was entered wrongly and has not arrived.
pub async fn remove_fund(tx: &mut Tx, county: CountyId, fund: &str) -> DbResult<bool> {
    let delete = sql("delete from project_fund where county_id = $1 and id = $2 and arrived_on is null");
    Ok(tx.run(delete.bind(county).bind(fund)).await? == 1)
}

/// A gain of a year.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct GainRow {
    pub id: String,
    pub year: i64,
    pub day: Day,
    pub indicator: String,
    pub amount: i64,
    pub elsewhere: i64,
    pub typed: String,
    pub evidence: String,
}

pub async fn gains(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<GainRow>> {
    let query = sql("select id, year, day, indicator, amount, elsewhere, typed, evidence from project_gain \
                     where county_id = $1 and project_id = $2 and withdrawn_at is null order by year desc, indicator");
    conn.all(query.bind(county).bind(id)).await
}

/// A gain to write down.
#[derive(Clone, Debug)]
pub struct NewGain {
    pub year: i64,
    pub day: Day,
    pub indicator: &'static str,
    pub amount: i64,
    pub elsewhere: i64,
    pub typed: String,
    pub evidence: String,
}

/// Writes a gain; `false` when that year's stands already.
pub async fn add_gain(tx: &mut Tx, county: CountyId, id: &str, gain: &NewGain) -> DbResult<bool> {
    let insert =
        sql("insert into project_gain (county_id, id, project_id, year, day, indicator, amount, elsewhere, typed, \
                      evidence, live_key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
                      on conflict (county_id, live_key) do nothing")
        .bind(county)
        .bind(new_id())
        .bind(id)
        .bind(gain.year)
        .bind(gain.day)
        .bind(gain.indicator)
        .bind(gain.amount)
        .bind(gain.elsewhere)
        .bind(&gain.typed)
        .bind(&gain.evidence)
        .bind(format!("{id}/{}/{}", gain.year, gain.indicator));
    Ok(tx.run(insert).await? == 1)
}

/// Takes a gain back; its key is free again.
pub async fn withdraw_gain(tx: &mut Tx, county: CountyId, id: &str, gain: &str, at: Instant) -> DbResult<bool> {
    let update =
        sql("update project_gain set withdrawn_at = $1, live_key = id where county_id = $2 and project_id = $3 \
                      and id = $4 and withdrawn_at is null");
    Ok(tx.run(update.bind(at).bind(county).bind(id).bind(gain)).await? == 1)
}

/// What other records count of a gain in these villages in a year: the log's outcomes, and other projects.
pub async fn counted_elsewhere(
    conn: &mut Conn,
    villages: &[DivisionCode],
    indicator: &str,
    year: i64,
    but_project: &str,
) -> DbResult<i64> {
    let mut total = 0;
    for village in villages {
        let query = sql("select cast(coalesce(sum(amount), 0) as bigint) from live_fact where county_id = $1 \
                         and indicator = $2 and division = $3 and day between $4 and $5 and source_kind <> 'project'")
        .bind(village.county())
        .bind(indicator)
        .bind(*village)
        .bind(format!("{year}-01-01"))
        .bind(format!("{year}-12-31"));
        total += conn.value::<i64>(query).await?;
    }
    // What other projects of these villages left to the log is accounted for there already.
    let mut said = sql("select cast(coalesce(sum(g.elsewhere), 0) as bigint) from project_gain g \
                        join project_village v on v.county_id = g.county_id and v.project_id = g.project_id \
                        where g.withdrawn_at is null and g.indicator = ");
    said.push_bind(indicator).push(" and g.year = ").push_bind(year).push(" and g.project_id <> ");
    said.push_bind(but_project).push(" and v.county_id = ");
    said.push_bind(villages.first().map(|village| village.county())).push(" and v.village in (");
    for (at, village) in villages.iter().enumerate() {
        said.push(if at == 0 { "" } else { ", " }).push_bind(*village);
    }
    said.push(")");
    let claimed: i64 = if villages.is_empty() { 0 } else { conn.value(said).await? };
    Ok((total - claimed).max(0))
}

/// The indicator of a stored gain.
#[must_use]
pub fn gain_code(code: &str) -> Option<&'static str> {
    GAINS.iter().find(|(known, ..)| *known == code).map(|(known, ..)| *known)
}

/// Makes the facts say what the record says.
pub async fn record_facts(tx: &mut Tx, county: CountyId, id: &str, at: Instant) -> DbResult<()> {
    let Some(row) = find(tx, county, id).await? else { return Ok(()) };
    let facts = facts_of(tx, &row).await?;
    spine_facts::record(tx, county, &[(Source { kind: "project", id: id.into() }, facts)], at, Writing::Difference)
        .await
}

/// What the facts of a project must be.
pub async fn facts_of(conn: &mut Conn, row: &ProjectRow) -> DbResult<Vec<FactDraft>> {
    let (county, id) = (row.county_id, row.id.as_str());
    let villages = villages(conn, county, id).await?;
    let stages: Vec<(Day, Stage)> = stages(conn, county, id)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.reached, Stage::parse(&row.stage)?)))
        .collect();
    let funds: Vec<Fund> = funds(conn, county, id)
        .await?
        .into_iter()
        .filter_map(|fund| {
            let source = FundSource::parse(&fund.source)?;
            Some(Fund { source, unit_id: fund.unit_id, amount: fund.amount, arrived_on: fund.arrived_on })
        })
        .collect();
    let gains: Vec<Gain> = gains(conn, county, id)
        .await?
        .into_iter()
        .filter_map(|gain| {
            let indicator = gain_code(&gain.indicator)?;
            Some(Gain { indicator, day: gain.day, amount: gain.amount, elsewhere: gain.elsewhere })
        })
        .collect();
    Ok(facts(&Said {
        id,
        villages: &villages,
        kind: row.kind(),
        person: row.credit_county.zip(row.credit_person.clone()),
        unit_id: row.unit_id.as_deref(),
        budget: row.budget,
        stages: &stages,
        funds: &funds,
        gains: &gains,
    }))
}

/// What a list is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub kind: Option<&'static str>,
    pub stage: Option<&'static str>,
    pub words: Option<String>,
    pub unit_id: Option<String>,
}

/// A project in a list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub name: String,
    pub kind: String,
    pub goal: String,
    pub unit_name: Option<String>,
    pub person_name: Option<String>,
    pub budget: i64,
    pub spent: i64,
    pub progress: i64,
    pub stage: String,
    pub stage_since: Day,
    pub due: Option<Day>,
}

const LINE: &str = "select p.county_id, p.id, p.village, v.name as village_name, t.name as township_name, p.name, \
    p.kind, p.goal, p.unit_name, p.person_name, p.budget, p.spent, p.progress, p.stage, p.stage_since, p.due \
    from project p left join division v on v.code = p.village and v.until is null \
    left join division t on t.code = (p.village / 1000) * 1000 and t.until is null where 1 = 1";

const SCOPED: Columns =
    Columns { county: "p.county_id", division: "p.village", unit: Some("p.unit_id"), person: Some("p.person_id") };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    if let Some(kind) = filter.kind {
        query.push(" and p.kind = ").push_bind(kind);
    }
    if let Some(stage) = filter.stage {
        query.push(" and p.stage = ").push_bind(stage);
    }
    if let Some(unit) = &filter.unit_id {
        query.push(" and p.unit_id = ").push_bind(unit);
    }
    if let Some(words) = &filter.words {
        query.push(" and p.name like ").push_bind(format!("%{}%", words.replace(['%', '_'], "")));
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(LINE);
    narrow(&mut query, scope, filter);
    query.push(" order by p.stage_since desc, p.id desc limit ").push_bind(limit);
    query.push(" offset ").push_bind(offset);
    query
}

/// Projects of the scope, those that moved last first, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<Option<i64>> {
    let mut query = sql("select count(*) from (select p.id from project p where 1 = 1");
    narrow(&mut query, scope, filter);
    query.push(" limit ").push_bind(COUNTED + 1).push(") as counted");
    let n: i64 = conn.value(query).await?;
    Ok((n <= COUNTED).then_some(n))
}

/// Open projects of a village, for the form that reports a problem.
pub async fn open_in(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<(String, String)>> {
    let query = sql("select p.id, p.name from project_village w join project p on p.county_id = w.county_id \
                     and p.id = w.project_id where w.county_id = $1 and w.village = $2 \
                     and p.stage in ('listed', 'approved', 'started', 'finished') order by p.stage_since desc, p.id");
    conn.all(query.bind(village.county()).bind(village)).await
}

/// What is open with a person in a village, for handovers.
pub async fn open_with(conn: &mut Conn, village: DivisionCode, person_id: &str) -> DbResult<Vec<Line>> {
    let mut query = sql(LINE);
    query.push(" and p.county_id = ").push_bind(village.county()).push(" and p.village = ").push_bind(village);
    query.push(" and p.person_id = ").push_bind(person_id);
    query.push(" and p.stage not in ('accepted', 'stopped', 'refused') order by p.stage_since, p.id");
    conn.all(query).await
}

/// Gives a person's open projects in a village to somebody else, or to nobody until somebody comes.
pub async fn pass(tx: &mut Tx, village: DivisionCode, from: &str, to: Option<(CountyId, &str, &str)>) -> DbResult<u64> {
    let update = sql("update project set person_county = $1, person_id = $2, person_name = $3, version = version + 1 \
                      where county_id = $4 and village = $5 and person_id = $6 \
                      and stage not in ('accepted', 'stopped', 'refused')")
    .bind(to.map(|(county, _, _)| county))
    .bind(to.map(|(_, id, _)| id))
    .bind(to.map(|(_, _, name)| name))
    .bind(village.county())
    .bind(village)
    .bind(from);
    tx.run(update).await
}

/// How many projects of a kind each person has led, for suggestions.
pub async fn led_by(conn: &mut Conn, county: CountyId, kind: &str) -> DbResult<Vec<(String, i64)>> {
    let query =
        sql("select person_id, count(*) from project where county_id = $1 and kind = $2 and person_id is not null \
                     group by person_id");
    conn.all(query.bind(county).bind(kind)).await
}
