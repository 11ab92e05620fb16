//! The three tables as offices keep them, and the plan as it is written.

use assign::{Options, Watch, solve};
use base::sheet::{Column, Format, Layout, Table, Value};

use crate::dispatch::{Problem, Tables, Which, explain, parameters, read, written};
use crate::packs::Pack;

const VILLAGES: &str = "村代码,名称,类别,队伍人数,需求,指定单位,回避单位,相邻村\n\
    411327100201,甲村,示范创建村,,茶叶；电力,,,411327100202\n\
    411327100202,乙村,任务较轻,1,,,,\n\
    411327101201,丙村,巩固任务较重,,,,,\n";
const UNITS: &str = "单位编号,名称,层级,实力强,所在地,最多队数,优势\nU1,农业农村局,县,否,411327,1,茶叶、水利\n";
const PEOPLE: &str = "人员编号,姓名,单位编号,级别,出生,入党,专长,基层经历,涉农,后备,家乡乡镇,三关\n\
    P1,甲,U1,8,1988.07,2010年7月,茶叶,是,1,0,,1;1;1\n\
    P2,乙,U1,10,1990-01-02,,,0,0,0,411327101000,1；1；1\n\
    P3,丙,U1,10,1990-01-02,,电力,0,0,0,,1;0;1\n";

fn tables(villages: &str, units: &str, people: &str) -> Result<Tables, Vec<Problem>> {
    let mut into = Tables::default();
    let mut problems = Vec::new();
    for (which, text) in [(Which::Villages, villages), (Which::Units, units), (Which::People, people)] {
        problems.extend(read(which, text.as_bytes(), "x.csv", &mut into).err().into_iter().flatten());
    }
    if problems.is_empty() { Ok(into) } else { Err(problems) }
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|one| format!("{} {} {} {}", one.table.code(), one.row, one.column, one.message)).collect()
}

#[test]
fn a_small_county_is_planned_as_by_hand() {
    let Tables { villages, units, people } = tables(VILLAGES, UNITS, PEOPLE).expect("read");
    let pack = Pack::shipped().expect("packs").remove(0);
    let on = base::kernel::Day::parse("2024-01-18").expect("a day").date();
    let problem = assign::Problem { on, parameters: parameters(&pack), villages, units, people };
    let checked = problem.check().expect("no faults");
    let plan = solve(&checked, &Options::default(), Watch::none());
    // 茶叶 of the unit 10, of P1 4, rural 1, agri 1, P1 and P2 under 40: 2 and 2; 丙村 unmet: −1000.
    assert_eq!((plan.objective, plan.bound), (20 - 1000, 20 - 1000));
    let rows: Vec<Vec<String>> = written(&plan)
        .rows
        .iter()
        .map(|row| {
            row.iter().map(|value| if let Value::Text(text) = value { text.clone() } else { String::new() }).collect()
        })
        .collect();
    let expected: [[&str; 5]; 3] = [
        ["411327100201", "U1", "P1", "leader", ""],
        ["411327100201", "U1", "P2", "member", ""],
        ["411327100202", "U1", "", "covered", "411327100201"],
    ];
    assert_eq!(rows, expected.map(|row| row.map(str::to_owned).to_vec()));
    let why = explain(&checked, &plan.unmet[0]);
    assert!(why.starts_with("411327101201 丙村：") && why.contains("实力强的县直单位"), "{why}");
}

#[test]
fn headers_are_taken_in_english_in_any_order_below_a_title() {
    let layout = Layout::new("t", ["c"; 4].into_iter().map(Column::new).collect());
    let row = |cells: [&str; 4]| cells.into_iter().map(Value::from).collect::<Vec<_>>();
    let rows = vec![
        row(["max_teams", "unit_id", "home_code", "level"]),
        row(["2", "U9", "430000000000", "province"]),
        row(["", "", "", ""]),
    ];
    let bytes = Table { layout, rows }.to_bytes(Format::Xlsx).expect("written");
    let mut into = Tables::default();
    read(Which::Units, &bytes, "units.xlsx", &mut into).expect("read");
    assert_eq!((into.units[0].id.as_str(), into.units[0].max_teams), ("U9", 2));
}

#[test]
fn what_is_wrong_is_said_with_its_row_and_column() {
    let units = UNITS.replace("县,否,411327,1", "乡,可能,411327,多");
    let people = PEOPLE.replace("P1,甲,U1,8,1988.07", "P1,甲,U1,,1988.13").replace("1；1；1", "1;1");
    let problems = tables(VILLAGES, &units, &people).expect_err("refused");
    assert_eq!(
        said(&problems),
        [
            "units 2 层级 “乡”不是派驻单位的层级；有：省（province）、市（city）、县（county）",
            "units 2 实力强 “可能”应为 1 或 0（是、否也可以）",
            "units 2 最多队数 “多”不是整数",
            "people 2 级别 没有填",
            "people 2 出生 “1988.13”这个日期不存在，请核对年、月、日",
            "people 3 三关 “1;1”应为三个 1 或 0，用分号隔开，例如 1;1;1",
        ]
    );
    let villages = VILLAGES.replace("类别", "种类");
    assert_eq!(
        said(&tables(&villages, UNITS, PEOPLE).expect_err("refused")),
        ["villages 0  村表缺少这些列：类别（category）"]
    );
}
