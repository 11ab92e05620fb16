//! Villages: what the register keeps beside code and name.

use base::{
    kernel::{Day, DivisionCode},
    sheet::{Book, Row, read_day, read_number},
    text,
};

use super::{
    Asked, Field, Kind, Line, Mapping, Outcome, PlaceIndex, PlaceProblem, Problem, Source, Spot, code, field, sources,
};
use crate::places::VillageCategory;

pub static VILLAGES: Kind =
    Kind { code: "villages", name: "村情况", fields: FIELDS, either: &[&["village_code", "village"]] };

const FIELDS: &[Field] = &[
    field("village_code", "村代码", &["行政区划代码", "区划代码", "统计用区划代码", "code", "division_code"])
        .hint("12 位统计用区划代码。"),
    field("township", "乡镇", &["乡镇（街道）", "所在乡镇", "镇"]),
    field("village", "村名", &["村", "名称", "行政村", "村名称", "name", "village_name"]).hint("与村代码任填其一。"),
    field("category", "村类别", &["类别", "村类型", "类型"])
        .choices(&["脱贫村", "乡村振兴任务重的村", "党组织软弱涣散村", "示范创建村", "面上村"])
        .hint("多个用分号隔开。"),
    field("category_since", "类别起始日", &["类别开始日期", "类别起始日期"]).hint("空着时，新类别从今天起。"),
    field("stars", "支部星级", &["星级", "星级评定"]).hint("0–5。"),
    field("stars_year", "星级年度", &["评星年度"]).hint("空着时为上一年。"),
    field("households", "户数", &["总户数", "农户数"]),
    field("members", "人口", &["总人口", "人口数", "人数", "population"]),
    field("relieved_households", "脱贫户数", &["脱贫户"]),
    field("monitored_households", "监测户数", &["监测户", "监测对象户数"]),
    field("income", "集体经济收入", &["村集体经济收入", "集体收入", "collective_income", "集体经济收入万元"])
        .hint("万元。"),
    field("income_year", "收入年度", &[]).hint("空着时为上一年。"),
    field("industries", "产业", &["主导产业", "特色产业"]),
    field("needs", "需求", &["帮扶需求"]).hint("多个用分号隔开。"),
    field("team_size", "队伍人数", &["工作队人数"]),
    field("fixed_unit", "指定单位", &["固定单位"]),
    field("forbidden_units", "回避单位", &[]),
    field("neighbours", "相邻村", &["邻村"]),
    field("longitude", "经度", &["lon", "lng"]),
    field("latitude", "纬度", &["lat"]),
];

const NUMBERS: [&str; 11] = [
    "stars",
    "stars_year",
    "households",
    "members",
    "relieved_households",
    "monitored_households",
    "income",
    "income_year",
    "team_size",
    "longitude",
    "latitude",
];
const LISTS: [&str; 3] = ["industries", "needs", "forbidden_units"];

