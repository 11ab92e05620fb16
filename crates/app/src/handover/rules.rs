//! What a handover is: parties, states, lists, and who may confirm what; pure.

use base::{
    kernel::{CountyId, Day, DivisionCode, Period},
    text,
    web::Refusal,
    word,
};

use crate::spine::facts::FactDraft;

/// 三方: who confirms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    Old,
    New,
    Branch,
}

impl Party {
    pub const ALL: [Self; 3] = [Self::Old, Self::New, Self::Branch];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
            Self::Branch => "branch",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Old => word!("原任"),
            Self::New => word!("接任"),
            Self::Branch => word!("村党支部"),
        }
    }

    /// The kind of the task that this party has until it has confirmed.
    #[must_use]
    pub const fn task(self) -> &'static str {
        match self {
            Self::Old => "handover_old",
            Self::New => "handover_new",
            Self::Branch => "handover_branch",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|party| party.code() == code)
    }
}

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

/// How somebody acts for a party: as that party, or entering what was signed on paper.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Hand {
    Own,
    Paper,
}

/// Who is acting, as far as a handover cares.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Acting {
    pub person_id: Option<String>,
    /// Holds the role of this village's branch.
    pub is_branch: bool,
    /// Holds the role of the township that the village lies in.
    pub is_township: bool,
}

/// The parties of a handover and whether each can sign in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parties {
    pub old: (String, String),
    pub new: Option<(String, String)>,
    pub old_account: Option<String>,
    pub new_account: Option<String>,
    pub branch_account: bool,
}

impl Parties {
    /// Whether the party confirms by itself, or the township enters its signature.
    #[must_use]
    pub const fn can_sign_in(&self, party: Party) -> bool {
        match party {
            Party::Old => self.old_account.is_some(),
            Party::New => self.new_account.is_some(),
            Party::Branch => self.branch_account,
        }
    }

    /// May this person act for the party? The wrong one is told who may.
    pub fn hand(&self, party: Party, acting: &Acting) -> Result<Hand, Refusal> {
        let is = |who: &str| acting.person_id.as_deref() == Some(who);
        let own = match party {
            Party::Old => is(&self.old.0),
            Party::New => self.new.as_ref().is_some_and(|(id, _)| is(id)),
            Party::Branch => acting.is_branch,
        };
        if own {
            return Ok(Hand::Own);
        }
        if acting.is_township && !self.can_sign_in(party) {
            return Ok(Hand::Paper);
        }
        Err(Refusal::whole(match (party, &self.new) {
            (Party::Old, _) => text!("这一栏由原任{name}本人确认，您不能代办。", name = self.old.1),
            (Party::New, Some((_, name))) => text!("这一栏由接任{name}本人确认，您不能代办。", name = name),
            (Party::New, None) => text!("还没有接任的人，这一栏由乡镇代管代录。"),
            (Party::Branch, _) => text!("这一栏由村党支部用自己的账号确认，您不能代办。"),
        }))
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
