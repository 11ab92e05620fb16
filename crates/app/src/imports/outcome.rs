//! What reading a file comes to, and its failed rows as a sheet that can be mended and brought again.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    i18n::Text,
    sheet::{Book, Column, Layout, Table, Value},
};

use super::{columns::Kind, report::ReportProblem, rows::Source};

/// Values a rejected row had from its surroundings (a township above it), by header.
pub type Inherited = BTreeMap<Spot, (String, String)>;

/// The closed list of problem codes.
pub mod code {
    pub const BAD_ID_NUMBER: &str = "bad_id_number";
    pub const UNKNOWN_DIVISION: &str = "unknown_division";
    pub const AMBIGUOUS_DIVISION: &str = "ambiguous_division";
    pub const BAD_DATE: &str = "bad_date";
    pub const MISSING_REQUIRED: &str = "missing_required";
    pub const TWO_POSTINGS: &str = "two_postings";
    pub const END_BEFORE_START: &str = "end_before_start";
    pub const BAD_PHONE: &str = "bad_phone";
    pub const BAD_UNIT: &str = "bad_unit";
    pub const UNKNOWN_ROLE: &str = "unknown_role";
    /// A value outside the list or shape its column takes.
    pub const BAD_VALUE: &str = "bad_value";
    /// The same key twice in one file.
    pub const REPEATED: &str = "repeated";
    /// The file as a whole: refused, or no table in it.
    pub const BAD_FILE: &str = "bad_file";
    pub const NO_HEADER: &str = "no_header";
    // Warnings, which reject nothing:
    pub const DIFFERS_FROM_ID: &str = "differs_from_id";
    pub const AMBIGUOUS_DATE: &str = "ambiguous_date";
    pub const NO_ID_COLUMN: &str = "no_id_column";
    /// An order's kind is none of the pack's: said which one it got, and why.
    pub const GUESSED_KIND: &str = "guessed_kind";
    pub const UNKNOWN_KIND: &str = "unknown_kind";
    pub const UNKNOWN_STATE: &str = "unknown_state";
    pub const HIDDEN_PHONE: &str = "hidden_phone";
    /// An order that ended without a day; one that is known already and reads otherwise now.
    pub const NO_END: &str = "no_end";
    pub const NO_CALENDAR: &str = "no_calendar";
    pub const KNOWN_OTHERWISE: &str = "known_otherwise";
}

/// Where in a file: the sheet's name and the true row number as the user's program shows it. Row 0 is the whole file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Spot {
    pub sheet: String,
    pub row: u32,
}

/// What is wrong in one row, in words that say how to mend it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub spot: Spot,
    /// The header as it stands in the file; empty when no single column is meant.
    pub column: String,
    pub code: &'static str,
    pub message: Text,
    /// A value that would probably do.
    pub suggestion: Option<String>,
}

impl Problem {
    /// A file that could not be read at all.
    #[must_use]
    pub fn of_file(error: &base::sheet::SheetError) -> Self {
        let message = error.say();
        Self { spot: Spot::default(), column: String::new(), code: code::BAD_FILE, message, suggestion: None }
    }

    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

/// The rows of a file as values, and everything said about the others.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome<T> {
    /// Data rows found, good and bad: `rows + repeated + rejected`.
    pub read: usize,
    pub rows: Vec<T>,
    /// Rows that say exactly what an earlier row of the file says; they change nothing.
    pub repeated: Vec<Spot>,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Problem>,
    /// Headers that were left out because nothing here is called so.
    pub unknown_columns: Vec<String>,
    /// Values a rejected row had from its surroundings (a township above it), by header, for [`Outcome::rejects`].
    pub inherited: Inherited,
}

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        Self {
            read: 0,
            rows: vec![],
            repeated: vec![],
            problems: vec![],
            warnings: vec![],
            unknown_columns: vec![],
            inherited: BTreeMap::new(),
        }
    }
}

impl<T> Outcome<T> {
    /// A file that came to nothing, for one reason.
    #[must_use]
    pub fn failed(problem: Problem) -> Self {
        Self { problems: vec![problem], ..Self::default() }
    }

