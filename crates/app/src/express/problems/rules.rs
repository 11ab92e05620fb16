//! What a problem is, what may happen to it, and the facts that follow: pure.

use base::{
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, Fen},
    text,
    web::Refusal,
    word,
};

use crate::{packs::Pack, spine::facts::FactDraft};

/// What holds a project up (WZ-4). Which of them a county counts, and under what name, stands in its pack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    Matching,
    Funds,
    Approval,
    Land,
    Utilities,
    Technology,
    Market,
    People,
    Other,
}

impl Block {
    pub const ALL: [Self; 9] = [
        Self::Matching,
        Self::Funds,
        Self::Approval,
        Self::Land,
        Self::Utilities,
        Self::Technology,
        Self::Market,
        Self::People,
        Self::Other,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Matching => "matching",
            Self::Funds => "funds",
            Self::Approval => "approval",
            Self::Land => "land",
            Self::Utilities => "utilities",
            Self::Technology => "technology",
            Self::Market => "market",
            Self::People => "people",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Matching => word!("对接不畅"),
            Self::Funds => word!("资金整合难"),
            Self::Approval => word!("报批慢"),
            Self::Land => word!("用地难"),
            Self::Utilities => word!("水电路不配套"),
            Self::Technology => word!("缺技术"),
            Self::Market => word!("销路不畅"),
            Self::People => word!("缺人手"),
            Self::Other => word!("其他"),
        }
    }

    const fn indicator(self) -> &'static str {
        match self {
            Self::Matching => "problem.block.matching",
            Self::Funds => "problem.block.funds",
            Self::Approval => "problem.block.approval",
            Self::Land => "problem.block.land",
            Self::Utilities => "problem.block.utilities",
            Self::Technology => "problem.block.technology",
            Self::Market => "problem.block.market",
            Self::People => "problem.block.people",
            Self::Other => "problem.block.other",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|block| block.code() == code)
    }

    /// As the county's pack calls it.
    #[must_use]
    pub fn label(self, pack: &Pack) -> Text {
        match pack.blocks().iter().find(|rule| rule.code == self.code()) {
            Some(rule) if rule.label != self.zh() => Text::data(&rule.label),
            Some(_) | None => Text::key(self.zh()),
        }
    }
}

/// Where a problem comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Direct,
    Project(String),
    Matter(String),
}

impl Origin {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Project(_) => "project",
            Self::Matter(_) => "matter",
        }
    }

    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Direct => None,
            Self::Project(id) | Self::Matter(id) => Some(id),
        }
    }

    #[must_use]
    pub fn read(code: &str, id: Option<&str>) -> Option<Self> {
        match (code, id) {
            ("direct", _) => Some(Self::Direct),
            ("project", Some(id)) => Some(Self::Project(id.to_owned())),
            ("matter", Some(id)) => Some(Self::Matter(id.to_owned())),
            _ => None,
        }
    }
}

/// A problem to report.
#[derive(Clone, Debug)]
pub struct NewProblem {
    pub village: DivisionCode,
    pub title: String,
    pub words: String,
    pub block: Block,
    pub amount: Option<Fen>,
    pub origin: Origin,
    /// Whose it is in the village: who confirms in the end. County, id, name.
    pub person: Option<(CountyId, String, String)>,
}

/// Where a problem stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    Reported,
    /// Sifted; perhaps addressed to a department, otherwise for the next meeting.
    Screened,
    OnAgenda {
        meeting: (CountyId, String),
    },
    /// "Not ours" was said, with whose it is: the office decides.
    Contested,
    Claimed {
        due: Day,
    },
    UnderWay {
        due: Day,
    },
    /// Done by what was reported, or answered on the spot (without a due day); the reporter's word is asked.
    Solved {
        due: Option<Day>,
    },
    StruckOff,
    Declined,
}

/// The four phases that figures tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Waiting,
    InHand,
    ToConfirm,
    Closed,
}

