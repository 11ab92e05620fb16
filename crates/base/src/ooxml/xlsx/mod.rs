//! A workbook to fill: its sheets as grids, and cells written where they stand.

mod at;
mod fill;
mod notes;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    OoxmlError, Package,
    package::Kind,
    parts::resolve,
    xml::{Node, Tree},
};
use crate::sheet::{self, Book, Merge, Sheet};

pub use at::At;
pub use fill::{Content, Write};

/// More than any form has.
const MOST_CELLS: usize = 40_000;
/// What a page shows of a sheet.
const MOST_ROWS: u32 = 400;
const MOST_COLUMNS: u32 = 60;
/// Prepared empty rows that are shown below the last words.
const EMPTY_ROWS: u32 = 30;

/// A sheet of a workbook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetInfo {
    pub name: String,
    pub hidden: bool,
    part: String,
}

/// A cell as a page shows it; those covered by a merge are left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GridCell {
    pub at: At,
    pub text: String,
    pub formula: bool,
    pub rows: u32,
    pub columns: u32,
}

/// A sheet as a page shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Grid {
    /// Every row from the first, each with its cells from the left.
    pub rows: Vec<Vec<GridCell>>,
    pub columns: u32,
    /// Whether there is more below or to the right.
    pub cut: bool,
}

impl Grid {
    /// The cell that stands at a place, or covers it.
    #[must_use]
    pub fn cell(&self, at: At) -> Option<&GridCell> {
        let covers = |cell: &&GridCell| {
            (cell.at.row..cell.at.row + cell.rows).contains(&at.row)
                && (cell.at.column..cell.at.column + cell.columns).contains(&at.column)
        };
        self.rows.iter().take(usize::try_from(at.row).unwrap_or(0)).flatten().find(covers)
    }
}

/// An opened workbook.
pub struct Workbook {
    package: Package,
    sheets: Vec<SheetInfo>,
    book: Book,
}

impl Workbook {
    /// Errors: a document, or a workbook that cannot be read. The bytes are those the package was opened with.
    pub fn open(package: Package, bytes: &[u8]) -> Result<Self, OoxmlError> {
        if package.kind() != Kind::Workbook {
            return Err(OoxmlError::OtherKind("文档"));
        }
        let main = package.main().to_owned();
        let text = package.need(&main)?;
        let tree = Tree::read(&text, &main)?;
        let relations = package.relations(&main)?;
        let mut sheets = Vec::new();
        for node in tree.all("sheet") {
            let get = |name: &str| tree.attribute(node, name).unwrap_or_default();
            let id = get("id");
            let Some(relation) = relations.iter().find(|one| one.id == id) else { continue };
            if !relation.kind.ends_with("/worksheet") {
                continue;
            }
            let part = resolve(&main, &relation.target);
            let hidden = matches!(get("state").as_str(), "hidden" | "veryHidden");
            sheets.push(SheetInfo { name: get("name"), hidden, part });
        }
        if sheets.is_empty() {
            return Err(OoxmlError::Broken(main));
        }
        let book = sheet::read(bytes, "")?;
        let workbook = Self { package, sheets, book };
        for sheet in &workbook.sheets {
            let text = workbook.package.need(&sheet.part)?;
            let cells = Tree::read(&text, &sheet.part)?.all("c").count();
            if cells > MOST_CELLS {
                return Err(OoxmlError::TooManyCells(sheet.name.clone()));
            }
        }
        Ok(workbook)
    }

    #[must_use]
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    fn info(&self, sheet: usize) -> Result<&SheetInfo, OoxmlError> {
        self.sheets.get(sheet).ok_or_else(|| OoxmlError::broken("xl/workbook.xml"))
    }

    /// The sheet as a page shows it.
    pub fn grid(&self, sheet: usize) -> Result<Grid, OoxmlError> {
        let info = self.info(sheet)?;
        let text = self.package.need(&info.part)?;
        let tree = Tree::read(&text, &info.part)?;
        let known = cells(&tree);
        let formulas: BTreeSet<At> =
            known.iter().filter(|(_, node)| tree.child(**node, "f").is_some()).map(|(at, _)| *at).collect();
        let empty = Sheet::default();
        let values = self.book.sheets.iter().find(|one| one.name == info.name).unwrap_or(&empty);
        Ok(grid(values, &known.into_keys().collect(), &formulas))
    }

