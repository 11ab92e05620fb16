//! Recomputes every roll-up from the facts and lists the differences: the core of `lianxin check`.

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, DivisionCode},
};
use serde::Serialize;

use super::Catalogue;

/// A roll-up row that does not say what its facts say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub table: &'static str,
    pub row: String,
    pub stored: i64,
    pub computed: i64,
}

/// Levels of roll-up rows: the value of one step of the code.
const STEPS: [(i64, &str); 3] = [(1, "village"), (1_000, "township"), (1_000_000, "county")];

#[derive(sqlx_macros::FromRow)]
struct Row {
    indicator: String,
    division: DivisionCode,
    at: String,
    key: Option<String>,
    amount: i64,
    facts: i64,
}

/// Compares each county's roll-ups with its facts, level by level, at most `most` differences.
pub async fn recompute(conn: &mut Conn, most: usize) -> DbResult<Vec<Difference>> {
    let counties: Vec<(CountyId,)> = conn
        .all(sql("select county_id from live_fact group by county_id union select county_id from live_rollup_month \
                      group by county_id order by 1"))
        .await?;
    let mut found = Vec::new();
    for (county,) in counties {
        compare(conn, county, &mut found).await?;
        if found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    Ok(found)
}

async fn compare(conn: &mut Conn, county: CountyId, found: &mut Vec<Difference>) -> DbResult<()> {
    use std::collections::BTreeMap;
    type Sums = BTreeMap<(String, DivisionCode, String, String), (i64, i64)>;
    let facts: Vec<Row> = conn
        .all(
            sql("select indicator, division, day as at, key, cast(sum(amount) as bigint) as amount, \
                  cast(sum(case when reverses is null then 1 else -1 end) as bigint) as facts \
                  from live_fact where county_id = $1 group by indicator, division, day, key")
            .bind(county),
        )
        .await?;
    let (mut days, mut months, mut years) = (Sums::new(), Sums::new(), Sums::new());
    let (mut keys, mut key_years) = (Sums::new(), Sums::new());
    for row in facts {
        let depth = row.division.as_i64();
        for (step, _) in STEPS {
            // A fact on a township or the county itself has no row further down.
            let Some(place) = DivisionCode::from_i64(depth - depth % step) else { continue };
            if step < 1_000_000 && place == row.division && place.as_i64() % (step * 1_000) == 0 {
                continue;
            }
            let add = |sums: &mut Sums, at: &str, key: &str| {
                let entry = sums.entry((row.indicator.clone(), place, at.to_owned(), key.to_owned())).or_default();
                *entry = (entry.0 + row.amount, entry.1 + row.facts);
            };
            add(&mut days, &row.at, "");
            add(&mut months, &row.at[..7], "");
            add(&mut years, &row.at[..4], "");
            if let Some(key) = row.key.as_deref().filter(|_| Catalogue::get().counts_keys(&row.indicator)) {
                add(&mut keys, &row.at[..7], key);
                add(&mut key_years, &row.at[..4], key);
            }
        }
    }
    let stored = [
        (
            "rollup_day",
            &mut days,
            "select indicator, division, day as at, null as key, cast(sum(amount) as bigint) as amount, \
             cast(sum(facts) as bigint) as facts from live_rollup_day where county_id = $1 \
             group by indicator, division, day",
        ),
        (
            "rollup_month",
            &mut months,
            "select indicator, division, month as at, null as key, cast(sum(amount) as bigint) as amount, \
             cast(sum(facts) as bigint) as facts from live_rollup_month where county_id = $1 \
             group by indicator, division, month",
        ),
        (
            "rollup_year",
            &mut years,
            "select indicator, division, year as at, null as key, cast(sum(amount) as bigint) as amount, \
             cast(sum(facts) as bigint) as facts from live_rollup_year where county_id = $1 \
             group by indicator, division, year",
        ),
        (
            "distinct_month",
            &mut keys,
            "select indicator, division, month as at, key, cast(sum(facts) as bigint) as amount, \
             cast(sum(facts) as bigint) as facts from live_distinct_month where county_id = $1 \
             group by indicator, division, month, key",
        ),
        (
            "distinct_year",
            &mut key_years,
            "select indicator, division, year as at, key, cast(sum(facts) as bigint) as amount, \
             cast(sum(facts) as bigint) as facts from live_distinct_year where county_id = $1 \
             group by indicator, division, year, key",
        ),
    ];
    for (table, sums, text) in stored {
        let counts_only = table.starts_with("distinct_");
        for row in conn.all::<Row>(sql(text).bind(county)).await? {
            let name = format!("{} {} {} {}", row.indicator, row.division, row.at, row.key.as_deref().unwrap_or(""));
            let place = (row.indicator, row.division, row.at, row.key.unwrap_or_default());
            let (amount, facts) = sums.remove(&place).unwrap_or_default();
            let (stored, computed) = if counts_only { (row.facts, facts) } else { (row.amount, amount) };
            if stored != computed || row.facts != facts {
                found.push(Difference { table, row: name, stored, computed });
            }
        }
        for ((indicator, place, at, key), (amount, facts)) in std::mem::take(sums) {
            if amount != 0 || facts != 0 {
                let computed = if counts_only { facts } else { amount };
                found.push(Difference { table, row: format!("{indicator} {place} {at} {key}"), stored: 0, computed });
            }
        }
    }
    Ok(())
}
