//! Leave (请假): asked by the cadre, approved by length, returned.
//!
//! asked → approved or refused → on leave → returned; withdrawn before it begins. "On leave" is no deed: an approved
//! leave is on from its first day. Short leave is the township's to approve, longer the county's, as the pack says; what a
//! deputy approves names both. Days are half-open: a leave ends on the first day back. Two leaves or trips of a person
//! that overlap meet in the key of `away_day`. Reasons are sealed; that of sick or family leave is for the cadre and,
//! logged, for whoever approves. The posting unit sees its people's leaves.
//!
//! Tables: `leave`, `leave_event`. Tasks: `leave_decision` of township or county, `leave_return` of the cadre.

pub(super) mod pages;
mod rules;
pub mod store;

pub use rules::{Kind, Level, Span, State, shown_of};
