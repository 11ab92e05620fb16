//! Spot checks: drawn by a seed, noted by people, answered by the cadre.

use base::testing::Page;

use super::{link, served};
use crate::{
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, MIGRATIONS, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, browser_of, code, databases, today, world},
};

/// The name of the only field of a page that begins so.
fn field(page: &Page, start: &str) -> String {
    let fields = page.forms().into_iter().flat_map(|form| form.fields);
    fields.map(|(name, _)| name).find(|name| name.starts_with(start)).expect("a field")
}

#[tokio::test]
async fn who_was_not_there_says_their_own_word() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/spot-checks").await.is(200).shows("还没有查过岗");
        let draw = [("place", TOWNSHIP), ("wanted", "1"), ("seed", "福彩2024016")];
        xu.submit("/spot-checks", &draw).await.is(303);
        xu.follow().await.is(200).shows("福彩2024016").shows("麦田村").shows("抽中").shows("林一诺");
        let check = xu.page.address.clone();
        xu.get("/").await.shows("查岗：1 个村");
        xu.get(&check).await;
        let finding = field(&xu.page, "finding-");
        let findings = format!("{check}/findings");
        xu.submit(&findings, &[(&finding, "somewhere")]).await.is(422).shows("请选在村、请假、公出或不在");
        let note = field(&xu.page, "note-");
        xu.submit(&findings, &[(&finding, "absent"), (&note, "村室锁着门")]).await.is(303);
        xu.follow().await.is(200).shows("已查完");
        xu.get("/").await.hides("查岗：1 个村");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("查岗说明：林一诺");
        let line = link(&lin.page, "查岗说明：林一诺");
        lin.get(&line).await.is(200).shows("村室锁着门");
        lin.submit(&format!("{line}/word"), &[("word", "")]).await.is(422).shows("请写一句当时在哪里");
        lin.submit(&format!("{line}/word"), &[("word", "在三组看漏雨的房子")]).await.is(303);
        lin.get("/").await.hides("查岗说明：林一诺");
        lin.get("/presence/mine").await.is(200).shows("在三组看漏雨的房子").shows("这一年查岗不在 1 次");
        xu.get(&check).await.shows("在三组看漏雨的房子");
        xu.get(&format!("{check}/lines.csv")).await.is(200);
        assert!(xu.page.body().contains("在三组看漏雨的房子"));
        browser_of(&app, "tangzhuang").await.get(&check).await.is(404);
    }
}

#[tokio::test]
async fn a_check_stays_within_ones_own_place() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let mut xu = browser_of(&app, "township").await;
        for (place, wanted, status, says) in [
            (OTHER_TOWNSHIP, "1", 404, "没有"),
            (COUNTY, "1", 404, "没有"),
            ("411327102201", "1", 404, "没有"),
            (VILLAGE, "1", 422, "不能指定某个村"),
            (TOWNSHIP, "0", 422, "抽几个村，填 1 到"),
            (TOWNSHIP, "9", 422, "有人在任的村只有 1 个"),
            ("", "1", 422, "请选在哪个范围里抽"),
        ] {
            xu.get("/spot-checks").await.is(200);
            xu.submit("/spot-checks", &[("place", place), ("wanted", wanted)]).await.is(status).shows(says);
        }
        xu.get("/spot-checks").await;
        xu.submit("/spot-checks", &[("place", TOWNSHIP), ("wanted", "1"), ("seed", "a|b")]).await.is(422);
        let mut song = browser_of(&app, "office").await;
        song.get("/spot-checks").await.is(200);
        song.submit("/spot-checks", &[("place", COUNTY), ("wanted", "2")]).await.is(303);
        song.follow().await.is(200).shows("林一诺").shows("石青");
        // The county's check is not the township's to note.
        let check = song.page.address.clone();
        xu.get(&check).await.is(404);
        let indicator = Catalogue::get().find("check.held").expect("an indicator");
        let span = Span { from: None, to: today() };
        let mut conn = app.db.read().await.expect("a reader");
        assert_eq!(value(&mut conn, indicator, &Place::of(code(COUNTY)), span).await.expect("a figure"), 0);
        drop(conn);
        song.get(&check).await;
        let all: Vec<(String, String)> = song.page.forms().into_iter().flat_map(|form| form.fields).collect();
        let findings: Vec<(&str, &str)> = all
            .iter()
            .filter(|(name, _)| name.starts_with("finding-"))
            .map(|(name, _)| (name.as_str(), "found"))
            .collect();
        assert_eq!(findings.len(), 2);
        song.submit(&format!("{check}/findings"), &findings).await.is(303);
        let mut conn = app.db.read().await.expect("a reader");
        assert_eq!(value(&mut conn, indicator, &Place::of(code(COUNTY)), span).await.expect("a figure"), 1);
    }
}

#[tokio::test]
async fn leave_on_record_is_proposed_to_the_checker() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/trips/new").await;
        let trip = [
            ("kind", "business"),
            ("since", "2024-01-18"),
            ("last", "2024-01-18"),
            ("destination", "县水利局"),
            ("purpose", "报机井项目"),
        ];
        lin.submit("/trips", &trip).await.is(303);
        let mut xu = browser_of(&app, "township").await;
        xu.get("/spot-checks").await;
        xu.submit("/spot-checks", &[("place", TOWNSHIP), ("wanted", "1")]).await.is(303);
        xu.follow().await.is(200);
        let finding = field(&xu.page, "finding-");
        let fields = xu.page.forms().into_iter().flat_map(|form| form.fields);
        assert!(fields.into_iter().any(|(name, value)| name == finding && value == "on_trip"), "proposed");
    }
}
