//! The list of entries, filtered in the address, and the same as a file: a row for each outcome.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{
        Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, Tone, filters,
    },
    i18n::Text,
    kernel::{CountyId, Day, Month},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::super::{
    Duty, OutcomeState,
    store::{self, Filter, Has, Line, OutcomeRow},
};
use crate::{
    accounts::Permission,
    log::{section, shorten},
    places::short_name,
    web::Ctx,
};

const EXPORT: i64 = 100_000;

#[derive(Template)]
#[template(path = "log/entries/entries.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<ShownLine>,
    may_write: bool,
}

/// One entry as a line.
pub struct ShownLine {
    pub day: String,
    pub href: String,
    pub name: String,
    pub village: String,
    pub township: String,
    pub duty: Text,
    pub words: String,
    pub outcomes: Vec<Text>,
    pub state: Option<Shown>,
}

/// Entries with their outcomes as lines.
pub async fn lines(conn: &mut Conn, rows: Vec<Line>) -> AppResult<Vec<ShownLine>> {
    let outcomes = outcomes(conn, &rows).await?;
    let line = |row: Line| ShownLine {
        href: format!("/log/{}/{}", row.county_id, row.id),
        day: row.day.to_string(),
        village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
        township: row.township_name.unwrap_or_default(),
        duty: Duty::parse(&row.duty).map(|duty| Text::key(duty.zh())).unwrap_or_default(),
        words: shorten(&row.words, 80),
        outcomes: outcomes.get(&row.id).into_iter().flatten().filter_map(in_words).collect(),
        state: (row.waiting > 0).then(|| Shown::new(Tone::Wait, Text::key(OutcomeState::Waiting.zh()))),
        name: row.person_name,
    };
    Ok(rows.into_iter().map(line).collect())
}

/// `引进帮扶资金 35 万元`
fn in_words(row: &OutcomeRow) -> Option<Text> {
    let outcome = row.outcome()?;
    let line = crate::log::menu::of(&outcome.indicator.code, &outcome.unit);
    let unit = line.map(|line| Text::key(line.unit)).unwrap_or_default();
    let name = Text::key(outcome.indicator.name.as_str());
    Some(text!("{name} {amount} {unit}", name = name, amount = outcome.typed, unit = unit))
}

/// The outcomes of entries by entry.
pub async fn outcomes(conn: &mut Conn, rows: &[Line]) -> AppResult<HashMap<String, Vec<OutcomeRow>>> {
    let mut by_county: HashMap<CountyId, Vec<&str>> = HashMap::new();
    for row in rows.iter().filter(|row| row.outcomes > 0) {
        by_county.entry(row.county_id).or_default().push(&row.id);
    }
    let mut found: HashMap<String, Vec<OutcomeRow>> = HashMap::new();
    for (county, ids) in by_county {
        for outcome in store::outcomes_of(conn, county, &ids).await? {
            found.entry(outcome.entry_id.clone()).or_default().push(outcome);
        }
    }
    Ok(found)
}

fn filter_of(address: &Address) -> Filter {
    let some = |name: &str| Some(address.get(name).trim().to_owned()).filter(|value| !value.is_empty());
    Filter {
        name: some("name"),
        person_id: some("person"),
        duty: Duty::parse(address.get("duty")),
        month: Month::parse(address.get("month")),
        has: Has::parse(address.get("has")),
        id: None,
    }
}

/// The last two years by month, and the one asked for.
pub fn months(today: Day, asked: &str) -> Vec<Choice> {
    let mut months: Vec<String> =
        (0..24).map(|back| today.month().first_day().plus_months(-back).month().to_string()).collect();
    if Month::parse(asked).is_some() && !months.iter().any(|month| month == asked) {
        months.push(asked.to_owned());
    }
    months.into_iter().map(|month| Choice::new(month.clone(), Text::data(month))).collect()
}

fn fields(address: &Address, today: Day) -> Vec<Field> {
    let all = || std::iter::once(Choice::new("", text!("全部")));
    let duties = all().chain(Duty::ALL.map(|duty| Choice::new(duty.code(), Text::key(duty.zh()))));
    let has = all().chain([
        Choice::new("outcome", text!("有成效")),
        Choice::new("waiting", text!("有待核")),
        Choice::new("none", text!("没有成效")),
    ]);
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("name", text!("姓名"), FilterKind::Words),
        field("month", text!("月份"), FilterKind::Select(all().chain(months(today, address.get("month"))).collect())),
        field("duty", text!("职责"), FilterKind::Select(duties.collect())),
        field("has", text!("成效"), FilterKind::Select(has.collect())),
    ]
}

fn columns() -> Vec<Column> {
    vec![
        Column::new(text!("日期")),
        Column::new(text!("村")),
        Column::new(text!("姓名")),
        Column::new(text!("职责")),
        Column::new(text!("做了什么")),
        Column::new(text!("成效")),
    ]
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let table = Table::new(text!("工作日志"), &address, fields(&address, ctx.today), columns())
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let rows = lines(&mut conn, rows).await?;
    let shell = ctx.shell(&mut conn, text!("记录"), place).await?;
    let may_write = ctx.may(Permission::LogWrite);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/log"), table, rows, may_write }))
}

/// What a file of the log holds; private notes are in none.
pub const HEADERS: [&str; 17] = [
    "日期",
    "乡镇",
    "村",
    "村代码",
    "姓名",
    "派出单位",
    "职责",
    "做了什么",
    "见了谁",
    "成效",
    "数量",
    "单位",
    "是什么给了谁",
    "凭据",
    "成效状态",
    "记录人",
    "编号",
];

fn sheet_rows(row: &Line, outcomes: &[OutcomeRow]) -> Vec<Vec<Value>> {
    let duty = Duty::parse(&row.duty).map(Duty::zh);
    let line = |outcome: Option<&OutcomeRow>| -> Vec<Value> {
        let read = outcome.and_then(OutcomeRow::outcome);
        vec![
            row.day.to_string().into(),
            row.township_name.clone().into(),
            row.village_name.as_deref().map(short_name).into(),
            row.village.to_string().into(),
            row.person_name.clone().into(),
            row.unit_name.clone().into(),
            duty.into(),
            row.words.clone().into(),
            row.met.clone().into(),
            read.as_ref().map(|outcome| outcome.indicator.name.clone()).into(),
            read.as_ref().map(|outcome| outcome.typed.clone()).into(),
            read.as_ref().map(|outcome| outcome.unit.clone()).into(),
            read.as_ref().and_then(|outcome| outcome.what.clone()).into(),
            read.as_ref().and_then(|outcome| outcome.evidence.clone()).into(),
            read.as_ref().map(|outcome| outcome.state.zh()).into(),
            row.writer.clone().into(),
            row.id.clone().into(),
        ]
    };
    if outcomes.is_empty() { vec![line(None)] } else { outcomes.iter().map(|one| line(Some(one))).collect() }
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, &scope, &filter_of(&address), EXPORT, 0).await?;
    let outcomes = outcomes(&mut conn, &rows).await?;
    let none = Vec::new();
    let layout = Layout::new("工作日志", HEADERS.into_iter().map(SheetColumn::new).collect());
    let rows = rows.iter().flat_map(|row| sheet_rows(row, outcomes.get(&row.id).unwrap_or(&none))).collect();
    ctx.sheet("工作日志", &Sheet { layout, rows }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
