//! Puts the log of a demo world into the stores, through the functions that pages use.

use std::collections::HashMap;

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
    web::AppError,
};

use super::world::{Gain, GainState, LogEntry, Visit, World};
use crate::{
    accounts::Actor,
    log::{
        entries::{self, Credited, Duty, Entry, Outcome, OutcomeState, Word, store::NewEntry},
        visits::{self, Holder, NewPromise, NewVisit, Visitor},
    },
    packs::Pack,
    spine::facts::Catalogue,
};

/// Six in the evening of a day, when people write.
fn evening(day: Day) -> Instant {
    let epoch = Day::new(1970, 1, 1).map_or(0, |epoch| day.days_since(epoch));
    Instant((epoch * 24 + 10) * 3_600_000)
}

fn writer(name: &str, day: Day) -> Actor {
    Actor { account_id: "demo".into(), name: name.into(), at: evening(day), today: day }
}

pub(super) async fn load(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    ids: (&[(CountyId, String)], &[String]),
    pack: &Pack,
) -> Result<(), AppError> {
    let names: HashMap<DivisionCode, &str> =
        world.divisions.iter().map(|division| (division.code, division.short.as_str())).collect();
    // In part, so that years of a county do not all stand in memory.
    for told in world.log.chunks(2_000) {
        let all = told.iter().map(|told| entry(world, ids, &names, pack, told));
        entries::store::add_all(tx, county, &all.collect::<Result<Vec<_>, _>>()?, pack).await?;
    }
    let seen: Vec<NewVisit> = world.visits.iter().filter_map(|told| visit(world, told)).collect();
    Ok(visits::store::add_all(tx, county, &seen).await?)
}

fn entry(
    world: &World,
    (people, units): (&[(CountyId, String)], &[String]),
    names: &HashMap<DivisionCode, &str>,
    pack: &Pack,
    told: &LogEntry,
) -> Result<NewEntry, AppError> {
    let village = world.villages[told.village].code;
    let township = names.get(&village.parent()).copied().unwrap_or_default();
    let name = world.people[told.person].name.clone();
    let by = writer(&name, told.day);
    let word = Word { by: format!("{township}党委"), on: told.day.plus_days(2).min(world.today) };
    let outcomes = told.gains.iter().map(|gain| outcome(gain, &word, pack)).collect::<Result<_, _>>()?;
    let duty = Duty::parse(told.duty).ok_or_else(|| AppError::internal("the demo names an unknown duty"))?;
    let who = Credited { person: people[told.person].clone(), name, unit_id: units.get(told.unit).cloned() };
    let entry = Entry {
        village,
        day: told.day,
        duty,
        words: told.words.clone(),
        met: None,
        who,
        post_village: village,
        links: Vec::new(),
    };
    Ok(NewEntry { id: new_id(), entry, outcomes, note_sealed: None, pictures: Vec::new(), by })
}

fn outcome(gain: &Gain, word: &Word, pack: &Pack) -> Result<Outcome, AppError> {
    let indicator = Catalogue::get().find(gain.indicator);
    let indicator = indicator.ok_or_else(|| AppError::internal("the demo names an unknown indicator"))?;
    let begun = OutcomeState::begin(indicator, gain.smallest, pack);
    let state = match (gain.state, begun) {
        (GainState::Counts, OutcomeState::Waiting) => OutcomeState::Waiting.confirm(word.clone())?,
        (GainState::SentBack, OutcomeState::Waiting) => {
            OutcomeState::Waiting.send_back(word.clone(), "批复上是 30 万元，请核对数量")?
        }
        (_, begun) => begun,
    };
    Ok(Outcome {
        id: new_id(),
        indicator,
        amount: gain.smallest,
        typed: gain.typed.to_string(),
        unit: gain.unit.to_owned(),
        what: Some(gain.what.to_owned()),
        evidence: None,
        state,
    })
}

fn visit(world: &World, told: &Visit) -> Option<NewVisit> {
    let villages: Vec<DivisionCode> = told.villages.iter().map(|at| world.villages[*at].code).collect();
    let first = villages.first().copied()?;
    let promise = |one: &super::world::Promise| {
        let holder = Holder::parse(one.holder)?;
        Some(NewPromise { id: new_id(), village: first, what: one.what.to_owned(), holder, due: one.due })
    };
    Some(NewVisit {
        id: new_id(),
        day: told.day,
        words: told.words.clone(),
        villages,
        visitors: told
            .visitors
            .iter()
            .map(|(name, unit, post)| Visitor { name: name.clone(), post: Some(post.clone()), unit: unit.clone() })
            .collect(),
        promises: told.promises.iter().filter_map(promise).collect(),
        by: writer("宋知远", told.day),
    })
}
