//! A large roster is written in chunks that nobody sees, and then seen at once or not at all.

use base::{
    db::{Conn, sql},
    kernel::CountyId,
    testing::databases,
    web::AppError,
};

use super::{
    super::{
        Ready,
        planning::{finish, stage},
    },
    COUNTY, FileKind, bare, bring, code, compare, consistent, count, counts, sheet,
};
use crate::{
    accounts::{Actor, Scope},
    app::{App, MIGRATIONS},
    check, demo, housekeeping,
    postings::store::{self, Filter},
    spine::{
        facts::read::Span,
        staging::{self, Run},
    },
    statistics,
};

const PEOPLE: usize = 2_100;
const PEOPLE_I64: i64 = 2_100;

/// More people than are written at once, over the villages of the county.
async fn large(app: &App) -> Vec<u8> {
    let mut conn = app.db.read().await.unwrap();
    let query = sql("select code, name from division where code between 411327101200 and 411327101999 order by code");
    let villages = conn.all::<(base::kernel::DivisionCode, String)>(query).await.unwrap();
    let village = |(code, name)| demo::scale::RosterVillage { code, name, township: String::new() };
    let villages: Vec<_> = villages.into_iter().map(village).collect();
    let rows = demo::scale::roster(1, &villages, PEOPLE);
    let mut lines = vec![demo::scale::RosterRow::HEADER.join(",")];
    lines.extend(rows.iter().map(|row| row.cells().join(",")));
    lines.join("\n").into_bytes()
}

async fn ready(app: &App, roster: &[u8]) -> Ready {
    let ready = compare(app, FileKind::Roster, roster, "大名册.csv", Some(COUNTY)).await.unwrap();
    assert_eq!((ready.report.created, ready.report.rejected), (PEOPLE, 0), "{:?}", ready.report.problems.first());
    ready
}

fn actor(app: &App) -> Actor {
    Actor::command_line(app.clock)
}

async fn figure(conn: &mut Conn, app: &App, indicator: &str) -> i64 {
    let asked = [indicator.to_owned()];
    let span = Span { from: None, to: app.clock.today() };
    let figures = statistics::stats(conn, code(COUNTY), span, Some(&asked)).await.unwrap();
    figures.indicators[indicator].as_i64().unwrap()
}

/// How many people lists, figures and records show; they always agree.
async fn seen(app: &App) -> i64 {
    let mut conn = app.db.read().await.unwrap();
    let listed = store::count(&mut conn, &Scope::of(code(COUNTY)), &Filter::default()).await.unwrap();
    assert_eq!(figure(&mut conn, app, "posting.cadre").await, listed, "the state figure");
    let served = Filter { state: Some("all".into()), ..Filter::default() };
    let served = store::count(&mut conn, &Scope::of(code(COUNTY)), &served).await.unwrap();
    assert_eq!(figure(&mut conn, app, "alumni.cadre").await, served, "the distinct figure");
    let indicator = crate::spine::facts::Catalogue::get().find("posting.cadre").unwrap();
    let place = crate::spine::facts::read::Place::of(code(COUNTY));
    let span = Span { from: None, to: app.clock.today() };
    let records = crate::spine::facts::read::records(&mut conn, indicator, &place, span, None).await.unwrap();
    assert_eq!(records.iter().map(|record| record.amount).sum::<i64>(), listed, "the records behind it");
    let report = check::check(&mut conn).await.unwrap();
    assert!(report.ok, "{:?}", report.lines());
    listed
}

/// Nothing is left of any run.
async fn swept(app: &App) {
    housekeeping::finish(&app.db).await.unwrap();
    for query in [
        "select count(*) from staging",
        "select count(*) from staged_rollup_day",
        "select count(*) from staged_rollup_month",
        "select count(*) from staged_rollup_year",
        "select count(*) from staged_distinct_month",
        "select count(*) from staged_distinct_year",
        "select count(*) from posting where staged is not null",
        "select count(*) from person where staged is not null",
        "select count(*) from fact where staged is not null",
        "select count(*) from batch where staged is not null",
        "select count(*) from task where staged is not null",
    ] {
        assert_eq!(count(app, query).await, 0, "{query}");
    }
}

#[tokio::test]
async fn a_large_roster_is_unseen_until_it_is_seen_whole() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let roster = large(&app).await;
        let mut ready = ready(&app, &roster).await;
        stage(&app, &mut ready, &actor(&app)).await.unwrap();
        assert_eq!(count(&app, "select count(*) from posting").await, PEOPLE_I64);
        assert_eq!(seen(&app).await, 0);
        assert_eq!(count(&app, "select count(*) from live_person").await, 0);
        assert_eq!(count(&app, "select count(*) from live_batch").await, 0);
        assert!(!housekeeping::step(&app.db).await.unwrap(), "a run that is being written is nobody else's");
        finish(&app, ready, None, &actor(&app)).await.unwrap();
        assert_eq!(seen(&app).await, PEOPLE_I64);
        // Somebody leaves while the rows are being let go.
        let mut steps = 0;
        while housekeeping::step(&app.db).await.unwrap() {
            steps += 1;
            if steps == 4 {
                let leaves = Filter { role: Some(crate::postings::PostRole::Member), ..Filter::default() };
                let mut tx = app.db.begin().await.unwrap();
                let scope = Scope::of(code(COUNTY));
                let list = store::list(&mut tx, &scope, &leaves, store::Sort::Name, 1, 0).await.unwrap();
                let one = &list[0];
                let row = store::find(&mut tx, one.county_id, &one.id).await.unwrap().unwrap();
                let reason = crate::postings::EndReason::Transferred;
                let ended = row.held().unwrap().state.end(row.since, app.clock.today(), reason).unwrap();
                store::change(&mut tx, &row, ended, app.clock.today(), None, false, &actor(&app)).await.unwrap();
                tx.commit().await.unwrap();
                assert_eq!(seen(&app).await, PEOPLE_I64 - 1);
            }
        }
        assert!(steps > 6, "in chunks: {steps}");
        assert_eq!(seen(&app).await, PEOPLE_I64 - 1);
        swept(&app).await;
        consistent(&app).await;
        assert_eq!(counts(&bring(&app, FileKind::Roster, &roster, "大名册.csv").await), (0, 0, PEOPLE, 0));
    }
}

