//! A person's portrait: shown on their page, put in and taken away by those who keep their data. Never asked for.

use axum::{extract::Path, response::Response};
use base::{
    picture::PictureError,
    text,
    web::{AppError, AppResult},
};

use super::person::{edit_page, load, stored};
use crate::{
    people::{portraits, store::PersonRow},
    spine::{
        audit::{self, Change, Subject},
        files,
    },
    web::{Ctx, FormData, Upload},
};

pub async fn show(ctx: Ctx, Path((county, id, file)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    let row = portraits::find(&mut conn, person.county_id, &person.id).await?;
    let row = row.filter(|row| row.file_id == file).ok_or(AppError::NotFound)?;
    let kept = files::find(&mut conn, person.county_id, &row.file_id).await?.ok_or(AppError::NotFound)?;
    drop(conn);
    let bytes = ctx.app.files.content(&kept).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ctx::picture(bytes))
}

/// The person, where the viewer keeps their data.
async fn kept(ctx: &Ctx, county: &str, id: &str) -> AppResult<PersonRow> {
    let person = load(ctx, &mut ctx.read().await?, county, id).await?;
    if ctx.scope.holds(person.county_id.division()) { Ok(person) } else { Err(AppError::Forbidden) }
}

pub async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, mut upload: Upload) -> AppResult<Response> {
    let person = kept(&ctx, &county, &id).await?;
    let sent = upload.files.drain(..).find(|file| file.field == "portrait");
    let renewed = match sent {
        Some(file) => files::renew_portrait(file.bytes).await?.map_err(PictureError::say),
        None => Err(text!("请先选一张照片")),
    };
    let portrait = match renewed {
        Ok(portrait) => portrait,
        Err(say) => {
            let form = stored(&person).with_error("portrait", say);
            let page = edit_page(&ctx, &mut ctx.read().await?, &person, form).await?;
            return Ok(ctx.refused(&page));
        }
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    portraits::save(&mut tx, &ctx.app.files, (person.county_id, &person.id), &portrait, &actor).await?;
    let change = Change::made(serde_json::json!({ "size": portrait.large.len() }));
    let subject = Subject { kind: "person", id: &person.id };
    audit::write(&mut tx, person.county_id, &actor, "person.portrait", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/people/{county}/{id}"), &text!("照片已保存。")))
}

pub async fn remove(ctx: Ctx, Path((county, id)): Path<(String, String)>, _: FormData) -> AppResult<Response> {
    let person = kept(&ctx, &county, &id).await?;
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    if !portraits::remove(&mut tx, person.county_id, &person.id).await? {
        return Err(AppError::NotFound);
    }
    let subject = Subject { kind: "person", id: &person.id };
    let change = Change::default();
    audit::write(&mut tx, person.county_id, &actor, "person.portrait.remove", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/people/{county}/{id}/edit"), &text!("照片已去掉。")))
}
