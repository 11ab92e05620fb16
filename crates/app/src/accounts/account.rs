//! One account: what is known of it, its roles, and what the security administrator may do to it.

use axum::{extract::Path, http::header, response::Response};
use base::{
    db::Conn,
    html::{Act, ConfirmPage, Fact, Form, Shell, State, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult, cookie, set_cookie},
};

use super::{
    Grant, Permission, Role, acts, duties,
    pages::{Offer, state_of, typed_grant},
    rules::AccountState,
    secrets::{open_shown_code, seal_shown_code},
    store::{self, AccountRow, GrantRow},
};
use crate::web::{Ctx, FormData};

const CODE_COOKIE: &str = "lianxin_code";

/// Leads to the account's page, which shows the code once: it travels sealed and is gone when it was shown.
pub fn show_code_next(ctx: &Ctx, id: &str, code: &str, said: &Text) -> AppResult<Response> {
    let mut response = ctx.redirect(&format!("/accounts/{id}"), said);
    let sealed = seal_shown_code(&ctx.app.keys, id, code)?;
    if let Some(value) = set_cookie(CODE_COOKIE, &sealed, 120, ctx.app.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[derive(askama::Template)]
#[template(path = "accounts/account.html")]
struct ShowPage {
    shell: Shell,
    id: String,
    name: String,
    state: State,
    facts: Vec<Fact>,
    acts: Vec<Act>,
    grants: Vec<Held>,
    form: Form,
    offer: Offer,
    /// Whether the viewer may change this account.
    writes: bool,
    start_code: Option<String>,
}

struct Held {
    id: String,
    role: Text,
    place: String,
    since: String,
    until: String,
    holds: bool,
}

/// GET /accounts/{id}
pub async fn show(ctx: Ctx, Path(id): Path<String>, headers: axum::http::HeaderMap) -> AppResult<Response> {
    let sealed = cookie(&headers, CODE_COOKIE);
    let code = sealed.as_deref().and_then(|sealed| open_shown_code(&ctx.app.keys, &id, sealed));
    let mut response = ctx.page(&show_page(&ctx, &id, Form::default(), code).await?);
    if let Some(value) = sealed.and_then(|_| set_cookie(CODE_COOKIE, "", 0, ctx.app.is_https())) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

async fn show_page(ctx: &Ctx, id: &str, form: Form, start_code: Option<String>) -> AppResult<ShowPage> {
    let mut conn = ctx.read().await?;
    let account = acts::find(&mut conn, &ctx.scope, id).await?;
    let mut grants = Vec::new();
    for grant in store::list_grants(&mut conn, id).await? {
        grants.push(held(ctx, &mut conn, grant).await?);
    }
    let offer = Offer::of(ctx, &mut conn).await?;
    let shell = ctx.shell(&mut conn, Text::data(&account.display_name), None).await?;
    let writes = ctx.may(Permission::AccountsWrite) && ctx.viewer()?.account_id != account.id;
    let state = account.state(ctx.app.clock.now());
    Ok(ShowPage {
        shell,
        id: account.id.clone(),
        name: account.sign_in_name.clone(),
        state: state_of(state),
        facts: facts(&account, state),
        acts: if writes { offered_acts(id, state) } else { Vec::new() },
        grants,
        form,
        offer,
        writes,
        start_code,
    })
}

async fn held(ctx: &Ctx, conn: &mut Conn, grant: GrantRow) -> AppResult<Held> {
    let place = match (&grant.unit_name, grant.role()) {
        (Some(name), _) => name.clone(),
        (None, Some(role)) => duties::place_of(conn, &Grant { role, division: grant.division, unit_id: None }).await?,
        (None, None) => String::new(),
    };
    Ok(Held {
        holds: grant.holds(ctx.today),
        role: grant.role().map_or_else(|| Text::data(&grant.role), Role::label),
        place,
        since: grant.since.to_string(),
        until: grant.until.map_or_else(String::new, |day| day.to_string()),
        id: grant.id,
    })
}

fn facts(account: &AccountRow, state: AccountState) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(text!("用户名"), Text::data(&account.sign_in_name)),
        Fact::new(text!("姓名"), Text::data(&account.display_name)),
        Fact::new(text!("两步验证"), if account.has_totp() { text!("已开启") } else { text!("未开启") }),
        Fact::new(text!("建立时间"), Text::data(account.made_at.local_minute())),
    ];
    if account.person_id.is_some() {
        facts.push(Fact::new(text!("干部名册"), text!("已对应到本人")));
    }
    if let Some(at) = account.signed_in_at {
        facts.push(Fact::new(text!("最近登录"), Text::data(at.local_minute())));
    }
    if let AccountState::Locked { until } = state {
        facts.push(Fact::new(text!("锁定到"), Text::data(until.local_minute())));
    }
    if let (AccountState::Invited, Some(until)) = (state, account.start_code_until) {
        facts.push(Fact::new(text!("启用码有效到"), Text::data(until.local_minute())));
    }
    facts
}

fn offered_acts(id: &str, state: AccountState) -> Vec<Act> {
    let reset = Act::new(text!("重置，发新启用码"), format!("/accounts/{id}/start-code"));
    let disable = Act::new(text!("停用"), format!("/accounts/{id}/disabled")).danger();
    let enable = |label| Act::new(label, format!("/accounts/{id}/enabled")).post();
    match state {
        AccountState::Active | AccountState::Invited => vec![reset, disable],
        AccountState::Locked { .. } => vec![enable(text!("解除锁定")), reset, disable],
        AccountState::Disabled => vec![enable(text!("恢复使用"))],
    }
}

/// POST /accounts/{id}/grants
pub async fn grant(ctx: Ctx, Path(id): Path<String>, form: FormData) -> AppResult<Response> {
    match try_grant(&ctx, &id, &form).await {
        Ok(()) => Ok(ctx.redirect(&format!("/accounts/{id}"), &text!("职责已授予。"))),
        Err(AppError::Refused(refusal)) => {
            let form = form.typed().with_error(refusal.field.unwrap_or("role"), refusal.message);
            Ok(ctx.refused(&show_page(&ctx, &id, form, None).await?))
        }
        Err(error) => Err(error),
    }
}

async fn try_grant(ctx: &Ctx, id: &str, form: &FormData) -> AppResult<()> {
    let (grant, _) = typed_grant(ctx, form).await?;
    let mut tx = ctx.begin().await?;
    let account = acts::find(&mut tx, &ctx.scope, id).await?;
    acts::grant(&mut tx, &ctx.actor()?, &account, &grant, form.some("phone")).await?;
    Ok(tx.commit().await?)
}

/// POST /accounts/{id}/grants/{grant}/end
pub async fn revoke(ctx: Ctx, Path((id, grant)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let account = acts::find(&mut tx, &ctx.scope, &id).await?;
    let all = store::list_grants(&mut tx, &id).await?;
    let grant = all.into_iter().find(|one| one.id == grant).ok_or(AppError::NotFound)?;
    acts::revoke(&mut tx, &ctx.actor()?, &account, &grant).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/accounts/{id}"), &text!("职责已收回，即时生效。")))
}

/// GET /accounts/{id}/disabled: says what will happen.
pub async fn ask_disable(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    Ok(ctx.page(&disable_page(&ctx, &id, Form::default()).await?))
}

async fn disable_page(ctx: &Ctx, id: &str, form: Form) -> AppResult<ConfirmPage> {
    let mut conn = ctx.read().await?;
    let account = acts::find(&mut conn, &ctx.scope, id).await?;
    Ok(ConfirmPage {
        shell: ctx.shell(&mut conn, text!("停用账号"), None).await?,
        say: text!("停用 {name}（{display}）：", name = account.sign_in_name, display = account.display_name),
        effects: vec![text!("马上退出所有设备，不能再登录"), text!("职责和留下的记录都保留，可以随时恢复")],
        action: format!("/accounts/{id}/disabled"),
        button: text!("停用"),
        back: format!("/accounts/{id}"),
        form,
        ask_reason: true,
    })
}

/// POST /accounts/{id}/disabled
pub async fn disable(ctx: Ctx, Path(id): Path<String>, form: FormData) -> AppResult<Response> {
    let Some(reason) = form.some("reason") else {
        let form = form.typed().with_error("reason", text!("请写明原因，审计时要看。"));
        return Ok(ctx.refused(&disable_page(&ctx, &id, form).await?));
    };
    let mut tx = ctx.begin().await?;
    let account = acts::find(&mut tx, &ctx.scope, &id).await?;
    acts::disable(&mut tx, &ctx.actor()?, &account, reason).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/accounts/{id}"), &text!("账号已停用。")))
}

/// POST /accounts/{id}/enabled
pub async fn enable(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let account = acts::find(&mut tx, &ctx.scope, &id).await?;
    acts::enable(&mut tx, &ctx.actor()?, &account).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/accounts/{id}"), &text!("账号已恢复使用。")))
}

/// GET /accounts/{id}/start-code: says what will happen.
pub async fn ask_reset(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let account = acts::find(&mut conn, &ctx.scope, &id).await?;
    Ok(ctx.page(&ConfirmPage {
        shell: ctx.shell(&mut conn, text!("重置账号"), None).await?,
        say: text!("重置 {name}（{display}）：", name = account.sign_in_name, display = account.display_name),
        effects: vec![
            text!("原来的密码和两步验证作废，马上退出所有设备"),
            text!("得到一个新的启用码，只显示一次，请当面或打电话告诉本人"),
        ],
        action: format!("/accounts/{id}/start-code"),
        button: text!("重置"),
        back: format!("/accounts/{id}"),
        form: Form::default(),
        ask_reason: false,
    }))
}

/// POST /accounts/{id}/start-code
pub async fn reset(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let account = acts::find(&mut tx, &ctx.scope, &id).await?;
    let code = acts::reset(&mut tx, &ctx.app, &ctx.actor()?, &account).await?;
    tx.commit().await?;
    show_code_next(&ctx, &id, &code, &text!("账号已重置。"))
}
