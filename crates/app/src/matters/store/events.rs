//! What happened to a matter: nothing is taken out.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, Instant, new_id},
};

use super::super::rules::Decision;
use crate::accounts::Actor;

#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub act: String,
    pub at: Instant,
    pub account_id: String,
    pub actor: String,
    pub words: Option<String>,
    pub public: i64,
}

/// The events of a matter, newest first; for the villager those that are meant for them.
pub async fn events(conn: &mut Conn, county: CountyId, matter_id: &str, all: bool) -> DbResult<Vec<EventRow>> {
    let mut query = sql("select act, at, account_id, actor, words, public from matter_event where county_id = $1 \
                         and matter_id = $2")
    .bind(county)
    .bind(matter_id);
    if !all {
        query.push(" and public = 1");
    }
    query.push(" order by at desc, id desc limit 500");
    conn.all(query).await
}

/// A meeting of the branch on a matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDeliberation {
    pub day: Day,
    pub chair: String,
    pub present: i64,
    pub minutes: String,
    pub decision: Decision,
}

#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct DeliberationRow {
    pub day: Day,
    pub chair: String,
    pub present: i64,
    pub minutes: String,
    pub decision: String,
    pub actor: String,
}

pub async fn deliberate(
    tx: &mut Tx,
    county: CountyId,
    matter_id: &str,
    new: &NewDeliberation,
    by: &Actor,
) -> DbResult<()> {
    let insert = sql("insert into matter_deliberation (county_id, id, matter_id, day, chair, present, minutes, \
                      decision, actor, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(county)
    .bind(new_id())
    .bind(matter_id)
    .bind(new.day)
    .bind(&new.chair)
    .bind(new.present)
    .bind(&new.minutes)
    .bind(new.decision.code())
    .bind(&by.name)
    .bind(by.at);
    tx.run(insert).await.map(drop)
}

/// The meetings on a matter, newest first.
pub async fn deliberations(conn: &mut Conn, county: CountyId, matter_id: &str) -> DbResult<Vec<DeliberationRow>> {
    let query = sql("select day, chair, present, minutes, decision, actor from matter_deliberation \
                     where county_id = $1 and matter_id = $2 order by id desc");
    conn.all(query.bind(county).bind(matter_id)).await
}
