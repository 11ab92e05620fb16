//! Pages of imports: upload, columns, preview, report. Thin: parse → steps → page or redirect.

mod columns;
mod results;
mod runs;

use axum::response::Response;
use base::{
    html::{Step, StepState},
    i18n::Text,
    sheet::Format,
    text,
    web::{AppError, AppResult},
};

use super::{
    FileKind,
    runs::{self as store, Run},
    steps,
};
use crate::{
    accounts::Permission,
    imports,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of imports.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .get("/imports", Permission::Import, runs::show)
        .post("/imports", Permission::Import, runs::upload)
        .get("/imports/template/{kind}", Permission::Import, template)
        .get("/imports/{id}", Permission::Import, results::show)
        .get("/imports/{id}/progress", Permission::Import, results::progress)
        .get("/imports/{id}/mapping", Permission::Import, columns::show)
        .post("/imports/{id}/mapping", Permission::Import, columns::save)
        .post("/imports/{id}/apply", Permission::Import, results::apply)
        .get("/imports/{id}/rejects.xlsx", Permission::Import, rejects)
}

async fn find(ctx: &Ctx, id: &str) -> AppResult<Run> {
    store::find(&mut ctx.read().await?, &ctx.scope, id).await?.ok_or(AppError::NotFound)
}

/// The steps of the wizard; `now` is the one that stands open.
fn wizard_steps(now: usize) -> Vec<Step> {
    let labels = [text!("上传文件"), text!("对应列"), text!("预览"), text!("完成")];
    let step = |(at, label): (usize, Text)| {
        let state = match at.cmp(&now) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Now,
            std::cmp::Ordering::Greater => StepState::Ahead,
        };
        Step { label, note: Text::default(), state }
    };
    labels.into_iter().enumerate().map(step).collect()
}

fn kind_label(kind: FileKind) -> Text {
    match kind {
        FileKind::Roster => text!("驻村干部花名册"),
        FileKind::Villages => text!("村情况"),
        FileKind::Units => text!("派出单位"),
        FileKind::Cadres => text!("干部信息"),
        FileKind::Divisions => text!("行政区划"),
        FileKind::Households => text!("农户名册"),
        FileKind::Matters => text!("12345 工单"),
    }
}

/// An empty form of a kind.
async fn template(ctx: Ctx, path: axum::extract::Path<String>) -> AppResult<Response> {
    let kind = FileKind::parse(&path.0).ok_or(AppError::NotFound)?;
    ctx.sheet(kind.zh(), &imports::template(kind.table()), Format::Xlsx)
}

/// The failed rows with their reasons.
async fn rejects(ctx: Ctx, path: axum::extract::Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &path.0).await?;
    let table = steps::rejects(&ctx.app, &run).await?;
    ctx.sheet("未导入的行", &table, Format::Xlsx)
}
