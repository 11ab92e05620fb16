//! Leave: kinds, states, whose it is to approve, pure.

use base::{
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::{Day, Period},
    text,
    web::Refusal,
    word,
};

use crate::{accounts::Role, packs::Pack, presence::posts::Post};

/// 假别
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    Annual,
    Personal,
    Sick,
    Family,
    Other,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Annual, Self::Personal, Self::Sick, Self::Family, Self::Other];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Annual => "annual",
            Self::Personal => "personal",
            Self::Sick => "sick",
            Self::Family => "family",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Annual => word!("年休假"),
            Self::Personal => word!("事假"),
            Self::Sick => word!("病假"),
            Self::Family => word!("婚产护理假"),
            Self::Other => word!("其他假"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether its reason speaks of health or family: seen by the cadre and by whoever approves, each look logged.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Sick | Self::Family)
    }
}

/// Whose it is to approve.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    Township,
    County,
}

impl Level {
    /// By its length in calendar days.
    #[must_use]
    pub fn of(days: i64, pack: &Pack) -> Self {
        if days <= pack.leave_township_days() { Self::Township } else { Self::County }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Township => "township",
            Self::County => "county",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Township, Self::County].into_iter().find(|level| level.code() == code)
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Township => word!("乡镇党委"),
            Self::County => word!("县驻村办"),
        }
    }

    /// Who may approve it: an office may approve what a township may.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Township => &[Role::Township, Role::Office],
            Self::County => &[Role::Office],
        }
    }

    /// Whose task it is.
    #[must_use]
    pub const fn holder(self) -> Role {
        match self {
            Self::Township => Role::Township,
            Self::County => Role::Office,
        }
    }
}

/// The days of a leave or trip: from the first day away up to the first day back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub since: Day,
    pub until: Day,
}

/// The longest leave one form can ask for: maternity with its extensions stays below.
const LONGEST: i64 = 366;

impl Span {
    /// From the first and the last day as a form says them.
    pub fn read(first: Option<Day>, last: Option<Day>) -> Result<Self, Refusal> {
        let since = first.ok_or_else(|| Refusal::at("since", text!("请填从哪天起，写作 2024-01-18")))?;
        let last = last.ok_or_else(|| Refusal::at("last", text!("请填到哪天为止，写作 2024-01-20")))?;
        if last < since {
            return Err(Refusal::at("last", text!("结束的日子不能早于开始的日子 {day}", day = since)));
        }
        if last.days_since(since) >= LONGEST {
            return Err(Refusal::at("last", text!("一次最多填一年，请核对日期")));
        }
        Ok(Self { since, until: last.plus_days(1) })
    }

    #[must_use]
    pub fn days(self) -> i64 {
        self.until.days_since(self.since)
    }

    /// The last day away.
    #[must_use]
    pub fn last(self) -> Day {
        self.until.plus_days(-1)
    }

    #[must_use]
    pub fn period(self) -> Option<Period> {
        Period::new(self.since, Some(self.until))
    }

    /// The post in which these days lie, all of them.
    pub fn post(self, posts: &[Post], today: Day) -> Result<&Post, Refusal> {
        let outside = || Refusal::at("since", text!("{day} 那天没有在岗的派驻，请核对日期", day = self.since));
        let post = posts.iter().find(|post| post.holds(self.since)).ok_or_else(outside)?;
        if let Some(end) = post.bound(today).filter(|end| self.until > *end) {
            let last = end.plus_days(-1);
            return Err(Refusal::at("last", text!("派驻到 {day} 为止，请假和公出不能超过这一天", day = last)));
        }
        Ok(post)
    }
}

/// Where a leave stands. What is only then true stands inside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Asked,
    /// Not begun yet.
    Approved,
    /// Approved, and its first day has come.
    OnLeave,
    /// On this day back on post.
    Returned {
        back: Day,
    },
    Refused,
    Withdrawn,
}

impl State {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved | Self::OnLeave => "approved",
            Self::Returned { .. } => "returned",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Asked => word!("待批"),
            Self::Approved => word!("已批准"),
            Self::OnLeave => word!("请假中"),
            Self::Returned { .. } => word!("已销假"),
            Self::Refused => word!("未批准"),
            Self::Withdrawn => word!("已撤回"),
        }
    }

    /// From the stored columns on a day.
    #[must_use]
    pub fn read(code: &str, since: Day, back: Option<Day>, today: Day) -> Option<Self> {
        Some(match code {
            "asked" => Self::Asked,
            "approved" if since <= today => Self::OnLeave,
            "approved" => Self::Approved,
            "returned" => Self::Returned { back: back? },
            "refused" => Self::Refused,
            "withdrawn" => Self::Withdrawn,
            _ => return None,
        })
    }

    /// 同意
    pub fn approve(self, since: Day, today: Day) -> Result<Self, Refusal> {
        match self {
            Self::Asked if since <= today => Ok(Self::OnLeave),
            Self::Asked => Ok(Self::Approved),
            Self::Approved | Self::OnLeave | Self::Returned { .. } | Self::Refused | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 不同意, with the reason that the cadre reads.
    pub fn refuse(self, why: &str) -> Result<Self, Refusal> {
        match self {
            Self::Asked if why.is_empty() => Err(Refusal::at("why", text!("不同意要写明原因，本人会看到"))),
            Self::Asked => Ok(Self::Refused),
            Self::Approved | Self::OnLeave | Self::Returned { .. } | Self::Refused | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 撤回, before the first day.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        match self {
            Self::Asked | Self::Approved => Ok(Self::Withdrawn),
            Self::OnLeave => Err(Refusal::whole(text!("假期已经开始，回来后请销假；当天没有走也可以当天销假。"))),
            Self::Returned { .. } | Self::Refused | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 销假: back on post on a day, earlier or later than was asked.
    pub fn give_back(self, since: Day, back: Day, today: Day) -> Result<Self, Refusal> {
        match self {
            Self::OnLeave if back < since => {
                Err(Refusal::at("back", text!("回岗日期不能早于假期第一天 {day}", day = since)))
            }
            Self::OnLeave if back > today => Err(Refusal::at("back", text!("回岗日期晚于今天，请到那天再销假"))),
            Self::OnLeave => Ok(Self::Returned { back }),
            Self::Approved => Err(Refusal::whole(text!("假期还没开始；不请了可以撤回。"))),
            Self::Asked | Self::Returned { .. } | Self::Refused | Self::Withdrawn => Err(self.no()),
        }
    }

    fn no(self) -> Refusal {
        Refusal::whole(text!("这次请假现在是“{state}”，不能这样办。", state = Text::key(self.zh())))
    }

    /// How it is shown; a leave that is over and not returned says so.
    #[must_use]
    pub fn shown(self, until: Day, today: Day) -> Shown {
        match self {
            Self::OnLeave if today >= until => Shown::new(Tone::Late, text!("到期未销假")),
            Self::Asked => Shown::new(Tone::Wait, Text::key(self.zh())),
            Self::Approved | Self::OnLeave => Shown::new(Tone::Ok, Text::key(self.zh())),
            Self::Refused => Shown::new(Tone::Stop, Text::key(self.zh())),
            Self::Returned { .. } | Self::Withdrawn => Shown::new(Tone::Idle, Text::key(self.zh())),
        }
    }
}

/// The state of stored columns as a pill.
#[must_use]
pub fn shown_of(code: &str, span: Span, back: Option<Day>, today: Day) -> Shown {
    State::read(code, span.since, back, today)
        .map_or_else(|| Shown::new(Tone::Idle, text!("未知")), |state| state.shown(span.until, today))
}
