//! All SQL of matters.

mod board;
mod events;
mod files;
mod keys;
mod list;
mod orders;
mod row;
mod search;
#[cfg(test)]
mod tests;
mod write;

pub use board::{Place, counts, counts_query, lane, lane_query, late, late_query};
pub use events::{DeliberationRow, EventRow, NewDeliberation, deliberate, deliberations, events};
pub use files::{NewFile, add_files, file_of, files_of};
pub use keys::{add_key, end_key, key_of, keys_of};
pub use list::{Filter, Line, Which, count, lines_of, list, list_query, raised_by_card};
pub use orders::{Order, from_hotline, orders_of};
pub use row::{find, find_by_code, find_by_number, lock};
pub use search::{Reasoned, Suggestion, found, found_query, suggest};
pub use write::{
    NewEvent, NewMatter, add_all, change, climb, due_counties, facts_of, late_ones, overdue_ratings, renew_code,
};
