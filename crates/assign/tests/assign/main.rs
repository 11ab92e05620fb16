//! Plans held against every plan there is, against the checker, and against what the model says of bad input.

#![expect(clippy::unwrap_used, reason = "a table that cannot be read fails the test that reads it")]

mod brute;
mod county;
mod faults;
mod scenarios;
mod small;
mod tables;
