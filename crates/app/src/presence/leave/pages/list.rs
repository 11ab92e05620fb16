//! The list of leaves: of a place, or of a unit's people.

use std::collections::hash_map::{Entry, HashMap};

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use crate::{
    places::short_name,
    presence::{
        calendar,
        leave::{
            Kind, shown_of,
            store::{self, Filter, LeaveRow},
        },
        posts, scope_here, views, workdays_text,
    },
    web::Ctx,
};

#[derive(Template)]
#[template(path = "presence/leave/leaves.html")]
struct ListPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
}

struct Line {
    name: String,
    person: String,
    href: String,
    village: String,
    township: String,
    unit: String,
    kind: Text,
    since: String,
    last: String,
    days: Text,
    level: Text,
    state: Shown,
}

fn filter_of(ctx: &Ctx, address: &Address) -> Filter {
    let some = |name: &str| Some(address.get(name).trim().to_owned()).filter(|value| !value.is_empty());
    Filter {
        state: some("state"),
        kind: Kind::parse(address.get("kind")),
        name: some("name"),
        today: Some(ctx.today),
        ..Filter::default()
    }
}

fn fields(address: &Address) -> Vec<Field> {
    let all = || Choice::new("", text!("全部"));
    let states = [
        ("waiting", text!("待批")),
        ("approved", text!("已批准")),
        ("overdue", text!("到期未销假")),
        ("returned", text!("已销假")),
        ("refused", text!("未批准")),
        ("withdrawn", text!("已撤回")),
    ];
    let states = states.into_iter().map(|(code, label)| Choice::new(code, label));
    let kinds = Kind::ALL.iter().map(|kind| Choice::new(kind.code(), Text::key(kind.zh())));
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("name", text!("姓名"), FilterKind::Words),
        field("state", text!("状态"), FilterKind::Select(std::iter::once(all()).chain(states).collect())),
        field("kind", text!("假别"), FilterKind::Select(std::iter::once(all()).chain(kinds).collect())),
    ]
}

/// GET /leaves
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (place, scope) = scope_here(&ctx)?;
    let filter = filter_of(&ctx, &address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let heads = [
        text!("姓名"),
        text!("派驻村"),
        text!("派出单位"),
        text!("假别"),
        text!("起止"),
        text!("天数"),
        text!("谁批"),
        text!("状态"),
    ];
    let table = Table::new(text!("请假"), &address, fields(&address), heads.into_iter().map(Column::new).collect())
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let calendar = calendar::store::load(&mut conn, row.county_id).await?;
        let taken = row.taken();
        lines.push(Line {
            person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
            href: format!("/leaves/{}/{}", row.county_id, row.id),
            village: short_name(row.village_name.as_deref().unwrap_or_default()),
            township: row.township_name.clone().unwrap_or_default(),
            unit: row.unit_name.clone().unwrap_or_default(),
            kind: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
            since: row.since.to_string(),
            last: taken.last().max(row.since).to_string(),
            days: workdays_text(taken.days(), calendar.workdays(taken.since, taken.until)),
            level: Text::key(row.level().zh()),
            state: shown_of(&row.state, row.span(), row.back, ctx.today),
            name: row.person_name,
        });
    }
    let shell = ctx.shell(&mut conn, text!("请假"), place).await?;
    let (sections, views) = (posts::section(&ctx, "/presence"), views(&ctx, "/leaves"));
    Ok(ctx.page(&ListPage { shell, sections, views, table, rows: lines }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    const HEADERS: [&str; 11] =
        ["姓名", "乡镇", "派驻村", "派出单位", "假别", "从哪天起", "到哪天为止", "回岗", "自然日", "工作日", "状态"];
    let address = Address::parse(&ctx.address);
    let (_, scope) = scope_here(ctx)?;
    let mut conn = ctx.read().await?;
    let mut rows = Vec::new();
    let mut known = HashMap::new();
    for row in store::list(&mut conn, &scope, &filter_of(ctx, &address), 100_000, 0).await? {
        let calendar = match known.entry(row.county_id) {
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(free) => free.insert(calendar::store::load(&mut conn, row.county_id).await?),
        };
        let taken = row.taken();
        rows.push(sheet_row(ctx, &row, calendar.workdays(taken.since, taken.until)));
    }
    let layout = Layout::new("请假", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("请假", &Sheet { layout, rows }, format)
}

fn sheet_row(ctx: &Ctx, row: &LeaveRow, workdays: Option<i64>) -> Vec<Value> {
    let taken = row.taken();
    let state = shown_of(&row.state, row.span(), row.back, ctx.today);
    vec![
        row.person_name.clone().into(),
        row.township_name.clone().into(),
        row.village_name.as_deref().map(short_name).into(),
        row.unit_name.clone().into(),
        row.kind().map(Kind::zh).into(),
        row.since.to_string().into(),
        taken.last().max(row.since).to_string().into(),
        row.back.map(|day| day.to_string()).into(),
        taken.days().to_string().into(),
        workdays.map(|days| days.to_string()).into(),
        state.word.zh().into(),
    ]
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
