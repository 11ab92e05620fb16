//! Divisions: code, name, level, parent; the columns of the official lists.

use base::{
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::{Book, squeeze},
    text,
};

use super::{Field, Kind, Line, Mapping, Outcome, Problem, Spot, code, field, sources};

pub static DIVISIONS: Kind = Kind { code: "divisions", name: "行政区划", fields: FIELDS, either: &[] };

const FIELDS: &[Field] = &[
    field("code", "代码", &["区划代码", "行政区划代码", "统计用区划代码", "division_code"])
        .required()
        .hint("12 位统计用区划代码。"),
    field("name", "名称", &["区划名称", "行政区划名称", "division_name"]).required(),
    field("level", "级别", &["层级", "行政级别"]).choices(&["省", "市", "县", "乡镇", "村"]).hint("可空：由代码得出。"),
    field("parent_code", "上级代码", &["上级区划代码", "父级代码", "parent"]).hint("可空：由代码得出。"),
    field("urban_rural_class", "城乡分类代码", &["城乡分类", "城乡划分代码"]),
];

/// A good row; level and parent follow from the code and are only checked against what is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DivisionRow {
    pub spot: Spot,
    pub code: DivisionCode,
    pub name: String,
    pub level: Level,
    pub urban_rural_class: Option<String>,
}

#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping) -> Outcome<DivisionRow> {
    let sources = match sources(&DIVISIONS, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen = std::collections::HashMap::new();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&[]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let text = |key: &str| squeeze(&source.text(row, key));
            let mut problems: Vec<Problem> = vec![];
            let mut fail = |key, code, message: Text| problems.push(source.problem(row, key, code, message));
            let division = DivisionCode::parse(&text("code"));
            let (name, level) = (text("name"), text("level"));
            if division.is_none() {
                fail("code", code::BAD_VALUE, text!("“{said}”不是区划代码，应为 12 位数字", said = text("code")));
            }
            if name.is_empty() {
                fail("name", code::MISSING_REQUIRED, text!("名称不能空着，请补上"));
            }
            if let Some(division) = division {
                let written = Level::ALL.into_iter().find(|known| known.code() == level || known.zh() == level);
                if written.is_some_and(|written| written != division.level()) {
                    let message = text!(
                        "级别“{said}”与代码不符，代码是{level}级的",
                        said = level,
                        level = Text::key(division.level().zh())
                    );
                    fail("level", code::BAD_VALUE, message);
                }
                if let Some(first) = seen.get(&division) {
                    fail("code", code::REPEATED, text!("代码与第 {first} 行重复，请删去其中一行", first = first));
                }
                seen.entry(division).or_insert(row.number);
            }
            let class = Some(text("urban_rural_class")).filter(|class| !class.is_empty());
            outcome.take(match division {
                Some(code) if problems.is_empty() => {
                    let level = code.level();
                    Ok(DivisionRow { spot: source.spot(row), code, name, level, urban_rural_class: class })
                }
                _ => Err(problems),
            });
        }
    }
    outcome
}
