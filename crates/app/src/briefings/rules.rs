//! What a briefing is made of, how a template becomes prose, and what an author may change: pure.

use std::collections::HashMap;

use base::{kernel::Day, text, web::Refusal};
use serde::{Deserialize, Serialize};

use super::templates::{Ask, Part as Asked, Template, Word};
use crate::spine::facts::{Catalogue, Unit, read::Span, written_span};

/// The longest title and text that are kept, in characters, and the longest a figure may become by hand.
pub const MOST_TITLE: usize = 80;
pub const MOST_TEXT: usize = 20_000;
const MOST_FIGURE: usize = 40;

/// A part of the text: words, or the figure of a position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Part {
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "f")]
    Figure(i64),
}

/// A paragraph, or a heading between them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Paragraph {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heading: bool,
    pub parts: Vec<Part>,
}

/// A change by hand. It is never taken back, whatever the figure is changed to later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hand {
    pub by: String,
    pub on: Day,
}

/// A figure of a briefing, with what was computed beside what is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    pub position: i64,
    pub code: String,
    pub name: String,
    pub unit: String,
    pub above: bool,
    /// In the indicator's smallest unit; none where the catalogue does not know it.
    pub amount: Option<i64>,
    pub computed: String,
    pub shown: String,
    pub hand: Option<Hand>,
    pub removed: bool,
}

impl Figure {
    fn of(position: i64, ask: &Ask, name: &str, amount: Option<i64>) -> Self {
        let computed = say(ask, name, amount);
        Self {
            position,
            code: ask.code.clone(),
            name: name.to_owned(),
            unit: ask.unit.clone(),
            above: ask.above,
            amount,
            shown: computed.clone(),
            computed,
            hand: None,
            removed: false,
        }
    }

    /// The figure with another amount: what a hand has written stays, what was computed follows.
    #[must_use]
    pub fn counted_again(mut self, amount: Option<i64>) -> Self {
        let ask = Ask { code: self.code.clone(), unit: self.unit.clone(), above: self.above };
        self.computed = say(&ask, &self.name, amount);
        self.amount = amount;
        if self.hand.is_none() {
            self.shown.clone_from(&self.computed);
        }
        self
    }

    /// Whether nothing is known of it, and no hand has said it.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.amount.is_none() && self.hand.is_none()
    }
}

/// A figure in words; what is missing says what it would have been.
fn say(ask: &Ask, name: &str, amount: Option<i64>) -> String {
    let (Some(indicator), Some(amount)) = (Catalogue::get().find(&ask.code), amount) else {
        return format!("〔缺“{name}”：指标目录里没有 {}〕", ask.code);
    };
    match Unit::of(indicator, &ask.unit) {
        Ok(unit) if ask.above => format!("{}{}", unit.above(amount), unit.word),
        Ok(unit) => format!("{}{}", unit.plain(amount), unit.word),
        Err(error) => format!("〔缺“{name}”：{error}〕"),
    }
}

/// What a figure is called: by the catalogue, else by the template, else by its code.
#[must_use]
pub fn name_of(template: &Template, code: &str) -> String {
    let known = Catalogue::get().find(code).map(|indicator| indicator.name.clone());
    known.or_else(|| template.names.get(code).cloned()).unwrap_or_else(|| code.to_owned())
}

/// For what a briefing is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub place: String,
    pub span: Span,
}

impl Request {
    fn word(&self, word: Word) -> String {
        match word {
            Word::Place => self.place.clone(),
            Word::From => self.span.from.map_or_else(|| "开始".into(), Day::written),
            Word::To => self.span.to.written(),
            Word::Period => written_span(self.span),
        }
    }
}

/// A draft: its title, its text, its figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub title: String,
    pub text: Vec<Paragraph>,
    pub figures: Vec<Figure>,
}

struct Writer<'a> {
    template: &'a Template,
    request: &'a Request,
    amounts: &'a HashMap<String, Option<i64>>,
    figures: Vec<Figure>,
}

