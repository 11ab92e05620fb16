//! A place at a glance: what stands there today, compared part by part, every figure a link to its records.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Cell, Chart, CompareRow, Link, Shell, State, Tile, Tone, filters},
    i18n::{Lang, Text},
    kernel::{Day, DivisionCode, Level},
    sheet::{Format, Value},
    text,
    web::AppResult,
};

use super::{
    rules::{Part, asked, figure_href, span_text, table_of, usual_days},
    store::{self, Grid, OnPost},
};
use crate::{
    places::{self, Division},
    postings::{self, store::Coverage},
    spine::facts::{Catalogue, read, read::Span},
    web::Ctx,
};

const MONTHS: i64 = 24;

/// Figures of the tiles, in their order.
const TILES: [&str; 7] = [
    "posting.cadre",
    "village.posted",
    "posting.first_secretary",
    "team.in_place",
    "posting.member",
    "branch.star5",
    "alumni.cadre",
];

/// State figures of the comparison, in the order of its columns.
const COMPARED: [&str; 4] = ["village.posted", "posting.cadre", "posting.first_secretary", "posting.member"];

#[derive(Template)]
#[template(path = "statistics/dashboard.html")]
struct DashboardPage {
    shell: Shell,
    sub: Text,
    days: Vec<Link>,
    tiles: Vec<Tile>,
    parts_title: Text,
    parts_xlsx: String,
    heads: Vec<Text>,
    rows: Vec<CompareRow>,
    category_heads: Vec<Text>,
    categories: Vec<CompareRow>,
    trend: Chart,
    compositions: Vec<Chart>,
}

/// What a dashboard reads, once.
struct View {
    place: DivisionCode,
    span: Span,
    today: Day,
    lang: Lang,
    parts: Vec<Division>,
    grid: Grid,
    /// What the pack asks; absent above the county, where each county follows its own.
    coverage: Option<Coverage>,
}

impl View {
    async fn load(ctx: &Ctx, conn: &mut Conn) -> AppResult<Self> {
        let (place, span) = (ctx.place()?, asked(&Address::parse(&ctx.address), ctx.today)?);
        let coverage = if place.level() >= Level::County {
            let pack = ctx.pack(conn, place.county()).await?;
            Some(postings::store::coverage(conn, place.area(), span.to, pack).await?)
        } else {
            None
        };
        let parts = match place.level() {
            Level::Village => Vec::new(),
            Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
                places::store::children(conn, place).await?
            }
        };
        let codes: Vec<DivisionCode> = parts.iter().map(|part| part.code).collect();
        let mut view = Self { place, span, today: ctx.today, lang: ctx.prefs.lang, parts, grid: Grid::new(), coverage };
        view.grid = grid(conn, &codes, place, span.to).await?;
        view.drop_empty_parts();
        Ok(view)
    }

    /// Residents' communities that must have nobody and have nobody are no line of the table.
    fn drop_empty_parts(&mut self) {
        let (grid, required) = (&self.grid, &self.coverage);
        let asked = |code: DivisionCode| {
            required.as_ref().is_some_and(|c| c.required.iter().any(|row| code.contains(row.village)))
        };
        let holds = |code: DivisionCode| COMPARED.iter().any(|c| grid.get(&((*c).to_owned(), code)) > Some(&0));
        self.parts.retain(|part| asked(part.code) || holds(part.code));
    }

    fn figure(&self, code: &str, place: DivisionCode) -> i64 {
        self.grid.get(&(code.to_owned(), place)).copied().unwrap_or(0)
    }

    fn href(&self, code: &str, place: DivisionCode) -> String {
        figure_href(code, place, Span { from: None, to: self.span.to }, self.today)
    }

    /// Villages that must have somebody within a place, and those that lack somebody.
    fn asked_of(&self, place: DivisionCode) -> Option<(usize, usize)> {
        let coverage = self.coverage.as_ref()?;
        let mut rows = coverage.required.iter().filter(|row| place.contains(row.village));
        let (required, missing) =
            rows.by_ref().fold((0, 0), |(all, missing), row| (all + 1, missing + usize::from(!row.is_met())));
        Some((required, missing))
    }

    fn on_day(&self, path: &str, place: DivisionCode) -> String {
        let day = if self.span.to == self.today { String::new() } else { self.span.to.to_string() };
        Address::parse(path).with("place", &place.to_string()).with("on", &day).to_string()
    }
}

/// State figures of a place's parts and of the place itself; where divisions changed, each part follows its own.
async fn grid(conn: &mut Conn, parts: &[DivisionCode], place: DivisionCode, to: Day) -> AppResult<Grid> {
    let mut grid = store::states(conn, &COMPARED, parts, to).await?;
    grid.extend(store::states(conn, &COMPARED, &[place], to).await?);
    if store::has_moved(conn, place.area()).await? {
        for part in parts.iter().chain([&place]) {
            let whole = places::store::with_predecessors(conn, *part).await?;
            for code in COMPARED {
                if let Some(indicator) = Catalogue::get().find(code) {
                    let amount = read::value(conn, indicator, &whole, Span { from: None, to }).await?;
                    grid.insert((code.to_owned(), *part), amount);
                }
            }
        }
    }
    Ok(grid)
}

