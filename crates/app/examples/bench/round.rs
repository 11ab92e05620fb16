//! A province's round of dispatch planning: what its steps and its pages cost, from an empty installation to the approval.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Instant,
};

use assign::Problem;
use base::{
    db::Tx,
    kernel::{CountyId, DivisionCode, Level},
};
use lianxin::{
    accounts::{self, Actor, Grant, Role, store::NewAccount},
    app::App,
    dispatch::{
        Demanded, NewRound,
        acts::{self, Locked},
        store::{self, Round},
    },
    flows, places,
    units::{self, Unit, UnitLevel},
    worker,
};

use super::{
    Options, Outcome, load,
    made::{self, Size},
    world::{Folder, World, memory_kb},
};

const PROVINCE: &str = "410000000000";
/// How often a page is asked for.
const TIMES: usize = 11;

/// Plans for so many people, in villages and units in step with them, on SQLite and where there is one on PostgreSQL.
pub async fn measure(options: &Options, people: usize) -> Outcome<()> {
    let size = Size { villages: people * 10_253 / 30_000, people, units: people / 4 };
    let folder = Folder::make()?;
    let url = format!("sqlite://{}", folder.path().join("round.db").display());
    one(options, World::new(&folder, &url)?, size, "sqlite").await?;
    match std::env::var("LIANXIN_TEST_POSTGRES") {
        Ok(server) => {
            let postgres = Folder::make()?;
            one(options, World::new(&postgres, &server)?, size, "postgres").await
        }
        Err(_) => {
            println!("  PostgreSQL: left out, LIANXIN_TEST_POSTGRES names no server");
            Ok(())
        }
    }
}

/// Prints what a step took.
struct Watch(Instant);

impl Watch {
    fn start() -> Self {
        Self(Instant::now())
    }

    fn say(&mut self, what: &str) {
        println!("  {what:<58}{:>9.1} ms", self.0.elapsed().as_secs_f64() * 1000.0);
        self.0 = Instant::now();
    }
}

