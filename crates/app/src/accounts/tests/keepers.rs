//! The auditor's trail and the operator's page.

use base::db::sql;

use crate::{
    accounts::keepers::changes,
    testing::{MIGRATIONS, browser_of, databases, world},
};

#[test]
fn a_change_is_read_property_by_property() {
    let all = changes(Some(r#"{"state":"active","n":1}"#), Some(r#"{"state":"disabled","n":1,"why":["调离","退休"]}"#));
    let said: Vec<String> = all.iter().map(|one| format!("{}:{}>{}", one.name.zh(), one.before, one.after)).collect();
    assert_eq!(said, ["状态:active>disabled", "原因:>调离、退休"]);
    assert!(changes(None, None).is_empty());
    assert_eq!(changes(None, Some("7"))[0].after, "7");
}

#[tokio::test]
async fn shen_reads_the_trail_and_finds_a_line_that_was_changed_or_cut() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        for name in ["zhao", "qian", "sun"] {
            yan.get("/accounts/new").await;
            let fields = [("name", name), ("display", "新人"), ("role", "office"), ("place", "411327000000")];
            yan.submit("/accounts", &fields).await.is(303);
        }
        let mut shen = browser_of(&app, "auditor").await;
        shen.get("/audit").await.is(200).shows("严秋荷").shows("新建账号").shows("用户名 zhao");
        shen.get("/audit?actor=%E4%B8%A5&action=account.add").await.is(200).shows("sun");
        shen.get("/audit?action=posting").await.is(200).shows("没有符合条件的记录");
        shen.get("/audit?after=2").await.is(200).shows("zhao").hides("qian");
        shen.get("/audit/verification").await.is(200).shows("完整：").shows("3 条");
        for (defect, repair, say) in [
            (
                "update audit set actor = '别人' where seq = 2",
                "update audit set actor = '严秋荷' where seq = 2",
                "内容与校验值不符",
            ),
            ("update audit set seq = 9 where seq = 2", "update audit set seq = 2 where seq = 9", "中间缺少记录"),
            (
                "update audit set county_id = 1 where seq = 3",
                "update audit set county_id = 411327 where seq = 3",
                "实际走到第 2 条",
            ),
        ] {
            plant(&app, defect).await;
            shen.get("/audit/verification").await.is(200).shows("不完整：").shows(say);
            plant(&app, repair).await;
            shen.get("/audit/verification").await.is(200).shows("完整：").hides("不完整");
        }
    }
}

async fn plant(app: &crate::app::App, statement: &'static str) {
    let mut tx = app.db.begin().await.expect("write");
    assert_eq!(tx.run(sql(statement)).await.expect("planted"), 1);
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn a_start_code_never_reaches_the_trail() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let user = crate::accounts::cli::NewUser {
            name: "zhao".into(),
            display: "赵明".into(),
            role: "office".into(),
            place: crate::testing::COUNTY.into(),
            unit: None,
            phone: None,
        };
        let said = crate::accounts::cli::add(&app, &user).await.expect("added");
        let code = said.trim().rsplit('：').next().expect("a code").to_owned();
        let mut conn = app.db.read().await.expect("read");
        let trail: Vec<(String,)> = conn.all(sql("select coalesce(after, '') from audit")).await.expect("read");
        let kept: Vec<(String,)> =
            conn.all(sql("select coalesce(start_code_hash, '') from account")).await.expect("read");
        assert!(code.len() == 11 && trail.iter().chain(&kept).all(|(text,)| !text.contains(&code)));
    }
}

#[tokio::test]
async fn zhang_sees_how_the_system_does_and_nobodys_data() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut zhang = browser_of(&app, "sysadmin").await;
        zhang.get("/system").await.is(200).shows("2024-01-18（固定的日期）").shows(app.keys.id()).hides("宋知远");
        zhang.get("/permissions").await.is(200).shows("看审计记录");
    }
}
