//! People: one file per human being across all batches; the same ID number is the same person.
//!
//! ID numbers are sealed (AES-256-GCM), looked up by a keyed hash and shown masked; each full view is logged.
//! A register: anyone may refer to it. Tables: `person`, `person_identity`, `portrait`.

mod merge;
pub mod portraits;
mod rules;
pub mod store;

pub use merge::{Flags, merged};
pub use rules::{Gender, Person, age};
