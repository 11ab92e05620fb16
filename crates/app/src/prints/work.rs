//! Printing: on a thread of its own, with progress and a stop, by a job or by the command line.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use base::{
    db::Tx,
    kernel::{Clock, Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use print::{Boards, Cards, Date, Error, Letters, Press, Printed, Watch};
use serde::{Deserialize, Serialize};

use super::{
    Order,
    gather::{Paper, gather},
    runs,
};
use crate::{
    accounts::Actor,
    app::App,
    postings::cards::{self, Holder},
    spine::{
        audit::{self, Change, Subject},
        jobs::{self, Job},
    },
};

/// The kind of its jobs.
pub const JOB: &str = "print";
/// A run that takes its process down with it is not begun for ever.
const MOST_ATTEMPTS: i64 = 5;
/// How often a run's page hears how far it is.
const BEAT: Duration = Duration::from_millis(500);

/// What a run made.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub pages: usize,
    pub bytes: u64,
    pub items: usize,
    /// What the reader has to know: villages left out, blanks, characters the font lacks.
    pub said: Vec<String>,
    /// Whom the cards of which villages now name.
    cards: Vec<(DivisionCode, Holder)>,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    run: String,
    account_id: String,
    name: String,
}

/// The input of a run's job.
pub(super) fn ticket(run: &str, by: &Actor) -> AppResult<String> {
    let ticket = Ticket { run: run.to_owned(), account_id: by.account_id.clone(), name: by.name.clone() };
    serde_json::to_string(&ticket).map_err(|error| AppError::Internal(error.into()))
}

/// How far a run is, shared with the thread that prints.
#[derive(Default)]
struct Meter {
    done: AtomicUsize,
    all: AtomicUsize,
    stop: AtomicBool,
}

fn press(today: Day) -> Press {
    let part = |n: i8| u8::try_from(n).unwrap_or(1);
    Press::new().dated(Date {
        year: i32::from(today.year()),
        month: part(today.month_of_year()),
        day: part(today.day_of_month()),
    })
}

fn print(paper: &Paper, today: Day, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
    let press = press(today);
    match paper {
        Paper::Cards { title, issuer, items, .. } => {
            let run = Cards { title, issuer, invitation: "扫码找驻村干部", items };
            print::cards(&press, &run, out, watch)
        }
        Paper::Boards { title, issuer, as_of, items, .. } => {
            let run = Boards { title, issuer, invitation: "扫码看今日责任人", as_of, items };
            print::boards(&press, &run, out, watch)
        }
        Paper::Letters { title, items } => {
            print::letters(&press, &Letters { title, letterhead: "", items }, out, watch)
        }
        Paper::Roster(roster) => print::roster(&press, roster, out, watch),
    }
}

fn outcome(paper: &Paper, printed: &Printed) -> Outcome {
    let (mut said, mut cards) = (Vec::new(), Vec::new());
    let items = match paper {
        Paper::Cards { items, villages, vacant, .. } => {
            cards.clone_from(villages);
            if *vacant > 0 {
                said.push(format!("{vacant} 个村无人在岗，没有印"));
            }
            items.len()
        }
        Paper::Boards { items, blanks, .. } => {
            if *blanks > 0 {
                said.push(format!("{blanks} 个村的责任人不全，空处印作“待补”"));
            }
            items.len()
        }
        Paper::Letters { items, .. } => items.len(),
        Paper::Roster(roster) => roster.table.rows.len(),
    };
    if !printed.unreadable.is_empty() {
        said.push(format!("{} 份的照片读不出来，没有印照片", printed.unreadable.len()));
    }
    if !printed.missing.is_empty() {
        let missing: String = printed.missing.iter().collect();
        said.push(format!("字库缺这些字，印作空框：{missing}"));
    }
    Outcome { pages: printed.pages, bytes: printed.bytes, items, said, cards }
}

fn refused(error: Error) -> AppError {
    match error {
        Error::Stopped => AppError::Conflict(text!("打印已停止，没有生成文件。")),
        Error::Empty => Refusal::at("kind", text!("没有可打印的内容。")).into(),
        other => AppError::Internal(other.into()),
    }
}

