//! The pool: who is nominated, what the round knows of them, who signed what.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{
    db::Tx,
    kernel::{CountyId, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{ask_signs, note};
use crate::{
    accounts::Actor,
    dispatch::{
        rules::{Gate, LEVELS},
        store::{self, Nominee, Round},
    },
    flows, people, places,
};

/// Takes people of the registers of the round's counties into the pool. Who is bound to another post beyond the round's
/// first day is refused by name. Returns how many came in.
pub async fn nominate(tx: &mut Tx, round: &Round, people: &[Nominee], by: &str, actor: &Actor) -> AppResult<u64> {
    if people.is_empty() {
        return Err(Refusal::at("person", text!("请勾选要推荐的人。")).into());
    }
    let ids: Vec<String> = people.iter().map(|one| one.person.1.clone()).collect();
    let mut by_county: BTreeMap<CountyId, Vec<String>> = BTreeMap::new();
    for Nominee { person: (county, id), .. } in people.iter().filter(|one| round.takes(one.person.0)) {
        by_county.entry(*county).or_default().push(id.clone());
    }
    let mut known = HashMap::new();
    for (county, ids) in by_county {
        known.extend(people::store::find_all(tx, county, &ids).await?);
    }
    let mut seen = HashSet::new();
    for id in &ids {
        if !seen.insert(id) {
            let name = known.get(id).map_or(id.as_str(), |row| row.name.as_str());
            return Err(Refusal::at("person", text!("{name}出现了不止一次，请只留一行。", name = name)).into());
        }
    }
    if let Some(id) = ids.iter().find(|id| !known.contains_key(*id)) {
        return Err(Refusal::at("person", text!("名册里没有 {id} 这个人。", id = id)).into());
    }
    let bound = flows::bound_elsewhere(tx, &ids, round.starts_on).await?;
    if !bound.is_empty() {
        let names = some_of(&bound.into_iter().map(|one| one.said()).collect::<Vec<_>>(), NAMED);
        return Err(Refusal::at(
            "person",
            text!("到 {day} 仍有别的派驻，不能推荐：{names}。", day = round.starts_on, names = names),
        )
        .into());
    }
    let came = store::add_candidates(tx, round, people, by, actor).await?;
    ask_signs(tx, round, actor).await?;
    let names: Vec<String> = ids.iter().filter_map(|id| known.get(id)).map(|row| row.name.clone()).collect();
    let words = format!("{by}推荐 {came} 人：{}", some_of(&names, NAMED));
    note(tx, round, ("dispatch.nominate", "nominate", Some(&words)), json!({"rows": came, "unit": by}), actor).await?;
    Ok(came)
}

/// Names that the trail says at most; the pool says the rest.
const NAMED: usize = 50;

/// The first of some names, and of how many.
#[must_use]
pub fn some_of(names: &[String], most: usize) -> String {
    let more = if names.len() > most { format!("等 {} 人", names.len()) } else { String::new() };
    format!("{}{more}", names.iter().take(most).cloned().collect::<Vec<_>>().join("、"))
}

async fn named(tx: &mut Tx, round: &Round, person: &str) -> AppResult<String> {
    store::find_candidate(tx, round, person).await?.map(|one| one.name).ok_or(AppError::NotFound)
}

/// Writes what the round knows beyond the register: an equivalent rank, the home township, a waiver with its reason.
pub async fn describe(
    tx: &mut Tx,
    round: &Round,
    person: &str,
    (rank, home, waived): (Option<i64>, Option<DivisionCode>, Option<&str>),
    actor: &Actor,
) -> AppResult<()> {
    let name = named(tx, round, person).await?;
    if rank.is_some_and(|rank| LEVELS.iter().all(|(level, _)| *level != rank)) {
        return Err(Refusal::at("rank", text!("请从列出的级别里选。")).into());
    }
    if let Some(home) = home {
        let is_township = home.level() == Level::Township && places::store::find(tx, home).await?.is_some();
        if !is_township {
            return Err(Refusal::at("home", text!("行政区划里没有这个乡镇，请从列出的里选。")).into());
        }
    }
    store::describe_candidate(tx, round, person, (rank, home, waived)).await?;
    let after = json!({"person": name, "rank": rank, "home": home.map(|code| code.to_string()), "why": waived});
    let words = waived.map_or_else(|| name.clone(), |why| format!("{name}：级别放宽，{why}"));
    note(tx, round, ("dispatch.describe", "describe", Some(&words)), after, actor).await
}

/// Takes a candidate out of the pool, with the sign-offs; the story keeps both.
pub async fn remove(tx: &mut Tx, round: &Round, person: &str, why: &str, actor: &Actor) -> AppResult<()> {
    let name = named(tx, round, person).await?;
    if why.trim().is_empty() {
        return Err(Refusal::at("reason", text!("请写移出的原因。")).into());
    }
    store::remove_candidate(tx, round, person).await?;
    ask_signs(tx, round, actor).await?;
    let words = format!("{name}：{}", why.trim());
    note(tx, round, ("dispatch.remove", "remove", Some(&words)), json!({"person": name, "why": why.trim()}), actor)
        .await
}

/// One gate decided for some candidates by a body.
#[derive(Clone, Copy, Debug)]
pub struct Sitting<'a> {
    pub gate: Gate,
    pub passed: bool,
    pub why: Option<&'a str>,
    pub body: &'a str,
}

/// Signs a gate. A refusal has its reason.
pub async fn sign(tx: &mut Tx, round: &Round, people: &[String], sitting: Sitting<'_>, actor: &Actor) -> AppResult<()> {
    if people.is_empty() {
        return Err(Refusal::at("person", text!("请勾选要签的人。")).into());
    }
    if sitting.body.trim().is_empty() {
        return Err(Refusal::at("body", text!("请写由谁审定，例如 县委组织部。")).into());
    }
    let why = sitting.why.map(str::trim).filter(|why| !why.is_empty());
    if !sitting.passed && why.is_none() {
        return Err(Refusal::at("why", text!("不通过要写明原因。")).into());
    }
    let pool = store::find_people(tx, round, people).await?;
    let names: Vec<String> = pool.into_iter().map(|one| one.name).collect();
    if names.len() != people.len() {
        return Err(Refusal::at("person", text!("有人不在名单里，请刷新后再签。")).into());
    }
    store::sign(tx, round, people, sitting.gate, (sitting.passed, why, sitting.body.trim()), actor).await?;
    ask_signs(tx, round, actor).await?;
    let verdict = if sitting.passed { "通过" } else { "不通过" };
    let mut words = format!("{}{verdict}：{}（{}）", sitting.gate.zh(), some_of(&names, NAMED), sitting.body.trim());
    if let Some(why) = why {
        words = format!("{words}：{why}");
    }
    let after = json!({"kind": sitting.gate.code(), "result": verdict, "rows": names.len(), "why": why});
    note(tx, round, ("dispatch.sign", "sign", Some(&words)), after, actor).await
}
