//! Party members and their ten households (党员联系十户): who looks after whom.
//!
//! A register of a village: a member, and the households they keep in touch with. A household has one member. Matters of
//! the household show the member.

mod pages;
pub mod store;

pub use pages::routes;
