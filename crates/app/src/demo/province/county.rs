//! The world of one county of 湖南: its teams of both rounds, in place on one day each, and what people wrote.

use std::collections::BTreeSet;

use base::kernel::{Day, DivisionCode, Level, Period};
use jiff::civil::{Date, date};

use super::super::{
    counties::{self, SignIn},
    dice::{Dice, Stream},
    lists,
    people::{Census, Names, Numbers},
    places, steady, units,
    world::{
        AccountRole, Batch, Division, EndReason, Ledger, PostRole, Posting, TaskLoad, Team, Unit, UnitLevel, Village,
        VillageCategory, World,
    },
};
use super::plan::{Counts, Share, is_among};

/// The days on which every team was in place: the round of the text, and the one after it, of the same size.
const ROUNDS: [(&str, Date); 2] = [("2021 年轮次", date(2021, 5, 10)), ("2023 年轮次", date(2023, 5, 10))];
const TERM_MONTHS: u16 = 24;

/// Villages of the text have a team; the first two one of the province.
const NAMED: [i64; 5] = [
    433_125_108_207, // 保靖县复兴镇甘溪村
    430_923_123_208, // 安化县龙塘镇沙田溪村
    433_124_110_226, // 花垣县双龙镇十八洞村
    430_624_126_220, // 湘阴县金龙镇燎原村
    430_922_112_273, // 桃江县桃花江镇大华村
];
const OF_THE_PROVINCE: usize = 2;

/// Where the province's people sign in: 保靖县.
const STORY: i64 = 433_125_000_000;
const ACCOUNTS: [SignIn; 8] = [
    ("hunan", "湛明远", "湖南省驻村办", AccountRole::Office),
    ("xiangxi", "向文斌", "湘西土家族苗族自治州驻村办", AccountRole::Office),
    ("baojing", "田景行", "保靖县驻村办", AccountRole::Office),
    ("hunan-leader", "谭敬之", "湖南省领导", AccountRole::Leader),
    ("baojing-township", "彭少华", "复兴镇党委", AccountRole::Township),
    ("baojing-cadre", "龙在田", "驻村第一书记", AccountRole::Cadre),
    ("baojing-branch", "石光耀", "村党支部", AccountRole::Branch),
    ("hunan-unit", "章可风", "省委组织部（派出单位）", AccountRole::Unit),
];

/// What all counties have in common.
pub struct Common {
    /// The province with everything below, by code.
    pub divisions: Vec<Division>,
    pub counts: Counts,
    pub seed: u64,
    pub today: Day,
}

/// A team of the round and who leads it.
struct Post {
    village: usize,
    also: Vec<usize>,
    members: usize,
    lead: usize,
    joining: usize,
    /// The number of a team of the province.
    above: Option<usize>,
}

pub fn world(common: &Common, share: &Share, mut numbers: Numbers) -> (World, Numbers) {
    let county = share.county;
    let own_seed = common.seed ^ county.as_i64().unsigned_abs();
    let mut dice = Dice::new(own_seed, Stream::Counties);
    let divisions = divisions(common, county);
    let (mut villages, mut posts) = villages(&divisions, share, common.today, &mut dice);
    places::earn(&mut villages, &mut dice);
    for village in &mut villages {
        village.income.retain(|&(year, _)| common.today.year() > year);
    }
    places::join_neighbours(&mut villages, &mut dice);
    let units = all_units(county, &divisions, &mut numbers);
    send(&mut posts, &units, share, county);
    let accounts: &[SignIn] = if county.as_i64() == STORY { &ACCOUNTS } else { &[] };
    let kept: Vec<&str> = accounts.iter().map(|(_, name, ..)| *name).collect();
    let mut census = Census::new(&units, Names::new(&kept), numbers, Dice::new(own_seed, Stream::People));
    let mut world = World {
        seed: common.seed,
        today: common.today,
        divisions,
        villages,
        units: units.clone(),
        people: Vec::new(),
        batches: batches(county, common.today),
        teams: Vec::new(),
        postings: Vec::new(),
        accounts: Vec::new(),
        log: Vec::new(),
        visits: Vec::new(),
    };
    for batch in 0..world.batches.len() {
        for post in &posts {
            fill(&mut world, batch, post, &common.counts, &mut census, &mut dice);
        }
    }
    counties::sign_in(&mut world, (&NAMED[..1], accounts), county, &mut census, &mut dice);
    let (people, numbers) = census.close();
    world.people = people;
    let pace = steady::Pace { percent: 68, outcomes: 3 };
    world.log = steady::entries(&world.postings, common.today, pace, &mut Dice::new(own_seed, Stream::Steady));
    (world, numbers)
}

/// The county with what is above and below it.
fn divisions(common: &Common, county: DivisionCode) -> Vec<Division> {
    let all = &common.divisions;
    let first = all.partition_point(|division| division.code < county);
    let below = all[first..].iter().take_while(|division| county.contains(division.code)).cloned();
    let above = [Level::Province, Level::City].map(|level| county.at(level));
    let above = all.iter().filter(|division| above.contains(&division.code)).cloned();
    above.chain(below).collect()
}

