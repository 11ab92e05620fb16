//! Files out: the same columns that import takes, so that what is written here reads back as unchanged.

use std::collections::HashMap;

use base::{
    db::Conn,
    kernel::{CountyId, DivisionCode, Fen},
    seal::Keys,
    sheet::{Column, Layout, Table, Value},
    web::AppError,
};

use super::{FileKind, households::ALL as ALL_HOUSEHOLDS, matters};
use crate::{
    accounts::Scope,
    app::App,
    households,
    people::{self, Gender, store::PersonRow},
    places::{self, Village},
    postings::{
        self,
        store::{Filter, ListRow, Sort},
    },
    units::{self, UnitLevel},
};

/// More rows than any province has.
const ALL: i64 = 2_000_000;
/// People whose numbers are opened at a time.
const PAGE: i64 = 2_000;

/// Everything of a kind in a place. Rosters and people carry whole ID numbers, by which import knows people again: this
/// is for the command line, whose user holds the key file anyway.
pub async fn export(conn: &mut Conn, app: &App, kind: FileKind, place: DivisionCode) -> Result<Table, AppError> {
    let keys = &app.keys;
    match kind {
        FileKind::Matters => matters::sheet(conn, app, place).await,
        FileKind::Roster => roster(conn, keys, place).await,
        FileKind::Villages => villages(conn, place).await,
        FileKind::Units => units(conn, place).await,
        FileKind::Cadres => cadres(conn, keys, place).await,
        FileKind::Divisions => divisions(conn, place).await,
        FileKind::Households => {
            let rows =
                households::store::list(conn, &Scope::of(place), &Default::default(), (ALL_HOUSEHOLDS, 0)).await?;
            Ok(households::sheet(rows))
        }
    }
}

fn table(kind: FileKind, headers: &[&str]) -> Table {
    Table { layout: Layout::new(kind.zh(), headers.iter().map(|header| Column::new(header)).collect()), rows: vec![] }
}

/// A text as it stands, or nothing.
fn text(value: Option<impl Into<String>>) -> Value {
    value.map(Into::into).unwrap_or_default().into()
}

fn number(value: Option<i64>) -> Value {
    text(value.map(|number| number.to_string()))
}

/// Postings that are or were held.
async fn roster(conn: &mut Conn, keys: &Keys, place: DivisionCode) -> Result<Table, AppError> {
    let filter = Filter { state: Some("all".into()), ..Filter::default() };
    let rows = postings::store::list(conn, &Scope::of(place), &filter, Sort::Village, ALL, 0).await?;
    let held: Vec<ListRow> = rows.into_iter().filter(|row| matches!(row.state.as_str(), "on_post" | "ended")).collect();
    let mut by_county: HashMap<CountyId, Vec<String>> = HashMap::new();
    for row in &held {
        by_county.entry(row.person_county).or_default().push(row.person_id.clone());
    }
    let mut people: HashMap<String, PersonRow> = HashMap::new();
    for (county, ids) in by_county {
        people.extend(people::store::find_all(conn, county, &ids).await?);
    }
    let of: Vec<String> = held.iter().map(|row| row.person_id.clone()).collect();
    let mut table = postings::roster_table(held);
    table.layout.columns.extend(["身份证号", "民族", "入党时间"].map(Column::new));
    for (row, person) in table.rows.iter_mut().zip(of) {
        let person = people.get(&person);
        let id = person.map(|person| person.id_number(keys)).transpose()?.flatten();
        row.push(text(id.map(|id| id.reveal().to_owned())));
        row.push(text(person.and_then(|person| person.ethnicity.clone())));
        row.push(text(person.and_then(|person| person.party_since.clone())));
    }
    Ok(table)
}

async fn divisions(conn: &mut Conn, place: DivisionCode) -> Result<Table, AppError> {
    let mut all = places::store::path(conn, place).await?;
    all.retain(|division| division.code != place);
    all.extend(places::store::list(conn, place.area()).await?);
    let mut table = table(FileKind::Divisions, &["代码", "名称", "级别", "上级代码"]);
    table.rows = all
        .into_iter()
        .map(|one| {
            let level = one.level().zh();
            vec![one.code.to_string().into(), one.name.into(), level.into(), one.parent.to_string().into()]
        })
        .collect();
    Ok(table)
}

const VILLAGE_HEADERS: [&str; 18] = [
    "村代码",
    "乡镇",
    "村名",
    "村类别",
    "类别起始日",
    "支部星级",
    "星级年度",
    "户数",
    "人口",
    "脱贫户数",
    "监测户数",
    "集体经济收入",
    "收入年度",
    "产业",
    "需求",
    "相邻村",
    "经度",
    "纬度",
];

