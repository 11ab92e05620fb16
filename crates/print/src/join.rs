//! Joins the chunks of a run. Every object that is not a page is kept once, however many chunks bring it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    io::Write,
};

use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions, Stream, StringFormat};

use crate::{
    Error,
    press::{CREATOR, Date},
};

pub(crate) struct Joined {
    document: Document,
    /// Objects by the hash of what they hold; the objects themselves are compared before one is taken for another.
    seen: HashMap<u64, Vec<ObjectId>>,
    root: ObjectId,
    /// A node of the page tree per chunk: readers walk a flat list of thousands slowly.
    nodes: Vec<Object>,
    pages: usize,
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::Pdf(error.to_string())
}

impl Joined {
    pub fn new(title: &str, date: Option<Date>) -> Joined {
        let mut document = Document::with_version("1.7");
        let root = document.new_object_id();
        let catalog = document.add_object(Dictionary::from_iter([
            ("Type", Object::Name(b"Catalog".to_vec())),
            ("Pages", Object::Reference(root)),
            ("Lang", Object::string_literal("zh-CN")),
            (
                "ViewerPreferences",
                Object::Dictionary(Dictionary::from_iter([("DisplayDocTitle", Object::Boolean(true))])),
            ),
        ]));
        let mut info = Dictionary::from_iter([("Title", text(title)), ("Creator", text(CREATOR))]);
        if let Some(Date { year, month, day }) = date {
            info.set("CreationDate", Object::string_literal(format!("D:{year:04}{month:02}{day:02}000000Z")));
        }
        let info = document.add_object(info);
        document.trailer.set("Root", Object::Reference(catalog));
        document.trailer.set("Info", Object::Reference(info));
        Joined { document, seen: HashMap::new(), root, nodes: Vec::new(), pages: 0 }
    }

    pub fn pages(&self) -> usize {
        self.pages
    }

    /// Adds the pages of one chunk after the first `skip`.
    pub fn add(&mut self, pdf: &[u8], skip: usize) -> Result<(), Error> {
        let mut from = Document::load_mem(pdf).map_err(unreadable)?;
        let pages: Vec<ObjectId> = from.page_iter().skip(skip).collect();
        let node = self.document.new_object_id();
        let mut known: HashMap<ObjectId, Option<ObjectId>> =
            pages.iter().map(|&page| (page, Some(self.document.new_object_id()))).collect();
        let mut kids = Vec::with_capacity(pages.len());
        for page in pages {
            let Some(Object::Dictionary(mut dictionary)) = from.objects.remove(&page) else {
                return Err(unreadable("a page is no dictionary"));
            };
            dictionary.remove(b"Parent");
            let mut object = Object::Dictionary(dictionary);
            self.settle(&mut object, &mut from, &mut known)?;
            if let Object::Dictionary(dictionary) = &mut object {
                dictionary.set("Parent", Object::Reference(node));
            }
            let Some(Some(id)) = known.get(&page).copied() else {
                return Err(unreadable("a page is lost"));
            };
            self.document.objects.insert(id, object);
            kids.push(Object::Reference(id));
        }
        self.pages += kids.len();
        let count = Object::Integer(i64::try_from(kids.len()).map_err(unreadable)?);
        let tree = Dictionary::from_iter([
            ("Type", Object::Name(b"Pages".to_vec())),
            ("Parent", Object::Reference(self.root)),
            ("Count", count),
            ("Kids", Object::Array(kids)),
        ]);
        self.document.objects.insert(node, Object::Dictionary(tree));
        self.nodes.push(Object::Reference(node));
        Ok(())
    }

    /// Points every reference inside an object to the joined document, bringing what it points to.
    fn settle(
        &mut self,
        object: &mut Object,
        from: &mut Document,
        known: &mut HashMap<ObjectId, Option<ObjectId>>,
    ) -> Result<(), Error> {
        match object {
            Object::Reference(id) => *id = self.bring(*id, from, known)?,
            Object::Array(list) => {
                for one in list {
                    self.settle(one, from, known)?;
                }
            }
            Object::Dictionary(dictionary) | Object::Stream(Stream { dict: dictionary, .. }) => {
                for (_, one) in dictionary.iter_mut() {
                    self.settle(one, from, known)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn bring(
        &mut self,
        id: ObjectId,
        from: &mut Document,
        known: &mut HashMap<ObjectId, Option<ObjectId>>,
    ) -> Result<ObjectId, Error> {
        match known.get(&id) {
            Some(Some(there)) => return Ok(*there),
            // Only pages point in circles in what Typst writes, and those are known beforehand.
            Some(None) => return Err(unreadable("objects point in a circle")),
            None => {}
        }
        known.insert(id, None);
        let mut object = from.objects.remove(&id).unwrap_or(Object::Null);
        self.settle(&mut object, from, known)?;
        let there = self.keep(object);
        known.insert(id, Some(there));
        Ok(there)
    }

    fn keep(&mut self, object: Object) -> ObjectId {
        let mut hasher = DefaultHasher::new();
        hash(&object, &mut hasher);
        let same = self.seen.entry(hasher.finish()).or_default();
        if let Some(&there) = same.iter().find(|there| self.document.objects.get(there) == Some(&object)) {
            return there;
        }
        let id = self.document.add_object(object);
        same.push(id);
        id
    }

    /// Writes the file and says how many bytes it has.
    pub fn write(mut self, out: &mut dyn Write) -> Result<u64, Error> {
        let tree = Dictionary::from_iter([
            ("Type", Object::Name(b"Pages".to_vec())),
            ("Count", Object::Integer(i64::try_from(self.pages).map_err(unreadable)?)),
            ("Kids", Object::Array(self.nodes)),
        ]);
        self.document.objects.insert(self.root, Object::Dictionary(tree));
        let mut out = Counted { out: std::io::BufWriter::with_capacity(1 << 16, out), bytes: 0 };
        let options =
            SaveOptions::builder().use_object_streams(true).use_xref_streams(true).compression_level(6).build();
        self.document.save_with_options(&mut out, options)?;
        out.flush()?;
        Ok(out.bytes)
    }
}

/// Text of the document's properties, in UTF-16 as PDF wants what is not Latin.
fn text(text: &str) -> Object {
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, StringFormat::Hexadecimal)
}

fn hash(object: &Object, into: &mut DefaultHasher) {
    match object {
        Object::Null => into.write_u8(0),
        Object::Boolean(value) => into.write(&[1, u8::from(*value)]),
        Object::Integer(value) => into.write_i64(*value),
        Object::Real(value) => into.write_u32(value.to_bits()),
        Object::Name(bytes) | Object::String(bytes, _) => into.write(bytes),
        Object::Array(list) => {
            into.write_usize(list.len());
            list.iter().for_each(|one| hash(one, into));
        }
        Object::Dictionary(dictionary) => entries(dictionary, into),
        Object::Stream(stream) => {
            entries(&stream.dict, into);
            into.write(&stream.content);
        }
        Object::Reference(id) => into.write_u32(id.0),
    }
}

fn entries(dictionary: &Dictionary, into: &mut DefaultHasher) {
    into.write_usize(dictionary.len());
    for (key, value) in dictionary {
        into.write(key);
        hash(value, into);
    }
}

struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
