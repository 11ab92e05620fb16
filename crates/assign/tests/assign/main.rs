//! Plans held against every plan there is, against the checker, and against what the model says of bad input.

mod brute;
#[expect(clippy::unwrap_used, reason = "what cannot be read or planned fails the test")]
mod county;
#[expect(clippy::unwrap_used, reason = "as above")]
mod faults;
#[expect(clippy::unwrap_used, reason = "as above")]
mod large;
#[expect(clippy::unwrap_used, reason = "as above")]
mod scenarios;
mod small;
#[expect(clippy::unwrap_used, reason = "as above")]
mod tables;
#[expect(clippy::unwrap_used, reason = "as above")]
#[path = "../../examples/measure/world.rs"]
mod world;
