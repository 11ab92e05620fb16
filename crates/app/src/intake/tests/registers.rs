use base::testing::databases;

use super::{FileKind, SHEQI, bare, bring, bring_to, consistent, count, counts, id, sheet};
use crate::app::MIGRATIONS;

#[tokio::test]
async fn divisions_come_once_and_a_new_name_keeps_the_old_one() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let same = bring_to(&app, FileKind::Divisions, super::DIVISIONS, "a.csv", None, true).await.unwrap();
        assert_eq!(counts(&same), (0, 0, same.read, 0));
        let renamed = "code,name\n411327101000,苗店新镇\n411328000000,唐河县\n";
        let report = bring(&app, FileKind::Divisions, renamed.as_bytes(), "b.csv").await;
        assert_eq!(counts(&report), (0, 1, 0, 1), "an office enters its own place only: {:?}", report.problems);
        assert_eq!(count(&app, "select count(*) from division where code = 411327101000").await, 2);
        let report = bring_to(&app, FileKind::Divisions, renamed.as_bytes(), "b.csv", None, true).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 1, 0));
    }
}

#[tokio::test]
async fn a_village_put_into_a_category_is_covered_from_that_day() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        bring(&app, FileKind::Roster, SHEQI, "a.xlsx").await;
        let village = count(&app, "select min(village) from posting where role = 'first_secretary'").await;
        let head = "村代码|村类别|类别起始日|支部星级|户数|集体经济收入|产业|需求|相邻村|队伍人数|经度|纬度";
        let first = sheet(&[
            head,
            &format!(
                "{village}|脱贫村;软弱涣散村|2023-01-01|4|312|12.5|小麦;艾草|产业;水利|411327101201|2|113.05|33.01"
            ),
        ]);
        let report = bring(&app, FileKind::Villages, &first, "村.xlsx").await;
        assert_eq!(counts(&report), (1, 0, 0, 0), "{:?}", report.problems);
        assert_eq!(report.unknown_columns, ["队伍人数"]);
        let weak = "select cast(coalesce(sum(amount), 0) as bigint) from fact \
                    where indicator = 'village.posted.weak_branch'";
        assert_eq!(count(&app, weak).await, 1);
        assert_eq!(count(&app, "select count(*) from village_income where amount = 12500000 and year = 2023").await, 1);
        assert_eq!(count(&app, "select count(*) from village_neighbour").await, 2);
        let again = bring(&app, FileKind::Villages, &first, "村.xlsx").await;
        assert_eq!(counts(&again), (0, 0, 1, 0));
        let next = sheet(&["村代码|村类别|支部星级", &format!("{village}|脱贫村|5")]);
        assert_eq!(counts(&bring(&app, FileKind::Villages, &next, "村.xlsx").await), (0, 1, 0, 0));
        assert_eq!(count(&app, "select count(*) from village_category where until = '2024-01-18'").await, 1);
        assert_eq!(count(&app, weak).await, 0, "no longer counted from today on");
        assert_eq!(counts(&bring(&app, FileKind::Villages, &next, "村.xlsx").await), (0, 0, 1, 0));
        let bad = sheet(&["村代码|村类别|支部星级|相邻村", "411327101201|好村|9|无此村"]);
        let report = bring(&app, FileKind::Villages, &bad, "村.xlsx").await;
        assert_eq!((report.problems.len(), report.rejected), (3, 1), "{:?}", report.problems);
        consistent(&app).await;
    }
}

#[tokio::test]
async fn a_village_that_lacks_somebody_becomes_a_task() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let file = sheet(&["村代码|村类别", "411327101201|脱贫村"]);
        bring(&app, FileKind::Villages, &file, "村.xlsx").await;
        assert_eq!(count(&app, "select count(*) from task where kind = 'vacancy' and done_at is null").await, 1);
    }
}

