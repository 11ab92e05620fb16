//! All SQL of statistics: reads of roll-ups and registers. Nothing is written here.

use std::collections::{BTreeSet, HashMap};

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{Area, CountyId, Day, DivisionCode},
};

use crate::spine::facts::read::Record;

fn push_list<V: Into<base::db::Value>>(query: &mut Query, values: impl Iterator<Item = V>) {
    for (i, value) in values.enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push_bind(value);
    }
}

/// Whether any division of an area came from or went into another one: then its figures follow the change.
pub(super) async fn has_moved(conn: &mut Conn, area: Area) -> DbResult<bool> {
    let query = sql("select old_code from division_successor where (new_code between $1 and $2) \
                     or (old_code between $1 and $2) limit 1");
    Ok(conn.maybe::<(DivisionCode,)>(query.bind(area.first).bind(area.last)).await?.is_some())
}

/// Somebody on post, with what compositions ask.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub(super) struct OnPost {
    pub county_id: CountyId,
    pub id: String,
    pub person_name: String,
    pub village: DivisionCode,
    pub role: String,
    pub ledger: String,
    pub since: Day,
    pub gender: Option<String>,
    pub birth: Option<String>,
    pub education: Option<String>,
    pub unit_name: Option<String>,
    pub unit_level: Option<String>,
}

/// Everybody on post in an area on a day, by village.
pub(super) async fn on_post(conn: &mut Conn, area: Area, day: Day) -> DbResult<Vec<OnPost>> {
    conn.all(on_post_query(area, day)).await
}

pub(super) fn on_post_query(area: Area, day: Day) -> Query {
    let mut query = sql("select p.county_id, p.id, p.person_name, p.village, p.role, p.ledger, p.since, h.gender, \
                         h.birth, h.education, u.name as unit_name, u.level as unit_level from live_posting p \
                         left join live_person h on h.county_id = p.person_county and h.id = p.person_id \
                         left join unit u on u.id = p.unit_id where p.state in ('on_post', 'ended')");
    on_day(&mut query, area, day);
    query.push(" order by p.village, p.role, p.id");
    query
}

/// How many people on post are of one age class, gender and so on.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub(super) struct Group {
    /// The first year of the class; none where the birth is unknown.
    pub age: Option<i64>,
    pub gender: Option<String>,
    pub education: Option<String>,
    pub unit_level: Option<String>,
    pub role: String,
    pub ledger: String,
    pub people: i64,
}

/// Everybody on post in an area on a day, counted by what compositions ask.
pub(super) async fn composition(conn: &mut Conn, area: Area, day: Day) -> DbResult<Vec<Group>> {
    conn.all(composition_query(area, day)).await
}

pub(super) fn composition_query(area: Area, day: Day) -> Query {
    let mut query = sql("select age, gender, education, unit_level, role, ledger, count(*) as people from \
                         (select case when h.birth is null then null");
    // A birth known to the month is that of its first day; texts of days compare as the days do.
    for years in [60, 50, 40, 30] {
        query.push(" when h.birth <= ").push_bind(day.plus_months(-12 * years).to_string());
        query.push(" then ").push_bind(years);
    }
    query.push(
        " else 0 end as age, h.gender, h.education, u.level as unit_level, p.role, p.ledger from live_posting p \
         left join live_person h on h.county_id = p.person_county and h.id = p.person_id \
         left join unit u on u.id = p.unit_id where p.state in ('on_post', 'ended')",
    );
    on_day(&mut query, area, day);
    query.push(") people group by age, gender, education, unit_level, role, ledger");
    query
}

fn on_day(query: &mut Query, area: Area, day: Day) {
    let (first, last) = area.counties();
    if first == last {
        query.push(" and p.county_id = ").push_bind(first);
    } else {
        query.push(" and p.county_id between ").push_bind(first).push(" and ").push_bind(last);
    }
    query.and_within("p.village", area);
    query.push(" and p.since <= ").push_bind(day);
    query.push(" and (p.until is null or p.until > ").push_bind(day).push(")");
}

/// Names of what records point to.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub places: HashMap<DivisionCode, String>,
    pub people: HashMap<String, String>,
    pub units: HashMap<String, String>,
}

/// Looks up the names behind a page of records.
pub(super) async fn names(conn: &mut Conn, records: &[Record]) -> DbResult<Names> {
    let places: BTreeSet<DivisionCode> = records.iter().map(|record| record.village).collect();
    let units: BTreeSet<&String> = records.iter().filter_map(|record| record.unit.as_ref()).collect();
    let mut people: HashMap<CountyId, BTreeSet<&String>> = HashMap::new();
    for record in records {
        if let (Some(county), Some(id)) = (record.person_county, record.person.as_ref()) {
            people.entry(county).or_default().insert(id);
        }
    }
    let mut names = Names { places: place_names(conn, &places).await?, ..Names::default() };
    for chunk in units.into_iter().collect::<Vec<_>>().chunks(500) {
        let mut query = sql("select id, name from unit where id in (");
        push_list(&mut query, chunk.iter().copied());
        query.push(")");
        names.units.extend(conn.all::<(String, String)>(query).await?);
    }
    for (county, ids) in people {
        for chunk in ids.into_iter().collect::<Vec<_>>().chunks(500) {
            let mut query = sql("select id, name from live_person where county_id = $1 and id in (").bind(county);
            push_list(&mut query, chunk.iter().copied());
            query.push(")");
            names.people.extend(conn.all::<(String, String)>(query).await?);
        }
    }
    Ok(names)
}

/// Names of divisions as people say them.
pub(super) async fn place_names(
    conn: &mut Conn,
    codes: &BTreeSet<DivisionCode>,
) -> DbResult<HashMap<DivisionCode, String>> {
    let mut names = HashMap::new();
    for chunk in codes.iter().copied().collect::<Vec<_>>().chunks(500) {
        // The newest name comes last and stays: a division that is gone is still called by its own.
        let mut query = sql("select code, name from division where code in (");
        push_list(&mut query, chunk.iter().copied());
        query.push(") order by code, since");
        for (code, name) in conn.all::<(DivisionCode, String)>(query).await? {
            names.insert(code, crate::places::short_name(&name));
        }
    }
    Ok(names)
}
