//! Approval: all of it in one transaction, or nothing.

use base::{
    db::{Tx, sql},
    web::AppError,
};

use super::{actor, cleared, county, day, sign, solved};
use crate::{
    app::App,
    check,
    dispatch::{
        acts::{self, Sitting},
        rules::{Gate, State},
        store,
        tests::Scene,
    },
    flows, people,
    people::Person,
    postings::{self, Held, Ledger, PostRole, store::NewPosting},
    testing::{MIGRATIONS, OTHER_VILLAGE, VILLAGE, code, databases, world},
};

async fn proposed(app: &App, scene: &Scene) -> store::PlanRow {
    let plan = solved(app, scene, None).await;
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    let pack = app.pack(&mut tx, county()).await.expect("a pack");
    acts::propose(&mut tx, &round, &plan.id, pack, &actor(app)).await.expect("proposed");
    tx.commit().await.expect("written");
    plan
}

async fn approve(app: &App, scene: &Scene) -> Result<flows::Appointed, AppError> {
    let mut tx = app.db.begin().await?;
    let pack = app.pack(&mut tx, county()).await?;
    let made = flows::approve_dispatch(&mut tx, (county(), &scene.round), pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(made)
}

async fn counted(app: &App) -> Vec<i64> {
    let mut conn = app.db.read().await.expect("a reader");
    let mut counts = Vec::new();
    for query in [
        "select count(*) from live_batch",
        "select count(*) from team",
        "select count(*) from live_posting",
        "select count(*) from handover",
        "select count(*) from live_fact",
        "select count(*) from live_task where done_at is null",
        "select count(*) from audit",
    ] {
        counts.push(conn.value(sql(query)).await.expect("counted"));
    }
    counts
}

/// 林一诺 is first secretary of 麦田村 in a batch that ends as the round begins.
async fn old_hand(app: &App) -> String {
    let mut tx = app.db.begin().await.expect("a write");
    let batch = postings::store::add_batch(&mut tx, county(), 1, "第一批", day("2022-03-01"), 24, true);
    let batch = batch.await.expect("a batch").id;
    let lin = Person { name: "林一诺".into(), ..Person::default() };
    let person = people::store::add(&mut tx, &app.keys, county(), &lin, app.clock.now()).await.expect("a person");
    let id = base::kernel::new_id();
    let held = Held {
        posting_id: id.clone(),
        batch_id: batch,
        person: (county(), person),
        unit_id: None,
        unit_level: None,
        village: code(VILLAGE),
        role: PostRole::FirstSecretary,
        ledger: Ledger::County,
        state: postings::State::OnPost,
        since: day("2022-03-01"),
    };
    let new = NewPosting { held, team_id: None, person_name: "林一诺".into(), note: None };
    postings::store::add_all(&mut tx, county(), &[new], false, &actor(app)).await.expect("entered");
    tx.commit().await.expect("written");
    id
}

#[tokio::test]
async fn an_approved_plan_makes_batch_teams_postings_and_handovers() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let old = old_hand(&app).await;
        let scene = cleared(&app).await;
        let plan = proposed(&app, &scene).await.kept.expect("a plan");
        let made = approve(&app, &scene).await.expect("approved");
        assert_eq!((made.number, made.teams, made.people, made.handovers), (2, 3, 5, 1));
        let mut conn = app.db.read().await.expect("a reader");
        let rows = postings::store::all_of(&mut conn, county()).await.expect("read");
        let new: Vec<_> = rows.iter().filter(|row| row.batch_id == made.batch_id).collect();
        assert!(new.iter().all(|row| row.state == "approved" && row.since == day("2024-03-01")), "{new:?}");
        let first = |village: &str| {
            let here = new.iter().find(|row| row.village == code(village) && row.role == "first_secretary");
            here.expect("a first secretary").person_name.clone()
        };
        let leader = |village: &str| plan.team(village).expect("a team").people[0].name.clone();
        for village in [VILLAGE, OTHER_VILLAGE] {
            assert_eq!(first(village), leader(village));
        }
        let handover = crate::handover::store::find_by_posting(&mut conn, county(), &old).await.expect("read");
        let handover = handover.expect("one for the old hand");
        assert_eq!(handover.new_name.as_deref(), Some(leader(VILLAGE).as_str()));
        assert_eq!(handover.leaves_on, day("2024-03-01"));
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        assert!(matches!(&round.state, State::Approved { batch_id, .. } if *batch_id == made.batch_id));
        let tasks = sql("select count(*) from live_task where origin_kind = 'dispatch_round' and done_at is null");
        assert_eq!(conn.value::<i64>(tasks).await.expect("counted"), 0);
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
        drop(conn);
        // Nothing of it is approved twice or changed afterwards.
        let again = approve(&app, &scene).await.expect_err("refused").say().zh();
        assert!(again.contains("已在 2024-01-18 批准"), "{again}");
    }
}

