//! Sums of many figures and places at once, from the coarsest roll-ups that fit: whole years, then months, then days.
//!
//! Each statement adds up the roll-up itself and what applied runs have beside it apart, and then the two: over the view
//! of both, every row would be sorted first.

use std::collections::{BTreeSet, HashMap};

use base::{
    db::{Conn, DbResult, Query, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Level, Month},
};

use super::read::{Span, WholeMonths};

/// Amounts by indicator and place.
pub type Grid = HashMap<(String, DivisionCode), i64>;

/// The sums of facts of several places in a period; a state is asked from the beginning on.
///
/// The places lie beside each other: parts of one county, or counties and what is above them.
pub async fn amounts(conn: &mut Conn, codes: &[&str], places: &[DivisionCode], span: Span) -> DbResult<Grid> {
    let mut grid = Grid::new();
    if codes.is_empty() || places.is_empty() {
        return Ok(grid);
    }
    // Where nothing lies after the last day, its year counts as whole: what is asked today reads no months and days.
    let end = Day::new(span.to.year(), 12, 31).unwrap_or(span.to);
    let closed = span.to < end && !any_later(conn, codes, places, (span.to, end)).await?;
    let span = if closed { Span { to: end, ..span } } else { span };
    let group = Group::of(places);
    for query in queries(codes, places, span) {
        for (indicator, division, amount) in conn.all::<(String, i64, i64)>(query).await? {
            let mut add = |place: DivisionCode| *grid.entry((indicator.clone(), place)).or_default() += amount;
            match group {
                Group::Whole => places.iter().copied().for_each(&mut add),
                // A county's row counts for each asked place that holds the county.
                Group::Division | Group::County => {
                    let Some(found) = DivisionCode::from_i64(division) else { continue };
                    places.iter().copied().filter(|place| place.contains(found)).for_each(&mut add);
                }
            }
        }
    }
    Ok(grid)
}

async fn any_later(conn: &mut Conn, codes: &[&str], places: &[DivisionCode], days: (Day, Day)) -> DbResult<bool> {
    Ok(conn.maybe::<(i64,)>(later_query(codes, places, days)).await?.is_some())
}

/// Whether anything lies after a day, up to another.
pub fn later_query(codes: &[&str], places: &[DivisionCode], (after, end): (Day, Day)) -> Query {
    let mut query = sql("select cast(1 as bigint) from live_rollup_day d where facts <> 0");
    narrow(&mut query, codes, places);
    query.push(" and d.day > ").push_bind(after).push(" and d.day <= ").push_bind(end).push(" limit 1");
    query
}

/// What a place moved by month, from one on, the last month only as far as a day.
pub async fn by_month(
    conn: &mut Conn,
    code: &str,
    place: DivisionCode,
    (from, to): (Month, Day),
) -> DbResult<Vec<(Month, i64)>> {
    let mut months: Vec<(Month, i64)> = conn.all(months_query(code, place, (from, to.month()))).await?;
    let last = amounts(conn, &[code], &[place], Span { from: Some(to.month().first_day()), to }).await?;
    months.push((to.month(), last.values().sum()));
    Ok(months)
}

/// Months from one on and before another, each in one sum.
pub fn months_query(code: &str, place: DivisionCode, (from, before): (Month, Month)) -> Query {
    let mut query =
        sql("select d.month, cast(coalesce(sum(d.amount), 0) as bigint) from live_rollup_month d where 1 = 1");
    narrow(&mut query, &[code], &[place]);
    query.push(" and d.month >= ").push_bind(from).push(" and d.month < ").push_bind(before);
    query.push(" group by d.month order by d.month");
    query
}

/// By what the rows of a statement are told apart, beside the indicator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// Divisions inside one county.
    Division,
    /// Counties, of which places above are made.
    County,
    /// Nothing: one place above counties is one sum.
    Whole,
}

impl Group {
    fn of(places: &[DivisionCode]) -> Self {
        match (inside(places), places) {
            (Some(_), _) => Self::Division,
            (None, [_]) => Self::Whole,
            (None, _) => Self::County,
        }
    }

