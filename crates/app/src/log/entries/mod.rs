//! Entries of the work log and the outcomes in them.

mod changes;
pub mod pages;
mod rules;
pub mod store;

pub use rules::{Credited, Duty, Editor, Entry, May, Near, Outcome, OutcomeState, Word, Written, facts, may_change};
