//! Typst with what it may see: two embedded fonts, our templates, and the data of one job. Nothing else exists for it.

use std::{collections::BTreeMap, sync::LazyLock};

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Dict, Duration, Smart},
    layout::{Frame, FrameItem},
    syntax::{DiagSpanKind, FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use crate::Error;

/// A day as a calendar writes it; printed into the properties of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

/// The templates an office may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Template {
    /// Colours, fonts and helpers, which the others import.
    Look,
    Cards,
    Boards,
    Letters,
    Roster,
    Handover,
    Dossier,
    Briefing,
}

impl Template {
    pub const ALL: [Template; 8] = [
        Template::Look,
        Template::Cards,
        Template::Boards,
        Template::Letters,
        Template::Roster,
        Template::Handover,
        Template::Dossier,
        Template::Briefing,
    ];

    /// The name other templates import it by.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Template::Look => "look.typ",
            Template::Cards => "cards.typ",
            Template::Boards => "boards.typ",
            Template::Letters => "letters.typ",
            Template::Roster => "roster.typ",
            Template::Handover => "handover.typ",
            Template::Dossier => "dossier.typ",
            Template::Briefing => "briefing.typ",
        }
    }

    /// The template as it ships: where an office begins when it writes its own.
    #[must_use]
    pub fn shipped(self) -> &'static str {
        match self {
            Template::Look => include_str!("../templates/look.typ"),
            Template::Cards => include_str!("../templates/cards.typ"),
            Template::Boards => include_str!("../templates/boards.typ"),
            Template::Letters => include_str!("../templates/letters.typ"),
            Template::Roster => include_str!("../templates/roster.typ"),
            Template::Handover => include_str!("../templates/handover.typ"),
            Template::Dossier => include_str!("../templates/dossier.typ"),
            Template::Briefing => include_str!("../templates/briefing.typ"),
        }
    }
}

struct Fonts {
    list: Vec<Font>,
    book: LazyHash<FontBook>,
}

/// Unpacked when something is printed for the first time; a font that could not be is missing, and Typst says so.
static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let files: [&[u8]; 2] = [
        include_bytes!(concat!(env!("OUT_DIR"), "/NotoSansHans-Regular.otf.br")),
        include_bytes!(concat!(env!("OUT_DIR"), "/NotoSansHans-Bold.otf.br")),
    ];
    let whole = |mut packed: &[u8]| {
        let mut file = Vec::new();
        brotli_decompressor::BrotliDecompress(&mut packed, &mut file).ok()?;
        Some(Bytes::new(file))
    };
    let list: Vec<Font> = files.into_iter().filter_map(whole).flat_map(Font::iter).collect();
    let book = LazyHash::new(FontBook::from_fonts(&list));
    Fonts { list, book }
});

/// Templates and document date: made once, used for many documents, from many threads.
#[derive(Clone)]
pub struct Press {
    sources: BTreeMap<&'static str, Source>,
    pub(crate) date: Option<Date>,
}

impl Default for Press {
    fn default() -> Press {
        Press::new()
    }
}

impl Press {
    /// The templates as they ship, and no date in the file's properties.
    #[must_use]
    pub fn new() -> Press {
        let sources = Template::ALL.map(|one| (one.file(), source(one.file(), one.shipped())));
        Press { sources: BTreeMap::from(sources), date: None }
    }

    /// Writes this day into the properties of what is printed. Without one no date stands there.
    #[must_use]
    pub fn dated(mut self, date: Date) -> Press {
        self.date = Some(date);
        self
    }

    /// An office's own template in the place of the shipped one.
    #[must_use]
    pub fn replace(mut self, template: Template, text: &str) -> Press {
        self.sources.insert(template.file(), source(template.file(), text));
        self
    }

    pub(crate) fn text(&self, template: Template) -> &str {
        self.sources.get(template.file()).map_or("", Source::text)
    }

