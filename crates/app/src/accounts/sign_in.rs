//! Sign-in and out: password, second factor, first sign-in by start code, the entrances of a demo.
//!
//! A refusal says the same and takes the same time whatever its cause: no such name, wrong password, locked, stopped.

use std::{sync::Once, time::Duration};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use base::{
    html::{Act, Address, DemoRole, Form, SignInPage, filters},
    i18n::Text,
    kernel::Instant,
    password,
    seal::{random_token, sha256},
    text,
    web::{AppError, AppResult, cookie, set_cookie},
};
use serde_json::json;

use super::{
    Actor, acts, rules,
    rules::AccountState,
    secrets::{STEP_SECONDS, SecondFactor, Step, is_start_code, read_step_token, step_token},
    store::{self, NewSession, Secret},
};
use crate::{
    app::App,
    spine::audit::Change,
    web::{Ctx, FormData, encode_path, session_cookie_name},
};

/// A refusal is answered after this time, so that the clock tells nothing.
const REFUSAL_TIME: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 500 });

/// GET /login
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let next = next_of(&ctx);
    if ctx.guest_or_viewer().is_some() && !ctx.app.demo {
        return Ok(Redirect::to(&next).into_response());
    }
    Ok(ctx.page(&page(&ctx, Form::default(), false).await?))
}

/// POST /login: name and password, or name and start code.
pub async fn sign_in(ctx: Ctx, form: FormData) -> AppResult<Response> {
    warn_of_plain_http(&ctx);
    let started = tokio::time::Instant::now();
    let now = ctx.app.clock.now();
    let address = limit(&ctx, now)?;
    let name = form.get("name").to_lowercase();
    // The connection goes back before the slow part.
    let secret = store::find_secret(&mut ctx.read().await?, Err(&name)).await?;
    let typed = form.get("password");
    let hash = secret.as_ref().and_then(|secret| secret.password_hash.as_deref());
    let right = password::verify(typed, hash).await;
    let passed = secret.as_ref().filter(|secret| match secret.state(now) {
        AccountState::Active => right,
        AccountState::Invited => is_start_code(&ctx.app.keys, secret, typed, now),
        AccountState::Locked { .. } | AccountState::Disabled => false,
    });
    match passed {
        Some(secret) => {
            ctx.app.sign_in_tries.give_back(&address);
            let invited = secret.state(now) == AccountState::Invited;
            match (invited, secret.totp_sealed.is_some()) {
                (true, _) => Ok(to_step(&ctx, Step::Choose, secret, now)),
                (false, true) => Ok(to_step(&ctx, Step::Code, secret, now)),
                (false, false) => enter(&ctx, secret).await,
            }
        }
        None => {
            note_failure(&ctx, secret.as_ref(), now).await?;
            tokio::time::sleep_until(started + REFUSAL_TIME).await;
            let said = text!("用户名或密码不对，或账号暂时锁定。连续 5 次不对会锁定 15 分钟。");
            Ok(ctx.refused(&page(&ctx, form.typed().with_error("name", said), false).await?))
        }
    }
}

/// GET /login/code
pub async fn show_code(ctx: Ctx, headers: HeaderMap) -> AppResult<Response> {
    match first_step(&ctx, Step::Code, &headers).await? {
        Some(_) => Ok(ctx.page(&page(&ctx, Form::default(), true).await?)),
        None => Ok(Redirect::to("/login").into_response()),
    }
}

