//! A plain document of our own: title, headings, paragraphs, tables. The same input gives the same bytes.

use std::{fmt::Write as _, io::Cursor};

use zip::ZipWriter;

use super::{OoxmlError, package::add, xml::quoted};

/// How a paragraph looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    Title,
    /// Small and centred, below the title.
    Sub,
    Heading,
    /// Body text, its first line set in by two characters.
    Body,
    Note,
    /// Set right: who signed, when.
    Signed,
}

impl Style {
    const fn id(self) -> &'static str {
        match self {
            Self::Title => "Title",
            Self::Sub => "Subtitle",
            Self::Heading => "Heading1",
            Self::Body => "Body",
            Self::Note => "Note",
            Self::Signed => "Signed",
        }
    }
}

/// Words of one look.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Run {
    pub text: String,
    pub bold: bool,
    /// Raised, as the number of a note.
    pub raised: bool,
}

impl Run {
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// A cell of a table that may stand over several columns or rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    pub text: String,
    pub columns: usize,
    /// It goes on in the row below (`Some(true)` where it begins, `Some(false)` where it goes on).
    pub rows: Option<bool>,
    pub bold: bool,
    pub centred: bool,
}

impl Cell {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), columns: 1, rows: None, bold: false, centred: false }
    }

    #[must_use]
    pub fn over(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    #[must_use]
    pub fn head(self) -> Self {
        Self { bold: true, centred: true, ..self }
    }
}

