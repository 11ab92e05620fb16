//! Tasks: whatever someone must do next, with holder, due day, link and origin. Today is the list of one's tasks.
//!
//! A capability opens and closes tasks by their origin; the same origin and kind is one task however often it is opened.
//! A task is held by a role at a place, or by one account where it is somebody's own; overdue ones climb: a township's is
//! seen by the county as well. The tasks of who leaves a post are a door of open things ([`DOOR`]).

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Instant, new_id},
    word,
};

use super::{
    open_things::{Door, Holder, Later, OpenThing},
    staging::{Run, Shelf, shelf},
};
use crate::accounts::{Actor, Grant, Role, Viewer};

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
#[derive(Clone, Debug, sqlx_macros::FromRow)]
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
    put(tx, draft, (None, None), at, None).await
}

/// As [`open`], held by one account alone where it is named: others of the role do not see it until it is overdue.
pub async fn open_for(tx: &mut Tx, draft: &TaskDraft, account_id: Option<&str>, at: Instant) -> DbResult<()> {
    put(tx, draft, (account_id, None), at, None).await
}

/// As [`open`], held by whoever has the role for a unit; offices above see it once it is overdue.
pub async fn open_for_unit(tx: &mut Tx, draft: &TaskDraft, unit_id: &str, at: Instant) -> DbResult<()> {
    put(tx, draft, (None, Some(unit_id)), at, None).await
}

/// Opens a task of an origin that is new in a run, unseen until that is applied.
pub async fn stage(tx: &mut Tx, draft: &TaskDraft, at: Instant, run: &Run) -> DbResult<()> {
    put(tx, draft, (None, None), at, Some(run)).await
}

