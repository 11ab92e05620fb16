//! Who stands in for the township: acts as it, under both names, and not a day longer.

use super::served;
use crate::{
    accounts::{Role, store as accounts},
    app::App,
    spine::audit,
    testing::{COUNTY, MIGRATIONS, browser_of, code, databases, today, world},
};

/// The duty in the form of the account's deputies: its only choice.
async fn duty(app: &App, name: &str) -> String {
    let mut conn = app.db.read().await.expect("a reader");
    let account = accounts::find_by_name(&mut conn, name).await.expect("read").expect("an account");
    accounts::list_grants(&mut conn, &account.id).await.expect("read")[0].id.clone()
}

async fn leave(app: &App) -> String {
    let mut lin = browser_of(app, "cadre").await;
    lin.get("/leaves/new").await.is(200);
    let fields = [("kind", "personal"), ("since", "2024-01-22"), ("last", "2024-01-23")];
    lin.submit("/leaves", &fields).await.is(303);
    lin.page.location().expect("an address").to_owned()
}

#[tokio::test]
async fn a_deputy_approves_leave_under_both_names_until_it_ends() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let leave = leave(&app).await;
        browser_of(&app, "judge").await.get(&leave).await.is(403);
        let mut xu = browser_of(&app, "township").await;
        xu.get("/account/deputies").await.is(200).shows("乡镇党委 · 苗店镇");
        let duty = duty(&app, "township").await;
        let fields = [("duty", duty.as_str()), ("deputy", "尚明哲"), ("since", "2024-01-18"), ("last", "2024-01-20")];
        xu.submit("/account/deputies", &fields).await.is(303);
        xu.follow().await.is(200).shows("尚明哲").shows("代办中");
        xu.submit("/account/deputies", &fields).await.is(422).shows("已经委托过这位同事");
        let mut shang = browser_of(&app, "judge").await;
        shang.get("/account/deputies").await.is(200).shows("我代的人").shows("许向阳");
        shang.get("/").await.is(200).shows("批请假：林一诺");
        shang.get(&leave).await.is(200);
        shang.submit(&format!("{leave}/decision"), &[("decision", "approve")]).await.is(303);
        shang.follow().await.is(200).shows("尚明哲（代许向阳）");
        let mut conn = app.db.read().await.expect("a reader");
        let lines = audit::list(&mut conn, code(COUNTY).county(), None, None, 1).await.expect("read");
        assert_eq!((lines[0].action.as_str(), lines[0].actor.as_str()), ("leave.decide", "尚明哲（代许向阳）"));
        drop(conn);
        // What is lent is not passed on.
        shang.get("/account/deputies").await.hides(&duty);
        xu.get("/account/deputies").await;
        xu.submit("/account/deputies/", &[]).await.is(303);
        xu.follow().await.shows("已结束");
        shang.get(&leave).await.is(403);
    }
}

#[tokio::test]
async fn it_ends_with_the_duty_and_with_the_account() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let duty = duty(&app, "township").await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/account/deputies").await;
        let fields = [("duty", duty.as_str()), ("deputy", "judge"), ("since", "2024-01-18"), ("last", "2024-03-01")];
        xu.submit("/account/deputies", &fields).await.is(303);
        let mut shang = browser_of(&app, "judge").await;
        shang.get("/leaves").await.is(200);
        let mut tx = app.db.begin().await.expect("a write");
        let account = accounts::find_by_name(&mut tx, "township").await.expect("read").expect("an account");
        accounts::save_state(&mut tx, &account.id, true).await.expect("stopped");
        tx.commit().await.expect("written");
        shang.get("/leaves").await.is(403);
        let mut tx = app.db.begin().await.expect("a write");
        accounts::save_state(&mut tx, &account.id, false).await.expect("let in");
        tx.commit().await.expect("written");
        shang.get("/leaves").await.is(200);
        let mut tx = app.db.begin().await.expect("a write");
        assert!(accounts::end_grant(&mut tx, &account.id, &duty, today()).await.expect("ended"));
        tx.commit().await.expect("written");
        shang.get("/leaves").await.is(403);
    }
}

#[tokio::test]
async fn what_cannot_be_left_to_somebody_is_refused() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let own = duty(&app, "township").await;
        let other = duty(&app, "office").await;
        let mut xu = browser_of(&app, "township").await;
        for (duty, deputy, since, last, says) in [
            (&own, "judge", "2024-01-20", "2024-01-18", "结束的日子不能早于开始的日子"),
            (&own, "judge", "2024-01-01", "2024-01-17", "这段日子已经过去"),
            (&own, "judge", "", "2024-01-20", "请填从哪天起"),
            (&other, "judge", "2024-01-18", "2024-01-20", "您没有这项职责"),
            (&own, "township", "2024-01-18", "2024-01-20", "代办人不能是自己"),
            (&own, "auditor", "2024-01-18", "2024-01-20", "三员不能代办业务"),
            (&own, "elsewhere", "2024-01-18", "2024-01-20", "本单位范围里没有这个人"),
            (&own, "", "2024-01-18", "2024-01-20", "请填代办人"),
        ] {
            xu.get("/account/deputies").await.is(200);
            let fields = [("duty", duty.as_str()), ("deputy", deputy), ("since", since), ("last", last)];
            xu.submit("/account/deputies", &fields).await.is(422).shows(says);
        }
        for keeper in ["sysadmin", "secadmin", "auditor"] {
            let mut browser = browser_of(&app, keeper).await;
            browser.get("/account/deputies").await.is(200).shows("没有可以委托的职责");
            let duty = duty(&app, keeper).await;
            let csrf =
                browser.page.forms().iter().flat_map(|form| form.fields.clone()).find(|(name, _)| name == "csrf");
            let csrf = csrf.expect("a token").1;
            let body = format!("csrf={csrf}&once={keeper}&duty={duty}&deputy=judge&since=2024-01-18&last=2024-01-20");
            browser.post_raw("/account/deputies", &[], &body).await.is(422).shows("您没有这项职责");
        }
    }
}

#[tokio::test]
async fn whoever_becomes_an_administrator_stands_in_for_nobody() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let duty = duty(&app, "township").await;
        let mut tx = app.db.begin().await.expect("a write");
        let id = |name: &'static str| name;
        let township = accounts::find_by_name(&mut tx, id("township")).await.expect("read").expect("an account");
        let auditor = accounts::find_by_name(&mut tx, id("auditor")).await.expect("read").expect("an account");
        let new = accounts::NewDeputy {
            account_id: &township.id,
            grant_id: &duty,
            deputy_id: &auditor.id,
            since: today(),
            until: today().plus_days(9),
        };
        accounts::add_deputy(&mut tx, &new, app.clock.now()).await.expect("named somehow");
        let session = accounts::NewSession { token_hash: "a", account_id: &auditor.id, address: None, agent: None };
        accounts::add_session(&mut tx, &session, app.clock.now()).await.expect("added");
        let found = accounts::find_session(&mut tx, "a", app.clock.now(), today()).await.expect("read");
        let (viewer, _) = found.expect("signed in");
        assert_eq!(viewer.duties().map(|duty| duty.role).collect::<Vec<_>>(), [Role::Auditor]);
    }
}
