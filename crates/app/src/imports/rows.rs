//! The rows of a book that are data: sheets without a header, totals, notes and repeated headers are passed over.

use base::{
    i18n::Text,
    sheet::{Book, Cell, Row, Sheet, fold, squeeze},
    text,
};

use super::{
    columns::{Kind, Mapping},
    header::{Guess, guess_mapping},
    outcome::{Problem, Spot, code},
};

/// One sheet with data, and how it is read.
#[derive(Debug)]
pub struct Source<'a> {
    pub sheet: &'a Sheet,
    pub guess: Guess,
}

/// A row that means something.
#[derive(Debug)]
pub enum Line<'a> {
    Data(&'a Row),
    /// A text alone in its row: often the township of the rows below. `apart`: it stands in no field's own column, or is
    /// merged over several; otherwise it may be a row that somebody began to fill in.
    Band {
        row: &'a Row,
        text: String,
        apart: bool,
    },
}

/// The sheets that hold data of this kind, or the problem of the file as a whole.
pub fn sources<'a>(kind: &Kind, book: &'a Book, mapping: &Mapping) -> Result<Vec<Source<'a>>, Box<Problem>> {
    sources_with(kind, book, mapping, |_, _| {})
}

/// As [`sources`], where `refine` may change a guess by what stands below the header.
pub fn sources_with<'a>(
    kind: &Kind,
    book: &'a Book,
    mapping: &Mapping,
    refine: impl Fn(&Sheet, &mut Guess),
) -> Result<Vec<Source<'a>>, Box<Problem>> {
    let mut guessed: Vec<Source<'a>> = vec![];
    let plain = Mapping::default();
    let unaided: Vec<Option<Guess>> = book.sheets.iter().map(|sheet| guess_mapping(kind, sheet, &plain)).collect();
    let none = unaided.iter().all(Option::is_none);
    for (at, (sheet, unaided)) in book.sheets.iter().zip(unaided).enumerate() {
        let named = mapping.sheet.as_ref().map(|name| *name == sheet.name);
        let meant = *mapping != plain && named.unwrap_or(unaided.is_some() || none && at == 0);
        let guess = if meant { guess_mapping(kind, sheet, mapping) } else { unaided };
        let Some(mut guess) = guess else { continue };
        refine(sheet, &mut guess);
        guessed.push(Source { sheet, guess });
    }
    let visible = guessed.iter().any(|source| !source.sheet.hidden && source.guess.missing.is_empty());
    let fewest = guessed.iter().map(|source| &source.guess.missing).min_by_key(|missing| missing.len()).cloned();
    guessed.retain(|source| source.guess.missing.is_empty() && !(visible && source.sheet.hidden));
    if guessed.is_empty() { Err(Box::new(no_header(kind, fewest))) } else { Ok(guessed) }
}

fn no_header(kind: &Kind, missing: Option<Vec<String>>) -> Problem {
    let message = match missing {
        Some(columns) => {
            text!("表中缺少这些列：{columns}。请补上，或在“对应列”一步指定它们", columns = columns.join("、"))
        }
        None => {
            let needed = kind.missing(|_| false).join("、");
            text!(
                "没有找到表头。{kind}至少要有这些列：{needed}；表头请放在前 {n} 行",
                kind = Text::key(kind.name),
                needed = needed,
                n = 20
            )
        }
    };
    Problem { spot: Spot::default(), column: String::new(), code: code::NO_HEADER, message, suggestion: None }
}

