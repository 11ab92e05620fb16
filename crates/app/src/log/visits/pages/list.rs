//! The list of visits by village, and the same as a file.

use std::collections::HashMap;

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, Table, filters},
    kernel::{CountyId, Month},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::super::store::{self, Filter, Line, VisitorRow};
use crate::{
    accounts::Permission,
    log::{entries::pages::months, section, shorten},
    places::short_name,
    web::Ctx,
};

const EXPORT: i64 = 100_000;

#[derive(Template)]
#[template(path = "log/visits/visits.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    may_write: bool,
}

struct Row {
    day: String,
    href: String,
    village: String,
    township: String,
    who: String,
    words: String,
}

type Visitors = HashMap<String, Vec<VisitorRow>>;

async fn visitors(conn: &mut Conn, rows: &[Line]) -> AppResult<Visitors> {
    let mut by_county: HashMap<CountyId, Vec<&str>> = HashMap::new();
    for row in rows {
        let ids = by_county.entry(row.county_id).or_default();
        if !ids.contains(&row.visit_id.as_str()) {
            ids.push(&row.visit_id);
        }
    }
    let mut found = Visitors::new();
    for (county, ids) in by_county {
        for visitor in store::visitors_of(conn, county, &ids).await? {
            found.entry(visitor.visit_id.clone()).or_default().push(visitor);
        }
    }
    Ok(found)
}

/// `县委 副书记 秦思远`
pub fn full_name(visitor: &VisitorRow) -> String {
    let post = visitor.post.as_deref().unwrap_or_default();
    [visitor.unit_name.as_str(), post, &visitor.name]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn names(visitors: Option<&Vec<VisitorRow>>) -> String {
    visitors.into_iter().flatten().map(full_name).collect::<Vec<_>>().join("、")
}

fn filter_of(address: &Address) -> Filter {
    let name = Some(address.get("name").trim().to_owned()).filter(|value| !value.is_empty());
    Filter { name, month: Month::parse(address.get("month")) }
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
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    let all = std::iter::once(Choice::new("", text!("全部")));
    let months = all.chain(months(ctx.today, address.get("month"))).collect();
    let fields = vec![
        field("name", text!("来的人"), FilterKind::Words),
        field("month", text!("月份"), FilterKind::Select(months)),
    ];
    let columns = vec![
        Column::new(text!("日期")),
        Column::new(text!("村")),
        Column::new(text!("来的人")),
        Column::new(text!("看了什么，说了什么")),
    ];
    let table = Table::new(text!("调研指导"), &address, fields, columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let who = visitors(&mut conn, &rows).await?;
    let row = |line: Line| Row {
        href: format!("/visits/{}/{}", line.county_id, line.visit_id),
        day: line.day.to_string(),
        village: short_name(&line.village_name.unwrap_or_else(|| line.village.to_string())),
        township: line.township_name.unwrap_or_default(),
        who: names(who.get(&line.visit_id)),
        words: shorten(&line.words, 80),
    };
    let rows = rows.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("调研指导"), place).await?;
    let may_write = ctx.may(Permission::VisitsWrite);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/visits"), table, rows, may_write }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, &scope, &filter_of(&address), EXPORT, 0).await?;
    let who = visitors(&mut conn, &rows).await?;
    let headers = ["日期", "乡镇", "村", "村代码", "来的人", "看了什么说了什么", "编号"];
    let layout = Layout::new("调研指导", headers.into_iter().map(SheetColumn::new).collect());
    let row = |line: Line| -> Vec<Value> {
        vec![
            line.day.to_string().into(),
            line.township_name.into(),
            line.village_name.as_deref().map(short_name).into(),
            line.village.to_string().into(),
            names(who.get(&line.visit_id)).into(),
            line.words.into(),
            line.visit_id.into(),
        ]
    };
    ctx.sheet("调研指导", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
