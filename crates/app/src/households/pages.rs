//! Pages of the household register: the list of a place, one household's form, leaving the register.

use std::collections::BTreeSet;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter as Field, FilterKind, Form, Pages, Shell, Table, filters},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, Level},
    sheet::Format,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    Household, Status, Typed, sheet,
    store::{self, Filter, HouseholdRow},
};
use crate::{
    accounts::Permission,
    flows, places,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// More households than a county has.
const EXPORT: i64 = 500_000;

/// The pages of households.
#[must_use]
pub fn routes() -> AppRoutes {
    let (read, write) = (Permission::HouseholdsRead, Permission::HouseholdsWrite);
    empty()
        .get("/households", read, list)
        .get("/households.xlsx", read, |ctx: Ctx| export(ctx, Format::Xlsx))
        .get("/households.csv", read, |ctx: Ctx| export(ctx, Format::Csv))
        .get("/households/new", write, new)
        .post("/households", write, add)
        .get("/households/{county}/{id}/edit", write, edit)
        .post("/households/{county}/{id}/edit", write, save)
        .post("/households/{county}/{id}/end", write, end)
}

#[derive(Template)]
#[template(path = "households/households.html")]
struct ListPage {
    shell: Shell,
    sub: Text,
    table: Table,
    rows: Vec<Line>,
    /// Where a new one is entered: only on a village's own list.
    add: Option<String>,
    /// Where a register is taken in from a file.
    import: Option<String>,
}

struct Line {
    number: i64,
    head: String,
    team: String,
    members: String,
    status: Text,
    since: String,
    village: String,
    village_link: String,
    edit: Option<String>,
}

fn filter_of(address: &Address) -> Filter {
    let head = Some(address.get("head").trim().to_owned()).filter(|head| !head.is_empty());
    Filter { status: Status::parse(address.get("status")), head, left: address.get("left") == "yes" }
}

fn fields(address: &Address) -> Vec<Field> {
    let all = || Choice::new("", text!("全部"));
    let statuses = std::iter::once(all()).chain(Status::ALL.map(|one| Choice::new(one.code(), Text::key(one.zh()))));
    let left = vec![Choice::new("", text!("在册")), Choice::new("yes", text!("连同已注销"))];
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("head", text!("户主"), FilterKind::Words),
        field("status", text!("户类别"), FilterKind::Select(statuses.collect())),
        field("left", text!("范围"), FilterKind::Select(left)),
    ]
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let (scope, filter) = (ctx.scope.within(place), filter_of(&address));
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let rows = store::list(&mut conn, &scope, &filter, pages.span()).await?;
    let columns =
        [text!("户号"), text!("户主"), text!("村民组"), text!("人口"), text!("户类别"), text!("登记日"), text!("村")];
    let columns = columns.map(Column::new).into();
    let table = Table::new(text!("农户名册"), &address, fields(&address), columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let may_write = ctx.may(Permission::HouseholdsWrite);
    let add = (may_write && place.level() == Level::Village).then(|| format!("/households/new?village={place}"));
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("农户"), Some(place)).await?,
        sub: if place.level() == Level::Village {
            text!("村里每户一行；脱贫户、监测户各有一张联心卡")
        } else {
            text!("选到村，可以登记和修改农户")
        },
        table,
        rows: rows.into_iter().map(|row| line(row, may_write)).collect(),
        add,
        import: ctx.may(Permission::Import).then(|| format!("/imports?place={place}&kind=households")),
    };
    Ok(ctx.page(&page))
}

fn line(row: HouseholdRow, may_write: bool) -> Line {
    let gone = row.until.map(|day| text!("{day} 注销", day = day));
    Line {
        edit: (may_write && row.until.is_none()).then(|| format!("/households/{}/{}/edit", row.county_id, row.id)),
        number: row.number,
        status: row.status().map(|status| Text::key(status.zh())).or(gone).unwrap_or_default(),
        team: row.team.unwrap_or_default(),
        members: row.members.map(|n| n.to_string()).unwrap_or_default(),
        since: row.since.to_string(),
        village: row.village_name.map(|name| places::short_name(&name)).unwrap_or_default(),
        village_link: format!("/households?place={}", row.village),
        head: row.head,
    }
}

async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.scope.within(ctx.place()?);
    let rows = store::list(&mut ctx.read().await?, &scope, &filter_of(&address), (EXPORT, 0)).await?;
    // Who took a list of households away is written down.
    let place = ctx.place()?;
    let mut tx = ctx.app.db.begin().await?;
    let change = Change::made(json!({ "rows": rows.len() }));
    let subject = Subject { kind: "place", id: &place.to_string() };
    audit::write(&mut tx, place.county(), &ctx.actor()?, "export.households", subject, change).await?;
    tx.commit().await?;
    ctx.sheet("农户", &sheet(rows), format)
}

#[derive(Template)]
#[template(path = "households/household.html")]
struct FormPage {
    shell: Shell,
    sub: String,
    form: Form,
    statuses: Vec<Choice>,
    action: String,
    back: String,
    /// Where it leaves the register; none while it is being entered.
    end: Option<String>,
}

