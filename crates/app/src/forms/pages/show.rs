//! One form: its cells, what they are tied to, filling it, and the fills so far.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Act, Address, Choice, ConfirmPage, Form, Link, Pager, Pages, Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    ooxml::{Block, Grid},
    text,
    web::AppResult,
};

use super::{
    super::{
        acts,
        file::View,
        rules::{Spot, Tie},
        store::{self, FillRow, Form as ReportForm},
    },
    found, own,
};
use crate::{accounts::Permission, places, spine::facts::written_span, web::Ctx};

#[derive(Template)]
#[template(path = "forms/show_form.html")]
pub(super) struct ShowPage {
    shell: Shell,
    sub: Text,
    acts: Vec<Act>,
    form: Form,
    action: String,
    places: Vec<Choice>,
    may_fill: bool,
    sheets: Vec<Link>,
    grids: Vec<Lines>,
    paragraphs: Vec<Paragraph>,
    marks: Vec<Cell>,
    cut: bool,
    ties_action: String,
    fills: Vec<FillLine>,
    pager: Pager,
    tied: usize,
}

/// A table of cells as the file has it.
struct Lines {
    caption: Text,
    letters: Vec<String>,
    rows: Vec<Row>,
}

struct Row {
    number: usize,
    cells: Vec<Cell>,
}

struct Cell {
    name: String,
    text: String,
    rows: u32,
    columns: u32,
    formula: bool,
    tie: Option<Text>,
    /// Where it is tied; nowhere for a formula, or for somebody who only reads.
    href: Option<String>,
}

struct Paragraph {
    text: String,
}

struct FillLine {
    href: String,
    file: String,
    place: String,
    period: String,
    who: String,
    when: String,
    cells: i64,
    problems: i64,
}

fn fill_line(form: &ReportForm, fill: &FillRow) -> FillLine {
    let href = format!("{}/fills/{}", own(form), fill.id);
    FillLine {
        file: format!("{href}/file"),
        href,
        period: written_span(fill.span()),
        place: places::short_name(&fill.place_name.clone().unwrap_or_else(|| fill.place.to_string())),
        who: fill.actor.clone(),
        when: fill.made_at.local_minute(),
        cells: fill.cells,
        problems: fill.problems,
    }
}

/// What cells need to be shown: their form's address and ties.
struct Shown<'a> {
    ties: &'a BTreeMap<Spot, Tie>,
    own: &'a str,
    writes: bool,
}

impl Shown<'_> {
    fn cell(&self, spot: &Spot, text: &str, (rows, columns): (u32, u32), formula: bool) -> Cell {
        let href = || Address::parse(&format!("{}/ties", self.own)).with("spot", &spot.to_string()).to_string();
        Cell {
            name: spot.said(),
            text: text.to_owned(),
            rows,
            columns,
            formula,
            tie: self.ties.get(spot).map(Tie::label),
            href: (self.writes && !formula).then(href),
        }
    }

    fn grid(&self, sheet: usize, name: &str, grid: &Grid) -> Lines {
        let letters = (1..=grid.columns).map(|column| base::ooxml::At { row: 1, column }.letters()).collect();
        let row = |(at, cells): (usize, &Vec<base::ooxml::GridCell>)| Row {
            number: at + 1,
            cells: cells
                .iter()
                .map(|cell| {
                    let spot = Spot::Cell { sheet, at: cell.at };
                    self.cell(&spot, &cell.text, (cell.rows, cell.columns), cell.formula)
                })
                .collect(),
        };
        Lines {
            caption: text!("工作表“{name}”", name = name),
            letters,
            rows: grid.rows.iter().enumerate().map(row).collect(),
        }
    }

    fn table(&self, table: usize, rows: &[base::ooxml::DocRow]) -> Lines {
        let row = |(at, row): (usize, &base::ooxml::DocRow)| {
            let cell = |(place, cell): (usize, &base::ooxml::DocCell)| {
                let spot = Spot::Table { table, row: at + 1, cell: place + 1 };
                let columns = u32::try_from(cell.columns).unwrap_or(1);
                let mut shown = self.cell(&spot, &cell.text, (1, columns), false);
                if cell.covered {
                    (shown.href, shown.tie) = (None, None);
                }
                shown
            };
            Row { number: at + 1, cells: row.cells.iter().enumerate().map(cell).collect() }
        };
        Lines {
            caption: text!("第 {n} 张表", n = table),
            letters: Vec::new(),
            rows: rows.iter().enumerate().map(row).collect(),
        }
    }
}

/// The places that a form may be filled for: its own and those just below, within the viewer's scope.
async fn choices(ctx: &Ctx, conn: &mut base::db::Conn, form: &ReportForm) -> AppResult<Vec<Choice>> {
    let asked = ctx.place().ok().filter(|place| form.place.contains(*place)).unwrap_or(form.place);
    let mut choices = Vec::new();
    let mut listed = vec![asked];
    if asked != form.place {
        listed.insert(0, form.place);
    }
    for place in listed {
        if let Some(one) = places::store::find(conn, place).await?.filter(|_| ctx.scope.holds(place)) {
            choices.push(Choice::new(place.to_string(), Text::data(one.short())));
        }
    }
    if asked.level() < Level::Village {
        let below = places::store::children(conn, asked).await?;
        let below = below.iter().filter(|one| ctx.scope.holds(one.code));
        choices.extend(below.map(|one| Choice::new(one.code.to_string(), Text::data(one.short()))));
    }
    Ok(choices)
}

