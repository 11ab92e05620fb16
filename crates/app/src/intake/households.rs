//! Households against the register: by their number in the village, else by the head's name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{
    db::{Conn, Tx},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::AppError,
};

use super::Aim;
use crate::{
    accounts::{Actor, Scope},
    flows,
    households::{
        Household,
        store::{self, Filter, HouseholdRow},
    },
    imports::{Outcome, Problem, Report, code, households::HouseholdRow as Said},
};

/// More households than a province has.
pub const ALL: i64 = 50_000_000;

#[derive(Default)]
pub struct HouseholdPlan {
    new: BTreeMap<CountyId, Vec<Household>>,
    changed: BTreeMap<CountyId, Vec<(HouseholdRow, Household)>>,
}

/// The register, by number and by the heads that live there now.
struct Known<'a> {
    by_number: HashMap<(DivisionCode, i64), &'a HouseholdRow>,
    by_head: HashMap<(DivisionCode, &'a str), Vec<&'a HouseholdRow>>,
}

impl<'a> Known<'a> {
    fn of(stored: &'a [HouseholdRow]) -> Self {
        let mut known = Self { by_number: HashMap::new(), by_head: HashMap::new() };
        for row in stored {
            known.by_number.insert((row.village, row.number), row);
            if row.until.is_none() {
                known.by_head.entry((row.village, row.head.as_str())).or_default().push(row);
            }
        }
        known
    }

    /// The household that a row means, nothing for a new one, or the column and the words of what is wrong.
    fn find(&self, said: &Household) -> Result<Option<&'a HouseholdRow>, (&'static str, Text)> {
        let heads = self.by_head.get(&(said.village, said.head.as_str())).map_or(&[][..], Vec::as_slice);
        let numbered = said.number.and_then(|number| self.by_number.get(&(said.village, number)));
        match (said.number, numbered, heads) {
            (_, Some(row), _) => match row.until {
                None => Ok(Some(row)),
                Some(day) => {
                    Err(("户号", text!("这个户号的农户已于 {day} 注销；是另一户就不填户号，由系统接着编号", day = day)))
                }
            },
            (Some(_), None, []) | (None, None, []) => Ok(None),
            (None, None, [one]) => Ok(Some(one)),
            (None, None, _) => Err(("户主", text!("村里有几户的户主叫{head}，请填户号", head = said.head))),
            (Some(_), None, [one, ..]) => Err((
                "户号",
                text!(
                    "{head}在名册里是第 {number} 户；同一户请改户号或不填，同名的另一户请在网页登记",
                    head = said.head,
                    number = one.number
                ),
            )),
        }
    }
}

pub async fn plan(conn: &mut Conn, outcome: Outcome<Said>, aim: &Aim) -> Result<(Report, HouseholdPlan), AppError> {
    let mut report = Report::of(&outcome);
    let everybody = Filter { left: true, ..Filter::default() };
    let stored = store::list(conn, &Scope::of(aim.place()), &everybody, (ALL, 0)).await?;
    let known = Known::of(&stored);
    let (mut plan, mut met) = (HouseholdPlan::default(), HashSet::new());
    for said in outcome.rows {
        let county = said.household.village.county();
        let mut reject = |column: &str, code, message| {
            report.reject(&Problem { spot: said.spot.clone(), column: column.into(), code, message, suggestion: None });
        };
        match known.find(&said.household) {
            Err((column, message)) => reject(column, code::BAD_VALUE, message),
            Ok(Some(row)) if !met.insert(row.id.as_str()) => {
                reject("户主", code::REPEATED, text!("前面已有一行是这一户，请合并成一行"));
            }
            Ok(Some(row)) => match merged(row, said.household.clone(), said.since, aim.today).after(row.standing()) {
                Err(refusal) => reject("起始日", code::BAD_DATE, refusal.message),
                Ok(household) if is_same(row, &household) => report.unchanged += 1,
                Ok(household) => {
                    plan.changed.entry(county).or_default().push((row.clone(), household));
                    report.updated += 1;
                }
            },
            Ok(None) => {
                plan.new.entry(county).or_default().push(said.household);
                report.created += 1;
            }
        }
    }
    report.sort();
    Ok((report, plan))
}

/// What is said over what is known; blank cells erase nothing, and a standing that stays keeps its day.
fn merged(row: &HouseholdRow, said: Household, since: Option<Day>, today: Day) -> Household {
    let stays = row.standing().filter(|(status, _)| *status == said.status).map(|(_, since)| since);
    Household {
        number: Some(row.number),
        team: said.team.or_else(|| row.team.clone()),
        members: said.members.or(row.members),
        since: since.or(stays).unwrap_or(today),
        ..said
    }
}

fn is_same(row: &HouseholdRow, said: &Household) -> bool {
    row.head == said.head && row.team == said.team && row.members == said.members && row.status() == Some(said.status)
}

pub async fn apply(tx: &mut Tx, plan: HouseholdPlan, actor: &Actor) -> Result<(), AppError> {
    let mut villages: BTreeSet<DivisionCode> = BTreeSet::new();
    for (county, households) in &plan.new {
        store::add_all(tx, *county, households, actor.at).await?;
        villages.extend(households.iter().map(|household| household.village));
    }
    for (county, changes) in &plan.changed {
        if !store::save_all(tx, *county, changes, actor.at).await? {
            return Err(AppError::Conflict(text!("预览之后名册被别人改过，请重新预览再导入。")));
        }
        villages.extend(changes.iter().map(|(row, _)| row.village));
    }
    flows::households_changed(tx, &villages, actor).await
}
