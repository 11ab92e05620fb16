//! The units that post people: the generic list given a place, and each township's government.

use base::kernel::{DivisionCode, Level};

use super::lists;
use super::people::Numbers;
use super::world::{Division, Unit, UnitLevel, Village};

pub fn units(county: DivisionCode, divisions: &[Division], numbers: &mut Numbers) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for row in lists::units() {
        units.push(Unit {
            name: row.name.to_owned(),
            division: county.at(home(row.level)),
            level: row.level,
            kind: row.kind.to_owned(),
            system: row.system.to_owned(),
            strong: row.strong,
            strengths: row.strengths,
            phone: numbers.phone(),
        });
    }
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
