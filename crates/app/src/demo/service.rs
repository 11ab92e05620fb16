//! Three batches of service: teams, postings and the people who hold them, handed over from batch to batch.

use std::collections::BTreeMap;

use base::kernel::{Day, DivisionCode, Period};
use jiff::civil::{Date, date};

use super::dice::Dice;
use super::people::Census;
use super::places;
use super::plan::{self, Place};
use super::world::{Batch, EndReason, Ledger, Person, PostRole, Posting, Team, UnitLevel, Village, VillageCategory};

const NOW: usize = 2;
/// First secretaries of the earlier batches, each with one member: 92 people, and 108 with two replaced: 110.
const EARLIER: [usize; 2] = [46, 54];
/// People who serve again: from the first batch; still in the same village; from member to first secretary.
const AGAIN: [usize; 3] = [12, 8, 5];

pub fn batches(division: DivisionCode) -> Vec<Batch> {
    let batch = |number, name: &str, start: Date, end: Option<Date>| Batch {
        number,
        name: name.to_owned(),
        division,
        start: Day::from_date(start),
        term_months: 24,
        end: end.map(Day::from_date),
    };
    // A batch is closed when the last of its people has handed over, within three weeks of the next one's start.
    vec![
        batch(1, "第一批", date(2019, 6, 1), Some(date(2021, 6, 21))),
        batch(2, "第二批", date(2021, 6, 1), Some(date(2023, 6, 21))),
        batch(3, "第三批", date(2023, 6, 1), None),
    ]
}

/// Fills the batches in the order of time.
pub struct Service<'a> {
    pub census: Census<'a>,
    pub teams: Vec<Team>,
    pub postings: Vec<Posting>,
    villages: &'a [Village],
    batches: &'a [Batch],
    dice: Dice,
}

/// One village's round in one batch.
struct Round {
    batch: usize,
    village: usize,
    ledger: Ledger,
    members: Option<usize>,
    unit: usize,
    from: Day,
    until: Option<Day>,
    /// Someone known who comes (again) as first secretary.
    known: Option<usize>,
}

impl<'a> Service<'a> {
    #[must_use]
    pub fn new(census: Census<'a>, villages: &'a [Village], batches: &'a [Batch], dice: Dice) -> Self {
        Self { census, teams: Vec::new(), postings: Vec::new(), villages, batches, dice }
    }

    pub fn fill(&mut self, today: Day) {
        let places = plan::places(self.villages, self.census.units, &mut self.dice);
        let homes = self.earlier_villages(&places);
        self.fill_earlier(&places, &homes);
        let known = self.who_serves_again(&places);
        for (village, place) in places.iter().enumerate() {
            let known = known.get(&village).copied();
            let Place { ledger, members, unit, from } = *place;
            self.serve(&Round { batch: NOW, village, ledger, members, unit, from, until: None, known });
        }
        self.share_teams(&places);
        self.replace_some(today);
        let order = |p: &Posting| (p.batch, p.village, p.role, p.from, p.person);
        self.postings.sort_by_key(order);
        self.name_successors();
    }

    /// Villages with a team now, those of the story and the poor ones first: there the earlier batches were too.
    fn earlier_villages(&mut self, places: &[Place]) -> Vec<usize> {
        let villages = self.villages;
        let mut homes: Vec<usize> = (0..villages.len())
            .filter(|&at| places[at].ledger == Ledger::Province && places[at].members.is_some())
            .collect();
        self.dice.shuffle(&mut homes);
        let poor = |at: usize| villages[at].category == VillageCategory::OutOfPoverty;
        homes.sort_by_key(|&at| (!places::is_pinned(villages[at].code), !poor(at)));
        homes.truncate(EARLIER[1]);
        homes
    }

    fn fill_earlier(&mut self, places: &[Place], homes: &[usize]) {
        let arrived = |start: Day, dice: &mut Dice| start.plus_days(dice.between(0, 14));
        let (first, second, third) = (self.batches[0].start, self.batches[1].start, self.batches[2].start);
        let starts: Vec<(Day, Day)> =
            homes.iter().map(|_| (arrived(first, &mut self.dice), arrived(second, &mut self.dice))).collect();
        for (&village, &(from, until)) in homes.iter().zip(&starts).take(EARLIER[0]) {
            self.serve_earlier(0, village, places[village].unit, (from, until));
        }
        for (&village, &(_, from)) in homes.iter().zip(&starts) {
            let until = third.max(places[village].from);
            self.serve_earlier(1, village, places[village].unit, (from, until));
        }
    }

