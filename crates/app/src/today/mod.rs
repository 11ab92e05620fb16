//! Today: what the signed-in person has to do, by due day, each with one act; and where they stand.
//!
//! For everybody. Reads tasks, and for the office and the cadre the few figures they begin the day with. Writes nothing.

mod pages;

pub use pages::routes;
