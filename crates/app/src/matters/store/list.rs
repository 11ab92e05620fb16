//! Lists of matters: what is open by its date, what is past by its age.

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Instant},
};

use super::super::rules::Stage;
use crate::accounts::{Columns, Scope};

/// Which matters a list holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Which {
    #[default]
    Open,
    Late,
    Stage(Stage),
    All,
}

impl Which {
    #[must_use]
    pub fn parse(code: &str) -> Self {
        match code {
            "late" => Self::Late,
            "all" => Self::All,
            code => Stage::parse(code).map_or(Self::Open, Self::Stage),
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub which: Which,
    pub kind: Option<String>,
    /// The instant against which lateness is told.
    pub now: Option<Instant>,
}

/// One line of a list.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub number: i64,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub kind: String,
    pub size: String,
    pub channel: String,
    pub urgent: i64,
    pub title: String,
    pub raiser: Option<String>,
    pub department: Option<String>,
    pub state: String,
    pub post: String,
    pub due_at: Instant,
    pub raised_at: Instant,
    pub raised_on: Day,
    pub reopens: i64,
    pub climb: i64,
    pub news: i64,
    pub done_on: Option<Day>,
    pub rating: Option<String>,
}

impl Line {
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        Stage::parse(&self.state)
    }

    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        self.stage().is_some_and(Stage::is_in_hand) && self.due_at < now
    }

    #[must_use]
    pub fn href(&self) -> String {
        format!("/matters/{}/{}", self.county_id, self.id)
    }
}

pub(super) const LINE: &str = "select m.county_id, m.id, m.number, m.village, v.name as village_name, \
    t.name as township_name, m.kind, m.size, m.channel, m.urgent, m.title, m.raiser, m.department, m.state, m.post, \
    m.due_at, m.raised_at, m.raised_on, m.reopens, m.climb, m.news, m.done_on, m.rating from matter m \
    left join division v on v.code = m.village and v.until is null \
    left join division t on t.code = (m.village / 1000) * 1000 and t.until is null where 1 = 1";

/// A whole county is named by itself, so that its own indices are taken; places inside one by their range. Of many
/// counties no index is searched by place (that is what `+` says): rows come in the order of the list until enough lie
/// within the scope. Whole counties are told by their numbers alone, since each condition more makes PostgreSQL expect
/// fewer rows, and sort them all.
pub(super) fn within(query: &mut Query, scope: &Scope) {
    let counties: Vec<(i64, i64)> = scope.areas().iter().map(|area| area.counties()).collect();
    let is_whole = |(first, last): &(i64, i64), area: &Area| {
        let county = CountyId::from_i64(*first).filter(|_| first == last);
        first < last || county.is_some_and(|county| county.division().area() == *area)
    };
    match counties.as_slice() {
        [] => scope.narrow(query, INSIDE),
        all if all.iter().zip(scope.areas()).all(|(range, area)| is_whole(range, area)) => {
            if let [(first, last)] = all
                && first == last
            {
                query.push(" and m.county_id = ").push_bind(*first);
                return;
            }
            query.push(" and (");
            for (at, (first, last)) in all.iter().enumerate() {
                query.push(if at == 0 { "" } else { " or " });
                query.push("+m.county_id between ").push_bind(*first).push(" and ").push_bind(*last);
            }
            query.push(")");
        }
        [first, others @ ..] if others.iter().all(|other| first == other) => scope.narrow(query, INSIDE),
        _ => scope.narrow(query, Columns { county: "+m.county_id", division: "+m.village", ..INSIDE }),
    }
}

const INSIDE: Columns = Columns { county: "m.county_id", division: "m.village", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    within(query, scope);
    match filter.which {
        Which::Open => {
            query.push(" and m.open = 1");
        }
        Which::Late => {
            query.push(" and m.open = 1 and m.state not in ('solved') and m.due_at < ");
            query.push_bind(filter.now.unwrap_or(Instant(0)));
        }
        Which::Stage(stage) => {
            query.push(" and m.state = ").push_bind(stage.code());
        }
        Which::All => {}
    }
    if let Some(kind) = &filter.kind {
        query.push(" and m.kind = ").push_bind(kind);
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(LINE);
    narrow(&mut query, scope, filter);
    let order = match filter.which {
        Which::Open | Which::Late => " order by m.due_at, m.id",
        Which::Stage(stage) if stage.is_open() => " order by m.due_at, m.id",
        Which::Stage(_) => " order by m.due_at desc, m.id desc",
        Which::All => " order by m.id desc",
    };
    query.push(order).push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Matters of the scope, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

/// More than this are not counted one by one.
const COUNTED: i64 = 10_000;

/// How many a list holds; of a large list at least that many.
pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from (select 1 as one from matter m where 1 = 1");
    narrow(&mut query, scope, filter);
    query.push(" limit ").push_bind(COUNTED).push(") counted");
    conn.value(query).await
}

/// The lines of matters of one county, in the order asked for.
pub async fn lines_of(conn: &mut Conn, county: CountyId, ids: &[String]) -> DbResult<Vec<Line>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(200) {
        let mut query = sql(LINE);
        query.push(" and m.county_id = ").push_bind(county).push(" and m.id in (");
        for (at, id) in chunk.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(") order by m.id desc");
        found.extend(conn.all::<Line>(query).await?);
    }
    found.sort_by_key(|line| ids.iter().position(|id| *id == line.id));
    Ok(found)
}

/// How many matters came by card in a village on a day, told up to `most`.
pub async fn raised_by_card(conn: &mut Conn, village: DivisionCode, day: Day, most: i64) -> DbResult<i64> {
    let query = sql("select count(*) from (select 1 as one from (select raised_on, channel from matter \
                     where county_id = $1 and village = $2 order by id desc limit 500) newest \
                     where raised_on = $3 and channel = 'card' limit $4) counted");
    conn.value(query.bind(village.county()).bind(village).bind(day).bind(most)).await
}
