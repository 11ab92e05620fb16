//! A plan as it is kept: with the names of its day, so that it reads the same whatever the registers say later.

use std::collections::{BTreeMap, HashMap, HashSet};

use assign::{Category, Checked, Level, Plan, Problem, Status};
use base::i18n::Text;
use base::text;
use serde::{Deserialize, Serialize};

use super::step;

/// Somebody in a team and what they bring.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptPerson {
    pub id: String,
    pub name: String,
    /// Needs of the village that are the person's specialities.
    pub specialities: Vec<String>,
    pub rural: bool,
    pub agri: bool,
    pub reserve: bool,
    pub young: bool,
    /// Equivalent rank; none in plans that were kept before it was.
    #[serde(default)]
    pub rank: Option<i64>,
    pub points: i64,
}

/// A village, its unit and its people, the leader first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptTeam {
    pub village: String,
    pub village_name: String,
    pub category: String,
    pub needs: Vec<String>,
    pub unit: String,
    pub unit_name: String,
    pub level: String,
    pub strong: bool,
    pub people: Vec<KeptPerson>,
    /// Needs of the village that are the unit's strengths.
    pub strengths: Vec<String>,
    pub points: i64,
}

/// A village met by the team of a model village.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptCovered {
    pub village: String,
    pub village_name: String,
    pub unit: String,
    pub unit_name: String,
    pub by: String,
    pub by_name: String,
}

/// A village without anybody: the rules that stop units, and the first step that would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeptUnmet {
    pub village: String,
    pub village_name: String,
    pub category: String,
    /// Sentence of the rule, and how many units it stops; 0 counts none.
    pub stops: Vec<(String, usize)>,
    pub step: Option<String>,
}

/// What a solve found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What each unit bears; none in plans that were kept before it was.
    #[serde(default)]
    pub loads: Vec<Load>,
    pub optimal: bool,
    pub objective: i64,
    pub bound: i64,
    pub work: u64,
    pub teams: Vec<KeptTeam>,
    pub covered: Vec<KeptCovered>,
    pub unmet: Vec<KeptUnmet>,
}

/// The figures of a plan, for lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub optimal: bool,
    pub objective: i64,
    pub bound: i64,
    pub teams: usize,
    pub people: usize,
    pub covered: usize,
    pub unmet: usize,
}

impl Summary {
    /// `(bound − objective) / max(1, |bound|)`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^52")]
    pub fn gap(&self) -> f64 {
        (self.bound - self.objective) as f64 / self.bound.abs().max(1) as f64
    }
}

impl KeptTeam {
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        Category::read(&self.category)
    }

    #[must_use]
    pub fn names(&self) -> String {
        self.people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("、")
    }

    /// Why this unit: what it and its people know that the village needs, and who goes first.
    #[must_use]
    pub fn why(&self) -> Vec<Text> {
        let mut said = Vec::new();
        if !self.strengths.is_empty() {
            said.push(text!("{needs} ↔ {unit}", needs = self.strengths.join("、"), unit = self.unit_name));
        }
        let mut by_need: BTreeMap<&str, usize> = BTreeMap::new();
        for one in self.people.iter().flat_map(|one| &one.specialities) {
            *by_need.entry(one).or_default() += 1;
        }
        for (need, people) in by_need {
            said.push(text!("{need}专长 {n} 人", need = need, n = people));
        }
        let count = |is: fn(&KeptPerson) -> bool| self.people.iter().filter(|one| is(one)).count();
        for (n, sentence) in [
            (count(|one| one.rural), text!("农村工作经历 {n} 人", n = count(|one| one.rural))),
            (count(|one| one.agri), text!("涉农 {n} 人", n = count(|one| one.agri))),
            (count(|one| one.reserve), text!("后备 {n} 人", n = count(|one| one.reserve))),
            (count(|one| one.young), text!("40 岁以下 {n} 人", n = count(|one| one.young))),
        ] {
            if n > 0 {
                said.push(sentence);
            }
        }
        if said.is_empty() {
            said.push(text!("按规定能派，没有别的加分"));
        }
        said
    }
}

