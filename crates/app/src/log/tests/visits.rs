//! Visits by leaders: counted by person and village, promises are somebody's task.

use super::{again, figure, sound, staff};
use crate::testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, databases, world};

const VISIT: [(&str, &str); 9] = [
    ("day", "2024-01-16"),
    ("village-0", "麦田村"),
    ("village-1", "柳溪村"),
    ("name-0", "秦 思远"),
    ("unit-0", "社旗县委"),
    ("post-0", "副书记"),
    ("name-1", "白雪莹"),
    ("unit-1", "市农科院"),
    ("words", "看了大棚，听了村里的打算。"),
];
const PROMISE: [(&str, &str); 3] =
    [("promise-0", "给柳溪村接通断头路"), ("holder-0", "township"), ("due-0", "2024-03-01")];

#[tokio::test]
async fn each_visitor_in_each_village_counts_and_people_are_told_apart() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/visits/new").await.is(200);
        let all: Vec<_> = VISIT.iter().chain(&PROMISE).copied().collect();
        again(&mut xu, "/visits", &all).await.is(303);
        let visit = xu.page.location().expect("an address").to_owned();
        assert_eq!(
            (figure(&app, "visit.leader", COUNTY).await, figure(&app, "visit.leader.people", COUNTY).await),
            (4, 2)
        );
        assert_eq!(figure(&app, "visit.leader", VILLAGE).await, 2);
        // The same two come again; one is picked from the suggestions, which carry the unit.
        xu.get("/visits/new").await.is(200);
        assert!(xu.page.body().contains("秦思远（社旗县委）"), "suggested");
        let second = [("day", "2024-01-18"), ("village-0", VILLAGE), ("name-0", "秦思远（社旗县委）")];
        again(&mut xu, "/visits", &second).await.is(303);
        assert_eq!(
            (figure(&app, "visit.leader", COUNTY).await, figure(&app, "visit.leader.people", COUNTY).await),
            (5, 2)
        );
        xu.get("/visits").await.is(200).shows("秦思远").shows("共 3 行");
        xu.get("/visits?name=白&month=2024-01").await.is(200).shows("共 2 行");
        xu.get("/visits.csv").await.is(200);
        assert!(xu.page.body().contains("市农科院 白雪莹"));
        // The promise is the township's until it is kept.
        xu.get("/").await.is(200).shows("调研承诺：给柳溪村接通断头路").shows("到柳溪村时答应");
        xu.get(&visit).await.is(200).shows("在办").shows("看了大棚");
        let form = xu.page.forms().into_iter().find(|form| form.action.ends_with("/result")).expect("a form");
        let field = form.fields.iter().map(|(name, _)| name.clone()).find(|name| name.starts_with("result-"));
        let field = field.expect("a field");
        again(&mut xu, &form.action, &[(&field, "")]).await.is(422).shows("请写一句怎么办的");
        again(&mut xu, &form.action, &[(&field, "已通车")]).await.is(303);
        xu.follow().await.shows("办结").shows("已通车");
        xu.get("/").await.hides("调研承诺");
        // Withdrawn, nothing of it counts.
        xu.get(&format!("{visit}/withdrawal")).await.is(200);
        again(&mut xu, &format!("{visit}/withdrawal"), &[("reason", "重复登记")]).await.is(303);
        assert_eq!(
            (figure(&app, "visit.leader", COUNTY).await, figure(&app, "visit.leader.people", COUNTY).await),
            (1, 1)
        );
        sound(&app).await;
    }
}

#[tokio::test]
async fn what_is_wrong_on_a_visit_stands_at_its_field() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        for (field, value, says) in [
            ("day", "2024-01-19", "还没到这一天"),
            ("day", "昨天", "日期应写作"),
            ("village-0", "石桥村", "您的范围里没有“石桥村”"),
            ("village-0", "", "请填到了哪个村"),
            ("name-0", "", "请填姓名"),
            ("unit-0", "", "请填从哪个单位来"),
            ("promise-0", "修桥", "请选由谁办"),
        ] {
            lin.get("/visits/new").await.is(200);
            let mut all: Vec<(&str, &str)> =
                VISIT.iter().filter(|(name, _)| !matches!(*name, "village-1")).copied().collect();
            all.retain(|(name, _)| *name != field);
            all.push((field, value));
            again(&mut lin, "/visits", &all).await.is(422).shows(says);
            assert!(lin.page.body().contains("看了大棚"), "what was typed is kept");
        }
        lin.get("/visits/new").await.is(200);
        let early = [("promise-0", "修桥"), ("holder-0", "cadre"), ("due-0", "2024-01-01")];
        let mut all: Vec<_> = VISIT.iter().filter(|(name, _)| *name != "village-1").copied().collect();
        all.extend(early);
        again(&mut lin, "/visits", &all).await.is(422).shows("不早于调研那天");
        assert_eq!(figure(&app, "visit.leader", COUNTY).await, 0);
    }
}

#[tokio::test]
async fn a_visit_is_seen_where_it_was() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/visits/new").await.is(200);
        let all: Vec<_> = VISIT.iter().filter(|(name, _)| *name != "village-1").copied().collect();
        again(&mut lin, "/visits", &all).await.is(303);
        let visit = lin.page.location().expect("an address").to_owned();
        for (who, status) in [("office", 200), ("branch", 200), ("leader", 200), ("shahe", 404), ("tangzhuang", 404)] {
            browser_of(&app, who).await.get(&visit).await.is(status);
        }
        browser_of(&app, "leader").await.get("/visits/new").await.is(403);
        browser_of(&app, "branch").await.get(&format!("{visit}/withdrawal")).await.is(403);
        browser_of(&app, "shahe").await.get("/visits").await.is(200).hides("秦思远");
    }
}
