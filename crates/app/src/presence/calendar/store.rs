//! All SQL of `calendar_day` and `calendar_year`.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day},
};
use serde_json::json;

use super::{Calendar, Kind};
use crate::{
    accounts::Actor,
    spine::audit::{self, Change, Subject},
};

/// The calendar of a county: what comes with the program, its own days and years over it.
pub async fn load(conn: &mut Conn, county: CountyId) -> DbResult<Calendar> {
    let own = own_days(conn, county).await?.into_iter().map(|(day, (kind, name))| (day, kind, name)).collect();
    let years = sql("select year from calendar_year where county_id = $1 order by year").bind(county);
    let years: Vec<(i64,)> = conn.all(years).await?;
    Ok(Calendar::shipped().over(own, years.into_iter().filter_map(|(year,)| i16::try_from(year).ok())))
}

/// The days that a county itself has set.
pub async fn own_days(conn: &mut Conn, county: CountyId) -> DbResult<BTreeMap<Day, (Kind, String)>> {
    let query = sql("select day, kind, name from calendar_day where county_id = $1 order by day").bind(county);
    let rows: Vec<(Day, String, String)> = conn.all(query).await?;
    Ok(rows.into_iter().filter_map(|(day, kind, name)| Some((day, (Kind::parse(&kind)?, name)))).collect())
}

/// On what a county declared a year complete.
pub async fn year_source(conn: &mut Conn, county: CountyId, year: i16) -> DbResult<Option<String>> {
    let query = sql("select source from calendar_year where county_id = $1 and year = $2");
    Ok(conn.maybe::<(String,)>(query.bind(county).bind(i64::from(year))).await?.map(|(source,)| source))
}

/// Sets an exceptional day of a county.
pub async fn save_day(
    tx: &mut Tx,
    county: CountyId,
    day: Day,
    (kind, name): (Kind, &str),
    actor: &Actor,
) -> DbResult<()> {
    let before = own_days(tx, county).await?.remove(&day);
    let upsert = sql("insert into calendar_day (county_id, day, kind, name, version) values ($1, $2, $3, $4, 1) \
                      on conflict (county_id, day) do update set kind = excluded.kind, name = excluded.name, \
                      version = calendar_day.version + 1");
    tx.run(upsert.bind(county).bind(day).bind(kind.code()).bind(name)).await?;
    let after = json!({"kind": kind.code(), "name": name});
    note(tx, county, day, before, Some(after), actor).await
}

/// Takes a county's own day back: what the program brings holds again. False when the county had set none.
pub async fn remove_day(tx: &mut Tx, county: CountyId, day: Day, actor: &Actor) -> DbResult<bool> {
    let Some(before) = own_days(tx, county).await?.remove(&day) else { return Ok(false) };
    tx.run(sql("delete from calendar_day where county_id = $1 and day = $2").bind(county).bind(day)).await?;
    note(tx, county, day, Some(before), None, actor).await?;
    Ok(true)
}

async fn note(
    tx: &mut Tx,
    county: CountyId,
    day: Day,
    before: Option<(Kind, String)>,
    after: Option<serde_json::Value>,
    actor: &Actor,
) -> DbResult<()> {
    let before = before.map(|(kind, name)| json!({"kind": kind.code(), "name": name}));
    let id = day.to_string();
    let subject = Subject { kind: "calendar", id: &id };
    audit::write(tx, county, actor, "calendar.day", subject, Change { before, after }).await
}

/// Declares a year complete, on the ground of a notice.
pub async fn save_year(tx: &mut Tx, county: CountyId, year: i16, source: &str, actor: &Actor) -> DbResult<()> {
    let upsert = sql("insert into calendar_year (county_id, year, source, made_at) values ($1, $2, $3, $4) \
                      on conflict (county_id, year) do update set source = excluded.source");
    tx.run(upsert.bind(county).bind(i64::from(year)).bind(source).bind(actor.at)).await?;
    let id = year.to_string();
    let subject = Subject { kind: "calendar", id: &id };
    audit::write(tx, county, actor, "calendar.year", subject, Change::made(json!({"source": source}))).await
}