#[tokio::test]
async fn units_and_people_are_added_changed_and_left_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let units = "单位编号,单位名称,层级,实力强,优势,联系电话\nU1,县水利局,县,1,水利;灌溉,0377-67961234\nU2,市财政局,市,0,,\n";
        assert_eq!(counts(&bring(&app, FileKind::Units, units.as_bytes(), "u.csv").await), (2, 0, 0, 0));
        assert_eq!(counts(&bring(&app, FileKind::Units, units.as_bytes(), "u.csv").await), (0, 0, 2, 0));
        let changed = "单位名称,系统\n县水利局,农口\n";
        assert_eq!(counts(&bring(&app, FileKind::Units, changed.as_bytes(), "u.csv").await), (0, 1, 0, 0));
        assert_eq!(count(&app, "select count(*) from unit_tag").await, 2, "a blank cell erases nothing");
        assert_eq!(count(&app, "select count(*) from unit where strong = 1 and system = '农口'").await, 1);

        let head = "姓名|身份证号|单位|职务|专长|后备|联系电话";
        let people = sheet(&[
            head,
            &format!("甘小满|{}|县水利局|科员|农技;法律|是|13000000001", id(1)),
            "何立夏||县审计局|科员|||13000000002",
            "张三丰|123456|县水利局||||",
        ]);
        let report = bring(&app, FileKind::Cadres, &people, "p.xlsx").await;
        assert_eq!((counts(&report), report.units_created.clone()), ((2, 0, 0, 1), vec!["县审计局".to_owned()]));
        assert_eq!(counts(&bring(&app, FileKind::Cadres, &people, "p.xlsx").await), (0, 0, 2, 1));
        let later = sheet(&["姓名|身份证号|职务", &format!("甘小满|{}|股长", id(1)), "何立夏||"]);
        let report = bring(&app, FileKind::Cadres, &later, "p.xlsx").await;
        assert_eq!(counts(&report), (0, 1, 1, 0), "{:?}", report.problems);
        assert_eq!(count(&app, "select count(*) from person where reserve = 1 and position = '股长'").await, 1);
        assert_eq!(count(&app, "select count(*) from person where id_sealed like '%999999%'").await, 0);
    }
}

#[tokio::test]
async fn a_register_of_households_comes_in_and_goes_out_unchanged() {
    let target = "select cast(coalesce(sum(amount), 0) as bigint) from live_fact where indicator = 'household.target'";
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let head = "村代码|乡镇|村名|户号|户主姓名|村民组|家庭人口|户类别|认定时间";
        let file = sheet(&[
            "苗店镇农户台账||||||||",
            head,
            "411327101201||||邵永安|3组|4|脱贫户|2021.01.01",
            "411327101201|||7|田有余|||监测对象|2023年5月1日",
            "411327101201||||何春和||2|一般农户|2022年6月",
            "|无此镇|司庄村||康大山|||脱贫户|",
            "411327101201||||康大山||四|富裕户|昨天",
            "411327101201||||邵永安||5|脱贫户|",
            "411327101201|||7|康小山|||脱贫户|",
            "411327101201|||||||监测户|",
        ]);
        let report = bring(&app, FileKind::Households, &file, "农户.xlsx").await;
        assert_eq!(counts(&report), (3, 0, 0, 5), "{:?}", report.problems);
        let said: Vec<_> =
            report.problems.iter().map(|one| (one.row, one.column.as_str(), one.code.as_str())).collect();
        assert_eq!(
            said,
            [
                (6, "乡镇", "unknown_division"),
                (7, "认定时间", "bad_date"),
                (7, "户类别", "bad_value"),
                (8, "户主姓名", "repeated"),
                (9, "户主姓名", "repeated"),
                (10, "户主姓名", "missing_required"),
            ]
        );
        assert_eq!(count(&app, target).await, 2);
        assert_eq!(count(&app, "select number from household where head = '何春和'").await, 8, "numbers go on");
        let again = bring(&app, FileKind::Households, &file, "农户.xlsx").await;
        assert_eq!(counts(&again), (0, 0, 3, 5), "{:?}", again.problems);

        // A standing that changes, a head that is called otherwise, and what does not go with the register.
        let later = sheet(&[
            "村代码|户号|户主|户类别|起始日",
            "411327101201||何春和|监测户|2024-01-01",
            "411327101201|7|田有庆|监测户|",
            "411327101201|9|邵永安|脱贫户|",
        ]);
        let report = bring(&app, FileKind::Households, &later, "农户.xlsx").await;
        assert_eq!(counts(&report), (0, 2, 0, 1), "{:?}", report.problems);
        let moved = sheet(&["村代码|户主|户类别|起始日", "411327101201|邵永安|脱贫户|2022-01-01"]);
        let report = bring(&app, FileKind::Households, &moved, "农户.xlsx").await;
        assert_eq!((counts(&report), report.problems[0].code.as_str()), ((0, 0, 0, 1), "bad_date"));
        assert_eq!(count(&app, target).await, 3);
        assert_eq!(count(&app, "select members from household where head = '邵永安'").await, 4, "blanks erase nothing");
        let mut conn = app.db.read().await.unwrap();
        let place = super::code(super::COUNTY);
        let table = crate::intake::export(&mut conn, &app, FileKind::Households, place).await.unwrap();
        let csv = table.to_bytes(base::sheet::Format::Csv).unwrap();
        let report = bring(&app, FileKind::Households, &csv, "农户.csv").await;
        assert_eq!((counts(&report), report.unknown_columns), ((0, 0, 3, 0), vec![]));
        consistent(&app).await;
    }
}
