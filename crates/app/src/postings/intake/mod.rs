//! Taking in a roster: what its rows mean against what is stored ([`plan`]), then all of it in one transaction
//! ([`apply`]). Planning reads alone and may take its time; applying holds the one writer as briefly as it can.
//!
//! A row is *created* when it brings a posting, *updated* when it changes a posting or a person, *unchanged* when
//! everything it says is known. The same file again therefore changes nothing. Of two clashing rows, or a row that
//! clashes with a stored posting, the later is the problem.

mod known;
mod plan;
mod write;

use base::{
    db::Conn,
    kernel::{CountyId, Day, DivisionCode},
    sheet::{Book, SheetError},
    web::AppError,
};
use serde::Serialize;

pub use plan::{Aim, Plan, plan};
pub use write::apply;

use super::import::{self, Context, RosterRow};
use crate::{
    imports::{Mapping, Outcome, PlaceIndex, Problem},
    places,
};

/// What an import came to, as `lianxin import --json` prints it. Counts are rows and add up to `read`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub read: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub rejected: usize,
    pub problems: Vec<ReportProblem>,
    pub warnings: Vec<ReportProblem>,
    /// The batch that new postings went to, and whether it was made for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchNote>,
    /// Units that were not known and are now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units_created: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_columns: Vec<String>,
    /// Nothing was written: a trial, or all-or-nothing with a problem.
    pub applied: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchNote {
    pub number: i64,
    pub created: bool,
}

/// A problem as others read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportProblem {
    pub row: u32,
    pub column: String,
    pub code: String,
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl From<&Problem> for ReportProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            row: problem.spot.row,
            column: problem.column.clone(),
            code: problem.code.to_owned(),
            message: problem.message.clone(),
            sheet: problem.spot.sheet.clone(),
            suggestion: problem.suggestion.clone(),
        }
    }
}

/// The divisions of a place as an index to look names up in.
pub async fn place_index(conn: &mut Conn, place: DivisionCode) -> Result<PlaceIndex, AppError> {
    let divisions = places::store::list(conn, place.area()).await?;
    Ok(PlaceIndex::new(divisions.into_iter().map(|d| (d.code, d.name.clone(), d.level())).collect()))
}

/// Reads a file's bytes as a roster of a place.
pub fn read(
    bytes: &[u8],
    file_name: &str,
    mapping: &Mapping,
    index: &PlaceIndex,
    today: Day,
) -> Result<(Book, Outcome<RosterRow>), SheetError> {
    let book = base::sheet::read(bytes, file_name)?;
    let outcome = import::interpret(&book, mapping, &Context { places: index, today, assume_since: None });
    Ok((book, outcome))
}

/// The tenant that keeps people and units which a roster of this place brings.
#[must_use]
pub fn keeper(place: DivisionCode) -> CountyId {
    place.county()
}
