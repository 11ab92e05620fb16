//! Batches and teams.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, Period, new_id},
};

use super::super::rules::{Ledger, team_facts};
use crate::{
    accounts::{Columns, Scope},
    spine::{
        facts::{self, Source, Writing},
        staging::Run,
    },
};

/// 批次: a round of postings.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
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

const BATCH: &str = "select county_id, id, number, name, level, since, term_months, until, state from live_batch \
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
    insert_batch(tx, &batch, None).await?;
    Ok(batch)
}

/// Stores a batch that was made up beforehand. A staged one takes its number when the run is applied ([`number_batch`]):
/// nobody is kept from a number by what is not there.
pub async fn insert_batch(tx: &mut Tx, batch: &Batch, staged: Option<&Run>) -> DbResult<()> {
    let insert = sql("insert into batch (county_id, id, number, name, level, since, term_months, until, state, \
                      version, staged) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)")
    .bind(batch.county_id)
    .bind(&batch.id)
    .bind(staged.map_or(batch.number, Run::provisional))
    .bind(&batch.name)
    .bind(&batch.level)
    .bind(batch.since)
    .bind(batch.term_months)
    .bind(batch.until)
    .bind(&batch.state)
    .bind(staged.map(Run::id));
    tx.run(insert).await.map(drop)
}

/// Gives a staged batch its number; one used meanwhile breaks `batch_number`.
pub async fn number_batch(tx: &mut Tx, batch: &Batch) -> DbResult<()> {
    let update = sql("update batch set number = $1 where county_id = $2 and id = $3");
    tx.run(update.bind(batch.number).bind(batch.county_id).bind(&batch.id)).await.map(drop)
}

/// Gives a batch of a run that is being applied the next number of its county; returns it.
pub async fn number_next(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<i64> {
    let last = sql("select coalesce(max(number), 0) from live_batch where county_id = $1 and id <> $2");
    let number = tx.value::<i64>(last.bind(county).bind(id)).await? + 1;
    let update = sql("update batch set number = $1 where county_id = $2 and id = $3");
    tx.run(update.bind(number).bind(county).bind(id)).await?;
    Ok(number)
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

/// Sets up teams with their facts, unseen where a run is named.
pub async fn add_teams(
    tx: &mut Tx,
    county: CountyId,
    teams: &[NewTeam],
    staged: Option<&Run>,
    at: Instant,
) -> DbResult<()> {
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
            staged.map(Run::id).into(),
        ]
    });
    let head = "insert into team (county_id, id, batch_id, village, ledger, lead_unit_id, since, until, version, \
                staged) values ";
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
    facts::record(tx, county, &sources, at, staged.map_or(Writing::New, Writing::Staged)).await
}

/// Who is on post in a county in a batch that ends on or before a day: posting id and the batch's end.
pub async fn ending(conn: &mut Conn, county: CountyId, by: Day) -> DbResult<Vec<(String, Day)>> {
    let query = sql("select p.id, b.until from live_batch b join live_posting p on p.county_id = b.county_id \
                     and p.batch_id = b.id and p.state = 'on_post' where b.county_id = $1 and b.until <= $2 \
                     order by p.id");
    conn.all(query.bind(county).bind(by)).await
}

/// A post held or on the way, with the end of its batch's term.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct TermRow {
    pub posting_id: String,
    pub person_id: String,
    pub person_name: String,
    pub village: DivisionCode,
    pub role: String,
    pub state: String,
    /// The first day after the term.
    pub until: Day,
}

const TERM: &str = "select p.id as posting_id, p.person_id, p.person_name, p.village, p.role, p.state, b.until \
                    from live_posting p join live_batch b on b.county_id = p.county_id and b.id = p.batch_id \
                    where p.state in ('proposed', 'vetted', 'approved', 'on_post')";

/// The posts of a county that are held or on the way.
pub async fn terms_in(conn: &mut Conn, county: CountyId) -> DbResult<Vec<TermRow>> {
    let mut query = sql(TERM);
    query.push(" and p.county_id = ").push_bind(county).push(" order by p.village, p.since, p.id");
    conn.all(query).await
}

/// The posts that these people hold or are on the way to, in whatever county.
pub async fn terms_of(conn: &mut Conn, people: &[String]) -> DbResult<Vec<TermRow>> {
    let mut rows = Vec::new();
    for chunk in people.chunks(500) {
        let mut query = sql(TERM);
        query.push(" and p.person_id in (");
        for (at, id) in chunk.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(") order by p.person_id, p.since, p.id");
        rows.extend(conn.all::<TermRow>(query).await?);
    }
    Ok(rows)
}

