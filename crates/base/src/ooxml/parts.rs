//! How the parts of a file name each other, and what the file says they are.

use super::{
    OoxmlError,
    xml::{Edits, Tree, quoted},
};

/// Where a file says what its parts are.
pub(super) const TYPES: &str = "[Content_Types].xml";
pub(super) const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

pub(super) struct Relation {
    pub id: String,
    pub kind: String,
    pub target: String,
    pub external: bool,
}

/// `xl/worksheets/sheet1.xml` → `xl/worksheets/_rels/sheet1.xml.rels`; nothing → the file's own.
pub(super) fn relations_of(part: &str) -> String {
    let (folder, name) = part.rsplit_once('/').map_or(("", part), |(folder, name)| (folder, name));
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}_rels/{name}.rels")
}

/// A target as it is named from a part.
pub(super) fn resolve(part: &str, target: &str) -> String {
    if let Some(from_root) = target.strip_prefix('/') {
        return from_root.to_owned();
    }
    let folder = part.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => {
                path.pop();
            }
            "." | "" => {}
            step => path.push(step),
        }
    }
    path.join("/")
}

pub(super) fn relations(text: &str, name: &str) -> Result<Vec<Relation>, OoxmlError> {
    let tree = Tree::read(text, name)?;
    let get = |node, name: &str| tree.attribute(node, name).unwrap_or_default();
    let relation = |node| Relation {
        id: get(node, "Id"),
        kind: get(node, "Type"),
        target: get(node, "Target"),
        external: get(node, "TargetMode").eq_ignore_ascii_case("external"),
    };
    Ok(tree.all("Relationship").map(relation).collect())
}

/// The relations with one more, and its id.
pub(super) fn with_relation(
    text: Option<&str>,
    name: &str,
    kind: &str,
    target: &str,
) -> Result<(String, String), OoxmlError> {
    let known = text.map(|text| relations(text, name)).transpose()?.unwrap_or_default();
    let free = (1..).map(|n| format!("rId{n}")).find(|id| known.iter().all(|one| one.id != *id));
    let id = free.unwrap_or_default();
    let Some(text) = text else {
        let line = format!("<Relationship Id=\"{id}\" Type=\"{RELATION}/{kind}\" Target=\"{}\"/>", quoted(target));
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
        return Ok((format!("{head}<Relationships xmlns=\"{RELATIONS}\">{line}</Relationships>"), id));
    };
    let tree = Tree::read(text, name)?;
    let prefix = tree.prefix(tree.root());
    let line = format!("<{prefix}Relationship Id=\"{id}\" Type=\"{RELATION}/{kind}\" Target=\"{}\"/>", quoted(target));
    Ok((append(&tree, tree.root(), &line, name)?, id))
}

/// The text with something more at the end of an element.
pub(super) fn append(tree: &Tree<'_>, node: usize, more: &str, part: &str) -> Result<String, OoxmlError> {
    let mut edits = Edits::default();
    append_in(&mut edits, tree, node, more);
    edits.apply(tree.text, part)
}

/// The same among other changes.
pub(super) fn append_in(edits: &mut Edits, tree: &Tree<'_>, node: usize, more: &str) {
    if tree.is_closed(node) {
        let open = tree.open(node);
        let tag = tree.text.get(open.clone()).unwrap_or_default().trim_end_matches("/>");
        edits.replace(open, format!("{tag}>{more}</{}{}>", tree.prefix(node), tree.name(node)));
    } else {
        edits.insert(tree.inner(node).end, more);
    }
}

/// What a part is: by its own name, else by its ending.
pub(super) fn type_of(types: &str, part: &str) -> Result<String, OoxmlError> {
    let tree = Tree::read(types, TYPES)?;
    let own = |node: &usize| tree.attribute(*node, "PartName").is_some_and(|name| name.trim_start_matches('/') == part);
    let ending = part.rsplit_once('.').map_or("", |(_, ending)| ending);
    let usual = |node: &usize| tree.attribute(*node, "Extension").is_some_and(|one| one.eq_ignore_ascii_case(ending));
    let found = tree.all("Override").find(own).or_else(|| tree.all("Default").find(usual));
    Ok(found.and_then(|node| tree.attribute(node, "ContentType")).unwrap_or_default())
}

/// The types with one more, where the part is not known as such: drawings by their ending, others by name.
pub(super) fn with_type(types: &str, part: &str, media_type: &str) -> Result<String, OoxmlError> {
    if type_of(types, part)? == media_type {
        return Ok(types.to_owned());
    }
    let tree = Tree::read(types, TYPES)?;
    let prefix = tree.prefix(tree.root());
    let line = match part.rsplit_once('.') {
        Some((_, "vml")) => format!("<{prefix}Default Extension=\"vml\" ContentType=\"{media_type}\"/>"),
        _ => format!("<{prefix}Override PartName=\"/{}\" ContentType=\"{media_type}\"/>", quoted(part)),
    };
    append(&tree, tree.root(), &line, TYPES)
}
