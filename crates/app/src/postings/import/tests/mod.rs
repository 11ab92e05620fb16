//! The county's own roster to the row, and rosters of other habits made on the spot. All people are fictional.

mod habits;
mod sheqi;
mod words;

use base::{
    kernel::{Day, DivisionCode, IdNumber, Level},
    sheet::{Book, read},
};

use super::{Context, RosterRow, interpret};
use crate::imports::{Mapping, Outcome, PlaceIndex};

const DIVISIONS: &str = include_str!("../../../../data/divisions/411327_2020.csv");

pub fn places() -> PlaceIndex {
    let lines = DIVISIONS.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let place = |parts: Vec<&str>| {
        (DivisionCode::parse(parts[0]).unwrap(), parts[1].to_owned(), Level::parse(parts[2]).unwrap())
    };
    PlaceIndex::new(lines.map(place).collect())
}

pub fn today() -> Day {
    Day::new(2024, 1, 18).unwrap()
}

pub fn outcome_of(bytes: &[u8], name: &str) -> (Book, Outcome<RosterRow>) {
    outcome_with(bytes, name, &Mapping::default())
}

pub fn outcome_with(bytes: &[u8], name: &str, mapping: &Mapping) -> (Book, Outcome<RosterRow>) {
    let places = places();
    let book = read(bytes, name).unwrap();
    let outcome = interpret(&book, mapping, &Context { places: &places, today: today(), assume_since: None });
    (book, outcome)
}

/// A valid fictional identity number: born in 1980 + `n` % 20, sequence `n`.
pub fn id(n: u32) -> String {
    let birth = Day::new(1980 + i16::try_from(n % 20).unwrap(), 5, 3).unwrap();
    IdNumber::compose(999_999, birth, n).unwrap().reveal().to_owned()
}
