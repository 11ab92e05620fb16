//! What the optimiser says of rows by their ids, said by their names.

use std::collections::HashMap;

use assign::{Breach, Fault, Problem, Step};
use base::{i18n::Text, text};

/// Names of villages, units and people by their ids, for sentences that hold ids.
struct Names<'p>(HashMap<&'p str, &'p str>);

impl<'p> Names<'p> {
    fn of(problem: &'p Problem) -> Self {
        let villages = problem.villages.iter().map(|one| (one.code.as_str(), one.name.as_str()));
        let units = problem.units.iter().map(|one| (one.id.as_str(), one.name.as_str()));
        let people = problem.people.iter().map(|one| (one.id.as_str(), one.name.as_str()));
        Self(villages.chain(units).chain(people).filter(|(_, name)| !name.is_empty()).collect())
    }

    /// The sentence with every id that stands in it replaced by its name; the longest ids first.
    fn put(&self, sentence: String) -> String {
        let mut ids: Vec<&&str> = self.0.keys().filter(|id| !id.is_empty() && sentence.contains(**id)).collect();
        ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
        ids.into_iter().fold(sentence, |said, id| said.replace(*id, self.0[*id]))
    }
}

/// A fault of the problem or its locks, by names.
#[must_use]
pub fn fault(fault: &Fault, problem: &Problem) -> String {
    Names::of(problem).put(fault.to_string())
}

/// The step that would let a village be met, by the unit's name.
#[must_use]
pub fn step(step: &Step, unit: &str) -> String {
    if unit.is_empty() { step.sentence() } else { step.sentence().replace(step.unit(), unit) }
}

/// Why a plan that was kept no longer stands.
#[must_use]
pub fn breach(breach: &Breach, problem: &Problem) -> Text {
    let names = Names::of(problem);
    let name = |id: &String| names.put(id.clone());
    match breach {
        Breach::Unknown(id) => text!("{name}已不在名单或村需求里", name = name(id)),
        Breach::Missing(village) => text!("{village}是后来加进村需求的", village = name(village)),
        Breach::Scope { village, unit } | Breach::Category { village, unit } => {
            text!("{unit}按规定不能派到{village}", unit = name(unit), village = name(village))
        }
        Breach::Fixed { village, .. } => text!("{village}后来指定了别的单位", village = name(village)),
        Breach::Forbidden { village, unit } => {
            text!("{unit}后来要回避{village}", unit = name(unit), village = name(village))
        }
        Breach::MaxTeams { unit, .. } => text!("{unit}能派的队少了", unit = name(unit)),
        Breach::OtherUnit { person, .. } => text!("{person}换了单位", person = name(person)),
        Breach::Size { village, .. } => text!("{village}要的人数变了", village = name(village)),
        Breach::Leader { person, .. } => text!("{person}现在不能任队长", person = name(person)),
        Breach::Unfit { person } => text!("{person}的三关或年龄变了，不能派", person = name(person)),
        Breach::Home { village, person } => {
            text!("{person}要回避本乡镇的{village}", person = name(person), village = name(village))
        }
        Breach::Objective { .. } => text!("需求、专长或优势变了，得分对不上"),
        other => Text::data(names.put(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assign::{Category, Level, Parameters, Unit, Village};

    #[test]
    fn ids_are_said_by_their_names() {
        let problem = Problem {
            on: base::kernel::Day::new(2024, 6, 1).expect("a day").date(),
            parameters: Parameters::default(),
            villages: vec![Village {
                code: "411327100201".into(),
                name: "麦田村".into(),
                category: Category::Light,
                team_size: None,
                needs: vec![],
                fixed_unit: None,
                forbidden_units: vec![],
                neighbours: vec![],
            }],
            units: vec![Unit {
                id: "u-1".into(),
                name: "县水利局".into(),
                level: Level::County,
                strong: false,
                home_code: "411327".into(),
                max_teams: 1,
                strengths: vec![],
            }],
            people: vec![],
        };
        let said = fault(&Fault::LockedOutOfReach { village: "411327100201".into(), unit: "u-1".into() }, &problem);
        assert!(said.contains("麦田村") && said.contains("县水利局") && !said.contains("u-1"), "{said}");
        let said = breach(&Breach::MaxTeams { unit: "u-1".into(), teams: 2 }, &problem).zh();
        assert_eq!(said, "县水利局能派的队少了");
        assert_eq!(step(&Step::OneMoreTeam { unit: "u-1".into() }, "县水利局"), "单位 县水利局 多派一队");
    }
}
