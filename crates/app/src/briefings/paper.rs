//! A briefing as a file: plain text, .docx, PDF. A figure changed by hand carries ※ and its number, and below stands what
//! was computed; every figure stands with its source at the end.

use base::{
    kernel::{Day, DivisionCode},
    ooxml::{Run, Style, Writer, WriterCell},
    web::{AppError, AppResult},
};
use print::{Briefing as Sheet, BriefingParagraph, Column, Press, Side, Table, Watch};

use super::{
    rules::{Draft, Figure, Paragraph, Part, State},
    store::Briefing,
};
use crate::spine::facts::{read::Span, written_span};

/// The files a briefing can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Txt,
    Docx,
    Pdf,
}

impl Format {
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
        }
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Txt => "text/plain; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }
}

/// What stands on paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    pub title: String,
    /// Place and period.
    sub: String,
    text: Vec<Paragraph>,
    figures: Vec<Figure>,
    place: DivisionCode,
    /// Who signed and when, or that nobody did.
    signed: String,
    counted_on: Day,
}

impl Paper {
    pub(super) fn of_draft(draft: &Draft, place_name: &str, place: DivisionCode, span: Span, today: Day) -> Self {
        Self {
            title: draft.title.clone(),
            sub: format!("{place_name}　{}", written_span(span)),
            text: draft.text.clone(),
            figures: draft.figures.clone(),
            place,
            signed: "草稿，未签发".into(),
            counted_on: today,
        }
    }

    pub(super) fn of(briefing: &Briefing, place_name: &str) -> Self {
        Self {
            title: briefing.title.clone(),
            sub: format!("{place_name}　{}", written_span(briefing.span)),
            text: briefing.text.clone(),
            figures: briefing.figures.iter().filter(|figure| !figure.removed).cloned().collect(),
            place: briefing.place,
            signed: match &briefing.state {
                State::Draft => "草稿，未签发".into(),
                State::Cancelled => "已作废".into(),
                State::Signed { by, on } => format!("{by}　{}签发", on.written()),
            },
            counted_on: briefing.counted_on,
        }
    }

    /// The file's content. A PDF takes a moment: callers in the server run it on a thread of its own.
    pub fn bytes(&self, format: Format) -> AppResult<Vec<u8>> {
        match format {
            Format::Txt => Ok(self.txt().into_bytes()),
            Format::Docx => self.docx(),
            Format::Pdf => self.pdf(),
        }
    }

    /// Figures that a hand has changed, in order; their place here is the number behind ※.
    fn by_hand(&self) -> Vec<&Figure> {
        self.figures.iter().filter(|figure| figure.hand.is_some()).collect()
    }

    fn mark(&self, position: i64) -> Option<String> {
        let at = self.by_hand().iter().position(|figure| figure.position == position)?;
        Some(format!("※{}", at + 1))
    }

    fn shown(&self, position: i64) -> &str {
        self.figures.iter().find(|figure| figure.position == position).map_or("", |figure| &figure.shown)
    }

