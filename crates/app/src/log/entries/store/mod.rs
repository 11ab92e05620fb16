//! All SQL of entries, their outcomes, credits, links and pictures.

mod list;
mod near;
mod read;
mod write;

pub use list::{
    DeedRow, Filter, Has, Line, Waiting, count, count_waiting, deeds, list, list_query, waiting, waiting_query,
};
pub use near::near;
pub use read::{
    Credit, EntryRow, OutcomeRow, Stored, credits, entry_of_outcome, find, last_of, load, outcomes_of, pictures_of,
};
pub use write::{NewEntry, Saved, add_all, decide, save, withdraw};
