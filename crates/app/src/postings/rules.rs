//! Who is posted where: roles, ledgers, states and the facts that follow, pure.

use base::{
    kernel::{CountyId, Day, DivisionCode, Period},
    text,
    web::Refusal,
    word,
};

use crate::{places::VillageCategory, spine::facts::FactDraft, units::UnitLevel};

/// 驻村职务
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PostRole {
    FirstSecretary,
    Leader,
    Member,
    BranchSecretary,
    Instructor,
}

impl PostRole {
    pub const ALL: [Self; 5] =
        [Self::FirstSecretary, Self::Leader, Self::Member, Self::BranchSecretary, Self::Instructor];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FirstSecretary => "first_secretary",
            Self::Leader => "leader",
            Self::Member => "member",
            Self::BranchSecretary => "branch_secretary",
            Self::Instructor => "instructor",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::FirstSecretary => word!("第一书记"),
            Self::Leader => word!("工作队长"),
            Self::Member => word!("工作队员"),
            Self::BranchSecretary => word!("村党支部书记"),
            Self::Instructor => word!("党建指导员"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    const fn indicators(self) -> (&'static str, Option<(&'static str, &'static str)>) {
        match self {
            Self::FirstSecretary => (
                "posting.first_secretary",
                Some(("posting.first_secretary.province_ledger", "posting.first_secretary.county_ledger")),
            ),
            Self::Member => {
                ("posting.member", Some(("posting.member.province_ledger", "posting.member.county_ledger")))
            }
            Self::Leader => ("posting.leader", None),
            Self::BranchSecretary => ("posting.branch_secretary", None),
            Self::Instructor => ("posting.instructor", None),
        }
    }
}

/// 台账: the province's, or the county's extra one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ledger {
    Province,
    County,
}

impl Ledger {
    pub const ALL: [Self; 2] = [Self::Province, Self::County];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::County => "county",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Province => word!("省管台账"),
            Self::County => word!("县增派"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ledger| ledger.code() == code)
    }
}

/// Why a posting ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EndReason {
    HandedOver,
    Recalled,
    Transferred,
    Died,
}

impl EndReason {
    pub const ALL: [Self; 4] = [Self::HandedOver, Self::Recalled, Self::Transferred, Self::Died];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HandedOver => "handed_over",
            Self::Recalled => "recalled",
            Self::Transferred => "transferred",
            Self::Died => "died",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::HandedOver => word!("任满交接"),
            Self::Recalled => word!("召回"),
            Self::Transferred => word!("调离"),
            Self::Died => word!("去世"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// Where a posting stands in its life. What is only then true stands inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum State {
    Proposed,
    Vetted,
    Approved,
    OnPost,
    Ended { until: Day, reason: EndReason },
    Withdrawn,
}

impl State {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Vetted => "vetted",
            Self::Approved => "approved",
            Self::OnPost => "on_post",
            Self::Ended { .. } => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        state_zh(self.code())
    }

    /// From the stored columns.
    #[must_use]
    pub fn read(code: &str, until: Option<Day>, reason: Option<&str>) -> Option<Self> {
        Some(match code {
            "proposed" => Self::Proposed,
            "vetted" => Self::Vetted,
            "approved" => Self::Approved,
            "on_post" => Self::OnPost,
            "ended" => Self::Ended { until: until?, reason: EndReason::parse(reason?)? },
            "withdrawn" => Self::Withdrawn,
            _ => return None,
        })
    }

    /// Whether the post is or was really held.
    #[must_use]
    pub const fn was_held(self) -> bool {
        matches!(self, Self::OnPost | Self::Ended { .. })
    }

