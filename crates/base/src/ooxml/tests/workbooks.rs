use std::io::{Cursor, Read};

use rust_xlsxwriter::{Format, Formula, Note, Workbook as Maker};
use zip::ZipArchive;

use crate::{
    ooxml::{At, Content, OoxmlError, Package, Workbook, Write},
    sheet,
};

fn at(text: &str) -> At {
    At::parse(text).expect("a place")
}

fn write(place: &str, content: Content, note: Option<&str>) -> Write {
    Write { at: at(place), content, note: note.map(str::to_owned), like: None }
}

fn number(place: &str, digits: &str) -> Write {
    write(place, Content::Number(digits.into()), Some(&format!("来源 {place}")))
}

/// A form with a merged title, a head of two rows, empty cells with a look, and sums.
fn form() -> Vec<u8> {
    let mut book = Maker::new();
    let money = Format::new().set_num_format("#,##0.00").set_bold();
    let sheet = book.add_worksheet().set_name("月报").expect("a name");
    sheet.merge_range(0, 0, 0, 3, "驻村工作月报表", &Format::new().set_bold()).expect("a title");
    sheet.write(1, 0, "乡镇").expect("a head");
    sheet.merge_range(1, 1, 1, 2, "本月", &Format::new()).expect("a head");
    for (column, head) in ["队伍", "资金"].into_iter().enumerate() {
        sheet.write(2, u16::try_from(column).expect("small") + 1, head).expect("a head");
    }
    for (row, name) in ["苗店镇", "唐庄乡"].into_iter().enumerate() {
        let row = u32::try_from(row).expect("small") + 3;
        sheet.write(row, 0, name).expect("a name");
        sheet.write_blank(row, 1, &money).expect("a cell");
    }
    sheet.write(5, 0, "合计").expect("a name");
    sheet.write(5, 1, Formula::new("=SUM(B4:B5)").set_result("7")).expect("a sum");
    sheet.write(7, 0, "填表人：").expect("a name");
    let other = book.add_worksheet().set_name("汇总").expect("a name");
    other.write(0, 0, Formula::new("=月报!B6*2").set_result("14")).expect("a sum");
    other.write(1, 0, Formula::new("=1+1").set_result("2")).expect("a sum");
    let last = book.add_worksheet().set_name("说明").expect("a name");
    last.write(0, 0, "照实填写").expect("words");
    book.save_to_buffer().expect("a workbook")
}

fn open(bytes: &[u8]) -> Workbook {
    Workbook::open(Package::open(bytes.to_vec()).expect("a file"), bytes).expect("a workbook")
}

fn part(bytes: &[u8], name: &str) -> Option<String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes.to_vec())).expect("a file");
    let mut text = String::new();
    zip.by_name(name).ok()?.read_to_string(&mut text).expect("text");
    Some(text)
}

fn raw(bytes: &[u8]) -> Vec<(String, u32, u64)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes.to_vec())).expect("a file");
    (0..zip.len())
        .map(|index| {
            let entry = zip.by_index_raw(index).expect("a part");
            (entry.name().expect("a name").into_owned(), entry.crc32(), entry.compressed_size())
        })
        .collect()
}

