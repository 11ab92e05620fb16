//! Files through the router: one person's results, and who looked.

use base::{db::sql, kernel::Day};

use super::gather;
use crate::{
    accounts::{Actor, Scope},
    people,
    spine::facts::{self, FactDraft, Source, Writing},
    testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, code, databases, world},
};

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

/// Facts credited to the cadre, one a day.
async fn credit(app: &crate::app::App, person: &str, from: &str, many: i64) {
    let (county, actor) = (code(COUNTY).county(), Actor::command_line(app.clock));
    let source = |n: i64| {
        let fact = FactDraft {
            indicator: "card.issued",
            day: Day::parse(from).expect("a day").plus_days(n % 700),
            amount: 1,
            division: code(VILLAGE),
            person: Some((county, person.to_owned())),
            unit_id: None,
            key: Some(VILLAGE.to_owned()),
            value: None,
        };
        (Source { kind: "card_issue", id: format!("{from}-{n}") }, vec![fact])
    };
    let sources: Vec<_> = (0..many).map(source).collect();
    let mut tx = app.db.begin().await.expect("a write");
    facts::record(&mut tx, county, &sources, actor.at, Writing::New).await.expect("recorded");
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn a_file_of_two_thousand_facts_asks_the_database_as_often_as_one_of_two() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (_, id) = cadre(&app).await;
        let asked = async |facts: usize| {
            let mut conn = app.db.read().await.expect("a reader");
            let person =
                people::store::find(&mut conn, code(COUNTY).county(), &id).await.expect("read").expect("known");
            let before = conn.statements();
            let file = gather(&mut conn, person, &Scope::of(code(COUNTY))).await.expect("gathered");
            assert_eq!(file.facts, facts);
            conn.statements() - before
        };
        credit(&app, &id, "2021-06-01", 2).await;
        let few = asked(2).await;
        credit(&app, &id, "2022-02-01", 1_998).await;
        assert_eq!(asked(2_000).await, few);
        assert!(few <= 8, "{few}");
        let file = format!("/people/{}/{id}/dossier", &COUNTY[..6]);
        browser_of(&app, "office").await.get(&file).await.is(200).shows("共 2000 条实绩");
    }
}
