use base::sheet;

use super::workbook;
use crate::{
    app::App,
    spine::audit,
    statistics::tests::seed,
    testing::{COUNTY, MIGRATIONS, TOWNSHIP, browser_of, code, databases, world},
};

/// Uploads the form as an account and returns its address.
async fn uploaded(app: &App, who: &str) -> String {
    let mut browser = browser_of(app, who).await;
    browser.get("/forms/new").await.is(200);
    browser.upload("/forms", &[], ("file", "C:\\上报\\驻村月报.xlsx", &workbook())).await.is(303);
    browser.page.location().expect("an address").to_owned()
}

#[tokio::test]
async fn a_form_is_uploaded_tied_filled_and_downloaded() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/forms").await.is(200).shows("还没有上级报表");
        office.get("/forms/new").await.is(200);
        office.submit("/forms", &[("title", "月报")]).await.is(422).shows("请选择一个 .xlsx 或 .docx 文件");
        office
            .upload("/forms", &[("title", "月报")], ("file", "x.xlsx", b"hello"))
            .await
            .is(422)
            .shows("不是 .xlsx 或 .docx");
        assert!(office.page.body().contains("value=\"月报\""), "what was typed is kept");
        let own = uploaded(&app, "office").await;
        office.get(&own).await.is(200).shows("驻村月报").shows("驻村工作月报").shows("苗店镇").shows("对应好了 0 处");
        office.submit(&format!("{own}/fills"), &[("place", COUNTY), ("from", ""), ("to", "2024-01-18")]).await;
        office.page.is(422).shows("还没有一格对应好");

        // A column of figures, a wrong one first.
        office.get(&format!("{own}/ties?spot=s1!C8")).await.is(200);
        let form = format!("{own}/ties");
        let figure = |unit: &'static str, to_row: &'static str| {
            [
                ("spot", "s1!C5"),
                ("what", "figure"),
                ("indicator", "posting.first_secretary"),
                ("unit", unit),
                ("time", "period"),
                ("whose", "row"),
                ("to_row", to_row),
            ]
        };
        office.submit(&form, &[&[("spot", "s1!C8")], &figure("", "")[1..]].concat()).await.is(422).shows("C8 是公式");
        office.get(&format!("{own}/ties?spot=C5")).await.is(200).shows("在岗 / 驻村第一书记");
        office.submit(&form, &figure("万元", "7")).await.is(422).shows("单位是人，不能写成万元");
        office.submit(&form, &figure("", "2")).await.is(422).shows("应是 5 到 304 之间的行号");
        office.submit(&form, &figure("", "8")).await.is(303);
        office.follow().await.shows("对应好了 3 格").shows("驻村第一书记（本行的地方）");
        office.get(&format!("{own}/ties?spot=s2!A2")).await.is(200);
        office.submit(&form, &[("spot", "s2!A2"), ("what", "roster"), ("field", "")]).await.is(422);
        office.submit(&form, &[("spot", "s2!A2"), ("what", "roster"), ("field", "name"), ("role", "")]).await.is(303);
        office.get(&format!("{own}/ties?spot=B2")).await.is(200);
        office.submit(&form, &[("spot", "s1!B2"), ("what", "word"), ("word", "place")]).await.is(303);
        office.get(&format!("{own}/ties?spot=nowhere")).await.is(422).shows("不是格号");

        // Filled for the county; what could not be filled is said.
        office.get(&own).await.is(200).shows("对应好了 5 处");
        let asked = |from: &'static str| [("place", COUNTY), ("from", from), ("to", "2024-01-18")];
        office.submit(&format!("{own}/fills"), &asked("2024-02-01")).await.is(422).shows("早于开始日期");
        office.submit(&format!("{own}/fills"), &asked("2024-01-01")).await.is(303);
        let report = office.page.location().expect("an address").to_owned();
        office.follow().await.is(200).shows("没有填成的").shows("填报的地方里没有“石桥镇”").shows("名册有 3 人");
        assert!(office.page.body().contains("/figures/posting.first_secretary?place=411327101000"));
        office.get(&format!("{report}/file")).await.is(200);
        let book = sheet::read(&office.page.bytes, "").expect("a workbook");
        assert_eq!(book.sheets[0].row(5).expect("a row").cell(2).show(), "1");
        assert_eq!(book.sheets[0].row(2).expect("a row").cell(1).show(), "社旗县");
        office.get(&format!("{own}/original")).await.is(200);
        assert_eq!(office.page.bytes, workbook(), "the file as it came");
        office.get(&own).await.is(200).shows("填过的").shows("2024年1月1日至2024年1月18日");
        // The same again for another period: the list grows.
        office
            .submit(&format!("{own}/fills"), &[("place", TOWNSHIP), ("from", ""), ("to", "2023-12-31")])
            .await
            .is(303);
        office.get(&own).await.shows("截至2023年12月31日");

        // Untied, laid aside.
        office.get(&format!("{own}/ties?spot=s1!B2")).await.is(200).shows("现在填： 地方的名称");
        office.submit(&format!("{own}/ties/removal"), &[]).await.is(303);
        office.follow().await.shows("对应好了 4 处");
        office.get(&format!("{own}/retirement")).await.is(200);
        office.submit(&format!("{own}/retirement"), &[]).await.is(303);
        office.follow().await.shows("已停用").hides(&format!("action=\"{own}/fills\""));
        office.get("/forms?state=retired").await.is(200).shows("驻村月报");
        office.get(&report).await.is(200);

        let id = own.rsplit('/').next().expect("an id");
        let mut conn = app.db.read().await.expect("a reader");
        let lines =
            audit::list(&mut conn, code(COUNTY).county(), Some(("report_form", id)), None, 20).await.expect("lines");
        let actions: Vec<&str> = lines.iter().rev().map(|line| line.action.as_str()).collect();
        let story =
            ["form.upload", "form.tie", "form.tie", "form.tie", "form.fill", "form.fill", "form.untie", "form.retire"];
        assert_eq!(actions, story);
    }
}

