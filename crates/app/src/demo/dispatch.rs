//! A round of dispatch planning under way in 社旗: the batch after the running one, for two townships.
//!
//! Candidates are people of earlier batches who hold no post now, so that nobody is invented for it and no figure moves.
//! Most have passed the three gates; some wait for one, two were refused. The villages are those of the registers, one
//! with a unit that is fixed, one with a unit that keeps away. Two plans are solved: one of all, one without a unit.

use base::{
    db::Tx,
    kernel::{Clock, CountyId, DivisionCode},
    web::AppError,
};

use super::{
    load::Ids,
    world::{UnitLevel, World},
};
use crate::{
    accounts::Actor,
    dispatch::{
        Gate, NewRound,
        acts::{self, Locked, Sitting},
        store::{self, Nominee},
    },
    packs::Pack,
};

/// 苗店镇 and 兴隆镇.
const TOWNSHIPS: [i64; 2] = [411_327_107_000, 411_327_104_000];
/// How many are nominated at most.
const POOL: usize = 84;
const OFFICE: &str = "宋知远";

/// People of units that send teams who served in an earlier batch and not in the running one, the latest first.
fn candidates(world: &World) -> Vec<usize> {
    let current = world.batches.len().saturating_sub(1);
    let mut found = Vec::new();
    for posting in world.postings.iter().rev().filter(|posting| posting.batch < current) {
        let person = posting.person;
        let again = || world.postings.iter().any(|one| one.person == person && one.batch == current);
        let sends = world.units[world.people[person].unit].level != UnitLevel::Township;
        if sends && !found.contains(&person) && !again() {
            found.push(person);
        }
    }
    found.truncate(POOL);
    found
}

pub(super) async fn load(tx: &mut Tx, county: CountyId, world: &World, ids: &Ids, pack: &Pack) -> Result<(), AppError> {
    let Some(batch) = world.batches.last() else { return Ok(()) };
    let actor = Actor {
        account_id: "demo".into(),
        name: OFFICE.into(),
        at: Clock::fixed(world.today).now(),
        today: world.today,
    };
    let new = NewRound {
        name: "第四批（预排）".into(),
        starts_on: batch.start.plus_months(i64::from(batch.term_months)),
        term_months: 24,
        parts: TOWNSHIPS.into_iter().filter_map(DivisionCode::from_i64).collect(),
    };
    let id = acts::open(tx, county.division(), &new, pack, &actor).await?;
    let round = acts::planning(tx, county, &id).await?;
    // Those whom the county itself keeps.
    let people: Vec<usize> = candidates(world).into_iter().filter(|person| ids.people[*person].0 == county).collect();
    let of = |units: &[usize]| -> Vec<Nominee> {
        let own = people.iter().filter(|person| units.contains(&world.people[**person].unit));
        own.map(|person| Nominee::of(county, &ids.people[*person].1)).collect()
    };
    let mut units: Vec<usize> = people.iter().map(|person| world.people[*person].unit).collect();
    units.sort_unstable();
    units.dedup();
    for unit in &units {
        acts::nominate(tx, &round, &of(&[*unit]), &world.units[*unit].name, &actor).await?;
    }
    sign(tx, &round, &people.iter().map(|person| ids.people[*person].1.clone()).collect::<Vec<_>>(), pack, &actor)
        .await?;
    by_hand(tx, &round, ids, &units, &actor).await?;
    let plan = acts::solve_now(tx, &round, None, pack, &actor).await?;
    let found = store::find_plan(tx, county, &plan).await?.and_then(|plan| plan.kept);
    if let Some(team) = found.as_ref().and_then(|kept| kept.teams.first())
        && let Some(village) = DivisionCode::parse(&team.village)
    {
        acts::lock(tx, &round, village, Locked::Unit(&team.unit), &actor).await?;
    }
    let busiest = found.as_ref().and_then(|kept| kept.teams.last()).map(|team| team.unit.clone());
    acts::solve_now(tx, &round, busiest.as_deref(), pack, &actor).await.map(drop)
}

/// All have passed the first gate; of the second two were refused, of the third a few are still to be decided.
async fn sign(
    tx: &mut Tx,
    round: &store::Round,
    people: &[String],
    pack: &Pack,
    actor: &Actor,
) -> Result<(), AppError> {
    let sitting = |gate: Gate, passed: bool, why: Option<&'static str>| Sitting {
        gate,
        passed,
        why,
        body: pack.gate_body(gate.code()),
    };
    acts::sign(tx, round, people, sitting(Gate::Politics, true, None), actor).await?;
    let (refused, clean) = people.split_at(people.len().min(2));
    if !refused.is_empty() {
        let why = Some("任前谈话反映平时请假多，建议暂缓");
        acts::sign(tx, round, refused, sitting(Gate::Conduct, false, why), actor).await?;
    }
    acts::sign(tx, round, clean, sitting(Gate::Conduct, true, None), actor).await?;
    let decided = clean.len().saturating_sub(6);
    acts::sign(tx, round, &clean[..decided], sitting(Gate::Ability, true, None), actor).await
}

/// One unit fixed to a village that it may serve, one kept away from another.
async fn by_hand(tx: &mut Tx, round: &store::Round, ids: &Ids, units: &[usize], actor: &Actor) -> Result<(), AppError> {
    let villages = store::villages(tx, round).await?;
    let mut light = villages.into_iter().filter(|one| one.category == assign::Category::Light);
    if let (Some(village), Some(unit)) = (light.next(), units.first()) {
        let fixed = Some(ids.units[*unit].clone());
        let asked = crate::dispatch::Demanded { fixed_unit: fixed, ..village };
        acts::save_village(tx, round, &asked, actor).await?;
    }
    if let (Some(village), Some(unit)) = (light.next(), units.last()) {
        let pair = (village.code, ids.units[*unit].as_str());
        acts::forbid(tx, round, pair, Some("上一轮与村里有宅基地纠纷，回避"), actor).await?;
    }
    Ok(())
}
