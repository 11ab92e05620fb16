//! People alone, without postings: the register of cadres and the pool that a dispatch chooses from.

use base::{
    i18n::Text,
    kernel::{IdNumber, Phone},
    sheet::{Book, LooseDay, Row, person_name, read_day, read_id, read_phone},
    text,
};

use super::{Field, Kind, Line, Mapping, Outcome, Problem, Source, Spot, code, field, sources, villages::pieces};

pub static CADRES: Kind = Kind { code: "cadres", name: "干部信息", fields: FIELDS, either: &[] };

const FIELDS: &[Field] = &[
    field("person_id", "人员编号", &["干部编号"]).hint("可空；有编号的按编号认。"),
    field("name", "姓名", &["名字", "干部姓名", "人员姓名", "person_name"]).required(),
    field("gender", "性别", &["sex"]).choices(&["男", "女"]),
    field("birth", "出生年月", &["出生日期", "出生", "birth_date"]),
    field("id_number", "身份证号", &["身份证号码", "公民身份号码", "身份证", "证件号码", "id_card", "id"]),
    field("ethnicity", "民族", &["nation"]),
    field("party_since", "入党时间", &["入党", "入党年月", "入党日期"]),
    field("education", "学历", &["文化程度", "最高学历"]),
    field("unit", "单位", &["派出单位", "选派单位", "工作单位", "所在单位", "单位名称", "unit_name"]),
    field("unit_id", "单位编号", &[]),
    field("position", "职务", &["现任职务", "title"]),
    field("rank", "职级", &["级别"]),
    field("phone", "联系电话", &["手机", "手机号码", "电话", "联系方式", "mobile"]),
    field("specialities", "专长", &["特长"]).hint("多个用分号隔开。"),
    field("rural", "基层经历", &["农村工作经历"]).choices(&["是", "否"]),
    field("agri", "涉农", &["涉农专业"]).choices(&["是", "否"]),
    field("reserve", "后备", &["后备干部"]).choices(&["是", "否"]),
    field("home_township", "家乡乡镇", &["籍贯乡镇"]),
    field("gates", "三关", &["把关"]).hint("三个 1/0，用分号隔开。"),
    field("note", "备注", &["说明"]),
];

/// A good row. Words that the registers order (rank, unit) stay words here.
#[derive(Clone, PartialEq, Debug)]
pub struct CadreRow {
    pub spot: Spot,
    pub person_id: Option<String>,
    pub name: String,
    pub birth: Option<LooseDay>,
    pub id: Option<IdNumber>,
    pub party_since: Option<LooseDay>,
    pub phone: Option<Phone>,
    pub specialities: Vec<String>,
    pub rural: Option<bool>,
    pub agri: Option<bool>,
    pub reserve: Option<bool>,
    /// gender, ethnicity, education, unit, unit_id, position, rank, home_township, gates, note, as filled in.
    pub texts: Vec<(&'static str, String)>,
}

impl CadreRow {
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.texts.iter().find(|(known, _)| *known == key).map(|(_, text)| text.as_str())
    }
}

#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping) -> Outcome<CadreRow> {
    let sources = match sources(&CADRES, book, mapping) {
        Ok(sources) => sources,
        Err(problem) => return Outcome::failed(*problem),
    };
    let mut outcome = Outcome::default();
    let mut seen = std::collections::HashMap::new();
    for source in &sources {
        outcome.note_columns(source);
        for line in source.lines(&[]) {
            let (Line::Data(row) | Line::Band { row, apart: false, .. }) = line else { continue };
            let mut made = cadre(source, row);
            let key = made
                .as_ref()
                .ok()
                .and_then(|good| good.id.as_ref().map(|id| id.reveal().to_owned()).or_else(|| good.person_id.clone()));
            if let Some(key) = key {
                if let Some(first) = seen.get(&key) {
                    let message = text!("与第 {first} 行是同一个人，请合并成一行", first = first);
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

fn cadre(source: &Source<'_>, row: &Row) -> Result<CadreRow, Vec<Problem>> {
    const TEXTS: [&str; 10] =
        ["gender", "ethnicity", "education", "unit", "unit_id", "position", "rank", "home_township", "gates", "note"];
    let mut problems = vec![];
    let mut fail = |key: &str, code, message: Text| problems.push(source.problem(row, key, code, message));
    let name = person_name(&source.text(row, "name"));
    if name.is_empty() {
        fail("name", code::MISSING_REQUIRED, text!("姓名不能空着，请补上"));
    }
    let id = read_id(source.cell(row, "id_number")).unwrap_or_else(|problem| {
        fail("id_number", code::BAD_ID_NUMBER, problem.say());
        None
    });
    let mut day = |key: &str| {
        read_day(source.cell(row, key), source.sheet.epoch_1904).unwrap_or_else(|problem| {
            fail(key, code::BAD_DATE, problem.say());
            None
        })
    };
    let (birth, party_since) = (day("birth"), day("party_since"));
    let phone = read_phone(source.cell(row, "phone")).unwrap_or_else(|text| {
        fail("phone", code::BAD_PHONE, text!("“{text}”不是电话号码", text = text));
        None
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let text = |key: &'static str| Some(source.text(row, key)).filter(|text| !text.is_empty());
    let flag = |key| text(key).map(|said| matches!(said.as_str(), "1" | "是" | "√" | "有" | "true" | "TRUE"));
    let birth = birth.or_else(|| id.as_ref().and_then(IdNumber::birth).map(LooseDay::exact));
    Ok(CadreRow {
        spot: source.spot(row),
        person_id: text("person_id"),
        name,
        birth,
        id,
        party_since,
        phone,
        specialities: pieces(&source.text(row, "specialities")),
        rural: flag("rural"),
        agri: flag("agri"),
        reserve: flag("reserve"),
        texts: TEXTS.into_iter().filter_map(|key| text(key).map(|text| (key, text))).collect(),
    })
}
