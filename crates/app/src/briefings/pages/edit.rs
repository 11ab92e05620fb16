//! Editing: words freely, figures within their braces.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Form, Shell, filters},
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{MOST_TEXT, editable},
        store::{self, Briefing},
    },
    found, key, own,
};
use crate::web::{Ctx, FormData};

#[derive(Template)]
#[template(path = "briefings/edit.html")]
struct EditPage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    most: usize,
    figures: Vec<Line>,
    example: &'static str,
}

/// A figure that may stand in the text.
struct Line {
    braces: String,
    name: String,
}

async fn page(ctx: &Ctx, conn: &mut Conn, briefing: &Briefing, form: Form) -> AppResult<EditPage> {
    let line = |figure: &super::super::rules::Figure| Line {
        braces: format!("{{{}:{}}}", figure.position, figure.shown),
        name: figure.name.clone(),
    };
    Ok(EditPage {
        shell: ctx.shell(conn, text!("编辑简报"), Some(briefing.place)).await?,
        form,
        action: format!("{}/text", own(briefing)),
        back: own(briefing),
        most: MOST_TEXT,
        figures: briefing.figures.iter().map(line).collect(),
        example: "{3:98支}",
    })
}

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    briefing.state.require_draft()?;
    let form = Form::of([
        ("title", briefing.title.clone()),
        ("body", editable(&briefing.text, &briefing.figures)),
        ("version", briefing.version.to_string()),
    ]);
    let page = page(&ctx, &mut conn, &briefing, form).await?;
    Ok(ctx.page(&page))
}

pub async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let briefing = store::lock(&mut tx, key(&county)?, &id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(briefing.place)?;
    let version = data.get("version").parse().unwrap_or(0);
    let typed = (data.get("title"), data.get("body"), version);
    match acts::write(&mut tx, &briefing, typed, &ctx.actor_at(briefing.place)?).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(ctx.redirect(&own(&briefing), &text!("已保存。")))
        }
        Err(AppError::Refused(refusal)) => {
            drop(tx);
            let form = data.typed().with_error(refusal.field.unwrap_or("body"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, &briefing, form).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}
