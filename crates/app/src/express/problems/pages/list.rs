//! The list of problems as each role sees it, and the same as a file.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Fen},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::{
    super::store::{self, Filter, Line, View},
    pill,
};
use crate::{
    accounts::{Permission, Scope},
    express::{EXPORT, money, problems::Block, section},
    packs::Pack,
    places::short_name,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "express/problems/problems.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    states: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    may_raise: bool,
    sub: Text,
}

pub(super) struct Row {
    pub href: String,
    pub title: String,
    pub village: String,
    pub township: String,
    pub block: Text,
    pub amount: Text,
    pub unit: String,
    pub state: Shown,
    pub due: String,
    pub raised: String,
    pub who: String,
    pub city: bool,
}

impl Row {
    pub fn of(line: Line, pack: &Pack, ctx: &Ctx) -> Self {
        Self {
            href: line.href(),
            block: Block::parse(&line.block).map(|block| block.label(pack)).unwrap_or_default(),
            amount: line.amount.map(money::shown).unwrap_or_default(),
            state: pill(&line.state, line.is_late(ctx.today)),
            due: super::day(line.due),
            raised: line.raised_on.to_string(),
            who: line.person_name.unwrap_or(line.raiser),
            city: line.level == "city",
            unit: line.unit_name.unwrap_or_default(),
            village: short_name(&line.village_name.unwrap_or_else(|| line.village.to_string())),
            township: line.township_name.unwrap_or_default(),
            title: line.title,
        }
    }
}

fn filter_of(address: &Address) -> Filter {
    let some = |name: &str| Some(address.get(name).trim().to_owned()).filter(|value| !value.is_empty());
    Filter {
        view: View::parse(address.get("show")),
        block: Block::parse(address.get("block")).map(Block::code),
        words: some("words"),
        unit_id: None,
        level: (address.get("level") == "city").then_some("city"),
        origin: some("project").map(|id| ("project", id)),
    }
}

pub(super) fn view_zh(view: View) -> Text {
    match view {
        View::Open => text!("未了的"),
        View::Waiting => text!("待办定"),
        View::InHand => text!("在办"),
        View::Late => text!("逾期"),
        View::ToConfirm => text!("待确认"),
        View::StruckOff => text!("已销号"),
        View::All => text!("全部"),
    }
}

/// The scope that the address narrows, and the county whose pack words apply.
pub(super) fn scope_of(ctx: &Ctx) -> (Scope, Option<DivisionCode>, CountyId) {
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let home = ctx.guest_or_viewer().map_or(DivisionCode::NATION, |viewer| viewer.home);
    (scope, place, place.unwrap_or(home).county())
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (scope, place, county) = scope_of(&ctx);
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, county).await?;
    let joined = address.get("show") == "joined";
    let (rows, total) = if joined {
        let mut rows = Vec::new();
        for unit in ctx.scope.units() {
            rows.extend(store::joined(&mut conn, unit, 200).await?);
        }
        let total = i64::try_from(rows.len()).ok();
        (rows, total)
    } else {
        let total = store::count(&mut conn, &scope, &filter, ctx.today).await?;
        (store::list(&mut conn, &scope, &filter, ctx.today, pages.span()).await?, total)
    };
    let all = std::iter::once(Choice::new("", text!("全部")));
    let blocks = all.chain(Block::ALL.iter().map(|block| Choice::new(block.code(), block.label(pack)))).collect();
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    let levels = vec![Choice::new("", text!("全部")), Choice::new("city", text!("市级"))];
    let fields = vec![
        field("words", text!("问题或单位"), FilterKind::Words),
        field("block", text!("卡点"), FilterKind::Select(blocks)),
        field("level", text!("哪一级解决"), FilterKind::Select(levels)),
    ];
    let columns = vec![
        Column::new(text!("问题")),
        Column::new(text!("卡点")),
        Column::new(text!("涉及金额")).num(),
        Column::new(text!("单位")),
        Column::new(text!("状态")),
        Column::new(text!("期限")),
        Column::new(text!("哪天报的")),
    ];
    let counted = total.unwrap_or(crate::express::COUNTED);
    let table = Table::new(text!("困难问题"), &address, fields, columns)
        .rows(total.and_then(|n| u64::try_from(n).ok()), pages.pager(&address, counted));
    let mut states: Vec<Link> = View::ALL
        .into_iter()
        .map(|view| Link {
            on: !joined && filter.view == view,
            ..Link::new(view_zh(view), address.without("page").with("show", view.code()).to_string())
        })
        .collect();
    if ctx.may(Permission::ProblemsAnswer) {
        let href = address.without("page").with("show", "joined").to_string();
        states.push(Link { on: joined, ..Link::new(text!("配合办理的"), href) });
    }
    let rows = rows.into_iter().map(|line| Row::of(line, pack, &ctx)).collect();
    let sub = if ctx.scope.areas().is_empty() && !ctx.scope.units().is_empty() {
        text!("交给本单位、由本单位牵头或配合的问题")
    } else {
        text!("随时报，会上答复或认领，办完由报的人确认销号")
    };
    let shell = ctx.shell(&mut conn, text!("困难问题"), place).await?;
    let may_raise = ctx.may(Permission::ProblemsRaise);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/problems"), states, table, rows, may_raise, sub }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (scope, _, county) = scope_of(ctx);
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, county).await?;
    let rows = store::list(&mut conn, &scope, &filter_of(&address), ctx.today, (EXPORT, 0)).await?;
    let headers = [
        "哪天报的",
        "乡镇",
        "村",
        "村代码",
        "问题",
        "卡点",
        "涉及金额（万元）",
        "谁报的",
        "状态",
        "单位",
        "期限",
        "编号",
    ];
    let layout = Layout::new("困难问题", headers.into_iter().map(SheetColumn::new).collect());
    let row = |line: Line| -> Vec<Value> {
        let state = pill(&line.state, line.is_late(ctx.today)).word.zh();
        vec![
            line.raised_on.to_string().into(),
            line.township_name.into(),
            line.village_name.as_deref().map(short_name).into(),
            line.village.to_string().into(),
            line.title.into(),
            Block::parse(&line.block).map(|block| block.label(pack).zh()).into(),
            line.amount.map(|fen| Fen(fen).to_string()).into(),
            line.person_name.unwrap_or(line.raiser).into(),
            state.into(),
            line.unit_name.into(),
            super::day(line.due).into(),
            line.id.into(),
        ]
    };
    ctx.sheet("困难问题", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
