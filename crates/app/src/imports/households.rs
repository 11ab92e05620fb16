//! Registers of households as townships keep them: one row a household, with its village and its standing.

use std::collections::HashMap;

use base::{
    kernel::{Day, DivisionCode},
    sheet::{Book, Row, person_name, read_day, squeeze},
    text,
};

use super::{
    Asked, Field, Kind, Line, Mapping, Outcome, PlaceIndex, Problem, Source, Spot, code, field, sources,
    villages::no_village,
};
use crate::households::{Household, Status, Typed};

pub static HOUSEHOLDS: Kind =
    Kind { code: "households", name: "农户名册", fields: FIELDS, either: &[&["village_code", "village"]] };

const FIELDS: &[Field] = &[
    field("village_code", "村代码", &["行政区划代码", "区划代码", "统计用区划代码", "division_code"])
        .hint("12 位统计用区划代码。"),
    field("township", "乡镇", &["乡镇（街道）", "所在乡镇", "镇"]),
    field("village", "村名", &["村", "行政村", "村名称", "所在村", "village_name"])
        .hint("与村代码任填其一；填村名时请写明乡镇。"),
    field("number", "户号", &["household_number"]).hint("在本村内的号，整数；空着时按户主认，新的接着编号。"),
    field("head", "户主", &["户主姓名", "household_head"]).required(),
    field("team", "村民组", &["组别", "所在组", "村民小组", "自然村"]),
    field("members", "人口", &["家庭人口", "人口数", "人数", "家庭人口数"]).hint("1–50。"),
    field("status", "户类别", &["农户类型", "户属性", "农户属性", "脱贫户类型", "类别", "household_status"])
        .required()
        .choices(&["脱贫户", "监测户", "一般户"]),
    field("since", "起始日", &["户类别起始日", "从哪天起", "认定时间", "识别时间", "认定日期", "登记日"])
        .hint("户类别从哪天起；空着时，新的从今天起。"),
];

/// A good row.
#[derive(Clone, PartialEq, Debug)]
pub struct HouseholdRow {
    pub spot: Spot,
    /// With today where no day was written.
    pub household: Household,
    pub since: Option<Day>,
}

/// The rows of a file; `today` is the last day that may stand in it.
#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping, places: &PlaceIndex, today: Day) -> Outcome<HouseholdRow> {
    let sources = match sources(&HOUSEHOLDS, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen = Seen::default();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&["village_code", "township", "village"]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let made =
                household(source, row, places, today).and_then(|good| match seen.take(&good.household, row.number) {
                    None => Ok(good),
                    Some(first) => {
                        let message =
                            text!("与第 {first} 行是同一户，请合并成一行；同名的两户请各填户号", first = first);
                        Err(vec![source.problem(row, "head", code::REPEATED, message)])
                    }
                });
            outcome.take(made);
        }
    }
    outcome
}

/// The households of a file so far, by number and by head.
#[derive(Default)]
struct Seen {
    numbers: HashMap<(DivisionCode, i64), u32>,
    heads: HashMap<(DivisionCode, String), (u32, bool)>,
}

impl Seen {
    /// The earlier row that is the same household. Two of one head are two households where both have a number.
    fn take(&mut self, household: &Household, row: u32) -> Option<u32> {
        let numbered = household.number.is_some();
        let head = (household.village, household.head.clone());
        let same_head = self.heads.get(&head).filter(|(_, before)| !(numbered && *before)).map(|(first, _)| *first);
        let same_number = household.number.and_then(|number| self.numbers.get(&(household.village, number)).copied());
        if let Some(first) = same_number.or(same_head) {
            return Some(first);
        }
        self.heads.insert(head, (row, numbered));
        self.numbers.extend(household.number.map(|number| ((household.village, number), row)));
        None
    }
}

fn household(source: &Source<'_>, row: &Row, places: &PlaceIndex, today: Day) -> Result<HouseholdRow, Vec<Problem>> {
    let mut problems = vec![];
    let text = |key: &str| source.text(row, key);
    let (village_code, township, name) = (text("village_code"), text("township"), text("village"));
    let asked = Asked { code: &village_code, county: "", township: &township, village: &name };
    let village = if village_code.is_empty() && name.is_empty() {
        problems.push(source.problem(row, "village", code::MISSING_REQUIRED, text!("村名和村代码至少填一个")));
        None
    } else {
        places.village(asked).map_err(|problem| problems.push(no_village(source, row, &name, problem))).ok()
    };
    let number = match text("number").as_str() {
        "" => None,
        said => {
            let number = squeeze(said).parse::<i64>().ok().filter(|number| (1..100_000).contains(number));
            if number.is_none() {
                let message = text!("户号“{said}”应为 1 到 99999 的整数；不清楚就空着", said = said);
                problems.push(source.problem(row, "number", code::BAD_VALUE, message));
            }
            number
        }
    };
    let since = read_day(source.cell(row, "since"), source.sheet.epoch_1904).unwrap_or_else(|wrong| {
        problems.push(source.problem(row, "since", code::BAD_DATE, wrong.say()));
        None
    });
    let since = since.map(|loose| loose.day);
    let (head, team, members, status) =
        (person_name(&text("head")), text("team"), squeeze(&text("members")), squeeze(&text("status")));
    for (key, said, what) in [("head", &head, text!("户主")), ("status", &status, text!("户类别"))] {
        if said.is_empty() {
            problems.push(source.problem(
                row,
                key,
                code::MISSING_REQUIRED,
                text!("{what}不能空着，请补上", what = what),
            ));
        }
    }
    if !status.is_empty() && Status::parse(&status).is_none() {
        let message = text!("户类别“{status}”无法识别，请填 脱贫户、监测户、一般户 之一", status = status);
        problems.push(source.problem(row, "status", code::BAD_VALUE, message));
    }
    let (Some(village), true) = (village, problems.is_empty()) else { return Err(problems) };
    let day = since.unwrap_or(today).to_string();
    let typed = Typed { head: &head, team: &team, members: &members, status: &status, since: &day };
    match typed.household(village, today) {
        Ok(household) => {
            Ok(HouseholdRow { spot: source.spot(row), household: Household { number, ..household }, since })
        }
        Err(refusal) => {
            let key = refusal.field.unwrap_or("head");
            let code = if key == "since" { code::BAD_DATE } else { code::BAD_VALUE };
            Err(vec![source.problem(row, key, code, refusal.message)])
        }
    }
}
