//! Writing a plan: one transaction, all of it or nothing.

use std::collections::BTreeSet;

use base::{
    db::Tx,
    text,
    web::{AppError, Refusal},
};
use serde_json::json;

use super::Plan;
use crate::{
    accounts::Actor,
    app::App,
    people,
    postings::store,
    spine::audit::{self, Change, Subject},
    units,
};

/// Writes a plan. What changed since it was planned ends in a conflict, and nothing is written.
pub async fn apply(tx: &mut Tx, app: &App, plan: &Plan, actor: &Actor) -> Result<(), AppError> {
    let Some(keeper) = plan.keeper else { return Ok(()) };
    units::store::add_all(tx, keeper, &plan.units).await?;
    people::store::add_all(tx, &app.keys, keeper, &plan.people, actor.at).await.map_err(meanwhile)?;
    for (row, person) in &plan.changed_people {
        if !people::store::save(tx, row.county_id, &row.id, person, row.version).await? {
            return Err(conflict());
        }
    }
    for batch in &plan.new_batches {
        store::insert_batch(tx, batch).await?;
    }
    let mut villages = BTreeSet::new();
    for (row, held) in &plan.changed_postings {
        store::correct(tx, row, held, actor).await?;
        villages.insert(row.village);
    }
    for (county, postings) in &plan.postings {
        store::add_all(tx, *county, postings, plan.county_guide_beside, actor).await.map_err(meanwhile)?;
        villages.extend(postings.iter().map(|posting| posting.held.village));
    }
    let counties: BTreeSet<_> = villages.iter().map(|village| village.county()).collect();
    for county in counties {
        let pack = app.pack(tx, county).await?;
        store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    }
    let report = &plan.report;
    let after = json!({
        "read": report.read, "created": report.created, "updated": report.updated,
        "unchanged": report.unchanged, "rejected": report.rejected,
    });
    let subject = Subject { kind: "import", id: "roster" };
    audit::write(tx, keeper, actor, "import.roster", subject, Change::made(after)).await?;
    Ok(())
}

fn conflict() -> AppError {
    AppError::Conflict(text!("预览之后名册被别人改过，请重新预览再导入。"))
}

/// A lock that was free when the plan was made and is not now.
fn meanwhile(error: AppError) -> AppError {
    match error {
        AppError::Refused(Refusal { .. }) => conflict(),
        other => other,
    }
}
