use crate::testing::{COUNTY, MIGRATIONS, browser, browser_of, databases, world};

#[tokio::test]
async fn a_switch_needs_a_basis_is_shown_to_anyone_and_can_be_turned_off() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut guest = browser(&app);
        guest.get("/public/switchboard").await.is(200).shows("现在一项也没有开着");
        let mut office = browser_of(&app, "office").await;
        office.get("/switches").await.is(200).shows("一项也没有开过");
        let bare = [("kind", "photo"), ("approver", "宋知远"), ("until", "2024-02-01")];
        office.submit("/switches", &bare).await.is(422).shows("请写明书面依据");
        assert!(office.page.body().contains("宋知远"), "what was typed is kept");
        let long =
            [("kind", "photo"), ("basis", "社驻办〔2024〕3 号"), ("approver", "宋知远"), ("until", "2025-02-01")];
        office.submit("/switches", &long).await.is(422).shows("最长开 90 天");
        let good =
            [("kind", "photo"), ("basis", "社驻办〔2024〕3 号"), ("approver", "宋知远"), ("until", "2024-02-01")];
        office.submit("/switches", &good).await.is(303);
        office.follow().await.shows("到期自动停用");
        guest
            .get("/public/switchboard")
            .await
            .is(200)
            .shows("现在开着 1 项")
            .shows("社驻办〔2024〕3 号")
            .shows("社旗县");
        office.get("/self-check").await.is(200).shows("“请附照片”开着 1 项").shows("要留意");
        office.get("/switches").await;
        let close = office.page.body();
        let close = close.split("href=\"/switches/").nth(1).and_then(|tail| tail.split('"').next()).expect("a link");
        let close = format!("/switches/{close}");
        office.get(&close).await.is(200);
        office.submit(&close, &[("reason", "不需要了")]).await.is(303);
        guest.get("/public/switchboard").await.shows("现在一项也没有开着").shows("停用原因：不需要了");
        for who in ["cadre", "township", "leader"] {
            browser_of(&app, who).await.get("/switches").await.is(403);
        }
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&close).await.is(404);
    }
}

#[tokio::test]
async fn a_complaint_under_a_name_is_a_task_until_it_is_answered() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/complaints/new").await.is(200).shows("不记名能做到什么");
        lin.submit("/complaints", &[("class", ""), ("words", "同一张表报了三遍")]).await.is(422).shows("请选是哪一类");
        assert!(lin.page.body().contains("同一张表报了三遍"), "what was typed is kept");
        lin.submit("/complaints", &[("class", "repeated_filling"), ("words", "烦")]).await.is(422).shows("请写几句");
        let said = [("class", "repeated_filling"), ("words", "同一张表报了三遍"), ("way", "named")];
        lin.submit("/complaints", &said).await.is(303);
        lin.follow().await.is(200).shows("同一张表报了三遍").shows("林一诺");
        let mut office = browser_of(&app, "office").await;
        office.get("/").await.shows("答复减负意见：重复填报");
        office.get("/complaints").await.is(200).shows("林一诺");
        // Others see what was said and what was answered, not by whom.
        let mut branch = browser_of(&app, "branch").await;
        branch.get("/complaints").await.is(200).shows("同一张表报了三遍").shows("实名反映").hides("林一诺");
        let form =
            office.page.forms().into_iter().find(|form| form.action.ends_with("/answer")).expect("a form").action;
        office.submit(&form, &[("answer", "")]).await.is(422).shows("请写几句");
        office.get("/complaints").await;
        office.submit(&form, &[("answer", "下月起只报一次，由系统汇总")]).await.is(303);
        let csrf = office.page.clone();
        office.follow().await.shows("已答复");
        office.get("/").await.hides("答复减负意见");
        branch.get("/complaints").await.shows("下月起只报一次").hides("林一诺");
        drop(csrf);
        browser_of(&app, "leader").await.get("/self-check").await.is(200).shows("都已答复");
        browser_of(&app, "auditor").await.get("/self-check").await.is(200).shows("减负自查");
        browser_of(&app, "cadre").await.get("/self-check").await.is(403);
        // Another county's office neither reads nor answers it.
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get("/complaints").await.is(200).hides("同一张表");
        elsewhere.get("/switches").await;
        let token = elsewhere.page.csrf();
        elsewhere.post_raw(&form, &[], &format!("csrf={token}&once=1&answer=不归我们管的")).await.is(404);
    }
}

#[tokio::test]
async fn a_nameless_complaint_is_followed_by_its_code_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/complaints/new").await.is(200);
        let said = [("class", "useless_groups"), ("words", "一个村进了九个群"), ("way", "nameless")];
        let form = lin.page.clone();
        lin.submit("/complaints", &said).await.is(200).shows("已收到");
        let page = lin.page.body();
        let shown = page.split("class=\"incident\">").nth(1).and_then(|tail| tail.split('<').next()).expect("a code");
        let number = shown.to_owned();
        // Sent again, as an impatient hand does: the same row, the same code.
        lin.page = form;
        lin.submit("/complaints", &said).await.is(200).shows(&number);
        lin.get("/complaints").await.hides("九个群");
        let mut office = browser_of(&app, "office").await;
        office.get("/").await.hides("不记名的减负意见");
        crate::flows::every_day(&app).await.expect("the day's round");
        office.get("/").await.shows("答复不记名的减负意见（1 条）");
        office.get("/complaints").await.is(200).shows("一个村进了九个群").hides("林一诺");
        let form = office.page.forms().into_iter().find(|form| form.action.contains("/nameless/")).expect("a form");
        office.submit(&form.action, &[("answer", "合并成一个，其余解散")]).await.is(303);
        office.get("/").await.hides("不记名的减负意见");
        let mut guest = browser(&app);
        guest.get("/complaints/follow-up").await.is(200);
        let wrong = format!("{}-2222-2222-2222-2222", &COUNTY[..6]);
        guest.submit("/complaints/follow-up", &[("number", &wrong)]).await.is(422).shows("没有这个编号");
        guest.submit("/complaints/follow-up", &[("number", &number.to_lowercase())]).await.is(200);
        guest.page.shows("合并成一个，其余解散").shows("宋知远");
    }
}