/// A template with the figures of a request. `amounts` holds nothing where the catalogue does not know a figure.
#[must_use]
pub fn draft(template: &Template, request: &Request, amounts: &HashMap<String, Option<i64>>) -> Draft {
    let mut writer = Writer { template, request, amounts, figures: Vec::new() };
    let mut paragraphs = Vec::new();
    for paragraph in &template.paragraphs {
        let parts = writer.parts(&paragraph.parts);
        let blank = parts.iter().all(|part| matches!(part, Part::Text(text) if text.trim().is_empty()));
        if blank {
            continue;
        }
        if let Some(heading) = &paragraph.heading {
            paragraphs.push(Paragraph { heading: true, parts: vec![Part::Text(heading.clone())] });
        }
        paragraphs.push(Paragraph { heading: false, parts: joined(parts) });
    }
    let title = template.title.replace("{place}", &request.place).replace("{period}", &written_span(request.span));
    Draft { title, text: paragraphs, figures: writer.figures }
}

impl Writer<'_> {
    fn amount(&self, code: &str) -> Option<i64> {
        self.amounts.get(code).copied().flatten()
    }

    /// Whether a group stands: each of its own figures is above nought or unknown, each of its lists has an item.
    fn stands(&self, parts: &[Asked]) -> bool {
        parts.iter().all(|part| match part {
            Asked::Figure(ask) => self.amount(&ask.code).is_none_or(|amount| amount > 0),
            Asked::List(items) => items.iter().any(|item| self.stands(item)),
            Asked::Text(_) | Asked::Word(_) | Asked::Clause(_) => true,
        })
    }

    fn parts(&mut self, asked: &[Asked]) -> Vec<Part> {
        let mut parts = Vec::new();
        for part in asked {
            match part {
                Asked::Text(text) => parts.push(Part::Text(text.clone())),
                Asked::Word(word) => parts.push(Part::Text(self.request.word(*word))),
                Asked::Figure(ask) => parts.push(self.figure(ask)),
                Asked::Clause(inner) if self.stands(inner) => parts.extend(self.parts(inner)),
                Asked::Clause(_) => {}
                Asked::List(items) => {
                    let mut first = true;
                    for item in items.iter().filter(|item| self.stands(item)).collect::<Vec<_>>() {
                        if !first {
                            parts.push(Part::Text("、".into()));
                        }
                        parts.extend(self.parts(item));
                        first = false;
                    }
                }
            }
        }
        parts
    }

    fn figure(&mut self, ask: &Ask) -> Part {
        let position = i64::try_from(self.figures.len() + 1).unwrap_or(i64::MAX);
        let name = name_of(self.template, &ask.code);
        self.figures.push(Figure::of(position, ask, &name, self.amount(&ask.code)));
        Part::Figure(position)
    }
}

/// Words that stand beside each other are one part.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => joined.push(part),
        }
    }
    joined
}

/// The text as an author edits it: a paragraph a line, headings behind `#`, figures as `{3:98支}`.
#[must_use]
pub fn editable(text: &[Paragraph], figures: &[Figure]) -> String {
    let line = |paragraph: &Paragraph| {
        let parts = paragraph.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Figure(position) => {
                let shown = figures.iter().find(|figure| figure.position == *position).map(|one| one.shown.as_str());
                format!("{{{position}:{}}}", shown.unwrap_or_default())
            }
        });
        let parts: String = parts.collect();
        if paragraph.heading { format!("# {parts}") } else { parts }
    };
    text.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What an author made of a briefing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edited {
    pub text: Vec<Paragraph>,
    pub figures: Vec<Figure>,
    /// Positions whose words were changed just now.
    pub changed: Vec<i64>,
}

/// Reads what an author wrote. A figure whose words differ from what stood there is changed by hand, and says so from now
/// on; one that is gone is kept and marked removed.
pub fn edit(typed: &str, figures: &[Figure], hand: &Hand) -> Result<Edited, Refusal> {
    let at = |message| Refusal::at("body", message);
    if typed.chars().count() > MOST_TEXT {
        return Err(at(text!("正文太长，最多 {n} 个字", n = MOST_TEXT)));
    }
    let mut edited = Edited { text: Vec::new(), figures: figures.to_vec(), changed: Vec::new() };
    let mut seen: HashMap<i64, String> = HashMap::new();
    for (at_line, line) in typed.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let (heading, line) = line.strip_prefix('#').map_or((false, line), |rest| (true, rest.trim()));
        let parts = parts_of(line, at_line + 1, figures, &mut seen)?;
        if !parts.is_empty() {
            edited.text.push(Paragraph { heading, parts });
        }
    }
    if edited.text.is_empty() {
        return Err(at(text!("正文不能空着；不要这份简报了，请作废")));
    }
    for figure in &mut edited.figures {
        let Some(said) = seen.get(&figure.position) else {
            figure.removed = true;
            continue;
        };
        figure.removed = false;
        if *said != figure.shown {
            figure.shown.clone_from(said);
            figure.hand = Some(hand.clone());
            edited.changed.push(figure.position);
        }
    }
    Ok(edited)
}