/// A good row: the village, and by key of the field the numbers, texts and lists that were filled in.
#[derive(Clone, PartialEq, Debug)]
pub struct VillageRow {
    pub spot: Spot,
    pub village: DivisionCode,
    /// In the order of the categories, each once; empty when nothing was filled in.
    pub categories: Vec<VillageCategory>,
    pub category_since: Option<Day>,
    pub numbers: Vec<(&'static str, f64)>,
    pub lists: Vec<(&'static str, Vec<String>)>,
    pub neighbours: Vec<DivisionCode>,
    pub fixed_unit: Option<String>,
}

impl VillageRow {
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        self.numbers.iter().find(|(known, _)| *known == key).map(|(_, number)| *number)
    }

    /// Empty when nothing was filled in.
    #[must_use]
    pub fn list(&self, key: &str) -> &[String] {
        self.lists.iter().find(|(known, _)| *known == key).map_or(&[], |(_, list)| list)
    }
}

/// Pieces between `;` `、` `,`; blanks dropped.
#[must_use]
pub fn pieces(text: &str) -> Vec<String> {
    text.split([';', '；', '、', ',', '，', '|'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping, places: &PlaceIndex) -> Outcome<VillageRow> {
    let sources = match sources(&VILLAGES, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen = std::collections::HashMap::new();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&["township"]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let mut made = village(source, row, places);
            if let Ok(good) = &made {
                if let Some(first) = seen.get(&good.village) {
                    let message = text!("与第 {first} 行是同一个村，请合并成一行", first = first);
                    made = Err(vec![source.problem(row, "village", code::REPEATED, message)]);
                } else {
                    seen.insert(good.village, row.number);
                }
            }
            outcome.take(made);
        }
    }
    outcome
}

fn village(source: &Source<'_>, row: &Row, places: &PlaceIndex) -> Result<VillageRow, Vec<Problem>> {
    let mut problems = vec![];
    let (code, township, name) =
        (source.text(row, "village_code"), source.text(row, "township"), source.text(row, "village"));
    let found = if code.is_empty() && name.is_empty() {
        problems.push(source.problem(row, "village", code::MISSING_REQUIRED, text!("村名和村代码至少填一个")));
        None
    } else {
        let asked = Asked { code: &code, county: "", township: &township, village: &name };
        places.village(asked).map_err(|problem| problems.push(no_village(source, row, &name, problem))).ok()
    };
    let numbers = numbers(source, row, &mut problems);
    let categories = categories(source, row, &mut problems);
    let category_since =
        read_day(source.cell(row, "category_since"), source.sheet.epoch_1904).unwrap_or_else(|wrong| {
            problems.push(source.problem(row, "category_since", code::BAD_DATE, wrong.say()));
            None
        });
    let neighbours = neighbours(source, row, &township, places, &mut problems);
    let lists = LISTS.map(|key| (key, pieces(&source.text(row, key)))).into_iter().filter(|(_, list)| !list.is_empty());
    let fixed_unit = Some(source.text(row, "fixed_unit")).filter(|unit| !unit.is_empty());
    match found {
        Some(village) if problems.is_empty() => Ok(VillageRow {
            spot: source.spot(row),
            village,
            categories,
            category_since: category_since.map(|day| day.day),
            numbers,
            lists: lists.collect(),
            neighbours,
            fixed_unit,
        }),
        _ => Err(problems),
    }
}

fn numbers(source: &Source<'_>, row: &Row, problems: &mut Vec<Problem>) -> Vec<(&'static str, f64)> {
    let mut numbers = vec![];
    for key in NUMBERS {
        let fits = |number: f64| match key {
            "stars" => (0.0..=5.0).contains(&number) && number.fract() == 0.0,
            "stars_year" | "income_year" => (1990.0..=2100.0).contains(&number) && number.fract() == 0.0,
            "longitude" => (70.0..=140.0).contains(&number),
            "latitude" => (0.0..=60.0).contains(&number),
            "income" => number.abs() < 1e9,
            _ => (0.0..1e9).contains(&number) && number.fract() == 0.0,
        };
        match read_number(source.cell(row, key)) {
            Ok(Some(number)) if fits(number) => numbers.push((key, number)),
            Ok(Some(number)) => {
                problems.push(source.problem(
                    row,
                    key,
                    code::BAD_VALUE,
                    text!("“{number}”超出范围，请核对", number = number),
                ));
            }
            Ok(None) => {}
            Err(text) => {
                problems.push(source.problem(row, key, code::BAD_VALUE, text!("“{text}”不是数字", text = text)));
            }
        }
    }
    numbers
}

fn categories(source: &Source<'_>, row: &Row, problems: &mut Vec<Problem>) -> Vec<VillageCategory> {
    let mut found = vec![];
    for word in pieces(&source.text(row, "category")) {
        match VillageCategory::parse(&word) {
            Some(category) => found.push(category),
            None => {
                let all = VillageCategory::ALL.map(VillageCategory::zh).join("、");
                let message = text!("村类别“{word}”无法识别，请填 {all} 之一", word = word, all = all);
                problems.push(source.problem(row, "category", code::BAD_VALUE, message));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn neighbours(
    source: &Source<'_>,
    row: &Row,
    township: &str,
    places: &PlaceIndex,
    problems: &mut Vec<Problem>,
) -> Vec<DivisionCode> {
    let mut found = vec![];
    for word in pieces(&source.text(row, "neighbours")) {
        let by_code = DivisionCode::parse(&word).is_some();
        let asked = if by_code {
            Asked { code: &word, ..Asked::default() }
        } else {
            Asked { township, village: &word, ..Asked::default() }
        };
        let anywhere = Asked { township: "", ..asked };
        match places.village(asked).or_else(|_| places.village(anywhere)) {
            Ok(code) => found.push(code),
            Err(_) => {
                let message = text!("相邻村“{word}”不在区划中，请核对村名，或填村代码", word = word);
                problems.push(source.problem(row, "neighbours", code::UNKNOWN_DIVISION, message));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What is said of a row whose village was not found.
pub(super) fn no_village(source: &Source<'_>, row: &Row, name: &str, problem: PlaceProblem) -> Problem {
    let hint = |names: &[String]| Some(names.join("、")).filter(|names| !names.is_empty());
    match problem {
        PlaceProblem::UnknownCode => {
            source.problem(row, "village_code", code::UNKNOWN_DIVISION, text!("没有这个村代码，请核对"))
        }
        PlaceProblem::UnknownTownship { nearest } => source
            .problem(row, "township", code::UNKNOWN_DIVISION, text!("区划中没有这个乡镇，请核对名称"))
            .suggest(hint(&nearest)),
        PlaceProblem::Unknown { nearest } => source
            .problem(row, "village", code::UNKNOWN_DIVISION, text!("没有“{name}”，请核对村名和乡镇", name = name))
            .suggest(hint(&nearest)),
        PlaceProblem::Ambiguous { candidates } => source
            .problem(
                row,
                "village",
                code::AMBIGUOUS_DIVISION,
                text!("有几个村叫“{name}”，请写明乡镇或填村代码", name = name),
            )
            .suggest(hint(&candidates)),
    }
}
