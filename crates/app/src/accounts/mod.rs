//! Accounts.

mod access;

pub use access::{Actor, Columns, Grant, Permission, Role, Scope, Viewer};
