//! Tables out, row by row, as .xlsx or .csv. Text stays text in both: nothing that is written becomes a formula.

mod csv;
mod xlsx;

use std::{
    fmt,
    io::{self, Write},
};

pub(super) use csv::unguard;

use crate::kernel::Day;

/// What kind of file to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Csv,
    Xlsx,
}

impl Format {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// One column of a table.
#[derive(Clone, PartialEq, Debug)]
pub struct Column {
    pub header: String,
    /// In Latin characters; a Chinese character takes two.
    pub width: f64,
    /// What the drop-down of an .xlsx offers; other values stay possible.
    pub choices: Vec<String>,
    /// One line that appears beside a selected cell of an .xlsx.
    pub hint: String,
}

impl Column {
    #[must_use]
    pub fn new(header: &str) -> Self {
        let wide: u32 = header.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        Self {
            header: header.to_owned(),
            width: f64::from(wide.clamp(8, 40)) + 2.0,
            choices: vec![],
            hint: String::new(),
        }
    }

    #[must_use]
    pub fn width(mut self, characters: f64) -> Self {
        self.width = characters;
        self
    }

    #[must_use]
    pub fn choices(mut self, choices: &[&str]) -> Self {
        self.choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: &str) -> Self {
        hint.clone_into(&mut self.hint);
        self
    }
}

/// What stands around the rows: the sheet's name, its columns, and the lines of a second sheet that explains them.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layout {
    pub name: String,
    pub columns: Vec<Column>,
    /// Lines of the sheet 填表说明; none, no such sheet. CSV has no room for it.
    pub explanation: Vec<Vec<String>>,
}

impl Layout {
    #[must_use]
    pub fn new(name: &str, columns: Vec<Column>) -> Self {
        Self { name: name.to_owned(), columns, explanation: vec![] }
    }
}

/// A value to write.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Value {
    #[default]
    Empty,
    Text(String),
    Number(f64),
    /// Written as the text `2023-06-01`, which every program leaves as it is.
    Day(Day),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<Day> for Value {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A small table held whole.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    pub layout: Layout,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    pub fn write<W: Write + Send>(&self, format: Format, out: W) -> io::Result<W> {
        let mut writer = Writer::new(out, format, &self.layout)?;
        for row in &self.rows {
            writer.row(row)?;
        }
        writer.finish()
    }

    pub fn to_bytes(&self, format: Format) -> io::Result<Vec<u8>> {
        self.write(format, Vec::new())
    }
}

/// Writes a table of any length row by row. Nothing is complete before [`Writer::finish`].
pub struct Writer<W: Write + Send> {
    inner: Inner<W>,
}

enum Inner<W: Write + Send> {
    Csv(Box<csv::CsvWriter<W>>),
    Xlsx(Box<xlsx::XlsxWriter>, W),
}

impl<W: Write + Send> Writer<W> {
    pub fn new(out: W, format: Format, layout: &Layout) -> io::Result<Self> {
        let inner = match format {
            Format::Csv => Inner::Csv(Box::new(csv::CsvWriter::new(out, layout)?)),
            Format::Xlsx => Inner::Xlsx(Box::new(xlsx::XlsxWriter::new(layout)?), out),
        };
        Ok(Self { inner })
    }

    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        match &mut self.inner {
            Inner::Csv(csv) => csv.row(values),
            Inner::Xlsx(xlsx, _) => xlsx.row(values),
        }
    }

    pub fn finish(self) -> io::Result<W> {
        match self.inner {
            Inner::Csv(csv) => csv.finish(),
            Inner::Xlsx(xlsx, out) => xlsx.finish(out),
        }
    }
}
