//! What each row of a roster means.

use std::collections::{HashMap, HashSet};

use base::{
    db::Conn,
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, IdNumber, Period, new_id},
    seal::Keys,
    text,
    web::AppError,
};

use super::known::{self, Known};
use crate::{
    imports::{BatchNote, Outcome, Problem, Report, code},
    people::{Flags, Person, merged, store::PersonRow},
    postings::{
        EndReason, Held, Ledger, PostRole, State,
        import::{PersonKey, RosterRow},
        store::{self, Batch, NewPosting, PostingRow},
        village_slot,
    },
    units::{Unit, UnitLevel, guess_level},
};

/// A roster ready to be written.
#[derive(Default)]
pub struct Plan {
    pub keeper: Option<CountyId>,
    pub units: Vec<(String, Unit)>,
    /// New people by id.
    pub people: Vec<(String, Person)>,
    /// People whose data change: where, version, new data.
    pub changed_people: Vec<(PersonRow, Person)>,
    /// New postings, by the county of their village.
    pub postings: HashMap<CountyId, Vec<NewPosting>>,
    /// Postings that end or are corrected.
    pub changed_postings: Vec<(PostingRow, Held)>,
    /// The batch of each county; made when `Err(number)`.
    pub batches: HashMap<CountyId, Batch>,
    pub new_batches: Vec<Batch>,
    pub county_guide_beside: bool,
    pub report: Report,
    /// What was written of it already, unseen.
    pub staged: Option<super::Staged>,
}

/// What the roster is for.
pub struct Aim<'a> {
    pub place: DivisionCode,
    pub batch_number: Option<i64>,
    pub today: Day,
    pub keys: &'a Keys,
    pub county_guide_beside: bool,
    pub term_months: i64,
}

/// Compares the good rows of an outcome with what is stored; reads only.
pub async fn plan(conn: &mut Conn, outcome: Outcome<RosterRow>, aim: &Aim<'_>) -> Result<Plan, AppError> {
    let keeper = super::keeper(aim.place);
    let counties: HashSet<CountyId> = outcome.rows.iter().map(|row| row.village.county()).collect();
    let known = known::load(conn, aim.keys, keeper, &counties, &outcome.rows).await?;
    let mut plan = Plan { keeper: Some(keeper), county_guide_beside: aim.county_guide_beside, ..Plan::default() };
    plan.report = Report::of(&outcome);
    find_batches(conn, &mut plan, &counties, &outcome.rows, aim).await?;
    let mut draft =
        Draft { plan, known, aim, new_people: HashMap::new(), unit_ids: HashMap::new(), slots: HashMap::new() };
    // Those who leave make room for those who come, wherever their rows stand.
    let leaves = |row: &RosterRow| matches!(state_of(row, aim.today), State::Ended { .. });
    let (leaving, coming): (Vec<_>, Vec<_>) = outcome.rows.into_iter().partition(leaves);
    for row in leaving.into_iter().chain(coming) {
        draft.take(row);
    }
    let mut plan = draft.plan;
    plan.report.sort();
    Ok(plan)
}

/// The batch of each county: the one asked for, the open one, or a new one that begins with the first posting.
async fn find_batches(
    conn: &mut Conn,
    plan: &mut Plan,
    counties: &HashSet<CountyId>,
    rows: &[RosterRow],
    aim: &Aim<'_>,
) -> Result<(), AppError> {
    for county in counties {
        let found = match aim.batch_number {
            Some(number) => store::find_batch(conn, *county, number).await?,
            None => store::open_batch(conn, *county).await?,
        };
        let batch = match found {
            Some(batch) => batch,
            None => {
                let known = store::batches(conn, *county).await?;
                let number = aim.batch_number.unwrap_or_else(|| known.first().map_or(1, |batch| batch.number + 1));
                let starts = rows.iter().filter(|row| row.village.county() == *county).map(|row| row.since.day);
                let since = starts.min().unwrap_or(aim.today);
                let batch = Batch {
                    county_id: *county,
                    id: new_id(),
                    number,
                    name: format!("第{number}批"),
                    level: "county".into(),
                    since,
                    term_months: aim.term_months,
                    until: since.plus_months(aim.term_months),
                    state: "open".into(),
                };
                plan.new_batches.push(batch.clone());
                batch
            }
        };
        let created = plan.new_batches.iter().any(|new| new.id == batch.id);
        plan.report.batch = Some(BatchNote { number: batch.number, created });
        plan.batches.insert(*county, batch);
    }
    Ok(())
}

