//! Writing a plan, all of it or nothing: in one transaction, what is large staged before it.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Tx, Value},
    kernel::{CountyId, DivisionCode},
    seal::SealError,
    text,
    web::{AppError, Refusal},
};

use super::Plan;
use crate::{
    accounts::Actor,
    app::App,
    people,
    postings::store::{self, NewPosting},
    spine::staging::Run,
    units,
};

/// People as rows, sealed.
pub struct Sealed(Vec<Vec<Value>>, Vec<Vec<Value>>);

/// The part of writing that takes time and no writer: numbers are sealed and looked up by hash.
pub fn seal(app: &App, plan: &mut Plan, actor: &Actor) -> Result<Sealed, SealError> {
    let Some(keeper) = plan.keeper else { return Ok(Sealed(vec![], vec![])) };
    let people = std::mem::take(&mut plan.people);
    let (rows, identities) = people::store::rows(&app.keys, keeper, &people, actor.at)?;
    Ok(Sealed(rows, identities))
}

/// What a run holds of a plan: its people, batches and postings.
pub struct Staged {
    pub run: Run,
    villages: BTreeMap<CountyId, BTreeSet<DivisionCode>>,
}

/// A plan that brings no more postings is written in one transaction.
const MOST_AT_ONCE: usize = 2_000;
/// Rows of a chunk: some tenths of a second for whoever waits behind it.
const CHUNK: usize = 1_000;

/// Writes the new people and postings of a large plan, unseen, in chunks between other people's writes; [`apply`] shows
/// them. Nothing stays where it fails.
pub async fn stage(app: &App, plan: &mut Plan, sealed: &mut Sealed, actor: &Actor) -> Result<(), AppError> {
    let Some(keeper) = plan.keeper else { return Ok(()) };
    if plan.postings.values().map(Vec::len).sum::<usize>() <= MOST_AT_ONCE {
        return Ok(());
    }
    let counties = plan.postings.keys().copied().chain([keeper]).collect();
    let run = Run::begin(&app.db, counties).await?;
    match fill(app, &run, plan, sealed, actor).await {
        Ok(villages) => {
            plan.staged = Some(Staged { run, villages });
            Ok(())
        }
        Err(error) => {
            run.give_up(&app.db).await?;
            Err(meanwhile(error))
        }
    }
}

async fn fill(
    app: &App,
    run: &Run,
    plan: &mut Plan,
    sealed: &mut Sealed,
    actor: &Actor,
) -> Result<BTreeMap<CountyId, BTreeSet<DivisionCode>>, AppError> {
    let mut tx = run.chunk(&app.db).await?;
    for batch in &plan.new_batches {
        store::insert_batch(&mut tx, batch, Some(run)).await?;
    }
    tx.commit().await?;
    // Their ID numbers are entered from the rows; what is written is let go of at once.
    sealed.1 = Vec::new();
    let mut people = std::mem::take(&mut sealed.0).into_iter().peekable();
    while people.peek().is_some() {
        let mut tx = run.chunk(&app.db).await?;
        people::store::stage(&mut tx, run, people.by_ref().take(CHUNK).collect()).await?;
        tx.commit().await?;
    }
    let mut villages: BTreeMap<CountyId, BTreeSet<DivisionCode>> = BTreeMap::new();
    for (county, postings) in std::mem::take(&mut plan.postings) {
        villages.insert(county, postings.iter().map(|posting| posting.held.village).collect());
        let mut postings = postings.into_iter().peekable();
        while postings.peek().is_some() {
            let chunk: Vec<NewPosting> = postings.by_ref().take(CHUNK).collect();
            let mut tx = run.chunk(&app.db).await?;
            store::stage(&mut tx, run, county, &chunk, actor).await?;
            tx.commit().await?;
        }
    }
    // What the coverage of the villages will be: comparing it when the run is applied costs less than writing it then.
    for (county, villages) in &villages {
        let all: Vec<DivisionCode> = villages.iter().copied().collect();
        for part in all.chunks(CHUNK) {
            let mut tx = run.chunk(&app.db).await?;
            store::stage_coverage(&mut tx, run, *county, &part.iter().copied().collect(), actor.at).await?;
            tx.commit().await?;
        }
    }
    Ok(villages)
}

/// Writes a plan, or what is left of it to write after [`stage`]. What changed since it was planned ends in a conflict, and
/// nothing is written.
pub async fn apply(tx: &mut Tx, app: &App, plan: &Plan, sealed: Sealed, actor: &Actor) -> Result<(), AppError> {
    let Some(keeper) = plan.keeper else { return Ok(()) };
    if let Some(Staged { run, .. }) = &plan.staged {
        run.apply(tx).await?;
        people::store::add_staged(tx, run, keeper).await.map_err(|error| meanwhile(error.into()))?;
    }
    units::store::add_all(tx, keeper, &plan.units).await?;
    people::store::add_rows(tx, sealed.0, sealed.1).await.map_err(meanwhile)?;
    for (row, person) in &plan.changed_people {
        if !people::store::save(tx, row.county_id, &row.id, person, row.version).await? {
            return Err(conflict());
        }
    }
    for batch in &plan.new_batches {
        let stored = match &plan.staged {
            Some(_) => store::number_batch(tx, batch).await,
            None => store::insert_batch(tx, batch, None).await,
        };
        stored.map_err(|error| meanwhile(error.into()))?;
    }
    let mut counties = BTreeSet::new();
    let mut changed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (row, held) in &plan.changed_postings {
        changed.entry(row.county_id).or_default().push((row, held));
    }
    for (county, changes) in changed {
        store::correct_all(tx, county, &changes, actor).await?;
        counties.insert(county);
    }
    let beside = plan.county_guide_beside;
    for (county, postings) in &plan.postings {
        store::add_all(tx, *county, postings, beside, actor).await.map_err(meanwhile)?;
        counties.insert(*county);
    }
    if let Some(Staged { run, villages }) = &plan.staged {
        for (county, villages) in villages {
            store::add_staged(tx, run, *county, villages, beside, actor.at).await.map_err(meanwhile)?;
            counties.insert(*county);
        }
    }
    for county in counties {
        let pack = app.pack(tx, county).await?;
        store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    }
    Ok(())
}

fn conflict() -> AppError {
    AppError::Conflict(text!("预览之后名册被别人改过，请重新预览再导入。"))
}

/// A lock that was free, or a person who was unknown, when the plan was made and is not now.
fn meanwhile(error: AppError) -> AppError {
    match error {
        AppError::Refused(Refusal { .. }) => conflict(),
        AppError::Internal(cause) => {
            let taken = cause.downcast_ref::<base::db::DbError>().and_then(base::db::DbError::unique_violation);
            if taken.is_some() { conflict() } else { AppError::Internal(cause) }
        }
        other => other,
    }
}