impl Phase {
    const fn indicator(self) -> Option<&'static str> {
        match self {
            Self::Waiting => Some("problem.state.waiting"),
            Self::InHand => Some("problem.state.claimed"),
            Self::ToConfirm => Some("problem.state.solved"),
            Self::Closed => None,
        }
    }
}

impl State {
    pub const CODES: [&'static str; 9] =
        ["reported", "screened", "on_agenda", "contested", "claimed", "under_way", "solved", "struck_off", "declined"];

    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Screened => "screened",
            Self::OnAgenda { .. } => "on_agenda",
            Self::Contested => "contested",
            Self::Claimed { .. } => "claimed",
            Self::UnderWay { .. } => "under_way",
            Self::Solved { .. } => "solved",
            Self::StruckOff => "struck_off",
            Self::Declined => "declined",
        }
    }

    #[must_use]
    pub fn read(code: &str, due: Option<Day>, meeting: Option<(CountyId, String)>) -> Option<Self> {
        Some(match code {
            "reported" => Self::Reported,
            "screened" => Self::Screened,
            "on_agenda" => Self::OnAgenda { meeting: meeting? },
            "contested" => Self::Contested,
            "claimed" => Self::Claimed { due: due? },
            "under_way" => Self::UnderWay { due: due? },
            "solved" => Self::Solved { due },
            "struck_off" => Self::StruckOff,
            "declined" => Self::Declined,
            _ => return None,
        })
    }

    #[must_use]
    pub fn due(&self) -> Option<Day> {
        match self {
            Self::Claimed { due } | Self::UnderWay { due } => Some(*due),
            Self::Solved { due } => *due,
            Self::Reported
            | Self::Screened
            | Self::OnAgenda { .. }
            | Self::Contested
            | Self::StruckOff
            | Self::Declined => None,
        }
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        phase(self.code()) != Phase::Closed
    }

    /// Whether a department has it in hand.
    #[must_use]
    pub const fn is_in_hand(&self) -> bool {
        matches!(self, Self::Claimed { .. } | Self::UnderWay { .. })
    }

    /// Sifted: on to a department or to the next meeting.
    pub fn screen(self) -> Result<Self, Refusal> {
        match self {
            Self::Reported | Self::Screened | Self::Contested => Ok(Self::Screened),
            other => Err(other.refuse()),
        }
    }

    pub fn decline(self) -> Result<Self, Refusal> {
        match self {
            Self::Reported | Self::Screened | Self::Contested => Ok(Self::Declined),
            other => Err(other.refuse()),
        }
    }

    pub fn put_on(self, meeting: (CountyId, String)) -> Result<Self, Refusal> {
        match self {
            Self::Screened | Self::Contested => Ok(Self::OnAgenda { meeting }),
            other => Err(other.refuse()),
        }
    }

    /// Taken from an agenda, or nothing was decided there.
    pub fn take_off(self) -> Result<Self, Refusal> {
        match self {
            Self::OnAgenda { .. } => Ok(Self::Screened),
            other => Err(other.refuse()),
        }
    }

    /// A department takes it up. `project_is_open` says whether the project behind it still runs.
    pub fn claim(self, due: Day, today: Day, project_is_open: bool) -> Result<Self, Refusal> {
        if !project_is_open {
            return Err(Refusal::whole(text!("项目已经验收或终止，不再认领。确有遗留问题，请另报一个新问题。")));
        }
        if due < today {
            return Err(Refusal::at("due", text!("办结日期不能早于今天")));
        }
        match self {
            Self::Screened | Self::OnAgenda { .. } | Self::Contested => Ok(Self::Claimed { due }),
            Self::Claimed { .. } | Self::UnderWay { .. } => Err(already_claimed()),
            other => Err(other.refuse()),
        }
    }

    pub fn not_ours(self) -> Result<Self, Refusal> {
        match self {
            Self::Screened | Self::OnAgenda { .. } | Self::Claimed { .. } | Self::UnderWay { .. } => {
                Ok(Self::Contested)
            }
            other => Err(other.refuse()),
        }
    }

    pub fn report(self) -> Result<Self, Refusal> {
        match self {
            Self::Claimed { due } | Self::UnderWay { due } => Ok(Self::UnderWay { due }),
            other => Err(other.refuse()),
        }
    }

    /// Answered without being taken up: on the spot of a meeting, or by the department addressed.
    pub fn answer(self) -> Result<Self, Refusal> {
        match self {
            Self::Screened | Self::OnAgenda { .. } | Self::Contested => Ok(Self::Solved { due: None }),
            other => Err(other.refuse()),
        }
    }

    pub fn solve(self) -> Result<Self, Refusal> {
        match self {
            Self::Claimed { due } | Self::UnderWay { due } => Ok(Self::Solved { due: Some(due) }),
            other => Err(other.refuse()),
        }
    }

    pub fn confirm(self) -> Result<Self, Refusal> {
        match self {
            Self::Solved { .. } => Ok(Self::StruckOff),
            other => Err(other.refuse()),
        }
    }

    /// Not solved after all: back to the department with a new day, or to the next meeting where none had taken it up.
    pub fn send_back(self, due: Day) -> Result<Self, Refusal> {
        match self {
            Self::Solved { due: Some(_) } => Ok(Self::UnderWay { due }),
            Self::Solved { due: None } => Ok(Self::Screened),
            other => Err(other.refuse()),
        }
    }

    fn refuse(&self) -> Refusal {
        Refusal::whole(match self {
            Self::Reported => text!("这个问题还没有筛选，请先由驻村办筛选。"),
            Self::Screened => text!("这个问题还没有单位认领。"),
            Self::OnAgenda { .. } => text!("这个问题已列入对接会议程，请在会上办，或先移出议程。"),
            Self::Contested => text!("这个问题归谁办还没有定，请等驻村办定。"),
            Self::Claimed { .. } | Self::UnderWay { .. } => text!("这个问题已有单位在办。"),
            Self::Solved { .. } => text!("这个问题已报告办完，正等报问题的人确认。"),
            Self::StruckOff => text!("这个问题已经销号。"),
            Self::Declined => text!("这个问题没有列入，不再办理。"),
        })
    }
}

