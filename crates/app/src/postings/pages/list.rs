//! The list of postings: who is where, filtered and sorted in the address, and the same as a file.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::Day,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::{pill, section};
use crate::{
    accounts::{Permission, Scope},
    app::App,
    people::Gender,
    places::short_name,
    postings::{
        Ledger, PostRole,
        store::{self, Filter, ListRow, Sort},
    },
    web::Ctx,
};

/// More rows than any province has; an export that reaches it says so by its length.
const EXPORT: i64 = 200_000;

#[derive(Template)]
#[template(path = "postings/roster.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    may_write: bool,
}

/// One line as it is shown.
pub(super) struct Line {
    pub name: String,
    pub person: String,
    pub posting: String,
    pub village: String,
    pub village_link: String,
    pub township: String,
    pub role: Text,
    pub ledger: Text,
    pub unit: String,
    pub phone: String,
    pub since: String,
    pub until: String,
    pub state: Shown,
}

impl From<ListRow> for Line {
    fn from(row: ListRow) -> Self {
        Self {
            role: row.role().map(|role| Text::key(role.zh())).unwrap_or_default(),
            ledger: row.ledger().map(|ledger| Text::key(ledger.zh())).unwrap_or_default(),
            person: format!("/people/{}/{}", row.person_county, row.person_id),
            posting: format!("/postings/{}/{}", row.county_id, row.id),
            village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
            village_link: format!("/villages/{}", row.village),
            township: row.township_name.unwrap_or_default(),
            unit: row.unit_name.unwrap_or_default(),
            phone: row.phone.unwrap_or_default(),
            since: row.since.to_string(),
            until: row.until.map(|day| day.to_string()).unwrap_or_default(),
            state: pill(&row.state),
            name: row.person_name,
        }
    }
}

/// The filter that an address asks for.
fn filter_of(address: &Address) -> Filter {
    let some = |name: &str| Some(address.get(name).trim().to_owned()).filter(|value| !value.is_empty());
    Filter {
        name: some("name"),
        role: PostRole::parse(address.get("role")),
        ledger: Ledger::parse(address.get("ledger")),
        on: Day::parse(address.get("on")),
        state: some("state"),
        batch_id: some("batch"),
        unit_id: some("unit"),
        ..Filter::default()
    }
}

fn fields(address: &Address) -> Vec<Field> {
    let all = || Choice::new("", text!("全部"));
    let roles = std::iter::once(all()).chain(PostRole::ALL.map(|role| Choice::new(role.code(), Text::key(role.zh()))));
    let ledgers = std::iter::once(all()).chain(Ledger::ALL.map(|one| Choice::new(one.code(), Text::key(one.zh()))));
    let states = [
        ("", text!("在岗")),
        ("ended", text!("已离任")),
        ("proposed", text!("拟派")),
        ("vetted", text!("已审核")),
        ("approved", text!("已批准")),
        ("all", text!("全部")),
    ];
    let states = states.into_iter().map(|(value, label)| Choice::new(value, label));
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("name", text!("姓名"), FilterKind::Words),
        field("role", text!("驻村职务"), FilterKind::Select(roles.collect())),
        field("ledger", text!("台账"), FilterKind::Select(ledgers.collect())),
        field("state", text!("状态"), FilterKind::Select(states.collect())),
        field("on", text!("某日在岗"), FilterKind::Day),
    ]
}

fn columns(address: &Address) -> Vec<Column> {
    vec![
        Column::new(text!("姓名")).sort(address, "name"),
        Column::new(text!("派驻村")).sort(address, "village"),
        Column::new(text!("驻村职务")),
        Column::new(text!("台账")),
        Column::new(text!("派出单位")),
        Column::new(text!("联系电话")),
        Column::new(text!("到岗")).sort(address, "since"),
        Column::new(text!("状态")),
    ]
}

/// How many the filter leaves; counted again once a county of the scope has written.
async fn total(app: &App, conn: &mut Conn, scope: &Scope, filter: &Filter) -> AppResult<i64> {
    // Of one area two viewers see the same; who sees themself or their units besides has a count of their own.
    let Some(area) = scope.one_area().filter(|_| filter.name.is_none()) else {
        return Ok(store::count(conn, scope, filter).await?);
    };
    match app.totals.find(conn, area, filter.clone()).await? {
        Ok(kept) => Ok(*kept),
        Err(empty) => Ok(*app.totals.keep(empty, store::count(conn, scope, filter).await?)),
    }
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = total(&ctx.app, &mut conn, &scope, &filter).await?;
    let sort = Sort::parse(address.get("sort"));
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, sort, limit, offset).await?;
    let table = Table::new(text!("派驻人员名册"), &address, fields(&address), columns(&address))
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let shell = ctx.shell(&mut conn, text!("选派"), place).await?;
    let rows = rows.into_iter().map(Line::from).collect();
    let may_write = ctx.may(Permission::PostingsWrite);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/postings"), table, rows, may_write }))
}

/// The columns that export writes and import reads.
pub const HEADERS: [&str; 16] = [
    "乡镇",
    "派驻村",
    "村代码",
    "姓名",
    "性别",
    "出生年月",
    "派出单位",
    "现任职务",
    "职级",
    "学历",
    "驻村职务",
    "台账",
    "联系电话",
    "到村时间",
    "离任时间",
    "批次",
];

fn sheet_row(row: ListRow) -> Vec<Value> {
    let (role, ledger) = (row.role(), row.ledger());
    let gender = row.gender.as_deref().and_then(Gender::parse);
    vec![
        row.township_name.into(),
        row.village_name.map(|name| short_name(&name)).into(),
        row.village.to_string().into(),
        row.person_name.into(),
        gender.map(Gender::zh).into(),
        row.birth.into(),
        row.unit_name.into(),
        row.position.into(),
        row.rank.into(),
        row.education.into(),
        role.map(PostRole::zh).into(),
        ledger.map(Ledger::zh).into(),
        row.phone.into(),
        row.since.to_string().into(),
        row.until.map(|day| day.to_string()).into(),
        row.batch_number.map(|number| number.to_string()).into(),
    ]
}

/// The rows of a list as a table for files.
#[must_use]
pub fn as_table(rows: Vec<ListRow>) -> Sheet {
    let layout = Layout::new("名册", HEADERS.into_iter().map(SheetColumn::new).collect());
    Sheet { layout, rows: rows.into_iter().map(sheet_row).collect() }
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place));
    let sort = Sort::parse(address.get("sort"));
    let rows = store::list(&mut ctx.read().await?, &scope, &filter_of(&address), sort, EXPORT, 0).await?;
    ctx.sheet("派驻名册", &as_table(rows), format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
