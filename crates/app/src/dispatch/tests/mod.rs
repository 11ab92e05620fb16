//! Tables and plans of the command line; rounds on both databases, as their people use them.

mod above;
mod approval;
mod demo;
mod lists;
mod pages;
mod plans;
mod pool;
mod tables;

use base::{
    db::Tx,
    kernel::{CountyId, Day},
};

use super::{
    acts::{self, Sitting},
    rules::{Gate, NewRound},
    store::{self, Nominee, Round},
};
use crate::{
    accounts::Actor,
    app::App,
    people::{self, Person},
    places::{self, VillageCategory},
    testing::{COUNTY, OTHER_VILLAGE, SECOND_VILLAGE, UNIT, VILLAGE, code},
    units::{self, Unit, UnitLevel},
};

pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub fn county() -> CountyId {
    code(COUNTY).county()
}

pub fn actor(app: &App) -> Actor {
    Actor::command_line(app.clock)
}

/// A county that plans: three villages that ask, two units, seven people of whom four may lead.
///
/// 麦田村 is weak and needs water; 柳溪村 is light; 石桥村 is to be revitalised and needs 电商. 水利局 knows water, 商务局
/// 电商. 石磊 of 水利局 is at home in 苗店镇, where the first two villages lie.
pub struct Scene {
    pub round: String,
    pub water: String,
    pub trade: String,
    /// 石磊, 许诺, 方圆 of 水利局; 丁宁, 梅雪, 柏青, 顾言 of 商务局.
    pub people: Vec<String>,
}

pub fn unit(name: &str, strengths: &[&str]) -> Unit {
    Unit { strengths: strengths.iter().map(|tag| (*tag).to_owned()).collect(), ..Unit::named(name) }
}

pub fn person(name: &str, unit: &str, rank: &str, speciality: &str) -> Person {
    Person {
        name: name.into(),
        birth: Some("1986-05-06".into()),
        party_since: Some("2010-07-01".into()),
        unit_id: Some(unit.to_owned()),
        rank: Some(rank.into()),
        specialities: vec![speciality.to_owned()],
        village_experience: true,
        ..Person::default()
    }
}

pub async fn scene(app: &App) -> Scene {
    let mut tx = app.db.begin().await.expect("a write");
    let row = units::store::find_by_name(&mut tx, county(), UNIT).await.expect("read").expect("the unit");
    let known = Unit { level: UnitLevel::County, ..unit(UNIT, &["饮水", "机井"]) };
    assert!(units::store::save(&mut tx, &row.id, &known, row.version).await.expect("saved"));
    let trade = units::store::add(&mut tx, county(), &unit("县商务局", &["电商"])).await.expect("a unit");
    let categories = [
        (VILLAGE, VillageCategory::WeakBranch, "饮水"),
        (SECOND_VILLAGE, VillageCategory::OutOfPoverty, "机井"),
        (OTHER_VILLAGE, VillageCategory::HeavyTask, "电商"),
    ];
    for (village, category, need) in categories {
        let since = day("2021-01-01");
        places::store::set_category(&mut tx, code(village), category, since, None).await.expect("set");
        places::store::add_tags(&mut tx, &[(code(village), "need", need.to_owned())]).await.expect("tags");
    }
    let water = row.id;
    let mut people = Vec::new();
    for (name, own, rank, speciality) in [
        ("石磊", &water, "二级主任科员", "饮水"),
        ("许诺", &water, "四级主任科员", "机井"),
        ("方圆", &water, "一级科员", "饮水"),
        ("丁宁", &trade, "四级主任科员", "电商"),
        ("梅雪", &trade, "八级职员", "电商"),
        ("柏青", &trade, "一级科员", "直播"),
        ("顾言", &trade, "单位自定", "电商"),
    ] {
        let new = person(name, own, rank, speciality);
        people.push(people::store::add(&mut tx, &app.keys, county(), &new, app.clock.now()).await.expect("a person"));
    }
    let new = NewRound { name: "第二批".into(), starts_on: day("2024-03-01"), term_months: 24, parts: vec![] };
    let pack = app.pack(&mut tx, county()).await.expect("a pack");
    let round = acts::open(&mut tx, code(COUNTY), &new, pack, &actor(app)).await.expect("a round");
    tx.commit().await.expect("written");
    Scene { round, water, trade, people }
}

impl Scene {
    pub fn root(&self) -> String {
        format!("/dispatch/{}/{}", county(), self.round)
    }

    pub async fn locked(&self, tx: &mut Tx) -> Round {
        acts::planning(tx, county(), &self.round).await.expect("planned")
    }
}

pub async fn nominate(app: &App, scene: &Scene, people: &[String]) {
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    let rows: Vec<_> = people.iter().map(|id| Nominee::of(county(), id)).collect();
    acts::nominate(&mut tx, &round, &rows, "驻村办", &actor(app)).await.expect("nominated");
    tx.commit().await.expect("written");
}

pub async fn sign(app: &App, scene: &Scene, people: &[String], gates: &[Gate]) {
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    for gate in gates {
        let sitting = Sitting { gate: *gate, passed: true, why: None, body: "县委组织部" };
        acts::sign(&mut tx, &round, people, sitting, &actor(app)).await.expect("signed");
    }
    tx.commit().await.expect("written");
}

/// Everybody in the pool with all gates passed.
pub async fn cleared(app: &App) -> Scene {
    let scene = scene(app).await;
    nominate(app, &scene, &scene.people).await;
    sign(app, &scene, &scene.people, &Gate::ALL).await;
    scene
}

/// Solves the round as it stands and returns the plan.
pub async fn solved(app: &App, scene: &Scene, without: Option<&str>) -> store::PlanRow {
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    let pack = app.pack(&mut tx, county()).await.expect("a pack");
    let plan = acts::solve_now(&mut tx, &round, without, pack, &actor(app)).await.expect("solved");
    let row = store::find_plan(&mut tx, county(), &plan).await.expect("read").expect("a plan");
    tx.commit().await.expect("written");
    row
}
