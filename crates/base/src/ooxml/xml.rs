//! Markup as a tree of places in its text, so that a change touches what it changes and nothing else.

use std::ops::Range;

use quick_xml::{
    Reader,
    escape::{escape, unescape},
    events::{BytesStart, Event},
};

use super::OoxmlError;

/// Elements of one part.
const MAX_NODES: usize = 600_000;
/// How deep they may lie in each other.
const MAX_DEPTH: usize = 200;

/// The place of an element in [`Tree`].
pub(super) type Node = usize;

struct Element {
    /// `<c r="A1">`, or the whole of `<c/>`.
    open: Range<usize>,
    name_end: usize,
    inner: Range<usize>,
    end: usize,
    parent: Option<Node>,
    first: Option<Node>,
    last: Option<Node>,
    next: Option<Node>,
}

pub(super) struct Tree<'x> {
    pub text: &'x str,
    elements: Vec<Element>,
}

/// The part of a name behind its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

impl<'x> Tree<'x> {
    pub fn read(text: &'x str, part: &str) -> Result<Self, OoxmlError> {
        let mut tree = Self { text, elements: Vec::new() };
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Node> = Vec::new();
        loop {
            let start = place(reader.buffer_position());
            let event = reader.read_event().map_err(|_| OoxmlError::broken(part))?;
            let end = place(reader.buffer_position());
            match event {
                Event::Start(tag) => {
                    let node = tree.push(start..end, tag.name().0.len(), open.last().copied(), part)?;
                    open.push(node);
                    if open.len() > MAX_DEPTH {
                        return Err(OoxmlError::broken(part));
                    }
                }
                Event::Empty(tag) => {
                    let node = tree.push(start..end, tag.name().0.len(), open.last().copied(), part)?;
                    tree.close(node, end..end, end);
                }
                Event::End(_) => {
                    let node = open.pop().ok_or_else(|| OoxmlError::broken(part))?;
                    let inner = tree.elements.get(node).map_or(start, |element| element.open.end)..start;
                    tree.close(node, inner, end);
                }
                Event::DocType(_) => return Err(OoxmlError::Dtd(part.to_owned())),
                Event::Eof => break,
                Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_) => {}
            }
        }
        if open.is_empty() && !tree.elements.is_empty() { Ok(tree) } else { Err(OoxmlError::broken(part)) }
    }

    fn push(&mut self, open: Range<usize>, name: usize, parent: Option<Node>, part: &str) -> Result<Node, OoxmlError> {
        let node = self.elements.len();
        if node >= MAX_NODES {
            return Err(OoxmlError::TooManyCells(part.to_owned()));
        }
        let (at, end) = (open.end, open.end);
        let name_end = open.start + 1 + name;
        let element = Element { open, name_end, inner: at..at, end, parent, first: None, last: None, next: None };
        self.elements.push(element);
        if let Some(parent) = parent {
            let before = self.elements.get(parent).and_then(|element| element.last);
            if let Some(before) = before.and_then(|before| self.elements.get_mut(before)) {
                before.next = Some(node);
            }
            if let Some(element) = self.elements.get_mut(parent) {
                element.first = element.first.or(Some(node));
                element.last = Some(node);
            }
        }
        Ok(node)
    }

    fn close(&mut self, node: Node, inner: Range<usize>, end: usize) {
        if let Some(element) = self.elements.get_mut(node) {
            (element.inner, element.end) = (inner, end);
        }
    }

    fn element(&self, node: Node) -> Option<&Element> {
        self.elements.get(node)
    }

    fn slice(&self, range: Range<usize>) -> &'x str {
        self.text.get(range).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "reads as the others do")]
    pub fn root(&self) -> Node {
        0
    }

    pub fn parent(&self, node: Node) -> Option<Node> {
        self.element(node)?.parent
    }

    /// The name behind its prefix.
    pub fn name(&self, node: Node) -> &'x str {
        self.element(node).map_or("", |one| local(self.slice(one.open.start + 1..one.name_end)))
    }

    /// The prefix with its colon: `x:`, or nothing.
    pub fn prefix(&self, node: Node) -> &'x str {
        let name = self.element(node).map_or("", |one| self.slice(one.open.start + 1..one.name_end));
        name.strip_suffix(local(name)).unwrap_or_default()
    }

    /// The whole element.
    pub fn whole(&self, node: Node) -> Range<usize> {
        self.element(node).map_or(0..0, |one| one.open.start..one.end)
    }

    /// Between its tags; empty at its end where it is `<c/>`.
    pub fn inner(&self, node: Node) -> Range<usize> {
        self.element(node).map_or(0..0, |one| one.inner.clone())
    }

    /// Its first tag.
    pub fn open(&self, node: Node) -> Range<usize> {
        self.element(node).map_or(0..0, |one| one.open.clone())
    }

    /// Whether it is written `<c/>`.
    pub fn is_closed(&self, node: Node) -> bool {
        self.slice(self.open(node)).ends_with("/>")
    }

    pub fn children(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        let first = self.element(node).and_then(|one| one.first);
        std::iter::successors(first, |node| self.element(*node)?.next)
    }

    pub fn child(&self, node: Node, name: &str) -> Option<Node> {
        self.children(node).find(|child| self.name(*child) == name)
    }

    /// Every element of a name, in the order of the text.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Node> + 's {
        (0..self.elements.len()).filter(move |node| self.name(*node) == name)
    }

    /// Everything within an element, in the order of the text.
    pub fn within(&self, node: Node) -> impl Iterator<Item = Node> + '_ {
        let end = self.whole(node).end;
        (node + 1..self.elements.len())
            .take_while(move |one| self.element(*one).is_some_and(|element| element.open.start < end))
    }

    /// The value of an attribute by its name behind the prefix.
    pub fn attribute(&self, node: Node, name: &str) -> Option<String> {
        let element = self.element(node)?;
        let open = self.slice(element.open.clone());
        let content = open.strip_prefix('<')?.trim_end_matches('>').trim_end_matches('/');
        let tag = BytesStart::from_content(content, element.name_end - element.open.start - 1);
        let found = tag.attributes().flatten().find(|attribute| local(attribute.key.0) == name)?;
        unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
    }

    /// The words between the tags of an element and of those within it.
    pub fn plain(&self, node: Node) -> String {
        let mut reader = Reader::from_str(self.slice(self.inner(node)));
        reader.config_mut().check_end_names = false;
        let mut words = String::new();
        loop {
            match reader.read_event() {
                Ok(Event::Text(text)) => words.push_str(&text.into_inner()),
                Ok(Event::CData(text)) => words.push_str(&text.into_inner()),
                Ok(Event::GeneralRef(one)) => {
                    words.push_str(unescape(&format!("&{};", one.into_inner())).as_deref().unwrap_or_default());
                }
                Ok(Event::Eof) | Err(_) => return words,
                Ok(_) => {}
            }
        }
    }
}

fn place(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// Words as they stand in markup; characters that XML cannot hold are left out.
pub(super) fn quoted(words: &str) -> String {
    let sound: String = words.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    escape(sound.as_str()).into_owned()
}

/// Changes to one text, given by places in it and made at once.
#[derive(Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub fn replace(&mut self, place: Range<usize>, text: impl Into<String>) {
        self.0.push((place, text.into()));
    }

    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at..at, text);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with the changes; those at one place stand in the order they were given.
    pub fn apply(mut self, text: &str, part: &str) -> Result<String, OoxmlError> {
        self.0.sort_by_key(|(place, _)| (place.start, place.end));
        let mut out = String::with_capacity(text.len() + 1024);
        let mut at = 0;
        for (place, new) in self.0 {
            let before = text.get(at..place.start).ok_or_else(|| OoxmlError::broken(part))?;
            out.push_str(before);
            out.push_str(&new);
            at = place.end;
        }
        out.push_str(text.get(at..).ok_or_else(|| OoxmlError::broken(part))?);
        Ok(out)
    }
}
