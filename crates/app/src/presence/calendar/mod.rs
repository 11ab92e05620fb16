//! The working calendar (工作日历): which days are worked.
//!
//! Statutory holidays and shifted workdays come with the program for the years that are known (`data/calendar.csv`); a
//! county adds, changes and removes exceptional days of its own (三月三, a day moved). A year without data stays unknown
//! until the county has entered it and says so: nothing is guessed.
//!
//! Tables: `calendar_day`, `calendar_year`.

pub(super) mod pages;
mod rules;
pub mod store;

pub use rules::{Calendar, Kind, is_weekend};
