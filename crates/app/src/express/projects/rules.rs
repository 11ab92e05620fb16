//! What a project is, how it goes on, and the facts that follow: pure.

use base::{
    kernel::{CountyId, Day, DivisionCode, Level},
    text,
    web::Refusal,
    word,
};

use crate::spine::facts::FactDraft;

/// What a project is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Industry,
    Party,
    Infrastructure,
    Surroundings,
    Service,
    Other,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Industry, Self::Party, Self::Infrastructure, Self::Surroundings, Self::Service, Self::Other];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Industry => "industry",
            Self::Party => "party",
            Self::Infrastructure => "infrastructure",
            Self::Surroundings => "surroundings",
            Self::Service => "service",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Industry => word!("产业发展"),
            Self::Party => word!("党建"),
            Self::Infrastructure => word!("基础设施"),
            Self::Surroundings => word!("人居环境"),
            Self::Service => word!("公共服务"),
            Self::Other => word!("其他项目"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl Kind {
    /// Another kind for what was entered wrongly. Party building has its own way in and is none of the others.
    pub fn correct(self, to: Self) -> Result<Self, Refusal> {
        if (self == Self::Party) == (to == Self::Party) {
            return Ok(to);
        }
        Err(Refusal::at("kind", text!("党建项目要先申报，和别的类别不能互改；请终止这个，另登记一个")))
    }
}

/// Where money comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FundSource {
    Fiscal,
    Department,
    Unit,
    Social,
    Village,
}

impl FundSource {
    pub const ALL: [Self; 5] = [Self::Fiscal, Self::Department, Self::Unit, Self::Social, Self::Village];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fiscal => "fiscal",
            Self::Department => "department",
            Self::Unit => "unit",
            Self::Social => "social",
            Self::Village => "village",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Fiscal => word!("财政衔接资金"),
            Self::Department => word!("部门项目资金"),
            Self::Unit => word!("派出单位帮扶"),
            Self::Social => word!("社会帮扶"),
            Self::Village => word!("村级自筹"),
        }
    }

    const fn indicator(self) -> &'static str {
        match self {
            Self::Fiscal => "project.fund.fiscal",
            Self::Department => "project.fund.department",
            Self::Unit => "project.fund.unit",
            Self::Social => "project.fund.social",
            Self::Village => "project.fund.village",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.code() == code)
    }
}

/// Where a project stands. One of Party building is applied for and passed by the township before the county lists it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Applied,
    Passed,
    Refused,
    Listed,
    Approved,
    Started,
    Finished,
    Accepted,
    Stopped,
}

impl Stage {
    pub const ALL: [Self; 9] = [
        Self::Applied,
        Self::Passed,
        Self::Refused,
        Self::Listed,
        Self::Approved,
        Self::Started,
        Self::Finished,
        Self::Accepted,
        Self::Stopped,
    ];
    /// The way of a project that goes well.
    pub const WAY: [Self; 5] = [Self::Listed, Self::Approved, Self::Started, Self::Finished, Self::Accepted];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::Listed => "listed",
            Self::Approved => "approved",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Accepted => "accepted",
            Self::Stopped => "stopped",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Applied => word!("已申报"),
            Self::Passed => word!("乡镇已审"),
            Self::Refused => word!("申报退回"),
            Self::Listed => word!("已入库"),
            Self::Approved => word!("已立项"),
            Self::Started => word!("在建"),
            Self::Finished => word!("已完工"),
            Self::Accepted => word!("已验收"),
            Self::Stopped => word!("已终止"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.code() == code)
    }

    const fn indicator(self) -> Option<&'static str> {
        match self {
            Self::Applied | Self::Passed | Self::Refused => None,
            Self::Listed => Some("project.stage.listed"),
            Self::Approved => Some("project.stage.approved"),
            Self::Started => Some("project.stage.started"),
            Self::Finished => Some("project.stage.finished"),
            Self::Accepted => Some("project.stage.accepted"),
            Self::Stopped => Some("project.stage.stopped"),
        }
    }

    /// Whether it still runs: problems come from it and are claimed for it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Listed | Self::Approved | Self::Started | Self::Finished)
    }

    /// The stage after this one, on the way of a project that goes well.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Listed => Some(Self::Approved),
            Self::Approved => Some(Self::Started),
            Self::Started => Some(Self::Finished),
            Self::Finished => Some(Self::Accepted),
            Self::Applied | Self::Passed | Self::Refused | Self::Accepted | Self::Stopped => None,
        }
    }

    /// On to the next stage.
    pub fn advance(self) -> Result<Self, Refusal> {
        self.next().ok_or_else(|| self.refuse())
    }

    /// The township's or the county's word on an application.
    pub fn pass(self) -> Result<Self, Refusal> {
        match self {
            Self::Applied => Ok(Self::Passed),
            Self::Passed => Ok(Self::Listed),
            other => Err(other.refuse()),
        }
    }

    pub fn refuse_application(self) -> Result<Self, Refusal> {
        match self {
            Self::Applied | Self::Passed => Ok(Self::Refused),
            other => Err(other.refuse()),
        }
    }

    /// Applied for again after it came back.
    pub fn apply_again(self) -> Result<Self, Refusal> {
        match self {
            Self::Refused => Ok(Self::Applied),
            other => Err(other.refuse()),
        }
    }

    pub fn stop(self) -> Result<Self, Refusal> {
        if self.is_open() { Ok(Self::Stopped) } else { Err(self.refuse()) }
    }

    fn refuse(self) -> Refusal {
        Refusal::whole(match self {
            Self::Applied => text!("申报还没有审核，请先由乡镇审核。"),
            Self::Passed => text!("申报还没有审定，请先由县驻村办审定。"),
            Self::Refused => text!("申报已退回，请修改后重新申报。"),
            Self::Listed | Self::Approved | Self::Started | Self::Finished => text!("项目已经在实施，不再审核申报。"),
            Self::Accepted => text!("项目已经验收，不再变动。"),
            Self::Stopped => text!("项目已经终止，不再变动。"),
        })
    }
}

