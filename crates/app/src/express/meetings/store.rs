//! All SQL of meetings and the lines of their agendas.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Instant, new_id},
};

use super::rules::{Outcome, State};
use crate::accounts::{Actor, Columns, Scope};

/// A meeting's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct MeetingRow {
    pub county_id: CountyId,
    pub id: String,
    pub division: DivisionCode,
    pub title: String,
    pub place: Option<String>,
    pub chair: Option<String>,
    pub day: Day,
    pub state: String,
    pub version: i64,
}

impl MeetingRow {
    #[must_use]
    pub fn state(&self) -> Option<State> {
        State::parse(&self.state)
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("/problem-meetings/{}/{}", self.county_id, self.id)
    }
}

const COLUMNS: &str = "select m.county_id, m.id, m.division, m.title, m.place, m.chair, m.day, m.state, m.version from problem_meeting m \
     where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<MeetingRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and m.county_id = ").push_bind(county).push(" and m.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every meeting that an office keeps, for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<MeetingRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and m.county_id = ").push_bind(county).push(" order by m.id");
    conn.all(query).await
}

/// A meeting to plan.
#[derive(Clone, Debug)]
pub struct NewMeeting {
    pub division: DivisionCode,
    pub title: String,
    pub place: Option<String>,
    pub chair: Option<String>,
    pub day: Day,
}

pub async fn add(tx: &mut Tx, new: &NewMeeting, actor: &Actor) -> DbResult<String> {
    let id = new_id();
    let insert =
        sql("insert into problem_meeting (county_id, id, division, title, place, chair, day, state, made_at, \
                      version) values ($1, $2, $3, $4, $5, $6, $7, 'planned', $8, 1)")
        .bind(new.division.county())
        .bind(&id)
        .bind(new.division)
        .bind(&new.title)
        .bind(new.place.as_ref())
        .bind(new.chair.as_ref())
        .bind(new.day)
        .bind(actor.at);
    tx.run(insert).await?;
    Ok(id)
}

/// Holds the row: whoever comes second reads what the first one left.
pub async fn touch(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<bool> {
    let update = sql("update problem_meeting set version = version + 1 where county_id = $1 and id = $2");
    Ok(tx.run(update.bind(county).bind(id)).await? == 1)
}

pub async fn save_state(tx: &mut Tx, row: &MeetingRow, state: State) -> DbResult<()> {
    let update = sql("update problem_meeting set state = $1 where county_id = $2 and id = $3");
    tx.run(update.bind(state.code()).bind(row.county_id).bind(&row.id)).await.map(drop)
}

/// When and where, after a correction.
pub async fn save_base(tx: &mut Tx, row: &MeetingRow) -> DbResult<()> {
    let update = sql("update problem_meeting set day = $1, place = $2, chair = $3 where county_id = $4 and id = $5")
        .bind(row.day)
        .bind(row.place.as_ref())
        .bind(row.chair.as_ref())
        .bind(row.county_id)
        .bind(&row.id);
    tx.run(update).await.map(drop)
}

/// What a viewer may see of meetings: those of their places, and those with a line of theirs.
fn narrow(query: &mut Query, scope: &Scope) {
    query.push(" and (1 = 0");
    for area in scope.areas() {
        query.push(" or m.division between ").push_bind(area.first).push(" and ").push_bind(area.last);
        query.push(" or m.id in (select i.meeting_id from problem_meeting_item i where i.village between ");
        query.push_bind(area.first).push(" and ").push_bind(area.last).push(")");
    }
    for unit in scope.units() {
        query.push(" or m.id in (select i.meeting_id from problem_meeting_item i where i.unit_id = ");
        query.push_bind(unit).push(")");
    }
    query.push(")");
}

/// A meeting in a list with how its agenda went.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub division: DivisionCode,
    pub division_name: Option<String>,
    pub title: String,
    pub day: Day,
    pub state: String,
    pub items: i64,
    pub answered: i64,
    pub claimed: i64,
    pub struck_off: i64,
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, limit: i64, offset: i64) -> Query {
    let mut query = sql("select m.county_id, m.id, m.division, v.name as division_name, m.title, m.day, m.state, \
                         (select count(*) from problem_meeting_item i where i.meeting_id = m.id) as items, \
                         (select count(*) from problem_meeting_item i where i.meeting_id = m.id \
                         and i.outcome = 'answered') as answered, \
                         (select count(*) from problem_meeting_item i where i.meeting_id = m.id \
                         and i.outcome in ('claimed', 'urged')) as claimed, \
                         (select count(*) from problem_meeting_item i join problem p on p.county_id = i.county_id \
                         and p.id = i.problem_id where i.meeting_id = m.id and i.outcome is not null \
                         and p.state = 'struck_off') as struck_off \
                         from problem_meeting m left join division v on v.code = m.division and v.until is null \
                         where 1 = 1");
    narrow(&mut query, scope);
    query.push(" order by m.day desc, m.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Meetings that concern the scope, newest first, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, limit: i64, offset: i64) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope) -> DbResult<i64> {
    let mut query = sql("select count(*) from problem_meeting m where 1 = 1");
    narrow(&mut query, scope);
    conn.value(query).await
}

/// The meeting of the same office held before this one.
pub async fn last_held(conn: &mut Conn, row: &MeetingRow) -> DbResult<Option<MeetingRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and m.county_id = ").push_bind(row.county_id).push(" and m.division = ").push_bind(row.division);
    query.push(" and m.state = 'held' and m.id <> ").push_bind(&row.id).push(" and m.day <= ").push_bind(row.day);
    query.push(" order by m.day desc, m.id desc limit 1");
    conn.maybe(query).await
}

