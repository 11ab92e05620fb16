use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use crate::ooxml::{Kind, MAX_FILE, OoxmlError, Package};

const TYPES: &str = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Override PartName=\"/xl/workbook.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>";
const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/></Relationships>";

/// A workbook of these parts besides those that every one has.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let usual = [("[Content_Types].xml", TYPES), ("_rels/.rels", RELATIONS), ("xl/workbook.xml", "<workbook/>")];
    let given = |name: &str| parts.iter().any(|(part, _)| *part == name);
    for (name, text) in usual.iter().filter(|(name, _)| !given(name)).chain(parts) {
        out.start_file(*name, SimpleFileOptions::DEFAULT).expect("a part");
        out.write_all(text.as_bytes()).expect("written");
    }
    out.finish().expect("a file").into_inner()
}

fn external(kind: &str, target: &str) -> String {
    format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId9\" \
         Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\" \
         TargetMode=\"External\"/></Relationships>"
    )
}

fn refused(parts: &[(&str, &str)]) -> OoxmlError {
    Package::open(package(parts)).err().expect("refused")
}

#[test]
fn a_sound_file_is_opened_and_knows_what_it_is() {
    assert_eq!(Package::open(package(&[])).expect("a workbook").kind(), Kind::Workbook);
    let link = external("hyperlink", "https://example.org/");
    Package::open(package(&[("xl/worksheets/_rels/sheet1.xml.rels", &link)])).expect("an address may be clicked");
}

#[test]
fn macros_and_controls_are_refused_with_their_part() {
    for part in ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/activeX/activeX1.xml", "word/vbaData.xml"] {
        assert_eq!(refused(&[(part, "x")]), OoxmlError::Macros(part.to_owned()));
    }
    let types = TYPES.replace("spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main");
    assert_eq!(refused(&[("[Content_Types].xml", &types)]), OoxmlError::Macros("xl/workbook.xml".into()));
    assert!(refused(&[("xl/vbaProject.bin", "x")]).to_string().contains("xl/vbaProject.bin"));
}

#[test]
fn what_points_outside_is_refused_with_its_target() {
    let rels = "xl/worksheets/_rels/sheet1.xml.rels";
    for (kind, target) in [
        ("oleObject", "file:///C:/x.xlsx"),
        ("image", "http://example.org/x.png"),
        ("attachedTemplate", "\\\\server\\x.dotm"),
        ("hyperlink", "file:///etc/passwd"),
        ("hyperlink", "javascript:alert(1)"),
    ] {
        let error = refused(&[(rels, &external(kind, target))]);
        assert_eq!(error, OoxmlError::External { part: rels.into(), target: target.into() }, "{kind}");
        assert!(error.to_string().contains(rels) && error.to_string().contains(target));
    }
    let part = "xl/externalLinks/externalLink1.xml";
    let rels = "xl/externalLinks/_rels/externalLink1.xml.rels";
    let error = refused(&[(part, "<externalLink/>"), (rels, &external("externalLinkPath", "上级.xlsx"))]);
    assert!(error.to_string().contains("上级.xlsx"), "{error}");
}

#[test]
fn bombs_doctypes_passwords_and_other_files_are_refused() {
    let zeros = " ".repeat(8 << 20);
    assert_eq!(refused(&[("xl/worksheets/sheet1.xml", &zeros)]), OoxmlError::Bomb);
    let names: Vec<String> = (0..220).map(|n| format!("xl/media/{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert_eq!(refused(&many), OoxmlError::Bomb);
    let laughs = "<!DOCTYPE a [<!ENTITY b \"c\">]><Relationships>&b;</Relationships>";
    assert_eq!(
        refused(&[("xl/_rels/workbook.xml.rels", laughs)]),
        OoxmlError::Dtd("xl/_rels/workbook.xml.rels".into())
    );
    assert_eq!(Package::open(Vec::new()).err(), Some(OoxmlError::Empty));
    assert_eq!(Package::open(vec![b'P'; MAX_FILE + 1]).err(), Some(OoxmlError::TooLarge));
    assert!(matches!(Package::open(b"hello".to_vec()).err(), Some(OoxmlError::OtherKind(_))));
    assert!(matches!(Package::open(b"PK\x03\x04 broken".to_vec()).err(), Some(OoxmlError::Broken(_))));
    let mut old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    old.extend([0; 600]);
    assert_eq!(Package::open(old.clone()).err(), Some(OoxmlError::Old));
    old.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(Package::open(old).err(), Some(OoxmlError::Encrypted));
    let deep = format!("<Relationships>{}{}</Relationships>", "<a>".repeat(300), "</a>".repeat(300));
    assert!(matches!(refused(&[("xl/_rels/workbook.xml.rels", &deep)]), OoxmlError::Broken(_)));
    for (part, kind) in [("ppt/presentation.xml", "演示文稿"), ("content.xml", "OpenDocument")] {
        let error = refused(&[("_rels/.rels", "<Relationships/>"), (part, "<x/>")]);
        assert!(error.to_string().contains(kind), "{error}");
    }
}

#[test]
fn what_nobody_changed_is_saved_as_it_was_packed() {
    let bytes = package(&[("xl/media/a.png", "picture"), ("xl/styles.xml", "<styleSheet/>")]);
    let mut package = Package::open(bytes.clone()).expect("a workbook");
    package.put("xl/styles.xml", "<styleSheet><fonts/></styleSheet>".into());
    let saved = package.save().expect("saved");
    let read = |bytes: &[u8], name: &str| {
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).expect("a file");
        let mut entry = zip.by_name(name).expect("a part");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).expect("text");
        (entry.compressed_size(), entry.crc32(), text)
    };
    for part in ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/media/a.png"] {
        assert_eq!(read(&bytes, part), read(&saved, part), "{part}");
    }
    assert_eq!(read(&saved, "xl/styles.xml").2, "<styleSheet><fonts/></styleSheet>");
}
