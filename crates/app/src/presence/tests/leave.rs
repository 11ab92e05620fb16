//! Leave from the question to the report back, each by the person whose deed it is.

use base::testing::Browser;

use super::{day, link, served};
use crate::{
    accounts::{Grant, Role, store as accounts},
    app::App,
    spine::audit,
    testing::{COUNTY, MIGRATIONS, TOWNSHIP, browser_of, code, databases, world},
};

/// Asks as 林一诺 and returns the address of the leave.
async fn ask(app: &App, kind: &str, since: &str, last: &str) -> String {
    let mut lin = browser_of(app, "cadre").await;
    lin.get("/leaves/new").await.is(200);
    let fields = [("kind", kind), ("since", since), ("last", last), ("reason", "膝盖要复查")];
    lin.submit("/leaves", &fields).await.is(303).leads_to("/leaves/");
    lin.page.location().expect("an address").to_owned()
}

async fn decide<'b>(browser: &'b mut Browser, leave: &str, decision: &str, why: &str) -> &'b base::testing::Page {
    browser.get(leave).await.is(200);
    browser.submit(&format!("{leave}/decision"), &[("decision", decision), ("why", why)]).await
}

#[tokio::test]
async fn lin_asks_the_township_approves_and_she_reports_back_early() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let leave = ask(&app, "personal", "2024-01-17", "2024-01-19").await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/").await.is(200).shows("批请假：林一诺，事假");
        xu.get(&leave).await.is(200).shows("3 天（3 个工作日）").shows("膝盖要复查").shows("乡镇党委");
        xu.submit(&format!("{leave}/decision"), &[("decision", "")]).await.is(422).shows("请选同意还是不同意");
        decide(&mut xu, &leave, "approve", "").await.is(303);
        xu.get("/").await.hides("批请假：林一诺");
        xu.get("/presence").await.is(200).shows("林一诺").shows("事假").shows("请假中");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("销假：林一诺");
        lin.get(&leave).await.is(200).shows("请假中").shows("许向阳");
        let back = format!("{leave}/return");
        lin.submit(&back, &[("back", "2024-01-20")]).await.is(422).shows("回岗日期晚于今天");
        lin.submit(&back, &[("back", "2024-01-16")]).await.is(422).shows("不能早于假期第一天");
        lin.submit(&back, &[("back", "2024-01-18")]).await.is(303);
        lin.follow().await.is(200).shows("已销假").shows("1 天（1 个工作日）");
        lin.get("/").await.hides("销假：林一诺");
        // The day given back is free again.
        ask(&app, "annual", "2024-01-18", "2024-01-18").await;
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said_at_its_field_and_kept() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        ask(&app, "annual", "2024-02-01", "2024-02-05").await;
        let mut lin = browser_of(&app, "cadre").await;
        for (kind, since, last, says) in [
            ("", "2024-03-01", "2024-03-01", "请选假别"),
            ("annual", "", "2024-03-01", "请填从哪天起"),
            ("annual", "2024-03-01", "2024-02-30", "请填到哪天为止"),
            ("annual", "2024-03-05", "2024-03-01", "结束的日子不能早于开始的日子"),
            ("annual", "2024-02-05", "2024-02-07", "日子不能重叠"),
            ("annual", "2024-01-30", "2024-02-01", "日子不能重叠"),
            ("annual", "2025-05-28", "2025-06-02", "派驻到 2025-05-31 为止"),
            ("annual", "2025-07-01", "2025-07-02", "派驻到 2025-05-31 为止"),
            ("annual", "2023-06-01", "2023-06-04", "没有在岗的派驻"),
            ("annual", "2024-03-01", "2025-03-02", "一次最多填一年"),
        ] {
            lin.get("/leaves/new").await.is(200);
            let fields = [("kind", kind), ("since", since), ("last", last), ("reason", "回家看看")];
            let page = lin.submit("/leaves", &fields).await;
            page.is(422).shows(says);
            assert!(page.body().contains("回家看看"), "what was typed is kept");
        }
        // Days meet without overlapping.
        ask(&app, "annual", "2024-02-06", "2024-02-06").await;
    }
}

#[tokio::test]
async fn longer_leave_is_the_countys_and_nobody_approves_their_own() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let leave = ask(&app, "annual", "2024-01-22", "2024-01-26").await;
        let mut xu = browser_of(&app, "township").await;
        xu.get("/").await.hides("批请假：林一诺");
        xu.get(&leave).await.is(200).shows("超过乡镇可批的天数");
        let csrf = xu.page.csrf();
        let body = format!("csrf={csrf}&once=1&decision=approve");
        xu.post_raw(&format!("{leave}/decision"), &[], &body).await.is(422).shows("由县驻村办批");
        let mut song = browser_of(&app, "office").await;
        song.get("/").await.shows("批请假：林一诺，年休假");
        decide(&mut song, &leave, "refuse", "").await.is(422).shows("不同意要写明原因");
        decide(&mut song, &leave, "refuse", "那几天要迎检").await.is(303);
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&leave).await.is(200).shows("未批准").shows("那几天要迎检");
        // 林一诺 keeps the township for a while: her own leave is still somebody else's to approve.
        let mut tx = app.db.begin().await.expect("a write");
        let account = accounts::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
        let grant = Grant { role: Role::Township, division: Some(code(TOWNSHIP)), unit_id: None };
        accounts::add_grant(&mut tx, &account.id, &grant, day("2024-01-01"), "test").await.expect("a grant");
        tx.commit().await.expect("written");
        let own = ask(&app, "personal", "2024-01-22", "2024-01-22").await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&own).await.is(200).shows("不能批自己的假");
        let body = format!("csrf={}&once=2&decision=approve", lin.page.csrf());
        lin.post_raw(&format!("{own}/decision"), &[], &body).await.is(422).shows("不能批自己的假");
    }
}

