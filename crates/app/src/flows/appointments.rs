//! From a plan that was approved to postings: batch, teams, appointments, handovers of those whose term ends.

use std::collections::{BTreeMap, HashMap};

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, Day, DivisionCode, Period, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{OPEN_THINGS, leaving_of};
use crate::{
    accounts::Actor,
    dispatch::acts::{Approved, Pairing, check_approval, finish_approval, planning},
    handover::{self, Cause, Next, Plan, Reason},
    packs::Pack,
    places,
    postings::{
        self, Held, Ledger, PostRole,
        store::{self as post_store, NewPosting, NewTeam, TermRow},
    },
    units::{self, UnitLevel},
};

/// Somebody who holds a post, or is on the way to one, beyond a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound {
    pub name: String,
    pub village: DivisionCode,
    /// The first day after the term.
    pub until: Day,
}

impl Bound {
    /// Name and end of term, for a refusal.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{}（任期到 {}）", self.name, self.until)
    }
}

fn bound(row: TermRow) -> Bound {
    Bound { name: row.person_name, village: row.village, until: row.until }
}

/// Who of these people is bound to a post beyond the day, in whatever county.
pub async fn bound_elsewhere(conn: &mut Conn, people: &[String], day: Day) -> DbResult<Vec<Bound>> {
    let rows = post_store::terms_of(conn, people).await?;
    Ok(rows.into_iter().filter(|row| row.until > day).map(bound).collect())
}

/// The first secretaries of a county whose term lasts beyond the day, by village.
pub async fn held_beyond(conn: &mut Conn, county: CountyId, day: Day) -> DbResult<HashMap<DivisionCode, Bound>> {
    let rows = post_store::terms_in(conn, county).await?.into_iter();
    let beyond = rows.filter(|row| row.until > day && row.role == PostRole::FirstSecretary.code());
    Ok(beyond.map(|row| (row.village, bound(row))).collect())
}

/// The number of a batch, as print runs ask for it.
pub async fn batch_number(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<i64>> {
    let batches = post_store::batches(conn, county).await?;
    Ok(batches.into_iter().find(|batch| batch.id == id).map(|batch| batch.number))
}

/// What an approval made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appointed {
    pub batch_id: String,
    pub number: i64,
    pub teams: usize,
    pub people: usize,
    pub handovers: usize,
}

