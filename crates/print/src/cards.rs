//! 便民联心卡: eight to an A4 page with cut marks, for a whole county or province in one run.

use std::{collections::BTreeSet, io::Write};

use serde::Serialize;
use typst::foundations::{Array, Dict, IntoValue, Value};

use crate::{
    Error, Picture, Press, Printed, Template, Watch,
    code::code,
    run::{Chunk, Run},
    table::{characters, inputs},
};

#[derive(Debug, Clone, Default, Serialize)]
pub struct Card {
    /// The village as people say it, with its township: 井店镇禅房村.
    pub village: String,
    pub name: String,
    /// 驻村第一书记, 工作队员 …
    pub role: String,
    pub unit: String,
    pub phone: String,
    /// One line: what to call for.
    pub note: String,
    /// What the QR says; nothing is drawn for an empty one.
    #[serde(skip)]
    pub url: String,
    #[serde(skip)]
    pub portrait: Option<Picture>,
}

/// A run of cards, in the order they shall lie on the pages.
#[derive(Debug, Clone, Copy)]
pub struct Cards<'a> {
    pub title: &'a str,
    /// Who answers for the cards, in small type at the foot.
    pub issuer: &'a str,
    /// Under the QR: 扫码反映问题.
    pub invitation: &'a str,
    pub items: &'a [Card],
}

/// Fifty pages: a hundred are no faster and take a tenth more memory.
const CHUNK: usize = 50 * 8;

/// Prints the cards. 28,140 of them take seconds and some 20 MB; see `examples/cards_bench.rs`.
pub fn cards(press: &Press, run: &Cards<'_>, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    let mut all = BTreeSet::new();
    for text in [run.title, run.issuer, run.invitation] {
        all.extend(text.chars());
    }
    for card in run.items {
        characters(card, &mut all)?;
    }
    let make = |range: std::ops::Range<usize>| {
        let first = range.start;
        let mut unreadable = Vec::new();
        let mut last: Option<(Picture, Value)> = None;
        let mut items = Array::with_capacity(range.len());
        for (offset, card) in run.items[range].iter().enumerate() {
            let mut item = inputs(card)?;
            item.insert("code".into(), code(&card.url).map_err(|()| Error::CodeTooLong { row: first + offset + 1 })?);
            // The cards of a village lie together and show one face: it is read once.
            let same = |(picture, value): &&(Picture, Value)| {
                *value != Value::None && card.portrait.as_ref().is_some_and(|one| one.is(picture))
            };
            let value = match last.as_ref().filter(same) {
                Some((_, value)) => value.clone(),
                None => portrait(card.portrait.as_ref(), first + offset, &mut unreadable),
            };
            last = card.portrait.clone().map(|picture| (picture, value.clone()));
            item.insert("portrait".into(), value);
            items.push(Value::Dict(item));
        }
        let mut dict = Dict::new();
        dict.insert("title".into(), run.title.into_value());
        dict.insert("issuer".into(), run.issuer.into_value());
        dict.insert("invitation".into(), run.invitation.into_value());
        dict.insert("items".into(), Value::Array(items));
        Ok(Chunk { inputs: dict, unreadable })
    };
    Run {
        template: Template::Cards,
        title: run.title,
        items: run.items.len(),
        chunk: CHUNK,
        characters: all,
        inputs: &make,
    }
    .print(press, out, watch)
}

/// The picture for a template; one that cannot be read is left out and its item noted.
pub(crate) fn portrait(picture: Option<&Picture>, item: usize, unreadable: &mut Vec<usize>) -> Value {
    let Some(picture) = picture else { return Value::None };
    picture.value().unwrap_or_else(|| {
        unreadable.push(item);
        Value::None
    })
}
