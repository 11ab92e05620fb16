//! Presence in the small world of tests: 林一诺 is on post in 麦田村 from 2023-06-03, 许向阳 keeps the township.

mod days;
mod deputies;
mod leave;
mod spot_checks;
mod stores;
mod trips;

use base::{
    kernel::{CountyId, Day, new_id},
    testing::Page,
};

use crate::{
    accounts::{Actor, store as accounts},
    app::App,
    people::{self, Person},
    postings::{
        Held, Ledger, PostRole, State,
        store::{self, NewPosting},
    },
    testing::{COUNTY, OTHER_VILLAGE, VILLAGE, code},
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn county() -> CountyId {
    code(COUNTY).county()
}

fn actor(app: &App) -> Actor {
    Actor::command_line(app.clock)
}

/// Who is on post: 林一诺 of the water bureau in 麦田村, 石青 in 石桥村 of the other township.
struct Served {
    lin: String,
    shi: String,
}

async fn served(app: &App) -> Served {
    let mut tx = app.db.begin().await.expect("a write");
    let batch = store::add_batch(&mut tx, county(), 1, "第一批", day("2023-06-01"), 24, true).await.expect("a batch");
    let lin = accounts::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
    let lin = lin.person_id.expect("a person");
    let unit = people::store::find(&mut tx, county(), &lin).await.expect("read").expect("a person").unit_id;
    let stranger = Person { name: "石青".into(), ..Person::default() };
    let shi = people::store::add(&mut tx, &app.keys, county(), &stranger, app.clock.now()).await.expect("kept");
    let posting = |person: &str, name: &str, village: &str, unit: Option<String>| NewPosting {
        held: Held {
            posting_id: new_id(),
            batch_id: batch.id.clone(),
            person: (county(), person.to_owned()),
            unit_id: unit,
            unit_level: None,
            village: code(village),
            role: PostRole::FirstSecretary,
            ledger: Ledger::Province,
            state: State::OnPost,
            since: day("2023-06-03"),
        },
        team_id: None,
        person_name: name.into(),
        note: None,
    };
    let postings = [posting(&lin, "林一诺", VILLAGE, unit), posting(&shi, "石青", OTHER_VILLAGE, None)];
    store::add_all(&mut tx, county(), &postings, false, &actor(app)).await.expect("on post");
    tx.commit().await.expect("written");
    Served { lin, shi }
}

/// The address behind a link with these words on the page.
fn link(page: &Page, words: &str) -> String {
    let body = page.body();
    let before = body.split(&format!(">{words}</a>")).next().expect("a page");
    let (_, href) = before.rsplit_once("href=\"").unwrap_or_else(|| panic!("no link {words}: {}", page.text()));
    href.trim_end_matches('"').to_owned()
}
