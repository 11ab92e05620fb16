//! A zip file is measured before anything is made of it: by its directory, then by really unpacking it into nothing.

use std::io::{Cursor, Read};

use zip::{ZipArchive, result::ZipError};

use super::SheetError;

/// The largest file that is taken, in bytes.
pub const MAX_FILE: usize = 50 << 20;
const MAX_ENTRIES: usize = 200;
const MAX_UNPACKED: u64 = 256 << 20;
const MAX_RATIO: u64 = 100;
/// Tags in one part. `<si/>` is 5 bytes packed to almost none and 24 bytes of memory each.
const MAX_TAGS: u64 = 16_000_000;

/// `Ok` when the archive is an .xlsx that unpacks to a reasonable size.
pub(super) fn check(bytes: &[u8]) -> Result<(), SheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetError::Broken)?;
    kind(&archive)?;
    measure(&mut archive, bytes.len())
}

/// `Ok` when an archive of so many bytes is not encrypted and unpacks to a reasonable size.
pub(crate) fn measure(archive: &mut ZipArchive<Cursor<&[u8]>>, size: usize) -> Result<(), SheetError> {
    if archive.len() > MAX_ENTRIES {
        return Err(SheetError::Bomb);
    }
    let allowed = MAX_UNPACKED.min(MAX_RATIO * u64::try_from(size).unwrap_or(u64::MAX));
    let mut claimed = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(|_| SheetError::Broken)?;
        if entry.encrypted() {
            return Err(SheetError::Encrypted);
        }
        claimed = claimed.saturating_add(entry.size());
    }
    if claimed > allowed {
        return Err(SheetError::Bomb);
    }
    unpack(archive, allowed)
}

/// The directory may lie; what comes out does not.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, allowed: u64) -> Result<(), SheetError> {
    let mut left = allowed;
    let mut buffer = vec![0_u8; 64 << 10];
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => SheetError::Encrypted,
            _ => SheetError::Broken,
        })?;
        let mut tags = 0_u64;
        loop {
            let count = entry.read(&mut buffer).map_err(|_| SheetError::Broken)?;
            let Some(piece) = buffer.get(..count).filter(|piece| !piece.is_empty()) else { break };
            let size = u64::try_from(count).unwrap_or(u64::MAX);
            left = left.checked_sub(size).ok_or(SheetError::Bomb)?;
            tags += piece.iter().map(|byte| u64::from(*byte == b'<')).sum::<u64>();
            if tags > MAX_TAGS {
                return Err(SheetError::TooManyCells);
            }
        }
    }
    Ok(())
}

fn kind(archive: &ZipArchive<Cursor<&[u8]>>) -> Result<(), SheetError> {
    let has = |part: &str| archive.index_for_name(part).is_some();
    if has("xl/workbook.xml") || has("xl/Workbook.xml") {
        Ok(())
    } else if has("xl/workbook.bin") {
        Err(SheetError::OtherKind("二进制工作簿（.xlsb）"))
    } else if has("content.xml") {
        Err(SheetError::OtherKind("OpenDocument 文件（.ods、.odt）"))
    } else if has("word/document.xml") {
        Err(SheetError::OtherKind("文档（.docx）"))
    } else if has("ppt/presentation.xml") {
        Err(SheetError::OtherKind("演示文稿（.pptx）"))
    } else if archive.is_empty() {
        Err(SheetError::Broken)
    } else {
        Err(SheetError::OtherKind("压缩包"))
    }
}
