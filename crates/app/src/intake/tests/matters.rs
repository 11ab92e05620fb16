//! Orders of the hotline: each becomes one matter, whatever the headers are called.

use base::{
    sheet::Format,
    testing::{TestDb, databases},
};

use super::{FileKind, bring_to, count, counts, sheet};
use crate::{
    app::App,
    imports::Report,
    intake::export,
    matters::{
        acts::phone_place,
        rules::{Channel, Matter, Size, Stage},
        store,
        tests::staff,
    },
    places,
    testing::{COUNTY, MIGRATIONS, SECOND_VILLAGE, VILLAGE, browser_of, code, today, world},
};

/// Titles above, columns in an order of their own, the rows of a county's hotline.
fn orders() -> Vec<u8> {
    sheet(&[
        "社旗县 12345 热线工单导出表||||||||||",
        "导出时间：2024-01-18||||||||||",
        "序号|诉求类型|主要内容|所属村|工单编号|来电时间|来电人|联系电话|承办单位|办理期限|状态",
        "1|农村供水|二组水管爆裂，十几户没水。|麦田村|GD2024011501|2024-01-15 09:30:00|何春和|13000000011|县水利局|2024-01-20|办理中",
        "2|道路桥梁|村口的桥护栏断了，孩子上学不安全。|苗店镇柳溪村村民委员会|GD2024011502|2024年1月16日 14时5分|匿名|138****0001|县交通运输局|2024-01-19 18:00|已办结",
        "3|求助|想问问高龄津贴什么时候发。|石桥村|GD2024011503|2024/1/17 8:00|孙秀英|0377-67961234||2024-01-25|待签收",
        "4||打错了，不用处理。|麦田村|GD2024011504|2024-01-17|王五||县水利局||已撤单",
    ])
}

async fn bring(app: &App, bytes: &[u8], name: &str) -> Report {
    bring_to(app, FileKind::Matters, bytes, name, Some(COUNTY), true).await.unwrap()
}

async fn matter(app: &App, number: &str) -> Matter {
    let mut conn = app.db.read().await.unwrap();
    let county = code(COUNTY).county();
    let order = store::orders_of(&mut conn, county, &[number]).await.unwrap().remove(number).unwrap();
    store::find(&mut conn, county, &order.matter_id).await.unwrap().unwrap()
}

async fn place(db: &TestDb) -> App {
    let app = world(db).await;
    staff(&app).await;
    app
}

#[tokio::test]
async fn each_order_of_the_hotline_becomes_one_matter_however_often_it_comes() {
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let report = bring(&app, &orders(), "工单.xlsx").await;
        assert_eq!(counts(&report), (4, 0, 0, 0), "{:?}", report.problems);
        let said: Vec<_> =
            report.warnings.iter().map(|one| (one.row, one.column.as_str(), one.code.as_str())).collect();
        assert_eq!(
            said,
            [
                (5, "联系电话", "hidden_phone"),
                (5, "", "no_end"),
                (6, "诉求类型", "unknown_kind"),
                (7, "诉求类型", "unknown_kind"),
            ]
        );
        let water = matter(&app, "GD2024011501").await;
        assert_eq!((water.channel, water.stage(), water.village), (Channel::Hotline, Stage::Raised, code(VILLAGE)));
        assert_eq!((water.kind.as_str(), water.department.as_deref()), ("water", Some("县水利局")));
        assert_eq!(water.raised_at.local_minute(), "2024-01-15 09:30");
        assert_eq!(water.promised_at.unwrap().local_minute(), "2024-01-20 23:59", "a day lasts until its end");
        assert!(water.due_at > water.raised_at.plus_seconds(86_400), "nobody here could answer before it came");
        let sealed = water.phone_sealed.clone().unwrap();
        assert!(!sealed.contains("13000000011"));
        assert_eq!(app.keys.open(&phone_place(&water.id), &sealed).unwrap().as_str(), "13000000011");
        assert_eq!(water.words, "二组水管爆裂，十几户没水。", "the marks of Chinese stay");

        let bridge = matter(&app, "GD2024011502").await;
        assert_eq!((bridge.kind.as_str(), bridge.size, bridge.stage()), ("road", Size::Hard, Stage::Closed));
        assert_eq!((bridge.village, bridge.raiser, bridge.phone_sealed), (code(SECOND_VILLAGE), None, None));
        assert_eq!(bridge.answered_at, None, "when it was answered nobody knows");
        assert_eq!(matter(&app, "GD2024011503").await.kind, "other");
        assert_eq!(matter(&app, "GD2024011504").await.stage(), Stage::Withdrawn);
        let raised =
            "select cast(coalesce(sum(amount), 0) as bigint) from live_fact where indicator = 'matter.raised.small'";
        assert_eq!(count(&app, raised).await, 2, "what was taken back says nothing");
        assert_eq!(count(&app, "select count(*) from task where kind = 'matter' and done_at is null").await, 2);
        assert_eq!(count(&app, "select count(*) from audit where action = 'import.matters'").await, 1);

        let again = bring(&app, &orders(), "工单.xlsx").await;
        assert_eq!(counts(&again), (0, 0, 4, 0), "{:?}", again.problems);
        assert_eq!(count(&app, "select count(*) from matter").await, 4);
        // What came otherwise later is said and changes nothing.
        let later = sheet(&["工单编号|来电时间|诉求内容|所属村", "GD2024011501|2024-01-15|水管修好了|麦田村"]);
        let report = bring(&app, &later, "工单.xlsx").await;
        assert_eq!((counts(&report), report.warnings[0].code.as_str()), ((0, 0, 1, 0), "known_otherwise"));

        let mut conn = app.db.read().await.unwrap();
        for format in [Format::Xlsx, Format::Csv] {
            let table = export(&mut conn, &app, FileKind::Matters, code(COUNTY)).await.unwrap();
            let report = bring(&app, &table.to_bytes(format).unwrap(), "a.csv").await;
            assert_eq!((counts(&report), report.warnings, report.unknown_columns), ((0, 0, 4, 0), vec![], vec![]));
        }
        let checked = crate::check::check(&mut conn).await.unwrap();
        assert_eq!(checked.differences(), 0, "{:?}", checked.lines());
    }
}

