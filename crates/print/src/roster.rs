//! 花名册: a table across A4 with its head on every page.

use std::io::Write;

use serde::Serialize;

use crate::{
    Error, Press, Printed, Table, Template, Watch,
    run::{Chunk, piece},
    table::inputs,
};

#[derive(Debug, Clone, Default, Serialize)]
pub struct Roster {
    pub title: String,
    /// Above the table on the left: who keeps it.
    pub keeper: String,
    /// Above the table on the right: 截至 2026年11月22日.
    pub as_of: String,
    /// A running number is printed before its columns.
    pub table: Table,
}

pub fn roster(press: &Press, roster: &Roster, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    if roster.table.columns.is_empty() || roster.table.rows.is_empty() {
        return Err(Error::Empty);
    }
    roster.table.check()?;
    piece(press, Template::Roster, Chunk { inputs: inputs(roster)?, unreadable: Vec::new() }, out, watch)
}
