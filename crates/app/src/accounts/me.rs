//! One's own account: data, roles, password, second factor, sessions.

use axum::response::{IntoResponse, Redirect, Response};
use base::{
    db::Conn,
    html::{Fact, Form, Link, Shell, filters},
    i18n::Text,
    password, text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    Permission, acts, duties,
    secrets::{SecondFactor, new_totp},
    sign_in::chosen,
    store::{self, Secret, SessionRow},
};
use crate::{
    spine::audit::Change,
    web::{Ctx, FormData},
};

#[derive(askama::Template)]
#[template(path = "accounts/me.html")]
struct MePage {
    shell: Shell,
    facts: Vec<Fact>,
    /// What else is mine.
    links: Vec<Link>,
    form: Form,
    has_totp: bool,
    sessions: Vec<Mine>,
}

/// One browser in which I am signed in.
struct Mine {
    id: String,
    /// Names the form on the page.
    form: String,
    agent: Text,
    address: String,
    seen: String,
    this: bool,
}

/// GET /account
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    Ok(ctx.page(&page(&ctx, Form::default()).await?))
}

async fn page(ctx: &Ctx, form: Form) -> AppResult<MePage> {
    let viewer = ctx.viewer()?;
    let mut conn = ctx.read().await?;
    let account = store::find_by_name(&mut conn, &viewer.sign_in_name).await?.ok_or(AppError::SignIn)?;
    let roles = duties::of(&mut conn, &viewer.grants).await?;
    let mut facts = vec![
        Fact::new(text!("用户名"), Text::data(&account.sign_in_name)),
        Fact::new(text!("姓名"), Text::data(&account.display_name)),
        Fact::new(text!("职责"), if roles.is_empty() { text!("还没有职责") } else { duties::line(&roles) }),
    ];
    if let Some(at) = account.signed_in_at {
        facts.push(Fact::new(text!("最近登录"), Text::data(at.local_minute())));
    }
    let own = ctx.session.token_hash.clone().unwrap_or_default();
    let sessions = store::list_sessions(&mut conn, &viewer.account_id, ctx.app.clock.now()).await?;
    let sessions = sessions.into_iter().map(|session| mine(session, &own)).collect();
    let shell = ctx.shell(&mut conn, text!("我的账号"), None).await?;
    let mut links = vec![Link::new(text!("请人代办"), "/account/deputies")];
    if ctx.may(Permission::PresenceOwn) {
        links.insert(0, Link::new(text!("我的请假和公出"), "/presence/mine"));
    }
    Ok(MePage { shell, facts, links, form, has_totp: account.has_totp(), sessions })
}

fn mine(session: SessionRow, own: &str) -> Mine {
    Mine {
        this: session.token_hash == own,
        agent: browser_name(session.agent.as_deref().unwrap_or_default()),
        address: session.address.unwrap_or_default(),
        seen: session.seen_at.local_minute(),
        form: session.token_hash.chars().take(8).collect(),
        id: session.token_hash,
    }
}