    /// A unit mostly keeps its village from batch to batch; province units came later.
    fn serve_earlier(&mut self, batch: usize, village: usize, unit: usize, (from, until): (Day, Day)) {
        let keeps = self.census.units[unit].level != UnitLevel::Province && self.dice.percent(80);
        let units = self.census.units;
        let pinned = places::is_pinned(self.villages[village].code);
        let unit = if keeps || pinned {
            unit
        } else {
            plan::joining_unit(&self.villages[village], units, unit, &mut self.dice)
        };
        let ledger = Ledger::Province;
        self.serve(&Round { batch, village, ledger, members: Some(1), unit, from, until: Some(until), known: None });
    }

    /// By village, the person of an earlier batch who is its first secretary now.
    fn who_serves_again(&mut self, places: &[Place]) -> BTreeMap<usize, usize> {
        let mut known: BTreeMap<usize, usize> = BTreeMap::new();
        let story = |village: usize| places::is_pinned(self.villages[village].code);
        let mut served: Vec<(usize, PostRole, usize, usize)> =
            self.postings.iter().map(|p| (p.batch, p.role, p.village, p.person)).collect();
        // A first secretary is a Party member, and young enough to finish the term.
        let start = self.batches[NOW].start;
        let fit = |person: &Person| person.party_since.is_some() && start.years_since(person.birth) <= 52;
        served.retain(|&(.., home, person)| fit(&self.census.people[person]) && !story(home));
        self.dice.shuffle(&mut served);
        // Who stays in the village comes first: that leaves the others free to go anywhere.
        let mut left = AGAIN;
        for kind in [1, 0, 2] {
            for &(batch, role, home, person) in &served {
                let unit = self.census.people[person].unit;
                let may = |village: usize| match (kind, batch, role) {
                    (0, 0, _) => places[village].ledger == Ledger::Province && village != home,
                    (1, 1, PostRole::FirstSecretary) => village == home,
                    // On the county's ledger postings begin in July, when the earlier batch has ended everywhere.
                    (2, 1, PostRole::Member) => places[village].ledger == Ledger::County,
                    _ => false,
                };
                let free = |village: usize| !known.contains_key(&village) && !story(village);
                let fits = |&village: &usize| places[village].unit == unit && may(village) && free(village);
                if left[kind] == 0 {
                    break;
                }
                if let Some(village) = (0..places.len()).find(fits) {
                    known.insert(village, person);
                    left[kind] -= 1;
                }
            }
        }
        known
    }

    fn serve(&mut self, round: &Round) {
        let team = round.members.map(|_| self.teams.len());
        let role = PostRole::FirstSecretary;
        let first = round.known.unwrap_or_else(|| self.census.hire(round.unit, role, round.from));
        self.post(round, (first, role, round.unit, round.from), team);
        let Some(members) = round.members else { return };
        let (mut earliest, mut joining) = (round.from, Vec::new());
        for turn in 0..members {
            // The lead unit sends the first member, others join.
            let mut unit = round.unit;
            if turn > 0 {
                let village = &self.villages[round.village];
                unit = plan::joining_unit(village, self.census.units, round.unit, &mut self.dice);
                if !joining.contains(&unit) {
                    joining.push(unit);
                }
            }
            let from = self.member_day(round);
            earliest = earliest.min(from);
            let person = self.census.hire(unit, PostRole::Member, from);
            self.post(round, (person, PostRole::Member, unit, from), team);
        }
        let Some(period) = Period::new(earliest, round.until) else { return };
        let name = &self.villages[round.village].name;
        self.teams.push(Team {
            batch: round.batch,
            name: format!("驻{name}工作队"),
            village: round.village,
            also: Vec::new(),
            ledger: round.ledger,
            lead_unit: round.unit,
            joining_units: joining,
            period,
        });
    }

    fn member_day(&mut self, round: &Round) -> Day {
        match round.ledger {
            Ledger::Province => self.batches[round.batch].start.plus_days(self.dice.between(0, 19)),
            Ledger::County => round.from.plus_days(self.dice.between(0, 7)),
        }
    }

