//! All SQL of `trip`.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
    text,
    web::AppError,
};
use serde_json::json;

use super::Kind;
use crate::{
    accounts::{Actor, Columns, Scope},
    presence::{away, leave::Span, posts::Post},
    spine::audit::{self, Change, Subject},
};

/// A trip as it is stored.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct TripRow {
    pub county_id: CountyId,
    pub id: String,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub kind: String,
    pub since: Day,
    pub until: Day,
    pub destination: String,
    pub purpose: String,
    /// `noted` or `withdrawn`.
    pub state: String,
    pub made_by: String,
    pub made_at: Instant,
    pub version: i64,
}

impl TripRow {
    #[must_use]
    pub fn span(&self) -> Span {
        Span { since: self.since, until: self.until }
    }

    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }

    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.state == "withdrawn"
    }
}

/// A trip to note.
#[derive(Clone, Debug)]
pub struct NewTrip<'a> {
    pub post: &'a Post,
    pub kind: Kind,
    pub span: Span,
    pub destination: &'a str,
    pub purpose: &'a str,
}

/// Notes a trip: the record, its days, the audit line. Returns its id.
pub async fn add(tx: &mut Tx, new: &NewTrip<'_>, actor: &Actor) -> Result<String, AppError> {
    let (post, span, id) = (new.post, new.span, new_id());
    away::take(tx, post.county, &post.person.1, (span.since, span.until), ("trip", &id), "since").await?;
    let insert = sql("insert into trip (county_id, id, person_county, person_id, person_name, posting_id, village, \
                      unit_id, kind, since, until, destination, purpose, state, made_by, made_at, version) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'noted', $14, $15, 1)")
    .bind(post.county)
    .bind(&id)
    .bind(post.person.0)
    .bind(&post.person.1)
    .bind(&post.name)
    .bind(&post.id)
    .bind(post.village)
    .bind(post.unit_id.as_ref())
    .bind(new.kind.code())
    .bind(span.since)
    .bind(span.until)
    .bind(new.destination)
    .bind(new.purpose)
    .bind(&actor.name)
    .bind(actor.at);
    tx.run(insert).await?;
    let after = json!({
        "person": post.name, "kind": new.kind.code(), "since": span.since, "until": span.until,
        "destination": new.destination,
    });
    audit::write(tx, post.county, actor, "trip.add", Subject { kind: "trip", id: &id }, Change::made(after)).await?;
    Ok(id)
}

/// Withdraws a trip: its days are free again. A trip withdrawn already is a conflict.
pub async fn withdraw(tx: &mut Tx, row: &TripRow, actor: &Actor) -> Result<(), AppError> {
    let update = sql("update trip set state = 'withdrawn', version = version + 1 \
                      where county_id = $1 and id = $2 and version = $3 and state = 'noted'");
    if tx.run(update.bind(row.county_id).bind(&row.id).bind(row.version)).await? != 1 {
        return Err(AppError::Conflict(text!("这次公出已经撤销。")));
    }
    away::free(tx, row.county_id, &row.id, None).await?;
    let change = Change::changed(json!({"state": "noted"}), json!({"state": "withdrawn"}));
    Ok(audit::write(tx, row.county_id, actor, "trip.withdraw", Subject { kind: "trip", id: &row.id }, change).await?)
}

const COLUMNS: &str = "select l.county_id, l.id, l.person_county, l.person_id, l.person_name, l.village, \
    v.name as village_name, t.name as township_name, l.unit_id, u.name as unit_name, l.kind, l.since, l.until, \
    l.destination, l.purpose, l.state, l.made_by, l.made_at, l.version from trip l \
    left join division v on v.code = l.village and v.until is null \
    left join division t on t.code = (l.village / 1000) * 1000 and t.until is null \
    left join unit u on u.id = l.unit_id where 1 = 1";

pub const SCOPED: Columns =
    Columns { county: "l.county_id", division: "l.village", unit: Some("l.unit_id"), person: Some("l.person_id") };

/// What a list of trips is narrowed to; withdrawn ones are left out unless asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub kind: Option<Kind>,
    /// A part of the name.
    pub name: Option<String>,
    /// Under way on this day.
    pub on: Option<Day>,
    pub withdrawn: bool,
}

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    if !filter.withdrawn {
        query.push(" and l.state = 'noted'");
    }
    if let Some(kind) = filter.kind {
        query.push(" and l.kind = ").push_bind(kind.code());
    }
    if let Some(name) = &filter.name {
        query.push(" and l.person_name like ").push_bind(format!("%{}%", name.replace(['%', '_'], "")));
    }
    if let Some(day) = filter.on {
        query.push(" and l.since <= ").push_bind(day).push(" and l.until > ").push_bind(day);
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, filter);
    query.push(" order by l.since desc, l.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Trips of the scope, the latest first.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<TripRow>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from trip l where 1 = 1");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<TripRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and l.county_id = ").push_bind(county).push(" and l.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every trip of a person that was not withdrawn, in whatever county, the latest first.
pub async fn of_person(conn: &mut Conn, person_id: &str) -> DbResult<Vec<TripRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and l.person_id = ").push_bind(person_id);
    query.push(" and l.state = 'noted' order by l.since desc, l.id desc");
    conn.all(query).await
}
