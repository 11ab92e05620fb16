//! Tasks: whatever someone must do next, with holder, due day, link and origin. Today is the list of one's tasks.
//!
//! A capability opens and closes tasks by their origin; the same origin and kind is one task however often it is opened.
//! A task is held by a role at a place, or by one account where it is somebody's own; overdue ones climb: a township's is
//! seen by the county as well.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

use super::staging::{Run, Shelf, shelf};
use crate::accounts::{Grant, Role, Viewer};

/// What becomes of staged tasks.
pub const SHELF: Shelf = shelf!("task");

/// A task to open.
#[derive(Clone, Debug)]
pub struct TaskDraft {
    pub kind: &'static str,
    pub title: String,
    pub detail: Option<String>,
    pub link: String,
    pub role: Role,
    pub division: DivisionCode,
    pub due: Day,
    pub origin_kind: &'static str,
    pub origin_id: String,
}

/// An open task.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Task {
    pub id: String,
    pub kind: String,
    pub title: String,
    pub detail: Option<String>,
    pub link: String,
    pub role: String,
    pub division: DivisionCode,
    pub due: Day,
}

/// Opens a task, or moves the due day and words of the one that the same origin already has.
pub async fn open(tx: &mut Tx, draft: &TaskDraft, at: Instant) -> DbResult<()> {
    put(tx, draft, None, at, None).await
}

/// Opens a task that one account alone has to do; without an account it is the role's.
pub async fn open_for(tx: &mut Tx, draft: &TaskDraft, account_id: Option<&str>, at: Instant) -> DbResult<()> {
    put(tx, draft, account_id, at, None).await
}

/// Opens a task of an origin that is new in a run, unseen until that is applied.
pub async fn stage(tx: &mut Tx, draft: &TaskDraft, at: Instant, run: &Run) -> DbResult<()> {
    put(tx, draft, None, at, Some(run)).await
}

async fn put(
    tx: &mut Tx,
    draft: &TaskDraft,
    account_id: Option<&str>,
    at: Instant,
    staged: Option<&Run>,
) -> DbResult<()> {
    let upsert = sql("insert into task (county_id, id, kind, title, detail, link, role, division, due, origin_kind, \
                      origin_id, made_at, account_id, staged) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
                      on conflict (county_id, origin_kind, origin_id, kind) do update set title = excluded.title, \
                      detail = excluded.detail, link = excluded.link, role = excluded.role, \
                      division = excluded.division, due = excluded.due, account_id = excluded.account_id, \
                      done_at = null, done_by = null")
    .bind(draft.division.county())
    .bind(new_id())
    .bind(draft.kind)
    .bind(&draft.title)
    .bind(draft.detail.as_ref())
    .bind(&draft.link)
    .bind(draft.role.code())
    .bind(draft.division)
    .bind(draft.due)
    .bind(draft.origin_kind)
    .bind(&draft.origin_id)
    .bind(at)
    .bind(account_id)
    .bind(staged.map(Run::id));
    tx.run(upsert).await.map(drop)
}

/// Closes the task of an origin; nothing happens when it is closed already.
pub async fn close(
    tx: &mut Tx,
    county: CountyId,
    kind: &'static str,
    origin: (&'static str, &str),
    by: &crate::accounts::Actor,
) -> DbResult<()> {
    let update = sql("update task set done_at = $1, done_by = $2 where county_id = $3 and origin_kind = $4 \
                      and origin_id = $5 and kind = $6 and done_at is null")
    .bind(by.at)
    .bind(&by.account_id)
    .bind(county)
    .bind(origin.0)
    .bind(origin.1)
    .bind(kind);
    tx.run(update).await.map(drop)
}

/// The open tasks of a viewer's duties by due day, those stood in for included; a higher office also sees what lies
/// overdue below it.
pub async fn list_open(conn: &mut Conn, viewer: &Viewer, today: Day, limit: i64) -> DbResult<Vec<Task>> {
    let held: Vec<(&Grant, DivisionCode)> = viewer.duties().filter_map(|g| g.division.map(|d| (g, d))).collect();
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        sql("select id, kind, title, detail, link, role, division, due from live_task where done_at is null and (");
    for (i, (grant, division)) in held.iter().enumerate() {
        let (area, (first, last)) = (division.area(), division.area().counties());
        query.push(if i == 0 { "(" } else { " or (" });
        query.push("county_id between ").push_bind(first).push(" and ").push_bind(last);
        query.push(" and division between ").push_bind(area.first).push(" and ").push_bind(area.last);
        query.push(" and (role = ").push_bind(grant.role.code());
        query.push(" and (account_id is null or account_id = ").push_bind(&viewer.account_id).push(")");
        if matches!(grant.role, Role::Office | Role::Township) {
            query.push(" or due < ").push_bind(today);
        }
        query.push("))");
    }
    query.push(") order by due, id limit ").push_bind(limit);
    conn.all(query).await
}
