//! Visits: who sees what, what is refused and how, what is kept.

use std::collections::BTreeSet;

use super::*;
use crate::{check, testing::browser_of};

fn links(body: &str, start: &str) -> BTreeSet<String> {
    let parts = body.split("href=\"").skip(1).filter(|part| part.starts_with(start));
    let href = |part: &str| part.split('"').next().unwrap_or_default().replace("&amp;", "&").replace("&#38;", "&");
    parts.map(href).collect()
}

#[tokio::test]
async fn the_office_looks_at_a_table_and_opens_everything_on_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut browser = browser_of(&app, "office").await;
        let page = browser.get("/explorer").await.is(200).clone();
        page.shows("数据透视").shows("苗店镇").shows("2023年4季度").shows("期末").shows("到最后一天为止的数，不相加");
        let page = browser.get("/explorer?figure=gain.fund&rows=unit&cols=place").await.is(200).clone();
        page.shows(UNIT).shows(FORESTRY).shows("没有记到单位").shows("本级（没有记到乡镇的）").shows("合计");
        let mut seen = BTreeSet::new();
        for view in VIEWS {
            let body = browser.get(view).await.is(200).body();
            assert!(body.contains("<caption") && body.contains("scope=\"col\"") && body.contains("scope=\"row\""));
            seen.extend(links(&body, "/figures/"));
            seen.extend(links(&body, "/explorer"));
        }
        assert!(seen.len() > 200, "{}", seen.len());
        for href in &seen {
            browser.get(href).await.is(200);
        }
        let remainder = format!("/figures/gain.fund?place={COUNTY}&unit=none");
        let own = format!("/figures/gain.fund?place={COUNTY}&own=township");
        assert!(seen.contains(&remainder) && seen.contains(&own), "{seen:#?}");
        browser.get(&remainder).await.is(200).shows("只算没有记到单位的").shows("4.9 万元").shows("共 2 行");
        browser.get(&own).await.is(200).shows("只算没有记到乡镇的").shows("0.8 万元").shows("共 1 行");
    }
}

#[tokio::test]
async fn a_table_is_taken_along_as_a_file() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut browser = browser_of(&app, "office").await;
    let query = "figure=visit.leader.people&rows=place&cols=year&from=2023-01-01";
    let csv = browser.get(&format!("/explorer.csv?{query}")).await.is(200).body();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "代码,地方,2023年,2024年,整体（去重后数一次，不相加）");
    assert_eq!(lines[1], format!("{TOWNSHIP},苗店镇,1,1,2"));
    assert_eq!(lines[3], ",整体（去重后数一次，不相加）,1,1,2");
    browser.get(&format!("/explorer.xlsx?{query}")).await.is(200);
    browser.get("/explorer.csv?rows=place&cols=batch&figure=gain.fund").await.is(200).shows("第三批");
}

#[tokio::test]
async fn what_cannot_be_counted_is_said_and_stays_typed() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut browser = browser_of(&app, "office").await;
    for (query, said, kept) in [
        ("from=2024-02-01&to=2024-01-01&rows=place", "早于开始日期", "value=\"2024-02-01\""),
        ("rows=month", "按月看，要写从哪一天起", "<option value=\"month\" selected"),
        ("rows=place&from=18.1.2024", "日期“18.1.2024”读不懂", "value=\"18.1.2024\""),
        ("figure=posting.pilot&rows=place", "没有“posting.pilot”这个指标", "<option value=\"posting.pilot\" selected"),
        ("rows=weather", "不能按“weather”分", "<option value=\"weather\" selected"),
        ("rows=place&cols=colour", "不能按“colour”分", "<option value=\"colour\" selected"),
        ("rows=place&level=street", "没有“street”这一级", "<option value=\"street\" selected"),
        ("rows=indicator&group=体育", "没有“体育”这一组指标", "<option value=\"体育\" selected"),
        ("rows=year&cols=month&from=2023-01-01", "分的是同一样东西", "<option value=\"month\" selected"),
        ("rows=place&unit=nobody", "没有这个单位", "value=\"nobody\""),
        ("rows=unit&unit=nobody", "已经只看一个单位", "value=\"nobody\""),
        ("rows=place&cols=month&from=2015-01-01", "这样有 109 列，一张表最多 60 列", "value=\"2015-01-01\""),
        ("rows=month&cols=place&from=0001-01-01", "最多 20000", "value=\"0001-01-01\""),
    ] {
        let page = browser.get(&format!("/explorer?{query}")).await.is(422).clone();
        page.shows(said);
        assert!(page.body().contains(kept), "{query} forgets {kept}: {}", page.body());
        browser.get(&format!("/explorer.csv?{query}")).await.is(422);
    }
    browser.get(&format!("/explorer?place={VILLAGE}&rows=place")).await.is(422).shows("村下面不再分地方");
    browser_of(&app, "city").await.get("/explorer?rows=batch").await.is(422).shows("批次是各县自己的");
}

