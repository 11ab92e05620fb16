//! All SQL of the sums.

use std::collections::BTreeSet;

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, Month},
};

use super::{
    counter::Key,
    demand,
    rules::{HOLDERS, Line, Sums, fold},
};
use crate::accounts::{self, Role};

#[derive(sqlx_macros::FromRow)]
struct Row {
    month: Month,
    role: String,
    form: String,
    forms: i64,
    fields: i64,
    seconds: i64,
    timed: i64,
    returned: i64,
    again: i64,
}

impl From<Row> for Line {
    fn from(row: Row) -> Self {
        let Row { forms, fields, seconds, timed, returned, again, .. } = row;
        Self {
            month: row.month,
            role: Role::parse(&row.role),
            form: demand::find(&row.form),
            sums: Sums { forms, fields, seconds, timed, returned, again },
        }
    }
}

/// Adds to a county's sums.
pub async fn add(tx: &mut Tx, counted: &[(Key, Sums)]) -> DbResult<()> {
    let row = |(key, sums): &(Key, Sums)| {
        vec![
            key.county.into(),
            key.month.into(),
            key.role.code().into(),
            key.form.path.into(),
            sums.forms.into(),
            sums.fields.into(),
            sums.seconds.into(),
            sums.timed.into(),
            sums.returned.into(),
            sums.again.into(),
        ]
    };
    let head = "insert into burden_sum (county_id, month, role, form, forms, fields, seconds, timed, returned, again) \
                values ";
    let tail = "on conflict (county_id, month, role, form) do update set forms = burden_sum.forms + excluded.forms, \
                fields = burden_sum.fields + excluded.fields, seconds = burden_sum.seconds + excluded.seconds, \
                timed = burden_sum.timed + excluded.timed, returned = burden_sum.returned + excluded.returned, \
                again = burden_sum.again + excluded.again";
    tx.run_rows(head, counted.iter().map(row).collect(), tail).await.map(drop)
}

/// The twelve months before the one that a day lies in: the first and the last.
#[must_use]
pub fn months(today: Day) -> (Month, Month) {
    let first = today.month().first_day();
    (first.plus_months(-12).month(), first.plus_months(-1).month())
}

/// The statement behind [`published`], for its plan.
#[must_use]
pub fn list_query(county: CountyId, (from, to): (Month, Month)) -> Query {
    sql("select month, role, form, forms, fields, seconds, timed, returned, again from burden_sum \
         where county_id = $1 and month between $2 and $3 order by month, role, form")
    .bind(county)
    .bind(from)
    .bind(to)
}

/// A county's sums as anybody may see them: the last twelve months that are over, small ones folded together.
pub async fn published(conn: &mut Conn, county: CountyId, today: Day) -> DbResult<Vec<Line>> {
    let rows: Vec<Row> = conn.all(list_query(county, months(today))).await?;
    let held = accounts::store::holders(conn, county).await?;
    let many = |month: Month, role: Role| {
        let holders = held.iter().filter(|one| one.role_in(month) == Some(role)).map(|one| &one.account_id);
        holders.collect::<BTreeSet<_>>().len() >= HOLDERS
    };
    Ok(fold(&rows.into_iter().map(Line::from).collect::<Vec<_>>(), many))
}

/// The counties that have sums.
pub async fn counties(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let query = sql("select distinct county_id from burden_sum order by county_id");
    Ok(conn.all::<(CountyId,)>(query).await?.into_iter().map(|(county,)| county).collect())
}
