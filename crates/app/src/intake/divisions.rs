//! Divisions against the stored ones: new codes, new names.

use base::{
    db::{Conn, Tx},
    kernel::DivisionCode,
    text,
    web::AppError,
};

use super::Aim;
use crate::{
    accounts::Actor,
    imports::{Outcome, Problem, Report, code, divisions::DivisionRow},
    places,
};

/// Divisions to add or to rename.
pub struct DivisionPlan(Vec<(DivisionCode, String)>);

/// An office enters what lies in its place; the path above it may stand in the file, unchanged or not known yet.
pub async fn plan(
    conn: &mut Conn,
    outcome: Outcome<DivisionRow>,
    aim: &Aim,
) -> Result<(Report, DivisionPlan), AppError> {
    let mut report = Report::of(&outcome);
    let named: Vec<(DivisionCode, String)> = outcome.rows.iter().map(|row| (row.code, row.name.clone())).collect();
    let known = places::store::known_names(conn, &named).await?;
    let mut changed = Vec::new();
    for row in outcome.rows {
        let outside = aim.place.is_some_and(|place| !place.contains(row.code));
        let above = aim.place.is_some_and(|place| row.code.contains(place));
        match known.get(&row.code) {
            Some(name) if *name == row.name => {
                report.unchanged += 1;
                continue;
            }
            known if outside && !(above && known.is_none()) => {
                let message = text!("这个区划不在导入的地方之内，只能由上级导入");
                let (spot, column) = (row.spot, "代码".to_owned());
                let problem = Problem { spot, column, code: code::UNKNOWN_DIVISION, message, suggestion: None };
                report.reject(&problem);
                continue;
            }
            Some(_) => report.updated += 1,
            None => report.created += 1,
        }
        changed.push((row.code, row.name));
    }
    report.sort();
    Ok((report, DivisionPlan(changed)))
}

pub async fn apply(tx: &mut Tx, plan: DivisionPlan, actor: &Actor) -> Result<(), AppError> {
    places::store::save_all(tx, &plan.0, actor.today).await?;
    Ok(())
}
