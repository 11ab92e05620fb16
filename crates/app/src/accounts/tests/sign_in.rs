//! Through the door, as a person would and as an attacker might.

use base::testing::{Browser, TestDb};

use crate::{
    accounts::{
        rules::AccountState,
        secrets::{SecondFactor, new_totp},
        store::{self, Entrance},
    },
    app::App,
    testing::{MIGRATIONS, PASSWORD, browser, browser_of, databases, install, sign_in_as, world},
};

const WRONG: &str = "用户名或密码不对，或账号暂时锁定。";

async fn try_password(browser: &mut Browser, name: &str, password: &str) {
    browser.get("/login").await.is(200);
    browser.submit("/login?", &[("name", name), ("password", password)]).await;
}

#[tokio::test]
async fn song_signs_in_and_comes_to_where_he_was_going() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut browser = browser(&app);
        browser.get("/account?x=1").await.is(303).leads_to("/login?next=%2Faccount%3Fx%3D1");
        browser.follow().await.is(200).shows("登录").hides("演示：以一种身份进入");
        browser
            .submit("/login?", &[("name", " Office "), ("password", PASSWORD)])
            .await
            .is(303)
            .leads_to("/account?x=1");
        browser.follow().await.is(200).shows("宋知远").shows("驻村办 · 社旗县");
        let first = browser.cookie("lianxin").expect("a session").to_owned();
        browser.submit("/logout", &[]).await.is(303).leads_to("/login");
        assert_eq!(browser.cookie("lianxin"), None);
        browser.set_cookie("lianxin", &first);
        browser.get("/account").await.is(303).leads_to("/login");
    }
}

#[tokio::test]
async fn the_session_is_new_at_sign_in_and_the_cookie_guarded() {
    for db in databases(&MIGRATIONS).await {
        let app = install(&db, Some("https://lianxin.test"), false).await;
        let mut browser = browser(&app);
        browser.set_cookie("__Host-lianxin", "chosen-by-an-attacker");
        try_password(&mut browser, "office", PASSWORD).await;
        let cookies: Vec<&str> =
            browser.page.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
        let session = cookies.iter().find(|line| line.starts_with("__Host-lianxin=")).expect("a session");
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(session.contains(part), "{session}");
        }
        assert!(!session.contains("chosen-by-an-attacker"));
        browser.get("/account").await.is(200);
    }
}

#[tokio::test]
async fn a_refusal_says_the_same_for_known_unknown_and_locked_names() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut browser = browser(&app);
        let mut said = Vec::new();
        for (name, password) in [("nobody-here", PASSWORD), ("office", "wrong-password"), ("office", "")] {
            try_password(&mut browser, name, password).await;
            browser.page.is(422).shows(WRONG);
            said.push(browser.page.text().replace(name, ""));
        }
        for _ in 0..3 {
            try_password(&mut browser, "office", "wrong-password").await;
        }
        try_password(&mut browser, "office", PASSWORD).await;
        browser.page.is(422).shows(WRONG);
        said.push(browser.page.text().replace("office", ""));
        assert!(said.iter().all(|one| *one == said[0]), "{said:#?}");
        assert!(matches!(state(&app, "office").await, AccountState::Locked { .. }));
        try_password(&mut browser, "leader", PASSWORD).await;
        browser.page.is(303);
    }
}

async fn state(app: &App, name: &str) -> AccountState {
    let mut conn = app.db.read().await.expect("read");
    store::find_by_name(&mut conn, name).await.expect("read").expect("there").state(app.clock.now())
}

#[tokio::test]
async fn thirty_tries_from_one_address_are_enough() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let now = app.clock.now();
        while app.sign_in_tries.take("", now).is_ok() {}
        let mut browser = browser(&app);
        try_password(&mut browser, "office", PASSWORD).await;
        let page = browser.page.is(429);
        let seconds: i64 = page.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=300).contains(&seconds));
    }
}

#[tokio::test]
async fn sign_in_is_not_done_without_the_forms_own_token_nor_from_elsewhere() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut browser = browser(&app);
        let body = format!("name=office&password={PASSWORD}&once=1");
        browser.post_raw("/login", &[], &body).await.is(400);
        browser.get("/login").await;
        let csrf = browser.page.forms()[0].fields.iter().find(|(key, _)| key == "csrf").expect("csrf").1.clone();
        let body = format!("{body}&csrf={csrf}");
        browser.post_raw("/login", &[("origin", "https://evil.example".into())], &body).await.is(400);
        browser.get("/login?next=//evil.example").await.is(200);
        browser.submit("/login?", &[("name", "office"), ("password", PASSWORD)]).await.is(303);
        assert_eq!(browser.page.location(), Some("/"));
    }
}

