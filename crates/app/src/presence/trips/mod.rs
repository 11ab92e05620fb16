//! Duty trips (公出): business, training, finding investors; they count as on post.
//!
//! Noted by the cadre or the township, with where and what for in words; withdrawn when it came to nothing. No approval
//! and no proof is asked for.
//!
//! Table: `trip`.

pub(super) mod pages;
pub mod store;

use base::word;

/// What kind of trip.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Business,
    Training,
    Investment,
    Other,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Business, Self::Training, Self::Investment, Self::Other];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Training => "training",
            Self::Investment => "investment",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Business => word!("办事开会"),
            Self::Training => word!("培训"),
            Self::Investment => word!("招商跑项目"),
            Self::Other => word!("其他公出"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
