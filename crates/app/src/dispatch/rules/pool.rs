//! A candidate: what the register says, what the round adds, the three sign-offs.

use assign::Parameters;
use base::{
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode},
    text,
};

use super::{Gate, level_of};
use crate::units::UnitLevel;

/// The last word on a gate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sign {
    pub passed: bool,
    pub why: Option<String>,
    /// Who decided, as the paper says.
    pub body: String,
    pub on: Day,
    pub by: String,
}

/// Somebody in the pool of a round.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The county that keeps the person's file.
    pub county: CountyId,
    pub person_id: String,
    pub name: String,
    /// Unit, its name and level.
    pub unit: Option<(String, String, Option<UnitLevel>)>,
    /// `1982-10-28`, `1982-10` or `1982`, as the register has it.
    pub birth: Option<String>,
    pub party_since: Option<String>,
    pub position: Option<String>,
    /// The rank's own name.
    pub rank_name: Option<String>,
    /// By hand, over what the name says.
    pub rank_by_hand: Option<i64>,
    pub specialities: Vec<String>,
    pub rural: bool,
    pub agri: bool,
    pub reserve: bool,
    pub home_township: Option<DivisionCode>,
    pub waived: Option<String>,
    pub nominated_by: String,
    pub gates: [Option<Sign>; 3],
}

/// A partial day's first day.
fn whole(day: &str) -> Option<Day> {
    match day.len() {
        4 => Day::parse(&format!("{day}-01-01")),
        7 => Day::parse(&format!("{day}-01")),
        _ => Day::parse(day),
    }
}

impl Candidate {
    #[must_use]
    pub fn rank(&self) -> Option<i64> {
        self.rank_by_hand.or_else(|| level_of(self.rank_name.as_deref()?))
    }

    #[must_use]
    pub fn age(&self, on: Day) -> Option<i64> {
        Some(on.years_since(whole(self.birth.as_deref()?)?))
    }

    #[must_use]
    pub fn sign(&self, gate: Gate) -> Option<&Sign> {
        self.gates[gate.at()].as_ref()
    }

    #[must_use]
    pub fn passed(&self) -> [bool; 3] {
        Gate::ALL.map(|gate| self.sign(gate).is_some_and(|sign| sign.passed))
    }

    /// All three gates are passed.
    #[must_use]
    pub fn is_cleared(&self) -> bool {
        self.passed().iter().all(|passed| *passed)
    }

    /// A gate was refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.gates.iter().flatten().any(|sign| !sign.passed)
    }

    /// No word yet on one of the gates, and none refused.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.is_refused() && self.gates.iter().any(Option::is_none)
    }

    /// As the optimiser knows people. Who has no unit that sends teams, or no birth, is left out: [`said_of`] says so.
    #[must_use]
    pub fn person(&self) -> Option<assign::Person> {
        let (unit, _, level) = self.unit.as_ref()?;
        if level.is_none_or(|level| level == UnitLevel::Township) {
            return None;
        }
        let day = |text: &Option<String>| text.as_deref().and_then(whole).map(Day::date);
        Some(assign::Person {
            id: self.person_id.clone(),
            name: self.name.clone(),
            unit: unit.clone(),
            rank: self.rank().unwrap_or(10),
            rank_waived: self.waived.is_some(),
            birth: day(&self.birth)?,
            party_since: day(&self.party_since),
            specialities: self.specialities.clone(),
            rural: self.rural,
            agri: self.agri,
            reserve: self.reserve,
            home_township: self.home_township.map(|code| code.to_string()),
            gates: self.passed(),
        })
    }
}

