use std::{
    fmt,
    io::{Cursor, Read},
};

use proptest::prelude::*;
use zip::ZipArchive;

use super::super::{Cell, Column, Format, Layout, Table, Value, Writer, read};
use crate::kernel::Day;

fn table(rows: Vec<Vec<Value>>) -> Table {
    let columns = vec![Column::new("姓名"), Column::new("驻村职务").choices(&["第一书记", "队员"]).hint("任选一项")];
    let mut layout = Layout::new("花名册[1]", columns);
    layout.explanation = vec![vec!["姓名".into(), "必填".into()]];
    Table { layout, rows }
}

#[test]
fn formulas_stay_text_and_numbers_numbers() {
    let day = Day::new(2023, 6, 1).unwrap();
    let made = table(vec![vec!["=1+1".into(), Value::Number(-3.0)], vec![day.into(), "-3".into()]]);
    let csv = String::from_utf8(made.to_bytes(Format::Csv).unwrap()).unwrap();
    assert_eq!(csv, "\u{FEFF}姓名,驻村职务\r\n'=1+1,-3\r\n2023-06-01,'-3\r\n");

    let bytes = made.to_bytes(Format::Xlsx).unwrap();
    let mut zip = ZipArchive::new(Cursor::new(bytes.as_slice())).unwrap();
    let mut xml = String::new();
    zip.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut xml).unwrap();
    assert!(!xml.contains("<f>"), "no formula is ever written");
    assert!(xml.contains("<autoFilter") && xml.contains("state=\"frozen\"") && xml.contains("<dataValidation "));
    let book = read(&bytes, "a.xlsx").unwrap();
    assert_eq!(book.sheets[0].name, "花名册1");
    assert_eq!(book.sheets[1].name, "填表说明");
    assert_eq!(book.sheets[0].rows[1].cells, [Cell::text("=1+1"), Cell::Number(-3.0)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_written_reads_back(texts in proptest::collection::vec("[-'=+@\t\r＝＋－＠a张,\";\n ]{1,6}", 1..5)) {
        // A blank row is no row; a first cell keeps it.
        let rows: Vec<Vec<Value>> = texts.iter().map(|text| vec!["张三".into(), text.as_str().into()]).collect();
        for format in [Format::Csv, Format::Xlsx] {
            let bytes = table(rows.clone()).to_bytes(format).unwrap();
            let book = read(&bytes, "a").unwrap();
            for (row, text) in book.sheets[0].rows.iter().skip(1).zip(&texts) {
                prop_assert_eq!(row.cell(1).show(), text.as_str(), "{:?}", format);
            }
        }
    }
}

fn read_resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default().to_owned();
    line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

fn many_rows(format: Format) -> Vec<u8> {
    let columns = (0..17).map(|column| Column::new(&format!("列{column}"))).collect();
    let mut writer = Writer::new(Vec::new(), format, &Layout::new("大表", columns)).unwrap();
    for row in 0..20_000_u32 {
        let cell = |column: u32| -> Value {
            let shown: &dyn fmt::Display = &(row * 17 + column);
            if column < 8 { format!("同样{column}").into() } else { format!("值{shown}").into() }
        };
        writer.row(&(0..17).map(cell).collect::<Vec<_>>()).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn many_rows_stay_small() {
    for format in [Format::Csv, Format::Xlsx] {
        let bytes = many_rows(format);
        let before = read_resident();
        let book = read(&bytes, "大表").unwrap();
        assert_eq!(book.sheets[0].rows.len(), 20_001);
        let used = read_resident().saturating_sub(before) / 1024;
        assert!(used < 60, "{format:?}: {used} MB");
    }
}
