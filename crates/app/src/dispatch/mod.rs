//! Dispatch planning (派驻计划): which unit and which people go to which village (SQ-1, HN-2 … HN-4).
//!
//! The optimiser is the crate `assign`, pure; here stand the three tables that offices keep ([`tables`]), the rules of a
//! pack as its parameters ([`parameters`]), and the plan as a table ([`written`]). `lianxin plan` works on files alone and
//! needs no database.
//!
//! Absent so far: pool and gates as records, the planning room, approval.

mod parameters;
mod tables;
#[cfg(test)]
mod tests;
mod written;

pub use parameters::parameters;
pub use tables::{Problem, Tables, Which, read};
pub use written::{explain, written};
