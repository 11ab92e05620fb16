//! The same form on paper: for the room and for those who do not use a telephone; entered by proxy and marked so.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Shell, filters},
    kernel::{DivisionCode, Level},
    text,
    web::{AppError, AppResult},
};

use crate::{flows, places, web::Ctx};

#[derive(Template)]
#[template(path = "matters/pages/paper.html")]
struct PaperPage {
    shell: Shell,
    village: String,
    township: String,
    holder: Option<flows::CardHolder>,
    back: String,
}

pub async fn show(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let village = DivisionCode::parse(&code).filter(|code| code.level() == Level::Village).ok_or(AppError::NotFound)?;
    ctx.scope.require(village)?;
    let mut conn = ctx.read().await?;
    let names = places::store::path(&mut conn, village).await?;
    let name = |at: usize| names.iter().rev().nth(at).map(places::Division::short).unwrap_or_default();
    let page = PaperPage {
        shell: ctx.bare_shell(text!("群众事项登记表")),
        village: name(0),
        township: name(1),
        holder: flows::card_holder(&mut conn, village).await?,
        back: format!("/matters/new?village={village}"),
    };
    Ok(ctx.page(&page))
}
