//! All SQL of households.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

use super::rules::{Household, Status, target_facts};
use crate::{
    accounts::{Columns, Scope},
    spine::facts::{self, FactDraft, Source, Writing},
};

/// One line of the register.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct HouseholdRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub number: i64,
    pub team: Option<String>,
    pub head: String,
    pub members: Option<i64>,
    pub since: Day,
    pub until: Option<Day>,
    pub version: i64,
    pub status: Option<String>,
    /// Since when that standing holds.
    pub status_since: Option<Day>,
}

impl HouseholdRow {
    /// Its standing now; one that left has none.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.status.as_deref().and_then(Status::parse)
    }

    /// Its standing now and since when.
    #[must_use]
    pub fn standing(&self) -> Option<(Status, Day)> {
        self.status().zip(self.status_since)
    }
}

const COLUMNS: &str = "select h.county_id, h.id, h.village, v.name as village_name, t.name as township_name, \
    h.number, h.team, h.head, h.members, h.since, h.until, h.version, s.status, s.since as status_since from household h \
    left join household_status s on s.county_id = h.county_id and s.village = h.village and s.household_id = h.id \
    and s.until is null \
    left join division v on v.code = h.village and v.until is null \
    left join division t on t.code = (h.village / 1000) * 1000 and t.until is null where 1 = 1";
const SCOPED: Columns = Columns { county: "h.county_id", division: "h.village", unit: None, person: None };

/// What a list of households is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Status>,
    pub head: Option<String>,
    /// Those that have left as well.
    pub left: bool,
}

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    if !filter.left {
        query.push(" and h.until is null");
    }
    if let Some(status) = filter.status {
        query.push(" and s.status = ").push_bind(status.code());
    }
    if let Some(head) = &filter.head {
        query.push(" and h.head like ").push_bind(format!("%{}%", head.replace(['%', '_'], "")));
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, page: (i64, i64)) -> Query {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, filter);
    query.push(" order by h.county_id, h.village, h.number, h.id limit ").push_bind(page.0);
    query.push(" offset ").push_bind(page.1);
    query
}

/// Households of the scope by village and number; `page` is limit and offset.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, page: (i64, i64)) -> DbResult<Vec<HouseholdRow>> {
    conn.all(list_query(scope, filter, page)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from household h left join household_status s on s.county_id = h.county_id \
                         and s.village = h.village and s.household_id = h.id and s.until is null where 1 = 1");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<HouseholdRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and h.county_id = ").push_bind(county).push(" and h.id = ").push_bind(id);
    conn.maybe(query).await
}

/// The households that live in a village now, by number.
pub async fn of_village(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<HouseholdRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and h.county_id = ").push_bind(village.county()).push(" and h.village = ").push_bind(village);
    query.push(" and h.until is null order by h.number, h.id");
    conn.all(query).await
}

/// How many households the programme looks after now, by village of an area.
pub async fn targets(conn: &mut Conn, area: base::kernel::Area) -> DbResult<BTreeMap<DivisionCode, i64>> {
    let (first, last) = area.counties();
    let query = sql("select village, count(*) from household_status where county_id between $1 and $2 \
                     and village between $3 and $4 and until is null and status in ('out_of_poverty', 'monitored') \
                     group by village order by village")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last);
    Ok(conn.all::<(DivisionCode, i64)>(query).await?.into_iter().collect())
}

/// The stretches in which a village's households were looked after: household, since, until.
pub async fn target_periods(
    conn: &mut Conn,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
) -> DbResult<Vec<(DivisionCode, String, Day, Option<Day>)>> {
    let (Some(first), Some(last)) = (villages.first(), villages.last()) else { return Ok(Vec::new()) };
    let query = sql("select village, household_id, since, until from household_status where county_id = $1 \
                     and village between $2 and $3 and status in ('out_of_poverty', 'monitored') \
                     order by village, household_id, since, id")
    .bind(county)
    .bind(*first)
    .bind(*last);
    let rows: Vec<(DivisionCode, String, Day, Option<Day>)> = conn.all(query).await?;
    Ok(rows.into_iter().filter(|row| villages.contains(&row.0)).collect())
}

