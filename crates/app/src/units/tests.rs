//! A unit's page and its change by two people of the office at once.

use base::db::sql;

use crate::testing::{MIGRATIONS, UNIT, browser_of, databases, world};

#[tokio::test]
async fn the_second_of_two_changes_does_not_wipe_out_the_first() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let find = sql("select id from unit where name = $1").bind(UNIT);
        let id: String = app.db.read().await.expect("reads").value(find).await.expect("a unit");
        let (edit, mut first) = (format!("/units/{id}/edit"), browser_of(&app, "office").await);
        let mut second = browser_of(&app, "office").await;
        first.get(&edit).await.is(200);
        second.get(&edit).await.is(200);
        first.submit(&edit, &[("contact", "江清泉"), ("phone", "0377-99990001")]).await.is(303);
        second.submit(&edit, &[("contact", "方如春")]).await.is(409).shows("别人刚改过这个单位");
        second.get(&format!("/units/{id}")).await.is(200).shows("江清泉").shows("0377-99990001");
    }
}

#[tokio::test]
async fn what_was_typed_stays_when_a_name_is_missing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/units/new").await.is(200);
        let typed = [("name", ""), ("level", "county"), ("contact", "何惜茵")];
        let page = office.submit("/units", &typed).await.is(422).shows("请写单位名称");
        assert!(page.body().contains("何惜茵"), "the contact is gone");
    }
}
