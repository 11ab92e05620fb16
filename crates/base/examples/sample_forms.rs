//! Makes the two forms that the demo fills: `cargo run -p lianxin-base --example sample_forms -- crates/app/data/forms`.
//! Forms of our own making, in the way that higher offices draw theirs.

use std::{error::Error, fs, path::Path};

use lianxin_base::{
    ooxml::{Run, Style, Writer, WriterCell},
    sheet::MAX_FILE,
};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet};

/// The townships of 社旗, as a county's form prints them.
const TOWNSHIPS: [&str; 16] = [
    "赵河街道",
    "潘河街道",
    "赊店镇",
    "桥头镇",
    "饶良镇",
    "兴隆镇",
    "晋庄镇",
    "李店镇",
    "苗店镇",
    "郝寨镇",
    "朱集镇",
    "下洼镇",
    "太和镇",
    "大冯营镇",
    "陌陂镇",
    "唐庄乡",
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("sample_forms DIRECTORY")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for (name, bytes) in [("驻村工作月报表.xlsx", monthly()?), ("帮扶情况统计表.docx", support()?)] {
        assert!(bytes.len() < MAX_FILE, "a form is small");
        fs::write(folder.join(name), &bytes)?;
        println!("{name}: {} bytes", bytes.len());
    }
    Ok(())
}

fn ruled() -> Format {
    Format::new()
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_font_name("宋体")
        .set_font_size(11)
}

fn monthly() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2024, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title("驻村工作月报表").set_creation_datetime(&made));
    report(book.add_worksheet().set_name("月报")?)?;
    roster(book.add_worksheet().set_name("第一书记名册")?)?;
    Ok(book.save_to_buffer()?)
}

fn report(sheet: &mut Worksheet) -> Result<(), Box<dyn Error>> {
    let title = Format::new()
        .set_bold()
        .set_font_size(18)
        .set_font_name("黑体")
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter);
    let (cell, head) = (ruled(), ruled().set_bold().set_text_wrap());
    let money = ruled().set_num_format("#,##0.00");
    let plain = Format::new().set_font_name("宋体").set_font_size(11);
    sheet.set_row_height(0, 34)?.set_row_height(3, 30)?;
    for (column, width) in [6.0, 14.0, 10.0, 10.0, 10.0, 11.0, 11.0, 13.0, 13.0, 12.0].into_iter().enumerate() {
        sheet.set_column_width(u16::try_from(column)?, width)?;
    }
    sheet.merge_range(0, 0, 0, 9, "驻村工作月报表", &title)?;
    sheet.merge_range(1, 0, 1, 1, "填报单位：", &plain)?.merge_range(1, 2, 1, 4, "", &plain)?;
    sheet.write_with_format(1, 5, "时间：", &plain)?.merge_range(1, 6, 1, 9, "", &plain)?;
    for (column, words) in [(0, "序号"), (1, "乡镇（街道）"), (9, "备注")] {
        sheet.merge_range(2, column, 3, column, words, &head)?;
    }
    sheet.merge_range(2, 2, 2, 4, "在岗队伍", &head)?;
    sheet.merge_range(2, 5, 2, 6, "解决群众事项（件）", &head)?;
    sheet.merge_range(2, 7, 2, 8, "强村富民（本年累计）", &head)?;
    let heads = [
        "第一书记（人）",
        "工作队员（人）",
        "工作队（支）",
        "本月",
        "历年累计",
        "引进帮扶资金（万元）",
        "新办合作社（个）",
    ];
    for (at, words) in heads.into_iter().enumerate() {
        sheet.write_with_format(3, u16::try_from(at)? + 2, words, &head)?;
    }
    for (at, name) in TOWNSHIPS.into_iter().enumerate() {
        let row = u32::try_from(at)? + 4;
        sheet.write_with_format(row, 0, u32::try_from(at)? + 1, &cell)?;
        sheet.write_with_format(row, 1, name, &cell)?;
        for column in 2..10_u16 {
            sheet.write_blank(row, column, if column == 7 { &money } else { &cell })?;
        }
    }
    let sums = 4 + u32::try_from(TOWNSHIPS.len())?;
    sheet.merge_range(sums, 0, sums, 1, "合计", &head)?;
    for column in 2..9_u16 {
        let letter = char::from(b'A' + u8::try_from(column)?);
        let format = if column == 7 { &money } else { &cell };
        let sum = Formula::new(format!("=SUM({letter}5:{letter}{sums})")).set_result("0");
        sheet.write_formula_with_format(sums, column, sum, format)?;
    }
    sheet.write_blank(sums, 9, &cell)?;
    sheet.merge_range(sums + 1, 0, sums + 1, 1, "填表日期：", &plain)?;
    sheet.merge_range(sums + 1, 2, sums + 1, 4, "", &plain)?;
    sheet.merge_range(sums + 1, 5, sums + 1, 9, "说明：在岗队伍按月末，其余按发生日期。", &plain)?;
    sheet.set_landscape().set_print_fit_to_pages(1, 1).set_repeat_rows(2, 3)?;
    Ok(())
}

