//! The hard rules as the solver reads them, one question each. The checker in `verify` has its own.

use crate::{Category, Level, Person, Problem, Unit, Village, problem::full_years};

/// Rule 1: the village lies in the unit's home division.
pub(crate) fn in_scope(village: &Village, unit: &Unit) -> bool {
    let digits = unit.level.digits();
    matches!((village.code.get(..digits), unit.home_code.get(..digits)), (Some(one), Some(other)) if one == other)
}

/// Rule 2: a heavy village takes no unit of a county that is not strong.
pub(crate) fn category_allows(village: &Village, unit: &Unit) -> bool {
    village.category != Category::Heavy || unit.level != Level::County || unit.strong
}

/// Rule 4 and 5: may lead a team of this unit.
pub(crate) fn may_lead(problem: &Problem, unit: &Unit, person: &Person) -> bool {
    ranks_within(problem, unit, person, 0) && party_long_enough(problem, person)
}

/// The rank of rule 4, `lower` ranks more than it allows.
pub(crate) fn ranks_within(problem: &Problem, unit: &Unit, person: &Person, lower: i64) -> bool {
    person.rank_waived || person.rank <= problem.parameters.leader_rank.of(unit.level) + lower
}

pub(crate) fn party_long_enough(problem: &Problem, person: &Person) -> bool {
    person.party_since.is_some_and(|since| full_years(since, problem.on) >= problem.parameters.party_years)
}

/// Rule 5: the gates are open and the age is within the limit.
pub(crate) fn may_go(problem: &Problem, person: &Person) -> bool {
    person.gates.iter().all(|open| *open) && full_years(person.birth, problem.on) <= problem.parameters.max_age
}

/// Rule 6 forbids it: the village lies in the person's home township.
pub(crate) fn at_home(village: &Village, person: &Person) -> bool {
    person.home_township.as_deref().is_some_and(|home| township(home) == township(&village.code))
}

/// Rule 8: of a category that a model village's team may cover.
pub(crate) fn may_be_covered(village: &Village) -> bool {
    matches!(village.category, Category::Light | Category::Other)
}

/// What a person brings anywhere: village experience, agriculture, reserve, youth.
pub(crate) fn priority(problem: &Problem, person: &Person) -> i64 {
    let points = &problem.parameters.points;
    let young = young(problem, person);
    i64::from(person.rural) * points.rural
        + i64::from(person.agri) * points.agri
        + i64::from(person.reserve) * points.reserve
        + i64::from(young) * points.young
}

pub(crate) fn young(problem: &Problem, person: &Person) -> bool {
    full_years(person.birth, problem.on) < problem.parameters.young_under
}

fn township(code: &str) -> &str {
    code.get(..9).unwrap_or(code)
}
