//! Postings: who is on which post, in which village, from when to when.

pub mod import;
