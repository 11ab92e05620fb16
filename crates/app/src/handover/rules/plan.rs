//! Why, when and to whom a post is left.

use base::{
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::Refusal,
    word,
};
use serde::{Deserialize, Serialize};

/// Why the post is left. The codes are those under which a posting ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    TermEnds,
    Transferred,
    Recalled,
}

impl Reason {
    pub const ALL: [Self; 3] = [Self::TermEnds, Self::Transferred, Self::Recalled];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TermEnds => "handed_over",
            Self::Transferred => "transferred",
            Self::Recalled => "recalled",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::TermEnds => word!("任满交接"),
            Self::Transferred => word!("调离"),
            Self::Recalled => word!("召回"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What made the handover: the office said so, or the batch's end came near.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    Announced,
    TermNears,
}

impl Cause {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::TermNears => "term_nears",
        }
    }
}

/// A plan that the office makes or changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    pub leaves_on: Day,
    pub reason: Reason,
    pub next: Option<Next>,
}

impl Plan {
    /// The day of leaving cannot lie before the day of arriving.
    pub fn check(self, old_since: Day) -> Result<Self, Refusal> {
        if self.leaves_on < old_since {
            return Err(Refusal::at("leaves_on", text!("离任日期不能早于到岗日期 {day}", day = old_since)));
        }
        Ok(self)
    }
}

/// The posting that is to follow, as the office chose it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Next {
    pub posting_id: String,
    pub person: (CountyId, String),
    pub name: String,
    pub since: Day,
}

/// The posting that is to end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaving {
    pub posting_id: String,
    pub person: (CountyId, String),
    pub name: String,
    pub village: DivisionCode,
    /// The role's code and word.
    pub role: String,
    pub role_zh: &'static str,
    pub unit_id: Option<String>,
    pub since: Day,
}
