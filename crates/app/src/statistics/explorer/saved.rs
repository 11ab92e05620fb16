//! All SQL of saved views. They are their owner's; one that is shared is opened, not changed, by the others of its place.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, DivisionCode, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use crate::{
    accounts::Actor,
    spine::audit::{self, Change, Subject},
};

/// A saved view.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct Saved {
    pub county_id: CountyId,
    pub id: String,
    pub account_id: String,
    pub owner: String,
    pub name: String,
    pub address: String,
    pub office: Option<DivisionCode>,
}

impl Saved {
    /// The page it leads to.
    #[must_use]
    pub fn href(&self) -> String {
        if self.address.is_empty() { "/explorer".into() } else { format!("/explorer?{}", self.address) }
    }
}

/// Who asks: an account and the place whose office it is of.
#[derive(Clone, Copy)]
pub struct Whose<'a> {
    pub account_id: &'a str,
    pub office: DivisionCode,
}

const SAVED: &str = "select county_id, id, account_id, owner, name, address, office from explorer_view \
                     where county_id = $1";

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(whose: Whose<'_>) -> Query {
    let mut query = sql(SAVED).bind(whose.office.county());
    query.push(" and (account_id = ").push_bind(whose.account_id);
    query.push(" or office = ").push_bind(whose.office).push(") order by name, id");
    query
}

/// One's own views and those that the office shares, by name.
pub async fn list(conn: &mut Conn, whose: Whose<'_>) -> DbResult<Vec<Saved>> {
    conn.all(list_query(whose)).await
}

/// A view of one's own.
pub async fn find(conn: &mut Conn, whose: Whose<'_>, id: &str) -> DbResult<Option<Saved>> {
    let mut query = sql(SAVED).bind(whose.office.county());
    query.push(" and id = ").push_bind(id).push(" and account_id = ").push_bind(whose.account_id);
    conn.maybe(query).await
}

/// A name that the account uses already, found by the database at the statement.
fn name_taken(error: base::db::DbError) -> AppError {
    match error.unique_violation().as_deref() {
        Some("explorer_view") => Refusal::at("name", text!("您已经有一个同名的视图，请换个名字。")).into(),
        _ => error.into(),
    }
}

/// Keeps a view.
pub async fn add(
    tx: &mut Tx,
    whose: Whose<'_>,
    (name, address, shared): (&str, &str, bool),
    actor: &Actor,
) -> AppResult<()> {
    let (county, id) = (whose.office.county(), new_id());
    let insert = sql("insert into explorer_view (county_id, id, account_id, owner, name, address, office, made_at) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(county)
    .bind(&id)
    .bind(whose.account_id)
    .bind(&actor.name)
    .bind(name)
    .bind(address)
    .bind(shared.then_some(whose.office))
    .bind(actor.at);
    tx.run(insert).await.map_err(name_taken)?;
    let after = json!({"name": name, "address": address, "shared": shared});
    note(tx, county, &id, "explorer.save", Change { before: None, after: Some(after) }, actor).await
}

/// Renames a view, shares it or takes it back.
pub async fn save(
    tx: &mut Tx,
    view: &Saved,
    (name, office): (&str, Option<DivisionCode>),
    actor: &Actor,
) -> AppResult<()> {
    let update = sql("update explorer_view set name = $1, office = $2 where county_id = $3 and id = $4");
    let update = update.bind(name).bind(office).bind(view.county_id).bind(&view.id);
    tx.run(update).await.map_err(name_taken)?;
    let before = json!({"name": view.name, "shared": view.office.is_some()});
    let after = json!({"name": name, "shared": office.is_some()});
    let change = Change { before: Some(before), after: Some(after) };
    note(tx, view.county_id, &view.id, "explorer.change", change, actor).await
}

pub async fn remove(tx: &mut Tx, view: &Saved, actor: &Actor) -> AppResult<()> {
    let delete = sql("delete from explorer_view where county_id = $1 and id = $2");
    tx.run(delete.bind(view.county_id).bind(&view.id)).await?;
    let before = json!({"name": view.name, "address": view.address});
    note(tx, view.county_id, &view.id, "explorer.remove", Change { before: Some(before), after: None }, actor).await
}

async fn note(
    tx: &mut Tx,
    county: CountyId,
    id: &str,
    action: &'static str,
    change: Change,
    actor: &Actor,
) -> AppResult<()> {
    let subject = Subject { kind: "explorer_view", id };
    Ok(audit::write(tx, county, actor, action, subject, change).await?)
}
