//! CSV in the encodings and with the separators that offices save.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::{
    SheetError,
    book::{Book, Gather},
    write::unguard,
};

pub(super) fn read(bytes: &[u8], file_name: &str) -> Result<Book, SheetError> {
    refuse_other_kinds(bytes)?;
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(SheetError::Empty);
    }
    let start = text.trim_start().get(..1).unwrap_or("");
    if start == "<" {
        return Err(SheetError::OtherKind("网页或 XML 格式的导出文件"));
    }
    let mut gather = Gather::default();
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    gather.begin(name.rsplit_once('.').map_or(name, |(stem, _)| stem), false, false);
    rows(&text, &mut gather)?;
    Ok(gather.finish())
}

fn refuse_other_kinds(bytes: &[u8]) -> Result<(), SheetError> {
    const KINDS: [(&[u8], &str); 8] = [
        (b"%PDF", " PDF 文件"),
        (b"\x89PNG", "图片"),
        (b"\xFF\xD8\xFF", "图片"),
        (b"GIF8", "图片"),
        (b"Rar!", "压缩包"),
        (b"7z\xBC\xAF", "压缩包"),
        (b"\x1F\x8B", "压缩包"),
        (b"{\\rtf", "文档（.rtf）"),
    ];
    if [b"MZ".as_slice(), b"\x7FELF", b"#!/"].iter().any(|magic| bytes.starts_with(magic)) {
        return Err(SheetError::Program);
    }
    match KINDS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, kind)) => Err(SheetError::OtherKind(kind)),
        None => Ok(()),
    }
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetError> {
    let decoded = if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return std::str::from_utf8(rest).map(Cow::Borrowed).map_err(|_| SheetError::Encoding);
    } else if bytes.starts_with(b"\xFF\xFE") {
        UTF_16LE.decode_with_bom_removal(bytes)
    } else if bytes.starts_with(b"\xFE\xFF") {
        UTF_16BE.decode_with_bom_removal(bytes)
    } else if bytes.contains(&0) {
        // No text of these encodings holds a zero byte.
        return Err(SheetError::OtherKind("二进制文件"));
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    } else {
        GB18030.decode_with_bom_removal(bytes)
    };
    let (text, had_errors) = decoded;
    if had_errors { Err(SheetError::Encoding) } else { Ok(text) }
}

/// The separator that the first lines hold most often, outside quotes. Comma when there is none: one column.
fn separator(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b'\t', 0), (b';', 0)];
    let mut quoted = false;
    let mut lines = 0;
    for byte in text.bytes() {
        quoted ^= byte == b'"';
        lines += usize::from(byte == b'\n');
        if lines > 20 {
            break;
        }
        for (mark, count) in &mut counts {
            *count += usize::from(!quoted && byte == *mark);
        }
    }
    let best = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == best).map_or(b',', |(mark, _)| *mark)
}

/// Rows are numbered as a spreadsheet program shows them: blank lines count, line breaks inside quotes do not.
fn rows(text: &str, gather: &mut Gather) -> Result<(), SheetError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut number = 0;
    while reader.read_record(&mut record).map_err(|_| SheetError::Broken)? {
        let start = record.position().map_or(0, csv::Position::byte);
        number += 1 + blank_lines(text.as_bytes(), usize::try_from(start).unwrap_or(usize::MAX));
        for (column, field) in record.iter().enumerate() {
            let cell = gather.text(unguard(field));
            gather.put(number, column, cell)?;
        }
    }
    Ok(())
}

/// The reader passes over blank lines in silence: counts those between where it stood and the next record.
fn blank_lines(text: &[u8], start: usize) -> u32 {
    let ends_last = start > 0 && text.get(start - 1) == Some(&b'\r') && text.get(start) == Some(&b'\n');
    let rest = text.get(start + usize::from(ends_last)..).unwrap_or_default();
    let mut lines = 0;
    let mut last = 0;
    for byte in rest {
        match byte {
            b'\n' if last == b'\r' => {}
            b'\r' | b'\n' => lines += 1,
            _ => break,
        }
        last = *byte;
    }
    lines
}
