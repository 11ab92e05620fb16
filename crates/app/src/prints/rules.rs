//! What can be printed and what for.

use base::{i18n::Text, kernel::DivisionCode, word};
use serde::{Deserialize, Serialize};

use crate::accounts::Permission;

/// A kind of print run over a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Cards,
    Boards,
    Letters,
    Roster,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Cards, Self::Boards, Self::Letters, Self::Roster];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cards => "cards",
            Self::Boards => "boards",
            Self::Letters => "letters",
            Self::Roster => "roster",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Cards => word!("便民联心卡"),
            Self::Boards => word!("身份牌"),
            Self::Letters => word!("选派通知"),
            Self::Roster => word!("驻村干部花名册"),
        }
    }

    #[must_use]
    pub fn label(self) -> Text {
        Text::key(self.zh())
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Who may have it: letters speak for the office, the rest is for those who hand it out.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::Cards | Self::Boards => Permission::CardsWrite,
            Self::Letters => Permission::PostingsWrite,
            Self::Roster => Permission::PostingsRead,
        }
    }
}

/// One run: what, where, for cards whether only villages whose card changed, for letters and rosters of which batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    pub kind: Kind,
    pub place: DivisionCode,
    pub changed_only: bool,
    /// Letters and rosters of one batch alone, those not yet on post among them.
    pub batch: Option<i64>,
}
