//! Other people's forms (上级报表): the higher office's own .xlsx or .docx, tied once, filled by itself from then on.
//!
//! For the office and the township (upload, tie, fill) and leaders (read). A file is taken within bounds
//! ([`base::ooxml`]), kept sealed, and shown as its cells. A cell is tied to an indicator (over the period, the year so
//! far or all time; of the place filled for, of the place that its row names, or of a fixed place), to a column of the
//! roster that goes down from it, or to a word of the request. Filling writes the file where it stands: formats, merges,
//! widths and formulas stay, each filled cell carries its source as a comment, and a report says what could not be
//! filled and why. Fills are kept and can be downloaded again.
//!
//! States of a form: `in_use` → `retired`. Tables: `report_form`, `report_form_tie`, `report_form_fill`. It reads facts,
//! registers and, through `flows::roster`, who is on post. Absent: inserting rows into a workbook (a list longer than its
//! form is said), sending a form on, forms pushed from above for others to fill.

mod acts;
mod file;
mod fill;
mod pages;
mod rules;
mod store;
#[cfg(test)]
mod tests;

pub use acts::adopt;
pub use pages::routes;
pub use rules::{Field, FigureTie, Spot, Tie, Time, Whose, Word};
