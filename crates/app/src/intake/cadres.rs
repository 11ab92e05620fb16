//! People against the stored ones: by ID number, else by our own number, else by name and telephone.

use std::collections::HashMap;

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, new_id},
    text,
    web::AppError,
};

use super::Aim;
use crate::{
    accounts::Actor,
    app::App,
    imports::{Outcome, Problem, Report, cadres::CadreRow, code},
    people::{
        Flags, Gender, Person, merged,
        store::{self, PersonRow},
    },
    units::{self, Unit},
};

#[derive(Default)]
pub struct CadrePlan {
    units: Vec<(String, Unit)>,
    new: Vec<(String, Person)>,
    changed: Vec<(PersonRow, Person)>,
}

/// People who are known, found by any of their keys.
struct Known {
    by_hash: HashMap<String, String>,
    by_name: HashMap<String, Vec<String>>,
    people: HashMap<String, PersonRow>,
}

impl Known {
    async fn load(conn: &mut Conn, app: &App, keeper: CountyId, rows: &[CadreRow]) -> Result<Self, AppError> {
        let hashes: Vec<String> =
            rows.iter().filter_map(|row| Some(store::id_hash(&app.keys, row.id.as_ref()?))).collect();
        let found = store::find_identities(conn, &hashes).await?;
        let mut by_county: HashMap<CountyId, Vec<String>> = HashMap::new();
        for (county, id) in found.values() {
            by_county.entry(*county).or_default().push(id.clone());
        }
        by_county.entry(keeper).or_default().extend(rows.iter().filter_map(|row| row.person_id.clone()));
        let mut people = HashMap::new();
        for (county, ids) in by_county {
            people.extend(store::find_all(conn, county, &ids).await?);
        }
        let names: Vec<String> = rows.iter().filter(|row| row.id.is_none()).map(|row| row.name.clone()).collect();
        let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
        for person in store::find_named(conn, keeper, &names).await? {
            by_name.entry(person.name.clone()).or_default().push(person.id.clone());
            people.insert(person.id.clone(), person);
        }
        let by_hash = found.into_iter().map(|(hash, (_, id))| (hash, id)).collect();
        Ok(Self { by_hash, by_name, people })
    }

    fn find(&self, app: &App, row: &CadreRow) -> Option<&PersonRow> {
        if let Some(id) = &row.id {
            return self.people.get(self.by_hash.get(&store::id_hash(&app.keys, id))?);
        }
        if let Some(known) = row.person_id.as_ref().and_then(|id| self.people.get(id)) {
            return Some(known);
        }
        let mut same = self.by_name.get(&row.name).into_iter().flatten().filter_map(|id| self.people.get(id));
        match (&row.phone, &row.birth) {
            (Some(phone), _) => same.find(|person| person.phone.as_deref() == Some(phone.as_str())),
            (None, Some(birth)) => {
                let birth = birth.to_string();
                let mut agreeing = same.filter(|one| one.birth.as_deref().is_some_and(|b| b.starts_with(&birth)));
                agreeing.next().filter(|_| agreeing.next().is_none())
            }
            (None, None) => same.next().filter(|_| same.next().is_none()),
        }
    }
}

pub async fn plan(
    conn: &mut Conn,
    app: &App,
    outcome: Outcome<CadreRow>,
    aim: &Aim,
) -> Result<(Report, CadrePlan), AppError> {
    let mut report = Report::of(&outcome);
    let keeper = aim.keeper();
    let known = Known::load(conn, app, keeper, &outcome.rows).await?;
    let stored = units::store::ids_by_name(conn, keeper).await?;
    let mut plan = CadrePlan::default();
    let mut unit_ids = stored.clone();
    let mut met: HashMap<String, u32> = HashMap::new();
    for row in &outcome.rows {
        let unit_id = row.text("unit_id").filter(|id| stored.values().any(|known| known == id)).map(str::to_owned);
        let unit_id =
            unit_id.or_else(|| row.text("unit").map(|name| unit(name, &mut unit_ids, &mut plan, &mut report)));
        let person = person(row, unit_id);
        let flags = Flags { reserve: row.reserve, village_experience: row.rural, agriculture: row.agri };
        match known.find(app, row) {
            None => {
                plan.new.push((new_id(), person));
                report.created += 1;
            }
            Some(stored) => {
                if let Some(first) = met.insert(stored.id.clone(), row.spot.row) {
                    report.reject(&twice(row, first));
                } else if let Some(changed) = merged(stored, person, flags) {
                    plan.changed.push((stored.clone(), changed));
                    report.updated += 1;
                } else {
                    report.unchanged += 1;
                }
            }
        }
    }
    report.sort();
    Ok((report, plan))
}

fn twice(row: &CadreRow, first: u32) -> Problem {
    let message = text!("与第 {first} 行是同一个人，请合并成一行", first = first);
    Problem { spot: row.spot.clone(), column: "姓名".into(), code: code::REPEATED, message, suggestion: None }
}

fn unit(name: &str, ids: &mut HashMap<String, String>, plan: &mut CadrePlan, report: &mut Report) -> String {
    if let Some(id) = ids.get(name) {
        return id.clone();
    }
    let id = new_id();
    ids.insert(name.to_owned(), id.clone());
    plan.units.push((id.clone(), Unit::named(name)));
    report.units_created.push(name.to_owned());
    id
}

fn person(row: &CadreRow, unit_id: Option<String>) -> Person {
    let text = |key| row.text(key).map(str::to_owned);
    Person {
        name: row.name.clone(),
        gender: row.text("gender").and_then(Gender::parse),
        birth: row.birth.map(|day| day.to_string()),
        id_number: row.id.clone(),
        phone: row.phone.as_ref().map(ToString::to_string),
        ethnicity: text("ethnicity"),
        party_since: row.party_since.map(|day| day.to_string()),
        education: text("education"),
        unit_id,
        position: text("position"),
        rank: text("rank"),
        specialities: row.specialities.clone(),
        reserve: row.reserve == Some(true),
        village_experience: row.rural == Some(true),
        agriculture: row.agri == Some(true),
        note: text("note"),
    }
}

pub async fn apply(tx: &mut Tx, app: &App, keeper: CountyId, plan: CadrePlan, actor: &Actor) -> Result<(), AppError> {
    units::store::add_all(tx, keeper, &plan.units).await?;
    store::add_all(tx, &app.keys, keeper, &plan.new, actor.at).await?;
    for (row, person) in &plan.changed {
        if !store::save(tx, row.county_id, &row.id, person, row.version).await? {
            return Err(AppError::Conflict(base::text!("预览之后名册被别人改过，请重新预览再导入。")));
        }
    }
    Ok(())
}