async fn put(
    tx: &mut Tx,
    draft: &TaskDraft,
    (account_id, unit_id): (Option<&str>, Option<&str>),
    at: Instant,
    staged: Option<&Run>,
) -> DbResult<()> {
    let upsert = sql("insert into task (county_id, id, kind, title, detail, link, role, division, due, origin_kind, \
                      origin_id, made_at, account_id, staged, unit_id) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
                      on conflict (county_id, origin_kind, origin_id, kind) do update set title = excluded.title, \
                      detail = excluded.detail, link = excluded.link, role = excluded.role, \
                      division = excluded.division, account_id = excluded.account_id, \
                      unit_id = excluded.unit_id, due = excluded.due, \
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
    .bind(staged.map(Run::id))
    .bind(unit_id);
    tx.run(upsert).await.map(drop)
}

/// Closes the task of an origin; nothing happens when it is closed already.
pub async fn close(
    tx: &mut Tx,
    county: CountyId,
    kind: &'static str,
    origin: (&'static str, &str),
    by: &Actor,
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

/// Closes every open task of an origin, whatever its kind.
pub async fn close_all(tx: &mut Tx, county: CountyId, origin: (&'static str, &str), by: &Actor) -> DbResult<()> {
    let update = sql("update task set done_at = $1, done_by = $2 where county_id = $3 and origin_kind = $4 \
                      and origin_id = $5 and done_at is null")
    .bind(by.at)
    .bind(&by.account_id)
    .bind(county)
    .bind(origin.0)
    .bind(origin.1);
    tx.run(update).await.map(drop)
}

/// The open tasks of a viewer's duties by due day, those stood in for included, and those that are the viewer's own
/// wherever they lie; a higher office also sees what lies overdue below it.
pub async fn list_open(conn: &mut Conn, viewer: &Viewer, today: Day, limit: i64) -> DbResult<Vec<Task>> {
    let held: Vec<(&Grant, DivisionCode)> = viewer.duties().filter_map(|g| g.division.map(|d| (g, d))).collect();
    let mut query =
        sql("select id, kind, title, detail, link, role, division, due from live_task where done_at is null and (");
    query.push("account_id = ").push_bind(&viewer.account_id);
    for (grant, division) in held {
        let (area, (first, last)) = (division.area(), division.area().counties());
        query.push(" or (county_id between ").push_bind(first).push(" and ").push_bind(last);
        query.push(" and division between ").push_bind(area.first).push(" and ").push_bind(area.last);
        query.push(" and ((account_id is null and role = ").push_bind(grant.role.code()).push(")");
        if matches!(grant.role, Role::Office | Role::Township) {
            query.push(" or due < ").push_bind(today);
        }
        query.push("))");
    }
    query.push(") order by due, id limit ").push_bind(limit);
    let mut tasks: Vec<Task> = conn.all(query).await?;
    let of_units = list_of_units(conn, viewer, limit).await?;
    tasks.extend(of_units.into_iter().filter(|one| tasks.iter().all(|other| other.id != one.id)).collect::<Vec<_>>());
    tasks.sort_by(|a, b| (a.due, &a.id).cmp(&(b.due, &b.id)));
    tasks.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(tasks)
}

/// The open tasks of the units for which the viewer holds a role. They are never staged, so the table itself is read.
async fn list_of_units(conn: &mut Conn, viewer: &Viewer, limit: i64) -> DbResult<Vec<Task>> {
    let mut tasks = Vec::new();
    for grant in viewer.duties() {
        let Some(unit) = &grant.unit_id else { continue };
        let query = sql("select id, kind, title, detail, link, role, division, due from task where unit_id = $1 \
                         and done_at is null and role = $2 order by due, id limit $3");
        tasks.extend(conn.all::<Task>(query.bind(unit).bind(grant.role.code()).bind(limit)).await?);
    }
    Ok(tasks)
}

/// A task that is overdue: of which role, where, and since when. What it is about is for its holder and the offices above.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Overdue {
    pub role: String,
    pub division: DivisionCode,
    pub due: Day,
    pub link: String,
}

/// Overdue tasks of an area, the oldest first; of one role where it is named.
pub async fn overdue(
    conn: &mut Conn,
    area: Area,
    today: Day,
    role: Option<Role>,
    limit: i64,
) -> DbResult<Vec<Overdue>> {
    let mut query = overdue_query("select role, division, due, link", area, today);
    if let Some(role) = role {
        query.push(" and role = ").push_bind(role.code());
    }
    query.push(" order by due, id limit ").push_bind(limit);
    conn.all(query).await
}

/// How many tasks are overdue by role and division, and since when.
pub async fn count_overdue(conn: &mut Conn, area: Area, today: Day) -> DbResult<Vec<(String, DivisionCode, i64, Day)>> {
    let mut query = overdue_query("select role, division, count(*), min(due)", area, today);
    query.push(" group by role, division");
    conn.all(query).await
}

fn overdue_query(columns: &'static str, area: Area, today: Day) -> Query {
    let mut query = sql(columns);
    let (first, last) = area.counties();
    query.push(" from live_task where done_at is null");
    if first == last {
        query.push(" and county_id = ").push_bind(first);
    } else {
        query.push(" and county_id between ").push_bind(first).push(" and ").push_bind(last);
    }
    query.and_within("division", area);
    query.push(" and due < ").push_bind(today);
    query
}

/// The tasks of a holder: those of the account in the village, and those of the village's cadres in common.
///
/// What a handover asks of the parties is not itself handed over; tasks of things that have a door of their own go through
/// that ([`pass`]).
pub const DOOR: Door = Door { kind: "task", zh: word!("待办"), list: list_held, hand_over };

fn list_held<'a>(conn: &'a mut Conn, holder: &'a Holder) -> Later<'a, Vec<OpenThing>> {
    Box::pin(async move {
        let mut query =
            sql("select id, title, detail, link, due from live_task where county_id = $1 and done_at is null \
                             and division = $2 and origin_kind not in ('handover', 'matter') and ((role = 'cadre' \
                             and account_id is null)")
            .bind(holder.village.county())
            .bind(holder.village);
        if let Some(account) = &holder.account_id {
            query.push(" or account_id = ").push_bind(account);
        }
        query.push(") order by due, id");
        let rows: Vec<(String, String, Option<String>, String, Day)> = conn.all(query).await?;
        let thing = |(id, title, note, link, due)| OpenThing { id, title, note, due: Some(due), link: Some(link) };
        Ok(rows.into_iter().map(thing).collect())
    })
}

/// Tasks in common stay with the village's cadres, whoever they are; those of the account become the next holder's,
/// or the village's where the next holder has no account yet.
fn hand_over<'a>(tx: &'a mut Tx, from: &'a Holder, to: &'a Holder, _by: &'a Actor) -> Later<'a, u64> {
    Box::pin(async move {
        let Some(account) = &from.account_id else { return Ok(0) };
        let update = sql("update task set account_id = $1 where county_id = $2 and division = $3 and account_id = $4 \
                          and done_at is null and origin_kind not in ('handover', 'matter')")
        .bind(to.account_id.as_ref())
        .bind(from.village.county())
        .bind(from.village)
        .bind(account);
        tx.run(update).await
    })
}

/// Gives the open tasks of one kind of origin from an account to the next holder's: for the door of that kind.
pub async fn pass(tx: &mut Tx, origin_kind: &'static str, from: &Holder, to: &Holder) -> DbResult<u64> {
    let Some(account) = &from.account_id else { return Ok(0) };
    let update = sql("update task set account_id = $1 where county_id = $2 and division = $3 and account_id = $4 \
                      and done_at is null and origin_kind = $5")
    .bind(to.account_id.as_ref())
    .bind(from.village.county())
    .bind(from.village)
    .bind(account)
    .bind(origin_kind);
    tx.run(update).await
}
