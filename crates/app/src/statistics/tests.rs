//! Figures over a small world: each opens to records that give it exactly, on both databases.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::plan_of,
    kernel::{Day, DivisionCode, Period},
};
use serde_json::Value;

use super::{Opened, OpenedRecord, open, rules::Part, stats, store};
use crate::{
    accounts::{Actor, Role},
    app::App,
    flows,
    people::{self, Gender, Person},
    places::{self, VillageCategory},
    postings::{
        EndReason, Held, Ledger, PostRole, State,
        store::{NewPosting, NewTeam, add_all, add_batch, add_teams},
    },
    spine::{
        facts::{Catalogue, read::Span, sums},
        tasks::{self, TaskDraft},
    },
    testing::{
        COUNTY, MIGRATIONS, OTHER_COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, SECOND_VILLAGE, TOWNSHIP, UNIT, VILLAGE,
        browser_of, code, databases, today, world,
    },
    units::{self, UnitLevel},
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn until_today() -> Span {
    Span { from: None, to: today() }
}

/// Who is where in the small world: name, gender, birth, village, role, ledger, from, until.
type Line =
    (&'static str, &'static str, &'static str, &'static str, PostRole, Ledger, &'static str, Option<&'static str>);

const LINES: [Line; 5] = [
    (
        "叶青禾",
        "女",
        "1988-05-03",
        VILLAGE,
        PostRole::FirstSecretary,
        Ledger::Province,
        "2021-07-01",
        Some("2023-06-01"),
    ),
    ("贺明远", "男", "1979-11-20", VILLAGE, PostRole::FirstSecretary, Ledger::Province, "2023-06-01", None),
    ("常小满", "女", "1996-02-10", VILLAGE, PostRole::Member, Ledger::Province, "2023-06-05", None),
    ("罗一川", "男", "1984-08-08", OTHER_VILLAGE, PostRole::FirstSecretary, Ledger::County, "2023-09-01", None),
    ("任春生", "男", "1970-01-01", SECOND_VILLAGE, PostRole::Member, Ledger::County, "2023-06-05", Some("2024-01-10")),
];

/// Categories, stars, a batch with its team and the people above.
pub(crate) async fn seed(app: &App) {
    let actor = Actor::command_line(app.clock);
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    let categories = [
        (VILLAGE, VillageCategory::OutOfPoverty),
        (SECOND_VILLAGE, VillageCategory::WeakBranch),
        (OTHER_VILLAGE, VillageCategory::Ordinary),
    ];
    for (village, category) in categories {
        places::store::set_category(&mut tx, code(village), category, day("2021-05-11"), None).await.expect("set");
    }
    let stars = [(code(VILLAGE), 2022, 4), (code(VILLAGE), 2023, 5), (code(OTHER_VILLAGE), 2023, 4)];
    places::store::set_stars(&mut tx, &stars, actor.at).await.expect("rated");
    let batch = add_batch(&mut tx, county, 3, "第三批", day("2023-06-01"), 24, true).await.expect("a batch");
    let unit = units::store::find_by_name(&mut tx, county, UNIT).await.expect("read").expect("the unit").id;
    let team = NewTeam {
        id: base::kernel::new_id(),
        batch_id: batch.id.clone(),
        village: code(VILLAGE),
        neighbours: vec![code(SECOND_VILLAGE)],
        ledger: Ledger::Province,
        lead_unit_id: Some(unit.clone()),
        joining_unit_ids: vec![],
        period: Period::new(day("2023-06-01"), None).expect("a period"),
    };
    add_teams(&mut tx, county, std::slice::from_ref(&team), None, actor.at).await.expect("a team");
    let mut postings = Vec::new();
    for (name, gender, birth, village, role, ledger, since, until) in LINES {
        let person = Person {
            name: name.into(),
            gender: Gender::parse(gender),
            birth: Some(birth.into()),
            education: Some("大学".into()),
            ..Person::default()
        };
        let id = people::store::add(&mut tx, &app.keys, county, &person, actor.at).await.expect("a person");
        let state =
            until.map_or(State::OnPost, |until| State::Ended { until: day(until), reason: EndReason::HandedOver });
        let held = Held {
            posting_id: base::kernel::new_id(),
            batch_id: batch.id.clone(),
            person: (county, id),
            unit_id: Some(unit.clone()),
            unit_level: Some(UnitLevel::County),
            village: code(village),
            role,
            ledger,
            state,
            since: day(since),
        };
        postings.push(NewPosting { held, team_id: None, person_name: name.into(), note: None });
    }
    add_all(&mut tx, county, &postings, false, &actor).await.expect("posted");
    tx.commit().await.expect("written");
}

/// `how` applied to records, as anybody outside would do it.
fn applied(how: &str, records: &[OpenedRecord]) -> i64 {
    let sum = || records.iter().map(|record| record.amount.as_i64().expect("whole")).sum();
    let keys = || records.iter().map(|record| record.key.as_deref()).collect::<BTreeSet<_>>().len();
    match how.split(' ').next() {
        Some("sum" | "state") => sum(),
        Some("distinct" | "latest") => i64::try_from(keys()).expect("few"),
        other => panic!("{other:?} is applied to figures, not to records"),
    }
}

fn check_opened(code: &str, value: &Value, opened: &Opened) {
    match opened {
        Opened::Sealed { sealed } => assert_eq!(value.as_i64(), Some(*sealed), "{code}"),
        Opened::Share { .. } => {}
        Opened::Records { how, value: own, records } => {
            assert_eq!(own, value, "{code}");
            assert_eq!(value.as_i64(), Some(applied(how, records)), "{code} is {how} of its records");
        }
    }
}

#[tokio::test]
async fn every_figure_opens_to_records_that_give_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        let spans = [
            until_today(),
            Span { from: None, to: day("2023-05-31") },
            Span { from: Some(day("2023-06-03")), to: day("2023-12-31") },
        ];
        for place in [COUNTY, TOWNSHIP, OTHER_TOWNSHIP, VILLAGE, SECOND_VILLAGE, "410000000000", "411300000000"] {
            for span in spans {
                let figures = stats(&mut conn, code(place), span, None).await.expect("figures");
                assert_eq!(figures.indicators.len(), Catalogue::get().iter().count());
                for indicator in Catalogue::get().iter() {
                    let opened = open(&mut conn, code(place), &indicator.code, span).await.expect("opened");
                    check_opened(&indicator.code, &figures.indicators[&indicator.code], &opened);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_county_adds_up_and_says_so_in_json() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        let figures = stats(&mut conn, code(COUNTY), until_today(), None).await.expect("figures");
        let json = serde_json::to_value(&figures).expect("json");
        assert_eq!((&json["place"], &json["from"], &json["to"]), (&COUNTY.into(), &Value::Null, &"2024-01-18".into()));
        let expected = [
            ("posting.cadre", 3),
            ("posting.first_secretary", 2),
            ("posting.first_secretary.province_ledger", 1),
            ("posting.first_secretary.county_ledger", 1),
            ("posting.member", 1),
            ("team.in_place", 1),
            ("village.posted", 2),
            ("village.posted.out_of_poverty", 1),
            ("village.posted.weak_branch", 0),
            ("alumni.cadre", 5),
            ("alumni.batch", 1),
            ("branch.star5", 1),
            ("branch.star4", 1),
        ];
        for (indicator, value) in expected {
            assert_eq!(json["indicators"][indicator], Value::from(value), "{indicator}");
        }
        let opened = open(&mut conn, code(COUNTY), "posting.first_secretary", until_today()).await.expect("opened");
        let json = serde_json::to_value(&opened).expect("json");
        assert_eq!((&json["how"], &json["value"]), (&"state on day".into(), &2.into()));
        let first = &json["records"][0];
        assert_eq!((&first["village"], &first["person_name"]), (&OTHER_VILLAGE.into(), &"罗一川".into()));
        assert!(first["source"].as_str().is_some_and(|source| source.starts_with("posting/")));
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    let mut conn = app.db.read().await.expect("a connection");
    let none = ["posting.pilot".to_owned()];
    let no = stats(&mut conn, code(COUNTY), until_today(), Some(&none)).await.expect_err("unknown");
    assert_eq!(no.to_string(), "没有“posting.pilot”这个指标；指标名见指标目录。");
    let no = stats(&mut conn, code("999999000000"), until_today(), None).await.expect_err("unknown");
    assert_eq!(no.to_string(), "行政区划里没有 999999000000。");
    let back = Span { from: Some(day("2024-02-01")), to: today() };
    assert!(open(&mut conn, code(COUNTY), "posting.cadre", back).await.is_err());
}

#[tokio::test]
async fn a_merged_township_brings_its_figures() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        let (old, new) = (code(OTHER_TOWNSHIP), code(TOWNSHIP));
        places::store::succeed(&mut tx, old, new, day("2024-01-01")).await.expect("merged");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a connection");
        let asked = ["posting.cadre".to_owned()];
        let merged = stats(&mut conn, new, until_today(), Some(&asked)).await.expect("figures");
        assert_eq!(merged.indicators["posting.cadre"], Value::from(3));
        let opened = open(&mut conn, new, "posting.cadre", until_today()).await.expect("opened");
        check_opened("posting.cadre", &Value::from(3), &opened);
        let mut browser = browser_of(&app, "office").await;
        browser.get(&format!("/dashboard?place={COUNTY}")).await.is(200).shows("苗店镇");
    }
}

#[tokio::test]
async fn the_office_opens_its_dashboard_and_every_figure_on_it() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut browser = browser_of(&app, "office").await;
        let page = browser.get("/dashboard").await.is(200).clone();
        page.shows("社旗县").shows("第三批").shows("苗店镇").shows("唐庄乡").shows("各类村覆盖").shows("40—49 岁");
        let mut links: BTreeMap<String, ()> = BTreeMap::new();
        for start in ["/figures/", "/dashboard"] {
            for part in page.body().split("href=\"").skip(1).filter(|part| part.starts_with(start)) {
                let href = part.split('"').next().unwrap_or_default();
                links.insert(href.replace("&amp;", "&").replace("&#38;", "&"), ());
            }
        }
        assert!(links.len() > 40, "{links:?}");
        for href in links.keys() {
            browser.get(href).await.is(200);
        }
        let figure = browser.get(&format!("/figures/posting.cadre?place={TOWNSHIP}")).await.is(200).clone();
        figure.shows("在岗驻村干部").shows("贺明远").shows("派驻记录").shows("共 6 行");
        let early = browser.get("/figures/posting.cadre?to=2022-12-31").await.is(200).clone();
        early.shows("截至 2022-12-31").shows("叶青禾").hides("贺明远");
        let csv = browser.get("/figures/posting.cadre/records.csv").await.is(200).body();
        assert!(csv.contains("罗一川") && csv.lines().count() == 8, "{csv}");
        browser.get("/figures/posting.cadre/records.xlsx").await.is(200);
        browser.get("/dashboard/places.csv").await.is(200).shows("苗店镇");
        browser.get("/dashboard/people?by=gender&is=female").await.is(200).shows("常小满").hides("贺明远");
    }
}