    /// Sets the pages of one job. With `primer`, a first page shows these characters in every weight, so that all
    /// chunks of a run end up with the very same font; the joiner drops that page.
    pub(crate) fn set(
        &self,
        template: Template,
        mut inputs: Dict,
        primer: Option<&str>,
    ) -> Result<PagedDocument, Error> {
        let main = match primer {
            None => self.sources.get(template.file()).cloned(),
            Some(characters) => {
                inputs.insert("primer".into(), typst::foundations::Value::Str(characters.into()));
                Some(source(
                    "main.typ",
                    &format!(
                        "#import \"look.typ\": prime\n#prime(sys.inputs.primer)\n#include \"{}\"\n",
                        template.file()
                    ),
                ))
            }
        };
        let main = main.ok_or_else(|| Error::Pdf(format!("no template {}", template.file())))?;
        let library = LazyHash::new(Library::builder().with_inputs(inputs).build());
        let job = Job { press: self, library, main };
        typst::compile::<PagedDocument>(&job).output.map_err(|errors| job.explain(template, &errors))
    }

    /// The set pages as PDF. Tags for screen readers cost size and cannot be joined: documents in one piece have them.
    pub(crate) fn pdf(&self, document: &PagedDocument, tagged: bool) -> Result<Vec<u8>, Error> {
        let timestamp = self
            .date
            .and_then(|date| Datetime::from_ymd_hms(date.year, date.month, date.day, 0, 0, 0))
            .map(Timestamp::new_utc);
        let options =
            PdfOptions { creator: Smart::Custom(Some(CREATOR.into())), timestamp, tagged, ..PdfOptions::default() };
        typst_pdf::pdf(document, &options).map_err(|errors| {
            Error::Pdf(errors.iter().map(|error| error.message.to_string()).collect::<Vec<_>>().join("; "))
        })
    }
}

pub(crate) const CREATOR: &str = "连心";

fn id(name: &str) -> Result<FileId, FileError> {
    let path = VirtualPath::new(name).map_err(|_| FileError::AccessDenied)?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn source(name: &str, text: &str) -> Source {
    match id(name) {
        Ok(id) => Source::new(id, text.to_owned()),
        Err(_) => Source::detached(text),
    }
}

struct Job<'a> {
    press: &'a Press,
    library: LazyHash<Library>,
    main: Source,
}

impl Job<'_> {
    fn explain(&self, template: Template, errors: &[SourceDiagnostic]) -> Error {
        let Some(first) = errors.first() else {
            return Error::Template { template: template.file().to_owned(), line: None, message: String::new() };
        };
        let mut place = (template.file().to_owned(), None);
        // An error inside a helper is shown where the template calls it only if the helper itself has no place.
        let spans = std::iter::once(first.span).chain(first.trace.iter().map(|point| point.span.into()));
        for span in spans {
            let (file, range) = match span.get() {
                DiagSpanKind::Detached => continue,
                DiagSpanKind::Number { id, num, sub_range } => {
                    let Ok(source) = self.source(id) else { continue };
                    (source.clone(), source.range(num, sub_range))
                }
                DiagSpanKind::Range { id, range } => {
                    let Ok(source) = self.source(id) else { continue };
                    (source, Some(range))
                }
            };
            let line = range.and_then(|range| file.lines().byte_to_line(range.start)).map(|line| line + 1);
            place = (file.id().vpath().get_without_slash().to_owned(), line);
            break;
        }
        Error::Template { template: place.0, line: place.1, message: first.message.to_string() }
    }
}

impl World for Job<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let name = id.vpath().get_without_slash();
        // Packages have no root of ours: nothing is ever fetched.
        match (id.root(), self.press.sources.get(name)) {
            (VirtualRoot::Project, Some(source)) => Ok(source.clone()),
            _ => Err(FileError::NotFound(name.into())),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.source(id).map(|source| Bytes::from_string(source.text().to_owned()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.list.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        let date = self.press.date?;
        Datetime::from_ymd(date.year, date.month, date.day)
    }
}

/// Adds the characters of a frame that no embedded font has: they are set as an empty box.
pub(crate) fn missing(frame: &Frame, into: &mut std::collections::BTreeSet<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => missing(&group.frame, into),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    let part = text.text.get(glyph.range()).unwrap_or_default();
                    into.extend(part.chars().filter(|one| !one.is_whitespace() && !one.is_control()));
                }
            }
            FrameItem::Shape(..) | FrameItem::Image(..) | FrameItem::Link(..) | FrameItem::Tag(_) => {}
        }
    }
}