/// Two departments at once: one lead.
#[must_use]
pub fn already_claimed() -> Refusal {
    Refusal::whole(text!("这个问题刚刚已有单位牵头认领。要一起办，请刷新后选“配合办理”。"))
}

/// The phase of a state's code.
#[must_use]
pub fn phase(code: &str) -> Phase {
    match code {
        "reported" | "screened" | "on_agenda" | "contested" => Phase::Waiting,
        "claimed" | "under_way" => Phase::InHand,
        "solved" => Phase::ToConfirm,
        _ => Phase::Closed,
    }
}

/// The word of a state's code.
#[must_use]
pub fn state_zh(code: &str) -> &'static str {
    match code {
        "reported" => word!("已上报"),
        "screened" => word!("已筛选"),
        "on_agenda" => word!("已列议程"),
        "contested" => word!("待定归属"),
        "claimed" => word!("已认领"),
        "under_way" => word!("办理中"),
        "solved" => word!("待确认"),
        "struck_off" => word!("已销号"),
        "declined" => word!("不列入"),
        _ => word!("未知"),
    }
}

/// What the facts of a problem are made of.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    pub id: &'a str,
    pub village: DivisionCode,
    pub block: Block,
    pub amount: Option<i64>,
    pub person: Option<(CountyId, String)>,
    /// The department that led or answered.
    pub unit_id: Option<&'a str>,
    pub raised_on: Day,
    /// Every state it came to, in order.
    pub steps: &'a [(Day, String)],
}

