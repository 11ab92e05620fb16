//! Rosters as other offices keep them.

use base::sheet::{Column, Format, Layout, Table};
use rust_xlsxwriter::{ExcelDateTime, Workbook, Worksheet};

use super::{super::*, id, outcome_of, outcome_with};
use crate::{
    imports::{Mapping, Outcome, Spot},
    people::Gender,
    postings::PostRole,
};

fn made(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

fn put(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
        sheet.write_string(row, column, *text).unwrap();
    }
}

/// One sheet from lines of cells, the first line in the given row (from 0).
fn sheet_of(first: u32, lines: &[&[&str]]) -> Vec<u8> {
    made(|workbook| {
        let sheet = workbook.add_worksheet();
        for (row, line) in (first..).zip(lines) {
            put(sheet, row, line);
        }
    })
}

fn table(lines: &[&[&str]]) -> Outcome<RosterRow> {
    outcome_of(&sheet_of(0, lines), "名单.xlsx").1
}

fn clean(outcome: &Outcome<RosterRow>, rows: usize) {
    assert_eq!(outcome.problems, [], "{:#?}", outcome.problems);
    assert_eq!((outcome.read, outcome.rows.len()), (rows, rows));
}

fn codes(outcome: &Outcome<RosterRow>) -> Vec<(u32, &str)> {
    outcome.problems.iter().map(|problem| (problem.spot.row, problem.code)).collect()
}

const HEAD: &[&str] = &["姓名", "身份证号", "派出单位", "驻村职务", "乡镇", "派驻村", "到村时间", "离任时间"];

#[test]
fn a_sheet_per_township_and_one_of_instructions() {
    let (one, two) = (id(1), id(2));
    let bytes = made(|workbook| {
        put(workbook.add_worksheet().set_name("说明").unwrap(), 0, &["一、按乡镇分表填写。"]);
        let head = &["村名", "姓名", "身份证号", "工作单位", "类别", "任职时间"];
        let miao = workbook.add_worksheet().set_name("赊店镇").unwrap();
        put(miao, 0, head);
        put(miao, 1, &["周庄", "甘小满", &one, "县民政局", "第一书记", "2023.06"]);
        let qiao = workbook.add_worksheet().set_name("Sheet3").unwrap();
        put(qiao, 0, &["桥头镇驻村干部花名册"]);
        put(qiao, 1, head);
        put(qiao, 2, &["许庄村", "何立夏", &two, "县审计局", "队员", "2023.06"]);
        let draft = workbook.add_worksheet().set_name("底稿").unwrap().set_hidden(true);
        put(draft, 0, head);
        put(draft, 1, &["不在的村", "作废", "", "", "", ""]);
    });
    let (_, outcome) = outcome_of(&bytes, "分乡镇.xlsx");
    clean(&outcome, 2);
    assert_eq!(outcome.rows[0].spot, Spot { sheet: "赊店镇".into(), row: 2 });
    let places = super::places();
    assert_eq!(places.name(outcome.rows[0].village.parent()), "赊店镇");
    assert_eq!(places.name(outcome.rows[1].village.parent()), "桥头镇");
}

#[test]
fn a_header_in_row_six_with_codes_and_a_mapping_by_hand() {
    let person = id(3);
    let lines: &[&[&str]] = &[
        &["社旗县"],
        &["驻村人员情况表"],
        &["填报时间：2024年1月"],
        &[""],
        &[""],
        &["*姓名", "公民身份\n号码", "选派单位（全称）", "岗位", "统计用区划代码", "派驻起始\n时间", "备 注", "血型"],
        &["甘小满", &person, "县民政局", "工作队长", "411327107212", "2023年6月8日", "", "A"],
    ];
    let bytes = sheet_of(0, lines);
    let (book, outcome) = outcome_of(&bytes, "表.xlsx");
    clean(&outcome, 1);
    assert_eq!(outcome.unknown_columns, ["血型"]);
    assert_eq!(outcome.rows[0].village.to_string(), "411327107212");
    assert_eq!((outcome.rows[0].role, outcome.rows[0].leads_team), (PostRole::Leader, true));
    let mapping = Mapping { columns: [(7, Some("note".to_owned()))].into(), ..Mapping::default() };
    let (_, mapped) = outcome_with(&bytes, "表.xlsx", &mapping);
    assert_eq!(mapped.rows[0].note.as_deref(), Some("A"));
    assert_eq!(book.sheets.len(), 1);
}

