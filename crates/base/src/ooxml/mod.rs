//! Workbooks (.xlsx) and documents (.docx) of other offices: read within bounds, changed where they stand.
//!
//! [`Package`] opens a file: size, entries and ratio are those of [`crate::sheet`]; macros, controls, what points outside
//! the file, type declarations and passwords are refused with what and where. A part that nobody changes is copied as it
//! is packed, byte for byte; a changed part differs in the places that were written and nowhere else. [`Workbook`] shows
//! and fills cells with comments, [`Document`] table cells and marks `{{…}}`; [`Writer`] makes a plain document of our own.
//!
//! Absent: drawing what a file looks like, formulas (the program that opens the file counts them again), other languages
//! of markup.

mod docx;
mod error;
mod package;
mod parts;
mod write;
mod xlsx;
mod xml;

#[cfg(test)]
mod tests;

pub use docx::{Block, DocCell, DocRow, Document, Fill, Place};
pub use error::OoxmlError;
pub use package::{Kind, MAX_FILE, Package};
pub use write::{Cell as WriterCell, Run, Style, Writer};
pub use xlsx::{At, Content, Grid, GridCell, SheetInfo, Workbook, Write};
