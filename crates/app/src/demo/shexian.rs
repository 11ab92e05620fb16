//! 歙县 (SX-1): everybody who was posted in eight batches over twenty years, 1,059 people in all, each in the village
//! once served; the eighth batch is on post. What visits to them brought is still to come with the visits themselves.

use base::kernel::{Day, DivisionCode, Level, Period};
use jiff::civil::{Date, date};

use super::{
    counties::{self, SignIn},
    dice::{Dice, Stream},
    lists,
    people::{Census, Names, Numbers},
    places, steady, units,
    world::{
        AccountRole, Batch, EndReason, Ledger, PostRole, Posting, Team, UnitLevel, Village, VillageCategory, World,
    },
};

const COUNTY: i64 = 341_021_000_000;

/// One batch: when it began, how many served, how many of them were sent by province or city, how many came again from
/// an earlier batch.
struct Round {
    start: Date,
    people: usize,
    above: usize,
    again: usize,
}

const fn round(start: Date, people: usize, above: usize, again: usize) -> Round {
    Round { start, people, above, again }
}

/// 1,079 postings of 1,059 people: 126 sent from above, 933 by the county, 20 of these twice.
const ROUNDS: [Round; 8] = [
    round(date(2001, 7, 2), 102, 10, 0),
    round(date(2004, 3, 1), 112, 12, 2),
    round(date(2006, 7, 3), 120, 14, 2),
    round(date(2009, 3, 2), 128, 15, 3),
    round(date(2011, 9, 1), 138, 16, 3),
    round(date(2014, 10, 8), 146, 18, 3),
    round(date(2017, 4, 10), 153, 19, 3),
    round(date(2021, 7, 1), 180, 22, 4),
];
const NOW: usize = ROUNDS.len() - 1;
/// In the running batch each village has a first secretary and two members; in the earlier ones mostly one member.
const VILLAGES: usize = 60;
const NUMBERS: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];

const ACCOUNTS: [SignIn; 5] = [
    ("shexian", "洪思源", "歙县驻村办", AccountRole::Office),
    ("shexian-leader", "凌云飞", "歙县领导", AccountRole::Leader),
    ("shexian-township", "项一鸣", "深渡镇党委", AccountRole::Township),
    ("shexian-cadre", "柯向荣", "驻村第一书记", AccountRole::Cadre),
    ("shexian-branch", "汪德顺", "村党支部", AccountRole::Branch),
];

#[must_use]
pub fn world(seed: u64, today: Day, mut numbers: Numbers) -> (World, Numbers) {
    let county = DivisionCode::from_i64(COUNTY).unwrap_or(DivisionCode::NATION);
    let mut dice = Dice::new(seed ^ COUNTY.unsigned_abs(), Stream::Counties);
    let divisions = lists::county(county);
    let mut villages = places::some(&divisions, &[], usize::MAX, today, &mut dice);
    let served = served(&villages);
    for (at, village) in villages.iter_mut().enumerate() {
        if !served[..VILLAGES].contains(&at) {
            (village.category, village.task) = (VillageCategory::Ordinary, None);
            village.since = Day::from_date(date(2021, 6, 15));
        }
    }
    let units = units::units(county, &divisions, &mut numbers);
    let kept: Vec<&str> = ACCOUNTS.iter().map(|(_, name, ..)| *name).collect();
    let people = Dice::new(seed ^ COUNTY.unsigned_abs(), Stream::People);
    let mut census = Census::new(&units, Names::new(&kept), numbers, people);
    let mut world = World {
        seed,
        today,
        divisions,
        villages,
        units: units.clone(),
        people: Vec::new(),
        batches: batches(county, today),
        teams: Vec::new(),
        postings: Vec::new(),
        accounts: Vec::new(),
        log: Vec::new(),
        visits: Vec::new(),
    };
    for number in 0..world.batches.len() {
        post(&mut world, number, &served, &mut census, &mut dice);
    }
    // The cadre of the story holds a post of 深渡镇.
    let shendu = served.iter().take(VILLAGES).map(|&at| world.villages[at].code.as_i64());
    let named: Vec<i64> = shendu.filter(|code| code / 1000 == 341_021_101).take(1).collect();
    counties::sign_in(&mut world, (&named, &ACCOUNTS), county, &mut census, &mut dice);
    let (people, numbers) = census.close();
    world.people = people;
    let now: Vec<Posting> = world.postings.iter().filter(|posting| posting.batch == NOW).cloned().collect();
    let pace = steady::Pace { percent: 40, outcomes: 0 };
    world.log = steady::entries(&now, today, pace, &mut Dice::new(seed ^ COUNTY.unsigned_abs(), Stream::Steady));
    (world, numbers)
}

