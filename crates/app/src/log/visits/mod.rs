//! Visits by leaders and guides (调研指导): who came from outside, when, to which villages, and what was promised.

pub mod pages;
mod rules;
pub mod store;

pub use rules::{Holder, NewPromise, NewVisit, Visitor, facts};