/// Adds households of one county; those without a number get the next of their village. Returns their ids in order.
pub async fn add_all(tx: &mut Tx, county: CountyId, households: &[Household], at: Instant) -> DbResult<Vec<String>> {
    let villages: BTreeSet<DivisionCode> = households.iter().map(|household| household.village).collect();
    let mut next: BTreeMap<DivisionCode, i64> = BTreeMap::new();
    for village in &villages {
        let highest = sql("select cast(coalesce(max(number), 0) as bigint) from household where county_id = $1 \
                           and village = $2");
        next.insert(*village, tx.value::<i64>(highest.bind(county).bind(*village)).await? + 1);
    }
    let (mut rows, mut statuses, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for household in households {
        let id = new_id();
        let free = next.entry(household.village).or_insert(1);
        let number = household.number.unwrap_or(*free);
        *free = (*free).max(number + 1);
        rows.push(vec![
            county.into(),
            (&id).into(),
            household.village.into(),
            number.into(),
            household.team.as_ref().into(),
            (&household.head).into(),
            household.members.into(),
            household.since.into(),
            None::<&str>.into(),
            1_i64.into(),
        ]);
        statuses.push(vec![
            county.into(),
            new_id().into(),
            (&id).into(),
            household.village.into(),
            household.status.code().into(),
            household.since.into(),
            None::<&str>.into(),
        ]);
        ids.push(id);
    }
    let head =
        "insert into household (county_id, id, village, number, team, head, members, since, until, version) values ";
    tx.run_rows(head, rows, "").await?;
    tx.run_rows(STATUS, statuses, "").await?;
    record(tx, county, &villages, at).await?;
    Ok(ids)
}

const STATUS: &str =
    "insert into household_status (county_id, id, household_id, village, status, since, until) values ";

/// Changes head, team and members, and the standing from a day when it differs. False when somebody else was faster.
pub async fn save(tx: &mut Tx, row: &HouseholdRow, household: &Household, version: i64, at: Instant) -> DbResult<bool> {
    let saved = change(tx, row, household, version).await?;
    if saved && row.status() != Some(household.status) {
        record(tx, row.county_id, &BTreeSet::from([row.village]), at).await?;
    }
    Ok(saved)
}

/// As [`save`] for households of one county, as they were read. False when somebody else changed one meanwhile.
pub async fn save_all(
    tx: &mut Tx,
    county: CountyId,
    changes: &[(HouseholdRow, Household)],
    at: Instant,
) -> DbResult<bool> {
    for (row, household) in changes {
        if !change(tx, row, household, row.version).await? {
            return Ok(false);
        }
    }
    let moved = changes.iter().filter(|(row, household)| row.status() != Some(household.status));
    record(tx, county, &moved.map(|(row, _)| row.village).collect(), at).await?;
    Ok(true)
}

async fn change(tx: &mut Tx, row: &HouseholdRow, household: &Household, version: i64) -> DbResult<bool> {
    let update = sql("update household set head = $1, team = $2, members = $3, version = version + 1 \
                      where county_id = $4 and id = $5 and version = $6")
    .bind(&household.head)
    .bind(household.team.as_ref())
    .bind(household.members)
    .bind(row.county_id)
    .bind(&row.id)
    .bind(version);
    if tx.run(update).await? != 1 {
        return Ok(false);
    }
    if row.status() != Some(household.status) {
        end_status(tx, row, household.since).await?;
        let status = vec![
            row.county_id.into(),
            new_id().into(),
            (&row.id).into(),
            row.village.into(),
            household.status.code().into(),
            household.since.into(),
            None::<&str>.into(),
        ];
        tx.run_rows(STATUS, vec![status], "").await?;
    }
    Ok(true)
}

/// A household leaves the register on a day: moved away, joined to another. False when it has left already.
pub async fn end(tx: &mut Tx, row: &HouseholdRow, day: Day, at: Instant) -> DbResult<bool> {
    let update = sql("update household set until = $1, version = version + 1 where county_id = $2 and id = $3 \
                      and until is null");
    if tx.run(update.bind(day).bind(row.county_id).bind(&row.id)).await? != 1 {
        return Ok(false);
    }
    end_status(tx, row, day).await?;
    record(tx, row.county_id, &BTreeSet::from([row.village]), at).await?;
    Ok(true)
}

async fn end_status(tx: &mut Tx, row: &HouseholdRow, day: Day) -> DbResult<()> {
    let update = sql("update household_status set until = $1 where county_id = $2 and village = $3 \
                      and household_id = $4 and until is null");
    tx.run(update.bind(day).bind(row.county_id).bind(row.village).bind(&row.id)).await.map(drop)
}

/// Makes the facts of villages say how many of their households are looked after.
async fn record(tx: &mut Tx, county: CountyId, villages: &BTreeSet<DivisionCode>, at: Instant) -> DbResult<()> {
    let sources = said(tx, county, villages).await?;
    facts::record(tx, county, &sources, at, Writing::Difference).await
}

async fn said(
    conn: &mut Conn,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
) -> DbResult<Vec<(Source, Vec<FactDraft>)>> {
    let mut periods: BTreeMap<DivisionCode, Vec<(Day, Option<Day>)>> = BTreeMap::new();
    for (village, _, since, until) in target_periods(conn, county, villages).await? {
        periods.entry(village).or_default().push((since, until));
    }
    let facts = |village: &DivisionCode| {
        let source = Source { kind: "village_households", id: village.to_string() };
        let periods = periods.get(village).cloned().unwrap_or_default();
        (source, target_facts("household.target", *village, periods))
    };
    Ok(villages.iter().map(facts).collect())
}

/// What the register of a county says as facts: for checks.
pub async fn facts_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<(Source, Vec<FactDraft>)>> {
    let query = sql("select distinct village from household_status where county_id = $1 order by village");
    let villages = conn.all::<(DivisionCode,)>(query.bind(county)).await?.into_iter().map(|(village,)| village);
    said(conn, county, &villages.collect()).await
}
