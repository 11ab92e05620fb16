//! Spot checks (查岗): people look into villages that nobody chose.
//!
//! A township or the county draws villages by a seed that is written down at once with the day and the pool: the same
//! seed, day and pool give the same villages, and anybody can redo it with a common tool ([`rules::order`]). Per person
//! the checker notes found, on leave, on a trip or not there; who was not there is asked for their own word. What the
//! pack says of absences is shown, never applied. A draw cannot be taken back, so that nobody draws until it suits.
//!
//! Tables: `spot_check`, `spot_check_village`, `spot_check_line`. Facts: `check.held`. Tasks: `spot_check` of whoever
//! drew, `spot_check_word` of the cadre.

pub(super) mod pages;
mod rules;
pub mod store;

pub use rules::{Finding, Found, digest, order};
