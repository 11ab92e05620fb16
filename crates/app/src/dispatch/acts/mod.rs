//! What is done in a round, each in the caller's transaction with its event, its tasks and one audit line.

mod approval;
mod demand;
mod plans;
mod pool;
mod tables;

use base::{
    db::Tx,
    kernel::{CountyId, DivisionCode, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::{Value, json};

pub use approval::{
    Approved, Pairing, approving, begin_approval, break_off, check_approval, finish_approval, propose, take_back, told,
};
pub use demand::{
    add_village, counties, forbid, problem_of, remove_village, save_unit, save_village, suggest, teams_usual,
};
pub use plans::{JOB, Locked, judge, lock, order, solve_now, unlock, work};
pub use pool::{Sitting, describe, nominate, remove, sign, some_of};
pub use tables::take_table;

use super::{
    rules::{NewRound, approver},
    store::{self, Round},
};
use crate::{
    accounts::{Actor, Role},
    packs::Pack,
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

/// The origin of its tasks.
pub const KIND: &str = "dispatch_round";

/// The round of a county, locked, while it is still planned.
pub async fn planning(tx: &mut Tx, county: CountyId, id: &str) -> AppResult<Round> {
    let round = store::lock_round(tx, county, id).await?.ok_or(AppError::NotFound)?;
    round.state.require_planning()?;
    Ok(round)
}

async fn note(
    tx: &mut Tx,
    round: &Round,
    (action, act, words): (&'static str, &'static str, Option<&str>),
    after: Value,
    actor: &Actor,
) -> AppResult<()> {
    store::add_event(tx, (round.county, &round.id), act, words, actor).await?;
    let subject = Subject { kind: KIND, id: &round.id };
    Ok(audit::write(tx, round.county, actor, action, subject, Change::made(after)).await?)
}

fn task(round: &Round, kind: &'static str, role: Role, title: String) -> TaskDraft {
    TaskDraft {
        kind,
        title,
        detail: Some(format!("拟于 {} 到岗", round.starts_on)),
        link: round.address(),
        role,
        division: round.place,
        due: round.starts_on,
        origin_kind: KIND,
        origin_id: round.id.clone(),
    }
}

/// Opens a round of a county, or of a city or province over all its counties, with what the registers suggest; returns
/// its id. One pack holds for all of it: that of the office that plans.
pub async fn open(tx: &mut Tx, place: DivisionCode, new: &NewRound, pack: &Pack, actor: &Actor) -> AppResult<String> {
    if let Some(part) = new.parts.iter().find(|part| !place.contains(**part)) {
        return Err(Refusal::at("part", text!("{code}不在这一轮的地方里。", code = part)).into());
    }
    let id = store::add_round(tx, place, new, actor).await?;
    let round = store::find_round(tx, place.county(), &id).await?.ok_or(AppError::NotFound)?;
    let villages = suggest(tx, &round, &new.parts, pack).await?;
    store::add_villages(tx, &round, &villages).await?;
    let mut draft = task(&round, "dispatch_plan", Role::Office, format!("排派驻计划：{}", round.name));
    draft.due = round.starts_on.plus_days(-pack.handover_days()).max(actor.today);
    tasks::open(tx, &draft, actor.at).await?;
    let after = json!({"name": round.name, "since": round.starts_on, "term_months": round.term_months,
                       "villages": villages.len()});
    note(tx, &round, ("dispatch.open", "open", None), after, actor).await?;
    Ok(id)
}

/// Gives a round up; its pool and plans stay to be read.
pub async fn drop_round(tx: &mut Tx, round: &Round, why: &str, actor: &Actor) -> AppResult<()> {
    round.state.require_planning()?;
    if why.trim().is_empty() {
        return Err(Refusal::at("reason", text!("请写停办的原因。")).into());
    }
    store::end_round(tx, round, None, actor).await?;
    tasks::close_all(tx, round.county, (KIND, &round.id), actor).await?;
    note(tx, round, ("dispatch.drop", "drop", Some(why.trim())), json!({"reason": why.trim()}), actor).await
}

/// How many sign-offs are missing is one task of the office, until none is.
async fn ask_signs(tx: &mut Tx, round: &Round, actor: &Actor) -> AppResult<()> {
    let (_, _, waiting) = store::count_candidates(tx, round).await?;
    if waiting == 0 {
        return Ok(tasks::close(tx, round.county, "dispatch_gates", (KIND, &round.id), actor).await?);
    }
    let mut draft = task(round, "dispatch_gates", Role::Office, format!("签三关：{} {waiting} 人待签", round.name));
    draft.link = format!("{}/pool?show=waiting", round.address());
    Ok(tasks::open(tx, &draft, actor.at).await?)
}

/// Whoever approves is asked, or no longer.
async fn ask_approval(tx: &mut Tx, round: &Round, plan: Option<i64>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let Some(number) = plan else {
        return Ok(tasks::close(tx, round.county, "dispatch_approval", (KIND, &round.id), actor).await?);
    };
    let title = format!("批准派驻计划：{} 方案 {number}", round.name);
    Ok(tasks::open(tx, &task(round, "dispatch_approval", approver(pack), title), actor.at).await?)
}

fn fresh() -> String {
    new_id()
}
