//! Why a file is not read: one sentence for the user, with what to do.

use std::fmt;

use crate::{i18n::Text, text};

/// A file that is refused as a whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SheetError {
    Empty,
    TooLarge,
    Program,
    Encrypted,
    Bomb,
    TooManyCells,
    NoSheet,
    OtherKind(&'static str),
    Broken,
    Encoding,
}

impl SheetError {
    /// The sentence for the sender.
    #[must_use]
    pub fn say(&self) -> Text {
        match self {
            Self::Empty => text!("文件是空的，请重新选择"),
            Self::TooLarge => text!("文件超过 50 MB，请拆成几个文件，或删去其中的图片后再传"),
            Self::Program => text!("这不是表格文件，而是程序文件（虽然名字像表格），已拒收"),
            Self::Encrypted => text!("工作簿设有密码，请在表格软件中取消密码后另存再传"),
            Self::Bomb => text!("压缩内容异常：展开后过大或条目过多，已拒收；请在表格软件中另存为新的 .xlsx 再传"),
            Self::TooManyCells => text!("表格的单元格过多（超过 800 万个），请删去空白的行列或拆成几个文件"),
            Self::NoSheet => text!("工作簿里没有工作表"),
            Self::OtherKind(kind) => text!("这是{kind}，不是表格；请用表格软件另存为 .xlsx 或 .csv 再传", kind = kind),
            Self::Broken => text!("文件已损坏，读不出来；请在表格软件中打开后另存为 .xlsx 再传"),
            Self::Encoding => text!("文字编码无法识别，请另存为 .xlsx 或 UTF-8 编码的 .csv 再传"),
        }
    }
}

impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say().zh())
    }
}

impl std::error::Error for SheetError {}