/// What keeps a candidate from going, or from leading, on the day; each a sentence.
#[must_use]
pub fn said_of(one: &Candidate, on: Day, parameters: &Parameters) -> Vec<Text> {
    let mut said = Vec::new();
    match &one.unit {
        None => said.push(text!("没有登记单位，不能派")),
        Some((_, _, Some(UnitLevel::Township))) => said.push(text!("乡镇单位的人不由计划派")),
        Some(_) => {}
    }
    match one.age(on) {
        None => said.push(text!("没有出生年月，不能派")),
        Some(age) if age > parameters.max_age => {
            said.push(text!("{age} 岁，超过 {most} 岁，不能派", age = age, most = parameters.max_age));
        }
        Some(_) => {}
    }
    match one.party_since.as_deref().and_then(whole) {
        None => said.push(text!("没有党龄，不能任队长")),
        Some(since) if on.years_since(since) < parameters.party_years => {
            said.push(text!("党龄不满 {years} 年，不能任队长", years = parameters.party_years));
        }
        Some(_) => {}
    }
    if one.rank().is_none() && one.waived.is_none() {
        said.push(text!("级别没有对上，按不能任队长算；请选相当的级别"));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn candidate() -> Candidate {
        let sign = |passed| {
            Some(Sign { passed, why: None, body: "组织部".into(), on: day("2024-01-10"), by: "宋知远".into() })
        };
        Candidate {
            county: DivisionCode::parse("411327").expect("a code").county(),
            person_id: "p".into(),
            name: "林一诺".into(),
            unit: Some(("u".into(), "水利局".into(), Some(UnitLevel::County))),
            birth: Some("1988-07".into()),
            party_since: Some("2012".into()),
            position: None,
            rank_name: Some("四级主任科员".into()),
            rank_by_hand: None,
            specialities: vec!["饮水".into()],
            rural: true,
            agri: false,
            reserve: false,
            home_township: None,
            waived: None,
            nominated_by: "水利局".into(),
            gates: [sign(true), sign(true), sign(true)],
        }
    }

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn who_may_go_is_known_to_the_optimiser_as_the_register_says() {
        let one = candidate();
        let person = one.person().expect("may go");
        assert_eq!((person.rank, person.gates, person.rank_waived), (8, [true; 3], false));
        assert_eq!(person.birth, day("1988-07-01").date());
        assert!(said_of(&one, day("2024-06-01"), &Parameters::default()).is_empty());
        let nobody = Candidate { unit: None, ..candidate() };
        assert!(nobody.person().is_none());
        let township = Candidate { unit: Some(("t".into(), "镇".into(), Some(UnitLevel::Township))), ..candidate() };
        assert!(township.person().is_none());
        let by_hand = Candidate { rank_name: Some("单位自定".into()), rank_by_hand: Some(8), ..candidate() };
        assert_eq!(by_hand.person().expect("may go").rank, 8);
    }

    #[test]
    fn what_keeps_somebody_is_said() {
        let on = day("2024-06-01");
        let said = |one: &Candidate| {
            said_of(one, on, &Parameters::default()).iter().map(Text::zh).collect::<Vec<_>>().join("；")
        };
        let old = Candidate { birth: Some("1960".into()), party_since: None, ..candidate() };
        assert_eq!(said(&old), "64 岁，超过 55 岁，不能派；没有党龄，不能任队长");
        let unknown = Candidate { rank_name: Some("单位自定".into()), birth: None, ..candidate() };
        assert_eq!(said(&unknown), "没有出生年月，不能派；级别没有对上，按不能任队长算；请选相当的级别");
        let young = Candidate { party_since: Some("2023".into()), ..candidate() };
        assert_eq!(said(&young), "党龄不满 2 年，不能任队长");
    }

    #[test]
    fn one_refused_gate_is_enough() {
        let mut one = candidate();
        assert!(one.is_cleared() && !one.is_refused() && !one.is_waiting());
        one.gates[1] = None;
        assert!(!one.is_cleared() && one.is_waiting());
        one.gates[1] = candidate().gates[0].clone().map(|sign| Sign { passed: false, ..sign });
        assert!(one.is_refused() && !one.is_waiting());
        assert_eq!(one.person().expect("known").gates, [true, false, true]);
    }
}
