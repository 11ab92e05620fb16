//! Rules by table, forms uploaded, tied and filled by their people on both databases, and the demo's forms.

mod demo;
mod files;
mod pages;
mod rules;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook};

/// A county's form as the city might send it: a merged title, a head of two rows, a row a township, sums, a list below.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    // The same bytes whenever it is made.
    let made = ExcelDateTime::from_ymd(2024, 1, 18).expect("a day");
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let look = Format::new().set_bold();
    let sheet = book.add_worksheet().set_name("月报").expect("a name");
    sheet.merge_range(0, 0, 0, 4, "驻村工作月报", &look).expect("a title");
    sheet.write(1, 0, "填报单位").expect("words");
    for (row, words) in [(2, "序号"), (3, "")] {
        sheet.write(row, 0, words).expect("words");
    }
    sheet.write(2, 1, "乡镇").expect("words");
    sheet.merge_range(2, 2, 2, 3, "在岗", &look).expect("a head");
    sheet.write(3, 2, "驻村第一书记").expect("words");
    sheet.write(3, 3, "引进帮扶资金（元）").expect("words");
    for (at, name) in ["苗店镇", "唐庄", "石桥镇"].into_iter().enumerate() {
        let row = u32::try_from(at).expect("small") + 4;
        sheet.write(row, 0, row - 3).expect("a number");
        sheet.write(row, 1, name).expect("words");
        sheet.write_blank(row, 2, &look).expect("a cell");
        sheet.write_blank(row, 3, &look).expect("a cell");
    }
    sheet.write(7, 1, "合计").expect("words");
    sheet.write(7, 2, Formula::new("=SUM(C5:C7)").set_result("0")).expect("a sum");
    let list = book.add_worksheet().set_name("名册").expect("a name");
    for (column, head) in ["姓名", "派驻村"].into_iter().enumerate() {
        let column = u16::try_from(column).expect("small");
        list.write(0, column, head).expect("words");
        list.write_blank(1, column, &look).expect("a cell");
    }
    list.write(2, 0, "填表人：").expect("words");
    book.save_to_buffer().expect("a workbook")
}
