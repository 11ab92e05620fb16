//! Trips: noted by oneself or the township, on post all the same.

use super::{link, served};
use crate::testing::{MIGRATIONS, browser_of, databases, world};

const TRIP: [(&str, &str); 5] = [
    ("kind", "training"),
    ("since", "2024-01-18"),
    ("last", "2024-01-20"),
    ("destination", "南阳市委党校"),
    ("purpose", "驻村干部轮训"),
];

#[tokio::test]
async fn a_trip_is_noted_on_a_phone_and_nobody_has_to_approve_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        for (field, value, says) in [
            ("destination", "", "请写去哪里"),
            ("purpose", "", "请写去做什么"),
            ("last", "2024-01-17", "不能早于开始的日子"),
            ("last", "2025-06-01", "一次最多填一年"),
            ("kind", "", "请选公出事类"),
        ] {
            lin.get("/trips/new").await.is(200);
            let fields: Vec<_> = TRIP.iter().map(|(k, v)| (*k, if *k == field { value } else { *v })).collect();
            lin.submit("/trips", &fields).await.is(422).shows(says);
        }
        lin.submit("/trips", &TRIP).await.is(303);
        lin.follow().await.is(200).shows("南阳市委党校").shows("3 天（2 个工作日）");
        lin.get("/leaves/new").await;
        let over = [("kind", "annual"), ("since", "2024-01-20"), ("last", "2024-01-21")];
        lin.submit("/leaves", &over).await.is(422).shows("日子不能重叠");
        browser_of(&app, "township").await.get("/presence").await.is(200).shows("培训，南阳市委党校");
        browser_of(&app, "unit").await.get("/trips").await.is(200).shows("南阳市委党校");
        browser_of(&app, "tangzhuang").await.get("/trips").await.is(200).hides("南阳市委党校");
        lin.get("/presence/mine").await.is(200).shows("培训，南阳市委党校");
        let trip = link(&lin.page, "培训，南阳市委党校");
        lin.get(&format!("{trip}/withdrawal")).await.is(200);
        lin.submit(&format!("{trip}/withdrawal"), &[]).await.is(303);
        lin.follow().await.shows("已撤销");
        lin.get("/leaves/new").await;
        lin.submit("/leaves", &over).await.is(303);
    }
}

#[tokio::test]
async fn the_township_notes_for_its_own_people_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let served = served(&app).await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/trips/new").await.is(200).shows("林一诺，麦田村").hides("石青");
        let with = |person| {
            let mut fields = TRIP.to_vec();
            fields.push(("person", person));
            fields
        };
        xu.submit("/trips", &with("")).await.is(422).shows("请选是谁公出");
        xu.submit("/trips", &with(&served.shi)).await.is(404);
        xu.get("/trips/new").await;
        xu.submit("/trips", &with(&served.lin)).await.is(303);
        xu.follow().await.is(200).shows("许向阳");
        let trip = xu.page.address.clone();
        browser_of(&app, "tangzhuang").await.get(&trip).await.is(404);
        browser_of(&app, "leader").await.get(&format!("{trip}/withdrawal")).await.is(403);
    }
}
