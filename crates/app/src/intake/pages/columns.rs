//! Which column means what: guessed, and set right by hand.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Address, Choice, Form, Link, Shell, Step, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        runs::{self as store, Run, RunState},
        sketch::{SheetSketch, Sketch},
        steps::{self, LARGE},
    },
    find, kind_label, wizard_steps,
};
use crate::{
    imports::{Kind, Mapping},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "intake/columns.html")]
struct ColumnsPage {
    shell: Shell,
    sub: Text,
    steps: Vec<Step>,
    form: Form,
    action: String,
    /// Sheets of the file as links, when there are several.
    sheets: Vec<Link>,
    sheet: usize,
    /// How many sheets have a header.
    found: usize,
    only: bool,
    header_row: u32,
    batch: bool,
    columns: Vec<Line>,
    fields: Vec<Choice>,
    missing: Vec<String>,
}

struct Line {
    letter: String,
    name: String,
    header: String,
    samples: String,
    field: String,
}

/// A, B … Z, AA …
fn letter(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    if column < 26 { last.to_string() } else { format!("{}{last}", letter(column / 26 - 1)) }
}

fn lines(sheet: &SheetSketch) -> Vec<Line> {
    let line = |(at, column): (usize, &super::super::sketch::ColumnSketch)| Line {
        letter: letter(at),
        name: format!("c{at}"),
        header: column.header.clone(),
        samples: column.samples.join("、"),
        field: column.field.clone().unwrap_or_default(),
    };
    sheet
        .columns
        .iter()
        .enumerate()
        .map(line)
        .filter(|line| !(line.header.is_empty() && line.samples.is_empty()))
        .collect()
}

fn missing(kind: &Kind, sheet: &SheetSketch) -> Vec<String> {
    kind.missing(|key| sheet.columns.iter().any(|column| column.field.as_deref() == Some(key)))
}

async fn page(ctx: &Ctx, run: &Run, at: usize, form: Form) -> AppResult<ColumnsPage> {
    let sketch = &run.setting.sketch;
    let sheet = sketch.sheets.get(at).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("导入：对应列"), Some(run.place)).await?;
    let table = run.kind.table();
    let none = std::iter::once(Choice::new("", text!("不导入")));
    let fields = table.fields.iter().map(|field| Choice::new(field.key, Text::data(field.header)));
    let sheets = sketch.sheets.iter().enumerate().map(|(other, sheet)| Link {
        on: other == at,
        ..Link::new(Text::data(&*sheet.name), format!("/imports/{}/mapping?sheet={other}", run.id))
    });
    let several = sketch.sheets.len() > 1;
    Ok(ColumnsPage {
        shell,
        sub: text!("{file} · {kind}", file = run.file_name, kind = kind_label(run.kind)),
        steps: wizard_steps(1),
        form,
        action: format!("/imports/{}/mapping", run.id),
        sheets: if several { sheets.collect() } else { vec![] },
        sheet: at,
        found: sketch.found(),
        only: run.setting.mapping.sheet.is_some() || sketch.found() == 0,
        header_row: sheet.header_row,
        batch: run.kind == super::super::FileKind::Roster,
        missing: missing(table, sheet),
        columns: lines(sheet),
        fields: none.chain(fields).collect(),
    })
}

pub async fn show(ctx: Ctx, id: Path<String>) -> AppResult<Response> {
    let run = find(&ctx, &id.0).await?;
    if !matches!(run.state, RunState::Uploaded | RunState::Checked) {
        return Ok(ctx.redirect(&format!("/imports/{}", run.id), &Text::default()));
    }
    let asked = Address::parse(&ctx.address).get("sheet").parse().ok();
    let at = asked.filter(|at| *at < run.setting.sketch.sheets.len()).unwrap_or_else(|| run.setting.sketch.first());
    let batch = run.batch_number.map(|number| number.to_string()).unwrap_or_default();
    Ok(ctx.page(&page(&ctx, &run, at, Form::of([("batch", batch)])).await?))
}

/// What was chosen for a sheet, kept in its sketch.
fn choose(sheet: &mut SheetSketch, data: &FormData) {
    for (at, column) in sheet.columns.iter_mut().enumerate() {
        let name = format!("c{at}");
        if data.0.iter().any(|(key, _)| *key == name) {
            column.field = data.some(&name).map(str::to_owned);
        }
    }
}

/// Only what differs from the guess is said by hand: sheets of other columns keep their own guess.
fn mapping(sheet: &SheetSketch, only: bool, header_row: Option<u32>) -> Mapping {
    let changed = sheet.columns.iter().enumerate().filter(|(_, column)| column.field != column.guess);
    let columns: BTreeMap<usize, Option<String>> = changed.map(|(at, column)| (at, column.field.clone())).collect();
    Mapping { sheet: only.then(|| sheet.name.clone()), header_row, columns }
}