#[tokio::test]
async fn a_dashboard_of_a_period_says_what_was_done_and_who_is_late() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        let draft = TaskDraft {
            kind: "vacancy",
            title: "第一书记空缺，提出接任人选".into(),
            detail: None,
            link: "/coverage".into(),
            role: Role::Township,
            division: code(TOWNSHIP),
            due: day("2024-01-03"),
            origin_kind: "village",
            origin_id: VILLAGE.into(),
        };
        tasks::open(&mut tx, &draft, app.clock.now()).await.expect("a task");
        tx.commit().await.expect("written");
        let mut browser = browser_of(&app, "office").await;
        let year = browser.get("/dashboard?from=2023-01-01&to=2023-12-31").await.is(200).clone();
        // Five people were posted up to the end of 2023, four of them in that year and one in the year before last.
        year.shows("打基础的事").shows("历任选派干部 4 0 人").shows("上年同期").shows("2023-01-01 至 2023-12-31");
        year.shows("逾期未办的事").shows("乡镇党委 1 2024-01-03");
        browser.get("/dashboard/late?role=township").await.is(200).shows("苗店镇").shows("15").hides("接任人选");
        browser.get("/dashboard/late?role=office").await.is(200).shows("没有逾期的事");
        browser.get("/dashboard/late?role=nobody").await.is(404);
        browser.get("/dashboard?figure=posting.member").await.is(200).shows("近 24 个月月末：驻村工作队员");
        browser.get("/dashboard?figure=gain.fund").await.is(200).shows("近 24 个月每月：引进帮扶资金");
        browser.get("/dashboard?figure=card.coverage").await.is(422).shows("不能画成走势");
        browser.get("/dashboard/composition").await.is(200).shows("40—49 岁");
        // Each bar counts the people it opens to.
        let mut conn = app.db.read().await.expect("a connection");
        let groups = store::composition(&mut conn, code(COUNTY).area(), today()).await.expect("counted");
        let people = store::on_post(&mut conn, code(COUNTY).area(), today()).await.expect("read");
        assert_eq!(people.len(), 3);
        for part in Part::ALL {
            for (class, count) in part.counts(&groups) {
                let own = people.iter().filter(|person| part.class_of(&person.traits(today())) == class).count();
                assert_eq!(i64::try_from(own), Ok(count), "{part:?} {}", class.code);
            }
        }
        drop(conn);
        let mut city = browser_of(&app, "city").await;
        let above = city.get("/dashboard?place=411300000000").await.is(200).clone();
        above.shows("应派村").shows("看人员构成").shows("社旗县");
        city.get("/dashboard/composition?place=411300000000").await.is(200).shows("40—49 岁");
    }
}

