//! CSV in UTF-8 with a byte order mark (without it, spreadsheet programs take it for GBK).

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{Layout, Value};

pub struct CsvWriter<W: Write> {
    csv: csv::Writer<W>,
    width: usize,
}

impl<W: Write> CsvWriter<W> {
    pub fn new(mut out: W, layout: &Layout) -> io::Result<Self> {
        out.write_all(b"\xEF\xBB\xBF")?;
        let csv = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(out);
        let mut writer = Self { csv, width: layout.columns.len() };
        let headers: Vec<Value> = layout.columns.iter().map(|column| column.header.as_str().into()).collect();
        writer.row(&headers)?;
        Ok(writer)
    }

    pub fn row(&mut self, values: &[Value]) -> io::Result<()> {
        for value in values {
            let text = value.to_string();
            // A number that we write as a number may begin with a minus.
            let field = if let Value::Number(_) = value { Cow::Borrowed(text.as_str()) } else { guard(&text) };
            self.csv.write_field(field.as_bytes()).map_err(io::Error::other)?;
        }
        for _ in values.len()..self.width {
            self.csv.write_field(b"").map_err(io::Error::other)?;
        }
        self.csv.write_record(None::<&[u8]>).map_err(io::Error::other)
    }

    pub fn finish(mut self) -> io::Result<W> {
        self.csv.flush()?;
        self.csv.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }
}

/// Whether a spreadsheet program could take the text for a formula, apart from apostrophes before it.
fn looks_like_formula(text: &str) -> bool {
    let first = text.trim_start_matches('\'').chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'))
}

/// Text that could run as a formula gets an apostrophe before it.
fn guard(text: &str) -> Cow<'_, str> {
    if looks_like_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Takes away exactly the apostrophe that [`guard`] put there.
pub fn unguard(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(text) if looks_like_formula(text) => text,
        Some(_) | None => field,
    }
}
