//! The account itself: who, in which county, in which state, with which secrets.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, Instant, new_id},
};

use super::narrow;
use crate::accounts::{
    Scope,
    rules::{AccountState, after_failure},
};

/// An account as lists and its page show it; secrets stay in [`Secret`].
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct AccountRow {
    pub id: String,
    pub county_id: CountyId,
    pub sign_in_name: String,
    pub display_name: String,
    pub person_id: Option<String>,
    state: String,
    locked_until: Option<Instant>,
    has_totp: i64,
    pub start_code_until: Option<Instant>,
    pub made_at: Instant,
    pub signed_in_at: Option<Instant>,
    pub version: i64,
}

impl AccountRow {
    #[must_use]
    pub fn state(&self, now: Instant) -> AccountState {
        AccountState::of(&self.state, self.locked_until, now)
    }

    #[must_use]
    pub fn has_totp(&self) -> bool {
        self.has_totp == 1
    }
}

/// What sign-in checks. Never shown, never logged.
#[derive(Clone, sqlx_macros::FromRow)]
pub struct Secret {
    pub id: String,
    pub county_id: CountyId,
    pub sign_in_name: String,
    pub display_name: String,
    state: String,
    pub failures: i64,
    locked_until: Option<Instant>,
    pub password_hash: Option<String>,
    pub totp_sealed: Option<String>,
    pub totp_last_step: Option<i64>,
    pub start_code_hash: Option<String>,
    pub start_code_until: Option<Instant>,
    pub version: i64,
}

impl Secret {
    #[must_use]
    pub fn state(&self, now: Instant) -> AccountState {
        AccountState::of(&self.state, self.locked_until, now)
    }
}

/// What an account begins with.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    pub county: CountyId,
    /// Lower case, as `rules::sign_in_name` makes it.
    pub sign_in_name: &'a str,
    pub display_name: &'a str,
    pub person: Option<(CountyId, &'a str)>,
    /// Set for a demo alone; everybody else begins with a start code.
    pub password_hash: Option<&'a str>,
}

const SHOWN: &str = "select a.id, a.county_id, a.sign_in_name, a.display_name, a.person_id, a.state, a.locked_until, \
                     cast(case when a.totp_sealed is null then 0 else 1 end as bigint) as has_totp, \
                     a.start_code_until, a.made_at, a.signed_in_at, a.version from account a where 1 = 1";

const SECRETS: &str = "select id, county_id, sign_in_name, display_name, state, failures, locked_until, \
                       password_hash, totp_sealed, totp_last_step, start_code_hash, start_code_until, version \
                       from account where ";

/// Adds an account. A second one of the same sign-in name breaks `account_sign_in_name`.
pub async fn add(tx: &mut Tx, account: &NewAccount<'_>, at: Instant) -> DbResult<String> {
    let id = new_id();
    let state = if account.password_hash.is_some() { "active" } else { "invited" };
    let insert = sql("insert into account (id, county_id, sign_in_name, display_name, person_county, person_id, \
                      state, password_hash, failures, made_at, version) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, 1)")
    .bind(&id)
    .bind(account.county)
    .bind(account.sign_in_name)
    .bind(account.display_name)
    .bind(account.person.map(|(county, _)| county))
    .bind(account.person.map(|(_, id)| id))
    .bind(state)
    .bind(account.password_hash)
    .bind(at);
    tx.run(insert).await?;
    Ok(id)
}

/// Ties an account that is nobody's to a person.
pub async fn tie(tx: &mut Tx, id: &str, county: CountyId, person_id: &str) -> DbResult<()> {
    let update = sql("update account set person_county = $1, person_id = $2 where id = $3 and person_id is null");
    tx.run(update.bind(county).bind(person_id).bind(id)).await.map(drop)
}

/// An account within the scope.
pub async fn find(conn: &mut Conn, scope: &Scope, id: &str) -> DbResult<Option<AccountRow>> {
    let mut query = sql(SHOWN);
    narrow(&mut query, scope);
    query.push(" and a.id = ").push_bind(id);
    conn.maybe(query).await
}

/// A person's account that is not disabled, and whether it has been signed in with: one that was only invited can be
/// given tasks, and waits for nobody.
pub async fn account_of(conn: &mut Conn, person_id: &str) -> DbResult<Option<(String, bool)>> {
    let query = sql("select id, state from account where person_id = $1 and state <> 'disabled' order by id limit 1");
    let found: Option<(String, String)> = conn.maybe(query.bind(person_id)).await?;
    Ok(found.map(|(id, state)| (id, state == "active")))
}

/// An account by the name typed at sign-in; for the command line and the demo.
pub async fn find_by_name(conn: &mut Conn, sign_in_name: &str) -> DbResult<Option<AccountRow>> {
    let mut query = sql(SHOWN);
    query.push(" and a.sign_in_name = ").push_bind(sign_in_name);
    conn.maybe(query).await
}

/// What sign-in checks of the account: by name, or by id.
pub async fn find_secret(conn: &mut Conn, name: Result<&str, &str>) -> DbResult<Option<Secret>> {
    let mut query = sql(SECRETS);
    match name {
        Ok(id) => query.push("id = ").push_bind(id),
        Err(name) => query.push("sign_in_name = ").push_bind(name),
    };
    conn.maybe(query).await
}

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    pub text: Option<&'a str>,
    pub role: Option<&'a str>,
    /// `invited`, `active`, `locked` or `disabled`.
    pub state: Option<&'a str>,
}

