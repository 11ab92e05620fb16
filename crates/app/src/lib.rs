//! Lianxin 连心: the programme of staff posted to villages. `ARCHITECTURE.md` is the map of this house.

pub mod accounts;
pub mod packs;
pub mod people;
pub mod places;
pub mod postings;
pub mod spine;
pub mod units;
