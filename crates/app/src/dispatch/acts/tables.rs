//! A people table of the command line's kind, taken into a pool: all of it or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Level, new_id},
    text,
    web::{AppResult, Refusal},
};

use super::{Sitting, nominate, sign};
use crate::{
    accounts::Actor,
    app::App,
    dispatch::{
        Tables, Which,
        rules::Gate,
        store::{Nominee, Round},
        tables,
    },
    people::{self, Person, store::PersonRow},
    places,
    units::{self, store::UnitRow},
};

/// Who decided, where a table brings sign-offs.
const BODY: &str = "随人员表";
/// Problems that a refusal names at most.
const NAMED: usize = 12;

fn refuse(problems: &[String]) -> Refusal {
    let more = problems.len().saturating_sub(NAMED);
    let said = problems.iter().take(NAMED).cloned().collect::<Vec<_>>().join("；");
    if more == 0 {
        Refusal::at("file", text!("没有读入：{problems}", problems = said))
    } else {
        Refusal::at("file", text!("没有读入：{problems}；另有 {n} 处", problems = said, n = more))
    }
}

/// Whom the registers of the table's units know, by id and by name.
async fn registered(
    tx: &mut Tx,
    read: &Tables,
    unit_of: &HashMap<&str, Vec<&UnitRow>>,
) -> AppResult<(HashMap<String, PersonRow>, HashMap<String, Vec<PersonRow>>)> {
    let mut asked: BTreeMap<CountyId, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for one in &read.people {
        for unit in unit_of.get(one.unit.as_str()).into_iter().flatten() {
            let (ids, names) = asked.entry(unit.county_id).or_default();
            ids.push(one.id.clone());
            names.push(one.name.clone());
        }
    }
    let (mut known, mut named) = (HashMap::new(), HashMap::<String, Vec<PersonRow>>::new());
    for (county, (ids, names)) in asked {
        known.extend(people::store::find_all(tx, county, &ids).await?);
        for row in people::store::find_named(tx, county, &names).await? {
            named.entry(row.name.clone()).or_default().push(row);
        }
    }
    Ok((known, named))
}

/// Reads the table; people whom the register lacks get a file there. Returns how many came into the pool.
pub async fn take_table(
    tx: &mut Tx,
    app: &App,
    round: &Round,
    (bytes, file_name): (&[u8], &str),
    actor: &Actor,
) -> AppResult<u64> {
    let mut read = Tables::default();
    tables::read(Which::People, bytes, file_name, &mut read).map_err(|problems| {
        let said = |one: &tables::Problem| match one.row {
            0 => one.message.clone(),
            row => format!("第 {row} 行 {}：{}", one.column, one.message),
        };
        refuse(&problems.iter().map(said).collect::<Vec<_>>())
    })?;
    let units = units::store::of_counties(tx, round.place.area().counties()).await?;
    let mut unit_of: HashMap<&str, Vec<&UnitRow>> = HashMap::new();
    for (unit, _) in &units {
        unit_of.entry(unit.id.as_str()).or_default().push(unit);
        unit_of.entry(unit.name.as_str()).or_default().push(unit);
    }
    let townships: HashSet<DivisionCode> = places::store::list(tx, round.place.area())
        .await?
        .into_iter()
        .filter(|one| one.level() == Level::Township)
        .map(|one| one.code)
        .collect();
    let (known, named) = registered(tx, &read, &unit_of).await?;
    let (mut problems, mut seen) = (Vec::new(), HashSet::new());
    let (mut fresh, mut pool) = (BTreeMap::<CountyId, Vec<(String, Person)>>::new(), Vec::new());
    for one in &read.people {
        if !seen.insert(one.id.as_str()) {
            problems.push(format!("人员编号 {} 出现了不止一次，请只留一行", one.id));
            continue;
        }
        if one.name.is_empty() {
            problems.push(format!("人员 {} 没有姓名", one.id));
            continue;
        }
        let unit = match unit_of.get(one.unit.as_str()).map_or(&[][..], Vec::as_slice) {
            [unit] => *unit,
            [] => {
                problems.push(format!("{}的单位“{}”不在派出单位里", one.name, one.unit));
                continue;
            }
            several => {
                problems.push(format!("{}的单位“{}”有 {} 个，请写单位编号", one.name, one.unit, several.len()));
                continue;
            }
        };
        if one.rank < 1 {
            problems.push(format!("{}的级别 {} 不行，从 1 起", one.name, one.rank));
            continue;
        }
        let home = one.home_township.as_deref().map(DivisionCode::parse);
        let home = match home {
            None => None,
            Some(Some(code)) if townships.contains(&code.at(Level::Township)) => Some(code.at(Level::Township)),
            // A township elsewhere keeps nobody from a village here.
            Some(Some(code)) if !round.place.contains(code) => None,
            Some(_) => {
                problems.push(format!("{}的家乡乡镇不在区划里", one.name));
                continue;
            }
        };
        let birth = Day::from_date(one.birth);
        let same = |row: &&people::store::PersonRow| {
            let born = row.birth.as_deref().is_none_or(|known| birth.to_string().starts_with(known));
            row.name == one.name && born && row.unit_id.as_deref().is_none_or(|own| own == unit.id)
        };
        let of_name = || named.get(&one.name).and_then(|rows| rows.iter().find(same));
        let found = known.get(&one.id).or_else(of_name).map(|row| (row.county_id, row.id.clone()));
        let person = found.unwrap_or_else(|| {
            let person = Person {
                name: one.name.clone(),
                birth: Some(birth.to_string()),
                party_since: one.party_since.map(|since| Day::from_date(since).to_string()),
                unit_id: Some(unit.id.clone()),
                specialities: one.specialities.clone(),
                reserve: one.reserve,
                village_experience: one.rural,
                agriculture: one.agri,
                ..Person::default()
            };
            let id = new_id();
            fresh.entry(unit.county_id).or_default().push((id.clone(), person));
            (unit.county_id, id)
        });
        pool.push((Nominee { person, rank: Some(one.rank.min(10)), home }, one.gates));
    }
    if !problems.is_empty() {
        return Err(refuse(&problems).into());
    }
    for (county, people) in &fresh {
        people::store::add_all(tx, &app.keys, *county, people, actor.at).await?;
    }
    let rows: Vec<Nominee> = pool.iter().map(|(nominee, _)| nominee.clone()).collect();
    let came = nominate(tx, round, &rows, "人员表", actor).await?;
    for gate in Gate::ALL {
        let passed = pool.iter().filter(|(_, gates)| gates[gate.at()]);
        let passed: Vec<String> = passed.map(|(one, _)| one.person.1.clone()).collect();
        if !passed.is_empty() {
            let sitting = Sitting { gate, passed: true, why: None, body: BODY };
            sign(tx, round, &passed, sitting, actor).await?;
        }
    }
    Ok(came)
}
