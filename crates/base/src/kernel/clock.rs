//! The only place that reads the system clock. Pages and rules receive a [`Day`] or an [`Instant`].

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{Timestamp, tz::TimeZone};

use super::Day;

/// Milliseconds since 1970-01-01T00:00Z, as stored in bigint columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(pub i64);

impl Instant {
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0 + seconds * 1000)
    }

    /// A minute of a day in China, counted from its midnight.
    #[must_use]
    pub fn of_local(day: Day, minute: i64) -> Self {
        const MINUTE: i64 = 60_000;
        let midnight = day.days_since(Self(0).local_day()) * 1_440 - 8 * 60;
        Self((midnight + minute) * MINUTE)
    }

    /// `2024-01-18 09:30` in China's time (the country keeps one zone).
    #[must_use]
    pub fn local_minute(self) -> String {
        let zoned = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(china());
        zoned.strftime("%Y-%m-%d %H:%M").to_string()
    }

    #[must_use]
    pub fn local_day(self) -> Day {
        Day::from_date(Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(china()).date())
    }
}

fn china() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// Part of the application's state. A demo or a test installation has a today of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    fixed_today: Option<Day>,
}

impl Clock {
    #[must_use]
    pub fn system() -> Self {
        Self { fixed_today: None }
    }

    /// A clock whose day never moves; its hours pass all the same.
    #[must_use]
    pub fn fixed(today: Day) -> Self {
        Self { fixed_today: Some(today) }
    }

    /// The present moment, on the clock's own day.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn now(self) -> Instant {
        const DAY: i64 = 86_400_000;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let real = Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        self.fixed_today.map_or(real, |today| Instant(real.0 + today.days_since(real.local_day()) * DAY))
    }

    #[must_use]
    pub fn today(self) -> Day {
        self.fixed_today.unwrap_or_else(|| self.now().local_day())
    }

    #[must_use]
    pub fn is_fixed(self) -> bool {
        self.fixed_today.is_some()
    }
}