    /// How many rows have problems.
    #[must_use]
    pub fn rejected(&self) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.spot.row > 0)
            .map(|problem| &problem.spot)
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Adds a row, or all that is wrong with it.
    pub fn take(&mut self, made: Result<T, Vec<Problem>>) {
        self.read += 1;
        match made {
            Ok(row) => self.rows.push(row),
            Err(problems) => self.problems.extend(problems),
        }
    }

    pub fn note_columns(&mut self, source: &Source<'_>) {
        for header in source.guess.unknown() {
            if !self.unknown_columns.contains(&header) {
                self.unknown_columns.push(header);
            }
        }
    }

    /// The failed rows with their own columns and values, and two columns more: what is wrong, and how to mend it.
    /// Mended there, the sheet can be imported as it is.
    #[must_use]
    pub fn rejects(&self, kind: &Kind, book: &Book) -> Table {
        let Ok(sources) = super::sources(kind, book, &super::Mapping::default()) else { return Table::default() };
        self.rejects_from(&sources)
    }

    /// As [`Outcome::rejects`], for sources that were found with a mapping by hand.
    #[must_use]
    pub fn rejects_from(&self, sources: &[Source<'_>]) -> Table {
        let problems: Vec<ReportProblem> = self.problems.iter().map(ReportProblem::from).collect();
        rejects_of(sources, &problems, &self.inherited)
    }
}

/// The rows of a file that have problems, each once, with what is wrong and how to mend it.
#[must_use]
pub fn rejects_of(sources: &[Source<'_>], problems: &[ReportProblem], inherited: &Inherited) -> Table {
    let mut by_row: BTreeMap<Spot, Vec<&ReportProblem>> = BTreeMap::new();
    for problem in problems.iter().filter(|problem| problem.row > 0) {
        by_row.entry(problem.spot()).or_default().push(problem);
    }
    let sheets: BTreeSet<&str> = by_row.keys().map(|spot| spot.sheet.as_str()).collect();
    let mut headers: Vec<String> = vec![];
    let known = sources.iter().filter(|source| sheets.contains(source.sheet.name.as_str()));
    let own = known.flat_map(|source| source.guess.headers.iter());
    for header in own.chain(inherited.values().map(|(header, _)| header)) {
        if !header.is_empty() && !headers.contains(header) {
            headers.push(header.clone());
        }
    }
    let mut table = Table { layout: layout(&headers), rows: vec![] };
    for (spot, problems) in &by_row {
        let Some(source) = sources.iter().find(|source| source.sheet.name == spot.sheet) else { continue };
        table.rows.push(reject(source, spot, &headers, problems, inherited));
    }
    table
}

fn reject(
    source: &Source<'_>,
    spot: &Spot,
    headers: &[String],
    problems: &[&ReportProblem],
    inherited: &Inherited,
) -> Vec<Value> {
    let row = source.sheet.row(spot.row);
    let value = |header: &String| -> Value {
        let column = source.guess.headers.iter().position(|own| own == header);
        let own = column.and_then(|column| row.map(|row| row.cell(column).show().into_owned())).unwrap_or_default();
        match inherited.get(spot) {
            Some((shared, text)) if own.trim().is_empty() && shared == header => text.as_str().into(),
            Some(_) | None => own.into(),
        }
    };
    let mut values: Vec<Value> = headers.iter().map(value).collect();
    let said = problems.iter().map(|problem| match problem.column.as_str() {
        "" => problem.message.clone(),
        column => format!("{column}：{}", problem.message),
    });
    let advice = problems.iter().filter_map(|problem| problem.suggestion.clone());
    values.push(said.collect::<Vec<_>>().join("；").into());
    values.push(advice.collect::<Vec<_>>().join("；").into());
    values.push(spot.row.into());
    values
}

fn layout(headers: &[String]) -> Layout {
    let own = headers.iter().map(|header| Column::new(header));
    let more = [Column::new("问题").width(60.0), Column::new("怎样改").width(40.0), Column::new("原文件行")];
    Layout::new("未导入的行", own.chain(more).collect())
}
