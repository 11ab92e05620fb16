//! What an entry is, what its outcomes say now, and who may change it: pure.

use base::{
    kernel::{CountyId, Day, DivisionCode, Instant},
    sheet::squeeze,
    text,
    web::Refusal,
    word,
};

use crate::{
    packs::Pack,
    spine::facts::{FactDraft, How, Indicator},
};

/// 四项职责
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Duty {
    Party,
    Wealth,
    Order,
    Service,
}

impl Duty {
    pub const ALL: [Self; 4] = [Self::Party, Self::Wealth, Self::Order, Self::Service];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Wealth => "wealth",
            Self::Order => "order",
            Self::Service => "service",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Party => word!("建强村党组织"),
            Self::Wealth => word!("推进强村富民"),
            Self::Order => word!("提升治理水平"),
            Self::Service => word!("为民办事服务"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }
}

/// Whose work it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credited {
    pub person: (CountyId, String),
    pub name: String,
    pub unit_id: Option<String>,
}

/// What is recorded of a day's work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub village: DivisionCode,
    pub day: Day,
    pub duty: Duty,
    pub words: String,
    pub met: Option<String>,
    pub who: Credited,
    /// The village of the post under which it was written.
    pub post_village: DivisionCode,
    /// What it belongs to, in words; ids of other records join later.
    pub links: Vec<String>,
}

/// Whether an outcome counts, and if not, what it waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutcomeState {
    /// Counts: small enough, or somebody gave their word.
    Counted { word: Option<Word> },
    /// Large: waits for the township's or the branch's word.
    Waiting,
    /// Came back to the writer.
    SentBack { word: Word, why: String },
    /// Another's record says the same: counted there, credited to both.
    Merged { into: String },
    /// Its entry was taken back.
    Withdrawn,
}

/// Whose word it was and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word {
    pub by: String,
    pub on: Day,
}

impl OutcomeState {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Counted { .. } => "counted",
            Self::Waiting => "waiting",
            Self::SentBack { .. } => "sent_back",
            Self::Merged { .. } => "merged",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub const fn zh(&self) -> &'static str {
        match self {
            Self::Counted { .. } => word!("已计入"),
            Self::Waiting => word!("已报待核"),
            Self::SentBack { .. } => word!("已退回"),
            Self::Merged { .. } => word!("与队友合并"),
            Self::Withdrawn => word!("已撤回"),
        }
    }

    /// Where a new outcome begins: above the pack's limit it waits.
    #[must_use]
    pub fn begin(indicator: &Indicator, amount: i64, pack: &Pack) -> Self {
        let limit = pack.outcome_limit(&indicator.code).map(|limit| limit.saturating_mul(indicator.divisor));
        if limit.is_some_and(|limit| amount > limit) { Self::Waiting } else { Self::Counted { word: None } }
    }

    /// 核实
    pub fn confirm(self, word: Word) -> Result<Self, Refusal> {
        match self {
            Self::Waiting => Ok(Self::Counted { word: Some(word) }),
            Self::Counted { .. } | Self::SentBack { .. } | Self::Merged { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    /// 退回
    pub fn send_back(self, word: Word, why: &str) -> Result<Self, Refusal> {
        match self {
            Self::Waiting if why.is_empty() => Err(Refusal::at("why", text!("请写明为什么退回，写的人好照着改"))),
            Self::Waiting => Ok(Self::SentBack { word, why: why.to_owned() }),
            Self::Counted { .. } | Self::SentBack { .. } | Self::Merged { .. } | Self::Withdrawn => Err(self.no()),
        }
    }

    fn no(&self) -> Refusal {
        Refusal::whole(text!("这项成效现在是“{state}”，不用再核实。", state = base::i18n::Text::key(self.zh())))
    }
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub id: String,
    pub indicator: &'static Indicator,
    /// In the indicator's smallest unit.
    pub amount: i64,
    pub typed: String,
    pub unit: String,
    /// For whom or what.
    pub what: Option<String>,
    /// A paper, or who can say so.
    pub evidence: Option<String>,
    pub state: OutcomeState,
}

impl Outcome {
    /// Whether another says the same thing of the same size: what a word given holds for.
    #[must_use]
    pub fn says_as(&self, other: &Self) -> bool {
        self.indicator.code == other.indicator.code && self.amount == other.amount
    }
}

/// What the entry's outcomes say as facts: those that count, credited to whoever did the work.
#[must_use]
pub fn facts(entry: &Entry, outcomes: &[Outcome]) -> Vec<FactDraft> {
    let counted = outcomes.iter().filter(|outcome| matches!(outcome.state, OutcomeState::Counted { .. }));
    let fact = |outcome: &Outcome| FactDraft {
        indicator: &outcome.indicator.code,
        day: entry.day,
        amount: outcome.amount,
        division: entry.village,
        person: Some(entry.who.person.clone()),
        unit_id: entry.who.unit_id.clone(),
        // Of the menu only villages are told apart: one that turned counts once.
        key: (outcome.indicator.how == How::Distinct).then(|| entry.village.to_string()),
        value: None,
    };
    counted.map(fact).collect()
}

/// An outcome somebody recorded that may be the same as one being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Near {
    pub outcome_id: String,
    pub day: Day,
    pub person_id: String,
    pub person_name: String,
    pub amount: i64,
    pub typed: String,
    pub unit: String,
    pub what: Option<String>,
}

impl Near {
    /// Amounts within a tenth of each other, or the same words for what it is.
    #[must_use]
    pub fn is_like(&self, amount: i64, what: Option<&str>) -> bool {
        let larger = self.amount.max(amount);
        let close = (self.amount - amount).abs().saturating_mul(10) <= larger;
        close || same_words(self.what.as_deref(), what)
    }
}

/// One holds the other, blanks and marks aside; a single character says nothing.
fn same_words(one: Option<&str>, other: Option<&str>) -> bool {
    let plain = |text: Option<&str>| -> String {
        squeeze(text.unwrap_or_default()).chars().filter(|c| c.is_alphanumeric()).collect()
    };
    let (one, other) = (plain(one), plain(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    short.chars().count() >= 2 && long.contains(short.as_str())
}

/// Who is about to change an entry.
#[derive(Clone, Copy, Debug)]
pub struct Editor<'a> {
    pub account_id: &'a str,
    pub person_id: Option<&'a str>,
    /// The township of the village: may correct for them, however late.
    pub keeps_place: bool,
}

/// Whose hands an entry is in.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub writer_account: &'a str,
    pub person_id: &'a str,
    pub made_at: Instant,
}

/// Whether somebody may correct or withdraw an entry today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum May {
    Yes,
    /// Was theirs to change, and is the township's by now.
    TooLate,
    NotTheirs,
}

