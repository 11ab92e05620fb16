//! Data to PDF. Seven documents, each a plain struct here and a `.typ` template in `templates/`, set by Typst:
//!
//! | document | for | paper |
//! |---|---|---|
//! | [`cards`] 便民联心卡 | the wall of a household | A4, eight a page, cut marks |
//! | [`boards`] 身份牌 | the wall of a village office | A3 across, one village a page |
//! | [`letters`] 选派通知 | the person appointed | A4, one letter a person |
//! | [`roster`] 花名册 | the office's file | A4 across |
//! | [`handover`] 交接簿 | three parties who sign | A4 |
//! | [`dossier`] 一人一档 | the office's file | A4 |
//! | [`briefing`] 简报 | whoever it is sent to | A4 |
//!
//! Cards, boards and letters are made for runs of tens of thousands: set in chunks on two threads, joined into one
//! file in which fonts stand once, with progress and a stop ([`Watch`]). The others are one piece.
//!
//! Pure: no database, no clock, no network, no system font; the same input gives the same bytes. What a template reads
//! is data and never becomes code. An office may replace a template ([`Press::replace`]); one that does not compile is
//! refused with its line. Characters that the font lacks, and pictures that cannot be read, are named in [`Printed`].

mod boards;
mod briefing;
mod cards;
mod code;
mod dossier;
mod handover;
mod join;
mod letters;
mod picture;
mod press;
mod roster;
mod run;
mod table;

pub use boards::{Board, Boards, Party, boards};
pub use briefing::{Briefing, BriefingParagraph, briefing};
pub use cards::{Card, Cards, cards};
pub use dossier::{Dossier, Fact, Group, Quarter, Section, dossier};
pub use handover::{Handover, OpenGroup, OpenItem, Signer, Visit, handover, handovers};
pub use letters::{Letter, Letters, letters};
pub use picture::Picture;
pub use press::{Date, Press, Template};
pub use roster::{Roster, roster};
pub use run::{Printed, Watch};
pub use table::{Column, Pair, Side, Table};

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("没有可打印的内容，请先选择要打印的对象。")]
    Empty,
    #[error("打印已停止，没有生成文件。")]
    Stopped,
    #[error("第 {row} 项的二维码内容过长，请缩短网址。")]
    CodeTooLong { row: usize },
    #[error("表格第 {row} 行有 {cells} 格，表头有 {columns} 格，请核对。")]
    Uneven { row: usize, cells: usize, columns: usize },
    /// The template does not compile: `line` counts from 1 where Typst knows it.
    #[error("模板 {template} {}有误：{message}", line.map(|line| format!("第 {line} 行")).unwrap_or_default())]
    Template { template: String, line: Option<usize>, message: String },
    #[error("生成 PDF 失败：{0}")]
    Pdf(String),
    #[error("写入文件失败：{0}")]
    Write(#[from] std::io::Error),
}
