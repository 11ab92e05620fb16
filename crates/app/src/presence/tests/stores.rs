//! The stores on both databases: two requests for the same days, old pages, tasks, facts, plans of lists.

use base::{
    db::{Kind as Database, Query, plan_of, sql},
    web::AppError,
};

use super::{actor, county, day, served};
use crate::{
    accounts::Scope,
    app::App,
    check,
    presence::{
        leave::{
            Kind, Span, State,
            store::{self, NewLeave},
        },
        posts, spot_checks, trips,
    },
    testing::{COUNTY, MIGRATIONS, code, databases, today, world},
};

async fn ask(app: &App, person: &str, since: &str, until: &str) -> Result<String, AppError> {
    let mut tx = app.db.begin().await?;
    let posts = posts::of_person(&mut tx, person).await?;
    let span = Span { since: day(since), until: day(until) };
    let new = NewLeave { post: &posts[0], kind: Kind::Personal, span, reason: None };
    let pack = app.pack(&mut tx, county()).await?;
    let id = store::ask(&mut tx, &app.keys, &new, pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(id)
}

async fn change(app: &App, id: &str, next: State) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    let row = store::find(&mut tx, county(), id).await?.ok_or(AppError::NotFound)?;
    store::change(&mut tx, &row, next, None, &actor(app)).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn two_leaves_for_one_day_end_in_one_and_a_refusal_in_words() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let lin = served(&app).await.lin;
        let (one, other) =
            tokio::join!(ask(&app, &lin, "2024-02-01", "2024-02-03"), ask(&app, &lin, "2024-02-02", "2024-02-05"));
        let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert!(matches!(&refused[..], [AppError::Refused(_) | AppError::Internal(_)]), "{refused:?}");
        let held: i64 =
            app.db.read().await.expect("a reader").value(sql("select count(*) from leave")).await.expect("n");
        assert_eq!(held, 1);
    }
}

#[tokio::test]
async fn days_follow_the_leave_and_an_old_page_is_a_conflict() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let lin = served(&app).await.lin;
        let days = || async {
            let count = sql("select count(*) from away_day");
            app.db.read().await.expect("a reader").value::<i64>(count).await.expect("counted")
        };
        let id = ask(&app, &lin, "2024-01-15", "2024-01-18").await.expect("asked");
        assert_eq!(days().await, 3);
        let old = store::find(&mut app.db.read().await.expect("a reader"), county(), &id).await.expect("read");
        let old = old.expect("a leave");
        change(&app, &id, State::OnLeave).await.expect("approved");
        let mut tx = app.db.begin().await.expect("a write");
        let late = store::change(&mut tx, &old, State::Refused, Some("晚了"), &actor(&app)).await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
        drop(tx);
        change(&app, &id, State::Returned { back: day("2024-01-16") }).await.expect("returned early");
        assert_eq!(days().await, 1);
        let next = ask(&app, &lin, "2024-01-16", "2024-01-17").await.expect("free again");
        change(&app, &next, State::OnLeave).await.expect("approved");
        ask(&app, &lin, "2024-01-18", "2024-01-19").await.expect("asked");
        // Back two days late would run into the next leave.
        let clash = change(&app, &next, State::Returned { back: day("2024-01-19") }).await;
        assert!(matches!(&clash, Err(AppError::Refused(refusal)) if refusal.field == Some("back")), "{clash:?}");
        let report = check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}

#[tokio::test]
async fn the_same_draw_twice_gives_the_same_villages() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let scope = Scope::of(code(COUNTY));
        let mut drawn = Vec::new();
        for _ in 0..2 {
            let mut tx = app.db.begin().await.expect("a write");
            let people = posts::on(&mut tx, &scope, today(), 100).await.expect("read");
            let draw = spot_checks::store::Draw { place: code(COUNTY), seed: "七", wanted: 1, posts: &people };
            let id = spot_checks::store::draw(&mut tx, &draw, &actor(&app)).await.expect("drawn");
            let pool = spot_checks::store::pool(&mut tx, county(), &id).await.expect("read");
            assert_eq!(pool.len(), 2);
            drawn.push(pool.into_iter().map(|row| (row.village, row.drawn)).collect::<Vec<_>>());
            tx.commit().await.expect("written");
        }
        assert_eq!(drawn[0], drawn[1]);
    }
}

#[tokio::test]
async fn every_list_of_presence_is_answered_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        if db.db().kind() == Database::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let mut queries: Vec<(String, Query)> = Vec::new();
        for place in [COUNTY, "410000000000"] {
            let scope = Scope::of(code(place));
            let leaves = [
                store::Filter::default(),
                store::Filter { on: Some(today()), ..Default::default() },
                store::Filter { state: Some("overdue".into()), today: Some(today()), ..Default::default() },
            ];
            for filter in leaves {
                queries.push((format!("{place} {filter:?}"), store::list_query(&scope, &filter, 50, 0)));
            }
            let trip = trips::store::Filter { on: Some(today()), ..Default::default() };
            queries.push((format!("{place} trips"), trips::store::list_query(&scope, &trip, 50, 0)));
            queries.push((format!("{place} checks"), spot_checks::store::list_query(&scope, 50, 0)));
        }
        for (what, query) in queries {
            let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
            let bare = plan.iter().filter(|step| step.starts_with("SCAN")).filter(|step| !step.contains("INDEX"));
            assert_eq!(bare.count(), 0, "{what}: {plan:#?}");
        }
    }
}
