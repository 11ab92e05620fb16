//! The accounts of a scope: what the security administrator sees and does.

use axum::{extract::Path, http::header, response::Response};
use base::{
    db::Conn,
    html::{
        Act, Address, Choice, Column, ConfirmPage, Fact, Filter, FilterKind, Form, Pager, Shell, State, Table, Tone,
        filters,
    },
    i18n::Text,
    kernel::{CountyId, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal, cookie, set_cookie},
};

use super::{
    Grant, Permission, Role,
    acts::{self, Invitation},
    duties, rules,
    rules::AccountState,
    secrets::{open_shown_code, seal_shown_code},
    store::{self, AccountRow, GrantRow},
};
use crate::{
    places, units,
    web::{Ctx, FormData},
};

const PAGE: i64 = 50;
/// Beyond this many, places and units are typed, not offered.
const MOST_OFFERED: i64 = 600;
const CODE_COOKIE: &str = "lianxin_code";

#[derive(askama::Template)]
#[template(path = "accounts/accounts.html")]
struct ListPage {
    shell: Shell,
    table: Table,
    rows: Vec<ListRow>,
    new: Option<Act>,
}

struct ListRow {
    href: String,
    name: String,
    display: String,
    roles: Text,
    state: State,
    signed_in: String,
}

/// GET /accounts
pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let some = |name: &str| Some(address.get(name).trim()).filter(|value| !value.is_empty()).map(str::to_owned);
    let (text, role, state) = (some("q"), some("role"), some("state"));
    let filter = store::Filter { text: text.as_deref(), role: role.as_deref(), state: state.as_deref() };
    let now = (ctx.app.clock.now(), ctx.today);
    let page = address.get("page").parse::<i64>().unwrap_or(1).clamp(1, 10_000);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &ctx.scope, filter, now).await?;
    let accounts = store::list(&mut conn, &ctx.scope, filter, now, (PAGE, (page - 1) * PAGE)).await?;
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let mut roles = store::roles_of(&mut conn, &ids, ctx.today).await?;
    let rows = accounts.iter().map(|account| {
        let held = roles.remove(&account.id).unwrap_or_default();
        row(account, &held, account.state(now.0))
    });
    let rows: Vec<ListRow> = rows.collect();
    let table = table(&address, page, rows.len(), total);
    let shell = ctx.shell(&mut conn, text!("账号"), None).await?;
    let new = ctx.may(Permission::AccountsWrite).then(|| Act::new(text!("新建账号"), "/accounts/new").primary());
    Ok(ctx.page(&ListPage { shell, table, rows, new }))
}

fn row(account: &AccountRow, roles: &[Role], state: AccountState) -> ListRow {
    let names: Vec<Text> = roles.iter().map(|role| Text::key(role.zh())).collect();
    ListRow {
        href: format!("/accounts/{}", account.id),
        name: account.sign_in_name.clone(),
        display: account.display_name.clone(),
        roles: duties::line(&names),
        state: state_of(state),
        signed_in: account.signed_in_at.map_or_else(String::new, |at| at.local_minute()),
    }
}

fn state_of(state: AccountState) -> State {
    let tone = match state {
        AccountState::Invited => Tone::Wait,
        AccountState::Active => Tone::Ok,
        AccountState::Locked { .. } => Tone::Late,
        AccountState::Disabled => Tone::Stop,
    };
    State::new(tone, state.label())
}

fn table(address: &Address, page: i64, shown: usize, total: i64) -> Table {
    let select = |name, label, choices| Filter {
        name,
        label,
        kind: FilterKind::Select(choices),
        value: address.get(name).to_owned(),
    };
    let all = || Choice::new("", text!("全部"));
    let roles = Role::ALL.into_iter().map(|role| Choice::new(role.code(), Text::key(role.zh())));
    let none = base::kernel::Instant(0);
    let states =
        [AccountState::Active, AccountState::Invited, AccountState::Locked { until: none }, AccountState::Disabled];
    let states = states.into_iter().map(|state| Choice::new(state.code(), state.label()));
    let filters = vec![
        Filter {
            name: "q", label: text!("姓名或用户名"), kind: FilterKind::Words, value: address.get("q").to_owned()
        },
        select("role", text!("职责"), std::iter::once(all()).chain(roles).collect()),
        select("state", text!("状态"), std::iter::once(all()).chain(states).collect()),
    ];
    let columns = [text!("用户名"), text!("姓名"), text!("职责"), text!("状态"), text!("最近登录")];
    let mut table = Table::new(text!("账号"), address, filters, columns.map(Column::new).into());
    // The lists of accounts leave by the export that the operator's tools offer, not from here.
    (table.xlsx, table.csv) = (None, None);
    let before = (page - 1) * PAGE;
    let to = before + i64::try_from(shown).unwrap_or(0);
    let at = |page: i64| Some(address.with("page", &page.to_string()).to_string());
    let pager = Pager {
        from: u64::try_from(before + 1).unwrap_or(0),
        to: u64::try_from(to).unwrap_or(0),
        prev: if page > 1 { at(page - 1) } else { None },
        next: if to < total { at(page + 1) } else { None },
    };
    table.rows(u64::try_from(total).ok(), pager)
}

