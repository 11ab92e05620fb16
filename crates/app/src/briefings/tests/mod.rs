//! Rules by table, a briefing made, edited, signed and looked at by its people on both databases, and the six places.

mod pages;
mod places;
mod rules;

use base::kernel::Day;

use super::rules::Hand;

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn hand() -> Hand {
    Hand { by: "宋知远".into(), on: day("2024-01-18") }
}
