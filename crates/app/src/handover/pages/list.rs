//! The list of handovers: who leaves when, who follows, how far it is; and the same as a file.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet},
    text,
    web::AppResult,
};

use super::pill;
use crate::{
    accounts::Scope,
    flows,
    handover::{
        rules::{State, state_zh},
        store::{self, Filter, ListRow},
    },
    places::{self, short_name},
    web::Ctx,
};

/// More rows than any province has.
const EXPORT: i64 = 200_000;

#[derive(Template)]
#[template(path = "handover/handovers.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    filtered: bool,
}

struct Line {
    href: String,
    old: String,
    new: Text,
    village: String,
    township: String,
    role: Text,
    leaves_on: String,
    confirmed: i64,
    state: Shown,
}

impl From<ListRow> for Line {
    fn from(row: ListRow) -> Self {
        Self {
            href: format!("/handovers/{}/{}", row.county_id, row.id),
            new: row.new_name.map_or_else(|| text!("未定"), Text::data),
            village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
            township: row.township_name.unwrap_or_default(),
            role: Text::key(flows::role_zh(&row.role)),
            leaves_on: row.leaves_on.to_string(),
            confirmed: row.confirmed,
            state: pill(&row.state),
            old: row.old_name,
        }
    }
}

fn filter_of(address: &Address) -> Filter {
    let some = |name: &str| Some(address.get(name).trim().to_owned()).filter(|value| !value.is_empty());
    Filter { state: some("state"), name: some("name") }
}

/// Places of the viewer's that the address narrows to: the crumbs' place, and below it a township.
fn scope_of(ctx: &Ctx, address: &Address) -> (Scope, Option<DivisionCode>) {
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let township = DivisionCode::parse(address.get("township"));
    (township.map_or_else(|| scope.clone(), |township| scope.within(township)), place)
}

async fn fields(conn: &mut Conn, address: &Address, place: Option<DivisionCode>) -> AppResult<Vec<Field>> {
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    let open = Choice::new("", text!("未办结"));
    let states = State::CODES.map(|code| Choice::new(code, Text::key(state_zh(code))));
    let states = std::iter::once(open).chain(states).chain([Choice::new("all", text!("全部"))]);
    let mut fields = vec![
        field("name", text!("姓名"), FilterKind::Words),
        field("state", text!("状态"), FilterKind::Select(states.collect())),
    ];
    if let Some(county) = place.filter(|place| place.level() == Level::County) {
        let below = places::store::children(conn, county).await?;
        let townships = below.iter().map(|one| Choice::new(one.code.to_string(), Text::data(one.short())));
        let all = std::iter::once(Choice::new("", text!("全部"))).chain(townships).collect();
        fields.push(field("township", text!("乡镇"), FilterKind::Select(all)));
    }
    Ok(fields)
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (scope, place) = scope_of(&ctx, &address);
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let columns = [text!("原任"), text!("派驻村"), text!("驻村职务"), text!("接任"), text!("计划离任")];
    let mut columns: Vec<Column> = columns.into_iter().map(Column::new).collect();
    columns.push(Column::new(text!("已确认（三方）")).num());
    columns.push(Column::new(text!("状态")));
    let fields = fields(&mut conn, &address, place).await?;
    let filtered = fields.iter().any(|field| !field.value.is_empty());
    let table = Table::new(text!("交接名单"), &address, fields, columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let shell = ctx.shell(&mut conn, text!("交接"), place).await?;
    let views = flows::posting_views(&ctx, "/handovers");
    let rows = rows.into_iter().map(Line::from).collect();
    Ok(ctx.page(&ListPage { shell, views, table, rows, filtered }))
}

const HEADERS: [&str; 8] = ["乡镇", "派驻村", "驻村职务", "原任", "接任", "计划离任", "已确认方数", "状态"];

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (scope, _) = scope_of(ctx, &address);
    let rows = store::list(&mut ctx.read().await?, &scope, &filter_of(&address), EXPORT, 0).await?;
    let rows = rows.into_iter().map(|row| {
        vec![
            row.township_name.into(),
            row.village_name.map(|name| short_name(&name)).into(),
            flows::role_zh(&row.role).to_owned().into(),
            row.old_name.into(),
            row.new_name.into(),
            row.leaves_on.to_string().into(),
            row.confirmed.to_string().into(),
            state_zh(&row.state).to_owned().into(),
        ]
    });
    let layout = Layout::new("交接", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("交接名单", &Sheet { layout, rows: rows.collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
