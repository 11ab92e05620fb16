//! Lists: entries by place, person and month, and outcomes that wait for a word.

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Month},
};

use super::super::Duty;
use crate::accounts::{Columns, Scope};

/// What a list of entries is narrowed to; withdrawn ones are left out unless asked for by id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// A part of the name.
    pub name: Option<String>,
    pub person_id: Option<String>,
    pub duty: Option<Duty>,
    pub month: Option<Month>,
    /// With outcomes, or with outcomes that wait.
    pub has: Option<Has>,
    pub id: Option<String>,
}

/// What an entry must hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Has {
    Outcome,
    Waiting,
    None,
}

impl Has {
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "outcome" => Some(Self::Outcome),
            "waiting" => Some(Self::Waiting),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// One line of the list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub day: Day,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub duty: String,
    pub words: String,
    pub met: Option<String>,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub unit_name: Option<String>,
    pub outcomes: i64,
    pub waiting: i64,
    pub state: String,
    pub writer: String,
    pub made_at: Instant,
}

const LINE: &str = "select e.county_id, e.id, e.day, e.village, v.name as village_name, t.name as township_name, \
    e.duty, e.words, e.met, e.person_county, e.person_id, e.person_name, u.name as unit_name, e.outcomes, e.waiting, \
    e.state, e.writer, e.made_at from log_entry e \
    left join division v on v.code = e.village and v.until is null \
    left join division t on t.code = (e.village / 1000) * 1000 and t.until is null \
    left join unit u on u.id = e.unit_id where 1 = 1";

const SCOPED: Columns =
    Columns { county: "e.county_id", division: "e.village", unit: Some("e.unit_id"), person: Some("e.person_id") };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    if let Some(id) = &filter.id {
        query.push(" and e.id = ").push_bind(id);
    } else {
        query.push(" and e.state = 'kept'");
    }
    if let Some(person) = &filter.person_id {
        query.push(" and e.person_id = ").push_bind(person);
    }
    if let Some(month) = filter.month {
        query.push(" and e.day between ").push_bind(month.first_day());
        query.push(" and ").push_bind(month.next().first_day().plus_days(-1));
    }
    if let Some(duty) = filter.duty {
        query.push(" and e.duty = ").push_bind(duty.code());
    }
    match filter.has {
        Some(Has::Outcome) => query.push(" and e.outcomes > 0"),
        Some(Has::Waiting) => query.push(" and e.waiting > 0"),
        Some(Has::None) => query.push(" and e.outcomes = 0"),
        None => query,
    };
    if let Some(name) = &filter.name {
        query.push(" and e.person_name like ").push_bind(format!("%{}%", name.replace(['%', '_'], "")));
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(LINE);
    narrow(&mut query, scope, filter);
    query.push(" order by e.day desc, e.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Entries of the scope, newest first, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from log_entry e where 1 = 1");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

/// An outcome that waits for a word or came back.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Waiting {
    pub county_id: CountyId,
    pub id: String,
    pub entry_id: String,
    pub day: Day,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub indicator: String,
    pub typed: String,
    pub unit: String,
    pub what: Option<String>,
    pub state: String,
    pub person_name: String,
}

const WAITING: &str = "select o.county_id, o.id, o.entry_id, o.day, o.village, v.name as village_name, \
    t.name as township_name, o.indicator, o.typed, o.unit, o.what, o.state, e.person_name from log_outcome o \
    left join division v on v.code = o.village and v.until is null \
    left join division t on t.code = (o.village / 1000) * 1000 and t.until is null \
    join log_entry e on e.county_id = o.county_id and e.id = o.entry_id where o.state = ";

/// The statement behind [`waiting`], for its plan. `state` is `waiting` or `sent_back`.
#[must_use]
pub fn waiting_query(scope: &Scope, state: &str, limit: i64, offset: i64) -> Query {
    let mut query = sql(WAITING);
    query.push_bind(state);
    scope.narrow(&mut query, WAITING_SCOPED);
    query.push(" order by o.day, o.id limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

const WAITING_SCOPED: Columns =
    Columns { county: "o.county_id", division: "o.village", unit: Some("e.unit_id"), person: Some("e.person_id") };

/// Outcomes in a state, those that wait longest first.
pub async fn waiting(conn: &mut Conn, scope: &Scope, state: &str, limit: i64, offset: i64) -> DbResult<Vec<Waiting>> {
    conn.all(waiting_query(scope, state, limit, offset)).await
}

pub async fn count_waiting(conn: &mut Conn, scope: &Scope, state: &str) -> DbResult<i64> {
    let mut query = sql("select count(*) from log_outcome o join log_entry e on e.county_id = o.county_id \
                         and e.id = o.entry_id where o.state = ");
    query.push_bind(state);
    scope.narrow(&mut query, WAITING_SCOPED);
    conn.value(query).await
}

/// An outcome credited to somebody, that counts or waits for a word.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct DeedRow {
    pub county_id: CountyId,
    pub entry_id: String,
    pub day: Day,
    pub village_name: Option<String>,
    pub indicator: String,
    pub typed: String,
    pub unit: String,
    pub what: Option<String>,
    pub state: String,
}

/// What is credited to a person in a county within the scope, newest first.
pub async fn deeds(
    conn: &mut Conn,
    scope: &Scope,
    (county, person_id): (CountyId, &str),
    limit: i64,
) -> DbResult<Vec<DeedRow>> {
    const CREDITED: Columns =
        Columns { county: "c.county_id", division: "o.village", unit: Some("c.unit_id"), person: Some("c.person_id") };
    let mut query =
        sql("select o.county_id, o.entry_id, o.day, v.name as village_name, o.indicator, o.typed, o.unit, \
                         o.what, o.state from log_credit c \
                         join log_outcome o on o.county_id = c.county_id and o.id = c.outcome_id \
                         left join division v on v.code = o.village and v.until is null where c.county_id = ");
    query.push_bind(county).push(" and c.person_id = ").push_bind(person_id);
    query.push(" and o.state in ('counted', 'waiting')");
    scope.narrow(&mut query, CREDITED);
    query.push(" order by o.day desc, o.id desc limit ").push_bind(limit);
    conn.all(query).await
}