/// Where a role can be granted: offered where they are few enough to choose from.
struct Offer {
    roles: Vec<Choice>,
    places: Vec<(String, String)>,
    units: Vec<String>,
}

impl Offer {
    async fn of(ctx: &Ctx, conn: &mut Conn) -> AppResult<Self> {
        let mut offered = Vec::new();
        for area in ctx.scope.areas() {
            if (area.last - area.first) < 100_000_000 {
                let all = places::store::list(conn, *area).await?;
                offered.extend(all.into_iter().map(|place| (place.code.to_string(), place.short().to_string())));
            }
        }
        let units = units::store::list(conn, &ctx.scope, None, None, (MOST_OFFERED, 0)).await?;
        let roles = Role::ALL.into_iter().map(|role| Choice::new(role.code(), Text::key(role.zh())));
        Ok(Self { roles: roles.collect(), places: offered, units: units.into_iter().map(|unit| unit.name).collect() })
    }
}

#[derive(askama::Template)]
#[template(path = "accounts/new_account.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    offer: Offer,
}

/// GET /accounts/new
pub async fn show_new(ctx: Ctx) -> AppResult<Response> {
    let page = new_page(&ctx, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn new_page(ctx: &Ctx, form: Form) -> AppResult<NewPage> {
    let mut conn = ctx.read().await?;
    let offer = Offer::of(ctx, &mut conn).await?;
    Ok(NewPage { shell: ctx.shell(&mut conn, text!("新建账号"), None).await?, form, offer })
}

/// POST /accounts
pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    match try_add(&ctx, &form).await {
        Ok((id, code)) => show_code_next(&ctx, &id, &code, &text!("账号已建好。")),
        Err(AppError::Refused(refusal)) => {
            let form = form.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
            Ok(ctx.refused(&new_page(&ctx, form).await?))
        }
        Err(error) => Err(error),
    }
}

async fn try_add(ctx: &Ctx, form: &FormData) -> AppResult<(String, String)> {
    rules::sign_in_name(form.get("name"))?;
    rules::display_name(form.get("display"))?;
    let (grant, county) = typed_grant(ctx, form).await?;
    let invitation = Invitation {
        county,
        sign_in_name: form.get("name").to_owned(),
        display_name: form.get("display").to_owned(),
        grants: vec![grant],
    };
    let mut tx = ctx.begin().await?;
    let made = acts::add(&mut tx, &ctx.app, &ctx.actor()?, &invitation).await?;
    tx.commit().await?;
    Ok(made)
}

/// The role of the form with its place or unit, which must lie in the scope; and the county it belongs to.
async fn typed_grant(ctx: &Ctx, form: &FormData) -> AppResult<(Grant, CountyId)> {
    let role = Role::parse(form.get("role")).ok_or_else(|| Refusal::at("role", text!("请选择一个职责。")))?;
    let mut conn = ctx.read().await?;
    if role.is_of_unit() {
        let refusal = || Refusal::at("unit", text!("没有找到这个单位，请填写单位的全称。"));
        let name = form.some("unit").ok_or_else(refusal)?;
        let found = units::store::list(&mut conn, &ctx.scope, Some(name), None, (MOST_OFFERED, 0)).await?;
        let unit = found.into_iter().find(|unit| unit.name == name).ok_or_else(refusal)?;
        return Ok((Grant { role, division: None, unit_id: Some(unit.id) }, unit.county_id));
    }
    let refusal = || Refusal::at("place", text!("没有找到这个区划，或不在您的范围内。请填 12 位区划代码。"));
    let digits: String = form.get("place").chars().take_while(char::is_ascii_digit).collect();
    let place = DivisionCode::parse(&digits).filter(|place| ctx.scope.holds(*place)).ok_or_else(refusal)?;
    if !places::store::stands(&mut conn, place).await? {
        return Err(refusal().into());
    }
    Ok((Grant { role, division: Some(place), unit_id: None }, place.county()))
}

/// Leads to the account's page, which shows the code once: it travels sealed and is gone when it was shown.
fn show_code_next(ctx: &Ctx, id: &str, code: &str, said: &Text) -> AppResult<Response> {
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
        role: grant.role().map_or_else(|| Text::data(&grant.role), |role| Text::key(role.zh())),
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
    acts::grant(&mut tx, &ctx.actor()?, &account, &grant).await?;
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
