//! The days on which a person is away: one row each, so that leaves and trips that overlap meet in a key.

use base::{
    db::{DbError, DbResult, Tx, sql},
    kernel::{CountyId, Day},
    text,
    web::{AppError, Refusal},
};

use super::calendar_days;

/// Takes the days from `from` up to `until` for a leave or trip. A day taken already comes back as a refusal.
pub async fn take(
    tx: &mut Tx,
    county: CountyId,
    person_id: &str,
    (from, until): (Day, Day),
    (kind, source_id): (&'static str, &str),
    field: &'static str,
) -> Result<(), AppError> {
    let row = |day: Day| vec![county.into(), person_id.into(), day.into(), kind.into(), source_id.into()];
    let rows: Vec<_> = calendar_days(from, until).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let head = "insert into away_day (county_id, person_id, day, kind, source_id) values ";
    let taken = |error: DbError| match error.unique_violation() {
        Some(_) => {
            let say = text!("这几天里已经有请假或公出，日子不能重叠；请改日期，或先撤回原来那一条");
            AppError::from(Refusal::at(field, say))
        }
        None => error.into(),
    };
    tx.run_rows(head, rows, "").await.map_err(taken)?;
    Ok(())
}

/// Frees the days of a leave or trip from a day on, or all of them.
pub async fn free(tx: &mut Tx, county: CountyId, source_id: &str, from: Option<Day>) -> DbResult<()> {
    let mut delete = sql("delete from away_day where county_id = ");
    delete.push_bind(county).push(" and source_id = ").push_bind(source_id);
    if let Some(day) = from {
        delete.push(" and day >= ").push_bind(day);
    }
    tx.run(delete).await.map(drop)
}
