//! What every capability writes to: facts, tasks, audit lines, files, background jobs; the doors of open things;
//! staging, for what is too much for one short write; and answers kept while nothing is written.
//!
//! A capability writes these in the same transaction as its own record and knows no other capability;
//! statistics, Today, the dossier and the auditor read them without knowing who wrote them.

pub mod audit;
pub mod facts;
pub mod files;
pub mod jobs;
pub mod kept;
pub mod open_things;
pub mod staging;
pub mod tasks;