pub(super) async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let view = View::load(&ctx, &mut conn).await?;
    let name = places::store::find(&mut conn, view.place).await?.map(|division| division.short());
    let mut shell = ctx.shell(&mut conn, Text::data(name.unwrap_or_else(|| "全国".into())), Some(view.place)).await?;
    shell.charts = true;
    let compositions = match view.place.level() {
        Level::Nation | Level::Province | Level::City => Vec::new(),
        Level::County | Level::Township | Level::Village => {
            compositions(&view, &store::on_post(&mut conn, view.place.area(), view.span.to).await?)
        }
    };
    let address = Address::parse(&ctx.address);
    let page = DashboardPage {
        shell,
        sub: heading(&mut conn, &view).await?,
        days: days(&address, &view),
        tiles: tiles(&mut conn, &view).await?,
        parts_title: parts_title(view.place),
        parts_xlsx: address.at("/dashboard/places.xlsx").to_string(),
        heads: heads(&view),
        rows: rows(&view),
        category_heads: vec![text!("村类别"), text!("应派村"), text!("已派村"), text!("缺口")],
        categories: categories(&mut conn, &view).await?,
        trend: trend(&mut conn, &view).await?,
        compositions,
    };
    Ok(ctx.page(&page))
}

fn days(address: &Address, view: &View) -> Vec<Link> {
    let link = |(label, day): (Text, Day)| {
        let to = if day == view.today { String::new() } else { day.to_string() };
        let mut link = Link::new(label, address.without("from").with("to", &to).to_string());
        link.on = view.span.to == day;
        link
    };
    usual_days(view.today).into_iter().map(link).collect()
}

/// The running batch, and the day that is shown.
async fn heading(conn: &mut Conn, view: &View) -> AppResult<Text> {
    let shown = span_text(Span { from: None, to: view.span.to });
    let batch = match view.place.level() {
        Level::Nation | Level::Province | Level::City => None,
        Level::County | Level::Township | Level::Village => {
            postings::store::open_batch(conn, view.place.county()).await?
        }
    };
    Ok(match batch {
        Some(batch) => text!(
            "{batch}（{since} 至 {until}） · {shown}",
            batch = batch.name,
            since = batch.since,
            until = batch.until.plus_days(-1),
            shown = shown
        ),
        None => shown,
    })
}

async fn tiles(conn: &mut Conn, view: &View) -> AppResult<Vec<Tile>> {
    let whole = places::store::with_predecessors(conn, view.place).await?;
    let span = Span { from: None, to: view.span.to };
    let mut tiles = Vec::new();
    for code in TILES {
        let Some(indicator) = Catalogue::get().find(code) else { continue };
        let mut tile = Tile {
            label: Text::key(indicator.name.as_str()),
            figure: read::value(conn, indicator, &whole, span).await?.to_string(),
            unit: Text::key(indicator.unit.as_str()),
            href: Some(view.href(code, view.place)),
            ..Tile::default()
        };
        if code == "village.posted"
            && let Some((required, missing)) = view.asked_of(view.place)
        {
            tile.label = text!("村已派 / 应派");
            tile.unit = text!("/ {n} 村", n = required);
            tile.state = Some(gap(missing));
        }
        tiles.push(tile);
    }
    Ok(tiles)
}

fn gap(missing: usize) -> State {
    if missing == 0 {
        State::new(Tone::Ok, text!("应派尽派"))
    } else {
        State::new(Tone::Stop, text!("{n} 村有缺口", n = missing))
    }
}

fn parts_title(place: DivisionCode) -> Text {
    match place.level() {
        Level::Nation => text!("各省"),
        Level::Province => text!("各市"),
        Level::City => text!("各县"),
        Level::County => text!("各乡镇"),
        Level::Township | Level::Village => text!("各村"),
    }
}

fn heads(view: &View) -> Vec<Text> {
    let mut heads = vec![match view.place.level() {
        Level::Township | Level::Village => text!("村"),
        Level::Nation | Level::Province | Level::City | Level::County => text!("地方"),
    }];
    if view.coverage.is_some() {
        heads.push(text!("应派村"));
    }
    heads.extend([text!("已派村"), text!("在岗"), text!("第一书记"), text!("队员")]);
    if view.coverage.is_some() {
        heads.push(text!("缺口"));
    }
    heads
}

