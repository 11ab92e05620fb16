//! Pages of saved views: keep one, list, rename, share, delete.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Address, ConfirmPage, Form, Shell, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{PARAMETERS, view_name},
    saved::{self, Saved, Whose},
};
use crate::web::{Ctx, FormData};

const LIST: &str = "/explorer/views";

#[derive(Template)]
#[template(path = "statistics/explorer/views.html")]
struct ViewsPage {
    shell: Shell,
    own: Vec<Line>,
    shared: Vec<Line>,
}

/// A line of the list; only one's own can be changed.
struct Line {
    name: String,
    href: String,
    owner: String,
    shared: bool,
    edit: String,
}

#[derive(Template)]
#[template(path = "statistics/explorer/view.html")]
struct ViewPage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    /// Leads to the question before it is deleted, where it is kept already.
    removal: Option<String>,
}

/// Whose views the viewer may open: their own, and those of the office of their place.
pub fn whose(ctx: &Ctx) -> AppResult<Whose<'_>> {
    let office = ctx.scope.home().ok_or(AppError::NotFound)?;
    Ok(Whose { account_id: &ctx.viewer()?.account_id, office })
}

pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let whose = whose(&ctx)?;
    let mut conn = ctx.read().await?;
    let views = saved::list(&mut conn, whose).await?;
    let (own, shared): (Vec<Saved>, Vec<Saved>) =
        views.into_iter().partition(|view| view.account_id == whose.account_id);
    let line = |view: Saved| Line {
        href: view.href(),
        edit: format!("{LIST}/{}", view.id),
        shared: view.office.is_some(),
        name: view.name,
        owner: view.owner,
    };
    let page = ViewsPage {
        shell: ctx.shell(&mut conn, text!("存下的视图"), None).await?,
        own: own.into_iter().map(line).collect(),
        shared: shared.into_iter().map(line).collect(),
    };
    Ok(ctx.page(&page))
}

/// What of an address is kept: the view and nothing else.
fn kept(typed: &str) -> String {
    let typed = Address::parse(&format!("/explorer?{typed}"));
    let names = PARAMETERS.iter().chain(&["place", "sort"]);
    let address = names.fold(Address::parse("/explorer"), |address, name| address.with(name, typed.get(name)));
    address.to_string().split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
}

async fn page(ctx: &Ctx, title: Text, form: Form, view: Option<&Saved>) -> AppResult<ViewPage> {
    let mut conn = ctx.read().await?;
    let back = match view {
        Some(_) => LIST.to_owned(),
        None => format!("/explorer?{}", form.value("view")),
    };
    Ok(ViewPage {
        shell: ctx.shell(&mut conn, title, None).await?,
        action: view.map_or_else(|| LIST.to_owned(), |view| format!("{LIST}/{}", view.id)),
        removal: view.map(|view| format!("{LIST}/{}/removal", view.id)),
        form,
        back,
    })
}

/// Asks for the name under which the view of the address is kept.
pub async fn new(ctx: Ctx) -> AppResult<Response> {
    let view = kept(Address::parse(&ctx.address).get("view"));
    let form = Form::of([("view", view)]);
    Ok(ctx.page(&page(&ctx, text!("存为视图"), form, None).await?))
}

pub async fn add(ctx: Ctx, sent: FormData) -> AppResult<Response> {
    let view = kept(sent.get("view"));
    let done = async {
        let name = view_name(sent.get("name"))?;
        let mut tx = ctx.begin().await?;
        saved::add(&mut tx, whose(&ctx)?, (name, &view, sent.get("shared") == "yes"), &ctx.actor()?).await?;
        tx.commit().await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(ctx.redirect(&format!("/explorer?{view}"), &text!("视图已存下，在页面上方点名字就能打开。"))),
        Err(AppError::Refused(refusal)) => {
            let form = sent.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
            Ok(ctx.refused(&page(&ctx, text!("存为视图"), form, None).await?))
        }
        Err(other) => Err(other),
    }
}

async fn found(ctx: &Ctx, id: &str) -> AppResult<Saved> {
    let mut conn = ctx.read().await?;
    saved::find(&mut conn, whose(ctx)?, id).await?.ok_or(AppError::NotFound)
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let view = found(&ctx, &id).await?;
    let shared = if view.office.is_some() { "yes" } else { "" };
    let form = Form::of([("name", view.name.as_str()), ("shared", shared)]);
    Ok(ctx.page(&page(&ctx, text!("改视图的名字"), form, Some(&view)).await?))
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, sent: FormData) -> AppResult<Response> {
    let done = async {
        let name = view_name(sent.get("name"))?;
        let whose = whose(&ctx)?;
        let mut tx = ctx.begin().await?;
        let view = saved::find(&mut tx, whose, &id).await?.ok_or(AppError::NotFound)?;
        let office = (sent.get("shared") == "yes").then_some(whose.office);
        saved::save(&mut tx, &view, (name, office), &ctx.actor()?).await?;
        tx.commit().await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(ctx.redirect(LIST, &text!("已改好。"))),
        Err(AppError::Refused(refusal)) => {
            let view = found(&ctx, &id).await?;
            let form = sent.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
            Ok(ctx.refused(&page(&ctx, text!("改视图的名字"), form, Some(&view)).await?))
        }
        Err(other) => Err(other),
    }
}

pub async fn ask_remove(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let view = found(&ctx, &id).await?;
    let mut conn = ctx.read().await?;
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("删除视图"), None).await?,
        say: Text::data(view.name.as_str()),
        effects: vec![text!("只删这个名字和条件，记录和数字都不动；发出去的链接还能打开。")],
        action: format!("{LIST}/{id}/removal"),
        button: text!("删除"),
        back: LIST.into(),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn remove(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let view = saved::find(&mut tx, whose(&ctx)?, &id).await?.ok_or(AppError::NotFound)?;
    saved::remove(&mut tx, &view, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(LIST, &text!("已删除。")))
}