/// The villages from township to township, so that every batch reaches all of them.
fn served(villages: &[Village]) -> Vec<usize> {
    let township = |at: usize| villages[at].code.at(Level::Township);
    let turn = |at: usize| (0..at).filter(|&other| township(other) == township(at)).count();
    let mut order: Vec<(usize, usize)> = (0..villages.len()).map(|at| (turn(at), at)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

/// The batches that have begun; each is closed when the next one comes.
fn batches(division: DivisionCode, today: Day) -> Vec<Batch> {
    let starts: Vec<Day> = ROUNDS.iter().map(|round| Day::from_date(round.start)).collect();
    let begun = starts.iter().filter(|start| **start <= today).count();
    let batch = |at: usize| {
        let end = starts.get(at + 1).copied().filter(|_| at + 1 < begun);
        let months = starts.get(at + 1).map_or(36, |next| next.days_since(starts[at]) / 30);
        Batch {
            number: u16::try_from(at + 1).unwrap_or(1),
            name: format!("第{}批", NUMBERS[at]),
            division,
            start: starts[at],
            term_months: u16::try_from(months).unwrap_or(36),
            end,
        }
    };
    (0..begun).map(batch).collect()
}

fn post(world: &mut World, number: usize, served: &[usize], census: &mut Census<'_>, dice: &mut Dice) {
    let round = &ROUNDS[number];
    let (start, end) = (world.batches[number].start, world.batches[number].end);
    // From batch to batch some villages further on; the running one stands first.
    let places = if number == NOW { VILLAGES } else { round.people.div_ceil(2) };
    let village = |turn: usize| if number == NOW { served[turn] } else { served[(turn + number * 23) % served.len()] };
    let of = |above: bool| {
        let is = |unit: &usize| matches!(census.units[*unit].level, UnitLevel::Province | UnitLevel::City) == above;
        (0..census.units.len()).filter(is).collect::<Vec<usize>>()
    };
    let (above, own) = (of(true), of(false));
    let mut again = who_comes_again(world, number, round.again, census);
    let first_team = world.teams.len();
    for turn in 0..round.people {
        // First the first secretaries, village by village, then the members.
        let (place, role) = match turn.checked_sub(places) {
            None => (turn, PostRole::FirstSecretary),
            Some(later) => (later % places, PostRole::Member),
        };
        let from = start.plus_days(dice.between(0, 12));
        let sent = if turn < round.above { above[turn % above.len()] } else { own[(turn + 7 * number) % own.len()] };
        let known = if turn < round.above { None } else { again.pop() };
        let person = known.unwrap_or_else(|| census.hire(sent, role, from));
        let unit = census.people[person].unit;
        let team = (number == NOW).then_some(first_team + place);
        world.postings.push(Posting {
            batch: number,
            person,
            village: village(place),
            team,
            role,
            leader: role == PostRole::FirstSecretary && team.is_some(),
            ledger: Ledger::Province,
            unit,
            proposed: from.plus_days(-dice.between(30, 45)),
            vetted: from.plus_days(-dice.between(16, 25)),
            approved: from.plus_days(-dice.between(4, 10)),
            from,
            ended: end.map(|end| (end, EndReason::HandedOver)),
            successor: None,
        });
    }
    if number == NOW {
        form_teams(world, first_team, served);
    }
}

/// Some of the two batches before, sent by the county, young enough for another term.
fn who_comes_again(world: &World, number: usize, count: usize, census: &Census<'_>) -> Vec<usize> {
    let start = world.batches[number].start;
    let fit = |posting: &&Posting| {
        let person = &census.people[posting.person];
        let county = matches!(census.units[posting.unit].level, UnitLevel::County | UnitLevel::Township);
        let once = world.postings.iter().filter(|other| other.person == posting.person).count() == 1;
        county && once && person.party_since.is_some() && start.years_since(person.birth) <= 50
    };
    let before = |posting: &&Posting| posting.batch + 2 >= number;
    world.postings.iter().filter(before).filter(fit).map(|posting| posting.person).step_by(11).take(count).collect()
}

fn form_teams(world: &mut World, first_team: usize, served: &[usize]) {
    for (place, &village) in served.iter().take(VILLAGES).enumerate() {
        let own = world.postings.iter().filter(|posting| posting.team == Some(first_team + place));
        let own: Vec<(usize, Day)> = own.map(|posting| (posting.unit, posting.from)).collect();
        let Some(&(lead, _)) = own.first() else { continue };
        let Some(from) = own.iter().map(|(_, from)| *from).min() else { continue };
        let Some(period) = Period::new(from, None) else { continue };
        let mut joining: Vec<usize> = own.iter().map(|(unit, _)| *unit).filter(|unit| *unit != lead).collect();
        joining.sort_unstable();
        joining.dedup();
        world.teams.push(Team {
            batch: NOW,
            name: format!("驻{}工作队", world.villages[village].name),
            village,
            also: Vec::new(),
            ledger: Ledger::Province,
            lead_unit: lead,
            joining_units: joining,
            period,
        });
    }
}
