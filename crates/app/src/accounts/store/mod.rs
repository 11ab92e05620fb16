//! All SQL of accounts, grants and sessions: the tables `account`, `account_grant`, `session`.

mod accounts;
mod demo;
mod grants;
mod sessions;

pub use accounts::{
    AccountRow, Filter, NewAccount, Secret, add, add_failure, count, find, find_by_name, find_secret, list,
    save_password, save_signed_in, save_start_code, save_state, save_totp, save_totp_step,
};
pub use demo::{Entrance, demo_entrances, save_demo_entrances};
pub use grants::{GrantRow, add_grant, end_grant, grants, list_grants, roles_of};
pub use sessions::{
    NewSession, SessionRow, add_session, count_sessions, end_other_sessions, end_session, end_sessions, find_session,
    list_sessions, remove_old_sessions, touch_session,
};
