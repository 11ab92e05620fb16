//! Puts a demo world into the stores, through the same functions that pages and imports use.

use std::collections::{BTreeSet, HashMap};

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Level, new_id},
    web::AppError,
};

use super::{
    Place, express, handovers, presence,
    province::{self, Part},
    story,
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

/// Ids of what was stored, by the world's indices. A person's file may be kept by an office above the county.
pub(super) struct Ids {
    pub units: Vec<String>,
    pub people: Vec<(CountyId, String)>,
    pub batches: Vec<String>,
    pub teams: Vec<String>,
    pub postings: Vec<String>,
}

/// The units that offices above counties keep, stored once for all their counties: office and name to id.
#[derive(Default)]
pub(super) struct Keepers(HashMap<(CountyId, String), String>);

/// Stores the world of one county alone.
pub async fn load(app: &App, world: &World, pack: &str) -> Result<(), AppError> {
    let place = Place::parse(pack).ok_or_else(|| AppError::internal("the demo names an unknown place"))?;
    let mut building = Building::begin(app, vec![place], world.today).await?;
    building.county(place, world, &mut Keepers::default()).await?;
    building.finish().await
}

/// Stores worlds, a county to a transaction. The first place is the installation's home.
pub async fn load_all(app: &App, worlds: &[(Place, World)]) -> Result<(), AppError> {
    let Some((_, world)) = worlds.first() else { return Ok(()) };
    let mut places: Vec<Place> = worlds.iter().map(|(place, _)| *place).collect();
    places.dedup();
    let mut building = Building::begin(app, places, world.today).await?;
    for (place, world) in worlds {
        building.county(*place, world, &mut Keepers::default()).await?;
    }
    building.finish().await
}

/// Builds what is asked for; of 湖南 a part for tests. `say` hears how far it is.
pub async fn build(
    app: &App,
    places: &[Place],
    seed: u64,
    part: Part,
    say: &(dyn Fn(&str) + Sync),
) -> Result<(), AppError> {
    let mut building = Building::begin(app, places.to_vec(), app.clock.today()).await?;
    let (worlds, numbers) = super::made(places, seed, building.today);
    for (place, world) in &worlds {
        building.county(*place, world, &mut Keepers::default()).await?;
    }
    drop(worlds);
    if places.contains(&Place::Hunan) {
        province::build(&mut building, seed, part, numbers, say).await?;
    }
    building.finish().await
}

/// The setting that says for which places a demo was begun. It stands alone until [`DONE`] stands beside it.
pub const BEGUN: &str = "demo_begun";
/// The setting that says of which places a demo is complete.
pub const DONE: &str = "demo";

/// A demo under construction: a county to a transaction, marked as complete last. Whoever opens what was broken off is
/// told so, and the next demo begins anew.
pub(super) struct Building<'a> {
    app: &'a App,
    places: Vec<Place>,
    today: Day,
    entrances: Vec<Entrance>,
}

impl<'a> Building<'a> {
    async fn begin(app: &'a App, places: Vec<Place>, today: Day) -> Result<Self, AppError> {
        let installation = DivisionCode::NATION.county();
        let home = places.first().map_or(DivisionCode::NATION, |place| place.division());
        let mut building = Self { app, places, today, entrances: Vec::new() };
        let mut tx = app.db.begin().await?;
        packs::store::save_setting(&mut tx, installation, BEGUN, &building.names()).await?;
        packs::store::save_setting(&mut tx, installation, "today", &today.to_string()).await?;
        packs::store::save_setting(&mut tx, installation, "home", &home.to_string()).await?;
        // 社旗 has its keepers among its people.
        if !building.places.contains(&Place::Sheqi) {
            building.entrances = keepers(&mut tx, app, home, today).await?;
        }
        tx.commit().await?;
        Ok(building)
    }

    pub(super) const fn app(&self) -> &'a App {
        self.app
    }

    pub(super) const fn today(&self) -> Day {
        self.today
    }

    fn names(&self) -> String {
        self.places.iter().map(|place| place.name()).collect::<Vec<_>>().join(" ")
    }

    /// Stores a county: what offices above it keep of its people first, each in a transaction of its own.
    pub(super) async fn county(&mut self, place: Place, world: &World, keepers: &mut Keepers) -> Result<(), AppError> {
        let app = self.app;
        let county = world.divisions.iter().find(|d| d.level == Level::County).map(|d| d.code.county());
        let county = word(county, "county")?;
        let actor =
            Actor { account_id: "demo".into(), name: "演示数据".into(), at: app.clock.now(), today: world.today };
        let mut ids = Ids::of(place, county, world, keepers);
        for office in offices(place, county).into_iter().filter(|office| *office != county) {
            let mut tx = app.db.begin().await?;
            load_units(&mut tx, (place, county, office), world, &ids, keepers).await?;
            load_people(&mut tx, app, office, world, &ids, &actor).await?;
            tx.commit().await?;
        }
        let mut tx = app.db.begin().await?;
        load_units(&mut tx, (place, county, county), world, &ids, keepers).await?;
        self.entrances.extend(load_county(&mut tx, app, (place, county), world, &mut ids, &actor).await?);
        Ok(tx.commit().await?)
    }

    async fn finish(mut self) -> Result<(), AppError> {
        let app = self.app;
        app.db.optimize().await?;
        let order = |entrance: &Entrance| Role::ALL.iter().position(|role| role.zh() == entrance.label);
        self.entrances.sort_by_key(order);
        let mut tx = app.db.begin().await?;
        accounts::store::save_demo_entrances(&mut tx, &self.entrances).await?;
        packs::store::save_setting(&mut tx, DivisionCode::NATION.county(), DONE, &self.names()).await?;
        Ok(tx.commit().await?)
    }
}