/// A document under the pen.
pub struct Writer {
    title: String,
    body: String,
    landscape: bool,
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
/// The width between the margins of A4, in twentieths of a point.
const WIDTH: usize = 8_844;

impl Writer {
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), body: String::new(), landscape: false }
    }

    #[must_use]
    pub fn across(self) -> Self {
        Self { landscape: true, ..self }
    }

    pub fn paragraph(&mut self, style: Style, runs: &[Run]) {
        let _ = write!(self.body, "<w:p><w:pPr><w:pStyle w:val=\"{}\"/></w:pPr>", style.id());
        for run in runs {
            self.run(run);
        }
        self.body.push_str("</w:p>");
    }

    pub fn line(&mut self, style: Style, text: &str) {
        self.paragraph(style, &[Run::plain(text)]);
    }

    fn run(&mut self, run: &Run) {
        self.body.push_str("<w:r>");
        if run.bold || run.raised {
            let bold = if run.bold { "<w:b/>" } else { "" };
            let raised = if run.raised { "<w:vertAlign w:val=\"superscript\"/>" } else { "" };
            let _ = write!(self.body, "<w:rPr>{bold}{raised}</w:rPr>");
        }
        let _ = write!(self.body, "<w:t xml:space=\"preserve\">{}</w:t></w:r>", quoted(&run.text));
    }

    /// A ruled table; `shares` are the widths of its columns beside each other, the first `heads` rows stand on every page.
    pub fn table(&mut self, shares: &[usize], heads: usize, rows: &[Vec<Cell>]) {
        let all = if self.landscape { WIDTH * 3 / 2 } else { WIDTH };
        let whole: usize = shares.iter().sum::<usize>().max(1);
        let widths: Vec<usize> = shares.iter().map(|share| all * share / whole).collect();
        self.body.push_str("<w:tbl><w:tblPr><w:tblStyle w:val=\"Ruled\"/><w:tblW w:w=\"0\" w:type=\"auto\"/>");
        self.body.push_str("<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
        for width in &widths {
            let _ = write!(self.body, "<w:gridCol w:w=\"{width}\"/>");
        }
        self.body.push_str("</w:tblGrid>");
        for (at, row) in rows.iter().enumerate() {
            self.body.push_str("<w:tr>");
            if at < heads {
                self.body.push_str("<w:trPr><w:tblHeader/></w:trPr>");
            }
            let mut column = 0;
            for cell in row {
                let width: usize = widths.iter().skip(column).take(cell.columns).sum();
                self.cell(cell, width);
                column += cell.columns;
            }
            self.body.push_str("</w:tr>");
        }
        // Word asks for a paragraph between a table and the end.
        self.body.push_str("</w:tbl><w:p><w:pPr><w:pStyle w:val=\"Note\"/></w:pPr></w:p>");
    }

    fn cell(&mut self, cell: &Cell, width: usize) {
        let _ = write!(self.body, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>");
        if cell.columns > 1 {
            let _ = write!(self.body, "<w:gridSpan w:val=\"{}\"/>", cell.columns);
        }
        match cell.rows {
            Some(true) => self.body.push_str("<w:vMerge w:val=\"restart\"/>"),
            Some(false) => self.body.push_str("<w:vMerge/>"),
            None => {}
        }
        self.body.push_str("<w:vAlign w:val=\"center\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"Cell\"/>");
        if cell.centred {
            self.body.push_str("<w:jc w:val=\"center\"/>");
        }
        self.body.push_str("</w:pPr>");
        if !cell.text.is_empty() {
            self.run(&Run { text: cell.text.clone(), bold: cell.bold, raised: false });
        }
        self.body.push_str("</w:p></w:tc>");
    }

    /// The file.
    pub fn save(self) -> Result<Vec<u8>, OoxmlError> {
        let page = if self.landscape {
            "<w:pgSz w:w=\"16838\" w:h=\"11906\" w:orient=\"landscape\"/>"
        } else {
            "<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"
        };
        let margins = "<w:pgMar w:top=\"2098\" w:right=\"1474\" w:bottom=\"1984\" w:left=\"1588\" w:header=\"851\" \
                       w:footer=\"992\" w:gutter=\"0\"/>";
        let document = format!(
            "{HEAD}<w:document {W}><w:body>{}<w:sectPr>{page}{margins}</w:sectPr></w:body></w:document>",
            self.body
        );
        let core = format!(
            "{HEAD}<cp:coreProperties \
             xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title></cp:coreProperties>",
            quoted(&self.title)
        );
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        add(&mut out, "[Content_Types].xml", &format!("{HEAD}{TYPES}"))?;
        add(&mut out, "_rels/.rels", &format!("{HEAD}{RELATIONS}"))?;
        add(&mut out, "word/document.xml", &document)?;
        add(&mut out, "word/_rels/document.xml.rels", &format!("{HEAD}{PARTS}"))?;
        add(&mut out, "word/styles.xml", &format!("{HEAD}{}", styles()))?;
        add(&mut out, "docProps/core.xml", &core)?;
        Ok(out.finish().map_err(|_| OoxmlError::Broken("zip".into()))?.into_inner())
    }
}

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
    <Override PartName=\"/word/document.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>\
    <Override PartName=\"/docProps/core.xml\" \
    ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";

const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"word/document.xml\"/><Relationship Id=\"rId2\" \
    Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
    Target=\"docProps/core.xml\"/></Relationships>";

const PARTS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" \
    Target=\"styles.xml\"/></Relationships>";

/// What offices use on paper: titles in 黑体, text in 仿宋 of size three, lines of 28 points.
fn styles() -> String {
    let font =
        |name: &str| format!("<w:rFonts w:ascii=\"{name}\" w:hAnsi=\"{name}\" w:eastAsia=\"{name}\" w:cs=\"{name}\"/>");
    let size = |half_points: u32| format!("<w:sz w:val=\"{half_points}\"/><w:szCs w:val=\"{half_points}\"/>");
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
             <w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    let line = "<w:spacing w:line=\"560\" w:lineRule=\"exact\"/>";
    let border = |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>");
    let borders: String = ["top", "left", "bottom", "right", "insideH", "insideV"].map(border).concat();
    let kinds = [
        style(
            "Title",
            "Title",
            "<w:spacing w:before=\"240\" w:after=\"120\"/><w:jc w:val=\"center\"/>",
            &format!("{}{}", font("黑体"), size(44)),
        ),
        style("Subtitle", "Subtitle", "<w:spacing w:after=\"240\"/><w:jc w:val=\"center\"/>", &size(28)),
        style(
            "Heading1",
            "heading 1",
            &format!(
                "<w:keepNext/>{line}<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/><w:outlineLvl w:val=\"0\"/>"
            ),
            &format!("{}{}", font("黑体"), size(32)),
        ),
        style("Body", "Body Text", &format!("{line}<w:ind w:firstLineChars=\"200\" w:firstLine=\"640\"/>"), &size(32)),
        style("Note", "Note", "<w:spacing w:before=\"60\"/>", &size(21)),
        style("Signed", "Signed", &format!("{line}<w:jc w:val=\"right\"/>"), &size(32)),
        style("Cell", "Cell", "<w:spacing w:before=\"20\" w:after=\"20\"/>", &size(21)),
    ];
    format!(
        "<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{}{}<w:lang w:val=\"zh-CN\" w:eastAsia=\"zh-CN\"/></w:rPr>\
         </w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\">\
         <w:name w:val=\"Normal\"/></w:style>{}<w:style w:type=\"table\" w:styleId=\"Ruled\"><w:name w:val=\"Ruled\"/>\
         <w:tblPr><w:tblBorders>{borders}</w:tblBorders></w:tblPr></w:style></w:styles>",
        font("仿宋"),
        size(32),
        kinds.concat()
    )
}
