//! Pages of the print shop: what can be printed here, how far a run is, the file.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use base::{
    db::Conn,
    html::{Act, Choice, Form, Job as Running, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{DivisionCode, Level, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    Kind, Order, runs,
    runs::RunRow,
    work::{JOB, ticket},
};
use crate::{
    accounts::Permission,
    households, places,
    postings::{cards, section},
    spine::{files, jobs},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

const SHOWN: i64 = 30;

/// The routes of the print shop.
#[must_use]
pub fn routes() -> AppRoutes {
    let needs = Permission::CardsWrite;
    empty()
        .get("/prints", needs, list)
        .post("/prints", needs, add)
        .get("/prints/{id}", needs, show)
        .get("/prints/{id}/progress", needs, progress)
        .post("/prints/{id}/stop", needs, stop)
        .get("/prints/{id}/file", needs, file)
}

#[derive(Template)]
#[template(path = "prints/prints.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    form: Form,
    action: String,
    kinds: Vec<Choice>,
    rows: Vec<Line>,
}

struct Line {
    link: String,
    when: String,
    what: Text,
    place: String,
    who: String,
    state: Shown,
    pages: String,
}

fn state(run: &RunRow) -> Shown {
    match (run.job_state.as_deref(), run.file_id.is_some(), run.stop == 1) {
        (_, true, _) => Shown::new(Tone::Ok, text!("已印好")),
        (Some("queued"), ..) => Shown::new(Tone::Wait, text!("排队中")),
        (Some("running"), ..) => Shown::new(Tone::Wait, text!("正在生成")),
        (_, false, true) => Shown::new(Tone::Idle, text!("已停止")),
        _ => Shown::new(Tone::Stop, text!("没有印成")),
    }
}

fn line(run: RunRow) -> Line {
    Line {
        link: format!("/prints/{}", run.id),
        when: run.made_at.local_minute(),
        what: Kind::parse(&run.kind).map(Kind::label).unwrap_or_default(),
        state: state(&run),
        pages: run.pages.map(|n| n.to_string()).unwrap_or_default(),
        place: run.place_name.map(|name| places::short_name(&name)).unwrap_or_default(),
        who: run.actor,
    }
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<ListPage> {
    let place = ctx.place()?;
    let viewer = ctx.viewer()?;
    let kinds = Kind::ALL.into_iter().filter(|kind| viewer.scope(kind.permission()).holds(place));
    Ok(ListPage {
        shell: ctx.shell(conn, text!("打印"), Some(place)).await?,
        views: section(ctx, "/prints"),
        form,
        action: format!("/prints?place={place}"),
        kinds: kinds.map(|kind| Choice::new(kind.code(), kind.label())).collect(),
        rows: runs::list(conn, &ctx.scope.within(place), SHOWN).await?.into_iter().map(line).collect(),
    })
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = base::html::Address::parse(&ctx.address);
    let kind = Kind::parse(address.get("kind")).unwrap_or(Kind::Cards);
    let mut conn = ctx.read().await?;
    let form = Form::of([("kind", kind.code()), ("changed", "yes"), ("batch", address.get("batch"))]);
    let page = page(&ctx, &mut conn, form).await?;
    Ok(ctx.page(&page))
}

async fn add(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let place = ctx.place()?;
    match queue(&ctx, place, &data).await {
        Ok(id) => Ok(ctx.redirect(&format!("/prints/{id}"), &text!("已开始，印好后在这里下载。"))),
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("kind"), refusal.message);
            let mut conn = ctx.read().await?;
            Ok(ctx.refused(&page(&ctx, &mut conn, form).await?))
        }
        Err(other) => Err(other),
    }
}

