use base::testing::databases;
use serde_json::Value;

use super::{FileKind, SHEQI, bare, bring, bring_to, consistent, count, counts, id, sheet};
use crate::{app::MIGRATIONS, imports::code};

const KEY: &str = include_str!("../../../testdata/rosters/sheqi_roster.key.json");
const HEAD: &str = "乡镇|派驻村|姓名|性别|身份证号|派出单位|驻村职务|联系电话|到村时间|离任时间";

fn roster(rows: &[String]) -> Vec<u8> {
    let lines: Vec<&str> = std::iter::once(HEAD).chain(rows.iter().map(String::as_str)).collect();
    sheet(&lines)
}

/// One posting: village, name, number of the fictional ID, role, phone, since, until.
fn row(village: &str, name: &str, n: u32, role: &str, phone: &str, days: (&str, &str)) -> String {
    let gender = if n % 2 == 1 { "男" } else { "女" };
    format!("苗店镇|{village}|{name}|{gender}|{}|县水利局|{role}|{phone}|{}|{}", id(n), days.0, days.1)
}

fn codes(report: &crate::imports::Report) -> Vec<(u64, &str)> {
    report.problems.iter().map(|problem| (u64::from(problem.row), problem.code.as_str())).collect()
}

#[tokio::test]
async fn the_county_roster_goes_into_a_database_that_holds_only_divisions() {
    let key: Value = serde_json::from_str(KEY).unwrap();
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let report = bring(&app, FileKind::Roster, SHEQI, "sheqi_roster.xlsx").await;
        let expected: Vec<(u64, &str)> = key["rejected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (row["row"].as_u64().unwrap(), row["code"].as_str().unwrap()))
            .collect();
        assert_eq!(codes(&report), expected);
        assert_eq!((report.read, counts(&report)), (293, (286, 0, 0, 7)));
        assert!(report.applied && report.batch.as_ref().is_some_and(|batch| batch.created && batch.number == 1));
        assert!(!report.units_created.is_empty());
        assert_eq!(count(&app, "select count(*) from unit").await as usize, report.units_created.len());
        assert_eq!(count(&app, "select count(*) from posting").await, 286);
        assert_eq!(count(&app, "select count(*) from audit where action = 'import.roster'").await, 1);
        consistent(&app).await;
        let again = bring(&app, FileKind::Roster, SHEQI, "sheqi_roster.xlsx").await;
        assert_eq!(counts(&again), (0, 0, 286, 7));
        assert!(!again.applied && again.units_created.is_empty());
        assert_eq!(codes(&again), expected);
    }
}

#[tokio::test]
async fn what_a_later_roster_says_new_is_taken_and_nothing_else() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let first = roster(&[
            row("司庄村", "甘小满", 1, "第一书记", "13000000001", ("2023-06-08", "")),
            row("司庄村", "何立夏", 2, "队员", "13000000002", ("2023-06-08", "")),
        ]);
        assert_eq!(counts(&bring(&app, FileKind::Roster, &first, "一.xlsx").await), (2, 0, 0, 0));
        let changed = roster(&[
            row("司庄村", "甘小满", 1, "第一书记", "13000000009", ("2023-06-08", "")),
            row("司庄村", "何立夏", 2, "队员", "", ("2023.06", "")),
        ]);
        let report = bring(&app, FileKind::Roster, &changed, "二.xlsx").await;
        assert_eq!(counts(&report), (0, 1, 1, 0), "another phone is news, a blank or a coarser day is none");
        assert_eq!(count(&app, "select count(*) from person where phone = '13000000009'").await, 1);
        assert_eq!(counts(&bring(&app, FileKind::Roster, &changed, "二.xlsx").await), (0, 0, 2, 0));
        consistent(&app).await;
    }
}

