//! Lianxin 连心: the programme of staff posted to villages.

pub mod imports;
pub mod postings;