#[tokio::test]
async fn figures_outside_the_scope_are_not_found() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut browser = browser_of(&app, "township").await;
    browser.get("/dashboard").await.is(200).shows("苗店镇").hides("罗一川");
    for hidden in [OTHER_TOWNSHIP, OTHER_VILLAGE, COUNTY, OTHER_COUNTY] {
        for page in
            ["/dashboard", "/figures/posting.cadre", "/figures/posting.cadre/records.csv", "/dashboard/people.csv"]
        {
            browser.get(&format!("{page}?place={hidden}&by=age&is=30")).await.is(404);
        }
    }
    browser.get("/figures/posting.pilot").await.is(404);
    browser.get("/dashboard?from=2024-02-01").await.is(422).shows("早于开始日期");
    let mut auditor = browser_of(&app, "auditor").await;
    auditor.get("/dashboard").await.is(403);
}

#[tokio::test]
async fn dashboards_read_through_indexes() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        let places: Vec<DivisionCode> = [TOWNSHIP, OTHER_TOWNSHIP].map(code).into();
        let period = Span { from: Some(day("2023-06-03")), to: today() };
        let mut queries = sums::queries(&["posting.cadre", "village.posted"], &places, until_today());
        queries.extend(sums::queries(&["gain.fund", "gain.job"], &places, period));
        queries.push(sums::later_query(&["gain.fund", "gain.job"], &places, (today(), day("2024-12-31"))));
        queries.push(sums::months_query("gain.fund", places[0], (day("2022-02-01").month(), today().month())));
        queries.push(store::on_post_query(code(COUNTY).area(), today()));
        queries.push(store::composition_query(code("411300000000").area(), today()));
        let city = code("411300000000");
        let long = Span { from: Some(day("2021-06-03")), to: today() };
        let mut above = sums::queries(&["posting.cadre", "gain.fund"], &[city], long);
        above.extend(sums::queries(&["posting.cadre", "gain.fund"], &[city, code("411400000000")], long));
        above.push(sums::later_query(&["gain.fund", "gain.job"], &[city], (today(), day("2024-12-31"))));
        above.push(sums::months_query("gain.fund", city, (day("2022-02-01").month(), today().month())));
        if db.kind() == base::db::Kind::Sqlite {
            for query in queries {
                let plan = plan_of(&mut conn, query).await.expect("a plan");
                // What the parts of a query found is gone through once; the parts themselves are searched.
                let gone_through = ["SCAN found", "SCAN d"];
                let scans = |step: &String| step.starts_with("SCAN ") && !gone_through.contains(&step.as_str());
                assert!(!plan.iter().any(scans), "{plan:#?}");
            }
            // Above a county only county rows are read, whatever lies below them.
            for query in above {
                let text = query.text().to_owned();
                let plan = plan_of(&mut conn, query).await.expect("a plan");
                let county_rows = |step: &String| {
                    step.contains("_county (indicator=? AND county_id>? AND county_id<?)")
                        || step.contains("rollup_day_county (indicator=? AND day>? AND day<?)")
                };
                assert!(plan.iter().any(county_rows), "{text}: {plan:#?}");
            }
        }
    }
}