/// Approves the plan of a round: batch, teams, postings that wait for their day, handovers of those whose term ends. All
/// of it in this transaction, or nothing.
pub async fn approve_dispatch(
    tx: &mut Tx,
    (county, round): (CountyId, &str),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<Appointed> {
    let round = planning(tx, county, round).await?;
    let approved = check_approval(tx, &round, pack).await?;
    let appointed = appoint(tx, &approved, pack, actor).await?;
    let counts = (appointed.teams, appointed.people, appointed.handovers);
    finish_approval(tx, &round, (&appointed.batch_id, appointed.number), counts, actor).await?;
    Ok(appointed)
}

async fn appoint(tx: &mut Tx, approved: &Approved, pack: &Pack, actor: &Actor) -> AppResult<Appointed> {
    let (county, since) = (approved.county, approved.starts_on);
    let terms = post_store::terms_in(tx, county).await?;
    check_free(tx, approved, &terms).await?;
    let number = post_store::batches(tx, county).await?.first().map_or(1, |batch| batch.number + 1);
    let batch = post_store::add_batch(tx, county, number, &approved.name, since, approved.term_months, true).await?;
    let period = Period::new(since, Some(batch.until)).ok_or_else(|| AppError::internal("a term of no days"))?;
    let (mut teams, mut new) = (Vec::new(), Vec::new());
    for pairing in &approved.pairings {
        let unit = units::store::find(tx, &pairing.unit_id).await?.ok_or(AppError::NotFound)?;
        let level = UnitLevel::parse(&unit.level);
        let ledger = match level {
            Some(UnitLevel::Province | UnitLevel::City) => Ledger::Province,
            Some(UnitLevel::County | UnitLevel::Township) | None => Ledger::County,
        };
        let team = new_id();
        new.extend(postings_of(pairing, (&batch.id, &team), (level, ledger), approved));
        teams.push(NewTeam {
            id: team,
            batch_id: batch.id.clone(),
            village: pairing.village,
            neighbours: pairing.neighbours.clone(),
            ledger,
            lead_unit_id: Some(pairing.unit_id.clone()),
            joining_unit_ids: Vec::new(),
            period,
        });
    }
    post_store::add_teams(tx, county, &teams, actor.at).await?;
    post_store::add_all(tx, county, &new, pack.county_guide_beside(), actor).await?;
    let handovers = hand_over_ending(tx, approved, &terms, &new, pack, actor).await?;
    post_store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    Ok(Appointed { batch_id: batch.id, number, teams: teams.len(), people: new.len(), handovers })
}

/// The leader is the village's first secretary, the others members; all wait for the first day.
fn postings_of(
    pairing: &Pairing,
    (batch, team): (&str, &str),
    (level, ledger): (Option<UnitLevel>, Ledger),
    approved: &Approved,
) -> Vec<NewPosting> {
    let posting = |(at, (person, name)): (usize, &(String, String))| NewPosting {
        held: Held {
            posting_id: new_id(),
            batch_id: batch.to_owned(),
            person: (approved.county, person.clone()),
            unit_id: Some(pairing.unit_id.clone()),
            unit_level: level,
            village: pairing.village,
            role: if at == 0 { PostRole::FirstSecretary } else { PostRole::Member },
            ledger,
            state: postings::State::Approved,
            since: approved.starts_on,
        },
        team_id: Some(team.to_owned()),
        person_name: name.clone(),
        note: Some(format!("派驻计划：{}", approved.name)),
    };
    pairing.people.iter().enumerate().map(posting).collect()
}

/// Nobody is appointed who is bound elsewhere, nor to a village whose post is held beyond the day.
async fn check_free(tx: &mut Tx, approved: &Approved, terms: &[TermRow]) -> AppResult<()> {
    let people: Vec<String> = approved.pairings.iter().flat_map(|one| &one.people).map(|(id, _)| id.clone()).collect();
    let busy = bound_elsewhere(tx, &people, approved.starts_on).await?;
    if !busy.is_empty() {
        let names = busy.iter().map(Bound::said).collect::<Vec<_>>().join("、");
        return Err(
            Refusal::whole(text!("不能批准：这些人已另有派驻：{names}。请移出名单后重新排。", names = names)).into()
        );
    }
    let mut held = Vec::new();
    for row in terms {
        let here = approved.pairings.iter().any(|one| one.village == row.village);
        if here && row.role == PostRole::FirstSecretary.code() && row.until > approved.starts_on {
            let village = places::store::find(tx, row.village).await?.map(|one| one.short()).unwrap_or_default();
            held.push(format!("{village} {}（任期到 {}）", row.person_name, row.until));
        }
    }
    if held.is_empty() {
        return Ok(());
    }
    Err(Refusal::whole(text!(
        "不能批准：这些村的第一书记还在任：{held}。请把村从需求里去掉后重新排。",
        held = held.join("、")
    ))
    .into())
}

/// Everybody on post in these villages whose term ends by the first day hands over to who comes in their role.
async fn hand_over_ending(
    tx: &mut Tx,
    approved: &Approved,
    terms: &[TermRow],
    new: &[NewPosting],
    pack: &Pack,
    actor: &Actor,
) -> AppResult<usize> {
    let mut coming: BTreeMap<(DivisionCode, &'static str), Vec<&NewPosting>> = BTreeMap::new();
    for one in new.iter().rev() {
        coming.entry((one.held.village, one.held.role.code())).or_default().push(one);
    }
    let villages: Vec<DivisionCode> = approved.pairings.iter().map(|one| one.village).collect();
    let mut made = 0;
    for row in terms.iter().filter(|row| row.state == "on_post" && villages.contains(&row.village)) {
        if row.until > approved.starts_on {
            continue;
        }
        let role =
            if row.role == PostRole::FirstSecretary.code() { PostRole::FirstSecretary } else { PostRole::Member };
        let next = coming.get_mut(&(row.village, role.code())).and_then(Vec::pop).map(|one| Next {
            posting_id: one.held.posting_id.clone(),
            person: one.held.person.clone(),
            name: one.person_name.clone(),
            since: one.held.since,
        });
        made += usize::from(prepare(tx, approved, row, next, pack, actor).await?);
    }
    Ok(made)
}

/// A handover that stands gets its next holder where it has none; otherwise one is made.
async fn prepare(
    tx: &mut Tx,
    approved: &Approved,
    row: &TermRow,
    next: Option<Next>,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<bool> {
    let county = approved.county;
    let posting = post_store::find(tx, county, &row.posting_id).await?.ok_or(AppError::NotFound)?;
    let leaves_on = approved.starts_on.max(posting.since);
    if let Some(standing) = handover::store::find_by_posting(tx, county, &row.posting_id).await? {
        let reason = standing.reason().unwrap_or(Reason::TermEnds);
        if standing.new_posting_id.is_none() && next.is_some() {
            let plan = Plan { leaves_on: standing.leaves_on, reason, next };
            handover::change_plan(tx, (county, &standing.id), plan, standing.version, actor).await?;
        }
        return Ok(false);
    }
    let plan = Plan { leaves_on, reason: Reason::TermEnds, next };
    handover::prepare(tx, &leaving_of(posting), plan, (Cause::TermNears, pack.handover_days()), OPEN_THINGS, actor)
        .await?;
    Ok(true)
}
