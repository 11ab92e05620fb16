//! The plan as handed over: by ids, with its proof and its reasons.

use crate::{
    Checked,
    core::{Core, Post},
    deal::Deal,
    rules,
    unmet::{self, Unmet},
};

/// How good the plan is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No plan is better.
    Optimal,
    /// Better ones are not excluded; none is above the bound.
    Feasible,
}

impl Status {
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Status::Optimal => "optimal",
            Status::Feasible => "feasible",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub status: Status,
    /// Points of the teams less penalties of the unmet, recounted from what stands here.
    pub objective: i64,
    /// No plan that keeps the rules (and as many locks as this one) is worth more.
    pub bound: i64,
    /// In the order of the villages' table.
    pub teams: Vec<Team>,
    pub covered: Vec<Covered>,
    pub unmet: Vec<Unmet>,
    /// Steps done, comparable with [`crate::Options::work`].
    pub work: u64,
}

impl Plan {
    /// `(bound − objective) / max(1, |bound|)`.
    #[must_use]
    pub fn gap(&self) -> f64 {
        (self.bound - self.objective) as f64 / self.bound.abs().max(1) as f64
    }

    /// How many people are in teams.
    #[must_use]
    pub fn assigned(&self) -> usize {
        self.teams.iter().map(|team| 1 + team.members.len()).sum()
    }
}

/// A village, its unit and its team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    pub village: String,
    pub unit: String,
    pub leader: String,
    /// All but the leader.
    pub members: Vec<String>,
    pub why: Why,
}

/// What a pairing earns its points for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Needs of the village that are strengths of the unit.
    pub strengths: Vec<String>,
    /// The leader first, then the members in their order.
    pub merits: Vec<Merit>,
    /// All points of the team.
    pub points: i64,
}

/// What one person earns points for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merit {
    pub person: String,
    /// Needs of the village that are specialities of the person.
    pub specialities: Vec<String>,
    pub rural: bool,
    pub agri: bool,
    pub reserve: bool,
    pub young: bool,
    pub points: i64,
}

/// A village met by the team of a model village nearby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    pub village: String,
    pub unit: String,
    /// The model village.
    pub by: String,
}

/// Writes a deal by ids; recounts it.
pub(crate) fn write(checked: &Checked, core: &Core, deal: &Deal, bound: i64, work: u64) -> Plan {
    let problem = checked.problem();
    let mut teams = Vec::new();
    let mut covered = Vec::new();
    let mut met = vec![false; problem.villages.len()];
    for (unit, posts) in deal.posts.iter().enumerate() {
        for post in posts {
            let by = post.village as usize;
            met[by] = true;
            teams.push((by, team(checked, core, unit, post)));
            for village in &post.covers {
                met[*village as usize] = true;
                let line = Covered {
                    village: problem.villages[*village as usize].code.clone(),
                    unit: problem.units[unit].id.clone(),
                    by: problem.villages[by].code.clone(),
                };
                covered.push((*village, line));
            }
        }
    }
    teams.sort_by_key(|(village, _)| *village);
    covered.sort_by_key(|(village, _)| *village);
    let unmet: Vec<usize> = (0..met.len()).filter(|village| !met[*village]).collect();
    let penalties: i64 =
        unmet.iter().map(|village| problem.parameters.penalty.of(problem.villages[*village].category)).sum();
    let objective = teams.iter().map(|(_, team)| team.why.points).sum::<i64>() - penalties;
    // The search counts a locked village that is unmet for more than its penalty.
    let locks: i64 = unmet.iter().map(|village| core.villages[*village].gain).sum::<i64>() - penalties;
    let bound = (bound + locks).max(objective);
    Plan {
        status: if bound == objective { Status::Optimal } else { Status::Feasible },
        objective,
        bound,
        unmet: unmet::explain(checked, deal, core, &unmet),
        teams: teams.into_iter().map(|(_, team)| team).collect(),
        covered: covered.into_iter().map(|(_, line)| line).collect(),
        work,
    }
}

fn team(checked: &Checked, core: &Core, unit: usize, post: &Post) -> Team {
    let problem = checked.problem();
    let (village, body) = (&problem.villages[post.village as usize], &problem.units[unit]);
    let places = post.people.iter().map(|one| core.units[unit].people[usize::from(*one)] as usize);
    let mut people: Vec<usize> = places.collect();
    // The highest rank leads, then the longest membership, then the order of the table.
    people.sort_by_key(|at| {
        let person = &problem.people[*at];
        (!rules::may_lead(problem, body, person), person.rank, person.party_since, *at)
    });
    if let Some(members) = people.get_mut(1..) {
        members.sort_unstable();
    }
    let common = |needs: &[String], tags: &[String]| -> Vec<String> {
        needs.iter().filter(|need| tags.contains(need)).cloned().collect()
    };
    let weight = &problem.parameters.points;
    let each = |tags: &[String], points: i64| points * i64::try_from(tags.len()).unwrap_or(0);
    let merits: Vec<Merit> = people
        .iter()
        .map(|at| {
            let person = &problem.people[*at];
            let specialities = common(&village.needs, &person.specialities);
            Merit {
                person: person.id.clone(),
                points: rules::priority(problem, person) + each(&specialities, weight.speciality),
                specialities,
                rural: person.rural,
                agri: person.agri,
                reserve: person.reserve,
                young: rules::young(problem, person),
            }
        })
        .collect();
    let strengths = common(&village.needs, &body.strengths);
    let points = each(&strengths, weight.strength) + merits.iter().map(|merit| merit.points).sum::<i64>();
    let ids: Vec<String> = merits.iter().map(|merit| merit.person.clone()).collect();
    Team {
        village: village.code.clone(),
        unit: body.id.clone(),
        leader: ids.first().cloned().unwrap_or_default(),
        members: ids.get(1..).unwrap_or_default().to_vec(),
        why: Why { strengths, merits, points },
    }
}
