//! Outcomes that others recorded close by: before one is counted twice.

use base::{
    db::{Conn, DbResult, sql},
    kernel::{Day, DivisionCode},
};

use super::super::Near;

#[derive(sqlx_macros::FromRow)]
struct Row {
    id: String,
    day: Day,
    person_id: String,
    person_name: String,
    amount: i64,
    typed: String,
    unit: String,
    what: Option<String>,
}

/// Standing outcomes of an indicator in a village within `days` of a day, outside one entry; nearest day first.
pub async fn near(
    conn: &mut Conn,
    village: DivisionCode,
    indicator: &str,
    (day, days): (Day, i64),
    but_entry: Option<&str>,
) -> DbResult<Vec<Near>> {
    let query = sql("select o.id, o.day, e.person_id, e.person_name, o.amount, o.typed, o.unit, o.what \
                     from log_outcome o left join log_entry e on e.county_id = o.county_id and e.id = o.entry_id \
                     where o.county_id = $1 and o.indicator = $2 and o.village = $3 and o.day between $4 and $5 \
                     and o.state in ('counted', 'waiting') and o.entry_id <> $6 order by o.day desc, o.id desc limit 40")
    .bind(village.county())
    .bind(indicator)
    .bind(village)
    .bind(day.plus_days(-days))
    .bind(day.plus_days(days))
    .bind(but_entry.unwrap_or("-"));
    let mut found: Vec<Near> = conn.all::<Row>(query).await?.into_iter().map(Near::from).collect();
    found.sort_by_key(|near| near.day.days_since(day).abs());
    Ok(found)
}

impl From<Row> for Near {
    fn from(row: Row) -> Self {
        Self {
            outcome_id: row.id,
            day: row.day,
            person_id: row.person_id,
            person_name: row.person_name,
            amount: row.amount,
            typed: row.typed,
            unit: row.unit,
            what: row.what,
        }
    }
}
