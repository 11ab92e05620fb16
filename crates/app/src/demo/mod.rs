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
//! | `cards` | households and the card in each home, straight into the stores |
//! | [`matters`] | villagers' matters in every state, by counts, through the rules of matters |
//! | `presence` | a handful of leaves and trips and two spot checks, through the functions that pages use |
//! | [`scale`] | rosters of any length, to measure imports by |
//!
//! The counts are those of the source text (SQ-2, SQ-3, SQ-5, SQ-11) whatever the seed; names and figures follow the seed.
//! The calendar is fixed: the running batch began on 2023-06-01 and was complete by 2023-09-01. `today` only leaves out
//! what nobody could know yet: a year that has not ended, a replacement still to come. Real places, invented facts.

mod accounts;
mod cards;
mod dice;
mod handovers;
pub mod lists;
mod load;
mod log;
mod matter_stories;
pub mod matters;
mod people;
mod places;
mod plan;
mod presence;
pub mod scale;
mod service;
#[cfg(test)]
mod stored;
mod story;
#[cfg(test)]
mod tests;
mod units;
pub mod world;

use base::kernel::{Day, DivisionCode, Level};

use dice::{Dice, Stream};
pub use load::{PASSWORD, load};
use people::{Census, Names, Numbers};
use service::Service;
pub use world::World;

/// 社旗 (SQ): 249 villages, each with a first secretary; 98 teams with 204 members.
#[must_use]
pub fn sheqi(seed: u64, today: Day) -> World {
    let divisions = lists::divisions();
    let county = divisions.iter().find(|division| division.level == Level::County);
    let county = county.map_or(DivisionCode::NATION, |division| division.code);
    let villages = places::villages(&divisions, today, &mut Dice::new(seed, Stream::Places));
    let mut numbers = Numbers::default();
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
    let people = census.people;
    let log = log::entries(&villages, &postings, today, &mut Dice::new(seed, Stream::Log));
    let visits = log::visits((&villages, &divisions, &people), today, &mut Dice::new(seed, Stream::Visits));
    World { seed, today, divisions, villages, units, people, batches, teams, postings, accounts, log, visits }
}