#[tokio::test]
async fn a_new_category_moves_coverage_and_is_audited() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let actor = Actor::command_line(app.clock);
        let mut tx = app.db.begin().await.expect("a write");
        let pack = app.pack(&mut tx, code(COUNTY).county()).await.expect("a pack");
        let change = (VillageCategory::WeakBranch, day("2024-01-01"), Some("社组〔2024〕1号"));
        flows::set_category(&mut tx, code(VILLAGE), change, pack, &actor).await.expect("changed");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a connection");
        let asked =
            ["village.posted.out_of_poverty", "village.posted.weak_branch", "village.posted"].map(str::to_owned);
        let figures = stats(&mut conn, code(COUNTY), until_today(), Some(&asked)).await.expect("figures");
        let values = asked.each_ref().map(|code| figures.indicators[code].as_i64().unwrap_or(-1));
        assert_eq!(values, [0, 1, 2]);
        let report = crate::check::check(&mut conn).await.expect("a report");
        assert!(report.ok, "{:?}", report.lines());
    }
}

#[tokio::test]
async fn registers_are_kept_through_their_pages() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut browser = browser_of(&app, "office").await;
        browser.get("/units").await.is(200).shows(UNIT).shows("共 1 行");
        browser.get("/units/new").await.is(200);
        browser.submit("/units", &[("name", UNIT), ("level", "county")]).await.is(422).shows("已经登记过同名的单位");
        browser.submit("/units", &[("name", "社旗县林业局"), ("phone", "0377-67980001")]).await.leads_to("/units/");
        browser.follow().await.is(200).shows("社旗县林业局").shows("0377-67980001");
        browser.get("/units?q=林业").await.is(200).shows("共 1 行");
        browser.get("/units.csv").await.is(200).shows("社旗县林业局");
        browser.get(&format!("/places?place={TOWNSHIP}")).await.is(200).shows("麦田村").shows("★★★★★ 2023");
        let edit = format!("/places/{VILLAGE}/edit");
        browser.get(&edit).await.is(200).shows("脱贫村");
        let category = format!("/places/{VILLAGE}/category");
        browser.submit(&category, &[("since", "2030-01-01")]).await.is(422).shows("不能晚于今天");
        browser.submit(&category, &[("category", "model"), ("since", "2024-01-02")]).await.leads_to(&edit);
        browser.get(&edit).await;
        browser
            .submit(&format!("/places/{VILLAGE}/stars"), &[("star_year", "2023"), ("stars", "3")])
            .await
            .leads_to(&edit);
        browser.get(&edit).await;
        let counts = [("households", "300"), ("poor_households", "301")];
        browser.submit(&format!("/places/{VILLAGE}/counts"), &counts).await.is(422).shows("不能多于总户数 300");
        browser.submit(&format!("/places/{VILLAGE}/income"), &[("income", "12.5")]).await.leads_to(&edit);
        browser.get("/packs").await.is(200).shows("通用制度包").shows("任期（月）");
        browser.submit("/packs", &[("pack", "sheqi")]).await.leads_to("/packs");
        browser.get("/packs").await.is(200).shows("社旗县驻村工作制度包");
        browser.get("/search?q=贺明").await.is(200).shows("贺明远").shows("麦田村");
        browser.get("/search?q=石桥").await.is(200).shows("石桥村");
        browser.get("/search").await.is(200).shows("写下要找的人、村或事");
        browser.get(&format!("/search?q={UNIT}")).await.is(200).shows("单位").shows(UNIT);
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&edit).await.is(404);
        elsewhere.get("/search?q=贺明").await.is(200).hides("贺明远");
        let mut township = browser_of(&app, "township").await;
        township.get(&edit).await.is(403);
        let mut conn = app.db.read().await.expect("a connection");
        let report = crate::check::check(&mut conn).await.expect("a report");
        assert!(report.ok, "{:?}", report.lines());
    }
}
