//! The shapes of a demo world. Plain data: references are indices into the lists of [`World`], days are true days.

use base::kernel::{Day, DivisionCode, Fen, IdNumber, Level, Period, Phone};

/// A closed list of words that the stores keep as codes and people read in Chinese.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $code:literal $zh:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }

            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

codes!(VillageCategory {
    OutOfPoverty = "out_of_poverty" "脱贫村",
    HeavyTask = "heavy_task" "乡村振兴任务重的村",
    WeakBranch = "weak_branch" "党组织软弱涣散村",
    Model = "model" "示范创建村",
    Ordinary = "ordinary" "面上村",
});
codes!(
    /// How much an out-of-poverty village still has to do.
    TaskLoad { Heavy = "heavy" "任务较重", Light = "light" "任务较轻" }
);
codes!(UnitLevel {
    Province = "province" "省直",
    City = "city" "市直",
    County = "county" "县直",
    Township = "township" "乡镇",
});
codes!(PostRole {
    FirstSecretary = "first_secretary" "驻村第一书记",
    Leader = "leader" "驻村工作队队长",
    Member = "member" "驻村工作队队员",
    BranchSecretary = "branch_secretary" "村党支部书记",
    Instructor = "instructor" "“五星”支部创建指导员",
});
codes!(
    /// Whose list a team or posting counts on: the province's, or the county's extra one (SQ-3).
    Ledger { Province = "province" "省管台账", County = "county" "县增派" }
);
codes!(EndReason {
    HandedOver = "handed_over" "期满交接",
    Recalled = "recalled" "召回",
    Transferred = "transferred" "调整",
    Died = "died" "去世",
});
codes!(Gender { Male = "male" "男", Female = "female" "女" });
codes!(AccountRole {
    Office = "office" "驻村办",
    Township = "township" "乡镇党委",
    Cadre = "cadre" "驻村干部",
    Unit = "unit" "派出单位",
    Department = "department" "责任部门",
    Branch = "branch" "村党支部",
    Mentor = "mentor" "导师",
    Judge = "judge" "评委",
    Leader = "leader" "市县领导",
    Sysadmin = "sysadmin" "系统管理员",
    Secadmin = "secadmin" "安全保密管理员",
    Auditor = "auditor" "安全审计员",
});

/// Everything the demo starts from. Equal seeds and days give equal worlds.
#[derive(Clone, PartialEq, Debug)]
pub struct World {
    pub seed: u64,
    pub today: Day,
    /// From the province down, in the order of the official list: parents before children.
    pub divisions: Vec<Division>,
    /// The villages that must have someone, in order of their codes; residents' communities are divisions only.
    pub villages: Vec<Village>,
    pub units: Vec<Unit>,
    pub people: Vec<Person>,
    /// In order of their numbers; the last one runs.
    pub batches: Vec<Batch>,
    pub teams: Vec<Team>,
    /// By batch and village; a predecessor stands before its successor.
    pub postings: Vec<Posting>,
    pub accounts: Vec<Account>,
    /// By day.
    pub log: Vec<LogEntry>,
    pub visits: Vec<Visit>,
}

