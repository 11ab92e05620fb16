//! Accounts: who may sign in, with which roles in which scope, in which state.
//!
//! The right to act = role × state of the account × scope × route. Tables: `account`, `account_grant`, `session`.

mod access;
pub mod rules;
pub mod store;

pub use access::{Actor, Columns, Grant, Permission, Role, Scope, Viewer};
