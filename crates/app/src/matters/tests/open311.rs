//! Other systems: what they may read, and what they may raise with a key.

use super::{card, raise, raised, sound, staff, step};
use crate::{
    matters::rules::Channel,
    testing::{MIGRATIONS, VILLAGE, browser, browser_of, databases, world},
};

#[tokio::test]
async fn anybody_reads_states_and_nobody_reads_words() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        raise(&mut guest, &token, &[("words", "张三家的水管爆裂了"), ("name", "张三丰"), ("phone", "13000000088")])
            .await;
        raise(&mut guest, &token, &[("words", "加微信 abc 领红包领红包")]).await;
        let other = raised(&app, VILLAGE, "路灯不亮了好几天。", Channel::Phone).await;
        guest.get("/open311/v2/services.json").await.is(200);
        let services: serde_json::Value = serde_json::from_slice(&guest.page.bytes).expect("JSON");
        assert!(services.as_array().is_some_and(|all| all.iter().any(|one| one["service_code"] == "water")));
        guest.get("/open311/v2/services/water.json").await.is(200);
        assert_eq!(guest.page.body(), "{\"attributes\":[],\"service_code\":\"water\"}");
        guest.get("/open311/v2/services/water.xml").await.is(200).shows("water");
        guest.get("/open311/v2/services/nothing.json").await.is(404);
        assert!(guest.page.body().starts_with("[{\"code\":\"404\""), "{}", guest.page.body());
        guest.get("/open311/v2/requests.json").await.is(200);
        let body = guest.page.body();
        assert!(!body.contains("张三") && !body.contains("13000000088") && !body.contains("红包"), "{body}");
        let all: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let all = all.as_array().expect("a list");
        assert_eq!(all.len(), 2, "what is held for review is nobody's request");
        assert_eq!(all[0]["status"], "open");
        assert_eq!(all[0]["address_id"], VILLAGE);
        assert!(
            all[0]["requested_datetime"]
                .as_str()
                .is_some_and(|at| at.starts_with("2024-01-18T") && at.ends_with("+08:00"))
        );
        let mut lin = browser_of(&app, "cadre").await;
        assert_eq!(
            step(&mut lin, &format!("/matters/411327/{}", other.id), "outcome", &[("words", "换了灯")]).await,
            303
        );
        let one = format!("/open311/v2/requests/411327-{}", other.number);
        guest.get(&format!("{one}.json")).await.is(200);
        assert!(guest.page.body().contains("\"status\":\"closed\""));
        guest.get(&format!("{one}.xml")).await.is(200);
        assert!(guest.page.body().starts_with("<?xml") && guest.page.body().contains("<status>closed</status>"));
        guest.get("/open311/v2/requests.xml?status=open&service_code=other").await.is(200);
        guest.get("/open311/v2/requests.json?page=99999999999999999999&page_size=-1").await.is(200);
        for wrong in ["411327-2", "411327-99", "x", "-1", "999999-1"] {
            guest.get(&format!("/open311/v2/requests/{wrong}.json")).await.is(404);
        }
        guest.get("/open311/v2/requests.json?jurisdiction_id=1").await.is(404);
    }
}

#[tokio::test]
async fn a_matter_is_raised_with_a_key_and_only_while_it_holds() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/matters/keys").await.is(200);
        office.submit("/matters/keys", &[("name", "")]).await.is(422);
        office.submit("/matters/keys", &[("name", "12345 热线平台")]).await.is(200).shows("只显示这一次");
        let body = office.page.body();
        let key = body.split("<code>").nth(1).and_then(|tail| tail.split('<').next()).expect("a key").to_owned();
        let mut outside = browser(&app);
        let form = |key: &str, code: &str, place: &str| {
            format!(
                "api_key={key}&service_code={code}&{place}&description=路灯不亮了好几天&last_name=邵&first_name=永安"
            )
        };
        let address = "/open311/v2/requests.json";
        outside.post_raw(address, &[], &form("wrong", "lamp", "address_string=麦田村")).await.is(403);
        outside.post_raw(address, &[], &form(&key, "nothing", "address_string=麦田村")).await.is(404);
        outside.post_raw(address, &[], &form(&key, "lamp", "lat=33&long=112")).await.is(400);
        outside.post_raw(address, &[], &form(&key, "lamp", "address_string=麦田村三组")).await.is(201);
        let told: serde_json::Value = serde_json::from_slice(&outside.page.bytes).expect("JSON");
        assert_eq!(told[0]["service_request_id"], "411327-1");
        browser_of(&app, "cadre").await.get("/").await.is(200).shows("路灯不亮了好几天");
        office.get("/matters/keys").await.is(200);
        let end = office.page.forms().into_iter().map(|form| form.action).find(|action| action.ends_with("/end"));
        office.submit(&end.expect("a key to end"), &[]).await.is(303);
        outside.post_raw(address, &[], &form(&key, "lamp", "address_string=麦田村")).await.is(403);
        browser_of(&app, "township").await.get("/matters/keys").await.is(403);
        sound(&app).await;
    }
}
