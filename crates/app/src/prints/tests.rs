//! The print shop through the router and its worker: a run is asked for, carried out, and downloaded.

use crate::{
    households::{self, Household, Status},
    testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, code, databases, today, world},
    worker,
};

#[tokio::test]
async fn the_office_prints_a_roster_and_downloads_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/prints").await.is(200).shows("还没有印过");
        office.submit("/prints", &[("kind", "roster")]).await.is(422).shows("没有人在岗");
        crate::postings::cards::tests::post(&app, "林一诺", "13000004127").await;
        office.get("/prints").await.is(200);
        office.submit("/prints", &[("kind", "roster")]).await.is(303);
        office.follow().await.is(200).shows("正在生成");
        assert!(worker::step(&app).await.expect("carried out"));
        office.get("/prints").await.is(200).shows("已印好").shows("驻村干部花名册");
        let run = link(&office.page.body(), "/prints/");
        office.get(&run).await.is(200).shows("共 1 页");
        office.get(&format!("{run}/file")).await.is(200);
        // A township has its own list; a leader reads and prints nothing.
        browser_of(&app, "township").await.get(&run).await.is(404);
        browser_of(&app, "leader").await.get("/prints").await.is(403);
    }
}

#[tokio::test]
async fn cards_are_printed_for_every_home_and_then_only_for_what_changed() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        crate::postings::cards::tests::post(&app, "林一诺", "13000004127").await;
        let home = |head: &str| Household {
            village: code(VILLAGE),
            number: None,
            team: None,
            head: head.into(),
            members: None,
            status: Status::Monitored,
            since: today(),
        };
        let mut tx = app.db.begin().await.expect("a write");
        let homes: Vec<Household> = (0..9).map(|n| home(&format!("户主{n}"))).collect();
        households::store::add_all(&mut tx, code(COUNTY).county(), &homes, app.clock.now()).await.expect("added");
        tx.commit().await.expect("written");
        let mut office = browser_of(&app, "office").await;
        office.get("/prints").await.is(200);
        office.submit("/prints", &[("kind", "cards"), ("changed", "yes")]).await.is(303);
        assert!(worker::step(&app).await.expect("carried out"));
        office.get("/prints").await.is(200);
        let run = link(&office.page.body(), "/prints/");
        // Nine homes, eight cards to the page.
        office.get(&run).await.is(200).shows("共 2 页");
        office.get("/cards").await.is(200).shows("已印");
        office.get("/prints").await.is(200);
        office.submit("/prints", &[("kind", "cards"), ("changed", "yes")]).await.is(422).shows("都印过了");
    }
}

/// The first link on a page that begins so and goes on.
fn link(body: &str, start: &str) -> String {
    let all = body.split("href=\"").skip(1).filter_map(|tail| tail.split('"').next());
    let mut fitting = all.filter(|href| href.starts_with(start) && href.len() > start.len());
    fitting.next().expect("a link").to_owned()
}
