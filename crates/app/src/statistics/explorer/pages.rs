//! The page of a view: what is asked, the picture, the table; and the table as a file.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Chart, Choice, Column, Form, Link, Pager, Pages, Shell, filters},
    i18n::{Lang, Text},
    kernel::{Day, Level},
    sheet::{Format, Value},
    text,
    web::{AppError, AppResult},
};

use super::{
    super::rules::{figure_href, number, span_text, table_of},
    count::{Counted, count},
    grid::{At, Head, Line, Shown, Where, Whose},
    rules::{Aspect, Dim, View, groups, levels, year_before},
    saved,
    views::whose,
};
use crate::{places, postings, spine::facts::Catalogue, web::Ctx};

/// How many lines or bars a picture holds before it says nothing any more.
const MOST_SERIES: usize = 6;
const MOST_BARS: usize = 30;

#[derive(Template)]
#[template(path = "statistics/explorer/explorer.html")]
struct ExplorerPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    form: Form,
    place: String,
    kept_unit: Option<(Text, String)>,
    figures: Vec<(Text, Vec<Choice>)>,
    groups: Vec<Choice>,
    rows: Vec<Choice>,
    cols: Vec<Choice>,
    levels: Vec<Choice>,
    periods: Vec<Link>,
    chart: Option<Chart>,
    table: Option<TableView>,
}

/// The table as the page prints it.
struct TableView {
    caption: Text,
    heads: Vec<HeadView>,
    rows: Vec<RowView>,
    foot: Option<RowView>,
    total: usize,
    pager: Pager,
    hides: bool,
    save: String,
    xlsx: String,
    csv: String,
}

struct HeadView {
    column: Column,
    note: Option<Text>,
}

struct RowView {
    name: Text,
    note: Option<Text>,
    href: Option<String>,
    cells: Vec<CellView>,
}

