//! Problems (困难问题): from the report to striking off, with one holder and one day all the way.

pub mod acts;
mod door;
mod pages;
mod rules;
pub mod store;
pub mod suggest;

pub use acts::{Claim, Way, every_day, raise};
pub use door::DOOR;
pub use pages::{pill, routes};
pub use rules::{Block, Candidate, NewProblem, Origin, Phase, State, advisers, phase, state_zh};
