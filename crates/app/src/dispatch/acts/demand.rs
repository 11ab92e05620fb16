//! The demand side: villages, units, forbidden pairs; and all of a round as the optimiser's problem.

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::note;
use crate::{
    accounts::Actor,
    dispatch::{
        parameters::parameters,
        rules::{Candidate, Demanded, UnitTerms, suggested},
        store::{self, Round},
    },
    flows,
    packs::Pack,
    places,
    units::{self, UnitLevel},
};

/// Teams that a unit sends where the round says nothing else.
#[must_use]
pub fn teams_usual(pack: &Pack) -> i64 {
    pack.parameter("plan_unit_teams").map_or(2, |one| one.value)
}

/// The villages of these parts, or of the whole place, that the pack asks somebody for on the round's first day and whose
/// post is free then.
pub async fn suggest(conn: &mut Conn, round: &Round, parts: &[DivisionCode], pack: &Pack) -> AppResult<Vec<Demanded>> {
    let mut found = Vec::new();
    for county in counties(conn, round.place).await? {
        let area = county.division().area();
        let asked = |part: &DivisionCode| area.contains(*part) || part.contains(county.division());
        if !parts.is_empty() && !parts.iter().any(asked) {
            continue;
        }
        let taken = flows::held_beyond(conn, county, round.starts_on).await?;
        for (code, village) in places::store::villages(conn, county, area).await? {
            if taken.contains_key(&code) || !(parts.is_empty() || parts.iter().any(|part| part.contains(code))) {
                continue;
            }
            let Some(category) = suggested(&village, round.starts_on, pack) else { continue };
            found.push(Demanded {
                code,
                name: String::new(),
                township: String::new(),
                category,
                team_size: None,
                needs: village.needs,
                fixed_unit: None,
                neighbours: village.neighbours,
                forbidden: Vec::new(),
            });
        }
    }
    Ok(found)
}

/// The counties of a place, itself where it is one.
pub async fn counties(conn: &mut Conn, place: DivisionCode) -> AppResult<Vec<CountyId>> {
    if place.level() >= Level::County {
        return Ok(vec![place.county()]);
    }
    let all = places::store::at_level(conn, place, Level::County).await?;
    Ok(all.into_iter().map(|one| one.code.county()).collect())
}

/// Takes one village of the county in, as the registers suggest it or as an ordinary one.
pub async fn add_village(tx: &mut Tx, round: &Round, code: DivisionCode, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let unknown = || Refusal::at("village", text!("这一轮的地方没有代码为 {code} 的村。", code = code));
    if code.level() != Level::Village || !round.place.contains(code) {
        return Err(unknown().into());
    }
    let place = places::store::find(tx, code).await?.ok_or_else(unknown)?;
    if let Some(held) = flows::held_beyond(tx, code.county(), round.starts_on).await?.get(&code) {
        return Err(Refusal::at(
            "village",
            text!(
                "{village}的{name}任期到 {day}，这一轮开始时还在任。",
                village = place.short(),
                name = held.name,
                day = held.until
            ),
        )
        .into());
    }
    let village = places::store::find_village(tx, code).await?.unwrap_or_default();
    let asked = Demanded {
        code,
        name: String::new(),
        township: String::new(),
        category: suggested(&village, round.starts_on, pack).unwrap_or(assign::Category::Other),
        team_size: None,
        needs: village.needs,
        fixed_unit: None,
        neighbours: village.neighbours,
        forbidden: Vec::new(),
    };
    if store::add_villages(tx, round, &[asked]).await? == 0 {
        return Err(Refusal::at("village", text!("{village}已经在村需求里。", village = place.short())).into());
    }
    let name = place.short();
    note(tx, round, ("dispatch.demand", "demand", Some(&format!("加入{name}"))), json!({"village": name}), actor).await
}

async fn known(tx: &mut Tx, round: &Round, code: DivisionCode) -> AppResult<Demanded> {
    store::find_village(tx, round, code).await?.ok_or(AppError::NotFound)
}

/// The units of the county that a plan may send, by id.
async fn unit_named(tx: &mut Tx, round: &Round, field: &'static str, id: &str) -> AppResult<String> {
    let unknown = || Refusal::at(field, text!("派出单位里没有 {id}。", id = id));
    let unit = units::store::find(tx, id).await?.filter(|unit| round.takes(unit.county_id)).ok_or_else(unknown)?;
    if unit.level == UnitLevel::Township.code() {
        return Err(Refusal::at(field, text!("乡镇单位的人不由计划派，请另选。")).into());
    }
    Ok(unit.name)
}