/// One line a part, and their sum.
fn rows(view: &View) -> Vec<CompareRow> {
    let row = |code: DivisionCode, name: Text, href: Option<String>| {
        let asked = view.asked_of(code);
        let coverage = view.on_day("/coverage", code);
        let mut cells = Vec::new();
        if let Some((required, _)) = asked {
            cells.push(Cell::num(required).link(coverage.clone()));
        }
        cells.extend(COMPARED.map(|figure| Cell::num(view.figure(figure, code)).link(view.href(figure, code))));
        if let Some((_, missing)) = asked {
            cells.push(Cell::num(missing).link(format!("{coverage}&missing=1")));
        }
        CompareRow { name, href, cells }
    };
    let to = if view.span.to == view.today { String::new() } else { view.span.to.to_string() };
    let link = |code: DivisionCode| match code.level() {
        Level::Village => format!("/villages/{code}"),
        Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
            Address::parse("/dashboard").with("place", &code.to_string()).with("to", &to).to_string()
        }
    };
    let mut rows: Vec<CompareRow> =
        view.parts.iter().map(|part| row(part.code, Text::data(part.short()), Some(link(part.code)))).collect();
    if rows.len() > 1 {
        rows.push(row(view.place, text!("合计"), None));
    }
    rows
}

async fn categories(conn: &mut Conn, view: &View) -> AppResult<Vec<CompareRow>> {
    let Some(coverage) = &view.coverage else { return Ok(Vec::new()) };
    let by_category = coverage.by_category();
    let codes: Vec<&str> = by_category.iter().map(|(category, ..)| category.posted_indicator()).collect();
    let posted = store::states(conn, &codes, &[view.place], view.span.to).await?;
    let href = view.on_day("/coverage", view.place);
    let row = |(category, required, met): &(places::VillageCategory, usize, usize)| {
        let figure = category.posted_indicator();
        let amount = posted.get(&(figure.to_owned(), view.place)).copied().unwrap_or(0);
        CompareRow {
            name: Text::key(category.zh()),
            href: None,
            cells: vec![
                Cell::num(required).link(format!("{href}&category={}", category.code())),
                Cell::num(amount).link(view.href(figure, view.place)),
                Cell::num(required - met).link(format!("{href}&missing=1&category={}", category.code())),
            ],
        }
    };
    Ok(by_category.iter().map(row).collect())
}

/// People on post at the end of each of the last months, and on the day itself.
async fn trend(conn: &mut Conn, view: &View) -> AppResult<Chart> {
    let movements = store::movements(conn, "posting.cadre", view.place, view.span.to).await?;
    let mut month = view.span.to.month().first_day().plus_months(1 - MONTHS).month();
    let (mut labels, mut figures) = (Vec::new(), Vec::new());
    let by_month: BTreeMap<_, _> = movements.iter().copied().collect();
    let mut standing: i64 = by_month.range(..month).map(|(_, moved)| moved).sum();
    while month <= view.span.to.month() {
        standing += by_month.get(&month).copied().unwrap_or(0);
        let end = month.next().first_day().plus_days(-1).min(view.span.to);
        let href = figure_href("posting.cadre", view.place, Span { from: None, to: end }, view.today);
        labels.push((month.to_string(), Some(href)));
        figures.push(small(standing));
        month = month.next();
    }
    let name = text!("在岗人数").in_lang(view.lang);
    Ok(Chart::series("line", text!("近 24 个月月末在岗人数"), &labels, &[(name, figures)]))
}

#[expect(clippy::cast_precision_loss, reason = "counts of people lie far below 2^53")]
fn small(count: i64) -> f64 {
    count as f64
}

fn compositions(view: &View, people: &[OnPost]) -> Vec<Chart> {
    if people.is_empty() {
        return Vec::new();
    }
    let chart = |part: Part| {
        let classes = part.counts(people, view.span.to);
        let label = |class: &super::rules::Class| {
            let day = if view.span.to == view.today { String::new() } else { view.span.to.to_string() };
            let address = Address::parse("/dashboard/people").with("place", &view.place.to_string());
            let href = address.with("to", &day).with("by", part.code()).with("is", &class.code);
            (class.label.in_lang(view.lang), Some(href.to_string()))
        };
        let labels: Vec<_> = classes.iter().map(|(class, _)| label(class)).collect();
        let counts = classes.iter().map(|(_, n)| small(i64::try_from(*n).unwrap_or(i64::MAX))).collect();
        Chart::series("bar", part.label(), &labels, &[(text!("人数").in_lang(view.lang), counts)])
    };
    Part::ALL.into_iter().map(chart).collect()
}

/// The comparison as a file.
pub(super) async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let view = View::load(&ctx, &mut conn).await?;
    let mut headers = vec!["代码", "名称"];
    if view.coverage.is_some() {
        headers.push("应派村");
    }
    headers.extend(["已派村", "在岗", "第一书记", "队员"]);
    if view.coverage.is_some() {
        headers.push("缺口");
    }
    let row = |part: &Division| {
        let count = |n: usize| Value::from(u32::try_from(n).unwrap_or(u32::MAX));
        let asked = view.asked_of(part.code);
        let mut cells = vec![Value::from(part.code.to_string()), Value::from(part.short())];
        cells.extend(asked.map(|(required, _)| count(required)));
        cells.extend(COMPARED.map(|figure| Value::Number(small(view.figure(figure, part.code)))));
        cells.extend(asked.map(|(_, missing)| count(missing)));
        cells
    };
    let name = parts_title(view.place).zh();
    ctx.sheet(&name, &table_of(&name, &headers, view.parts.iter().map(row).collect()), format)
}
