//! Sessions: a row per signed-in browser, found by the hash of its token.

use base::{
    db::{Conn, Db, DbResult, Tx, sql},
    kernel::{CountyId, Day, Instant},
};

use super::{grants, narrow, stand_ins};
use crate::accounts::{Scope, Viewer, rules::session};

#[derive(sqlx_macros::FromRow)]
struct Found {
    account_id: String,
    seen_at: Instant,
    sign_in_name: String,
    display_name: String,
    person_id: Option<String>,
    county_id: CountyId,
}

/// A session as its owner's page lists it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct SessionRow {
    pub token_hash: String,
    pub made_at: Instant,
    pub seen_at: Instant,
    pub address: Option<String>,
    pub agent: Option<String>,
}

/// What a session begins with.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub account_id: &'a str,
    pub address: Option<&'a str>,
    pub agent: Option<&'a str>,
}

/// The viewer behind a session that is neither over nor idle and whose account works; with whether to note it as seen.
pub async fn find_session(
    conn: &mut Conn,
    token_hash: &str,
    now: Instant,
    today: Day,
) -> DbResult<Option<(Viewer, bool)>> {
    let find = sql("select s.account_id, s.seen_at, a.sign_in_name, a.display_name, a.person_id, a.county_id \
                    from session s join account a on a.id = s.account_id \
                    where s.token_hash = $1 and s.ends_at > $2 and s.seen_at > $3 and a.state = 'active'");
    let find = find.bind(token_hash).bind(now).bind(now.plus_seconds(-session::IDLE_SECONDS));
    let Some(row) = conn.maybe::<Found>(find).await? else { return Ok(None) };
    let own = grants(conn, &row.account_id, today).await?;
    let viewer = Viewer {
        stands_in: stand_ins(conn, &row.account_id, &own, today).await?,
        grants: own,
        account_id: row.account_id,
        sign_in_name: row.sign_in_name,
        name: row.display_name,
        person_id: row.person_id,
        home: row.county_id.division(),
    };
    Ok(Some((viewer, row.seen_at < now.plus_seconds(-session::TOUCH_SECONDS))))
}

pub async fn add_session(tx: &mut Tx, session: &NewSession<'_>, now: Instant) -> DbResult<()> {
    let insert = sql("insert into session (token_hash, account_id, made_at, seen_at, ends_at, address, agent) \
                      values ($1, $2, $3, $3, $4, $5, $6)")
    .bind(session.token_hash)
    .bind(session.account_id)
    .bind(now)
    .bind(now.plus_seconds(session::LONGEST_SECONDS))
    .bind(session.address)
    .bind(session.agent.map(|agent| agent.chars().take(200).collect::<String>()));
    tx.run(insert).await.map(drop)
}

/// The living sessions of an account, the last used first.
pub async fn list_sessions(conn: &mut Conn, account_id: &str, now: Instant) -> DbResult<Vec<SessionRow>> {
    let query = sql("select token_hash, made_at, seen_at, address, agent from session \
                     where account_id = $1 and ends_at > $2 and seen_at > $3 order by seen_at desc, token_hash");
    conn.all(query.bind(account_id).bind(now).bind(now.plus_seconds(-session::IDLE_SECONDS))).await
}

/// Living sessions of the scope's accounts: a figure for the operator.
pub async fn count_sessions(conn: &mut Conn, scope: &Scope, now: Instant) -> DbResult<i64> {
    let mut query = sql("select count(*) from session s join account a on a.id = s.account_id where s.ends_at > ");
    query.push_bind(now).push(" and s.seen_at > ").push_bind(now.plus_seconds(-session::IDLE_SECONDS));
    narrow(&mut query, scope);
    conn.value(query).await
}

/// Ends one session of an account; false when there is none.
pub async fn end_session(tx: &mut Tx, account_id: &str, token_hash: &str) -> DbResult<bool> {
    let delete = sql("delete from session where account_id = $1 and token_hash = $2");
    Ok(tx.run(delete.bind(account_id).bind(token_hash)).await? == 1)
}

/// Ends every session of an account and says how many there were.
pub async fn end_sessions(tx: &mut Tx, account_id: &str) -> DbResult<u64> {
    tx.run(sql("delete from session where account_id = $1").bind(account_id)).await
}

/// Ends every session of an account but one.
pub async fn end_other_sessions(tx: &mut Tx, account_id: &str, kept: &str) -> DbResult<u64> {
    let delete = sql("delete from session where account_id = $1 and token_hash <> $2");
    tx.run(delete.bind(account_id).bind(kept)).await
}

/// Forgets an account's sessions that are over, so that the table stays as small as what lives.
pub async fn remove_old_sessions(tx: &mut Tx, account_id: &str, now: Instant) -> DbResult<u64> {
    let delete = sql("delete from session where account_id = $1 and (ends_at <= $2 or seen_at <= $3)");
    tx.run(delete.bind(account_id).bind(now).bind(now.plus_seconds(-session::IDLE_SECONDS))).await
}

/// Notes that a session was used.
pub async fn touch_session(db: &Db, token_hash: &str, now: Instant) -> DbResult<()> {
    let mut tx = db.begin().await?;
    tx.run(sql("update session set seen_at = $1 where token_hash = $2").bind(now).bind(token_hash)).await?;
    tx.commit().await
}
