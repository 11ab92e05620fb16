//! A file's bytes as rows of its kind. Pure but for the index of places, and slow for large files: callers in the
//! server run it on a thread of its own.

use base::{
    db::Conn,
    kernel::{Day, DivisionCode},
    sheet::{Book, SheetError, Table},
    web::AppError,
};

use super::FileKind;
use crate::{
    imports::{
        Inherited, Mapping, Outcome, PlaceIndex, Report, ReportProblem,
        cadres::{self, CadreRow},
        divisions::{self, DivisionRow},
        households::{self, HouseholdRow},
        matters::{self, OrderRow},
        rejects_of, sources,
        units::{self, UnitRow},
        villages::{self, VillageRow},
    },
    places,
    postings::import::{self, Context, RosterRow},
};

/// What is needed to read a file.
pub struct File {
    pub kind: FileKind,
    pub bytes: Vec<u8>,
    /// Only to say what was wrong with it.
    pub name: String,
    pub mapping: Mapping,
    /// The divisions of the place it is for.
    pub index: PlaceIndex,
    pub today: Day,
}

/// The rows of a file.
pub enum Rows {
    Roster(Outcome<RosterRow>),
    Villages(Outcome<VillageRow>),
    Units(Outcome<UnitRow>),
    Cadres(Outcome<CadreRow>),
    Divisions(Outcome<DivisionRow>),
    Households(Outcome<HouseholdRow>),
    Matters(Outcome<OrderRow>),
}

/// A file as read.
pub struct Parsed {
    pub rows: Rows,
    pub kind: FileKind,
}

/// The divisions of a place as an index to look names up in; kinds that name no village need none.
pub async fn index(conn: &mut Conn, kind: FileKind, place: Option<DivisionCode>) -> Result<PlaceIndex, AppError> {
    match (kind, place) {
        (FileKind::Roster | FileKind::Villages | FileKind::Households | FileKind::Matters, Some(place)) => {
            let divisions = places::store::list(conn, place.area()).await?;
            Ok(PlaceIndex::new(divisions.into_iter().map(|d| (d.code, d.name.clone(), d.level())).collect()))
        }
        _ => Ok(PlaceIndex::default()),
    }
}

/// Reads a file by its mapping.
pub fn read(file: &File) -> Result<(Book, Parsed), SheetError> {
    let book = base::sheet::read(&file.bytes, &file.name)?;
    let mapping = &file.mapping;
    let rows = match file.kind {
        FileKind::Roster => Rows::Roster(import::interpret(&book, mapping, &file.context())),
        FileKind::Villages => Rows::Villages(villages::interpret(&book, mapping, &file.index)),
        FileKind::Units => Rows::Units(units::interpret(&book, mapping)),
        FileKind::Cadres => Rows::Cadres(cadres::interpret(&book, mapping)),
        FileKind::Divisions => Rows::Divisions(divisions::interpret(&book, mapping)),
        FileKind::Households => Rows::Households(households::interpret(&book, mapping, &file.index, file.today)),
        FileKind::Matters => Rows::Matters(matters::interpret(&book, mapping, &file.index, file.today)),
    };
    Ok((book, Parsed { rows, kind: file.kind }))
}

impl File {
    pub(super) fn context(&self) -> Context<'_> {
        Context { places: &self.index, today: self.today, assume_since: None }
    }

    /// The rows that have problems, as a sheet that can be mended and brought again.
    #[must_use]
    pub fn rejects(&self, book: &Book, problems: &[ReportProblem], inherited: &Inherited) -> Table {
        match self.kind {
            FileKind::Roster => import::rejects(book, &self.mapping, &self.context(), problems, inherited),
            FileKind::Villages
            | FileKind::Units
            | FileKind::Cadres
            | FileKind::Divisions
            | FileKind::Households
            | FileKind::Matters => {
                let sources = sources(self.kind.table(), book, &self.mapping);
                sources.map(|sources| rejects_of(&sources, problems, inherited)).unwrap_or_default()
            }
        }
    }
}

impl Parsed {
    /// What reading alone says.
    #[must_use]
    pub fn report(&self) -> Report {
        match &self.rows {
            Rows::Roster(outcome) => Report::of(outcome),
            Rows::Villages(outcome) => Report::of(outcome),
            Rows::Units(outcome) => Report::of(outcome),
            Rows::Cadres(outcome) => Report::of(outcome),
            Rows::Divisions(outcome) => Report::of(outcome),
            Rows::Households(outcome) => Report::of(outcome),
            Rows::Matters(outcome) => Report::of(outcome),
        }
    }

    /// What rejected rows had from their surroundings, for [`File::rejects`].
    #[must_use]
    pub fn inherited(&self) -> Inherited {
        match &self.rows {
            Rows::Roster(outcome) => outcome.inherited.clone(),
            Rows::Villages(_)
            | Rows::Units(_)
            | Rows::Cadres(_)
            | Rows::Divisions(_)
            | Rows::Households(_)
            | Rows::Matters(_) => Inherited::new(),
        }
    }
}
