//! Whole files into a database that holds nothing but divisions, on both databases; and the wizard by a named office.

mod matters;
mod pages;
mod registers;
mod rosters;
mod round;
mod staging;

use base::{
    db::sql,
    kernel::{Clock, Day, DivisionCode, IdNumber},
    seal::Keys,
    sheet::{Column, Format, Layout, Table},
    testing::TestDb,
    web::AppError,
};

use super::{Aim, File, FileKind, Ready, index, plan, planning, read, write};
use crate::{
    accounts::Actor,
    app::App,
    imports::{Mapping, Report},
};

pub const COUNTY: &str = "411327000000";
const DIVISIONS: &[u8] = include_bytes!("../../../data/divisions/411327_2020.csv");
pub const SHEQI: &[u8] = include_bytes!("../../../testdata/rosters/sheqi_roster.xlsx");

pub fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).unwrap()
}

/// A database with the divisions of 社旗 and nothing else; the day is 2024-01-18.
pub async fn bare(db: &TestDb) -> App {
    let clock = Clock::fixed(Day::new(2024, 1, 18).unwrap());
    let files = db.folder().join("files");
    let app = App::new(db.db().clone(), Keys::from_root(&[7; 32]), clock, files, None, false).unwrap();
    let report = bring_to(&app, FileKind::Divisions, DIVISIONS, "411327.csv", None, true).await.unwrap();
    assert_eq!((report.created, report.rejected), (report.read, 0));
    app
}

/// As the command line does: read, compare, write.
pub async fn bring_to(
    app: &App,
    kind: FileKind,
    bytes: &[u8],
    name: &str,
    place: Option<&str>,
    commit: bool,
) -> Result<Report, AppError> {
    let actor = Actor::command_line(app.clock);
    let ready = compare(app, kind, bytes, name, place).await?;
    if !ready.report.changes() {
        return Ok(ready.report);
    }
    if commit {
        return write(app, ready, None, &actor).await;
    }
    let mut tx = app.db.begin().await?;
    planning::apply(&mut tx, app, ready, &actor).await
}

/// Reads a file and compares it with what is stored.
pub async fn compare(
    app: &App,
    kind: FileKind,
    bytes: &[u8],
    name: &str,
    place: Option<&str>,
) -> Result<Ready, AppError> {
    let actor = Actor::command_line(app.clock);
    let place = place.map(code);
    let mut conn = app.db.read().await?;
    let index = index(&mut conn, kind, place).await?;
    let file =
        File { kind, bytes: bytes.to_vec(), name: name.into(), mapping: Mapping::default(), index, today: actor.today };
    let (_, parsed) = read(&file).unwrap();
    let aim = Aim { place, batch_number: None, today: actor.today };
    plan(&mut conn, app, parsed, &aim, &actor).await
}

pub async fn bring(app: &App, kind: FileKind, bytes: &[u8], name: &str) -> Report {
    bring_to(app, kind, bytes, name, Some(COUNTY), true).await.unwrap()
}

/// created, updated, unchanged, rejected
pub fn counts(report: &Report) -> (usize, usize, usize, usize) {
    assert_eq!(report.read, report.created + report.updated + report.unchanged + report.rejected);
    (report.created, report.updated, report.unchanged, report.rejected)
}

/// A small table as .xlsx: the first line holds the headers, cells are apart by `|`.
pub fn sheet(lines: &[&str]) -> Vec<u8> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let columns = cells(lines[0]).iter().map(|header| Column::new(header)).collect();
    let rows = lines[1..].iter().map(|line| cells(line).into_iter().map(Into::into).collect()).collect();
    Table { layout: Layout::new("名册", columns), rows }.to_bytes(Format::Xlsx).unwrap()
}

/// A valid fictional identity number.
pub fn id(n: u32) -> String {
    let birth = Day::new(1980 + i16::try_from(n % 20).unwrap(), 5, 3).unwrap();
    IdNumber::compose(999_999, birth, n).unwrap().reveal().to_owned()
}

pub async fn count(app: &App, query: &'static str) -> i64 {
    app.db.read().await.unwrap().value(sql(query)).await.unwrap()
}

/// Every roll-up of a village says what the facts under it say, and every village what its postings say.
pub async fn consistent(app: &App) {
    let facts =
        count(app, "select cast(coalesce(sum(amount), 0) as bigint) from live_fact where division % 1000 <> 0").await;
    let sums = "select cast(coalesce(sum(amount), 0) as bigint) from live_rollup_day where division % 1000 <> 0";
    assert_eq!(facts, count(app, sums).await, "facts and the roll-ups of villages");
    let covered = "select cast(coalesce(sum(amount), 0) as bigint) from live_fact where indicator = 'village.posted'";
    let held = "select count(distinct village) from live_posting where state = 'on_post'";
    assert_eq!(count(app, covered).await, count(app, held).await, "villages covered");
    let locks = "select count(*) from post_holder";
    let on_post = "select count(*) from live_posting where state = 'on_post'";
    assert_eq!(count(app, locks).await, count(app, on_post).await, "people held");
}
