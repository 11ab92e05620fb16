//! The store on both databases: locks, history, facts and tasks in the same transaction, plans of lists.

use base::{
    db::{Kind, plan_of},
    kernel::{Day, DivisionCode, new_id},
    web::AppError,
};

use crate::{
    accounts::{Actor, Scope},
    app::App,
    check,
    people::{self, Person},
    places::{self, VillageCategory},
    postings::{
        EndReason, Held, Ledger, PostRole, State,
        store::{self, Filter, NewPosting, Sort},
    },
    spine::facts::{
        Catalogue,
        read::{Place, Span, value},
    },
    testing::{COUNTY, MIGRATIONS, SECOND_VILLAGE, VILLAGE, code, databases, today, world},
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn actor(app: &App) -> Actor {
    Actor::command_line(app.clock)
}

/// A person who is new to the county.
async fn person(app: &App, name: &str) -> String {
    let mut tx = app.db.begin().await.expect("a write");
    let person = Person { name: name.into(), ..Person::default() };
    let id =
        people::store::add(&mut tx, &app.keys, code(COUNTY).county(), &person, app.clock.now()).await.expect("kept");
    tx.commit().await.expect("written");
    id
}

async fn batch(app: &App) -> String {
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    let batch = store::add_batch(&mut tx, county, 1, "第一批", day("2023-06-01"), 24, true).await.expect("a batch");
    for village in [VILLAGE, SECOND_VILLAGE].map(code) {
        places::store::set_category(&mut tx, village, VillageCategory::Ordinary, day("2021-01-01"), None)
            .await
            .expect("set");
    }
    crate::packs::store::save_setting(&mut tx, county, "pack", "sheqi").await.expect("set");
    tx.commit().await.expect("written");
    batch.id
}

struct Ask<'a> {
    batch: &'a str,
    person: &'a str,
    village: DivisionCode,
    role: PostRole,
    state: State,
    since: &'a str,
}

