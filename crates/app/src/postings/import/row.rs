//! One posting as a roster states it.

use base::{
    kernel::{Day, DivisionCode, IdNumber, Period, Phone},
    sheet::{LooseDay, Precision},
};

use crate::{
    imports::Spot,
    people::Gender,
    postings::{Ledger, PostRole},
};

/// A good row.
#[derive(Clone, PartialEq, Debug)]
pub struct RosterRow {
    pub spot: Spot,
    pub name: String,
    pub gender: Option<Gender>,
    pub birth: Option<LooseDay>,
    pub id: Option<IdNumber>,
    pub ethnicity: Option<String>,
    pub politics: Option<String>,
    pub party_since: Option<LooseDay>,
    pub education: Option<String>,
    pub unit: String,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub role: PostRole,
    /// Also leads the team (第一书记兼队长), or is its leader.
    pub leads_team: bool,
    pub phone: Option<Phone>,
    pub village: DivisionCode,
    pub since: LooseDay,
    /// The first day no longer on post.
    pub until: Option<LooseDay>,
    pub ledger: Option<Ledger>,
    pub batch: Option<String>,
    pub note: Option<String>,
}

impl RosterRow {
    /// The days on post, half-open.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        Period::new(self.since.day, self.until.map(|until| end_day(self.since, until)))
    }
}

/// The first day that an end means: a month's or year's first day, or when the post began within it, the first day
/// after it.
#[must_use]
pub fn end_day(since: LooseDay, until: LooseDay) -> Day {
    let months = match until.precision {
        Precision::Year => 12,
        Precision::Month => 1,
        Precision::Day => 0,
    };
    if until.day <= since.day && since.precision >= until.precision { until.day.plus_months(months) } else { until.day }
}