#[tokio::test]
async fn a_plan_that_no_longer_holds_is_refused_and_changes_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let plan = proposed(&app, &scene).await.kept.expect("a plan");
        let sent = plan.teams[0].people[0].clone();
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        let no = Sitting {
            gate: Gate::Conduct, passed: false, why: Some("被举报，正在核实"), body: "县纪委监委"
        };
        let person = std::slice::from_ref(&sent.id);
        acts::sign(&mut tx, &round, person, no, &actor(&app)).await.expect("refused at a gate");
        tx.commit().await.expect("written");
        let before = counted(&app).await;
        let said = approve(&app, &scene).await.expect_err("refused").say().zh();
        assert!(said.contains(&format!("{}的三关或年龄变了", sent.name)), "{said}");
        assert_eq!(counted(&app).await, before);
        sign(&app, &scene, person, &[Gate::Conduct]).await;
        approve(&app, &scene).await.expect("approved");
    }
}

#[tokio::test]
async fn who_was_posted_elsewhere_meanwhile_is_named() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let plan = proposed(&app, &scene).await.kept.expect("a plan");
        let sent = plan.teams[0].people[0].clone();
        let mut tx = app.db.begin().await.expect("a write");
        let batch = postings::store::add_batch(&mut tx, county(), 7, "第七批", day("2024-01-01"), 24, true);
        let held = Held {
            posting_id: base::kernel::new_id(),
            batch_id: batch.await.expect("a batch").id,
            person: (county(), sent.id.clone()),
            unit_id: None,
            unit_level: None,
            village: code(OTHER_VILLAGE),
            role: PostRole::Member,
            ledger: Ledger::County,
            state: postings::State::OnPost,
            since: day("2024-01-01"),
        };
        let new = NewPosting { held, team_id: None, person_name: sent.name.clone(), note: None };
        postings::store::add_all(&mut tx, county(), &[new], false, &actor(&app)).await.expect("entered");
        tx.commit().await.expect("written");
        let before = counted(&app).await;
        let said = approve(&app, &scene).await.expect_err("refused").say().zh();
        assert!(said.contains(&format!("{}（任期到 2026-01-01）", sent.name)), "{said}");
        assert_eq!(counted(&app).await, before);
    }
}

/// An approval that breaks off after everything is written, before it is committed, leaves nothing.
#[tokio::test]
async fn an_approval_that_breaks_off_is_seen_by_nobody() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        proposed(&app, &scene).await;
        let before = counted(&app).await;
        let mut tx: Tx = app.db.begin().await.expect("a write");
        let pack = app.pack(&mut tx, county()).await.expect("a pack");
        flows::approve_dispatch(&mut tx, (county(), &scene.round), pack, &actor(&app)).await.expect("written");
        tx.rollback().await.expect("broken off");
        assert_eq!(counted(&app).await, before);
        let mut conn = app.db.read().await.expect("a reader");
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        assert_eq!(round.state, State::Planning);
    }
}
