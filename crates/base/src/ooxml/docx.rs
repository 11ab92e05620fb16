//! A document with tables to fill: its cells, its marks `{{…}}`, and filling them with comments.

use super::{
    OoxmlError, Package,
    package::Kind,
    parts::{append, append_in, resolve},
    xml::{Edits, Node, Tree, quoted},
};

/// More than any form has.
const MOST_CELLS: usize = 20_000;
const COMMENTS: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml";
const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A place to fill. Tables, rows and cells count from 1, cells as they stand in their row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place {
    Cell {
        table: usize,
        row: usize,
        cell: usize,
    },
    /// `{{…}}` by its name.
    Mark(String),
}

/// A cell of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocCell {
    pub text: String,
    pub columns: usize,
    /// Covered by the cell above.
    pub covered: bool,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DocRow {
    pub cells: Vec<DocCell>,
}

/// What stands in a document, from above.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    Paragraph(String),
    Table(Vec<DocRow>),
}

/// What goes into a place, and the comment beside it. Without words the place stays as it is and is commented alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fill {
    pub place: Place,
    pub text: Option<String>,
    pub note: Option<String>,
}

/// An opened document.
pub struct Document {
    package: Package,
    text: String,
}

impl Document {
    /// Errors: a workbook, or a document that cannot be read.
    pub fn open(package: Package) -> Result<Self, OoxmlError> {
        if package.kind() != Kind::Document {
            return Err(OoxmlError::OtherKind("工作簿"));
        }
        let text = package.need(package.main())?;
        let document = Self { package, text };
        let cells: usize = document.blocks()?.iter().map(cells_of).sum();
        if cells > MOST_CELLS {
            return Err(OoxmlError::TooManyCells(document.package.main().to_owned()));
        }
        Ok(document)
    }

