//! Which pack a county follows, and other settings of a county or of the installation (county 0).

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, DivisionCode, Level},
};

/// A setting of a county; the installation's own stand under the nation.
pub async fn setting(conn: &mut Conn, county: CountyId, name: &str) -> DbResult<Option<String>> {
    let find = sql("select value from setting where county_id = $1 and name = $2").bind(county).bind(name);
    Ok(conn.maybe::<(String,)>(find).await?.map(|(value,)| value))
}

pub async fn save_setting(tx: &mut Tx, county: CountyId, name: &str, value: &str) -> DbResult<()> {
    let upsert = sql("insert into setting (county_id, name, value) values ($1, $2, $3) \
                      on conflict (county_id, name) do update set value = excluded.value");
    tx.run(upsert.bind(county).bind(name).bind(value)).await.map(drop)
}

/// The name of the pack a county follows.
pub async fn pack_name(conn: &mut Conn, county: CountyId) -> DbResult<String> {
    Ok(setting(conn, county, "pack").await?.unwrap_or_else(|| "default".into()))
}

/// The names of packs by county, where counties of a place have chosen one.
pub async fn packs_within(conn: &mut Conn, place: DivisionCode) -> DbResult<HashMap<CountyId, String>> {
    let (first, last) = place.area().counties();
    let query = sql("select county_id, value from setting where name = 'pack' and county_id between $1 and $2");
    Ok(conn.all::<(CountyId, String)>(query.bind(first).bind(last)).await?.into_iter().collect())
}

/// The pack that a place follows: its county's; above counties the one that all of them follow, else `default`.
pub async fn pack_of(conn: &mut Conn, place: DivisionCode) -> DbResult<String> {
    if place.level() >= Level::County {
        return pack_name(conn, place.county()).await;
    }
    let (first, last) = place.area().counties();
    let query = sql("select distinct value from setting where name = 'pack' and county_id between $1 and $2");
    let names: Vec<(String,)> = conn.all(query.bind(first).bind(last)).await?;
    Ok(match names.as_slice() {
        [(one,)] => one.clone(),
        _ => "default".into(),
    })
}