fn parts_of(
    line: &str,
    number: usize,
    figures: &[Figure],
    seen: &mut HashMap<i64, String>,
) -> Result<Vec<Part>, Refusal> {
    let at = |message| Refusal::at("body", message);
    let (mut parts, mut rest) = (Vec::new(), line);
    loop {
        let open = rest.find(['{', '}']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(open);
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        if after.is_empty() {
            return Ok(parts);
        }
        let inner = after.strip_prefix('{').and_then(|after| after.split_once('}'));
        let Some((inner, after)) = inner else {
            return Err(at(text!(
                "第 {line} 段的花括号不成对；花括号只用来标数字，例如 {figure}",
                line = number,
                figure = "{1:98支}"
            )));
        };
        rest = after;
        let (position, said) = inner.split_once([':', '：']).unwrap_or((inner, ""));
        let said = said.trim();
        let known = position.trim().parse().ok().filter(|position| figures.iter().any(|one| one.position == *position));
        let Some(position) = known else {
            return Err(at(text!(
                "第 {line} 段的“{figure}”不是这份简报里的数字；新写的数字直接写在正文里",
                line = number,
                figure = format!("{{{inner}}}")
            )));
        };
        if said.is_empty() {
            return Err(at(text!(
                "第 {line} 段的数字 {position} 空着；不要它就连花括号一起删去",
                line = number,
                position = position
            )));
        }
        if said.chars().count() > MOST_FIGURE && figures.iter().all(|one| one.shown != said) {
            return Err(at(text!(
                "第 {line} 段的数字 {position} 太长，最多 {n} 个字",
                line = number,
                position = position,
                n = MOST_FIGURE
            )));
        }
        if seen.get(&position).is_some_and(|before| before != said) {
            return Err(at(text!("数字 {position} 在正文里写成了两个样，请改成一样的", position = position)));
        }
        seen.insert(position, said.to_owned());
        parts.push(Part::Figure(position));
    }
}

/// Numbers that somebody wrote into the words: they open to nothing. Those that the template brought (days) are not meant.
#[must_use]
pub fn handwritten(text: &[Paragraph], drafted: &[Paragraph]) -> Vec<String> {
    let mut brought = numbers(drafted);
    let mut found = Vec::new();
    for number in numbers(text) {
        match brought.iter().position(|known| *known == number) {
            Some(at) => {
                brought.swap_remove(at);
            }
            None => found.push(number),
        }
    }
    found
}

fn numbers(text: &[Paragraph]) -> Vec<String> {
    let words = text.iter().flat_map(|paragraph| &paragraph.parts).filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Figure(_) => None,
    });
    words.flat_map(numbers_in).collect()
}

fn numbers_in(text: &str) -> Vec<String> {
    let digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c) || c == '.';
    let runs = text.split(|c: char| !digit(c)).map(|run| run.trim_matches('.'));
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// Where a briefing stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    Draft,
    Signed { by: String, on: Day },
    Cancelled,
}

impl State {
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Signed { .. } => "signed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Only a draft changes.
    pub fn require_draft(&self) -> Result<(), Refusal> {
        match self {
            Self::Draft => Ok(()),
            Self::Signed { .. } => Err(Refusal::whole(text!("这份简报已经签发，不能再改；要更正，请另做一份。"))),
            Self::Cancelled => Err(Refusal::whole(text!("这份简报已经作废。"))),
        }
    }
}

/// A briefing is signed when no figure is missing in its text.
pub fn may_sign(state: &State, figures: &[Figure]) -> Result<(), Refusal> {
    state.require_draft()?;
    let missing: Vec<&str> =
        figures.iter().filter(|figure| !figure.removed && figure.is_missing()).map(|one| one.name.as_str()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::whole(text!(
        "正文里还缺 {n} 个数：{names}。请在编辑里补上，或连句子一起删去，再签发。",
        n = missing.len(),
        names = missing.join("、")
    )))
}
