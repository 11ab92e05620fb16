//! Measures the import of a large roster: reading, comparing, writing, and the most memory it took.
//!
//! `import_bench DIVISIONS.csv PLACE ROWS DATABASE_URL`: the divisions of a place to spread the people over, how many, and
//! a fresh database. Run it in release.

use std::{error::Error, time::Instant};

use base::{
    db::{Access, Db, Kind, sql},
    kernel::{Clock, DivisionCode, Level},
    seal::Keys,
    sheet::{Column, Format, Layout, Table},
};
use lianxin::{
    accounts::Actor,
    app::{App, MIGRATIONS},
    demo::scale::{RosterRow, RosterVillage, roster},
    housekeeping,
    imports::Mapping,
    intake::{self, Aim, File, FileKind},
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [divisions, place, rows, url] = arguments.as_slice() else {
        return Err("import_bench DIVISIONS.csv PLACE ROWS DATABASE_URL".into());
    };
    let place = DivisionCode::parse(place).ok_or("PLACE is no division code")?;
    let divisions = std::fs::read(divisions)?;
    let rows: usize = rows.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(divisions, place, rows, url))
}

async fn measure(divisions: Vec<u8>, place: DivisionCode, rows: usize, url: &str) -> Result<(), Box<dyn Error>> {
    let db = Db::open(url, Access::Write).await?;
    db.migrate(&MIGRATIONS).await?;
    let files = std::env::temp_dir().join("lianxin-import-bench");
    let app = App::new(db, Keys::from_root(&[7; 32]), Clock::system(), files, None, false)?;
    bring(&app, FileKind::Divisions, divisions, "divisions.csv", None).await?;
    let bytes = workbook(&app, place, rows).await?;
    println!("workbook of {rows} rows: {} bytes", bytes.len());
    reset_peak();
    bring(&app, FileKind::Roster, bytes.clone(), "roster.xlsx", Some(place)).await?;
    println!("  peak memory {} MB", peak() / 1024);
    bring(&app, FileKind::Roster, bytes, "roster.xlsx", Some(place)).await?;
    for table in ["person", "posting", "posting_event", "fact", "rollup_day", "rollup_month", "distinct_month"] {
        let count = match table {
            "person" => sql("select count(*) from person"),
            "posting" => sql("select count(*) from posting"),
            "posting_event" => sql("select count(*) from posting_event"),
            "fact" => sql("select count(*) from fact"),
            "rollup_day" => sql("select count(*) from rollup_day"),
            "rollup_month" => sql("select count(*) from rollup_month"),
            _ => sql("select count(*) from distinct_month"),
        };
        println!("  {table}: {}", app.db.read().await?.value::<i64>(count).await?);
    }
    println!(
        "  {} bytes on disk, {}",
        app.db.size().await?,
        if app.db.kind() == Kind::Sqlite { "SQLite" } else { "PostgreSQL" }
    );
    app.db.close().await;
    Ok(())
}

async fn bring(
    app: &App,
    kind: FileKind,
    bytes: Vec<u8>,
    name: &str,
    place: Option<DivisionCode>,
) -> Result<(), Box<dyn Error>> {
    let actor = Actor::command_line(app.clock);
    let whole = Instant::now();
    let mut conn = app.db.read().await?;
    let index = intake::index(&mut conn, kind, place).await?;
    let file = File { kind, bytes, name: name.into(), mapping: Mapping::default(), index, today: actor.today };
    let (book, parsed) = intake::read(&file)?;
    drop((book, file));
    let read = whole.elapsed();
    let aim = Aim { place, batch_number: None, today: actor.today };
    let ready = intake::plan(&mut conn, app, parsed, &aim, &actor).await.map_err(|error| error.say().zh())?;
    drop(conn);
    let planned = whole.elapsed() - read;
    let report = if ready.report.changes() {
        let _ = app.db.longest_write();
        let writing = Instant::now();
        let report = intake::write(app, ready, None, &actor).await.map_err(|error| format!("{error:?}"))?;
        println!("  written in {:.2?}, the writer held {:.2?} at most", writing.elapsed(), app.db.longest_write());
        let tidying = Instant::now();
        housekeeping::finish(&app.db).await?;
        println!("  tidied in {:.2?}, the writer held {:.2?} at most", tidying.elapsed(), app.db.longest_write());
        report
    } else {
        ready.report
    };
    println!(
        "{}: {:.2?} (read {read:.2?}, compare {planned:.2?}); read {} created {} updated {} unchanged {} rejected {}",
        kind.code(),
        whole.elapsed(),
        report.read,
        report.created,
        report.updated,
        report.unchanged,
        report.rejected
    );
    for problem in report.problems.iter().take(3) {
        println!("  row {} {}: {}", problem.row, problem.code, problem.message);
    }
    Ok(())
}

/// The people spread over the villages of the place, as an .xlsx.
async fn workbook(app: &App, place: DivisionCode, rows: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let divisions = lianxin::places::store::list(&mut app.db.read().await?, place.area()).await?;
    let names: std::collections::HashMap<DivisionCode, String> =
        divisions.iter().map(|division| (division.code, division.name.clone())).collect();
    let villages: Vec<RosterVillage> = divisions
        .iter()
        .filter(|division| division.level() == Level::Village)
        .map(|division| RosterVillage {
            code: division.code,
            name: division.short(),
            township: names.get(&division.parent).cloned().unwrap_or_default(),
        })
        .collect();
    let columns = RosterRow::HEADER.map(Column::new).to_vec();
    let made = roster(1, &villages, rows);
    let rows = made.iter().map(|row| row.cells().into_iter().map(Into::into).collect());
    let table = Table { layout: Layout::new("名册", columns), rows: rows.collect() };
    Ok(table.to_bytes(Format::Xlsx)?)
}

/// Forgets the highest memory so far, where the system lets us.
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory this process held, in kB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}
