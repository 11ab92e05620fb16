//! One's own account.

use crate::{
    accounts::{secrets::SecondFactor, store},
    testing::{MIGRATIONS, PASSWORD, browser, browser_of, databases, world},
};

const NEW: &str = "一条大河波浪宽 风吹稻花";

#[tokio::test]
async fn song_changes_his_password_and_other_browsers_are_out() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut other = browser_of(&app, "office").await;
        let mut song = browser_of(&app, "office").await;
        song.get("/account").await.is(200).shows("就是这里").shows("退出这台");
        let fields = [("old_password", "not this one"), ("new_password", NEW), ("again_password", NEW)];
        song.submit("/account/password", &fields).await.is(422).shows("现在的密码不对").hides(NEW);
        let fields = [("old_password", PASSWORD), ("new_password", "1234567890"), ("again_password", "1234567890")];
        song.submit("/account/password", &fields).await.is(422).shows("这个密码太常见");
        let fields = [("old_password", PASSWORD), ("new_password", NEW), ("again_password", "别的")];
        song.submit("/account/password", &fields).await.is(422).shows("两次填写的密码不一样");
        let fields = [("old_password", PASSWORD), ("new_password", NEW), ("again_password", NEW)];
        song.submit("/account/password", &fields).await.is(303);
        song.follow().await.is(200).shows("密码已更改");
        other.get("/account").await.is(303).leads_to("/login");
        let mut fresh = browser(&app);
        fresh.get("/login").await;
        fresh.submit("/login?", &[("name", "office"), ("password", NEW)]).await.is(303);
    }
}

#[tokio::test]
async fn song_ends_the_session_he_forgot_at_the_office() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        let mut leader = browser_of(&app, "leader").await;
        let mut song = browser_of(&app, "office").await;
        song.get("/account").await.is(200);
        let forms = song.page.forms();
        let other = forms.iter().find(|form| form.action == "/account/sessions/end").expect("a session to end");
        let id = other.buttons[0].1.clone();
        leader.get("/account").await.is(200);
        let csrf = leader.page.forms()[0].fields[0].1.clone();
        leader.post_raw("/account/sessions/end", &[], &format!("csrf={csrf}&once=9&session={id}")).await.is(303);
        office.get("/account").await.is(200);
        song.submit("/account/sessions/end", &[("session", &id)]).await.is(303);
        office.get("/account").await.is(303).leads_to("/login");
        song.get("/account").await.is(200).hides("退出这台");
    }
}

#[tokio::test]
async fn the_second_factor_is_set_up_with_a_proof_and_removed_with_the_password() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut song = browser_of(&app, "office").await;
        song.get("/account/totp").await.is(200).shows("不能扫码时");
        assert!(song.page.body().contains("src=\"data:image/png;base64,"));
        let form = song.page.forms().into_iter().find(|form| form.action == "/account/totp").expect("the form");
        let sealed = form.fields.iter().find(|(key, _)| key == "sealed").expect("sealed").1.clone();
        let mut conn = app.db.read().await.expect("read");
        let id = store::find_by_name(&mut conn, "office").await.expect("read").expect("there").id;
        drop(conn);
        let factor = SecondFactor::open(&app.keys, &id, "office", &sealed).expect("opens");
        song.submit("/account/totp", &[("code", "000000")]).await.is(422).shows("动态码不对");
        let code = factor.code_at(app.clock.now());
        song.submit("/account/totp", &[("code", &code)]).await.is(303);
        song.follow().await.is(200).shows("已开启");
        song.submit("/account/totp/removal", &[("totp_password", "wrong one here")]).await.is(422);
        song.submit("/account/totp/removal", &[("totp_password", PASSWORD)]).await.is(303);
        song.follow().await.is(200).shows("未开启");
    }
}
