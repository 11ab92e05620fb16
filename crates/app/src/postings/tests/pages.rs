//! One visit per page by a named person, and the job of the office from end to end.

use base::testing::{Browser, Page};

use crate::{
    accounts::Actor,
    app::App,
    places::{self, VillageCategory},
    postings::store,
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, VILLAGE, browser_of, code, databases, today, world},
};

async fn ready(app: &App) {
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    store::add_batch(&mut tx, county, 1, "第一批", today(), 24, true).await.expect("a batch");
    for village in [VILLAGE, OTHER_VILLAGE].map(code) {
        places::store::set_category(&mut tx, village, VillageCategory::OutOfPoverty, today(), None).await.expect("set");
    }
    let pack = app.packs().get("default").expect("a pack");
    let actor = Actor::command_line(app.clock);
    store::refresh_vacancies(&mut tx, county, county.division().area(), pack, &actor).await.expect("tasks");
    tx.commit().await.expect("written");
}

const NEW: [(&str, &str); 9] = [
    ("name", "邓方圆"),
    ("id_number", "999999198210285804"),
    ("phone", "130 0000 4127"),
    ("unit", "县交通运输局"),
    ("village", "麦田村"),
    ("role", "first_secretary"),
    ("ledger", "province"),
    ("stage", "on_post"),
    ("since", "2024-01-03"),
];

/// Fills in and sends the form of a new posting.
async fn enter<'b>(browser: &'b mut Browser, changes: &[(&str, &str)]) -> &'b Page {
    let changed = |name: &str, value| changes.iter().find(|(other, _)| *other == name).map_or(value, |(_, new)| *new);
    let fields: Vec<(&str, &str)> = NEW.iter().map(|(name, value)| (*name, changed(name, *value))).collect();
    browser.get("/postings/new").await.is(200);
    browser.submit("/postings", &fields).await
}

/// The address behind a link with these words on the last page.
fn link(page: &Page, words: &str) -> String {
    let body = page.body();
    let before = body.split(&format!(">{words}</a>")).next().expect("a page");
    let (_, href) = before.rsplit_once("href=\"").expect("a link");
    href.trim_end_matches('"').to_owned()
}

#[tokio::test]
async fn the_office_enters_a_posting_and_ends_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        ready(&app).await;
        let mut browser = browser_of(&app, "office").await;
        browser.get("/").await.is(200).shows("麦田村第一书记空缺");
        // What the list counts is kept between writes.
        for _ in 0..2 {
            browser.get("/postings").await.is(200).shows("共 0 行");
        }
        enter(&mut browser, &[]).await.is(303);
        browser.follow().await.is(200).shows("邓方圆 的派驻").shows("在岗");
        browser.get("/postings").await.is(200).shows("邓方圆").shows("麦田村").shows("13000004127").shows("共 1 行");
        browser.get("/postings?state=ended").await.is(200).shows("共 0 行");
        browser.get(&format!("/villages/{VILLAGE}")).await.is(200).shows("邓方圆").shows("缺工作队");
        browser.get("/coverage").await.is(200).shows("麦田村");
        browser.get("/").await.is(200).hides("麦田村第一书记空缺");
        browser.get(&format!("/villages/{VILLAGE}")).await;
        let record = link(&browser.page, "2024-01-03");
        browser.get(&format!("{record}/end")).await.is(200);
        let early = [("until", "2024-01-02"), ("end_reason", "transferred")];
        browser.submit(&format!("{record}/end"), &early).await.is(422).shows("离任日期不能早于到岗日期");
        let leaves = [("until", "2024-01-18"), ("end_reason", "transferred")];
        browser.submit(&format!("{record}/end"), &leaves).await.is(303);
        browser.follow().await.is(200).shows("已离任").shows("调离");
        browser.get("/").await.is(200).shows("麦田村第一书记空缺");
        browser.get("/postings").await.is(200).shows("共 0 行");
        browser.get("/postings?state=ended").await.is(200).shows("共 1 行");
    }
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        ready(&app).await;
        let mut browser = browser_of(&app, "office").await;
        for (field, value, says) in [
            ("name", "", "请填姓名"),
            ("id_number", "999999198210285805", "校验位"),
            ("phone", "12345", "电话应为"),
            ("village", "不存在的村", "没有找到这个村"),
            ("since", "2024-02-30", "请填到岗日期"),
            ("since", "2024-03-01", "到岗日期晚于今天"),
        ] {
            let page = enter(&mut browser, &[(field, value)]).await;
            page.is(422).shows(says);
            assert!(page.body().contains("县交通运输局"), "what was typed is kept");
        }
        browser.get("/postings").await.hides("邓方圆");
        // The same person again, under another name: refused, not written over.
        enter(&mut browser, &[]).await.is(303);
        enter(&mut browser, &[("name", "别人"), ("village", "石桥村")]).await.is(422).shows("已登记给别的姓名");
        enter(&mut browser, &[("village", "石桥村")]).await.is(422).shows("不能同时任两职");
    }
}

