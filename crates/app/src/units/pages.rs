//! Pages of units: the list, a unit's record, entering and changing one.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Column, Fact, Filter, FilterKind, Form, Link, Pages, Shell, Table, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    Unit, UnitLevel,
    rules::Typed,
    store::{self, UnitRow},
};
use crate::{
    accounts::{Permission, Scope},
    places,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// More units than any province keeps.
const EXPORT: i64 = 100_000;

/// The pages of units.
#[must_use]
pub fn routes() -> AppRoutes {
    let (read, write) = (Permission::UnitsRead, Permission::UnitsWrite);
    empty()
        .get("/units", read, list)
        .get("/units.xlsx", read, |ctx: Ctx| export(ctx, Format::Xlsx))
        .get("/units.csv", read, |ctx: Ctx| export(ctx, Format::Csv))
        .get("/units/new", write, new)
        .post("/units", write, add)
        .get("/units/{id}", read, show)
        .get("/units/{id}/edit", write, edit)
        .post("/units/{id}/edit", write, save)
}

#[derive(Template)]
#[template(path = "units/register.html")]
struct ListPage {
    shell: Shell,
    table: Table,
    rows: Vec<Line>,
    views: Vec<Link>,
    may_write: bool,
    filtered: bool,
}

struct Line {
    href: String,
    name: String,
    level: Text,
    kind: String,
    system: String,
    contact: String,
    phone: String,
}

impl From<UnitRow> for Line {
    fn from(row: UnitRow) -> Self {
        Self {
            href: format!("/units/{}", row.id),
            level: level_text(&row.level),
            kind: row.kind.unwrap_or_default(),
            system: row.system.unwrap_or_default(),
            contact: row.contact.unwrap_or_default(),
            phone: row.phone.unwrap_or_default(),
            name: row.name,
        }
    }
}

fn level_text(code: &str) -> Text {
    UnitLevel::parse(code).map_or_else(Text::default, |level| Text::key(level.zh()))
}

/// Filters of the address: a part of the name, a level.
fn asked(address: &Address) -> (Option<String>, Option<&'static str>) {
    let text = Some(address.get("q").trim().to_owned()).filter(|text| !text.is_empty());
    (text, UnitLevel::parse(address.get("level")).map(UnitLevel::code))
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (text, level) = asked(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &ctx.scope, text.as_deref(), level).await?;
    let rows = store::list(&mut conn, &ctx.scope, text.as_deref(), level, pages.span()).await?;
    let levels = UnitLevel::ALL.map(|level| Choice::new(level.code(), Text::key(level.zh())));
    let levels = std::iter::once(Choice::new("", text!("全部"))).chain(levels).collect();
    let field = |name, label, kind| Filter { name, label, kind, value: address.get(name).to_owned() };
    let fields =
        vec![field("q", text!("名称"), FilterKind::Words), field("level", text!("层级"), FilterKind::Select(levels))];
    let columns = [text!("名称"), text!("层级"), text!("类型"), text!("系统"), text!("联系人"), text!("联系电话")];
    let pager = pages.pager(&address, total);
    let table = Table::new(text!("派出单位"), &address, fields, columns.into_iter().map(Column::new).collect());
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("派出单位"), ctx.place().ok()).await?,
        views: crate::postings::section(&ctx, "/units"),
        filtered: text.is_some() || level.is_some(),
        table: table.rows(u64::try_from(total).ok(), pager),
        rows: rows.into_iter().map(Line::from).collect(),
        may_write: ctx.may(Permission::UnitsWrite),
    };
    Ok(ctx.page(&page))
}

async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (text, level) = asked(&address);
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, &ctx.scope, text.as_deref(), level, (EXPORT, 0)).await?;
    let headers = ["名称", "层级", "类型", "系统", "联系人", "联系电话", "强单位"];
    let layout = Layout::new("派出单位", headers.into_iter().map(SheetColumn::new).collect());
    let rows = rows.into_iter().map(|row| {
        vec![
            row.name.into(),
            UnitLevel::parse(&row.level).map(UnitLevel::zh).into(),
            row.kind.into(),
            row.system.into(),
            row.contact.into(),
            row.phone.into(),
            if row.strong == 1 { "是" } else { "否" }.into(),
        ]
    });
    ctx.sheet("派出单位", &Sheet { layout, rows: rows.collect() }, format)
}