#[tokio::test]
async fn gb18030_text_with_a_village_in_the_address_and_columns_in_any_order() {
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let csv = "办理情况,办结时间,状态,事发地址,诉求内容,工单号,受理时间\n\
                   已换灯头,2024-01-16 10:00,已归档,社旗县苗店镇麦田村三组老井边,路灯不亮。,A-1,2024-01-15 09:00\n\
                   ,,处理中,唐庄乡石桥村委会对面,路灯不亮,A-2,45306.5\n";
        let bytes = encoding_rs::GB18030.encode(csv).0.into_owned();
        let report = bring(&app, &bytes, "a.csv").await;
        assert_eq!(counts(&report), (2, 0, 0, 0), "{:?}", report.problems);
        let lamp = matter(&app, "A-1").await;
        let done = lamp.state.done().unwrap();
        assert_eq!((done.words.as_str(), done.on.to_string().as_str()), ("已换灯头", "2024-01-16"));
        assert_eq!(lamp.words, "路灯不亮。\n地点：社旗县苗店镇麦田村三组老井边");
        assert_eq!(lamp.answer_hours(), Some(25));
        assert_eq!(matter(&app, "A-2").await.raised_at.local_minute(), "2024-01-15 12:00");
        assert_eq!(counts(&bring(&app, csv.as_bytes(), "a.csv").await), (0, 0, 2, 0), "the same in UTF-8");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_order_is_said_at_its_row_and_column() {
    let rows = sheet(&[
        "工单编号|来电时间|来电人|联系电话|诉求内容|所属乡镇|所属村|办理期限|状态",
        "|2024-01-15|||停水了||麦田村||",
        "B-2|昨天|||停水了||麦田村||",
        "B-3|2024-01-15||1300|停水了||麦田村||",
        "B-4|2024-01-15|||||麦田村||",
        "B-5|2024-01-15|||停水了||麦地村||",
        "B-6|2024-01-15|||停水了||||",
        "B-7|2024-01-15|||停水了|无此镇|麦田村||",
        "B-8|2024-01-19|||停水了||麦田村||",
        "B-9|2024-01-15|||停水了||麦田村|2024-01-14|",
        "B-10|2024年1月|||停水了||麦田村||",
        "B-11|2024-01-15|||停水了||麦田村||飞走了",
        "B-12|2024-01-15|||停水了||麦田村||",
        "B-12|2024-01-15|||停水了||麦田村||",
        "B-12|2024-01-15|||停电了||麦田村||",
    ]);
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let report = bring(&app, &rows, "工单.xlsx").await;
        let said: Vec<_> =
            report.problems.iter().map(|one| (one.row, one.column.as_str(), one.code.as_str())).collect();
        assert_eq!(
            said,
            [
                (2, "工单编号", "missing_required"),
                (3, "来电时间", "bad_date"),
                (4, "联系电话", "bad_phone"),
                (5, "诉求内容", "missing_required"),
                (6, "所属村", "unknown_division"),
                (7, "所属村", "missing_required"),
                (8, "所属乡镇", "unknown_division"),
                (9, "来电时间", "bad_date"),
                (10, "办理期限", "bad_date"),
                (11, "来电时间", "bad_date"),
                (15, "工单编号", "repeated"),
            ]
        );
        assert_eq!(counts(&report), (2, 0, 1, 11));
        assert!(report.warnings.iter().any(|one| (one.row, one.code.as_str()) == (12, "unknown_state")));
        let two = sheet(&["工单编号|诉求内容|村名", "C-1|停水了|和平村"]);
        let mut tx = app.db.begin().await.unwrap();
        let same = ["411327101230", "411327102230"].map(|place| (code(place), "和平村村民委员会".to_owned()));
        places::store::save_all(&mut tx, &same, today()).await.unwrap();
        tx.commit().await.unwrap();
        let report = bring(&app, &two, "工单.xlsx").await;
        assert_eq!((report.problems[0].code.as_str(), report.problems[0].row), ("ambiguous_division", 2));
    }
}

