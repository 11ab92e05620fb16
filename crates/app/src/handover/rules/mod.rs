//! What a handover is: parties, states, lists, and who may confirm what; pure.

mod lists;
mod parties;
mod plan;
mod state;

pub use lists::{Answer, ByHand, List};
pub use parties::{Acting, Hand, Parties, Party};
pub use plan::{Cause, Leaving, Next, Plan, Reason};
pub use state::{SideDays, State, facts, side_days, state_zh};
