//! Puts a demo world into the stores, through the same functions that pages and imports use.

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Level, new_id},
    web::AppError,
};

use super::{
    Place, express, handovers, presence, story,
    world::{self, World},
};
use crate::{
    accounts::{
        self, Actor, Grant, Role,
        store::{Entrance, NewAccount},
    },
    app::App,
    packs,
    people::{self, Gender, Person},
    places::{self, Village, VillageCategory},
    postings::{
        EndReason, Held, Ledger, PostRole, State,
        store::{self, NewPosting, NewTeam},
    },
    units::{self, Unit, UnitLevel},
};

/// A word that the world and the stores spell differently: a defect of the program.
fn word<T>(found: Option<T>, code: &str) -> Result<T, AppError> {
    found.ok_or_else(|| AppError::internal(format!("the demo world says “{code}”")))
}

/// Ids of what was stored, by the world's indices.
pub(super) struct Ids {
    pub units: Vec<String>,
    pub people: Vec<String>,
    pub batches: Vec<String>,
    pub teams: Vec<String>,
    pub postings: Vec<String>,
}

/// Stores the world of 社旗 alone.
pub async fn load(app: &App, world: &World, pack: &str) -> Result<(), AppError> {
    let place = Place::parse(pack).ok_or_else(|| AppError::internal("the demo names an unknown place"))?;
    store(app, &[(place, world)]).await
}

/// Stores worlds in one transaction: all of it or nothing. The first place is the installation's home.
pub async fn load_all(app: &App, worlds: &[(Place, World)]) -> Result<(), AppError> {
    let worlds: Vec<_> = worlds.iter().map(|(place, world)| (*place, world)).collect();
    store(app, &worlds).await
}

async fn store(app: &App, worlds: &[(Place, &World)]) -> Result<(), AppError> {
    let Some(&(first, world)) = worlds.first() else { return Ok(()) };
    let installation = DivisionCode::NATION.county();
    let mut tx = app.db.begin().await?;
    packs::store::save_setting(&mut tx, installation, "today", &world.today.to_string()).await?;
    packs::store::save_setting(&mut tx, installation, "home", &first.division().to_string()).await?;
    let mut entrances = Vec::new();
    if !worlds.iter().any(|(place, _)| *place == Place::Sheqi) {
        entrances.extend(keepers(&mut tx, world).await?);
    }
    for (place, world) in worlds {
        entrances.extend(load_county(&mut tx, app, *place, world).await?);
    }
    let order = |entrance: &Entrance| Role::ALL.iter().position(|role| role.zh() == entrance.label);
    entrances.sort_by_key(order);
    accounts::store::save_demo_entrances(&mut tx, &entrances).await?;
    let mut places: Vec<&str> = worlds.iter().map(|(place, _)| place.name()).collect();
    places.dedup();
    packs::store::save_setting(&mut tx, installation, "demo", &places.join(" ")).await?;
    tx.commit().await?;
    app.db.optimize().await?;
    Ok(())
}

async fn load_county(tx: &mut Tx, app: &App, place: Place, world: &World) -> Result<Vec<Entrance>, AppError> {
    let county = world.divisions.iter().find(|d| d.level == Level::County).map(|d| d.code.county());
    let county = word(county, "county")?;
    let actor =
        Actor { account_id: "demo".into(), name: "演示数据".into(), at: app.clock.now(), today: world.today };
    let name = place.name();
    packs::store::save_setting(tx, county, "pack", name).await?;
    load_places(tx, world, &actor).await?;
    let units = load_units(tx, world).await?;
    let people = load_people(tx, app, county, world, &units, &actor).await?;
    let mut ids = Ids { units, people, batches: Vec::new(), teams: Vec::new(), postings: Vec::new() };
    ids.postings = world.postings.iter().map(|_| new_id()).collect();
    load_batches(tx, county, world, &mut ids, &actor).await?;
    load_postings(tx, county, world, &ids, &actor).await?;
    let pack = app.packs().get(name).ok_or_else(|| AppError::internal("the demo names an unknown pack"))?;
    store::refresh_vacancies(tx, county, county.division().area(), pack, &actor).await?;
    let entrances = load_accounts(tx, county, world, &ids, &actor).await?;
    // 社旗 alone has a story of leaves, trips, checks and handovers.
    if place == Place::Sheqi {
        presence::load(tx, app, county, world, pack).await?;
    }
    story::load(tx, county, world, (&ids.people, &ids.units), pack).await?;
    express::load(tx, place, county, world, &ids, pack).await?;
    if place == Place::Sheqi {
        handovers::load(tx, county, world, &ids, pack).await?;
        super::dispatch::load(tx, county, world, &ids, pack).await?;
    }
    // After the handovers: a card names whoever holds the post now.
    super::cards::load(tx, county, world, &actor).await?;
    super::matters::load(tx, (app, place), county, world, &ids, pack).await?;
    super::papers::load(tx, app, place, world).await?;
    Ok(entrances)
}

