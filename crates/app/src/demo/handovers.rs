//! Three handovers, through the functions that pages use: one completed, one under way, one just prepared.
//!
//! Completed: the last change within the running batch. Under way: a member of 司庄村, whose successor is approved for a
//! later day, so that the member, the branch and the newcomer each have something to confirm.
//! Prepared: a member elsewhere, without a successor yet: the office's turn.

use base::{
    db::Tx,
    kernel::{CountyId, Day, Fen, new_id},
    web::AppError,
};

use super::{
    load::Ids,
    places::is_pinned,
    world::{EndReason, PostRole, Posting, Scope, World},
};
use crate::{
    accounts::Actor,
    flows,
    handover::{self, Acting, Answer, ByHand, Next, Party, Plan, Reason, Written},
    packs::Pack,
    postings::{self, Held, Ledger, store::NewPosting},
};

/// Days until the member of 司庄村 leaves, and since when the two go side by side.
const LEAVES_IN: i64 = 30;
const SIDE_SINCE: i64 = 10;

/// The indices of who left last within the running batch and who came.
pub fn completed(world: &World) -> Option<(usize, usize)> {
    let last = world.batches.len().checked_sub(1)?;
    let left = |(at, posting): (usize, &Posting)| {
        let (on, reason) = posting.ended?;
        let next = posting.successor?;
        (posting.batch == last && reason == EndReason::Transferred).then_some((on, at, next))
    };
    world.postings.iter().enumerate().filter_map(left).max().map(|(_, at, next)| (at, next))
}

/// The member of 司庄村 who is leaving.
fn leaving(world: &World) -> Option<usize> {
    let account = world.accounts.iter().find(|account| account.login == "member")?;
    let Some((_, Scope::Person(person))) = account.roles.first() else { return None };
    world.postings.iter().position(|posting| posting.person == *person && posting.holds(world.today))
}

/// Who comes to 司庄村: somebody of an earlier batch who holds no post now.
pub fn successor(postings: &[Posting], batches: usize) -> Option<usize> {
    let busy = |person: usize| postings.iter().any(|p| p.person == person && p.batch + 1 == batches);
    let served = postings.iter().rev().filter(|posting| posting.batch == 1).map(|posting| posting.person);
    served.into_iter().find(|person| !busy(*person))
}

/// The posting of the successor, approved for the day on which the member leaves.
pub fn coming(world: &World, ids: &Ids) -> Option<NewPosting> {
    let (old, person) = (&world.postings[leaving(world)?], successor(&world.postings, world.batches.len())?);
    let unit = world.people[person].unit;
    let held = Held {
        posting_id: new_id(),
        batch_id: ids.batches[old.batch].clone(),
        person: ids.people[person].clone(),
        unit_id: ids.units.get(unit).cloned(),
        unit_level: crate::units::UnitLevel::parse(world.units[unit].level.code()),
        village: world.villages[old.village].code,
        role: postings::PostRole::Member,
        ledger: Ledger::Province,
        state: postings::State::Approved,
        since: world.today.plus_days(LEAVES_IN),
    };
    let team_id = old.team.map(|team| ids.teams[team].clone());
    Some(NewPosting {
        held, team_id, person_name: world.people[person].name.clone(), note: Some("接替队员".into())
    })
}

/// Somebody doing something on a day.
fn actor(name: &str, today: Day) -> Actor {
    Actor { account_id: "demo".into(), name: name.into(), at: base::kernel::Clock::fixed(today).now(), today }
}

const OFFICE: &str = "宋知远";
const TOWNSHIP: &str = "乡镇党委";

/// Carries out the three.
pub async fn load(tx: &mut Tx, county: CountyId, world: &World, ids: &Ids, pack: &Pack) -> Result<(), AppError> {
    if let Some((old, new)) = completed(world) {
        complete(tx, county, world, (old, new), ids, pack).await?;
    }
    if let Some(old) = leaving(world) {
        under_way(tx, county, world, old, ids, pack).await?;
    }
    prepared(tx, county, world, ids, pack).await
}

fn line(kind: ByHand, title: &str, amount: Option<Fen>) -> Written {
    Written { kind, title: title.into(), note: None, amount }
}

