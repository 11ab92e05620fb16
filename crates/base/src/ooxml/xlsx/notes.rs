//! Comments of cells: the words in one part, the boxes they are shown in in another, as spreadsheet programs ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{
    super::{
        OoxmlError, Package,
        parts::{RELATION, append, append_in, resolve},
        xml::{Edits, Tree, quoted},
    },
    At,
};

const COMMENTS: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml";
const DRAWING: &str = "application/vnd.openxmlformats-officedocument.vmlDrawing";
const NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Adds comments to cells of a sheet; one that has a comment keeps it, ours stands below.
pub(super) fn add(package: &mut Package, sheet: &str, notes: &[(At, &str)], author: &str) -> Result<(), OoxmlError> {
    if notes.is_empty() {
        return Ok(());
    }
    let notes: BTreeMap<At, &str> = notes.iter().copied().collect();
    let relations = package.relations(sheet)?;
    let target = |kind: &str| {
        let found = relations.iter().find(|one| one.kind.ends_with(kind));
        found.map(|one| resolve(sheet, &one.target)).filter(|part| package.has(part))
    };
    let (words, boxes) = (target("/comments"), target("/vmlDrawing"));
    let fresh = match words {
        Some(part) => add_to(package, &part, &notes, author)?,
        None => {
            let part = package.free_name("xl/comments", ".xml");
            let lines: String = notes.iter().map(|(at, note)| comment("", *at, note, 0)).collect();
            package.put(
                &part,
                format!(
                    "{HEAD}<comments xmlns=\"{NAMESPACE}\"><authors><author>{}</author></authors>\
                     <commentList>{lines}</commentList></comments>",
                    quoted(author)
                ),
            );
            package.declare(&part, COMMENTS)?;
            package.relate(sheet, "comments", &format!("/{part}"))?;
            notes.keys().copied().collect()
        }
    };
    match boxes {
        Some(part) => add_boxes(package, &part, &fresh),
        None => draw_boxes(package, sheet, &fresh),
    }
}

fn comment(x: &str, at: At, note: &str, author: usize) -> String {
    format!(
        "<{x}comment ref=\"{at}\" authorId=\"{author}\"><{x}text><{x}r><{x}t xml:space=\"preserve\">{}</{x}t></{x}r>\
         </{x}text></{x}comment>",
        quoted(note)
    )
}

/// Adds to comments that are there; returns the cells that had none.
fn add_to(
    package: &mut Package,
    part: &str,
    notes: &BTreeMap<At, &str>,
    author: &str,
) -> Result<BTreeSet<At>, OoxmlError> {
    let text = package.need(part)?;
    let tree = Tree::read(&text, part)?;
    let root = tree.root();
    let x = tree.prefix(root);
    let broken = || OoxmlError::broken(part);
    let authors = tree.child(root, "authors").ok_or_else(broken)?;
    let list = tree.child(root, "commentList").ok_or_else(broken)?;
    let mut edits = Edits::default();
    let id = tree.children(authors).count();
    append_in(&mut edits, &tree, authors, &format!("<{x}author>{}</{x}author>", quoted(author)));
    let mut left = notes.clone();
    for node in tree.children(list) {
        let Some(at) = tree.attribute(node, "ref").and_then(|text| At::parse(&text)) else { continue };
        let (Some(note), Some(words)) = (left.remove(&at), tree.child(node, "text")) else { continue };
        let more = format!("<{x}r><{x}t xml:space=\"preserve\">\n{}</{x}t></{x}r>", quoted(note));
        append_in(&mut edits, &tree, words, &more);
    }
    let lines: String = left.iter().map(|(at, note)| comment(x, *at, note, id)).collect();
    append_in(&mut edits, &tree, list, &lines);
    let changed = edits.apply(&text, part)?;
    package.put(part, changed);
    Ok(left.into_keys().collect())
}

fn box_of(number: usize, at: At) -> String {
    let (row, column) = (at.row - 1, at.column - 1);
    format!(
        "<v:shape id=\"_x0000_s{number}\" type=\"#_x0000_t202\" \
         style=\"position:absolute;margin-left:60pt;margin-top:2pt;width:190pt;height:80pt;z-index:1;visibility:hidden\" \
         fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" \
         obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\">\
         <div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/>\
         <x:SizeWithCells/><x:Anchor>{}, 15, {row}, 2, {}, 31, {}, 9</x:Anchor><x:AutoFill>False</x:AutoFill>\
         <x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
        column + 1,
        column + 4,
        row + 5
    )
}

fn boxes(first: usize, cells: &BTreeSet<At>) -> String {
    cells.iter().enumerate().map(|(n, at)| box_of(first + n, *at)).collect()
}

/// A first drawing of a sheet.
fn draw_boxes(package: &mut Package, sheet: &str, cells: &BTreeSet<At>) -> Result<(), OoxmlError> {
    let part = package.free_name("xl/drawings/vmlDrawing", ".vml");
    let mut text = String::from(
        "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
         xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" \
         data=\"1\"/></o:shapelayout><v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" \
         path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" \
         o:connecttype=\"rect\"/></v:shapetype>",
    );
    let _ = write!(text, "{}</xml>", boxes(1025, cells));
    package.put(&part, text);
    package.declare(&part, DRAWING)?;
    let id = package.relate(sheet, "vmlDrawing", &format!("/{part}"))?;
    let text = package.need(sheet)?;
    let tree = Tree::read(&text, sheet)?;
    let root = tree.root();
    // What the format puts behind it.
    let behind = [
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
        "tableParts",
        "extLst",
    ];
    let line = format!("<{}legacyDrawing xmlns:r=\"{RELATION}\" r:id=\"{id}\"/>", tree.prefix(root));
    let first = tree.children(root).find(|child| behind.contains(&tree.name(*child)));
    let changed = match first {
        Some(node) => {
            let mut edits = Edits::default();
            edits.insert(tree.whole(node).start, line);
            edits.apply(&text, sheet)?
        }
        None => append(&tree, root, &line, sheet)?,
    };
    package.put(sheet, changed);
    Ok(())
}

/// More boxes in a drawing that is there. Some programs write it with tags that no strict reader takes, so it is found by
/// its end alone.
fn add_boxes(package: &mut Package, part: &str, cells: &BTreeSet<At>) -> Result<(), OoxmlError> {
    let text = package.need(part)?;
    let end = text.rfind("</xml>").ok_or_else(|| OoxmlError::broken(part))?;
    let mut first = 2049;
    while text.contains(&format!("_x0000_s{first}\"")) {
        first += 1024;
    }
    let mut changed = text.clone();
    if !text.contains("id=\"_x0000_t202\"") {
        changed.insert_str(
            end,
            "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"/>",
        );
    }
    let end = changed.rfind("</xml>").unwrap_or(end);
    changed.insert_str(end, &boxes(first, cells));
    package.put(part, changed);
    Ok(())
}
