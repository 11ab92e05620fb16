//! Pages of leave: asking on a phone, the list, one leave with what may be done now.

mod ask;
mod list;
mod record;

pub use ask::{add, form};
pub use list::{csv, show as list, xlsx};
pub use record::{ask_withdraw, decide, give_back, reason, show, withdraw};