async fn one(options: &Options, world: World, size: Size, kind: &str) -> Outcome<()> {
    println!("\n{kind}: a province's round, {} villages, {} people, {} units", size.villages, size.people, size.units);
    let problem = made::make(size, 1);
    let app = world.open(None).await?;
    let mut tx = app.db.begin().await?;
    divisions(&app, &mut tx, &problem).await?;
    let ids = add_units(&mut tx, &problem).await?;
    tx.commit().await?;
    let actor = Actor::command_line(app.clock);
    let province = code(PROVINCE)?;
    let mut tx = app.db.begin().await?;
    let pack = app.pack(&mut tx, province.county()).await?;
    let starts_on = app.clock.today().plus_months(2);
    let new = NewRound { name: "全省第三批".into(), starts_on, term_months: 24, parts: vec![] };
    let id = acts::open(&mut tx, province, &new, pack, &actor).await?;
    let round = acts::planning(&mut tx, province.county(), &id).await?;
    store::add_villages(&mut tx, &round, &demanded(&problem, &ids)?).await?;
    tx.commit().await?;

    let mut watch = Watch::start();
    let table = people_csv(&problem, &ids);
    let mut tx = app.db.begin().await?;
    let came = acts::take_table(&mut tx, &app, &round, (table.as_bytes(), "people.csv"), &actor).await?;
    tx.commit().await?;
    watch.say(&format!("a people table with sign-offs taken in, {came} rows"));
    app.db.optimize().await?;
    watch.0 = Instant::now();
    let plan = solve(&app, &round, &actor).await?;
    watch.say("a plan solved by the worker and kept");
    let mut conn = app.db.read().await?;
    let kept = store::find_plan(&mut conn, round.county, &plan).await?.and_then(|plan| plan.kept).ok_or("no plan")?;
    drop(conn);
    let team = kept.teams.first().ok_or("no team")?;
    println!("  {} teams, {} villages without", kept.teams.len(), kept.unmet.len());
    let mut tx = app.db.begin().await?;
    let office = Grant { role: Role::Office, division: Some(province), unit_id: None };
    add_account(&mut tx, "province", office, &actor).await?;
    let sender = Grant { role: Role::Unit, division: None, unit_id: Some(team.unit.clone()) };
    add_account(&mut tx, "sender", sender, &actor).await?;
    tx.commit().await?;
    app.db.close().await;
    drop(app);

    let root = format!("/dispatch/{}/{}", round.county, round.id);
    let county = DivisionCode::parse(&team.village).ok_or("no code")?.county();
    let paths = [
        ("the round", root.clone()),
        ("pool", format!("{root}/pool")),
        ("pool, of one county, waiting", format!("{root}/pool?show=waiting&county={county}")),
        ("pool, by a name", format!("{root}/pool?q=人员123")),
        ("a candidate", format!("{root}/pool/{}", team.people.first().ok_or("nobody")?.id)),
        ("nomination by the office", format!("{root}/nomination?keeper={county}")),
        ("villages", format!("{root}/villages")),
        ("a village", format!("{root}/villages/{}", team.village)),
        ("units", format!("{root}/units")),
        ("the plan", format!("{root}/plans/{plan}")),
        ("the plan, one county", format!("{root}/plans/{plan}?county={county}")),
        ("the plan, page 100", format!("{root}/plans/{plan}?page=100")),
        ("a pairing", format!("{root}/plans/{plan}/pairings/{}", team.village)),
        ("the plan as a file", format!("{root}/plans/{plan}/plan.csv")),
    ];
    pages(options, &world, "province", &paths).await?;
    pages(options, &world, "sender", &[("nomination by its unit", format!("{root}/nomination"))]).await?;

    let app = world.open(None).await?;
    let mut watch = Watch::start();
    let mut tx = app.db.begin().await?;
    let village = DivisionCode::parse(&team.village).ok_or("no code")?;
    let of_team: Vec<String> = team.people.iter().map(|one| one.id.clone()).collect();
    acts::lock(&mut tx, &round, village, Locked::Team(&team.unit, &of_team), &actor).await?;
    tx.commit().await?;
    watch.say("a pairing locked");
    let mut tx = app.db.begin().await?;
    let pack = app.pack(&mut tx, province.county()).await?;
    acts::propose(&mut tx, &round, &plan, pack, &actor).await?;
    tx.commit().await?;
    watch.say("the plan put forward");
    let mut tx = app.db.begin().await?;
    let counties = flows::begin_approval(&mut tx, (round.county, &round.id), pack, &actor).await?;
    tx.commit().await?;
    watch.say("approval: the answer to whoever approves");
    while worker::step(&app).await? {}
    watch.say(&format!("approval: {counties} counties made and shown at once"));
    let mut conn = app.db.read().await?;
    let round = store::find_round(&mut conn, round.county, &round.id).await?.ok_or("no round")?;
    drop(conn);
    println!("  the round is {}; most memory {} MB", round.state.code(), memory_kb("self", "VmHWM:")? / 1024);
    app.db.close().await;
    Ok(())
}

async fn pages(options: &Options, world: &World, name: &str, paths: &[(&str, String)]) -> Outcome<()> {
    let cookie = world.sign_in_as(name).await?;
    let server = world.serve(options)?;
    for (what, path) in paths {
        let (mut times, mut bytes) = (Vec::new(), 0);
        for _ in 0..TIMES {
            let began = Instant::now();
            bytes = load::get(&server.address, path, &cookie).await?.len();
            times.push(began.elapsed());
        }
        let first = times[0].as_secs_f64() * 1000.0;
        let [median, _] = load::percentiles(&mut times[1..]);
        println!("  {what:<58}{median:>9.1} ms   first {first:>7.1} ms {:>6} kB", bytes / 1024);
    }
    println!("  {:<58}{:>9} MB", format!("most memory while {name} read"), server.memory_kb("VmHWM:")? / 1024);
    server.stop();
    Ok(())
}

