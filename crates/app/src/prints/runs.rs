//! All SQL of `print_run`.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, DivisionCode, Instant},
};

use super::{Kind, Order};
use crate::accounts::{Actor, Columns, Scope};

/// A run as its page shows it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct RunRow {
    pub county_id: CountyId,
    pub id: String,
    pub kind: String,
    pub place: DivisionCode,
    pub changed_only: i64,
    pub batch: Option<i64>,
    pub stop: i64,
    pub file_id: Option<String>,
    pub pages: Option<i64>,
    pub said: Option<String>,
    pub made_at: Instant,
    pub actor: String,
    pub place_name: Option<String>,
    pub job_state: Option<String>,
    pub step: Option<i64>,
    pub steps: Option<i64>,
    pub result: Option<String>,
}

impl RunRow {
    #[must_use]
    pub fn order(&self) -> Option<Order> {
        let changed_only = self.changed_only == 1;
        Some(Order { kind: Kind::parse(&self.kind)?, place: self.place, changed_only, batch: self.batch })
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.job_state.as_deref(), Some("queued" | "running"))
    }
}

const RUN: &str = "select r.county_id, r.id, r.kind, r.place, r.changed_only, r.batch, r.stop, r.file_id, r.pages, \
    r.said, r.made_at, r.actor, d.name as place_name, j.state as job_state, j.step, j.steps, j.result \
    from print_run r left join job j on j.county_id = r.county_id and j.id = r.job_id \
    left join division d on d.code = r.place and d.until is null where 1 = 1";
const SCOPED: Columns = Columns { county: "r.county_id", division: "r.place", unit: None, person: None };

/// The latest runs of the scope's places.
pub async fn list(conn: &mut Conn, scope: &Scope, limit: i64) -> DbResult<Vec<RunRow>> {
    conn.all(list_query(scope, limit)).await
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, limit: i64) -> Query {
    let mut query = sql(RUN);
    scope.narrow(&mut query, SCOPED);
    query.push(" order by r.made_at desc, r.id desc limit ").push_bind(limit);
    query
}

pub async fn find(conn: &mut Conn, scope: &Scope, id: &str) -> DbResult<Option<RunRow>> {
    let mut query = sql(RUN);
    scope.narrow(&mut query, SCOPED);
    query.push(" and r.id = ").push_bind(id);
    conn.maybe(query).await
}

/// A run by its county, for its job.
pub async fn get(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<RunRow>> {
    let mut query = sql(RUN);
    query.push(" and r.county_id = ").push_bind(county).push(" and r.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Adds a run whose job has the given id, and returns the run's.
pub async fn add(tx: &mut Tx, id: &str, order: Order, job_id: &str, by: &Actor) -> DbResult<()> {
    let row = vec![
        order.place.county().into(),
        id.into(),
        order.kind.code().into(),
        order.place.into(),
        order.changed_only.into(),
        order.batch.into(),
        job_id.into(),
        0_i64.into(),
        by.at.into(),
        (&by.account_id).into(),
        (&by.name).into(),
    ];
    let head = "insert into print_run (county_id, id, kind, place, changed_only, batch, job_id, stop, made_at, made_by, actor) values ";
    tx.run_rows(head, vec![row], "").await.map(drop)
}

/// Asks a run to stop; it does between two chunks.
pub async fn ask_stop(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<()> {
    let update = sql("update print_run set stop = 1 where county_id = $1 and id = $2 and file_id is null");
    tx.run(update.bind(county).bind(id)).await.map(drop)
}

pub async fn is_stopped(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<bool> {
    let query = sql("select stop from print_run where county_id = $1 and id = $2");
    Ok(conn.maybe::<(i64,)>(query.bind(county).bind(id)).await?.is_some_and(|(stop,)| stop == 1))
}

/// Keeps what a run ended with.
pub async fn done(
    tx: &mut Tx,
    county: CountyId,
    id: &str,
    (file_id, pages): (Option<&str>, i64),
    said: &str,
) -> DbResult<()> {
    let update = sql("update print_run set file_id = $1, pages = $2, said = $3 where county_id = $4 and id = $5");
    tx.run(update.bind(file_id).bind(pages).bind(said).bind(county).bind(id)).await.map(drop)
}