    pub fn save(self) -> Result<Vec<u8>, OoxmlError> {
        self.package.save()
    }
}

/// The cells that stand in a sheet, by place.
fn cells(tree: &Tree<'_>) -> BTreeMap<At, Node> {
    let mut found = BTreeMap::new();
    let Some(data) = tree.child(tree.root(), "sheetData") else { return found };
    for (row, node) in rows(tree, data) {
        let mut column = 0;
        for cell in tree.children(node).filter(|child| tree.name(*child) == "c") {
            let at = tree.attribute(cell, "r").and_then(|text| At::parse(&text));
            let at = at.unwrap_or(At { row, column: column + 1 });
            column = at.column;
            found.insert(at, cell);
        }
    }
    found
}

/// The rows of a sheet with their numbers; those without one follow the row before.
fn rows(tree: &Tree<'_>, data: Node) -> Vec<(u32, Node)> {
    let mut number = 0;
    let mut found = Vec::new();
    for node in tree.children(data).filter(|child| tree.name(*child) == "row") {
        number = tree.attribute(node, "r").and_then(|text| text.parse().ok()).unwrap_or(number + 1);
        found.push((number, node));
    }
    found
}

fn grid(values: &Sheet, known: &BTreeSet<At>, formulas: &BTreeSet<At>) -> Grid {
    let wide = |columns: usize| u32::try_from(columns).unwrap_or(u32::MAX);
    let said = |at: At| {
        let column = usize::try_from(at.column.saturating_sub(1)).unwrap_or(usize::MAX);
        values.row(at.row).map(|row| row.cell(column)).filter(|cell| !cell.is_blank())
    };
    let merge = |block: &Merge| {
        let at = At { row: block.first_row, column: wide(block.first_column) + 1 };
        (at, block.last_row - block.first_row + 1, wide(block.last_column - block.first_column) + 1)
    };
    let merges: Vec<(At, u32, u32)> = values.merges.iter().map(merge).collect();
    let covering = |at: At| {
        merges.iter().find(|(from, rows, columns)| {
            (from.row..from.row + rows).contains(&at.row) && (from.column..from.column + columns).contains(&at.column)
        })
    };
    let ends = |(from, rows, columns): &(At, u32, u32)| (from.row + rows - 1, from.column + columns - 1);
    let words = values.rows.iter().filter(|row| !row.is_blank()).map(|row| row.number).max().unwrap_or(0);
    let formula_row = formulas.iter().map(|at| at.row).max().unwrap_or(0);
    let merged = merges.iter().map(|one| ends(one).0).max().unwrap_or(0);
    let below = known.iter().map(|at| at.row).max().unwrap_or(0);
    let last = words.max(formula_row).max(merged.min(below));
    let last = below.min(last + EMPTY_ROWS).max(last);
    let right = known.iter().filter(|at| at.row <= last).map(|at| at.column).max().unwrap_or(0);
    let right = right.max(merges.iter().map(|one| ends(one).1).max().unwrap_or(0).min(wide(values.width())));
    let (rows, columns) = (last.min(MOST_ROWS), right.min(MOST_COLUMNS));
    let mut shown = Vec::new();
    for row in 1..=rows {
        let mut line = Vec::new();
        for column in 1..=columns {
            let at = At { row, column };
            let (high, broad) = match covering(at) {
                Some((from, ..)) if *from != at => continue,
                Some((_, high, broad)) => ((*high).min(rows - row + 1), (*broad).min(columns - column + 1)),
                None => (1, 1),
            };
            let text = said(at).map(|cell| cell.show().into_owned()).unwrap_or_default();
            line.push(GridCell { at, text, formula: formulas.contains(&at), rows: high, columns: broad });
        }
        shown.push(line);
    }
    Grid { rows: shown, columns, cut: last > rows || right > columns }
}
