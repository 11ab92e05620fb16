//! The units that post people: the generic list given a place, and each township's government.

use base::kernel::{DivisionCode, Level};

use super::lists::{self, UnitRow};
use super::people::Numbers;
use super::world::{Division, Unit, UnitLevel, Village};

pub fn units(county: DivisionCode, divisions: &[Division], numbers: &mut Numbers) -> Vec<Unit> {
    let name = |level| divisions.iter().find(|one| one.level == level).map_or("", |one| one.name.as_str());
    let (own, city) = (name(Level::County), name(Level::City));
    let called = |row: &UnitRow| match (row.level, own.chars().last()) {
        // The list says 县; a city or a district of a county's rank has units of its own word.
        (UnitLevel::County, Some(word @ ('市' | '区'))) => row.name.replace('县', &word.to_string()),
        (UnitLevel::City, Some('市' | '区')) => of_city(city, row.name),
        (UnitLevel::Province | UnitLevel::City | UnitLevel::County | UnitLevel::Township, _) => row.name.to_owned(),
    };
    let mut units: Vec<Unit> =
        lists::units().into_iter().map(|row| unit(called(&row), county.at(home(row.level)), row, numbers)).collect();
    for township in divisions.iter().filter(|division| division.level == Level::Township) {
        let office = if township.name.ends_with("街道") { "办事处" } else { "人民政府" };
        units.push(Unit {
            name: format!("{}{office}", township.name),
            division: township.code,
            level: UnitLevel::Township,
            kind: "乡镇街道".to_owned(),
            system: "基层".to_owned(),
            strong: false,
            strengths: vec!["纠纷调解", "人居环境"],
            phone: numbers.phone(),
        });
    }
    units
}

/// A unit of the list, by its name there.
pub fn unit(name: String, division: DivisionCode, row: UnitRow, numbers: &mut Numbers) -> Unit {
    Unit {
        name,
        division,
        level: row.level,
        kind: row.kind.to_owned(),
        system: row.system.to_owned(),
        strong: row.strong,
        strengths: row.strengths,
        phone: numbers.phone(),
    }
}

/// `市委组织部` of a city by its full name, `长沙市委组织部`; an autonomous prefecture's is `湘西州委组织部`.
#[must_use]
pub fn of_city(city: &str, unit: &str) -> String {
    let Some(rest) = unit.strip_prefix('市') else { return unit.to_owned() };
    match city.strip_suffix("自治州") {
        Some(_) => format!("{}州{rest}", city.chars().take(2).collect::<String>()),
        None => format!("{city}{rest}"),
    }
}

const fn home(level: UnitLevel) -> Level {
    match level {
        UnitLevel::Province => Level::Province,
        UnitLevel::City => Level::City,
        UnitLevel::County => Level::County,
        UnitLevel::Township => Level::Township,
    }
}

/// How many of a village's needs are strengths of the unit (HN-4).
#[must_use]
pub fn fit(unit: &Unit, village: &Village) -> usize {
    unit.strengths.iter().filter(|strength| village.needs.contains(strength)).count()
}