#[tokio::test]
async fn what_is_dangerous_is_refused_with_what_and_where() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        for (name, bytes, why) in [
            ("old.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "这是旧格式（.xls、.doc）"),
            ("page.xlsx", b"<html></html>".to_vec(), "不是 .xlsx 或 .docx"),
            ("torn.xlsx", workbook()[..900].to_vec(), "文件已损坏"),
            ("large.xlsx", vec![b'P'; (10 << 20) + 1], "文件超过 10 MB"),
        ] {
            office.get("/forms/new").await.is(200);
            office.upload("/forms", &[], ("file", name, &bytes)).await.is(422).shows(why);
        }
        office.get("/forms").await.is(200).shows("还没有上级报表");
    }
}

#[tokio::test]
async fn forms_of_one_place_are_nobody_elses() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let county = uploaded(&app, "office").await;
        let township = uploaded(&app, "township").await;
        for (who, address, status) in [
            ("leader", county.as_str(), 200),
            ("office", township.as_str(), 200),
            ("township", county.as_str(), 404),
            ("tangzhuang", township.as_str(), 404),
            ("elsewhere", county.as_str(), 404),
            ("cadre", county.as_str(), 403),
            ("secadmin", county.as_str(), 403),
        ] {
            let mut browser = browser_of(&app, who).await;
            browser.get(address).await.is(status);
            browser.get(&format!("{address}/original")).await.is(status);
        }
        browser_of(&app, "leader").await.get(&county).await.is(200).hides("/ties?");
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get("/forms").await.is(200).hides("驻村月报");
        let csrf = elsewhere.get("/forms/new").await.csrf();
        for end in ["ties", "ties/removal", "fills", "retirement"] {
            let body = format!("csrf={csrf}&once={end}&spot=s1!C5&what=word&word=place&place={COUNTY}&to=2024-01-18");
            elsewhere.post_raw(&format!("{county}/{end}"), &[], &body).await.is(404);
        }
        // A township cannot fill its form for a place that is not its own.
        let mut xu = browser_of(&app, "township").await;
        xu.get(&format!("{township}/ties?spot=s1!B2")).await.is(200);
        xu.submit(&format!("{township}/ties"), &[("spot", "s1!B2"), ("what", "word"), ("word", "place")]).await.is(303);
        xu.get(&township).await.is(200);
        xu.submit(&format!("{township}/fills"), &[("place", COUNTY), ("to", "2024-01-18")]).await.is(404);
        xu.get(&township).await;
        xu.submit(&format!("{township}/fills"), &[("place", TOWNSHIP), ("from", ""), ("to", "2024-01-18")])
            .await
            .is(303);
    }
}
