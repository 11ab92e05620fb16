//! Units that send people: number, name, level, kind, strengths.

use base::{
    i18n::Text,
    kernel::{DivisionCode, Phone},
    sheet::{Book, Row, read_number, read_phone, squeeze},
    text,
};

use super::{Field, Kind, Line, Mapping, Outcome, Source, Spot, code, field, sources, villages::pieces};
use crate::units::UnitLevel;

pub static UNITS: Kind = Kind { code: "units", name: "派出单位", fields: FIELDS, either: &[] };

const FIELDS: &[Field] = &[
    field("unit_id", "单位编号", &["编号代码", "单位代码", "统一社会信用代码"]).hint("可空；有编号的按编号认。"),
    field("name", "单位名称", &["名称", "单位", "派出单位", "选派单位", "unit", "unit_name"])
        .required()
        .hint("单位全称。"),
    field("level", "层级", &["级别", "单位层级"]).choices(&["省", "市", "县", "乡镇"]),
    field("kind", "单位性质", &["性质", "类型", "单位类型"]),
    field("system", "系统", &["所属系统", "系统分类"]),
    field("strong", "实力强", &["强单位", "是否实力强"]).choices(&["是", "否"]),
    field("home_code", "所在地", &["所在地代码", "区划代码", "行政区划代码", "division_code"])
        .hint("所在地的区划代码。"),
    field("max_teams", "最多队数", &["可派队数"]),
    field("strengths", "优势", &["帮扶优势"]).hint("多个用分号隔开。"),
    field("contact", "联系人", &["联络员"]),
    field("phone", "联系电话", &["电话", "手机", "联系方式"]),
];

/// A good row.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitRow {
    pub spot: Spot,
    pub unit_id: Option<String>,
    pub name: String,
    pub level: Option<UnitLevel>,
    pub kind: Option<String>,
    pub system: Option<String>,
    pub strong: Option<bool>,
    pub home: Option<DivisionCode>,
    pub max_teams: Option<f64>,
    pub strengths: Vec<String>,
    pub contact: Option<String>,
    pub phone: Option<Phone>,
}

#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping) -> Outcome<UnitRow> {
    let sources = match sources(&UNITS, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen = std::collections::HashMap::new();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&[]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let mut made = unit(source, row);
            if let Ok(good) = &made {
                let key = good.unit_id.clone().unwrap_or_else(|| good.name.clone());
                if let Some(first) = seen.get(&key) {
                    let message = text!("与第 {first} 行是同一个单位，请合并成一行", first = first);
                    made = Err(vec![source.problem(row, "name", code::REPEATED, message)]);
                } else {
                    seen.insert(key, row.number);
                }
            }
            outcome.take(made);
        }
    }
    outcome
}

fn level(text: &str) -> Option<UnitLevel> {
    UnitLevel::parse(text).or(match text.trim_end_matches(['级', '直', '属']) {
        "省" | "自治区" => Some(UnitLevel::Province),
        "市" => Some(UnitLevel::City),
        "县" | "区" | "县区" => Some(UnitLevel::County),
        "乡" | "镇" | "乡镇" | "街道" => Some(UnitLevel::Township),
        _ => None,
    })
}

fn unit(source: &Source<'_>, row: &Row) -> Result<UnitRow, Vec<super::Problem>> {
    let mut problems = vec![];
    let mut fail = |key: &str, code, message: Text| problems.push(source.problem(row, key, code, message));
    let text = |key: &str| Some(source.text(row, key)).filter(|text| !text.is_empty());
    let name = squeeze(&source.text(row, "name"));
    if name.is_empty() {
        fail("name", code::MISSING_REQUIRED, text!("单位名称不能空着，请补上"));
    }
    let said = text("level").map(|text| squeeze(&text).to_lowercase());
    let known = said.as_deref().and_then(level);
    if let (Some(said), None) = (&said, known) {
        fail("level", code::BAD_VALUE, text!("层级“{said}”无法识别，请填 省、市、县、乡镇 之一", said = said));
    }
    let home = text("home_code").map(|text| (DivisionCode::parse(&squeeze(&text)), text));
    if let Some((None, text)) = &home {
        fail("home_code", code::UNKNOWN_DIVISION, text!("“{text}”不是区划代码", text = text));
    }
    let max_teams = read_number(source.cell(row, "max_teams")).unwrap_or_else(|text| {
        fail("max_teams", code::BAD_VALUE, text!("“{text}”不是数字", text = text));
        None
    });
    let phone = read_phone(source.cell(row, "phone")).unwrap_or_else(|text| {
        fail("phone", code::BAD_PHONE, text!("“{text}”不是电话号码", text = text));
        None
    });
    let strong = text("strong").map(|text| matches!(text.as_str(), "1" | "是" | "√" | "强" | "true" | "TRUE"));
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(UnitRow {
        spot: source.spot(row),
        unit_id: text("unit_id"),
        name,
        level: known,
        kind: text("kind"),
        system: text("system"),
        strong,
        home: home.and_then(|(code, _)| code),
        max_teams,
        strengths: pieces(&source.text(row, "strengths")),
        contact: text("contact"),
        phone,
    })
}