impl Kept {
    /// With the names of the problem's tables.
    #[must_use]
    pub fn of(checked: &Checked, plan: &Plan) -> Self {
        let problem = checked.problem();
        let villages: HashMap<&str, &assign::Village> =
            problem.villages.iter().map(|one| (one.code.as_str(), one)).collect();
        let units: HashMap<&str, &assign::Unit> = problem.units.iter().map(|one| (one.id.as_str(), one)).collect();
        let people: HashMap<&str, &assign::Person> = problem.people.iter().map(|one| (one.id.as_str(), one)).collect();
        let village_name = |code: &str| villages.get(code).map_or_else(String::new, |one| one.name.clone());
        let unit_name = |id: &str| units.get(id).map_or_else(String::new, |one| one.name.clone());
        let category = |code: &str| villages.get(code).map_or(Category::Other, |one| one.category).code().to_owned();
        let team = |team: &assign::Team| KeptTeam {
            village: team.village.clone(),
            village_name: village_name(&team.village),
            category: category(&team.village),
            needs: villages.get(team.village.as_str()).map(|one| one.needs.clone()).unwrap_or_default(),
            unit: team.unit.clone(),
            unit_name: unit_name(&team.unit),
            level: units.get(team.unit.as_str()).map_or(Level::County, |one| one.level).code().to_owned(),
            strong: units.get(team.unit.as_str()).is_some_and(|one| one.strong),
            people: team
                .why
                .merits
                .iter()
                .map(|merit| KeptPerson {
                    name: people.get(merit.person.as_str()).map_or_else(String::new, |one| one.name.clone()),
                    id: merit.person.clone(),
                    specialities: merit.specialities.clone(),
                    rural: merit.rural,
                    agri: merit.agri,
                    reserve: merit.reserve,
                    young: merit.young,
                    rank: people.get(merit.person.as_str()).map(|one| one.rank),
                    points: merit.points,
                })
                .collect(),
            strengths: team.why.strengths.clone(),
            points: team.why.points,
        };
        let covered = |line: &assign::Covered| KeptCovered {
            village: line.village.clone(),
            village_name: village_name(&line.village),
            unit: line.unit.clone(),
            unit_name: unit_name(&line.unit),
            by: line.by.clone(),
            by_name: village_name(&line.by),
        };
        let unmet = |one: &assign::Unmet| KeptUnmet {
            village: one.village.clone(),
            village_name: village_name(&one.village),
            category: category(&one.village),
            stops: one.stops.iter().map(|stop| (stop.rule.sentence().to_owned(), stop.units)).collect(),
            step: one.step.as_ref().map(|one| step(one, &unit_name(one.unit()))),
        };
        let kept = Self {
            loads: Vec::new(),
            optimal: plan.status == Status::Optimal,
            objective: plan.objective,
            bound: plan.bound,
            work: plan.work,
            teams: plan.teams.iter().map(team).collect(),
            covered: plan.covered.iter().map(covered).collect(),
            unmet: plan.unmet.iter().map(unmet).collect(),
        };
        Self { loads: kept.loads_of(problem), ..kept }
    }

    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            optimal: self.optimal,
            objective: self.objective,
            bound: self.bound,
            teams: self.teams.len(),
            people: self.assigned(),
            covered: self.covered.len(),
            unmet: self.unmet.len(),
        }
    }

    /// Again as the optimiser's checker reads it.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let team = |team: &KeptTeam| assign::Team {
            village: team.village.clone(),
            unit: team.unit.clone(),
            leader: team.people.first().map(|one| one.id.clone()).unwrap_or_default(),
            members: team.people.iter().skip(1).map(|one| one.id.clone()).collect(),
            why: assign::Why {
                strengths: team.strengths.clone(),
                merits: team
                    .people
                    .iter()
                    .map(|one| assign::Merit {
                        person: one.id.clone(),
                        specialities: one.specialities.clone(),
                        rural: one.rural,
                        agri: one.agri,
                        reserve: one.reserve,
                        young: one.young,
                        points: one.points,
                    })
                    .collect(),
                points: team.points,
            },
        };
        Plan {
            status: if self.optimal { Status::Optimal } else { Status::Feasible },
            objective: self.objective,
            bound: self.bound,
            teams: self.teams.iter().map(team).collect(),
            covered: self
                .covered
                .iter()
                .map(|one| assign::Covered { village: one.village.clone(), unit: one.unit.clone(), by: one.by.clone() })
                .collect(),
            unmet: self
                .unmet
                .iter()
                .map(|one| assign::Unmet { village: one.village.clone(), stops: Vec::new(), step: None })
                .collect(),
            work: self.work,
        }
    }

    #[must_use]
    pub fn gap(&self) -> f64 {
        self.summary().gap()
    }

    /// How many the plan sends.
    #[must_use]
    pub fn assigned(&self) -> usize {
        self.teams.iter().map(|team| team.people.len()).sum()
    }

    #[must_use]
    pub fn team(&self, village: &str) -> Option<&KeptTeam> {
        self.teams.iter().find(|team| team.village == village)
    }

    /// What the plan calls a village that it meets.
    #[must_use]
    pub fn met_name(&self, village: &str) -> String {
        let covered = || self.covered.iter().find(|one| one.village == village).map(|one| one.village_name.clone());
        self.team(village).map(|team| team.village_name.clone()).or_else(covered).unwrap_or_default()
    }

    /// What the plan calls a unit that it sends.
    #[must_use]
    pub fn unit_name(&self, unit: &str) -> String {
        self.teams.iter().find(|team| team.unit == unit).map(|team| team.unit_name.clone()).unwrap_or_default()
    }

    /// Who meets a village, in words: the unit and its people, or by whose team it is covered; none where it is unmet.
    #[must_use]
    pub fn met_by(&self, village: &str) -> Option<(Text, String)> {
        if let Some(team) = self.team(village) {
            return Some((Text::data(team.unit_name.as_str()), team.names()));
        }
        let covered = self.covered.iter().find(|one| one.village == village)?;
        Some((
            text!("{unit}（兼管，队在{village}）", unit = covered.unit_name, village = covered.by_name),
            String::new(),
        ))
    }
}

