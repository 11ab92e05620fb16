//! A new form: a name and the file as it came.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Form, Shell, filters},
    ooxml::MAX_FILE,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::super::acts;
use crate::web::{Ctx, Upload};

#[derive(Template)]
#[template(path = "forms/new_form.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    action: String,
    most: usize,
}

async fn page(ctx: &Ctx, form: Form) -> AppResult<NewPage> {
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    Ok(NewPage {
        shell: ctx.shell(&mut conn, text!("上传上级报表"), Some(place)).await?,
        form,
        action: format!("/forms?place={place}"),
        most: MAX_FILE >> 20,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    Ok(ctx.page(&page(&ctx, Form::default()).await?))
}

/// A file's name without its path and ending: some browsers send the path.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.chars().filter(|c| !c.is_control()).take(60).collect()
}

pub async fn upload(ctx: Ctx, sent: Upload) -> AppResult<Response> {
    let place = ctx.place()?;
    let typed = sent.form.typed();
    let title = sent.form.get("title").to_owned();
    let done = async {
        let file = sent.files.into_iter().find(|file| file.field == "file");
        let file = file.ok_or_else(|| Refusal::at("file", text!("请选择一个 .xlsx 或 .docx 文件")))?;
        let title = if title.is_empty() { plain_name(&file.name) } else { title };
        let looked = acts::look(file.bytes).await?;
        let mut tx = ctx.begin().await?;
        let id = acts::keep(&mut tx, &ctx.app, place, (&title, &looked), &ctx.actor_at(place)?).await?;
        tx.commit().await?;
        Ok(format!("/forms/{}/{id}", place.county()))
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("文件已收好；点格子，说明每格填什么。"))),
        Err(AppError::Refused(refusal)) => {
            let form = typed.with_error(refusal.field.unwrap_or("file"), refusal.message);
            Ok(ctx.refused(&page(&ctx, form).await?))
        }
        Err(other) => Err(other),
    }
}