/// The office that keeps a unit and its people: a county all it works with, but where a whole province is shown the
/// province and the cities keep their own.
fn keeper(place: Place, county: CountyId, level: world::UnitLevel) -> CountyId {
    let at = match level {
        world::UnitLevel::Province if place == Place::Hunan => Level::Province,
        world::UnitLevel::City if place == Place::Hunan => Level::City,
        world::UnitLevel::Province | world::UnitLevel::City | world::UnitLevel::County | world::UnitLevel::Township => {
            return county;
        }
    };
    county.division().at(at).county()
}

fn offices(place: Place, county: CountyId) -> BTreeSet<CountyId> {
    world::UnitLevel::ALL.iter().map(|level| keeper(place, county, *level)).collect()
}

impl Ids {
    /// Ids for everything that has none yet; batches get theirs when they are stored.
    fn of(place: Place, county: CountyId, world: &World, keepers: &Keepers) -> Self {
        let office = |unit: &world::Unit| keeper(place, county, unit.level);
        let known = |unit: &world::Unit| keepers.0.get(&(office(unit), unit.name.clone())).cloned();
        Self {
            units: world.units.iter().map(|unit| known(unit).unwrap_or_else(new_id)).collect(),
            people: world.people.iter().map(|person| (office(&world.units[person.unit]), new_id())).collect(),
            batches: Vec::new(),
            teams: Vec::new(),
            postings: world.postings.iter().map(|_| new_id()).collect(),
        }
    }
}

async fn load_county(
    tx: &mut Tx,
    app: &App,
    (place, county): (Place, CountyId),
    world: &World,
    ids: &mut Ids,
    actor: &Actor,
) -> Result<Vec<Entrance>, AppError> {
    let name = place.name();
    packs::store::save_setting(tx, county, "pack", name).await?;
    load_places(tx, place, world, actor).await?;
    load_people(tx, app, county, world, ids, actor).await?;
    load_batches(tx, county, world, ids, actor).await?;
    load_postings(tx, (place, county), world, ids, actor).await?;
    let pack = app.packs().get(name).ok_or_else(|| AppError::internal("the demo names an unknown pack"))?;
    store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    let entrances = add_accounts(tx, county, &entered(world, county, ids)?, (world.batches[0].start, actor)).await?;
    // 社旗 alone has a story of leaves, trips, checks and handovers.
    if place == Place::Sheqi {
        presence::load(tx, app, county, world, pack).await?;
    }
    story::load(tx, county, world, (&ids.people, &ids.units), pack).await?;
    express::load(tx, place, county, world, ids, pack).await?;
    if place == Place::Sheqi {
        handovers::load(tx, county, world, ids, pack).await?;
        super::dispatch::load(tx, county, world, ids, pack).await?;
    }
    // After the handovers: a card names whoever holds the post now.
    if matches!(place, Place::Sheqi | Place::Fushan | Place::Wuzhou) {
        super::cards::load(tx, county, world, actor).await?;
    }
    super::matters::load(tx, (app, place), county, world, ids, pack).await?;
    if place == Place::Sheqi {
        super::ratings::load(tx, app, world, pack).await?;
    }
    // Papers are the office's: of a province's counties that one has which shows its people.
    if !world.accounts.is_empty() {
        super::evidence::load(tx, app, county, world, pack).await?;
        super::papers::load(tx, app, place, world).await?;
        super::burden::load(tx, county, world).await?;
    }
    Ok(entrances)
}

