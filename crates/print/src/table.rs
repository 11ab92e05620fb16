//! What several documents share: pairs, tables, and the way from our structs to what a template reads.

use std::collections::BTreeSet;

use serde::Serialize;
use typst::foundations::{Dict, Value};

use crate::Error;

/// A label and what stands beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    pub label: String,
    pub value: String,
}

impl Pair {
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Pair {
        Pair { label: label.into(), value: value.into() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Left,
    Center,
    Right,
}

/// A column: its head, its share of the width beside the others, and where its cells stand.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    pub head: String,
    pub share: f64,
    pub side: Side,
}

impl Column {
    pub fn new(head: impl Into<String>, share: f64, side: Side) -> Column {
        Column { head: head.into(), share, side }
    }
}

/// Rows have as many cells as there are columns.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let columns = self.columns.len();
        match self.rows.iter().enumerate().find(|(_, row)| row.len() != columns) {
            Some((index, row)) => Err(Error::Uneven { row: index + 1, cells: row.len(), columns }),
            None => Ok(()),
        }
    }
}

fn json(data: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(data).map_err(|error| Error::Pdf(error.to_string()))
}

/// What a template finds under `sys.inputs`.
pub(crate) fn inputs(data: &impl Serialize) -> Result<Dict, Error> {
    let mut json = json(data)?;
    breakable(&mut json);
    match serde_json::from_value(json).map_err(|error| Error::Pdf(error.to_string()))? {
        Value::Dict(dict) => Ok(dict),
        _ => Err(Error::Pdf("a template reads a dictionary".to_owned())),
    }
}

/// Every character of every text in the data.
pub(crate) fn characters(data: &impl Serialize, into: &mut BTreeSet<char>) -> Result<(), Error> {
    fn walk(value: &serde_json::Value, into: &mut BTreeSet<char>) {
        match value {
            serde_json::Value::String(text) => into.extend(text.chars()),
            serde_json::Value::Array(list) => list.iter().for_each(|one| walk(one, into)),
            serde_json::Value::Object(map) => map.values().for_each(|one| walk(one, into)),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }
    walk(&json(data)?, into);
    Ok(())
}

/// The longest thing offices write without a place to break a line is an ID number of 18 digits.
const UNBROKEN: usize = 18;

/// Gives what is longer places to break, or it would run over the next cell.
fn breakable(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if text.len() > UNBROKEN {
                *text = broken(text);
            }
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(breakable),
        serde_json::Value::Object(map) => map.values_mut().for_each(breakable),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn broken(text: &str) -> String {
    const ZERO_WIDTH_SPACE: char = '\u{200b}';
    let solid = |one: char| one.is_ascii_graphic();
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|one: char| solid(one) != solid(first)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(run);
        if solid(first) && part.len() > UNBROKEN {
            for (index, one) in part.chars().enumerate() {
                if index > 0 && index % 6 == 0 {
                    out.push(ZERO_WIDTH_SPACE);
                }
                out.push(one);
            }
        } else {
            out.push_str(part);
        }
        rest = after;
    }
    out
}
