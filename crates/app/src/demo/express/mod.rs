//! Projects, problems and meetings of a place, as many as its counts say, through the functions that pages use.
//!
//! [`make`] knows no county: it is given villages, departments, the office that meets, and [`Counts`]. What is struck
//! off, held, listed and invested comes out exactly; the rest stands in every other state there is.

mod problems;
mod projects;
#[cfg(test)]
mod tests;
mod words;

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Instant},
    web::AppError,
};

use super::{
    dice::{Dice, Stream},
    lists,
    load::Ids,
    places::{SHAHE, SIZHUANG},
    world::{Gender, PostRole, World},
};
use crate::{
    accounts::Actor,
    express::{
        bindings::{self, store::NewBinding},
        departments::Department,
        talents::{self, Field, store::Talent},
    },
    packs::Pack,
};

/// How much of what a place has.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Projects listed, and how many of them are of industry.
    pub projects: usize,
    pub industry: usize,
    /// Applications for Party-building projects; those passed are listed and among `projects`.
    pub applications: usize,
    /// 万元 of all listed projects, and of it what has arrived.
    pub investment: i64,
    pub funds: i64,
    pub problems: usize,
    pub struck_off: usize,
    /// Meetings held; one more is planned where problems are left.
    pub meetings: usize,
    /// Gains: indicator, amount in its smallest unit, in how many projects.
    pub gains: &'static [(&'static str, i64, usize)],
    pub talents: usize,
    pub bindings: usize,
}

/// A village with who reports from it.
#[derive(Clone, Debug)]
pub struct Village {
    pub code: DivisionCode,
    pub name: String,
    pub person: Option<(CountyId, String, String)>,
}

/// Where it all happens.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub villages: &'a [Village],
    pub departments: &'a [Department],
    /// The office that calls the meetings, a county's or a city's.
    pub office: (DivisionCode, &'a str),
    pub today: Day,
}

impl Place<'_> {
    fn village(&self, at: usize) -> &Village {
        &self.villages[at % self.villages.len()]
    }
}

/// Somebody doing something on a day, in the morning; `step` keeps the order of what happens on one day.
fn on(day: Day, name: &str, step: i64) -> Actor {
    let since = Day::new(1970, 1, 1).map_or(0, |first| day.days_since(first));
    let at = Instant(since * 86_400_000 + 3_600_000 + step * 60_000);
    Actor { account_id: "demo".into(), name: name.into(), at, today: day }
}

/// Splits a whole into so many parts, none of them nothing where there is enough.
fn split(total: i64, parts: usize, dice: &mut Dice) -> Vec<i64> {
    if parts == 0 {
        return Vec::new();
    }
    let weights: Vec<i64> = (0..parts).map(|_| dice.between(4, 16)).collect();
    let sum: i64 = weights.iter().sum();
    let mut split: Vec<i64> = weights.iter().map(|weight| total * weight / sum).collect();
    let rest = total - split.iter().sum::<i64>();
    split[0] += rest;
    split
}

/// 社旗: a couple of dozen of each, in every state.
const SHEQI: Counts = Counts {
    projects: 24,
    industry: 11,
    applications: 6,
    investment: 1_286,
    funds: 842,
    problems: 30,
    struck_off: 12,
    meetings: 3,
    gains: &[
        ("gain.collective_income", 46_500_000, 5),
        ("gain.dividend", 18_600_000, 3),
        ("gain.dividend.people", 142, 3),
        ("gain.land", 86_000, 4),
    ],
    talents: 26,
    bindings: 5,
};

/// 浮山 (FS-7): 11 projects of industry, 9 applications of Party-building projects, 412 万元.
const FUSHAN: Counts = Counts {
    projects: 20,
    industry: 11,
    applications: 9,
    investment: 640,
    funds: 412,
    problems: 0,
    struck_off: 0,
    meetings: 0,
    gains: &[],
    talents: 8,
    bindings: 4,
};

/// 梧州 (WZ-1 to WZ-6), all of it in 藤县, called together by the city.
const WUZHOU: Counts = Counts {
    projects: 37,
    industry: 20,
    applications: 0,
    investment: 1_136,
    funds: 790,
    problems: 114,
    struck_off: 73,
    meetings: 9,
    gains: &[
        ("gain.dividend", 12_000_000, 2),
        ("gain.dividend.people", 53, 2),
        ("gain.land", 405_000, 5),
        ("gain.collective_income", 8_200_000, 3),
    ],
    talents: 12,
    bindings: 6,
};
const TENGXIAN: i64 = 450_422;

