//! Cards on both databases: whom they name, who has one, and what a villager sees.

use std::collections::BTreeSet;

use base::{db::Kind, db::plan_of, kernel::Day, kernel::new_id};

use super::store::{self, NewIssue};
use crate::{
    accounts::{Actor, Scope},
    app::App,
    check,
    households::{self, Household, Status},
    people::{self, Person},
    postings::{
        Held, Ledger, PostRole, State,
        store::{NewPosting, add_all, add_batch, all_of, change},
    },
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, PIXEL, VILLAGE, browser_of, code, databases, today, world},
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// A first secretary on post in the village.
pub(crate) async fn post(app: &App, name: &str, phone: &str) {
    let (county, actor) = (code(COUNTY).county(), Actor::command_line(app.clock));
    let mut tx = app.db.begin().await.expect("a write");
    let batch = crate::postings::store::open_batch(&mut tx, county).await.expect("read");
    let batch = match batch {
        Some(batch) => batch,
        None => add_batch(&mut tx, county, 1, "第一批", day("2023-06-01"), 24, true).await.expect("a batch"),
    };
    let person = Person { name: name.into(), phone: Some(phone.into()), ..Person::default() };
    let id = people::store::add(&mut tx, &app.keys, county, &person, actor.at).await.expect("kept");
    let held = Held {
        posting_id: new_id(),
        batch_id: batch.id,
        person: (county, id),
        unit_id: None,
        unit_level: None,
        village: code(VILLAGE),
        role: PostRole::FirstSecretary,
        ledger: Ledger::Province,
        state: State::OnPost,
        since: day("2023-06-15"),
    };
    let new = NewPosting { held, team_id: None, person_name: name.into(), note: None };
    add_all(&mut tx, county, &[new], false, &actor).await.expect("on post");
    tx.commit().await.expect("written");
}

async fn homes(app: &App, village: &str, statuses: &[Status]) -> Vec<String> {
    let heads = ["邵永安", "田有余", "何春和", "康大山"];
    let households: Vec<Household> = statuses
        .iter()
        .zip(heads)
        .map(|(status, head)| Household {
            village: code(village),
            number: None,
            team: Some("3组".into()),
            head: head.into(),
            members: Some(3),
            status: *status,
            since: day("2021-01-01"),
        })
        .collect();
    let mut tx = app.db.begin().await.expect("a write");
    let ids = households::store::add_all(&mut tx, code(village).county(), &households, app.clock.now()).await;
    tx.commit().await.expect("written");
    ids.expect("added")
}

async fn figure(app: &App, indicator: &str) -> i64 {
    let mut conn = app.db.read().await.expect("a reader");
    let indicator = Catalogue::get().find(indicator).expect("known");
    let span = Span { from: None, to: today() };
    value(&mut conn, indicator, &Place::of(code(COUNTY)), span).await.expect("a value")
}