    fn plain(&self, paragraph: &Paragraph) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Figure(position) => {
                format!("{}{}", self.shown(*position), self.mark(*position).unwrap_or_default())
            }
        };
        paragraph.parts.iter().map(part).collect()
    }

    /// What the marks mean, and what the text lacks.
    fn notes(&self) -> Vec<String> {
        let hand = |(at, figure): (usize, &&Figure)| {
            let (by, on) = figure.hand.as_ref().map_or(("", String::new()), |hand| (&hand.by, hand.on.written()));
            format!("※{} {}：系统算出 {}，{on}由{by}手改为 {}。", at + 1, figure.name, figure.computed, figure.shown)
        };
        let by_hand = self.by_hand();
        let mut notes: Vec<String> = by_hand.iter().enumerate().map(hand).collect();
        let missing: Vec<&str> =
            self.figures.iter().filter(|figure| figure.is_missing()).map(|figure| figure.name.as_str()).collect();
        if !missing.is_empty() {
            notes.push(format!("缺 {} 个数：{}；指标目录里还没有。", missing.len(), missing.join("、")));
        }
        notes
    }

    fn as_of(&self) -> String {
        format!("数字按{}的记录计算；{}", self.counted_on.written(), self.signed)
    }

    /// Name, code, as it stands, as it was computed.
    fn sources(&self) -> Vec<[String; 4]> {
        let line = |figure: &Figure| {
            let shown = match self.mark(figure.position) {
                Some(mark) => format!("{}{mark}", figure.shown),
                None if figure.is_missing() => "缺".into(),
                None => figure.shown.clone(),
            };
            let computed = if figure.amount.is_some() { figure.computed.clone() } else { "—".into() };
            [figure.name.clone(), figure.code.clone(), shown, computed]
        };
        let mut lines: Vec<[String; 4]> = Vec::new();
        for figure in &self.figures {
            let line = line(figure);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }

    fn source_title(&self) -> String {
        format!("数字来源（{}，代码 {}）", self.sub.replace('　', "，"), self.place)
    }

    /// Plain text: what a message or an e-mail takes.
    #[must_use]
    pub fn txt(&self) -> String {
        let mut lines = vec![self.title.clone(), self.sub.clone(), String::new()];
        for paragraph in &self.text {
            let text = self.plain(paragraph);
            lines.push(if paragraph.heading { text } else { format!("　　{text}") });
        }
        lines.push(String::new());
        lines.extend(self.notes());
        lines.push(self.as_of());
        lines.push(String::new());
        lines.join("\n")
    }

    fn docx(&self) -> AppResult<Vec<u8>> {
        let mut writer = Writer::new(&self.title);
        writer.line(Style::Title, &self.title);
        writer.line(Style::Sub, &self.sub);
        for paragraph in &self.text {
            let style = if paragraph.heading { Style::Heading } else { Style::Body };
            let mut runs = Vec::new();
            for part in &paragraph.parts {
                match part {
                    Part::Text(text) => runs.push(Run::plain(text)),
                    Part::Figure(position) => {
                        runs.push(Run::plain(self.shown(*position)));
                        if let Some(mark) = self.mark(*position) {
                            runs.push(Run { text: mark, bold: true, raised: true });
                        }
                    }
                }
            }
            writer.paragraph(style, &runs);
        }
        writer.line(Style::Signed, &self.signed);
        for note in self.notes() {
            writer.line(Style::Note, &note);
        }
        writer.line(Style::Note, &self.source_title());
        let head = ["指标", "代码", "正文", "系统算出"].map(|head| WriterCell::new(head).head());
        let rows = self.sources().into_iter().map(|line| line.map(WriterCell::new).to_vec());
        let rows: Vec<Vec<WriterCell>> = std::iter::once(head.to_vec()).chain(rows).collect();
        writer.table(&[30, 32, 19, 19], 1, &rows);
        writer.line(Style::Note, &self.as_of());
        writer.save().map_err(|error| AppError::Internal(error.into()))
    }

    fn pdf(&self) -> AppResult<Vec<u8>> {
        let paragraph = |one: &Paragraph| BriefingParagraph { heading: one.heading, text: self.plain(one) };
        let heads = [("指标", 3.0), ("代码", 3.2), ("正文", 1.9), ("系统算出", 1.9)];
        let sheet = Sheet {
            title: self.title.clone(),
            sub: self.sub.clone(),
            paragraphs: self.text.iter().map(paragraph).collect(),
            signed: self.signed.clone(),
            notes: self.notes(),
            source_title: self.source_title(),
            sources: Table {
                columns: heads.map(|(head, share)| Column::new(head, share, Side::Left)).into(),
                rows: self.sources().into_iter().map(Vec::from).collect(),
            },
            as_of: self.as_of(),
        };
        let mut out = Vec::new();
        print::briefing(&Press::new(), &sheet, &mut out, &Watch::none())
            .map_err(|error| AppError::Internal(error.into()))?;
        Ok(out)
    }
}
