//! The log by named, fictional people: on both databases, through the router where a page is concerned.

mod entries;
mod outcomes;
mod pictures;
mod store;
mod visits;

use base::{
    kernel::{Day, new_id},
    testing::{Browser, Page},
};

use crate::{
    accounts::{Actor, Role, store as accounts},
    app::App,
    people::{self, Person},
    places,
    postings::{
        Held, Ledger, PostRole, State,
        store::{self as postings, NewPosting},
    },
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, OTHER_VILLAGE, PASSWORD, SECOND_VILLAGE, VILLAGE, code, today},
};

pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// 林一诺 (`cadre`) and 陶青松 (`member`) on post in 麦田村, 高致远 (`shahe`) in 石桥村, all since 2023-06-03.
pub async fn staff(app: &App) {
    let county = code(COUNTY).county();
    let actor = Actor::command_line(app.clock);
    let hash = base::password::hash(PASSWORD).await.expect("a hash");
    let mut tx = app.db.begin().await.expect("a write");
    for village in [VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE].map(code) {
        places::store::set_category(&mut tx, village, places::VillageCategory::OutOfPoverty, day("2021-01-01"), None)
            .await
            .expect("set");
    }
    let batch = postings::add_batch(&mut tx, county, 3, "第三批", day("2023-06-01"), 24, true).await.expect("a batch");
    let mut new = Vec::new();
    for (name, login, village, role) in [
        ("林一诺", "cadre", VILLAGE, PostRole::FirstSecretary),
        ("陶青松", "member", VILLAGE, PostRole::Member),
        ("高致远", "shahe", OTHER_VILLAGE, PostRole::FirstSecretary),
    ] {
        let known = accounts::find_by_name(&mut tx, login).await.expect("read");
        let person = match known.and_then(|account| account.person_id) {
            Some(person) => person,
            None => {
                let file = Person { name: name.into(), ..Person::default() };
                let person = people::store::add(&mut tx, &app.keys, county, &file, actor.at).await.expect("a person");
                let account = accounts::NewAccount {
                    county,
                    sign_in_name: login,
                    display_name: name,
                    person: Some((county, person.as_str())),
                    password_hash: Some(&hash),
                };
                let id = accounts::add(&mut tx, &account, actor.at).await.expect("an account");
                let grant = crate::accounts::Grant { role: Role::Cadre, division: Some(code(village)), unit_id: None };
                accounts::add_grant(&mut tx, &id, &grant, day("2023-01-01"), "test").await.expect("a grant");
                person
            }
        };
        let held = Held {
            posting_id: new_id(),
            batch_id: batch.id.clone(),
            person: (county, person),
            unit_id: None,
            unit_level: None,
            village: code(village),
            role,
            ledger: Ledger::Province,
            state: State::OnPost,
            since: day("2023-06-03"),
        };
        new.push(NewPosting { held, team_id: None, person_name: name.into(), note: None });
    }
    postings::add_all(&mut tx, county, &new, false, &actor).await.expect("posted");
    tx.commit().await.expect("written");
}

/// The stored amount of a figure up to today.
pub async fn figure(app: &App, indicator: &str, place: &str) -> i64 {
    let indicator = Catalogue::get().find(indicator).expect("an indicator");
    let mut conn = app.db.read().await.expect("a reader");
    let span = Span { from: None, to: today() };
    value(&mut conn, indicator, &Place::of(code(place)), span).await.expect("computed")
}

/// Opens the form, fills it in and sends it: one outcome `kind`, `amount`, `what` where given.
pub async fn write<'b>(browser: &'b mut Browser, words: &str, fields: &[(&str, &str)]) -> &'b Page {
    browser.get("/log/new").await.is(200);
    let usual = [("words", words), ("duty", "service")];
    let given = |name: &str| fields.iter().any(|(other, _)| *other == name);
    let mut all: Vec<(&str, &str)> = usual.into_iter().filter(|(name, _)| !given(name)).collect();
    all.extend_from_slice(fields);
    browser.submit("/log", &all).await
}

/// Sends the form that came back, with more in it.
pub async fn again<'b>(browser: &'b mut Browser, action: &str, fields: &[(&str, &str)]) -> &'b Page {
    browser.submit(action, fields).await
}

/// Nothing in the store contradicts anything else.
pub async fn sound(app: &App) {
    let report = crate::check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
    assert_eq!(report.differences(), 0, "{:?}", report.lines());
}
