//! Villages in a row: what a list of places shows, read for a whole area at once.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{Area, Day, DivisionCode},
};

use super::VillageCategory;

/// What is known of a village, for lists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surveyed {
    pub categories: Vec<VillageCategory>,
    /// The last rating: year and stars.
    pub stars: Option<(i64, i64)>,
    pub households: Option<i64>,
    pub poor_households: Option<i64>,
    pub monitored_households: Option<i64>,
}

#[derive(sqlx_macros::FromRow)]
struct CountsRow {
    code: DivisionCode,
    households: Option<i64>,
    poor_households: Option<i64>,
    monitored_households: Option<i64>,
}

fn within(mut query: Query, column: &'static str, area: Area) -> Query {
    let (first, last) = area.counties();
    query.push(" and county_id between ").push_bind(first).push(" and ").push_bind(last);
    query.and_within(column, area);
    query
}

/// The villages of an area that keep a record, by code, with categories as they hold on a day.
pub async fn survey(conn: &mut Conn, area: Area, day: Day) -> DbResult<HashMap<DivisionCode, Surveyed>> {
    let counts = sql("select code, households, poor_households, monitored_households from village where 1 = 1");
    let mut found: HashMap<DivisionCode, Surveyed> = HashMap::new();
    for row in conn.all::<CountsRow>(within(counts, "code", area)).await? {
        let village = found.entry(row.code).or_default();
        village.households = row.households;
        village.poor_households = row.poor_households;
        village.monitored_households = row.monitored_households;
    }
    let mut categories = within(sql("select village, category from village_category where 1 = 1"), "village", area);
    categories.push(" and since <= ").push_bind(day);
    categories.push(" and (until is null or until > ").push_bind(day).push(") order by village, category");
    for (code, category) in conn.all::<(DivisionCode, String)>(categories).await? {
        found.entry(code).or_default().categories.extend(VillageCategory::parse(&category));
    }
    let mut stars = within(sql("select village, year, stars from village_star where 1 = 1"), "village", area);
    stars.push(" order by village, year");
    for (code, year, stars) in conn.all::<(DivisionCode, i64, i64)>(stars).await? {
        found.entry(code).or_default().stars = Some((year, stars));
    }
    Ok(found)
}