/// Prints an order into a file: for the command line, which reads beside a running server.
pub async fn to_file(app: &App, order: Order, out: std::fs::File) -> AppResult<Outcome> {
    let today = app.clock.today();
    let paper = gather(&mut app.db.read().await?, app, order, today).await?;
    let work = move || {
        let progress = |done: usize, all: usize| {
            if all > 1 {
                eprint!("\r{done} / {all}");
            }
        };
        let stop = AtomicBool::new(false);
        let mut out = std::io::BufWriter::new(out);
        let printed = print(&paper, today, &mut out, &Watch { progress: &progress, stop: &stop })?;
        out.flush()?;
        Ok::<_, Error>(outcome(&paper, &printed))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.into()))?;
    eprintln!();
    done.map_err(refused)
}

/// Carries out a run's job: prints, keeps the file, and what the cards now say.
pub async fn work(app: &App, job: &Job) -> AppResult<()> {
    let ticket: Ticket = serde_json::from_str(&job.input).map_err(|error| AppError::Internal(error.into()))?;
    let run = runs::get(&mut app.db.read().await?, job.county_id, &ticket.run).await?.ok_or(AppError::NotFound)?;
    let order = run.order().ok_or(AppError::NotFound)?;
    if run.file_id.is_some() {
        return Ok(());
    }
    if job.attempts >= MOST_ATTEMPTS {
        return Err(AppError::internal("a print run was begun again and again"));
    }
    if run.stop == 1 {
        return Err(refused(Error::Stopped));
    }
    let today = app.clock.today();
    let actor = Actor { account_id: ticket.account_id, name: ticket.name, at: app.clock.now(), today };
    let paper = Arc::new(gather(&mut app.db.read().await?, app, order, today).await?);
    let meter = Arc::new(Meter::default());
    let thread = {
        let (paper, meter) = (Arc::clone(&paper), Arc::clone(&meter));
        tokio::task::spawn_blocking(move || {
            let progress = |done, all| {
                meter.done.store(done, Ordering::Relaxed);
                meter.all.store(all, Ordering::Relaxed);
            };
            let mut bytes = Vec::new();
            let printed = print(&paper, today, &mut bytes, &Watch { progress: &progress, stop: &meter.stop })?;
            Ok::<_, Error>((bytes, printed))
        })
    };
    let (bytes, printed) = watched(app, job, &run.id, &meter, thread).await?;
    let outcome = outcome(&paper, &printed);
    let mut tx = app.db.begin().await?;
    let name = format!("{}-{}-{today}.pdf", order.kind.zh(), run.place_name.as_deref().unwrap_or_default());
    let file = app.files.keep(&mut tx, job.county_id, &name, "application/pdf", &bytes, &actor).await?;
    let pages = i64::try_from(outcome.pages).unwrap_or(0);
    runs::done(&mut tx, job.county_id, &run.id, (Some(&file.id), pages), &outcome.said.join("；")).await?;
    note(&mut tx, order, &outcome, &actor).await?;
    Ok(tx.commit().await?)
}

/// Keeps that a run was printed, and what the cards now say: they are printed again only when that changes.
pub async fn note(tx: &mut Tx, order: Order, outcome: &Outcome, actor: &Actor) -> AppResult<()> {
    cards::store::printed(tx, &outcome.cards, actor.at).await?;
    let after = serde_json::json!({ "kind": order.kind.code(), "rows": outcome.items, "size": outcome.bytes });
    let subject = Subject { kind: "place", id: &order.place.to_string() };
    audit::write(tx, order.place.county(), actor, "print.run", subject, Change::made(after)).await?;
    Ok(())
}

type Thread = tokio::task::JoinHandle<Result<(Vec<u8>, Printed), Error>>;

/// Waits for the thread that prints; tells the job how far it is, and the thread when it shall stop.
async fn watched(app: &App, job: &Job, run: &str, meter: &Meter, mut thread: Thread) -> AppResult<(Vec<u8>, Printed)> {
    loop {
        if let Ok(ended) = tokio::time::timeout(BEAT, &mut thread).await {
            return ended.map_err(|error| AppError::Internal(error.into()))?.map_err(refused);
        }
        if runs::is_stopped(&mut app.db.read().await?, job.county_id, run).await? {
            meter.stop.store(true, Ordering::Relaxed);
        }
        let (done, all) = (meter.done.load(Ordering::Relaxed), meter.all.load(Ordering::Relaxed));
        let mut tx = app.db.begin().await?;
        jobs::progress(&mut tx, job, done, all, "", Clock::system().now()).await?;
        tx.commit().await?;
    }
}
