//! Correcting and withdrawing an entry, by whose it is and within its time.

use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{ConfirmPage, Form},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use super::{
    super::{
        May,
        changes::Said,
        store::{self, Saved, Stored},
    },
    desk::Desk,
    find,
    form::{self, Frame, outcome_fields},
    may,
    new::{note_place, typed},
    pictures::Pictures,
    read::{self, Wrong},
};
use crate::{
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData, Upload},
};

/// The entry, where the viewer may change it today.
async fn changeable(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Stored> {
    let (_, stored) = find(ctx, conn, county, id).await?;
    match may(ctx, conn, &stored).await? {
        May::Yes => Ok(stored),
        May::NotTheirs | May::TooLate => Err(AppError::Forbidden),
    }
}

/// The writer's own note, opened.
fn note(ctx: &Ctx, stored: &Stored) -> AppResult<Option<String>> {
    let own = stored.row.writer_account == ctx.viewer()?.account_id;
    let Some(sealed) = stored.row.note_sealed.as_deref().filter(|_| own) else { return Ok(None) };
    Ok(Some(ctx.app.keys.open(&note_place(&stored.row.id), sealed)?.to_string()))
}

fn frame<'a>(ctx: &Ctx, stored: &Stored, desk: &'a Desk, kept: Vec<String>) -> AppResult<Frame<'a>> {
    let own = stored.row.writer_account == ctx.viewer()?.account_id;
    let root = root(stored);
    let shown = |id: &String| (id.clone(), format!("{root}/pictures/{id}"));
    Ok(Frame {
        title: text!("更正日志"),
        action: format!("{root}/edit"),
        back: root.clone(),
        editing: true,
        ask_why: true,
        own_note: own,
        desk,
        pictures: stored.pictures.iter().map(shown).collect(),
        kept,
    })
}

fn root(stored: &Stored) -> String {
    format!("/log/{}/{}", stored.row.county_id, stored.row.id)
}

/// The desk of an entry: the viewer's own, or that of its village, where its person stands among the choices.
async fn desk_of(ctx: &Ctx, conn: &mut Conn, stored: &Stored) -> AppResult<Desk> {
    let village = stored.row.village;
    match Desk::open(ctx, conn, Some(village)).await {
        Ok(Some(desk)) => Ok(desk),
        Ok(None) | Err(AppError::NotFound) => Err(AppError::Forbidden),
        Err(error) => Err(error),
    }
}

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let stored = changeable(&ctx, &mut conn, &county, &id).await?;
    let desk = desk_of(&ctx, &mut conn, &stored).await?;
    let entry = &stored.entry;
    let mut values = vec![
        ("words".to_owned(), entry.words.clone()),
        ("duty".to_owned(), entry.duty.code().to_owned()),
        ("day".to_owned(), entry.day.to_string()),
        ("village".to_owned(), entry.village.to_string()),
        ("person".to_owned(), entry.who.person.1.clone()),
        ("met".to_owned(), entry.met.clone().unwrap_or_default()),
        ("links".to_owned(), entry.links.join("；")),
        ("note".to_owned(), note(&ctx, &stored)?.unwrap_or_default()),
        ("version".to_owned(), stored.row.version.to_string()),
    ];
    values.extend(outcome_fields(&stored.outcomes));
    let frame = frame(&ctx, &stored, &desk, Vec::new())?;
    let page = form::page(&ctx, &mut conn, frame, Form::of(values), &[]).await?;
    Ok(ctx.page(&page))
}