async fn villages(conn: &mut Conn, place: DivisionCode) -> Result<Table, AppError> {
    let divisions = places::store::list(conn, place.area()).await?;
    let mut names: HashMap<DivisionCode, String> = divisions.into_iter().map(|one| (one.code, one.name)).collect();
    names.extend(places::store::path(conn, place).await?.into_iter().map(|one| (one.code, one.name)));
    let mut counties: Vec<CountyId> = names.keys().map(|code| code.county()).collect();
    counties.sort_unstable();
    counties.dedup();
    let mut table = table(FileKind::Villages, &VILLAGE_HEADERS);
    for county in counties {
        for (code, village) in places::store::villages(conn, county, place.area()).await? {
            table.rows.push(village_row(code, &village, &names));
        }
    }
    Ok(table)
}

fn village_row(code: DivisionCode, village: &Village, names: &HashMap<DivisionCode, String>) -> Vec<Value> {
    let name = |code: DivisionCode| names.get(&code).cloned();
    let open: Vec<_> = village.categories.iter().filter(|(_, _, until)| until.is_none()).collect();
    let categories: Vec<&str> = open.iter().map(|(category, ..)| category.zh()).collect();
    // Categories since different days have no one day; without it they read back as they are.
    let since = open.first().map(|(_, since, _)| *since).filter(|day| open.iter().all(|(_, since, _)| since == day));
    let (stars, income) = (village.stars.first(), village.income.first());
    let neighbours: Vec<String> = village.neighbours.iter().map(ToString::to_string).collect();
    vec![
        code.to_string().into(),
        text(name(code.parent())),
        text(name(code)),
        categories.join("；").into(),
        text(since.map(|day| day.to_string())),
        number(stars.map(|(_, stars)| *stars)),
        number(stars.map(|(year, _)| *year)),
        number(village.households),
        number(village.members),
        number(village.poor_households),
        number(village.monitored_households),
        text(income.map(|(_, fen)| wan_yuan(Fen(*fen)))),
        number(income.map(|(year, _)| *year)),
        village.industries.join("；").into(),
        village.needs.join("；").into(),
        neighbours.join("；").into(),
        text(village.location.map(|at| at.0.to_string())),
        text(village.location.map(|at| at.1.to_string())),
    ]
}

/// Fen as 万元, to the last fen.
fn wan_yuan(fen: Fen) -> String {
    let (sign, fen) = if fen.0 < 0 { ("-", -fen.0) } else { ("", fen.0) };
    let text = format!("{sign}{}.{:06}", fen / 1_000_000, fen % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

async fn units(conn: &mut Conn, place: DivisionCode) -> Result<Table, AppError> {
    let headers = ["单位编号", "单位名称", "层级", "单位性质", "系统", "实力强", "优势", "联系人", "联系电话"];
    let mut table = table(FileKind::Units, &headers);
    for (unit, tags) in units::store::of_counties(conn, place.area().counties()).await? {
        table.rows.push(vec![
            unit.id.into(),
            unit.name.into(),
            text(UnitLevel::parse(&unit.level).map(UnitLevel::zh)),
            text(unit.kind),
            text(unit.system),
            yes(unit.strong).into(),
            tags.join("；").into(),
            text(unit.contact),
            text(unit.phone),
        ]);
    }
    Ok(table)
}

fn yes(flag: i64) -> &'static str {
    if flag == 1 { "是" } else { "否" }
}

const CADRE_HEADERS: [&str; 17] = [
    "人员编号",
    "姓名",
    "性别",
    "出生年月",
    "身份证号",
    "民族",
    "入党时间",
    "学历",
    "单位",
    "职务",
    "职级",
    "联系电话",
    "专长",
    "基层经历",
    "涉农",
    "后备",
    "备注",
];

async fn cadres(conn: &mut Conn, keys: &Keys, place: DivisionCode) -> Result<Table, AppError> {
    let counties = place.area().counties();
    let units: HashMap<String, String> =
        units::store::of_counties(conn, counties).await?.into_iter().map(|(unit, _)| (unit.id, unit.name)).collect();
    let mut table = table(FileKind::Cadres, &CADRE_HEADERS);
    let mut after = String::new();
    loop {
        let page = people::store::list_after(conn, counties, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(table) };
        after.clone_from(&last.id);
        for person in page {
            table.rows.push(cadre_row(person, keys, &units)?);
        }
    }
}

fn cadre_row(person: PersonRow, keys: &Keys, units: &HashMap<String, String>) -> Result<Vec<Value>, AppError> {
    let id_number = person.id_number(keys)?.map(|id| id.reveal().to_owned());
    let gender = person.gender().map(Gender::zh);
    let specialities = person.specialities().join("；");
    let unit = person.unit_id.as_ref().and_then(|id| units.get(id)).cloned();
    Ok(vec![
        person.id.into(),
        person.name.into(),
        text(gender),
        text(person.birth),
        text(id_number),
        text(person.ethnicity),
        text(person.party_since),
        text(person.education),
        text(unit),
        text(person.position),
        text(person.rank),
        text(person.phone),
        specialities.into(),
        yes(person.village_experience).into(),
        yes(person.agriculture).into(),
        yes(person.reserve).into(),
        text(person.note),
    ])
}
