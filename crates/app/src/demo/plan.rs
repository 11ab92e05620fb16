//! Who posts whom where in the running batch, before there are people: teams, their sizes, units and first days.

use base::kernel::Day;
use jiff::civil::date;

use super::dice::Dice;
use super::places::{self, LUOZHUANG, MAZHUANG, SHAHE, SIZHUANG};
use super::units::fit;
use super::world::{Ledger, TaskLoad, Unit, UnitLevel, Village, VillageCategory};

/// Light villages with a team of their own: 86 teams less those of 53 heavy and 10 weak villages.
const LIGHT_TEAMS: usize = 23;
/// Of the light teams, how many are a first secretary and one member; of the heavy ones, how many have three members.
const SMALL_TEAMS: usize = 20;
const LARGE_TEAMS: usize = 23;
/// Teams beside the province's ledger, and how many of them have three members, not two (SQ-3).
const COUNTY_TEAMS: usize = 12;
const LARGE_COUNTY_TEAMS: usize = 5;

/// The unit that the story gives a village; the source text names those of 马庄村 and 罗庄村.
const STORY_UNITS: [(i64, &str); 4] =
    [(SIZHUANG, "县交通运输局"), (SHAHE, "县农业农村局"), (MAZHUANG, "县文化旅游局"), (LUOZHUANG, "县民政局")];

/// What one village gets in the running batch.
pub struct Place {
    pub ledger: Ledger,
    /// Members besides the first secretary; none where the village has no team of its own.
    pub members: Option<usize>,
    /// The first secretary's unit, which leads the team.
    pub unit: usize,
    /// The first secretary's first day.
    pub from: Day,
}

/// One place for each village, in the villages' order.
#[must_use]
pub fn places(villages: &[Village], units: &[Unit], dice: &mut Dice) -> Vec<Place> {
    let members = members(villages, dice);
    let chosen = choose_units(villages, units, dice);
    let place = |(at, village): (usize, &Village)| {
        let ledger = ledger(village);
        Place { ledger, members: members[at], unit: chosen[at], from: first_day(village, ledger, dice) }
    };
    villages.iter().enumerate().map(place).collect()
}

fn ledger(village: &Village) -> Ledger {
    match village.category {
        VillageCategory::OutOfPoverty
        | VillageCategory::HeavyTask
        | VillageCategory::WeakBranch
        | VillageCategory::Model => Ledger::Province,
        VillageCategory::Ordinary => Ledger::County,
    }
}

fn is_heavy(village: &Village) -> bool {
    village.category == VillageCategory::HeavyTask || village.task == Some(TaskLoad::Heavy)
}

fn first_day(village: &Village, ledger: Ledger, dice: &mut Dice) -> Day {
    let later = match ledger {
        Ledger::Province => Day::from_date(date(2023, 6, 1)).plus_days(dice.between(0, 19)),
        Ledger::County => Day::from_date(date(2023, 7, 3)).plus_days(dice.between(0, 50)),
    };
    let story = [SIZHUANG, SHAHE].contains(&village.code.as_i64());
    if story { Day::from_date(date(2023, 6, 3)) } else { later }
}

fn members(villages: &[Village], dice: &mut Dice) -> Vec<Option<usize>> {
    let mut members = vec![None; villages.len()];
    let which = |want: &dyn Fn(&Village) -> bool| (0..villages.len()).filter(|&at| want(&villages[at])).collect();
    let mut heavy: Vec<usize> = which(&is_heavy);
    let weak: Vec<usize> = which(&|village| village.category == VillageCategory::WeakBranch);
    let mut light: Vec<usize> = which(&|village| village.task == Some(TaskLoad::Light));
    let mut ordinary: Vec<usize> = which(&|village| village.category == VillageCategory::Ordinary);
    for drawn in [&mut heavy, &mut light, &mut ordinary] {
        dice.shuffle(drawn);
        // Villages of the story have a team.
        drawn.sort_by_key(|&at| !places::is_pinned(villages[at].code));
    }
    for (drawn, &at) in heavy.iter().enumerate() {
        members[at] = Some(if drawn < LARGE_TEAMS { 3 } else { 2 });
    }
    for at in weak {
        members[at] = Some(2);
    }
    for (drawn, &at) in light.iter().take(LIGHT_TEAMS).enumerate() {
        members[at] = Some(if drawn < LIGHT_TEAMS - SMALL_TEAMS { 2 } else { 1 });
    }
    for (drawn, &at) in ordinary.iter().take(COUNTY_TEAMS).enumerate() {
        members[at] = Some(if drawn < LARGE_COUNTY_TEAMS { 3 } else { 2 });
    }
    members
}

/// Province and city units take one heavy village each, strong county units the other heavy ones, and what a unit can
/// do meets what the village needs (HN-3, HN-4).
fn choose_units(villages: &[Village], units: &[Unit], dice: &mut Dice) -> Vec<usize> {
    let mut chosen: Vec<Option<usize>> = villages.iter().map(|village| story_unit(village, units)).collect();
    for (unit, giver) in units.iter().enumerate() {
        if matches!(giver.level, UnitLevel::Province | UnitLevel::City) {
            let free = (0..villages.len()).filter(|&at| chosen[at].is_none() && is_heavy(&villages[at]));
            if let Some(best) = free.max_by_key(|&at| (fit(giver, &villages[at]), dice.below(1000))) {
                chosen[best] = Some(unit);
            }
        }
    }
    let mut load: Vec<usize> =
        (0..units.len()).map(|unit| chosen.iter().filter(|c| **c == Some(unit)).count()).collect();
    let mut complete = Vec::with_capacity(villages.len());
    for (village, given) in villages.iter().zip(chosen) {
        let unit = given.unwrap_or_else(|| {
            let unit = county_unit(village, units, &load, dice);
            load[unit] += 1;
            unit
        });
        complete.push(unit);
    }
    complete
}

fn story_unit(village: &Village, units: &[Unit]) -> Option<usize> {
    let (_, name) = STORY_UNITS.iter().find(|(code, _)| *code == village.code.as_i64())?;
    units.iter().position(|unit| unit.name == *name)
}

fn county_unit(village: &Village, units: &[Unit], load: &[usize], dice: &mut Dice) -> usize {
    let by_township = village.category == VillageCategory::Ordinary && dice.percent(40);
    let may = |unit: &Unit| match unit.level {
        UnitLevel::Province | UnitLevel::City => false,
        UnitLevel::County => !by_township && (unit.strong || !is_heavy(village)),
        UnitLevel::Township => by_township && unit.division.contains(village.code),
    };
    let able = (0..units.len()).filter(|&unit| may(&units[unit]));
    // A unit that already carries much needs a better reason. 100 keeps the difference positive.
    let worth = |unit: usize| (100 + 2 * fit(&units[unit], village)).saturating_sub(load[unit]);
    able.max_by_key(|&unit| (worth(unit), dice.below(1000))).unwrap_or_default()
}

/// A county unit that joins a team led by another.
#[must_use]
pub fn joining_unit(village: &Village, units: &[Unit], lead: usize, dice: &mut Dice) -> usize {
    let able = (0..units.len()).filter(|&unit| unit != lead && units[unit].level == UnitLevel::County);
    able.max_by_key(|&unit| (dice.below(3) + fit(&units[unit], village), dice.below(1000))).unwrap_or(lead)
}