    fn tree(&self) -> Result<Tree<'_>, OoxmlError> {
        Tree::read(&self.text, self.package.main())
    }

    /// Paragraphs and tables, one after the other.
    pub fn blocks(&self) -> Result<Vec<Block>, OoxmlError> {
        let tree = self.tree()?;
        let mut blocks = Vec::new();
        let body = tree.child(tree.root(), "body").unwrap_or(tree.root());
        for node in flat(&tree, body) {
            match tree.name(node) {
                "p" => {
                    let text = words(&tree, node);
                    if !text.trim().is_empty() {
                        blocks.push(Block::Paragraph(text));
                    }
                }
                "tbl" => blocks.push(Block::Table(rows(&tree, node).map(|row| row_of(&tree, row)).collect())),
                _ => {}
            }
        }
        Ok(blocks)
    }

    /// The names of the marks `{{…}}`, in order, each once.
    pub fn marks(&self) -> Result<Vec<String>, OoxmlError> {
        let tree = self.tree()?;
        let mut names: Vec<String> = Vec::new();
        for paragraph in tree.all("p") {
            for name in marks_in(&words(&tree, paragraph)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Ok(names)
    }

    /// Copies a row so many times below itself: a list longer than the form is given room.
    pub fn grow(&mut self, table: usize, row: usize, times: usize) -> Result<(), OoxmlError> {
        let part = self.package.main().to_owned();
        let tree = self.tree()?;
        let found =
            tables(&tree).nth(table.saturating_sub(1)).and_then(|table| rows(&tree, table).nth(row.saturating_sub(1)));
        let Some(found) = found else { return Err(OoxmlError::broken(&part)) };
        let whole = tree.whole(found);
        let copy = without_ids(self.text.get(whole.clone()).unwrap_or_default());
        let mut edits = Edits::default();
        edits.insert(whole.end, copy.repeat(times));
        self.text = edits.apply(tree.text, &part)?;
        Ok(())
    }

    /// Fills places; each that is filled gets its comment.
    pub fn fill(&mut self, fills: &[Fill], author: &str, day: &str) -> Result<(), OoxmlError> {
        let part = self.package.main().to_owned();
        let mut notes = Notes::open(&self.package, &part, author, day)?;
        // A mark may stand in a cell that is filled as a whole: cells first, then marks in what is there afterwards.
        let tree = self.tree()?;
        let mut edits = Edits::default();
        for fill in fills {
            if let Place::Cell { table, row, cell } = fill.place {
                let found = tables(&tree)
                    .nth(table.saturating_sub(1))
                    .and_then(|table| rows(&tree, table).nth(row.saturating_sub(1)))
                    .and_then(|row| cells(&tree, row).nth(cell.saturating_sub(1)));
                let found = found.ok_or_else(|| OoxmlError::broken(&part))?;
                fill_cell(&tree, found, fill, &mut notes, &mut edits);
            }
        }
        self.text = edits.apply(tree.text, &part)?;
        for fill in fills {
            if let Place::Mark(name) = &fill.place {
                self.fill_marks(name, fill, &mut notes, &part)?;
            }
        }
        self.package.put(&part, self.text.clone());
        notes.keep(&mut self.package, &part)
    }

    fn fill_marks(&mut self, name: &str, fill: &Fill, notes: &mut Notes, part: &str) -> Result<(), OoxmlError> {
        // One at a time: a place in the text holds for the text it was found in.
        for _ in 0..100 {
            let tree = self.tree()?;
            let mut edits = Edits::default();
            let paragraph = tree.all("p").find(|paragraph| fill_mark(&tree, *paragraph, name, fill, notes, &mut edits));
            if paragraph.is_none() || edits.is_empty() {
                return Ok(());
            }
            self.text = edits.apply(tree.text, part)?;
            if fill.text.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    pub fn save(self) -> Result<Vec<u8>, OoxmlError> {
        self.package.save()
    }
}

fn cells_of(block: &Block) -> usize {
    match block {
        Block::Paragraph(_) => 1,
        Block::Table(rows) => rows.iter().map(|row| row.cells.len()).sum(),
    }
}

/// The children of an element, those within content controls among them.
fn flat(tree: &Tree<'_>, node: Node) -> Vec<Node> {
    let mut found = Vec::new();
    for child in tree.children(node) {
        match tree.name(child) {
            "sdt" => {
                if let Some(content) = tree.child(child, "sdtContent") {
                    found.extend(flat(tree, content));
                }
            }
            "customXml" | "ins" | "smartTag" => found.extend(flat(tree, child)),
            _ => found.push(child),
        }
    }
    found
}

fn tables<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = Node> + 't {
    let body = tree.child(tree.root(), "body").unwrap_or(tree.root());
    flat(tree, body).into_iter().filter(|node| tree.name(*node) == "tbl")
}

fn rows<'t>(tree: &'t Tree<'_>, table: Node) -> impl Iterator<Item = Node> + 't {
    flat(tree, table).into_iter().filter(|node| tree.name(*node) == "tr")
}

fn cells<'t>(tree: &'t Tree<'_>, row: Node) -> impl Iterator<Item = Node> + 't {
    flat(tree, row).into_iter().filter(|node| tree.name(*node) == "tc")
}

/// The words of a paragraph or a cell: paragraphs of a cell on lines of their own.
fn words(tree: &Tree<'_>, node: Node) -> String {
    let mut text = String::new();
    for child in tree.within(node) {
        match tree.name(child) {
            "t" => text.push_str(&tree.plain(child)),
            "tab" => text.push('\t'),
            "br" | "cr" => text.push('\n'),
            "p" if !text.is_empty() => text.push('\n'),
            _ => {}
        }
    }
    text
}

fn row_of(tree: &Tree<'_>, row: Node) -> DocRow {
    let cell = |node: Node| {
        let properties = tree.child(node, "tcPr");
        let columns = properties
            .and_then(|properties| tree.child(properties, "gridSpan"))
            .and_then(|span| tree.attribute(span, "val")?.parse().ok());
        let merge = properties.and_then(|properties| tree.child(properties, "vMerge"));
        let begins = merge.and_then(|merge| tree.attribute(merge, "val")).is_some_and(|value| value == "restart");
        DocCell {
            text: words(tree, node).trim().to_owned(),
            columns: columns.unwrap_or(1),
            covered: merge.is_some() && !begins,
        }
    };
    DocRow { cells: cells(tree, row).map(cell).collect() }
}

/// A copy of a row must not claim to be the row itself.
fn without_ids(row: &str) -> String {
    let mut out = row.to_owned();
    for name in ["w14:paraId", "w14:textId"] {
        let start = format!(" {name}=\"");
        while let Some(at) = out.find(&start) {
            let end = out[at + start.len()..].find('"').map_or(out.len(), |end| at + start.len() + end + 1);
            out.replace_range(at..end, "");
        }
    }
    out
}

fn fill_cell(tree: &Tree<'_>, cell: Node, fill: &Fill, notes: &mut Notes, edits: &mut Edits) {
    let w = tree.prefix(cell);
    let Some(paragraph) = tree.child(cell, "p") else { return };
    let id = fill.note.as_deref().map(|note| notes.add(note));
    let (before, after) = anchors(w, id);
    let Some(text) = &fill.text else {
        append_in(edits, tree, paragraph, &format!("{before}{after}"));
        return;
    };
    let properties = tree.child(paragraph, "pPr");
    let look = tree
        .within(paragraph)
        .find(|node| tree.name(*node) == "r")
        .and_then(|run| tree.child(run, "rPr"))
        .or_else(|| properties.and_then(|properties| tree.child(properties, "rPr")));
    let look = look.map(|node| tree.text.get(tree.whole(node)).unwrap_or_default()).unwrap_or_default();
    let run = format!("{before}<{w}r>{look}<{w}t xml:space=\"preserve\">{}</{w}t></{w}r>{after}", quoted(text));
    for child in tree.children(paragraph) {
        if matches!(tree.name(child), "r" | "hyperlink" | "proofErr" | "sdt" | "smartTag" | "ins") {
            edits.replace(tree.whole(child), "");
        }
    }
    append_in(edits, tree, paragraph, &run);
}

/// Where a comment begins, and where it ends and is named.
fn anchors(w: &str, id: Option<usize>) -> (String, String) {
    match id {
        None => (String::new(), String::new()),
        Some(id) => (
            format!("<{w}commentRangeStart {w}id=\"{id}\"/>"),
            format!("<{w}commentRangeEnd {w}id=\"{id}\"/><{w}r><{w}commentReference {w}id=\"{id}\"/></{w}r>"),
        ),
    }
}

fn marks_in(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        if !name.trim().is_empty() && name.chars().count() <= 60 {
            names.push(name.trim().to_owned());
        }
        rest = after;
    }
    names
}

/// The place of a mark in words.
fn mark_in(text: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(open) = text.get(from..)?.find("{{").map(|at| at + from) {
        let close = text.get(open..)?.find("}}").map(|at| at + open)?;
        if text.get(open + 2..close)?.trim() == name {
            return Some(open..close + 2);
        }
        from = close + 2;
    }
    None
}

/// Fills the first mark of a name in a paragraph; the mark may be cut into several runs.
fn fill_mark(tree: &Tree<'_>, paragraph: Node, name: &str, fill: &Fill, notes: &mut Notes, edits: &mut Edits) -> bool {
    let pieces: Vec<(Node, String)> =
        tree.within(paragraph).filter(|node| tree.name(*node) == "t").map(|node| (node, tree.plain(node))).collect();
    let whole: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    let Some(mark) = mark_in(&whole, name) else { return false };
    let (mut at, mut touched) = (0, Vec::new());
    for (node, text) in &pieces {
        let (start, end) = (at, at + text.len());
        at = end;
        if end <= mark.start || start >= mark.end {
            continue;
        }
        let first = touched.is_empty();
        let before = text.get(..mark.start.saturating_sub(start)).filter(|_| first).unwrap_or_default();
        let after = text.get(mark.end.min(end) - start..).unwrap_or_default();
        let new = if first { fill.text.as_deref().unwrap_or_default() } else { "" };
        if fill.text.is_some() {
            let w = tree.prefix(*node);
            let said = quoted(&format!("{before}{new}{after}"));
            edits.replace(tree.whole(*node), format!("<{w}t xml:space=\"preserve\">{said}</{w}t>"));
        }
        touched.push(*node);
    }
    let run = |node: Node| tree.parent(node).filter(|run| tree.name(*run) == "r");
    let ends = touched.first().copied().and_then(run).zip(touched.last().copied().and_then(run));
    if let (Some((first, last)), Some(note)) = (ends, fill.note.as_deref()) {
        let (before, after) = anchors(tree.prefix(first), Some(notes.add(note)));
        edits.insert(tree.whole(first).start, before);
        edits.insert(tree.whole(last).end, after);
    }
    true
}

/// The comments of a document: those it has, and ours behind them.
struct Notes {
    next: usize,
    author: String,
    day: String,
    fresh: Vec<(usize, String)>,
}

impl Notes {
    fn open(package: &Package, part: &str, author: &str, day: &str) -> Result<Self, OoxmlError> {
        let mut next = 0;
        if let Some(name) = Self::part_of(package, part)? {
            let text = package.need(&name)?;
            let tree = Tree::read(&text, &name)?;
            let known = tree.all("comment").filter_map(|node| tree.attribute(node, "id")?.parse::<usize>().ok());
            next = known.max().map_or(0, |last| last + 1);
        }
        Ok(Self { next, author: author.to_owned(), day: day.to_owned(), fresh: Vec::new() })
    }

    fn part_of(package: &Package, part: &str) -> Result<Option<String>, OoxmlError> {
        let found = package.relations(part)?.into_iter().find(|one| one.kind.ends_with("/comments"));
        Ok(found.map(|one| resolve(part, &one.target)).filter(|name| package.has(name)))
    }

    fn add(&mut self, note: &str) -> usize {
        let id = self.next;
        self.next += 1;
        self.fresh.push((id, note.to_owned()));
        id
    }

    fn keep(self, package: &mut Package, part: &str) -> Result<(), OoxmlError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let known = Self::part_of(package, part)?;
        let line = |w: &str| {
            let comment = |(id, note): &(usize, String)| {
                let initials: String = self.author.chars().take(1).collect();
                format!(
                    "<{w}comment {w}id=\"{id}\" {w}author=\"{}\" {w}date=\"{}T00:00:00Z\" {w}initials=\"{initials}\"><{w}p>\
                     <{w}r><{w}t xml:space=\"preserve\">{}</{w}t></{w}r></{w}p></{w}comment>",
                    quoted(&self.author),
                    quoted(&self.day),
                    quoted(note)
                )
            };
            self.fresh.iter().map(comment).collect::<String>()
        };
        match known {
            Some(name) => {
                let text = package.need(&name)?;
                let tree = Tree::read(&text, &name)?;
                let more = line(tree.prefix(tree.root()));
                let text = append(&tree, tree.root(), &more, &name)?;
                package.put(&name, text);
            }
            None => {
                let name = if package.has("word/comments.xml") {
                    package.free_name("word/comments", ".xml")
                } else {
                    "word/comments.xml".to_owned()
                };
                let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
                package.put(&name, format!("{head}<w:comments xmlns:w=\"{NAMESPACE}\">{}</w:comments>", line("w:")));
                package.declare(&name, COMMENTS)?;
                package.relate(part, "comments", &format!("/{name}"))?;
            }
        }
        Ok(())
    }
}