/// The counties that have an open batch.
pub async fn counties_with_batches(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let rows: Vec<(CountyId,)> =
        conn.all(sql("select distinct county_id from live_batch where state = 'open' order by county_id")).await?;
    Ok(rows.into_iter().map(|(county,)| county).collect())
}

/// A team as village pages show it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
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
    let query = sql("select t.id, t.village, t.ledger, u.name as lead_unit, t.since, t.until from live_team t \
                     left join unit u on u.id = t.lead_unit_id \
                     where t.county_id = $1 and t.since <= $2 and (t.until is null or t.until > $2) \
                     and (t.village = $3 or exists (select 1 from team_neighbour n where n.county_id = t.county_id \
                     and n.team_id = t.id and n.village = $3)) order by t.since, t.id");
    conn.all(query.bind(village.county()).bind(day).bind(village)).await
}

/// On post now, ever served, and teams of a batch.
pub async fn batch_figures(conn: &mut Conn, county: CountyId, batch_id: &str) -> DbResult<(i64, i64, i64)> {
    let people = sql("select cast(coalesce(sum(case when state = 'on_post' then 1 else 0 end), 0) as bigint), \
                      cast(coalesce(sum(case when state in ('on_post', 'ended') then 1 else 0 end), 0) as bigint) \
                      from live_posting where county_id = $1 and batch_id = $2");
    let (on_post, served): (i64, i64) = conn.one(people.bind(county).bind(batch_id)).await?;
    let teams = sql("select count(*) from live_team where county_id = $1 and batch_id = $2");
    Ok((on_post, served, conn.value(teams.bind(county).bind(batch_id)).await?))
}

/// A team in a list.
#[derive(Clone, Debug)]
pub struct TeamLine {
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub neighbours: Vec<String>,
    pub ledger: String,
    pub lead_unit: Option<String>,
    pub leader: Option<String>,
    pub members: i64,
    pub since: Day,
}

#[derive(sqlx_macros::FromRow)]
struct TeamFields {
    id: String,
    village: DivisionCode,
    village_name: Option<String>,
    township_name: Option<String>,
    ledger: String,
    lead_unit: Option<String>,
    since: Day,
}

/// The teams in place on a day, by village.
pub async fn teams(conn: &mut Conn, scope: &Scope, day: Day) -> DbResult<Vec<TeamLine>> {
    let columns = Columns { county: "t.county_id", division: "t.village", unit: Some("t.lead_unit_id"), person: None };
    let mut query = sql("select t.id, t.village, v.name as village_name, w.name as township_name, t.ledger, \
                         u.name as lead_unit, t.since from live_team t \
                         left join division v on v.code = t.village and v.until is null \
                         left join division w on w.code = (t.village / 1000) * 1000 and w.until is null \
                         left join unit u on u.id = t.lead_unit_id \
                         where t.since <= $1 and (t.until is null or t.until > $1)")
    .bind(day);
    scope.narrow(&mut query, columns);
    query.push(" order by t.village, t.id");
    let teams: Vec<TeamFields> = conn.all(query).await?;
    let mut people = sql("select p.team_id, p.person_name, p.role from live_posting p where p.team_id is not null \
                          and p.state in ('on_post', 'ended') and p.since <= $1 and (p.until is null or p.until > $1)")
    .bind(day);
    let of = Columns { county: "p.county_id", division: "p.village", unit: None, person: None };
    if scope.units().is_empty() {
        scope.narrow(&mut people, of);
    }
    let mut leaders: HashMap<String, (Option<String>, i64)> = HashMap::new();
    for (team, name, role) in conn.all::<(String, String, String)>(people).await? {
        let entry = leaders.entry(team).or_default();
        entry.1 += 1;
        if matches!(role.as_str(), "first_secretary" | "leader") {
            entry.0 = Some(name);
        }
    }
    let mut beside: HashMap<String, Vec<String>> = HashMap::new();
    let mut neighbours = sql("select n.team_id, v.name from team_neighbour n \
                              left join division v on v.code = n.village and v.until is null where 1 = 1");
    let of = Columns { county: "n.county_id", division: "n.village", unit: None, person: None };
    if scope.units().is_empty() {
        scope.narrow(&mut neighbours, of);
    }
    for (team, name) in conn.all::<(String, Option<String>)>(neighbours).await? {
        beside.entry(team).or_default().extend(name);
    }
    let line = |team: TeamFields| {
        let (leader, members) = leaders.remove(&team.id).unwrap_or_default();
        TeamLine {
            neighbours: beside.remove(&team.id).unwrap_or_default(),
            village: team.village,
            village_name: team.village_name,
            township_name: team.township_name,
            ledger: team.ledger,
            lead_unit: team.lead_unit,
            leader,
            members,
            since: team.since,
        }
    };
    Ok(teams.into_iter().map(line).collect())
}
