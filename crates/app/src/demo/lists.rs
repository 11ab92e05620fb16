//! The lists shipped inside the program (`crates/app/data/README.md` says where they come from).

use std::io::{self, Read};

use base::kernel::{DivisionCode, Level};
use flate2::read::GzDecoder;

use super::world::{Division, Gender, UnitLevel};

const SHEQI: &str = include_str!("../../data/divisions/411327_2020.csv");
const FUSHAN: &str = include_str!("../../data/divisions/141027_2020.csv");
const WUZHOU: &str = include_str!("../../data/divisions/4504_2020.csv");
const SHEXIAN: &str = include_str!("../../data/divisions/341021_2020.csv");
const LONGKOU: &str = include_str!("../../data/divisions/370681_2020.csv");
const HUNAN: &[u8] = include_bytes!("../../data/divisions/43_2023.csv.gz");
const SURNAMES: &str = include_str!("../../data/surnames.csv");
const GIVEN_NAMES: &str = include_str!("../../data/given_names.csv");
const RANKS: &str = include_str!("../../data/ranks.csv");
const UNITS: &str = include_str!("../../data/units.csv");
const PROVINCE_UNITS: &str = include_str!("../../data/units_province.csv");

/// The fields of each row below the header. The lists hold no quotes.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// 社旗 with the city and province above it.
#[must_use]
pub fn divisions() -> Vec<Division> {
    read(SHEQI)
}

/// A county of which a list is shipped, with the city and province above it.
#[must_use]
pub fn county(county: DivisionCode) -> Vec<Division> {
    let above = |division: &Division| division.code.contains(county);
    let all = [SHEQI, FUSHAN, WUZHOU, SHEXIAN, LONGKOU].into_iter().flat_map(read);
    all.filter(|division| above(division) || county.contains(division.code)).collect()
}

/// 湖南 and everything below it, by code.
pub fn hunan() -> io::Result<Vec<Division>> {
    let mut list = String::new();
    GzDecoder::new(HUNAN).read_to_string(&mut list)?;
    let division = |fields: Vec<&str>| {
        let (code, name) = (DivisionCode::parse(fields.first()?)?, *fields.get(1)?);
        Some(Division { code, name: name.to_owned(), short: short_name(name), level: code.level() })
    };
    Ok(rows(&list).filter_map(division).collect())
}

fn read(list: &'static str) -> Vec<Division> {
    let division = |fields: Vec<&str>| {
        let (code, name) = (DivisionCode::parse(fields.first()?)?, *fields.get(1)?);
        Some(Division { code, name: name.to_owned(), short: short_name(name), level: Level::parse(fields.get(2)?)? })
    };
    rows(list).filter_map(division).collect()
}

/// Official lists spell out the committee; people do not.
fn short_name(name: &str) -> String {
    for committee in ["村民委员会", "村委会"] {
        if let Some(village) = name.strip_suffix(committee) {
            return format!("{village}村");
        }
    }
    let community = name.strip_suffix("居民委员会").or_else(|| name.strip_suffix("居委会"));
    community.unwrap_or(name).to_owned()
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
    unit_rows(UNITS)
}

/// Units of a province, for one that sends people everywhere.
#[must_use]
pub fn province_units() -> Vec<UnitRow> {
    unit_rows(PROVINCE_UNITS)
}

fn unit_rows(list: &'static str) -> Vec<UnitRow> {
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
    rows(list).filter_map(read).collect()
}
