//! Rosters of any length for measuring imports: fictional people over given villages, nobody twice.

use base::kernel::{Day, DivisionCode, IdNumber, Phone};
use jiff::civil::date;

use super::dice::{Dice, Stream};
use super::lists;
use super::people::{Names, Numbers};
use super::world::{Gender, PostRole};

/// As much of a person as a roster tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RosterPerson {
    pub name: String,
    pub gender: Gender,
    pub birth: Day,
    pub id_number: IdNumber,
    pub phone: Phone,
}

/// `n` people with ID numbers and telephones of their own; names repeat, as they do among so many. Good for some millions.
#[must_use]
pub fn people_for_scale(seed: u64, n: usize) -> Vec<RosterPerson> {
    let mut dice = Dice::new(seed, Stream::Scale);
    let (names, mut numbers) = (Names::new(&[]), Numbers::default());
    let earliest = Day::from_date(date(1968, 1, 1));
    let person = |_| {
        let gender = if dice.percent(30) { Gender::Female } else { Gender::Male };
        let birth = earliest.plus_days(dice.between(0, 11_000));
        RosterPerson {
            name: names.any(gender, &mut dice),
            gender,
            birth,
            id_number: numbers.id(birth, gender, &mut dice),
            phone: numbers.phone(),
        }
    };
    (0..n).map(person).collect()
}

/// A village as a roster names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RosterVillage {
    pub code: DivisionCode,
    pub name: String,
    pub township: String,
}

/// One row of a roster: one person posted to one village.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RosterRow {
    pub village: RosterVillage,
    pub person: RosterPerson,
    pub unit: &'static str,
    pub role: PostRole,
    pub since: Day,
}

impl RosterRow {
    pub const HEADER: [&'static str; 11] = [
        "乡镇",
        "派驻村",
        "村代码",
        "姓名",
        "性别",
        "出生年月",
        "身份证号",
        "派出单位",
        "驻村职务",
        "联系电话",
        "到村时间",
    ];

    /// The cells under [`Self::HEADER`]. They hold the whole ID number.
    #[must_use]
    pub fn cells(&self) -> [String; 11] {
        let role = match self.role {
            PostRole::FirstSecretary => "第一书记",
            PostRole::Leader => "队长",
            PostRole::Member => "队员",
            PostRole::BranchSecretary => "党支部书记",
            PostRole::Instructor => "指导员",
        };
        let (village, person) = (&self.village, &self.person);
        [
            village.township.clone(),
            village.name.clone(),
            village.code.to_string(),
            person.name.clone(),
            person.gender.zh().to_owned(),
            person.birth.month().to_string(),
            person.id_number.reveal().to_owned(),
            self.unit.to_owned(),
            role.to_owned(),
            person.phone.to_string(),
            self.since.to_string(),
        ]
    }
}

/// A roster of `n` rows, village by village: one first secretary each, the others members. No village, no rows.
#[must_use]
pub fn roster(seed: u64, villages: &[RosterVillage], n: usize) -> Vec<RosterRow> {
    let mut dice = Dice::new(seed ^ 1, Stream::Scale);
    let units: Vec<&'static str> = lists::units().into_iter().map(|unit| unit.name).collect();
    let mut people = people_for_scale(seed, n).into_iter();
    let start = Day::from_date(date(2023, 6, 1));
    let mut rows = Vec::with_capacity(n);
    for (at, village) in villages.iter().enumerate() {
        // Spread evenly: the first few villages take the remainder.
        let share = n / villages.len() + usize::from(at < n % villages.len());
        for (turn, person) in people.by_ref().take(share).enumerate() {
            let role = if turn == 0 { PostRole::FirstSecretary } else { PostRole::Member };
            let (unit, since) = (dice.one(&units), start.plus_days(dice.between(0, 19)));
            rows.push(RosterRow { village: village.clone(), person, unit, role, since });
        }
    }
    rows
}
