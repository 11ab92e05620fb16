//! Units against the stored ones: by their number where it is ours, else by name.

use std::collections::HashMap;

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, new_id},
    text,
    web::AppError,
};

use super::Aim;
use crate::{
    imports::{Outcome, Report, units::UnitRow as Said},
    units::{
        Unit, UnitLevel, guess_level,
        store::{self, UnitRow},
    },
};

#[derive(Default)]
pub struct UnitPlan {
    new: Vec<(String, Unit)>,
    /// Id, new data and the version they were compared with.
    changed: Vec<(String, Unit, i64)>,
}

pub async fn plan(conn: &mut Conn, outcome: Outcome<Said>, aim: &Aim) -> Result<(Report, UnitPlan), AppError> {
    let mut report = Report::of(&outcome);
    let keeper = aim.keeper();
    let stored = store::of_counties(conn, (keeper.as_i64(), keeper.as_i64())).await?;
    let by_id: HashMap<&str, usize> = stored.iter().enumerate().map(|(at, (row, _))| (row.id.as_str(), at)).collect();
    let by_name: HashMap<&str, usize> =
        stored.iter().enumerate().map(|(at, (row, _))| (row.name.as_str(), at)).collect();
    let mut plan = UnitPlan::default();
    for said in &outcome.rows {
        let known = said.unit_id.as_deref().and_then(|id| by_id.get(id)).or_else(|| by_name.get(said.name.as_str()));
        let known = known.and_then(|at| stored.get(*at));
        let unit = merged(said, known);
        match known {
            None => {
                plan.new.push((new_id(), unit));
                report.created += 1;
            }
            Some((row, tags)) if unit == as_unit(row, tags) => report.unchanged += 1,
            Some((row, _)) => {
                plan.changed.push((row.id.clone(), unit, row.version));
                report.updated += 1;
            }
        }
    }
    Ok((report, plan))
}

fn as_unit(row: &UnitRow, tags: &[String]) -> Unit {
    Unit {
        name: row.name.clone(),
        level: UnitLevel::parse(&row.level).unwrap_or(UnitLevel::County),
        kind: row.kind.clone(),
        system: row.system.clone(),
        contact: row.contact.clone(),
        phone: row.phone.clone(),
        strong: row.strong == 1,
        strengths: tags.to_vec(),
    }
}

/// What is said over what is known; blank cells erase nothing.
fn merged(said: &Said, known: Option<&(UnitRow, Vec<String>)>) -> Unit {
    let before = known.map_or_else(|| Unit::named(&said.name), |(row, tags)| as_unit(row, tags));
    let mut strengths = said.strengths.clone();
    strengths.sort();
    strengths.dedup();
    Unit {
        name: said.name.clone(),
        level: said.level.unwrap_or(if known.is_some() { before.level } else { guess_level(&said.name) }),
        kind: said.kind.clone().or(before.kind),
        system: said.system.clone().or(before.system),
        contact: said.contact.clone().or(before.contact),
        phone: said.phone.as_ref().map(ToString::to_string).or(before.phone),
        strong: said.strong.unwrap_or(before.strong),
        strengths: if strengths.is_empty() { before.strengths } else { strengths },
    }
}

pub async fn apply(tx: &mut Tx, keeper: CountyId, plan: UnitPlan) -> Result<(), AppError> {
    store::add_all(tx, keeper, &plan.new).await?;
    for (id, unit, version) in &plan.changed {
        if !store::save(tx, id, unit, *version).await? {
            return Err(AppError::Conflict(text!("预览之后名册被别人改过，请重新预览再导入。")));
        }
    }
    Ok(())
}
