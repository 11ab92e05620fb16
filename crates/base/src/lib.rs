//! What every capability stands on. Nothing here knows a business word: no posting, no village, no pack.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | days, periods, division codes, ids, money, identity numbers, the clock |
//! | [`db`] | SQLite and PostgreSQL behind one door |
//! | [`seal`] | the installation's keys: sealed values, look-up hashes, tokens |
//! | [`text`] | sort keys of Chinese text |
//! | [`web`] | routes with permissions, errors, guarded POSTs, headers |

pub mod db;
pub mod kernel;
pub mod seal;
pub mod text;
pub mod web;