    const fn select(self) -> &'static str {
        match self {
            Self::Division => ", d.division as place",
            Self::County => ", d.county_id * 1000000 as place",
            Self::Whole => ", cast(0 as bigint) as place",
        }
    }

    const fn group(self) -> &'static str {
        match self {
            Self::Division => " group by d.indicator, d.division",
            Self::County => " group by d.indicator, d.county_id",
            Self::Whole => " group by d.indicator",
        }
    }
}

/// A stretch of one kind of roll-up, both ends included; without a first from the beginning on.
struct Stretch {
    rolled: &'static str,
    staged: &'static str,
    column: &'static str,
    from: Option<Value>,
    to: Value,
}

/// A span in years, then the months and the days left over at its ends.
fn stretches(span: Span) -> Vec<Stretch> {
    let months = WholeMonths::of(span);
    let (years, rest) = months.years();
    let years = years.map(|(from, to)| Stretch {
        rolled: " from rollup_year d where 1 = 1",
        staged: "staged_rollup_year",
        column: " and d.year",
        from: from.map(|year| year.to_string().into()),
        to: to.to_string().into(),
    });
    let months_left = rest.into_iter().map(|(from, to)| Stretch {
        rolled: " from rollup_month d where 1 = 1",
        staged: "staged_rollup_month",
        column: " and d.month",
        from: Some(from.into()),
        to: to.into(),
    });
    let days = months.edges.iter().map(|(from, to)| Stretch {
        rolled: " from rollup_day d where 1 = 1",
        staged: "staged_rollup_day",
        column: " and d.day",
        from: Some((*from).into()),
        to: (*to).into(),
    });
    years.into_iter().chain(months_left).chain(days).collect()
}

/// The statements that add up to the sums of a span.
pub fn queries(codes: &[&str], places: &[DivisionCode], span: Span) -> Vec<Query> {
    let group = Group::of(places);
    let of = |stretch: Stretch| {
        let mut query = sql("select indicator, place, cast(coalesce(sum(amount), 0) as bigint) from (");
        for staged in [false, true] {
            query.push(if staged { " union all " } else { "" });
            query.push("select d.indicator").push(group.select()).push(", sum(d.amount) as amount");
            if staged {
                query.push(" from staging s cross join ").push(stretch.staged);
                query.push(" d where d.county_id = s.county_id and d.run = s.id and s.state = 'applied'");
            } else {
                query.push(stretch.rolled);
            }
            narrow(&mut query, codes, places);
            if let Some(from) = &stretch.from {
                query.push(stretch.column).push(" >= ").push_bind(from.clone());
            }
            query.push(stretch.column).push(" <= ").push_bind(stretch.to.clone()).push(group.group());
        }
        query.push(") found group by indicator, place");
        query
    };
    stretches(span).into_iter().map(of).collect()
}

/// The one county that all places lie in, where they do.
fn inside(places: &[DivisionCode]) -> Option<CountyId> {
    let counties: BTreeSet<CountyId> = places.iter().map(|place| place.county()).collect();
    let deep = places.iter().all(|place| place.level() >= Level::County);
    counties.first().copied().filter(|_| deep && counties.len() == 1)
}

/// Narrows a query over a roll-up `d` to indicators and to the rows of the places: their own inside a county, above it
/// those of the counties between the first and the last.
fn narrow(query: &mut Query, codes: &[&str], places: &[DivisionCode]) {
    if let Some(county) = inside(places) {
        query.push(" and d.county_id = ").push_bind(county).push(" and d.division in (");
        push_list(query, places.iter().copied());
        query.push(")");
    } else {
        let ranges = places.iter().map(|place| place.area().counties());
        let (first, last) = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).unwrap_or_default();
        query.push(" and d.county_id between ").push_bind(first).push(" and ").push_bind(last);
        query.push(" and d.division = d.county_id * 1000000");
    }
    query.push(" and d.indicator in (");
    push_list(query, codes.iter().copied());
    query.push(")");
}

fn push_list<V: Into<Value>>(query: &mut Query, values: impl Iterator<Item = V>) {
    for (i, value) in values.enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push_bind(value);
    }
}
