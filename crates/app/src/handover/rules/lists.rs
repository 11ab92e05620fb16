//! The three lists, and what a party says of a line.

use base::{text, web::Refusal, word};

/// 三张清单
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum List {
    /// 未了事项
    Open,
    /// 物品经费
    Things,
    /// 经验提醒
    Advice,
}

impl List {
    pub const ALL: [Self; 3] = [Self::Open, Self::Things, Self::Advice];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Things => "things",
            Self::Advice => "advice",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Open => word!("未了事项"),
            Self::Things => word!("物品经费"),
            Self::Advice => word!("经验提醒"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.code() == code)
    }
}

/// What somebody writes into a list by hand; everything else comes through the doors of open things.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ByHand {
    Matter,
    Lent,
    Money,
    Practice,
    Watch,
}

impl ByHand {
    pub const ALL: [Self; 5] = [Self::Lent, Self::Money, Self::Matter, Self::Practice, Self::Watch];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Matter => "by_hand.matter",
            Self::Lent => "by_hand.lent",
            Self::Money => "by_hand.money",
            Self::Practice => "by_hand.practice",
            Self::Watch => "by_hand.watch",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Matter => word!("其他未了的事"),
            Self::Lent => word!("物品（钥匙、印章、设备、书籍等）"),
            Self::Money => word!("未用完的经费"),
            Self::Practice => word!("经验做法"),
            Self::Watch => word!("要留意的人和事"),
        }
    }

    /// The word of a line in a table.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Matter => word!("未了的事"),
            Self::Lent => word!("物品"),
            Self::Money => word!("经费"),
            Self::Practice => word!("做法"),
            Self::Watch => word!("留意"),
        }
    }

    #[must_use]
    pub const fn list(self) -> List {
        match self {
            Self::Matter => List::Open,
            Self::Lent | Self::Money => List::Things,
            Self::Practice | Self::Watch => List::Advice,
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What a party says of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    Confirmed,
    Objected { words: String },
}

impl Answer {
    /// From the stored columns.
    #[must_use]
    pub fn read(code: &str, words: Option<String>) -> Option<Self> {
        match code {
            "confirmed" => Some(Self::Confirmed),
            "objected" => Some(Self::Objected { words: words? }),
            _ => None,
        }
    }

    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Objected { .. } => "objected",
        }
    }

    /// What was objected, where something was.
    #[must_use]
    pub fn objection(&self) -> Option<&str> {
        match self {
            Self::Confirmed => None,
            Self::Objected { words } => Some(words),
        }
    }

    /// Whether this may follow what the party said before.
    pub fn after(self, before: Option<&Self>) -> Result<Self, Refusal> {
        match (before, &self) {
            (Some(Self::Confirmed), Self::Confirmed) => {
                Err(Refusal::whole(text!("这一项您这一方已经确认过，不用再确认。")))
            }
            (_, Self::Objected { words }) if words.is_empty() => {
                Err(Refusal::at("words", text!("请写明有什么异议、怎样才对")))
            }
            (None | Some(Self::Confirmed | Self::Objected { .. }), _) => Ok(self),
        }
    }
}
