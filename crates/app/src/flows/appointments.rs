//! From a plan that was approved to postings: batch, teams, appointments, handovers of those whose term ends.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, Day, DivisionCode, Period, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{OPEN_THINGS, leaving_of};
use crate::{
    accounts::Actor,
    dispatch::{
        acts::{Approved, Pairing, check_approval, finish_approval, planning, some_of},
        store::Made,
    },
    handover::{self, Cause, Next, Plan, Reason},
    packs::Pack,
    places,
    postings::{
        self, Held, Ledger, PostRole,
        store::{self as post_store, Batch, NewPosting, NewTeam, TermRow},
    },
    spine::staging::Run,
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

/// Approves the plan of a county's round: batch, teams, postings that wait for their day, handovers of those whose term
/// ends. All of it in this transaction, or nothing.
pub async fn approve_dispatch(
    tx: &mut Tx,
    (county, round): (CountyId, &str),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<Appointed> {
    let round = planning(tx, county, round).await?;
    let parts = check_approval(tx, &round, pack).await?;
    check_free(tx, &parts).await?;
    let [approved] = parts.as_slice() else {
        return Err(AppError::internal(format!("round {} is not of one county", round.id)));
    };
    let number = post_store::batches(tx, county).await?.first().map_or(1, |batch| batch.number + 1);
    let made = appoint(tx, approved, Seen::Now(number), pack, actor).await?;
    for (handover, next) in &made.standing {
        follow(tx, county, handover, next.clone(), actor).await?;
    }
    post_store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    let counts = (made.teams, made.people, made.handovers);
    finish_approval(tx, &round, (&made.batch_id, Some(number)), counts, actor).await?;
    Ok(Appointed { batch_id: made.batch_id, number, teams: made.teams, people: made.people, handovers: made.handovers })
}

/// When what is made is seen: now, under a number, or once its run is applied.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    Now(i64),
    Later(&'a Run),
}

/// A handover that stood before, and who follows.
pub(super) type Standing = (String, Next);

/// Makes what an approval makes in one county; handovers that stood before are left to the caller.
pub(super) async fn appoint(
    tx: &mut Tx,
    approved: &Approved,
    seen: Seen<'_>,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<Made<Standing>> {
    let (county, since) = (approved.county, approved.starts_on);
    let staged = match seen {
        Seen::Now(_) => None,
        Seen::Later(run) => Some(run),
    };
    let batch = Batch {
        county_id: county,
        id: new_id(),
        number: match seen {
            Seen::Now(number) => number,
            Seen::Later(run) => run.provisional(),
        },
        name: approved.name.clone(),
        level: "county".into(),
        since,
        term_months: approved.term_months,
        until: since.plus_months(approved.term_months),
        state: "open".into(),
    };
    post_store::insert_batch(tx, &batch, staged).await?;
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
    post_store::add_teams(tx, county, &teams, staged, actor.at).await?;
    match staged {
        Some(run) => post_store::stage(tx, run, county, &new, actor).await?,
        None => post_store::add_all(tx, county, &new, pack.county_guide_beside(), actor).await?,
    }
    let (handovers, standing) = hand_over_ending(tx, approved, &new, staged, pack, actor).await?;
    Ok(Made { county, batch_id: batch.id, teams: teams.len(), people: new.len(), handovers, standing })
}

/// The leader is the village's first secretary, the others members; all wait for the first day.
fn postings_of(
    pairing: &Pairing,
    (batch, team): (&str, &str),
    (level, ledger): (Option<UnitLevel>, Ledger),
    approved: &Approved,
) -> Vec<NewPosting> {
    let posting = |(at, (person, name)): (usize, &((CountyId, String), String))| NewPosting {
        held: Held {
            posting_id: new_id(),
            batch_id: batch.to_owned(),
            person: person.clone(),
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

/// Names that a refusal holds at most.
const NAMED: usize = 12;

/// Nobody is appointed who is bound elsewhere, nor to a village whose post is held beyond the day.
pub(super) async fn check_free(conn: &mut Conn, parts: &[Approved]) -> AppResult<()> {
    let Some(since) = parts.first().map(|one| one.starts_on) else { return Ok(()) };
    let pairings = parts.iter().flat_map(|one| &one.pairings);
    let people: Vec<String> = pairings.flat_map(|one| &one.people).map(|((_, id), _)| id.clone()).collect();
    let busy = bound_elsewhere(conn, &people, since).await?;
    if !busy.is_empty() {
        let names: Vec<String> = busy.iter().map(Bound::said).collect();
        return Err(Refusal::whole(text!(
            "不能批准：这些人已另有派驻：{names}。请移出名单后重新排。",
            names = some_of(&names, NAMED)
        ))
        .into());
    }
    let mut held = Vec::new();
    for approved in parts {
        let here: HashSet<DivisionCode> = approved.pairings.iter().map(|one| one.village).collect();
        let taken = held_beyond(conn, approved.county, since).await?;
        let mut taken: Vec<(DivisionCode, Bound)> =
            taken.into_iter().filter(|(village, _)| here.contains(village)).collect();
        taken.sort_by_key(|(village, _)| *village);
        for (village, one) in taken {
            let village = places::store::find(conn, village).await?.map(|place| place.short()).unwrap_or_default();
            held.push(format!("{village} {}", one.said()));
        }
    }
    if held.is_empty() {
        return Ok(());
    }
    Err(Refusal::whole(text!(
        "不能批准：这些村的第一书记还在任：{held}。请把村从需求里去掉后重新排。",
        held = some_of(&held, NAMED)
    ))
    .into())
}

/// Everybody on post in these villages whose term ends by the first day hands over to who comes in their role: how many
/// handovers were made, and which stood before and get their next holder.
async fn hand_over_ending(
    tx: &mut Tx,
    approved: &Approved,
    new: &[NewPosting],
    staged: Option<&Run>,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<(usize, Vec<Standing>)> {
    let county = approved.county;
    let mut coming: BTreeMap<(DivisionCode, &'static str), Vec<&NewPosting>> = BTreeMap::new();
    for one in new.iter().rev() {
        coming.entry((one.held.village, one.held.role.code())).or_default().push(one);
    }
    let villages: HashSet<DivisionCode> = approved.pairings.iter().map(|one| one.village).collect();
    let terms = post_store::terms_in(tx, county).await?;
    let (mut made, mut standing) = (0, Vec::new());
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
        if let Some(known) = handover::store::find_by_posting(tx, county, &row.posting_id).await? {
            standing.extend(next.filter(|_| known.new_posting_id.is_none()).map(|next| (known.id, next)));
            continue;
        }
        let posting = post_store::find(tx, county, &row.posting_id).await?.ok_or(AppError::NotFound)?;
        let plan = Plan { leaves_on: approved.starts_on.max(posting.since), reason: Reason::TermEnds, next };
        let (leaving, about) = (leaving_of(posting), (Cause::TermNears, pack.handover_days()));
        match staged {
            Some(run) => handover::stage(tx, run, &leaving, plan, about, OPEN_THINGS, actor).await?,
            None => handover::prepare(tx, &leaving, plan, about, OPEN_THINGS, actor).await.map(drop)?,
        }
        made += 1;
    }
    Ok((made, standing))
}

/// A handover that stands gets its next holder, where it still has none.
pub(super) async fn follow(tx: &mut Tx, county: CountyId, id: &str, next: Next, actor: &Actor) -> AppResult<()> {
    let Some(standing) = handover::store::find(tx, county, id).await? else { return Ok(()) };
    if standing.new_posting_id.is_some() || standing.state().is_none_or(|state| state.revise().is_err()) {
        return Ok(());
    }
    let reason = standing.reason().unwrap_or(Reason::TermEnds);
    let plan = Plan { leaves_on: standing.leaves_on, reason, next: Some(next) };
    handover::change_plan(tx, (county, id), plan, standing.version, actor).await
}
