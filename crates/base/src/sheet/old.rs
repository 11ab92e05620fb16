//! Old .xls files are measured record by record before they are read: their reader allocates the block that a sheet's
//! outermost cells span, and the block its header claims.

use std::io::{Cursor, Read};

use super::SheetError;

/// Cells a workbook may span or claim, all sheets together.
const MAX_SPANNED: u64 = 8_000_000;

const DIMENSIONS: u16 = 0x0200;
const BOF: u16 = 0x0809;
const FILE_PASS: u16 = 0x002F;
const CELLS: [u16; 10] = [0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E];

#[derive(Default)]
struct Spans {
    first: Option<(u16, u16)>,
    last: (u16, u16),
    total: u64,
}

impl Spans {
    fn reach(&mut self, row: u16, column: u16) {
        let first = self.first.unwrap_or((row, column));
        self.first = Some((first.0.min(row), first.1.min(column)));
        self.last = (self.last.0.max(row), self.last.1.max(column));
    }

    /// Ends a sheet: adds the block between its outermost cells.
    fn close(&mut self) {
        if let Some((row, column)) = self.first.take() {
            self.total += (u64::from(self.last.0 - row) + 1) * (u64::from(self.last.1 - column) + 1);
        }
        self.last = (0, 0);
    }
}

pub(super) fn check(bytes: &[u8]) -> Result<(), SheetError> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|_| SheetError::Broken)?;
    if file.exists("/EncryptedPackage") {
        return Err(SheetError::Encrypted);
    }
    if file.exists("/WordDocument") {
        return Err(SheetError::OtherKind("文档（.doc）"));
    }
    let name = ["/Workbook", "/Book"].into_iter().find(|name| file.exists(name));
    let Some(name) = name else { return Err(SheetError::OtherKind("其他办公软件的文件")) };
    let mut stream = Vec::new();
    let open = file.open_stream(name).map_err(|_| SheetError::Broken)?;
    open.take(64 << 20).read_to_end(&mut stream).map_err(|_| SheetError::Broken)?;
    measure(&stream)
}

fn measure(stream: &[u8]) -> Result<(), SheetError> {
    let mut spans = Spans::default();
    let mut rest = stream;
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        let kind = u16::from_le_bytes([head[0], head[1]]);
        let size = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let Some((data, after)) = tail.split_at_checked(size) else { break };
        let word = |at: usize| Some(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?]));
        match kind {
            FILE_PASS if word(0).is_some_and(|kind| kind != 0) => return Err(SheetError::Encrypted),
            BOF => spans.close(),
            DIMENSIONS => spans.total = spans.total.saturating_add(claimed(data)),
            // A run of cells (MulRk, MulBlank) ends with its last column.
            0x00BD | 0x00BE => {
                if let (Some(row), Some(last)) = (word(0), word(size.saturating_sub(2))) {
                    spans.reach(row, word(2).unwrap_or(0));
                    spans.reach(row, last);
                }
            }
            _ if CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (word(0), word(2)) {
                    spans.reach(row, column);
                }
            }
            _ => {}
        }
        if spans.total > MAX_SPANNED {
            return Err(SheetError::TooManyCells);
        }
        rest = after;
    }
    spans.close();
    if spans.total > MAX_SPANNED { Err(SheetError::TooManyCells) } else { Ok(()) }
}

/// Rows × columns that a DIMENSIONS record claims; row numbers are 4 bytes wide in BIFF8, 2 before.
fn claimed(data: &[u8]) -> u64 {
    let word = |at: usize| data.get(at..at + 2).map_or(0, |b| u64::from(u16::from_le_bytes([b[0], b[1]])));
    let long = |at: usize| word(at) + (word(at + 2) << 16);
    let (first, last, left, right) =
        if data.len() >= 14 { (long(0), long(4), word(8), word(10)) } else { (word(0), word(2), word(4), word(6)) };
    last.saturating_sub(first).saturating_mul(right.saturating_sub(left))
}
