//! What every capability stands on. Nothing here knows a business word: no posting, no village, no pack.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | days, periods, division codes, ids, money, identity numbers, the clock |
//! | [`html`] | the shell, the shared partials of pages and their data |
//! | [`i18n`] | languages: Chinese keys, one English catalogue, 繁體 from the finished page |
//! | [`web`] | what the server needs beside pages: the embedded assets |

pub mod html;
pub mod i18n;
pub mod kernel;
pub mod web;
