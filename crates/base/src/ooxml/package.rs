//! A file as its parts: opened within bounds, saved with untouched parts as they were packed.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::{
    OoxmlError,
    parts::{self, Relation},
    xml::Tree,
};
use crate::sheet::measure;

/// The largest file that is taken, in bytes: a form is a form.
pub const MAX_FILE: usize = 10 << 20;
/// The largest part that is read as markup.
const MAX_PART: u64 = 32 << 20;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Workbook,
    Document,
}

/// An opened file.
pub struct Package {
    bytes: Vec<u8>,
    names: Vec<String>,
    changed: BTreeMap<String, String>,
    kind: Kind,
    /// `xl/workbook.xml`, `word/document.xml`
    main: String,
}

fn archive(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, OoxmlError> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| OoxmlError::broken("zip"))
}

impl Package {
    /// Opens a file and refuses what no form holds.
    pub fn open(bytes: Vec<u8>) -> Result<Self, OoxmlError> {
        const CFB: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
        if bytes.is_empty() {
            return Err(OoxmlError::Empty);
        }
        if bytes.len() > MAX_FILE {
            return Err(OoxmlError::TooLarge);
        }
        if bytes.starts_with(CFB) {
            // A workbook with a password is a compound file with this stream in its directory.
            let stream: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let sealed = bytes.windows(stream.len()).any(|window| window == stream);
            return Err(if sealed { OoxmlError::Encrypted } else { OoxmlError::Old });
        }
        if !bytes.starts_with(b"PK") {
            return Err(OoxmlError::OtherKind("别的文件"));
        }
        let mut zip = archive(&bytes)?;
        measure(&mut zip, bytes.len())?;
        let names = zip.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
        let names = names.collect::<Result<Vec<String>, _>>().map_err(|_| OoxmlError::broken("zip"))?;
        drop(zip);
        let mut package = Self { bytes, names, changed: BTreeMap::new(), kind: Kind::Workbook, main: String::new() };
        package.check_names()?;
        (package.kind, package.main) = package.find_main()?;
        package.check_relations()?;
        Ok(package)
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn main(&self) -> &str {
        &self.main
    }

    pub(super) fn has(&self, part: &str) -> bool {
        self.changed.contains_key(part) || self.names.iter().any(|name| name == part)
    }

    /// The markup of a part as it stands now.
    pub(super) fn read(&self, part: &str) -> Result<Option<String>, OoxmlError> {
        if let Some(text) = self.changed.get(part) {
            return Ok(Some(text.clone()));
        }
        if !self.has(part) {
            return Ok(None);
        }
        let mut zip = archive(&self.bytes)?;
        let mut entry = zip.by_name(part).map_err(|_| OoxmlError::broken(part))?;
        if entry.size() > MAX_PART {
            return Err(OoxmlError::TooManyCells(part.to_owned()));
        }
        let mut text = String::new();
        entry.read_to_string(&mut text).map_err(|_| OoxmlError::broken(part))?;
        if let Some(plain) = text.strip_prefix('\u{feff}') {
            text = plain.to_owned();
        }
        Ok(Some(text))
    }

    /// The markup of a part that must be there.
    pub(super) fn need(&self, part: &str) -> Result<String, OoxmlError> {
        self.read(part)?.ok_or_else(|| OoxmlError::broken(part))
    }

    pub(super) fn put(&mut self, part: &str, text: String) {
        self.changed.insert(part.to_owned(), text);
    }

    /// A name that no part has yet: `xl/comments` and `.xml` give `xl/comments1.xml`.
    pub(super) fn free_name(&self, before: &str, after: &str) -> String {
        (1..).map(|n| format!("{before}{n}{after}")).find(|name| !self.has(name)).unwrap_or_default()
    }

    /// The relations of a part, in order.
    pub(super) fn relations(&self, part: &str) -> Result<Vec<Relation>, OoxmlError> {
        let name = parts::relations_of(part);
        match self.read(&name)? {
            Some(text) => parts::relations(&text, &name),
            None => Ok(Vec::new()),
        }
    }

    /// Ties a part to another and returns the relation's id.
    pub(super) fn relate(&mut self, part: &str, kind: &str, target: &str) -> Result<String, OoxmlError> {
        let name = parts::relations_of(part);
        let (text, id) = parts::with_relation(self.read(&name)?.as_deref(), &name, kind, target)?;
        self.put(&name, text);
        Ok(id)
    }

    /// Says what a part is, where the file does not say so yet.
    pub(super) fn declare(&mut self, part: &str, media_type: &str) -> Result<(), OoxmlError> {
        let text = parts::with_type(&self.need(parts::TYPES)?, part, media_type)?;
        self.put(parts::TYPES, text);
        Ok(())
    }

    fn find_main(&self) -> Result<(Kind, String), OoxmlError> {
        let other = || {
            let has = |part: &str| self.has(part);
            if has("xl/workbook.bin") {
                OoxmlError::OtherKind("二进制工作簿（.xlsb）")
            } else if has("ppt/presentation.xml") {
                OoxmlError::OtherKind("演示文稿（.pptx）")
            } else if has("content.xml") {
                OoxmlError::OtherKind("OpenDocument 文件（.ods、.odt）")
            } else {
                OoxmlError::OtherKind("压缩包")
            }
        };
        if !self.has(parts::TYPES) {
            return Err(other());
        }
        let relations = self.relations("")?;
        let main = relations.into_iter().find(|one| one.kind.ends_with("/officeDocument"));
        let main = main.map(|one| parts::resolve("", &one.target)).filter(|part| self.has(part)).ok_or_else(other)?;
        let types = self.need(parts::TYPES)?;
        let media_type = parts::type_of(&types, &main)?;
        if media_type.contains("macroEnabled") {
            return Err(OoxmlError::Macros(main));
        }
        if media_type.contains("spreadsheetml") {
            Ok((Kind::Workbook, main))
        } else if media_type.contains("wordprocessingml") {
            Ok((Kind::Document, main))
        } else {
            Err(other())
        }
    }

    fn check_names(&self) -> Result<(), OoxmlError> {
        for name in &self.names {
            let low = name.to_ascii_lowercase();
            let programs = ["vbaproject", "/activex/", "/macrosheets/", "/dialogsheets/", "vbadata"];
            if programs.iter().any(|part| low.contains(part)) {
                return Err(OoxmlError::Macros(name.clone()));
            }
            if low.contains("/externallinks/") {
                return Err(OoxmlError::External { part: name.clone(), target: self.first_target(name) });
            }
        }
        Ok(())
    }

    /// Where a part's relations lead, for the message.
    fn first_target(&self, part: &str) -> String {
        let relations = if part.ends_with(".rels") {
            self.read(part).ok().flatten().and_then(|text| parts::relations(&text, part).ok())
        } else {
            self.relations(part).ok()
        };
        relations.unwrap_or_default().into_iter().next().map_or_else(|| "?".into(), |one| shorten(&one.target))
    }

    /// Nothing outside the file but addresses that a reader may click.
    fn check_relations(&self) -> Result<(), OoxmlError> {
        for name in self.names.iter().filter(|name| name.ends_with(".rels")) {
            let Some(text) = self.read(name)? else { continue };
            for one in parts::relations(&text, name)?.into_iter().filter(|one| one.external) {
                let low = one.target.to_ascii_lowercase();
                let address = ["http://", "https://", "mailto:"].iter().any(|start| low.starts_with(start));
                if !(one.kind.ends_with("/hyperlink") && address) {
                    return Err(OoxmlError::External { part: name.clone(), target: shorten(&one.target) });
                }
            }
        }
        if self.kind == Kind::Document {
            self.check_fields()?;
        }
        Ok(())
    }

    /// Fields of a document that ask another program.
    fn check_fields(&self) -> Result<(), OoxmlError> {
        let text = self.need(&self.main)?;
        let tree = Tree::read(&text, &self.main)?;
        for node in tree.all("instrText").chain(tree.all("fldSimple")) {
            let code = tree.attribute(node, "instr").unwrap_or_else(|| tree.plain(node));
            let first = code.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            if matches!(first.as_str(), "DDE" | "DDEAUTO" | "INCLUDETEXT" | "INCLUDEPICTURE" | "LINK" | "IMPORT") {
                return Err(OoxmlError::External { part: self.main.clone(), target: shorten(code.trim()) });
            }
        }
        Ok(())
    }

    /// The file with what was changed; parts that were not are copied as they are packed.
    pub fn save(self) -> Result<Vec<u8>, OoxmlError> {
        let broken = |_| OoxmlError::broken("zip");
        let mut zip = archive(&self.bytes)?;
        let mut out = ZipWriter::new(Cursor::new(Vec::with_capacity(self.bytes.len() + 4096)));
        let mut left = self.changed;
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(broken)?;
            let name = entry.name().map_err(broken)?.into_owned();
            match left.remove(&name) {
                None => out.raw_copy_file(entry).map_err(broken)?,
                Some(text) => {
                    drop(entry);
                    add(&mut out, &name, &text)?;
                }
            }
        }
        for (name, text) in left {
            add(&mut out, &name, &text)?;
        }
        Ok(out.finish().map_err(broken)?.into_inner())
    }
}

fn shorten(target: &str) -> String {
    target.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Packs a part; no instant of the machine comes into the file.
pub(super) fn add(out: &mut ZipWriter<Cursor<Vec<u8>>>, name: &str, text: &str) -> Result<(), OoxmlError> {
    let broken = || OoxmlError::broken(name);
    let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);
    out.start_file(name, options).map_err(|_| broken())?;
    out.write_all(text.as_bytes()).map_err(|_| broken())
}
