//! 简报: prose for a place and a period, what was changed by hand, and where each figure comes from.

use std::io::Write;

use serde::Serialize;

use crate::{
    Error, Press, Printed, Table, Template, Watch,
    run::{Chunk, piece},
    table::inputs,
};

#[derive(Debug, Clone, Default, Serialize)]
pub struct BriefingParagraph {
    pub heading: bool,
    pub text: String,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Briefing {
    pub title: String,
    /// Place and period.
    pub sub: String,
    pub paragraphs: Vec<BriefingParagraph>,
    /// Who signed and when, or that nobody did.
    pub signed: String,
    pub notes: Vec<String>,
    pub source_title: String,
    pub sources: Table,
    /// The day of the data as it shall read.
    pub as_of: String,
}

pub fn briefing(press: &Press, briefing: &Briefing, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    if briefing.paragraphs.is_empty() {
        return Err(Error::Empty);
    }
    briefing.sources.check()?;
    piece(press, Template::Briefing, Chunk { inputs: inputs(briefing)?, unreadable: Vec::new() }, out, watch)
}
