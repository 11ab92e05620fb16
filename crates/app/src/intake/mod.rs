//! Taking in and giving out whole files (导入、导出): for the organisation department, in the browser and on the
//! command line.
//!
//! Rosters go to postings, the other kinds to the registers; so this stands above both, and no capability calls it.
//! One way for all kinds: a file is read ([`read`]), compared with what is stored ([`plan`]: reads alone), and written
//! ([`write`]) with its audit line, all of it or nothing. The same file again changes nothing; what [`export`] writes,
//! [`read`] reads.
//!
//! In the browser an import is a row of `import_run`: uploaded → checked → applied; a large one is checked and applied
//! by a job ([`work`]), which a killed process takes up again. The file itself is kept sealed, since rosters hold ID
//! numbers. Absent: undoing an import.

mod cadres;
mod divisions;
mod export;
mod households;
mod kind;
mod matters;
mod pages;
mod planning;
mod reading;
mod runs;
mod sketch;
mod steps;
mod units;
mod villages;

#[cfg(test)]
mod tests;

pub use export::export;
pub use kind::FileKind;
pub use pages::routes;
pub use planning::{Aim, Ready, plan, write};
pub use reading::{File, Parsed, index, read};
pub use steps::{JOB, work};
