//! A visit's page: who came, what was said, and how the promises stand.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, ConfirmPage, Event, Fact, Form, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode},
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use super::{
    super::{
        Holder,
        store::{self, PromiseRow, VisitRow},
    },
    list::full_name,
};
use crate::{
    accounts::{Permission, Role},
    log::{entries::pages::event, events},
    places::short_name,
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "log/visits/show.html")]
struct ShowPage {
    shell: Shell,
    sub: String,
    withdrawn: bool,
    acts: Vec<Act>,
    words: String,
    promises: Vec<PromiseLine>,
    form: Form,
    facts: Vec<Fact>,
    events: Vec<Event>,
}

struct PromiseLine {
    what: String,
    holder: Text,
    due: String,
    state: Shown,
    result: String,
    /// Where the viewer says how it ended.
    action: Option<String>,
    field: String,
}

/// A visit with its villages that lie in the viewer's scope of reading, or 404.
async fn find(
    ctx: &Ctx,
    conn: &mut Conn,
    county: &str,
    id: &str,
) -> AppResult<(VisitRow, Vec<(DivisionCode, String)>)> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let visit = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    let scope = ctx.viewer()?.scope(Permission::LogRead);
    let places = store::places_of(conn, county, id).await?;
    let seen: Vec<_> = places
        .into_iter()
        .filter(|(code, _)| scope.holds(*code))
        .map(|(code, name)| (code, short_name(&name.unwrap_or_else(|| code.to_string()))))
        .collect();
    if seen.is_empty() { Err(AppError::NotFound) } else { Ok((visit, seen)) }
}

/// Whether the viewer holds one of the roles at a village.
fn holds(ctx: &Ctx, roles: &[Role], village: DivisionCode) -> bool {
    let grants = ctx.guest_or_viewer().map(|viewer| viewer.grants.as_slice()).unwrap_or_default();
    let fits = |place: DivisionCode| place.contains(village);
    grants.iter().any(|grant| roles.contains(&grant.role) && grant.division.is_some_and(fits))
}

/// Whoever wrote it down, the township and the office.
fn may_withdraw(ctx: &Ctx, visit: &VisitRow, places: &[(DivisionCode, String)]) -> AppResult<bool> {
    let own = visit.writer_account == ctx.viewer()?.account_id;
    let keeps = places.iter().all(|(code, _)| holds(ctx, &[Role::Office, Role::Township], *code));
    Ok(visit.state == "kept" && (own || keeps))
}

