//! Files that offices bring, read into rows of the program: what every kind of import shares.
//!
//! A kind (roster, villages, units …) is a table of [`Field`]s with the headers people write for them. From a
//! [`Book`](base::sheet::Book) the sheets with data and their headers are found ([`guess_mapping`]), a user may set
//! columns right ([`Mapping`]), rows that are no data (titles, totals, notes, repeated headers) are passed over, and
//! each remaining row becomes a value or a list of [`Problem`]s: always an [`Outcome`]. Failed rows go back as a sheet
//! ([`Outcome::rejects`]) that can be mended and brought again; [`template`] makes an empty one.
//!
//! Pure: no SQL, no clock. Places are looked up in a [`PlaceIndex`] made beforehand.

pub mod cadres;
mod columns;
pub mod divisions;
mod header;
pub mod households;
pub mod matters;
mod outcome;
mod place;
mod report;
mod rows;
mod template;
pub mod units;
pub mod villages;

#[cfg(test)]
mod tests;

pub use columns::{Field, Kind, Mapping, field};
pub use header::{Guess, guess_mapping};
pub use outcome::{Inherited, Outcome, Problem, Spot, code, rejects_of};
pub use place::{Asked, PlaceIndex, PlaceProblem};
pub use report::{BatchNote, Report, ReportProblem};
pub use rows::{Line, Source, sources, sources_with};
pub use template::template;