    /// 审核通过
    pub fn vet(self) -> Result<Self, Refusal> {
        match self {
            Self::Proposed => Ok(Self::Vetted),
            Self::Vetted | Self::Approved | Self::OnPost | Self::Ended { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 批准
    pub fn approve(self) -> Result<Self, Refusal> {
        match self {
            Self::Vetted => Ok(Self::Approved),
            Self::Proposed | Self::Approved | Self::OnPost | Self::Ended { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 到岗
    pub fn take_up(self) -> Result<Self, Refusal> {
        match self {
            Self::Approved => Ok(Self::OnPost),
            Self::Proposed | Self::Vetted | Self::OnPost | Self::Ended { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 撤回: before anyone is on post.
    pub fn withdraw(self) -> Result<Self, Refusal> {
        match self {
            Self::Proposed | Self::Vetted | Self::Approved => Ok(Self::Withdrawn),
            Self::OnPost | Self::Ended { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 离任 on `until`, the first day no longer on post.
    pub fn end(self, since: Day, until: Day, reason: EndReason) -> Result<Self, Refusal> {
        match self {
            Self::OnPost if until < since => {
                Err(Refusal::at("until", text!("离任日期不能早于到岗日期 {day}", day = since)))
            }
            Self::OnPost => Ok(Self::Ended { until, reason }),
            Self::Proposed | Self::Vetted | Self::Approved | Self::Ended { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    fn no(self) -> Refusal {
        Refusal::whole(text!("这条派驻现在是“{state}”，不能这样办。", state = self.zh()))
    }
}

/// The word of a stored state.
#[must_use]
pub fn state_zh(code: &str) -> &'static str {
    match code {
        "proposed" => word!("拟派"),
        "vetted" => word!("已审核"),
        "approved" => word!("已批准"),
        "on_post" => word!("在岗"),
        "ended" => word!("已离任"),
        "withdrawn" => word!("已撤回"),
        _ => word!("未知"),
    }
}

/// A posting as facts see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    pub posting_id: String,
    pub batch_id: String,
    pub person: (CountyId, String),
    pub unit_id: Option<String>,
    pub unit_level: Option<UnitLevel>,
    pub village: DivisionCode,
    pub role: PostRole,
    pub ledger: Ledger,
    pub state: State,
    pub since: Day,
}

impl Held {
    /// The days on post, for postings that were really held.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        match self.state {
            State::OnPost => Period::new(self.since, None),
            State::Ended { until, .. } => Period::new(self.since, Some(until)),
            State::Proposed | State::Vetted | State::Approved | State::Withdrawn => None,
        }
    }

    /// What the posting says now: +1 where it began and −1 where it really ended, for every state figure it counts in,
    /// and that this person has served.
    #[must_use]
    pub fn facts(&self) -> Vec<FactDraft> {
        let Some(period) = self.period() else { return Vec::new() };
        let (by_role, by_ledger) = self.role.indicators();
        let mut states = vec!["posting.cadre", by_role];
        if let Some((province, county)) = by_ledger {
            states.push(match self.ledger {
                Ledger::Province => province,
                Ledger::County => county,
            });
        }
        if self.unit_level == Some(UnitLevel::Province) {
            states.push("posting.cadre.provincial");
        }
        let mut facts = Vec::new();
        for indicator in states {
            facts.push(self.fact(indicator, period.from(), 1, &self.person.1));
            if let Some(until) = period.until() {
                facts.push(self.fact(indicator, until, -1, &self.person.1));
            }
        }
        let sent_by = match self.unit_level {
            Some(UnitLevel::Province | UnitLevel::City) => "alumni.cadre.above",
            Some(UnitLevel::County | UnitLevel::Township) | None => "alumni.cadre.county",
        };
        facts.push(self.fact("alumni.cadre", period.from(), 1, &self.person.1));
        facts.push(self.fact(sent_by, period.from(), 1, &self.person.1));
        facts.push(self.fact("alumni.batch", period.from(), 1, &self.batch_id));
        facts
    }

    fn fact(&self, indicator: &'static str, day: Day, amount: i64, key: &str) -> FactDraft {
        FactDraft {
            indicator,
            day,
            amount,
            division: self.village,
            person: Some(self.person.clone()),
            unit_id: self.unit_id.clone(),
            key: Some(key.to_owned()),
            value: None,
        }
    }
}

/// A village's coverage facts: +1 on each day it became covered, −1 on each day it ceased to be, in all and by category.
///
/// `held` are the periods of all its postings, `categories` the periods of its categories; both in any order.
#[must_use]
pub fn coverage_facts(
    village: DivisionCode,
    held: &[Period],
    categories: &[(VillageCategory, Period)],
) -> Vec<FactDraft> {
    let covered = union(held);
    let mut facts = stretch_facts("village.posted", village, &covered);
    for category in VillageCategory::ALL {
        let of: Vec<Period> = categories.iter().filter(|(c, _)| *c == category).map(|(_, period)| *period).collect();
        let both: Vec<Period> =
            union(&of).iter().flat_map(|a| covered.iter().filter_map(move |b| intersection(*a, *b))).collect();
        facts.extend(stretch_facts(category.posted_indicator(), village, &both));
    }
    facts
}

fn stretch_facts(indicator: &'static str, village: DivisionCode, stretches: &[Period]) -> Vec<FactDraft> {
    let fact = |day: Day, amount: i64| FactDraft {
        indicator,
        day,
        amount,
        division: village,
        person: None,
        unit_id: None,
        key: Some(village.to_string()),
        value: None,
    };
    let both = |period: &Period| [Some(fact(period.from(), 1)), period.until().map(|until| fact(until, -1))];
    stretches.iter().flat_map(both).flatten().collect()
}

/// Stretches that touch or overlap become one; empty ones vanish.
fn union(periods: &[Period]) -> Vec<Period> {
    let mut sorted: Vec<Period> = periods.iter().filter(|p| p.until() != Some(p.from())).copied().collect();
    sorted.sort_by_key(|period| period.from());
    let mut joined: Vec<Period> = Vec::new();
    for period in sorted {
        match joined.last_mut() {
            Some(last) if last.until().is_none_or(|end| period.from() <= end) => {
                let until = match (last.until(), period.until()) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    _ => None,
                };
                if let Some(wider) = Period::new(last.from(), until) {
                    *last = wider;
                }
            }
            _ => joined.push(period),
        }
    }
    joined
}

fn intersection(a: Period, b: Period) -> Option<Period> {
    if !a.overlaps(b) {
        return None;
    }
    let until = match (a.until(), b.until()) {
        (Some(x), Some(y)) => Some(x.min(y)),
        (x, y) => x.or(y),
    };
    Period::new(a.from().max(b.from()), until)
}

/// A team's facts: in place from its first day, in all and on its ledger.
#[must_use]
pub fn team_facts(team_id: &str, village: DivisionCode, ledger: Ledger, period: Period) -> Vec<FactDraft> {
    let by_ledger = match ledger {
        Ledger::Province => "team.province_ledger",
        Ledger::County => "team.county_ledger",
    };
    let fact = |indicator, day, amount| FactDraft {
        indicator,
        day,
        amount,
        division: village,
        person: None,
        unit_id: None,
        key: Some(team_id.to_owned()),
        value: None,
    };
    let mut facts = Vec::new();
    for indicator in ["team.in_place", by_ledger] {
        facts.push(fact(indicator, period.from(), 1));
        if let Some(until) = period.until() {
            facts.push(fact(indicator, until, -1));
        }
    }
    facts
}

/// The slot of a village's post: one first secretary at a time, a county guide beside where the pack allows it.
#[must_use]
pub fn village_slot(role: PostRole, ledger: Ledger, county_guide_beside: bool) -> Option<&'static str> {
    match (role, ledger) {
        (PostRole::FirstSecretary, Ledger::County) if county_guide_beside => Some("county_guide"),
        (PostRole::FirstSecretary, Ledger::Province | Ledger::County) => Some("first_secretary"),
        (PostRole::BranchSecretary, _) => Some("branch_secretary"),
        (PostRole::Leader | PostRole::Member | PostRole::Instructor, _) => None,
    }
}
