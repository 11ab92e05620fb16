//! How a file was understood before anything is read from it: sheets, headers, a few values, the guessed fields.

use base::sheet::{Book, Sheet};
use serde::{Deserialize, Serialize};

use super::FileKind;
use crate::{
    imports::{Guess, Mapping, PlaceIndex, guess_mapping},
    postings::import,
};

/// What the page of columns needs; kept with the import, so that the file is not read again for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch {
    /// Rows that hold something, headers included.
    pub rows: usize,
    pub sheets: Vec<SheetSketch>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetSketch {
    pub name: String,
    /// Whether a header of this kind was found.
    pub found: bool,
    /// The true number of the header's last row; 0 when there is none.
    pub header_row: u32,
    pub columns: Vec<ColumnSketch>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSketch {
    pub header: String,
    pub samples: Vec<String>,
    /// The field that was guessed.
    pub guess: Option<String>,
    /// The field it is now.
    pub field: Option<String>,
}

const SAMPLES: usize = 3;
const MOST_COLUMNS: usize = 200;

impl Sketch {
    #[must_use]
    pub fn of(kind: FileKind, book: &Book, mapping: &Mapping) -> Self {
        let sheets = book.sheets.iter().map(|sheet| SheetSketch::of(kind, sheet, mapping)).collect();
        Self { rows: book.sheets.iter().map(|sheet| sheet.rows.len()).sum(), sheets }
    }

    /// The sheet to show first: the first with a header.
    #[must_use]
    pub fn first(&self) -> usize {
        self.sheets.iter().position(|sheet| sheet.found).unwrap_or(0)
    }

    #[must_use]
    pub fn found(&self) -> usize {
        self.sheets.iter().filter(|sheet| sheet.found).count()
    }
}

impl SheetSketch {
    fn of(kind: FileKind, sheet: &Sheet, mapping: &Mapping) -> Self {
        let guess = guess(kind, sheet, mapping);
        let found = guess.is_some();
        let first_data = guess.as_ref().map_or(1, |guess| guess.first_data_row);
        let below: Vec<_> = sheet.rows.iter().filter(|row| row.number >= first_data).take(200).collect();
        let wide = below.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let headers = guess.as_ref().map_or(0, |guess| guess.headers.len());
        let column = |at: usize| {
            let values = below.iter().map(|row| shown(&row.cell(at).show()));
            let field = guess.as_ref().and_then(|guess| guess.fields.get(at).copied().flatten()).map(str::to_owned);
            ColumnSketch {
                header: guess.as_ref().and_then(|guess| guess.headers.get(at).cloned()).unwrap_or_default(),
                samples: values.filter(|value| !value.is_empty()).take(SAMPLES).collect(),
                guess: field.clone(),
                field,
            }
        };
        let columns = (0..wide.max(headers).min(MOST_COLUMNS)).map(column).collect();
        Self { name: sheet.name.clone(), found, header_row: if found { first_data - 1 } else { 0 }, columns }
    }
}

fn guess(kind: FileKind, sheet: &Sheet, mapping: &Mapping) -> Option<Guess> {
    if kind == FileKind::Roster {
        let places = PlaceIndex::default();
        let today = base::kernel::Clock::system().today();
        return import::guess(sheet, mapping, &import::Context { places: &places, today, assume_since: None });
    }
    guess_mapping(kind.table(), sheet, mapping)
}

/// A sample without what must not lie about: of a long number only its beginning.
fn shown(text: &str) -> String {
    let text: String = text.trim().chars().take(24).collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits < 14 {
        return text;
    }
    text.chars().enumerate().map(|(at, c)| if at >= 6 && c.is_ascii_alphanumeric() { '*' } else { c }).collect()
}