#[test]
fn places_are_called_as_in_the_users_program() {
    for (text, row, column) in [("A1", 1, 1), ("Z9", 9, 26), ("AA10", 10, 27), ("XFD1048576", 1_048_576, 16_384)] {
        assert_eq!(at(text), At { row, column });
        assert_eq!(at(text).to_string(), text);
    }
    for wrong in ["", "A", "1", "A0", "XFE1", "A1048577", "A1B", "ÄA1"] {
        assert_eq!(At::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_form_is_shown_as_it_looks() {
    let book = open(&form());
    assert_eq!(book.sheets().iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["月报", "汇总", "说明"]);
    let grid = book.grid(0).expect("a grid");
    let title = grid.cell(at("C1")).expect("the title");
    assert_eq!((title.at, title.text.as_str(), title.columns), (at("A1"), "驻村工作月报表", 4));
    assert_eq!(grid.cell(at("B2")).map(|cell| (cell.text.as_str(), cell.columns)), Some(("本月", 2)));
    assert!(grid.cell(at("B6")).is_some_and(|cell| cell.formula) && !grid.cell(at("B4")).expect("a cell").formula);
    assert_eq!(grid.cell(at("A8")).map(|cell| cell.text.as_str()), Some("填表人："));
}

#[test]
fn cells_are_filled_where_they_stand_and_nothing_else_changes() {
    let before = form();
    let mut book = open(&before);
    let writes = [
        number("B4", "12.5"),
        number("B5", "3"),
        write("C4", Content::Text("=1+1 <加> & 引号\"".into()), Some("名册")),
        write("C5", Content::Keep, Some("没有填：缺指标")),
        number("B12", "8"),
    ];
    book.fill(0, &writes, "连心").expect("filled");
    let after = book.save().expect("saved");

    let read = sheet::read(&after, "").expect("a workbook");
    let month = &read.sheets[0];
    let said = |place: &str| {
        let place = at(place);
        month.row(place.row).map(|row| row.cell(place.column as usize - 1).show().into_owned()).unwrap_or_default()
    };
    assert_eq!([said("B4"), said("B5"), said("B12"), said("C5")], ["12.5", "3", "8", ""]);
    assert_eq!(said("C4"), "=1+1 <加> & 引号\"", "words, never a formula");
    assert_eq!((said("A1"), said("A6"), said("A8")), ("驻村工作月报表".into(), "合计".into(), "填表人：".into()));
    assert_eq!(month.merges.len(), 2);

    // The sheet keeps its formulas and looks; their last values are gone, in the sheet that looks across too.
    let sheet1 = part(&after, "xl/worksheets/sheet1.xml").expect("the sheet");
    let old1 = part(&before, "xl/worksheets/sheet1.xml").expect("the sheet");
    assert!(sheet1.contains("<f>SUM(B4:B5)</f></c>") && old1.contains("<f>SUM(B4:B5)</f><v>7</v>"), "{sheet1}");
    let style = old1.split("r=\"B4\" s=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a look");
    assert!(sheet1.contains(&format!("<c r=\"B4\" s=\"{style}\"><v>12.5</v></c>")), "{sheet1}");
    for kept in ["<mergeCells", "<pageMargins", "<sheetViews", "A1:D1"] {
        assert_eq!(sheet1.matches(kept).count(), old1.matches(kept).count(), "{kept}");
    }
    let sheet2 = part(&after, "xl/worksheets/sheet2.xml").expect("the sheet");
    assert!(!sheet2.contains("<v>14</v>") && sheet2.contains("<v>2</v>"), "only what looks across: {sheet2}");
    assert!(part(&after, "xl/workbook.xml").expect("the book").contains("fullCalcOnLoad=\"1\""));

    // Parts that nobody needed to touch are the same bytes.
    let touched = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/workbook.xml", "[Content_Types].xml"];
    let (old, new) = (raw(&before), raw(&after));
    for entry in old.iter().filter(|(name, ..)| !touched.contains(&name.as_str())) {
        assert!(new.contains(entry), "{} changed", entry.0);
    }
    assert!(new.iter().any(|(name, ..)| name == "xl/worksheets/sheet3.xml"));

    // Comments: words, boxes, and how the sheet finds them.
    let comments = part(&after, "xl/comments1.xml").expect("comments");
    assert!(comments.contains("ref=\"B4\"") && comments.contains("来源 B4") && comments.contains("没有填：缺指标"));
    let boxes = part(&after, "xl/drawings/vmlDrawing1.vml").expect("boxes");
    assert_eq!(boxes.matches("ObjectType=\"Note\"").count(), 5);
    assert!(boxes.contains("<x:Row>3</x:Row><x:Column>1</x:Column>"), "{boxes}");
    let rels = part(&after, "xl/worksheets/_rels/sheet1.xml.rels").expect("relations");
    assert!(rels.contains("/xl/comments1.xml") && rels.contains("/xl/drawings/vmlDrawing1.vml"));
    assert!(sheet1.contains("<legacyDrawing ") && sheet1.ends_with("</worksheet>"));
    let types = part(&after, "[Content_Types].xml").expect("types");
    assert!(types.contains("PartName=\"/xl/comments1.xml\"") && types.contains("Extension=\"vml\""));
}

#[test]
fn comments_join_those_that_are_there() {
    let mut maker = Maker::new();
    let sheet = maker.add_worksheet();
    sheet.insert_note(0, 0, &Note::new("上级的批注").set_author("市委办")).expect("a note");
    sheet.write(0, 1, "表").expect("words");
    let before = maker.save_to_buffer().expect("a workbook");
    let mut book = open(&before);
    book.fill(0, &[number("A1", "5"), number("B2", "6")], "连心").expect("filled");
    let after = book.save().expect("saved");
    let comments = part(&after, "xl/comments1.xml").expect("comments");
    assert!(comments.contains("上级的批注") && comments.contains("来源 A1") && comments.contains("来源 B2"));
    assert!(comments.contains("<author>市委办</author><author>连心</author>"), "{comments}");
    assert_eq!(comments.matches("<comment ").count(), 2, "one cell, one comment");
    let boxes = part(&after, "xl/drawings/vmlDrawing1.vml").expect("boxes");
    assert_eq!(boxes.matches("ObjectType=\"Note\"").count(), 2);
    assert_eq!(part(&after, "xl/comments2.xml"), None);
    // A second fill of the same file.
    let mut again = open(&after);
    again.fill(0, &[number("B2", "7"), number("C3", "8")], "连心").expect("filled again");
    let again = again.save().expect("saved");
    let boxes = part(&again, "xl/drawings/vmlDrawing1.vml").expect("boxes");
    assert_eq!(boxes.matches("ObjectType=\"Note\"").count(), 3);
    let value = sheet::read(&again, "").expect("a workbook");
    assert_eq!(value.sheets[0].row(2).expect("a row").cell(1).show(), "7");
}

#[test]
fn a_list_goes_on_below_in_the_look_of_its_first_row() {
    let before = form();
    let mut book = open(&before);
    let row = |n: u32| Write {
        at: At { row: 4 + n, column: 2 },
        content: Content::Text(format!("第{n}人")),
        note: None,
        like: Some(at("B4")),
    };
    let writes: Vec<Write> = [0, 1, 6, 7, 8].map(row).into();
    book.fill(0, &writes, "连心").expect("filled");
    let after = book.save().expect("saved");
    let sheet1 = part(&after, "xl/worksheets/sheet1.xml").expect("the sheet");
    let style =
        sheet1.split("r=\"B4\" s=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a look").to_owned();
    for place in ["B10", "B11", "B12"] {
        assert!(sheet1.contains(&format!("<c r=\"{place}\" s=\"{style}\" t=\"inlineStr\">")), "{place}: {sheet1}");
    }
    let rows: Vec<u32> =
        sheet1.split("<row r=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect();
    assert!(rows.is_sorted(), "rows stand in order: {rows:?}");
    assert_eq!(part(&after, "xl/comments1.xml"), None, "no note, no comments");
}

#[test]
fn a_document_is_no_workbook_and_a_torn_one_is_said() {
    let bytes = form();
    let torn = {
        let mut package = Package::open(bytes.clone()).expect("a file");
        package.put("xl/worksheets/sheet1.xml", "<worksheet><sheetData></worksheet>".into());
        package.save().expect("saved")
    };
    let error = Workbook::open(Package::open(torn.clone()).expect("a file"), &torn).err();
    assert!(matches!(error, Some(OoxmlError::Broken(_))), "{error:?}");
}
