//! Boards: counts from what is kept with each step, the first few of each state, what is late.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{DivisionCode, Instant, Level},
};

use super::{
    super::rules::Stage,
    list::{LINE, Line, within},
};
use crate::accounts::{Columns, Scope};

/// The counts of a place below the one asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    pub by_stage: BTreeMap<&'static str, i64>,
    pub late: i64,
}

impl Place {
    #[must_use]
    pub fn of(&self, stage: Stage) -> i64 {
        self.by_stage.get(stage.code()).copied().unwrap_or(0)
    }

    /// What is open.
    #[must_use]
    pub fn open(&self) -> i64 {
        Stage::ALL.iter().filter(|stage| stage.is_open()).map(|stage| self.of(*stage)).sum()
    }
}

/// The statement behind [`counts`]: by the place one level below.
#[must_use]
pub fn counts_query(scope: &Scope, level: Level) -> Query {
    let mut query = match level {
        Level::Nation | Level::Province | Level::City => {
            sql("select county_id * 1000000 as place, state, cast(coalesce(sum(n), 0) as bigint) from matter_count \
                 where n <> 0")
        }
        Level::County => sql("select (village / 1000) * 1000 as place, state, cast(coalesce(sum(n), 0) as bigint) \
                 from matter_count where n <> 0"),
        Level::Township | Level::Village => {
            sql("select village as place, state, cast(coalesce(sum(n), 0) as bigint) from matter_count where n <> 0")
        }
    };
    scope.narrow(&mut query, Columns { county: "county_id", division: "village", unit: None, person: None });
    query.push(match level {
        Level::Nation | Level::Province | Level::City => " group by county_id, state order by county_id, state",
        Level::County => " group by (village / 1000) * 1000, state order by (village / 1000) * 1000, state",
        Level::Township | Level::Village => " group by village, state order by village, state",
    });
    query
}

/// The counts of the places below, and how many there are late.
pub async fn counts(
    conn: &mut Conn,
    scope: &Scope,
    level: Level,
    now: Instant,
) -> DbResult<BTreeMap<DivisionCode, Place>> {
    let mut places: BTreeMap<DivisionCode, Place> = BTreeMap::new();
    for (place, state, n) in conn.all::<(DivisionCode, String, i64)>(counts_query(scope, level)).await? {
        if let Some(stage) = Stage::parse(&state) {
            places.entry(place).or_default().by_stage.insert(stage.code(), n);
        }
    }
    for (place, n) in late(conn, scope, level, now).await? {
        places.entry(place).or_default().late = n;
    }
    Ok(places)
}

/// The statement behind [`late`].
#[must_use]
pub fn late_query(scope: &Scope, level: Level, now: Instant) -> Query {
    let mut query = match level {
        Level::Nation | Level::Province | Level::City => {
            sql("select m.county_id * 1000000 as place, count(*) from matter m where m.open = 1")
        }
        Level::County => sql("select (m.village / 1000) * 1000 as place, count(*) from matter m where m.open = 1"),
        Level::Township | Level::Village => sql("select m.village as place, count(*) from matter m where m.open = 1"),
    };
    within(&mut query, scope);
    query.push(" and m.state <> 'solved' and m.due_at < ").push_bind(now);
    query.push(match level {
        Level::Nation | Level::Province | Level::City => " group by m.county_id",
        Level::County => " group by (m.village / 1000) * 1000",
        Level::Township | Level::Village => " group by m.village",
    });
    query
}

/// How many are late, by the place one level below.
pub async fn late(conn: &mut Conn, scope: &Scope, level: Level, now: Instant) -> DbResult<Vec<(DivisionCode, i64)>> {
    conn.all(late_query(scope, level, now)).await
}

/// The statement behind [`lane`].
#[must_use]
pub fn lane_query(scope: &Scope, stage: Stage, most: i64) -> Query {
    let mut query = sql(LINE);
    within(&mut query, scope);
    query.push(" and m.state = ").push_bind(stage.code());
    query.push(if stage.is_open() {
        " order by m.due_at, m.id limit "
    } else {
        " order by m.due_at desc, m.id desc limit "
    });
    query.push_bind(most);
    query
}

/// The first few of a column: the most pressing, or of what is over the last.
pub async fn lane(conn: &mut Conn, scope: &Scope, stage: Stage, most: i64) -> DbResult<Vec<Line>> {
    conn.all(lane_query(scope, stage, most)).await
}