/// Whoever wrote it or did the work, within the pack's days; the township always.
#[must_use]
pub fn may_change(written: Written<'_>, editor: Editor<'_>, today: Day, days: i64) -> May {
    if editor.keeps_place {
        return May::Yes;
    }
    let own = written.writer_account == editor.account_id || editor.person_id == Some(written.person_id);
    if !own {
        return May::NotTheirs;
    }
    if today.days_since(written.made_at.local_day()) <= days { May::Yes } else { May::TooLate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spine::facts::Catalogue;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn word() -> Word {
        Word { by: "许向阳".into(), on: day("2024-01-18") }
    }

    #[test]
    fn only_what_waits_takes_a_word() {
        let sent_back = OutcomeState::SentBack { word: word(), why: "数量不对".into() };
        let merged = OutcomeState::Merged { into: "1".into() };
        for state in [OutcomeState::Counted { word: None }, sent_back, merged] {
            assert!(state.clone().confirm(word()).is_err());
            assert!(state.send_back(word(), "不对").is_err());
        }
        assert_eq!(OutcomeState::Waiting.confirm(word()), Ok(OutcomeState::Counted { word: Some(word()) }));
        let silent = OutcomeState::Waiting.send_back(word(), "").expect_err("no reason");
        assert_eq!(silent.field, Some("why"));
        assert!(OutcomeState::Waiting.send_back(word(), "数量不对").is_ok());
    }

    #[test]
    fn above_the_limit_of_the_pack_an_outcome_waits() {
        let pack = Pack::shipped().expect("packs").remove(0);
        let begins = |code: &str, amount: i64| {
            let indicator = Catalogue::get().find(code).expect("an indicator");
            OutcomeState::begin(indicator, amount, &pack)
        };
        assert_eq!(begins("gain.fund", 50_000_000), OutcomeState::Counted { word: None });
        assert_eq!(begins("gain.fund", 50_000_001), OutcomeState::Waiting);
        assert_eq!(begins("village.weak_turned", 1), OutcomeState::Waiting);
        assert_eq!(begins("gain.lamp", 50), OutcomeState::Counted { word: None });
        assert_eq!(begins("visit.leader", 5_000), OutcomeState::Counted { word: None });
    }

    #[test]
    fn the_same_road_is_known_by_its_amount_or_its_words() {
        let near = |amount, what: Option<&str>| Near {
            outcome_id: "1".into(),
            day: day("2024-01-18"),
            person_id: "p".into(),
            person_name: "陶青松".into(),
            amount,
            typed: amount.to_string(),
            unit: "盏".into(),
            what: what.map(str::to_owned),
        };
        assert!(near(20, None).is_like(20, None));
        assert!(near(20, None).is_like(22, None));
        assert!(!near(20, None).is_like(23, None));
        assert!(near(20, Some("村部到小学的路")).is_like(80, Some("村部到小学")));
        assert!(!near(20, Some("村部到小学的路")).is_like(80, Some("路")));
        assert!(!near(20, Some("东街")).is_like(80, Some("西街")));
    }

    #[test]
    fn an_entry_is_changed_by_whose_it_is_and_in_time() {
        let made_at = Instant(1_705_500_000_000); // 2024-01-17
        let written = Written { writer_account: "a1", person_id: "p1", made_at };
        let editor = |account_id, person_id, keeps_place| Editor { account_id, person_id, keeps_place };
        let on = |editor, today: &str| may_change(written, editor, day(today), 30);
        assert_eq!(on(editor("a1", None, false), "2024-01-18"), May::Yes);
        assert_eq!(on(editor("a2", Some("p1"), false), "2024-02-16"), May::Yes);
        assert_eq!(on(editor("a2", Some("p1"), false), "2024-02-17"), May::TooLate);
        assert_eq!(on(editor("a3", Some("p3"), false), "2024-01-18"), May::NotTheirs);
        assert_eq!(on(editor("a4", None, true), "2025-01-18"), May::Yes);
    }
}