/// Whether a unit stands in the lists of a scope: kept by one of its counties, or the scope's own.
fn sees(scope: &Scope, row: &UnitRow) -> bool {
    let kept = |county: CountyId| {
        let within = |area: &base::kernel::Area| {
            let (first, last) = area.counties();
            (first..=last).contains(&county.as_i64())
        };
        scope.areas().iter().any(within)
    };
    kept(row.county_id) || scope.units().contains(&row.id)
}

async fn find(ctx: &Ctx, conn: &mut Conn, id: &str) -> AppResult<UnitRow> {
    let row = store::find(conn, id).await?.filter(|row| sees(&ctx.scope, row));
    row.ok_or(AppError::NotFound)
}

#[derive(Template)]
#[template(path = "units/show.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    facts: Vec<Fact>,
    people: String,
    edit: Option<String>,
}

async fn show(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &id).await?;
    let tags = store::tags(&mut conn, &id).await?;
    let keeper = places::store::find(&mut conn, row.county_id.division()).await?.map(|place| place.short());
    let said = |text: &Option<String>| Text::data(text.clone().unwrap_or_else(|| "—".into()));
    let facts = vec![
        Fact::new(text!("层级"), level_text(&row.level)),
        Fact::new(text!("类型"), said(&row.kind)),
        Fact::new(text!("系统"), said(&row.system)),
        Fact::new(text!("优势"), said(&Some(tags.join("、")).filter(|tags| !tags.is_empty()))),
        Fact::new(text!("强单位"), if row.strong == 1 { text!("是") } else { text!("否") }),
        Fact::new(text!("联系人"), said(&row.contact)),
        Fact::new(text!("联系电话"), said(&row.phone)),
    ];
    let may_edit =
        ctx.may(Permission::UnitsWrite) && ctx.viewer()?.scope(Permission::UnitsWrite).holds(row.county_id.division());
    let page = ShowPage {
        shell: ctx.shell(&mut conn, Text::data(row.name), Some(row.county_id.division())).await?,
        sub: text!("派出单位 · {place} 登记", place = keeper.unwrap_or_default()),
        facts,
        people: format!("/postings?unit={id}"),
        edit: may_edit.then(|| format!("/units/{id}/edit")),
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "units/edit.html")]
struct EditPage {
    shell: Shell,
    form: Form,
    levels: Vec<Choice>,
    action: String,
    back: String,
}

impl EditPage {
    async fn new(ctx: &Ctx, conn: &mut Conn, id: Option<&str>, form: Form, place: DivisionCode) -> AppResult<Self> {
        let title = if id.is_some() { text!("修改派出单位") } else { text!("登记派出单位") };
        Ok(Self {
            shell: ctx.shell(conn, title, Some(place)).await?,
            form,
            levels: UnitLevel::ALL.iter().map(|level| Choice::new(level.code(), Text::key(level.zh()))).collect(),
            action: id.map_or_else(|| "/units".into(), |id| format!("/units/{id}/edit")),
            back: id.map_or_else(|| "/units".into(), |id| format!("/units/{id}")),
        })
    }
}

/// The office's own division: what it enters, it keeps.
fn keeper(ctx: &Ctx) -> AppResult<DivisionCode> {
    ctx.scope.home().ok_or(AppError::Forbidden)
}

async fn new(ctx: Ctx) -> AppResult<Response> {
    let place = keeper(&ctx)?;
    let mut conn = ctx.read().await?;
    let page = EditPage::new(&ctx, &mut conn, None, Form::default(), place).await?;
    Ok(ctx.page(&page))
}

/// Shows the form again with the refusal at its field and what was typed.
async fn again(
    ctx: &Ctx,
    id: Option<&str>,
    data: &FormData,
    refusal: Refusal,
    at: DivisionCode,
) -> AppResult<Response> {
    let form = data.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
    let mut conn = ctx.read().await?;
    Ok(ctx.refused(&EditPage::new(ctx, &mut conn, id, form, at).await?))
}

