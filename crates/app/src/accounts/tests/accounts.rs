//! What the security administrator does, and may not do.

use base::testing::Browser;

use crate::{
    accounts::{cli, store},
    app::App,
    testing::{
        COUNTY, MIGRATIONS, OTHER_COUNTY, PASSWORD, TOWNSHIP, UNIT, VILLAGE, browser, browser_of, databases, world,
    },
};

async fn page_of(app: &App, name: &str) -> String {
    let mut conn = app.db.read().await.expect("read");
    format!("/accounts/{}", store::find_by_name(&mut conn, name).await.expect("read").expect("there").id)
}

async fn invite(browser: &mut Browser, fields: &[(&str, &str)]) -> String {
    browser.get("/accounts/new").await.is(200);
    browser.submit("/accounts", fields).await.is(303);
    browser.follow().await.is(200);
    start_code(browser)
}

fn start_code(browser: &Browser) -> String {
    let body = browser.page.body();
    let (_, after) = body.split_once("incident start-code\">").expect("a start code");
    after.split('<').next().expect("text").trim().to_owned()
}

#[tokio::test]
async fn yan_invites_zhao_who_chooses_a_password() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let fields = [("name", "Zhao.Ming"), ("display", "赵明"), ("role", "township"), ("place", TOWNSHIP)];
        let code = invite(&mut yan, &fields).await;
        yan.page.shows("待启用").shows("乡镇党委").shows("苗店镇");
        let address = yan.page.address.clone();
        yan.get(&address).await.is(200).hides(&code);
        let mut zhao = browser(&app);
        zhao.get("/login").await;
        zhao.submit("/login?", &[("name", "zhao.ming"), ("password", &code.to_lowercase())]).await.is(303);
        zhao.follow().await.is(200).shows("赵明，这是您第一次登录");
        zhao.submit("/login/password", &[("new_password", "zhao.ming1"), ("again_password", "zhao.ming1")])
            .await
            .is(422);
        zhao.submit("/login/password", &[("new_password", PASSWORD), ("again_password", PASSWORD)]).await.is(303);
        zhao.get("/account").await.is(200).shows("乡镇党委 · 苗店镇");
        let mut late = browser(&app);
        late.get("/login").await;
        late.submit("/login?", &[("name", "zhao.ming"), ("password", &code)]).await.is(422);
    }
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let cases = [
            ([("name", "office"), ("display", "又一个"), ("role", "office"), ("place", COUNTY)], "已经有人用了"),
            ([("name", "x"), ("display", "又一个"), ("role", "office"), ("place", COUNTY)], "2 到 40 个"),
            ([("name", "li"), ("display", "又一个"), ("role", "office"), ("place", OTHER_COUNTY)], "不在您的范围内"),
            ([("name", "li"), ("display", "又一个"), ("role", "unit"), ("place", COUNTY)], "没有找到这个单位"),
            ([("name", "li"), ("display", "又一个"), ("role", ""), ("place", COUNTY)], "请选择一个职责"),
        ];
        for (fields, say) in cases {
            yan.get("/accounts/new").await.is(200);
            yan.submit("/accounts", &fields).await.is(422).shows(say);
            assert!(yan.page.body().contains("value=\"又一个\""));
        }
        let unit = [("name", "li"), ("display", "李平"), ("role", "unit"), ("unit", UNIT)];
        invite(&mut yan, &unit).await;
        yan.page.shows(UNIT);
    }
}

#[tokio::test]
async fn roles_are_granted_and_revoked_within_the_rules() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let mut leader = browser_of(&app, "leader").await;
        let page = page_of(&app, "leader").await;
        yan.get(&page).await.is(200).shows("领导").shows("现任");
        let grants = format!("{page}/grants");
        yan.submit(&grants, &[("role", "auditor"), ("place", COUNTY)]).await.is(422).shows("不能兼任业务职责");
        yan.submit(&grants, &[("role", "leader"), ("place", COUNTY)]).await.is(422).shows("已经有了");
        yan.submit(&grants, &[("role", "office"), ("place", COUNTY)]).await.is(303);
        yan.follow().await.is(200).shows("职责已授予");
        leader.get("/account").await.shows("驻村办 · 社旗县");
        yan.submit(&format!("{grants}/"), &[]).await.is(303);
        yan.follow().await.is(200).shows("职责已收回");
        leader.get("/account").await.is(200);
        leader.page.hides("驻村办 · 社旗县");
        // Of the three administrators nobody holds two, and nobody changes their own.
        let auditor = page_of(&app, "auditor").await;
        yan.get(&auditor).await.is(200);
        yan.submit(&format!("{auditor}/grants"), &[("role", "secadmin"), ("place", COUNTY)])
            .await
            .is(422)
            .shows("三员分设");
        let own = page_of(&app, "secadmin").await;
        yan.get(&own).await.is(200).shows("这是您自己的账号");
        assert!(yan.page.forms().iter().all(|form| !form.action.starts_with(&own)));
        let csrf = yan.page.csrf();
        let body = format!("csrf={csrf}&once=self&role=secadmin&place=411327101000");
        yan.post_raw(&format!("{own}/grants"), &[], &body).await.is(422).shows("不能更改自己的账号");
    }
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_may_come_back() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let mut song = browser_of(&app, "office").await;
        let page = page_of(&app, "office").await;
        yan.get(&format!("{page}/disabled")).await.is(200).shows("马上退出所有设备");
        yan.submit(&format!("{page}/disabled"), &[("reason", " ")]).await.is(422).shows("请写明原因");
        yan.submit(&format!("{page}/disabled"), &[("reason", "调离")]).await.is(303);
        song.get("/account").await.is(303).leads_to("/login");
        song.get("/login").await;
        song.submit("/login?", &[("name", "office"), ("password", PASSWORD)]).await.is(422);
        yan.follow().await.is(200).shows("已停用");
        yan.submit(&format!("{page}/enabled"), &[]).await.is(303);
        song.get("/login").await;
        song.submit("/login?", &[("name", "office"), ("password", PASSWORD)]).await.is(303);
        yan.get(&format!("{page}/start-code")).await.is(200).shows("只显示一次");
        yan.submit(&format!("{page}/start-code"), &[]).await.is(303);
        yan.follow().await.is(200).shows("待启用");
        assert_eq!(start_code(&yan).len(), 11);
        song.get("/account").await.is(303).leads_to("/login");
    }
}

