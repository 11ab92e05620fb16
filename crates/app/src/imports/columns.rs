//! A kind of file as a table of fields, and how a header is recognised as one of them.

use std::collections::{BTreeMap, HashMap};

use base::sheet::squeeze;
use serde::{Deserialize, Serialize};

/// One column that a kind of file may have.
#[derive(Debug)]
pub struct Field {
    /// The English name, as headers of exported data and interfaces use it.
    pub key: &'static str,
    /// The Chinese header that templates and exports write.
    pub header: &'static str,
    /// Other headers that mean the same.
    pub synonyms: &'static [&'static str],
    pub required: bool,
    /// For templates: how to fill it in.
    pub hint: &'static str,
    /// For templates: the usual values.
    pub choices: &'static [&'static str],
}

impl Field {
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    #[must_use]
    pub const fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }
}

/// An optional field; the rest is added with [`Field::required`], [`Field::hint`], [`Field::choices`].
#[must_use]
pub const fn field(key: &'static str, header: &'static str, synonyms: &'static [&'static str]) -> Field {
    Field { key, header, synonyms, required: false, hint: "", choices: &[] }
}

/// A kind of file.
#[derive(Debug)]
pub struct Kind {
    pub code: &'static str,
    pub name: &'static str,
    pub fields: &'static [Field],
    /// Of each group at least one field must be there: a village by its name or by its code.
    pub either: &'static [&'static [&'static str]],
}

impl Kind {
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The headers of required columns that are not among the keys.
    #[must_use]
    pub fn missing(&self, has: impl Fn(&str) -> bool) -> Vec<String> {
        let alone = self.fields.iter().filter(|field| field.required && !has(field.key));
        let mut missing: Vec<String> = alone.map(|field| field.header.to_owned()).collect();
        for group in self.either.iter().filter(|group| !group.iter().any(|key| has(key))) {
            let names: Vec<&str> = group.iter().filter_map(|key| self.field(key)).map(|field| field.header).collect();
            missing.push(names.join("或"));
        }
        missing
    }
}

/// What the user set right by hand: column (from 0) → key of a field, or `None` for "leave out". Columns not named
/// here are guessed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mapping {
    /// The sheet that is meant; without it, every sheet with a header, or the first when none has one.
    pub sheet: Option<String>,
    /// The true number of the header's last row, when the guess was wrong; 0 when there is no header at all.
    pub header_row: Option<u32>,
    pub columns: BTreeMap<usize, Option<String>>,
}

/// Columns that say nothing we want and need no mention: numbering, and what [`super::Outcome::rejects`] adds.
const IGNORED: [&str; 9] = ["序号", "编号", "号", "no", "no.", "问题", "怎样改", "原文件行", "工作表"];
/// A header that speaks of somebody else than the row's person.
const OTHERS: [&str; 18] = [
    "配偶",
    "家属",
    "子女",
    "父",
    "母",
    "村支书",
    "支部书记",
    "联系人",
    "紧急",
    "分管",
    "负责人",
    "填表",
    "推荐",
    "前任",
    "原任",
    "包村",
    "审核",
    "户主",
];

const TAILS: [&str; 11] = ["时间", "日期", "年月", "年月日", "名称", "全称", "号", "号码", "情况", "信息", "栏"];

/// How well a header fits: a header that only ends or begins like a field gives way to one that is the field's own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Fit {
    Like,
    Same,
}

/// The header without blanks, marks for required columns and hints in brackets.
pub(super) fn bare(header: &str) -> String {
    let mut depth = 0_i32;
    let kept: String = squeeze(header)
        .to_lowercase()
        .chars()
        .filter(|c| {
            let opens = matches!(c, '(' | '[' | '【' | '〔' | '<' | '《' | '{');
            let closes = matches!(c, ')' | ']' | '】' | '〕' | '>' | '》' | '}');
            depth += i32::from(opens);
            let outside = depth == 0;
            depth = (depth - i32::from(closes)).max(0);
            outside && !closes && !matches!(c, '*' | '★' | '※' | ':' | '、' | '/' | '_' | '-' | '●' | '#')
        })
        .collect();
    kept
}

pub(super) fn is_ignored(header: &str) -> bool {
    let bare = bare(header);
    bare.is_empty() || IGNORED.contains(&bare.as_str())
}

/// A kind's spellings, made bare once for a sheet: headers are looked for in many rows.
pub(super) struct Words {
    same: HashMap<String, &'static Field>,
    like: Vec<(String, usize, &'static Field)>,
}

impl Words {
    pub fn new(kind: &Kind) -> Self {
        let mut words = Self { same: HashMap::new(), like: vec![] };
        for field in kind.fields {
            for spelling in [field.key, field.header].iter().chain(field.synonyms) {
                let spelling = bare(spelling);
                let long = spelling.chars().count();
                if long >= 2 && !spelling.is_ascii() {
                    words.like.push((spelling.clone(), long, field));
                }
                words.same.entry(spelling).or_insert(field);
            }
        }
        words
    }

    /// The field that a header means.
    pub fn recognise(&self, header: &str) -> Option<(&'static Field, Fit)> {
        // Sentences above a header are long; no header is, hints in brackets included.
        if header.is_empty() || header.len() > 300 {
            return None;
        }
        let name = bare(header);
        if name.is_empty() || IGNORED.contains(&name.as_str()) {
            return None;
        }
        if let Some(field) = self.same.get(&name) {
            return Some((field, Fit::Same));
        }
        if name.chars().count() > 16 || OTHERS.iter().any(|other| name.contains(other)) {
            return None;
        }
        // 姓名情况 is a name, 出生地 no birthday: what follows a field's own word may only be a word like 时间.
        let fits = |(spelling, _, _): &&(String, usize, &Field)| {
            name.ends_with(spelling) || name.strip_prefix(spelling.as_str()).is_some_and(|rest| TAILS.contains(&rest))
        };
        let best = self.like.iter().filter(fits).max_by_key(|(_, long, _)| *long);
        best.map(|(_, _, field)| (*field, Fit::Like))
    }
}