fn typed(data: &FormData) -> Result<Unit, Refusal> {
    let typed = Typed {
        name: data.get("name"),
        level: data.get("level"),
        kind: data.get("kind"),
        system: data.get("system"),
        contact: data.get("contact"),
        phone: data.get("phone"),
        strengths: data.get("strengths"),
        strong: data.get("strong") == "yes",
    };
    typed.unit()
}

/// A name used twice in a county, found by the database at the statement.
fn name_taken(error: base::db::DbError) -> AppError {
    match error.unique_violation().as_deref() {
        Some("unit") => Refusal::at("name", text!("已经登记过同名的单位，请到名册里找它。")).into(),
        _ => error.into(),
    }
}

async fn add(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let place = keeper(&ctx)?;
    let added = match typed(&data) {
        Ok(unit) => insert(&ctx, place.county(), &unit).await,
        Err(refusal) => Err(refusal.into()),
    };
    match added {
        Ok(id) => Ok(ctx.redirect(&format!("/units/{id}"), &text!("已登记。"))),
        Err(AppError::Refused(refusal)) => again(&ctx, None, &data, refusal, place).await,
        Err(error) => Err(error),
    }
}

async fn insert(ctx: &Ctx, county: CountyId, unit: &Unit) -> AppResult<String> {
    let mut tx = ctx.begin().await?;
    let id = store::add(&mut tx, county, unit).await.map_err(name_taken)?;
    let change = Change::made(json!({ "name": unit.name, "level": unit.level.code() }));
    audit::write(&mut tx, county, &ctx.actor()?, "unit.add", Subject { kind: "unit", id: &id }, change).await?;
    tx.commit().await?;
    Ok(id)
}

async fn edit(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = own(&ctx, &mut conn, &id).await?;
    let tags = store::tags(&mut conn, &id).await?;
    let some = |text: Option<String>| text.unwrap_or_default();
    let form = Form::of([
        ("name", row.name),
        ("level", row.level),
        ("kind", some(row.kind)),
        ("system", some(row.system)),
        ("contact", some(row.contact)),
        ("phone", some(row.phone)),
        ("strengths", tags.join("、")),
        ("strong", if row.strong == 1 { "yes".into() } else { String::new() }),
        ("version", row.version.to_string()),
    ]);
    let page = EditPage::new(&ctx, &mut conn, Some(&id), form, row.county_id.division()).await?;
    Ok(ctx.page(&page))
}

/// A unit that this office keeps; another's is not its to change.
async fn own(ctx: &Ctx, conn: &mut Conn, id: &str) -> AppResult<UnitRow> {
    let row = store::find(conn, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(row.county_id.division())?;
    Ok(row)
}

async fn save(ctx: Ctx, Path(id): Path<String>, data: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = own(&ctx, &mut conn, &id).await?;
    drop(conn);
    let place = row.county_id.division();
    let saved = match typed(&data) {
        Ok(unit) => update(&ctx, row, &unit, data.get("version").parse().unwrap_or(0)).await,
        Err(refusal) => Err(refusal.into()),
    };
    match saved {
        Ok(()) => Ok(ctx.redirect(&format!("/units/{id}"), &text!("已保存。"))),
        Err(AppError::Refused(refusal)) => again(&ctx, Some(&id), &data, refusal, place).await,
        Err(error) => Err(error),
    }
}

async fn update(ctx: &Ctx, row: UnitRow, unit: &Unit, version: i64) -> AppResult<()> {
    let mut tx = ctx.begin().await?;
    if !store::save(&mut tx, &row.id, unit, version).await.map_err(name_taken)? {
        return Err(AppError::Conflict(text!("别人刚改过这个单位，请返回刷新，看过最新内容再改。")));
    }
    let before = json!({ "name": row.name, "level": row.level, "contact": row.contact, "phone": row.phone });
    let after = json!({ "name": unit.name, "level": unit.level.code(), "contact": unit.contact, "phone": unit.phone });
    let change = Change::changed(before, after);
    audit::write(&mut tx, row.county_id, &ctx.actor()?, "unit.save", Subject { kind: "unit", id: &row.id }, change)
        .await?;
    tx.commit().await?;
    Ok(())
}