/// POST /login/code: the second factor.
pub async fn code(ctx: Ctx, headers: HeaderMap, form: FormData) -> AppResult<Response> {
    let now = ctx.app.clock.now();
    let address = limit(&ctx, now)?;
    let Some(secret) = first_step(&ctx, Step::Code, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    let sealed = secret.totp_sealed.as_deref().ok_or(AppError::SignIn)?;
    let factor = SecondFactor::open(&ctx.app.keys, &secret.id, &secret.sign_in_name, sealed)?;
    if let Some(step) = factor.step_of(form.get("code"), now) {
        let mut tx = ctx.app.db.begin().await?;
        let fresh = store::save_totp_step(&mut tx, &secret.id, step).await?;
        tx.commit().await?;
        if fresh {
            ctx.app.sign_in_tries.give_back(&address);
            return enter(&ctx, &secret).await;
        }
    }
    note_failure(&ctx, Some(&secret), now).await?;
    let said = text!("动态码不对或已经用过，请等手机上换了新码再填。");
    Ok(ctx.refused(&page(&ctx, Form::default().with_error("code", said), true).await?))
}

/// The page on which somebody invited chooses a password.
#[derive(askama::Template)]
#[template(path = "accounts/choose.html")]
struct ChoosePage {
    shell: base::html::Shell,
    form: Form,
    action: String,
    name: String,
}

/// GET /login/password
pub async fn show_choose(ctx: Ctx, headers: HeaderMap) -> AppResult<Response> {
    match first_step(&ctx, Step::Choose, &headers).await? {
        Some(secret) => Ok(ctx.page(&choose_page(&ctx, &secret, Form::default()))),
        None => Ok(Redirect::to("/login").into_response()),
    }
}

/// POST /login/password: the first password, by the right of a start code.
pub async fn choose(ctx: Ctx, headers: HeaderMap, form: FormData) -> AppResult<Response> {
    let Some(secret) = first_step(&ctx, Step::Choose, &headers).await? else {
        return Ok(Redirect::to("/login").into_response());
    };
    if let Err(refusal) = chosen(&form, &secret.sign_in_name) {
        let field = refusal.field.unwrap_or("new_password");
        return Ok(ctx.refused(&choose_page(&ctx, &secret, Form::default().with_error(field, refusal.message))));
    }
    let hash = password::hash(form.get("new_password")).await?;
    let actor = actor_of(&ctx, &secret);
    let mut tx = ctx.app.db.begin().await?;
    // Read again inside the write: of two browsers with one code only the first chooses.
    let now_there = store::find_secret(&mut tx, Ok(&secret.id)).await?;
    if now_there.is_none_or(|now| now.version != secret.version) {
        return Ok(Redirect::to("/login").into_response());
    }
    store::save_password(&mut tx, &secret.id, &hash).await?;
    acts::note(&mut tx, secret.county_id, &actor, "account.activate", &secret.id, Change::default()).await?;
    tx.commit().await?;
    enter(&ctx, &secret).await
}

fn choose_page(ctx: &Ctx, secret: &Secret, form: Form) -> ChoosePage {
    let action = format!("/login/password?next={}", encode_path(&next_of(ctx)));
    ChoosePage { shell: ctx.bare_shell(text!("设置密码")), form, action, name: secret.display_name.clone() }
}

/// A new password typed twice, by the rules.
pub fn chosen(form: &FormData, sign_in_name: &str) -> Result<(), base::web::Refusal> {
    rules::check_password(form.get("new_password"), sign_in_name)?;
    if form.get("new_password") != form.get("again_password") {
        return Err(base::web::Refusal::at("again_password", text!("两次填写的密码不一样。")));
    }
    Ok(())
}

/// POST /login/demo: one click into a demo; elsewhere there is no such door.
pub async fn demo(ctx: Ctx, form: FormData) -> AppResult<Response> {
    if !ctx.app.demo {
        return Err(AppError::NotFound);
    }
    let mut conn = ctx.read().await?;
    let offered = store::demo_entrances(&mut conn).await?;
    if !offered.iter().any(|entrance| entrance.name == form.get("role")) {
        return Err(AppError::NotFound);
    }
    let secret = store::find_secret(&mut conn, Err(form.get("role"))).await?;
    drop(conn);
    let now = ctx.app.clock.now();
    let secret = secret.filter(|secret| secret.state(now) == AccountState::Active).ok_or(AppError::NotFound)?;
    enter(&ctx, &secret).await
}

/// POST /logout
pub async fn sign_out(ctx: Ctx) -> AppResult<Response> {
    let account = ctx.viewer()?.account_id.clone();
    if let Some(token_hash) = &ctx.session.token_hash {
        let mut tx = ctx.app.db.begin().await?;
        store::end_session(&mut tx, &account, token_hash).await?;
        tx.commit().await?;
    }
    let mut response = ctx.redirect("/login", &text!("已退出登录。"));
    put_cookie(&mut response, &ctx.app, session_cookie_name(&ctx.app), "", 0);
    Ok(response)
}

/// Begins a session, new whatever the browser brought, and leads on.
async fn enter(ctx: &Ctx, secret: &Secret) -> AppResult<Response> {
    let token = random_token()?;
    let token_hash = sha256(token.as_bytes());
    let now = ctx.app.clock.now();
    let address = ctx.peer.map(|peer| peer.to_string());
    let session = NewSession {
        token_hash: &token_hash,
        account_id: &secret.id,
        address: address.as_deref(),
        agent: ctx.agent.as_deref(),
    };
    let mut tx = ctx.app.db.begin().await?;
    // Locked or stopped while the password was being checked: guesses sent together must not slip through.
    let there = store::find_secret(&mut tx, Ok(&secret.id)).await?;
    if there.is_none_or(|there| there.state(now) != AccountState::Active) {
        return Ok(Redirect::to("/login").into_response());
    }
    if let (Some(viewer), Some(old)) = (ctx.guest_or_viewer(), &ctx.session.token_hash) {
        store::end_session(&mut tx, &viewer.account_id, old).await?;
    }
    store::remove_old_sessions(&mut tx, &secret.id, now).await?;
    store::save_signed_in(&mut tx, &secret.id, now).await?;
    store::add_session(&mut tx, &session, now).await?;
    let change = Change::made(json!({"address": address}));
    acts::note(&mut tx, secret.county_id, &actor_of(ctx, secret), "account.sign_in", &secret.id, change).await?;
    tx.commit().await?;
    let mut response = Redirect::to(&next_of(ctx)).into_response();
    put_cookie(&mut response, &ctx.app, session_cookie_name(&ctx.app), &token, rules::session::LONGEST_SECONDS);
    put_cookie(&mut response, &ctx.app, step_cookie(&ctx.app), "", 0);
    Ok(response)
}

/// Counts a failure of a known account and locks it at the fifth, with a line in the trail. A locked or stopped one
/// stays as it is.
async fn note_failure(ctx: &Ctx, secret: Option<&Secret>, now: Instant) -> AppResult<()> {
    let Some(secret) = secret.filter(|s| matches!(s.state(now), AccountState::Active | AccountState::Invited)) else {
        return Ok(());
    };
    let mut tx = ctx.app.db.begin().await?;
    let locked = store::add_failure(&mut tx, &secret.id, now).await?;
    if let Some(until) = locked {
        let address = ctx.peer.map(|peer| peer.to_string());
        let after = json!({"locked_until": until.local_minute(), "address": address});
        let actor = actor_of(ctx, secret);
        acts::note(&mut tx, secret.county_id, &actor, "account.lock", &secret.id, Change::made(after)).await?;
    }
    Ok(tx.commit().await?)
}

fn actor_of(ctx: &Ctx, secret: &Secret) -> Actor {
    Actor {
        account_id: secret.id.clone(),
        name: secret.display_name.clone(),
        at: ctx.app.clock.now(),
        today: ctx.today,
    }
}

/// One try of this address, or 429.
fn limit(ctx: &Ctx, now: Instant) -> AppResult<String> {
    let address = ctx.peer.map_or_else(String::new, |peer| peer.to_string());
    ctx.app.sign_in_tries.take(&address, now).map_err(|seconds| AppError::TooMany { retry_after_seconds: seconds })?;
    Ok(address)
}

/// Who has passed the first step in this browser, as long as the account has not changed since.
async fn first_step(ctx: &Ctx, step: Step, headers: &HeaderMap) -> AppResult<Option<Secret>> {
    let now = ctx.app.clock.now();
    let token = cookie(headers, step_cookie(&ctx.app));
    let Some((id, version)) = token.and_then(|token| read_step_token(&ctx.app.keys, step, &token, now)) else {
        return Ok(None);
    };
    let secret = store::find_secret(&mut ctx.read().await?, Ok(&id)).await?;
    let works = |s: &Secret| matches!(s.state(now), AccountState::Active | AccountState::Invited);
    Ok(secret.filter(|secret| secret.version == version && works(secret)))
}

fn to_step(ctx: &Ctx, step: Step, secret: &Secret, now: Instant) -> Response {
    let path = match step {
        Step::Code => "/login/code",
        Step::Choose => "/login/password",
    };
    let mut response = Redirect::to(&format!("{path}?next={}", encode_path(&next_of(ctx)))).into_response();
    let token = step_token(&ctx.app.keys, step, secret, now);
    put_cookie(&mut response, &ctx.app, step_cookie(&ctx.app), &token, STEP_SECONDS);
    response
}

fn step_cookie(app: &App) -> &'static str {
    if app.is_https() { "__Host-lianxin_step" } else { "lianxin_step" }
}

