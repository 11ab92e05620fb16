//! Identity boards (身份牌): the five parties that answer for a village (五方责任), on its wall and on a page, always
//! today's.
//!
//! The branch secretary comes from the postings where one is posted; the others are entered, each from a day to a day:
//! the county's leader, the township's cadre, the head of the paired unit (包联单位), the Party-building guide. A party
//! that is missing stands as a clear blank and is listed.
//!
//! Table: `village_party`. Absent: facts; who answers for a village is no figure.

mod pages;
mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use pages::routes;
pub use rules::{Named, Party};
