//! The lists shipped inside the program (`crates/app/data/README.md` says where they come from).

use base::kernel::{DivisionCode, Level};

use super::world::{Division, Gender, UnitLevel};

const DIVISIONS: &str = include_str!("../../data/divisions/411327_2020.csv");
const SURNAMES: &str = include_str!("../../data/surnames.csv");
const GIVEN_NAMES: &str = include_str!("../../data/given_names.csv");
const RANKS: &str = include_str!("../../data/ranks.csv");
const UNITS: &str = include_str!("../../data/units.csv");

/// The fields of each row below the header. The lists hold no quotes.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// 社旗 with the city and province above it.
#[must_use]
pub fn divisions() -> Vec<Division> {
    let read = |fields: Vec<&str>| {
        let (code, name) = (DivisionCode::parse(fields.first()?)?, *fields.get(1)?);
        Some(Division { code, name: name.to_owned(), short: short_name(name), level: Level::parse(fields.get(2)?)? })
    };
    rows(DIVISIONS).filter_map(read).collect()
}

/// Official lists spell out the committee; people do not.
fn short_name(name: &str) -> String {
    if let Some(village) = name.strip_suffix("村民委员会") {
        return format!("{village}村");
    }
    name.strip_suffix("居民委员会").unwrap_or(name).to_owned()
}

/// Surnames, and the running totals of their weights in 1/1000 per cent.
#[must_use]
pub fn surnames() -> (Vec<&'static str>, Vec<u32>) {
    let mut total = 0;
    let read = |fields: Vec<&'static str>| {
        total += weight(fields.get(1)?);
        Some((*fields.first()?, total))
    };
    rows(SURNAMES).filter_map(read).unzip()
}

/// `7.17` is 7170: whole numbers, so that no machine rounds differently.
fn weight(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<3}").parse().unwrap_or(0)
}

#[must_use]
pub fn given_names(gender: Gender) -> Vec<&'static str> {
    let letter = match gender {
        Gender::Male => "M",
        Gender::Female => "F",
    };
    rows(GIVEN_NAMES).filter(|fields| fields.get(1) == Some(&letter)).filter_map(|f| f.first().copied()).collect()
}

/// One rank of the register's ordered lists; order 1 is the highest of its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rank {
    pub group: &'static str,
    pub order: u8,
    pub name: &'static str,
}

#[must_use]
pub fn ranks() -> Vec<Rank> {
    let read = |fields: Vec<&'static str>| match fields.as_slice() {
        [group, order, name] => Some(Rank { group, order: order.parse().ok()?, name }),
        _ => None,
    };
    rows(RANKS).filter_map(read).collect()
}

/// A unit of the generic list, without its place and telephone.
pub struct UnitRow {
    pub level: UnitLevel,
    pub name: &'static str,
    pub kind: &'static str,
    pub system: &'static str,
    pub strong: bool,
    pub strengths: Vec<&'static str>,
}

#[must_use]
pub fn units() -> Vec<UnitRow> {
    let read = |fields: Vec<&'static str>| match fields.as_slice() {
        [level, name, kind, system, strong, strengths] => Some(UnitRow {
            level: UnitLevel::parse(level)?,
            name,
            kind,
            system,
            strong: *strong == "1",
            strengths: strengths.split(';').collect(),
        }),
        _ => None,
    };
    rows(UNITS).filter_map(read).collect()
}
