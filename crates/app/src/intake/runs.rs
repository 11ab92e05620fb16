//! All SQL of `import_run`: one file that somebody brought in the browser, and how far it has come.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, DivisionCode, Instant, new_id},
};
use serde::{Deserialize, Serialize};

use super::{FileKind, sketch::Sketch};
use crate::{
    accounts::{Actor, Columns, Scope},
    imports::{Mapping, Report},
};

/// How far an import has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunState {
    /// The file is kept; its columns wait to be confirmed.
    Uploaded,
    /// A job compares it with what is stored.
    Checking,
    /// The preview stands.
    Checked,
    /// A job writes it.
    Applying,
    Applied,
}

impl RunState {
    const ALL: [Self; 5] = [Self::Uploaded, Self::Checking, Self::Checked, Self::Applying, Self::Applied];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Checking => "checking",
            Self::Checked => "checked",
            Self::Applying => "applying",
            Self::Applied => "applied",
        }
    }
}

/// What stands in the column `mapping`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Setting {
    pub sketch: Sketch,
    pub mapping: Mapping,
    /// The job that works on it, for the page that shows progress.
    pub job: Option<String>,
}

/// An import.
#[derive(Clone, Debug)]
pub struct Run {
    pub county: CountyId,
    pub id: String,
    pub kind: FileKind,
    pub place: DivisionCode,
    pub file_id: String,
    pub file_name: String,
    pub batch_number: Option<i64>,
    pub setting: Setting,
    pub state: RunState,
    pub report: Option<Report>,
    pub made_at: Instant,
    pub made_by: String,
}

#[derive(sqlx_macros::FromRow)]
struct RunRow {
    county_id: CountyId,
    id: String,
    kind: String,
    place: DivisionCode,
    file_id: String,
    file_name: Option<String>,
    batch_number: Option<i64>,
    mapping: Option<String>,
    state: String,
    outcome: Option<String>,
    made_at: Instant,
    made_by: Option<String>,
}

impl RunRow {
    fn run(self) -> Option<Run> {
        Some(Run {
            county: self.county_id,
            id: self.id,
            kind: FileKind::parse(&self.kind)?,
            place: self.place,
            file_id: self.file_id,
            file_name: self.file_name.unwrap_or_default(),
            batch_number: self.batch_number,
            setting: self.mapping.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            state: RunState::ALL.into_iter().find(|state| state.code() == self.state)?,
            report: self.outcome.and_then(|text| serde_json::from_str(&text).ok()),
            made_at: self.made_at,
            made_by: self.made_by.unwrap_or_default(),
        })
    }
}

const RUN: &str = "select r.county_id, r.id, r.kind, r.place, r.file_id, f.name as file_name, r.batch_number, \
    r.mapping, r.state, r.outcome, r.made_at, a.display_name as made_by from import_run r \
    left join file f on f.county_id = r.county_id and f.id = r.file_id \
    left join account a on a.id = r.made_by where 1 = 1";
const SCOPED: Columns = Columns { county: "r.county_id", division: "r.place", unit: None, person: None };

/// An import of the scope's places.
pub async fn find(conn: &mut Conn, scope: &Scope, id: &str) -> DbResult<Option<Run>> {
    let mut query = sql(RUN);
    scope.narrow(&mut query, SCOPED);
    query.push(" and r.id = ").push_bind(id);
    Ok(conn.maybe::<RunRow>(query).await?.and_then(RunRow::run))
}

/// An import by its county, for jobs.
pub async fn get(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<Run>> {
    let mut query = sql(RUN);
    query.push(" and r.county_id = ").push_bind(county).push(" and r.id = ").push_bind(id);
    Ok(conn.maybe::<RunRow>(query).await?.and_then(RunRow::run))
}

/// The latest imports of the scope's places.
pub async fn list(conn: &mut Conn, scope: &Scope, limit: i64) -> DbResult<Vec<Run>> {
    let mut query = sql(RUN);
    scope.narrow(&mut query, SCOPED);
    query.push(" order by r.made_at desc, r.id desc limit ").push_bind(limit);
    Ok(conn.all::<RunRow>(query).await?.into_iter().filter_map(RunRow::run).collect())
}

/// Adds an import whose file is kept.
pub async fn add(
    tx: &mut Tx,
    kind: FileKind,
    place: DivisionCode,
    file_id: &str,
    setting: &str,
    by: &Actor,
) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into import_run (county_id, id, kind, place, file_id, mapping, state, made_at, made_by) \
                      values ($1, $2, $3, $4, $5, $6, 'uploaded', $7, $8)")
    .bind(place.county())
    .bind(&id)
    .bind(kind.code())
    .bind(place)
    .bind(file_id)
    .bind(setting)
    .bind(by.at)
    .bind(&by.account_id);
    tx.run(insert).await?;
    Ok(id)
}

/// Keeps columns and job; false when the import is being worked on or done.
pub async fn set(tx: &mut Tx, run: &Run, state: RunState, batch: Option<i64>) -> DbResult<bool> {
    let setting = serde_json::to_string(&run.setting).unwrap_or_default();
    let update = sql("update import_run set mapping = $1, state = $2, batch_number = $3 \
                      where county_id = $4 and id = $5 and state in ('uploaded', 'checked')")
    .bind(setting)
    .bind(state.code())
    .bind(batch)
    .bind(run.county)
    .bind(&run.id);
    Ok(tx.run(update).await? == 1)
}

/// Keeps what the preview says; false when it has been applied meanwhile.
pub async fn checked(tx: &mut Tx, run: &Run, report: &Report) -> DbResult<bool> {
    let update = sql("update import_run set outcome = $1, state = 'checked' where county_id = $2 and id = $3 \
                      and state <> 'applied'")
    .bind(serde_json::to_string(report).unwrap_or_default())
    .bind(run.county)
    .bind(&run.id);
    Ok(tx.run(update).await? == 1)
}

/// Sets an import that could not be worked on back to its beginning.
pub async fn set_back(tx: &mut Tx, run: &Run) -> DbResult<()> {
    let update = sql("update import_run set state = 'uploaded' where county_id = $1 and id = $2 \
                      and state in ('checking', 'applying')");
    tx.run(update.bind(run.county).bind(&run.id)).await.map(drop)
}

/// Marks an import as applied in the transaction that applies it; false when that has happened already.
pub async fn applied(tx: &mut Tx, run: &Run, report: &Report, at: Instant) -> DbResult<bool> {
    let update = sql("update import_run set outcome = $1, state = 'applied', applied_at = $2 \
                      where county_id = $3 and id = $4 and state in ('checked', 'applying')")
    .bind(serde_json::to_string(report).unwrap_or_default())
    .bind(at)
    .bind(run.county)
    .bind(&run.id);
    Ok(tx.run(update).await? == 1)
}
