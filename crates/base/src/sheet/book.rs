//! What a file holds once read: sheets, rows under their true numbers, cells, merges.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use jiff::civil::DateTime;

use super::{SheetError, fold::fold};
use crate::kernel::Day;

/// Cells of one file, empty ones between others counted: 24 bytes each, so 192 MB at most.
const MAX_SLOTS: usize = 8_000_000;
/// Texts remembered for sharing; names and numbers differ in every row, townships and units do not.
const MAX_SHARED: usize = 50_000;

/// A file as read.
#[derive(Clone, Debug, Default)]
pub struct Book {
    pub sheets: Vec<Sheet>,
}

/// One sheet: only its rows that hold something, in order.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    pub hidden: bool,
    pub rows: Vec<Row>,
    pub merges: Vec<Merge>,
    /// Serial numbers count from 1904, as old Macintosh workbooks do.
    pub epoch_1904: bool,
}

/// A row under its true 1-based number. Cells are counted from 0 (column A).
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub number: u32,
    pub cells: Vec<Cell>,
    /// Columns covered by a merge that begins in a row above.
    pub from_above: Vec<u16>,
}

/// A merged block: rows by true number, columns from 0, both ends included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Merge {
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: usize,
    pub last_column: usize,
}

/// The value of a cell.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Cell {
    #[default]
    Empty,
    Text(Arc<str>),
    Number(f64),
    Date(Day),
    DateTime(DateTime),
    Bool(bool),
    /// `#N/A`, `#REF!` …
    Error(Arc<str>),
}

static EMPTY: Cell = Cell::Empty;

impl Cell {
    #[must_use]
    pub fn text(value: &str) -> Self {
        Self::Text(value.into())
    }

    /// Nothing, or nothing but blanks.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => fold(text).is_empty(),
            Self::Number(_) | Self::Date(_) | Self::DateTime(_) | Self::Bool(_) | Self::Error(_) => false,
        }
    }

    /// The value as one would type it: whole numbers without a point, days as `2023-06-01`.
    #[must_use]
    pub fn show(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Date(day) => Cow::Owned(day.to_string()),
            Self::DateTime(at) => Cow::Owned(at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Self::Bool(true) => Cow::Borrowed("是"),
            Self::Bool(false) => Cow::Borrowed("否"),
        }
    }
}

impl Row {
    /// The cell of a column; beyond the row's end it is empty.
    #[must_use]
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&EMPTY)
    }

    /// Whether a merge that begins above covers the column.
    #[must_use]
    pub fn is_from_above(&self, column: usize) -> bool {
        self.from_above.iter().any(|covered| usize::from(*covered) == column)
    }

    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }
}

impl Merge {
    #[must_use]
    pub fn covers(&self, row: u32, column: usize) -> bool {
        (self.first_row..=self.last_row).contains(&row) && (self.first_column..=self.last_column).contains(&column)
    }
}

impl Sheet {
    /// How many columns the widest row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0)
    }

    /// The row of a true number.
    #[must_use]
    pub fn row(&self, number: u32) -> Option<&Row> {
        self.rows.binary_search_by_key(&number, |row| row.number).ok().and_then(|at| self.rows.get(at))
    }

    /// The merge that covers a cell. Walks all merges: for headers, not for every cell of a long sheet.
    #[must_use]
    pub fn merge_at(&self, row: u32, column: usize) -> Option<&Merge> {
        self.merges.iter().find(|merge| merge.covers(row, column))
    }
}

/// Gathers the cells of one file in reading order and holds them within bounds.
#[derive(Default)]
pub(super) struct Gather {
    book: Book,
    shared: HashSet<Arc<str>>,
    slots: usize,
}

impl Gather {
    pub fn begin(&mut self, name: &str, hidden: bool, epoch_1904: bool) {
        self.book.sheets.push(Sheet { name: name.to_owned(), hidden, epoch_1904, ..Sheet::default() });
    }

    /// The text as a cell; equal texts share their memory.
    pub fn text(&mut self, text: &str) -> Cell {
        if text.is_empty() {
            return Cell::Empty;
        }
        if let Some(known) = self.shared.get(text) {
            return Cell::Text(known.clone());
        }
        let made: Arc<str> = text.into();
        if self.shared.len() < MAX_SHARED {
            self.shared.insert(made.clone());
        }
        Cell::Text(made)
    }

    /// Puts a cell at a true row number (from 1) and column (from 0). Rows come in order, as in every sound file.
    pub fn put(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), SheetError> {
        if cell == Cell::Empty {
            return Ok(());
        }
        let sheet = self.book.sheets.last_mut().ok_or(SheetError::Broken)?;
        match sheet.rows.last() {
            Some(last) if last.number > row => return Err(SheetError::Broken),
            Some(last) if last.number == row => {}
            Some(_) | None => sheet.rows.push(Row { number: row, ..Row::default() }),
        }
        let cells = &mut sheet.rows.last_mut().ok_or(SheetError::Broken)?.cells;
        if column >= cells.len() {
            self.slots += column + 1 - cells.len();
            if self.slots > MAX_SLOTS {
                return Err(SheetError::TooManyCells);
            }
            cells.resize(column + 1, Cell::Empty);
        }
        if let Some(slot) = cells.get_mut(column) {
            *slot = cell;
        }
        Ok(())
    }

    /// Gives every covered cell of the sheet's existing rows the value of its merge's first cell.
    pub fn merge(&mut self, merges: Vec<Merge>) -> Result<(), SheetError> {
        let sheet = self.book.sheets.last_mut().ok_or(SheetError::Broken)?;
        let width = sheet.width();
        // Merges may lie over one another in a made-up file; the work they ask for is bounded like the cells are.
        let mut work = 0;
        for merge in &merges {
            let value = sheet.row(merge.first_row).map_or(Cell::Empty, |row| row.cell(merge.first_column).clone());
            if value == Cell::Empty || width == 0 {
                continue;
            }
            let last = merge.last_column.min(width - 1);
            let start = sheet.rows.partition_point(|row| row.number < merge.first_row);
            for row in sheet.rows.iter_mut().skip(start).take_while(|row| row.number <= merge.last_row) {
                work += last.saturating_sub(merge.first_column) + 1;
                if work > MAX_SLOTS {
                    return Err(SheetError::TooManyCells);
                }
                let missing = (last + 1).saturating_sub(row.cells.len());
                self.slots += missing;
                row.cells.resize(row.cells.len() + missing, Cell::Empty);
                if row.number > merge.first_row {
                    row.from_above.extend((merge.first_column..=last).filter_map(|column| u16::try_from(column).ok()));
                }
                for cell in row.cells.iter_mut().take(last + 1).skip(merge.first_column) {
                    if *cell == Cell::Empty {
                        *cell = value.clone();
                    }
                }
            }
        }
        sheet.merges = merges;
        Ok(())
    }

    pub fn finish(mut self) -> Book {
        for sheet in &mut self.book.sheets {
            sheet.rows.shrink_to_fit();
        }
        self.book
    }
}
