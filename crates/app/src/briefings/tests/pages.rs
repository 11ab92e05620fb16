use base::{
    db::{Kind, plan_of, sql},
    ooxml::{Block, Document, Package},
};

use crate::{
    accounts::{Actor, Scope},
    app::App,
    briefings::store,
    places,
    spine::audit,
    statistics::tests::seed,
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, TOWNSHIP, browser_of, code, databases, today, world},
};

/// Makes a briefing of the county as an account and returns its address.
async fn made(app: &App, who: &str, template: &str, place: &str) -> String {
    let mut browser = browser_of(app, who).await;
    browser.get("/briefings/new").await.is(200);
    let said = [("template", template), ("place", place), ("from", "2023-01-01"), ("to", "2024-01-18")];
    browser.submit("/briefings", &said).await.is(303);
    browser.page.location().expect("an address").to_owned()
}

fn text_of(bytes: &[u8]) -> String {
    let document = Document::open(Package::open(bytes.to_vec()).expect("a file")).expect("a document");
    let line = |block: Block| match block {
        Block::Paragraph(text) => text,
        Block::Table(rows) => {
            let cells = rows.into_iter().flat_map(|row| row.cells);
            cells.map(|cell| cell.text).collect::<Vec<_>>().join(" ")
        }
    };
    document.blocks().expect("blocks").into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_briefing_is_made_edited_signed_and_stays_as_it_was() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/briefings").await.is(200).shows("还没有简报");
        office.get("/briefings/new").await.is(200).shows("社旗县驻村工作简报").shows("系统还没有，会标出来");
        let wrong = [("template", "default"), ("place", COUNTY), ("from", "2024-02-01"), ("to", "2024-01-18")];
        office.submit("/briefings", &wrong).await.is(422).shows("结束日期 2024-01-18 早于开始日期 2024-02-01");
        assert!(office.page.body().contains("value=\"2024-02-01\""), "what was typed is kept");
        office.submit("/briefings", &[("template", "nothing")]).await.is(422).shows("没有“nothing”这个模板");
        office.submit("/briefings", &[("template", "default"), ("to", "18.1.2024")]).await.is(422).shows("读不懂");
        let valid = [("template", "default"), ("place", COUNTY), ("from", "2023-01-01"), ("to", "2024-01-18")];
        office.submit("/briefings", &valid).await.is(303);
        let own = office.page.location().expect("an address").to_owned();
        office.follow().await.is(200).shows("草稿").shows("驻村第一书记 2人");
        let link = format!("/figures/posting.first_secretary?place={COUNTY}&from=2023-01-01&to=2024-01-18");
        let written = link.replace('&', "&#38;");
        assert!(office.page.body().contains(&written), "a figure opens with its place and period, also tomorrow");
        office.get(&link).await.is(200).shows("罗一川");

        // Words and one figure by hand.
        office.get(&format!("{own}/text")).await.is(200);
        let form = office.page.forms().into_iter().find(|form| form.action.ends_with("/text")).expect("the form");
        let body = form.fields.iter().find(|(name, _)| name == "body").map(|(_, value)| value.clone()).expect("text");
        let at = body.find("驻村第一书记{").expect("the figure") + "驻村第一书记{".len();
        let position = body[at..].split(':').next().expect("a number").to_owned();
        let token = format!("{{{position}:2人}}");
        let changed = body.replace(&token, &format!("{{{position}:3人}}")) + "\n比上年多 1 人。";
        office.submit(&format!("{own}/text"), &[("body", "{99:x}")]).await.is(422).shows("不是这份简报里的数字");
        office.submit(&format!("{own}/text"), &[("title", "一季度简报"), ("body", &changed)]).await.is(303);
        office.follow().await.shows("一季度简报").shows("手改，算出 2人").shows("打不开来源的数字：1");
        // Somebody who still has the page from before hears of it.
        office.get(&format!("{own}/text")).await;
        office.submit(&format!("{own}/text"), &[("body", &changed), ("version", "1")]).await.is(409);

        // Counting again leaves the hand alone; signing says what was done.
        office.get(&own).await;
        office.submit(&format!("{own}/recount"), &[]).await.is(303);
        office.follow().await.shows("手改，算出 2人");
        office.get(&format!("{own}/signature")).await.is(200).shows("驻村第一书记 写成 3人，算出 2人");
        office.submit(&format!("{own}/signature"), &[]).await.is(303);
        office.follow().await.shows("已签发").shows("宋知远 2024-01-18").shows("手改，算出 2人");
        office.get(&format!("{own}/text")).await.is(422).shows("已经签发");
        office.post_raw(&format!("{own}/signature"), &[], "").await.is(400);

        // A record changes afterwards: the briefing does not, and the page says which figure did.
        let actor = Actor::command_line(app.clock);
        let mut tx = app.db.begin().await.expect("a write");
        places::store::set_stars(&mut tx, &[(code(OTHER_VILLAGE), 2023, 5)], actor.at).await.expect("rated");
        tx.commit().await.expect("written");
        let before = office.get(&own).await.is(200).text();
        assert!(before.contains("五星支部 1个"), "{before}");
        office.get(&format!("{own}/today")).await.is(200).shows("五星支部").shows("1个").shows("2个");
        office.get(&own).await.shows("五星支部 1个");

        // Files.
        office.get(&format!("{own}/briefing.txt")).await.is(200);
        let txt = office.page.body();
        assert!(txt.starts_with("一季度简报\n社旗县　2023年1月1日至2024年1月18日\n"), "{txt}");
        assert!(txt.contains("驻村第一书记3人※1"), "{txt}");
        assert!(txt.contains("※1 驻村第一书记：系统算出 2人，2024年1月18日由宋知远手改为 3人。"), "{txt}");
        assert!(txt.contains("宋知远　2024年1月18日签发"), "{txt}");
        office.get(&format!("{own}/briefing.docx")).await.is(200);
        let docx = text_of(&office.page.bytes);
        for words in ["一季度简报", "驻村第一书记3人※1", "posting.first_secretary", "2人", "宋知远　2024年1月18日签发"]
        {
            assert!(docx.contains(words), "{words} is not in {docx}");
        }
        office.get(&format!("{own}/briefing.pdf")).await.is(200);
        assert!(office.page.bytes.starts_with(b"%PDF"));

        // The story stands in the trail.
        let id = own.rsplit('/').next().expect("an id");
        let mut conn = app.db.read().await.expect("a reader");
        let county = code(COUNTY).county();
        let lines = audit::list(&mut conn, county, Some(("briefing", id)), None, 20).await.expect("lines");
        let actions: Vec<&str> = lines.iter().rev().map(|line| line.action.as_str()).collect();
        assert_eq!(actions, ["briefing.make", "briefing.edit", "briefing.recount", "briefing.sign"]);
        assert!(lines[2].after.as_deref().is_some_and(|after| after.contains("3人")), "{:?}", lines[2]);
    }
}

