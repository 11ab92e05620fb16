//! Sessions: a row per signed-in browser, found by the hash of its token.

use base::{
    db::{Conn, Db, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant},
};

use super::narrow;
use crate::accounts::{Grant, Role, Scope, StandIn, Viewer, rules::session};

/// A session with one duty of its account: its own, or a holder's whom it stands in for.
#[derive(sqlx_macros::FromRow)]
struct Found {
    account_id: String,
    seen_at: Instant,
    sign_in_name: String,
    display_name: String,
    person_id: Option<String>,
    county_id: CountyId,
    role: Option<String>,
    division: Option<DivisionCode>,
    unit_id: Option<String>,
    holder_id: Option<String>,
    holder_name: Option<String>,
}

impl Found {
    fn duty(&mut self) -> Option<Grant> {
        let role = Role::parse(self.role.as_deref()?)?;
        Some(Grant { role, division: self.division, unit_id: self.unit_id.take() })
    }
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
///
/// Others' duties count while the duty holds and its holder's account works. An administrator stands in for nobody,
/// whoever named them before they became one. One statement, since every page begins with it.
pub async fn find_session(
    conn: &mut Conn,
    token_hash: &str,
    now: Instant,
    today: Day,
) -> DbResult<Option<(Viewer, bool)>> {
    let find = sql("with found as (\
                      select s.account_id, s.seen_at, a.sign_in_name, a.display_name, a.person_id, a.county_id \
                      from session s join account a on a.id = s.account_id \
                      where s.token_hash = $1 and s.ends_at > $2 and s.seen_at > $3 and a.state = 'active') \
                    select f.account_id, f.seen_at, f.sign_in_name, f.display_name, f.person_id, f.county_id, \
                    g.role, g.division, g.unit_id, null as holder_id, null as holder_name, \
                    '' as turn, g.id as grant_id \
                    from found f left join account_grant g on g.account_id = f.account_id \
                    and g.since <= $4 and (g.until is null or g.until > $4) \
                    union all \
                    select f.account_id, f.seen_at, f.sign_in_name, f.display_name, f.person_id, f.county_id, \
                    g.role, g.division, g.unit_id, a.id as holder_id, a.display_name as holder_name, \
                    d.id as turn, g.id as grant_id \
                    from found f join deputy d on d.deputy_id = f.account_id and d.since <= $4 and d.until > $4 \
                    join account_grant g on g.id = d.grant_id and g.account_id = d.account_id \
                    and g.since <= $4 and (g.until is null or g.until > $4) \
                    join account a on a.id = d.account_id and a.state = 'active' \
                    order by turn, role, grant_id");
    let find = find.bind(token_hash).bind(now).bind(now.plus_seconds(-session::IDLE_SECONDS)).bind(today);
    let mut rows = conn.all::<Found>(find).await?;
    let Some(first) = rows.first_mut() else { return Ok(None) };
    let touch = first.seen_at < now.plus_seconds(-session::TOUCH_SECONDS);
    let mut viewer = Viewer {
        account_id: std::mem::take(&mut first.account_id),
        sign_in_name: std::mem::take(&mut first.sign_in_name),
        name: std::mem::take(&mut first.display_name),
        person_id: first.person_id.take(),
        home: first.county_id.division(),
        grants: Vec::new(),
        stands_in: Vec::new(),
    };
    for mut row in rows {
        let Some(grant) = row.duty() else { continue };
        match row.holder_id.zip(row.holder_name) {
            None => viewer.grants.push(grant),
            Some((account_id, name)) => viewer.stands_in.push(StandIn { grant, account_id, name }),
        }
    }
    viewer.stands_in.retain(|one| !one.grant.role.is_administrator());
    if viewer.grants.iter().any(|grant| grant.role.is_administrator()) {
        viewer.stands_in.clear();
    }
    Ok(Some((viewer, touch)))
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