/// `Chrome · Windows` from what a browser says of itself; the order matters, for each claims to be the older ones.
fn browser_name(agent: &str) -> Text {
    let first = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, n)| *n);
    let browsers = [
        ("MicroMessenger", "微信"),
        ("DingTalk", "钉钉"),
        ("Edg/", "Edge"),
        ("360SE", "360"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    match (first(&browsers), first(&systems)) {
        (Some(browser), Some(system)) => Text::data(format!("{browser} · {system}")),
        (Some(one), None) | (None, Some(one)) => Text::data(one),
        (None, None) => text!("不知名的浏览器"),
    }
}

async fn secret(ctx: &Ctx, conn: &mut Conn) -> AppResult<Secret> {
    store::find_secret(conn, Ok(&ctx.viewer()?.account_id)).await?.ok_or(AppError::SignIn)
}

/// Whether the password typed is the account's; a wrong one counts as a failed sign-in.
async fn check_current(ctx: &Ctx, form: &FormData, field: &'static str) -> AppResult<Secret> {
    let secret = secret(ctx, &mut ctx.read().await?).await?;
    if password::verify(form.get(field), secret.password_hash.as_deref()).await {
        return Ok(secret);
    }
    let mut tx = ctx.app.db.begin().await?;
    store::add_failure(&mut tx, &secret.id, ctx.app.clock.now()).await?;
    tx.commit().await?;
    Err(Refusal::at(field, text!("现在的密码不对。")).into())
}

async fn refused(ctx: &Ctx, error: AppError) -> AppResult<Response> {
    let AppError::Refused(refusal) = error else { return Err(error) };
    let form = Form::default().with_error(refusal.field.unwrap_or("old_password"), refusal.message);
    Ok(ctx.refused(&page(ctx, form).await?))
}

/// POST /account/password: other sessions end with the old password.
pub async fn change_password(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let name = ctx.viewer()?.sign_in_name.clone();
    if let Err(refusal) = chosen(&form, &name) {
        return refused(&ctx, refusal.into()).await;
    }
    let secret = match check_current(&ctx, &form, "old_password").await {
        Ok(secret) => secret,
        Err(error) => return refused(&ctx, error).await,
    };
    let hash = password::hash(form.get("new_password")).await?;
    let own = ctx.session.token_hash.clone().unwrap_or_default();
    let mut tx = ctx.begin().await?;
    store::save_password(&mut tx, &secret.id, &hash).await?;
    store::end_other_sessions(&mut tx, &secret.id, &own).await?;
    acts::note(&mut tx, secret.county_id, &ctx.actor()?, "account.password", &secret.id, Change::default()).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/account", &text!("密码已更改，其他设备上的登录已退出。")))
}

/// The second factor is set up: a picture for the phone, a key to type, a code as proof.
#[derive(askama::Template)]
#[template(path = "accounts/totp.html")]
struct TotpPage {
    shell: Shell,
    form: Form,
    picture: String,
    key: String,
    /// Sealed for this account: comes back with the proof.
    sealed: String,
}

/// GET /account/totp
pub async fn show_totp(ctx: Ctx) -> AppResult<Response> {
    let sealed = new_totp(&ctx.app.keys, &ctx.viewer()?.account_id)?;
    Ok(ctx.page(&totp_page(&ctx, sealed, Form::default()).await?))
}

async fn totp_page(ctx: &Ctx, sealed: String, form: Form) -> AppResult<TotpPage> {
    let viewer = ctx.viewer()?;
    let factor = SecondFactor::open(&ctx.app.keys, &viewer.account_id, &viewer.sign_in_name, &sealed)?;
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("开启两步验证"), None).await?;
    Ok(TotpPage { shell, form, picture: factor.picture()?, key: factor.key(), sealed })
}

/// POST /account/totp
pub async fn save_totp(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let viewer = ctx.viewer()?;
    let sealed = form.get("sealed").to_owned();
    let factor = SecondFactor::open(&ctx.app.keys, &viewer.account_id, &viewer.sign_in_name, &sealed);
    let factor = factor.map_err(|_| AppError::BadRequest(text!("页面已过期，请重新开启两步验证。")))?;
    let Some(step) = factor.step_of(form.get("code"), ctx.app.clock.now()) else {
        let form = Form::default().with_error("code", text!("动态码不对。请核对手机时间，再填一次新的码。"));
        return Ok(ctx.refused(&totp_page(&ctx, sealed, form).await?));
    };
    let mut tx = ctx.begin().await?;
    let secret = secret(&ctx, &mut tx).await?;
    store::save_totp(&mut tx, &secret.id, Some(&sealed), Some(step)).await?;
    acts::note(&mut tx, secret.county_id, &ctx.actor()?, "account.totp_on", &secret.id, Change::default()).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/account", &text!("两步验证已开启，下次登录要填手机上的动态码。")))
}

/// POST /account/totp/removal
pub async fn remove_totp(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let secret = match check_current(&ctx, &form, "totp_password").await {
        Ok(secret) => secret,
        Err(error) => return refused(&ctx, error).await,
    };
    let mut tx = ctx.begin().await?;
    store::save_totp(&mut tx, &secret.id, None, None).await?;
    acts::note(&mut tx, secret.county_id, &ctx.actor()?, "account.totp_off", &secret.id, Change::default()).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/account", &text!("两步验证已关闭。")))
}

/// POST /account/sessions/end: one of my sessions, or all but this.
pub async fn end_session(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let account = ctx.viewer()?.account_id.clone();
    let own = ctx.session.token_hash.clone().unwrap_or_default();
    let mut tx = ctx.begin().await?;
    match form.get("session") {
        "others" => store::end_other_sessions(&mut tx, &account, &own).await.map(drop)?,
        one => store::end_session(&mut tx, &account, one).await.map(drop)?,
    }
    tx.commit().await?;
    if form.get("session") == own {
        return Ok(Redirect::to("/login").into_response());
    }
    Ok(ctx.redirect("/account", &text!("已退出那台设备上的登录。")))
}