/// Enters a posting in a transaction of its own.
async fn enter(app: &App, ask: Ask<'_>) -> Result<String, AppError> {
    let county = ask.village.county();
    let id = new_id();
    let held = Held {
        posting_id: id.clone(),
        batch_id: ask.batch.into(),
        person: (county, ask.person.into()),
        unit_id: None,
        unit_level: None,
        village: ask.village,
        role: ask.role,
        ledger: Ledger::Province,
        state: ask.state,
        since: day(ask.since),
    };
    let new = NewPosting { held, team_id: None, person_name: "某".into(), note: None };
    let mut tx = app.db.begin().await?;
    store::add_all(&mut tx, county, &[new], false, &actor(app)).await?;
    let pack = app.pack(&mut tx, county).await?;
    store::refresh_vacancies(&mut tx, county, county.division().area(), pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(id)
}

fn secretary<'a>(batch: &'a str, person: &'a str, village: &str) -> Ask<'a> {
    Ask {
        batch,
        person,
        village: code(village),
        role: PostRole::FirstSecretary,
        state: State::OnPost,
        since: "2023-06-03",
    }
}

async fn change(app: &App, id: &str, next: State, on: &str) -> Result<(), AppError> {
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await?;
    let row = store::find(&mut tx, county, id).await?.ok_or(AppError::NotFound)?;
    store::change(&mut tx, &row, next, day(on), Some("试"), false, &actor(app)).await?;
    let pack = app.pack(&mut tx, county).await?;
    store::refresh_vacancies(&mut tx, county, county.division().area(), pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(())
}

async fn figure(app: &App, indicator: &str, place: &str, to: &str) -> i64 {
    let indicator = Catalogue::get().find(indicator).expect("an indicator");
    let span = Span { from: None, to: day(to) };
    value(&mut app.db.read().await.expect("a reader"), indicator, &Place::of(code(place)), span)
        .await
        .expect("a figure")
}

async fn vacancies(app: &App) -> Vec<String> {
    let query =
        base::db::sql("select origin_id from task where kind = 'vacancy' and done_at is null order by origin_id");
    let rows: Vec<(String,)> = app.db.read().await.expect("a reader").all(query).await.expect("tasks");
    rows.into_iter().map(|(id,)| id).collect()
}

#[tokio::test]
async fn nobody_holds_two_posts_and_no_village_has_two_first_secretaries() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let batch = batch(&app).await;
        let (first, second) = (person(&app, "甲一").await, person(&app, "乙二").await);
        enter(&app, secretary(&batch, &first, VILLAGE)).await.expect("on post");
        let again = enter(&app, secretary(&batch, &first, SECOND_VILLAGE)).await.expect_err("a second post");
        assert!(matches!(&again, AppError::Refused(refusal) if refusal.field == Some("person")), "{again:?}");
        let beside = enter(&app, secretary(&batch, &second, VILLAGE)).await.expect_err("a second first secretary");
        assert!(matches!(&beside, AppError::Refused(refusal) if refusal.field == Some("role")), "{beside:?}");
        let member = Ask { role: PostRole::Member, ..secretary(&batch, &second, VILLAGE) };
        enter(&app, member).await.expect("a member stands beside");
        assert_eq!(figure(&app, "posting.cadre", COUNTY, "2024-01-18").await, 2);
        let report = check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}

#[tokio::test]
async fn who_held_a_post_on_any_past_day_is_answered() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let batch = batch(&app).await;
        let (first, second) = (person(&app, "甲一").await, person(&app, "乙二").await);
        let old = enter(&app, secretary(&batch, &first, VILLAGE)).await.expect("on post");
        let ended = State::Ended { until: day("2023-10-01"), reason: EndReason::HandedOver };
        change(&app, &old, ended, "2023-10-01").await.expect("ended");
        enter(&app, Ask { since: "2023-10-01", ..secretary(&batch, &second, VILLAGE) }).await.expect("a successor");
        let scope = Scope::of(code(COUNTY));
        for (on, holder) in [
            ("2023-06-02", None),
            ("2023-06-03", Some(&first)),
            ("2023-09-30", Some(&first)),
            ("2023-10-01", Some(&second)),
        ] {
            let filter = Filter { on: Some(day(on)), ..Filter::default() };
            let mut conn = app.db.read().await.expect("a reader");
            let rows = store::list(&mut conn, &scope, &filter, Sort::Village, 10, 0).await.expect("listed");
            assert_eq!(rows.first().map(|row| &row.person_id), holder, "{on}");
            assert_eq!(store::count(&mut conn, &scope, &filter).await.expect("counted"), i64::from(holder.is_some()));
        }
        assert_eq!(figure(&app, "posting.first_secretary", VILLAGE, "2023-10-01").await, 1);
        assert_eq!(figure(&app, "alumni.cadre", COUNTY, "2024-01-18").await, 2);
        // Handed over on the same day, the village was covered throughout.
        assert_eq!(figure(&app, "village.posted", COUNTY, "2023-10-01").await, 1);
    }
}

#[tokio::test]
async fn a_vacancy_is_somebodys_task_until_it_is_filled() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let batch = batch(&app).await;
        let (first, second) = (person(&app, "甲一").await, person(&app, "乙二").await);
        let old = enter(&app, secretary(&batch, &first, VILLAGE)).await.expect("on post");
        assert_eq!(vacancies(&app).await, [SECOND_VILLAGE]);
        enter(&app, secretary(&batch, &second, SECOND_VILLAGE)).await.expect("on post");
        assert!(vacancies(&app).await.is_empty());
        let ended = State::Ended { until: today(), reason: EndReason::Recalled };
        change(&app, &old, ended, "2024-01-18").await.expect("recalled");
        assert_eq!(vacancies(&app).await, [VILLAGE]);
        let missing = |coverage: store::Coverage| coverage.missing().map(|row| row.village).collect::<Vec<_>>();
        let mut conn = app.db.read().await.expect("a reader");
        let pack = app.packs().get("sheqi").expect("a pack");
        let area = code(COUNTY).area();
        assert_eq!(missing(store::coverage(&mut conn, area, today(), pack).await.expect("coverage")), [code(VILLAGE)]);
        assert!(missing(store::coverage(&mut conn, area, day("2024-01-17"), pack).await.expect("coverage")).is_empty());
    }
}

