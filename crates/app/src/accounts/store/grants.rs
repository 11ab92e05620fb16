//! Roles of accounts, each with its scope and its days. A grant ends; it is never removed.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Month, new_id},
};

use crate::accounts::{Grant, Role};

/// A grant as the account's page shows it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct GrantRow {
    pub id: String,
    pub role: String,
    pub division: Option<DivisionCode>,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub since: Day,
    pub until: Option<Day>,
}

impl GrantRow {
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    #[must_use]
    pub fn holds(&self, today: Day) -> bool {
        self.since <= today && self.until.is_none_or(|until| until > today)
    }
}

#[derive(sqlx_macros::FromRow)]
struct Held {
    role: String,
    division: Option<DivisionCode>,
    unit_id: Option<String>,
}

/// The roles an account holds on a day.
pub async fn grants(conn: &mut Conn, account_id: &str, today: Day) -> DbResult<Vec<Grant>> {
    let query = sql("select role, division, unit_id from account_grant where account_id = $1 and since <= $2 \
                     and (until is null or until > $2) order by role, id");
    let rows: Vec<Held> = conn.all(query.bind(account_id).bind(today)).await?;
    let known = |row: Held| Role::parse(&row.role).map(|role| (role, row.division, row.unit_id));
    let rows = rows.into_iter().filter_map(known);
    Ok(rows.map(|(role, division, unit_id)| Grant { role, division, unit_id }).collect())
}

/// Every grant of an account, past ones included, newest first.
pub async fn list_grants(conn: &mut Conn, account_id: &str) -> DbResult<Vec<GrantRow>> {
    let query = sql("select g.id, g.role, g.division, g.unit_id, u.name as unit_name, g.since, g.until \
                     from account_grant g left join unit u on u.id = g.unit_id \
                     where g.account_id = $1 order by g.id desc");
    conn.all(query.bind(account_id)).await
}

/// The roles of several accounts on a day, for a page of the list.
pub async fn roles_of(conn: &mut Conn, accounts: &[String], today: Day) -> DbResult<HashMap<String, Vec<Role>>> {
    let mut found: HashMap<String, Vec<Role>> = HashMap::new();
    if accounts.is_empty() {
        return Ok(found);
    }
    let mut query = sql("select distinct account_id, role from account_grant where since <= ");
    query.push_bind(today).push(" and (until is null or until > ").push_bind(today).push(") and account_id in ");
    query.push_row(true, accounts.iter().map(Into::into).collect()).push(" order by account_id, role");
    for (account, role) in conn.all::<(String, String)>(query).await? {
        found.entry(account).or_default().extend(Role::parse(&role));
    }
    Ok(found)
}

/// Whether a working account holds a role for exactly this place on a day.
pub async fn is_held(conn: &mut Conn, role: Role, division: DivisionCode, today: Day) -> DbResult<bool> {
    let query = sql("select g.id from account_grant g join account a on a.id = g.account_id and a.state = 'active' \
                     where g.role = $1 and g.division = $2 and g.since <= $3 \
                     and (g.until is null or g.until > $3) limit 1");
    Ok(conn.maybe::<(String,)>(query.bind(role.code()).bind(division).bind(today)).await?.is_some())
}

/// A role that an account of a county holds or held.
#[derive(sqlx_macros::FromRow)]
pub struct Holder {
    pub account_id: String,
    role: String,
    since: Day,
    until: Option<Day>,
}

impl Holder {
    /// The role, if it was held on a day of the month.
    #[must_use]
    pub fn role_in(&self, month: Month) -> Option<Role> {
        let (first, after) = (month.first_day(), month.next().first_day());
        Role::parse(&self.role).filter(|_| self.since < after && self.until.is_none_or(|until| until > first))
    }
}

/// Who holds and held which role, of the working accounts of a county.
pub async fn holders(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Holder>> {
    let query = sql("select g.account_id, g.role, g.since, g.until from account a \
                     join account_grant g on g.account_id = a.id \
                     where a.county_id = $1 and a.state = 'active' order by g.account_id, g.id");
    conn.all(query.bind(county)).await
}

/// Grants a role from a day on and returns the grant's id.
pub async fn add_grant(tx: &mut Tx, account_id: &str, grant: &Grant, since: Day, by: &str) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into account_grant (id, account_id, role, division, unit_id, since, granted_by) \
                      values ($1, $2, $3, $4, $5, $6, $7)")
    .bind(&id)
    .bind(account_id)
    .bind(grant.role.code())
    .bind(grant.division)
    .bind(grant.unit_id.as_ref())
    .bind(since)
    .bind(by);
    tx.run(insert).await?;
    Ok(id)
}

/// Ends a grant on a day: from then on it holds no more. False when it had ended.
pub async fn end_grant(tx: &mut Tx, account_id: &str, id: &str, day: Day) -> DbResult<bool> {
    let update = sql("update account_grant set until = $1 where id = $2 and account_id = $3 and until is null");
    Ok(tx.run(update.bind(day).bind(id).bind(account_id)).await? == 1)
}