/// The villages with a team, spread over the county, and those beside a model village that its team serves too (HN-3).
fn villages(divisions: &[Division], share: &Share, today: Day, dice: &mut Dice) -> (Vec<Village>, Vec<Post>) {
    let all: Vec<&Division> = divisions.iter().filter(|division| places::is_village(division)).collect();
    let chosen = chosen(&all, share.above_teams + share.teams);
    let mut above: Vec<usize> =
        chosen.iter().copied().filter(|&at| NAMED[..OF_THE_PROVINCE].contains(&all[at].code.as_i64())).collect();
    above.truncate(share.above_teams);
    let rest: Vec<usize> = chosen.iter().copied().filter(|at| !above.contains(at)).collect();
    let lacking = share.above_teams - above.len();
    let more = rest.iter().enumerate().filter(|(turn, _)| is_among(*turn, lacking, rest.len())).map(|(_, &at)| at);
    above.extend(more);
    let others: Vec<usize> = chosen.iter().copied().filter(|at| !above.contains(at)).collect();
    let mut beside: BTreeSet<usize> = BTreeSet::new();
    let mut posts: Vec<(usize, Vec<usize>, VillageCategory)> =
        above.iter().map(|&at| (at, Vec::new(), VillageCategory::HeavyTask)).collect();
    for (turn, &at) in others.iter().enumerate() {
        let category = match turn % 12 {
            3 => VillageCategory::Model,
            turn if is_among(turn, 5, 12) => VillageCategory::HeavyTask,
            _ => VillageCategory::OutOfPoverty,
        };
        let near = |other: &usize| all[*other].code.parent() == all[at].code.parent();
        let free = |other: &usize| !chosen.contains(other) && !beside.contains(other);
        let also: Vec<usize> = if category == VillageCategory::Model {
            (at + 1..all.len()).take_while(near).filter(free).take(2).collect()
        } else {
            Vec::new()
        };
        beside.extend(&also);
        posts.push((at, also, category));
    }
    let kept: BTreeSet<usize> = chosen.union(&beside).copied().collect();
    let place: Vec<usize> = kept.iter().copied().collect();
    let index = |at: usize| place.binary_search(&at).unwrap_or_default();
    let category = |at: usize| posts.iter().find(|post| post.0 == at).map_or(VillageCategory::Ordinary, |post| post.2);
    let made = |&at: &usize| {
        let category = category(at);
        let task = (category == VillageCategory::OutOfPoverty).then_some(TaskLoad::Light);
        let mut village = places::village(all[at], category, task, dice);
        village.since = village.since.min(today);
        village
    };
    let villages = place.iter().map(made).collect();
    let sizes = sizes(&posts, share);
    let posts = posts.iter().zip(sizes).enumerate().map(|(turn, ((at, also, _), members))| Post {
        village: index(*at),
        also: also.iter().map(|&at| index(at)).collect(),
        members,
        lead: 0,
        joining: 0,
        above: (turn < share.above_teams).then_some(share.first_above + turn),
    });
    (villages, posts.collect())
}

/// So many of all villages, evenly spread, those of the text among them.
fn chosen(all: &[&Division], count: usize) -> BTreeSet<usize> {
    let named: Vec<usize> = (0..all.len()).filter(|&at| NAMED.contains(&all[at].code.as_i64())).take(count).collect();
    let others: Vec<usize> = (0..all.len()).filter(|at| !named.contains(at)).collect();
    let left = count - named.len();
    let spread = others.iter().enumerate().filter(|(turn, _)| is_among(*turn, left, others.len())).map(|(_, &at)| at);
    named.iter().copied().chain(spread).collect()
}

/// Members of each team besides its first secretary: two where the task is heavy, one elsewhere while there are any, and
/// what is left over again from the first.
fn sizes(posts: &[(usize, Vec<usize>, VillageCategory)], share: &Share) -> Vec<usize> {
    let mut sizes = vec![0; posts.len()];
    let others = share.above_teams..posts.len();
    let heavy = |at: &usize| posts[*at].2 == VillageCategory::HeavyTask;
    let mut order: Vec<usize> = others.clone().filter(heavy).flat_map(|at| [at, at]).collect();
    order.extend(others.clone().filter(|at| !heavy(at)));
    let over = others.clone().cycle().take(others.len() * 3);
    for at in order.into_iter().chain(over).take(share.members) {
        sizes[at] += 1;
    }
    sizes
}