/// An entry of the work log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogEntry {
    pub day: Day,
    pub village: usize,
    pub person: usize,
    /// The unit that posted the person.
    pub unit: usize,
    /// The code of one of the four duties.
    pub duty: &'static str,
    pub words: String,
    pub gains: Vec<Gain>,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gain {
    pub indicator: &'static str,
    /// As people say it, and how many of it.
    pub unit: &'static str,
    pub typed: i64,
    /// In the indicator's smallest unit.
    pub smallest: i64,
    pub what: &'static str,
    pub state: GainState,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GainState {
    /// Small, or looked at by the township two days later.
    Counts,
    Waits,
    SentBack,
}

/// A visit by people from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visit {
    pub day: Day,
    pub villages: Vec<usize>,
    /// Name, unit, post.
    pub visitors: Vec<(String, String, String)>,
    pub words: String,
    pub promises: Vec<Promise>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// The code of the role that keeps it.
    pub holder: &'static str,
    pub what: &'static str,
    pub due: Day,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Division {
    pub code: DivisionCode,
    /// As officially listed, `司庄村民委员会`.
    pub name: String,
    /// As people say it, `司庄村`.
    pub short: String,
    pub level: Level,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Village {
    pub code: DivisionCode,
    /// As people say it, `司庄村`.
    pub name: String,
    pub households: u32,
    pub members: u32,
    /// 脱贫户. No household is counted both here and as monitored.
    pub out_of_poverty_households: u32,
    /// 监测户
    pub monitored_households: u32,
    pub category: VillageCategory,
    /// Set for out-of-poverty villages alone.
    pub task: Option<TaskLoad>,
    /// The day from which the category holds.
    pub since: Day,
    /// A category held before; its period ends on `since`.
    pub before: Option<(VillageCategory, Period)>,
    /// Stars of the branch (1–5) at the end of each year that has ended.
    pub stars: Vec<(i16, u8)>,
    /// Collective income of each year that has ended.
    pub income: Vec<(i16, Fen)>,
    pub industries: Vec<&'static str>,
    /// In the words of the units' strengths.
    pub needs: Vec<&'static str>,
    /// Indices of 2–4 villages of the same township; neighbours are each other's neighbours.
    pub neighbours: Vec<usize>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub name: String,
    /// The division it belongs to and serves.
    pub division: DivisionCode,
    pub level: UnitLevel,
    pub kind: String,
    pub system: String,
    /// A county unit strong enough for a heavy village; province and city units are.
    pub strong: bool,
    pub strengths: Vec<&'static str>,
    pub phone: Phone,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    pub name: String,
    pub gender: Gender,
    pub birth: Day,
    pub id_number: IdNumber,
    pub phone: Phone,
    pub ethnicity: &'static str,
    pub party_since: Option<Day>,
    pub education: &'static str,
    pub unit: usize,
    pub position: &'static str,
    /// A name in `ranks.csv`.
    pub rank: &'static str,
    pub specialities: Vec<&'static str>,
    pub reserve: bool,
    pub village_experience: bool,
    pub agriculture: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Batch {
    pub number: u16,
    pub name: String,
    /// The division that runs it.
    pub division: DivisionCode,
    pub start: Day,
    pub term_months: u16,
    /// The day it was closed; none while it runs.
    pub end: Option<Day>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Team {
    pub batch: usize,
    pub name: String,
    /// The main village.
    pub village: usize,
    /// Villages of the same township that it serves besides.
    pub also: Vec<usize>,
    pub ledger: Ledger,
    pub lead_unit: usize,
    pub joining_units: Vec<usize>,
    pub period: Period,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posting {
    pub batch: usize,
    pub person: usize,
    pub village: usize,
    /// None for a first secretary whose village has no team of its own.
    pub team: Option<usize>,
    pub role: PostRole,
    /// Leads the team; a team's leader is the first secretary of its main village.
    pub leader: bool,
    pub ledger: Ledger,
    /// The unit that posted the person.
    pub unit: usize,
    pub proposed: Day,
    pub vetted: Day,
    pub approved: Day,
    /// First day on post.
    pub from: Day,
    /// First day no longer on post, and why.
    pub ended: Option<(Day, EndReason)>,
    /// The posting that took over on the day this one ended.
    pub successor: Option<usize>,
}

impl Posting {
    #[must_use]
    pub fn holds(&self, day: Day) -> bool {
        self.from <= day && self.ended.is_none_or(|(end, _)| day < end)
    }
}

/// What an account's role reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The installation itself, for its three keepers.
    Installation,
    /// A division and all below it.
    Division(DivisionCode),
    /// A unit, its people and their villages.
    Unit(usize),
    /// A person's own records and villages.
    Person(usize),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The name typed to sign in.
    pub login: &'static str,
    /// The person's name.
    pub name: String,
    /// What the person is, `司庄村驻村第一书记`, for the list of one-click sign-ins.
    pub title: String,
    pub roles: Vec<(AccountRole, Scope)>,
}