#[test]
fn a_full_path_in_one_cell_and_a_period_in_another() {
    let people: Vec<String> = (10..16).map(id).collect();
    let head: &[&str] = &["姓名", "身份证号码", "派驻村（乡镇+村）", "工作单位及职务", "职务", "任期"];
    let mut lines: Vec<Vec<&str>> = vec![head.to_vec()];
    let villages = [
        "苗店镇司庄村",
        "社旗县苗店镇司庄村民委员会",
        "苗店司庄",
        "社旗县-苗店镇-司庄村",
        "司庄村",
        "南阳市社旗县苗店镇 司庄",
    ];
    for (village, person) in villages.iter().zip(&people) {
        lines.push(vec!["甘小满", person, village, "县民政局副科长", "队员", "2023.06-2025.06"]);
    }
    let lines: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
    let outcome = table(&lines);
    clean(&outcome, 6);
    let places = super::places();
    for row in &outcome.rows {
        assert_eq!(places.name(row.village), "司庄村民委员会");
        assert_eq!((row.unit.as_str(), row.position.as_deref()), ("县民政局", Some("副科长")));
        assert_eq!(row.until.map(|until| until.to_string()).as_deref(), Some("2025-06"));
        assert_eq!(row.role, PostRole::Member);
    }
}

#[test]
fn split_names_townships_carried_down_and_bands() {
    let people: Vec<String> = (20..25).map(id).collect();
    let p = |n: usize| people[n].as_str();
    let outcome = table(&[
        &["姓", "名", "身份证号", "单位", "驻村身份", "乡镇", "村", "驻村时间"],
        &["甘", "小满", p(0), "县民政局", "第一书记", "赊店", "周庄", "2023.6"],
        &["何", "立夏", p(1), "县民政局", "队员", "", "周庄村", "2023.6"],
        &["", "", "", "", "", "", "", ""],
        &["欧阳", "白露", p(2), "县民政局", "队员", "", "官寺村", "2023.6"],
    ]);
    clean(&outcome, 3);
    assert_eq!(outcome.rows[2].name, "欧阳白露");
    assert_eq!(outcome.rows[0].village, outcome.rows[1].village);
    let bands = table(&[
        &["姓名", "身份证号", "单位", "驻村身份", "村", "驻村时间"],
        &["一、赊店镇"],
        &["何立夏", p(3), "县民政局", "队员", "周庄村", "2023.6"],
        &["二、桥头镇（1人）"],
        &["甘小满", p(4), "县民政局", "队员", "许庄", "2023.6"],
        &["填表人：某某", "", "审核人：某某"],
    ]);
    clean(&bands, 2);
}

#[test]
fn gb18030_english_headers_and_columns_in_any_order() {
    let csv = format!(
        "村,姓名,手机,单位,类别,开始时间,身份证\r\n司庄村,甘小满,13000004127,县民政局,第一书记,2023/6/8,{}\r\n",
        id(30)
    );
    let bytes = encoding_rs::GB18030.encode(&csv).0.into_owned();
    clean(&outcome_of(&bytes, "名单.csv").1, 1);
    let english = format!(
        "village_code,role,name,id_number,unit,since,until,gender\n411327107212,member,甘小满,{},县民政局,2023-06-08,,female\n",
        id(31)
    );
    let (_, outcome) = outcome_of(english.as_bytes(), "roster.csv");
    clean(&outcome, 1);
    assert_eq!(outcome.rows[0].gender, Some(Gender::Female));
}

#[test]
fn numbers_dates_and_the_month_that_lost_its_zero() {
    let person = id(40);
    let bytes = made(|workbook| {
        let sheet = workbook.add_worksheet();
        put(sheet, 0, &["姓名", "身份证号", "单位", "职务", "村", "到村时间", "电话", "入党时间"]);
        put(sheet, 1, &["甘小满", &person, "县民政局", "队员", "司庄村"]);
        sheet.write(1, 5, 45_085).unwrap();
        sheet.write(1, 6, 13_000_004_127_f64).unwrap();
        sheet.write(1, 7, 2010.1).unwrap();
        put(sheet, 2, &["何立夏", "", "县民政局", "队员", "司庄村"]);
        sheet.write(2, 1, 999_999_198_005_030_400_f64).unwrap();
        let date = rust_xlsxwriter::Format::new().set_num_format("yyyy\"年\"m\"月\"");
        sheet.write_with_format(2, 5, ExcelDateTime::from_ymd(2023, 6, 1).unwrap(), &date).unwrap();
    });
    let (_, outcome) = outcome_of(&bytes, "数字.xlsx");
    assert_eq!(codes(&outcome), [(3, "bad_id_number")]);
    assert!(outcome.problems[0].message.zh().contains("丢失"));
    assert_eq!(outcome.rows[0].since.to_string(), "2023-06-08");
    assert_eq!(outcome.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["ambiguous_date"]);
}