/// Raised once, of one block, with its amount; in one phase at a time; struck off once.
#[must_use]
pub fn facts(said: &Said<'_>) -> Vec<FactDraft> {
    let fact = |indicator: &'static str, day: Day, amount: i64, unit_id: Option<&str>| FactDraft {
        indicator,
        day,
        amount,
        division: said.village,
        person: said.person.clone(),
        unit_id: unit_id.map(str::to_owned),
        key: Some(said.id.to_owned()),
        value: None,
    };
    let mut facts =
        vec![fact("problem.raised", said.raised_on, 1, None), fact(said.block.indicator(), said.raised_on, 1, None)];
    facts.extend(said.amount.map(|amount| fact("problem.amount", said.raised_on, amount, None)));
    let mut now: Option<Phase> = None;
    for (day, code) in said.steps {
        let next = phase(code);
        if now == Some(next) {
            continue;
        }
        facts.extend(now.and_then(Phase::indicator).map(|indicator| fact(indicator, *day, -1, None)));
        facts.extend(next.indicator().map(|indicator| fact(indicator, *day, 1, None)));
        now = Some(next);
        if code == "struck_off" {
            facts.push(fact("problem.struck_off", *day, 1, said.unit_id));
        }
    }
    facts
}

/// What an adviser is chosen by: a person, what they know, where they served.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Candidate {
    pub person: Option<(CountyId, String)>,
    pub name: String,
    /// As the register of people has them.
    pub specialities: Vec<String>,
    pub villages: Vec<DivisionCode>,
    /// How many problems of the same block they brought to an end, and projects of the same kind.
    pub same_block: i64,
    pub same_kind: i64,
    /// What their facts speak of most: an indicator's name and how often.
    pub deeds: Vec<(String, i64)>,
}

/// Advisers with a reason, the best first: known strengths that the problem's words name, what they did before, where
/// they served. Without a reason nobody is suggested.
#[must_use]
pub fn advisers(problem: (&str, DivisionCode), from: Vec<Candidate>, most: usize) -> Vec<(Candidate, Vec<Text>)> {
    let (words, village) = problem;
    let mut scored: Vec<(i64, Candidate, Vec<Text>)> = from
        .into_iter()
        .filter_map(|one| {
            let (mut score, mut why) = (0, Vec::new());
            let named: Vec<&str> =
                one.specialities.iter().map(String::as_str).filter(|tag| touches(words, tag)).collect();
            if !named.is_empty() {
                score += 4 * i64::try_from(named.len()).unwrap_or(1);
                why.push(text!("长处是{tags}", tags = named.join("、")));
            }
            if one.same_block > 0 {
                score += 3 * one.same_block.min(3);
                why.push(text!("办成过同类问题 {n} 个", n = one.same_block));
            }
            if one.same_kind > 0 {
                score += 2 * one.same_kind.min(3);
                why.push(text!("带过同类项目 {n} 个", n = one.same_kind));
            }
            for (deed, n) in one.deeds.iter().filter(|(deed, _)| touches(words, deed)).take(2) {
                score += 2;
                why.push(text!("任上记过“{deed}”{n} 次", deed = deed, n = n));
            }
            if why.is_empty() {
                return None;
            }
            if one.villages.contains(&village) {
                score += 3;
                why.push(text!("在本村当过第一书记"));
            } else if one.villages.iter().any(|other| other.parent() == village.parent()) {
                score += 1;
                why.push(text!("在本乡镇当过第一书记"));
            }
            Some((score, one, why))
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.person.cmp(&b.1.person)));
    scored.into_iter().take(most).map(|(_, one, why)| (one, why)).collect()
}

/// Whether a text speaks of a strength: it, or two characters of it that stand together.
fn touches(text: &str, tag: &str) -> bool {
    let signs: Vec<char> = tag.chars().collect();
    !tag.is_empty()
        && (text.contains(tag) || signs.windows(2).any(|pair| text.contains(&pair.iter().collect::<String>())))
}