#[tokio::test]
async fn one_who_leaves_makes_room_in_the_same_file_whatever_the_order() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let first = roster(&[row("司庄村", "甘小满", 1, "第一书记", "13000000001", ("2023-06-08", ""))]);
        bring(&app, FileKind::Roster, &first, "一.xlsx").await;
        let taken = roster(&[row("司庄村", "何立夏", 2, "第一书记", "13000000002", ("2024-01-10", ""))]);
        let report = bring(&app, FileKind::Roster, &taken, "二.xlsx").await;
        assert_eq!((counts(&report), codes(&report)), ((0, 0, 0, 1), vec![(2, code::TWO_POSTINGS)]));
        let change = roster(&[
            row("司庄村", "何立夏", 2, "第一书记", "13000000002", ("2024-01-10", "")),
            row("司庄村", "甘小满", 1, "第一书记", "13000000001", ("2023-06-08", "2024-01-10")),
            row("柳营村", "甘小满", 1, "队员", "13000000001", ("2024-01-10", "")),
        ]);
        let report = bring(&app, FileKind::Roster, &change, "三.xlsx").await;
        assert_eq!(counts(&report).3, usize::from(!report.problems.is_empty()), "{:?}", report.problems);
        assert_eq!(count(&app, "select count(*) from posting where state = 'ended'").await, 1);
        assert_eq!(count(&app, "select count(*) from village_post").await, 1);
        consistent(&app).await;
        let again = bring(&app, FileKind::Roster, &change, "三.xlsx").await;
        assert_eq!((again.created, again.updated), (0, 0));
    }
}

#[tokio::test]
async fn somebody_already_posted_elsewhere_is_said_at_the_row() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let first = roster(&[row("司庄村", "甘小满", 1, "队员", "13000000001", ("2023-06-08", ""))]);
        bring(&app, FileKind::Roster, &first, "一.xlsx").await;
        let second = sheet(&[
            "村代码|姓名|身份证号|派出单位|驻村职务|到村时间",
            &format!("411327101201|甘小满|{}|县水利局|队员|2023-09-01", id(1)),
            &format!("411327101201|何立夏|{}|县水利局|队员|2023-09-01", id(2)),
        ]);
        let report = bring(&app, FileKind::Roster, &second, "二.xlsx").await;
        assert_eq!((counts(&report), codes(&report)), ((1, 0, 0, 1), vec![(2, code::TWO_POSTINGS)]));
        assert!(report.problems[0].message.contains("已派驻在别处"));
        consistent(&app).await;
    }
}

#[tokio::test]
async fn a_roster_without_id_numbers_knows_its_people_again() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let by_phone = "苗店镇驻村干部花名册,,,,,\n村名,姓名,选派单位,驻村身份,手机,任职时间\n\
                        司庄,甘 小满,县水利局,第一书记,１３０００００００01,2023年6月\n合计,1,,,,\n";
        let report = bring(&app, FileKind::Roster, by_phone.as_bytes(), "名册.csv").await;
        assert_eq!((counts(&report), report.problems.len()), ((1, 0, 0, 0), 0), "{:?}", report.problems);
        assert_eq!(counts(&bring(&app, FileKind::Roster, by_phone.as_bytes(), "名册.csv").await), (0, 0, 1, 0));
        let by_birth = "乡镇,派驻村,姓名,出生年月,派出单位,驻村职务,到村时间\n\
                        唐庄乡,唐庄村,何立夏,1988.05,县财政局,队员,2023.06\n";
        let report = bring(&app, FileKind::Roster, by_birth.as_bytes(), "名册.csv").await;
        assert_eq!(report.rejected + report.created, 1, "{:?}", report.problems);
        let again = bring(&app, FileKind::Roster, by_birth.as_bytes(), "名册.csv").await;
        assert_eq!(again.created, 0, "the same file again brings nobody twice");
        consistent(&app).await;
    }
}

#[tokio::test]
async fn a_write_that_is_cut_off_leaves_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = bare(&db).await;
        let cut = bring_to(&app, FileKind::Roster, SHEQI, "a.xlsx", Some(super::COUNTY), false).await.unwrap();
        assert_eq!(cut.created, 286);
        for table in ["posting", "person", "unit", "batch", "fact", "rollup_day", "post_holder", "task"] {
            let query = match table {
                "posting" => "select count(*) from posting",
                "person" => "select count(*) from person",
                "unit" => "select count(*) from unit",
                "batch" => "select count(*) from batch",
                "fact" => "select count(*) from fact",
                "rollup_day" => "select count(*) from rollup_day",
                "post_holder" => "select count(*) from post_holder",
                _ => "select count(*) from task",
            };
            assert_eq!(count(&app, query).await, 0, "{table}");
        }
        let whole = bring(&app, FileKind::Roster, SHEQI, "a.xlsx").await;
        assert_eq!(counts(&whole), (286, 0, 0, 7));
    }
}
