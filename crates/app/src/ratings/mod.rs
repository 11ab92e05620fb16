//! Ratings (群众评事): at a month's end villagers rate their branch and its members, by one-time codes on paper slips.
//!
//! The township opens a village's round for a month: so many slips with a code each are printed, once; they are handed out
//! without a list of who got which. Whoever has one opens `/rate`, types the code and ticks; the QR of a slip leads there
//! with the code behind `#`, which no server sees. The township closes the round after its last day, or when every slip
//! has come back.
//!
//! **Nobody's ballot is tied to anybody.** A ballot is one row of marks and, apart from it, one row of words; neither holds
//! an instant, an account, an address or the code, and casting writes no audit line, fact, task or idempotency key. The
//! code's row is marked used with the day alone, in the same transaction. Whenever a ballot comes, *all* ballots of the
//! round are written anew under fresh random ids in the order of these: neither the place of a row nor its transaction
//! tells which one came last. Closing writes them anew once more and only then counts. What remains, and is said on the
//! page: a log of requests shows that somebody sent a form at an instant, two copies of the database made around one
//! ballot show which marks were added, and words may tell who wrote them.
//!
//! **What may be seen.** Never fewer than the pack's floor of marks together ([`rules::windows`]): the branch by month, a
//! member by quarter, months joined until the floor is reached; windows never overlap, and one is kept as it was first
//! shown, so that no subtraction undoes them, whatever the floor becomes.
//! Words only where at least ten ballots lie together, in no order. Exports and facts obey the same.
//!
//! States: `open` → `closed`. Tables: `rating_round`, `rating_subject`, `rating_code`, `ballot`, `ballot_words`,
//! `rating_shown`. Facts: `rating.round`, `rating.ballot`, `rating.branch.marks`, `rating.branch.satisfied`. Tasks: `rating_close`. Absent: satisfaction with one's own
//! matter, which belongs to the matter and is not anonymous.

pub mod acts;
mod pages;
pub mod rules;
mod slip;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;

pub use acts::every_day;
pub use pages::routes;
