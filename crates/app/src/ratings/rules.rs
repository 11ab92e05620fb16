//! Marks, ballots and when a result may be seen; pure.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    kernel::{Day, Month},
    text,
    web::Refusal,
    word,
};

/// 满意、基本满意、不满意
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mark {
    Satisfied,
    Fair,
    Dissatisfied,
}

impl Mark {
    pub const ALL: [Self; 3] = [Self::Satisfied, Self::Fair, Self::Dissatisfied];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Satisfied => "s",
            Self::Fair => "f",
            Self::Dissatisfied => "d",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Satisfied => word!("满意"),
            Self::Fair => word!("基本满意"),
            Self::Dissatisfied => word!("不满意"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mark| mark.code() == code)
    }
}

/// What one ballot says of the subjects of a round, by their position; who is left out is not rated.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marks(BTreeMap<i64, Mark>);

impl Marks {
    /// From what was ticked. An empty ballot is none.
    pub fn new(ticked: impl IntoIterator<Item = (i64, Mark)>) -> Result<Self, Refusal> {
        let marks: BTreeMap<i64, Mark> = ticked.into_iter().collect();
        if marks.is_empty() {
            return Err(Refusal::whole(text!("还没有选，请至少评一项；不想评的可以空着。")));
        }
        Ok(Self(marks))
    }

    /// As [`Marks::code`] wrote it; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let mark = |part: &str| {
            let (position, mark) = part.split_once(':')?;
            Some((position.parse().ok()?, Mark::parse(mark)?))
        };
        code.split(',').map(mark).collect::<Option<_>>().map(Self)
    }

    /// `0:s,3:d`
    #[must_use]
    pub fn code(&self) -> String {
        let parts: Vec<String> = self.0.iter().map(|(at, mark)| format!("{at}:{}", mark.code())).collect();
        parts.join(",")
    }
}

/// How often each mark was given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    pub satisfied: i64,
    pub fair: i64,
    pub dissatisfied: i64,
}

impl Sums {
    #[must_use]
    pub const fn all(self) -> i64 {
        self.satisfied + self.fair + self.dissatisfied
    }

    pub fn add(&mut self, other: Self) {
        self.satisfied += other.satisfied;
        self.fair += other.fair;
        self.dissatisfied += other.dissatisfied;
    }

    fn count(&mut self, mark: Mark) {
        match mark {
            Mark::Satisfied => self.satisfied += 1,
            Mark::Fair => self.fair += 1,
            Mark::Dissatisfied => self.dissatisfied += 1,
        }
    }
}

/// Counts ballots by subject.
#[must_use]
pub fn tally<'a>(ballots: impl IntoIterator<Item = &'a Marks>) -> BTreeMap<i64, Sums> {
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    for marks in ballots {
        for (position, mark) in &marks.0 {
            sums.entry(*position).or_default().count(*mark);
        }
    }
    sums
}

/// Whether a subject's months are shown one by one, or gathered to quarters first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// The branch.
    Monthly,
    /// A member: the quarter, and on from there.
    Quarterly,
}

/// The subject under which the branch's results are kept; a member's is the name.
pub const BRANCH: &str = "";

impl Pace {
    #[must_use]
    pub fn of(subject: &str) -> Self {
        if subject == BRANCH { Self::Monthly } else { Self::Quarterly }
    }
}

/// A result that may be seen: the months from `from` to `to`, both included, together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    pub from: Month,
    pub to: Month,
    pub sums: Sums,
}

fn end_of(month: Month, pace: Pace) -> Month {
    let last = match pace {
        Pace::Monthly => return month,
        Pace::Quarterly => (month.first_day().date().month() + 2) / 3 * 3,
    };
    Month::new(month.first_day().year(), last).unwrap_or(month)
}

/// Days of a month in which a round of the month before may still be opened.
const GRACE: i8 = 15;

/// Whether a round may be opened for a month.
#[must_use]
pub fn may_open(month: Month, today: Day) -> bool {
    month == today.month() || (month.next() == today.month() && today.date().day() <= GRACE)
}

