//! What may be seen of a village's ratings, as a page and as a file.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Shell, filters},
    kernel::{DivisionCode, Month},
    sheet::{Column, Format, Layout, Table, Value},
    text,
    web::{AppError, AppResult},
};

use super::super::{
    acts::{self, Results},
    rules::Window,
};
use crate::{places, web::Ctx};

#[derive(Template)]
#[template(path = "ratings/results.html")]
struct ResultsPage {
    shell: Shell,
    branch: Vec<Line>,
    members: Vec<Line>,
    /// Members whose marks are still too few.
    waiting: Vec<String>,
    words: Vec<(Month, Vec<String>)>,
    floor: i64,
    words_floor: i64,
    files: String,
}

/// A result in words and figures.
struct Line {
    name: String,
    months: String,
    satisfied: i64,
    fair: i64,
    dissatisfied: i64,
    all: i64,
    /// Whole per cent of satisfied among all.
    share: i64,
}

fn line(name: &str, window: &Window) -> Line {
    let all = window.sums.all();
    let months =
        if window.from == window.to { window.to.to_string() } else { format!("{} — {}", window.from, window.to) };
    Line {
        name: name.to_owned(),
        months,
        satisfied: window.sums.satisfied,
        fair: window.sums.fair,
        dissatisfied: window.sums.dissatisfied,
        all,
        share: (window.sums.satisfied * 100 + all / 2) / all.max(1),
    }
}

async fn read(ctx: &Ctx, conn: &mut Conn, code: &str) -> AppResult<(DivisionCode, String, Results)> {
    let village = DivisionCode::parse(code).ok_or(AppError::NotFound)?;
    ctx.scope.require(village)?;
    let place = places::store::find(conn, village).await?.ok_or(AppError::NotFound)?;
    let pack = ctx.app.pack(conn, village.county()).await?;
    let results = acts::results(conn, village, pack).await?;
    Ok((village, place.short(), results))
}

fn members(results: &Results) -> Vec<Line> {
    let lines = results.members.iter();
    lines.flat_map(|(name, windows)| windows.iter().rev().map(|window| line(name, window))).collect()
}

pub async fn show(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (village, name, results) = read(&ctx, &mut conn, &code).await?;
    let pack = ctx.pack(&mut conn, village.county()).await?;
    let (floor, words_floor) = (acts::floor(pack), acts::words_floor(pack));
    let branch = format!("{name}党支部");
    let waiting = results.members.iter().filter(|(_, windows)| windows.is_empty()).map(|(name, _)| name.clone());
    let page = ResultsPage {
        shell: ctx.shell(&mut conn, text!("{village}群众评事结果", village = name), Some(village)).await?,
        branch: results.branch.iter().rev().map(|window| line(&branch, window)).collect(),
        waiting: waiting.collect(),
        members: members(&results),
        words: results.words,
        floor,
        words_floor,
        files: format!("/villages/{village}/ratings"),
    };
    Ok(ctx.page(&page))
}

fn figure(n: i64) -> Value {
    u32::try_from(n).unwrap_or(u32::MAX).into()
}

async fn export(ctx: &Ctx, code: &str, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (village, name, results) = read(ctx, &mut conn, code).await?;
    let headers = ["村", "村代码", "评谁", "月份", "满意", "基本满意", "不满意", "合计"];
    let layout = Layout::new("群众评事", headers.into_iter().map(Column::new).collect());
    let branch = format!("{name}党支部");
    let lines = results.branch.iter().map(|window| line(&branch, window)).chain(members(&results));
    let row = |line: Line| -> Vec<Value> {
        vec![
            name.as_str().into(),
            village.to_string().into(),
            line.name.into(),
            line.months.into(),
            figure(line.satisfied),
            figure(line.fair),
            figure(line.dissatisfied),
            figure(line.all),
        ]
    };
    ctx.sheet("群众评事", &Table { layout, rows: lines.map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    export(&ctx, &code, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    export(&ctx, &code, Format::Csv).await
}
