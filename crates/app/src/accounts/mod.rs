//! Accounts: who may sign in, with which roles in which scope, in which state.
//!
//! The right to act = role × state of the account × scope × route. An account is invited (it has a one-time start
//! code), then active; five failures in a row lock it for a quarter of an hour; it may be disabled and let in again.
//! Roles are granted for a place or a unit, from a day until a day. The three administrators are kept apart, and who
//! grants rights cannot read the trail ([`rules::check_roles`]).
//!
//! Anyone may name a deputy for a duty of theirs, from a day until a day ([`Viewer::stands_in`]): the deputy acts as if
//! the duty were theirs, the deed shows both names, and it ends with the duty or the account it comes from. A deputy
//! passes nothing on, and the three administrators neither have deputies nor are any.
//!
//! Tables: `account`, `account_grant`, `deputy`, `session`. Pages: sign-in, one's own account, deputies, the accounts of
//! a scope, the table of permissions, and for the other two administrators the audit trail and the state of the system.
//! Absent: passkeys, single sign-on, API tokens.

mod access;
mod account;
pub mod acts;
pub mod cli;
mod deputies;
mod duties;
mod keepers;
mod me;
mod pages;
mod permission;
mod permissions;
mod preferences;
pub mod rules;
mod secrets;
mod sign_in;
pub mod store;
#[cfg(test)]
mod tests;
pub(crate) mod words;

pub use access::{Actor, Columns, Grant, Role, Scope, StandIn, Viewer};
pub use permission::Permission;

use crate::web::{self, AppRoutes};

/// The routes of this capability.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{AccountsRead, AccountsWrite, AuditRead, Public, SignedIn, SystemRead};
    web::routes()
        .get("/login", Public, sign_in::show)
        .post("/login", Public, sign_in::sign_in)
        .get("/login/code", Public, sign_in::show_code)
        .post("/login/code", Public, sign_in::code)
        .get("/login/password", Public, sign_in::show_choose)
        .post("/login/password", Public, sign_in::choose)
        .post("/login/demo", Public, sign_in::demo)
        .post("/logout", SignedIn, sign_in::sign_out)
        .post("/preferences", Public, preferences::save)
        .get("/account", SignedIn, me::show)
        .post("/account/password", SignedIn, me::change_password)
        .get("/account/deputies", SignedIn, deputies::show)
        .post("/account/deputies", SignedIn, deputies::add)
        .post("/account/deputies/{id}/end", SignedIn, deputies::end)
        .get("/account/totp", SignedIn, me::show_totp)
        .post("/account/totp", SignedIn, me::save_totp)
        .post("/account/totp/removal", SignedIn, me::remove_totp)
        .post("/account/sessions/end", SignedIn, me::end_session)
        .get("/accounts", AccountsRead, pages::list)
        .post("/accounts", AccountsWrite, pages::add)
        .get("/accounts/new", AccountsWrite, pages::show_new)
        .get("/accounts/{id}", AccountsRead, account::show)
        .post("/accounts/{id}/grants", AccountsWrite, account::grant)
        .post("/accounts/{id}/grants/{grant}/end", AccountsWrite, account::revoke)
        .get("/accounts/{id}/disabled", AccountsWrite, account::ask_disable)
        .post("/accounts/{id}/disabled", AccountsWrite, account::disable)
        .post("/accounts/{id}/enabled", AccountsWrite, account::enable)
        .get("/accounts/{id}/start-code", AccountsWrite, account::ask_reset)
        .post("/accounts/{id}/start-code", AccountsWrite, account::reset)
        .get("/permissions", SignedIn, permissions::show)
        .get("/audit", AuditRead, keepers::audit)
        .get("/audit/verification", AuditRead, keepers::verify)
        .get("/system", SystemRead, keepers::system)
}