/// The three keepers of an installation that does not show 社旗, where they have their names.
async fn keepers(tx: &mut Tx, world: &World) -> Result<Vec<Entrance>, AppError> {
    let county = word(world.divisions.iter().find(|d| d.level == Level::County).map(|d| d.code.county()), "county")?;
    let actor =
        Actor {
            account_id: "demo".into(), name: "演示数据".into(), at: base::kernel::Instant(0), today: world.today
        };
    let accounts = super::accounts::keepers();
    let none =
        Ids { units: Vec::new(), people: Vec::new(), batches: Vec::new(), teams: Vec::new(), postings: Vec::new() };
    add_accounts(tx, county, world, &none, (&accounts, &actor)).await
}

async fn load_places(tx: &mut Tx, world: &World, actor: &Actor) -> Result<(), AppError> {
    let divisions: Vec<_> = world.divisions.iter().map(|d| (d.code, d.name.clone())).collect();
    places::store::save_all(tx, &divisions, world.today).await?;
    let (mut stars, mut income, mut tags, mut neighbours) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, village) in world.villages.iter().enumerate() {
        let counts = Village {
            households: Some(village.households.into()),
            members: Some(village.members.into()),
            poor_households: Some(village.out_of_poverty_households.into()),
            monitored_households: Some(village.monitored_households.into()),
            ..Village::default()
        };
        places::store::save_counts(tx, village.code, &counts).await?;
        if let Some((category, period)) = village.before {
            set_category(tx, village.code, category, period.from()).await?;
        }
        set_category(tx, village.code, village.category, village.since).await?;
        stars.extend(village.stars.iter().map(|(year, stars)| (village.code, i64::from(*year), i64::from(*stars))));
        income.extend(village.income.iter().map(|(year, fen)| (village.code, i64::from(*year), fen.0)));
        tags.extend(village.industries.iter().map(|tag| (village.code, "industry", (*tag).to_owned())));
        tags.extend(village.needs.iter().map(|tag| (village.code, "need", (*tag).to_owned())));
        let later = village.neighbours.iter().filter(|other| **other > at);
        neighbours.extend(later.map(|other| (village.code, world.villages[*other].code)));
    }
    places::store::set_stars(tx, &stars, actor.at).await?;
    places::store::set_income(tx, &income).await?;
    places::store::add_tags(tx, &tags).await?;
    places::store::add_neighbours(tx, &neighbours).await?;
    Ok(())
}

async fn set_category(
    tx: &mut Tx,
    village: DivisionCode,
    category: world::VillageCategory,
    since: Day,
) -> Result<(), AppError> {
    let category = word(VillageCategory::parse(category.code()), category.code())?;
    Ok(places::store::set_category(tx, village, category, since, Some("演示数据")).await?)
}

async fn load_units(tx: &mut Tx, world: &World) -> Result<Vec<String>, AppError> {
    let mut ids = Vec::new();
    for unit in &world.units {
        let stored = Unit {
            name: unit.name.clone(),
            level: word(UnitLevel::parse(unit.level.code()), unit.level.code())?,
            kind: Some(unit.kind.clone()),
            system: Some(unit.system.clone()),
            contact: None,
            phone: Some(unit.phone.to_string()),
            strong: unit.strong,
            strengths: unit.strengths.iter().map(|tag| (*tag).to_owned()).collect(),
        };
        // The county's office keeps the units it works with, whatever their level.
        let keeper = world.villages.first().map_or(unit.division, |village| village.code).county();
        ids.push(units::store::add(tx, keeper, &stored).await?);
    }
    Ok(ids)
}

