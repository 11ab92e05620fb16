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
    /// Orders of the hotline.
    Matters,
}

impl FileKind {
    pub const ALL: [Self; 7] =
        [Self::Roster, Self::Villages, Self::Units, Self::Cadres, Self::Divisions, Self::Households, Self::Matters];

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
            Self::Matters => "12345 工单",
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
            Self::Matters => &imports::matters::MATTERS,
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
            Self::Matters => "import.matters",
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
            Self::Matters => "/matters",
        }
    }
}
