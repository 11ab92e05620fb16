//! 应派尽派: what every village must have, what it has, and the gap, village by village, for any day.

use askama::Template;
use axum::response::Response;
use base::{
    html::{
        Address, Cell, Column, CompareRow, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table,
        Tile, Tone, filters,
    },
    i18n::Text,
    kernel::Day,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet},
    text,
    web::{AppError, AppResult},
};

use super::section;
use crate::{
    places::VillageCategory,
    postings::store::{self, Coverage, CoverageRow},
    web::Ctx,
};

#[derive(Template)]
#[template(path = "postings/coverage.html")]
struct CoveragePage {
    shell: Shell,
    views: Vec<Link>,
    tiles: Vec<Tile>,
    heads: Vec<Text>,
    townships: Vec<CompareRow>,
    table: Table,
    rows: Vec<Line>,
    only_missing: bool,
    missing: usize,
}

struct Line {
    village: String,
    link: String,
    township: String,
    categories: Vec<Text>,
    secretaries: String,
    teams: String,
    on_post: i64,
    state: Shown,
}

impl From<&CoverageRow> for Line {
    fn from(row: &CoverageRow) -> Self {
        let state = match (row.lacks_first_secretary(), row.lacks_team()) {
            (false, false) => Shown::new(Tone::Ok, text!("已派齐")),
            (true, _) => Shown::new(Tone::Stop, text!("缺第一书记")),
            (false, true) => Shown::new(Tone::Late, text!("缺工作队")),
        };
        Self {
            village: row.name.clone(),
            link: format!("/villages/{}", row.village),
            township: row.township.clone(),
            categories: row.categories.iter().map(|category| Text::key(category.zh())).collect(),
            secretaries: format!("{} / {}", row.has_first_secretary, row.needs_first_secretary),
            teams: format!("{} / {}", row.has_team, row.needs_team),
            on_post: row.on_post,
            state,
        }
    }
}

async fn load(ctx: &Ctx) -> AppResult<(Coverage, Day)> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let day = match address.get("on") {
        "" => ctx.today,
        text => Day::parse(text).ok_or_else(|| AppError::BadRequest(text!("日期应写作 2024-01-18。")))?,
    };
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, place.county()).await?;
    Ok((store::coverage(&mut conn, place.area(), day, pack).await?, day))
}

fn tiles(coverage: &Coverage, address: &Address) -> Vec<Tile> {
    let (required, met) = (coverage.required.len(), coverage.met());
    let gap = required - met;
    let state = if gap == 0 {
        Shown::new(Tone::Ok, text!("应派尽派"))
    } else {
        Shown::new(Tone::Stop, text!("还差 {n} 个村", n = gap))
    };
    let all = Tile {
        label: text!("已派齐 / 应派村"),
        figure: met.to_string(),
        unit: text!("/ {n} 村", n = required),
        href: Some(address.without("missing").without("category").to_string()),
        state: Some(state),
        note: Text::default(),
    };
    let of = |(category, required, met): (VillageCategory, usize, usize)| Tile {
        label: Text::key(category.zh()),
        figure: met.to_string(),
        unit: text!("/ {n} 村", n = required),
        href: Some(address.with("category", category.code()).to_string()),
        state: None,
        note: if met == required { text!("已派齐") } else { text!("还差 {n} 个村", n = required - met) },
    };
    std::iter::once(all).chain(coverage.by_category().into_iter().map(of)).collect()
}

fn townships(coverage: &Coverage, address: &Address) -> Vec<CompareRow> {
    let row = |(code, name, required, met): (base::kernel::DivisionCode, String, usize, usize)| CompareRow {
        name: Text::data(name),
        href: Some(address.with("place", &code.to_string()).to_string()),
        cells: vec![
            Cell::num(required),
            Cell::num(met),
            Cell::state(if required == met {
                Shown::new(Tone::Ok, text!("无"))
            } else {
                Shown::new(Tone::Stop, text!("{n} 村", n = required - met))
            }),
        ],
    };
    coverage.by_township().into_iter().map(row).collect()
}

/// The rows an address asks for: of a category, or only those that lack somebody.
fn chosen<'a>(coverage: &'a Coverage, address: &Address) -> Vec<&'a CoverageRow> {
    let category = VillageCategory::parse(address.get("category"));
    let only_missing = address.get("missing") == "1";
    let fits = |row: &&CoverageRow| {
        category.is_none_or(|category| row.categories.contains(&category)) && !(only_missing && row.is_met())
    };
    coverage.required.iter().filter(fits).collect()
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (coverage, day) = load(&ctx).await?;
    let rows = chosen(&coverage, &address);
    let pages = Pages::of(&address);
    let shown: Vec<Line> = pages.cut(&rows).map(|row| Line::from(*row)).collect();
    let pager = pages.pager(&address, rows.len());
    let fields = vec![Field { name: "on", label: text!("哪一天"), kind: FilterKind::Day, value: day.to_string() }];
    let columns = vec![
        Column::new(text!("村")),
        Column::new(text!("村类别")),
        Column::new(text!("第一书记 有/应")).num(),
        Column::new(text!("工作队 有/应")).num(),
        Column::new(text!("在岗人数")).num(),
        Column::new(text!("状态")),
    ];
    let mut table = Table::new(text!("应派尽派"), &address, fields, columns).rows(Some(rows.len() as u64), pager);
    table.clear = None;
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("应派尽派"), Some(ctx.place()?)).await?;
    Ok(ctx.page(&CoveragePage {
        shell,
        views: section(&ctx, "/coverage"),
        tiles: tiles(&coverage, &address.without("page")),
        heads: vec![text!("乡镇"), text!("应派村"), text!("已派齐"), text!("缺口")],
        townships: townships(&coverage, &address.without("page")),
        table,
        rows: shown,
        only_missing: address.get("missing") == "1",
        missing: coverage.missing().count(),
    }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (coverage, _) = load(ctx).await?;
    let headers = [
        "乡镇",
        "村",
        "村代码",
        "村类别",
        "应有第一书记",
        "现有第一书记",
        "应有工作队",
        "现有工作队",
        "在岗人数",
        "是否派齐",
    ];
    let layout = Layout::new("应派尽派", headers.into_iter().map(SheetColumn::new).collect());
    let number = |n: i64| u32::try_from(n).unwrap_or(0).into();
    let rows = chosen(&coverage, &address).into_iter().map(|row| {
        vec![
            row.township.as_str().into(),
            row.name.as_str().into(),
            row.village.to_string().into(),
            row.categories.iter().map(|category| category.zh()).collect::<Vec<_>>().join("、").into(),
            number(row.needs_first_secretary),
            number(row.has_first_secretary),
            number(row.needs_team),
            number(row.has_team),
            number(row.on_post),
            if row.is_met() { "是" } else { "否" }.into(),
        ]
    });
    ctx.sheet("应派尽派", &Sheet { layout, rows: rows.collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