async fn complete(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    (old, new): (usize, usize),
    ids: &Ids,
    pack: &Pack,
) -> Result<(), AppError> {
    let (left, came) = (&world.postings[old], &world.postings[new]);
    let Some((on, _)) = left.ended else { return Ok(()) };
    let next = Next {
        posting_id: ids.postings[new].clone(),
        person: ids.people[came.person].clone(),
        name: world.people[came.person].name.clone(),
        since: came.from,
    };
    let plan = Plan { leaves_on: on, reason: Reason::Transferred, next: Some(next) };
    let office = actor(OFFICE, on.plus_days(-21));
    let id = flows::announce_handover(tx, (county, &ids.postings[old]), plan, pack, &office).await?;
    let which = (county, id.as_str());
    handover::start(tx, county, &id, flows::OPEN_THINGS, &actor(OFFICE, on.plus_days(-20))).await?;
    let writes = actor(TOWNSHIP, on.plus_days(-18));
    for written in [
        line(ByHand::Lent, "村部大门和会议室钥匙各 1 把", None),
        line(ByHand::Money, "驻村工作经费余额", Some(Fen(352_000))),
        line(ByHand::Practice, "每月党员活动日前一天，先和支部委员碰一次头", None),
    ] {
        handover::add_line(tx, county, &id, written, &writes).await?;
    }
    let day = on.plus_days(-9);
    let visit = (day, "二组、四组监测户", Some("逐户介绍接任的同志，留了电话"));
    handover::add_visit(tx, which, visit, &actor(TOWNSHIP, day)).await?;
    let township = Acting { is_township: true, ..Acting::default() };
    for (party, before) in [(Party::Old, 4), (Party::New, 3), (Party::Branch, 2)] {
        handover::confirm(tx, which, party, &township, &actor(TOWNSHIP, on.plus_days(-before))).await?;
    }
    flows::complete_handover(tx, which, on, pack, flows::OPEN_THINGS, &actor(OFFICE, on)).await
}

async fn under_way(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    old: usize,
    ids: &Ids,
    pack: &Pack,
) -> Result<(), AppError> {
    let today = world.today;
    let posting = &ids.postings[old];
    let next = flows::leaving(tx, county, posting).await?.and_then(|(_, nexts)| nexts.into_iter().next());
    let plan = Plan { leaves_on: today.plus_days(LEAVES_IN), reason: Reason::Transferred, next };
    let begun = actor(OFFICE, today.plus_days(-SIDE_SINCE));
    let id = flows::announce_handover(tx, (county, posting), plan, pack, &begun).await?;
    handover::start(tx, county, &id, flows::OPEN_THINGS, &begun).await?;
    let person = world.postings[old].person;
    let own = Acting { person_id: Some(ids.people[person].1.clone()), ..Acting::default() };
    let member = actor(&world.people[person].name, today.plus_days(-4));
    for written in [
        line(ByHand::Matter, "三组机井电表移位，供电所答应二月底前办", None),
        line(ByHand::Lent, "工作队宿舍钥匙 1 把、笔记本电脑 1 台", None),
        line(ByHand::Money, "驻村工作经费余额", Some(Fen(864_000))),
        line(ByHand::Practice, "香菇合作社每周五记账，去之前先打电话", None),
        line(ByHand::Watch, "汛期前看一遍村西排水沟", None),
    ] {
        handover::add_line(tx, county, &id, written, &member).await?;
    }
    let visited = (today.plus_days(-5), "香菇大棚、三组机井", None);
    handover::add_visit(tx, (county, &id), visited, &member).await?;
    let lines = handover::store::lines(tx, county, &id, None).await?;
    for line in lines.iter().take(3) {
        let which = (county, id.as_str(), line.id.as_str());
        handover::answer(tx, which, Party::Old, Answer::Confirmed, &own, &member).await?;
    }
    let branch = Acting { is_branch: true, ..Acting::default() };
    let secretary = actor("司德春", today.plus_days(-1));
    // By their words: what stands before them depends on what is still open.
    let objection = Answer::Objected { words: "电脑是村里的，不算借用，请改成留在村部".into() };
    for (words, answer) in [("电表", Answer::Confirmed), ("电脑", objection)] {
        let Some(line) = lines.iter().find(|line| line.title.contains(words)) else { continue };
        let which = (county, id.as_str(), line.id.as_str());
        handover::answer(tx, which, Party::Branch, answer, &branch, &secretary).await?;
    }
    Ok(())
}

/// A member outside the story's villages whose leaving has just been announced.
async fn prepared(tx: &mut Tx, county: CountyId, world: &World, ids: &Ids, pack: &Pack) -> Result<(), AppError> {
    let calm = |posting: &super::world::Posting| {
        posting.role == PostRole::Member
            && posting.holds(world.today)
            && !is_pinned(world.villages[posting.village].code)
    };
    let Some(at) = world.postings.iter().position(calm) else { return Ok(()) };
    let plan = Plan { leaves_on: world.today.plus_days(100), reason: Reason::Transferred, next: None };
    let office = actor(OFFICE, world.today);
    flows::announce_handover(tx, (county, &ids.postings[at]), plan, pack, &office).await.map(drop)
}
