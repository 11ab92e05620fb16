//! What is done to a problem: each act in one transaction with its event, tasks, facts and one audit line.

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, Day, Level, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    NewProblem, Origin, State,
    rules::already_claimed,
    store::{self, NewClaim, ProblemRow},
};
use crate::{
    accounts::{self, Actor, Role},
    express::{
        departments::Department,
        events::{self, NewEvent},
        evidence, projects,
    },
    flows,
    packs::Pack,
    places,
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

/// The origin of its tasks and facts.
pub const KIND: &str = "problem";

/// Why the claims of a problem end that is struck off.
pub const STRUCK_OFF: &str = "销号";

/// Which problem.
pub type Key<'a> = (CountyId, &'a str);

/// Holds a problem and reads it as it now stands.
pub async fn lock(tx: &mut Tx, (county, id): Key<'_>) -> AppResult<(ProblemRow, State)> {
    if !store::touch(tx, county, id).await? {
        return Err(AppError::NotFound);
    }
    let row = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    let state = row.state().ok_or_else(|| AppError::internal(format!("problem {id} has an unknown state")))?;
    Ok((row, state))
}

/// Reports a problem; returns its id. A project that is over brings none.
pub async fn raise(tx: &mut Tx, new: &NewProblem, pack: &Pack, actor: &Actor) -> AppResult<String> {
    if let Origin::Project(project) = &new.origin
        && !projects::is_open(tx, new.village.county(), project).await?
    {
        return Err(Refusal::whole(text!("项目已经验收或终止，不能再从它报问题。遗留的事请直接报问题。")).into());
    }
    let id = new_id();
    store::add(tx, &id, new, actor).await?;
    let (county, state) = (new.village.county(), State::Reported);
    let event = NewEvent { act: "raise", state: Some(state.code()), words: Some(&new.words), ..NewEvent::default() };
    events::add(tx, county, (KIND, &id), event, actor).await?;
    if let Origin::Project(project) = &new.origin {
        let event = NewEvent { act: "raise", words: Some(&new.title), ..NewEvent::default() };
        events::add(tx, county, ("project", project), event, actor).await?;
    }
    let row = store::find(tx, county, &id).await?.ok_or(AppError::NotFound)?;
    ask(tx, &row, &state, pack, actor).await?;
    store::record_facts(tx, county, &id, actor.at).await?;
    let after = json!({"title": new.title, "village": new.village.to_string(), "origin": new.origin.code()});
    audit::write(tx, county, actor, "problem.raise", Subject { kind: KIND, id: &id }, Change::made(after)).await?;
    Ok(id)
}

