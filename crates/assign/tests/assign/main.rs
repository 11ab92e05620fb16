//! Plans held against every plan there is, against the checker, and against what the model says of bad input.

#![expect(clippy::unwrap_used, reason = "what cannot be read or planned fails the test")]

mod brute;
mod county;
mod faults;
mod large;
mod scenarios;
mod small;
mod tables;
#[path = "../../examples/measure/world.rs"]
mod world;
