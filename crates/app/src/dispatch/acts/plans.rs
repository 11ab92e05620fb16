//! Solving: asked for, carried out by a job on a thread of its own, kept; and what is decided by hand between two solves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use assign::{Checked, Locks, Options, Progress, Watch, solve, verify};
use base::{
    db::{Conn, Tx},
    kernel::{Clock, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{fresh, note, problem_of};
use crate::{
    accounts::Actor,
    app::App,
    dispatch::{
        rules::{Kept, fault},
        store::{self, NewPlan, PlanRow, Round},
    },
    packs::Pack,
    spine::jobs::{self, Job},
    units,
};

/// The kind of its jobs.
pub const JOB: &str = "dispatch";
/// How often a plan's page hears how far the search is.
const BEAT: Duration = Duration::from_millis(400);

#[derive(Serialize, Deserialize)]
struct Ticket {
    plan: String,
    account_id: String,
    name: String,
}

/// Queues a solve of the round as it stands, without a unit where one is named; returns the plan's id.
pub async fn order(tx: &mut Tx, round: &Round, without: Option<&str>, actor: &Actor) -> AppResult<String> {
    let left = match without {
        Some(unit) => Some(sender(tx, round, unit).await?),
        None => None,
    };
    let (without, left) = left.unzip();
    let without = without.as_deref();
    let plan = fresh();
    let ticket = Ticket { plan: plan.clone(), account_id: actor.account_id.clone(), name: actor.name.clone() };
    let ticket = serde_json::to_string(&ticket).map_err(|error| AppError::Internal(error.into()))?;
    let job_id = jobs::add(tx, round.county, JOB, &ticket, actor).await?;
    let number = store::add_plan(tx, round, &NewPlan { id: &plan, without, job_id: &job_id }, actor).await?;
    let words = match &left {
        Some(unit) => format!("方案 {number}：假设{unit}不派"),
        None => format!("方案 {number}"),
    };
    let after = json!({"number": number, "unit": left});
    note(tx, round, ("dispatch.order", "order", Some(&words)), after, actor).await?;
    Ok(plan)
}

/// Units of one name that a refusal lists at most.
const NAMED: usize = 8;

/// Id and name of a unit that has candidates, by its id, its name or the part of it that no other has.
async fn sender(tx: &mut Tx, round: &Round, asked: &str) -> AppResult<(String, String)> {
    let mut all = store::senders(tx, round).await?;
    if let Some(at) = all.iter().position(|one| one.id == asked) {
        let one = all.swap_remove(at);
        return Ok((one.id, one.name));
    }
    if all.iter().any(|one| one.name == asked) {
        all.retain(|one| one.name == asked);
    } else {
        all.retain(|one| one.name.contains(asked));
    }
    match all.as_slice() {
        [one] => Ok((one.id.clone(), one.name.clone())),
        [] => Err(Refusal::at("without", text!("有人选的派出单位里没有“{name}”。", name = asked)).into()),
        several => {
            let mut names = several.iter().take(NAMED).map(|one| one.name.as_str()).collect::<Vec<_>>().join("、");
            if several.len() > NAMED {
                names.push('等');
            }
            let said = text!("叫这个的单位有 {n} 个，请写全名：{names}", n = several.len(), names = names);
            Err(Refusal::at("without", said).into())
        }
    }
}

/// The problem with the round's locks, or why it is none, a sentence each.
async fn checked(
    conn: &mut Conn,
    round: &Round,
    without: Option<&str>,
    pack: &Pack,
) -> AppResult<Result<Checked, Vec<String>>> {
    let mut problem = problem_of(conn, round, pack).await?;
    let mut locks = Locks::default();
    for (village, (unit, people)) in store::locks(conn, round).await? {
        if without == Some(unit.as_str()) {
            continue;
        }
        let village = village.to_string();
        locks.people.extend(people.into_iter().map(|person| (person, village.clone())));
        locks.units.push((village, unit));
    }
    for unit in problem.units.iter_mut().filter(|unit| without == Some(unit.id.as_str())) {
        unit.max_teams = 0;
    }
    let named = problem.clone();
    let found = problem.check().and_then(|checked| checked.with_locks(locks));
    Ok(found.map_err(|faults| faults.iter().map(|one| fault(one, &named)).collect()))
}

/// Holds what was decided by hand against the rules: a pairing that breaks one is refused with its reasons.
pub async fn judge(conn: &mut Conn, round: &Round, pack: &Pack) -> AppResult<()> {
    match checked(conn, round, None, pack).await? {
        Ok(_) => Ok(()),
        Err(faults) => {
            let said = faults.into_iter().take(5).collect::<Vec<_>>().join("；");
            Err(Refusal::at("unit", text!("不能这样配：{why}", why = said)).into())
        }
    }
}

/// How far a search is, shared with the thread that searches.
#[derive(Default)]
struct Meter {
    said: Mutex<Option<Progress>>,
    stop: AtomicBool,
}

fn search(checked: &Checked, meter: &Meter) -> Result<Kept, AppError> {
    let progress = |now: Progress| {
        if let Ok(mut said) = meter.said.lock() {
            *said = Some(now);
        }
    };
    let stop = || meter.stop.load(Ordering::Relaxed);
    let plan = solve(checked, &Options::default(), Watch { progress: &progress, stop: &stop });
    verify(checked, &plan).map_err(|breaches| {
        let said: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        AppError::internal(format!("a plan breaks its own rules: {}", said.join("; ")))
    })?;
    Ok(Kept::of(checked, &plan))
}

async fn keep(
    tx: &mut Tx,
    round: &Round,
    plan: &PlanRow,
    found: Result<&Kept, &[String]>,
    actor: &Actor,
) -> AppResult<()> {
    if !store::finish_plan(tx, round.county, &plan.id, found).await? {
        return Ok(());
    }
    let (words, after) = match found {
        Ok(kept) => (
            format!(
                "方案 {}：得分 {}，派出 {} 队 {} 人，派不出 {} 村",
                plan.number,
                kept.objective,
                kept.teams.len(),
                kept.assigned(),
                kept.unmet.len()
            ),
            json!({"number": plan.number, "result": kept.objective, "rows": kept.assigned()}),
        ),
        Err(faults) => (
            format!("方案 {} 没有排成：{}", plan.number, faults.join("；")),
            json!({"number": plan.number, "why": faults}),
        ),
    };
    note(tx, round, ("dispatch.solve", "solve", Some(&words)), after, actor).await
}

/// Carries out a plan's job.
pub async fn work(app: &App, job: &Job) -> AppResult<()> {
    let ticket: Ticket = serde_json::from_str(&job.input).map_err(|error| AppError::Internal(error.into()))?;
    let mut conn = app.db.read().await?;
    let plan = store::find_plan(&mut conn, job.county_id, &ticket.plan).await?.ok_or(AppError::NotFound)?;
    if plan.state != "waiting" {
        return Ok(());
    }
    let round = store::find_round(&mut conn, job.county_id, &plan.round_id).await?.ok_or(AppError::NotFound)?;
    let pack = app.pack(&mut conn, job.county_id).await?;
    let without = plan.without.as_ref().map(|(unit, _)| unit.as_str());
    let checked = checked(&mut conn, &round, without, pack).await?;
    drop(conn);
    let found = match checked {
        Err(faults) => Err(faults),
        Ok(checked) => {
            let meter = Arc::new(Meter::default());
            meter.stop.store(plan.stop, Ordering::Relaxed);
            let thread = {
                let meter = Arc::clone(&meter);
                tokio::task::spawn_blocking(move || search(&checked, &meter))
            };
            Ok(watched(app, job, &plan, &meter, thread).await?)
        }
    };
    let actor =
        Actor { account_id: ticket.account_id, name: ticket.name, at: app.clock.now(), today: app.clock.today() };
    let mut tx = app.db.begin().await?;
    keep(&mut tx, &round, &plan, found.as_ref().map_err(Vec::as_slice), &actor).await?;
    Ok(tx.commit().await?)
}

type Thread = tokio::task::JoinHandle<AppResult<Kept>>;

/// Waits for the thread that searches; tells the job how far it is, and the thread when it shall stop.
async fn watched(app: &App, job: &Job, plan: &PlanRow, meter: &Meter, mut thread: Thread) -> AppResult<Kept> {
    loop {
        if let Ok(ended) = tokio::time::timeout(BEAT, &mut thread).await {
            return ended.map_err(|error| AppError::Internal(error.into()))?;
        }
        if store::is_stopped(&mut app.db.read().await?, job.county_id, &plan.id).await? {
            meter.stop.store(true, Ordering::Relaxed);
        }
        let said = meter.said.lock().ok().and_then(|said| *said);
        let message = said.map_or_else(String::new, |now| format!("已得 {}，上界 {}", now.objective, now.bound));
        let mut tx = app.db.begin().await?;
        jobs::progress(&mut tx, job, 0, 0, &message, Clock::system().now()).await?;
        tx.commit().await?;
    }
}

/// Solves at once in the caller's transaction: how a demo brings a plan. Returns the plan's id.
pub async fn solve_now(
    tx: &mut Tx,
    round: &Round,
    without: Option<&str>,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<String> {
    let plan = fresh();
    store::add_plan(tx, round, &NewPlan { id: &plan, without, job_id: "" }, actor).await?;
    let row = store::find_plan(tx, round.county, &plan).await?.ok_or(AppError::NotFound)?;
    let found = match checked(tx, round, without, pack).await? {
        Ok(checked) => Ok(search(&checked, &Meter::default())?),
        Err(faults) => Err(faults),
    };
    keep(tx, round, &row, found.as_ref().map_err(Vec::as_slice), actor).await?;
    Ok(plan)
}

/// What of a pairing is decided by hand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Locked<'a> {
    /// The unit; its people stay free.
    Unit(&'a str),
    /// The unit and these people of it.
    Team(&'a str, &'a [String]),
}

/// Locks a village's pairing for the solves to come.
pub async fn lock(
    tx: &mut Tx,
    round: &Round,
    village: DivisionCode,
    locked: Locked<'_>,
    actor: &Actor,
) -> AppResult<()> {
    let asked = store::find_village(tx, round, village).await?;
    let asked = asked.ok_or_else(|| Refusal::whole(text!("村 {code} 不在村需求里，不能锁定。", code = village)))?;
    let (unit, people): (&str, &[String]) = match locked {
        Locked::Unit(unit) => (unit, &[]),
        Locked::Team(unit, people) => (unit, people),
    };
    let found = units::store::find(tx, unit).await?.filter(|one| round.takes(one.county_id));
    let name = found.ok_or_else(|| Refusal::at("unit", text!("派出单位里没有 {id}。", id = unit)))?.name;
    if let Some(stranger) = stranger(tx, round, unit, people).await? {
        return Err(Refusal::at(
            "person",
            text!("{person}不在{unit}的名单里，不能锁定。", person = stranger, unit = name),
        )
        .into());
    }
    store::lock_village(tx, round, village, (unit, people)).await?;
    let what = if people.is_empty() { "单位".to_owned() } else { format!("{} 人", people.len()) };
    let words = format!("{} ↔ {name}，锁定{what}", asked.name);
    let after = json!({"village": asked.name, "unit": name, "rows": people.len()});
    note(tx, round, ("dispatch.lock", "lock", Some(&words)), after, actor).await
}

/// The first of these people who is not in the pool for the unit.
async fn stranger(tx: &mut Tx, round: &Round, unit: &str, people: &[String]) -> AppResult<Option<String>> {
    let pool = store::find_people(tx, round, people).await?;
    let is_of = |id: &&String| {
        pool.iter().any(|one| one.person_id == **id && one.unit.as_ref().is_some_and(|(own, ..)| own == unit))
    };
    Ok(people.iter().find(|id| !is_of(id)).cloned())
}

pub async fn unlock(tx: &mut Tx, round: &Round, village: DivisionCode, actor: &Actor) -> AppResult<()> {
    let name = super::demand::village_name(tx, village).await?;
    store::unlock_village(tx, round, village).await?;
    note(tx, round, ("dispatch.lock", "unlock", Some(&name)), json!({"village": name}), actor).await
}