#[tokio::test]
async fn a_missing_figure_is_said_and_holds_up_the_signature() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let own = made(&app, "office", "longkou", COUNTY).await;
        let mut office = browser_of(&app, "office").await;
        office.get(&own).await.is(200).shows("〔缺“分盟个数”：指标目录里没有 league.sub〕").shows("正文里缺 4 个数");
        office.get(&format!("{own}/signature")).await.is(422).shows("还缺 4 个数：分盟个数、分盟擂主人次");
        let csrf = office.get(&own).await.csrf();
        office.post_raw(&format!("{own}/signature"), &[], &format!("csrf={csrf}&once=x")).await.is(422);
        office.get(&format!("{own}/briefing.txt")).await.is(200);
        assert!(office.page.body().contains("缺 4 个数：分盟个数、"), "{}", office.page.body());
    }
}

#[tokio::test]
async fn who_may_do_what_and_nobody_elsewhere_anything() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let county = made(&app, "office", "default", COUNTY).await;
        let township = made(&app, "township", "matters", TOWNSHIP).await;
        for (who, address, status) in [
            ("leader", county.as_str(), 200),
            ("city", county.as_str(), 200),
            ("township", county.as_str(), 404),
            ("township", township.as_str(), 200),
            ("tangzhuang", township.as_str(), 404),
            ("elsewhere", county.as_str(), 404),
            ("elsewhere", township.as_str(), 404),
            ("cadre", township.as_str(), 403),
            ("auditor", county.as_str(), 403),
        ] {
            let mut browser = browser_of(&app, who).await;
            browser.get(address).await.is(status);
            for end in ["/today", "/briefing.docx", "/briefing.pdf", "/briefing.txt"] {
                browser.get(&format!("{address}{end}")).await.is(status);
            }
        }
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get("/briefings").await.is(200).hides("社旗县");
        let csrf = elsewhere.get("/briefings/new").await.csrf();
        for end in ["text", "recount", "signature", "cancellation"] {
            let body = format!("csrf={csrf}&once={end}&title=x&body=x&version=1");
            elsewhere.post_raw(&format!("{county}/{end}"), &[], &body).await.is(404);
        }
        let body = format!("csrf={csrf}&once=new&template=default&place={COUNTY}&from=2023-01-01&to=2024-01-18");
        elsewhere.post_raw("/briefings", &[], &body).await.is(404);
        // A township writes and the office signs.
        let mut xu = browser_of(&app, "township").await;
        xu.get(&township).await.is(200).hides("/signature");
        xu.get(&format!("{township}/signature")).await.is(403);
        let mut office = browser_of(&app, "office").await;
        office.get(&format!("{township}/signature")).await.is(200);
        office.submit(&format!("{township}/signature"), &[]).await.is(303);
        // A draft given up is seen where one asks for it.
        office.get(&format!("{county}/cancellation")).await.is(200);
        office.submit(&format!("{county}/cancellation"), &[]).await.is(303);
        office.get("/briefings").await.is(200).hides(&county).shows("已签发");
        office.get("/briefings?state=cancelled").await.is(200).shows("已作废");
        let mut leader = browser_of(&app, "leader").await;
        leader.get("/briefings").await.is(200).hides("/briefings/new");
    }
}

