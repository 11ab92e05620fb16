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
    imports::{self, Mapping, Problem},
    packs::store::setting,
    places,
    postings::{
        import,
        intake::{self, Aim, Report, ReportProblem},
    },
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
    let kind = match kind {
        ImportKind::Roster | ImportKind::Postings => &import::ROSTER,
        ImportKind::Divisions => &imports::divisions::DIVISIONS,
        ImportKind::Villages => &imports::villages::VILLAGES,
        ImportKind::Units => &imports::units::UNITS,
        ImportKind::Cadres => &imports::cadres::CADRES,
    };
    let format = if out.extension().is_some_and(|ext| ext == "csv") { Format::Csv } else { Format::Xlsx };
    std::fs::write(out, imports::template(kind).to_bytes(format)?)?;
    eprintln!("空表已写到 {}", out.display());
    Ok(ExitCode::SUCCESS)
}

/// Reads the file, plans against the store, writes, and prints what came of it.
pub async fn run(order: Order, file: &Path) -> Done {
    let access = if order.dry_run { Access::Read } else { Access::Write };
    let app = open(&config_from(None)?, access, true, None, false).await?.app;
    let bytes = std::fs::read(file).map_err(|error| Stop::from(format!("读不了文件 {}：{error}", file.display())))?;
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let report = match order.kind {
        ImportKind::Roster | ImportKind::Postings => roster(&app, &order, &bytes, &name).await?,
        _ => return Err(Stop::from("这类数据的导入还没有")),
    };
    app.db.optimize().await.ok();
    app.db.close().await;
    finish(&order, &report)
}

fn finish(order: &Order, report: &Report) -> Done {
    if order.json {
        print_json(report)?;
    } else {
        print_words(report);
    }
    // A file that could not be read at all is a failure; so is all-or-nothing with a problem.
    let whole_file = report.problems.iter().any(|problem| problem.row == 0);
    let refused = order.all_or_nothing && report.rejected > 0;
    Ok(if whole_file || refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
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

async fn roster(app: &App, order: &Order, bytes: &[u8], name: &str) -> Result<Report, Stop> {
    let place = place_of(app, order.place).await?;
    let actor = Actor::command_line(app.clock);
    let mut conn = app.db.read().await?;
    let index = intake::place_index(&mut conn, place).await?;
    let mapping = Mapping::default();
    let (book, outcome) = match intake::read(bytes, name, &mapping, &index, actor.today) {
        Ok(read) => read,
        Err(error) => {
            let problem = ReportProblem::from(&Problem::of_file(&error));
            return Ok(Report { problems: vec![problem], ..Report::default() });
        }
    };
    if let Some(path) = &order.rejects {
        let context = import::Context { places: &index, today: actor.today, assume_since: None };
        let format = if path.extension().is_some_and(|ext| ext == "csv") { Format::Csv } else { Format::Xlsx };
        std::fs::write(path, import::rejects(&book, &mapping, &context, &outcome).to_bytes(format)?)?;
    }
    drop(book);
    let pack = app.pack(&mut conn, place.county()).await?;
    let aim = Aim {
        place,
        batch_number: order.batch,
        today: actor.today,
        keys: &app.keys,
        county_guide_beside: pack.county_guide_beside(),
        term_months: pack.term_months(),
    };
    let mut plan = intake::plan(&mut conn, outcome, &aim).await?;
    drop(conn);
    let refused = order.all_or_nothing && plan.report.rejected > 0;
    if !order.dry_run && !refused && plan.report.created + plan.report.updated > 0 {
        let mut tx = app.db.begin().await?;
        intake::apply(&mut tx, app, &plan, &actor).await?;
        tx.commit().await?;
        plan.report.applied = true;
    }
    Ok(plan.report)
}
