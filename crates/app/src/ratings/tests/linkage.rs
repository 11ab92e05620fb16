//! Looks for who cast which ballot, as somebody would who holds the database, copies of it, and the log of requests.

use std::collections::BTreeSet;

use base::db::{Conn, Kind, sql};

use super::{round, this_month};
use crate::{
    app::App,
    testing::{MIGRATIONS, browser, databases, world},
};

/// Every row of every table that casting could have written beside the boxes and the code.
const BESIDE: [(&str, &str); 8] = [
    ("idempotency", "select account_id || ' ' || key || ' ' || coalesce(location, '') from idempotency order by 1"),
    ("audit", "select account_id || ' ' || action || ' ' || coalesce(after, '') from audit order by 1"),
    ("fact", "select source_kind || source_id from fact order by 1"),
    ("task", "select kind || title || coalesce(account_id, '') from task order by 1"),
    ("job", "select kind || input from job order by 1"),
    ("session", "select token_hash from session order by 1"),
    ("setting", "select name || value from setting order by 1"),
    ("round", "select id || state || coalesce(cast(ballots as text), '') from rating_round order by 1"),
];

async fn strings(conn: &mut Conn, query: &'static str) -> Vec<String> {
    let rows: Vec<(String,)> = conn.all(sql(query)).await.expect("read");
    rows.into_iter().map(|(text,)| text).collect()
}

async fn beside(app: &App) -> Vec<(&'static str, Vec<String>)> {
    let mut conn = app.db.read().await.expect("a reader");
    let mut found = Vec::new();
    for (table, query) in BESIDE {
        found.push((table, strings(&mut conn, query).await));
    }
    found
}

async fn cast(app: &App, slip: &str, branch: &str, words: &str) {
    let mut villager = browser(app);
    villager.get("/rate").await.is(200);
    villager.submit("/rate", &[("slip", slip)]).await.is(200);
    villager.submit("/rate/ballot", &[("mark-0", branch), ("words", words)]).await.is(200);
}

#[tokio::test]
async fn a_ballot_leaves_nothing_beside_its_box_and_the_day_of_its_code() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (_, codes) = round(&app, this_month(), 8).await;
        let before = beside(&app).await;
        cast(&app, codes[0].plain(), "s", "路灯坏了").await;
        assert_eq!(beside(&app).await, before, "only the boxes and the code may have changed");
        let mut conn = app.db.read().await.expect("a reader");
        let used = strings(&mut conn, "select used_on from rating_code where used_on is not null").await;
        assert_eq!(used, ["2024-01-18"], "the day alone");
        let rows: Vec<(String, String)> = conn.all(sql("select id, marks from ballot")).await.expect("read");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].1, "0:s");
    }
}

/// The ids of the box in the order in which the database has them lying.
async fn lying(app: &App, kind: Kind) -> Vec<(String, String)> {
    let order = match kind {
        Kind::Sqlite => "select id, marks from ballot order by rowid",
        Kind::Postgres => "select id, marks from ballot order by ctid",
    };
    app.db.read().await.expect("a reader").all(sql(order)).await.expect("read")
}

/// The attack: whoever sees requests in their order, and the rows in the order in which they lie or were numbered, puts
/// the two side by side. The first five are content, the last five are not: an order kept anywhere gives them away.
#[tokio::test]
async fn no_order_of_rows_follows_the_order_of_requests() {
    for db in databases(&MIGRATIONS).await {
        let kind = db.db().kind();
        let app = world(&db).await;
        let (_, codes) = round(&app, this_month(), 24).await;
        let mut known: BTreeSet<String> = BTreeSet::new();
        for (at, slip) in codes.iter().enumerate() {
            cast(&app, slip.plain(), if at < 12 { "s" } else { "d" }, "").await;
            let rows = lying(&app, kind).await;
            let ids: BTreeSet<String> = rows.iter().map(|(id, _)| id.clone()).collect();
            assert!(ids.is_disjoint(&known), "every ballot has a new id whenever one comes");
            let sorted: Vec<&String> = ids.iter().collect();
            assert!(rows.iter().map(|(id, _)| id).eq(sorted), "they lie in the order of their ids");
            known = ids;
        }
        // All orders of 12 and 12 are alike: that all of the first lie before all of the last is 1 in 2.7 million.
        let marks: Vec<String> = lying(&app, kind).await.into_iter().map(|(_, marks)| marks).collect();
        assert!(!marks.is_sorted() && !marks.iter().rev().is_sorted(), "{marks:?}");
        if kind == Kind::Postgres {
            let mut conn = app.db.read().await.expect("a reader");
            let writers = strings(&mut conn, "select distinct cast(xmin as text) from ballot").await;
            assert_eq!(writers.len(), 1, "one transaction wrote all of them");
        }
    }
}

/// The planted defect: a box that is only added to gives the order away, and the comparison above would see it.
#[tokio::test]
async fn a_box_that_is_only_added_to_would_be_found() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        for at in 0..24_i64 {
            let mut tx = app.db.begin().await.expect("a write");
            let mark = if at < 12 { "0:d" } else { "0:s" };
            let insert = sql("insert into ballot (county_id, id, round_id, marks) values (411327, $1, 'x', $2)");
            let id = base::seal::random_token().expect("randomness");
            tx.run(insert.bind(id).bind(mark)).await.expect("written");
            tx.commit().await.expect("written");
        }
        let marks: Vec<String> = lying(&app, db.db().kind()).await.into_iter().map(|(_, marks)| marks).collect();
        assert!(marks.is_sorted(), "the order of casting lies open");
    }
}
