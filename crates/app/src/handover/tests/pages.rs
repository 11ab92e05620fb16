use base::testing::Browser;

use super::{announce, give_tasks, scene};
use crate::{
    app::App,
    testing::{COUNTY, MIGRATIONS, browser_of, databases, world},
};

fn root(id: &str) -> String {
    format!("/handovers/{}/{id}", &COUNTY[..6])
}

/// Opens the record as somebody.
async fn open(app: &App, who: &str, id: &str) -> Browser {
    let mut browser = browser_of(app, who).await;
    browser.get(&root(id)).await.is(200);
    browser
}

#[tokio::test]
async fn a_post_passes_from_lin_to_deng_with_the_branch_in_the_room() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        give_tasks(&app, &scene, 2).await;
        let mut office = browser_of(&app, "office").await;
        let posting = format!("/postings/{}/{}", &COUNTY[..6], scene.old);
        office.get(&posting).await.is(200).shows("启动交接");
        office.get(&format!("{posting}/handover")).await.is(200).shows("邓方圆（2024-01-18 到岗）");
        let wrong = [("leaves_on", "2023-01-01"), ("reason", "transferred")];
        office.submit(&format!("{posting}/handover"), &wrong).await.is(422).shows("不能早于到岗日期");
        let plan = [("leaves_on", "2024-01-18"), ("reason", "transferred"), ("next", &scene.new)];
        office.submit(&format!("{posting}/handover"), &plan).await.is(303);
        let address = office.page.location().expect("a record").to_owned();
        office.follow().await.is(200).shows("已准备好").shows("第 0 件没办完的事").shows("林一诺 的交接");
        // The posting's page leads to the handover that stands.
        office.get(&format!("{posting}/handover")).await.is(303).leads_to(&address);
        office.get("/").await.shows("启动交接：麦田村林一诺离任");
        office.get(&address).await;
        office.submit(&format!("{address}/start"), &[]).await.is(303);
        office.follow().await.shows("交接已启动");

        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("逐项确认交接清单：麦田村林一诺离任");
        lin.get(&address).await.is(200).shows("您是原任").shows("其余 2 项都确认");
        let money = [("kind", "by_hand.money"), ("title", "经费余额")];
        lin.submit(&format!("{address}/lines"), &money).await.is(422).shows("请写明余额");
        assert!(lin.page.body().contains("经费余额"), "what was typed is kept");
        let money = [("kind", "by_hand.money"), ("title", "经费余额"), ("amount", "0.35")];
        lin.submit(&format!("{address}/lines"), &money).await.is(303);
        lin.follow().await.shows("0.35 万元");
        let visit = [("day", "2024-02-01"), ("whom", "三组")];
        lin.submit(&format!("{address}/visits"), &visit).await.is(422).shows("不能晚于今天");
        assert!(lin.page.body().contains("value=\"三组\""), "what was typed is kept");
        let visit = [("day", "2024-01-15"), ("whom", "三组脱贫户")];
        lin.submit(&format!("{address}/visits"), &visit).await.is(303);
        lin.follow().await.shows("三组脱贫户");
        lin.submit(&format!("{address}/confirmation"), &[]).await.is(303);
        lin.follow().await.shows("已签认");
        lin.get("/").await.hides("逐项确认交接清单");

        let mut branch = open(&app, "branch", address.rsplit('/').next().expect("an id")).await;
        branch.submit(&format!("{address}/confirmation"), &[("party", "old")]).await.is(422).shows("原任林一诺本人");
        branch.get(&address).await;
        branch.submit(&format!("{address}/confirmation"), &[]).await.is(303);
        let mut deng = browser_of(&app, "deng").await;
        deng.get("/").await.is(200).shows("逐项确认交接清单");
        deng.get("/handovers").await.is(200).shows("林一诺");
        deng.get(&address).await.is(200).shows("您是接任");
        deng.submit(&format!("{address}/confirmation"), &[]).await.is(303);
        deng.follow().await.shows("三方都已确认");

        office.get(&format!("{address}/completion")).await.is(200).shows("邓方圆");
        office.submit(&format!("{address}/completion"), &[("on", "2024-01-17")]).await.is(422).shows("请先调整计划");
        office.submit(&format!("{address}/completion"), &[("on", "2024-01-18")]).await.is(303);
        office.follow().await.is(200).shows("已办结").shows("移交 2 项待办");
        office.get(&posting).await.shows("已离任").shows("调离");
        office
            .get(&format!("{address}/book"))
            .await
            .is(200)
            .shows("麦田村交接簿")
            .shows("0.35 万元")
            .shows("三组脱贫户");
        office.get(&format!("{address}/book.pdf")).await.is(200);
        assert_eq!(office.page.headers["content-type"], "application/pdf");
        assert!(office.page.bytes.starts_with(b"%PDF"));
        browser_of(&app, "elsewhere").await.get(&format!("{address}/book.pdf")).await.is(404);
        office.get("/handovers").await.is(200).hides("林一诺");
        office.get("/handovers?state=completed").await.is(200).shows("林一诺").shows("3/3");
        office.get("/handovers.csv?state=all").await.is(200);
        assert!(office.page.body().contains("邓方圆"));
        office.get("/figures/handover.done").await.is(200).shows("交接");
    }
}