#[tokio::test]
async fn an_earlier_matter_like_it_speaks_for_the_kind_of_an_order() {
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let first = sheet(&[
            "工单编号|来电时间|诉求内容|诉求类型|所属村|状态|办结时间",
            "D-1|2024-01-10|三组机井电机烧了，浇不上地|机井灌溉|麦田村|已办结|2024-01-12",
        ]);
        assert_eq!(counts(&bring(&app, &first, "a.xlsx").await), (1, 0, 0, 0));
        let next = sheet(&["工单编号|诉求内容|诉求类型|所属村", "D-2|四组机井电机烧了，浇不上麦子|求助|柳溪村"]);
        let report = bring(&app, &next, "a.xlsx").await;
        assert_eq!(report.warnings[0].code, "guessed_kind", "{:?}", report.warnings);
        assert_eq!(matter(&app, "D-2").await.kind, "irrigation");
    }
}

#[tokio::test]
async fn song_brings_the_orders_and_gets_the_failed_rows_back_and_nobody_notes_one_twice() {
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let mut office = browser_of(&app, "office").await;
        let file = sheet(&[
            "工单编号|来电时间|诉求内容|所属村|联系电话",
            "E-1|2024-01-15|停水了|麦田村|",
            "E-2|2024-01-15|停水了|麦田村|13",
        ]);
        office.get("/imports").await.is(200).shows("12345 工单");
        office.upload("/imports", &[("kind", "matters")], ("file", "工单.xlsx", &file)).await.is(303);
        let at = office.page.location().unwrap().trim_end_matches("/mapping").to_owned();
        office.follow().await.is(200).shows("工单编号");
        office.submit(&format!("{at}/mapping"), &[]).await.is(303);
        office.follow().await.is(200).shows("电话有误").shows("种类对不上");
        office.get(&format!("{at}/rejects.xlsx")).await.is(200);
        let book = base::sheet::read(&office.page.bytes, "a.xlsx").unwrap();
        assert_eq!(book.sheets[0].rows.len(), 2);
        office.get(&at).await;
        office.submit(&format!("{at}/apply"), &[("choice", "clean")]).await.is(303);
        office.follow().await.is(200).shows("导入：已完成");
        office.get("/imports/template/matters").await.is(200);

        let mut cadre = browser_of(&app, "cadre").await;
        cadre.get(&format!("/matters/new?village={VILLAGE}")).await.is(200);
        let typed = [("words", "三组又停水了。"), ("channel", "hotline"), ("outside_number", "E-1")];
        cadre.submit("/matters", &typed).await.is(422).shows("这个工单已记为第 1 号事项");
        assert_eq!(count(&app, "select count(*) from matter").await, 1);
    }
}

#[tokio::test]
async fn a_length_of_time_is_counted_from_the_call_over_holidays() {
    for db in databases(&MIGRATIONS).await {
        let app = place(&db).await;
        let file = sheet(&[
            "工单编号|来电时间|诉求内容|所属村|办理时限",
            "GD1|2024-01-12 09:30|水管爆裂。|麦田村|5个工作日",
            "GD2|2023-12-28 16:00|路灯不亮。|麦田村|三个工作日内",
            "GD3|2024-01-15 09:30|垃圾没人清。|麦田村|24小时",
            "GD4|2024-01-15|桥栏断了。|麦田村|限3天内办结",
            "GD5|2024-01-15|井盖没了。|麦田村|尽快",
            "GD6|2015-12-30|机井坏了。|麦田村|2个工作日",
        ]);
        let report = bring(&app, &file, "工单.xlsx").await;
        assert_eq!(counts(&report), (5, 0, 0, 1), "{:?}", report.problems);
        assert_eq!((report.problems[0].row, report.problems[0].code.as_str()), (6, "bad_date"));
        for (number, due) in [
            ("GD1", "2024-01-19 23:59"),
            // The first of January is a holiday, a weekend lies before it.
            ("GD2", "2024-01-03 23:59"),
            ("GD3", "2024-01-16 09:30"),
            ("GD4", "2024-01-18 23:59"),
            // Nobody told this county the holidays of that year.
            ("GD6", "2016-01-01 23:59"),
        ] {
            assert_eq!(matter(&app, number).await.promised_at.unwrap().local_minute(), due, "{number}");
        }
        let unknown: Vec<_> =
            report.warnings.iter().filter(|one| one.code == "no_calendar").map(|one| one.row).collect();
        assert_eq!(unknown, [7]);
    }
}