#[tokio::test]
async fn places_outside_the_scope_are_not_found() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut browser = browser_of(&app, "township").await;
    browser.get("/explorer").await.is(200).shows("麦田村").hides("石桥村");
    for hidden in [OTHER_TOWNSHIP, OTHER_VILLAGE, COUNTY, OTHER_COUNTY, "12"] {
        for page in ["/explorer", "/explorer.csv", "/explorer.xlsx"] {
            browser.get(&format!("{page}?place={hidden}")).await.is(404);
        }
    }
    browser_of(&app, "cadre").await.get("/explorer").await.is(200).shows("在岗驻村干部");
    browser_of(&app, "auditor").await.get("/explorer").await.is(403);
}

#[tokio::test]
async fn a_view_is_kept_renamed_shared_and_deleted() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut office = browser_of(&app, "office").await;
        let view = "figure=gain.fund&rows=place&cols=quarter&from=2023-01-01";
        let keep = links(&office.get(&format!("/explorer?{view}")).await.is(200).body(), "/explorer/views/new");
        office.get(keep.first().expect("a way to keep it")).await.is(200).shows("存为视图");
        office.submit("/explorer/views", &[("name", "")]).await.is(422).shows("请给视图起个名字");
        let long = "长".repeat(41);
        let refused = office.submit("/explorer/views", &[("name", &long)]).await.is(422).shows("最多 40 个字").body();
        assert!(refused.contains(&long), "what was typed stays");
        office.submit("/explorer/views", &[("name", "各乡镇引资")]).await.leads_to("/explorer?");
        office.follow().await.is(200).shows("各乡镇引资").shows("引进帮扶资金").shows("2023年3季度");
        office.get(keep.first().expect("it")).await;
        let twice = office.submit("/explorer/views", &[("name", "各乡镇引资")]).await.is(422).clone();
        assert!(twice.shows("您已经有一个同名的视图").body().contains("value=\"各乡镇引资\""));
        let list = office.get("/explorer/views").await.is(200).shows("各乡镇引资").body();
        let own = links(&list, "/explorer/views/").into_iter().find(|href| !href.ends_with("removal")).expect("a view");
        let mut leader = browser_of(&app, "leader").await;
        leader.get("/explorer/views").await.is(200).hides("各乡镇引资");
        office.get(&own).await.is(200).shows("改视图的名字");
        office.submit(&own, &[("name", "引资进度"), ("shared", "yes")]).await.leads_to("/explorer/views");
        leader.get("/explorer/views").await.is(200).shows("引资进度").shows("宋知远");
        leader.get("/explorer").await.is(200).shows("引资进度");
        leader.get(&own).await.is(404);
        leader.get(&format!("{own}/removal")).await.is(404);
        for other in ["township", "elsewhere", "city"] {
            browser_of(&app, other).await.get("/explorer/views").await.is(200).hides("引资进度");
        }
        office.get(&format!("{own}/removal")).await.is(200).shows("引资进度").shows("记录和数字都不动");
        office.submit(&format!("{own}/removal"), &[]).await.leads_to("/explorer/views");
        office.get("/explorer/views").await.is(200).hides("引资进度");
        let mut conn = app.db.read().await.expect("a connection");
        // The facts of this small world stand without log entries; nothing else may differ.
        let report = check::check(&mut conn).await.expect("a report");
        let mut wrong = report.lines();
        wrong.retain(|line| !["核对了", "log_fact", "发现"].iter().any(|start| line.starts_with(start)));
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