#[tokio::test]
async fn who_confirms_is_who_it_concerns() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        give_tasks(&app, &scene, 1).await;
        let id = announce(&app, &scene, "2024-01-18").await.expect("announced");
        let address = root(&id);
        let mut lin = open(&app, "cadre", &id).await;
        let csrf = lin.page.csrf();
        let raw = |once: &str, party: &str| format!("csrf={csrf}&once={once}&party={party}");
        let confirmation = format!("{address}/confirmation");
        lin.post_raw(&confirmation, &[], &raw("1", "old")).await.is(422).shows("交接还没有启动");
        let mut office = open(&app, "office", &id).await;
        office.submit(&format!("{address}/start"), &[]).await.is(303);
        let office_csrf = { office.get(&address).await.is(200).csrf() };
        let body = format!("csrf={office_csrf}&once=2&party=branch");
        office.post_raw(&confirmation, &[], &body).await.is(422).shows("由村党支部用自己的账号确认");
        lin.post_raw(&confirmation, &[], &raw("3", "new")).await.is(422).shows("由接任邓方圆本人确认");
        lin.post_raw(&confirmation, &[], &raw("4", "old")).await.is(303);
        lin.post_raw(&confirmation, &[], &raw("5", "old")).await.is(422).shows("已经签认过");
        lin.post_raw(&confirmation, &[], &raw("6", "nobody")).await.is(400);
        // Everybody here can sign in, so the township signs for nobody.
        let mut township = open(&app, "township", &id).await;
        let csrf = township.page.csrf();
        township.post_raw(&confirmation, &[], &format!("csrf={csrf}&once=7&party=new")).await.is(422);
        browser_of(&app, "tangzhuang").await.get(&address).await.is(404);
        browser_of(&app, "elsewhere").await.get(&address).await.is(404);
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&format!("/postings/{}/{}/handover", &COUNTY[..6], scene.old)).await.is(404);
        browser_of(&app, "leader").await.get(&address).await.is(200).hides("confirmation\"");
    }
}

#[tokio::test]
async fn the_township_enters_what_was_signed_on_paper() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let id = announce(&app, &scene, "2024-01-18").await.expect("announced");
        let mut tx = app.db.begin().await.expect("a write");
        let disable = base::db::sql("update account set state = 'disabled' where sign_in_name in ('deng', 'branch')");
        tx.run(disable).await.expect("disabled");
        tx.commit().await.expect("written");
        let address = root(&id);
        let mut office = open(&app, "office", &id).await;
        office.submit(&format!("{address}/start"), &[]).await.is(303);
        let mut township = browser_of(&app, "township").await;
        township.get("/").await.is(200).shows("代录麦田村交接确认：接任邓方圆").shows("代录麦田村交接确认：村党支部");
        for party in ["new", "branch"] {
            township.get(&format!("{address}?as={party}")).await.is(200).shows("由乡镇按纸质签字代录");
            township.submit(&format!("{address}/confirmation"), &[]).await.is(303);
            township.follow().await.shows("由乡镇代录，纸质签字存档");
        }
        township.get("/").await.hides("代录麦田村");
        let mut lin = open(&app, "cadre", &id).await;
        lin.submit(&format!("{address}/confirmation"), &[]).await.is(303);
        lin.follow().await.shows("三方都已确认");
        lin.get(&format!("{address}/book")).await.is(200).shows("由乡镇代录，纸质签字存档");
        office.get("/").await.shows("办结交接：麦田村林一诺，三方已确认");
        office.get(&format!("{address}/cancellation")).await.is(200);
        office.submit(&format!("{address}/cancellation"), &[]).await.is(422).shows("请写明为什么取消");
        office.submit(&format!("{address}/cancellation"), &[("reason", "不调了")]).await.is(303);
        office.follow().await.shows("已取消");
    }
}

#[tokio::test]
async fn an_objection_keeps_what_was_typed_and_stays_in_the_history() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        give_tasks(&app, &scene, 1).await;
        let id = announce(&app, &scene, "2024-01-18").await.expect("announced");
        let address = root(&id);
        let mut office = open(&app, "office", &id).await;
        office.submit(&format!("{address}/start"), &[]).await.is(303);
        let mut branch = open(&app, "branch", &id).await;
        let lines = format!("{address}/lines/");
        let object = [("answer", "objected"), ("words", "")];
        branch.submit(&lines_action(&branch, &lines), &object).await.is(422).shows("请写明有什么异议");
        let object = [("answer", "objected"), ("words", "这件上周已经办完")];
        branch.submit(&lines_action(&branch, &lines), &object).await.is(303);
        branch.follow().await.shows("村党支部异议：这件上周已经办完").shows("提出异议");
        branch.submit(&format!("{address}/confirmation"), &[]).await.is(422).shows("还有异议");
        branch.get(&address).await;
        branch.submit(&lines_action(&branch, &lines), &[("answer", "confirmed")]).await.is(303);
        branch.follow().await.shows("异议已说清").hides("村党支部异议");
        // What the system gathered goes away by being done, not by being struck.
        office.get(&address).await;
        let line = lines_action(&branch, &lines).replace("/answer", "/removal");
        let csrf = office.page.csrf();
        office.post_raw(&line, &[], &format!("csrf={csrf}&once=x")).await.is(422).shows("办完才会消失");
    }
}

/// The action of the first form that answers a line, or that line's on a page where it is answered.
fn lines_action(browser: &Browser, start: &str) -> String {
    let body = browser.page.body();
    let form = browser
        .page
        .forms()
        .into_iter()
        .find(|form| form.action.starts_with(start) && form.action.ends_with("/answer"));
    form.map_or_else(
        || {
            let id = body.split("id=\"line-").nth(1).and_then(|tail| tail.split('"').next()).expect("a line");
            format!("{start}{id}/answer")
        },
        |form| form.action,
    )
}
