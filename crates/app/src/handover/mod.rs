//! Handovers (交接): who leaves a post, who follows, what is open between them, and who confirmed it.
//!
//! For the office (announces, plans, completes), who leaves and who comes, the village's branch (confirm), the township
//! (enters what was signed on paper where a party cannot sign in), units and leaders (read). A handover makes itself:
//! when the office announces a leaving, and for every posting of a batch whose end comes near by the pack's lead.
//!
//! States: prepared → under way (side by side) → confirmed (by all three parties) → completed; cancelled before that.
//! Three lists: open things from the doors of `spine::open_things` (taken down when made, started, and on asking),
//! things and money, experience and what to mind. Each party confirms or objects line by line, then confirms the whole;
//! whatever changes the lists afterwards undoes the confirmations of the whole. Completion is one transaction of
//! `flows::complete_handover`: the old posting ends, the next is taken up where it is approved and due, everything open
//! passes to the new holder.
//!
//! Tables: `handover`, `handover_party`, `handover_line`, `handover_answer`, `handover_visit`, `handover_event`. One per
//! posting is the unique key `handover_live`. Facts: `handover.done`. Tasks: `handover_start`, `handover_old`,
//! `handover_new`, `handover_branch`, `handover_complete`. On paper: the book ([`Book`]) as a PDF. Absent: photos,
//! tracks, signatures drawn on a screen; the rights of accounts (the security administrator's).

mod acts;
mod book;
mod pages;
mod paper;
mod rules;
pub mod store;
mod tasks;
#[cfg(test)]
mod tests;

pub use acts::{
    Written, add_line, add_visit, answer, cancel, change_plan, check_complete, confirm, finish, hand_over, lock,
    prepare, refresh, stage, start,
};
pub use book::{Book, BookLine, BookList, Signature};
pub use pages::routes;
pub use paper::paper;
pub use rules::{Acting, Answer, ByHand, Cause, Leaving, Next, Party, Plan, Reason, State, facts};