impl<'a> Source<'a> {
    /// The cell of a field; empty when the sheet has no such column, or when the cell says "none" with a mark.
    #[must_use]
    pub fn cell<'r>(&self, row: &'r Row, key: &str) -> &'r Cell {
        static NOTHING: Cell = Cell::Empty;
        let cell = self.guess.column(key).map_or(&NOTHING, |column| row.cell(column));
        let nothing = match cell {
            Cell::Text(text) => {
                matches!(squeeze(text).as_str(), "" | "/" | "-" | "--" | "—" | "——" | "无" | "\\" | "|")
            }
            Cell::Empty => true,
            Cell::Number(_) | Cell::Date(_) | Cell::DateTime(_) | Cell::Bool(_) | Cell::Error(_) => false,
        };
        if nothing { &NOTHING } else { cell }
    }

    /// The folded text of a field.
    #[must_use]
    pub fn text(&self, row: &Row, key: &str) -> String {
        fold(&self.cell(row, key).show())
    }

    #[must_use]
    pub fn spot(&self, row: &Row) -> Spot {
        Spot { sheet: self.sheet.name.clone(), row: row.number }
    }

    /// A problem of one field in one row, under the header as it stands.
    #[must_use]
    pub fn problem(&self, row: &Row, key: &str, code: &'static str, message: Text) -> Problem {
        let column = self.guess.header(key).unwrap_or_default().to_owned();
        Problem { spot: self.spot(row), column, code, message, suggestion: None }
    }

    /// Data and bands below the header, in order. `shared` are fields that a block of rows has in common (a township):
    /// a row that holds nothing else is blank.
    pub fn lines(&self, shared: &[&str]) -> impl Iterator<Item = Line<'a>> {
        let sheet = self.sheet;
        let below = sheet.rows.iter().filter(|row| row.number >= self.guess.first_data_row);
        let kinds: Vec<Line<'a>> = below.filter_map(|row| self.line(row, shared)).collect();
        kinds.into_iter()
    }

    fn line(&self, row: &'a Row, shared: &[&str]) -> Option<Line<'a>> {
        let texts: Vec<String> = row.cells.iter().map(|cell| fold(&cell.show())).collect();
        let said: Vec<&String> = texts.iter().filter(|text| !text.is_empty()).collect();
        let first = said.first()?;
        if is_total(&said) || is_note(first, &said) || self.repeats_header(&texts) {
            return None;
        }
        let alone = said.iter().all(|text| text == first) && first.chars().count() <= 30;
        let numbered = first.chars().all(|c| c.is_ascii_digit());
        let filled_up = self.only_shared(row, &texts, shared);
        let mut columns = texts.iter().enumerate().filter(|(_, text)| !text.is_empty()).map(|(column, _)| column);
        let all_from_above = columns.all(|column| row.is_from_above(column));
        match (alone && !numbered && !all_from_above, filled_up) {
            (true, _) => Some(Line::Band { row, text: (*first).clone(), apart: filled_up || said.len() > 1 }),
            (false, false) => Some(Line::Data(row)),
            (false, true) => None,
        }
    }

    fn repeats_header(&self, texts: &[String]) -> bool {
        let same = |(text, header): (&String, &String)| !text.is_empty() && text == header;
        texts.iter().zip(&self.guess.headers).filter(|pair| same(*pair)).count() >= 2
    }

    /// Whether a row holds nothing of its own: only numbering, unknown columns, shared fields, and what a merge from
    /// rows above puts there.
    fn only_shared(&self, row: &Row, texts: &[String], shared: &[&str]) -> bool {
        let own = texts.iter().enumerate().filter(|(_, text)| !text.is_empty()).filter(|(column, _)| {
            let known = self.guess.fields.get(*column).copied().flatten();
            known.is_some_and(|key| !shared.contains(&key))
        });
        own.into_iter().all(|(column, _)| row.is_from_above(column))
    }
}

fn is_total(said: &[&String]) -> bool {
    const TOTALS: [&str; 7] = ["合计", "小计", "总计", "共计", "总数", "累计", "计"];
    said.iter().take(3).any(|text| {
        let text = squeeze(text);
        let word = text.trim_end_matches(|c: char| c.is_ascii_digit() || "人名个:：".contains(c));
        TOTALS.contains(&word) || (word.ends_with("小计") || word.ends_with("合计")) && word.chars().count() <= 8
    })
}

fn is_note(first: &str, said: &[&String]) -> bool {
    const MARKED: [&str; 7] = ["注", "备注", "说明", "填表说明", "附注", "填报说明", "注意"];
    const SIGNED: [&str; 13] = [
        "填表人",
        "填报人",
        "审核人",
        "制表",
        "填表单位",
        "填报单位",
        "填报时间",
        "填表时间",
        "单位负责人",
        "主要负责人",
        "分管领导",
        "联系人",
        "签字",
    ];
    let text = squeeze(first);
    let marked = MARKED
        .iter()
        .filter_map(|word| text.strip_prefix(word))
        .any(|rest| rest.is_empty() || rest.starts_with([':', '.', ',', '、', '1', '一', '(', '；', ';']));
    let different: std::collections::BTreeSet<&&String> = said.iter().collect();
    (marked && different.len() <= 3) || (SIGNED.iter().any(|word| text.starts_with(word)) && different.len() <= 8)
}
