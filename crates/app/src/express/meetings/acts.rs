//! What is done to a meeting: its agenda makes itself, its decisions are the problems' own, its end leaves a list.

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, Day, Level},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{ANSWERED_BEFORE, CLAIMED_BEFORE, NOT_REACHED, Outcome, State, facts},
    store::{self, ItemRow, MeetingRow, NewMeeting},
};
use crate::{
    accounts::{Actor, Role, Scope},
    express::{
        departments::Department,
        events::{self, NewEvent},
        problems::{self, Claim, Phase, acts as problem},
    },
    packs::Pack,
    spine::{
        audit::{self, Change, Subject},
        facts::{self as spine_facts, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// The origin of its tasks and facts.
pub const KIND: &str = "problem_meeting";

/// Which meeting.
pub type Key<'a> = (CountyId, &'a str);

async fn lock(tx: &mut Tx, (county, id): Key<'_>) -> AppResult<(MeetingRow, State)> {
    if !store::touch(tx, county, id).await? {
        return Err(AppError::NotFound);
    }
    let row = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    let state = row.state().ok_or_else(|| AppError::internal(format!("meeting {id} has an unknown state")))?;
    Ok((row, state))
}

/// Whose problems a meeting takes: a county's, or what has come up to the city.
fn level(row: &MeetingRow) -> &'static str {
    if row.division.level() < Level::County { "city" } else { "county" }
}

/// Plans a meeting; its agenda is there at once. Returns its id.
pub async fn plan(tx: &mut Tx, new: &NewMeeting, pack: &Pack, actor: &Actor) -> AppResult<String> {
    let id = store::add(tx, new, actor).await?;
    let county = new.division.county();
    let event = NewEvent { act: "plan", state: Some("planned"), ..NewEvent::default() };
    events::add(tx, county, (KIND, &id), event, actor).await?;
    let (row, _) = lock(tx, (county, &id)).await?;
    gather(tx, &row, pack, actor).await?;
    hold(tx, &row, actor).await?;
    let change = Change::made(json!({"name": new.title, "day": new.day}));
    audit::write(tx, county, actor, "meeting.plan", Subject { kind: KIND, id: &id }, change).await?;
    Ok(id)
}

/// A meeting that is to be held is the office's task by its day.
async fn hold(tx: &mut Tx, row: &MeetingRow, actor: &Actor) -> AppResult<()> {
    let task = TaskDraft {
        kind: "meeting_hold",
        title: format!("开对接会：{}", row.title),
        detail: row.place.clone(),
        link: row.address(),
        role: Role::Office,
        division: row.division,
        due: row.day,
        origin_kind: KIND,
        origin_id: row.id.clone(),
    };
    Ok(tasks::open(tx, &task, actor.at).await?)
}

/// When and where, set right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Correction {
    pub day: Day,
    pub place: Option<String>,
    pub chair: Option<String>,
}

