//! Pages of the register: list, entry, correction, removal.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{
        Address, Choice, Column, ConfirmPage, Event, Filter as Shown, FilterKind, Form, Link, Pages, Shell, Table,
        filters,
    },
    i18n::Text,
    kernel::{DivisionCode, Phone},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult},
};

use super::{
    Field, change, register, remove,
    store::{self, Filter, Talent, TalentRow},
};
use crate::{
    accounts::Permission,
    express::{COUNTED, EXPORT, choices, county, events, section, villages::Known, words},
    places::short_name,
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of the register.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{ExpressRead, TalentsWrite};
    empty()
        .get("/talents", ExpressRead, list)
        .get("/talents.xlsx", ExpressRead, xlsx)
        .get("/talents.csv", ExpressRead, csv)
        .get("/talents/new", TalentsWrite, form)
        .post("/talents", TalentsWrite, add)
        .get("/talents/{county}/{id}", TalentsWrite, edit)
        .post("/talents/{county}/{id}", TalentsWrite, save)
        .get("/talents/{county}/{id}/removal", TalentsWrite, ask)
        .post("/talents/{county}/{id}/removal", TalentsWrite, take_out)
}

#[derive(Template)]
#[template(path = "express/talents/talents.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    may_write: bool,
}

struct Row {
    href: Option<String>,
    name: String,
    field: Text,
    strengths: String,
    village: String,
    township: String,
    phone: String,
}

fn filter_of(address: &Address) -> Filter {
    let words = Some(address.get("words").trim().to_owned()).filter(|value| !value.is_empty());
    Filter { field: Field::parse(address.get("field")).map(Field::code), words }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let all = std::iter::once(Choice::new("", text!("全部")));
    let fields = all.chain(choices(&Field::ALL, Field::code, Field::zh)).collect();
    let shown = |name, label, kind| Shown { name, label, kind, value: address.get(name).to_owned() };
    let filters = vec![
        shown("words", text!("姓名或专长"), FilterKind::Words),
        shown("field", text!("类别"), FilterKind::Select(fields)),
    ];
    let columns = vec![
        Column::new(text!("姓名")),
        Column::new(text!("类别")),
        Column::new(text!("会什么")),
        Column::new(text!("村")),
        Column::new(text!("电话")),
    ];
    let table = Table::new(text!("村级人才专家库"), &address, filters, columns)
        .rows(total.and_then(|n| u64::try_from(n).ok()), pages.pager(&address, total.unwrap_or(COUNTED)));
    let writes = ctx.viewer()?.scope(Permission::TalentsWrite);
    let row = |row: TalentRow| Row {
        href: writes.holds(row.village).then(|| format!("/talents/{}/{}", row.county_id, row.id)),
        field: Field::parse(&row.field).map(|field| Text::key(field.zh())).unwrap_or_default(),
        village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
        township: row.township_name.unwrap_or_default(),
        phone: row.phone.unwrap_or_default(),
        name: row.name,
        strengths: row.strengths,
    };
    let rows = rows.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("村级人才专家库"), place).await?;
    let may_write = !writes.is_empty();
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/talents"), table, rows, may_write }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, &scope, &filter_of(&address), EXPORT, 0).await?;
    let headers = ["姓名", "类别", "会什么", "乡镇", "村", "村代码", "电话", "备注", "登记"];
    let layout = Layout::new("村级人才专家库", headers.into_iter().map(SheetColumn::new).collect());
    let row = |row: TalentRow| -> Vec<Value> {
        vec![
            row.name.into(),
            Field::parse(&row.field).map(Field::zh).into(),
            row.strengths.into(),
            row.township_name.into(),
            row.village_name.as_deref().map(short_name).into(),
            row.village.to_string().into(),
            row.phone.into(),
            row.note.into(),
            row.since.to_string().into(),
        ]
    };
    ctx.sheet("村级人才专家库", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}

#[derive(Template)]
#[template(path = "express/talents/form.html")]
struct FormPage {
    shell: Shell,
    form: Form,
    action: String,
    villages: Vec<String>,
    fields: Vec<Choice>,
    /// Only where somebody stands on the register already.
    removal: Option<String>,
    events: Vec<Event>,
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: Option<&TalentRow>, form: Form) -> AppResult<FormPage> {
    let known = if row.is_none() { Known::of(conn, &ctx.scope).await?.names() } else { Vec::new() };
    let (title, action) = match row {
        Some(row) => (Text::data(&row.name), format!("/talents/{}/{}", row.county_id, row.id)),
        None => (text!("登记人才"), "/talents".to_owned()),
    };
    let story = match row {
        Some(row) => events::list(conn, row.county_id, super::KIND, &row.id).await?,
        None => Vec::new(),
    };
    let place = row.map(|row| row.village).or_else(|| ctx.scope.home());
    Ok(FormPage {
        shell: ctx.shell(conn, title, place).await?,
        form,
        villages: known,
        fields: choices(&Field::ALL, Field::code, Field::zh),
        removal: row.filter(|row| row.until.is_none()).map(|_| format!("{action}/removal")),
        action,
        events: events::story(story),
    })
}

