//! A meeting's life and what it decides: pure.

use base::{
    i18n::Text,
    kernel::{Day, DivisionCode},
    text,
    web::Refusal,
    word,
};

use crate::spine::facts::FactDraft;

/// Where a meeting stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Planned,
    UnderWay,
    Held,
    Cancelled,
}

impl State {
    const ALL: [Self; 4] = [Self::Planned, Self::UnderWay, Self::Held, Self::Cancelled];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::UnderWay => "under_way",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Planned => word!("待开"),
            Self::UnderWay => word!("正在开"),
            Self::Held => word!("已开"),
            Self::Cancelled => word!("已取消"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::UnderWay)
    }

    pub fn begin(self, day: Day, today: Day) -> Result<Self, Refusal> {
        match self {
            Self::Planned if day > today => {
                Err(Refusal::whole(text!("还没到开会的日子（{day}）。提前开请先改日期。", day = day)))
            }
            Self::Planned => Ok(Self::UnderWay),
            Self::UnderWay | Self::Held | Self::Cancelled => Err(self.refuse()),
        }
    }

    pub fn close(self) -> Result<Self, Refusal> {
        match self {
            Self::UnderWay => Ok(Self::Held),
            Self::Planned => Err(Refusal::whole(text!("会还没有开始。"))),
            Self::Held | Self::Cancelled => Err(self.refuse()),
        }
    }

    pub fn cancel(self) -> Result<Self, Refusal> {
        match self {
            Self::Planned => Ok(Self::Cancelled),
            Self::UnderWay | Self::Held | Self::Cancelled => Err(self.refuse()),
        }
    }

    /// Another day for a meeting: one to come lies ahead, one that was held behind.
    pub fn correct(self, day: Day, today: Day) -> Result<Day, Refusal> {
        match self {
            Self::Planned if day < today => Err(Refusal::at("day", text!("会还没有开，日期不能早于今天"))),
            Self::UnderWay | Self::Held if day > today => {
                Err(Refusal::at("day", text!("会已经开了，日期不能晚于今天")))
            }
            Self::Planned | Self::UnderWay | Self::Held => Ok(day),
            Self::Cancelled => Err(self.refuse()),
        }
    }

    fn refuse(self) -> Refusal {
        Refusal::whole(match self {
            Self::Planned => text!("会还没有开。"),
            Self::UnderWay => text!("会正在开。"),
            Self::Held => text!("会已经开过了。"),
            Self::Cancelled => text!("会已经取消了。"),
        })
    }
}

/// What is decided of a problem in a meeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Answered,
    Claimed,
    /// In hand and late: urged, perhaps with another day.
    Urged,
    Deferred,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Answered, Self::Claimed, Self::Urged, Self::Deferred];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Claimed => "claimed",
            Self::Urged => "urged",
            Self::Deferred => "deferred",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Answered => word!("当场答复"),
            Self::Claimed => word!("认领"),
            Self::Urged => word!("督办"),
            Self::Deferred => word!("下次再议"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What the program writes where a meeting ends without a word on a problem.
pub const CLAIMED_BEFORE: &str = "会前已认领";
pub const ANSWERED_BEFORE: &str = "会前已答复";
pub const NOT_REACHED: &str = "会上没有议到";

/// What was said of a problem: the program's own words in the reader's language, people's as they are.
#[must_use]
pub fn said(words: Option<String>) -> Text {
    match words.as_deref() {
        Some(CLAIMED_BEFORE) => text!("会前已认领"),
        Some(ANSWERED_BEFORE) => text!("会前已答复"),
        Some(NOT_REACHED) => text!("会上没有议到"),
        Some(_) | None => words.map(Text::data).unwrap_or_default(),
    }
}

/// A meeting that was held counts once, on its day, where its office is.
#[must_use]
pub fn facts(state: State, division: DivisionCode, day: Day) -> Vec<FactDraft> {
    if state != State::Held {
        return Vec::new();
    }
    vec![FactDraft {
        indicator: "meeting.held",
        day,
        amount: 1,
        division,
        person: None,
        unit_id: None,
        key: None,
        value: None,
    }]
}
