//! A clean store passes; each planted difference is found, on both databases.

use base::db::{Db, sql};

use super::{Report, check};
use crate::{
    app::App,
    statistics::tests::seed,
    testing::{MIGRATIONS, databases, world},
};

async fn report(app: &App) -> Report {
    let mut conn = app.db.read().await.expect("a connection");
    check(&mut conn).await.expect("a report")
}

async fn plant(db: &Db, statement: &'static str) {
    let mut tx = db.begin().await.expect("a write");
    assert!(tx.run(sql(statement)).await.expect("planted") > 0, "{statement} touched nothing");
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn a_store_written_by_the_program_has_no_differences() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        assert!(report(&app).await.ok, "an empty store");
        seed(&app).await;
        let report = report(&app).await;
        assert!(report.ok, "{:?}", report.lines());
        assert!(report.counts.facts > 20 && report.counts.postings == 5);
        assert_eq!(report.lines().last().map(String::as_str), Some("没有发现差异"));
    }
}

#[tokio::test]
async fn each_planted_difference_is_found() {
    let planted = [
        ("post_holder", "delete from post_holder where person_id = (select min(person_id) from post_holder)"),
        (
            "post_holder",
            "update posting set state = 'ended', until = '2024-01-02', end_reason = 'recalled' \
                         where state = 'on_post' and role = 'member'",
        ),
        (
            "two_posts",
            "update posting set person_id = (select min(person_id) from posting where state = 'on_post') \
                       where state = 'on_post'",
        ),
        ("village_post", "delete from village_post"),
        (
            "village_post",
            "insert into village_post (county_id, village, slot, posting_id) \
                          values (411327, 411327101202, 'first_secretary', 'nobody')",
        ),
        ("category", "update village_category set until = null, village = 411327101201"),
        ("person", "delete from person where name = '贺明远'"),
        (
            "source",
            "insert into fact (county_id, id, indicator, day, amount, division, source_kind, source_id, \
                    recorded_at) values (411327, 'x', 'posting.cadre', '2024-01-02', 1, 411327101201, 'posting', \
                    'gone', 1)",
        ),
        ("facts", "update posting set role = 'instructor' where role = 'member' and state = 'on_post'"),
        ("facts", "delete from fact where source_kind = 'village'"),
        ("facts", "update village_star set stars = 1"),
    ];
    for (rule, statement) in planted {
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            seed(&app).await;
            plant(&app.db, statement).await;
            let report = report(&app).await;
            assert!(!report.ok);
            assert!(report.invariants.iter().any(|found| found.rule == rule), "{statement}: {:?}", report.lines());
        }
    }
}

#[tokio::test]
async fn a_round_whose_numbers_do_not_agree_is_found_without_a_look_at_ballots() {
    let planted = [
        ("rating_round", "delete from ballot where id = (select min(id) from ballot)"),
        ("rating_round", "update rating_round set ballots = ballots + 1 where state = 'closed'"),
        ("rating_round", "update rating_round set slips = slips + 1 where state = 'open'"),
        ("rating_round", "update rating_subject set satisfied = satisfied + 100 where satisfied is not null"),
        ("rating_round", "update rating_subject set satisfied = 1, fair = 0, dissatisfied = 0 where satisfied is null"),
        ("rating_shown", "update rating_shown set satisfied = satisfied + 1"),
        ("rating_shown", "update rating_shown set satisfied = 4, fair = 0, dissatisfied = 0"),
        ("rating_shown", "update rating_shown set to_month = '2024-02', from_month = '2024-03'"),
    ];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        crate::ratings::tests::two_rounds(&app).await;
        assert!(report(&app).await.ok, "{:?}", report(&app).await.lines());
    }
    for (rule, statement) in planted {
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            crate::ratings::tests::two_rounds(&app).await;
            plant(&app.db, statement).await;
            let report = report(&app).await;
            assert!(report.invariants.iter().any(|found| found.rule == rule), "{statement}: {:?}", report.lines());
        }
    }
}

#[tokio::test]
async fn a_rollup_or_an_audit_line_that_was_touched_is_found() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        plant(&app.db, "update rollup_month set amount = amount + 1 where indicator = 'posting.cadre'").await;
        let found = report(&app).await;
        assert!(found.rollups.iter().any(|difference| difference.table == "rollup_month"), "{:?}", found.lines());
        plant(&app.db, "delete from rollup_year where division = 411327000000 and indicator = 'posting.cadre'").await;
        let found = report(&app).await;
        assert!(found.rollups.iter().any(|difference| difference.table == "rollup_year"), "{:?}", found.lines());
        plant(&app.db, "update distinct_year set facts = facts + 1 where division = 411327000000").await;
        let found = report(&app).await;
        assert!(found.rollups.iter().any(|difference| difference.table == "distinct_year"), "{:?}", found.lines());
        let mut tx = app.db.begin().await.expect("a write");
        let actor = crate::accounts::Actor::command_line(app.clock);
        let pack = app.packs().get("sheqi").expect("a pack");
        let county = crate::testing::code(crate::testing::COUNTY).county();
        crate::flows::choose_pack(&mut tx, county, pack, &actor).await.expect("chosen");
        tx.commit().await.expect("written");
        plant(&app.db, "update audit set after = 'nothing'").await;
        assert!(!report(&app).await.audit.is_empty());
    }
}
