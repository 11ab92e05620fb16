//! What every capability stands on. Nothing here knows a business word: no posting, no village, no pack.
//!
//! | module | what |
//! |---|---|
//! | [`kernel`] | days, periods, division codes, ids, money, identity numbers, the clock |
//! | [`sheet`] | workbooks and CSV as offices keep them: read within bounds, written safely |

pub mod kernel;
pub mod sheet;
