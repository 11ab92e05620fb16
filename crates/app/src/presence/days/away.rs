//! Who is away on a day.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{
        Address, Choice, Column, Filter as Field, FilterKind, Link, Pager, Shell, State as Shown, Table, Tile, Tone,
        filters,
    },
    i18n::Text,
    kernel::Day,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use crate::{
    accounts::Scope,
    places::short_name,
    presence::{
        leave::{self, shown_of, store::LeaveRow},
        posts, scope_here,
        trips::{self, store::TripRow},
        views,
    },
    web::Ctx,
};

/// More than are away in any province on one day.
const MOST: i64 = 20_000;

#[derive(Template)]
#[template(path = "presence/days/away.html")]
struct AwayPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    tiles: Vec<Tile>,
    table: Table,
    rows: Vec<Line>,
}

/// Somebody who is away.
struct Line {
    order: (i64, String),
    name: String,
    person: String,
    village: String,
    township: String,
    unit: String,
    what: Text,
    href: String,
    since: String,
    last: String,
    state: Shown,
}

fn leave_line(row: LeaveRow, today: Day) -> Line {
    Line {
        order: (row.village.as_i64(), row.person_name.clone()),
        person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
        village: short_name(row.village_name.as_deref().unwrap_or_default()),
        township: row.township_name.clone().unwrap_or_default(),
        unit: row.unit_name.clone().unwrap_or_default(),
        what: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
        href: format!("/leaves/{}/{}", row.county_id, row.id),
        since: row.since.to_string(),
        last: row.taken().last().max(row.since).to_string(),
        state: shown_of(&row.state, row.span(), row.back, today),
        name: row.person_name,
    }
}

fn trip_line(row: TripRow) -> Line {
    let kind = row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default();
    Line {
        order: (row.village.as_i64(), row.person_name.clone()),
        person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
        village: short_name(row.village_name.as_deref().unwrap_or_default()),
        township: row.township_name.clone().unwrap_or_default(),
        unit: row.unit_name.clone().unwrap_or_default(),
        what: text!("{kind}，{place}", kind = kind, place = row.destination),
        href: format!("/trips/{}/{}", row.county_id, row.id),
        since: row.since.to_string(),
        last: row.span().last().to_string(),
        state: Shown::new(Tone::Ok, text!("公出")),
        name: row.person_name,
    }
}

/// The day that the address asks for, and what to show of it.
fn asked(ctx: &Ctx) -> (Day, String) {
    let address = Address::parse(&ctx.address);
    (Day::parse(address.get("on")).unwrap_or(ctx.today), address.get("what").to_owned())
}

/// Who is away on a day within a scope: on leave, on a trip, not back though the leave is over.
async fn lines(conn: &mut Conn, scope: &Scope, day: Day, what: &str, today: Day) -> AppResult<Vec<Line>> {
    let mut lines = Vec::new();
    let on = Some(day);
    if what.is_empty() || what == "leave" {
        let filter = leave::store::Filter { on, ..Default::default() };
        let rows = leave::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(|row| leave_line(row, today)));
    }
    if what.is_empty() || what == "trip" {
        let filter = trips::store::Filter { on, ..Default::default() };
        let rows = trips::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(trip_line));
    }
    if what.is_empty() || what == "overdue" {
        let filter = leave::store::Filter { state: Some("overdue".into()), today: Some(today), ..Default::default() };
        let rows = leave::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(|row| leave_line(row, today)));
    }
    lines.sort_by(|a, b| a.order.cmp(&b.order));
    Ok(lines)
}

/// GET /presence
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (place, scope) = scope_here(&ctx)?;
    let (day, what) = asked(&ctx);
    let mut conn = ctx.read().await?;
    let rows = lines(&mut conn, &scope, day, &what, ctx.today).await?;
    let tiles = tiles(&ctx, &mut conn, &scope, day).await?;
    let heads = [text!("姓名"), text!("派驻村"), text!("派出单位"), text!("什么事"), text!("起止"), text!("状态")];
    let choices =
        [("", text!("全部")), ("leave", text!("请假")), ("trip", text!("公出")), ("overdue", text!("到期未销假"))];
    let choices = choices.into_iter().map(|(code, label)| Choice::new(code, label)).collect();
    let fields = vec![
        Field { name: "on", label: text!("哪一天"), kind: FilterKind::Day, value: address.get("on").to_owned() },
        Field { name: "what", label: text!("什么事"), kind: FilterKind::Select(choices), value: what },
    ];
    let columns = heads.into_iter().map(Column::new).collect();
    let shown = u64::try_from(rows.len()).ok();
    let table = Table::new(text!("不在村的人"), &address, fields, columns).rows(shown, Pager::default());
    let shell = ctx.shell(&mut conn, text!("{day} 谁不在", day = day), place).await?;
    let (sections, views) = (posts::section(&ctx, "/presence"), views(&ctx, "/presence"));
    Ok(ctx.page(&AwayPage { shell, sections, views, tiles, table, rows }))
}

/// On post, on leave, on trips, over but not back: each opens to its people.
async fn tiles(ctx: &Ctx, conn: &mut Conn, scope: &Scope, day: Day) -> AppResult<Vec<Tile>> {
    let on = Some(day);
    let on_post = posts::count_on(conn, scope, day).await?;
    let leaves = leave::store::count(conn, scope, &leave::store::Filter { on, ..Default::default() }).await?;
    let trips = trips::store::count(conn, scope, &trips::store::Filter { on, ..Default::default() }).await?;
    let overdue = leave::store::Filter { state: Some("overdue".into()), today: Some(ctx.today), ..Default::default() };
    let overdue = leave::store::count(conn, scope, &overdue).await?;
    let here = Address::parse(&ctx.address).without("what");
    let roster = here.at("/postings").with("on", &day.to_string());
    let tile = |label, figure: i64, href: String, note| Tile {
        label,
        figure: figure.to_string(),
        unit: text!("人"),
        href: Some(href),
        state: None,
        note,
    };
    Ok(vec![
        tile(text!("在任"), on_post, roster.to_string(), text!("没有另记的都算在村")),
        tile(text!("请假"), leaves, here.with("what", "leave").to_string(), Text::default()),
        tile(text!("公出"), trips, here.with("what", "trip").to_string(), text!("算在岗")),
        tile(text!("到期未销假"), overdue, here.with("what", "overdue").to_string(), Text::default()),
    ])
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    const HEADERS: [&str; 8] = ["姓名", "乡镇", "派驻村", "派出单位", "什么事", "从哪天起", "到哪天为止", "状态"];
    let (_, scope) = scope_here(ctx)?;
    let (day, what) = asked(ctx);
    let rows = lines(&mut ctx.read().await?, &scope, day, &what, ctx.today).await?;
    let row = |line: Line| -> Vec<Value> {
        vec![
            line.name.into(),
            line.township.into(),
            line.village.into(),
            line.unit.into(),
            line.what.zh().into(),
            line.since.into(),
            line.last.into(),
            line.state.word.zh().into(),
        ]
    };
    let layout = Layout::new("不在村", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("不在村的人", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
