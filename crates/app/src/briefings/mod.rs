//! Briefings (简报): a paragraph or a page of prose over figures, for a place and a period.
//!
//! For the office and the township (make, edit), the office (signs) and leaders (read). A template of the pack
//! (`packs/briefings/*.toml`) becomes a draft with the figures of the day; each figure opens to its records. The author
//! edits the words freely; a figure changed by hand is marked as such for ever, with the computed one beside it, and a
//! figure that the catalogue does not know is said where it stands. Signed by the office, it is kept with its figures as
//! they were; a page says which of them are others today. Files: .docx, PDF, .txt; the command line prints a draft
//! without keeping it ([`compose`]).
//!
//! States: `draft` → `signed`; a draft may be `cancelled`. Tables: `briefing`, `briefing_figure`, `briefing_event`. It
//! reads facts and registers alone and writes no facts. Absent: templates written in the browser, sending it on.

mod acts;
mod pages;
mod paper;
mod rules;
mod store;
pub mod templates;
#[cfg(test)]
mod tests;

pub use acts::{compose, made, made_and_signed};
pub use pages::routes;
pub use paper::{Format, Paper};