#[tokio::test]
async fn a_card_follows_the_post_and_asks_for_printing_when_its_holder_changes() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        post(&app, "林一诺", "13000004127").await;
        let (village, county) = (code(VILLAGE), code(COUNTY).county());
        let mut tx = app.db.begin().await.expect("a write");
        store::ensure(&mut tx, county, &BTreeSet::from([village]), app.clock.now()).await.expect("a token");
        store::ensure(&mut tx, county, &BTreeSet::from([village]), app.clock.now()).await.expect("the same");
        let holders: Vec<_> = store::holders(&mut tx, village.area()).await.expect("read").into_iter().collect();
        store::printed(&mut tx, &holders, app.clock.now()).await.expect("printed");
        let token = store::cards(&mut tx, village.area()).await.expect("read")[&village].token.clone();
        tx.commit().await.expect("written");
        let mut office = browser_of(&app, "office").await;
        let mut villager = base::testing::Browser::new(crate::web::router(app.clone()).0);
        villager.get(&format!("/c/{token}")).await.is(200).shows("林一诺").shows("13000004127").hides("登录");
        office.get("/cards").await.is(200).shows("麦田村").shows("已印");

        let mut tx = app.db.begin().await.expect("a write");
        let row = all_of(&mut tx, county).await.expect("read").pop().expect("a posting");
        let ended = State::Ended { until: today(), reason: crate::postings::EndReason::Transferred };
        change(&mut tx, &row, ended, today(), None, false, &Actor::command_line(app.clock)).await.expect("ended");
        tx.commit().await.expect("written");
        villager.get(&format!("/c/{token}")).await.is(200).hides("林一诺").shows("正在轮换");
        office.get("/cards?show=vacant").await.is(200).shows("无人在岗");
        post(&app, "高致远", "13000008052").await;
        villager.get(&format!("/c/{token}")).await.is(200).shows("高致远");
        office.get("/cards?show=due").await.is(200).shows("要重印").shows("高致远");
        office.get(&format!("/villages/{VILLAGE}/card")).await.is(200).shows("已印的卡上是：林一诺");

        office.submit(&format!("/villages/{VILLAGE}/card/renew"), &[]).await.is(303);
        villager.get(&format!("/c/{token}")).await.is(410).shows("这张卡已停用");
        villager.get(&format!("/c/{token}/contact.vcf")).await.is(404);
        for wrong in ["23456789abcdefghjkmn", "x", "..%2F..%2Fetc", "23456789abcdefghjkmnpqrstuvwxyz"] {
            villager.get(&format!("/c/{wrong}")).await.is(404);
        }
    }
}

#[tokio::test]
async fn who_got_a_card_is_entered_and_counted() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        post(&app, "林一诺", "13000004127").await;
        let ids = homes(&app, VILLAGE, &[Status::OutOfPoverty, Status::Monitored, Status::Ordinary]).await;
        homes(&app, OTHER_VILLAGE, &[Status::Monitored]).await;
        assert_eq!((figure(&app, "household.target").await, figure(&app, "card.covered").await), (3, 0));
        let mut cadre = browser_of(&app, "cadre").await;
        let path = format!("/villages/{VILLAGE}/card");
        cadre.get(&path).await.is(200).shows("邵永安").shows("田有余").hides("何春和");
        let act = format!("{path}/issues");
        cadre.submit(&act, &[("day", "2024-01-19"), ("all", "yes")]).await.is(422).shows("不能晚于今天");
        cadre.get(&path).await.is(200);
        cadre.submit(&act, &[("day", "2024-01-10"), ("extra", "-1")]).await.is(422);
        cadre.get(&path).await.is(200);
        cadre.submit(&act, &[("day", "2024-01-10")]).await.is(422).shows("请选发给哪些户");
        cadre.get(&path).await.is(200);
        cadre.submit(&act, &[("day", "2024-01-10"), ("all", "yes"), ("extra", "2")]).await.is(303);
        assert_eq!((figure(&app, "card.issued").await, figure(&app, "card.covered").await), (4, 2));
        cadre.get(&format!("/villages/{OTHER_VILLAGE}/card")).await.is(404);

        // A household that is looked after no more needs no card: both figures follow the register.
        let mut township = browser_of(&app, "township").await;
        let edit = format!("/households/{}/{}/edit", code(COUNTY).county(), ids[1]);
        township.get(&edit).await.is(200);
        township.submit(&edit, &[("status", "ordinary"), ("since", "2020-01-01")]).await.is(422).shows("不能早于");
        township.get(&edit).await.is(200);
        township.submit(&edit, &[("status", "monitored"), ("since", "2023-01-01")]).await.is(422).shows("户类别没有改");
        township.get(&edit).await.is(200);
        township.submit(&edit, &[("status", "ordinary"), ("since", "2024-01-12")]).await.is(303);
        assert_eq!((figure(&app, "household.target").await, figure(&app, "card.covered").await), (2, 1));
        let mut conn = app.db.read().await.expect("a reader");
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}