async fn load_places(tx: &mut Tx, place: Place, world: &World, actor: &Actor) -> Result<(), AppError> {
    // Those of a province are stored before its first county.
    if place != Place::Hunan {
        let divisions: Vec<_> = world.divisions.iter().map(|d| (d.code, d.name.clone())).collect();
        places::store::save_all(tx, &divisions, world.today).await?;
    }
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

/// The units that an office keeps and that are not stored yet.
async fn load_units(
    tx: &mut Tx,
    (place, county, office): (Place, CountyId, CountyId),
    world: &World,
    ids: &Ids,
    keepers: &mut Keepers,
) -> Result<(), AppError> {
    let mut units = Vec::new();
    for (unit, id) in world.units.iter().zip(&ids.units) {
        let known = keepers.0.contains_key(&(office, unit.name.clone()));
        if keeper(place, county, unit.level) != office || known {
            continue;
        }
        if office != county {
            keepers.0.insert((office, unit.name.clone()), id.clone());
        }
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
        units.push((id.clone(), stored));
    }
    Ok(units::store::add_all(tx, office, &units).await?)
}

/// The people whose files an office keeps.
async fn load_people(
    tx: &mut Tx,
    app: &App,
    office: CountyId,
    world: &World,
    ids: &Ids,
    actor: &Actor,
) -> Result<(), AppError> {
    let own = world.people.iter().zip(&ids.people).filter(|(_, (keeper, _))| *keeper == office);
    let people: Vec<(String, Person)> = own
        .map(|(person, (_, id))| {
            let stored = Person {
                name: person.name.clone(),
                gender: Gender::parse(person.gender.code()),
                birth: Some(person.birth.to_string()),
                id_number: Some(person.id_number.clone()),
                phone: Some(person.phone.to_string()),
                ethnicity: Some(person.ethnicity.to_owned()),
                party_since: person.party_since.map(|day| day.to_string()),
                education: Some(person.education.to_owned()),
                unit_id: ids.units.get(person.unit).cloned(),
                position: Some(person.position.to_owned()),
                rank: Some(person.rank.to_owned()),
                specialities: person.specialities.iter().map(|one| (*one).to_owned()).collect(),
                reserve: person.reserve,
                village_experience: person.village_experience,
                agriculture: person.agriculture,
                note: None,
            };
            (id.clone(), stored)
        })
        .collect();
    people::store::add_all(tx, &app.keys, office, &people, actor.at).await
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
    Ok(store::add_teams(tx, county, &teams, None, actor.at).await?)
}

async fn load_postings(
    tx: &mut Tx,
    (place, county): (Place, CountyId),
    world: &World,
    ids: &Ids,
    actor: &Actor,
) -> Result<(), AppError> {
    let mut postings = Vec::new();
    let told = place == Place::Sheqi;
    let changing = handovers::completed(world).filter(|_| told);
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
                person: ids.people[posting.person].clone(),
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
    if told {
        postings.extend(waiting(world, ids));
        postings.extend(handovers::coming(world, ids));
    }
    store::add_all(tx, county, &postings, false, actor).await
}

/// Three members who are on their way: one to be vetted, one to be approved, one to be welcomed.
fn waiting(world: &World, ids: &Ids) -> Vec<NewPosting> {
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
            person: ids.people[person].clone(),
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

/// An account to be, with what it may do.
struct Entered<'a> {
    account: &'a world::Account,
    person: Option<&'a (CountyId, String)>,
    grants: Vec<Grant>,
}

fn entered<'a>(world: &'a World, county: CountyId, ids: &'a Ids) -> Result<Vec<Entered<'a>>, AppError> {
    let of = |account: &'a world::Account| {
        let person = account.roles.iter().find_map(|(_, scope)| match scope {
            world::Scope::Person(at) => Some(&ids.people[*at]),
            world::Scope::Installation | world::Scope::Division(_) | world::Scope::Unit(_) => None,
        });
        let role = |role: world::AccountRole| word(Role::parse(role.code()), role.code());
        let grants = account.roles.iter().map(|(code, scope)| Ok(grant(world, county, ids, role(*code)?, *scope)));
        Ok(Entered { account, person, grants: grants.collect::<Result<_, AppError>>()? })
    };
    world.accounts.iter().map(of).collect()
}

/// The three keepers of an installation that does not show 社旗, where they have their names.
async fn keepers(tx: &mut Tx, app: &App, home: DivisionCode, today: Day) -> Result<Vec<Entrance>, AppError> {
    let actor = Actor { account_id: "demo".into(), name: "演示数据".into(), at: app.clock.now(), today };
    let accounts = super::accounts::keepers();
    let mut entered: Vec<Entered<'_>> =
        accounts.iter().map(|account| Entered { account, person: None, grants: Vec::new() }).collect();
    for one in &mut entered {
        for (role, _) in &one.account.roles {
            let role = word(Role::parse(role.code()), role.code())?;
            one.grants.push(Grant { role, division: Some(home), unit_id: None });
        }
    }
    add_accounts(tx, home.county(), &entered, (today.plus_months(-12), &actor)).await
}

async fn add_accounts(
    tx: &mut Tx,
    county: CountyId,
    all: &[Entered<'_>],
    (since, actor): (Day, &Actor),
) -> Result<Vec<Entrance>, AppError> {
    // A hash takes its time, which a county without accounts need not spend.
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let hash = base::password::hash(PASSWORD).await?;
    let mut entrances = Vec::new();
    for Entered { account, person, grants } in all {
        let home = account.roles.iter().find_map(|(_, scope)| match scope {
            world::Scope::Division(division) => Some(division.county()),
            world::Scope::Installation | world::Scope::Unit(_) | world::Scope::Person(_) => None,
        });
        let new = NewAccount {
            county: home.unwrap_or(county),
            sign_in_name: account.login,
            display_name: &account.name,
            person: person.map(|(keeper, id)| (*keeper, id.as_str())),
            password_hash: Some(&hash),
        };
        let id = accounts::store::add(tx, &new, actor.at).await?;
        for grant in grants {
            accounts::store::add_grant(tx, &id, grant, since, &actor.account_id).await?;
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
