//! Where a handover stands, and what it says as facts.

use base::{
    kernel::{CountyId, Day, DivisionCode, Period},
    text,
    web::Refusal,
    word,
};

use crate::spine::facts::FactDraft;

/// Where a handover stands. What is only then true stands inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    /// 已准备: the lists are made, nobody has begun.
    Prepared,
    /// 交接中: side by side since that day.
    UnderWay {
        since: Day,
    },
    /// 三方已确认: only the day of leaving is waited for.
    Confirmed {
        since: Day,
    },
    Completed {
        since: Day,
        on: Day,
    },
    Cancelled {
        on: Day,
    },
}

impl State {
    pub const CODES: [&'static str; 5] = ["prepared", "under_way", "confirmed", "completed", "cancelled"];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::UnderWay { .. } => "under_way",
            Self::Confirmed { .. } => "confirmed",
            Self::Completed { .. } => "completed",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        state_zh(self.code())
    }

    /// From the stored columns.
    #[must_use]
    pub fn read(code: &str, started: Option<Day>, ended: Option<Day>) -> Option<Self> {
        Some(match code {
            "prepared" => Self::Prepared,
            "under_way" => Self::UnderWay { since: started? },
            "confirmed" => Self::Confirmed { since: started? },
            "completed" => Self::Completed { since: started?, on: ended? },
            "cancelled" => Self::Cancelled { on: ended? },
            _ => return None,
        })
    }

    /// The first day side by side, once there is one.
    #[must_use]
    pub const fn since(self) -> Option<Day> {
        match self {
            Self::UnderWay { since } | Self::Confirmed { since } | Self::Completed { since, .. } => Some(since),
            Self::Prepared | Self::Cancelled { .. } => None,
        }
    }

    /// The day it was completed or cancelled.
    #[must_use]
    pub const fn ended(self) -> Option<Day> {
        match self {
            Self::Completed { on, .. } | Self::Cancelled { on } => Some(on),
            Self::Prepared | Self::UnderWay { .. } | Self::Confirmed { .. } => None,
        }
    }

    /// Whether something can still be done about it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.ended().is_none()
    }

    /// 启动: side by side from a day.
    pub fn start(self, since: Day) -> Result<Self, Refusal> {
        match self {
            Self::Prepared => Ok(Self::UnderWay { since }),
            Self::UnderWay { .. } | Self::Confirmed { .. } | Self::Completed { .. } | Self::Cancelled { .. } => {
                Err(self.no())
            }
        }
    }

    /// 修改清单、计划: what the parties confirmed is then no longer what stands there.
    pub fn revise(self) -> Result<Self, Refusal> {
        match self {
            Self::Prepared => Ok(Self::Prepared),
            Self::UnderWay { since } | Self::Confirmed { since } => Ok(Self::UnderWay { since }),
            Self::Completed { .. } | Self::Cancelled { .. } => Err(self.no()),
        }
    }

    /// A party has confirmed; `all` when it was the last.
    pub fn confirm(self, all: bool) -> Result<Self, Refusal> {
        match self {
            Self::UnderWay { since } if all => Ok(Self::Confirmed { since }),
            Self::UnderWay { since } => Ok(Self::UnderWay { since }),
            Self::Prepared => Err(Refusal::whole(text!("交接还没有启动；启动之后三方才逐项确认。"))),
            Self::Confirmed { .. } | Self::Completed { .. } | Self::Cancelled { .. } => Err(self.no()),
        }
    }

    /// 办结 on `on`, the first day no longer on post.
    pub fn complete(self, old_since: Day, leaves_on: Day, on: Day, today: Day) -> Result<Self, Refusal> {
        match self {
            Self::Confirmed { since } => {
                if on < old_since {
                    return Err(Refusal::at("on", text!("离任日期不能早于到岗日期 {day}", day = old_since)));
                }
                if on > today {
                    return Err(Refusal::at("on", text!("离任日期不能晚于今天；到那一天再办结")));
                }
                if on < leaves_on {
                    let say = text!("计划 {day} 离任；要提前，请先调整计划离任日期。", day = leaves_on);
                    return Err(Refusal::at("on", say));
                }
                Ok(Self::Completed { since, on })
            }
            Self::Prepared | Self::UnderWay { .. } => {
                Err(Refusal::whole(text!("三方还没有全部确认，不能办结。请先逐项确认。")))
            }
            Self::Completed { .. } | Self::Cancelled { .. } => Err(self.no()),
        }
    }

    /// 取消
    pub fn cancel(self, on: Day) -> Result<Self, Refusal> {
        match self {
            Self::Prepared | Self::UnderWay { .. } | Self::Confirmed { .. } => Ok(Self::Cancelled { on }),
            Self::Completed { .. } | Self::Cancelled { .. } => Err(self.no()),
        }
    }

    fn no(self) -> Refusal {
        Refusal::whole(text!("这次交接现在是“{state}”，不能这样办。", state = base::i18n::Text::key(self.zh())))
    }
}

/// The word of a stored state.
#[must_use]
pub fn state_zh(code: &str) -> &'static str {
    match code {
        "prepared" => word!("已准备"),
        "under_way" => word!("交接中"),
        "confirmed" => word!("三方已确认"),
        "completed" => word!("已办结"),
        "cancelled" => word!("已取消"),
        _ => word!("未知"),
    }
}

/// Days side by side: planned by the pack, gone by, and those on which both stood on post in the village.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SideDays {
    pub planned: i64,
    pub elapsed: i64,
    pub both_on_post: i64,
}

/// Counts them on a day; the days run from the start until the day of leaving.
#[must_use]
pub fn side_days(planned: i64, state: State, leaves_on: Day, today: Day, old: &[Period], new: &[Period]) -> SideDays {
    let none = SideDays { planned, elapsed: 0, both_on_post: 0 };
    let Some(since) = state.since() else { return none };
    // Today counts; the day of leaving does not.
    let end = state.ended().unwrap_or_else(|| leaves_on.min(today.plus_days(1)));
    let elapsed = end.days_since(since).max(0);
    let held = |periods: &[Period], day: Day| periods.iter().any(|period| period.contains(day));
    let both = (0..elapsed).map(|n| since.plus_days(n)).filter(|day| held(old, *day) && held(new, *day)).count();
    SideDays { planned, elapsed, both_on_post: i64::try_from(both).unwrap_or(i64::MAX) }
}

/// What a handover says as facts: one, on the day it was completed.
#[must_use]
pub fn facts(
    state: State,
    village: DivisionCode,
    person: &(CountyId, String),
    unit_id: Option<&str>,
) -> Vec<FactDraft> {
    match state {
        State::Completed { on, .. } => vec![FactDraft {
            indicator: "handover.done",
            day: on,
            amount: 1,
            division: village,
            person: Some(person.clone()),
            unit_id: unit_id.map(str::to_owned),
            key: None,
            value: None,
        }],
        State::Prepared | State::UnderWay { .. } | State::Confirmed { .. } | State::Cancelled { .. } => Vec::new(),
    }
}