/// Its holder, and those above.
fn may_keep(ctx: &Ctx, promise: &PromiseRow) -> bool {
    let holder = Holder::parse(&promise.holder).map(Holder::role);
    let roles: Vec<Role> = [Role::Office, Role::Township].into_iter().chain(holder).collect();
    promise.done_on.is_none() && holds(ctx, &roles, promise.village)
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = page(&ctx, &mut conn, &county, &id, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str, form: Form) -> AppResult<ShowPage> {
    let (visit, places) = find(ctx, conn, county, id).await?;
    let visitors = store::visitors_of(conn, visit.county_id, &[id]).await?;
    let promises = store::promises_of(conn, visit.county_id, id).await?;
    let happened = events::list(conn, visit.county_id, "visit", id).await?;
    let root = format!("/visits/{county}/{id}");
    let names: Vec<&str> = places.iter().map(|(_, name)| name.as_str()).collect();
    let acts = if may_withdraw(ctx, &visit, &places)? {
        vec![Act::new(text!("撤回"), format!("{root}/withdrawal")).danger()]
    } else {
        Vec::new()
    };
    let mut facts = vec![Fact::new(text!("日期"), Text::data(visit.day.to_string()))];
    for (code, name) in &places {
        facts.push(Fact::new(text!("村"), Text::data(name)).link(format!("/villages/{code}")));
    }
    facts.extend(visitors.iter().map(|visitor| Fact::new(text!("来的人"), Text::data(full_name(visitor)))));
    facts.push(Fact::new(text!("谁记的"), Text::data(&visit.writer)));
    let first = places.first().map(|(code, _)| *code);
    let seen = |promise: &PromiseRow| places.iter().any(|(code, _)| *code == promise.village);
    let promises = promises.into_iter().filter(seen).map(|promise| line(ctx, &visit, promise, &root)).collect();
    Ok(ShowPage {
        shell: ctx.shell(conn, text!("{day} 调研指导", day = visit.day), first).await?,
        sub: names.join("、"),
        withdrawn: visit.state != "kept",
        acts,
        words: visit.words.clone(),
        promises,
        form,
        facts,
        events: happened.into_iter().map(event).collect(),
    })
}

fn line(ctx: &Ctx, visit: &VisitRow, promise: PromiseRow, root: &str) -> PromiseLine {
    let may = visit.state == "kept" && ctx.may(Permission::VisitsWrite) && may_keep(ctx, &promise);
    let state = match promise.done_on {
        Some(day) => Shown::new(Tone::Ok, text!("{day} 办结", day = day)),
        None if promise.due < ctx.today => Shown::new(Tone::Late, text!("逾期")),
        None => Shown::new(Tone::Wait, text!("在办")),
    };
    PromiseLine {
        action: may.then(|| format!("{root}/promises/{}/result", promise.id)),
        field: format!("result-{}", promise.id),
        holder: Holder::parse(&promise.holder).map(|holder| Text::key(holder.zh())).unwrap_or_default(),
        due: promise.due.to_string(),
        state,
        result: promise.result.unwrap_or_default(),
        what: promise.what,
    }
}

pub async fn keep(
    ctx: Ctx,
    Path((county, id, promise)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (visit, _) = find(&ctx, &mut conn, &county, &id).await?;
    let promises = store::promises_of(&mut conn, visit.county_id, &id).await?;
    let promise = promises.into_iter().find(|one| one.id == promise).ok_or(AppError::NotFound)?;
    if visit.state != "kept" || !may_keep(&ctx, &promise) {
        return Err(AppError::Forbidden);
    }
    let field = format!("result-{}", promise.id);
    let result = form.get(&field);
    if result.is_empty() || result.chars().count() > 300 {
        let typed = form.typed().with_error(field, text!("请写一句怎么办的，不超过 300 字"));
        let page = page(&ctx, &mut conn, &county, &id, typed).await?;
        return Ok(ctx.refused(&page));
    }
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    store::keep_promise(&mut tx, &visit, &promise, result, &actor).await?;
    let change = Change::changed(json!({ "done": false }), json!({ "done": true, "result": result }));
    let subject = Subject { kind: "visit_promise", id: &promise.id };
    audit::write(&mut tx, visit.county_id, &actor, "visit.promise", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/visits/{county}/{id}"), &text!("承诺已办结。")))
}

pub async fn ask(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (visit, places) = find(&ctx, &mut conn, &county, &id).await?;
    if !may_withdraw(&ctx, &visit, &places)? {
        return Err(AppError::Forbidden);
    }
    let back = format!("/visits/{county}/{id}");
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("撤回调研登记"), places.first().map(|(code, _)| *code)).await?,
        say: text!("{day} 调研指导", day = visit.day),
        effects: vec![text!("人次不再计入统计，没有办完的承诺不再是待办；经过里留有记录。")],
        action: format!("{back}/withdrawal"),
        button: text!("撤回"),
        back,
        form: Form::default(),
        ask_reason: true,
    };
    Ok(ctx.page(&page))
}

pub async fn withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (visit, places) = find(&ctx, &mut conn, &county, &id).await?;
    if !may_withdraw(&ctx, &visit, &places)? {
        return Err(AppError::Forbidden);
    }
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    store::withdraw(&mut tx, &visit, form.some("reason"), &actor).await?;
    let change =
        Change::changed(json!({ "state": "kept" }), json!({ "state": "withdrawn", "why": form.some("reason") }));
    audit::write(&mut tx, visit.county_id, &actor, "visit.withdraw", Subject { kind: "visit", id: &id }, change)
        .await?;
    tx.commit().await?;
    Ok(ctx.redirect("/visits", &text!("调研登记已撤回。")))
}
