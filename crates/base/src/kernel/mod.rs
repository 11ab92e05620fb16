//! Values that everybody passes around, parsed at the edge and trusted inside.
//!
//! Each type has one way in (`parse`), which says what is wrong, and one way out (`Display`, `as_…`).
//! Nothing here reads a clock, a database or the network: time and randomness come in as arguments.

mod clock;
mod day;
mod division;
mod id;
mod identity;
mod money;

pub use clock::{Clock, Instant};
pub use day::{Day, Month, Period};
pub use division::{Area, CountyId, DivisionCode, Level};
pub use id::{made_at, new_id};
pub use identity::{IdNumber, IdNumberError, Phone};
pub use money::Fen;
