//! SQL of `dossier_view`, and a person's facts wherever they lie.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, Instant},
};

use crate::accounts::Actor;

/// A standing fact of a person.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct FactRow {
    pub indicator: String,
    pub day: Day,
    pub amount: i64,
    /// What the place is called, where it stands.
    pub place: Option<String>,
}

/// The standing facts credited to a person in one county, newest first.
pub async fn facts(conn: &mut Conn, county: CountyId, person_id: &str) -> DbResult<Vec<FactRow>> {
    let query = sql("select f.indicator, f.day, f.amount, v.name as place from live_fact f \
                     left join division v on v.code = f.division and v.until is null \
                     where f.county_id = $1 and f.person_id = $2 and f.reverses is null and not exists \
                     (select 1 from live_fact r where r.county_id = f.county_id and r.reverses = f.id) \
                     order by f.day desc, f.id desc");
    conn.all(query.bind(county).bind(person_id)).await
}

/// Notes that somebody looked at a file today.
pub async fn look(tx: &mut Tx, county: CountyId, person_id: &str, by: &Actor, role: &str) -> DbResult<()> {
    let row = vec![
        county.into(),
        person_id.into(),
        (&by.account_id).into(),
        by.today.into(),
        by.at.into(),
        (&by.name).into(),
        role.into(),
    ];
    let head = "insert into dossier_view (county_id, person_id, account_id, day, at, actor, role) values ";
    tx.run_rows(head, vec![row], "on conflict (county_id, person_id, account_id, day) do nothing").await.map(drop)
}

/// Whether this account has looked at this file today already.
pub async fn has_looked(conn: &mut Conn, county: CountyId, person_id: &str, by: &Actor) -> DbResult<bool> {
    let query =
        sql("select at from dossier_view where county_id = $1 and person_id = $2 and account_id = $3 and day = $4");
    let found: Option<(Instant,)> =
        conn.maybe(query.bind(county).bind(person_id).bind(&by.account_id).bind(by.today)).await?;
    Ok(found.is_some())
}

/// Who looked at a person's file: day, name, role; the latest first.
pub async fn looked(conn: &mut Conn, county: CountyId, person_id: &str) -> DbResult<Vec<(Day, String, String)>> {
    let query = sql("select day, actor, role from dossier_view where county_id = $1 and person_id = $2 \
                     order by day desc, at desc, account_id limit 200");
    conn.all(query.bind(county).bind(person_id)).await
}
