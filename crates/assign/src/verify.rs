//! Holds a plan against the problem as stated. Shares no code with the search: rules, days and points are worked out
//! here a second time, from the texts of the tables.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{Category, Checked, Level, Person, Plan, Problem, Team, Unit, Village};

/// A rule that a plan breaks, with the rows concerned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    #[error("{0} is no row")]
    Unknown(String),
    #[error("village {0} is met twice, or both met and unmet")]
    MetTwice(String),
    #[error("village {0} is missing from the plan")]
    Missing(String),
    #[error("village {village} is out of unit {unit}'s scope")]
    Scope { village: String, unit: String },
    #[error("heavy village {village} has county unit {unit}, which is not strong")]
    Category { village: String, unit: String },
    #[error("unit {unit} has {teams} teams")]
    MaxTeams { unit: String, teams: usize },
    #[error("person {0} is in two teams")]
    InTwoTeams(String),
    #[error("person {person} is not of unit {unit}")]
    OtherUnit { person: String, unit: String },
    #[error("village {village} has a team of {people}")]
    Size { village: String, people: usize },
    #[error("person {person} may not lead in {village}")]
    Leader { village: String, person: String },
    #[error("person {person} may not go: a gate, or the age")]
    Unfit { person: String },
    #[error("person {person} goes home to {village}")]
    Home { village: String, person: String },
    #[error("village {village} has unit {unit} against its fixed unit")]
    Fixed { village: String, unit: String },
    #[error("village {village} has unit {unit}, which is forbidden")]
    Forbidden { village: String, unit: String },
    #[error("village {village} may not be covered from {by}")]
    Cover { village: String, by: String },
    #[error("village {by} covers {covered} villages")]
    CoversTooMany { by: String, covered: usize },
    #[error("village {village} is met against a lock")]
    Lock { village: String },
    #[error("the plan says {said} points, it has {counted}")]
    Objective { said: i64, counted: i64 },
    #[error("the bound {bound} is below the objective {objective}, or the status does not fit")]
    Bound { bound: i64, objective: i64 },
}

/// Recounts a plan from the problem as stated.
///
/// # Errors
/// Every rule that the plan breaks, locks among them, and an objective or status that does not fit what it holds.
pub fn verify(checked: &Checked, plan: &Plan) -> Result<i64, Vec<Breach>> {
    let problem = checked.problem();
    let mut look = Look {
        problem,
        villages: problem.villages.iter().map(|one| (one.code.as_str(), one)).collect(),
        units: problem.units.iter().map(|one| (one.id.as_str(), one)).collect(),
        people: problem.people.iter().map(|one| (one.id.as_str(), one)).collect(),
        breaches: Vec::new(),
    };
    look.each_village_once(plan);
    let mut counted = 0;
    let mut teams: BTreeMap<&str, usize> = BTreeMap::new();
    let mut posted: BTreeSet<&str> = BTreeSet::new();
    for team in &plan.teams {
        counted += look.team(team);
        *teams.entry(team.unit.as_str()).or_default() += 1;
        for person in std::iter::once(&team.leader).chain(&team.members) {
            if !posted.insert(person) {
                look.breaches.push(Breach::InTwoTeams(person.clone()));
            }
        }
    }
    for (unit, teams) in teams {
        if look.units.get(unit).is_some_and(|one| teams as i64 > one.max_teams) {
            look.breaches.push(Breach::MaxTeams { unit: unit.to_owned(), teams });
        }
    }
    look.covered(plan);
    for line in &plan.unmet {
        if let Some(village) = look.villages.get(line.village.as_str()) {
            let penalty = &problem.parameters.penalty;
            counted -= match village.category {
                Category::Heavy => penalty.heavy,
                Category::Light => penalty.light,
                Category::Weak => penalty.weak,
                Category::Task => penalty.task,
                Category::Model => penalty.model,
                Category::Other => penalty.other,
            };
        }
    }
    look.locks(checked, plan);
    if counted != plan.objective {
        look.breaches.push(Breach::Objective { said: plan.objective, counted });
    }
    if plan.bound < plan.objective || (plan.bound == plan.objective) != (plan.status == crate::Status::Optimal) {
        look.breaches.push(Breach::Bound { bound: plan.bound, objective: plan.objective });
    }
    if look.breaches.is_empty() { Ok(counted) } else { Err(look.breaches) }
}

