//! What a day was, and what a month adds up to, pure.

use base::{
    kernel::{Day, Month, Period},
    word,
};

use crate::presence::{calendar::Calendar, calendar_days, leave::Span};

/// What a day was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// Not posted.
    Unposted,
    /// On post, a working day; or on post in a year without calendar.
    Post,
    /// On post, a day off.
    Rest,
    Leave,
    Trip,
}

impl Mark {
    pub const ALL: [Self; 5] = [Self::Post, Self::Rest, Self::Leave, Self::Trip, Self::Unposted];

    /// One character for a cell of the year, its own in every language.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Unposted => word!("—"),
            Self::Post => word!("岗"),
            Self::Rest => word!("休"),
            Self::Leave => word!("假"),
            Self::Trip => word!("公"),
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Unposted => word!("不在任"),
            Self::Post => word!("在岗"),
            Self::Rest => word!("在岗，休息日"),
            Self::Leave => word!("请假"),
            Self::Trip => word!("公出"),
        }
    }

    /// The class of its cell.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Unposted => "day-none",
            Self::Post => "day-post",
            Self::Rest => "day-rest",
            Self::Leave => "day-leave",
            Self::Trip => "day-trip",
        }
    }
}

/// What is known of a person. Leaves are those approved, as they were really taken; trips those not withdrawn.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    pub posts: &'a [Period],
    pub leaves: &'a [Span],
    pub trips: &'a [Span],
    pub calendar: &'a Calendar,
    /// The last day that is counted; later days are shown, not counted.
    pub today: Day,
    /// Days in the village that the pack expects of a whole month.
    pub expected: i64,
}

/// A day as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    pub day: Day,
    pub mark: Mark,
    /// What the day is called.
    pub name: String,
    /// Not come yet.
    pub ahead: bool,
}

/// What a month adds up to. Working days are unknown in a year without calendar.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MonthSum {
    pub posted: i64,
    pub workdays: Option<i64>,
    pub leave: i64,
    pub leave_workdays: Option<i64>,
    pub trip: i64,
    pub trip_workdays: Option<i64>,
    /// Days in the village: posted, less leave, less trips. Days off count as in the village, for nobody has to prove
    /// where they spend them.
    pub in_village: i64,
    /// What the pack expects, of a month that is over and was served whole.
    pub expected: Option<i64>,
}

impl MonthSum {
    fn add(&mut self, mark: Mark, works: Option<bool>) {
        let one = |sum: Option<i64>| Some(sum? + i64::from(works?));
        if mark == Mark::Unposted {
            return;
        }
        self.posted += 1;
        self.workdays = one(self.workdays);
        match mark {
            Mark::Leave => {
                self.leave += 1;
                self.leave_workdays = one(self.leave_workdays);
            }
            Mark::Trip => {
                self.trip += 1;
                self.trip_workdays = one(self.trip_workdays);
            }
            Mark::Post | Mark::Rest => self.in_village += 1,
            Mark::Unposted => {}
        }
    }

    /// Several months together; what is expected does not add up, for a month is what the rule speaks of.
    #[must_use]
    pub fn sum<'a>(months: impl IntoIterator<Item = &'a Self>) -> Self {
        let none = Self { workdays: Some(0), leave_workdays: Some(0), trip_workdays: Some(0), ..Self::default() };
        let both = |a: Option<i64>, b: Option<i64>| Some(a? + b?);
        months.into_iter().fold(none, |sum, month| Self {
            posted: sum.posted + month.posted,
            workdays: both(sum.workdays, month.workdays),
            leave: sum.leave + month.leave,
            leave_workdays: both(sum.leave_workdays, month.leave_workdays),
            trip: sum.trip + month.trip,
            trip_workdays: both(sum.trip_workdays, month.trip_workdays),
            in_village: sum.in_village + month.in_village,
            expected: None,
        })
    }
}

impl Known<'_> {
    fn mark(&self, day: Day) -> Mark {
        let within = |spans: &[Span]| spans.iter().any(|span| span.since <= day && day < span.until);
        if !self.posts.iter().any(|post| post.contains(day)) {
            Mark::Unposted
        } else if within(self.leaves) {
            Mark::Leave
        } else if within(self.trips) {
            Mark::Trip
        } else if self.calendar.is_workday(day) == Some(false) {
            Mark::Rest
        } else {
            Mark::Post
        }
    }
}

/// The days of a month, and what those up to today add up to.
#[must_use]
pub fn month(month: Month, known: &Known<'_>) -> (Vec<Shown>, MonthSum) {
    let (first, next) = (month.first_day(), month.next().first_day());
    let mut sum = MonthSum::sum([]);
    let mut days = Vec::with_capacity(31);
    for day in calendar_days(first, next) {
        let (mark, ahead) = (known.mark(day), day > known.today);
        if !ahead {
            sum.add(mark, known.calendar.is_workday(day));
        }
        days.push(Shown { day, mark, name: known.calendar.name(day).unwrap_or_default().to_owned(), ahead });
    }
    let whole = next <= known.today.plus_days(1) && sum.posted == next.days_since(first);
    sum.expected = whole.then_some(known.expected);
    (days, sum)
}

/// The twelve months of a year.
#[must_use]
pub fn year(year: i16, known: &Known<'_>) -> Vec<(Month, Vec<Shown>, MonthSum)> {
    let months = (1..=12).filter_map(|at| Month::new(year, at));
    months
        .map(|at| {
            let (days, sum) = month(at, known);
            (at, days, sum)
        })
        .collect()
}