#[test]
fn two_row_headers_without_merges() {
    let person = id(45);
    let outcome = table(&[
        &["社旗县驻村干部名册"],
        &["序号", "姓名", "身份证号", "派出单位", "驻村", "", "", "职级"],
        &["", "", "", "", "职务", "村", "时间", ""],
        &["1", "甘小满", &person, "县民政局", "队员", "司庄村", "2023.06", "一级科员"],
        &["小计", "1人"],
    ]);
    clean(&outcome, 1);
}

#[test]
fn every_kind_of_problem_is_said() {
    let people: Vec<String> = (50..70).map(id).collect();
    let p = |n: usize| people[n].as_str();
    let unit = "县民政局";
    let outcome = table(&[
        HEAD,
        &["甘一", p(0), unit, "队员", "", "周庄村", "2023.06", ""],
        &["甘二", p(1), unit, "队员", "", "司装村", "2023.06", ""],
        &["甘三", p(2), unit, "队员", "苗甸镇", "司庄村", "2023.06", ""],
        &["甘四", p(3), unit, "队员", "", "司庄村", "2023.06", "2022.06"],
        &["甘五", p(4), "13000004127", "队员", "", "司庄村", "2023.06", ""],
        &["甘六", p(5), unit, "会计", "", "司庄村", "2023.06", ""],
        &["甘七", p(6), unit, "队员", "", "司庄村", "2033.06", ""],
        &["甘八", p(7), unit, "队员", "", "司庄村", "1992.06", ""],
        &["甘九", "", unit, "队员", "", "司庄村", "2023.06", ""],
        &["甘十", p(8), "", "队员", "", "", "", ""],
    ]);
    let expected = [
        (2, "ambiguous_division"),
        (3, "unknown_division"),
        (4, "unknown_division"),
        (5, "end_before_start"),
        (6, "bad_unit"),
        (7, "unknown_role"),
        (8, "bad_date"),
        (9, "bad_date"),
        (10, "missing_required"),
        (11, "missing_required"),
        (11, "missing_required"),
        (11, "missing_required"),
    ];
    assert_eq!(codes(&outcome), expected, "{:#?}", outcome.problems);
    assert_eq!((outcome.read, outcome.rejected()), (10, 10));
    assert!(outcome.problems[0].suggestion.as_deref().unwrap().contains("赊店镇周庄"));
    assert_eq!(outcome.problems[1].suggestion.as_deref(), Some("司庄村"));
    assert_eq!(outcome.problems[2].suggestion.as_deref().unwrap(), "苗店镇");
}

#[test]
fn one_post_at_a_time_and_the_later_row_yields() {
    let people: Vec<String> = (70..80).map(id).collect();
    let p = |n: usize| people[n].as_str();
    let unit = "县民政局";
    let outcome = table(&[
        HEAD,
        &["甘一", p(0), unit, "第一书记", "", "司庄村", "2021.06", "2023.06"],
        &["甘一", p(0), unit, "第一书记", "", "官寺村", "2023.06", ""],
        &["甘一", p(0), unit, "第一书记", "", "官寺村", "2023.06", ""],
        &["甘一", p(0), unit, "队员", "", "漫流寨", "2023.08", ""],
        &["甘二", p(1), unit, "第一书记", "", "司庄村", "2023.06", ""],
        &["甘三", p(2), unit, "驻村第一书记", "", "司庄村", "2023.07", ""],
        &["甘四", p(3), unit, "五星支部创建指导员", "", "司庄村", "2023.07", ""],
    ]);
    assert_eq!(codes(&outcome), [(5, "two_postings"), (7, "two_postings")], "{:#?}", outcome.problems);
    assert!(outcome.problems[0].message.zh().contains("第 3 行"));
    assert!(outcome.problems[1].message.zh().contains("第 6 行 甘二"));
    assert_eq!((outcome.rows.len(), outcome.repeated.len(), outcome.read), (4, 1, 7));
}

