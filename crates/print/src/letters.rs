//! 选派通知: formal letters on A4 with the measures of GB/T 9704—2012, one a person.

use std::{collections::BTreeSet, io::Write};

use serde::Serialize;
use typst::foundations::{Array, Dict, IntoValue, Value};

use crate::{
    Error, Press, Printed, Template, Watch,
    run::{Chunk, Run},
    table::{characters, inputs},
};

#[derive(Debug, Clone, Default, Serialize)]
pub struct Letter {
    /// 标题.
    pub title: String,
    /// 文号, where the letter has one.
    pub number: Option<String>,
    /// 称谓 without the colon: 张三同志.
    pub salutation: String,
    /// 正文, a paragraph each.
    pub paragraphs: Vec<String>,
    /// 附件说明, a line each; usually none.
    pub enclosures: Vec<String>,
    /// 落款: who sends it, a line each.
    pub signers: Vec<String>,
    /// 成文日期 as it shall read.
    pub date: String,
}

#[derive(Debug, Clone, Copy)]
pub struct Letters<'a> {
    /// The name of the whole file.
    pub title: &'a str,
    /// 发文机关标志 in red above each letter; nothing is printed for an empty one.
    pub letterhead: &'a str,
    pub items: &'a [Letter],
}

const CHUNK: usize = 100;

pub fn letters(press: &Press, run: &Letters<'_>, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    let mut all: BTreeSet<char> = run.letterhead.chars().collect();
    for letter in run.items {
        characters(letter, &mut all)?;
    }
    let make = |range: std::ops::Range<usize>| {
        let mut items = Array::with_capacity(range.len());
        for letter in &run.items[range] {
            items.push(Value::Dict(inputs(letter)?));
        }
        let mut dict = Dict::new();
        dict.insert("letterhead".into(), run.letterhead.into_value());
        dict.insert("items".into(), Value::Array(items));
        Ok(Chunk { inputs: dict, unreadable: Vec::new() })
    };
    Run {
        template: Template::Letters,
        title: run.title,
        items: run.items.len(),
        chunk: CHUNK,
        characters: all,
        inputs: &make,
    }
    .print(press, out, watch)
}