/// Carries a problem on to its next state with everything that follows.
async fn carry(
    tx: &mut Tx,
    row: &ProblemRow,
    next: &State,
    (action, event): (&'static str, NewEvent<'_>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    store::save(tx, row, next, actor.today).await?;
    let state = (row.state != next.code()).then_some(next.code());
    events::add(tx, row.county_id, (KIND, &row.id), NewEvent { state, ..event }, actor).await?;
    ask(tx, row, next, pack, actor).await?;
    store::record_facts(tx, row.county_id, &row.id, actor.at).await?;
    let change = Change::changed(
        json!({"state": row.state}),
        json!({"state": next.code(), "unit": row.unit_name, "until": next.due(), "why": event.words}),
    );
    Ok(audit::write(tx, row.county_id, actor, action, Subject { kind: KIND, id: &row.id }, change).await?)
}

/// Closes what was asked before and asks what the state now needs: one holder, one day.
async fn ask(tx: &mut Tx, row: &ProblemRow, state: &State, pack: &Pack, actor: &Actor) -> AppResult<()> {
    tasks::close_all(tx, row.county_id, (KIND, &row.id), actor).await?;
    if row.level == "city" && !state.is_in_hand() {
        let city = row.village.at(Level::City).county();
        tasks::close_all(tx, city, (KIND, &row.id), actor).await?;
    }
    let village = places::store::find(tx, row.village).await?.map(|place| place.short()).unwrap_or_default();
    let today = actor.today;
    let draft = |kind: &'static str, what: &str, role: Role, due: Day| TaskDraft {
        kind,
        title: format!("{what}：{}", row.title),
        detail: Some(format!("{village}，{} 报", row.raised_on)),
        link: row.address(),
        role,
        division: row.village,
        due,
        origin_kind: KIND,
        origin_id: row.id.clone(),
    };
    let claim_by = today.plus_days(pack.problem_claim_days());
    match state {
        State::Reported => {
            let due = today.plus_days(pack.problem_screen_days());
            tasks::open(tx, &draft("problem_screen", "筛选问题", Role::Office, due), actor.at).await?;
        }
        State::Screened => match &row.unit_id {
            Some(unit) => {
                let task = draft("problem_claim", "答复或认领", Role::Department, claim_by);
                tasks::open_for_unit(tx, &task, unit, actor.at).await?;
            }
            None => {
                let task = draft("problem_agenda", "列入对接会", Role::Office, claim_by);
                tasks::open(tx, &task, actor.at).await?;
            }
        },
        State::OnAgenda { meeting } => {
            let day = meeting_day(tx, meeting).await?.unwrap_or(claim_by);
            tasks::open(tx, &draft("problem_agenda", "会上议定", Role::Office, day), actor.at).await?;
        }
        State::Contested => {
            tasks::open(tx, &draft("problem_contested", "定归哪个单位办", Role::Office, claim_by), actor.at).await?;
        }
        State::Claimed { due } | State::UnderWay { due } => {
            if let Some(unit) = &row.unit_id {
                let task = draft("problem_solve", "办理认领的问题", Role::Department, *due);
                tasks::open_for_unit(tx, &task, unit, actor.at).await?;
            }
        }
        State::Solved { .. } => {
            let due = today.plus_days(pack.problem_confirm_days());
            let account = match &row.person_id {
                Some(person) => accounts::store::account_of(tx, person).await?.map(|(id, _)| id),
                None => None,
            };
            let role = if account.is_some() { Role::Cadre } else { Role::Township };
            let task = draft("problem_confirm", "确认问题是否解决", role, due);
            tasks::open_for(tx, &task, account.as_deref(), actor.at).await?;
        }
        State::StruckOff | State::Declined => {}
    }
    Ok(())
}

/// Asks anew what the problem's state asks for, where the day of its meeting has moved.
pub async fn ask_again(tx: &mut Tx, key: Key<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    ask(tx, &row, &state, pack, actor).await
}

async fn meeting_day(conn: &mut Conn, meeting: &(CountyId, String)) -> AppResult<Option<Day>> {
    let found = crate::express::meetings::store::find(conn, meeting.0, &meeting.1).await?;
    Ok(found.map(|meeting| meeting.day))
}

/// Where a sifted problem goes.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    To(&'a Department),
    CountyMeeting,
    CityMeeting,
}

