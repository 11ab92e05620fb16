//! The rows of found sheets from top to bottom, each under its township.

use std::collections::HashMap;

use base::{
    kernel::DivisionCode,
    sheet::{Row, squeeze},
    text,
};

use super::{Context, cells::Cells, fields as f, row::RosterRow};
use crate::imports::{Asked, Line, Outcome, PlaceIndex, PlaceProblem, Source, code};

type Found = Result<DivisionCode, PlaceProblem>;

/// Villages already looked up, by what was asked: code, county, township, village.
#[derive(Default)]
pub(super) struct Asking(HashMap<[String; 4], Found>);

impl Asking {
    pub fn village(&mut self, places: &PlaceIndex, key: [String; 4]) -> Found {
        if let Some(known) = self.0.get(&key) {
            return known.clone();
        }
        let [code, county, township, village] = &key;
        let found = places.village(Asked { code, county, township, village });
        self.0.insert(key, found.clone());
        found
    }
}

pub(super) fn all(sources: &[Source<'_>], context: &Context<'_>) -> Outcome<RosterRow> {
    let mut outcome = Outcome::default();
    let mut asking = Asking::default();
    for source in sources {
        outcome.note_columns(source);
        if source.guess.column(f::ID_NUMBER).is_none() {
            let message = text!("没有身份证号一列，只能按姓名和电话认人，重名时可能认错；建议补上这一列");
            let mut warning = source.problem(&Row::default(), f::ID_NUMBER, code::NO_ID_COLUMN, message);
            warning.spot.row = 0;
            outcome.warnings.push(warning);
        }
        sheet(source, context, &mut asking, &mut outcome);
    }
    outcome
}

/// One sheet from top to bottom; the township may stand in its name, its title, a band above, or the row before.
fn sheet(source: &Source<'_>, context: &Context<'_>, asking: &mut Asking, outcome: &mut Outcome<RosterRow>) {
    let has_column = source.guess.column(f::TOWNSHIP).is_some();
    let named = || {
        let titles = source.sheet.rows.iter().filter(|row| row.number < source.guess.first_data_row);
        let titles = titles.flat_map(|row| row.cells.first()).map(|cell| cell.show().into_owned());
        let mut texts = std::iter::once(source.sheet.name.clone()).chain(titles);
        let name = source.sheet.name.as_str();
        let whole = context.places.township(name).map(|_| name.to_owned());
        whole.or_else(|| texts.find_map(|text| context.places.township_in(&text).map(str::to_owned)))
    };
    let section = if has_column { None } else { named() };
    let mut above: Option<String> = None;
    for line in source.lines(&[f::TOWNSHIP, f::COUNTY]) {
        let row = match line {
            Line::Data(row) => row,
            Line::Band { text, .. } if context.places.township(&band(&text)).is_some() => {
                above = Some(band(&text));
                continue;
            }
            Line::Band { apart: true, .. } => continue,
            Line::Band { row, .. } => row,
        };
        let own = source.text(row, f::TOWNSHIP);
        if !own.is_empty() {
            above = Some(own);
        }
        let townships: Vec<&str> = above.iter().chain(&section).map(String::as_str).collect();
        let mut cells = Cells::new(source, row, context);
        let made = cells.row(asking, &townships);
        let (problems, warnings) = (cells.problems, cells.warnings);
        outcome.warnings.extend(warnings);
        match made {
            Some(made) if problems.is_empty() => outcome.take(Ok(made)),
            _ => {
                inherit(source, row, &townships, outcome);
                outcome.take(Err(problems));
            }
        }
    }
}

/// `一、苗店镇（12人）` without numbering and count.
fn band(text: &str) -> String {
    let text = squeeze(text);
    let text = text.split(['(', ':']).next().unwrap_or("");
    text.trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十、.".contains(c)).to_owned()
}

fn inherit(source: &Source<'_>, row: &Row, townships: &[&str], outcome: &mut Outcome<RosterRow>) {
    if let Some(township) = townships.first().filter(|_| source.text(row, f::TOWNSHIP).is_empty()) {
        let header = source.guess.header(f::TOWNSHIP).unwrap_or("乡镇").to_owned();
        outcome.inherited.insert(source.spot(row), (header, (*township).to_owned()));
    }
}
