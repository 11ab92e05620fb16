//! Dispatch planning (派驻计划): who goes where, from pool to approval (SQ-1, HN-2 … HN-4, HN-8).
//!
//! For the office of a county, a city or a province (plans), the units (nominate their own), leaders (read, and approve where the pack says
//! so). A round takes candidates of the register into a pool, each with three sign-offs; villages ask, as the registers
//! suggest and the office decides; the optimiser, the crate `assign`, pairs them in a job; pairings are locked by hand and
//! solved again, plans compared, variants tried without a unit. Approval holds the plan against every rule once more and
//! makes batch, teams, postings and handovers: of a county in one transaction (`flows::approve_dispatch`), above it county
//! by county in a run that nobody sees until it is applied (`flows::begin_approval`). Who has a gate open is never
//! proposed: the optimiser does not see them as free.
//!
//! States of a round: `planning` → `approved` | `dropped`, above a county `approving` between; of a plan: `waiting` → `solved` | `failed`.
//! Tables: `dispatch_round`, `dispatch_event`, `dispatch_candidate`, `dispatch_gate`, `dispatch_village`,
//! `dispatch_forbidden`, `dispatch_unit`, `dispatch_lock`, `dispatch_plan`, `dispatch_made`, all under the code of the office that plans. Facts: none of its own; the postings say them.
//! Tasks: `dispatch_plan`, `dispatch_gates`, `dispatch_approval`.
//!
//! `lianxin plan` works on files alone and needs no database: the three tables that offices keep ([`tables`]), the rules
//! of a pack as parameters ([`parameters`]), the plan as a table ([`written`]).

pub mod acts;
mod pages;
mod parameters;
mod rules;
pub mod store;
mod tables;
#[cfg(test)]
mod tests;
mod written;

pub use pages::routes;
pub use parameters::parameters;
pub use rules::{Demanded, Gate, NewRound, State};
pub use tables::{Problem, Tables, Which, read};
pub use written::{explain, written};