/// Spending beyond the budget needs a reason.
pub fn check_spent(spent: i64, budget: i64, why: Option<&str>) -> Result<(), Refusal> {
    if spent > budget && why.is_none_or(|why| why.trim().is_empty()) {
        return Err(Refusal::at("over_why", text!("支出超过了预算，请写明原因")));
    }
    Ok(())
}

/// Gains that a project may report, with the unit people say, smallest units of one, and above how many to ask back.
pub const GAINS: [(&str, &str, i64, i64); 5] = [
    ("gain.collective_income", "万元", 1_000_000, 100),
    ("gain.dividend", "万元", 1_000_000, 100),
    ("gain.dividend.people", "人", 1, 1_000),
    ("gain.job", "人", 1, 500),
    ("gain.land", "亩", 100, 5_000),
];

/// A fund of a project as its facts need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fund {
    pub source: FundSource,
    pub unit_id: Option<String>,
    pub amount: i64,
    pub arrived_on: Option<Day>,
}

/// A gain that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gain {
    pub indicator: &'static str,
    pub day: Day,
    pub amount: i64,
    /// What another record counts already.
    pub elsewhere: i64,
}

/// What the facts of a project are made of.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    pub id: &'a str,
    pub villages: &'a [DivisionCode],
    pub kind: Kind,
    pub person: Option<(CountyId, String)>,
    pub unit_id: Option<&'a str>,
    pub budget: i64,
    pub stages: &'a [(Day, Stage)],
    pub funds: &'a [Fund],
    pub gains: &'a [Gain],
}

/// Where a project of several villages counts: what they have in common.
#[must_use]
pub fn common_place(villages: &[DivisionCode]) -> Option<DivisionCode> {
    let first = *villages.first()?;
    let holds = |place: &DivisionCode| villages.iter().all(|village| place.contains(*village));
    [first, first.at(Level::Township), first.at(Level::County)].into_iter().find(holds)
}

/// Listed once with its investment; applied for once; in one stage at a time; funds as they arrive; gains as far as no
/// other record counts them.
#[must_use]
pub fn facts(said: &Said<'_>) -> Vec<FactDraft> {
    let Some(division) = common_place(said.villages) else { return Vec::new() };
    let fact = |indicator: &'static str, day: Day, amount: i64, unit_id: Option<&str>| FactDraft {
        indicator,
        day,
        amount,
        division,
        person: said.person.clone(),
        unit_id: unit_id.map(str::to_owned),
        key: Some(said.id.to_owned()),
        value: None,
    };
    let mut facts = Vec::new();
    if let Some((day, _)) = said.stages.iter().find(|(_, stage)| *stage == Stage::Applied) {
        facts.push(fact("project.party_application", *day, 1, said.unit_id));
    }
    if let Some((day, _)) = said.stages.iter().find(|(_, stage)| *stage == Stage::Listed) {
        facts.push(fact("project.listed", *day, 1, said.unit_id));
        if said.budget > 0 {
            facts.push(fact("project.investment", *day, said.budget, said.unit_id));
        }
        if said.kind == Kind::Industry {
            facts.push(fact("project.industry", *day, 1, said.unit_id));
        }
    }
    let mut now: Option<Stage> = None;
    for (day, stage) in said.stages {
        facts.extend(now.and_then(Stage::indicator).map(|code| fact(code, *day, -1, None)));
        facts.extend(stage.indicator().map(|code| fact(code, *day, 1, None)));
        now = Some(*stage);
    }
    for fund in said.funds {
        if let Some(day) = fund.arrived_on {
            facts.push(fact("project.fund", day, fund.amount, fund.unit_id.as_deref()));
            facts.push(fact(fund.source.indicator(), day, fund.amount, fund.unit_id.as_deref()));
        }
    }
    let own = said.gains.iter().filter(|gain| gain.amount > gain.elsewhere);
    facts.extend(own.map(|gain| fact(gain.indicator, gain.day, gain.amount - gain.elsewhere, said.unit_id)));
    facts
}
