use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::super::{Book, Cell, SheetError, book::Gather, read};
use crate::kernel::Day;

fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().expect("saved")
}

/// The same archive with some parts rewritten.
fn rezip(bytes: &[u8], change: impl Fn(&str, Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut entry = from.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("read");
        to.start_file(&name, SimpleFileOptions::default()).expect("started");
        to.write_all(&change(&name, content)).expect("written");
    }
    to.finish().expect("finished").into_inner()
}

fn text(book: &Book, sheet: usize, row: u32, column: usize) -> String {
    book.sheets[sheet].row(row).map(|row| row.cell(column).show().into_owned()).unwrap_or_default()
}

#[test]
fn a_workbook_keeps_rows_values_and_merges() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        let date = Format::new().set_num_format("yyyy/m/d");
        sheet.set_name("名单").unwrap();
        sheet.merge_range(2, 1, 4, 1, "苗店镇", &Format::new()).unwrap();
        sheet.write(2, 2, "司庄村").unwrap();
        sheet.write(3, 2, 13_000_054_677_f64).unwrap();
        sheet.write_with_format(4, 2, ExcelDateTime::from_ymd(2023, 6, 8).unwrap(), &date).unwrap();
        sheet.write(4, 3, true).unwrap();
        workbook.add_worksheet().set_name("底稿").unwrap().set_hidden(true);
    });
    let book = read(&bytes, "名单.xlsx").expect("read");
    assert_eq!(book.sheets.len(), 2);
    assert!(book.sheets[1].hidden && !book.sheets[0].hidden);
    assert_eq!(book.sheets[0].rows[0].number, 3);
    for row in 3..=5 {
        assert_eq!(text(&book, 0, row, 1), "苗店镇");
        assert!(book.sheets[0].merge_at(row, 1).is_some());
    }
    assert_eq!(text(&book, 0, 4, 2), "13000054677");
    assert_eq!(book.sheets[0].row(5).unwrap().cell(2), &Cell::Date(Day::new(2023, 6, 8).unwrap()));
    assert_eq!(book.sheets[0].row(5).unwrap().cell(3), &Cell::Bool(true));
    assert_eq!(book.sheets[0].row(5).unwrap().cell(99), &Cell::Empty);
}

#[test]
fn the_1904_calendar_is_heeded() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_with_format(0, 0, 43_623, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    });
    let old = rezip(&bytes, |name, content| {
        let text = String::from_utf8(content).unwrap();
        let changed = text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ");
        if name == "xl/workbook.xml" { changed.into_bytes() } else { text.into_bytes() }
    });
    let book = read(&old, "旧.xlsx").expect("read");
    assert!(book.sheets[0].epoch_1904);
    assert_eq!(book.sheets[0].rows[0].cell(0), &Cell::Date(Day::new(2023, 6, 8).unwrap()));
}

#[test]
fn a_huge_empty_dimension_costs_nothing() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write(0, 0, "姓名").unwrap();
        sheet.write_blank(1_048_575, 300, &Format::new().set_bold()).unwrap();
        sheet.write(1_048_575, 0, "末行").unwrap();
    });
    let book = read(&bytes, "空行.xlsx").expect("read");
    assert_eq!(book.sheets[0].rows.len(), 2);
    assert_eq!(book.sheets[0].rows[1].number, 1_048_576);
    assert_eq!(book.sheets[0].width(), 1);
}

