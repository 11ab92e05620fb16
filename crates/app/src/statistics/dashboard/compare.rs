//! The parts of a place side by side, and how well each category of village is covered.

use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Cell, CompareRow},
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::{Format, Value},
    text,
    web::AppResult,
};

use super::{COMPARED, View, small};
use crate::{
    places::{self, Division},
    spine::facts::sums,
    statistics::rules::table_of,
    web::Ctx,
};

pub(super) fn title(place: DivisionCode) -> Text {
    match place.level() {
        Level::Nation => text!("各省"),
        Level::Province => text!("各市"),
        Level::City => text!("各县"),
        Level::County => text!("各乡镇"),
        Level::Township | Level::Village => text!("各村"),
    }
}

pub(super) fn heads(view: &View) -> Vec<Text> {
    let mut heads = vec![match view.place.level() {
        Level::Township | Level::Village => text!("村"),
        Level::Nation | Level::Province | Level::City | Level::County => text!("地方"),
    }];
    if view.coverage.is_some() {
        heads.push(text!("应派村"));
    }
    heads.extend([text!("已派村"), text!("在岗"), text!("第一书记"), text!("队员")]);
    if view.coverage.is_some() {
        heads.push(text!("缺口"));
    }
    heads
}

/// One line a part, and their sum.
pub(super) fn rows(view: &View) -> Vec<CompareRow> {
    let row = |code: DivisionCode, name: Text, href: Option<String>| {
        let asked = view.asked_of(code);
        let coverage = view.on_day("/coverage", code);
        let mut cells = Vec::new();
        if let Some((required, _)) = asked {
            cells.push(Cell::num(required).link(coverage.clone()));
        }
        cells.extend(COMPARED.map(|figure| Cell::num(view.amount(figure, code)).link(view.href(figure, code))));
        if let Some((_, missing)) = asked {
            cells.push(Cell::num(missing).link(format!("{coverage}&missing=1")));
        }
        CompareRow { name, href, cells }
    };
    let to = if view.span.to == view.today { String::new() } else { view.span.to.to_string() };
    let link = |code: DivisionCode| match code.level() {
        Level::Village => format!("/villages/{code}"),
        Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
            Address::parse("/dashboard").with("place", &code.to_string()).with("to", &to).to_string()
        }
    };
    let mut rows: Vec<CompareRow> =
        view.parts.iter().map(|part| row(part.code, Text::data(part.short()), Some(link(part.code)))).collect();
    if rows.len() > 1 {
        rows.push(row(view.place, text!("合计"), None));
    }
    rows
}

pub(super) async fn categories(conn: &mut Conn, view: &View) -> AppResult<Vec<CompareRow>> {
    let Some(coverage) = &view.coverage else { return Ok(Vec::new()) };
    let by_category = coverage.by_category();
    let codes: Vec<&str> = by_category.iter().map(|(category, ..)| category.posted_indicator()).collect();
    let posted = sums::amounts(conn, &codes, &[view.place], view.until()).await?;
    let href = view.on_day("/coverage", view.place);
    let row = |(category, required, met): &(places::VillageCategory, usize, usize)| {
        let figure = category.posted_indicator();
        let amount = posted.get(&(figure.to_owned(), view.place)).copied().unwrap_or(0);
        CompareRow {
            name: Text::key(category.zh()),
            href: None,
            cells: vec![
                Cell::num(required).link(format!("{href}&category={}", category.code())),
                Cell::num(amount).link(view.href(figure, view.place)),
                Cell::num(required - met).link(format!("{href}&missing=1&category={}", category.code())),
            ],
        }
    };
    Ok(by_category.iter().map(row).collect())
}

/// The comparison as a file.
pub(in crate::statistics) async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let view = View::load(&ctx, &mut conn).await?;
    let mut headers = vec!["代码", "名称"];
    if view.coverage.is_some() {
        headers.push("应派村");
    }
    headers.extend(["已派村", "在岗", "第一书记", "队员"]);
    if view.coverage.is_some() {
        headers.push("缺口");
    }
    let row = |part: &Division| {
        let count = |n: usize| Value::from(u32::try_from(n).unwrap_or(u32::MAX));
        let asked = view.asked_of(part.code);
        let mut cells = vec![Value::from(part.code.to_string()), Value::from(part.short())];
        cells.extend(asked.map(|(required, _)| count(required)));
        cells.extend(COMPARED.map(|figure| Value::Number(small(view.amount(figure, part.code)))));
        cells.extend(asked.map(|(_, missing)| count(missing)));
        cells
    };
    let name = title(view.place).zh();
    ctx.sheet(&name, &table_of(&name, &headers, view.parts.iter().map(row).collect()), format)
}