/// Sifts a problem: on to a department, or to the next meeting. The office also settles whose it is.
pub async fn screen(
    tx: &mut Tx,
    key: Key<'_>,
    (way, words): (Way<'_>, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (mut row, state) = lock(tx, key).await?;
    let next = state.screen()?;
    let to = match way {
        Way::To(unit) => Some(unit),
        Way::CountyMeeting | Way::CityMeeting => None,
    };
    if matches!(way, Way::CityMeeting) {
        row.level = "city".into();
    }
    row.unit_id = to.map(|unit| unit.id.clone());
    row.unit_name = to.map(|unit| unit.name.clone());
    let act = if to.is_some() { "screen" } else { "keep" };
    let event = NewEvent { act, unit_name: to.map(|unit| unit.name.as_str()), words, ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.screen", event), pack, actor).await
}

/// Whoever the problem came from hears how it ended.
async fn tell(
    tx: &mut Tx,
    row: &ProblemRow,
    (solved, words): (bool, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let Some(Origin::Matter(matter)) = row.origin() else { return Ok(()) };
    let ended = flows::ProblemEnded {
        county: row.county_id,
        matter: &matter,
        unit_id: row.unit_id.as_deref(),
        solved,
        words: words.unwrap_or_default(),
    };
    flows::problem_ended(tx, ended, pack, actor).await
}

/// Not taken in, with a reason; whoever reported it reads why.
pub async fn decline(tx: &mut Tx, key: Key<'_>, why: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.decline()?;
    let event = NewEvent { act: "decline", words: Some(why), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.decline", event), pack, actor).await?;
    tell(tx, &row, (false, Some(why)), pack, actor).await
}

/// Puts a problem on an agenda.
pub async fn put_on(
    tx: &mut Tx,
    key: Key<'_>,
    meeting: (CountyId, String),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.put_on(meeting)?;
    let event = NewEvent { act: "agenda", ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.agenda", event), pack, actor).await
}

/// Takes a problem from an agenda: before the meeting, or after it when nothing was decided.
pub async fn take_off(
    tx: &mut Tx,
    key: Key<'_>,
    (was_held, words): (bool, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (mut row, state) = lock(tx, key).await?;
    let next = state.take_off()?;
    (row.meeting_county, row.meeting_id) = (None, None);
    let act = if was_held { "deferred" } else { "off_agenda" };
    carry(tx, &row, &next, ("problem.agenda", NewEvent { act, words, ..NewEvent::default() }), pack, actor).await
}

/// A department's word that it takes a problem up, with those that join it.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    pub lead: &'a Department,
    pub joining: &'a [Department],
    pub promise: &'a str,
    pub due: Day,
    pub meeting: Option<&'a (CountyId, String)>,
}

/// A department takes a problem up as its lead. Of two at once one is the lead; the other reads so.
pub async fn claim(tx: &mut Tx, key: Key<'_>, claim: Claim<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (mut row, state) = lock(tx, key).await?;
    let project_is_open = match row.origin() {
        Some(Origin::Project(project)) => projects::is_open(tx, key.0, &project).await?,
        Some(Origin::Direct | Origin::Matter(_)) | None => true,
    };
    let next = state.claim(claim.due, actor.today, project_is_open)?;
    let Claim { lead, promise, due, meeting, .. } = claim;
    let new = NewClaim { unit: lead, is_lead: true, promise, due, meeting };
    if store::add_claim(tx, key.0, key.1, &new, actor.today).await?.is_none() {
        return Err(already_claimed().into());
    }
    row.unit_id = Some(lead.id.clone());
    row.unit_name = Some(lead.name.clone());
    let said = format!("{promise}（{due} 前）");
    let event = NewEvent { act: "claim", unit_name: Some(&lead.name), words: Some(&said), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.claim", event), pack, actor).await?;
    for unit in claim.joining.iter().filter(|unit| unit.id != lead.id) {
        add_joining(tx, &row, (unit, "配合牵头单位办理", due), meeting, actor).await?;
    }
    Ok(())
}

/// A department joins the lead.
pub async fn join(tx: &mut Tx, key: Key<'_>, unit: &Department, promise: &str, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let (true, Some(due)) = (state.is_in_hand(), state.due()) else {
        return Err(Refusal::whole(text!("还没有单位牵头，请直接认领。")).into());
    };
    if row.unit_id.as_deref() == Some(unit.id.as_str()) {
        return Err(Refusal::whole(text!("本单位已经牵头，不用再配合。")).into());
    }
    add_joining(tx, &row, (unit, promise, due), None, actor).await?;
    let change = Change::made(json!({"unit": unit.name, "until": due}));
    Ok(audit::write(tx, key.0, actor, "problem.join", Subject { kind: KIND, id: key.1 }, change).await?)
}

async fn add_joining(
    tx: &mut Tx,
    row: &ProblemRow,
    (unit, promise, due): (&Department, &str, Day),
    meeting: Option<&(CountyId, String)>,
    actor: &Actor,
) -> AppResult<()> {
    let new = NewClaim { unit, is_lead: false, promise, due, meeting };
    let Some(id) = store::add_claim(tx, row.county_id, &row.id, &new, actor.today).await? else {
        return Err(Refusal::whole(text!("{unit}已经认领过这个问题。", unit = unit.name)).into());
    };
    let event = NewEvent { act: "join", unit_name: Some(&unit.name), words: Some(promise), ..NewEvent::default() };
    events::add(tx, row.county_id, (KIND, &row.id), event, actor).await?;
    let task = TaskDraft {
        kind: "problem_join",
        title: format!("配合办理：{}", row.title),
        detail: row.unit_name.as_ref().map(|lead| format!("{lead}牵头")),
        link: row.address(),
        role: Role::Department,
        division: row.village,
        due,
        origin_kind: "problem_claim",
        origin_id: id,
    };
    Ok(tasks::open_for_unit(tx, &task, &unit.id, actor.at).await?)
}

/// Ends what the units had in hand: their tasks too.
async fn end_claims(tx: &mut Tx, row: &ProblemRow, why: &str, actor: &Actor) -> AppResult<()> {
    for claim in store::claims(tx, row.county_id, &row.id).await?.iter().filter(|claim| claim.ended_on.is_none()) {
        tasks::close_all(tx, row.county_id, ("problem_claim", &claim.id), actor).await?;
    }
    Ok(store::end_claims(tx, row.county_id, &row.id, None, (actor.today, why)).await?)
}

/// "Not ours": only by naming whose it is and why. The office decides.
pub async fn not_ours(
    tx: &mut Tx,
    key: Key<'_>,
    from: &Department,
    (whose, why): (&Department, &str),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    if from.id == whose.id {
        return Err(Refusal::at("whose", text!("请选另一个单位：说不归本单位，就要说归谁")).into());
    }
    let (mut row, state) = lock(tx, key).await?;
    let next = state.not_ours()?;
    end_claims(tx, &row, why, actor).await?;
    row.unit_id = None;
    row.unit_name = None;
    (row.meeting_county, row.meeting_id) = (None, None);
    let said = format!("应归{}：{why}", whose.name);
    let event = NewEvent { act: "not_ours", unit_name: Some(&from.name), words: Some(&said), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.not_ours", event), pack, actor).await
}

/// How far it is.
pub async fn report(
    tx: &mut Tx,
    key: Key<'_>,
    (unit, words, files): (&Department, &str, &[String]),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.report()?;
    let (unit_name, words) = (Some(unit.name.as_str()), Some(words));
    let event = NewEvent { act: "report", unit_name, words, files, ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.report", event), pack, actor).await
}

/// Takes a photo or paper off again while the problem is open: only one that `whose` department sent, where one is named.
pub async fn remove_file(tx: &mut Tx, key: Key<'_>, file: &str, whose: Option<&str>, actor: &Actor) -> AppResult<()> {
    let (_, state) = lock(tx, key).await?;
    if !state.is_open() {
        return Err(Refusal::whole(text!("已经了结的问题，照片和材料不再改动。")).into());
    }
    let all = evidence::store::list(tx, key.0, (KIND, key.1)).await?;
    let known = all.into_iter().find(|row| row.file_id == file).ok_or(AppError::NotFound)?;
    let step = events::list(tx, key.0, KIND, key.1).await?.into_iter().find(|step| step.id == known.part);
    if whose.is_some() && step.and_then(|step| step.unit_name).as_deref() != whose {
        return Err(AppError::Forbidden);
    }
    evidence::store::remove(tx, key.0, (KIND, key.1), file).await?;
    let said = evidence::counted(std::slice::from_ref(&known)).zh();
    let event = NewEvent { act: "files_off", unit_name: whose, words: Some(&said), ..NewEvent::default() };
    events::add(tx, key.0, (KIND, key.1), event, actor).await?;
    let change = Change::changed(json!({"step": known.part, "files": 1}), json!({"files": 0}));
    Ok(audit::write(tx, key.0, actor, "problem.files", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// A meeting urges whoever has it in hand, perhaps with another day.
pub async fn urge(
    tx: &mut Tx,
    key: Key<'_>,
    (words, due): (&str, Option<Day>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    if !state.is_in_hand() {
        return Err(Refusal::whole(text!("这个问题现在没有单位在办，不能督办。")).into());
    }
    let next = match due {
        Some(due) if due < actor.today => {
            return Err(Refusal::at("due", text!("办结日期不能早于今天")).into());
        }
        Some(due) => {
            store::move_due(tx, key.0, key.1, due).await?;
            State::UnderWay { due }
        }
        None => state,
    };
    let event = NewEvent { act: "urge", words: Some(words), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.urge", event), pack, actor).await
}

/// Done, with evidence in words; the reporter is asked.
pub async fn solve(
    tx: &mut Tx,
    key: Key<'_>,
    (unit, evidence, files): (&Department, &str, &[String]),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.solve()?;
    let (unit_name, words) = (Some(unit.name.as_str()), Some(evidence));
    let event = NewEvent { act: "solve", unit_name, words, files, ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.solve", event), pack, actor).await
}

/// Answered on the spot, by a department or for it.
pub async fn answer(
    tx: &mut Tx,
    key: Key<'_>,
    (unit, words): (Option<&Department>, &str),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let (mut row, state) = lock(tx, key).await?;
    let next = state.answer()?;
    if let Some(unit) = unit {
        row.unit_id = Some(unit.id.clone());
        row.unit_name = Some(unit.name.clone());
    }
    let name = row.unit_name.clone();
    let event = NewEvent { act: "answer", unit_name: name.as_deref(), words: Some(words), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.answer", event), pack, actor).await
}

/// The reporter says that it is solved: struck off (销号).
pub async fn confirm(tx: &mut Tx, key: Key<'_>, words: Option<&str>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let next = state.confirm()?;
    end_claims(tx, &row, STRUCK_OFF, actor).await?;
    let event = NewEvent { act: "confirm", words, ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.confirm", event), pack, actor).await?;
    tell(tx, &row, (true, words), pack, actor).await
}

/// The reporter says that it is not: back, with a reason.
pub async fn send_back(tx: &mut Tx, key: Key<'_>, why: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    let due = actor.today.plus_days(pack.problem_due_days());
    let next = state.send_back(due)?;
    store::move_due(tx, key.0, key.1, due).await?;
    let event = NewEvent { act: "send_back", words: Some(why), ..NewEvent::default() };
    carry(tx, &row, &next, ("problem.send_back", event), pack, actor).await
}

/// Sends an adviser for a problem, with the reason.
pub async fn send_adviser(
    tx: &mut Tx,
    key: Key<'_>,
    person: (CountyId, &str, &str),
    why: &str,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, key).await?;
    if !state.is_open() {
        return Err(Refusal::whole(text!("问题已经了结，不用再请顾问。")).into());
    }
    if !store::add_adviser(tx, key, person, why, actor).await? {
        return Err(Refusal::at("person", text!("{name}已经请过了", name = person.2)).into());
    }
    let said = format!("{}：{why}", person.2);
    events::add(
        tx,
        key.0,
        (KIND, key.1),
        NewEvent { act: "adviser", words: Some(&said), ..NewEvent::default() },
        actor,
    )
    .await?;
    let task = TaskDraft {
        kind: "problem_advice",
        title: format!("记下顾问意见：{}", row.title),
        detail: Some(format!("顾问{}", person.2)),
        link: row.address(),
        role: Role::Office,
        division: row.village,
        due: actor.today.plus_days(14),
        origin_kind: "problem_adviser",
        origin_id: format!("{}/{}", key.1, person.1),
    };
    tasks::open(tx, &task, actor.at).await?;
    let change = Change::made(json!({"person": person.2, "why": why}));
    Ok(audit::write(tx, key.0, actor, "problem.adviser", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// What an adviser said.
pub async fn advise(tx: &mut Tx, key: Key<'_>, person_id: &str, advice: &str, actor: &Actor) -> AppResult<()> {
    lock(tx, key).await?;
    let sent = store::advisers(tx, key.0, key.1).await?.into_iter().find(|one| one.person_id == person_id);
    let sent = sent.ok_or(AppError::NotFound)?;
    store::save_advice(tx, key, person_id, advice, actor.today).await?;
    let said = format!("{}：{advice}", sent.person_name);
    events::add(tx, key.0, (KIND, key.1), NewEvent { act: "advice", words: Some(&said), ..NewEvent::default() }, actor)
        .await?;
    tasks::close_all(tx, key.0, ("problem_adviser", &format!("{}/{person_id}", key.1)), actor).await?;
    let change = Change::made(json!({"person": sent.person_name, "words": advice}));
    Ok(audit::write(tx, key.0, actor, "problem.advice", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// How many climb in one transaction.
const AT_ONCE: i64 = 200;

/// What the calendar brings: a county's problems that are late by the pack's days climb to the city. Returns how many.
pub async fn every_day(tx: &mut Tx, county: CountyId, pack: &Pack, actor: &Actor) -> AppResult<usize> {
    let before = actor.today.plus_days(-pack.problem_climb_days());
    let late = store::climbing(tx, county, before, AT_ONCE).await?;
    for id in &late {
        let (mut row, state) = lock(tx, (county, id)).await?;
        row.level = "city".into();
        let said = row.due.map(|due| format!("应在 {due} 前办结"));
        let event = NewEvent { act: "climb", words: said.as_deref(), ..NewEvent::default() };
        carry(tx, &row, &state, ("problem.climb", event), pack, actor).await?;
        let city = county.division().at(Level::City);
        let task = TaskDraft {
            kind: "problem_city",
            title: format!("县里逾期的问题：{}", row.title),
            detail: row.unit_name.as_ref().map(|unit| format!("{unit}牵头")),
            link: row.address(),
            role: Role::Office,
            division: city,
            due: actor.today.plus_days(pack.problem_claim_days()),
            origin_kind: KIND,
            origin_id: row.id.clone(),
        };
        tasks::open(tx, &task, actor.at).await?;
    }
    Ok(late.len())
}
