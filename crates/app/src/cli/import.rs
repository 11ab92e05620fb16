//! `lianxin import`: a workbook or CSV file into the registers, with the same reading and writing as the pages.

use std::{path::Path, process::ExitCode};

use base::{db::Access, kernel::DivisionCode, sheet::Format};

use super::{
    args::ImportKind,
    open::open,
    run::{Done, Stop, config_from, print_json},
};
use crate::{
    accounts::Actor,
    app::App,
    config::Config,
    housekeeping,
    imports::{self, Mapping, Problem, Report},
    intake::{self, Aim, File, FileKind},
    packs::store::setting,
    places,
    spine::audit::{self, Change, Subject},
};

/// What was typed after `lianxin import KIND`.
pub struct Order {
    pub kind: ImportKind,
    pub place: Option<DivisionCode>,
    pub batch: Option<i64>,
    pub dry_run: bool,
    pub all_or_nothing: bool,
    pub rejects: Option<std::path::PathBuf>,
    pub json: bool,
}

/// Writes the empty form of a kind.
pub fn template(kind: ImportKind, out: &Path) -> Done {
    std::fs::write(out, imports::template(kind.file_kind().table()).to_bytes(format_of(out))?)?;
    eprintln!("空表已写到 {}", out.display());
    Ok(ExitCode::SUCCESS)
}

/// Reads the file, plans against the store, writes, and prints what came of it.
pub async fn run(order: Order, file: &Path) -> Done {
    let access = if order.dry_run { Access::Read } else { Access::Write };
    let app = open(&config_from(None)?, access, true, None, false).await?.app;
    let bytes = std::fs::read(file).map_err(|error| Stop::from(format!("读不了文件 {}：{error}", file.display())))?;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    if access == Access::Write {
        housekeeping::take_over(&app.db).await?;
    }
    let taken = take_in(&app, &order, bytes, name).await;
    if access == Access::Write {
        // What was staged is let go, or taken out, before this process ends; killed here, the next one does it.
        housekeeping::finish(&app.db).await?;
    }
    let report = taken?;
    app.db.optimize().await.ok();
    app.db.close().await;
    finish(&order, &report)
}