pub async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, mut upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let mut stored = changeable(&ctx, &mut conn, &county, &id).await?;
    // The form was filled in from this version; an older one is a conflict when it is written.
    if let Ok(version) = upload.form.get("version").parse() {
        stored.row.version = version;
    }
    let desk = desk_of(&ctx, &mut conn, &stored).await?;
    let pack = ctx.pack(&mut conn, stored.row.county_id).await?;
    let mut wrong = Wrong::new();
    let read = read::entry(&upload.form, &desk, ctx.today, &mut wrong);
    let mut rows = read::rows(&upload.form, &stored.outcomes, pack, &mut wrong);
    let asked = match &read {
        Some(read) => {
            let known = &stored.outcomes;
            read::ask_near(&mut conn, &read.entry, &mut rows, known, pack, Some(&stored.row.id)).await?
        }
        None => Vec::new(),
    };
    let (county_id, known) = (Some(stored.row.county_id), stored.pictures.clone());
    let pictures = Pictures::read(&ctx, &mut conn, &mut upload, county_id, &known, &mut wrong).await?;
    let Some(read) = read.filter(|_| wrong.is_empty() && asked.is_empty()) else {
        let all = pictures.keep_for_next(&ctx, Some(stored.row.village)).await?;
        let fresh = all.into_iter().filter(|id| !known.contains(id)).collect();
        let page = {
            let frame = frame(&ctx, &stored, &desk, fresh)?;
            form::page(&ctx, &mut conn, frame, typed(&upload.form, wrong, &asked), &asked).await?
        };
        return Ok(ctx.refused(&page));
    };
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    let files = pictures.keep(&ctx, &mut tx, stored.row.village).await?;
    let own = stored.row.writer_account == actor.account_id;
    let note_sealed = match (&read.note, own) {
        (_, false) => stored.row.note_sealed.clone(),
        (None, true) => None,
        (Some(note), true) => Some(ctx.app.keys.seal(&note_place(&id), note)?),
    };
    let outcomes = rows.into_iter().map(|row| row.outcome).collect();
    let after = Saved { entry: read.entry, outcomes, note_sealed, pictures: files };
    let pack = ctx.app.pack(&mut tx, stored.row.county_id).await?;
    store::save(&mut tx, &stored, &after, upload.form.some("why"), pack, &actor).await?;
    let now = Said { entry: &after.entry, outcomes: &after.outcomes, pictures: after.pictures.len() };
    let before = Said { entry: &stored.entry, outcomes: &stored.outcomes, pictures: stored.pictures.len() };
    let change = Change::changed(before.whole(), now.whole());
    let subject = Subject { kind: "log", id: &id };
    audit::write(&mut tx, stored.row.county_id, &actor, "entry.change", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&root(&stored), &text!("已更正，统计随之更新；改动记在经过里。")))
}

async fn confirm(ctx: &Ctx, conn: &mut Conn, stored: &Stored) -> AppResult<ConfirmPage> {
    let mut effects = vec![text!("这条日志不再列出，仍可按网址查看；经过里留有记录。")];
    if !stored.outcomes.is_empty() {
        effects.push(text!("其中 {n} 项成效不再计入统计。", n = stored.outcomes.len()));
    }
    Ok(ConfirmPage {
        shell: ctx.shell(conn, text!("撤回日志"), Some(stored.row.village)).await?,
        say: text!("{day} {name}", day = stored.row.day, name = Text::data(&stored.row.person_name)),
        effects,
        action: format!("{}/withdrawal", root(stored)),
        button: text!("撤回"),
        back: root(stored),
        form: Form::default(),
        ask_reason: true,
    })
}

pub async fn ask(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let stored = changeable(&ctx, &mut conn, &county, &id).await?;
    let page = confirm(&ctx, &mut conn, &stored).await?;
    Ok(ctx.page(&page))
}

pub async fn withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let stored = changeable(&ctx, &mut conn, &county, &id).await?;
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    let county_id = stored.row.county_id;
    let pack = ctx.app.pack(&mut tx, county_id).await?;
    store::withdraw(&mut tx, &stored, form.some("reason"), pack, &actor).await?;
    let change =
        Change::changed(json!({ "state": "kept" }), json!({ "state": "withdrawn", "why": form.some("reason") }));
    audit::write(&mut tx, county_id, &actor, "entry.withdraw", Subject { kind: "log", id: &id }, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/log", &text!("日志已撤回。")))
}
