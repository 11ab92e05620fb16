//! The three parties, and who may confirm for which.

use base::{text, web::Refusal, word};

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