struct Draft<'a, 'k> {
    plan: Plan,
    known: Known,
    aim: &'a Aim<'k>,
    /// People met in this file: their id, county and place in the plan's list when new.
    new_people: HashMap<PersonKey, (CountyId, String)>,
    unit_ids: HashMap<String, (String, UnitLevel)>,
    /// Posts that rows of this file take: village and slot → person.
    slots: HashMap<(DivisionCode, &'static str), String>,
}

impl Draft<'_, '_> {
    fn take(&mut self, row: RosterRow) {
        let (unit_id, unit_level) = self.unit(&row.unit);
        let known_person = self.known_person(&row, &unit_id);
        let state = state_of(&row, self.aim.today);
        let ledger = row.ledger.unwrap_or(Ledger::Province);
        if let Some(id) = &known_person {
            let own: Vec<PostingRow> = self.known.postings.get(&id.1).cloned().unwrap_or_default();
            if let Some(same) = own.iter().find(|posting| is_same(posting, &row)) {
                self.compare(&row, same, &unit_id, unit_level, state);
                return;
            }
            let clash = own.iter().find(|posting| overlaps(posting, &row));
            if let Some(clash) = clash {
                let message = text!(
                    "{name}已派驻在别处（{village}，{since} 起）。请先办理离任，或在本行改正村和时间",
                    name = row.name,
                    village = clash.village,
                    since = clash.since
                );
                self.reject(&row, message);
                return;
            }
        }
        let slot = village_slot(row.role, ledger, self.aim.county_guide_beside).filter(|_| state == State::OnPost);
        if let Some(slot) = slot {
            let stored = self.known.slots.get(&(row.village, slot.to_owned()));
            let holder = stored.or_else(|| self.slots.get(&(row.village, slot)));
            if holder.is_some_and(|holder| known_person.as_ref().is_none_or(|(_, id)| id != holder)) {
                let message = text!("这个村已有第一书记在岗。请先为现任办理离任，或核对村和驻村职务");
                self.reject(&row, message);
                return;
            }
        }
        let person = known_person.clone().unwrap_or_else(|| self.new_person(&row, &unit_id));
        if let Some(slot) = slot {
            self.slots.insert((row.village, slot), person.1.clone());
        }
        if known_person.is_some() {
            self.update_person(&row, &person.1, &unit_id);
        }
        let county = row.village.county();
        let batch = self.plan.batches.get(&county).map(|batch| batch.id.clone()).unwrap_or_default();
        let held = Held {
            posting_id: new_id(),
            batch_id: batch,
            person,
            unit_id: Some(unit_id),
            unit_level: Some(unit_level),
            village: row.village,
            role: row.role,
            ledger,
            state,
            since: row.since.day,
        };
        let new = NewPosting { held, team_id: None, person_name: row.name, note: row.note };
        self.plan.postings.entry(county).or_default().push(new);
        self.plan.report.created += 1;
    }

    fn reject(&mut self, row: &RosterRow, message: Text) {
        let problem = Problem {
            spot: row.spot.clone(),
            column: String::new(),
            code: code::TWO_POSTINGS,
            message,
            suggestion: None,
        };
        self.plan.report.reject(&problem);
    }

    fn unit(&mut self, name: &str) -> (String, UnitLevel) {
        if let Some((id, level)) = self.known.units.get(name) {
            return (id.clone(), level.unwrap_or(UnitLevel::County));
        }
        if let Some(known) = self.unit_ids.get(name) {
            return known.clone();
        }
        let new = (new_id(), guess_level(name));
        self.plan.units.push((new.0.clone(), Unit::named(name)));
        self.plan.report.units_created.push(name.to_owned());
        self.unit_ids.insert(name.to_owned(), new.clone());
        new
    }

    fn known_person(&self, row: &RosterRow, unit_id: &str) -> Option<(CountyId, String)> {
        if let Some(met) = self.new_people.get(&row.person()) {
            return Some(met.clone());
        }
        if let Some(id) = &row.id {
            let hash = crate::people::store::id_hash(self.aim.keys, id);
            return self.known.identities.get(&hash).cloned();
        }
        let person = self.known.named(&row.name, row.phone.as_ref(), row.birth, unit_id)?;
        Some((person.county_id, person.id.clone()))
    }

