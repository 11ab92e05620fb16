//! Fictional people. Their ID numbers begin with 999999, which is no region; their telephones with 130 0000 and the like.

use std::collections::HashSet;

use base::kernel::{Day, IdNumber, Phone};

use super::dice::Dice;
use super::lists;
use super::world::{Gender, Person, PostRole, Unit, UnitLevel};

/// Hands out telephone and ID numbers, each once.
#[derive(Default)]
pub struct Numbers {
    phones: u32,
    ids: HashSet<IdNumber>,
}

impl Numbers {
    /// The first number is 130 0000 4127; 40,000 are of the form 1?0 0000 ????.
    pub fn phone(&mut self) -> Phone {
        const PREFIXES: [&str; 4] = ["130", "150", "170", "180"];
        loop {
            let (prefix, place) = (PREFIXES[self.phones as usize % 4], self.phones / 4);
            self.phones += 1;
            let scattered = (place % 10_000 * 7919 + 4127) % 10_000;
            if let Some(phone) = Phone::parse(&format!("{prefix}{:04}{scattered:04}", place / 10_000)) {
                return phone;
            }
        }
    }

    pub fn id(&mut self, birth: Day, gender: Gender, dice: &mut Dice) -> IdNumber {
        loop {
            let even = u32::try_from(dice.below(499)).unwrap_or(0) * 2 + 2;
            let sequence = if gender == Gender::Male { even - 1 } else { even };
            if let Some(id) = IdNumber::compose(999_999, birth, sequence)
                && self.ids.insert(id.clone())
            {
                return id;
            }
        }
    }
}

/// Makes names from the lists.
pub struct Names {
    surnames: Vec<&'static str>,
    totals: Vec<u32>,
    male: Vec<&'static str>,
    female: Vec<&'static str>,
    used: HashSet<String>,
}

impl Names {
    /// `kept` are names that only the story may give.
    #[must_use]
    pub fn new(kept: &[&str]) -> Self {
        let (surnames, totals) = lists::surnames();
        let (male, female) = (lists::given_names(Gender::Male), lists::given_names(Gender::Female));
        Self { surnames, totals, male, female, used: kept.iter().map(|&name| name.to_owned()).collect() }
    }

    /// A name that may have been given before, as in a large roster.
    pub fn any(&self, gender: Gender, dice: &mut Dice) -> String {
        let surname = self.surnames[dice.weighted(&self.totals)];
        let given = match gender {
            Gender::Male => &self.male,
            Gender::Female => &self.female,
        };
        format!("{surname}{}", dice.one(given))
    }

    /// A name that nobody has yet.
    pub fn fresh(&mut self, gender: Gender, dice: &mut Dice) -> String {
        loop {
            let name = self.any(gender, dice);
            if self.used.insert(name.clone()) {
                return name;
            }
        }
    }
}

/// Everybody of the world, as they are hired.
pub struct Census<'a> {
    pub units: &'a [Unit],
    pub people: Vec<Person>,
    pub dice: Dice,
    names: Names,
    numbers: Numbers,
}

impl<'a> Census<'a> {
    #[must_use]
    pub fn new(units: &'a [Unit], names: Names, numbers: Numbers, dice: Dice) -> Self {
        Self { units, people: Vec::new(), dice, names, numbers }
    }

    /// The people, and the numbers for those of another place.
    #[must_use]
    pub fn close(self) -> (Vec<Person>, Numbers) {
        (self.people, self.numbers)
    }

    /// A new person of the unit, fit to be posted in the role from the day on.
    pub fn hire(&mut self, unit: usize, role: PostRole, on: Day) -> usize {
        let first = role == PostRole::FirstSecretary;
        let ages = match (self.units[unit].level, first) {
            (UnitLevel::Province | UnitLevel::City, true) => (33, 49),
            (UnitLevel::County | UnitLevel::Township, true) => (28, 51),
            (_, false) => (25, 53),
        };
        self.hire_aged(unit, role, on, ages)
    }

