//! The list of meetings.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Column, Link, Pages, Shell, State as Shown, Table, filters},
    text,
    web::AppResult,
};

use super::super::{rules::State, store};
use crate::{accounts::Permission, express::section, places::short_name, web::Ctx};

#[derive(Template)]
#[template(path = "express/meetings/meetings.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    may_plan: bool,
}

struct Row {
    href: String,
    title: String,
    day: String,
    place: String,
    state: Shown,
    items: i64,
    answered: i64,
    claimed: i64,
    struck_off: i64,
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, limit, offset).await?;
    let columns = vec![
        Column::new(text!("对接会")),
        Column::new(text!("日期")),
        Column::new(text!("状态")),
        Column::new(text!("议题")).num(),
        Column::new(text!("当场答复")).num(),
        Column::new(text!("认领、督办")).num(),
        Column::new(text!("已销号")).num(),
    ];
    let mut table = Table::new(text!("项目对接会"), &address, Vec::new(), columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    (table.xlsx, table.csv) = (None, None);
    let row = |line: store::Line| Row {
        href: format!("/problem-meetings/{}/{}", line.county_id, line.id),
        title: line.title,
        day: line.day.to_string(),
        place: short_name(&line.division_name.unwrap_or_default()),
        state: State::parse(&line.state).map(super::pill).unwrap_or_default(),
        items: line.items,
        answered: line.answered,
        claimed: line.claimed,
        struck_off: line.struck_off,
    };
    let rows = rows.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("项目对接会"), place).await?;
    let may_plan = ctx.may(Permission::ProblemsSteer);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/problem-meetings"), table, rows, may_plan }))
}