#[tokio::test]
async fn names_of_households_are_for_the_village_the_township_and_the_office() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        homes(&app, VILLAGE, &[Status::OutOfPoverty]).await;
        for (who, sees) in
            [("office", true), ("township", true), ("cadre", true), ("branch", true), ("tangzhuang", false)]
        {
            let mut browser = browser_of(&app, who).await;
            let page = browser.get("/households").await.is(200);
            if sees {
                page.shows("邵永安")
            } else {
                page.hides("邵永安")
            };
        }
        browser_of(&app, "leader").await.get("/households").await.is(403);
        let mut leader = browser_of(&app, "leader").await;
        leader.get(&format!("/villages/{VILLAGE}/card")).await.is(200).hides("邵永安");
    }
}

#[tokio::test]
async fn the_register_is_read_by_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        if app.db.kind() != Kind::Sqlite {
            continue;
        }
        let mut conn = app.db.read().await.expect("a reader");
        for scope in [Scope::of(code(COUNTY)), Scope::of(code(VILLAGE))] {
            let query = households::store::list_query(&scope, &households::store::Filter::default(), (50, 0));
            let plan = plan_of(&mut conn, query).await.expect("a plan").join("\n");
            assert!(
                plan.contains("(county_id=? AND village") && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"),
                "{plan}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_household_of_a_large_issue_is_counted_once_per_card() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let ids = homes(&app, VILLAGE, &[Status::OutOfPoverty]).await;
        let mut tx = app.db.begin().await.expect("a write");
        let issue = |day_: &str| NewIssue {
            village: code(VILLAGE),
            day: day(day_),
            households: ids.clone(),
            extra: 0,
            note: None,
        };
        let actor = Actor::command_line(app.clock);
        let county = code(COUNTY).county();
        store::issue_all(&mut tx, county, &[issue("2023-08-01"), issue("2023-07-01")], &actor).await.expect("entered");
        let last = store::last_cards(&mut tx, code(VILLAGE)).await.expect("read");
        tx.commit().await.expect("written");
        assert_eq!(last[&ids[0]], day("2023-08-01"));
        assert_eq!((figure(&app, "card.issued").await, figure(&app, "card.covered").await), (2, 1));
    }
}

#[tokio::test]
async fn a_portrait_stands_on_the_card_until_it_is_taken_away() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        post(&app, "林一诺", "13000004127").await;
        let village = BTreeSet::from([code(VILLAGE)]);
        let mut tx = app.db.begin().await.expect("a write");
        store::ensure(&mut tx, code(COUNTY).county(), &village, app.clock.now()).await.expect("a token");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a reader");
        let card = store::cards(&mut conn, code(VILLAGE).area()).await.expect("read").remove(&code(VILLAGE));
        let query = base::db::sql("select person_id from live_posting where village = $1").bind(code(VILLAGE));
        let id: String = conn.value(query).await.expect("somebody on post");
        drop(conn);
        let card = format!("/c/{}", card.expect("a card").token);
        let person = format!("/people/{}/{id}", &COUNTY[..6]);
        let mut office = browser_of(&app, "office").await;
        office.get(&card).await.is(200).hides("<img");
        office.get(&format!("{person}/edit")).await.is(200).hides("去掉照片");
        let send = format!("{person}/portrait");
        office.upload(&send, &[], ("portrait", "a.txt", b"text")).await.is(422).shows("这不是能识别的图片");
        office.upload(&send, &[], ("portrait", "a.png", &PIXEL)).await.is(303);
        office.follow().await.is(200).shows("照片已保存");
        let body = office.get(&card).await.is(200).body();
        let (_, tail) = body.split_once("<img src=\"/c/").expect("a portrait");
        let portrait = format!("/c/{}", tail.split('"').next().expect("an address"));
        office.get(&portrait).await.is(200);
        assert_eq!(office.page.headers["content-type"], "image/jpeg");
        assert!(office.page.bytes.len() <= 8_000);
        browser_of(&app, "cadre").await.get(&format!("{person}/edit")).await.is(403);
        office.get(&format!("{person}/edit")).await.is(200);
        office.submit(&format!("{person}/portrait/removal"), &[]).await.is(303);
        office.get(&card).await.is(200).hides("<img");
        office.get(&portrait).await.is(404);
    }
}
