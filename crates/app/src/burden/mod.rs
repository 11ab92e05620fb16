//! Burden (减负): what the product must never become, held open to everybody: switches, complaints, the self-check.
//!
//! **Switches.** A setting that comes near one of the nevers (ask for a place, a photo, a daily entry) is off. The office
//! turns it on only with a written basis, an approver and an end; it stands on `/public/switchboard`, readable by anyone,
//! and ends by its day: whoever asks ([`is_on`]) compares days, nothing has to run. A register in the sense of the
//! floors: a capability that wants to ask for one of these asks here first.
//!
//! **Complaints.** Everyone signed in may complain in one of eight classes; the office answers by the pack's day, as a
//! task. Under a name the complaint and its answer are seen by everyone signed in of the county, the name by the office
//! alone. *Nameless* means: the transaction writes one row of `complaint_nameless` and nothing else, no account, session,
//! idempotency key, audit line, fact or task; the row holds the week, not the day, and no id made from the time, only
//! the hash of a code of 80 random bits that was made for the form and is shown to the complainer alone. The answer is
//! fetched with that code, without signing in. Once a day the county's rows are written anew in the order of their
//! hashes, so that neither a row's place nor its transaction tells when it came, and one task asks the office to answer
//! all that wait. What remains: a log of requests (ours, a proxy's) shows that somebody sent the form at an instant,
//! a proxy's from which address; a session shows that its account was active around then; a copy of the database made
//! within the day shows which rows are new; and the words themselves may say who wrote them. Who must be safe from
//! those who read such logs writes on paper, from another device, or waits.
//!
//! **Self-check.** One page, printable: the table of "never / instead" and the eight classes, each line computed from
//! what is there.
//!
//! **Meter.** What forms cost those who fill them, as sums that anybody may read (`meter/`).
//!
//! Tables: `switch`, `switch_on`, `complaint`, `complaint_nameless`, `burden_sum`. Tasks: `complaint`,
//! `complaint_nameless`.

mod acts;
pub mod meter;
mod pages;
mod rules;
mod self_check;
pub mod store;
#[cfg(test)]
mod tests;

pub use acts::every_day;
pub use pages::routes;
pub use rules::{Class, SwitchKind};
pub use store::is_on;
