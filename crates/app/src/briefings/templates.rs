//! Templates of briefings: data (`packs/briefings/*.toml`), read once.
//!
//! ```text
//! {place} {from} {to} {period}      words of the request
//! {gain.fund}                       a figure with the catalogue's unit: 19860万元
//! {gain.fund:亿元}  {gain.job:余人}  another unit of its measure; rounded down: 2000余人
//! [，打机井{gain.well}]              a clause: stands only where each of its figures is above nought
//! <新建民居{gain.house}|安装路灯{gain.lamp}>   a list: items above nought, joined by 、
//! ```
//!
//! A clause around a list stands where the list has an item. A figure that the catalogue does not know stays and says so.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;

/// A word of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    Place,
    From,
    To,
    Period,
}

/// A figure as a template asks for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    pub code: String,
    /// The unit asked for; empty for the catalogue's.
    pub unit: String,
    /// Rounded down, with 余.
    pub above: bool,
}

/// A part of a paragraph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    Text(String),
    Word(Word),
    Figure(Ask),
    Clause(Vec<Part>),
    List(Vec<Vec<Part>>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paragraph {
    pub heading: Option<String>,
    pub parts: Vec<Part>,
}

/// A template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template {
    pub name: String,
    /// What the paper is called, with the words of the request.
    pub title: String,
    /// What it is for, said where one is chosen.
    pub say: String,
    /// The pack whose counties it is made for; `default` for all.
    pub pack: String,
    /// What figures are called that the catalogue does not know yet.
    pub names: BTreeMap<String, String>,
    pub paragraphs: Vec<Paragraph>,
}

/// What is wrong with a template, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("{0}")]
    Toml(String),
    #[error("第 {paragraph} 段：{what}")]
    Text { paragraph: usize, what: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    say: String,
    pack: String,
    #[serde(default)]
    names: BTreeMap<String, String>,
    paragraph: Vec<Block>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    heading: Option<String>,
    text: String,
}

const FILES: [&str; 8] = [
    include_str!("../../../../packs/briefings/default.toml"),
    include_str!("../../../../packs/briefings/matters.toml"),
    include_str!("../../../../packs/briefings/sheqi.toml"),
    include_str!("../../../../packs/briefings/fushan.toml"),
    include_str!("../../../../packs/briefings/wuzhou.toml"),
    include_str!("../../../../packs/briefings/shexian.toml"),
    include_str!("../../../../packs/briefings/longkou.toml"),
    include_str!("../../../../packs/briefings/hunan.toml"),
];

/// The templates that ship, `default` first.
pub fn all() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let read = |text: &&str| match Template::read(text) {
            Ok(template) => Some(template),
            // One that cannot be read costs itself, not the service; a test reads all of them.
            Err(error) => {
                tracing::error!(%error, "a template of briefings was not understood");
                None
            }
        };
        FILES.iter().filter_map(read).collect()
    })
}

/// A template by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.name == name)
}

/// The template that a county of this pack begins with: its own, else the general one.
#[must_use]
pub fn usual(pack: &str) -> Option<&'static Template> {
    all().iter().find(|template| template.pack == pack).or_else(|| find("default"))
}

/// All of them, those of a pack first, then the general ones, then those made for other places.
#[must_use]
pub fn ordered(pack: &str) -> Vec<&'static Template> {
    let rank = |template: &&Template| match template.pack.as_str() {
        own if own == pack && own != "default" => 0,
        "default" => 1,
        _ => 2,
    };
    let mut list: Vec<&Template> = all().iter().collect();
    list.sort_by_key(rank);
    list
}

impl Template {
    /// Reads a template.
    pub fn read(text: &str) -> Result<Self, TemplateError> {
        let file: File = toml::from_str(text).map_err(|error| TemplateError::Toml(error.to_string()))?;
        let mut paragraphs = Vec::new();
        for (at, block) in file.paragraph.iter().enumerate() {
            let parts = parse(block.text.trim()).map_err(|what| TemplateError::Text { paragraph: at + 1, what })?;
            paragraphs.push(Paragraph { heading: block.heading.clone(), parts });
        }
        let File { name, title, say, pack, names, .. } = file;
        Ok(Self { name, title, say, pack, names, paragraphs })
    }

    /// Every figure that it asks for, in the order of the text.
    #[must_use]
    pub fn figures(&self) -> Vec<&Ask> {
        let mut found = Vec::new();
        for paragraph in &self.paragraphs {
            gather(&paragraph.parts, &mut found);
        }
        found
    }
}

fn gather<'t>(parts: &'t [Part], found: &mut Vec<&'t Ask>) {
    for part in parts {
        match part {
            Part::Text(_) | Part::Word(_) => {}
            Part::Figure(ask) => found.push(ask),
            Part::Clause(inner) => gather(inner, found),
            Part::List(items) => items.iter().for_each(|item| gather(item, found)),
        }
    }
}

/// What a group is closed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    End,
    Clause,
    /// An item ends at `|` or `>`.
    Item,
}

fn parse(text: &str) -> Result<Vec<Part>, String> {
    let mut rest = text;
    let parts = group(&mut rest, Until::End)?;
    Ok(parts)
}

/// Reads parts up to what closes the group; for an item the closing sign stays.
fn group(rest: &mut &str, until: Until) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    loop {
        let plain = rest.find(['{', '}', '[', ']', '<', '>', '|']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(plain);
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        let Some(sign) = after.chars().next() else {
            *rest = after;
            return if until == Until::End { Ok(parts) } else { Err("少了 ] 或 >".into()) };
        };
        *rest = &after[1..];
        match (sign, until) {
            ('{', _) => parts.push(braces(rest)?),
            ('[', _) => parts.push(Part::Clause(group(rest, Until::Clause)?)),
            ('<', _) => parts.push(Part::List(items(rest)?)),
            (']', Until::Clause) => return Ok(parts),
            ('|' | '>', Until::Item) => {
                *rest = after;
                return Ok(parts);
            }
            (other, _) => return Err(format!("多了一个 {other}")),
        }
    }
}

fn items(rest: &mut &str) -> Result<Vec<Vec<Part>>, String> {
    let mut items = Vec::new();
    loop {
        items.push(group(rest, Until::Item)?);
        let (sign, after) = rest.split_at(1);
        *rest = after;
        if sign == ">" {
            return Ok(items);
        }
    }
}

fn braces(rest: &mut &str) -> Result<Part, String> {
    let (inner, after) = rest.split_once('}').ok_or("少了 }")?;
    *rest = after;
    let word = match inner {
        "place" => Some(Word::Place),
        "from" => Some(Word::From),
        "to" => Some(Word::To),
        "period" => Some(Word::Period),
        _ => None,
    };
    if let Some(word) = word {
        return Ok(Part::Word(word));
    }
    let (code, form) = inner.split_once(':').unwrap_or((inner, ""));
    let named = code.contains('.') && code.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
    if !named {
        return Err(format!("{{{inner}}} 既不是指标，也不是 place、from、to、period"));
    }
    let (above, unit) = form.strip_prefix('余').map_or((false, form), |unit| (true, unit));
    Ok(Part::Figure(Ask { code: code.to_owned(), unit: unit.to_owned(), above }))
}