fn finish(order: &Order, report: &Report) -> Done {
    if order.json {
        print_json(&report.clone().plain())?;
    } else {
        print_words(report);
    }
    // A file that could not be read at all is a failure; so is all-or-nothing with a problem.
    let refused = order.all_or_nothing && report.rejected > 0;
    Ok(if report.is_refused() || refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print_words(report: &Report) {
    println!(
        "读入 {} 行：新增 {}，更新 {}，不变 {}，退回 {}。",
        report.read, report.created, report.updated, report.unchanged, report.rejected
    );
    if let Some(batch) = &report.batch {
        println!("记入第 {} 批{}。", batch.number, if batch.created { "（新建）" } else { "" });
    }
    if !report.units_created.is_empty() {
        println!("新建单位 {} 个：{}", report.units_created.len(), report.units_created.join("、"));
    }
    for problem in &report.problems {
        println!("第 {} 行 {} [{}] {}", problem.row, problem.column, problem.code, problem.message);
    }
    if !report.applied {
        println!("没有写入。");
    }
}

/// The place a file is for: as typed, else the installation's own.
pub(super) async fn place_of(app: &App, place: Option<DivisionCode>) -> Result<DivisionCode, Stop> {
    let mut conn = app.db.read().await?;
    if let Some(place) = place {
        if places::store::find(&mut conn, place).await?.is_none() {
            return Err(Stop::from(format!("没有区划 {place}；请先导入区划：lianxin import divisions 文件")));
        }
        return Ok(place);
    }
    let home = setting(&mut conn, DivisionCode::NATION.county(), "home").await?;
    home.and_then(|text| DivisionCode::parse(&text))
        .ok_or_else(|| Stop::from("请用 --place 写明是哪个地方，例如 --place 411327000000"))
}

/// The place that a kind of file is for: divisions may do without.
async fn place_for(app: &App, order: &Order) -> Result<Option<DivisionCode>, Stop> {
    match (order.kind.file_kind(), order.place) {
        (FileKind::Divisions, place) => Ok(place),
        (
            FileKind::Roster
            | FileKind::Villages
            | FileKind::Units
            | FileKind::Cadres
            | FileKind::Households
            | FileKind::Matters,
            place,
        ) => place_of(app, place).await.map(Some),
    }
}

async fn take_in(app: &App, order: &Order, bytes: Vec<u8>, name: String) -> Result<Report, Stop> {
    let place = place_for(app, order).await?;
    let actor = Actor::command_line(app.clock);
    let mut conn = app.db.read().await?;
    let kind = order.kind.file_kind();
    let index = intake::index(&mut conn, kind, place).await?;
    let file = File { kind, bytes, name, mapping: Mapping::default(), index, today: actor.today };
    let (book, parsed) = match intake::read(&file) {
        Ok(read) => read,
        Err(error) => return Ok(Report::refused(&Problem::of_file(&error))),
    };
    let inherited = parsed.inherited();
    let aim = Aim { place, batch_number: order.batch, today: actor.today };
    // The book is large; it is kept only where failed rows are to be written from it.
    let book = order.rejects.is_some().then_some(book);
    let ready = intake::plan(&mut conn, app, parsed, &aim, &actor).await?;
    drop(conn);
    if let (Some(path), Some(book)) = (&order.rejects, book) {
        let table = file.rejects(&book, &ready.report.problems, &inherited);
        std::fs::write(path, table.to_bytes(format_of(path))?)?;
    }
    drop(file);
    let refused = order.all_or_nothing && ready.report.rejected > 0;
    if order.dry_run || refused || !ready.report.changes() {
        return Ok(ready.report);
    }
    Ok(intake::write(app, ready, None, &actor).await?)
}

pub(super) fn format_of(path: &Path) -> Format {
    if path.extension().is_some_and(|ext| ext == "csv") { Format::Csv } else { Format::Xlsx }
}

/// Writes what import reads.
pub async fn export(kind: ImportKind, place: Option<DivisionCode>, format: Option<Format>, out: &Path) -> Done {
    let config = config_from(None)?;
    let app = open(&config, Access::Read, false, None, false).await?.app;
    let kind = kind.file_kind();
    let place = match (kind, place) {
        (FileKind::Divisions, None) => DivisionCode::NATION,
        (_, place) => place_of(&app, place).await?,
    };
    let table = intake::export(&mut app.db.read().await?, &app, kind, place).await?;
    let format = format.unwrap_or_else(|| format_of(out));
    std::fs::write(out, table.to_bytes(format)?)?;
    app.db.close().await;
    if matches!(kind, FileKind::Roster | FileKind::Cadres | FileKind::Households | FileKind::Matters) {
        note_export(&config, kind, place, table.rows.len()).await?;
    }
    eprintln!("{} {} 行已写到 {}", kind.zh(), table.rows.len(), out.display());
    Ok(ExitCode::SUCCESS)
}

/// A list of people went out: that is noted, unless a running server holds the one writer of a SQLite database.
async fn note_export(config: &Config, kind: FileKind, place: DivisionCode, rows: usize) -> Result<(), Stop> {
    let Ok(opened) = open(config, Access::Write, false, None, false).await else {
        eprintln!("服务正在运行，这次导出没有记入审计。文件含个人信息，请妥善保管。");
        return Ok(());
    };
    let app = opened.app;
    let mut tx = app.db.begin().await?;
    let actor = Actor::command_line(app.clock);
    let id = place.to_string();
    let id_numbers = matches!(kind, FileKind::Roster | FileKind::Cadres);
    let after = serde_json::json!({"kind": kind.code(), "rows": rows, "id_numbers": id_numbers});
    let action = match kind {
        FileKind::Households => "export.households",
        FileKind::Matters => "export.matters",
        FileKind::Roster | FileKind::Cadres | FileKind::Villages | FileKind::Units | FileKind::Divisions => {
            "export.people"
        }
    };
    let subject = Subject { kind: "place", id: &id };
    audit::write(&mut tx, place.county(), &actor, action, subject, Change::made(after)).await?;
    tx.commit().await?;
    app.db.close().await;
    Ok(())
}
