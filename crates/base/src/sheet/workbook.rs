//! .xlsx and .xls cells, one after the other, into a [`Book`].

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, Xlsx};
use jiff::civil::DateTime;

use super::{
    SheetError,
    book::{Book, Cell, Gather, Merge},
};
use crate::kernel::Day;

/// A damaged file may make the reader panic; it must not take the server's request with it.
fn guarded(read: impl FnOnce() -> Result<Book, SheetError>) -> Result<Book, SheetError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(SheetError::Broken))
}

/// Reads an .xlsx cell by cell: neither its declared size nor a cell far below costs anything.
pub(super) fn read(bytes: &[u8]) -> Result<Book, SheetError> {
    guarded(|| {
        let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| SheetError::Broken)?;
        let epoch_1904 = file.has_1904_epoch();
        let mut gather = Gather::default();
        for sheet in file.sheets_metadata().to_vec() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            gather.begin(&sheet.name, sheet.visible != SheetVisible::Visible, epoch_1904);
            let mut cells = file.worksheet_cells_reader(&sheet.name).map_err(|_| SheetError::Broken)?;
            while let Some(cell) = cells.next_cell().map_err(|_| SheetError::Broken)? {
                let (row, column) = cell.get_position();
                let value = from_ref(&mut gather, cell.get_value());
                gather.put(row.saturating_add(1), column as usize, value)?;
            }
            drop(cells);
            let merges = file.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
            gather.merge(merges.iter().map(merge).collect())?;
        }
        Ok(gather.finish())
    })
}

/// Reads an old .xls, already measured by `old::check`.
pub(super) fn read_old(bytes: &[u8]) -> Result<Book, SheetError> {
    guarded(|| {
        let mut file: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|_| SheetError::Broken)?;
        let epoch_1904 = file.has_1904_epoch();
        let mut gather = Gather::default();
        for sheet in file.sheets_metadata().to_vec() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            gather.begin(&sheet.name, sheet.visible != SheetVisible::Visible, epoch_1904);
            let range = file.worksheet_range(&sheet.name).map_err(|_| SheetError::Broken)?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, value) in range.used_cells() {
                let value = from_data(&mut gather, value);
                let row = u32::try_from(row).unwrap_or(u32::MAX).saturating_add(top).saturating_add(1);
                gather.put(row, column + left as usize, value)?;
            }
            let merges = file.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
            gather.merge(merges.iter().map(merge).collect())?;
        }
        Ok(gather.finish())
    })
}

fn merge(block: &Dimensions) -> Merge {
    Merge {
        first_row: block.start.0.saturating_add(1),
        last_row: block.end.0.saturating_add(1),
        first_column: block.start.1 as usize,
        last_column: block.end.1 as usize,
    }
}

fn from_ref(gather: &mut Gather, value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        // A whole number of the file's fits a float as it did in the program that wrote it.
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) => gather.text(text),
        DataRef::SharedString(text) => gather.text(text),
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(at) => from_serial(*at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => from_iso(gather, text),
        DataRef::Error(error) => Cell::Error(error.to_string().into()),
    }
}

fn from_data(gather: &mut Gather, value: &Data) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::String(text) => gather.text(text),
        Data::Bool(value) => Cell::Bool(*value),
        Data::DateTime(at) => from_serial(*at),
        Data::DateTimeIso(text) | Data::DurationIso(text) => from_iso(gather, text),
        Data::Error(error) => Cell::Error(error.to_string().into()),
    }
}

/// A number under a date format. A time of day alone stays a number, and so does what lies beyond the calendar
/// (a phone number in a column that was formatted as dates).
fn from_serial(at: ExcelDateTime) -> Cell {
    let value = at.as_f64();
    if at.is_duration() || !(1.0..2_958_466.0).contains(&value) {
        return Cell::Number(value);
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).unwrap_or(0);
    let date = i16::try_from(year).ok().and_then(|year| Day::new(year, small(month), small(day)));
    let Some(date) = date else { return Cell::Number(value) };
    if (hour, minute, second) == (0, 0, 0) {
        return Cell::Date(date);
    }
    match DateTime::new(
        i16::try_from(year).unwrap_or(0),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        0,
    ) {
        Ok(moment) => Cell::DateTime(moment),
        Err(_) => Cell::Date(date),
    }
}

fn from_iso(gather: &mut Gather, text: &str) -> Cell {
    match text.parse::<DateTime>() {
        Ok(at) if at.time() == jiff::civil::Time::midnight() => Cell::Date(Day::from_date(at.date())),
        Ok(at) => Cell::DateTime(at),
        Err(_) => gather.text(text),
    }
}