struct CellView {
    text: Text,
    href: Option<String>,
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let counted = match View::read(&address, place, ctx.today) {
        Ok(view) => {
            let floor = ctx.pack(&mut conn, place.county()).await?.sealed_floor();
            count(&mut conn, view, &address, floor).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match counted {
        Ok(counted) => {
            let form = Form::of(counted.address.others(&[]));
            Ok(ctx.page(&page(&ctx, &mut conn, form, Some(&counted)).await?))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = Form::of(address.others(&[]));
            let form = typed.with_error(refusal.field.unwrap_or("rows"), refusal.message);
            Ok(ctx.refused(&page(&ctx, &mut conn, form, None).await?))
        }
        Err(other) => Err(other),
    }
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form, counted: Option<&Counted>) -> AppResult<ExplorerPage> {
    let place = ctx.place()?;
    let typed = Address::parse(&ctx.address);
    let address = counted.map_or(&typed, |counted| &counted.address).without("page");
    let mut shell = ctx.shell(conn, text!("数据透视"), Some(place)).await?;
    let name = places::store::find(conn, place).await?.map_or_else(|| "全国".into(), |division| division.short());
    let lang = ctx.prefs.lang;
    let chart = counted.and_then(|counted| chart(ctx, counted, lang));
    shell.charts = chart.is_some();
    Ok(ExplorerPage {
        shell,
        sub: counted.map_or_else(|| Text::data(name.as_str()), |counted| sub(&name, counted)),
        views: views(ctx, conn, &address).await?,
        place: place.to_string(),
        kept_unit: kept_unit(&typed, counted),
        figures: figures(&form),
        groups: group_choices(&form),
        rows: choices(&form, "rows", Dim::ALL.map(|dim| (dim.code(), dim.label())).to_vec()),
        cols: cols_choices(&form),
        levels: level_choices(&form, place),
        periods: periods(ctx, conn, &address).await?,
        chart,
        table: counted.map(|counted| table(ctx, counted)),
        form,
    })
}

fn sub(place: &str, counted: &Counted) -> Text {
    let view = &counted.view;
    let what = if view.by(Aspect::Indicator) {
        text!("{n} 个指标", n = view.indicators().len())
    } else {
        text!(
            "{name}（{unit}）",
            name = Text::key(view.indicator.name.as_str()),
            unit = Text::key(view.indicator.unit.as_str())
        )
    };
    let sub = text!("{place} · {what} · {span}", place = place, what = what, span = span_text(view.span));
    match &counted.unit {
        Some(unit) => text!("{sub} · 只算记给{unit}的", sub = sub, unit = unit),
        None => sub,
    }
}

/// The unit that is kept, by name where it is one, and the way to let it go.
fn kept_unit(typed: &Address, counted: Option<&Counted>) -> Option<(Text, String)> {
    let id = Some(typed.get("unit")).filter(|id| !id.is_empty())?;
    let name = counted.and_then(|counted| counted.unit.as_deref()).unwrap_or(id);
    Some((Text::data(name), typed.without("unit").without("page").to_string()))
}

/// One's own saved views and the office's.
async fn views(ctx: &Ctx, conn: &mut Conn, address: &Address) -> AppResult<Vec<Link>> {
    let here = address.to_string();
    let link = |view: saved::Saved| {
        let mut link = Link::new(Text::data(view.name.as_str()), view.href());
        link.on = link.href == here;
        link
    };
    Ok(saved::list(conn, whose(ctx)?).await?.into_iter().map(link).collect())
}

/// Known choices, and what was typed where it is none of them: it stays until somebody mends it.
fn choices(form: &Form, name: &str, known: Vec<(&str, Text)>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = known.into_iter().map(|(code, label)| Choice::new(code, label)).collect();
    let typed = form.value(name);
    if !choices.iter().any(|choice| choice.value == typed) && !typed.is_empty() {
        choices.push(Choice::new(typed, Text::data(typed)));
    }
    choices
}

fn cols_choices(form: &Form) -> Vec<Choice> {
    let all = Dim::ALL.map(|dim| (dim.code(), dim.label()));
    choices(form, "cols", std::iter::once(("", text!("不分列"))).chain(all).collect())
}

fn level_choices(form: &Form, place: base::kernel::DivisionCode) -> Vec<Choice> {
    let known = levels(place).iter().map(|level| (level.code(), Text::key(level.zh()))).collect();
    choices(form, "level", known)
}

fn group_choices(form: &Form) -> Vec<Choice> {
    let named = groups().into_iter().map(|group| (group, Text::key(group)));
    let ends = [("", text!("与上面的指标同组")), ("all", text!("全部指标"))];
    choices(form, "group", ends.into_iter().chain(named).collect())
}

/// The catalogue by its groups.
fn figures(form: &Form) -> Vec<(Text, Vec<Choice>)> {
    let of = |group: &str| {
        let own = Catalogue::get().iter().filter(|one| one.group == group);
        own.map(|one| Choice::new(one.code.as_str(), Text::key(one.name.as_str()))).collect()
    };
    let mut figures: Vec<(Text, Vec<Choice>)> =
        groups().into_iter().map(|group| (Text::key(group), of(group))).collect();
    let typed = form.value("figure");
    if !typed.is_empty() && Catalogue::get().find(typed).is_none() {
        figures.push((text!("没有这个指标"), vec![Choice::new(typed, Text::data(typed))]));
    }
    figures
}

/// Periods that people ask for: the last year, this one, the one before, and the terms of the county's batches.
async fn periods(ctx: &Ctx, conn: &mut Conn, address: &Address) -> AppResult<Vec<Link>> {
    let today = ctx.today;
    let place = ctx.place()?;
    let mut periods = vec![(text!("近一年"), year_before(today), None)];
    if let (Some(this), Some(last)) = (Day::new(today.year(), 1, 1), Day::new(today.year() - 1, 1, 1)) {
        periods.push((text!("今年"), this, None));
        periods.push((text!("去年"), last, Some(this.plus_days(-1))));
    }
    if place.level() >= Level::County {
        for batch in postings::store::batches(conn, place.county()).await? {
            let end = batch.until.plus_days(-1);
            periods.push((Text::data(batch.name), batch.since, Some(end).filter(|end| *end < today)));
        }
    }
    let link = |(label, from, to): (Text, Day, Option<Day>)| {
        let (from, to) = (from.to_string(), to.map(|day| day.to_string()).unwrap_or_default());
        let mut link = Link::new(label, address.with("from", &from).with("to", &to).to_string());
        link.on = address.get("from") == from && address.get("to") == to;
        link
    };
    Ok(periods.into_iter().map(link).collect())
}

fn table(ctx: &Ctx, counted: &Counted) -> TableView {
    let (address, pages) = (&counted.address, Pages::of(&Address::parse(&ctx.address)));
    let total = counted.grid.rows.len();
    let rows = pages.cut(&counted.grid.rows).map(|line| row(ctx, counted, line)).collect();
    let foot = counted.grid.foot.as_ref().map(|(label, note, line)| RowView {
        name: label.clone(),
        note: note.clone(),
        href: None,
        cells: cells(ctx, counted, line),
    });
    let query = address.to_string();
    let query = query.split_once('?').map_or("", |(_, query)| query).to_owned();
    TableView {
        caption: caption(&counted.view),
        heads: heads(counted),
        rows,
        foot: foot.filter(|_| total > 1),
        total,
        pager: pages.pager(address, total),
        hides: counted.hides(),
        save: Address::parse("/explorer/views/new").with("view", &query).to_string(),
        xlsx: address.at("/explorer.xlsx").to_string(),
        csv: address.at("/explorer.csv").to_string(),
    }
}

fn caption(view: &View) -> Text {
    let what = if view.by(Aspect::Indicator) { text!("指标") } else { Text::key(view.indicator.name.as_str()) };
    match view.cols {
        Some(cols) => {
            text!("{what}，行是{rows}，列是{cols}", what = what, rows = view.rows.label(), cols = cols.label())
        }
        None => text!("{what}，行是{rows}", what = what, rows = view.rows.label()),
    }
}

/// The head over the names, then one for each column and one for the whole.
fn heads(counted: &Counted) -> Vec<HeadView> {
    let address = &counted.address;
    let column = |label: Text, key: &str| Column::new(label).sort(address, key);
    let mut heads = vec![HeadView { column: column(counted.view.rows.label(), "name"), note: None }];
    let cols = counted.grid.cols.iter();
    heads.extend(cols.map(|head| HeadView { column: column(head.label.clone(), &head.key).num(), note: None }));
    if let Some((label, note)) = &counted.grid.whole_col {
        let label = if label.is_empty() { whole_label(&counted.view) } else { label.clone() };
        heads.push(HeadView { column: column(label, "whole").num(), note: note.clone() });
    }
    heads
}

/// The head of the one column where nothing stands in columns.
fn whole_label(view: &View) -> Text {
    if view.by(Aspect::Indicator) {
        text!("数量")
    } else {
        text!(
            "{name}（{unit}）",
            name = Text::key(view.indicator.name.as_str()),
            unit = Text::key(view.indicator.unit.as_str())
        )
    }
}

fn row(ctx: &Ctx, counted: &Counted, line: &Line) -> RowView {
    let head = line.head.as_ref();
    RowView {
        name: head.map(|head| head.label.clone()).unwrap_or_default(),
        note: None,
        href: head.and_then(|head| head.href.clone()),
        cells: cells(ctx, counted, line),
    }
}

fn cells(ctx: &Ctx, counted: &Counted, line: &Line) -> Vec<CellView> {
    let cell = |cell: &(Shown, At)| CellView { text: said(counted, cell), href: href(ctx, counted, cell) };
    line.cells.iter().map(cell).collect()
}

fn said(counted: &Counted, cell: &(Shown, At)) -> Text {
    match (counted.amount(cell), cell.0) {
        (Some((indicator, amount)), _) => Text::data(number(indicator, amount).to_string()),
        (None, Shown::Hidden) => text!("不显示"),
        (None, Shown::Figure(_) | Shown::Nothing) => Text::data("—"),
    }
}

/// Where a cell opens: the same figure of the same place, days and unit.
fn href(ctx: &Ctx, counted: &Counted, cell: &(Shown, At)) -> Option<String> {
    let (indicator, _) = counted.amount(cell)?;
    let at = cell.1;
    let place = match at.place {
        Where::Part(part) => counted.data.places.get(part)?.code,
        Where::Whole | Where::Own => counted.view.place,
    };
    let unit = match at.unit {
        Whose::All => counted.view.unit.as_deref().unwrap_or_default(),
        Whose::Unit(number) => counted.data.units.get(number.checked_sub(1)?)?,
        Whose::Nobody => "none",
    };
    let own = if at.place == Where::Own { counted.view.level.code() } else { "" };
    let figure = figure_href(&indicator.code, place, View::counted(indicator, at.span), ctx.today);
    Some(Address::parse(&figure).with("unit", unit).with("own", own).to_string())
}

/// The picture: lines over time where columns are time, bars elsewhere. Different units share no picture, and what is
/// hidden is not drawn.
fn chart(ctx: &Ctx, counted: &Counted, lang: Lang) -> Option<Chart> {
    let (view, grid) = (&counted.view, &counted.grid);
    let shown: Vec<&Line> = Pages::of(&Address::parse(&ctx.address)).cut(&grid.rows).collect();
    let mut units =
        grid.rows.iter().flat_map(|line| &line.cells).filter_map(|cell| counted.amount(cell)).map(|one| &one.0.unit);
    let unit = units.next()?;
    if counted.hides() || !units.all(|other| other == unit) {
        return None;
    }
    let label = |head: &Head| head.label.in_lang(lang);
    let figure = |cell: &(Shown, At)| counted.amount(cell).map_or(0.0, |(indicator, amount)| indicator.shown(amount));
    let over_time = view.cols.is_some_and(|cols| cols.aspect() == Aspect::Time);
    let (kind, labels, series): (&str, Vec<_>, Vec<_>) = if over_time {
        let labels = grid.cols.iter().map(|head| (label(head), head.href.clone())).collect();
        let line = |line: &&Line| {
            let cells = line.cells.iter().take(grid.cols.len());
            (line.head.as_ref().map(label).unwrap_or_default(), cells.map(figure).collect())
        };
        ("line", labels, shown.iter().take(MOST_SERIES).map(line).collect())
    } else {
        let bars = &shown[..shown.len().min(MOST_BARS)];
        let last = grid.cols.len();
        let opens = |line: &&Line| {
            let href = line.cells.get(last).and_then(|cell| href(ctx, counted, cell));
            (line.head.as_ref().map(label).unwrap_or_default(), href)
        };
        let labels = bars.iter().map(opens).collect();
        let column = |at: usize| bars.iter().map(|line| line.cells.get(at).map_or(0.0, figure)).collect();
        let series = if grid.cols.is_empty() {
            vec![(whole_label(view).in_lang(lang), column(0))]
        } else {
            grid.cols.iter().enumerate().take(MOST_SERIES).map(|(at, head)| (label(head), column(at))).collect()
        };
        (if view.rows.aspect() == Aspect::Time { "line" } else { "bar" }, labels, series)
    };
    Some(Chart::series(kind, chart_title(counted, over_time), &labels, &series))
}

/// Says what of the table the picture holds.
fn chart_title(counted: &Counted, over_time: bool) -> Text {
    let (rows, cols) = (counted.grid.rows.len(), counted.grid.cols.len());
    let caption = caption(&counted.view);
    if over_time && rows > MOST_SERIES {
        text!("{caption}；图里是前 {n} 行", caption = caption, n = MOST_SERIES)
    } else if !over_time && (rows > MOST_BARS || cols > MOST_SERIES) {
        text!(
            "{caption}；图里是前 {rows} 行、前 {cols} 列",
            caption = caption,
            rows = MOST_BARS.min(rows),
            cols = MOST_SERIES.min(cols.max(1))
        )
    } else {
        caption
    }
}

/// The whole table as a file: all rows, in the order of the page.
pub async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let mut conn = ctx.read().await?;
    let view = View::read(&address, ctx.place()?, ctx.today)?;
    let floor = ctx.pack(&mut conn, view.place.county()).await?.sealed_floor();
    let counted = count(&mut conn, view, &address, floor).await?;
    let grid = &counted.grid;
    let noted = |(label, note): (Text, Option<Text>)| match note {
        Some(note) => format!("{}（{}）", label.zh(), note.zh()),
        None => label.zh(),
    };
    let mut headers = vec!["代码".to_owned(), counted.view.rows.label().zh()];
    headers.extend(grid.cols.iter().map(|head| head.label.zh()));
    headers.extend(
        grid.whole_col
            .clone()
            .map(|(label, note)| if label.is_empty() { whole_label(&counted.view).zh() } else { noted((label, note)) }),
    );
    let value = |cell: &(Shown, At)| match counted.amount(cell) {
        Some((indicator, amount)) => Value::Number(indicator.shown(amount)),
        None => Value::from(said(&counted, cell).zh()),
    };
    let line = |code: &str, name: String, line: &Line| {
        let ends = [Value::from(code), Value::from(name)];
        ends.into_iter().chain(line.cells.iter().map(value)).collect::<Vec<_>>()
    };
    let heads = grid.rows.iter().filter_map(|row| Some((row.head.as_ref()?, row)));
    let mut rows: Vec<Vec<Value>> = heads.map(|(head, row)| line(&head.key, head.label.zh(), row)).collect();
    if let Some((label, note, foot)) = grid.foot.clone().filter(|_| grid.rows.len() > 1) {
        rows.push(line("", noted((label, note)), &foot));
    }
    let name = if counted.view.by(Aspect::Indicator) {
        "数据透视".to_owned()
    } else {
        counted.view.indicator.name.clone()
    };
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    ctx.sheet(&name, &table_of(&sheet_name(&name), &headers, rows), format)
}

/// A name that a sheet of a workbook may have.
fn sheet_name(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\')).take(31).collect()
}
