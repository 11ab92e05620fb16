//! A people table of the command line's kind, taken into a pool: all of it or nothing.

use std::collections::{HashMap, HashSet};

use base::{
    db::Tx,
    kernel::{Day, DivisionCode, Level, new_id},
    text,
    web::{AppResult, Refusal},
};

use super::{Sitting, nominate, sign};
use crate::{
    accounts::Actor,
    app::App,
    dispatch::{Tables, Which, rules::Gate, store::Round, tables},
    people::{self, Person},
    places, units,
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
    let county = round.county.as_i64();
    let units = units::store::of_counties(tx, (county, county)).await?;
    let unit_of: HashMap<&str, &str> = units
        .iter()
        .flat_map(|(unit, _)| [(unit.id.as_str(), unit.id.as_str()), (unit.name.as_str(), unit.id.as_str())])
        .collect();
    let townships: HashSet<DivisionCode> = places::store::list(tx, round.place.area())
        .await?
        .into_iter()
        .filter(|one| one.level() == Level::Township)
        .map(|one| one.code)
        .collect();
    let names: Vec<String> = read.people.iter().map(|one| one.name.clone()).collect();
    let ids: Vec<String> = read.people.iter().map(|one| one.id.clone()).collect();
    let known = people::store::find_all(tx, round.county, &ids).await?;
    let named = people::store::find_named(tx, round.county, &names).await?;
    let (mut problems, mut seen) = (Vec::new(), HashSet::new());
    let (mut fresh, mut pool) = (Vec::new(), Vec::new());
    for one in &read.people {
        if !seen.insert(one.id.as_str()) {
            problems.push(format!("人员编号 {} 出现了不止一次，请只留一行", one.id));
            continue;
        }
        if one.name.is_empty() {
            problems.push(format!("人员 {} 没有姓名", one.id));
            continue;
        }
        let Some(unit) = unit_of.get(one.unit.as_str()) else {
            problems.push(format!("{}的单位“{}”不在派出单位里", one.name, one.unit));
            continue;
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
            Some(Some(code)) if code.county() != round.county => None,
            Some(_) => {
                problems.push(format!("{}的家乡乡镇不在区划里", one.name));
                continue;
            }
        };
        let birth = Day::from_date(one.birth);
        let same = |row: &&people::store::PersonRow| {
            let born = row.birth.as_deref().is_none_or(|known| birth.to_string().starts_with(known));
            row.name == one.name && born && row.unit_id.as_deref().is_none_or(|own| own == *unit)
        };
        let id =
            known.get(&one.id).map(|row| row.id.clone()).or_else(|| named.iter().find(same).map(|row| row.id.clone()));
        let id = id.unwrap_or_else(|| {
            let person = Person {
                name: one.name.clone(),
                birth: Some(birth.to_string()),
                party_since: one.party_since.map(|since| Day::from_date(since).to_string()),
                unit_id: Some((*unit).to_owned()),
                specialities: one.specialities.clone(),
                reserve: one.reserve,
                village_experience: one.rural,
                agriculture: one.agri,
                ..Person::default()
            };
            let id = new_id();
            fresh.push((id.clone(), person));
            id
        });
        pool.push((id, one.rank.min(10), home, one.gates));
    }
    if !problems.is_empty() {
        return Err(refuse(&problems).into());
    }
    people::store::add_all(tx, &app.keys, round.county, &fresh, actor.at).await?;
    let rows: Vec<_> = pool.iter().map(|(id, rank, home, _)| (id.clone(), Some(*rank), *home)).collect();
    let came = nominate(tx, round, &rows, "人员表", actor).await?;
    for gate in Gate::ALL {
        let passed = pool.iter().filter(|(.., gates)| gates[gate.at()]).map(|(id, ..)| id.clone()).collect::<Vec<_>>();
        if !passed.is_empty() {
            let sitting = Sitting { gate, passed: true, why: None, body: BODY };
            sign(tx, round, &passed, sitting, actor).await?;
        }
    }
    Ok(came)
}
