//! Matters by named, fictional people: on both databases, through the router where a page is concerned.

mod open311;
mod staff;
mod villager;

use std::collections::BTreeSet;

use base::{
    kernel::{Day, new_id},
    testing::Browser,
};

use super::{
    acts::{self, Raised},
    rules::{Channel, Matter, typed},
};
use crate::{
    accounts::{Actor, store as accounts},
    app::App,
    postings::{
        Held, Ledger, PostRole, State, cards,
        store::{self as postings, NewPosting},
    },
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, VILLAGE, code, today},
};

/// 林一诺 (`cadre`) on post in 麦田村.
pub(crate) async fn staff(app: &App) {
    let county = code(COUNTY).county();
    let actor = Actor::command_line(app.clock);
    let mut tx = app.db.begin().await.expect("a write");
    let since = Day::new(2023, 6, 1).expect("a day");
    let batch = postings::add_batch(&mut tx, county, 3, "第三批", since, 24, true).await.expect("a batch");
    let account = accounts::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
    let held = Held {
        posting_id: new_id(),
        batch_id: batch.id,
        person: (county, account.person_id.expect("a person")),
        unit_id: None,
        unit_level: None,
        village: code(VILLAGE),
        role: PostRole::FirstSecretary,
        ledger: Ledger::Province,
        state: State::OnPost,
        since,
    };
    let new = NewPosting { held, team_id: None, person_name: "林一诺".into(), note: None };
    postings::add_all(&mut tx, county, &[new], false, &actor).await.expect("posted");
    tx.commit().await.expect("written");
}

/// The code of the village's contact card.
pub(crate) async fn card(app: &App) -> String {
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    cards::store::ensure(&mut tx, county, &BTreeSet::from([code(VILLAGE)]), app.clock.now()).await.expect("a code");
    tx.commit().await.expect("written");
    let mut conn = app.db.read().await.expect("a reader");
    let cards = cards::store::cards(&mut conn, code(VILLAGE).area()).await.expect("read");
    cards[&code(VILLAGE)].token.clone()
}

/// A matter straight into the store.
pub(crate) async fn raised(app: &App, village: &str, words: &str, channel: Channel) -> Matter {
    let by = Actor::command_line(app.clock);
    let raised = Raised {
        village: code(village),
        said: typed(words, "邵永安", "").expect("said"),
        channel,
        urgent: false,
        kind: None,
        household_id: None,
        member_id: None,
        outside_number: None,
        has_cadre: true,
        hold: None,
        proxy: true,
    };
    let mut tx = app.db.begin().await.expect("a write");
    let pack = app.pack(&mut tx, code(COUNTY).county()).await.expect("a pack");
    let (matter, _) = acts::new_matter(raised, &app.keys, pack, &by).expect("made");
    let matter = acts::raise(&mut tx, matter, None, Vec::new(), &by).await.expect("raised");
    tx.commit().await.expect("written");
    matter
}

/// The stored amount of a figure up to today.
async fn figure(app: &App, indicator: &str) -> i64 {
    let indicator = Catalogue::get().find(indicator).expect("an indicator");
    let mut conn = app.db.read().await.expect("a reader");
    let span = Span { from: None, to: today() };
    value(&mut conn, indicator, &Place::of(code(COUNTY)), span).await.expect("computed")
}

/// Fills in the form behind the card and sends it; gives the follow-up code of the page that follows.
async fn raise(guest: &mut Browser, token: &str, fields: &[(&str, &str)]) -> String {
    guest.get(&format!("/c/{token}/matter")).await.is(200);
    guest.submit(&format!("/c/{token}/matter"), fields).await.is(303).leads_to("/m/received");
    guest.follow().await.is(200).shows("请记下这个编号");
    let body = guest.page.body();
    let (_, tail) = body.split_once("<p class=\"code\">").expect("a code");
    tail.split('<').next().expect("a code").replace('-', "")
}

/// Opens the form of a step and sends it.
pub(crate) async fn step(browser: &mut Browser, root: &str, step: &str, fields: &[(&str, &str)]) -> u16 {
    let address = format!("{root}/steps/{step}");
    browser.get(&address).await.is(200);
    browser.submit(&address, fields).await.status.as_u16()
}

/// Nothing in the store contradicts anything else.
async fn sound(app: &App) {
    let report = crate::check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
    assert_eq!(report.differences(), 0, "{:?}", report.lines());
}
