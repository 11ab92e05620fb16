//! A demo world, made from a seed and nothing else: no clock, files or database.
//!
//! | part | what |
//! |---|---|
//! | [`world`] | the shapes: [`World`] and what it holds |
//! | `places` | the 249 villages of 社旗: category, stars, households, income, neighbours |
//! | `units` | who posts people |
//! | `plan` | which unit posts how many where in the running batch |
//! | `service` | three batches of teams and postings, with handovers and replacements |
//! | `people` | names, ID numbers and telephones of nobody |
//! | `story` | puts the log into the stores |
//! | `log` | years of log entries with their outcomes, and leaders' visits |
//! | `accounts` | who signs in, one for each role |
//! | `burden` | what forms cost in the last months, through the burden meter itself |
//! | `cards` | households and the card in each home, straight into the stores |
//! | `counties` | smaller places, with one batch each and what their texts count |
//! | `shexian` | eight batches over twenty years |
//! | [`province`] | 湖南: every division, two rounds, county by county |
//! | `steady` | log entries month by month where the text counts none |
//! | `dispatch` | a round of planning under way: pool, gates, villages of two townships, two plans |
//! | [`express`] | projects, problems and meetings in every state, by given counts, through the functions that pages use |
//! | [`matters`] | villagers' matters in every state, by counts, through the rules of matters |
//! | `papers` | a briefing signed and one in draft, and two forms of a higher office with their ties |
//! | `presence` | a handful of leaves and trips and two spot checks, through the functions that pages use |
//! | [`scale`] | rosters of any length, to measure imports by |
//!
//! The counts are those of the source text (SQ-2, SQ-3, SQ-5, SQ-11) whatever the seed; names and figures follow the seed.
//! The calendar is fixed: the running batch began on 2023-06-01 and was complete by 2023-09-01. `today` only leaves out
//! what nobody could know yet: a year that has not ended, a replacement still to come. Real places, invented facts.

mod accounts;
mod burden;
mod cards;
mod counties;
mod dice;
mod dispatch;
pub mod evidence;
mod express;
mod handovers;
pub mod lists;
mod load;
mod log;
mod matter_stories;
pub mod matters;
mod papers;
mod people;
mod places;
mod plan;
mod presence;
pub mod province;
mod ratings;
pub mod scale;
mod service;
mod shexian;
mod steady;
#[cfg(test)]
mod stored;
mod story;
#[cfg(test)]
mod tests;
mod units;
pub mod world;

use base::kernel::{Day, DivisionCode, Level};

use dice::{Dice, Stream};
pub use load::{BEGUN, DONE, PASSWORD, build, load, load_all};
use people::{Census, Names, Numbers};
use service::Service;
pub use world::World;

/// A place that a demo can show: its programme pack and the counties made for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    Sheqi,
    Fushan,
    Wuzhou,
    Shexian,
    Longkou,
    Hunan,
}

impl Place {
    pub const ALL: [Self; 6] = [Self::Sheqi, Self::Fushan, Self::Wuzhou, Self::Shexian, Self::Longkou, Self::Hunan];

    /// The name on the command line, which is its pack's.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sheqi => "sheqi",
            Self::Fushan => "fushan",
            Self::Wuzhou => "wuzhou",
            Self::Shexian => "shexian",
            Self::Longkou => "longkou",
            Self::Hunan => "hunan",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Sheqi => "社旗县",
            Self::Fushan => "浮山县",
            Self::Wuzhou => "梧州市",
            Self::Shexian => "歙县",
            Self::Longkou => "龙口市",
            Self::Hunan => "湖南省",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// The whole of it: a county, a city or a province.
    #[must_use]
    pub fn division(self) -> DivisionCode {
        let code = match self {
            Self::Sheqi => 411_327_000_000,
            Self::Fushan => 141_027_000_000,
            Self::Wuzhou => 450_400_000_000,
            Self::Shexian => 341_021_000_000,
            Self::Longkou => 370_681_000_000,
            Self::Hunan => 430_000_000_000,
        };
        DivisionCode::from_i64(code).unwrap_or(DivisionCode::NATION)
    }
}

/// The worlds of some places, a county each. People of all have numbers of their own. 湖南 has none here: [`build`] makes
/// it county by county.
#[must_use]
pub fn worlds(places: &[Place], seed: u64, today: Day) -> Vec<(Place, World)> {
    made(places, seed, today).0
}

fn made(places: &[Place], seed: u64, today: Day) -> (Vec<(Place, World)>, Numbers) {
    let mut numbers = Numbers::default();
    let mut worlds = Vec::new();
    let mut add = |place, (world, next): (World, Numbers)| {
        worlds.push((place, world));
        next
    };
    for &place in places {
        let sketches: &[counties::Sketch] = match place {
            Place::Sheqi => {
                numbers = add(place, make_sheqi(seed, today, numbers));
                continue;
            }
            Place::Shexian => {
                numbers = add(place, shexian::world(seed, today, numbers));
                continue;
            }
            Place::Fushan => std::slice::from_ref(&counties::FUSHAN),
            Place::Wuzhou => &counties::WUZHOU,
            Place::Longkou => std::slice::from_ref(&counties::LONGKOU),
            Place::Hunan => &[],
        };
        for sketch in sketches {
            numbers = add(place, counties::world(sketch, seed, today, numbers));
        }
    }
    (worlds, numbers)
}

/// 社旗 (SQ): 249 villages, each with a first secretary; 98 teams with 204 members.
#[must_use]
pub fn sheqi(seed: u64, today: Day) -> World {
    make_sheqi(seed, today, Numbers::default()).0
}

fn make_sheqi(seed: u64, today: Day, mut numbers: Numbers) -> (World, Numbers) {
    let divisions = lists::divisions();
    let county = divisions.iter().find(|division| division.level == Level::County);
    let county = county.map_or(DivisionCode::NATION, |division| division.code);
    let villages = places::villages(&divisions, today, &mut Dice::new(seed, Stream::Places));
    // The story's contact card shows the first number.
    let card_phone = numbers.phone();
    let units = units::units(county, &divisions, &mut numbers);
    let batches = service::batches(county);
    let census = Census::new(&units, Names::new(&accounts::KEPT), numbers, Dice::new(seed, Stream::People));
    let mut service = Service::new(census, &villages, &batches, Dice::new(seed, Stream::Postings));
    service.fill(today);
    let Service { mut census, teams, postings, .. } = service;
    let mut accounts = accounts::others(county, &units);
    let mut dice = Dice::new(seed, Stream::Story);
    accounts.extend(accounts::cast(&mut census, &villages, &postings, &card_phone, &mut dice));
    let newcomer = handovers::successor(&postings, batches.len());
    accounts.extend(newcomer.map(|person| accounts::newcomer(&mut census, person, &mut dice)));
    let (people, numbers) = census.close();
    let log = log::entries(&villages, &postings, today, &mut Dice::new(seed, Stream::Log));
    let visits = log::visits((&villages, &divisions, &people), today, &mut Dice::new(seed, Stream::Visits));
    let world =
        World { seed, today, divisions, villages, units, people, batches, teams, postings, accounts, log, visits };
    (world, numbers)
}
