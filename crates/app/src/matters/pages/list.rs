//! 事项: what is open by its date; filters stand in the address; search by two characters.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::Instant,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::{channel_zh, is_above, kind_zh, kinds, line_pill, section, until};
use crate::{
    accounts::{Permission, Scope},
    matters::{
        rules::{Level, Post, Size, Stage},
        store::{self, Filter, Line, Which},
    },
    packs::Pack,
    places::short_name,
    web::Ctx,
};

const EXPORT: i64 = 100_000;
const FOUND: i64 = 50;

#[derive(Template)]
#[template(path = "matters/pages/matters.html")]
struct ListPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    table: Table,
    rows: Vec<ShownLine>,
    may_write: bool,
    new: String,
    above: bool,
}

/// One matter as a line.
pub struct ShownLine {
    pub href: String,
    pub number: i64,
    pub title: String,
    pub urgent: bool,
    pub news: bool,
    pub village: String,
    pub township: String,
    pub kind: Text,
    pub channel: Text,
    pub raised: String,
    pub holder: Text,
    pub state: Shown,
    pub due: Text,
}

/// A line as pages show it.
pub fn shown(line: Line, pack: &Pack, now: Instant) -> ShownLine {
    let in_hand = line.stage().is_some_and(Stage::is_in_hand);
    ShownLine {
        href: line.href(),
        number: line.number,
        urgent: line.urgent == 1 && in_hand,
        news: line.news == 1 && in_hand,
        village: short_name(line.village_name.as_deref().unwrap_or_default()),
        township: line.township_name.clone().unwrap_or_default(),
        kind: kind_zh(pack, &line.kind),
        channel: channel_zh(&line.channel),
        raised: line.raised_on.to_string(),
        holder: Post::parse(&line.post).filter(|_| in_hand).map(|post| Text::key(post.zh())).unwrap_or_default(),
        state: line_pill(&line, now),
        due: if in_hand { until(line.due_at, now) } else { Text::default() },
        title: line.title,
    }
}

fn filter_of(address: &Address, now: Instant) -> Filter {
    let kind = Some(address.get("kind").to_owned()).filter(|kind| !kind.is_empty());
    Filter { which: Which::parse(address.get("state")), kind, now: Some(now) }
}

fn fields(address: &Address, pack: &Pack) -> Vec<Field> {
    let states = [Choice::new("", text!("没有办完的")), Choice::new("late", text!("逾期"))];
    let stages = Stage::ALL.iter().map(|stage| Choice::new(stage.code(), Text::key(stage.zh())));
    let states = states.into_iter().chain(stages).chain([Choice::new("all", text!("全部"))]);
    let kinds = std::iter::once(Choice::new("", text!("全部"))).chain(kinds(pack));
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("q", text!("查内容（两个字起）"), FilterKind::Words),
        field("state", text!("状态"), FilterKind::Select(states.collect())),
        field("kind", text!("种类"), FilterKind::Select(kinds.collect())),
    ]
}

fn columns() -> Vec<Column> {
    [
        text!("编号"),
        text!("事项"),
        text!("村"),
        text!("种类"),
        text!("提出"),
        text!("谁在办"),
        text!("状态"),
        text!("期限"),
    ]
    .into_iter()
    .map(Column::new)
    .collect()
}

fn scope_of(ctx: &Ctx) -> Scope {
    ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place))
}

async fn pack<'a>(ctx: &'a Ctx, conn: &mut Conn) -> AppResult<&'a Pack> {
    let home = ctx.scope.home().map_or_else(|| ctx.viewer().map(|viewer| viewer.home), Ok)?;
    ctx.pack(conn, ctx.place().unwrap_or(home).county()).await
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (scope, now) = (scope_of(&ctx), ctx.app.clock.now());
    let mut conn = ctx.read().await?;
    let pack = pack(&ctx, &mut conn).await?;
    let pages = Pages::of(&address);
    let asked = address.get("q");
    let found = if asked.is_empty() { None } else { store::found(&mut conn, &scope, asked, FOUND).await? };
    let (rows, total, pager) = if asked.is_empty() {
        let filter = filter_of(&address, now);
        let total = store::count(&mut conn, &scope, &filter).await?;
        let (limit, offset) = pages.span();
        let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
        (rows, total, pages.pager(&address, total))
    } else {
        let rows = found.unwrap_or_default();
        let total = i64::try_from(rows.len()).unwrap_or(0);
        (rows, total, base::html::Pager::default())
    };
    let table = Table::new(text!("群众事项"), &address, fields(&address, pack), columns())
        .rows(u64::try_from(total).ok(), pager);
    let place = ctx.place().ok();
    let sub = match (asked.chars().count(), asked.is_empty()) {
        (_, true) => text!("先到期的在前；每件事有一个人办、一个日期"),
        (0..=1, false) => text!("至少写两个字才好找"),
        (_, false) => text!("最近的 {n} 件以内，含有“{q}”", n = FOUND, q = Text::data(asked)),
    };
    let village = place.filter(|place| place.level() == base::kernel::Level::Village);
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("群众事项"), place).await?,
        sub,
        views: section(&ctx, "/matters"),
        table,
        rows: rows.into_iter().map(|line| shown(line, pack, now)).collect(),
        may_write: ctx.may(Permission::MattersWrite),
        new: village.map_or_else(|| "/matters/new".into(), |village| format!("/matters/new?village={village}")),
        above: is_above(&ctx)?,
    };
    Ok(ctx.page(&page))
}

/// What a file of matters holds; names and telephones of villagers are in none.
const HEADERS: [&str; 15] = [
    "编号",
    "乡镇",
    "村",
    "村代码",
    "事项",
    "种类",
    "大小",
    "来源",
    "提出日期",
    "状态",
    "谁在办",
    "责任部门",
    "期限",
    "办结日期",
    "评价",
];

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let mut conn = ctx.read().await?;
    let pack = pack(ctx, &mut conn).await?;
    let filter = filter_of(&address, ctx.app.clock.now());
    let rows = store::list(&mut conn, &scope_of(ctx), &filter, EXPORT, 0).await?;
    let zh = |text: Text| text.zh();
    let row = |line: Line| -> Vec<Value> {
        vec![
            line.number.to_string().into(),
            line.township_name.clone().into(),
            line.village_name.as_deref().map(short_name).into(),
            line.village.to_string().into(),
            line.title.clone().into(),
            zh(kind_zh(pack, &line.kind)).into(),
            Size::parse(&line.size).map(Size::zh).into(),
            zh(channel_zh(&line.channel)).into(),
            line.raised_on.to_string().into(),
            line.stage().map(Stage::zh).into(),
            Post::parse(&line.post).map(Post::zh).into(),
            line.department.clone().into(),
            line.due_at.local_minute().into(),
            line.done_on.map(|day| day.to_string()).into(),
            line.rating.as_deref().and_then(Level::parse).map(Level::zh).into(),
        ]
    };
    let layout = Layout::new("群众事项", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("群众事项", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
