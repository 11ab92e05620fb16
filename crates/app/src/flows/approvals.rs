//! The approval of a round above a county: county by county in a run that outlives its process, seen at once.
//!
//! [`begin_approval`] checks and names a run in the round; the job makes batch, teams, postings and handovers of one
//! county to a transaction ([`make_next`]), all of it staged. The transaction that applies the run numbers the batches,
//! writes each county's audit line and ends the round. A job that was killed goes on with the next county; whatever is
//! refused on the way gives the run up, and nobody has seen anything.

use std::collections::BTreeSet;

use base::{
    db::{DbError, Tx},
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};
use serde::{Deserialize, Serialize};

use super::appointments::{Seen, Standing, appoint, check_free, follow};
use crate::{
    accounts::Actor,
    app::App,
    dispatch::{
        State,
        acts::{self, Approved, approving, check_approval, planning},
        store::{self, Made, Round},
    },
    handover,
    packs::Pack,
    postings::store as post_store,
    spine::{
        jobs::{self, Job},
        staging::Run,
    },
};

/// The kind of its jobs.
pub const JOB: &str = "dispatch_approval";

/// A job that was begun so often and never ended does harm.
const MOST_ATTEMPTS: i64 = 20;
/// Repetitions of writes in one job.
const TRIES: usize = 20;

#[derive(Serialize, Deserialize)]
struct Ticket {
    round: String,
    account_id: String,
    name: String,
}

