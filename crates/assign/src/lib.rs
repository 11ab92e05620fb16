//! Which unit and which people go to which village.

mod basis;
mod blocks;
mod check;
mod core;
mod deal;
mod descent;
mod lock;
mod master;
mod near;
mod parameters;
mod part;
mod plan;
mod problem;
mod rounds;
mod rules;
mod solve;
mod tree;
mod unit;
mod unmet;
mod verify;

pub use check::{Checked, Fault, Table};
pub use lock::Locks;
pub use parameters::{ByCategory, ByLevel, Parameters, Points};
pub use plan::{Covered, Merit, Plan, Status, Team, Why};
pub use problem::{Category, Level, Person, Problem, Unit, Village, split};
pub use solve::{Options, Progress, Watch, solve};
pub use unmet::{Rule, Step, Stop, Unmet};
pub use verify::{Breach, verify};