/// Last month, which forms usually ask for.
pub(super) fn usual(today: Day, place: DivisionCode) -> Form {
    let month = today.month().first_day();
    Form::of([
        ("place", place.to_string()),
        ("from", month.plus_months(-1).to_string()),
        ("to", month.plus_days(-1).to_string()),
    ])
}

pub(super) async fn page(ctx: &Ctx, report_form: &ReportForm, form: Form) -> AppResult<ShowPage> {
    let mut conn = ctx.read().await?;
    let address = Address::parse(&ctx.address);
    let own = own(report_form);
    let view = acts::shown(&mut conn, &ctx.app, report_form).await?;
    let ties: BTreeMap<Spot, Tie> =
        store::ties(&mut conn, report_form.county, &report_form.id).await?.into_iter().collect();
    let holds = ctx.viewer()?.scope(Permission::FormsWrite).holds(report_form.place);
    let writes = holds && !report_form.retired;
    let shown = Shown { ties: &ties, own: &own, writes };
    let pages = Pages::sized(&address, 20);
    let total = store::count_fills(&mut conn, report_form.county, &report_form.id).await?;
    let fills = store::fills(&mut conn, report_form.county, &report_form.id, pages.span()).await?;
    let mut acts = vec![Act::new(text!("下载原表"), format!("{own}/original")).icon("download")];
    if writes {
        acts.push(Act::new(text!("停用"), format!("{own}/retirement")).danger());
    }
    let name = places::store::find(&mut conn, report_form.place).await?.map(|one| one.short()).unwrap_or_default();
    let state = if report_form.retired { text!("已停用") } else { text!("在用") };
    let mut page = ShowPage {
        shell: ctx.shell(&mut conn, Text::data(report_form.title.clone()), Some(report_form.place)).await?,
        sub: text!(
            "{place} · .{kind} · {state} · {who} {when} 上传",
            place = name,
            kind = report_form.kind.code(),
            state = state,
            who = report_form.actor,
            when = report_form.made_at.local_minute()
        ),
        acts,
        form,
        action: format!("{own}/fills"),
        places: choices(ctx, &mut conn, report_form).await?,
        may_fill: writes,
        sheets: Vec::new(),
        grids: Vec::new(),
        paragraphs: Vec::new(),
        marks: Vec::new(),
        cut: false,
        ties_action: format!("{own}/ties"),
        fills: fills.iter().map(|fill| fill_line(report_form, fill)).collect(),
        pager: pages.pager(&address, total),
        tied: ties.len(),
    };
    match &view {
        View::Book(sheets) => {
            let asked: usize = address.get("sheet").parse().unwrap_or(0);
            let on = sheets.iter().find(|(number, ..)| *number == asked).or_else(|| sheets.first());
            if let Some((number, name, grid)) = on {
                page.grids.push(shown.grid(*number, name, grid));
                page.cut = grid.cut;
            }
            if sheets.len() > 1 {
                let link = |(number, name, _): &(usize, String, Grid)| Link {
                    on: on.is_some_and(|(shown, ..)| shown == number),
                    ..Link::new(Text::data(name.clone()), format!("{own}?sheet={number}"))
                };
                page.sheets = sheets.iter().map(link).collect();
            }
        }
        View::Text { blocks, marks } => {
            let mut table = 0;
            for block in blocks {
                match block {
                    Block::Paragraph(text) => page.paragraphs.push(Paragraph { text: text.clone() }),
                    Block::Table(rows) => {
                        table += 1;
                        page.grids.push(shown.table(table, rows));
                    }
                }
            }
            page.marks = marks.iter().map(|name| shown.cell(&Spot::Mark(name.clone()), "", (1, 1), false)).collect();
        }
    }
    Ok(page)
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    drop(conn);
    let usual = usual(ctx.today, form.place);
    let page = page(&ctx, &form, usual).await?;
    Ok(ctx.page(&page))
}

pub async fn original(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    let bytes = acts::content(&mut conn, &ctx.app, form.county, &form.file_id).await?;
    Ok(Ctx::download(&format!("{}.{}", form.title, form.kind.code()), form.kind.media_type(), bytes))
}

pub async fn ask_retire(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("停用报表"), Some(form.place)).await?,
        say: Text::data(form.title.clone()),
        effects: vec![text!("不能再填；填过的还能下载。上级换了新表时用。")],
        action: format!("{}/retirement", own(&form)),
        button: text!("停用"),
        back: own(&form),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn retire(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let form = found(&ctx, &mut tx, &county, &id).await?;
    acts::retire(&mut tx, &form, &ctx.actor_at(form.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&own(&form), &text!("已停用。")))
}