/// Orders a plan and lets the worker solve it.
async fn solve(app: &App, round: &Round, actor: &Actor) -> Outcome<String> {
    let mut tx = app.db.begin().await?;
    let plan = acts::order(&mut tx, round, None, actor).await?;
    tx.commit().await?;
    while worker::step(app).await? {}
    Ok(plan)
}

/// An account that has signed in before.
async fn add_account(tx: &mut Tx, name: &str, grant: Grant, actor: &Actor) -> Outcome<()> {
    let county = code(PROVINCE)?.county();
    let new = NewAccount { county, sign_in_name: name, display_name: name, person: None, password_hash: Some("none") };
    let id = accounts::store::add(tx, &new, actor.at).await?;
    accounts::store::add_grant(tx, &id, &grant, actor.today, "bench").await?;
    Ok(())
}

fn code(text: &str) -> Outcome<DivisionCode> {
    DivisionCode::parse(text).ok_or_else(|| format!("no code: {text}").into())
}

/// The villages with all that is above them, of invented names.
async fn divisions(app: &App, tx: &mut Tx, problem: &Problem) -> Outcome<()> {
    let mut all = BTreeSet::new();
    for village in &problem.villages {
        let own = code(&village.code)?;
        all.extend(
            [Level::Province, Level::City, Level::County, Level::Township, Level::Village].map(|one| own.at(one)),
        );
    }
    for person in &problem.people {
        all.extend(person.home_township.as_deref().map(code).transpose()?);
    }
    let named: Vec<(DivisionCode, String)> =
        all.into_iter().map(|one| (one, format!("{}{}", one.level().zh(), one.as_i64()))).collect();
    places::store::save_all(tx, &named, app.clock.today()).await?;
    Ok(())
}

/// The units, in the register of the office that keeps them; their ids by those of the problem.
async fn add_units(tx: &mut Tx, problem: &Problem) -> Outcome<BTreeMap<String, String>> {
    let mut ids = BTreeMap::new();
    let mut all: BTreeMap<CountyId, Vec<(String, Unit)>> = BTreeMap::new();
    for unit in &problem.units {
        let level = match unit.level {
            assign::Level::Province => UnitLevel::Province,
            assign::Level::City => UnitLevel::City,
            assign::Level::County => UnitLevel::County,
        };
        let id = base::kernel::new_id();
        ids.insert(unit.id.clone(), id.clone());
        let strengths = unit.strengths.clone();
        let row = Unit { level, strong: unit.strong, strengths, ..Unit::named(&unit.name) };
        all.entry(code(&unit.home_code)?.county()).or_default().push((id, row));
    }
    for (county, units) in &all {
        units::store::add_all(tx, *county, units).await?;
    }
    Ok(ids)
}

fn demanded(problem: &Problem, ids: &BTreeMap<String, String>) -> Outcome<Vec<Demanded>> {
    let one = |village: &assign::Village| {
        Ok(Demanded {
            code: code(&village.code)?,
            name: String::new(),
            township: String::new(),
            category: village.category,
            team_size: None,
            needs: village.needs.clone(),
            fixed_unit: village.fixed_unit.as_ref().and_then(|unit| ids.get(unit)).cloned(),
            neighbours: village.neighbours.iter().map(|one| code(one)).collect::<Outcome<_>>()?,
            forbidden: Vec::new(),
        })
    };
    problem.villages.iter().map(one).collect()
}

fn people_csv(problem: &Problem, ids: &BTreeMap<String, String>) -> String {
    let head = "person_id,name,unit_id,rank,birth,party_since,specialities,rural,agri,reserve,home_township,gates\n";
    let mut text = String::from(head);
    for one in &problem.people {
        let bit = |is: bool| u8::from(is);
        let gates = one.gates.map(|passed| bit(passed).to_string()).join(";");
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{gates}",
            one.id,
            one.name,
            ids.get(&one.unit).map_or("", String::as_str),
            one.rank,
            one.birth,
            one.party_since.map(|day| day.to_string()).unwrap_or_default(),
            one.specialities.join(";"),
            bit(one.rural),
            bit(one.agri),
            bit(one.reserve),
            one.home_township.as_deref().unwrap_or_default(),
        );
    }
    text
}
