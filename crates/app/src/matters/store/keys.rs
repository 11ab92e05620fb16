//! Keys of systems that raise matters through Open311.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Instant},
};

pub async fn add_key(tx: &mut Tx, county: CountyId, key_hash: &str, name: &str, at: Instant) -> DbResult<()> {
    let insert =
        sql("insert into open311_key (key_hash, county_id, name, made_at, ended_at) values ($1, $2, $3, $4, $5)");
    tx.run(insert.bind(key_hash).bind(county).bind(name).bind(at).bind(None::<i64>)).await.map(drop)
}

pub async fn end_key(tx: &mut Tx, county: CountyId, key_hash: &str, at: Instant) -> DbResult<u64> {
    let update =
        sql("update open311_key set ended_at = $1 where key_hash = $2 and county_id = $3 and ended_at is null");
    tx.run(update.bind(at).bind(key_hash).bind(county)).await
}

/// The county and name of a key that holds.
pub async fn key_of(conn: &mut Conn, key_hash: &str) -> DbResult<Option<(CountyId, String)>> {
    let query = sql("select county_id, name from open311_key where key_hash = $1 and ended_at is null");
    conn.maybe(query.bind(key_hash)).await
}

/// The keys of a county: hash, name, since, until.
pub async fn keys_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<(String, String, Instant, Option<Instant>)>> {
    let query = sql(
        "select key_hash, name, made_at, ended_at from open311_key where county_id = $1 order by made_at, key_hash",
    );
    conn.all(query.bind(county)).await
}
