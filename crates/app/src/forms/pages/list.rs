//! Forms of a place, newest first.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter, FilterKind, Pages, Shell, Table, filters},
    text,
    web::AppResult,
};

use super::super::store;
use crate::{accounts::Permission, places, web::Ctx};

#[derive(Template)]
#[template(path = "forms/report_forms.html")]
struct ListPage {
    shell: Shell,
    table: Table,
    rows: Vec<Row>,
    new: Option<String>,
}

struct Row {
    href: String,
    title: String,
    kind: String,
    place: String,
    ties: i64,
    fills: i64,
    who: String,
    when: String,
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let scope = ctx.scope.within(place);
    let retired = address.get("state") == "retired";
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, retired).await?;
    let lines = store::list(&mut conn, &scope, retired, pages.span()).await?;
    let choices = vec![Choice::new("", text!("在用")), Choice::new("retired", text!("已停用"))];
    let value = if retired { "retired".to_owned() } else { String::new() };
    let filter = Filter { name: "state", label: text!("状态"), kind: FilterKind::Select(choices), value };
    let columns = vec![
        Column::new(text!("报表")),
        Column::new(text!("文件")),
        Column::new(text!("地方")),
        Column::new(text!("对应了几格")).num(),
        Column::new(text!("填过几次")).num(),
        Column::new(text!("谁上传的")),
    ];
    let mut table = Table::new(text!("上级报表"), &address, vec![filter], columns);
    (table.xlsx, table.csv) = (None, None);
    let row = |line: store::Line| Row {
        href: format!("/forms/{}/{}", line.county_id, line.id),
        kind: format!(".{}", line.kind),
        place: places::short_name(&line.place_name.unwrap_or_else(|| line.place.to_string())),
        ties: line.ties,
        fills: line.fills,
        who: line.actor,
        when: line.made_at.local_minute(),
        title: line.title,
    };
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("上级报表"), Some(place)).await?,
        table: table.rows(u64::try_from(total).ok(), pages.pager(&address, total)),
        rows: lines.into_iter().map(row).collect(),
        new: ctx.may(Permission::FormsWrite).then(|| format!("/forms/new?place={place}")),
    };
    Ok(ctx.page(&page))
}