async fn load_people(
    tx: &mut Tx,
    app: &App,
    county: CountyId,
    world: &World,
    units: &[String],
    actor: &Actor,
) -> Result<Vec<String>, AppError> {
    let people: Vec<(String, Person)> = world
        .people
        .iter()
        .map(|person| {
            let stored = Person {
                name: person.name.clone(),
                gender: Gender::parse(person.gender.code()),
                birth: Some(person.birth.to_string()),
                id_number: Some(person.id_number.clone()),
                phone: Some(person.phone.to_string()),
                ethnicity: Some(person.ethnicity.to_owned()),
                party_since: person.party_since.map(|day| day.to_string()),
                education: Some(person.education.to_owned()),
                unit_id: units.get(person.unit).cloned(),
                position: Some(person.position.to_owned()),
                rank: Some(person.rank.to_owned()),
                specialities: person.specialities.iter().map(|one| (*one).to_owned()).collect(),
                reserve: person.reserve,
                village_experience: person.village_experience,
                agriculture: person.agriculture,
                note: None,
            };
            (new_id(), stored)
        })
        .collect();
    people::store::add_all(tx, &app.keys, county, &people, actor.at).await?;
    Ok(people.into_iter().map(|(id, _)| id).collect())
}

async fn load_batches(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    ids: &mut Ids,
    actor: &Actor,
) -> Result<(), AppError> {
    for batch in &world.batches {
        let (number, term) = (i64::from(batch.number), i64::from(batch.term_months));
        let open = batch.end.is_none();
        let stored = store::add_batch(tx, county, number, &batch.name, batch.start, term, open).await?;
        ids.batches.push(stored.id);
    }
    let mut teams = Vec::new();
    for team in &world.teams {
        ids.teams.push(new_id());
        teams.push(NewTeam {
            id: ids.teams.last().cloned().unwrap_or_default(),
            batch_id: ids.batches[team.batch].clone(),
            village: world.villages[team.village].code,
            neighbours: team.also.iter().map(|village| world.villages[*village].code).collect(),
            ledger: word(Ledger::parse(team.ledger.code()), team.ledger.code())?,
            lead_unit_id: ids.units.get(team.lead_unit).cloned(),
            joining_unit_ids: team.joining_units.iter().map(|unit| ids.units[*unit].clone()).collect(),
            period: team.period,
        });
    }
    Ok(store::add_teams(tx, county, &teams, actor.at).await?)
}

async fn load_postings(tx: &mut Tx, county: CountyId, world: &World, ids: &Ids, actor: &Actor) -> Result<(), AppError> {
    let mut postings = Vec::new();
    let changing = handovers::completed(world);
    for (at, posting) in world.postings.iter().enumerate() {
        let unit = &world.units[posting.unit];
        let state = match posting.ended {
            // The pair whose handover the demo carries out stands as it did before it.
            _ if changing.is_some_and(|(old, _)| old == at) => State::OnPost,
            _ if changing.is_some_and(|(_, new)| new == at) => State::Approved,
            Some((until, reason)) => {
                State::Ended { until, reason: word(EndReason::parse(reason.code()), reason.code())? }
            }
            None if posting.from > world.today => State::Approved,
            None => State::OnPost,
        };
        postings.push(NewPosting {
            held: Held {
                posting_id: ids.postings[at].clone(),
                batch_id: ids.batches[posting.batch].clone(),
                person: (county, ids.people[posting.person].clone()),
                unit_id: ids.units.get(posting.unit).cloned(),
                unit_level: UnitLevel::parse(unit.level.code()),
                village: world.villages[posting.village].code,
                role: word(PostRole::parse(posting.role.code()), posting.role.code())?,
                ledger: word(Ledger::parse(posting.ledger.code()), posting.ledger.code())?,
                state,
                since: posting.from,
            },
            team_id: posting.team.map(|team| ids.teams[team].clone()),
            person_name: world.people[posting.person].name.clone(),
            note: None,
        });
    }
    postings.extend(waiting(world, county, ids));
    postings.extend(handovers::coming(world, county, ids));
    store::add_all(tx, county, &postings, false, actor).await
}

