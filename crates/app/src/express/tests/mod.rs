//! The express by named, fictional people: 林一诺 reports, 宋知远 screens and holds the meeting, 方如春 of the water bureau
//! answers for her department.

mod corrections;
mod evidence;
mod meetings;
mod pages;
mod problems;
mod projects;
mod rules;
mod store;

use base::{
    kernel::{CountyId, Day, Fen},
    web::AppError,
};

use super::{
    departments::Department,
    problems::{Block, NewProblem, Origin, raise},
};
use crate::{
    accounts::{Actor, store as accounts},
    app::App,
    packs::Pack,
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, UNIT, VILLAGE, code},
    units::{self, Unit},
};

pub fn county() -> CountyId {
    code(COUNTY).county()
}

/// Somebody doing something on a day, at noon of it.
pub fn on(day: &str, name: &str) -> Actor {
    let day = Day::parse(day).expect("a day");
    let since = day.days_since(Day::new(1970, 1, 1).expect("a day"));
    let at = base::kernel::Instant(since * 86_400_000 + 4 * 3_600_000);
    Actor { account_id: name.into(), name: name.into(), at, today: day }
}

pub fn pack(app: &App) -> &Pack {
    app.packs().get("default").expect("the default pack")
}

/// The water bureau of the world, and another made here.
pub async fn departments(app: &App) -> (Department, Department) {
    let mut tx = app.db.begin().await.expect("a write");
    let water = units::store::find_by_name(&mut tx, county(), UNIT).await.expect("read").expect("there");
    let known = units::store::find_by_name(&mut tx, county(), "社旗县交通运输局").await.expect("read");
    let roads = match known {
        Some(unit) => unit.id,
        None => units::store::add(&mut tx, county(), &Unit::named("社旗县交通运输局")).await.expect("a unit"),
    };
    tx.commit().await.expect("written");
    (Department { id: water.id, name: water.name }, Department { id: roads, name: "社旗县交通运输局".into() })
}

/// A problem of 麦田村 by 林一诺.
pub async fn problem(app: &App, title: &str, origin: Origin, day: &str) -> Result<String, AppError> {
    let mut tx = app.db.begin().await.expect("a write");
    let lin = accounts::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
    let person = lin.person_id.map(|id| (county(), id, "林一诺".to_owned()));
    let new = NewProblem {
        village: code(VILLAGE),
        title: title.into(),
        words: "南边的水渠塌了三处，浇不上地。".into(),
        block: Block::Utilities,
        amount: Some(Fen(12_000_000)),
        origin,
        person,
    };
    let actor = Actor { account_id: lin.id, ..on(day, "林一诺") };
    let id = raise(&mut tx, &new, pack(app), &actor).await?;
    tx.commit().await.expect("written");
    Ok(id)
}

/// The stored amount of a figure up to today.
pub async fn figure(app: &App, indicator: &str, place: &str) -> i64 {
    let indicator = Catalogue::get().find(indicator).expect("an indicator");
    let mut conn = app.db.read().await.expect("a reader");
    let span = Span { from: None, to: crate::testing::today() };
    value(&mut conn, indicator, &Place::of(code(place)), span).await.expect("computed")
}

/// Nothing in the store contradicts anything else.
pub async fn sound(app: &App) {
    let report = crate::check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
    assert_eq!(report.differences(), 0, "{:?}", report.lines());
}

/// The words of a refusal.
pub fn refused<T: std::fmt::Debug>(result: Result<T, AppError>) -> String {
    match result.expect_err("refused") {
        AppError::Refused(refusal) => refusal.message.zh(),
        AppError::Conflict(say) => say.zh(),
        other => panic!("{other:?}"),
    }
}
