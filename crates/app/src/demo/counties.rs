//! Smaller places of the programme: one running batch in some villages of a county, counted as their texts count it.

use base::kernel::{Day, DivisionCode, Level, Period};
use jiff::civil::date;

use super::{
    dice::{Dice, Stream},
    lists,
    people::{Census, Names, Numbers},
    places, plan, steady, units,
    world::{
        Account, AccountRole, Batch, Division, Gender, Ledger, Person, PostRole, Posting, Scope, Team, UnitLevel,
        Village, Visit, World,
    },
};

/// What is told of a county, and who signs in there.
pub struct Sketch {
    pub county: i64,
    /// Who posts people counts these villages; the text names the first of them.
    pub villages: usize,
    pub named: &'static [i64],
    /// Members besides the first secretaries, one to a team.
    pub members: usize,
    /// 人次 of visits by people from outside, and how many people they were.
    pub visits: (usize, usize),
    /// Who writes month by month, where the text counts nothing that comes of it.
    pub pace: Option<steady::Pace>,
    /// Sign-in name, person, what they are, role; the cadre is the first secretary of the first village.
    pub accounts: &'static [SignIn],
}

pub type SignIn = (&'static str, &'static str, &'static str, AccountRole);

/// 浮山 (FS-1 to FS-3): 30 people in 20 villages; 126 visitors came 1,042 times.
pub const FUSHAN: Sketch = Sketch {
    county: 141_027_000_000,
    villages: 20,
    named: &[
        141_027_205_207, // 陈家圪塔村
        141_027_200_236, // 南西河村
        141_027_200_223, // 卫家河村
        141_027_203_219, // 堡子上村
        141_027_202_214, // 南庄村
        141_027_100_215, // 东鲁村
    ],
    members: 10,
    visits: (1_042, 126),
    pace: None,
    accounts: &[
        ("fushan", "安怀民", "浮山县驻村办", AccountRole::Office),
        ("fushan-township", "温知行", "天坛镇党委", AccountRole::Township),
        ("fushan-cadre", "项明远", "驻村第一书记", AccountRole::Cadre),
        ("fushan-branch", "卫长顺", "村党支部", AccountRole::Branch),
        ("fushan-department", "路清源", "县交通运输局（责任部门）", AccountRole::Department),
    ],
};

/// 藤县, where the gains of 梧州 were counted (WZ-6), and two counties more.
pub const WUZHOU: [Sketch; 3] = [
    Sketch {
        county: 450_422_000_000,
        villages: 18,
        named: &[450_422_107_205, 450_422_100_226], // 建新村, 谷山村
        members: 8,
        visits: (0, 0),
        pace: None,
        accounts: &[
            ("wuzhou", "覃立言", "梧州市驻村办", AccountRole::Office),
            ("tengxian", "蒙书平", "藤县驻村办", AccountRole::Office),
            ("tengxian-cadre", "黎向明", "驻村第一书记", AccountRole::Cadre),
            ("tengxian-department", "莫江涛", "县水利局（责任部门）", AccountRole::Department),
        ],
    },
    Sketch {
        county: 450_421_000_000,
        villages: 12,
        named: &[],
        members: 4,
        visits: (0, 0),
        pace: None,
        accounts: &[("cangwu", "岑守正", "苍梧县驻村办", AccountRole::Office)],
    },
    Sketch {
        county: 450_423_000_000,
        villages: 8,
        named: &[],
        members: 2,
        visits: (0, 0),
        pace: None,
        accounts: &[("mengshan", "卢景和", "蒙山县驻村办", AccountRole::Office)],
    },
];

/// 龙口 (LK): first secretaries of a running batch over 13 townships; the league is still to come.
pub const LONGKOU: Sketch = Sketch {
    county: 370_681_000_000,
    villages: 64,
    named: &[370_681_108_231, 370_681_106_214], // 筐柳村, 南邢家村
    members: 12,
    visits: (60, 18),
    pace: Some(steady::Pace { percent: 85, outcomes: 1 }),
    accounts: &[
        ("longkou", "姜守诚", "龙口市驻村办", AccountRole::Office),
        ("longkou-leader", "曲维岩", "龙口市领导", AccountRole::Leader),
        ("longkou-township", "隋文涛", "石良镇党委", AccountRole::Township),
        ("longkou-cadre", "慕海宁", "驻村第一书记", AccountRole::Cadre),
        ("longkou-branch", "栾庆和", "村党支部", AccountRole::Branch),
    ],
};

/// The world of a sketch; numbers of people go on from place to place.
#[must_use]
pub fn world(sketch: &Sketch, seed: u64, today: Day, mut numbers: Numbers) -> (World, Numbers) {
    let county = DivisionCode::from_i64(sketch.county).unwrap_or(DivisionCode::NATION);
    let mut dice = Dice::new(seed ^ sketch.county.unsigned_abs(), Stream::Counties);
    let divisions = lists::county(county);
    let villages = places::some(&divisions, sketch.named, sketch.villages, today, &mut dice);
    let units = units::units(county, &divisions, &mut numbers);
    let kept: Vec<&str> = sketch.accounts.iter().map(|(_, name, ..)| *name).collect();
    let people = Dice::new(seed ^ sketch.county.unsigned_abs(), Stream::People);
    let mut census = Census::new(&units, Names::new(&kept), numbers, people);
    let start = Day::from_date(date(2023, 6, 1));
    let mut world = World {
        seed,
        today,
        divisions,
        villages,
        units: units.clone(),
        people: Vec::new(),
        batches: vec![Batch {
            number: 1,
            name: "第一批".to_owned(),
            division: county,
            start,
            term_months: 24,
            end: None,
        }],
        teams: Vec::new(),
        postings: Vec::new(),
        accounts: Vec::new(),
        log: Vec::new(),
        visits: Vec::new(),
    };
    post(&mut world, sketch.members, start, &mut census, &mut dice);
    sign_in(&mut world, (sketch.named, sketch.accounts), county, &mut census, &mut dice);
    let (people, numbers) = census.close();
    world.visits = visits(&world.villages, &people, sketch.visits, today, &mut dice);
    world.people = people;
    if let Some(pace) = sketch.pace {
        world.log = steady::entries(
            &world.postings,
            today,
            pace,
            &mut Dice::new(seed ^ sketch.county.unsigned_abs(), Stream::Steady),
        );
    }
    (world, numbers)
}

/// A first secretary in each village, and in the first ones a team with one member.
fn post(world: &mut World, members: usize, start: Day, census: &mut Census<'_>, dice: &mut Dice) {
    let lent: Vec<usize> = (0..world.units.len()).filter(|&at| world.units[at].level == UnitLevel::County).collect();
    for at in 0..world.villages.len() {
        let unit = lent[at % lent.len().max(1)];
        let team = (at < members).then_some(at);
        let from = start.plus_days(dice.between(0, 19));
        let person = census.hire(unit, PostRole::FirstSecretary, from);
        world.postings.push(posting(at, (person, PostRole::FirstSecretary, unit), from, team, dice));
        if team.is_none() {
            continue;
        }
        let joining = plan::joining_unit(&world.villages[at], &world.units, unit, dice);
        let day = start.plus_days(dice.between(0, 19));
        let member = census.hire(joining, PostRole::Member, day);
        world.postings.push(posting(at, (member, PostRole::Member, joining), day, team, dice));
        let Some(period) = Period::new(from.min(day), None) else { continue };
        world.teams.push(Team {
            batch: 0,
            name: format!("驻{}工作队", world.villages[at].name),
            village: at,
            also: Vec::new(),
            ledger: Ledger::Province,
            lead_unit: unit,
            joining_units: vec![joining],
            period,
        });
    }
}

fn posting(
    village: usize,
    (person, role, unit): (usize, PostRole, usize),
    from: Day,
    team: Option<usize>,
    dice: &mut Dice,
) -> Posting {
    Posting {
        batch: 0,
        person,
        village,
        team,
        role,
        leader: role == PostRole::FirstSecretary && team.is_some(),
        ledger: Ledger::Province,
        unit,
        proposed: from.plus_days(-dice.between(30, 45)),
        vetted: from.plus_days(-dice.between(16, 25)),
        approved: from.plus_days(-dice.between(4, 10)),
        from,
        ended: None,
        successor: None,
    }
}

/// Who signs in at a place; the cadre holds the first named village's post today.
pub fn sign_in(
    world: &mut World,
    (named, accounts): (&[i64], &[SignIn]),
    county: DivisionCode,
    census: &mut Census<'_>,
    dice: &mut Dice,
) {
    let first = named.first().copied();
    let at = world.villages.iter().position(|village| Some(village.code.as_i64()) == first).unwrap_or(0);
    let Some(village) = world.villages.get(at).map(|village| (village.code, village.name.clone())) else { return };
    for &(login, name, title, role) in accounts {
        let (title, scope) = match role {
            AccountRole::Cadre => {
                let mut posts = world.postings.iter().rev();
                let own = posts.find(|p| p.village == at && p.role == PostRole::FirstSecretary);
                let Some(posting) = own else { continue };
                census.recast(posting.person, name, Gender::Male, dice);
                (format!("{}{title}", village.1), Scope::Person(posting.person))
            }
            AccountRole::Branch => (format!("{}{title}", village.1), Scope::Division(village.0)),
            AccountRole::Township => {
                let of_township = |one: &&Division| one.level == Level::Township && title.starts_with(&one.name);
                let township = world.divisions.iter().find(of_township);
                (title.to_owned(), Scope::Division(township.map_or(county, |township| township.code)))
            }
            AccountRole::Department | AccountRole::Unit => {
                let unit = world.units.iter().position(|unit| title.starts_with(&unit.name));
                let Some(unit) = unit else { continue };
                (title.to_owned(), Scope::Unit(unit))
            }
            AccountRole::Office
            | AccountRole::Leader
            | AccountRole::Mentor
            | AccountRole::Judge
            | AccountRole::Sysadmin
            | AccountRole::Secadmin
            | AccountRole::Auditor => {
                // Of the city or the province where the title says so.
                let mut above = [Level::City, Level::Province].map(|level| county.at(level)).into_iter();
                let says = |code: &DivisionCode| {
                    world.divisions.iter().any(|one| one.code == *code && title.starts_with(&one.name))
                };
                (title.to_owned(), Scope::Division(above.find(says).unwrap_or(county)))
            }
        };
        world.accounts.push(Account { login, name: name.to_owned(), title, roles: vec![(role, scope)] });
    }
}

const FROM: [(&str, &str); 6] = [
    ("县委组织部", "副部长"),
    ("县农业农村局", "局长"),
    ("县乡村振兴局", "副局长"),
    ("县人大常委会", "副主任"),
    ("市委组织部", "科长"),
    ("县政协", "副主席"),
];

/// So many visits counted by person, by so many people, each of whom came.
fn visits(
    villages: &[Village],
    people: &[Person],
    (times, visitors): (usize, usize),
    today: Day,
    dice: &mut Dice,
) -> Vec<Visit> {
    let names = Names::new(&[]);
    let mut known: Vec<String> = Vec::new();
    while known.len() < visitors {
        let name = names.any(if dice.percent(30) { Gender::Female } else { Gender::Male }, dice);
        if !known.contains(&name) && !people.iter().any(|person| person.name == name) {
            known.push(name);
        }
    }
    let mut all = Vec::new();
    let mut came = 0;
    while came < times {
        let party = (1 + dice.below(4)).min(times - came);
        // One after the other, so that nobody comes twice in a party and all come.
        let who = (came..came + party).map(|turn| {
            let at = turn % known.len();
            let (unit, post) = FROM[at % FROM.len()];
            (known[at].clone(), unit.to_owned(), post.to_owned())
        });
        all.push(Visit {
            day: today.plus_days(-dice.between(1, 200)),
            villages: vec![dice.below(villages.len())],
            visitors: who.collect(),
            words: "到村里看了产业和便民服务，听了驻村工作队的打算。".to_owned(),
            promises: Vec::new(),
        });
        came += party;
    }
    all.sort_by_key(|visit| (visit.day, visit.villages.first().copied()));
    all
}
