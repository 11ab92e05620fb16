//! Lianxin: the programme of staff posted to villages.

pub mod demo;
