//! `lianxin user …`: accounts without the web, for the first administrators and for the day nobody can sign in.
//!
//! Each function answers the text to print. A start code is printed once and kept nowhere.

use base::{
    kernel::DivisionCode,
    text,
    web::{AppResult, Refusal},
};

use super::{
    Actor, Grant, Role, Scope,
    acts::{self, Invitation},
    rules,
    store::{self, AccountRow},
};
use crate::{app::App, places, units};

/// What `user add` is given.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub display: String,
    pub role: String,
    /// A division code; also names the county of a unit's account.
    pub place: String,
    pub unit: Option<String>,
    /// Tells cadres of one name apart.
    pub phone: Option<String>,
}

/// `lianxin user add NAME --display … --role … --place CODE [--unit ID] [--phone N]`
pub async fn add(app: &App, user: &NewUser) -> AppResult<String> {
    let role = Role::parse(&user.role).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.into_iter().map(Role::code).collect();
        Refusal::at("role", text!("没有这种职责；可用：{roles}", roles = known.join(" ")))
    })?;
    let place = DivisionCode::parse(&user.place)
        .ok_or_else(|| Refusal::at("place", text!("区划代码应为 12 位数字，例如 411327000000。")))?;
    let mut tx = app.db.begin().await?;
    if !places::store::stands(&mut tx, place).await? {
        return Err(Refusal::at("place", text!("数据库里没有区划 {code}，请先导入区划。", code = place)).into());
    }
    if let Some(id) = &user.unit
        && units::store::find(&mut tx, id).await?.is_none()
    {
        return Err(Refusal::at("unit", text!("没有编号为 {id} 的单位。", id = id)).into());
    }
    let of_unit = role.is_of_unit();
    let grant = Grant { role, division: (!of_unit).then_some(place), unit_id: user.unit.clone().filter(|_| of_unit) };
    let invitation = Invitation {
        county: place.county(),
        sign_in_name: user.name.clone(),
        display_name: user.display.clone(),
        phone: user.phone.clone(),
        grants: vec![grant],
    };
    let (_, code) = acts::add(&mut tx, app, &Actor::command_line(app.clock), &invitation).await?;
    tx.commit().await?;
    Ok(format!("账号 {} 已建好。启用码（只显示这一次，14 天内有效）：{code}\n", user.name.trim().to_lowercase()))
}

/// `lianxin user list`: one account a line, tab-separated.
pub async fn list(app: &App) -> AppResult<String> {
    let mut conn = app.db.read().await?;
    let (now, today) = (app.clock.now(), app.clock.today());
    let everywhere = Scope::of(DivisionCode::NATION);
    let mut text = String::new();
    let mut offset = 0;
    loop {
        let page = store::list(&mut conn, &everywhere, store::Filter::default(), (now, today), (500, offset)).await?;
        let ids: Vec<String> = page.iter().map(|account| account.id.clone()).collect();
        let roles = store::roles_of(&mut conn, &ids, today).await?;
        for account in &page {
            let held: Vec<&str> = roles.get(&account.id).into_iter().flatten().map(|role| role.code()).collect();
            let (name, display) = (&account.sign_in_name, &account.display_name);
            let state = account.state(now).code();
            text.push_str(&format!("{name}\t{display}\t{}\t{state}\t{}\n", account.county_id, held.join(",")));
        }
        if page.len() < 500 {
            return Ok(text);
        }
        offset += 500;
    }
}

/// `lianxin user reset NAME`
pub async fn reset(app: &App, name: &str) -> AppResult<String> {
    let mut tx = app.db.begin().await?;
    let account = named(&mut tx, name).await?;
    let code = acts::reset(&mut tx, app, &Actor::command_line(app.clock), &account).await?;
    tx.commit().await?;
    Ok(format!("账号 {} 已重置。新启用码（只显示这一次，14 天内有效）：{code}\n", account.sign_in_name))
}

/// `lianxin user disable NAME`
pub async fn disable(app: &App, name: &str) -> AppResult<String> {
    let mut tx = app.db.begin().await?;
    let account = named(&mut tx, name).await?;
    acts::disable(&mut tx, &Actor::command_line(app.clock), &account, "command line").await?;
    tx.commit().await?;
    Ok(format!("账号 {} 已停用，所有登录已退出。\n", account.sign_in_name))
}

/// `lianxin user enable NAME`
pub async fn enable(app: &App, name: &str) -> AppResult<String> {
    let mut tx = app.db.begin().await?;
    let account = named(&mut tx, name).await?;
    acts::enable(&mut tx, &Actor::command_line(app.clock), &account).await?;
    tx.commit().await?;
    Ok(format!("账号 {} 已恢复使用。\n", account.sign_in_name))
}

async fn named(conn: &mut base::db::Conn, name: &str) -> AppResult<AccountRow> {
    let name = rules::sign_in_name(name)?;
    let found = store::find_by_name(conn, &name).await?;
    Ok(found.ok_or_else(|| Refusal::at("name", text!("没有账号 {name}。", name = name)))?)
}
