//! Programme packs (制度包): the rules as data. Every parameter has its value, its source and the day it holds from.
//!
//! A pack names only what differs from `default`. Which pack a county follows is a setting of the county.

mod pages;
mod rules;
pub mod store;

pub use pages::routes;
pub use rules::{Consequence, MatterKind, Need, Pack, Parameter};