/// A line of an agenda with its problem as it stands.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ItemRow {
    pub county_id: CountyId,
    pub problem_id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    /// Addressed to when the agenda was made.
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub outcome: Option<String>,
    pub words: Option<String>,
    pub title: String,
    pub problem_words: String,
    pub block: String,
    pub amount: Option<i64>,
    pub reporter: String,
    pub raised_on: Day,
    pub state: String,
    pub state_since: Day,
    pub now_unit: Option<String>,
    pub due: Option<Day>,
}

impl ItemRow {
    #[must_use]
    pub fn href(&self) -> String {
        format!("/problems/{}/{}", self.county_id, self.problem_id)
    }
}

const ITEM_SCOPED: Columns =
    Columns { county: "i.county_id", division: "i.village", unit: Some("i.unit_id"), person: Some("p.person_id") };

/// The lines of a meeting that the scope may see, department by department.
pub async fn items(conn: &mut Conn, scope: &Scope, meeting: &str) -> DbResult<Vec<ItemRow>> {
    let mut query = sql(
        "select i.county_id, i.problem_id, i.village, v.name as village_name, t.name as township_name, \
                         i.unit_id, i.unit_name, i.outcome, i.words, p.title, p.words as problem_words, p.block, p.amount, \
                         coalesce(p.person_name, p.raiser) as reporter, p.raised_on, p.state, p.state_since, \
                         p.unit_name as now_unit, p.due \
                         from problem_meeting_item i join problem p on p.county_id = i.county_id and p.id = i.problem_id \
                         left join division v on v.code = i.village and v.until is null \
                         left join division t on t.code = (i.village / 1000) * 1000 and t.until is null \
                         where i.meeting_id = ",
    );
    query.push_bind(meeting);
    scope.narrow(&mut query, ITEM_SCOPED);
    query.push(" order by i.position, i.problem_id");
    conn.all(query).await
}

/// What may go on the agenda of an office: open and undecided, of its level; a city's also what is late with counties.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Due {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub state: String,
}

pub async fn due_for(conn: &mut Conn, area: Area, level: &'static str) -> DbResult<Vec<Due>> {
    let (first, last) = area.counties();
    let mut query = sql("select p.county_id, p.id, p.village, p.unit_id, p.unit_name, p.state from problem p \
                         where p.county_id between ");
    query.push_bind(first).push(" and ").push_bind(last).push(" and p.village between ").push_bind(area.first);
    query.push(" and ").push_bind(area.last).push(" and p.level = ").push_bind(level);
    // What a county has in hand and late stands on the city's agenda to be urged.
    query.push(match level {
        "city" => " and p.state in ('screened', 'contested', 'claimed', 'under_way')",
        _ => " and p.state in ('screened', 'contested')",
    });
    query.push(" order by coalesce(p.unit_name, ''), p.raised_on, p.id");
    conn.all(query).await
}

/// Writes a line; one that stands already stays.
pub async fn add_item(tx: &mut Tx, meeting: (CountyId, &str), due: &Due, position: i64) -> DbResult<bool> {
    let insert =
        sql("insert into problem_meeting_item (county_id, meeting_county, meeting_id, problem_id, village, unit_id, \
                      unit_name, position) values ($1, $2, $3, $4, $5, $6, $7, $8) \
                      on conflict (county_id, meeting_id, problem_id) do nothing")
        .bind(due.county_id)
        .bind(meeting.0)
        .bind(meeting.1)
        .bind(&due.id)
        .bind(due.village)
        .bind(due.unit_id.as_ref())
        .bind(due.unit_name.as_ref())
        .bind(position);
    Ok(tx.run(insert).await? == 1)
}

pub async fn remove_item(tx: &mut Tx, meeting: &str, (county, problem): (CountyId, &str)) -> DbResult<bool> {
    let delete = sql("delete from problem_meeting_item where county_id = $1 and meeting_id = $2 and problem_id = $3 \
                      and outcome is null");
    Ok(tx.run(delete.bind(county).bind(meeting).bind(problem)).await? == 1)
}

/// Writes what was decided, once; `false` when something stood there already.
pub async fn decide(
    tx: &mut Tx,
    meeting: &str,
    (county, problem): (CountyId, &str),
    (outcome, unit, words): (Outcome, Option<(&str, &str)>, &str),
    at: Instant,
) -> DbResult<bool> {
    let update = sql("update problem_meeting_item set outcome = $1, words = $2, unit_id = coalesce($3, unit_id), \
                      unit_name = coalesce($4, unit_name), decided_at = $5 where county_id = $6 and meeting_id = $7 \
                      and problem_id = $8 and outcome is null")
    .bind(outcome.code())
    .bind(words)
    .bind(unit.map(|(id, _)| id))
    .bind(unit.map(|(_, name)| name))
    .bind(at)
    .bind(county)
    .bind(meeting)
    .bind(problem);
    Ok(tx.run(update).await? == 1)
}
