use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::ooxml::{Block, Document, Fill, OoxmlError, Package, Place, Run, Style, Workbook, Writer, WriterCell};

fn form() -> Vec<u8> {
    let mut writer = Writer::new("帮扶情况统计表");
    writer.line(Style::Title, "帮扶情况统计表");
    writer.paragraph(
        Style::Body,
        &[
            Run::plain("填报单位：{{填报"),
            Run { text: "单位}}".into(), bold: true, raised: false },
            Run::plain("（盖章）"),
        ],
    );
    let head = ["项目", "本期", "累计"].map(|head| WriterCell::new(head).head()).to_vec();
    let rows = ["引进资金", "打机井"].map(|name| [name, "", ""].map(WriterCell::new).to_vec());
    let names = vec![WriterCell::new(""), WriterCell::new("").over(2)];
    writer.table(&[2, 1, 1], 1, &[vec![head], rows.to_vec(), vec![names]].concat());
    writer.line(Style::Note, "说明：{{说明}}");
    writer.save().expect("a document")
}

fn open(bytes: &[u8]) -> Document {
    Document::open(Package::open(bytes.to_vec()).expect("a file")).expect("a document")
}

fn part(bytes: &[u8], name: &str) -> Option<String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes.to_vec())).expect("a file");
    let mut text = String::new();
    zip.by_name(name).ok()?.read_to_string(&mut text).expect("text");
    Some(text)
}

fn table(document: &Document) -> Vec<Vec<String>> {
    let found = document.blocks().expect("blocks").into_iter().find_map(|block| match block {
        Block::Table(rows) => Some(rows),
        Block::Paragraph(_) => None,
    });
    let rows = found.expect("a table").into_iter();
    rows.map(|row| row.cells.into_iter().map(|cell| cell.text).collect()).collect()
}

fn cell(table: usize, row: usize, cell: usize, text: &str) -> Fill {
    let place = Place::Cell { table, row, cell };
    Fill { place, text: Some(text.into()), note: Some(format!("来源 {row}.{cell}")) }
}

#[test]
fn what_was_written_is_read_again() {
    let bytes = form();
    assert_eq!(bytes, form(), "the same input gives the same bytes");
    let document = open(&bytes);
    let blocks = document.blocks().expect("blocks");
    assert_eq!(blocks[0], Block::Paragraph("帮扶情况统计表".into()));
    assert_eq!(document.marks().expect("marks"), ["填报单位", "说明"], "a mark may be cut into runs");
    let rows = table(&document);
    assert_eq!(rows[0], ["项目", "本期", "累计"]);
    assert_eq!(rows[3].len(), 2, "a cell over two columns is one");
    assert!(Workbook::open(Package::open(bytes.clone()).expect("a file"), &bytes).is_err());
}

#[test]
fn cells_and_marks_are_filled_with_comments_and_the_rest_stays() {
    let before = form();
    let mut document = open(&before);
    let mark = |name: &str, text: Option<&str>, note: &str| Fill {
        place: Place::Mark(name.into()),
        text: text.map(str::to_owned),
        note: Some(note.into()),
    };
    let fills = [
        cell(1, 2, 2, "12.5"),
        cell(1, 2, 3, "<7 & 8>"),
        Fill {
            place: Place::Cell { table: 1, row: 3, cell: 2 }, text: None, note: Some("没有填：缺指标".into())
        },
        mark("填报单位", Some("社旗县驻村办"), "来源 地方"),
        mark("说明", Some("无"), "来源 手写"),
    ];
    document.fill(&fills, "连心", "2024-01-18").expect("filled");
    let after = document.save().expect("saved");
    let again = open(&after);
    let rows = table(&again);
    assert_eq!(rows[1], ["引进资金", "12.5", "<7 & 8>"]);
    assert_eq!(rows[2], ["打机井", "", ""]);
    let blocks = again.blocks().expect("blocks");
    assert!(blocks.contains(&Block::Paragraph("填报单位：社旗县驻村办（盖章）".into())), "{blocks:?}");
    assert!(again.marks().expect("marks").is_empty());

    let text = part(&after, "word/document.xml").expect("the document");
    assert_eq!(text.matches("<w:commentReference ").count(), 5);
    assert_eq!(text.matches("<w:commentRangeStart ").count(), text.matches("<w:commentRangeEnd ").count());
    let comments = part(&after, "word/comments.xml").expect("comments");
    for words in ["来源 2.2", "没有填：缺指标", "来源 地方", "w:author=\"连心\"", "2024-01-18T00:00:00Z"]
    {
        assert!(comments.contains(words), "{words}: {comments}");
    }
    assert!(part(&after, "word/_rels/document.xml.rels").expect("relations").contains("/word/comments.xml"));
    assert!(part(&after, "[Content_Types].xml").expect("types").contains("comments+xml"));
    assert_eq!(part(&before, "word/styles.xml"), part(&after, "word/styles.xml"));

    // A second fill joins the comments that are there.
    let mut second = open(&after);
    second.fill(&[cell(1, 3, 3, "9")], "连心", "2024-02-01").expect("filled again");
    let second = second.save().expect("saved");
    let comments = part(&second, "word/comments.xml").expect("comments");
    assert!(comments.contains("w:id=\"5\"") && comments.contains("来源 3.3") && comments.contains("来源 2.2"));
}

#[test]
fn a_row_is_copied_for_a_longer_list() {
    let mut document = open(&form());
    document.grow(1, 3, 2).expect("grown");
    let fills = [cell(1, 3, 1, "甲"), cell(1, 4, 1, "乙"), cell(1, 5, 1, "丙")];
    document.fill(&fills, "连心", "2024-01-18").expect("filled");
    let rows = table(&open(&document.save().expect("saved")));
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), ["项目", "引进资金", "甲", "乙", "丙", ""]);
    let mut other = open(&form());
    assert!(other.grow(2, 1, 1).is_err() && other.fill(&[cell(1, 9, 1, "x")], "连心", "2024-01-18").is_err());
}

#[test]
fn a_field_that_asks_another_program_is_refused() {
    let mut package = Package::open(form()).expect("a file");
    let text = package.need("word/document.xml").expect("the document");
    let field = "<w:r><w:instrText xml:space=\"preserve\"> DDEAUTO c:\\\\x.exe </w:instrText></w:r></w:p>";
    let at = text.find("</w:p>").expect("a paragraph");
    package.put("word/document.xml", format!("{}{field}{}", &text[..at], &text[at + 6..]));
    let bytes = package.save().expect("saved");
    let error = Package::open(bytes).err().expect("refused");
    assert!(matches!(&error, OoxmlError::External { target, .. } if target.starts_with("DDEAUTO")), "{error}");
}
