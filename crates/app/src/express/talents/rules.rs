//! Who in a village is good at what (WZ-7), and the facts that follow: pure.

use base::{
    kernel::{Day, DivisionCode},
    word,
};

use crate::spine::facts::FactDraft;

/// What somebody is good at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Planting,
    Breeding,
    Craft,
    Trade,
    Machines,
    Medicine,
    Culture,
    Management,
    Mediation,
    Other,
}

impl Field {
    pub const ALL: [Self; 10] = [
        Self::Planting,
        Self::Breeding,
        Self::Craft,
        Self::Trade,
        Self::Machines,
        Self::Medicine,
        Self::Culture,
        Self::Management,
        Self::Mediation,
        Self::Other,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planting => "planting",
            Self::Breeding => "breeding",
            Self::Craft => "craft",
            Self::Trade => "trade",
            Self::Machines => "machines",
            Self::Medicine => "medicine",
            Self::Culture => "culture",
            Self::Management => "management",
            Self::Mediation => "mediation",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Planting => word!("种植"),
            Self::Breeding => word!("养殖"),
            Self::Craft => word!("工匠手艺"),
            Self::Trade => word!("电商营销"),
            Self::Machines => word!("农机操作"),
            Self::Medicine => word!("医疗卫生"),
            Self::Culture => word!("文化教育"),
            Self::Management => word!("经营管理"),
            Self::Mediation => word!("调解"),
            Self::Other => word!("其他专长"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }
}

/// Registered from a day, perhaps until a day.
#[must_use]
pub fn facts(id: &str, village: DivisionCode, since: Day, until: Option<Day>) -> Vec<FactDraft> {
    let fact = |day: Day, amount: i64| FactDraft {
        indicator: "talent.registered",
        day,
        amount,
        division: village,
        person: None,
        unit_id: None,
        key: Some(id.to_owned()),
        value: None,
    };
    std::iter::once(fact(since, 1)).chain(until.map(|day| fact(day, -1))).collect()
}
