//! Which days are worked, pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use base::{kernel::Day, word};

use crate::presence::calendar_days;

/// What an exceptional day is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A day off.
    Holiday,
    /// A Saturday or Sunday that is worked.
    Workday,
    /// No exception after all: as its weekday says.
    Plain,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Holiday, Self::Workday, Self::Plain];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::Workday => "workday",
            Self::Plain => "plain",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Holiday => word!("放假"),
            Self::Workday => word!("调休上班"),
            Self::Plain => word!("照平常"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

const SHIPPED: &str = include_str!("../../../data/calendar.csv");

/// A county's calendar.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calendar {
    years: BTreeSet<i16>,
    days: BTreeMap<Day, (Kind, String)>,
}

impl Calendar {
    /// What comes with the program.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED_CALENDAR: OnceLock<Calendar> = OnceLock::new();
        SHIPPED_CALENDAR.get_or_init(|| {
            let line = |line: &str| {
                let mut cells = line.split(',');
                let day = Day::parse(cells.next()?)?;
                Some((day, (Kind::parse(cells.next()?)?, cells.next()?.to_owned())))
            };
            let days: BTreeMap<Day, (Kind, String)> = SHIPPED.lines().skip(1).filter_map(line).collect();
            Self { years: days.keys().map(|day| day.year()).collect(), days }
        })
    }

    /// With a county's own days and years over it.
    #[must_use]
    pub fn over(&self, days: Vec<(Day, Kind, String)>, years: impl IntoIterator<Item = i16>) -> Self {
        let mut calendar = self.clone();
        calendar.days.extend(days.into_iter().map(|(day, kind, name)| (day, (kind, name))));
        calendar.years.extend(years);
        calendar
    }

    /// Whether there is data for a year.
    #[must_use]
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    #[must_use]
    pub fn years(&self) -> &BTreeSet<i16> {
        &self.years
    }

    /// Whether a day is worked; `None` in a year without data.
    #[must_use]
    pub fn is_workday(&self, day: Day) -> Option<bool> {
        if !self.knows(day.year()) {
            return None;
        }
        Some(match self.days.get(&day) {
            Some((Kind::Holiday, _)) => false,
            Some((Kind::Workday, _)) => true,
            Some((Kind::Plain, _)) | None => !is_weekend(day),
        })
    }

    /// What a day is called: 春节, 国庆节.
    #[must_use]
    pub fn name(&self, day: Day) -> Option<&str> {
        match self.days.get(&day) {
            Some((Kind::Holiday | Kind::Workday, name)) => Some(name),
            Some((Kind::Plain, _)) | None => None,
        }
    }

    /// Working days of a stretch; `None` when part of it lies in a year without data.
    #[must_use]
    pub fn workdays(&self, from: Day, until: Day) -> Option<i64> {
        calendar_days(from, until).try_fold(0, |sum, day| Some(sum + i64::from(self.is_workday(day)?)))
    }

    /// The exceptional days of a year.
    pub fn of_year(&self, year: i16) -> impl Iterator<Item = (Day, Kind, &str)> {
        let days = self.days.iter().filter(move |(day, _)| day.year() == year);
        days.map(|(day, (kind, name))| (*day, *kind, name.as_str()))
    }
}

#[must_use]
pub fn is_weekend(day: Day) -> bool {
    day.date().weekday().to_monday_zero_offset() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn each_shipped_year_has_the_working_days_that_its_notice_gives() {
        let calendar = Calendar::shipped();
        for (year, expected) in [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)] {
            let first = Day::new(year, 1, 1).expect("a day");
            assert_eq!(calendar.workdays(first, first.plus_months(12)), Some(expected), "{year}");
        }
    }

    #[test]
    fn national_day_of_2023_was_eight_days_and_two_were_made_up_for() {
        let calendar = Calendar::shipped();
        assert_eq!(calendar.workdays(day("2023-09-29"), day("2023-10-07")), Some(0));
        assert_eq!(calendar.is_workday(day("2023-10-07")), Some(true), "a Saturday worked");
        assert_eq!(calendar.is_workday(day("2023-12-30")), Some(false), "a plain Saturday");
        assert_eq!(calendar.name(day("2023-12-30")), None);
    }

    #[test]
    fn a_year_without_data_is_not_guessed() {
        let calendar = Calendar::shipped();
        assert_eq!(calendar.is_workday(day("2027-03-01")), None);
        assert_eq!(calendar.is_workday(day("2020-12-31")), None);
        assert_eq!(calendar.workdays(day("2026-12-28"), day("2027-01-02")), None);
        let known = calendar.over(vec![(day("2027-01-01"), Kind::Holiday, "元旦".into())], [2027]);
        assert_eq!(known.workdays(day("2026-12-28"), day("2027-01-02")), Some(4));
    }

    #[test]
    fn a_county_moves_a_day_and_takes_one_back() {
        let county =
            vec![(day("2024-04-11"), Kind::Holiday, "三月三".into()), (day("2024-02-04"), Kind::Plain, String::new())];
        let calendar = Calendar::shipped().over(county, []);
        assert_eq!(calendar.is_workday(day("2024-04-11")), Some(false));
        assert_eq!(calendar.is_workday(day("2024-02-04")), Some(false), "a Sunday again");
        assert_eq!(calendar.workdays(day("2024-01-01"), day("2025-01-01")), Some(249));
    }
}
