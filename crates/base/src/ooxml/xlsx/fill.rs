//! Writing cells where they stand: formats, merges, widths and formulas are left as they are.

use std::collections::BTreeMap;

use super::{
    super::{
        OoxmlError,
        parts::append_in,
        xml::{Edits, Node, Tree, quoted},
    },
    At, Workbook, cells, notes, rows,
};

/// What goes into a cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// Digits, as a number.
    Number(String),
    /// Words, never a formula.
    Text(String),
    /// The cell stays as it is; a comment stands beside it.
    Keep,
}

/// One cell to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    pub at: At,
    pub content: Content,
    pub note: Option<String>,
    /// A cell whose look a new one takes: the first row of a list that goes on below.
    pub like: Option<At>,
}

impl Workbook {
    /// Writes cells of a sheet. Formulas lose the value they had last, so that whoever opens the file counts them again.
    pub fn fill(&mut self, sheet: usize, writes: &[Write], author: &str) -> Result<(), OoxmlError> {
        let part = self.info(sheet)?.part.clone();
        let text = self.package.need(&part)?;
        let tree = Tree::read(&text, &part)?;
        let mut edits = Edits::default();
        let wanted: BTreeMap<At, &Write> =
            writes.iter().filter(|write| write.content != Content::Keep).map(|write| (write.at, write)).collect();
        let sheet_data = tree.child(tree.root(), "sheetData").ok_or_else(|| OoxmlError::broken(&part))?;
        write_cells(&tree, sheet_data, &wanted, &mut edits);
        forget(&tree, &mut edits, |at, _| !wanted.contains_key(&at));
        let changed = edits.apply(&text, &part)?;
        self.package.put(&part, changed);
        let said: Vec<(At, &str)> =
            writes.iter().filter_map(|write| Some((write.at, write.note.as_deref()?))).collect();
        notes::add(&mut self.package, &part, &said, author)?;
        self.count_again(&part)
    }

    /// Asks whoever opens the file to count; other sheets that look across lose their last values too.
    fn count_again(&mut self, filled: &str) -> Result<(), OoxmlError> {
        let others: Vec<String> =
            self.sheets.iter().map(|sheet| sheet.part.clone()).filter(|part| part != filled).collect();
        for part in others {
            let text = self.package.need(&part)?;
            let tree = Tree::read(&text, &part)?;
            let mut edits = Edits::default();
            let crosses = |node: Node| tree.child(node, "f").is_some_and(|formula| tree.plain(formula).contains('!'));
            forget(&tree, &mut edits, |_, node| crosses(node));
            if !edits.is_empty() {
                let changed = edits.apply(&text, &part)?;
                self.package.put(&part, changed);
            }
        }
        let main = self.package.main().to_owned();
        let text = self.package.need(&main)?;
        let changed = ask_to_count(&text, &main)?;
        if changed != text {
            self.package.put(&main, changed);
        }
        Ok(())
    }
}

/// Takes away what formulas gave last.
fn forget(tree: &Tree<'_>, edits: &mut Edits, which: impl Fn(At, Node) -> bool) {
    for (at, cell) in cells(tree) {
        if tree.child(cell, "f").is_some()
            && which(at, cell)
            && let Some(value) = tree.child(cell, "v")
        {
            edits.replace(tree.whole(value), "");
        }
    }
}

fn ask_to_count(text: &str, part: &str) -> Result<String, OoxmlError> {
    let tree = Tree::read(text, part)?;
    let root = tree.root();
    let mut edits = Edits::default();
    if let Some(settings) = tree.child(root, "calcPr") {
        if tree.attribute(settings, "fullCalcOnLoad").is_none() {
            let tag = tree.open(settings);
            let end = if tree.is_closed(settings) { tag.end - 2 } else { tag.end - 1 };
            edits.insert(end, " fullCalcOnLoad=\"1\"");
        }
    } else {
        // After these, in the order that the format asks for.
        let before = ["sheets", "functionGroups", "externalReferences", "definedNames"]
            .into_iter()
            .rev()
            .find_map(|name| tree.child(root, name));
        let at = before.map_or_else(|| tree.inner(root).end, |node| tree.whole(node).end);
        edits.insert(at, format!("<{}calcPr fullCalcOnLoad=\"1\"/>", tree.prefix(root)));
    }
    edits.apply(text, part)
}

