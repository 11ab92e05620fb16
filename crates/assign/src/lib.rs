//! Which unit and which people go to which village.
//!
//! A [`Problem`] is three tables (villages that ask, units that send, people who may go) and the [`Parameters`] of a pack.
//! [`Problem::check`] names every fault or gives a [`Checked`] problem; [`solve`] makes a [`Plan`] of it, with a bound that
//! no plan exceeds; [`verify`] holds any plan against the problem as stated and shares no code with the search. Pairings
//! that a person has fixed by hand are [`Locks`]. Pure: no clock, no file, no network, no chance; the same problem, seed
//! and work give the same plan on any number of threads.
//!
//! # The bound, in plain terms
//!
//! Each village has a price, to be paid by the unit that meets it. At given prices every unit answers by itself the
//! question which villages it would best take with which of its people, and that answer is exact: people belong to one
//! unit, so all conflicts of people are inside it, and a unit has few people. Whatever the prices, the sum of all prices
//! and of what all units earn is at least the value of any plan, because in a plan each village is paid for at most once.
//! Good prices make that sum small. It is counted in whole numbers, so that it is proven and not only computed. As every
//! plan is worth a whole number of points, the bound may be rounded down.
//!
//! # The way
//!
//! 1. A greedy plan; then the prices are moved where too many or too few units want a village (`descent`).
//! 2. What units have answered becomes the columns of a linear program whose own prices are asked next, until nobody has
//!    anything better (`rounds`, `master`, `basis`). Its value is the best bound that prices can prove; with whole sets of
//!    teams as columns it lies at the optimum or a fraction of a percent above.
//! 3. Its solution is rounded, followed down, and branched on: this village to this unit, or not (`tree`). A county or a
//!    city is closed so, mostly without branching.
//! 4. A larger problem is cut into blocks of neighbouring divisions, which few units have in common (`blocks`). Each is
//!    solved with some of these units to itself, as the descent suggests. Where people are short, the program of the whole
//!    begins where the blocks' end; where they abound, the blocks hire the common units at fees that rise and fall with
//!    demand. Each block's plan is then closed as in 3 with the units it had most of (`large`), and at last neighbourhoods of
//!    a few dozen villages where the plan falls short of the bound (`near`). The plan grows with every block: who stops
//!    the search has what was found until then.
//!
//! Room and time grow with the pairs of villages and units whose division they lie in. A unit of more than ten people is
//! not searched by teams; its people have prices too, which is exact for the bound's validity but not always for closing
//! the gap.

mod basis;
mod blocks;
mod check;
mod core;
mod deal;
mod descent;
mod large;
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
