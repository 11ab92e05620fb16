//! What a matter is, which steps it can take, and what it says as facts: pure.

pub mod alike;
mod facts;
mod kinds;
mod matter;
mod said;
mod steps;
#[cfg(test)]
mod tests;
mod words;

pub use base::code::Code;
pub use facts::facts;
pub use kinds::kind_said;
pub use matter::{Done, Matter, Rating, State};
pub use said::{MOST_WORDS, Said, looks_odd, title_of, typed};
pub use steps::{Chosen, Move, Step};
pub use words::{Act, Channel, Decision, Hold, How, Level, Post, Size, Stage, noted};

/// What follow-up codes are hashed for.
pub const FOLLOW_UP: &str = "matter code";