    fn new_person(&mut self, row: &RosterRow, unit_id: &str) -> (CountyId, String) {
        let keeper = super::keeper(self.aim.place);
        let id = new_id();
        self.plan.people.push((id.clone(), person_of(row, unit_id)));
        self.new_people.insert(row.person(), (keeper, id.clone()));
        (keeper, id)
    }

    /// A row of a posting that is known: what changed of it, if anything.
    fn compare(&mut self, row: &RosterRow, same: &PostingRow, unit_id: &str, unit_level: UnitLevel, state: State) {
        let person_changed = self.update_person(row, &same.person_id, unit_id);
        let Some(mut held) = same.held() else { return };
        let before = held.clone();
        if !row.since.agrees_with(same.since) {
            held.since = row.since.day;
        }
        if let Some(ledger) = row.ledger {
            held.ledger = ledger;
        }
        if held.unit_id.as_deref() != Some(unit_id) {
            held.unit_id = Some(unit_id.to_owned());
            held.unit_level = Some(unit_level);
        }
        // A roster ends a posting; it never brings one that ended back to life.
        if held.state == State::OnPost
            && let State::Ended { until, .. } = state
        {
            held.state = state;
            self.free(same, until);
        }
        let changed = held.since != before.since
            || held.ledger != before.ledger
            || held.unit_id != before.unit_id
            || held.state != before.state;
        if changed {
            self.plan.changed_postings.push((same.clone(), held));
        }
        if changed || person_changed {
            self.plan.report.updated += 1;
        } else {
            self.plan.report.unchanged += 1;
        }
    }

    /// A posting that this file ends holds neither its person nor its village's post for the rows that follow.
    fn free(&mut self, ended: &PostingRow, until: Day) {
        self.known.slots.retain(|(village, _), person| *village != ended.village || *person != ended.person_id);
        let own = self.known.postings.get_mut(&ended.person_id).into_iter().flatten();
        for posting in own.filter(|posting| posting.id == ended.id) {
            posting.until = Some(until);
        }
    }

    /// Notes what a row says new of a person that is stored; true when it does.
    fn update_person(&mut self, row: &RosterRow, id: &str, unit_id: &str) -> bool {
        let Some(stored) = self.known.people.get(id) else { return false };
        let Some(changed) = merged(stored, person_of(row, unit_id), Flags::default()) else { return false };
        self.plan.changed_people.retain(|(other, _)| other.id != id);
        self.plan.changed_people.push((stored.clone(), changed));
        true
    }
}

/// On post from its first day, ended when its last day has come, approved while it lies ahead.
fn state_of(row: &RosterRow, today: Day) -> State {
    match row.period().and_then(Period::until) {
        Some(until) if until <= today => State::Ended { until, reason: EndReason::HandedOver },
        _ if row.since.day > today => State::Approved,
        _ => State::OnPost,
    }
}

/// The same posting: same village and role, and the days agree or overlap.
fn is_same(posting: &PostingRow, row: &RosterRow) -> bool {
    posting.village == row.village
        && PostRole::parse(&posting.role) == Some(row.role)
        && (row.since.agrees_with(posting.since) || overlaps(posting, row))
}

fn overlaps(posting: &PostingRow, row: &RosterRow) -> bool {
    let held = Period::new(posting.since, posting.until);
    matches!((held, row.period()), (Some(a), Some(b)) if a.overlaps(b))
}

fn person_of(row: &RosterRow, unit_id: &str) -> Person {
    // The ID number knows the day where the roster knows the month.
    let exact = row.id.as_ref().and_then(IdNumber::birth);
    let birth = match (row.birth, exact) {
        (Some(loose), Some(day)) if loose.agrees_with(day) => Some(day.to_string()),
        (Some(loose), _) => Some(loose.to_string()),
        (None, day) => day.map(|day| day.to_string()),
    };
    Person {
        name: row.name.clone(),
        gender: row.gender,
        birth,
        id_number: row.id.clone(),
        phone: row.phone.as_ref().map(ToString::to_string),
        ethnicity: row.ethnicity.clone(),
        party_since: row.party_since.map(|day| day.to_string()),
        education: row.education.clone(),
        unit_id: Some(unit_id.to_owned()),
        position: row.position.clone(),
        rank: row.rank.clone(),
        ..Person::default()
    }
}