#[tokio::test]
async fn a_sick_leaves_reason_is_read_by_the_approver_alone_and_that_is_logged() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let leave = ask(&app, "sick", "2024-01-18", "2024-01-19").await;
        browser_of(&app, "cadre").await.get(&leave).await.is(200).shows("膝盖要复查");
        for who in ["unit", "leader", "city"] {
            browser_of(&app, who).await.get(&leave).await.is(200).hides("膝盖要复查");
        }
        let mut xu = browser_of(&app, "township").await;
        xu.get(&leave).await.is(200).hides("膝盖要复查");
        xu.submit(&format!("{leave}/reason"), &[]).await.is(200).shows("膝盖要复查");
        let mut conn = app.db.read().await.expect("a reader");
        let lines = audit::list(&mut conn, code(COUNTY).county(), None, None, 3).await.expect("read");
        assert_eq!((lines[0].action.as_str(), lines[0].actor.as_str()), ("leave.reason.read", "许向阳"));
        let stored = base::db::sql("select reason_sealed from leave");
        let sealed: String = conn.value(stored).await.expect("read");
        assert!(!sealed.contains("膝盖"), "{sealed}");
    }
}

#[tokio::test]
async fn a_leave_is_seen_by_its_township_county_and_unit_and_by_nobody_else() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let served = served(&app).await;
        let leave = ask(&app, "personal", "2024-01-18", "2024-01-19").await;
        let person = format!("/presence/people/411327/{}", served.lin);
        for (who, leave_status, list_shows) in [
            ("office", 200, true),
            ("township", 200, true),
            ("unit", 200, true),
            ("leader", 200, true),
            ("tangzhuang", 404, false),
            ("elsewhere", 404, false),
        ] {
            let mut browser = browser_of(&app, who).await;
            browser.get(&leave).await.is(leave_status);
            browser.get(&person).await.is(leave_status);
            browser.get(&format!("{person}/months/2024-01")).await.is(leave_status);
            browser.get("/leaves").await.is(200);
            assert_eq!(browser.page.text().contains("林一诺"), list_shows, "{who}");
            browser.get("/leaves.csv").await.is(200);
            assert_eq!(browser.page.body().contains("林一诺"), list_shows, "{who}");
            browser.get("/presence.xlsx").await.is(200);
        }
        for (who, status) in [("branch", 403), ("secadmin", 403), ("mentor", 403)] {
            browser_of(&app, who).await.get(&leave).await.is(status);
        }
        let mut tian = browser_of(&app, "tangzhuang").await;
        tian.get("/spot-checks").await.is(200);
        let body = format!("csrf={}&once=3&decision=approve", tian.page.csrf());
        tian.post_raw(&format!("{leave}/decision"), &[], &body).await.is(404);
        // Another's withdrawal is nobody's business, whoever they are.
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&format!("{leave}/withdrawal")).await.is(200).shows("这次请假不再继续");
        lin.submit(&format!("{leave}/withdrawal"), &[]).await.is(303);
        lin.follow().await.shows("已撤回");
        lin.submit_twice_is_refused(&leave).await;
    }
}

trait Again {
    async fn submit_twice_is_refused(&mut self, leave: &str);
}

impl Again for Browser {
    /// A form kept open in another tab comes too late.
    async fn submit_twice_is_refused(&mut self, leave: &str) {
        self.get("/account").await.is(200);
        let body = format!("csrf={}&once=late", self.page.csrf());
        self.post_raw(&format!("{leave}/withdrawal"), &[], &body).await.is(422).shows("现在是“已撤回”");
    }
}

#[tokio::test]
async fn a_leave_not_returned_climbs_and_is_listed() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let leave = ask(&app, "personal", "2024-01-10", "2024-01-11").await;
        decide(&mut browser_of(&app, "township").await, &leave, "approve", "").await.is(303);
        browser_of(&app, "office").await.get("/").await.shows("销假：林一诺").shows("逾期 6 天");
        let mut xu = browser_of(&app, "township").await;
        xu.get("/presence?what=overdue").await.is(200).shows("到期未销假").shows("林一诺");
        // Late by six days: they count as leave.
        xu.get(&leave).await.is(200);
        xu.submit(&format!("{leave}/return"), &[("back", "2024-01-18")]).await.is(303);
        xu.follow().await.shows("8 天（6 个工作日）");
        let mine = browser_of(&app, "cadre").await.get("/presence/mine").await.is(200).text();
        assert!(mine.contains("8 天（6 个工作日）"), "{mine}");
        assert!(!link(&xu.page, "林一诺").is_empty());
    }
}