    fn post(&mut self, round: &Round, (person, role, unit, from): (usize, PostRole, usize, Day), team: Option<usize>) {
        let dice = &mut self.dice;
        self.postings.push(Posting {
            batch: round.batch,
            person,
            village: round.village,
            team,
            role,
            leader: role == PostRole::FirstSecretary && team.is_some(),
            ledger: round.ledger,
            unit,
            proposed: from.plus_days(-dice.between(30, 45)),
            vetted: from.plus_days(-dice.between(16, 25)),
            approved: from.plus_days(-dice.between(4, 10)),
            from,
            ended: round.until.map(|until| (until, EndReason::HandedOver)),
            successor: None,
        });
    }

    /// A village of the province's ledger without a team is served by a neighbour's, where that is free.
    fn share_teams(&mut self, places: &[Place]) {
        for (village, place) in places.iter().enumerate() {
            if place.ledger == Ledger::County || place.members.is_some() {
                continue;
            }
            let near = &self.villages[village].neighbours;
            let free = |team: &&mut Team| {
                let able = team.batch == NOW && team.ledger == Ledger::Province;
                able && team.also.is_empty() && near.contains(&team.village)
            };
            if let Some(team) = self.teams.iter_mut().find(free) {
                team.also.push(village);
            }
        }
    }

    /// People who left within a term, and those who came for them the same day.
    fn replace_some(&mut self, today: Day) {
        use EndReason::{Recalled, Transferred};
        use PostRole::{FirstSecretary, Member};
        let changes = [
            (1, FirstSecretary, Transferred, date(2022, 3, 14)),
            (1, FirstSecretary, Recalled, date(2022, 9, 5)),
            (NOW, FirstSecretary, Transferred, date(2023, 9, 11)),
            (NOW, Member, Transferred, date(2023, 9, 25)),
            (NOW, FirstSecretary, Recalled, date(2023, 10, 16)),
            (NOW, FirstSecretary, Transferred, date(2023, 11, 6)),
            (NOW, Member, Recalled, date(2023, 11, 20)),
            (NOW, FirstSecretary, Transferred, date(2023, 12, 18)),
        ];
        for (batch, role, reason, on) in changes {
            let on = Day::from_date(on);
            if let (Some(leaving), true) = (self.who_leaves(batch, role), on <= today) {
                self.replace(leaving, on, reason);
            }
        }
    }

    /// Someone who served in one batch alone, in a village without a part in the story and without a change so far.
    fn who_leaves(&mut self, batch: usize, role: PostRole) -> Option<usize> {
        let calm = |village: usize| {
            let changed =
                |p: &Posting| p.village == village && p.ended.is_some_and(|(_, r)| r != EndReason::HandedOver);
            !places::is_pinned(self.villages[village].code) && !self.postings.iter().any(changed)
        };
        let once = |person: usize| self.postings.iter().filter(|p| p.person == person).count() == 1;
        let able = |p: &Posting| p.batch == batch && p.role == role && p.ledger == Ledger::Province;
        let open: Vec<usize> = (0..self.postings.len())
            .filter(|&at| able(&self.postings[at]) && once(self.postings[at].person) && calm(self.postings[at].village))
            .collect();
        (!open.is_empty()).then(|| self.dice.one(&open))
    }

    fn replace(&mut self, leaving: usize, on: Day, reason: EndReason) {
        let mut next = self.postings[leaving].clone();
        self.postings[leaving].ended = Some((on, reason));
        next.person = self.census.hire(next.unit, next.role, on);
        next.from = on;
        next.proposed = on.plus_days(-self.dice.between(12, 18));
        next.vetted = on.plus_days(-self.dice.between(6, 9));
        next.approved = on.plus_days(-self.dice.between(1, 3));
        self.postings.push(next);
    }

    fn name_successors(&mut self) {
        for at in 0..self.postings.len() {
            let left = &self.postings[at];
            let Some((end, reason)) = left.ended else { continue };
            // Members of one batch are not matched one to one with those of the next.
            let matched = left.role == PostRole::FirstSecretary || reason != EndReason::HandedOver;
            let follows = |p: &Posting| p.village == left.village && p.role == left.role && p.from == end;
            let next = self.postings.iter().position(follows);
            self.postings[at].successor = next.filter(|_| matched);
        }
    }
}