/// Sets day and place right: what stood before stays in the story and the trail; the fact of a meeting that was held
/// follows, and so do the days of whoever waits for it.
pub async fn correct(tx: &mut Tx, key: Key<'_>, new: Correction, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (mut row, state) = lock(tx, key).await?;
    let old = Correction { day: row.day, place: row.place.clone(), chair: row.chair.clone() };
    if new == old {
        return Err(Refusal::whole(text!("没有改动，不用保存。")).into());
    }
    row.day = if new.day == old.day { old.day } else { state.correct(new.day, actor.today)? };
    (row.place, row.chair) = (new.place.clone(), new.chair.clone());
    store::save_base(tx, &row).await?;
    if state == State::Planned {
        hold(tx, &row, actor).await?;
    }
    if state.is_open() && row.day != old.day {
        for item in items(tx, &row).await?.iter().filter(|item| item.state == "on_agenda") {
            problem::ask_again(tx, (item.county_id, &item.problem_id), pack, actor).await?;
        }
    }
    let source = Source { kind: KIND, id: row.id.clone() };
    let said = facts(state, row.division, row.day);
    spine_facts::record(tx, key.0, &[(source, said)], actor.at, Writing::Difference).await?;
    let shown = |one: &Option<String>| one.clone().unwrap_or_else(|| "（空）".to_owned());
    let mut words = Vec::new();
    for (label, was, is) in [
        ("日期", old.day.to_string(), new.day.to_string()),
        ("地点", shown(&old.place), shown(&new.place)),
        ("主持", shown(&old.chair), shown(&new.chair)),
    ] {
        if was != is {
            words.push(format!("{label}：{was} → {is}"));
        }
    }
    let words = words.join("；");
    let event = NewEvent { act: "change", words: Some(&words), ..NewEvent::default() };
    events::add(tx, key.0, (KIND, key.1), event, actor).await?;
    let side = |one: &Correction| json!({"day": one.day, "site": one.place, "chair": one.chair});
    let change = Change::changed(side(&old), side(&new));
    Ok(audit::write(tx, key.0, actor, "meeting.correct", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// Puts on the agenda what is open and not yet on it; returns how many came.
async fn gather(tx: &mut Tx, row: &MeetingRow, pack: &Pack, actor: &Actor) -> AppResult<usize> {
    let known = i64::try_from(items(tx, row).await?.len()).unwrap_or_default();
    let mut came = 0;
    for due in store::due_for(tx, row.division.area(), level(row)).await? {
        if !store::add_item(tx, (row.county_id, &row.id), &due, known + came).await? {
            continue;
        }
        came += 1;
        // What somebody has in hand stays with them; the meeting only asks.
        if matches!(due.state.as_str(), "screened" | "contested") {
            let meeting = (row.county_id, row.id.clone());
            problem::put_on(tx, (due.county_id, &due.id), meeting, pack, actor).await?;
        }
    }
    Ok(usize::try_from(came).unwrap_or_default())
}

/// All lines of a meeting.
pub async fn items(conn: &mut Conn, row: &MeetingRow) -> DbResult<Vec<ItemRow>> {
    store::items(conn, &Scope::of(row.division), &row.id).await
}

/// Brings the agenda up to now; returns how many came.
pub async fn refresh(tx: &mut Tx, key: Key<'_>, pack: &Pack, actor: &Actor) -> AppResult<usize> {
    let (row, state) = lock(tx, key).await?;
    if !state.is_open() {
        return Err(Refusal::whole(text!("会已经开过或取消了，议程不再变动。")).into());
    }
    let came = gather(tx, &row, pack, actor).await?;
    let change = Change::made(json!({"read": came}));
    audit::write(tx, key.0, actor, "meeting.agenda", Subject { kind: KIND, id: key.1 }, change).await?;
    Ok(came)
}

/// Takes a line off before anything was decided.
pub async fn remove(tx: &mut Tx, key: Key<'_>, problem: problem::Key<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (_, state) = lock(tx, key).await?;
    if !state.is_open() || !store::remove_item(tx, key.1, problem).await? {
        return Err(Refusal::whole(text!("会上已经议定的，不能再移出。")).into());
    }
    let row = problems::store::find(tx, problem.0, problem.1).await?.ok_or(AppError::NotFound)?;
    if row.state == "on_agenda" {
        problem::take_off(tx, problem, (false, None), pack, actor).await?;
    }
    let change = Change::made(json!({"line": problem.1}));
    Ok(audit::write(tx, key.0, actor, "meeting.agenda", Subject { kind: KIND, id: key.1 }, change).await?)
}

pub async fn begin(tx: &mut Tx, key: Key<'_>, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.begin(row.day, actor.today)?;
    turn(tx, &row, (next, "begin"), actor).await
}

async fn turn(tx: &mut Tx, row: &MeetingRow, (next, act): (State, &'static str), actor: &Actor) -> AppResult<()> {
    store::save_state(tx, row, next).await?;
    let event = NewEvent { act, state: Some(next.code()), ..NewEvent::default() };
    events::add(tx, row.county_id, (KIND, &row.id), event, actor).await?;
    let source = Source { kind: KIND, id: row.id.clone() };
    let facts = facts(next, row.division, row.day);
    spine_facts::record(tx, row.county_id, &[(source, facts)], actor.at, Writing::Difference).await?;
    if !next.is_open() {
        tasks::close_all(tx, row.county_id, (KIND, &row.id), actor).await?;
    }
    let change = Change::changed(json!({"state": row.state}), json!({"state": next.code()}));
    Ok(audit::write(tx, row.county_id, actor, "meeting.state", Subject { kind: KIND, id: &row.id }, change).await?)
}

/// What is decided of one problem.
#[derive(Clone, Debug)]
pub struct Decision {
    pub outcome: Outcome,
    pub unit: Option<Department>,
    pub joining: Vec<Department>,
    pub due: Option<Day>,
    pub words: String,
}

/// Decides of a problem, live: the answer, the claim, the urging are the problem's own.
pub async fn decide(
    tx: &mut Tx,
    key: Key<'_>,
    at: problem::Key<'_>,
    decision: &Decision,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    if state != State::UnderWay {
        return Err(Refusal::whole(text!("会没有在开，不能记会上的决定。")).into());
    }
    let Decision { outcome, unit, joining, due, words } = decision;
    let meeting = (row.county_id, row.id.clone());
    match outcome {
        Outcome::Answered => problem::answer(tx, at, (unit.as_ref(), words), pack, actor).await?,
        Outcome::Claimed => {
            let lead = unit.as_ref().ok_or_else(|| Refusal::at("unit", text!("请选哪个单位牵头认领")))?;
            let due = due.ok_or_else(|| Refusal::at("due", text!("请填哪天办结")))?;
            let claim = Claim { lead, joining, promise: words, due, meeting: Some(&meeting) };
            problem::claim(tx, at, claim, pack, actor).await?;
        }
        Outcome::Urged => problem::urge(tx, at, (words, *due), pack, actor).await?,
        Outcome::Deferred => {
            let now = problems::store::find(tx, at.0, at.1).await?.ok_or(AppError::NotFound)?;
            if now.state == "on_agenda" {
                problem::take_off(tx, at, (true, Some(words)), pack, actor).await?;
            }
        }
    }
    let named = unit.as_ref().map(|unit| (unit.id.as_str(), unit.name.as_str()));
    if !store::decide(tx, key.1, at, (*outcome, named, words), actor.at).await? {
        return Err(Refusal::whole(text!("这个问题刚刚已经议定。")).into());
    }
    let change = Change::made(json!({"line": at.1, "result": outcome.code(), "words": words}));
    Ok(audit::write(tx, key.0, actor, "meeting.decide", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// Ends a meeting: what was not decided waits for the next one, what was promised is the list that is followed.
pub async fn close(tx: &mut Tx, key: Key<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.close()?;
    for item in items(tx, &row).await?.iter().filter(|item| item.outcome.is_none()) {
        let at = (item.county_id, item.problem_id.as_str());
        // A department may have answered or claimed from its inbox before the meeting came to it.
        let (outcome, words) = match problems::phase(&item.state) {
            Phase::InHand => (Outcome::Claimed, CLAIMED_BEFORE),
            Phase::ToConfirm | Phase::Closed => (Outcome::Answered, ANSWERED_BEFORE),
            Phase::Waiting => (Outcome::Deferred, NOT_REACHED),
        };
        if item.state == "on_agenda" {
            problem::take_off(tx, at, (true, Some(words)), pack, actor).await?;
        }
        store::decide(tx, key.1, at, (outcome, None, words), actor.at).await?;
    }
    turn(tx, &row, (next, "close"), actor).await
}

/// A meeting that will not be: its problems wait for another.
pub async fn cancel(tx: &mut Tx, key: Key<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.cancel()?;
    for item in items(tx, &row).await?.iter().filter(|item| item.state == "on_agenda") {
        problem::take_off(tx, (item.county_id, &item.problem_id), (false, None), pack, actor).await?;
    }
    turn(tx, &row, (next, "cancel"), actor).await
}