/// The express of a county of a place; nothing where its text tells nothing.
pub(super) async fn load(
    tx: &mut Tx,
    of: super::Place,
    county: CountyId,
    world: &World,
    ids: &Ids,
    pack: &Pack,
) -> Result<(), AppError> {
    let (counts, office) = match of {
        super::Place::Sheqi => (&SHEQI, (county.division(), "宋知远")),
        super::Place::Fushan => (&FUSHAN, (county.division(), "安怀民")),
        super::Place::Wuzhou if county.as_i64() == TENGXIAN => (&WUZHOU, (of.division(), "覃立言")),
        super::Place::Wuzhou | super::Place::Shexian | super::Place::Longkou | super::Place::Hunan => return Ok(()),
    };
    let villages = villages(world, ids);
    if villages.is_empty() {
        return Ok(());
    }
    let departments: Vec<Department> = world
        .units
        .iter()
        .zip(&ids.units)
        .filter(|(unit, _)| unit.name.starts_with('县'))
        .map(|(unit, id)| Department { id: id.clone(), name: unit.name.clone() })
        .collect();
    let place = Place { villages: &villages, departments: &departments, office, today: world.today };
    make(tx, place, counts, pack, &mut Dice::new(world.seed, Stream::Express)).await
}

/// The story's villages first, then some across the county, each with its first secretary of today.
fn villages(world: &World, ids: &Ids) -> Vec<Village> {
    let held = world.postings.iter().filter(|post| post.holds(world.today) && post.role == PostRole::FirstSecretary);
    let all: Vec<Village> = held
        .map(|post| {
            let village = &world.villages[post.village];
            let person = &world.people[post.person];
            let (keeper, id) = ids.people[post.person].clone();
            Village { code: village.code, name: village.name.clone(), person: Some((keeper, id, person.name.clone())) }
        })
        .collect();
    let named = [SIZHUANG, SHAHE].into_iter();
    let first: Vec<Village> =
        named.filter_map(|code| all.iter().find(|one| one.code.as_i64() == code).cloned()).collect();
    let every = if all.len() > 40 { 11 } else { 1 };
    let rest = all.iter().step_by(every).filter(|one| first.iter().all(|other| other.code != one.code)).cloned();
    first.iter().cloned().chain(rest).collect()
}

/// Makes a place's projects, problems, meetings, talents and bindings.
pub async fn make(
    tx: &mut Tx,
    place: Place<'_>,
    counts: &Counts,
    pack: &Pack,
    dice: &mut Dice,
) -> Result<(), AppError> {
    let projects = projects::make(tx, place, counts, pack, dice).await?;
    problems::make(tx, place, counts, &projects, pack, dice).await?;
    make_talents(tx, place, counts.talents, dice).await?;
    make_bindings(tx, place, counts.bindings).await
}

async fn make_talents(tx: &mut Tx, place: Place<'_>, count: usize, dice: &mut Dice) -> Result<(), AppError> {
    let (surnames, weights) = lists::surnames();
    for at in 0..count {
        let gender = if dice.percent(35) { Gender::Female } else { Gender::Male };
        let name = format!("{}{}", surnames[dice.weighted(&weights)], dice.one(&lists::given_names(gender)));
        let (field, strengths) = words::TALENTS[at % words::TALENTS.len()];
        let village = place.village(at);
        let talent = Talent {
            village: village.code,
            name,
            field: Field::parse(field).unwrap_or(Field::Other),
            strengths: strengths.into(),
            phone: None,
            note: None,
        };
        let who = village.person.as_ref().map_or("村党支部", |(_, _, name)| name.as_str());
        let day = place.today.plus_days(-dice.between(3, 160));
        talents::register(tx, &talent, &on(day, who, 0)).await?;
    }
    Ok(())
}

async fn make_bindings(tx: &mut Tx, place: Place<'_>, count: usize) -> Result<(), AppError> {
    for (at, unit) in place.departments.iter().take(count).enumerate() {
        let village = place.village(at);
        let (said, result) = words::DUTIES[at % words::DUTIES.len()];
        let since = place.today.plus_days(-120);
        // One of them is late, those that are delivered have their result.
        let due = place.today.plus_days(if at % 4 == 1 { -12 } else { 60 });
        let new = NewBinding {
            unit_id: unit.id.clone(),
            village: village.code,
            words: said.into(),
            person: "单位主要负责人".into(),
            due,
        };
        let id = bindings::bind(tx, &new, &unit.name, &on(since, place.office.1, 0)).await?;
        if at % 2 == 0 {
            let key = (village.code.county(), id.as_str());
            bindings::deliver(tx, key, result, &on(place.today.plus_days(-20), &unit.name, 0)).await?;
        }
    }
    Ok(())
}
