//! A matter and its state.

use base::kernel::{CountyId, Day, DivisionCode, Instant};

use super::words::{Channel, Hold, How, Level, Post, Size, Stage};

/// How and by whom a matter ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    pub how: How,
    pub at: Instant,
    pub on: Day,
    pub words: String,
    /// Whose work it is: a cadre on post, with the unit that posted them.
    pub person: Option<(CountyId, String)>,
    pub name: String,
    pub unit_id: Option<String>,
}

/// What the villager said of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rating {
    pub level: Level,
    pub at: Instant,
    pub on: Day,
    /// Who wrote it down for the villager; nothing where the villager did.
    pub proxy: Option<String>,
}

/// Where a matter stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    Held { why: Hold },
    Raised,
    Accepted,
    Deliberating,
    PassedToTownship,
    PassedToExpress { problem_id: Option<String> },
    Solved { done: Done },
    Closed { done: Done, rating: Option<Rating> },
    Withdrawn { why: String },
    Merged { into: String },
}

impl State {
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Held { .. } => Stage::Held,
            Self::Raised => Stage::Raised,
            Self::Accepted => Stage::Accepted,
            Self::Deliberating => Stage::Deliberating,
            Self::PassedToTownship => Stage::Township,
            Self::PassedToExpress { .. } => Stage::Express,
            Self::Solved { .. } => Stage::Solved,
            Self::Closed { .. } => Stage::Closed,
            Self::Withdrawn { .. } => Stage::Withdrawn,
            Self::Merged { .. } => Stage::Merged,
        }
    }

    #[must_use]
    pub const fn done(&self) -> Option<&Done> {
        match self {
            Self::Solved { done } | Self::Closed { done, .. } => Some(done),
            Self::Held { .. }
            | Self::Raised
            | Self::Accepted
            | Self::Deliberating
            | Self::PassedToTownship
            | Self::PassedToExpress { .. }
            | Self::Withdrawn { .. }
            | Self::Merged { .. } => None,
        }
    }

    /// The problem that the express made of it.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        if let Self::PassedToExpress { problem_id } = self { problem_id.as_deref() } else { None }
    }

    #[must_use]
    pub const fn rating(&self) -> Option<&Rating> {
        match self {
            Self::Closed { rating, .. } => rating.as_ref(),
            Self::Held { .. }
            | Self::Raised
            | Self::Accepted
            | Self::Deliberating
            | Self::PassedToTownship
            | Self::PassedToExpress { .. }
            | Self::Solved { .. }
            | Self::Withdrawn { .. }
            | Self::Merged { .. } => None,
        }
    }
}

/// What a villager needs, with its one holder and its one next date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matter {
    pub county: CountyId,
    pub id: String,
    /// Counts within the county; 0 until it is stored.
    pub number: i64,
    pub village: DivisionCode,
    /// A code of the pack.
    pub kind: String,
    pub size: Size,
    pub channel: Channel,
    pub urgent: bool,
    pub title: String,
    pub words: String,
    pub raiser: Option<String>,
    pub household_id: Option<String>,
    pub phone_sealed: Option<String>,
    pub proxy: Option<String>,
    pub outside_number: Option<String>,
    /// The Party member of the ten households.
    pub member_id: Option<String>,
    pub department: Option<String>,
    pub raised_at: Instant,
    pub raised_on: Day,
    pub state: State,
    pub post: Post,
    /// One person of the post, where it was given to one.
    pub account_id: Option<String>,
    pub due_at: Instant,
    pub promised_at: Option<Instant>,
    pub answered_at: Option<Instant>,
    pub reopens: i64,
    /// How far it has climbed: 0 nowhere, 1 the township, 2 the county.
    pub climb: i64,
    /// The villager said something that nobody has answered yet.
    pub news: bool,
    pub version: i64,
}

impl Matter {
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.state.stage()
    }

    /// Where its holder sits.
    #[must_use]
    pub fn seat(&self) -> DivisionCode {
        match self.post {
            Post::Cadre | Post::Branch => self.village,
            Post::Township => self.village.parent(),
            Post::Office => self.county.division(),
        }
    }

    #[must_use]
    pub fn due(&self) -> Day {
        self.due_at.local_day()
    }

    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        self.stage().is_in_hand() && self.due_at < now
    }

    /// Whole hours from the call to the first answer, at least one.
    #[must_use]
    pub fn answer_hours(&self) -> Option<i64> {
        let waited = self.answered_at?.0 - self.raised_at.0;
        Some((waited.max(1) + 3_599_999) / 3_600_000)
    }
}