impl FormPage {
    async fn new(
        ctx: &Ctx,
        conn: &mut Conn,
        village: DivisionCode,
        row: Option<&HouseholdRow>,
        form: Form,
    ) -> AppResult<Self> {
        let division = places::store::find(conn, village).await?.ok_or(AppError::NotFound)?;
        let title = if row.is_some() { text!("修改农户") } else { text!("登记农户") };
        let path = row.map(|row| format!("/households/{}/{}", row.county_id, row.id));
        Ok(Self {
            shell: ctx.shell(conn, title, Some(village)).await?,
            sub: division.short(),
            form,
            statuses: Status::ALL.map(|one| Choice::new(one.code(), Text::key(one.zh()))).into(),
            action: path
                .as_ref()
                .map_or_else(|| format!("/households?village={village}"), |path| format!("{path}/edit")),
            back: format!("/households?place={village}"),
            end: path.map(|path| format!("{path}/end")),
        })
    }
}

/// The village that `?village=` names, within the scope.
fn village_of(ctx: &Ctx) -> AppResult<DivisionCode> {
    let address = Address::parse(&ctx.address);
    let code = DivisionCode::parse(address.get("village")).filter(|code| code.level() == Level::Village);
    let code = code.ok_or(AppError::NotFound)?;
    ctx.scope.require(code)?;
    Ok(code)
}

async fn new(ctx: Ctx) -> AppResult<Response> {
    let village = village_of(&ctx)?;
    let mut conn = ctx.read().await?;
    let form = Form::of([("since", ctx.today.to_string())]);
    let page = FormPage::new(&ctx, &mut conn, village, None, form).await?;
    Ok(ctx.page(&page))
}

fn typed(data: &FormData, village: DivisionCode, today: Day) -> Result<Household, Refusal> {
    let typed = Typed {
        head: data.get("head"),
        team: data.get("team"),
        members: data.get("members"),
        status: data.get("status"),
        since: data.get("since"),
    };
    typed.household(village, today)
}

async fn again(
    ctx: &Ctx,
    village: DivisionCode,
    row: Option<&HouseholdRow>,
    data: &FormData,
    refusal: Refusal,
) -> AppResult<Response> {
    let form = data.typed().with_error(refusal.field.unwrap_or("head"), refusal.message);
    let mut conn = ctx.read().await?;
    Ok(ctx.refused(&FormPage::new(ctx, &mut conn, village, row, form).await?))
}

async fn add(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let village = village_of(&ctx)?;
    let household = match typed(&data, village, ctx.today) {
        Ok(household) => household,
        Err(refusal) => return again(&ctx, village, None, &data, refusal).await,
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    let ids = store::add_all(&mut tx, village.county(), std::slice::from_ref(&household), actor.at).await?;
    flows::households_changed(&mut tx, &BTreeSet::from([village]), &actor).await?;
    let id = ids.first().map(String::as_str).unwrap_or_default();
    let change = Change::made(said(&household));
    audit::write(&mut tx, village.county(), &actor, "household.add", Subject { kind: "household", id }, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/households?place={village}"), &text!("已登记。")))
}

fn said(household: &Household) -> serde_json::Value {
    json!({ "status": household.status.code(), "since": household.since, "members": household.members })
}

async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<HouseholdRow> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let row = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(row.village)?;
    Ok(row)
}

async fn edit(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let form = Form::of([
        ("head", row.head.clone()),
        ("team", row.team.clone().unwrap_or_default()),
        ("members", row.members.map(|n| n.to_string()).unwrap_or_default()),
        ("status", row.status.clone().unwrap_or_default()),
        ("since", row.status_since.unwrap_or(row.since).to_string()),
        ("version", row.version.to_string()),
    ]);
    let page = FormPage::new(&ctx, &mut conn, row.village, Some(&row), form).await?;
    Ok(ctx.page(&page))
}

async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let household = typed(&data, row.village, ctx.today).and_then(|household| household.after(row.standing()));
    let household = match household {
        Ok(household) => household,
        Err(refusal) => return again(&ctx, row.village, Some(&row), &data, refusal).await,
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    let version = data.get("version").parse().unwrap_or(0);
    if row.until.is_some() || !store::save(&mut tx, &row, &household, version, actor.at).await? {
        return Err(AppError::Conflict(text!("别人刚改过这户，请返回刷新，看过最新内容再改。")));
    }
    flows::households_changed(&mut tx, &BTreeSet::from([row.village]), &actor).await?;
    let before = json!({ "status": row.status, "since": row.status_since, "members": row.members });
    let change = Change::changed(before, said(&household));
    audit::write(&mut tx, row.county_id, &actor, "household.save", Subject { kind: "household", id: &row.id }, change)
        .await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/households?place={}", row.village), &text!("已保存。")))
}

async fn end(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let day = Day::parse(data.get("until")).filter(|day| *day <= ctx.today && Some(*day) >= row.status_since);
    let Some(day) = day else {
        let say = text!("注销日期写作 2024-01-18，不晚于今天，也不早于登记日。");
        return again(&ctx, row.village, Some(&row), &data, Refusal::at("until", say)).await;
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    if !store::end(&mut tx, &row, day, actor.at).await? {
        return Err(AppError::Conflict(text!("这户已经注销。")));
    }
    flows::households_changed(&mut tx, &BTreeSet::from([row.village]), &actor).await?;
    let change = Change::changed(json!({ "until": null }), json!({ "until": day, "why": data.get("why") }));
    audit::write(&mut tx, row.county_id, &actor, "household.end", Subject { kind: "household", id: &row.id }, change)
        .await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/households?place={}", row.village), &text!("已注销。")))
}
