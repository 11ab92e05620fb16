//! Workbooks and CSV files as offices really keep them, read within bounds and written safely.
//!
//! [`read`] looks at the bytes, never at the file's name: .xlsx, old .xls, and CSV in UTF-8, UTF-16 or GB18030 with
//! `,` `;` or tab. What is none of these, is encrypted or unpacks to more than it should is refused with a sentence
//! for the user. A [`Sheet`] keeps the true row numbers, so that a problem can be found in the user's own program.
//!
//! Cells are read by meaning with [`read_day`], [`read_moment`], [`read_period`], [`read_time_limit`], [`read_phone`],
//! [`read_id`] and folded with [`fold`], [`squeeze`] and [`person_name`]. [`Writer`] writes a table row by row as .xlsx or
//! .csv; a cell of text never becomes a formula, and what was written reads back the same.
//!
//! Absent on purpose: formulas (their last value is read), styles, pictures, macros.

mod book;
mod bounds;
mod cell;
mod date;
mod error;
mod fold;
mod old;
mod text;
mod time_limit;
mod workbook;
mod write;

#[cfg(test)]
mod tests;

pub use book::{Book, Cell, Merge, Row, Sheet};
pub use bounds::MAX_FILE;
pub(crate) use bounds::measure;
pub use cell::{IdProblem, read_id, read_number, read_phone};
pub use date::{DateProblem, LooseDay, Precision, day_from_serial, read_day, read_day_text, read_moment, read_period};
pub use error::SheetError;
pub use fold::{fold, person_name, squeeze};
pub use time_limit::{TimeLimit, read_time_limit};
pub use write::{Column, Format, Layout, Table, Value, Writer};

/// Reads a whole file. The name only helps to say what was wrong with it.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, SheetError> {
    const CFB: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
    if bytes.is_empty() {
        return Err(SheetError::Empty);
    }
    if bytes.len() > MAX_FILE {
        return Err(SheetError::TooLarge);
    }
    let book = if bytes.starts_with(b"PK") {
        bounds::check(bytes)?;
        workbook::read(bytes)?
    } else if bytes.starts_with(CFB) {
        old::check(bytes)?;
        workbook::read_old(bytes)?
    } else {
        text::read(bytes, file_name)?
    };
    if book.sheets.is_empty() { Err(SheetError::NoSheet) } else { Ok(book) }
}