/// Changes what a village asks for.
pub async fn save_village(tx: &mut Tx, round: &Round, asked: &Demanded, actor: &Actor) -> AppResult<()> {
    let before = known(tx, round, asked.code).await?;
    let mut words = before.name.clone();
    if let Some(unit) = &asked.fixed_unit {
        let name = unit_named(tx, round, "fixed_unit", unit).await?;
        if before.forbidden.iter().any(|(other, _)| other == unit) {
            return Err(Refusal::at("fixed_unit", text!("{unit}是这个村的回避单位，不能又指定。", unit = name)).into());
        }
        if before.fixed_unit.as_ref() != Some(unit) {
            words = format!("{words}：指定{name}");
        }
    }
    if let Some(other) =
        asked.neighbours.iter().find(|other| other.county() != asked.code.county() || **other == asked.code)
    {
        return Err(Refusal::at("neighbours", text!("{code}不是本县的邻村。", code = other)).into());
    }
    store::save_village(tx, round, asked).await?;
    let after = json!({"village": before.name, "category": asked.category.code(), "people": asked.team_size,
                       "needs": asked.needs, "unit": asked.fixed_unit});
    note(tx, round, ("dispatch.demand", "demand", Some(&words)), after, actor).await
}

pub async fn remove_village(tx: &mut Tx, round: &Round, code: DivisionCode, actor: &Actor) -> AppResult<()> {
    let name = known(tx, round, code).await?.name;
    store::remove_village(tx, round, code).await?;
    note(tx, round, ("dispatch.demand", "demand", Some(&format!("去掉{name}"))), json!({"village": name}), actor).await
}

/// Forbids a unit in a village for a reason, or lifts that.
pub async fn forbid(
    tx: &mut Tx,
    round: &Round,
    (code, unit): (DivisionCode, &str),
    why: Option<&str>,
    actor: &Actor,
) -> AppResult<()> {
    let village = known(tx, round, code).await?;
    let name = unit_named(tx, round, "unit", unit).await?;
    let words = match why.map(str::trim) {
        Some("") => return Err(Refusal::at("why", text!("请写回避的原因。")).into()),
        Some(_) if village.fixed_unit.as_deref() == Some(unit) => {
            return Err(Refusal::at("unit", text!("{unit}是这个村的指定单位，不能又回避。", unit = name)).into());
        }
        Some(why) => format!("{name}回避{}：{why}", village.name),
        None => format!("{name}不再回避{}", village.name),
    };
    store::forbid(tx, round, (code, unit), why.map(str::trim)).await?;
    let after = json!({"village": village.name, "unit": name, "why": why});
    note(tx, round, ("dispatch.demand", "demand", Some(&words)), after, actor).await
}

/// What a round lets a unit do.
pub async fn save_unit(tx: &mut Tx, round: &Round, unit: &str, terms: UnitTerms, actor: &Actor) -> AppResult<()> {
    let name = unit_named(tx, round, "unit", unit).await?;
    if !(0..=99).contains(&terms.max_teams) {
        return Err(Refusal::at("max_teams", text!("最多派几队请写 0 到 99。")).into());
    }
    store::save_unit(tx, round, unit, terms).await?;
    let words = format!("{name}：最多 {} 队{}", terms.max_teams, if terms.strong { "，实力强" } else { "" });
    let after = json!({"unit": name, "strong": terms.strong, "teams": terms.max_teams});
    note(tx, round, ("dispatch.unit", "unit", Some(&words)), after, actor).await
}

/// All of a round as the optimiser's problem.
pub async fn problem_of(conn: &mut Conn, round: &Round, pack: &Pack) -> AppResult<assign::Problem> {
    let terms = store::units(conn, round).await?;
    let usual = teams_usual(pack);
    let unit = |(row, strengths): (units::store::UnitRow, Vec<String>)| {
        let level = match UnitLevel::parse(&row.level)? {
            UnitLevel::Province => assign::Level::Province,
            UnitLevel::City => assign::Level::City,
            UnitLevel::County => assign::Level::County,
            UnitLevel::Township => return None,
        };
        let own = terms.get(&row.id).copied();
        let own = own.unwrap_or(UnitTerms { strong: row.strong == 1, max_teams: usual });
        Some(assign::Unit {
            name: row.name,
            level,
            strong: own.strong,
            // Scope is read from as many digits of it as the level has.
            home_code: row.county_id.division().to_string(),
            max_teams: own.max_teams,
            strengths,
            id: row.id,
        })
    };
    let units = units::store::of_counties(conn, round.place.area().counties()).await?;
    let people = store::candidates(conn, round).await?;
    let villages = store::villages(conn, round).await?;
    Ok(assign::Problem {
        on: round.starts_on.date(),
        parameters: parameters(pack),
        villages: villages.iter().map(Demanded::village).collect(),
        units: units.into_iter().filter_map(unit).collect(),
        people: people.iter().filter_map(Candidate::person).collect(),
    })
}

/// What a village is called.
pub(super) async fn village_name(conn: &mut Conn, code: DivisionCode) -> AppResult<String> {
    Ok(places::store::find(conn, code).await?.map(|one| one.short()).unwrap_or_default())
}