    /// A new person who is of such an age on the day.
    pub fn hire_aged(&mut self, unit: usize, role: PostRole, on: Day, ages: (i64, i64)) -> usize {
        let first = role == PostRole::FirstSecretary;
        let employer = &self.units[unit];
        let dice = &mut self.dice;
        let gender = if dice.percent(if first { 22 } else { 30 }) { Gender::Female } else { Gender::Male };
        let age = dice.between(ages.0, ages.1);
        let birth = on.plus_months(-12 * age).plus_days(-dice.between(0, 364));
        let joined = birth.plus_months(12 * dice.between(20, i64::min(age - 3, 31))).plus_days(dice.between(0, 300));
        let member = first || dice.percent(88);
        let post = dice.one(posts(employer, first));
        let rural = ["农业农村", "林业", "气象", "供销"].contains(&employer.system.as_str());
        let mut specialities = dice.some(&employer.strengths, 1);
        let besides = dice.one(&["纠纷调解", "种植", "电商", "文化活动", "党建", "财务", "规划", "写作"]);
        if dice.percent(40) && !specialities.contains(&besides) {
            specialities.push(besides);
        }
        self.people.push(Person {
            name: self.names.fresh(gender, dice),
            gender,
            birth,
            id_number: self.numbers.id(birth, gender, dice),
            phone: self.numbers.phone(),
            ethnicity: if dice.percent(98) { "汉族" } else { "回族" },
            party_since: member.then_some(joined),
            education: dice.one(&["大学本科", "大学本科", "大学本科", "大专", "硕士研究生"]),
            unit,
            position: post.0,
            rank: post.1,
            specialities,
            reserve: age < 42 && dice.percent(25),
            village_experience: dice.percent(35),
            agriculture: rural || dice.percent(10),
        });
        self.people.len() - 1
    }

    /// Gives someone the name and gender that the story wants.
    pub fn recast(&mut self, person: usize, name: &str, gender: Gender, dice: &mut Dice) {
        let known = &mut self.people[person];
        name.clone_into(&mut known.name);
        if known.gender != gender {
            known.gender = gender;
            known.id_number = self.numbers.id(known.birth, gender, dice);
        }
    }
}

type Post = (&'static str, &'static str);

/// Position and rank as they go together in such a unit, for a first secretary or a member.
fn posts(unit: &Unit, first: bool) -> &'static [Post] {
    if unit.kind == "国有企业" {
        return if first {
            &[("部门经理", "单位自定"), ("副经理", "单位自定")]
        } else {
            &[("职员", "单位自定")]
        };
    }
    match (unit.level, first) {
        (UnitLevel::Province, true) => &[("处长", "二级调研员"), ("副处长", "三级调研员"), ("副处长", "四级调研员")],
        (UnitLevel::Province, false) => &[("干部", "一级主任科员"), ("干部", "二级主任科员")],
        (UnitLevel::City, true) => &[("科长", "四级调研员"), ("科长", "一级主任科员"), ("副科长", "三级主任科员")],
        (UnitLevel::City, false) => &[("科员", "四级主任科员"), ("科员", "一级科员")],
        (UnitLevel::County, true) if unit.kind == "事业单位" => {
            &[("副主任", "八级职员"), ("科室主任", "专业技术八级"), ("办公室主任", "八级职员")]
        }
        (UnitLevel::County, false) if unit.kind == "事业单位" => {
            &[("干部", "九级职员"), ("专业技术人员", "专业技术十一级")]
        }
        (UnitLevel::County, true) => {
            &[("班子成员", "二级主任科员"), ("办公室主任", "三级主任科员"), ("股长", "四级主任科员")]
        }
        (UnitLevel::County, false) => &[("科员", "一级科员"), ("股长", "四级主任科员"), ("干部", "九级职员")],
        (UnitLevel::Township, true) => &[("党委委员", "三级主任科员"), ("党建办主任", "四级主任科员")],
        (UnitLevel::Township, false) => &[("干部", "一级科员"), ("干部", "九级职员")],
    }
}
