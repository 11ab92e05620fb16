//! The meter (填报计量): what forms cost those who fill them, and who asked for each.
//!
//! **What is counted.** Every POST of somebody signed in, in [`demand`]'s table: the fields that carried something, the
//! time from the making of the page to its sending (the form's key holds it), forms that came back with 422, and the same
//! figure typed again into the same record within the month. What the server cannot tell (a value that the page brought
//! along, a break while the page lay open) is said on the pages and only ever makes the burden look larger, never smaller.
//!
//! **What is kept.** Sums of county × month × role × form in `burden_sum`, nothing else: no account, record, day or
//! instant. Which figures were typed is remembered as keyed hashes in memory alone, until the month ends or the process
//! does. Pages show months that are over ([`published`]): nobody watches the count move while people type.
//!
//! **How.** [`count`] stands around every route and adds to a map in memory; [`save`] writes it once a minute and at the
//! end. A write therefore costs nothing more, no row is fought over, and what a killed process had counted within the
//! last minute is lost: sums that are a little low hurt nobody. Sums that a broken commit leaves in doubt are counted on.
//!
//! **No facts.** A fact is evidence from a record, it has a place and a day, is credited to somebody and feeds rankings
//! and appraisal. These sums have no record and must never be credited: they stay a table of their own.

mod counter;
mod demand;
mod rules;
mod store;

pub use counter::{Key, Meter, count, save};
pub use demand::{Demand, all as demands, find};
pub use rules::{Line, Sums, by, total};
pub use store::{add, counties, months, published};

#[cfg(test)]
pub(super) use {
    demand::of_route,
    rules::{FLOOR, HOLDERS, LONGEST_MINUTES, figures, fold, typed},
    store::list_query,
};