#[tokio::test]
async fn the_list_of_briefings_uses_an_index() {
    for db in databases(&MIGRATIONS).await {
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let app = world(&db).await;
        for state in [None, Some("draft")] {
            for place in [COUNTY, TOWNSHIP] {
                let query = store::list_query(&Scope::of(code(place)), state, 50, 0);
                let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
                assert!(plan.iter().any(|step| step.contains("USING INDEX briefing_list")), "{plan:#?}");
                assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_read_back() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let own = made(&app, "office", "default", COUNTY).await;
        let id = own.rsplit('/').next().expect("an id");
        let county = code(COUNTY).county();
        let mut conn = app.db.read().await.expect("a reader");
        let one = store::find(&mut conn, county, id).await.expect("read").expect("a briefing");
        assert_eq!((one.text == one.drafted, one.version, one.counted_on), (true, 1, today()));
        let kept: i64 = conn.value(sql("select count(*) from briefing_figure")).await.expect("counted");
        assert_eq!(usize::try_from(kept).expect("a count"), one.figures.len());
        let scope = Scope::of(code(COUNTY));
        let lines = store::list(&mut conn, &scope, None, (50, 0)).await.expect("read");
        assert_eq!(lines.len(), 1);
        assert_eq!(store::count(&mut conn, &scope, Some("signed")).await.expect("counted"), 0);
        let story = store::events(&mut conn, county, id).await.expect("read");
        assert_eq!(story.iter().map(|event| event.act.as_str()).collect::<Vec<_>>(), ["make"]);
    }
}
