//! 一人一档: a cadre's whole file. Visible results and groundwork stand apart.

use std::io::Write;

use serde::Serialize;

use crate::{
    Error, Pair, Picture, Press, Printed, Table, Template, Watch,
    cards::portrait,
    run::{Chunk, piece},
    table::inputs,
};

#[derive(Debug, Clone, Default, Serialize)]
pub struct Fact {
    pub day: String,
    pub what: String,
    /// The figure with its unit, where there is one: 3 件.
    pub figure: String,
}

/// The facts of one group of measures in one quarter.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Group {
    pub title: String,
    /// 显绩.
    pub visible: Vec<Fact>,
    /// 潜绩.
    pub groundwork: Vec<Fact>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Quarter {
    /// 2026年第三季度.
    pub title: String,
    pub groups: Vec<Group>,
}

/// Anything else: log extracts, training, contests, comments. One without rows reads 无记录.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Section {
    pub title: String,
    pub note: String,
    pub table: Table,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Dossier {
    /// 驻村干部档案.
    pub title: String,
    pub name: String,
    /// Under the name: present post and village.
    pub post: String,
    #[serde(skip)]
    pub portrait: Option<Picture>,
    /// Basic data, two to a line.
    pub basics: Vec<Pair>,
    pub postings: Table,
    pub quarters: Vec<Quarter>,
    pub sections: Vec<Section>,
    /// Who keeps the file.
    pub keeper: String,
    /// The day of the data as it shall read.
    pub as_of: String,
}

pub fn dossier(press: &Press, dossier: &Dossier, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    if dossier.name.is_empty() {
        return Err(Error::Empty);
    }
    dossier.postings.check()?;
    for section in &dossier.sections {
        section.table.check()?;
    }
    let mut unreadable = Vec::new();
    let mut inputs = inputs(dossier)?;
    inputs.insert("portrait".into(), portrait(dossier.portrait.as_ref(), 0, &mut unreadable));
    piece(press, Template::Dossier, Chunk { inputs, unreadable }, out, watch)
}
