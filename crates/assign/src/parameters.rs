//! What a pack may change: ranks, ages, points, penalties, sizes, covering.

use crate::{Category, Level};

/// One value for each level of unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByLevel<T> {
    pub province: T,
    pub city: T,
    pub county: T,
}

impl<T: Copy> ByLevel<T> {
    pub fn of(&self, level: Level) -> T {
        match level {
            Level::Province => self.province,
            Level::City => self.city,
            Level::County => self.county,
        }
    }
}

/// One value for each category of village.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByCategory<T> {
    pub heavy: T,
    pub light: T,
    pub weak: T,
    pub task: T,
    pub model: T,
    pub other: T,
}

impl<T: Copy> ByCategory<T> {
    pub fn of(&self, category: Category) -> T {
        match category {
            Category::Heavy => self.heavy,
            Category::Light => self.light,
            Category::Weak => self.weak,
            Category::Task => self.task,
            Category::Model => self.model,
            Category::Other => self.other,
        }
    }

    fn all(&self) -> [T; 6] {
        [self.heavy, self.light, self.weak, self.task, self.model, self.other]
    }
}

/// What a fitting pairing is worth, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points {
    /// Each need of the village that is a strength of the unit; once a team.
    pub strength: i64,
    /// Each need of the village that is a speciality of the person.
    pub speciality: i64,
    pub rural: i64,
    pub agri: i64,
    pub reserve: i64,
    /// For a person younger than [`Parameters::young_under`].
    pub young: i64,
}

/// The rules and weights of a pack. [`Default`] is what the model states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// The highest rank number with which one may lead; 1 is the highest rank.
    pub leader_rank: ByLevel<i64>,
    /// Full years on the plan's day that a member has at most.
    pub max_age: i64,
    /// Full Party years on the plan's day that a leader has at least.
    pub party_years: i64,
    pub young_under: i64,
    /// How many neighbours the team of a model village covers at most; 0 turns covering off.
    pub covers: usize,
    pub points: Points,
    /// What an unmet village costs.
    pub penalty: ByCategory<i64>,
    /// The team size where a village states none.
    pub size: ByCategory<i64>,
    /// The smallest team size that a village may state.
    pub least: ByCategory<i64>,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters {
            leader_rank: ByLevel { province: 6, city: 8, county: 8 },
            max_age: 55,
            party_years: 2,
            young_under: 40,
            covers: 2,
            points: Points { strength: 10, speciality: 4, rural: 1, agri: 1, reserve: 1, young: 2 },
            penalty: ByCategory { heavy: 1000, task: 600, weak: 600, light: 300, model: 300, other: 100 },
            size: ByCategory { heavy: 3, task: 2, weak: 2, light: 1, model: 2, other: 1 },
            least: ByCategory { heavy: 3, task: 1, weak: 1, light: 1, model: 1, other: 1 },
        }
    }
}

impl Parameters {
    /// The first parameter outside the range that the solver computes with, if any.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let points = &self.points;
        let ranges = [
            ("points.strength", points.strength, 0, 1000),
            ("points.speciality", points.speciality, 0, 1000),
            ("points.rural", points.rural, 0, 1000),
            ("points.agri", points.agri, 0, 1000),
            ("points.reserve", points.reserve, 0, 1000),
            ("points.young", points.young, 0, 1000),
            ("covers", i64::try_from(self.covers).unwrap_or(i64::MAX), 0, 4),
        ];
        let each = |name, values: [i64; 6], least, most| values.map(|value| (name, value, least, most));
        ranges
            .into_iter()
            .chain(each("penalty", self.penalty.all(), 0, 1_000_000))
            .chain(each("size", self.size.all(), 1, 1000))
            .chain(each("least", self.least.all(), 1, 1000))
            .find(|&(_, value, least, most)| value < least || value > most)
            .map(|(name, ..)| name)
            .or_else(|| {
                self.least.all().iter().zip(self.size.all()).any(|(least, size)| size < *least).then_some("size")
            })
    }
}
