//! Units: 派出单位 and 责任部门, kept by the office that entered them. A register: anyone may refer to it.
//!
//! Tables: `unit`, `unit_tag`.

mod pages;
mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use pages::routes;
pub use rules::{Unit, UnitLevel, guess_level};
