//! Households of a village: number, head, team, and whether the programme looks after it (脱贫户, 监测户), over time.
//! A register: contact cards, matters and care refer to it. Kept by the township and the
//! village, and taken in from a file by the office.
//!
//! What stands here is personal: leaders, units and departments see figures, never names.
//!
//! Tables: `household`, `household_status`. Facts written: `household.target`, one set per village. Absent: the persons
//! of a household, their income or their illnesses; this is no poverty-monitoring system.

mod pages;
mod rules;
mod sheet;
pub mod store;

pub use pages::routes;
pub use rules::{Household, Status, Typed, target_facts};
pub use sheet::sheet;