#[tokio::test]
async fn a_form_sent_twice_is_done_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        ready(&app).await;
        let mut browser = browser_of(&app, "office").await;
        browser.get("/batches").await.is(200);
        let form = browser.page.clone();
        let first = [("number", "7"), ("name", "第七批"), ("since", "2024-01-18")];
        browser.submit("/batches", &first).await.is(303);
        browser.page = form.clone();
        browser.submit("/batches", &first).await.is(303);
        browser.page = form;
        let other = [("number", "8"), ("name", "第八批"), ("since", "2024-01-18")];
        browser.submit("/batches", &other).await.is(409);
        let batches =
            store::batches(&mut app.db.read().await.expect("a reader"), code(COUNTY).county()).await.expect("read");
        assert_eq!(batches.iter().map(|batch| batch.number).collect::<Vec<_>>(), [7, 1]);
    }
}

#[tokio::test]
async fn everyone_sees_their_own_places_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        ready(&app).await;
        let mut office = browser_of(&app, "office").await;
        enter(&mut office, &[]).await;
        for (who, sees) in [("township", true), ("branch", true), ("leader", true), ("tangzhuang", false)] {
            let mut browser = browser_of(&app, who).await;
            let page = browser.get("/postings").await;
            if sees {
                page.is(200).shows("邓方圆")
            } else {
                page.is(200).hides("邓方圆")
            };
            let status = if sees { 200 } else { 404 };
            browser.get(&format!("/villages/{VILLAGE}")).await.is(status);
            browser.get(&format!("/postings.csv?place={VILLAGE}")).await.is(200);
            assert_eq!(browser.page.body().contains("邓方圆"), sees, "{who}");
        }
        browser_of(&app, "elsewhere").await.get(&format!("/villages/{VILLAGE}")).await.is(404);
        browser_of(&app, "auditor").await.get("/postings").await.is(403);
        browser_of(&app, "township").await.get("/postings/new").await.is(403);
    }
}

#[tokio::test]
async fn an_id_number_is_masked_and_a_full_view_is_written_down() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        ready(&app).await;
        let mut office = browser_of(&app, "office").await;
        enter(&mut office, &[]).await;
        office.get("/postings").await;
        let person = link(&office.page, "邓方圆");
        office.get(&person).await.is(200).shows("9999************04").hides("999999198210285804");
        office.submit(&format!("{person}/id-number"), &[]).await.is(200).shows("999999198210285804");
        let mut conn = app.db.read().await.expect("a reader");
        let lines = crate::spine::audit::list(&mut conn, code(COUNTY).county(), None, None, 5).await.expect("read");
        assert_eq!(lines[0].action, "person.id_number.read");
        let mut township = browser_of(&app, "township").await;
        township.get(&person).await.is(200).shows("9999************04").hides("看全号");
    }
}