#[test]
fn files_without_a_roster_say_what_is_missing() {
    let none = table(&[&["通知"], &["请各单位报送名单。"]]);
    assert_eq!(codes(&none), [(0, "no_header")]);
    let half = table(&[&["姓名", "身份证号", "派出单位"], &["甘小满", "1", "县民政局"]]);
    assert_eq!(codes(&half), [(0, "no_header")]);
    for header in ["驻村职务", "到村时间", "派驻村或村代码"] {
        assert!(half.problems[0].message.zh().contains(header), "{:?}", half.problems[0].message);
    }
}

#[test]
fn without_any_header_the_columns_are_named_by_hand() {
    let (one, two) = (id(95), id(96));
    let bytes = made(|workbook| {
        let sheet = workbook.add_worksheet().set_name("名单").unwrap();
        put(sheet, 0, &["甘小满", &one, "县民政局", "队员", "司庄村", "2023.06", "备用"]);
        put(sheet, 1, &["何立夏", &two, "县民政局", "队员", "官寺村", "2023.06", ""]);
        put(sheet, 2, &["以上共两人，均已到村。"]);
        put(workbook.add_worksheet().set_name("填表说明").unwrap(), 0, &["一、请勿改动。", "二、及时上报。"]);
    });
    assert_eq!(codes(&outcome_of(&bytes, "无表头.xlsx").1), [(0, "no_header")]);
    let keys = ["name", "id_number", "unit", "role", "village", "since"];
    let columns = keys.iter().enumerate().map(|(at, key)| (at, Some((*key).to_owned()))).collect();
    let mapping = Mapping { header_row: Some(0), columns, ..Mapping::default() };
    let (_, outcome) = outcome_with(&bytes, "无表头.xlsx", &mapping);
    // The closing remark stands in the column of names: it may as well be a row somebody began.
    assert_eq!((outcome.read, outcome.rows.len(), outcome.rejected()), (3, 2, 1));
}

#[test]
fn remarks_outside_the_fields_are_no_rows() {
    let person = id(97);
    let outcome = table(&[
        &["序号", "姓名", "身份证号", "单位", "职务", "村", "到村时间"],
        &["1", "甘小满", &person, "县民政局", "队员", "司庄村", "2023.06"],
        &["2"],
        &["以上人员均已到岗。"],
        &["审核人：某某", "", "", "填表时间：2024年1月"],
    ]);
    clean(&outcome, 1);
}

#[test]
fn without_an_id_column_people_are_told_by_name_and_telephone() {
    let outcome = table(&[
        &["姓名", "电话", "单位", "职务", "村", "到村时间"],
        &["甘小满", "13000004127", "县民政局", "第一书记", "司庄村", "2023.06"],
        &["甘小满", "13000004128", "县民政局", "队员", "司庄村", "2023.06"],
        &["甘小满", "13000004127", "县民政局", "队员", "官寺村", "2023.06"],
        &["何立夏", "", "县民政局", "队员", "官寺村", "2023.06"],
    ]);
    assert_eq!(codes(&outcome), [(4, "two_postings"), (5, "missing_required")]);
    assert_eq!(outcome.warnings[0].code, "no_id_column");
}

#[test]
fn an_export_is_read_back_the_same() {
    let lines: &[&[&str]] = &[
        HEAD,
        &["=甘小满", &id(90), "县民政局", "队员", "苗店镇", "司庄村", "2023-06-08", ""],
        &["何立夏", &id(91), "县审计局", "第一书记", "苗店镇", "司庄村", "2023-06", "2025-06"],
    ];
    let columns = lines[0].iter().map(|header| Column::new(header)).collect();
    let rows = lines[1..].iter().map(|line| line.iter().map(|text| (*text).into()).collect()).collect();
    let table = Table { layout: Layout::new("花名册", columns), rows };
    let [csv, xlsx] = [Format::Csv, Format::Xlsx].map(|format| {
        let (_, mut outcome) = outcome_of(&table.to_bytes(format).unwrap(), "导出");
        clean(&outcome, 2);
        outcome.rows.iter_mut().for_each(|row| row.spot.sheet = String::new());
        outcome.rows
    });
    assert_eq!(csv, xlsx);
    assert_eq!(csv[0].name, "=甘小满");
}
