//! All SQL of units.

use std::collections::HashMap;

use base::{
    collate::sort_key,
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, new_id},
};

use super::{Unit, UnitLevel};
use crate::accounts::Scope;

/// A unit in a list.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct UnitRow {
    pub id: String,
    pub county_id: CountyId,
    pub name: String,
    pub level: String,
    pub kind: Option<String>,
    pub system: Option<String>,
    pub contact: Option<String>,
    pub phone: Option<String>,
    pub strong: i64,
    pub version: i64,
}

const TAGS: &str = "insert into unit_tag (unit_id, tag) values ";
const KNOWN_TAG: &str = "on conflict (unit_id, tag) do nothing";

const COLUMNS: &str = "select id, county_id, name, level, kind, system, contact, phone, strong, version \
                       from unit where 1 = 1";

pub async fn find(conn: &mut Conn, id: &str) -> DbResult<Option<UnitRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

pub async fn find_by_name(conn: &mut Conn, county: CountyId, name: &str) -> DbResult<Option<UnitRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and county_id = ").push_bind(county).push(" and name = ").push_bind(name);
    conn.maybe(query).await
}

/// Ids by name of the units a county's office keeps.
pub async fn ids_by_name(conn: &mut Conn, county: CountyId) -> DbResult<HashMap<String, String>> {
    let query = sql("select name, id from unit where county_id = $1");
    Ok(conn.all::<(String, String)>(query.bind(county)).await?.into_iter().collect())
}

/// Ids and levels by name of the units a county's office keeps.
pub async fn levels_by_name(
    conn: &mut Conn,
    county: CountyId,
) -> DbResult<HashMap<String, (String, Option<UnitLevel>)>> {
    let query = sql("select name, id, level from unit where county_id = $1");
    let rows = conn.all::<(String, String, String)>(query.bind(county)).await?;
    Ok(rows.into_iter().map(|(name, id, level)| (name, (id, UnitLevel::parse(&level)))).collect())
}

/// Adds units with ids made by the caller.
pub async fn add_all(tx: &mut Tx, county: CountyId, units: &[(String, Unit)]) -> DbResult<()> {
    let rows = units.iter().map(|(id, unit)| {
        vec![
            id.into(),
            county.into(),
            (&unit.name).into(),
            sort_key(&unit.name).into(),
            unit.level.code().into(),
            unit.kind.as_ref().into(),
            unit.system.as_ref().into(),
            unit.contact.as_ref().into(),
            unit.phone.as_ref().into(),
            unit.strong.into(),
            1_i64.into(),
        ]
    });
    let head = "insert into unit (id, county_id, name, name_key, level, kind, system, contact, phone, strong, version) values ";
    tx.run_rows(head, rows.collect(), "").await?;
    let tags = units.iter().flat_map(|(id, unit)| unit.strengths.iter().map(move |tag| vec![id.into(), tag.into()]));
    tx.run_rows(TAGS, tags.collect(), KNOWN_TAG).await.map(drop)
}

/// The units that some counties' offices keep, each with its tags, by name.
pub async fn of_counties(conn: &mut Conn, counties: (i64, i64)) -> DbResult<Vec<(UnitRow, Vec<String>)>> {
    let mut query = sql(COLUMNS);
    query.push(" and county_id between ").push_bind(counties.0).push(" and ").push_bind(counties.1);
    query.push(" order by name_key, id");
    let units: Vec<UnitRow> = conn.all(query).await?;
    let tags = sql("select t.unit_id, t.tag from unit_tag t join unit u on u.id = t.unit_id \
                    where u.county_id between $1 and $2 order by t.unit_id, t.tag");
    let mut by_unit: HashMap<String, Vec<String>> = HashMap::new();
    for (unit, tag) in conn.all::<(String, String)>(tags.bind(counties.0).bind(counties.1)).await? {
        by_unit.entry(unit).or_default().push(tag);
    }
    let with_tags = |unit: UnitRow| {
        let tags = by_unit.remove(&unit.id).unwrap_or_default();
        (unit, tags)
    };
    Ok(units.into_iter().map(with_tags).collect())
}

