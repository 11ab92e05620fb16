//! Official 12-digit statistical division codes (统计用区划代码): 2 province, 4 city, 6 county, 9 township, 12 village.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::word;

/// How deep a division lies. `Nation` is the code 0, the whole country.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Nation,
    Province,
    City,
    County,
    Township,
    Village,
}

impl Level {
    pub const ALL: [Self; 6] = [Self::Nation, Self::Province, Self::City, Self::County, Self::Township, Self::Village];

    /// The value of one unit of this level's digits: a township's code is a multiple of 1,000.
    const fn step(self) -> i64 {
        match self {
            Self::Nation => 1_000_000_000_000,
            Self::Province => 10_000_000_000,
            Self::City => 100_000_000,
            Self::County => 1_000_000,
            Self::Township => 1_000,
            Self::Village => 1,
        }
    }

    /// What divides the codes of all levels above this one: 1,000 above the village.
    #[must_use]
    pub const fn above_step(self) -> i64 {
        match self {
            Self::Nation | Self::Province => Self::Nation.step(),
            Self::City => Self::Province.step(),
            Self::County => Self::City.step(),
            Self::Township => Self::County.step(),
            Self::Village => Self::Township.step(),
        }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nation => "nation",
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == text)
    }

    /// The level of a division's parts; a village has none.
    #[must_use]
    pub const fn below(self) -> Option<Self> {
        match self {
            Self::Nation => Some(Self::Province),
            Self::Province => Some(Self::City),
            Self::City => Some(Self::County),
            Self::County => Some(Self::Township),
            Self::Township => Some(Self::Village),
            Self::Village => None,
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Nation => word!("全国"),
            Self::Province => word!("省"),
            Self::City => word!("市"),
            Self::County => word!("县"),
            Self::Township => word!("乡镇"),
            Self::Village => word!("村"),
        }
    }
}

/// A 12-digit division code, stored as bigint. "Everything below" is a range of codes, never a walk of a tree.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DivisionCode(i64);

impl DivisionCode {
    pub const NATION: Self = Self(0);

    /// Reads 12 digits, or the 2, 4, 6 or 9 leading digits of a province, city, county or township.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim();
        if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(digits.len(), 2 | 4 | 6 | 9 | 12) {
            return None;
        }
        let number: i64 = digits.parse().ok()?;
        Self::from_i64(number * 10_i64.pow(12 - u32::try_from(digits.len()).ok()?))
    }

    /// From the stored number; `None` outside the range of codes.
    #[must_use]
    pub fn from_i64(code: i64) -> Option<Self> {
        (code == 0 || (100_000_000_000..1_000_000_000_000).contains(&code)).then_some(Self(code))
    }

    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn level(self) -> Level {
        let deepest = |level: &Level| self.0 % level.step() == 0;
        Level::ALL.into_iter().find(deepest).unwrap_or(Level::Village)
    }

    /// The division of the given level that this one lies in; itself when it is that level or higher.
    #[must_use]
    pub fn at(self, level: Level) -> Self {
        Self(self.0 - self.0 % level.step())
    }

    /// The next division up: a village's township, …, a province's nation.
    #[must_use]
    pub fn parent(self) -> Self {
        match self.level() {
            Level::Nation | Level::Province => Self::NATION,
            Level::City => self.at(Level::Province),
            Level::County => self.at(Level::City),
            Level::Township => self.at(Level::County),
            Level::Village => self.at(Level::Township),
        }
    }

    /// The six-digit code of the county (or of the city's or province's own office) that keeps this division's records.
    #[must_use]
    pub fn county(self) -> CountyId {
        CountyId(self.0 / Level::County.step())
    }

    #[must_use]
    pub fn area(self) -> Area {
        Area { first: self.0, last: self.0 + self.level().step() - 1 }
    }

    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.area().contains(other)
    }

    /// From the nation's first division down to this one, without the nation.
    #[must_use]
    pub fn path(self) -> Vec<Self> {
        let levels = Level::ALL.into_iter().skip(1).take_while(|level| *level <= self.level());
        levels.map(|level| self.at(level)).collect()
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for DivisionCode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("not a division code: {text}"))
    }
}

impl From<DivisionCode> for String {
    fn from(code: DivisionCode) -> Self {
        code.to_string()
    }
}

/// The tenant of a record: a county's six digits, or a city's or province's with zeros (`411300`, `410000`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CountyId(i64);

impl CountyId {
    #[must_use]
    pub fn from_i64(id: i64) -> Option<Self> {
        (0..1_000_000).contains(&id).then_some(Self(id))
    }

    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn division(self) -> DivisionCode {
        DivisionCode(self.0 * Level::County.step())
    }
}

impl fmt::Display for CountyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// A closed range of division codes: a place and all below it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Area {
    pub first: i64,
    pub last: i64,
}

impl Area {
    #[must_use]
    pub fn contains(self, code: DivisionCode) -> bool {
        (self.first..=self.last).contains(&code.0)
    }

    /// The tenants whose records can lie in this area, as a closed range of county ids.
    #[must_use]
    pub fn counties(self) -> (i64, i64) {
        (self.first / Level::County.step(), self.last / Level::County.step())
    }

    /// What both areas hold; areas are nested or apart, as places are.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let first = self.first.max(other.first);
        let last = self.last.min(other.last);
        (first <= last).then_some(Self { first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> DivisionCode {
        DivisionCode::parse(text).expect("a code")
    }

    #[test]
    fn levels_follow_the_digits() {
        let cases = [
            ("410000000000", Level::Province),
            ("411300000000", Level::City),
            ("411327000000", Level::County),
            ("411327107000", Level::Township),
            ("411327107212", Level::Village),
        ];
        for (text, level) in cases {
            assert_eq!(code(text).level(), level, "{text}");
        }
        assert_eq!(DivisionCode::NATION.level(), Level::Nation);
    }

    #[test]
    fn short_codes_are_filled_up() {
        assert_eq!(code("411327"), code("411327000000"));
        assert_eq!(code("411327107").to_string(), "411327107000");
        for wrong in ["41132", "abc", "", "4113271072121", "011327000000", "-41132700000"] {
            assert_eq!(DivisionCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn below_is_a_range() {
        let county = code("411327000000");
        assert!(county.contains(code("411327107212")));
        assert!(county.contains(county));
        assert!(!county.contains(code("411328100000")));
        assert_eq!(code("411300000000").area().counties(), (411_300, 411_399));
        assert_eq!(code("411327107212").parent(), code("411327107000"));
        assert_eq!(code("411327107212").path().len(), 5);
        assert_eq!(code("411327107212").county().division(), county);
    }
}
