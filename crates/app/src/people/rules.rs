//! A person's data, pure.

use base::{
    kernel::{Day, IdNumber},
    word,
};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gender {
    Male,
    Female,
}

impl Gender {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Male => word!("男"),
            Self::Female => word!("女"),
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "男" | "male" | "M" | "m" => Some(Self::Male),
            "女" | "female" | "F" | "f" => Some(Self::Female),
            _ => None,
        }
    }
}

/// What is known of a person. Partial days are text: `1982-10` where the roster gives no more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    pub name: String,
    pub gender: Option<Gender>,
    /// `1982-10-28`, `1982-10` or `1982`.
    pub birth: Option<String>,
    pub id_number: Option<IdNumber>,
    pub phone: Option<String>,
    pub ethnicity: Option<String>,
    pub party_since: Option<String>,
    pub education: Option<String>,
    pub unit_id: Option<String>,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub specialities: Vec<String>,
    pub reserve: bool,
    pub village_experience: bool,
    pub agriculture: bool,
    pub note: Option<String>,
}

impl Person {
    /// The age on a day where the birth is known to the month at least.
    #[must_use]
    pub fn age_on(&self, day: Day) -> Option<i64> {
        age(self.birth.as_deref()?, day)
    }
}

/// The age on a day of somebody born on `1982-10-28` or in `1982-10`.
#[must_use]
pub fn age(birth: &str, day: Day) -> Option<i64> {
    let full = if birth.len() == 7 { format!("{birth}-01") } else { birth.to_owned() };
    Day::parse(&full).map(|born| day.years_since(born))
}
