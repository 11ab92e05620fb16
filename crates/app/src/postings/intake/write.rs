//! Writing a plan: one transaction, all of it or nothing.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Tx, Value},
    seal::SealError,
    text,
    web::{AppError, Refusal},
};

use super::Plan;
use crate::{accounts::Actor, app::App, people, postings::store, units};

/// People as rows, sealed.
pub struct Sealed(Vec<Vec<Value>>, Vec<Vec<Value>>);

/// The part of writing that takes time and no writer: numbers are sealed and looked up by hash.
pub fn seal(app: &App, plan: &mut Plan, actor: &Actor) -> Result<Sealed, SealError> {
    let Some(keeper) = plan.keeper else { return Ok(Sealed(vec![], vec![])) };
    let people = std::mem::take(&mut plan.people);
    let (rows, identities) = people::store::rows(&app.keys, keeper, &people, actor.at)?;
    Ok(Sealed(rows, identities))
}

/// Writes a plan. What changed since it was planned ends in a conflict, and nothing is written.
pub async fn apply(tx: &mut Tx, app: &App, plan: &Plan, sealed: Sealed, actor: &Actor) -> Result<(), AppError> {
    let Some(keeper) = plan.keeper else { return Ok(()) };
    units::store::add_all(tx, keeper, &plan.units).await?;
    people::store::add_rows(tx, sealed.0, sealed.1).await.map_err(meanwhile)?;
    for (row, person) in &plan.changed_people {
        if !people::store::save(tx, row.county_id, &row.id, person, row.version).await? {
            return Err(conflict());
        }
    }
    for batch in &plan.new_batches {
        store::insert_batch(tx, batch).await?;
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
    for (county, postings) in &plan.postings {
        store::add_all(tx, *county, postings, plan.county_guide_beside, actor).await.map_err(meanwhile)?;
        counties.insert(*county);
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
