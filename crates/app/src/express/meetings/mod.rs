//! Matching meetings (项目对接会) of county and city: departments answer on the spot or claim.

pub mod acts;
mod pages;
pub mod rules;
pub mod store;

pub use acts::Decision;
pub use pages::routes;
pub use rules::Outcome;
