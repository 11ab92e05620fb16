//! Approval: what a plan that was put forward makes, held once more against all rules as things now stand.

use std::collections::{BTreeMap, HashMap};

use assign::verify;
use base::{
    db::{Conn, Tx},
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{KIND, ask_approval, note, problem_of};
use crate::{
    accounts::Actor,
    dispatch::{
        rules::{KeptPerson, State, breach, fault},
        store::{self, PlanRow, Round},
    },
    packs::Pack,
    spine::{
        audit::{self, Change, Subject},
        jobs, tasks,
    },
};

/// A team to appoint: its village, the neighbours it covers, its unit and its people, the leader first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pairing {
    pub village: DivisionCode,
    pub neighbours: Vec<DivisionCode>,
    pub unit_id: String,
    /// The county that keeps the file, the person, and the name.
    pub people: Vec<((CountyId, String), String)>,
}

/// What an approval makes in a county.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approved {
    pub county: CountyId,
    pub name: String,
    pub starts_on: Day,
    pub term_months: i64,
    pub pairings: Vec<Pairing>,
}

async fn solved(conn: &mut Conn, round: &Round, plan: &str) -> AppResult<PlanRow> {
    let plan = store::find_plan(conn, round.county, plan).await?.filter(|plan| plan.round_id == round.id);
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

/// What the plan put forward makes, county by county, where it still keeps every rule; otherwise a refusal that names
/// what changed.
pub async fn check_approval(conn: &mut Conn, round: &Round, pack: &Pack) -> AppResult<Vec<Approved>> {
    let proposed = round.proposed.as_deref().ok_or_else(|| Refusal::whole(text!("还没有送审的方案。")))?;
    let plan = solved(conn, round, proposed).await?;
    let kept = plan.kept.ok_or(AppError::NotFound)?;
    let problem = problem_of(conn, round, pack).await?;
    let named = problem.clone();
    let checked = problem.check().map_err(|faults| {
        let said = faults.iter().take(5).map(|one| fault(one, &named)).collect::<Vec<_>>().join("；");
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
    let keeper = store::keepers(conn, round).await?;
    let code = |text: &str| {
        DivisionCode::parse(text).ok_or_else(|| AppError::internal(format!("plan {} names {text}", plan.id)))
    };
    let mut covered: HashMap<&str, Vec<DivisionCode>> = HashMap::new();
    for one in &kept.covered {
        covered.entry(one.by.as_str()).or_default().push(code(&one.village)?);
    }
    let mut by_county: BTreeMap<CountyId, Vec<Pairing>> = BTreeMap::new();
    for team in &kept.teams {
        let village = code(&team.village)?;
        let person = |one: &KeptPerson| {
            let county = keeper.get(&one.id).copied().unwrap_or(village.county());
            ((county, one.id.clone()), one.name.clone())
        };
        by_county.entry(village.county()).or_default().push(Pairing {
            village,
            neighbours: covered.remove(team.village.as_str()).unwrap_or_default(),
            unit_id: team.unit.clone(),
            people: team.people.iter().map(person).collect(),
        });
    }
    let approved = |(county, pairings)| Approved {
        county,
        name: round.name.clone(),
        starts_on: round.starts_on,
        term_months: round.term_months,
        pairings,
    };
    Ok(by_county.into_iter().map(approved).collect())
}

/// The round that is being approved, locked; none where that has ended or was broken off.
pub async fn approving(tx: &mut Tx, county: CountyId, id: &str) -> AppResult<Option<Round>> {
    let round = store::lock_round(tx, county, id).await?.ok_or(AppError::NotFound)?;
    Ok(matches!(round.state, State::Approving { .. }).then_some(round))
}

/// Approves a round that is too much for one transaction: from here on a job carries it out, unseen.
pub async fn begin_approval(
    tx: &mut Tx,
    round: &Round,
    run: &str,
    (kind, ticket): (&'static str, &str),
    actor: &Actor,
) -> AppResult<()> {
    let job = jobs::add(tx, round.county, kind, ticket, actor).await?;
    store::begin_approval(tx, round, (run, &job), actor).await?;
    let after = json!({"name": round.name});
    note(tx, round, ("dispatch.begin_approval", "begin_approval", None), after, actor).await
}

/// The approval is broken off before anything of it was seen; the plan stays put forward.
pub async fn break_off(tx: &mut Tx, round: &Round, why: &str, actor: &Actor) -> AppResult<()> {
    store::reopen_round(tx, round).await?;
    note(tx, round, ("dispatch.break_off", "break_off", Some(why)), json!({"why": why}), actor).await
}

/// The audit line of a county in which an approval above it made something.
pub async fn told(
    tx: &mut Tx,
    round: &Round,
    county: CountyId,
    number: i64,
    (teams, people, handovers): (usize, usize, usize),
    actor: &Actor,
) -> AppResult<()> {
    let after = json!({"name": round.name, "number": number, "teams": teams, "rows": people, "handovers": handovers});
    let subject = Subject { kind: KIND, id: &round.id };
    Ok(audit::write(tx, county, actor, "dispatch.approve", subject, Change::made(after)).await?)
}

/// Ends the round with what its approval made: a batch, or one in each of several counties.
pub async fn finish_approval(
    tx: &mut Tx,
    round: &Round,
    batch: (&str, Option<i64>),
    counts: (usize, usize, usize),
    actor: &Actor,
) -> AppResult<()> {
    let (teams, people, handovers) = counts;
    store::end_round(tx, round, Some(batch.0), actor).await?;
    tasks::close_all(tx, round.county, (KIND, &round.id), actor).await?;
    let made = format!("{teams} 队 {people} 人，准备交接 {handovers} 份");
    let words = batch.1.map_or_else(|| made.clone(), |number| format!("第 {number} 批：{made}"));
    let after = json!({"number": batch.1, "teams": teams, "rows": people, "handovers": handovers});
    note(tx, round, ("dispatch.approve", "approve", Some(&words)), after, actor).await
}
