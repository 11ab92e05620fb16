//! 交接簿: what the old holder gives over, line by line, with room for three parties to confirm and sign.

use std::{collections::BTreeSet, io::Write};

use serde::Serialize;

use crate::{
    Error, Pair, Press, Printed, Template, Watch,
    run::{Chunk, Run, piece},
    table::{characters, inputs},
};

/// One open thing. A confirmation is printed as given; an empty one leaves room for a signature by hand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OpenItem {
    pub what: String,
    /// How it stands, and what is to be done by when.
    pub state: String,
    /// By the old holder, the new holder and the village branch.
    pub confirmed: [String; 3],
}

/// 未结事项, 在办项目, 未用资金, 承诺, 物品 …
#[derive(Debug, Clone, Default, Serialize)]
pub struct OpenGroup {
    pub title: String,
    pub items: Vec<OpenItem>,
}

/// A visit that the old and the new holder made together.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Visit {
    pub day: String,
    pub household: String,
    pub note: String,
}

/// Who signs. What was signed in the system is printed as given; an empty one leaves room for a hand.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Signer {
    pub who: String,
    pub signed: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Handover {
    pub title: String,
    pub village: String,
    /// The cover facts: 原任, 接任, 选派单位, 并行交接 …, two to a line.
    pub facts: Vec<Pair>,
    pub groups: Vec<OpenGroup>,
    pub visits: Vec<Visit>,
    /// 移交人, 接任人, 村党支部书记, 监交人.
    pub signers: Vec<Signer>,
    /// The day of the data as it shall read.
    pub as_of: String,
}

impl Handover {
    fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.groups.is_empty()
    }
}

pub fn handover(press: &Press, handover: &Handover, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    if handover.is_empty() {
        return Err(Error::Empty);
    }
    piece(press, Template::Handover, Chunk { inputs: inputs(handover)?, unreadable: Vec::new() }, out, watch)
}

/// Many books in one file; the pages of each are counted from one.
pub fn handovers(
    press: &Press,
    title: &str,
    books: &[Handover],
    out: &mut dyn Write,
    watch: &Watch<'_>,
) -> Result<Printed, Error> {
    if let [one] = books {
        return handover(press, one, out, watch);
    }
    let mut all = BTreeSet::new();
    for book in books {
        characters(book, &mut all)?;
    }
    let make = |range: std::ops::Range<usize>| match books.get(range.start) {
        Some(book) if !book.is_empty() => Ok(Chunk { inputs: inputs(book)?, unreadable: Vec::new() }),
        _ => Err(Error::Empty),
    };
    Run { template: Template::Handover, title, items: books.len(), chunk: 1, characters: all, inputs: &make }
        .print(press, out, watch)
}
