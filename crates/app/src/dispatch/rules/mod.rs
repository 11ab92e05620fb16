//! Decisions of dispatch planning, pure.

mod composition;
mod demand;
mod kept;
mod pool;
mod ranks;
mod said;

use base::{
    kernel::{Day, DivisionCode},
    text,
    web::Refusal,
    word,
};

pub use composition::{DIVISION, Makeup, Share};
pub use demand::{Demanded, UnitTerms, suggested};
pub use kept::{Kept, KeptCovered, KeptPerson, KeptTeam, KeptUnmet, Load, Summary};
pub use pool::{Candidate, Sign, said_of};
pub use ranks::{LEVELS, level_of};
pub use said::{breach, fault, step};

use crate::{accounts::Role, packs::Pack};

/// Where a round stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    Planning,
    /// Approved by somebody, and being carried out county by county where nobody sees it yet.
    Approving {
        on: Day,
        by: String,
        run: String,
    },
    Approved {
        on: Day,
        by: String,
        batch_id: String,
    },
    Dropped {
        on: Day,
        by: String,
    },
}

impl State {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Approving { .. } => "approving",
            Self::Approved { .. } => "approved",
            Self::Dropped { .. } => "dropped",
        }
    }

    /// From the stored columns.
    #[must_use]
    pub fn read(
        code: &str,
        ended: Option<(Day, String)>,
        batch_id: Option<String>,
        run: Option<String>,
    ) -> Option<Self> {
        Some(match (code, ended) {
            ("planning", None) => Self::Planning,
            ("approving", Some((on, by))) => Self::Approving { on, by, run: run? },
            ("approved", Some((on, by))) => Self::Approved { on, by, batch_id: batch_id? },
            ("dropped", Some((on, by))) => Self::Dropped { on, by },
            _ => return None,
        })
    }

    /// Nothing of a round that has ended changes.
    pub fn require_planning(&self) -> Result<(), Refusal> {
        match self {
            Self::Planning => Ok(()),
            Self::Approving { by, .. } => {
                Err(Refusal::whole(text!("{name}已批准这一轮，正在逐县办理，不能再改。", name = by)))
            }
            Self::Approved { on, .. } => {
                Err(Refusal::whole(text!("这一轮已在 {day} 批准，不能再改；要变动请到各人的派驻里办。", day = on)))
            }
            Self::Dropped { on, .. } => Err(Refusal::whole(text!("这一轮已在 {day} 停办，不能再改。", day = on))),
        }
    }
}

/// 选人关: the three sign-offs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Gate {
    Politics,
    Conduct,
    Ability,
}

impl Gate {
    pub const ALL: [Self; 3] = [Self::Politics, Self::Conduct, Self::Ability];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Politics => "politics",
            Self::Conduct => "conduct",
            Self::Ability => "ability",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Politics => word!("政治关"),
            Self::Conduct => word!("作风关"),
            Self::Ability => word!("能力关"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.code() == code)
    }

    /// Its place among the three.
    #[must_use]
    pub const fn at(self) -> usize {
        match self {
            Self::Politics => 0,
            Self::Conduct => 1,
            Self::Ability => 2,
        }
    }
}

/// A round to open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRound {
    pub name: String,
    pub starts_on: Day,
    pub term_months: i64,
    /// Whose villages are planned; none named, the whole place's.
    pub parts: Vec<DivisionCode>,
}

impl NewRound {
    /// From a form; the first field that is wrong.
    pub fn read<'t>(
        (name, starts_on, term_months): (&str, &str, &str),
        parts: impl Iterator<Item = &'t str>,
        today: Day,
    ) -> Result<Self, Refusal> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Refusal::at("name", text!("请写这一轮的名称，例如 第四批。")));
        }
        if name.chars().count() > 40 {
            return Err(Refusal::at("name", text!("名称最多 40 个字。")));
        }
        let starts_on =
            Day::parse(starts_on).ok_or_else(|| Refusal::at("starts_on", text!("请填到岗日期，写作 2024-01-18")))?;
        if starts_on < today {
            return Err(Refusal::at("starts_on", text!("到岗日期不能早于今天 {today}。", today = today)));
        }
        let term_months = term_months.parse().ok().filter(|months| (1..=60).contains(months));
        let term_months = term_months.ok_or_else(|| Refusal::at("term_months", text!("任期请写 1 到 60 个月。")))?;
        let parts: Option<Vec<DivisionCode>> = parts.map(DivisionCode::parse).collect();
        let parts = parts.ok_or_else(|| Refusal::at("part", text!("请从列出的地方里选。")))?;
        Ok(Self { name: name.to_owned(), starts_on, term_months, parts })
    }
}

/// Who approves: a leader where the pack says so, otherwise the office itself.
#[must_use]
pub fn approver(pack: &Pack) -> Role {
    if pack.parameter("plan_leader_approves").is_some_and(|one| one.value == 1) { Role::Leader } else { Role::Office }
}