/// Three members who are on their way: one to be vetted, one to be approved, one to be welcomed.
fn waiting(world: &World, county: CountyId, ids: &Ids) -> Vec<NewPosting> {
    let current = world.batches.len().saturating_sub(1);
    let free = |person: &usize| !world.postings.iter().any(|p| p.person == *person && p.batch == current);
    let served = world.postings.iter().filter(|posting| posting.batch == 1).map(|posting| posting.person);
    let teams = world.teams.iter().enumerate().filter(|(_, team)| team.batch == current).step_by(17);
    let steps = [(State::Proposed, 20), (State::Vetted, 12), (State::Approved, 1)];
    let mut postings = Vec::new();
    for (((at, team), person), (state, days)) in teams.zip(served.filter(free)).zip(steps) {
        let unit = world.people[person].unit;
        let held = Held {
            posting_id: new_id(),
            batch_id: ids.batches[current].clone(),
            person: (county, ids.people[person].clone()),
            unit_id: ids.units.get(unit).cloned(),
            unit_level: UnitLevel::parse(world.units[unit].level.code()),
            village: world.villages[team.village].code,
            role: PostRole::Member,
            ledger: Ledger::Province,
            state,
            since: world.today.plus_days(days),
        };
        let team_id = Some(ids.teams[at].clone());
        let name = world.people[person].name.clone();
        postings.push(NewPosting { held, team_id, person_name: name, note: Some("充实工作队力量".into()) });
    }
    postings
}

/// The password of every demo account, printed at the start; a demo shows one-click entrances beside it.
pub const PASSWORD: &str = "lianxin-demo-2024";

async fn load_accounts(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    ids: &Ids,
    actor: &Actor,
) -> Result<Vec<Entrance>, AppError> {
    add_accounts(tx, county, world, ids, (&world.accounts, actor)).await
}

async fn add_accounts(
    tx: &mut Tx,
    county: CountyId,
    world: &World,
    ids: &Ids,
    (all, actor): (&[world::Account], &Actor),
) -> Result<Vec<Entrance>, AppError> {
    let hash = base::password::hash(PASSWORD).await?;
    let mut entrances = Vec::new();
    for account in all {
        let person = account.roles.iter().find_map(|(_, scope)| match scope {
            world::Scope::Person(at) => Some(*at),
            world::Scope::Installation | world::Scope::Division(_) | world::Scope::Unit(_) => None,
        });
        let home = account.roles.iter().find_map(|(_, scope)| match scope {
            world::Scope::Division(division) => Some(division.county()),
            world::Scope::Installation | world::Scope::Unit(_) | world::Scope::Person(_) => None,
        });
        let new = NewAccount {
            county: home.unwrap_or(county),
            sign_in_name: account.login,
            display_name: &account.name,
            person: person.map(|at| (county, ids.people[at].as_str())),
            password_hash: Some(&hash),
        };
        let id = accounts::store::add(tx, &new, actor.at).await?;
        for (role, scope) in &account.roles {
            let role = word(Role::parse(role.code()), role.code())?;
            let grant = grant(world, county, ids, role, *scope);
            accounts::store::add_grant(tx, &id, &grant, world.batches[0].start, &actor.account_id).await?;
        }
        let label = account.roles.first().and_then(|(role, _)| Role::parse(role.code())).map_or("", Role::zh);
        entrances.push(Entrance {
            name: account.login.to_owned(),
            label: label.to_owned(),
            who: format!("{} {}", account.title, account.name),
        });
    }
    Ok(entrances)
}

/// A cadre's role holds for the village of today's posting, a keeper's for the county.
fn grant(world: &World, county: CountyId, ids: &Ids, role: Role, scope: world::Scope) -> Grant {
    let (division, unit_id) = match scope {
        world::Scope::Installation => (Some(county.division()), None),
        world::Scope::Division(division) => (Some(division), None),
        world::Scope::Unit(at) => (None, ids.units.get(at).cloned()),
        world::Scope::Person(person) => {
            let own = world.postings.iter().rev().find(|posting| posting.person == person);
            (own.map(|posting| world.villages[posting.village].code), None)
        }
    };
    Grant { role, division, unit_id }
}