async fn queue(ctx: &Ctx, place: DivisionCode, data: &FormData) -> AppResult<String> {
    let kind = Kind::parse(data.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选择印什么。")))?;
    if !ctx.viewer()?.scope(kind.permission()).holds(place) {
        return Err(AppError::Forbidden);
    }
    if place.level() < Level::County {
        return Err(Refusal::at("kind", text!("请先选到县，一次印一个县。")).into());
    }
    let batch = match data.some("batch") {
        Some(text) => {
            let number = text.parse().ok().filter(|number| (1..=99).contains(number));
            Some(number.ok_or_else(|| Refusal::at("batch", text!("批次号应为 1 到 99 的数字")))?)
        }
        None => None,
    };
    let order = Order { kind, place, changed_only: data.get("changed") == "yes", batch };
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    if kind == Kind::Cards {
        // Every village that has homes for a card gets its code before the first one is printed.
        let villages: BTreeSet<DivisionCode> =
            households::store::targets(&mut tx, place.area()).await?.into_keys().collect();
        cards::store::ensure(&mut tx, place.county(), &villages, actor.at).await?;
    }
    super::gather::gather(&mut tx, &ctx.app, order, ctx.today).await?;
    let id = new_id();
    let job = jobs::add(&mut tx, place.county(), JOB, &ticket(&id, &actor)?, &actor).await?;
    runs::add(&mut tx, &id, order, &job, &actor).await?;
    tx.commit().await?;
    Ok(id)
}

async fn find(ctx: &Ctx, id: &str) -> AppResult<RunRow> {
    let run = runs::find(&mut ctx.read().await?, &ctx.scope, id).await?.ok_or(AppError::NotFound)?;
    // Letters are the office's, whoever may see the list.
    let kind = Kind::parse(&run.kind).ok_or(AppError::NotFound)?;
    if ctx.viewer()?.scope(kind.permission()).holds(run.place) { Ok(run) } else { Err(AppError::NotFound) }
}

#[derive(Template)]
#[template(path = "prints/print.html")]
struct ShowPage {
    shell: Shell,
    state: Shown,
    sub: Text,
    busy: bool,
    job: Running,
    /// Where the file is, its pages and what to know about it.
    file: Option<(String, i64)>,
    said: String,
    stop: Option<String>,
    back: String,
}

fn running(run: &RunRow) -> Running {
    let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    Running {
        title: Kind::parse(&run.kind).map(Kind::label).unwrap_or_default(),
        done: number(run.step),
        total: Some(number(run.steps)).filter(|n| *n > 0),
        say: text!("正在生成 PDF。可以离开这一页，随时回来看。"),
        poll: Some(format!("/prints/{}/progress", run.id)),
        after: vec![Act::new(text!("看所有打印"), format!("/prints?place={}", run.place))],
    }
}

async fn show(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id).await?;
    let title = Kind::parse(&run.kind).map(Kind::label).unwrap_or_default();
    let mut shell = ctx.shell(&mut ctx.read().await?, title, Some(run.place)).await?;
    let busy = run.is_running();
    if busy {
        shell.refresh = Some(3);
    }
    let failed = run.file_id.is_none() && !busy;
    let page = ShowPage {
        shell,
        state: state(&run),
        sub: text!(
            "{place} · {who} · {when}",
            place = run.place_name.as_deref().map(places::short_name).unwrap_or_default(),
            who = run.actor,
            when = run.made_at.local_minute()
        ),
        busy,
        job: running(&run),
        stop: (busy && run.stop == 0).then(|| format!("/prints/{id}/stop")),
        file: run.file_id.as_ref().map(|_| (format!("/prints/{id}/file"), run.pages.unwrap_or(0))),
        said: if failed { run.result.clone().unwrap_or_default() } else { run.said.clone().unwrap_or_default() },
        back: format!("/prints?place={}", run.place),
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "prints/progress.html")]
struct ProgressPart {
    shell: Shell,
    job: Running,
}

async fn progress(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id).await?;
    if run.is_running() {
        return Ok(ctx.page(&ProgressPart { shell: ctx.bare_shell(text!("打印")), job: running(&run) }));
    }
    let mut response = "".into_response();
    if let Ok(to) = HeaderValue::from_str(&format!("/prints/{id}")) {
        response.headers_mut().insert(HeaderName::from_static("hx-redirect"), to);
    }
    Ok(response)
}

async fn stop(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id).await?;
    let mut tx = ctx.begin().await?;
    runs::ask_stop(&mut tx, run.county_id, &run.id).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/prints/{id}"), &text!("正在停止。")))
}

async fn file(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id).await?;
    let file_id = run.file_id.ok_or(AppError::NotFound)?;
    let stored = files::find(&mut ctx.read().await?, run.county_id, &file_id).await?.ok_or(AppError::NotFound)?;
    let bytes = ctx.app.files.content(&stored).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ctx::download(&stored.name, "application/pdf", bytes))
}
