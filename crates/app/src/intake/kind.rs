//! The kinds of files that come in and go out.

use crate::{
    imports::{self, Kind},
    postings::import::ROSTER,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKind {
    Roster,
    Villages,
    Units,
    Cadres,
    Divisions,
    Households,
}

impl FileKind {
    pub const ALL: [Self; 6] =
        [Self::Roster, Self::Villages, Self::Units, Self::Cadres, Self::Divisions, Self::Households];

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        self.table().code
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Roster => "驻村干部花名册",
            Self::Villages => "村情况",
            Self::Units => "派出单位",
            Self::Cadres => "干部信息",
            Self::Divisions => "行政区划",
            Self::Households => "农户名册",
        }
    }

    /// Its columns.
    #[must_use]
    pub fn table(self) -> &'static Kind {
        match self {
            Self::Roster => &ROSTER,
            Self::Villages => &imports::villages::VILLAGES,
            Self::Units => &imports::units::UNITS,
            Self::Cadres => &imports::cadres::CADRES,
            Self::Divisions => &imports::divisions::DIVISIONS,
            Self::Households => &imports::households::HOUSEHOLDS,
        }
    }

    /// The action of its audit line.
    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::Roster => "import.roster",
            Self::Villages => "import.villages",
            Self::Units => "import.units",
            Self::Cadres => "import.cadres",
            Self::Divisions => "import.divisions",
            Self::Households => "import.households",
        }
    }

    /// Where what came in is seen.
    #[must_use]
    pub const fn list(self) -> &'static str {
        match self {
            Self::Roster => "/postings",
            Self::Villages => "/coverage",
            Self::Units => "/units",
            Self::Cadres => "/postings",
            Self::Divisions => "/places",
            Self::Households => "/households",
        }
    }
}
