//! The command line: the public contract that others script against.
//!
//! `--json` prints one JSON document on standard output and nothing else there; messages go to standard error;
//! exit status 0 done, 1 the work failed (the message says what and where), 2 wrong usage.

mod args;
mod backup;
mod brief;
mod demo;
mod import;
mod open;
mod outlines;
mod plan;
mod print;
mod read;
mod run;
mod serve;

pub use args::Cli;
pub use open::{Opened, open};
pub use run::run;