async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let first = Known::of(&mut conn, &ctx.scope).await?.first(Address::parse(&ctx.address).get("village"));
    let page = page(&ctx, &mut conn, None, Form::of([("village", first)])).await?;
    Ok(ctx.page(&page))
}

/// The form as a talent, or what is wrong at which field.
fn read(form: &FormData, village: Result<DivisionCode, Text>) -> Result<Talent, Vec<(&'static str, Text)>> {
    let mut wrong = Vec::new();
    let village = village.map_err(|say| wrong.push(("village", say))).ok();
    let mut take = |field: &'static str, most: usize, ask: Text| {
        words(form.get(field), most, ask).unwrap_or_else(|say| {
            wrong.push((field, say));
            String::new()
        })
    };
    let name = take("name", 20, text!("请写姓名"));
    let strengths = take("strengths", 200, text!("请写会什么"));
    let field = Field::parse(form.get("field"));
    if field.is_none() {
        wrong.push(("field", text!("请选类别")));
    }
    let phone = form.some("phone").map(Phone::parse);
    if phone == Some(None) {
        wrong.push(("phone", text!("手机号应是 11 位数字")));
    }
    let note = form.some("note").map(str::to_owned);
    if note.as_ref().is_some_and(|note| note.chars().count() > 300) {
        wrong.push(("note", text!("这里最多 {most} 字", most = 300)));
    }
    match (village, field) {
        (Some(village), Some(field)) if wrong.is_empty() => {
            let phone = phone.flatten().map(|phone| phone.as_str().to_owned());
            Ok(Talent { village, name, field, strengths, phone, note })
        }
        _ => Err(wrong),
    }
}

async fn refuse(
    ctx: &Ctx,
    conn: &mut Conn,
    row: Option<&TalentRow>,
    form: &FormData,
    wrong: Vec<(&'static str, Text)>,
) -> AppResult<Response> {
    let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
    let page = page(ctx, conn, row, typed).await?;
    Ok(ctx.refused(&page))
}

async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    let talent = match read(&form, known.find(form.get("village"), &ctx.scope)) {
        Ok(talent) => talent,
        Err(wrong) => return refuse(&ctx, &mut conn, None, &form, wrong).await,
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    register(&mut tx, &talent, &ctx.actor_at(talent.village)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/talents", &text!("已登记。")))
}

async fn find(ctx: &Ctx, conn: &mut Conn, code: &str, id: &str) -> AppResult<TalentRow> {
    let row = store::find(conn, county(code)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(row.village)?;
    Ok(row)
}

async fn edit(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &code, &id).await?;
    let form = Form::of([
        ("name", row.name.clone()),
        ("field", row.field.clone()),
        ("strengths", row.strengths.clone()),
        ("phone", row.phone.clone().unwrap_or_default()),
        ("note", row.note.clone().unwrap_or_default()),
    ]);
    let page = page(&ctx, &mut conn, Some(&row), form).await?;
    Ok(ctx.page(&page))
}

async fn save(ctx: Ctx, Path((code, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &code, &id).await?;
    let talent = match read(&form, Ok(row.village)) {
        Ok(talent) => talent,
        Err(wrong) => return refuse(&ctx, &mut conn, Some(&row), &form, wrong).await,
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    change(&mut tx, &row, &talent, &ctx.actor_at(row.village)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/talents", &text!("已更正。")))
}

async fn ask(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &code, &id).await?;
    let back = format!("/talents/{}/{}", row.county_id, row.id);
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("移出人才库"), Some(row.village)).await?,
        say: Text::data(&row.name),
        effects: vec![text!("不再列在人才库里，也不再计入统计；经过里留有记录。")],
        action: format!("{back}/removal"),
        button: text!("移出"),
        back,
        form: Form::default(),
        ask_reason: true,
    };
    Ok(ctx.page(&page))
}

async fn take_out(ctx: Ctx, Path((code, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &code, &id).await?;
    drop(conn);
    let mut tx = ctx.begin().await?;
    remove(&mut tx, &row, form.some("reason"), &ctx.actor_at(row.village)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/talents", &text!("已移出。")))
}
