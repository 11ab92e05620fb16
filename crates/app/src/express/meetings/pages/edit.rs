//! 改会期: another day, place or chair, with what stood before kept in the meeting's story.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Form, Shell, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts::{self, Correction},
        store::MeetingRow,
    },
    find,
};
use crate::web::{Ctx, FormData};

#[derive(Template)]
#[template(path = "express/meetings/edit.html")]
struct EditPage {
    shell: Shell,
    sub: Text,
    form: Form,
    address: String,
}

async fn open(ctx: &Ctx, conn: &mut Conn, code: &str, id: &str) -> AppResult<MeetingRow> {
    let (row, _) = find(ctx, conn, code, id).await?;
    ctx.scope.require(row.division)?;
    Ok(row)
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &MeetingRow, form: Form) -> AppResult<EditPage> {
    let shell = ctx.shell(conn, text!("改会期和地点"), Some(row.division)).await?;
    Ok(EditPage { shell, sub: Text::data(&row.title), form, address: row.address() })
}

pub async fn form(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = open(&ctx, &mut conn, &code, &id).await?;
    let stands = [
        ("day", row.day.to_string()),
        ("place", row.place.clone().unwrap_or_default()),
        ("chair", row.chair.clone().unwrap_or_default()),
    ];
    let page = page(&ctx, &mut conn, &row, Form::of(stands)).await?;
    Ok(ctx.page(&page))
}

pub async fn save(ctx: Ctx, Path((code, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = open(&ctx, &mut conn, &code, &id).await?;
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let mut wrong: Vec<(&str, Text)> = Vec::new();
    let day = Day::parse(form.get("day"));
    if day.is_none() {
        wrong.push(("day", text!("日期应写作 2024-01-18")));
    }
    for field in ["place", "chair"] {
        if form.get(field).chars().count() > 60 {
            wrong.push((field, text!("这里最多 {most} 字", most = 60)));
        }
    }
    if let (Some(day), true) = (day, wrong.is_empty()) {
        let some = |field: &str| form.some(field).map(str::to_owned);
        let new = Correction { day, place: some("place"), chair: some("chair") };
        let done = async {
            let actor = ctx.actor_at(row.division)?;
            let mut tx = ctx.begin().await?;
            acts::correct(&mut tx, (row.county_id, &row.id), new, pack, &actor).await?;
            AppResult::Ok(tx.commit().await?)
        };
        match done.await {
            Ok(()) => return Ok(ctx.redirect(&row.address(), &text!("已改，原来的日期地点留在经过里。"))),
            Err(AppError::Refused(refusal)) => wrong.push((refusal.field.unwrap_or("day"), refusal.message)),
            Err(other) => return Err(other),
        }
    }
    let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
    let page = page(&ctx, &mut ctx.read().await?, &row, typed).await?;
    Ok(ctx.refused(&page))
}
