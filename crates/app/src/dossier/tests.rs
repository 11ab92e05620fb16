//! Files through the router: one person's results, and who looked.

use base::db::sql;

use crate::testing::{MIGRATIONS, browser_of, databases, world};

/// The person behind the cadre's account: county and id.
async fn cadre(app: &crate::app::App) -> (i64, String) {
    let query = sql("select person_county, person_id from account where sign_in_name = $1").bind("cadre");
    app.db.read().await.expect("a reader").one(query).await.expect("a cadre with a file")
}

#[tokio::test]
async fn a_person_sees_who_looked_at_their_file() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (county, id) = cadre(&app).await;
        let file = format!("/people/{county}/{id}/dossier");
        let mut own = browser_of(&app, "cadre").await;
        own.get(&file).await.is(200).shows("林一诺 的档案").shows("还没有别人看过");
        let mut office = browser_of(&app, "office").await;
        office.get(&file).await.is(200).shows("林一诺 的档案").hides("谁看过我的档案");
        office.get(&file).await.is(200);
        own.get(&file).await.is(200).shows("宋知远").shows("驻村办");
        let count = sql("select count(*) from dossier_view");
        let looked: i64 = app.db.read().await.expect("a reader").value(count).await.expect("a count");
        assert_eq!(looked, 1, "one line a day");
        browser_of(&app, "elsewhere").await.get(&file).await.is(404);
        browser_of(&app, "judge").await.get(&file).await.is(403);
    }
}