/// The units of the scope's counties by name; `text` narrows by a part of the name, `after` continues below it.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    text: Option<&str>,
    level: Option<&str>,
    page: (i64, i64),
) -> DbResult<Vec<UnitRow>> {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, text, level);
    query.push(" order by name_key, id limit ").push_bind(page.0).push(" offset ").push_bind(page.1);
    conn.all(query).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, text: Option<&str>, level: Option<&str>) -> DbResult<i64> {
    let mut query = sql("select count(*) from unit where 1 = 1");
    narrow(&mut query, scope, text, level);
    conn.value(query).await
}

fn narrow(query: &mut base::db::Query, scope: &Scope, text: Option<&str>, level: Option<&str>) {
    query.push(" and (");
    let mut first = true;
    for area in scope.areas() {
        let (from, to) = area.counties();
        query.push(if first { "" } else { " or " });
        query.push("county_id between ").push_bind(from).push(" and ").push_bind(to);
        first = false;
    }
    for id in scope.units() {
        query.push(if first { "" } else { " or " }).push("id = ").push_bind(id);
        first = false;
    }
    query.push(if first { "1 = 0)" } else { ")" });
    if let Some(text) = text {
        query.push(" and name like ").push_bind(format!("%{}%", text.replace(['%', '_'], "")));
    }
    if let Some(level) = level {
        query.push(" and level = ").push_bind(level);
    }
}

/// Names by id.
pub async fn names_of(conn: &mut Conn, ids: &[String]) -> DbResult<HashMap<String, String>> {
    of_ids(conn, "select id, name from unit where id in (", ids).await
}

/// Strengths by id of the unit.
pub async fn tags_of(conn: &mut Conn, ids: &[String]) -> DbResult<HashMap<String, Vec<String>>> {
    let mut tags: HashMap<String, Vec<String>> = HashMap::new();
    let mut pairs: Vec<(String, String)> =
        of_ids(conn, "select unit_id, tag from unit_tag where unit_id in (", ids).await?;
    pairs.sort();
    for (unit, tag) in pairs {
        tags.entry(unit).or_default().push(tag);
    }
    Ok(tags)
}

/// Pairs read of some ids, as many as a page holds.
async fn of_ids<T: FromIterator<(String, String)>>(conn: &mut Conn, text: &'static str, ids: &[String]) -> DbResult<T> {
    if ids.is_empty() {
        return Ok(std::iter::empty().collect());
    }
    let mut query = sql(text);
    for (at, id) in ids.iter().enumerate() {
        query.push(if at == 0 { "" } else { ", " }).push_bind(id);
    }
    query.push(")");
    Ok(conn.all::<(String, String)>(query).await?.into_iter().collect())
}

pub async fn tags(conn: &mut Conn, id: &str) -> DbResult<Vec<String>> {
    let query = sql("select tag from unit_tag where unit_id = $1 order by tag");
    Ok(conn.all::<(String,)>(query.bind(id)).await?.into_iter().map(|(tag,)| tag).collect())
}

/// Adds a unit and returns its id. A second one of the same name in the county breaks `unit_name`.
pub async fn add(tx: &mut Tx, county: CountyId, unit: &Unit) -> DbResult<String> {
    let id = new_id();
    add_all(tx, county, &[(id.clone(), unit.clone())]).await?;
    Ok(id)
}

/// Changes a unit; its tags become exactly those given. `version` is the one the change was made from; false when it
/// moved on.
pub async fn save(tx: &mut Tx, id: &str, unit: &Unit, version: i64) -> DbResult<bool> {
    let update = sql("update unit set name = $1, name_key = $2, level = $3, kind = $4, system = $5, contact = $6, \
                      phone = $7, strong = $8, version = version + 1 where id = $9 and version = $10")
    .bind(&unit.name)
    .bind(sort_key(&unit.name))
    .bind(unit.level.code())
    .bind(unit.kind.as_ref())
    .bind(unit.system.as_ref())
    .bind(unit.contact.as_ref())
    .bind(unit.phone.as_ref())
    .bind(unit.strong)
    .bind(id)
    .bind(version);
    if tx.run(update).await? != 1 {
        return Ok(false);
    }
    tx.run(sql("delete from unit_tag where unit_id = $1").bind(id)).await?;
    save_tags(tx, id, &unit.strengths).await?;
    Ok(true)
}

async fn save_tags(tx: &mut Tx, id: &str, tags: &[String]) -> DbResult<()> {
    let rows = tags.iter().map(|tag| vec![id.into(), tag.into()]).collect();
    tx.run_rows(TAGS, rows, KNOWN_TAG).await.map(drop)
}
