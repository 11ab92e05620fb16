//! Postings (派驻): who is posted where, in which role, from which day to which, and what is missing.
//!
//! For the organisation department (enters, ends, imports), townships, units, branches and leaders (read), cadres (their
//! own). States: proposed → vetted → approved → on post → ended (handed over, recalled, transferred, died); withdrawn
//! before anybody is on post. History is never overwritten: who held which post on any past day is answerable.
//!
//! "One post at a time" is a row of `post_holder`, "one first secretary per village" a row of `village_post`: unique
//! keys, not a look before a write. Coverage is asked by the pack per village category.
//!
//! Tables: `batch`, `team`, `team_neighbour`, `team_unit`, `posting`, `posting_event`, `post_holder`, `village_post`,
//! `import_run`. Facts: on post by role and ledger, team in place, village covered by category, people ever posted.
//! Tasks: `vacancy`. Absent so far: handover, dossier, boards.

pub mod import;
pub mod intake;
mod pages;
mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use pages::{roster_table, routes, section};
pub use rules::{EndReason, Held, Ledger, PostRole, State, coverage_facts, state_zh, team_facts, village_slot};
