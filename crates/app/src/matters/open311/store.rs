//! Matters as anybody may read them.

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, Day, DivisionCode, Instant},
};

/// What of a matter is public: no words, no names.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Row {
    pub county_id: CountyId,
    pub number: i64,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub kind: String,
    pub state: String,
    pub department: Option<String>,
    pub raised_at: Instant,
    pub due_at: Instant,
    pub answered_at: Option<Instant>,
    pub done_at: Option<Instant>,
}

#[derive(Clone, Debug)]
pub struct Filter {
    pub from: Day,
    pub until: Day,
    pub kinds: Vec<String>,
    pub open: Option<bool>,
    /// Where some are named, these alone, whatever their day.
    pub numbers: Vec<i64>,
}

// What is held for review, taken back or merged is nobody's request.
const ROW: &str = "select m.county_id, m.number, m.village, v.name as village_name, t.name as township_name, m.kind, \
    m.state, m.department, m.raised_at, m.due_at, m.answered_at, m.done_at from matter m \
    left join division v on v.code = m.village and v.until is null \
    left join division t on t.code = (m.village / 1000) * 1000 and t.until is null \
    where m.state not in ('held', 'withdrawn', 'merged')";

/// Matters of a county, the latest first.
pub async fn list(conn: &mut Conn, county: CountyId, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<Row>> {
    let mut query = sql(ROW);
    query.push(" and m.county_id = ").push_bind(county);
    if filter.numbers.is_empty() {
        query.push(" and m.raised_on between ").push_bind(filter.from).push(" and ").push_bind(filter.until);
    } else {
        query.push(" and m.number in (");
        for (at, number) in filter.numbers.iter().take(200).enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(*number);
        }
        query.push(")");
    }
    if !filter.kinds.is_empty() {
        query.push(" and m.kind in (");
        for (at, kind) in filter.kinds.iter().take(50).enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(kind);
        }
        query.push(")");
    }
    match filter.open {
        Some(true) => query.push(" and m.state not in ('solved', 'closed')"),
        Some(false) => query.push(" and m.state in ('solved', 'closed')"),
        None => &mut query,
    };
    query.push(" order by m.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    conn.all(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, number: i64) -> DbResult<Option<Row>> {
    let mut query = sql(ROW);
    query.push(" and m.county_id = ").push_bind(county).push(" and m.number = ").push_bind(number);
    conn.maybe(query).await
}