impl Filter<'_> {
    fn push(&self, query: &mut Query, now: Instant, today: Day) {
        if let Some(text) = self.text {
            let like = format!("%{}%", text.to_lowercase().replace(['%', '_'], ""));
            query.push(" and (a.sign_in_name like ").push_bind(&like);
            query.push(" or a.display_name like ").push_bind(&like).push(")");
        }
        if let Some(role) = self.role {
            query.push(" and exists (select 1 from account_grant g where g.account_id = a.id and g.role = ");
            query.push_bind(role).push(" and (g.until is null or g.until > ").push_bind(today).push("))");
        }
        match self.state {
            Some("locked") => {
                query.push(" and a.state = 'active' and a.locked_until > ").push_bind(now);
            }
            Some("active") => {
                query.push(" and a.state = 'active' and (a.locked_until is null or a.locked_until <= ");
                query.push_bind(now).push(")");
            }
            Some(state) => {
                query.push(" and a.state = ").push_bind(state);
            }
            None => {}
        }
    }
}

/// The accounts of the scope by sign-in name.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: Filter<'_>,
    (now, today): (Instant, Day),
    (limit, offset): (i64, i64),
) -> DbResult<Vec<AccountRow>> {
    let mut query = sql(SHOWN);
    narrow(&mut query, scope);
    filter.push(&mut query, now, today);
    query.push(" order by a.sign_in_name limit ").push_bind(limit).push(" offset ").push_bind(offset);
    conn.all(query).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: Filter<'_>, (now, today): (Instant, Day)) -> DbResult<i64> {
    let mut query = sql("select count(*) from account a where 1 = 1");
    narrow(&mut query, scope);
    filter.push(&mut query, now, today);
    conn.value(query).await
}

/// A chosen password: the account works, the start code and the lock are gone.
pub async fn save_password(tx: &mut Tx, id: &str, hash: &str) -> DbResult<()> {
    let update = sql("update account set password_hash = $1, state = 'active', start_code_hash = null, \
                      start_code_until = null, failures = 0, locked_until = null, version = version + 1 \
                      where id = $2");
    tx.run(update.bind(hash).bind(id)).await.map(drop)
}

/// A start code in place of the password and the second factor: the account is invited again.
pub async fn save_start_code(tx: &mut Tx, id: &str, hash: &str, until: Instant) -> DbResult<()> {
    let update = sql("update account set start_code_hash = $1, start_code_until = $2, state = 'invited', \
                      password_hash = null, totp_sealed = null, totp_last_step = null, failures = 0, \
                      locked_until = null, version = version + 1 where id = $3");
    tx.run(update.bind(hash).bind(until).bind(id)).await.map(drop)
}

/// `disabled`, or working again: `active` where there is a password, otherwise `invited`.
pub async fn save_state(tx: &mut Tx, id: &str, disabled: bool) -> DbResult<()> {
    let text = if disabled {
        "update account set state = 'disabled', version = version + 1 where id = $1"
    } else {
        "update account set state = case when password_hash is null then 'invited' else 'active' end, \
         failures = 0, locked_until = null, version = version + 1 where id = $1"
    };
    tx.run(sql(text).bind(id)).await.map(drop)
}

/// Counts one more failure and locks at the last; says until when. Counted in the row, so that guesses sent at the
/// same moment count each.
pub async fn add_failure(tx: &mut Tx, id: &str, now: Instant) -> DbResult<Option<Instant>> {
    let count = sql("update account set failures = failures + 1 where id = $1 returning failures - 1");
    let Some((before,)) = tx.maybe::<(i64,)>(count.bind(id)).await? else { return Ok(None) };
    let (failures, locked) = after_failure(before, now);
    if locked.is_some() {
        let lock = sql("update account set failures = $1, locked_until = $2 where id = $3");
        tx.run(lock.bind(failures).bind(locked).bind(id)).await?;
    }
    Ok(locked)
}

pub async fn save_signed_in(tx: &mut Tx, id: &str, at: Instant) -> DbResult<()> {
    let update = sql("update account set signed_in_at = $1, failures = 0, locked_until = null where id = $2");
    tx.run(update.bind(at).bind(id)).await.map(drop)
}

/// Sets or removes the second factor; `step` is the code that proved it.
pub async fn save_totp(tx: &mut Tx, id: &str, sealed: Option<&str>, step: Option<i64>) -> DbResult<()> {
    let update = sql("update account set totp_sealed = $1, totp_last_step = $2, version = version + 1 where id = $3");
    tx.run(update.bind(sealed).bind(step).bind(id)).await.map(drop)
}

/// Uses up a code; false when this or a later one was used already, however close the two came.
pub async fn save_totp_step(tx: &mut Tx, id: &str, step: i64) -> DbResult<bool> {
    let update = sql("update account set totp_last_step = $1 where id = $2 \
                      and (totp_last_step is null or totp_last_step < $1)");
    Ok(tx.run(update.bind(step).bind(id)).await? == 1)
}