/// The first month whose result may still change: one that is open, or has no round yet and may get one.
#[must_use]
pub fn unsettled(closed: &BTreeSet<Month>, open: &BTreeSet<Month>, today: Day) -> Month {
    let this = today.month();
    let before = this.first_day().plus_days(-1).month();
    let may_come = [before, this].into_iter().filter(|month| may_open(*month, today) && !closed.contains(month));
    open.iter().copied().chain(may_come).min().unwrap_or(this.next()).min(this.next())
}

/// Joins counted months until at least `floor` marks lie together, and shows no less than that: the windows that come
/// after those `kept` as they were shown before.
///
/// Windows never overlap, none is shown before all that belongs to it is settled, and one that was shown stays as it is
/// whatever the floor becomes: no difference of two results, now or later, tells what a smaller part said.
#[must_use]
pub fn windows(
    kept: &[Window],
    months: &BTreeMap<Month, Sums>,
    pace: Pace,
    floor: i64,
    unsettled: Month,
) -> Vec<Window> {
    let mut come = Vec::new();
    let mut gathering: Option<Window> = None;
    let shown_to = kept.iter().map(|window| window.to).max();
    let fresh = |month: &Month| *month < unsettled && shown_to.is_none_or(|to| *month > to);
    let mut rows = months.iter().filter(|(month, _)| fresh(month)).peekable();
    while let Some((month, sums)) = rows.next() {
        let end = end_of(*month, pace);
        let mut window = gathering.take().unwrap_or(Window { from: *month, to: end, sums: Sums::default() });
        window.sums.add(*sums);
        window.to = end;
        let ends_here = rows.peek().is_none_or(|(next, _)| **next > end);
        if ends_here && end < unsettled && window.sums.all() >= floor {
            come.push(window);
        } else {
            gathering = Some(window);
        }
    }
    come
}

/// The fewest ballots below which nobody sees a result, and below which nobody sees what was written, whatever a pack
/// says (`SECURITY.md`).
pub const LEAST: i64 = 5;
pub const LEAST_WORDS: i64 = 10;

/// A round to open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRound {
    pub month: Month,
    /// The last day on which a slip is taken.
    pub until: Day,
    pub slips: i64,
    /// Members who are rated beside the branch.
    pub members: Vec<String>,
}

const MOST_SLIPS: i64 = 1_500;
const MOST_MEMBERS: usize = 40;
/// The longest a round may stand open, in days.
const LONGEST: i64 = 45;

impl NewRound {
    /// A round whose result could never be seen, or whose day has passed, is not opened.
    pub fn check(self, floor: i64, today: Day) -> Result<Self, Refusal> {
        if !may_open(self.month, today) {
            let say = text!("只能开本月的评议；上个月的，每月 {n} 日以前可以补开", n = i64::from(GRACE));
            return Err(Refusal::at("month", say));
        }
        if !(floor..=MOST_SLIPS).contains(&self.slips) {
            let say = text!(
                "票数应在 {least} 到 {most} 张之间；少于 {least} 张，结果不能公布",
                least = floor,
                most = MOST_SLIPS
            );
            return Err(Refusal::at("slips", say));
        }
        if self.until < today {
            return Err(Refusal::at("until", text!("收票截止日不能早于今天")));
        }
        if self.until.days_since(today) > LONGEST {
            return Err(Refusal::at("until", text!("最长开 {n} 天", n = LONGEST)));
        }
        if self.members.len() > MOST_MEMBERS {
            return Err(Refusal::at("members", text!("一次最多评 {n} 名党员；人多的，分月轮着评", n = MOST_MEMBERS)));
        }
        if let Some(name) = self.members.iter().find(|name| !(2..=20).contains(&name.chars().count())) {
            return Err(Refusal::at("members", text!("“{name}”不像姓名，请一行写一个", name = name)));
        }
        let different: BTreeSet<&str> = self.members.iter().map(String::as_str).collect();
        if different.len() < self.members.len() {
            return Err(Refusal::at("members", text!("有两行一样；同名的人请加上组别，例如“王建国（三组）”")));
        }
        Ok(self)
    }
}

/// A name a line, blank lines and blanks around left out.
#[must_use]
pub fn names(text: &str) -> Vec<String> {
    let line = |line: &str| line.split_whitespace().collect::<String>();
    text.split(['\n', '、', '，', ',']).map(line).filter(|name| !name.is_empty()).collect()
}