fn put_cookie(response: &mut Response, app: &App, name: &str, value: &str, seconds: i64) {
    if let Some(value) = set_cookie(name, value, seconds, app.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn next_of(ctx: &Ctx) -> String {
    rules::next_address(Address::parse(&ctx.address).get("next")).to_owned()
}

async fn page(ctx: &Ctx, form: Form, ask_code: bool) -> AppResult<SignInPage> {
    let next = encode_path(&next_of(ctx));
    let path = if ask_code { "/login/code" } else { "/login" };
    let offered =
        if ctx.app.demo && !ask_code { store::demo_entrances(&mut ctx.read().await?).await? } else { Vec::new() };
    let role = |one: store::Entrance| DemoRole { code: one.name, label: one.label.into(), who: Text::data(one.who) };
    Ok(SignInPage {
        shell: ctx.bare_shell(if ask_code { text!("两步验证") } else { text!("登录") }),
        form,
        action: format!("{path}?next={next}"),
        ask_code,
        roles: offered.into_iter().map(role).collect(),
        demo_action: format!("/login/demo?next={next}"),
        others: vec![Act::new(text!("填报负担公示"), "/public/burden")],
    })
}

/// Passwords over plain http beyond this machine can be read on the way: said once in the log.
fn warn_of_plain_http(ctx: &Ctx) {
    static SAID: Once = Once::new();
    if !ctx.app.is_https() && ctx.peer.is_some_and(|peer| !peer.is_loopback()) {
        SAID.call_once(|| {
            tracing::warn!("sign-in over plain http from another machine: set LIANXIN_BASE_URL to an https address");
        });
    }
}
