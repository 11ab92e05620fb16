//! The steps of an import in the browser: keep the file, compare it, write it. Small files at once, large ones by a job.
//!
//! A job that was killed is claimed again: comparing again changes nothing, and writing marks the import applied in the
//! transaction that shows what it wrote, so it finds its import applied or applies it whole; what it had staged when it
//! was killed nobody sees, and housekeeping takes it out.

use base::{
    db::Tx,
    kernel::{Clock, DivisionCode, Instant},
    sheet::{Book, SheetError, Table},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde::{Deserialize, Serialize};

use super::{
    Aim, File, FileKind, Parsed, Ready, planning,
    reading::{self, index},
    runs::{self, Run, RunState, Setting},
    sketch::Sketch,
};
use crate::{
    accounts::Actor,
    app::App,
    imports::{Inherited, Mapping, Report},
    spine::{
        audit::{self, Change, Subject},
        files,
        jobs::{self, Job},
    },
};

/// Files of more rows are worked on by a job.
pub const LARGE: usize = 5_000;
/// The kind of its jobs.
pub const JOB: &str = "import";
/// Problems kept for the preview; a file with more is better sent back as a whole.
const MOST_PROBLEMS: usize = 20_000;
/// A job that was begun so often and never ended does harm.
const MOST_ATTEMPTS: i64 = 5;
/// What files are sealed for.
const SEALED: &str = "import.file";
const MEDIA_TYPE: &str = "application/octet-stream";

/// A file that somebody sends.
pub struct Upload {
    pub kind: FileKind,
    pub place: DivisionCode,
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A file looked at and sealed, ready to be kept.
pub struct Looked {
    kind: FileKind,
    place: DivisionCode,
    name: String,
    sealed: Vec<u8>,
    sketch: Sketch,
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> AppResult<T> + Send + 'static) -> AppResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.into()))?
}

/// Looks at a file; one that is no table is refused in words.
pub async fn look(app: &App, upload: Upload) -> AppResult<Looked> {
    let app = app.clone();
    apart(move || {
        let Upload { kind, place, name, bytes } = upload;
        let book = base::sheet::read(&bytes, &name).map_err(|error| no_table(&error))?;
        let sketch = Sketch::of(kind, &book, &Mapping::default());
        drop(book);
        let sealed = app.keys.seal_bytes(SEALED, &bytes)?;
        Ok(Looked { kind, place, name, sealed, sketch })
    })
    .await
}

fn no_table(error: &SheetError) -> AppError {
    Refusal::at("file", error.say()).into()
}

/// Keeps the file and begins its import.
pub async fn keep(tx: &mut Tx, app: &App, looked: Looked, actor: &Actor) -> AppResult<String> {
    let county = looked.place.county();
    let file = app.files.keep(tx, county, &looked.name, MEDIA_TYPE, &looked.sealed, actor).await?;
    let setting = Setting { sketch: looked.sketch, ..Setting::default() };
    let setting = serde_json::to_string(&setting).map_err(|error| AppError::Internal(error.into()))?;
    let id = runs::add(tx, looked.kind, looked.place, &file.id, &setting, actor).await?;
    let after = serde_json::json!({"kind": looked.kind.code(), "file": file.name, "size": file.size});
    let subject = Subject { kind: "import", id: &id };
    audit::write(tx, county, actor, "import.upload", subject, Change::made(after)).await?;
    Ok(id)
}

/// The kept file, as it was sent.
async fn file(app: &App, run: &Run, today: base::kernel::Day) -> AppResult<File> {
    let mut conn = app.db.read().await?;
    let stored = files::find(&mut conn, run.county, &run.file_id).await?.ok_or(AppError::NotFound)?;
    let index = index(&mut conn, run.kind, Some(run.place)).await?;
    drop(conn);
    let sealed = app.files.content(&stored).await.map_err(|error| AppError::Internal(error.into()))?;
    let bytes = app.keys.open_bytes(SEALED, &sealed)?;
    Ok(File { kind: run.kind, bytes, name: stored.name, mapping: run.setting.mapping.clone(), index, today })
}

/// Reads the kept file once more with another header row.
pub async fn sketch_again(app: &App, run: &Run, mapping: Mapping) -> AppResult<Sketch> {
    let file = file(app, run, app.clock.today()).await?;
    apart(move || {
        let book = base::sheet::read(&file.bytes, &file.name).map_err(|error| no_table(&error))?;
        Ok(Sketch::of(file.kind, &book, &mapping))
    })
    .await
}

/// Reads the kept file and compares it with what is stored.
async fn compare(app: &App, run: &Run, actor: &Actor) -> AppResult<Ready> {
    let file = file(app, run, actor.today).await?;
    let parsed: Parsed = apart(move || {
        let (_, parsed) = reading::read(&file).map_err(|error| no_table(&error))?;
        Ok(parsed)
    })
    .await?;
    let aim = Aim { place: Some(run.place), batch_number: run.batch_number, today: actor.today };
    planning::plan(&mut app.db.read().await?, app, parsed, &aim, actor).await
}

/// The preview: what the file would change, and every problem.
pub async fn check(app: &App, run: &Run, actor: &Actor) -> AppResult<Report> {
    let mut report = compare(app, run, actor).await?.report;
    report.problems.truncate(MOST_PROBLEMS);
    report.warnings.truncate(MOST_PROBLEMS);
    Ok(report)
}

/// Compares once more, for what may have changed since the preview; the rest is [`write`].
pub async fn prepare(app: &App, run: &Run, all_or_nothing: bool, actor: &Actor) -> AppResult<Ready> {
    let ready = compare(app, run, actor).await?;
    if all_or_nothing && ready.report.rejected > 0 {
        let say = text!("有 {n} 行有错，按“有错就都不导入”没有写入", n = ready.report.rejected);
        return Err(Refusal::at("choice", say).into());
    }
    Ok(ready)
}

/// Writes, and marks the import applied in the same transaction.
pub async fn write(tx: &mut Tx, app: &App, run: &Run, ready: Ready, actor: &Actor) -> AppResult<Report> {
    let mut report = planning::apply(tx, app, ready, actor).await?;
    report.problems.truncate(MOST_PROBLEMS);
    report.warnings.truncate(MOST_PROBLEMS);
    if runs::applied(tx, run, &report, actor.at).await? {
        Ok(report)
    } else {
        Err(AppError::Conflict(text!("这次导入已经写入，或正在写入。")))
    }
}

/// The failed rows as a sheet.
pub async fn rejects(app: &App, run: &Run) -> AppResult<Table> {
    let file = file(app, run, app.clock.today()).await?;
    let problems = run.report.as_ref().map(|report| report.problems.clone()).unwrap_or_default();
    apart(move || {
        let (book, parsed): (Book, Parsed) = reading::read(&file).map_err(|error| no_table(&error))?;
        let inherited: Inherited = parsed.inherited();
        drop(parsed);
        Ok(file.rejects(&book, &problems, &inherited))
    })
    .await
}

/// What a job is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Order {
    run: String,
    /// Write, not only compare.
    write: bool,
    all_or_nothing: bool,
    account_id: String,
    name: String,
}

/// Queues the work on an import; its page shows how far it is.
pub async fn queue(tx: &mut Tx, mut run: Run, write: bool, all_or_nothing: bool, by: &Actor) -> AppResult<()> {
    let order =
        Order { run: run.id.clone(), write, all_or_nothing, account_id: by.account_id.clone(), name: by.name.clone() };
    let order = serde_json::to_string(&order).map_err(|error| AppError::Internal(error.into()))?;
    run.setting.job = Some(jobs::add(tx, run.county, JOB, &order, by).await?);
    let state = if write { RunState::Applying } else { RunState::Checking };
    if runs::set(tx, &run, state, run.batch_number).await? {
        Ok(())
    } else {
        Err(AppError::Conflict(text!("这次导入已经写入，或正在写入。")))
    }
}

/// Carries out a job of ours; what it ends with is said on the import's page.
pub async fn work(app: &App, job: &Job) -> AppResult<()> {
    let order: Order = serde_json::from_str(&job.input).map_err(|error| AppError::Internal(error.into()))?;
    let run = runs::get(&mut app.db.read().await?, job.county_id, &order.run).await?.ok_or(AppError::NotFound)?;
    if run.state == RunState::Applied {
        return Ok(());
    }
    let actor = Actor {
        account_id: order.account_id.clone(),
        name: order.name.clone(),
        at: app.clock.now(),
        today: app.clock.today(),
    };
    if job.attempts >= MOST_ATTEMPTS {
        set_back(app, &run).await?;
        return Err(AppError::internal("an import was begun again and again"));
    }
    if order.write {
        match write_by_job(app, job, &run, &order, &actor).await {
            // What was refused, or changed meanwhile, is compared anew: its page shows the preview as it is now.
            Err(AppError::Refused(_) | AppError::Conflict(_)) => {}
            done => return done,
        }
    }
    let report = match check(app, &run, &actor).await {
        Ok(report) => report,
        Err(error) => {
            set_back(app, &run).await?;
            return Err(error);
        }
    };
    let mut tx = app.db.begin().await?;
    runs::checked(&mut tx, &run, &report).await?;
    Ok(tx.commit().await?)
}

/// To the page of columns, from where it can be tried again.
async fn set_back(app: &App, run: &Run) -> AppResult<()> {
    let mut tx = app.db.begin().await?;
    runs::set_back(&mut tx, run).await?;
    Ok(tx.commit().await?)
}

async fn write_by_job(app: &App, job: &Job, run: &Run, order: &Order, actor: &Actor) -> AppResult<()> {
    let ready = prepare(app, run, order.all_or_nothing, actor).await?;
    let mut tx = app.db.begin().await?;
    jobs::progress(&mut tx, job, 1, 2, "", lease_now()).await?;
    tx.commit().await?;
    planning::write(app, ready, Some(run), actor).await.map(drop)
}

/// Leases count real time, whatever day an installation says it is.
fn lease_now() -> Instant {
    Clock::system().now()
}