fn twice(sheet: &SheetSketch, kind: &Kind) -> Option<Text> {
    let mut seen = std::collections::HashSet::new();
    let mut chosen = sheet.columns.iter().filter_map(|column| column.field.as_deref());
    let double = chosen.find(|key| !seen.insert(*key))?;
    let header = kind.field(double).map_or("", |field| field.header);
    Some(text!("“{field}”对应了两列，请只留一列", field = header))
}

/// The header row when it was set right by hand.
fn header_row(run: &Run, sheet: &SheetSketch, data: &FormData) -> Result<Option<u32>, Text> {
    let typed = data.get("header_row");
    if typed.is_empty() || typed == sheet.header_row.to_string() {
        return Ok(run.setting.mapping.header_row);
    }
    match typed.parse::<u32>() {
        Ok(row) if row <= 1000 => Ok(Some(row)),
        Ok(_) | Err(_) => Err(text!("表头所在行应为 1 到 1000 的数字；没有表头时填 0")),
    }
}

pub async fn save(ctx: Ctx, id: Path<String>, data: FormData) -> AppResult<Response> {
    let mut run = find(&ctx, &id.0).await?;
    if !matches!(run.state, RunState::Uploaded | RunState::Checked) {
        return Err(AppError::Conflict(text!("这次导入已经写入，或正在写入。")));
    }
    let at: usize = data.get("sheet").parse().unwrap_or(0);
    let only = data.get("only") == "one" || run.setting.sketch.found() == 0;
    let mut sheet = run.setting.sketch.sheets.get(at).cloned().ok_or(AppError::NotFound)?;
    let form = data.typed();
    let refuse = |form: Form, field: &'static str, say: Text| form.with_error(field, say);
    let header = match header_row(&run, &sheet, &data) {
        Ok(header) => header,
        Err(say) => {
            return Ok(ctx.refused(&page(&ctx, &run, at, refuse(form, "header_row", say)).await?));
        }
    };
    if header != run.setting.mapping.header_row {
        return other_header(&ctx, run, at, header).await;
    }
    choose(&mut sheet, &data);
    let table = run.kind.table();
    let lacking = missing(table, &sheet);
    let double = twice(&sheet, table);
    run.setting.mapping = mapping(&sheet, only, header);
    if let Some(place) = run.setting.sketch.sheets.get_mut(at) {
        *place = sheet;
    }
    let batch = data.some("batch").map(|text| text.parse::<i64>().ok().filter(|number| (1..=999).contains(number)));
    let wrong = double.map(|say| ("columns", say)).or_else(|| {
        let say = text!("还缺这些列：{columns}。请在下面指定，或在文件里补上", columns = lacking.join("、"));
        (!lacking.is_empty()).then_some(("columns", say))
    });
    let wrong = wrong.or_else(|| (batch == Some(None)).then(|| ("batch", text!("批次应为数字，如 8"))));
    if let Some((field, say)) = wrong {
        return Ok(ctx.refused(&page(&ctx, &run, at, refuse(form, field, say)).await?));
    }
    run.batch_number = batch.flatten();
    go_on(&ctx, run).await
}

/// The header stands elsewhere: the columns are guessed again from there.
async fn other_header(ctx: &Ctx, mut run: Run, at: usize, header_row: Option<u32>) -> AppResult<Response> {
    let mapping = Mapping { header_row, ..Mapping::default() };
    let mut sketch: Sketch = steps::sketch_again(&ctx.app, &run, mapping.clone()).await?;
    if let (Some(row), Some(sheet)) = (header_row, sketch.sheets.get_mut(at)) {
        sheet.header_row = row;
    }
    run.setting.sketch = sketch;
    run.setting.mapping = mapping;
    let mut tx = ctx.begin().await?;
    store::set(&mut tx, &run, RunState::Uploaded, run.batch_number).await?;
    tx.commit().await?;
    let to = format!("/imports/{}/mapping?sheet={at}", run.id);
    Ok(ctx.redirect(&to, &text!("已按新的表头重新对应，请再核对")))
}

/// Compares the file: at once, or by a job when it is large.
async fn go_on(ctx: &Ctx, run: Run) -> AppResult<Response> {
    let (actor, to) = (ctx.actor()?, format!("/imports/{}", run.id));
    if run.setting.sketch.rows > LARGE {
        let mut tx = ctx.begin().await?;
        steps::queue(&mut tx, run, false, false, &actor).await?;
        tx.commit().await?;
        return Ok(ctx.redirect(&to, &Text::default()));
    }
    let report = steps::check(&ctx.app, &run, &actor).await?;
    let mut tx = ctx.begin().await?;
    store::set(&mut tx, &run, RunState::Uploaded, run.batch_number).await?;
    if !store::checked(&mut tx, &run, &report).await? {
        return Err(AppError::Conflict(text!("这次导入已经写入，或正在写入。")));
    }
    tx.commit().await?;
    Ok(ctx.redirect(&to, &Text::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_the_users_program() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letter(column), name);
        }
    }
}
