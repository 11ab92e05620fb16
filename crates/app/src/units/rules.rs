//! Types of units, pure.

/// The level of the office a unit belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnitLevel {
    Province,
    City,
    County,
    Township,
}

impl UnitLevel {
    pub const ALL: [Self; 4] = [Self::Province, Self::City, Self::County, Self::Township];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Province => "省级",
            Self::City => "市级",
            Self::County => "县级",
            Self::Township => "乡镇级",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let short = |level: &Self| level.zh().trim_end_matches('级') == text;
        Self::ALL.into_iter().find(|level| level.code() == text || level.zh() == text || short(level))
    }
}

/// The level a unit's name speaks of; a county's when it says nothing.
#[must_use]
pub fn guess_level(name: &str) -> UnitLevel {
    let township = ["镇人民政府", "乡人民政府", "镇政府", "乡政府", "街道办事处", "镇党委", "乡党委"];
    if township.iter().any(|suffix| name.ends_with(suffix)) {
        UnitLevel::Township
    } else if name.starts_with('省') || name.contains("省直") || name.starts_with("中共") && name.contains("省委")
    {
        UnitLevel::Province
    } else if name.starts_with('市') && !name.starts_with("市场") || name.contains("市直") {
        UnitLevel::City
    } else {
        UnitLevel::County
    }
}

/// A unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub name: String,
    pub level: UnitLevel,
    pub kind: Option<String>,
    pub system: Option<String>,
    pub contact: Option<String>,
    pub phone: Option<String>,
    /// Counted among the strong units that heavy-task villages get (HN-3).
    pub strong: bool,
    pub strengths: Vec<String>,
}

impl Unit {
    /// A unit of which only the name is known, as rosters bring them.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            level: guess_level(name),
            kind: None,
            system: None,
            contact: None,
            phone: None,
            strong: false,
            strengths: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_level() {
        for (name, level) in [
            ("县水利局", UnitLevel::County),
            ("市场监督管理局", UnitLevel::County),
            ("市财政局", UnitLevel::City),
            ("省委组织部", UnitLevel::Province),
            ("苗店镇人民政府", UnitLevel::Township),
            ("赵河街道办事处", UnitLevel::Township),
        ] {
            assert_eq!(guess_level(name), level, "{name}");
        }
    }
}
