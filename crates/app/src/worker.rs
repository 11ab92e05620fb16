//! The one task that carries out background jobs, oldest first, and once a day what the calendar brings; housekeeping in
//! between, and once a minute what the burden meter counted.
//!
//! A job is claimed with a lease and renewed by its own progress. One that a killed process left behind is claimed
//! again: after its lease, or at once where this process is known to be the only writer. Every kind of job must bear
//! being carried out again.

use std::time::Duration;

use base::{
    db::Kind,
    kernel::Clock,
    web::{AppError, AppResult},
};

use crate::{
    app::App,
    burden::meter,
    dispatch, flows, housekeeping, intake, prints,
    spine::jobs::{self, Job},
};

/// How long an idle worker waits before it looks again.
const PAUSE: Duration = Duration::from_millis(700);

/// How often what the burden meter counted is written.
const METER: Duration = Duration::from_secs(60);

/// Works until it is dropped.
pub async fn run(app: App) {
    // SQLite has one writing process: whatever runs now was left by one that is gone.
    if app.db.kind() == Kind::Sqlite
        && let Err(error) = take_over(&app).await
    {
        tracing::error!(%error, "jobs left behind could not be taken over");
    }
    let mut day = None;
    let mut metered = tokio::time::Instant::now();
    loop {
        if metered.elapsed() >= METER {
            metered = tokio::time::Instant::now();
            if let Err(error) = meter::save(&app).await {
                tracing::error!(%error, "the burden meter could not be written");
            }
        }
        let today = app.clock.today();
        if day != Some(today) {
            day = Some(today);
            // What could not be done today is tried again tomorrow, and at the next start.
            if let Err(error) = flows::every_day(&app).await {
                tracing::error!(error = %describe(&error), "the day's round could not be made");
            }
        }
        match step(&app).await {
            Ok(true) => {}
            Ok(false) => match housekeeping::step(&app.db).await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    tracing::error!(%error, "housekeeping failed");
                    tokio::time::sleep(PAUSE * 10).await;
                }
            },
            Err(error) => {
                tracing::error!(error = %describe(&error), "a job could not be carried out");
                tokio::time::sleep(PAUSE * 10).await;
            }
        }
    }
}

async fn take_over(app: &App) -> base::db::DbResult<()> {
    let mut tx = app.db.begin().await?;
    jobs::release_all(&mut tx).await?;
    tx.commit().await?;
    housekeeping::take_over(&app.db).await
}

/// Carries out the oldest job that waits; false when there is none.
pub async fn step(app: &App) -> AppResult<bool> {
    // Leases count real time, whatever day an installation says it is.
    let clock = Clock::system();
    if !jobs::is_waiting(&mut app.db.read().await?, clock.now()).await? {
        return Ok(false);
    }
    let mut tx = app.db.begin().await?;
    let Some(job) = jobs::claim(&mut tx, clock.now()).await? else { return Ok(false) };
    tx.commit().await?;
    let done = tokio::select! {
        done = carry_out(app, &job) => done,
        lost = keep(app, &job) => Err(lost),
    };
    let mut tx = app.db.begin().await?;
    match &done {
        Ok(()) => jobs::finish(&mut tx, &job, Ok(""), clock.now()).await?,
        Err(error) => {
            tracing::warn!(job = job.id, kind = job.kind, error = %describe(error), "job failed");
            jobs::finish(&mut tx, &job, Err(&error.say().zh()), clock.now()).await?;
        }
    }
    tx.commit().await?;
    Ok(true)
}

/// Renews the job's lease beside the work, for as long as it is ours.
async fn keep(app: &App, job: &Job) -> AppError {
    let clock = Clock::system();
    loop {
        tokio::time::sleep(Duration::from_secs(jobs::LEASE_SECONDS.unsigned_abs() / 4)).await;
        let renewed = async {
            let mut tx = app.db.begin().await?;
            let ours = jobs::renew(&mut tx, job, clock.now()).await?;
            tx.commit().await.map(|()| ours)
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => return AppError::internal(format!("job {} was taken over", job.id)),
            // The database may be back before the lease ends.
            Err(error) => tracing::warn!(job = job.id, %error, "a lease could not be renewed"),
        }
    }
}

async fn carry_out(app: &App, job: &Job) -> AppResult<()> {
    match job.kind.as_str() {
        intake::JOB => intake::work(app, job).await,
        prints::JOB => prints::work(app, job).await,
        dispatch::acts::JOB => dispatch::acts::work(app, job).await,
        flows::APPROVAL_JOB => flows::approve(app, job).await,
        kind => Err(AppError::internal(format!("no worker knows jobs of kind {kind}"))),
    }
}

fn describe(error: &AppError) -> String {
    match error {
        AppError::Internal(cause) => cause.to_string(),
        other => other.say().zh(),
    }
}
