//! Days, months and half-open periods.

use std::fmt;

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::word;

/// A calendar day in the installation's time zone, stored as text `2026-01-31`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

impl Day {
    /// The day of a year, month (1–12) and day of month (1–31); `None` where the calendar has no such day.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    /// Reads exactly `2026-01-31`. Freer spellings are the business of spreadsheets (`sheet::cell`).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        if !shape {
            return None;
        }
        text.parse().ok().map(Self)
    }

    #[must_use]
    pub fn from_date(date: Date) -> Self {
        Self(date)
    }

    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    #[must_use]
    pub fn month_of_year(self) -> i8 {
        self.0.month()
    }

    #[must_use]
    pub fn day_of_month(self) -> i8 {
        self.0.day()
    }

    #[must_use]
    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// 2024年1月18日, as papers write it.
    #[must_use]
    pub fn written(self) -> String {
        format!("{}年{}月{}日", self.year(), self.month_of_year(), self.day_of_month())
    }

    /// 周一 … 周日
    #[must_use]
    pub fn weekday_zh(self) -> &'static str {
        const NAMES: [&str; 7] =
            [word!("周一"), word!("周二"), word!("周三"), word!("周四"), word!("周五"), word!("周六"), word!("周日")];
        NAMES[usize::from(self.0.weekday().to_monday_zero_offset().unsigned_abs()) % 7]
    }

    /// `days` later (earlier when negative); saturates at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.days()))
    }

    /// `months` later, on the last day of the month where the day does not exist.
    #[must_use]
    pub fn plus_months(self, months: i64) -> Self {
        Self(self.0.saturating_add(months.months()))
    }

    /// Whole days from `earlier` to this day; negative when `earlier` is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.since(earlier.0).map_or(0, |span| i64::from(span.get_days()))
    }

    /// Whole years from `birth` to this day, as ages are counted.
    #[must_use]
    pub fn years_since(self, birth: Self) -> i64 {
        let before = (self.month_of_year(), self.day_of_month()) < (birth.month_of_year(), birth.day_of_month());
        i64::from(self.year()) - i64::from(birth.year()) - i64::from(before)
    }

    #[must_use]
    pub fn date(self) -> Date {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Day {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a day: {text}"))
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

/// A calendar month, stored as text `2026-01`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    #[must_use]
    pub fn new(year: i16, month: i8) -> Option<Self> {
        Day::new(year, month, 1).map(Day::month)
    }

    /// Reads exactly `2026-01`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 7 {
            return None;
        }
        Day::parse(&format!("{text}-01")).map(Day::month)
    }

    #[must_use]
    pub fn first_day(self) -> Day {
        // A Month is only made from a real day, so its first day exists.
        Day(Date::constant(self.year, self.month, 1))
    }

    #[must_use]
    pub fn next(self) -> Self {
        self.first_day().plus_months(1).month()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A half-open stretch of days: `from` belongs to it, `until` does not; no `until` means still open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Period {
    from: Day,
    until: Option<Day>,
}

impl Period {
    /// `None` when `until` lies before `from`. An empty period (`until == from`) is allowed: it holds no day.
    #[must_use]
    pub fn new(from: Day, until: Option<Day>) -> Option<Self> {
        (until.is_none_or(|end| end >= from)).then_some(Self { from, until })
    }

    #[must_use]
    pub fn from(self) -> Day {
        self.from
    }

    #[must_use]
    pub fn until(self) -> Option<Day> {
        self.until
    }

    #[must_use]
    pub fn contains(self, day: Day) -> bool {
        day >= self.from && self.until.is_none_or(|end| day < end)
    }

    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let starts_before_end = |a: Self, b: Self| b.until.is_none_or(|end| a.from < end);
        let both_hold_days = self.until != Some(self.from) && other.until != Some(other.from);
        both_hold_days && starts_before_end(self, other) && starts_before_end(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_day_is_read_strictly() {
        assert_eq!(day("2024-02-29").to_string(), "2024-02-29");
        for wrong in ["2023-02-29", "2024-2-29", "20240229", "2024-13-01", "", "2024-02-29x", "２０２４-01-01"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2023-06-01").plus_months(24), day("2025-06-01"));
        assert_eq!(day("2024-12-31").month().next().to_string(), "2025-01");
    }

    #[test]
    fn ages_turn_on_the_birthday() {
        assert_eq!(day("2024-05-22").years_since(day("1984-05-23")), 39);
        assert_eq!(day("2024-05-23").years_since(day("1984-05-23")), 40);
    }

    #[test]
    fn days_between_are_counted_across_months() {
        assert_eq!(day("2024-01-18").days_since(day("2023-06-03")), 229);
    }

    #[test]
    fn half_open_periods_meet_without_overlapping() {
        let first = Period::new(day("2021-05-01"), Some(day("2023-06-01"))).expect("ordered");
        let second = Period::new(day("2023-06-01"), None).expect("ordered");
        assert!(!first.overlaps(second));
        assert!(!first.contains(day("2023-06-01")));
        assert!(second.contains(day("2023-06-01")));
        assert!(Period::new(day("2023-06-01"), Some(day("2023-05-31"))).is_none());
    }
}