/// Approves a round above a county, where its plan holds today; a job carries it out. How many counties it will be.
pub async fn begin_approval(
    tx: &mut Tx,
    (county, round): (CountyId, &str),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<usize> {
    let round = planning(tx, county, round).await?;
    let parts = check_approval(tx, &round, pack).await?;
    check_free(tx, &parts).await?;
    let counties: BTreeSet<CountyId> = parts.iter().map(|part| part.county).collect();
    let run = Run::begin_kept(tx, counties).await?;
    let ticket = Ticket { round: round.id.clone(), account_id: actor.account_id.clone(), name: actor.name.clone() };
    let ticket = serde_json::to_string(&ticket).map_err(|error| AppError::Internal(error.into()))?;
    acts::begin_approval(tx, &round, run.id(), (JOB, &ticket), actor).await?;
    Ok(parts.len())
}

/// Breaks an approval off that is under way; what it has staged is never seen.
pub async fn break_off_approval(
    tx: &mut Tx,
    (county, round): (CountyId, &str),
    why: &str,
    actor: &Actor,
) -> AppResult<()> {
    let Some(round) = approving(tx, county, round).await? else {
        return Err(AppError::Conflict(text!("这一轮的批准已经办完或已中止。")));
    };
    if let State::Approving { run, .. } = &round.state
        && let Some(run) = Run::find(tx, run).await?
    {
        run.leave(tx).await?;
    }
    acts::break_off(tx, &round, why, actor).await
}

/// Carries out an approval's job, or goes on with it.
pub async fn approve(app: &App, job: &Job) -> AppResult<()> {
    let ticket: Ticket = serde_json::from_str(&job.input).map_err(|error| AppError::Internal(error.into()))?;
    let actor =
        Actor { account_id: ticket.account_id, name: ticket.name, at: app.clock.now(), today: app.clock.today() };
    let key = (job.county_id, ticket.round.as_str());
    let done = if job.attempts >= MOST_ATTEMPTS {
        Err(AppError::internal("an approval was begun again and again"))
    } else {
        carried_out(app, job, key, &actor).await
    };
    match done {
        Ok(()) => Ok(()),
        Err(error) => {
            let mut tx = app.db.begin().await?;
            match break_off_approval(&mut tx, key, &error.say().zh(), &actor).await {
                Ok(()) => tx.commit().await?,
                // Applied, or broken off by somebody: what was refused then is no news.
                Err(AppError::Conflict(_)) => {}
                Err(other) => return Err(other),
            }
            Err(error)
        }
    }
}

async fn carried_out(app: &App, job: &Job, key: (CountyId, &str), actor: &Actor) -> AppResult<()> {
    let round = store::find_round(&mut app.db.read().await?, key.0, key.1).await?.ok_or(AppError::NotFound)?;
    if let State::Approving { run, .. } = &round.state {
        let mut conn = app.db.read().await?;
        let run = Run::find(&mut conn, run).await?.ok_or_else(lost)?;
        let pack = app.pack(&mut conn, round.county).await?;
        let parts = check_approval(&mut conn, &round, pack).await?;
        drop(conn);
        let mut tries = Tries::default();
        loop {
            let done = match make_next(app, (&round, &run), &parts, actor).await {
                Ok(Some(done)) => done,
                Ok(None) => break,
                Err(error) => {
                    tries.again(error)?;
                    continue;
                }
            };
            let mut tx = app.db.begin().await?;
            let now = base::kernel::Clock::system().now();
            jobs::progress(&mut tx, job, done, parts.len(), "", now).await?;
            tx.commit().await?;
        }
        while let Err(error) = apply(app, &round, &run, &parts, actor).await {
            tries.again(error)?;
        }
    }
    follow_standing(app, &round, actor).await
}

/// Writes that the database asks to repeat are repeated, so often.
#[derive(Default)]
struct Tries(usize);

impl Tries {
    fn again(&mut self, error: AppError) -> AppResult<()> {
        self.0 += 1;
        match &error {
            AppError::Internal(cause)
                if self.0 < TRIES && cause.downcast_ref::<DbError>().is_some_and(DbError::is_retryable) =>
            {
                Ok(())
            }
            _ => Err(error),
        }
    }
}

fn lost() -> AppError {
    AppError::Conflict(text!("这次批准已被中止，什么都没有写入。"))
}

/// Makes, unseen, what the approval makes in the next county; how many are done, or none where all were.
pub async fn make_next(
    app: &App,
    (round, run): (&Round, &Run),
    parts: &[Approved],
    actor: &Actor,
) -> AppResult<Option<usize>> {
    let mut tx = app.db.begin().await?;
    let round = approving(&mut tx, round.county, &round.id).await?.ok_or_else(lost)?;
    run.hold(&mut tx).await?;
    let made: BTreeSet<CountyId> =
        store::made::<Standing>(&mut tx, &round).await?.into_iter().map(|one| one.county).collect();
    let Some(part) = parts.iter().find(|part| !made.contains(&part.county)) else { return Ok(None) };
    check_free(&mut tx, std::slice::from_ref(part)).await?;
    let pack = app.pack(&mut tx, part.county).await?;
    let new = appoint(&mut tx, part, Seen::Later(run), pack, actor).await?;
    store::add_made(&mut tx, &round, &new, actor.at).await?;
    tx.commit().await?;
    Ok(Some(made.len() + 1))
}

/// From the end of this transaction on everybody sees all of it.
async fn apply(app: &App, round: &Round, run: &Run, parts: &[Approved], actor: &Actor) -> AppResult<()> {
    let mut tx = app.db.begin().await?;
    let round = approving(&mut tx, round.county, &round.id).await?.ok_or_else(lost)?;
    // Before the run is seen: its own postings would bind these people.
    check_free(&mut tx, parts).await?;
    run.apply(&mut tx).await?;
    let mut all = (0, 0, 0);
    for made in store::made::<Standing>(&mut tx, &round).await? {
        let number = post_store::number_next(&mut tx, made.county, &made.batch_id).await?;
        handover::store::add_staged(&mut tx, run, made.county).await?;
        let counts = (made.teams, made.people, made.handovers);
        acts::told(&mut tx, &round, made.county, number, counts, actor).await?;
        all = (all.0 + counts.0, all.1 + counts.1, all.2 + counts.2);
    }
    acts::finish_approval(&mut tx, &round, (run.id(), None), all, actor).await?;
    Ok(tx.commit().await?)
}

/// Handovers that stood before get their next holders, a county to a transaction.
async fn follow_standing(app: &App, round: &Round, actor: &Actor) -> AppResult<()> {
    let made: Vec<Made<Standing>> = store::made(&mut app.db.read().await?, round).await?;
    for one in made.into_iter().filter(|one| !one.standing.is_empty()) {
        let mut tx = app.db.begin().await?;
        for (id, next) in one.standing {
            follow(&mut tx, one.county, &id, next, actor).await?;
        }
        store::clear_standing(&mut tx, round, one.county).await?;
        tx.commit().await?;
    }
    Ok(())
}
