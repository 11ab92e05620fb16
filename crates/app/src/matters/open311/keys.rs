//! 外部接入: keys of systems that may raise matters.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Form, Link, Shell, filters},
    kernel::CountyId,
    seal::{random_token, sha256},
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use crate::{
    matters::{pages, store},
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "matters/open311/keys.html")]
struct KeysPage {
    shell: Shell,
    views: Vec<Link>,
    form: Form,
    keys: Vec<Key>,
    fresh: Option<String>,
    base: String,
}

struct Key {
    name: String,
    since: String,
    until: Option<String>,
    end: String,
}

fn county(ctx: &Ctx) -> AppResult<CountyId> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    if home.level() < base::kernel::Level::County { Err(AppError::NotFound) } else { Ok(home.county()) }
}

async fn page(ctx: &Ctx, form: Form, fresh: Option<String>) -> AppResult<KeysPage> {
    let county = county(ctx)?;
    let mut conn = ctx.read().await?;
    let keys = store::keys_of(&mut conn, county).await?.into_iter().map(|(hash, name, since, until)| Key {
        name,
        since: since.local_day().to_string(),
        until: until.map(|at| at.local_day().to_string()),
        end: format!("/matters/keys/{county}/{hash}/end"),
    });
    let keys = keys.collect();
    Ok(KeysPage {
        shell: ctx.shell(&mut conn, text!("外部系统接入"), Some(county.division())).await?,
        views: pages::section(ctx, "/matters/keys"),
        form,
        keys,
        fresh,
        base: "/open311/v2/requests.json".into(),
    })
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let page = page(&ctx, Form::default(), None).await?;
    Ok(ctx.page(&page))
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let county = county(&ctx)?;
    let name = form.get("name").to_owned();
    if name.is_empty() || name.chars().count() > 40 {
        let typed = form.typed().with_error("name", text!("请写是哪个系统，不超过 40 个字"));
        let page = page(&ctx, typed, None).await?;
        return Ok(ctx.refused(&page));
    }
    let key = random_token()?;
    let by = ctx.actor_at(county.division())?;
    let mut tx = ctx.begin().await?;
    let hash = sha256(key.as_bytes());
    store::add_key(&mut tx, county, &hash, &name, ctx.app.clock.now()).await?;
    let subject = Subject { kind: "county", id: &county.to_string() };
    audit::write(&mut tx, county, &by, "matter.key", subject, Change::made(json!({ "name": name }))).await?;
    tx.commit().await?;
    let page = page(&ctx, Form::default(), Some(key)).await?;
    Ok(ctx.page(&page))
}

pub async fn end(ctx: Ctx, Path((place, hash)): Path<(String, String)>) -> AppResult<Response> {
    let county = county(&ctx)?;
    if place != county.to_string() {
        return Err(AppError::NotFound);
    }
    let by = ctx.actor_at(county.division())?;
    let mut tx = ctx.begin().await?;
    if store::end_key(&mut tx, county, &hash, ctx.app.clock.now()).await? != 1 {
        return Err(AppError::NotFound);
    }
    let subject = Subject { kind: "county", id: &county.to_string() };
    let change = Change::made(json!({ "until": ctx.today }));
    audit::write(&mut tx, county, &by, "matter.key", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/matters/keys", &text!("密钥已停用。")))
}