fn write_cells(tree: &Tree<'_>, data: Node, wanted: &BTreeMap<At, &Write>, edits: &mut Edits) {
    let known = cells(tree);
    let by_number: BTreeMap<u32, Node> = rows(tree, data).into_iter().collect();
    let x = tree.prefix(data);
    let look = |write: &Write| {
        let own = known.get(&write.at).and_then(|cell| tree.attribute(*cell, "s"));
        let like = || write.like.and_then(|at| known.get(&at)).and_then(|cell| tree.attribute(*cell, "s"));
        let row = || by_number.get(&write.at.row).and_then(|row| tree.attribute(*row, "s"));
        own.or_else(like).or_else(row)
    };
    let mut numbers: Vec<u32> = wanted.keys().map(|at| at.row).collect();
    numbers.dedup();
    let mut fresh_rows = String::new();
    let mut fresh_place = None;
    for number in numbers {
        let first = At { row: number, column: 0 };
        let last = At { row: number + 1, column: 0 };
        let own = wanted.range(first..last);
        let made = |write: &Write| cell_of(x, write, look(write).as_deref());
        let Some(&row) = by_number.get(&number) else {
            let line: String = own.map(|(_, write)| made(write)).collect();
            let place = by_number
                .range(number..)
                .next()
                .map_or_else(|| tree.inner(data).end, |(_, later)| tree.whole(*later).start);
            if fresh_place.is_some_and(|before| before != place) {
                flush(tree, data, edits, &mut fresh_rows, fresh_place);
            }
            fresh_place = Some(place);
            fresh_rows.push_str(&format!("<{x}row r=\"{number}\">{line}</{x}row>"));
            continue;
        };
        let mut at_end = String::new();
        for (at, write) in own {
            if let Some(cell) = known.get(at) {
                edits.replace(tree.whole(*cell), made(write));
            } else if let Some((_, later)) = known.range(*at..last).next() {
                edits.insert(tree.whole(*later).start, made(write));
            } else {
                at_end.push_str(&made(write));
            }
        }
        if !at_end.is_empty() {
            append_to_row(tree, row, edits, &at_end);
        }
    }
    flush(tree, data, edits, &mut fresh_rows, fresh_place);
}

/// Behind the last cell of a row: extensions stand after cells.
fn append_to_row(tree: &Tree<'_>, row: Node, edits: &mut Edits, cells: &str) {
    match tree.child(row, "extLst") {
        Some(extension) => edits.insert(tree.whole(extension).start, cells),
        None => append_in(edits, tree, row, cells),
    }
}

fn flush(tree: &Tree<'_>, data: Node, edits: &mut Edits, rows: &mut String, place: Option<usize>) {
    let Some(place) = place.filter(|_| !rows.is_empty()) else { return };
    if tree.is_closed(data) {
        append_in(edits, tree, data, rows);
    } else {
        edits.insert(place, rows.as_str());
    }
    rows.clear();
}

fn cell_of(x: &str, write: &Write, look: Option<&str>) -> String {
    let style = look.map(|style| format!(" s=\"{}\"", quoted(style))).unwrap_or_default();
    let at = write.at;
    match &write.content {
        Content::Number(digits) => format!("<{x}c r=\"{at}\"{style}><{x}v>{}</{x}v></{x}c>", quoted(digits)),
        Content::Text(words) => format!(
            "<{x}c r=\"{at}\"{style} t=\"inlineStr\"><{x}is><{x}t xml:space=\"preserve\">{}</{x}t></{x}is></{x}c>",
            quoted(words)
        ),
        Content::Keep => String::new(),
    }
}
