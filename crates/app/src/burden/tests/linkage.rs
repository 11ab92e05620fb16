//! Looks for the complainer as somebody would who holds the whole database.

use base::db::{Conn, sql};

use crate::{
    app::App,
    burden::meter,
    spine::audit,
    testing::{MIGRATIONS, browser_of, databases, world},
};

/// Every row of every table a request could have written, as text.
const EVERYTHING: [(&str, &str); 10] = [
    ("idempotency", "select account_id || ' ' || key || ' ' || coalesce(location, '') from idempotency order by 1"),
    ("audit", "select account_id || ' ' || action || ' ' || coalesce(after, '') from audit order by 1"),
    ("fact", "select source_kind || source_id from fact order by 1"),
    ("task", "select kind || title || coalesce(account_id, '') from task order by 1"),
    ("job", "select kind || input from job order by 1"),
    ("file", "select name || made_by from file order by 1"),
    ("complaint", "select account_id || words from complaint order by 1"),
    ("burden_sum", "select role || form || cast(forms + returned as text) from burden_sum order by 1"),
    ("setting", "select name || value from setting order by 1"),
    ("account", "select id || cast(version as text) || coalesce(person_id, '') from account order by 1"),
];

async fn all_rows(conn: &mut Conn) -> Vec<(&'static str, Vec<String>)> {
    let mut found = Vec::new();
    for (table, query) in EVERYTHING {
        let rows: Vec<(String,)> = conn.all(sql(query)).await.expect("read");
        found.push((table, rows.into_iter().map(|(text,)| text).collect()));
    }
    found
}

async fn read(app: &App) -> Vec<(&'static str, Vec<String>)> {
    // What the meter would write a minute later.
    meter::save(app).await.expect("written");
    all_rows(&mut app.db.read().await.expect("a reader")).await
}

async fn complain(app: &App, way: &str, words: &str) {
    let mut lin = browser_of(app, "cadre").await;
    lin.get("/complaints/new").await.is(200);
    let said = [("class", "over_recording"), ("words", words), ("way", way)];
    lin.submit("/complaints", &said).await;
    assert!(lin.page.status.as_u16() < 400, "{}", lin.page.text());
}

#[tokio::test]
async fn a_nameless_complaint_leaves_nothing_beside_its_row() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let before = read(&app).await;
        complain(&app, "nameless", "每天要拍六张照片").await;
        assert_eq!(read(&app).await, before, "only its own table may have changed");
        // The planted defect: a complaint under a name does leave its traces, and the comparison sees them.
        complain(&app, "named", "每天要拍七张照片").await;
        let after = read(&app).await;
        for table in ["idempotency", "audit", "task", "complaint"] {
            let of = |all: &[(&str, Vec<String>)]| {
                all.iter().find(|(name, _)| *name == table).map(|(_, rows)| rows.len()).expect("listed")
            };
            assert!(of(&after) > of(&before), "{table}");
        }
    }
}

#[tokio::test]
async fn its_row_holds_no_instant_no_person_and_no_order() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        for n in 0..6 {
            complain(&app, "nameless", &format!("第 {n} 次说同一件事")).await;
        }
        let rows: Vec<(i64, String, String, String, String, String)> = app
            .db
            .read()
            .await
            .expect("a reader")
            .all(sql("select county_id, code_hash, class, words, week, due from complaint_nameless"))
            .await
            .expect("read");
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().all(|row| row.4 == "2024-01-15"), "the week alone: {rows:?}");
        crate::flows::every_day(&app).await.expect("the day's round");
        // Written anew in the order of their hashes: where a row lies says nothing of when it came.
        let order = match db.db().kind() {
            base::db::Kind::Sqlite => "select code_hash from complaint_nameless order by rowid",
            base::db::Kind::Postgres => "select code_hash from complaint_nameless order by ctid",
        };
        let stored: Vec<(String,)> = app.db.read().await.expect("a reader").all(sql(order)).await.expect("read");
        let mut sorted = stored.clone();
        sorted.sort();
        assert_eq!(stored, sorted);
        let verdict = audit::verify(&mut app.db.read().await.expect("a reader")).await.expect("walked");
        assert!(verdict.breaks.is_empty());
    }
}
