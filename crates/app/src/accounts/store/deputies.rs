//! Deputies: who may act on another's duty, from a day until a day. Ended, never removed.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

use crate::accounts::{Grant, Role};

/// A deputy as both sides' pages show it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct DeputyRow {
    pub id: String,
    pub role: String,
    pub division: Option<DivisionCode>,
    pub unit_id: Option<String>,
    /// The deputy's name, or that of whom one stands in for.
    pub name: String,
    pub since: Day,
    /// The first day on which it no longer holds.
    pub until: Day,
    /// Whether duty and account that it comes from still hold.
    pub backed: i64,
}

impl DeputyRow {
    /// The duty in question; `None` for a role that this program does not know.
    #[must_use]
    pub fn grant(&self) -> Option<Grant> {
        Some(Grant { role: Role::parse(&self.role)?, division: self.division, unit_id: self.unit_id.clone() })
    }

    #[must_use]
    pub fn holds(&self, today: Day) -> bool {
        self.backed == 1 && self.since <= today && today < self.until
    }
}

/// A deputy to name.
#[derive(Clone, Debug)]
pub struct NewDeputy<'a> {
    pub account_id: &'a str,
    pub grant_id: &'a str,
    pub deputy_id: &'a str,
    pub since: Day,
    pub until: Day,
}

/// The deputies that an account has named, newest first.
pub async fn deputies(conn: &mut Conn, account_id: &str, today: Day) -> DbResult<Vec<DeputyRow>> {
    let query = sql("select d.id, g.role, g.division, g.unit_id, a.display_name as name, d.since, d.until, \
                     cast(case when g.until is null or g.until > $2 then 1 else 0 end as bigint) as backed \
                     from deputy d join account_grant g on g.id = d.grant_id join account a on a.id = d.deputy_id \
                     where d.account_id = $1 order by d.id desc limit 50");
    conn.all(query.bind(account_id).bind(today)).await
}

/// What an account has stood in for or will, newest first.
pub async fn standing_in(conn: &mut Conn, account_id: &str, today: Day) -> DbResult<Vec<DeputyRow>> {
    let query = sql("select d.id, g.role, g.division, g.unit_id, a.display_name as name, d.since, d.until, \
                     cast(case when (g.until is null or g.until > $2) and a.state = 'active' then 1 else 0 end \
                     as bigint) as backed \
                     from deputy d join account_grant g on g.id = d.grant_id join account a on a.id = d.account_id \
                     where d.deputy_id = $1 order by d.id desc limit 50");
    conn.all(query.bind(account_id).bind(today)).await
}

/// Colleagues of a county by sign-in name or by the name people see: id and whether they are an administrator.
pub async fn find_colleagues(
    conn: &mut Conn,
    county: CountyId,
    name: &str,
    today: Day,
) -> DbResult<Vec<(String, String, bool)>> {
    let query = sql("select a.id, a.display_name, (select count(*) from account_grant g where g.account_id = a.id \
                     and g.role in ('sysadmin', 'secadmin', 'auditor') and (g.until is null or g.until > $3)) \
                     as administrator from account a \
                     where a.county_id = $1 and a.state = 'active' and (a.sign_in_name = $2 or a.display_name = $2) \
                     order by a.id limit 5");
    let rows: Vec<(String, String, i64)> = conn.all(query.bind(county).bind(name).bind(today)).await?;
    Ok(rows.into_iter().map(|(id, name, administrator)| (id, name, administrator > 0)).collect())
}

/// Names a deputy; the same one for the same duty from the same day breaks `deputy_once`.
pub async fn add_deputy(tx: &mut Tx, deputy: &NewDeputy<'_>, at: Instant) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into deputy (id, account_id, grant_id, deputy_id, since, until, made_at) \
                      values ($1, $2, $3, $4, $5, $6, $7)")
    .bind(&id)
    .bind(deputy.account_id)
    .bind(deputy.grant_id)
    .bind(deputy.deputy_id)
    .bind(deputy.since)
    .bind(deputy.until)
    .bind(at);
    tx.run(insert).await?;
    Ok(id)
}

/// Ends a deputy of the account's own naming from a day on. False when there is none that still runs.
pub async fn end_deputy(tx: &mut Tx, account_id: &str, id: &str, day: Day, at: Instant) -> DbResult<bool> {
    let update = sql("update deputy set until = $1, ended_at = $2 where id = $3 and account_id = $4 and until > $1");
    Ok(tx.run(update.bind(day).bind(at).bind(id).bind(account_id)).await? == 1)
}
