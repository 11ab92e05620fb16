//! All SQL of accounts, grants and sessions: the tables `account`, `account_grant`, `deputy`, `session`.

use base::db::Query;

use super::Scope;

mod accounts;
mod demo;
mod deputies;
mod grants;
mod sessions;

pub use accounts::{
    AccountRow, Filter, NewAccount, Secret, account_of, add, add_failure, count, find, find_by_name, find_secret, list,
    save_password, save_signed_in, save_start_code, save_state, save_totp, save_totp_step, tie,
};
pub use demo::{Entrance, demo_entrances, save_demo_entrances};
pub use deputies::{DeputyRow, NewDeputy, add_deputy, deputies, end_deputy, find_colleagues, standing_in};
pub use grants::{GrantRow, Holder, add_grant, end_grant, grants, holders, is_held, list_grants, roles_of};
pub use sessions::{
    NewSession, SessionRow, add_session, count_sessions, end_other_sessions, end_session, end_sessions, find_session,
    list_sessions, remove_old_sessions, touch_session,
};

/// Accounts belong to a county's (city's, province's) office as a whole: a scope below a county holds none.
fn narrow(query: &mut Query, scope: &Scope) {
    const COUNTY: i64 = 1_000_000;
    query.push(" and (1 = 0");
    for area in scope.areas().iter().filter(|area| area.first % COUNTY == 0 && area.last % COUNTY == COUNTY - 1) {
        let (first, last) = area.counties();
        query.push(" or a.county_id between ").push_bind(first).push(" and ").push_bind(last);
    }
    query.push(")");
}
