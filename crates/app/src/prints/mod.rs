//! The print shop (打印): cards, boards, letters and rosters of a place as one PDF, for the office and the township.
//!
//! It gathers what capabilities know and hands plain data to the crate `print`, so it stands above them and none calls
//! it. In the browser a run is a row of `print_run` and a job: it shows how far it is, can be stopped, and ends with a
//! file; the command line ([`to_file`]) does the same at once. Gathering reads one snapshot; what was printed on cards
//! is kept with them afterwards, so that the next run may print only what changed.
//!
//! Table: `print_run`. Absent: a queue of printers; the office prints the PDF.

mod gather;
mod pages;
mod rules;
mod runs;
#[cfg(test)]
mod tests;
mod work;

pub use pages::routes;
pub use rules::{Kind, Order};
pub use work::{JOB, Outcome, note, to_file, work};
