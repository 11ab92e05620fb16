//! The indicator catalogue: data, not code (`data/indicators.csv`).

use std::{collections::BTreeMap, sync::OnceLock};

/// How the figure of an indicator comes out of its facts (`facts.md`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum How {
    /// Σ amount of the facts whose day lies in the period.
    Sum,
    /// The number of different keys among them.
    Distinct,
    /// Σ of +1 and −1 up to the last day of the period.
    State,
    /// Per key the last fact up to the last day; the number of keys whose last value matches.
    Latest { base: String, value: String },
    /// Of the people that a state figure counts, those of whom their file says so.
    StateOverRegisters { base: String, says: Says },
    /// Whole per cent of two other figures.
    Share { numerator: String, denominator: String },
}

impl How {
    /// Whether everything up to a day adds up to it, whenever a period began.
    #[must_use]
    pub const fn is_state(&self) -> bool {
        matches!(self, Self::State | Self::StateOverRegisters { .. })
    }
}

/// What a person's file says, as the catalogue asks it: `age<40`, `rank=县处级副职;四级调研员`,
/// `noted=village_experience;agriculture`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Says {
    /// Younger than so many years on the day.
    Younger(i64),
    /// Of one of these ranks.
    Rank(Vec<String>),
    /// One of these is noted.
    Noted(Vec<Noted>),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noted {
    VillageExperience,
    Agriculture,
}

impl Says {
    fn parse(text: &str) -> Option<Self> {
        if let Some(years) = text.strip_prefix("age<") {
            return years.parse().ok().map(Self::Younger);
        }
        let (what, list) = text.split_once('=')?;
        let list = list.split(';');
        match what {
            "rank" => Some(Self::Rank(list.map(str::to_owned).collect())),
            "noted" => list.map(Noted::parse).collect::<Option<_>>().map(Self::Noted),
            _ => None,
        }
    }
}

impl Noted {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "village_experience" => Some(Self::VillageExperience),
            "agriculture" => Some(Self::Agriculture),
            _ => None,
        }
    }
}

/// One figure that can be asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Indicator {
    pub code: String,
    pub name: String,
    pub unit: String,
    pub group: String,
    /// 显绩 is visible, 潜绩 is groundwork.
    pub groundwork: bool,
    pub how: How,
    /// `how` in the words of the catalogue, e.g. `distinct people`.
    pub how_words: String,
    /// Amounts are divided by this on the way out: fen → 万元 is 1,000,000.
    pub divisor: i64,
    pub sealed: bool,
}

impl Indicator {
    /// The code under which its facts are written.
    #[must_use]
    pub fn fact_code(&self) -> &str {
        match &self.how {
            How::Latest { base, .. } | How::StateOverRegisters { base, .. } => base,
            How::Sum | How::Distinct | How::State | How::Share { .. } => &self.code,
        }
    }

    /// A stored amount in the indicator's unit.
    #[expect(clippy::cast_precision_loss, reason = "amounts of a programme lie far below 2^53")]
    #[must_use]
    pub fn shown(&self, amount: i64) -> f64 {
        amount as f64 / self.divisor as f64
    }
}

/// All indicators, in the order of the catalogue.
#[derive(Debug)]
pub struct Catalogue {
    list: Vec<Indicator>,
    by_code: BTreeMap<String, usize>,
}

impl Catalogue {
    /// The catalogue that the program carries.
    pub fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self::parse(include_str!("../../../data/indicators.csv")))
    }

    fn parse(text: &str) -> Self {
        let list: Vec<Indicator> = text.lines().skip(1).filter_map(indicator).collect();
        let by_code = list.iter().enumerate().map(|(i, indicator)| (indicator.code.clone(), i)).collect();
        Self { list, by_code }
    }

    #[must_use]
    pub fn find(&self, code: &str) -> Option<&Indicator> {
        self.by_code.get(code).and_then(|&i| self.list.get(i))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Indicator> {
        self.list.iter()
    }

    /// Whether facts of this code count distinct keys, and so keep `distinct_month`.
    #[must_use]
    pub fn counts_keys(&self, fact_code: &str) -> bool {
        self.find(fact_code).is_some_and(|indicator| indicator.how == How::Distinct)
    }
}

fn indicator(line: &str) -> Option<Indicator> {
    let cells: Vec<&str> = line.split(',').collect();
    let [code, name, unit, group, visibility, how_words, base, value, divisor, sealed] = cells.as_slice() else {
        return None;
    };
    let how = match how_words.split(' ').next()? {
        "sum" => How::Sum,
        "distinct" => How::Distinct,
        "state" if *how_words == "state over registers" => {
            How::StateOverRegisters { base: (*base).into(), says: Says::parse(value)? }
        }
        "state" => How::State,
        "latest" => How::Latest { base: (*base).into(), value: (*value).into() },
        "share" => How::Share { numerator: (*base).into(), denominator: (*value).into() },
        _ => return None,
    };
    Some(Indicator {
        code: (*code).into(),
        name: (*name).into(),
        unit: (*unit).into(),
        group: (*group).into(),
        groundwork: *visibility == "groundwork",
        how,
        how_words: (*how_words).into(),
        divisor: divisor.parse().ok()?,
        sealed: *sealed == "1",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_catalogue_is_understood() {
        let lines = include_str!("../../../data/indicators.csv").lines().count() - 1;
        assert_eq!(Catalogue::get().iter().count(), lines);
        assert_eq!(Catalogue::get().by_code.len(), lines, "codes are unique");
    }

    /// Figures that are not sealed and are made of one that is.
    fn telling(catalogue: &Catalogue) -> Vec<&str> {
        let sealed = |code: &String| catalogue.find(code).is_some_and(|indicator| indicator.sealed);
        let tells = |one: &&Indicator| match &one.how {
            How::Share { numerator, denominator } => sealed(numerator) || sealed(denominator),
            How::Latest { base, .. } | How::StateOverRegisters { base, .. } => sealed(base),
            How::Sum | How::Distinct | How::State => false,
        };
        catalogue.iter().filter(|one| !one.sealed).filter(tells).map(|one| one.code.as_str()).collect()
    }

    #[test]
    fn what_is_made_of_a_sealed_figure_is_sealed() {
        assert_eq!(telling(Catalogue::get()), [""; 0]);
        let lines = [
            "code",
            "care.ill,x,x,g,visible,state,,,1,1",
            "posting.all,x,x,g,visible,state,,,1,0",
            "care.part,x,x,g,visible,share of two,care.ill,posting.all,1,0",
            "care.share,x,x,g,visible,share of two,care.ill,posting.all,1,1",
        ];
        let planted = Catalogue::parse(&lines.join("\n"));
        assert_eq!(telling(&planted), ["care.part"]);
    }
}