#[tokio::test]
async fn a_change_made_from_an_old_page_is_a_conflict() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let batch = batch(&app).await;
        let who = person(&app, "甲一").await;
        let ask = Ask { state: State::Proposed, since: "2024-02-01", ..secretary(&batch, &who, VILLAGE) };
        let id = enter(&app, ask).await.expect("proposed");
        let county = code(COUNTY).county();
        let seen =
            store::find(&mut app.db.read().await.expect("a reader"), county, &id).await.expect("read").expect("there");
        change(&app, &id, State::Vetted, "2024-01-18").await.expect("vetted by somebody else");
        let mut tx = app.db.begin().await.expect("a write");
        let late = store::change(&mut tx, &seen, State::Withdrawn, today(), None, false, &actor(&app)).await;
        assert!(matches!(late, Err(AppError::Conflict(_))), "{late:?}");
    }
}

#[tokio::test]
async fn a_transaction_that_breaks_off_leaves_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let batch = batch(&app).await;
        let who = person(&app, "甲一").await;
        let county = code(COUNTY).county();
        let held = Held {
            posting_id: new_id(),
            batch_id: batch,
            person: (county, who),
            unit_id: None,
            unit_level: None,
            village: code(VILLAGE),
            role: PostRole::FirstSecretary,
            ledger: Ledger::Province,
            state: State::OnPost,
            since: day("2023-06-03"),
        };
        let new = NewPosting { held, team_id: None, person_name: "甲一".into(), note: None };
        let mut tx = app.db.begin().await.expect("a write");
        store::add_all(&mut tx, county, &[new], false, &actor(&app)).await.expect("entered");
        drop(tx);
        assert_eq!(figure(&app, "posting.cadre", COUNTY, "2024-01-18").await, 0);
        for table in ["select count(*) from posting", "select count(*) from fact", "select count(*) from post_holder"] {
            let count: i64 = app.db.read().await.expect("a reader").value(base::db::sql(table)).await.expect("counted");
            assert_eq!(count, 0, "{table}");
        }
    }
}

#[tokio::test]
async fn every_list_of_postings_is_answered_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let scopes = [Scope::of(code(COUNTY)), Scope::of(code("410000000000"))];
        let filters = [
            Filter::default(),
            Filter { role: Some(PostRole::FirstSecretary), name: Some("王".into()), ..Filter::default() },
            Filter { on: Some(today()), ..Filter::default() },
            Filter { person_id: Some("x".into()), state: Some("all".into()), ..Filter::default() },
        ];
        let by_role = Filter { role: Some(PostRole::FirstSecretary), ..Filter::default() };
        for filter in [&filters[0], &by_role] {
            let query = store::count_query(&scopes[0], filter);
            let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
            let covered = plan.iter().any(|step| step.contains("USING COVERING INDEX posting_count"));
            assert!(covered, "{filter:?}: {plan:#?}");
        }
        // A page of a county in the order of names is read in that order, not sorted.
        app.db.optimize().await.expect("statistics");
        let in_order = [
            (&by_role, Sort::Name, "posting_role (county_id=? AND state=? AND role=?)"),
            (&filters[0], Sort::Name, "posting_state (county_id=? AND state=?)"),
            (&filters[0], Sort::Village, "posting_place (county_id=? AND state=?)"),
        ];
        for (filter, sort, index) in in_order {
            let query = store::list_query(&scopes[0], filter, sort, 50, 0);
            let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
            assert!(plan.iter().any(|step| step.contains(index)), "{plan:#?}");
            // The page that was found is put in order once more, the county is not.
            let sorted = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
            assert!(sorted <= 1, "{plan:#?}");
        }
        for scope in &scopes {
            for filter in &filters {
                for sort in [Sort::Village, Sort::Name, Sort::SinceDown] {
                    let query = store::list_query(scope, filter, sort, 50, 0);
                    let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
                    let scans: Vec<_> = plan
                        .iter()
                        .filter(|step| step.starts_with("SCAN posting") || step.starts_with("SCAN live_"))
                        .filter(|s| !s.contains("USING INDEX"))
                        .collect();
                    assert!(scans.is_empty(), "{filter:?} {sort:?}: {plan:#?}");
                }
            }
        }
    }
}
