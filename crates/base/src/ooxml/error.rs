//! Why a file is not taken: one sentence with what and where, and what to do.

use std::fmt;

use crate::{i18n::Text, sheet::SheetError, text};

/// A file that is refused as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OoxmlError {
    Empty,
    /// More than [`super::MAX_FILE`].
    TooLarge,
    Encrypted,
    /// An old .xls or .doc.
    Old,
    OtherKind(&'static str),
    /// A part that holds a program.
    Macros(String),
    /// A part that names something outside the file.
    External {
        part: String,
        target: String,
    },
    /// A part that declares a type of its own.
    Dtd(String),
    Bomb,
    /// More cells or paragraphs than a form has.
    TooManyCells(String),
    Broken(String),
}

impl OoxmlError {
    pub(super) fn broken(part: &str) -> Self {
        Self::Broken(part.to_owned())
    }

    /// The sentence for the sender.
    #[must_use]
    pub fn say(&self) -> Text {
        match self {
            Self::Empty => text!("文件是空的，请重新选择"),
            Self::TooLarge => text!("文件超过 {n} MB；报表本身不会这么大，请删去图片后再传", n = super::MAX_FILE >> 20),
            Self::Encrypted => text!("文件设有密码，请取消密码后另存再传"),
            Self::Old => text!("这是旧格式（.xls、.doc），请另存为 .xlsx 或 .docx 再传"),
            Self::OtherKind(kind) => text!("这是{kind}，不是 .xlsx 或 .docx", kind = kind),
            Self::Macros(part) => {
                text!("文件里有宏或控件（{part}），已拒收；请另存为不带宏的 .xlsx 或 .docx 再传", part = part)
            }
            Self::External { part, target } => text!(
                "文件引用了外部内容（{part} 指向 {target}），已拒收；请在软件里断开链接后另存再传",
                part = part,
                target = target
            ),
            Self::Dtd(part) => text!("文件的 {part} 自带类型声明，已拒收；请另存后再传", part = part),
            Self::Bomb => {
                text!("压缩内容异常：展开后过大或条目过多，已拒收；请在软件里另存为新文件再传")
            }
            Self::TooManyCells(part) => text!("{part} 的内容太多，不像一张报表；请删去空白的行列再传", part = part),
            Self::Broken(part) => text!("文件已损坏（{part} 读不出来）；请打开后另存再传", part = part),
        }
    }
}

impl fmt::Display for OoxmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say().zh())
    }
}

impl std::error::Error for OoxmlError {}

impl From<SheetError> for OoxmlError {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Empty => Self::Empty,
            SheetError::TooLarge => Self::TooLarge,
            SheetError::Encrypted => Self::Encrypted,
            SheetError::Bomb => Self::Bomb,
            SheetError::TooManyCells => Self::TooManyCells("xl/worksheets".into()),
            SheetError::OtherKind(kind) => Self::OtherKind(kind),
            SheetError::Program | SheetError::NoSheet | SheetError::Broken | SheetError::Encoding => {
                Self::Broken("xl/workbook.xml".into())
            }
        }
    }
}