/// The province's units, the city's by its own name, the county's and its townships'.
fn all_units(county: DivisionCode, divisions: &[Division], numbers: &mut Numbers) -> Vec<Unit> {
    let city = divisions.iter().find(|division| division.level == Level::City).map_or("", |city| city.name.as_str());
    let province = county.at(Level::Province);
    let rows = lists::province_units().into_iter();
    let mut all: Vec<Unit> = rows.map(|row| units::unit(row.name.to_owned(), province, row, numbers)).collect();
    let own = units::units(county, divisions, numbers).into_iter().filter(|unit| unit.level != UnitLevel::Province);
    all.extend(own.map(|mut unit| {
        if unit.level == UnitLevel::City {
            unit.name = units::of_city(city, &unit.name);
        }
        unit
    }));
    all
}

/// Who leads which team: where the task is heavy units of the province, the city, or strong ones of the county.
fn send(posts: &mut [Post], units: &[Unit], share: &Share, county: DivisionCode) {
    let of = |is: &dyn Fn(&Unit) -> bool| (0..units.len()).filter(|&at| is(&units[at])).collect::<Vec<usize>>();
    let province = of(&|unit| unit.level == UnitLevel::Province);
    let city = of(&|unit| unit.level == UnitLevel::City);
    let strong = of(&|unit| unit.level == UnitLevel::County && unit.strong);
    let plain = of(&|unit| unit.level == UnitLevel::County);
    let at = |list: &[usize], turn: usize| list[turn % list.len()];
    let first = usize::try_from(county.as_i64() / 1_000_000).unwrap_or_default();
    for (turn, post) in posts.iter_mut().enumerate() {
        let shifted = first + turn;
        post.lead = match post.above {
            // 甘溪村 and 沙田溪村 have those of the text.
            Some(_) if turn == 0 && county.as_i64() == STORY => at(&province, 0),
            Some(number) => at(&province, number + 1),
            None if post.members >= 2 && shifted.is_multiple_of(4) => at(&city, shifted / 4),
            None if post.members >= 2 => at(&strong, shifted),
            None => at(&plain, shifted),
        };
        post.joining = if turn < share.above_teams { post.lead } else { at(&plain, shifted + 5) };
    }
}

fn batches(division: DivisionCode, today: Day) -> Vec<Batch> {
    let begun: Vec<(&str, Day)> = ROUNDS.iter().map(|(name, start)| (*name, Day::from_date(*start))).collect();
    let begun: Vec<_> = begun.into_iter().enumerate().filter(|(at, (_, start))| *at == 0 || *start <= today).collect();
    let next = begun.get(1).map(|(_, (_, start))| *start);
    let batch = |(at, (name, start)): &(usize, (&str, Day))| Batch {
        number: u16::try_from(at + 1).unwrap_or(1),
        name: (*name).to_owned(),
        division,
        start: *start,
        term_months: TERM_MONTHS,
        end: next.filter(|_| *at == 0),
    };
    begun.iter().map(batch).collect()
}

/// The people of a team in one round: they all come on its day and hand over on the day of the next.
fn fill(world: &mut World, batch: usize, post: &Post, counts: &Counts, census: &mut Census<'_>, dice: &mut Dice) {
    let (from, end) = (world.batches[batch].start, world.batches[batch].end);
    let team = world.teams.len();
    let people = post.above.map_or(1 + post.members, |number| counts.in_team(number));
    for turn in 0..people {
        let role = if turn == 0 { PostRole::FirstSecretary } else { PostRole::Member };
        let unit = if turn < 2 { post.lead } else { post.joining };
        let person = match post.above {
            Some(number) => hire_above(unit, role, from, (number, turn), counts, census),
            None => census.hire(unit, role, from),
        };
        world.postings.push(Posting {
            batch,
            person,
            village: post.village,
            team: Some(team),
            role,
            leader: role == PostRole::FirstSecretary,
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
    let Some(period) = Period::new(from, end) else { return };
    let joining = people > 2 && post.joining != post.lead;
    world.teams.push(Team {
        batch,
        name: format!("驻{}工作队", world.villages[post.village].name),
        village: post.village,
        also: post.also.clone(),
        ledger: Ledger::Province,
        lead_unit: post.lead,
        joining_units: if joining { vec![post.joining] } else { Vec::new() },
        period,
    });
}

/// Somebody sent by the province: who is young, of rank or versed in villages follows the counts of the text (HN-2),
/// whatever the dice say.
fn hire_above(
    unit: usize,
    role: PostRole,
    on: Day,
    (team, turn): (usize, usize),
    counts: &Counts,
    census: &mut Census<'_>,
) -> usize {
    let number = counts.first_of(team) + turn;
    let young = is_among(number, counts.young, counts.above);
    // Nobody crosses forty within the term.
    let person = census.hire_aged(unit, role, on, if young { (28, 36) } else { (41, 53) });
    let rural = is_among((number + counts.above / 2) % counts.above, counts.rural, counts.above);
    let known = &mut census.people[person];
    (known.village_experience, known.agriculture) =
        (rural && !number.is_multiple_of(3), rural && number.is_multiple_of(3));
    if role == PostRole::FirstSecretary && !is_among(team, counts.ranked, counts.above_teams) {
        (known.position, known.rank) = ("科长", "一级主任科员");
    }
    person
}
