//! Days (天数): derived per person from postings, calendar, leave and trips; and who is away.
//!
//! Nothing is stored here and nothing is a percentage: a month says how many days somebody was posted, how many of them
//! were worked, on leave, on a trip, and whether that meets what the pack expects of a whole month.

pub(super) mod away;
pub(super) mod person;
mod rules;

pub use rules::{Known, Mark, MonthSum};
#[cfg(test)]
pub use rules::{month, year};
