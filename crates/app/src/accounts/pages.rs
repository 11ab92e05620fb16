//! The accounts of a scope: what the security administrator sees and does.

use axum::response::Response;
use base::{
    db::Conn,
    html::{Act, Address, Choice, Column, Filter, FilterKind, Form, Pages, Shell, State, Table, Tone, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Instant},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    Grant, Permission, Role, account,
    acts::{self, Invitation},
    duties, rules,
    rules::AccountState,
    store::{self, AccountRow},
};
use crate::{
    places, units,
    web::{Ctx, FormData},
};

/// Beyond this many, places and units are typed, not offered.
const MOST_OFFERED: i64 = 600;

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
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &ctx.scope, filter, now).await?;
    let accounts = store::list(&mut conn, &ctx.scope, filter, now, pages.span()).await?;
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let mut roles = store::roles_of(&mut conn, &ids, ctx.today).await?;
    let rows = accounts.iter().map(|account| {
        let held = roles.remove(&account.id).unwrap_or_default();
        row(account, &held, account.state(now.0))
    });
    let rows: Vec<ListRow> = rows.collect();
    let table = table(&address, pages, total);
    let shell = ctx.shell(&mut conn, text!("账号"), None).await?;
    let new = ctx.may(Permission::AccountsWrite).then(|| Act::new(text!("新建账号"), "/accounts/new").primary());
    Ok(ctx.page(&ListPage { shell, table, rows, new }))
}

fn row(account: &AccountRow, roles: &[Role], state: AccountState) -> ListRow {
    let names: Vec<Text> = roles.iter().copied().map(Role::label).collect();
    ListRow {
        href: format!("/accounts/{}", account.id),
        name: account.sign_in_name.clone(),
        display: account.display_name.clone(),
        roles: duties::line(&names),
        state: state_of(state),
        signed_in: account.signed_in_at.map_or_else(String::new, Instant::local_minute),
    }
}

pub fn state_of(state: AccountState) -> State {
    let tone = match state {
        AccountState::Invited => Tone::Wait,
        AccountState::Active => Tone::Ok,
        AccountState::Locked { .. } => Tone::Late,
        AccountState::Disabled => Tone::Stop,
    };
    State::new(tone, state.label())
}

fn table(address: &Address, pages: Pages, total: i64) -> Table {
    let select = |name, label, choices| Filter {
        name,
        label,
        kind: FilterKind::Select(choices),
        value: address.get(name).to_owned(),
    };
    let all = || Choice::new("", text!("全部"));
    let roles = Role::ALL.into_iter().map(|role| Choice::new(role.code(), role.label()));
    let none = Instant(0);
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
    table.rows(u64::try_from(total).ok(), pages.pager(address, total))
}

/// Where a role can be granted: offered where they are few enough to choose from.
pub struct Offer {
    pub roles: Vec<Choice>,
    pub places: Vec<(String, String)>,
    pub units: Vec<String>,
}

impl Offer {
    pub async fn of(ctx: &Ctx, conn: &mut Conn) -> AppResult<Self> {
        let mut offered = Vec::new();
        for area in ctx.scope.areas() {
            if (area.last - area.first) < 100_000_000 {
                let all = places::store::list(conn, *area).await?;
                offered.extend(all.into_iter().map(|place| (place.code.to_string(), place.short())));
            }
        }
        let units = units::store::list(conn, &ctx.scope, None, None, (MOST_OFFERED, 0)).await?;
        let roles = Role::ALL.into_iter().map(|role| Choice::new(role.code(), role.label()));
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
        Ok((id, code)) => account::show_code_next(&ctx, &id, &code, &text!("账号已建好。")),
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
        phone: form.some("phone").map(str::to_owned),
        grants: vec![grant],
    };
    let mut tx = ctx.begin().await?;
    let made = acts::add(&mut tx, &ctx.app, &ctx.actor()?, &invitation).await?;
    tx.commit().await?;
    Ok(made)
}

/// The role of the form with its place or unit, which must lie in the scope; and the county it belongs to.
pub async fn typed_grant(ctx: &Ctx, form: &FormData) -> AppResult<(Grant, CountyId)> {
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