/// Waits until a run has written some postings.
async fn begun(app: &App) {
    while count(app, "select count(*) from posting").await == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_roster_cut_off_between_chunks_leaves_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let roster = large(&app).await;
        let mut first = ready(&app, &roster).await;
        let actor = actor(&app);
        tokio::select! {
            staged = stage(&app, &mut first, &actor) => panic!("was to be cut off: {staged:?}"),
            () = begun(&app) => {}
        }
        drop(first);
        let written = count(&app, "select count(*) from posting").await;
        assert!((1..PEOPLE_I64).contains(&written), "{written}");
        assert_eq!(seen(&app).await, 0);
        // The next process that writes: nobody holds the run any longer.
        staging::abandon_all(&app.db).await.unwrap();
        assert_eq!(seen(&app).await, 0);
        assert!(housekeeping::step(&app.db).await.unwrap());
        assert_eq!(seen(&app).await, 0);
        swept(&app).await;
        for query in ["select count(*) from posting", "select count(*) from person", "select count(*) from fact"] {
            assert_eq!(count(&app, query).await, 0, "{query}");
        }
        assert_eq!(count(&app, "select count(*) from posting_event").await, 0);
        let again = bring(&app, FileKind::Roster, &roster, "大名册.csv").await;
        assert_eq!(counts(&again), (PEOPLE, 0, 0, 0));
        assert_eq!(seen(&app).await, PEOPLE_I64);
        swept(&app).await;
    }
}

#[tokio::test]
async fn others_write_between_the_chunks() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let roster = large(&app).await;
        let mut ready = ready(&app, &roster).await;
        let between = async {
            begun(&app).await;
            let mut tx = app.db.begin().await.unwrap();
            let county = code(COUNTY).county();
            crate::packs::store::save_setting(&mut tx, county, "note", "between").await.unwrap();
            tx.commit().await.unwrap();
            count(&app, "select count(*) from posting").await
        };
        let actor = actor(&app);
        let (staged, so_far) = tokio::join!(stage(&app, &mut ready, &actor), between);
        staged.unwrap();
        assert!(so_far < PEOPLE_I64, "written while the roster was not yet: {so_far}");
        finish(&app, ready, None, &actor).await.unwrap();
        assert_eq!(seen(&app).await, PEOPLE_I64);
    }
}

#[tokio::test]
async fn what_was_taken_meanwhile_is_a_conflict_and_nothing_happened() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let roster = large(&app).await;
        let mut ready = ready(&app, &roster).await;
        stage(&app, &mut ready, &actor(&app)).await.unwrap();
        // Somebody of the roster, known by the ID number, is entered by hand in the meantime.
        let text = String::from_utf8(roster.clone()).unwrap();
        let mut lines = text.lines();
        let (head, one) = (lines.next().unwrap().replace(',', "|"), lines.next().unwrap().replace(',', "|"));
        let report = bring(&app, FileKind::Roster, &sheet(&[&head, &one]), "一个人.xlsx").await;
        assert_eq!(counts(&report), (1, 0, 0, 0), "{:?}", report.problems);
        let refused = finish(&app, ready, None, &actor(&app)).await;
        assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
        assert_eq!(seen(&app).await, 1);
        swept(&app).await;
        assert_eq!(count(&app, "select count(*) from posting").await, 1);
        assert_eq!(count(&app, "select count(*) from person").await, 1);
        let again = bring(&app, FileKind::Roster, &roster, "大名册.csv").await;
        assert_eq!(counts(&again), (PEOPLE - 1, 0, 1, 0), "{:?}", again.problems.first());
        assert_eq!(seen(&app).await, PEOPLE_I64);
    }
}

#[tokio::test]
async fn a_run_that_was_taken_away_writes_and_shows_nothing_more() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let counties: [CountyId; 2] = [code(COUNTY).county(), code("410000000000").county()];
        let run = Run::begin(&app.db, counties.into()).await.unwrap();
        run.chunk(&app.db).await.unwrap().commit().await.unwrap();
        // It did not show life for too long; others tidy one of its counties.
        staging::abandon_all(&app.db).await.unwrap();
        assert!(housekeeping::step(&app.db).await.unwrap());
        assert!(matches!(run.chunk(&app.db).await.err(), Some(AppError::Conflict(_))));
        let mut tx = app.db.begin().await.unwrap();
        assert!(matches!(run.apply(&mut tx).await, Err(AppError::Conflict(_))));
    }
}
