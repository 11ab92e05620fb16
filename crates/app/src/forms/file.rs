//! A form's file: opened, shown as its cells, and what stands around a cell.

use base::ooxml::{At, Block, DocCell, DocRow, Document, Grid, Kind as Opened, OoxmlError, Package, Workbook};

use super::rules::{Kind, Spot};

/// A file as a page shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum View {
    /// Sheets by name; hidden ones are left out.
    Book(Vec<(usize, String, Grid)>),
    Text {
        blocks: Vec<Block>,
        marks: Vec<String>,
    },
}

/// What a file is, and its cells. Slow: callers in the server run it on a thread of its own.
pub fn view(bytes: &[u8]) -> Result<(Kind, View), OoxmlError> {
    let package = Package::open(bytes.to_vec())?;
    match package.kind() {
        Opened::Workbook => {
            let book = Workbook::open(package, bytes)?;
            let mut sheets = Vec::new();
            for (at, info) in book.sheets().iter().enumerate().filter(|(_, info)| !info.hidden) {
                sheets.push((at + 1, info.name.clone(), book.grid(at)?));
            }
            Ok((Kind::Xlsx, View::Book(sheets)))
        }
        Opened::Document => {
            let document = Document::open(package)?;
            Ok((Kind::Docx, View::Text { blocks: document.blocks()?, marks: document.marks()? }))
        }
    }
}

/// What may be tied: a cell that is there and holds no formula.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Free,
    Formula,
    Absent,
}

impl View {
    pub fn sheet(&self, sheet: usize) -> Option<(&str, &Grid)> {
        match self {
            Self::Book(sheets) => {
                sheets.iter().find(|(number, ..)| *number == sheet).map(|(_, name, grid)| (name.as_str(), grid))
            }
            Self::Text { .. } => None,
        }
    }

    /// The rows of a table of a document.
    pub fn table(&self, table: usize) -> Option<&[DocRow]> {
        let Self::Text { blocks, .. } = self else { return None };
        let mut tables = blocks.iter().filter_map(|block| match block {
            Block::Table(rows) => Some(rows.as_slice()),
            Block::Paragraph(_) => None,
        });
        tables.nth(table.checked_sub(1)?)
    }

    /// The cells of a row of a document's table.
    pub fn row(&self, table: usize, row: usize) -> &[DocCell] {
        let found = row.checked_sub(1).and_then(|row| self.table(table)?.get(row));
        found.map_or(&[], |row| row.cells.as_slice())
    }

    /// A cell that a merge covers stands for the merge's first.
    pub fn first_of(&self, spot: Spot) -> Spot {
        let Spot::Cell { sheet, at } = &spot else { return spot };
        let found = self.sheet(*sheet).and_then(|(_, grid)| grid.cell(*at)).map(|cell| cell.at);
        Spot::Cell { sheet: *sheet, at: found.unwrap_or(*at) }
    }

    pub fn standing(&self, spot: &Spot) -> Standing {
        match spot {
            Spot::Cell { sheet, at } => match self.sheet(*sheet) {
                None => Standing::Absent,
                // Below and beside what is shown there is room.
                Some((_, grid)) => match grid.cell(*at) {
                    Some(cell) if cell.formula => Standing::Formula,
                    Some(_) => Standing::Free,
                    None if at.row <= 2_000 && at.column <= 200 => Standing::Free,
                    None => Standing::Absent,
                },
            },
            Spot::Table { table, row, cell } => {
                let there = (1..=self.row(*table, *row).len()).contains(cell);
                if there { Standing::Free } else { Standing::Absent }
            }
            Spot::Mark(name) => match self {
                Self::Text { marks, .. } if marks.contains(name) => Standing::Free,
                Self::Text { .. } | Self::Book(_) => Standing::Absent,
            },
        }
    }

    /// The words left of a cell, nearest first.
    pub fn left_of(&self, spot: &Spot) -> Vec<String> {
        let words: Vec<String> = match spot {
            Spot::Cell { sheet, at } => {
                let Some((_, grid)) = self.sheet(*sheet) else { return Vec::new() };
                let left = (1..at.column).rev().map(|column| At { row: at.row, column });
                let mut seen: Vec<At> = Vec::new();
                let cells = left.filter_map(|at| grid.cell(at)).filter(|cell| {
                    let fresh = !seen.contains(&cell.at);
                    seen.push(cell.at);
                    fresh
                });
                cells.map(|cell| cell.text.clone()).collect()
            }
            Spot::Table { table, row, cell } => {
                let cells = self.row(*table, *row).iter().take(cell.saturating_sub(1)).rev();
                cells.map(|cell| cell.text.clone()).collect()
            }
            Spot::Mark(_) => Vec::new(),
        };
        words.into_iter().filter(|word| !word.trim().is_empty()).collect()
    }

    /// The words above a cell, nearest first; heads of merged columns among them.
    pub fn above(&self, spot: &Spot) -> Vec<String> {
        let words: Vec<String> = match spot {
            Spot::Cell { sheet, at } => {
                let Some((_, grid)) = self.sheet(*sheet) else { return Vec::new() };
                let mut seen: Vec<At> = Vec::new();
                let up = (1..at.row).rev().filter_map(|row| grid.cell(At { row, column: at.column }));
                let cells = up.filter(|cell| {
                    let fresh = !seen.contains(&cell.at);
                    seen.push(cell.at);
                    fresh
                });
                cells.map(|cell| cell.text.clone()).collect()
            }
            Spot::Table { table, row, cell } => {
                let above = (1..*row).rev().map(|row| self.row(*table, row));
                above.filter_map(|cells| Some(cells.get(cell.checked_sub(1)?)?.text.clone())).collect()
            }
            Spot::Mark(name) => vec![name.clone()],
        };
        words.into_iter().filter(|word| !word.trim().is_empty()).collect()
    }
}
