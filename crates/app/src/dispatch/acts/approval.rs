//! Approval: what a plan that was put forward makes, held once more against all rules as things now stand.

use assign::verify;
use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{KIND, ask_approval, note, problem_of};
use crate::{
    accounts::Actor,
    dispatch::{
        rules::{breach, fault},
        store::{self, PlanRow, Round},
    },
    packs::Pack,
    spine::tasks,
};

/// A team to appoint: its village, the neighbours it covers, its unit and its people, the leader first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pairing {
    pub village: DivisionCode,
    pub neighbours: Vec<DivisionCode>,
    pub unit_id: String,
    /// Person and name.
    pub people: Vec<(String, String)>,
}

/// What an approval makes in its county.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approved {
    pub county: CountyId,
    pub name: String,
    pub starts_on: Day,
    pub term_months: i64,
    pub pairings: Vec<Pairing>,
}

async fn solved(tx: &mut Tx, round: &Round, plan: &str) -> AppResult<PlanRow> {
    let plan = store::find_plan(tx, round.county, plan).await?.filter(|plan| plan.round_id == round.id);
    let plan = plan.ok_or(AppError::NotFound)?;
    if plan.kept.is_none() {
        return Err(Refusal::whole(text!("这个方案还没有排成。")).into());
    }
    Ok(plan)
}

/// Puts a plan forward: whoever approves is asked.
pub async fn propose(tx: &mut Tx, round: &Round, plan: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let plan = solved(tx, round, plan).await?;
    if plan.kept.as_ref().is_some_and(|kept| kept.teams.is_empty()) {
        return Err(Refusal::whole(text!("这个方案一队也派不出，不能送审。")).into());
    }
    store::propose(tx, round, Some(&plan.id)).await?;
    ask_approval(tx, round, Some(plan.number), pack, actor).await?;
    let words = format!("方案 {}", plan.number);
    note(tx, round, ("dispatch.propose", "propose", Some(&words)), json!({"number": plan.number}), actor).await
}

/// Takes back what was put forward: by the office, or by whoever approves, with a reason.
pub async fn take_back(tx: &mut Tx, round: &Round, why: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    if round.proposed.is_none() {
        return Err(Refusal::whole(text!("没有送审的方案。")).into());
    }
    if why.trim().is_empty() {
        return Err(Refusal::at("reason", text!("请写退回的原因。")).into());
    }
    store::propose(tx, round, None).await?;
    ask_approval(tx, round, None, pack, actor).await?;
    note(tx, round, ("dispatch.take_back", "take_back", Some(why.trim())), json!({"why": why.trim()}), actor).await
}

/// What the plan put forward makes, where it still keeps every rule; otherwise a refusal that names what changed.
pub async fn check_approval(tx: &mut Tx, round: &Round, pack: &Pack) -> AppResult<Approved> {
    round.state.require_planning()?;
    let proposed = round.proposed.as_deref().ok_or_else(|| Refusal::whole(text!("还没有送审的方案。")))?;
    let plan = solved(tx, round, proposed).await?;
    let kept = plan.kept.ok_or(AppError::NotFound)?;
    let problem = problem_of(tx, round, pack).await?;
    let named = problem.clone();
    let checked = problem.check().map_err(|faults| {
        let said = faults.iter().map(|one| fault(one, &named)).collect::<Vec<_>>().join("；");
        Refusal::whole(text!("方案 {n} 不能批准：{why}", n = plan.number, why = said))
    })?;
    if let Err(breaches) = verify(&checked, &kept.plan()) {
        let said = breaches.iter().take(5).map(|one| breach(one, &named).zh()).collect::<Vec<_>>().join("；");
        return Err(Refusal::whole(text!(
            "方案 {n} 排好以后有变动：{why}。请重新排一次再送审。",
            n = plan.number,
            why = said
        ))
        .into());
    }
    let code = |text: &str| {
        DivisionCode::parse(text).ok_or_else(|| AppError::internal(format!("plan {} names {text}", plan.id)))
    };
    let mut pairings = Vec::new();
    for team in &kept.teams {
        let covered = kept.covered.iter().filter(|one| one.by == team.village);
        pairings.push(Pairing {
            village: code(&team.village)?,
            neighbours: covered.map(|one| code(&one.village)).collect::<AppResult<_>>()?,
            unit_id: team.unit.clone(),
            people: team.people.iter().map(|one| (one.id.clone(), one.name.clone())).collect(),
        });
    }
    Ok(Approved {
        county: round.county,
        name: round.name.clone(),
        starts_on: round.starts_on,
        term_months: round.term_months,
        pairings,
    })
}

/// Ends the round with the batch that its approval made.
pub async fn finish_approval(
    tx: &mut Tx,
    round: &Round,
    batch: (&str, i64),
    counts: (usize, usize, usize),
    actor: &Actor,
) -> AppResult<()> {
    let (teams, people, handovers) = counts;
    store::end_round(tx, round, Some(batch.0), actor).await?;
    tasks::close_all(tx, round.county, (KIND, &round.id), actor).await?;
    let words = format!("第 {} 批：{teams} 队 {people} 人，准备交接 {handovers} 份", batch.1);
    let after = json!({"number": batch.1, "teams": teams, "rows": people, "handovers": handovers});
    note(tx, round, ("dispatch.approve", "approve", Some(&words)), after, actor).await
}
