//! 身份牌: the responsible parties of a village on an A3 page for its wall, a county in one run.

use std::{collections::BTreeSet, io::Write};

use serde::Serialize;
use typst::foundations::{Array, Dict, IntoValue, Value};

use crate::{
    Error, Picture, Press, Printed, Template, Watch,
    cards::portrait,
    code::code,
    run::{Chunk, Run},
    table::{characters, inputs},
};

/// A line of the board: 党建指导员, who, what they are, how to reach them. What is empty is printed as 待补.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Party {
    pub label: String,
    pub name: String,
    pub post: String,
    pub phone: String,
    #[serde(skip)]
    pub portrait: Option<Picture>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Board {
    pub village: String,
    /// Where the village lies: 涉县井店镇.
    pub place: String,
    pub parties: Vec<Party>,
    #[serde(skip)]
    pub url: String,
}

#[derive(Debug, Clone, Copy)]
pub struct Boards<'a> {
    pub title: &'a str,
    pub issuer: &'a str,
    /// Under the QR: 扫码看今日责任人.
    pub invitation: &'a str,
    /// The day of the data as it shall read: 2026年11月22日.
    pub as_of: &'a str,
    pub items: &'a [Board],
}

const CHUNK: usize = 100;

pub fn boards(press: &Press, run: &Boards<'_>, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    let mut all = BTreeSet::new();
    for text in [run.title, run.issuer, run.invitation, run.as_of] {
        all.extend(text.chars());
    }
    for board in run.items {
        characters(board, &mut all)?;
    }
    let make = |range: std::ops::Range<usize>| {
        let first = range.start;
        let (mut items, mut unreadable) = (Array::with_capacity(range.len()), Vec::new());
        for (offset, board) in run.items[range].iter().enumerate() {
            let mut item = inputs(board)?;
            item.insert("code".into(), code(&board.url).map_err(|()| Error::CodeTooLong { row: first + offset + 1 })?);
            let portraits =
                board.parties.iter().map(|one| portrait(one.portrait.as_ref(), first + offset, &mut unreadable));
            item.insert("portraits".into(), Value::Array(portraits.collect()));
            items.push(Value::Dict(item));
        }
        let mut dict = Dict::new();
        dict.insert("title".into(), run.title.into_value());
        dict.insert("issuer".into(), run.issuer.into_value());
        dict.insert("invitation".into(), run.invitation.into_value());
        dict.insert("as_of".into(), run.as_of.into_value());
        dict.insert("items".into(), Value::Array(items));
        Ok(Chunk { inputs: dict, unreadable })
    };
    Run {
        template: Template::Boards,
        title: run.title,
        items: run.items.len(),
        chunk: CHUNK,
        characters: all,
        inputs: &make,
    }
    .print(press, out, watch)
}