async fn with_totp(app: &App, name: &str) -> SecondFactor {
    let mut tx = app.db.begin().await.expect("write");
    let id = store::find_by_name(&mut tx, name).await.expect("read").expect("there").id;
    let sealed = new_totp(&app.keys, &id).expect("sealed");
    store::save_totp(&mut tx, &id, Some(&sealed), None).await.expect("saved");
    tx.commit().await.expect("written");
    SecondFactor::open(&app.keys, &id, name, &sealed).expect("opens")
}

#[tokio::test]
async fn the_second_factor_is_asked_and_its_code_works_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let factor = with_totp(&app, "office").await;
        let mut first = browser(&app);
        first.get("/login/code").await.is(303).leads_to("/login");
        try_password(&mut first, "office", PASSWORD).await;
        first.page.is(303).leads_to("/login/code");
        assert_eq!(first.cookie("lianxin"), None, "no session before the second step");
        first.follow().await.is(200).shows("动态码");
        first.submit("/login/code", &[("code", "000000")]).await.is(422).shows("动态码不对");
        let code = factor.code_at(app.clock.now());
        first.submit("/login/code", &[("code", &code)]).await.is(303);
        first.get("/account").await.is(200).shows("已开启");
        let mut second = browser(&app);
        try_password(&mut second, "office", PASSWORD).await;
        second.follow().await;
        second.submit("/login/code", &[("code", &code)]).await.is(422).shows("已经用过");
    }
}

#[tokio::test]
async fn a_forged_or_old_note_of_the_first_step_opens_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        with_totp(&app, "office").await;
        let mut browser = browser(&app);
        try_password(&mut browser, "office", PASSWORD).await;
        let note = browser.cookie("lianxin_step").expect("a note").to_owned();
        browser.set_cookie("lianxin_step", &note.replace("code.", "choose."));
        browser.get("/login/password").await.is(303).leads_to("/login");
        browser.set_cookie("lianxin_step", &note);
        browser.get("/login/code").await.is(200);
        // The account changes: the note is void.
        with_totp(&app, "office").await;
        browser.get("/login/code").await.is(303).leads_to("/login");
    }
}

async fn demo(db: &TestDb, demo: bool) -> App {
    let app = install(db, None, demo).await;
    let entrance = Entrance { name: "office".into(), label: "驻村办".into(), who: "社旗县 宋知远".into() };
    let mut tx = app.db.begin().await.expect("write");
    store::save_demo_entrances(&mut tx, &[entrance]).await.expect("saved");
    tx.commit().await.expect("written");
    app
}

#[tokio::test]
async fn a_demo_has_entrances_for_those_named_and_nowhere_else() {
    for db in databases(&MIGRATIONS).await {
        let app = demo(&db, true).await;
        let mut browser = browser(&app);
        browser.get("/login").await.is(200).shows("社旗县 宋知远");
        browser.submit("/login/demo", &[("role", "secadmin")]).await.is(404);
        browser.get("/login").await;
        browser.submit("/login/demo", &[("role", "office")]).await.is(303);
        browser.get("/account").await.is(200).shows("宋知远");
    }
    for db in databases(&MIGRATIONS).await {
        let app = demo(&db, false).await;
        let mut browser = browser(&app);
        browser.get("/login").await.is(200).hides("社旗县 宋知远");
        let csrf = browser.page.forms()[0].fields.iter().find(|(key, _)| key == "csrf").expect("csrf").1.clone();
        browser.post_raw("/login/demo", &[], &format!("csrf={csrf}&once=1&role=office")).await.is(404);
    }
}

#[tokio::test]
async fn language_size_and_theme_are_kept_and_lead_back_only_to_us() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut browser = browser_of(&app, "office").await;
        browser.get("/account?lang=zh-Hans").await.is(200);
        browser.submit("/preferences", &[("lang", "en"), ("theme", "dark")]).await.is(303).leads_to("/account");
        browser.follow().await.is(200).shows("My account");
        assert!(browser.page.body().contains("data-bs-theme=\"dark\""));
        browser.submit("/preferences", &[("lang", "zh-Hant"), ("back", "https://evil.example/")]).await.is(303);
        assert_eq!(browser.page.location(), Some("/"));
        sign_in_as(&app, &mut browser, "leader").await;
        browser.get("/account").await.is(200).shows("秦思远");
    }
}
