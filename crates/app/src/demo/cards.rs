//! Households that the programme looks after, and the contact card in each of their homes (SQ-5).

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode},
    web::AppError,
};

use super::{
    dice::{Dice, Stream},
    people::Names,
    world::{Gender, PostRole, Village, World},
};
use crate::{
    accounts::Actor,
    households::{self, Household, Status},
    postings::cards::store::{self as cards, NewIssue},
};

/// A few villages whose cards still name the one before.
const OUTDATED: usize = 3;

/// The households of a village: heads from the lists of names, numbered through its teams.
fn households(village: &Village, names: &Names, dice: &mut Dice) -> Vec<Household> {
    let poor = village.out_of_poverty_households;
    let teams = dice.between(4, 12);
    (0..poor + village.monitored_households)
        .map(|at| {
            let gender = if dice.percent(82) { Gender::Male } else { Gender::Female };
            let (status, since) = if at < poor {
                (Status::OutOfPoverty, Day::new(2021, 1, 1))
            } else {
                let month = i8::try_from(dice.between(1, 12)).unwrap_or(1);
                (Status::Monitored, Day::new(if dice.percent(50) { 2021 } else { 2022 }, month, 5))
            };
            Household {
                village: village.code,
                number: None,
                team: Some(format!("{}组", dice.between(1, teams))),
                head: names.any(gender, dice),
                members: Some(dice.between(1, 6)),
                status,
                since: since.unwrap_or(village.since),
            }
        })
        .collect()
}

/// Enters households and hands out a card to each, a fortnight after the first secretary came.
pub async fn load(tx: &mut Tx, county: CountyId, world: &World, actor: &Actor) -> Result<(), AppError> {
    let (names, mut dice) = (Names::new(&[]), Dice::new(world.seed, Stream::Homes));
    let mut all = Vec::new();
    for village in &world.villages {
        all.extend(households(village, &names, &mut dice));
    }
    let ids = households::store::add_all(tx, county, &all, actor.at).await?;
    let mut homes: BTreeMap<DivisionCode, Vec<String>> = BTreeMap::new();
    for (household, id) in all.iter().zip(ids) {
        homes.entry(household.village).or_default().push(id);
    }
    let villages: BTreeSet<DivisionCode> = homes.keys().copied().collect();
    cards::ensure(tx, county, &villages, actor.at).await?;
    let mut issues = Vec::new();
    for (at, village) in world.villages.iter().enumerate() {
        let first = world.postings.iter().filter(|p| p.village == at && p.role == PostRole::FirstSecretary);
        let came = first.map(|posting| posting.from).max();
        let day = came.map(|day| day.plus_days(14)).filter(|day| *day <= world.today);
        let (Some(day), Some(households)) = (day, homes.remove(&village.code)) else { continue };
        issues.push(NewIssue { village: village.code, day, households, extra: 0, note: None });
    }
    cards::issue_all(tx, county, &issues, actor).await?;
    let mut printed: Vec<_> = cards::holders(tx, county.division().area()).await?.into_iter().collect();
    let before = printed.len() / OUTDATED;
    for (_, holder) in printed.iter_mut().step_by(before.max(1)).take(OUTDATED) {
        holder.phone = Some("13000009999".into());
    }
    Ok(cards::printed(tx, &printed, actor.at).await?)
}