#[test]
fn a_zip_bomb_is_refused_even_when_its_directory_lies() {
    let bytes = workbook(|workbook| {
        workbook.add_worksheet().write(0, 0, "x").unwrap();
    });
    let bomb = rezip(&bytes, |name, content| if name.contains("sheet1") { vec![b' '; 40 << 20] } else { content });
    assert_eq!(read(&bomb, "a.xlsx").err(), Some(SheetError::Bomb));

    let honest = u32::try_from(40_usize << 20).unwrap().to_le_bytes();
    let mut lying = bomb;
    let places: Vec<usize> = (0..lying.len() - 4).filter(|at| lying[*at..*at + 4] == honest).collect();
    assert!(!places.is_empty());
    for at in places {
        lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(read(&lying, "a.xlsx").err(), Some(SheetError::Bomb | SheetError::Broken)));

    let many = {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..=200 {
            zip.start_file(format!("xl/{index}"), SimpleFileOptions::default()).unwrap();
        }
        zip.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    assert_eq!(read(&many, "a.xlsx").err(), Some(SheetError::Bomb));
}

#[test]
fn other_files_are_named() {
    let docx = {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    assert_eq!(read(b"MZ\x90\0\x03", "花名册.xlsx").err(), Some(SheetError::Program));
    assert_eq!(read(b"", "a.csv").err(), Some(SheetError::Empty));
    assert_eq!(read(b"\xEF\xBB\xBF \r\n", "a.csv").err(), Some(SheetError::Empty));
    assert_eq!(read(&vec![b' '; (50 << 20) + 1], "a.csv").err(), Some(SheetError::TooLarge));
    assert!(matches!(read(&docx, "a.xlsx").err(), Some(SheetError::OtherKind(kind)) if kind.contains("docx")));
    assert!(matches!(read(b"%PDF-1.7", "a.xlsx").err(), Some(SheetError::OtherKind(_))));
    assert!(matches!(read(b"<html><table>", "a.xls").err(), Some(SheetError::OtherKind(_))));
    assert!(matches!(read(b"a\0b\0", "a.csv").err(), Some(SheetError::OtherKind(_))));
    assert_eq!(read(b"PK\x03\x04broken", "a.xlsx").err(), Some(SheetError::Broken));
    assert_eq!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1broken", "a.xls").err(), Some(SheetError::Broken));
}

fn compound(stream: &str, content: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(stream).unwrap().write_all(content).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn encrypted_and_swollen_old_files_are_refused() {
    let records = |list: &[(u16, &[u8])]| -> Vec<u8> {
        let record = |(kind, data): &(u16, &[u8])| {
            let size = u16::try_from(data.len()).unwrap();
            [&kind.to_le_bytes()[..], &size.to_le_bytes()[..], *data].concat()
        };
        list.iter().flat_map(record).collect()
    };
    assert_eq!(read(&compound("/EncryptedPackage", b"x"), "a.xlsx").err(), Some(SheetError::Encrypted));
    let pass = records(&[(0x0809, &[0; 16]), (0x002F, &[1, 0, 0, 0])]);
    assert_eq!(read(&compound("/Workbook", &pass), "a.xls").err(), Some(SheetError::Encrypted));
    let far = records(&[(0x0809, &[0; 16]), (0x0203, &[0; 14]), (0x0203, &[0xFF; 14])]);
    assert_eq!(read(&compound("/Workbook", &far), "a.xls").err(), Some(SheetError::TooManyCells));
    let claims = records(&[(0x0809, &[0; 16]), (0x0200, &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0xFF, 0xFF, 0, 0])]);
    assert_eq!(read(&compound("/Workbook", &claims), "a.xls").err(), Some(SheetError::TooManyCells));
}

#[test]
fn an_old_workbook_is_read_like_a_new_one() {
    let book = read(include_bytes!("../../../testdata/old.xls"), "旧.xlsx").expect("read");
    assert_eq!((book.sheets.len(), book.sheets[0].name.as_str(), book.sheets[1].hidden), (2, "名单", true));
    assert_eq!([text(&book, 0, 4, 0), text(&book, 0, 5, 0)], ["苗店镇", "苗店镇"]);
    assert!(book.sheets[0].row(5).unwrap().is_from_above(0));
    assert_eq!(book.sheets[0].row(4).unwrap().cell(3), &Cell::Date(Day::new(2023, 6, 8).unwrap()));
    assert_eq!(text(&book, 0, 4, 4), "13000004127");
    assert_eq!(text(&book, 0, 5, 2), "何立夏");
}

#[test]
fn csv_in_every_encoding_and_separator() {
    let plain = "姓名,村\r\n\r\n\"张,\n三\",司庄村\r\n李四,沙河村";
    let utf16: Vec<u8> = "\u{FEFF}姓名\t村\r\n\r\n\"张,\n三\"\t司庄村\r\n李四\t沙河村"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let utf16be: Vec<u8> =
        "\u{FEFF}姓名;村\n\n\"张,\n三\";司庄村\n李四;沙河村".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let gb = encoding_rs::GB18030.encode(plain).0.into_owned();
    let bom = [b"\xEF\xBB\xBF", plain.as_bytes()].concat();
    for bytes in [plain.as_bytes().to_vec(), utf16, utf16be, gb, bom] {
        let book = read(&bytes, "C:\\桌面\\名单.csv").expect("read");
        assert_eq!(book.sheets[0].name, "名单");
        let numbers: Vec<u32> = book.sheets[0].rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert_eq!(text(&book, 0, 3, 0), "张,\n三");
        assert_eq!(text(&book, 0, 4, 1), "沙河村");
    }
    assert_eq!(read(b"\x81\xff\xfe\x80", "a.csv").err(), Some(SheetError::Encoding));
}

#[test]
fn rows_that_run_backwards_and_wide_emptiness_are_refused() {
    let mut gather = Gather::default();
    gather.begin("a", false, false);
    gather.put(5, 0, Cell::Bool(true)).unwrap();
    assert_eq!(gather.put(4, 0, Cell::Bool(true)), Err(SheetError::Broken));
    let wide = (6..1000).try_for_each(|row| gather.put(row, 16_383, Cell::Bool(true)));
    assert_eq!(wide, Err(SheetError::TooManyCells));
}