#[tokio::test]
async fn an_account_of_another_county_does_not_exist_for_her() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        yan.get("/accounts").await.is(200).shows("office").hides("elsewhere");
        yan.get("/accounts?q=%E7%9F%A5%E8%BF%9C&state=active&role=office")
            .await
            .is(200)
            .shows("宋知远")
            .shows("共 1 行");
        let page = page_of(&app, "elsewhere").await;
        yan.get(&page).await.is(404);
        yan.get("/account").await;
        let csrf = yan.page.csrf();
        for act in ["disabled", "enabled", "start-code"] {
            let body = format!("csrf={csrf}&once={act}&reason=x");
            yan.post_raw(&format!("{page}/{act}"), &[], &body).await.is(404);
        }
    }
}

async fn add_people(app: &crate::app::App, people: &[(&str, &str)]) {
    let mut tx = app.db.begin().await.expect("a write");
    for (name, phone) in people {
        let one = crate::people::Person { name: (*name).into(), phone: Some((*phone).into()), ..Default::default() };
        let county = crate::testing::code(COUNTY).county();
        crate::people::store::add(&mut tx, &app.keys, county, &one, app.clock.now()).await.expect("a person");
    }
    tx.commit().await.expect("written");
}

/// Without it a cadre would see neither their own leave nor their own file.
#[tokio::test]
async fn a_cadres_account_belongs_to_the_person_of_the_register() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        add_people(&app, &[("贺一鸣", "13000000001"), ("贺一鸣", "13000000002"), ("温如玉", "13000000003")]).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let add = async |yan: &mut base::testing::Browser, name: &str, display: &str, phone: &str| {
            yan.get("/accounts/new").await.is(200);
            let said = [("name", name), ("display", display), ("role", "cadre"), ("place", VILLAGE), ("phone", phone)];
            yan.submit("/accounts", &said).await;
            (yan.page.status.as_u16(), yan.page.text())
        };
        let (status, text) = add(&mut yan, "nobody", "查无此人", "").await;
        assert!(status == 422 && text.contains("干部名册里没有查无此人"), "{text}");
        let (status, text) = add(&mut yan, "he", "贺一鸣", "").await;
        assert!(status == 422 && text.contains("名册里有 2 人叫贺一鸣"), "{text}");
        let (status, text) = add(&mut yan, "he", "贺一鸣", "13000000009").await;
        assert!(status == 422 && text.contains("用这个手机号的人"), "{text}");
        assert_eq!(add(&mut yan, "he", "贺一鸣", "13000000002").await.0, 303);
        assert_eq!(add(&mut yan, "wen", "温如玉", "").await.0, 303);
        yan.follow().await.is(200).shows("已对应到本人");
        let (status, text) = add(&mut yan, "wen2", "温如玉", "").await;
        assert!(status == 422 && text.contains("已经有账号了"), "{text}");
        // An account that becomes a cadre's later is tied then.
        add_people(&app, &[("宋知远", "13000000004")]).await;
        let page = page_of(&app, "office").await;
        yan.get(&page).await.is(200).hides("已对应到本人");
        yan.submit(&format!("{page}/grants"), &[("role", "cadre"), ("place", VILLAGE)]).await.is(303);
        yan.follow().await.shows("已对应到本人");
    }
}

#[tokio::test]
async fn the_command_line_makes_the_first_administrator() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let user = cli::NewUser {
            name: "First".into(),
            display: "首任管理员".into(),
            role: "secadmin".into(),
            place: COUNTY.into(),
            unit: None,
            phone: None,
        };
        let said = cli::add(&app, &user).await.expect("added");
        assert!(said.contains("first") && said.contains("启用码"), "{said}");
        assert!(cli::list(&app).await.expect("listed").contains("first\t首任管理员\t411327\tinvited\tsecadmin\n"));
        assert!(cli::add(&app, &user).await.is_err());
        let wrong = cli::NewUser { role: "emperor".into(), ..user.clone() };
        assert!(cli::add(&app, &wrong).await.expect_err("no such role").to_string().contains("secadmin"));
        assert!(cli::disable(&app, "office").await.expect("disabled").contains("已停用"));
        assert!(cli::reset(&app, "office").await.is_err());
        cli::enable(&app, "office").await.expect("enabled");
        assert!(cli::reset(&app, "office").await.expect("reset").contains("启用码"));
        assert!(cli::reset(&app, "nobody-here").await.is_err());
    }
}
