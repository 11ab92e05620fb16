//! A cadre's file (一人一档): who they are, every posting, what they brought about by quarter and duty, visible results
//! and groundwork apart. A page and a PDF, for the office, the township, the unit, and the cadre themselves.
//!
//! It reads the register of people, the postings and the facts, and writes nothing but one line when somebody else looks
//! at a file: the person sees who did ([`store::looked`]). A person who moves between counties keeps one file: postings
//! and facts are gathered wherever they lie. Sealed figures carry no person and so never stand here.
//!
//! Table: `dossier_view`. Absent: grades, comments and care until their capabilities are there.

mod pages;
mod paper;
mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use pages::{File, gather, routes};
pub use paper::paper;
pub use rules::{Group, Quarter, quarters};
