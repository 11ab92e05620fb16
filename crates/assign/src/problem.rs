//! The problem as stated: villages that ask, units that send, people who may go.

use jiff::civil::Date;

use crate::Parameters;

/// The kind of a village; decides its penalty, its team size and who may serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    Heavy,
    Light,
    Weak,
    Task,
    Model,
    Other,
}

impl Category {
    pub const ALL: [Category; 6] =
        [Category::Heavy, Category::Light, Category::Weak, Category::Task, Category::Model, Category::Other];

    /// The word of the table: `heavy`, `light` ….
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Category::Heavy => "heavy",
            Category::Light => "light",
            Category::Weak => "weak",
            Category::Task => "task",
            Category::Model => "model",
            Category::Other => "other",
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Category::Heavy => "巩固任务较重",
            Category::Light => "任务较轻",
            Category::Weak => "软弱涣散",
            Category::Task => "振兴任务重",
            Category::Model => "示范创建",
            Category::Other => "其他",
        }
    }

    /// Reads a cell: the code in either case, or the name, 村 at its end left aside.
    #[must_use]
    pub fn read(text: &str) -> Option<Category> {
        let text = text.trim().trim_end_matches('村');
        Self::ALL.into_iter().find(|one| one.code().eq_ignore_ascii_case(text) || one.name() == text)
    }
}

/// The level of a unit; decides what it may serve and who may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    Province,
    City,
    County,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Province, Level::City, Level::County];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Level::Province => "province",
            Level::City => "city",
            Level::County => "county",
        }
    }

    /// Reads a cell: the code in either case, or 省、市、县 with what usually follows (省级, 省直, 县区 …).
    #[must_use]
    pub fn read(text: &str) -> Option<Level> {
        let text = text.trim();
        let by_code = Self::ALL.into_iter().find(|one| one.code().eq_ignore_ascii_case(text));
        by_code.or(match text {
            "省" | "省级" | "省直" | "省直单位" => Some(Level::Province),
            "市" | "市级" | "市直" | "市直单位" => Some(Level::City),
            "县" | "县级" | "县直" | "县区" | "县（区）" | "县直单位" => Some(Level::County),
            _ => None,
        })
    }

    /// How many digits of a division code name the division of this level.
    #[must_use]
    pub fn digits(self) -> usize {
        match self {
            Level::Province => 2,
            Level::City => 4,
            Level::County => 6,
        }
    }
}

/// A village that asks for a team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Village {
    /// Twelve digits; the first nine name the township.
    pub code: String,
    pub name: String,
    pub category: Category,
    /// None: the category's size.
    pub team_size: Option<i64>,
    pub needs: Vec<String>,
    pub fixed_unit: Option<String>,
    pub forbidden_units: Vec<String>,
    /// Village codes that a model village's team may cover. Such as ask for nothing are passed over.
    pub neighbours: Vec<String>,
}

/// A unit that sends teams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub id: String,
    pub name: String,
    pub level: Level,
    /// A county unit strong enough for heavy villages; of no meaning at other levels.
    pub strong: bool,
    /// The division the unit belongs to; as many digits count as its level has.
    pub home_code: String,
    pub max_teams: i64,
    pub strengths: Vec<String>,
}

/// A person of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub unit: String,
    /// One scale of equivalent ranks, 1 the highest.
    pub rank: i64,
    /// The rank rule is waived for this person by a decision that stands elsewhere, with its reason.
    pub rank_waived: bool,
    pub birth: Date,
    /// None: no member of the Party, may not lead.
    pub party_since: Option<Date>,
    pub specialities: Vec<String>,
    pub rural: bool,
    pub agri: bool,
    pub reserve: bool,
    /// A township's code, of which nine digits count; None: free to go anywhere.
    pub home_township: Option<String>,
    /// The three sign-offs.
    pub gates: [bool; 3],
}

/// Everything a plan is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The day on which ages and Party years are counted.
    pub on: Date,
    pub parameters: Parameters,
    pub villages: Vec<Village>,
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
}

/// The tags or ids of one cell: parted by `;`, `,`, `、`, `|` or a line break, also full-width; trimmed, none empty, each
/// once, in the order written.
#[must_use]
pub fn split(cell: &str) -> Vec<String> {
    tidy(cell.split([';', '；', ',', '，', '、', '|', '｜', '\n', '\r']))
}

/// Trimmed, none empty, each once.
pub(crate) fn tidy<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        if kept.iter().all(|one| one != part) {
            kept.push(part.to_owned());
        }
    }
    kept
}

/// Full years from `since` to `on`; negative where `since` lies ahead. Who was born on 29 February turns older on
/// 1 March of other years.
pub(crate) fn full_years(since: Date, on: Date) -> i64 {
    let years = i64::from(on.year()) - i64::from(since.year());
    years - i64::from((on.month(), on.day()) < (since.month(), since.day()))
}
