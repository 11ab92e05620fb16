//! What every capability stands on. Nothing here knows a business word: no posting, no village, no pack.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | days, periods, division codes, ids, money, identity numbers, the clock |
//! | [`db`] | SQLite and PostgreSQL behind one door |
//! | [`code`] | codes that people copy from paper
//! | [`password`] | Argon2id, bounded
//! | [`picture`] | pictures measured before they are unpacked, and written anew |
//! | [`seal`] | the installation's keys: sealed values, look-up hashes, tokens |
//! | [`sheet`] | workbooks and CSV in and out |
//! | [`collate`] | sort keys of Chinese text |
//! | [`html`] | the shell, the shared partials of pages and their data |
//! | [`i18n`] | languages: Chinese keys, one English catalogue, 繁體 from the finished page |
//! | [`ooxml`] | other offices' workbooks and documents, changed where they stand; plain documents of our own |
//! | `testing` | databases of both kinds and a browser, for tests
//! | [`web`] | routes with permissions, errors, guarded POSTs, headers, embedded assets |

// Templates name the shared parts alike here and in the app.
extern crate self as base;

pub mod code;
pub mod collate;
pub mod db;
pub mod html;
pub mod i18n;
pub mod kernel;
pub mod ooxml;
pub mod password;
pub mod picture;
pub mod seal;
pub mod sheet;
#[cfg(feature = "testing")]
pub mod testing;
pub mod web;