fn roster(sheet: &mut Worksheet) -> Result<(), Box<dyn Error>> {
    let (cell, head) = (ruled(), ruled().set_bold());
    let title = Format::new().set_bold().set_font_size(16).set_font_name("黑体").set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, 8, "驻村第一书记名册", &title)?;
    let heads = ["序号", "乡镇", "派驻村", "姓名", "性别", "出生年月", "派出单位", "到岗日期", "联系电话"];
    for (at, words) in heads.into_iter().enumerate() {
        sheet.write_with_format(1, u16::try_from(at)?, words, &head)?;
        sheet.write_blank(2, u16::try_from(at)?, &cell)?;
    }
    for (column, width) in [6.0, 12.0, 14.0, 10.0, 6.0, 11.0, 30.0, 13.0, 15.0].into_iter().enumerate() {
        sheet.set_column_width(u16::try_from(column)?, width)?;
    }
    sheet.set_freeze_panes(2, 0)?;
    Ok(())
}

fn support() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = Writer::new("帮扶情况统计表");
    writer.line(Style::Title, "帮扶情况统计表");
    writer.paragraph(
        Style::Note,
        &[
            Run::plain("填报单位：{{填报单位}}　　　时间：{{时间}}　　　"),
            Run { text: "单位公章".into(), bold: true, raised: false },
        ],
    );
    let head = ["类别", "项目", "计量单位", "本期", "历年累计"].map(|head| WriterCell::new(head).head()).to_vec();
    let groups: [(&str, &[(&str, &str)]); 2] = [
        (
            "强村富民",
            &[
                ("引进帮扶资金", "万元"),
                ("引进致富项目", "个"),
                ("新办合作社", "个"),
                ("帮销农副产品", "吨"),
                ("解决就业", "人"),
            ],
        ),
        ("为民办事", &[("新建改建民居", "户"), ("打机井", "眼"), ("安装路灯", "盏")]),
    ];
    let mut rows = vec![head];
    for (group, items) in groups {
        for (at, (item, unit)) in items.iter().enumerate() {
            let mut first = WriterCell::new(if at == 0 { group } else { "" }).head();
            first.rows = Some(at == 0);
            let cells = [*item, *unit, "", ""].map(WriterCell::new);
            rows.push(std::iter::once(first).chain(cells).collect());
        }
    }
    writer.table(&[16, 30, 16, 19, 19], 1, &rows);
    writer.line(Style::Body, "截至填报之日，在岗驻村第一书记{{第一书记}}名，驻村工作队{{工作队}}支，队员{{队员}}名。");
    writer.line(Style::Note, "说明：一、“本期”按填报的时间段；二、“历年累计”从头算起。");
    Ok(writer.save()?)
}
