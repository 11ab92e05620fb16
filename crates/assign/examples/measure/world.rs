//! Made problems of any size, shaped as the county of `scenarios/county` is: its mix of categories, needs, strengths,
//! people and ranks. From a seed alone; nobody in them lives.

use assign::{Category, Level, Parameters, Person, Problem, Unit, Village};
use jiff::civil::date;

const TAGS: [&str; 22] = [
    "中药材",
    "乡村旅游",
    "住房",
    "党建",
    "养殖",
    "加工",
    "医疗",
    "就业",
    "教育",
    "文化",
    "水利",
    "水果",
    "生态",
    "电力",
    "电商",
    "纠纷调解",
    "茶叶",
    "蔬菜",
    "道路",
    "金融",
    "集体经济",
    "饮水",
];

/// How large a world is. Villages lie evenly in counties of some 84, counties in cities of some nine, all in one province.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub villages: usize,
    pub people: usize,
    pub units: usize,
}

/// SplitMix64 of Steele, Lea and Flood (2014).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn tags(&mut self, count: usize) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        while tags.len() < count {
            let tag = TAGS[self.below(TAGS.len())].to_owned();
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        tags
    }

    /// One of the choices, by weight.
    fn weighted<T: Copy>(&mut self, choices: &[(T, usize)]) -> T {
        let mut left = self.below(choices.iter().map(|(_, weight)| weight).sum());
        for (choice, weight) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        choices[0].0
    }
}

/// The twelve digits of a county's division: its city and its number in it.
fn county_code(county: usize) -> String {
    format!("41{:02}{:02}", 1 + county / 9, 1 + county % 9)
}

fn township(county: usize, number: usize) -> String {
    format!("{}1{:02}", county_code(county), number)
}

/// Makes a world.
pub fn make(size: Size, seed: u64) -> Problem {
    let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let counties = size.villages.div_ceil(84).max(1);
    let villages: Vec<Village> = (0..size.villages).map(|at| village(&mut dice, at, counties)).collect();
    let mut units = Vec::new();
    let mut people = Vec::new();
    for at in 0..size.units {
        let unit = unit(&mut dice, at, counties);
        // As many people as keep the total in step, give or take two.
        let due = size.people * (at + 1) / size.units - people.len().min(size.people * (at + 1) / size.units);
        let count = (due + dice.below(3)).saturating_sub(1).clamp(1, 8);
        for _ in 0..count {
            let number = people.len() + 1;
            let county = if unit.level == Level::County { at % counties } else { dice.below(counties) };
            people.push(person(&mut dice, number, &unit, county));
        }
        units.push(unit);
    }
    let mut problem = Problem { on: date(2025, 12, 31), parameters: Parameters::default(), villages, units, people };
    for at in 0..problem.villages.len() {
        if problem.villages[at].category == Category::Model {
            let near = [1, 2, 3].map(|step| (at + step * counties) % size.villages);
            problem.villages[at].neighbours = near.map(|other| problem.villages[other].code.clone()).to_vec();
        }
        if dice.chance(1) {
            let unit = problem.units[dice.below(size.units)].id.clone();
            problem.villages[at].forbidden_units = vec![unit];
        }
    }
    problem
}

fn village(dice: &mut Dice, at: usize, counties: usize) -> Village {
    let (county, within) = (at % counties, at / counties);
    let category = dice.weighted(&[
        (Category::Heavy, 41),
        (Category::Light, 33),
        (Category::Task, 20),
        (Category::Other, 10),
        (Category::Weak, 8),
        (Category::Model, 6),
    ]);
    let needs = dice.weighted(&[(2, 40), (3, 40), (4, 38)]);
    Village {
        code: format!("{}{:03}", township(county, within / 8), 200 + within % 8),
        name: format!("村{}", at + 1),
        category,
        team_size: None,
        needs: dice.tags(needs),
        fixed_unit: None,
        forbidden_units: Vec::new(),
        neighbours: Vec::new(),
    }
}

fn unit(dice: &mut Dice, at: usize, counties: usize) -> Unit {
    let level = match at * 41 % 100 {
        0..3 => Level::Province,
        3..8 => Level::City,
        _ => Level::County,
    };
    let county = county_code(at % counties);
    let strengths = dice.weighted(&[(2, 26), (3, 19), (4, 26), (5, 25)]);
    Unit {
        id: format!("U{:05}", at + 1),
        name: format!("单位{}", at + 1),
        level,
        strong: level != Level::County || dice.chance(61),
        home_code: format!("{:0<12}", &county[..level.digits()]),
        max_teams: dice.weighted(&[(1, 40), (2, 38), (3, 18)]),
        strengths: dice.tags(strengths),
    }
}

fn person(dice: &mut Dice, number: usize, unit: &Unit, county: usize) -> Person {
    let rank = match unit.level {
        Level::County => dice.weighted(&[(8, 55), (10, 45)]),
        Level::City => dice.weighted(&[(7, 60), (9, 40)]),
        Level::Province => dice.weighted(&[(5, 60), (7, 40)]),
    };
    let year = i16::try_from(1970 + dice.below(29)).unwrap();
    let month = i8::try_from(1 + dice.below(12)).unwrap();
    let specialities = dice.weighted(&[(0, 26), (1, 48), (2, 26)]);
    let home = dice.below(11);
    Person {
        id: format!("P{number:06}"),
        name: format!("人员{number}"),
        unit: unit.id.clone(),
        rank,
        rank_waived: false,
        birth: date(year, month, 1),
        party_since: Some(date(year + 22, 7, 1)),
        specialities: dice.tags(specialities),
        rural: dice.chance(29),
        agri: dice.chance(22),
        reserve: dice.chance(26),
        home_township: Some(format!("{}000", township(county, home))),
        gates: [!dice.chance(2), true, !dice.chance(1)],
    }
}