/// What a plan asks of a unit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Load {
    pub unit: String,
    pub name: String,
    pub level: String,
    pub strong: bool,
    pub teams: usize,
    pub people: usize,
    pub heavy: usize,
    pub covered: usize,
    pub points: i64,
}

impl Kept {
    /// What each unit bears, most teams first; units without a team among them.
    #[must_use]
    pub fn loads_of(&self, problem: &Problem) -> Vec<Load> {
        let sending: HashSet<&str> = problem.people.iter().map(|one| one.unit.as_str()).collect();
        let unit = |unit: &assign::Unit| Load {
            unit: unit.id.clone(),
            name: unit.name.clone(),
            level: unit.level.code().to_owned(),
            strong: unit.strong,
            ..Load::default()
        };
        let of_problem = problem.units.iter().filter(|unit| sending.contains(unit.id.as_str())).map(unit);
        let mut loads: HashMap<String, Load> = of_problem.map(|load| (load.unit.clone(), load)).collect();
        for team in &self.teams {
            let load = loads.entry(team.unit.clone()).or_insert_with(|| Load {
                unit: team.unit.clone(),
                name: team.unit_name.clone(),
                level: team.level.clone(),
                strong: team.strong,
                ..Load::default()
            });
            load.teams += 1;
            load.people += team.people.len();
            load.heavy += usize::from(team.category() == Some(Category::Heavy));
            load.points += team.points;
        }
        for line in &self.covered {
            if let Some(load) = loads.get_mut(&line.unit) {
                load.covered += 1;
            }
        }
        let mut loads: Vec<Load> = loads.into_values().collect();
        loads.sort_by(|a, b| (b.teams, b.people, &a.name, &a.unit).cmp(&(a.teams, a.people, &b.name, &b.unit)));
        loads
    }
}
