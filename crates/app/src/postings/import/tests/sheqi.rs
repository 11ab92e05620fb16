use std::collections::{BTreeSet, HashSet};

use base::sheet::{Format, read};
use serde_json::Value;

use super::{super::*, outcome_of, places, today};
use crate::{
    imports::{Mapping, Report, template},
    postings::PostRole,
};

const ROSTER_FILE: &[u8] = include_bytes!("../../../../testdata/rosters/sheqi_roster.xlsx");
const KEY: &str = include_str!("../../../../testdata/rosters/sheqi_roster.key.json");

#[test]
fn the_county_roster_is_read_to_the_row() {
    let key: Value = serde_json::from_str(KEY).unwrap();
    let (_, outcome) = outcome_of(ROSTER_FILE, "sheqi_roster.xlsx");
    let rejected: Vec<(u64, &str)> = outcome.problems.iter().map(|p| (u64::from(p.spot.row), p.code)).collect();
    let expected: Vec<(u64, &str)> = key["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["row"].as_u64().unwrap(), row["code"].as_str().unwrap()))
        .collect();
    assert_eq!(rejected, expected, "{:#?}", outcome.problems);
    assert_eq!(outcome.read as u64, key["rows"].as_u64().unwrap());
    assert_eq!(outcome.rows.len() as u64, key["postings"].as_u64().unwrap());
    assert_eq!(outcome.read, outcome.rows.len() + outcome.rejected() + outcome.repeated.len());
    assert_eq!(outcome.warnings, []);
    assert_eq!(outcome.unknown_columns, Vec::<String>::new());

    let people: HashSet<PersonKey> = outcome.rows.iter().map(RosterRow::person).collect();
    assert_eq!(people.len() as u64, key["cadres"].as_u64().unwrap());
    let firsts = outcome.rows.iter().filter(|row| row.role == PostRole::FirstSecretary).count();
    assert_eq!(firsts as u64, key["first_secretaries"].as_u64().unwrap());
    let villages: BTreeSet<_> = outcome.rows.iter().map(|row| row.village).collect();
    assert_eq!(villages.len() as u64, key["villages"].as_u64().unwrap());
    for sample in key["sample"].as_array().unwrap() {
        let text = |name: &str| sample[name].as_str().unwrap();
        let number = u32::try_from(sample["row"].as_u64().unwrap()).unwrap();
        let row = outcome.rows.iter().find(|row| row.spot.row == number).unwrap();
        assert_eq!(row.name, text("name"));
        assert_eq!(row.id.as_ref().unwrap().reveal(), text("id"));
        assert!(row.birth.unwrap().to_string().starts_with(text("birth")), "{number}");
        assert_eq!(row.phone.as_ref().unwrap().as_str(), text("phone"));
        assert_eq!(row.village.to_string(), text("village_code"));
        assert_eq!(row.role, read_role(text("role")).unwrap().role);
        assert_eq!(row.since.to_string(), text("since"));
    }
    let zhang = outcome.rows.iter().find(|row| row.spot.row == 295).unwrap();
    assert_eq!(zhang.name, "张龙");
    assert_eq!(zhang.ethnicity.as_deref(), Some("汉族"));
}

#[test]
fn problems_name_the_column_and_the_cure() {
    let (_, outcome) = outcome_of(ROSTER_FILE, "sheqi_roster.xlsx");
    let shown: Vec<String> =
        outcome.problems.iter().map(|p| format!("{} {} {}", p.spot.row, p.column, p.message.zh())).collect();
    assert!(shown[0].starts_with("18 派驻村 “桥头镇”没有“不存在的村”"), "{}", shown[0]);
    assert_eq!(outcome.problems[1].column, "到村时间");
    assert_eq!(outcome.problems[2].column, "身份证号");
    assert_eq!(outcome.problems[3].column, "姓名");
    assert!(shown[6].contains("第 67 行"), "{}", shown[6]);
    assert!(!shown.iter().any(|line| line.contains("999999")), "no message shows an identity number");
}

#[test]
fn failed_rows_come_back_and_can_be_mended() {
    let (book, outcome) = outcome_of(ROSTER_FILE, "sheqi_roster.xlsx");
    let places = places();
    let context = Context { places: &places, today: today(), assume_since: None };
    let report = Report::of(&outcome);
    let mut table = rejects(&book, &Mapping::default(), &context, &report.problems, &outcome.inherited);
    assert_eq!(table.rows.len(), 7);
    let again = |table: &base::sheet::Table| {
        let bytes = table.to_bytes(Format::Xlsx).unwrap();
        interpret(&read(&bytes, "未导入.xlsx").unwrap(), &Mapping::default(), &context)
    };
    let same = again(&table);
    // The seventh clashed with a row that is not in this sheet; alone it is good.
    assert_eq!((same.read, same.rejected(), same.rows.len()), (7, 6, 1), "{:#?}", same.problems);
    assert_eq!(same.unknown_columns, Vec::<String>::new());
    let column = |header: &str| table.layout.columns.iter().position(|column| column.header == header).unwrap();
    let (village, since, name) = (column("派驻村"), column("到村时间"), column("姓名"));
    table.rows[0][village] = "桥头街村".into();
    table.rows[1][since] = "2023年12月".into();
    table.rows[3][name] = "何小满".into();
    let mended = again(&table);
    assert_eq!((mended.rejected(), mended.rows.len()), (3, 4), "{:#?}", mended.problems);
}

#[test]
fn the_template_is_empty_and_reads_as_such() {
    let bytes = template(&ROSTER).to_bytes(Format::Xlsx).unwrap();
    let (book, outcome) = outcome_of(&bytes, "模板.xlsx");
    assert_eq!(book.sheets[1].name, "填表说明");
    assert_eq!((outcome.read, outcome.problems.len()), (0, 0), "{:#?}", outcome.problems);
    let guess =
        guess(&book.sheets[0], &Mapping::default(), &Context { places: &places(), today: today(), assume_since: None });
    let fields: Vec<_> = guess.unwrap().fields.into_iter().flatten().collect();
    assert_eq!(fields, ROSTER.fields.iter().map(|field| field.key).collect::<Vec<_>>());
}
