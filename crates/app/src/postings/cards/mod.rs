//! Contact cards (便民联心卡): one in every home of 脱贫户 and 监测户, with the name, unit and telephone of whoever is on
//! post in the village, and a QR code.
//!
//! The code is a token of the village's *post*: the printed card outlives its holder and always shows today's. It is a
//! place name, not a secret, but it cannot be guessed; withdrawn, it leads to a page that says so. The office prints a
//! county in one run ([`sheet`] gives what stands on the cards) and sees what was printed with whom, so that only the
//! villages whose holder changed are printed again. Townships, cadres and branches enter who got a card.
//!
//! Tables: `card_token`, `village_card`, `card_issue`, `card_issue_line`, `household_card`. Facts: `card.issued` (one
//! per issue), `card.covered` (households looked after that have a card). Absent: matters raised through the card.

mod contact;
mod pages;
mod rules;
pub mod store;
#[cfg(test)]
pub(crate) mod tests;

pub use pages::routes;
pub use rules::{Holder, Print, address};