struct Look<'a> {
    problem: &'a Problem,
    villages: BTreeMap<&'a str, &'a Village>,
    units: BTreeMap<&'a str, &'a Unit>,
    people: BTreeMap<&'a str, &'a Person>,
    breaches: Vec<Breach>,
}

impl Look<'_> {
    fn each_village_once(&mut self, plan: &Plan) {
        let mut seen = BTreeSet::new();
        let met = plan.teams.iter().map(|team| &team.village).chain(plan.covered.iter().map(|line| &line.village));
        for village in met.chain(plan.unmet.iter().map(|line| &line.village)) {
            if !self.villages.contains_key(village.as_str()) {
                self.breaches.push(Breach::Unknown(village.clone()));
            } else if !seen.insert(village.as_str()) {
                self.breaches.push(Breach::MetTwice(village.clone()));
            }
        }
        let missing = self.villages.keys().filter(|code| !seen.contains(*code));
        let missing: Vec<Breach> = missing.map(|code| Breach::Missing((*code).to_owned())).collect();
        self.breaches.extend(missing);
    }

    /// Holds one team against rules 1, 2 and 4 to 7; returns its points.
    fn team(&mut self, team: &Team) -> i64 {
        let (Some(village), Some(unit)) =
            (self.villages.get(team.village.as_str()).copied(), self.units.get(team.unit.as_str()).copied())
        else {
            self.breaches.push(Breach::Unknown(format!("{} / {}", team.village, team.unit)));
            return 0;
        };
        self.allows(village, unit);
        let pair = || (village.code.clone(), unit.id.clone());
        if village.category == Category::Heavy && unit.level == Level::County && !unit.strong {
            let (village, unit) = pair();
            self.breaches.push(Breach::Category { village, unit });
        }
        let stated = village.team_size.unwrap_or_else(|| {
            let size = &self.problem.parameters.size;
            match village.category {
                Category::Heavy => size.heavy,
                Category::Light => size.light,
                Category::Weak => size.weak,
                Category::Task => size.task,
                Category::Model => size.model,
                Category::Other => size.other,
            }
        });
        if stated != 1 + team.members.len() as i64 {
            self.breaches.push(Breach::Size { village: village.code.clone(), people: 1 + team.members.len() });
        }
        let points = &self.problem.parameters.points;
        let mut sum = points.strength * shared(&village.needs, &unit.strengths);
        for id in std::iter::once(&team.leader).chain(&team.members) {
            let Some(person) = self.people.get(id.as_str()).copied() else {
                self.breaches.push(Breach::Unknown(id.clone()));
                continue;
            };
            self.person(village, unit, person);
            sum += points.speciality * shared(&village.needs, &person.specialities);
            sum += if person.rural { points.rural } else { 0 };
            sum += if person.agri { points.agri } else { 0 };
            sum += if person.reserve { points.reserve } else { 0 };
            sum += if self.years(person.birth) < self.problem.parameters.young_under { points.young } else { 0 };
            if *id == team.leader {
                self.leader(village, unit, person);
            }
        }
        sum
    }

    fn person(&mut self, village: &Village, unit: &Unit, person: &Person) {
        let id = || person.id.clone();
        if person.unit != unit.id {
            self.breaches.push(Breach::OtherUnit { person: id(), unit: unit.id.clone() });
        }
        if person.gates != [true; 3] || self.years(person.birth) > self.problem.parameters.max_age {
            self.breaches.push(Breach::Unfit { person: id() });
        }
        if let Some(home) = &person.home_township
            && home.chars().take(9).eq(village.code.chars().take(9))
        {
            self.breaches.push(Breach::Home { village: village.code.clone(), person: id() });
        }
    }

    fn leader(&mut self, village: &Village, unit: &Unit, person: &Person) {
        let rank = &self.problem.parameters.leader_rank;
        let lowest = match unit.level {
            Level::Province => rank.province,
            Level::City => rank.city,
            Level::County => rank.county,
        };
        let ranked = person.rank_waived || person.rank <= lowest;
        let years = person.party_since.map_or(-1, |since| self.years(since));
        if !ranked || years < self.problem.parameters.party_years {
            self.breaches.push(Breach::Leader { village: village.code.clone(), person: person.id.clone() });
        }
    }

    /// Rules 1 and 7, which a covered village also asks.
    fn allows(&mut self, village: &Village, unit: &Unit) {
        let pair = || (village.code.clone(), unit.id.clone());
        let digits = match unit.level {
            Level::Province => 2,
            Level::City => 4,
            Level::County => 6,
        };
        if !village.code.chars().take(digits).eq(unit.home_code.chars().take(digits)) {
            let (village, unit) = pair();
            self.breaches.push(Breach::Scope { village, unit });
        }
        if village.fixed_unit.is_some() && village.fixed_unit.as_ref() != Some(&unit.id) {
            let (village, unit) = pair();
            self.breaches.push(Breach::Fixed { village, unit });
        }
        if village.forbidden_units.contains(&unit.id) {
            let (village, unit) = pair();
            self.breaches.push(Breach::Forbidden { village, unit });
        }
    }

    /// Rule 8.
    fn covered(&mut self, plan: &Plan) {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &plan.covered {
            let (Some(village), Some(by), Some(unit)) = (
                self.villages.get(line.village.as_str()).copied(),
                self.villages.get(line.by.as_str()).copied(),
                self.units.get(line.unit.as_str()).copied(),
            ) else {
                self.breaches.push(Breach::Unknown(line.village.clone()));
                continue;
            };
            self.allows(village, unit);
            *counts.entry(line.by.as_str()).or_default() += 1;
            let may = by.category == Category::Model
                && by.neighbours.contains(&village.code)
                && village.code != by.code
                && matches!(village.category, Category::Light | Category::Other)
                && plan.teams.iter().any(|team| team.village == line.by && team.unit == line.unit);
            if !may {
                self.breaches.push(Breach::Cover { village: village.code.clone(), by: by.code.clone() });
            }
        }
        for (by, covered) in counts {
            if covered > self.problem.parameters.covers {
                self.breaches.push(Breach::CoversTooMany { by: by.to_owned(), covered });
            }
        }
    }

    /// A locked village has its unit and people, or is unmet; a locked person is nowhere else.
    fn locks(&mut self, checked: &Checked, plan: &Plan) {
        let broken = |village: &String| Breach::Lock { village: village.clone() };
        for (village, unit) in &checked.locks().units {
            let teams = plan.teams.iter().filter(|team| team.village == *village && team.unit != *unit).count();
            let covers = plan.covered.iter().filter(|line| line.village == *village && line.unit != *unit).count();
            if teams + covers > 0 {
                self.breaches.push(broken(village));
            }
        }
        for (person, village) in &checked.locks().people {
            let member = |team: &Team| team.leader == *person || team.members.contains(person);
            let wrong = plan.teams.iter().any(|team| member(team) != (team.village == *village));
            if wrong || plan.covered.iter().any(|line| line.village == *village) {
                self.breaches.push(broken(village));
            }
        }
    }

    /// Full years from a day to the plan's day, by counting birthdays.
    fn years(&self, since: Date) -> i64 {
        let on = self.problem.on;
        let mut years = i64::from(on.year() - since.year());
        if (i64::from(on.month()) * 100 + i64::from(on.day()))
            < (i64::from(since.month()) * 100 + i64::from(since.day()))
        {
            years -= 1;
        }
        years
    }
}

fn shared(needs: &[String], tags: &[String]) -> i64 {
    let needs: BTreeSet<&str> = needs.iter().map(String::as_str).collect();
    let tags: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
    needs.intersection(&tags).count() as i64
}
