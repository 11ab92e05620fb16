//! Batches and teams.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, Period, new_id},
};

use super::super::rules::{Ledger, team_facts};
use crate::spine::facts::{self, Source};

/// 批次: a round of postings.
#[derive(Clone, PartialEq, Eq, Debug, sqlx::FromRow)]
pub struct Batch {
    pub county_id: CountyId,
    pub id: String,
    pub number: i64,
    pub name: String,
    pub level: String,
    pub since: Day,
    pub term_months: i64,
    /// The first day after the term.
    pub until: Day,
    /// `open` or `closed`.
    pub state: String,
}

const BATCH: &str = "select county_id, id, number, name, level, since, term_months, until, state from batch \
                     where county_id = $1";

/// The batches of a county, newest first.
pub async fn batches(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Batch>> {
    let mut query = sql(BATCH).bind(county);
    query.push(" order by number desc, id");
    conn.all(query).await
}

pub async fn find_batch(conn: &mut Conn, county: CountyId, number: i64) -> DbResult<Option<Batch>> {
    let mut query = sql(BATCH).bind(county);
    query.push(" and number = ").push_bind(number);
    conn.maybe(query).await
}

/// The open batch of a county with the highest number.
pub async fn open_batch(conn: &mut Conn, county: CountyId) -> DbResult<Option<Batch>> {
    let mut query = sql(BATCH).bind(county);
    query.push(" and state = 'open' order by number desc, id limit 1");
    conn.maybe(query).await
}

/// Adds a batch that begins on `since`; a number used twice breaks `batch_number`.
pub async fn add_batch(
    tx: &mut Tx,
    county: CountyId,
    number: i64,
    name: &str,
    since: Day,
    term_months: i64,
    open: bool,
) -> DbResult<Batch> {
    let level = match county.division().level() {
        Level::Nation | Level::Province => "province",
        Level::City => "city",
        Level::County | Level::Township | Level::Village => "county",
    };
    let batch = Batch {
        county_id: county,
        id: new_id(),
        number,
        name: name.to_owned(),
        level: level.into(),
        since,
        term_months,
        until: since.plus_months(term_months),
        state: if open { "open" } else { "closed" }.into(),
    };
    let insert =
        sql("insert into batch (county_id, id, number, name, level, since, term_months, until, state, version) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)")
        .bind(county)
        .bind(&batch.id)
        .bind(number)
        .bind(&batch.name)
        .bind(&batch.level)
        .bind(since)
        .bind(term_months)
        .bind(batch.until)
        .bind(&batch.state);
    tx.run(insert).await?;
    Ok(batch)
}

/// A team to set up.
#[derive(Clone, Debug)]
pub struct NewTeam {
    pub id: String,
    pub batch_id: String,
    pub village: DivisionCode,
    pub neighbours: Vec<DivisionCode>,
    pub ledger: Ledger,
    pub lead_unit_id: Option<String>,
    pub joining_unit_ids: Vec<String>,
    pub period: Period,
}

/// Sets up teams with their facts.
pub async fn add_teams(tx: &mut Tx, county: CountyId, teams: &[NewTeam], at: Instant) -> DbResult<()> {
    let rows = teams.iter().map(|team| {
        vec![
            county.into(),
            (&team.id).into(),
            (&team.batch_id).into(),
            team.village.into(),
            team.ledger.code().into(),
            team.lead_unit_id.as_ref().into(),
            team.period.from().into(),
            team.period.until().into(),
            1_i64.into(),
        ]
    });
    let head =
        "insert into team (county_id, id, batch_id, village, ledger, lead_unit_id, since, until, version) values ";
    tx.run_rows(head, rows.collect(), "").await?;
    let neighbours = teams.iter().flat_map(|team| {
        team.neighbours.iter().map(|village| vec![county.into(), (&team.id).into(), (*village).into()])
    });
    tx.run_rows("insert into team_neighbour (county_id, team_id, village) values ", neighbours.collect(), "").await?;
    let units = teams
        .iter()
        .flat_map(|team| team.joining_unit_ids.iter().map(|unit| vec![county.into(), (&team.id).into(), unit.into()]));
    tx.run_rows("insert into team_unit (county_id, team_id, unit_id) values ", units.collect(), "").await?;
    let sources: Vec<_> = teams
        .iter()
        .map(|team| {
            let source = Source { kind: "team", id: team.id.clone() };
            (source, team_facts(&team.id, team.village, team.ledger, team.period))
        })
        .collect();
    facts::record(tx, county, &sources, at, true).await
}

/// A team as village pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TeamRow {
    pub id: String,
    pub village: DivisionCode,
    pub ledger: String,
    pub lead_unit: Option<String>,
    pub since: Day,
    pub until: Option<Day>,
}

/// The teams that serve a village on a day, as its main village or as a neighbour.
pub async fn teams_of(conn: &mut Conn, village: DivisionCode, day: Day) -> DbResult<Vec<TeamRow>> {
    let query = sql("select t.id, t.village, t.ledger, u.name as lead_unit, t.since, t.until from team t \
                     left join unit u on u.id = t.lead_unit_id \
                     where t.county_id = $1 and t.since <= $2 and (t.until is null or t.until > $2) \
                     and (t.village = $3 or exists (select 1 from team_neighbour n where n.county_id = t.county_id \
                     and n.team_id = t.id and n.village = $3)) order by t.since, t.id");
    conn.all(query.bind(village.county()).bind(day).bind(village)).await
}
