//! Places in a file, what they are tied to, and how a row's name finds its place: pure.

use std::fmt;

use base::{
    i18n::Text,
    kernel::{Day, DivisionCode},
    ooxml::{At, Place},
    sheet::squeeze,
    text,
    web::Refusal,
    word,
};
use serde::{Deserialize, Serialize};

use crate::{
    places::short_name,
    spine::facts::{Catalogue, Indicator, Unit, read::Span},
};

/// The longest title that is kept, in characters.
pub const MOST_TITLE: usize = 60;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Xlsx,
    Docx,
}

impl Kind {
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Docx => "docx",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Xlsx, Self::Docx].into_iter().find(|kind| kind.code() == code)
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }
}

/// Where something is filled in; sheets, tables, rows and cells count from 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Spot {
    Cell { sheet: usize, at: At },
    Table { table: usize, row: usize, cell: usize },
    Mark(String),
}

impl Spot {
    /// `s1!C5`, `t1!R2C3`, `{name}`
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return (!name.is_empty() && name.chars().count() <= 60).then(|| Self::Mark(name.to_owned()));
        }
        let (whole, place) = text.split_once('!')?;
        let count = |text: &str| text.parse::<usize>().ok().filter(|n| (1..=10_000).contains(n));
        if let Some(sheet) = whole.strip_prefix('s') {
            return Some(Self::Cell { sheet: count(sheet)?, at: At::parse(place)? });
        }
        let (row, cell) = place.strip_prefix('R')?.split_once('C')?;
        Some(Self::Table { table: count(whole.strip_prefix('t')?)?, row: count(row)?, cell: count(cell)? })
    }

    /// As people call it, without the sheet.
    #[must_use]
    pub fn said(&self) -> String {
        match self {
            Self::Cell { at, .. } => at.to_string(),
            Self::Table { table, row, cell } => format!("表{table} 第{row}行第{cell}格"),
            Self::Mark(name) => format!("{{{{{name}}}}}"),
        }
    }

    /// The same column so many rows below; a mark has none below.
    #[must_use]
    pub fn below(&self, rows: usize) -> Option<Self> {
        match self {
            Self::Cell { sheet, at } => {
                let row = at.row + u32::try_from(rows).ok()?;
                Some(Self::Cell { sheet: *sheet, at: At { row, ..*at } })
            }
            Self::Table { table, row, cell } => Some(Self::Table { table: *table, row: row + rows, cell: *cell }),
            Self::Mark(_) => None,
        }
    }

    #[must_use]
    pub fn row(&self) -> Option<usize> {
        match self {
            Self::Cell { at, .. } => usize::try_from(at.row).ok(),
            Self::Table { row, .. } => Some(*row),
            Self::Mark(_) => None,
        }
    }

    /// The place in a document.
    #[must_use]
    pub fn in_document(&self) -> Option<Place> {
        match self {
            Self::Cell { .. } => None,
            Self::Table { table, row, cell } => Some(Place::Cell { table: *table, row: *row, cell: *cell }),
            Self::Mark(name) => Some(Place::Mark(name.clone())),
        }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cell { sheet, at } => write!(f, "s{sheet}!{at}"),
            Self::Table { table, row, cell } => write!(f, "t{table}!R{row}C{cell}"),
            Self::Mark(name) => write!(f, "{{{name}}}"),
        }
    }
}

/// Over which days a figure is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// The period that is filled for.
    Period,
    /// From the first of January of its last day.
    Year,
    /// Everything up to its last day.
    Ever,
}

impl Time {
    pub const ALL: [Self; 3] = [Self::Period, Self::Year, Self::Ever];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::Year => "year",
            Self::Ever => "ever",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|time| time.code() == code)
    }

    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Period => text!("本期（填报的时间段）"),
            Self::Year => text!("本年累计（从 1 月 1 日）"),
            Self::Ever => text!("历年累计（从头算起）"),
        }
    }

    #[must_use]
    pub fn span(self, asked: Span) -> Span {
        match self {
            Self::Period => asked,
            Self::Year => Span { from: Day::new(asked.to.year(), 1, 1), to: asked.to },
            Self::Ever => Span { from: None, to: asked.to },
        }
    }
}

/// Of which place a figure is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The place that is filled for.
    Here,
    /// The place below it that the row names.
    Row,
    Fixed(DivisionCode),
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FigureTie {
    pub indicator: String,
    /// Empty for the catalogue's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    pub time: Time,
    pub whose: Whose,
}

/// A column of the roster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Number,
    Name,
    Gender,
    Birth,
    Education,
    Unit,
    Position,
    Rank,
    Township,
    Village,
    Role,
    Ledger,
    Since,
    Phone,
}

impl Field {
    pub const ALL: [Self; 14] = [
        Self::Number,
        Self::Name,
        Self::Gender,
        Self::Birth,
        Self::Education,
        Self::Unit,
        Self::Position,
        Self::Rank,
        Self::Township,
        Self::Village,
        Self::Role,
        Self::Ledger,
        Self::Since,
        Self::Phone,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::Gender => "gender",
            Self::Birth => "birth",
            Self::Education => "education",
            Self::Unit => "unit",
            Self::Position => "position",
            Self::Rank => "rank",
            Self::Township => "township",
            Self::Village => "village",
            Self::Role => "role",
            Self::Ledger => "ledger",
            Self::Since => "since",
            Self::Phone => "phone",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Number => word!("序号"),
            Self::Name => word!("姓名"),
            Self::Gender => word!("性别"),
            Self::Birth => word!("出生年月"),
            Self::Education => word!("学历"),
            Self::Unit => word!("派出单位"),
            Self::Position => word!("现任职务"),
            Self::Rank => word!("职级"),
            Self::Township => word!("乡镇"),
            Self::Village => word!("派驻村"),
            Self::Role => word!("驻村职务"),
            Self::Ledger => word!("台账"),
            Self::Since => word!("到岗日期"),
            Self::Phone => word!("联系电话"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }
}

/// A word of the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Place,
    Period,
    Today,
}

impl Word {
    pub const ALL: [Self; 3] = [Self::Place, Self::Period, Self::Today];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Period => "period",
            Self::Today => "today",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Place => word!("地方的名称"),
            Self::Period => word!("填报的时间段"),
            Self::Today => word!("填报日期"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.code() == code)
    }
}

/// What a place in a file is tied to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Tie {
    Figure(FigureTie),
    /// A list of who is on post, going down; of a role, or of all.
    Roster {
        field: Field,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    Word {
        word: Word,
    },
}

impl Tie {
    /// What the page writes into the cell.
    #[must_use]
    pub fn label(&self) -> Text {
        match self {
            Self::Figure(tie) => {
                let known = Catalogue::get().find(&tie.indicator);
                let name = known.map_or_else(|| Text::data(tie.indicator.clone()), |one| Text::key(one.name.as_str()));
                match tie.whose {
                    Whose::Row => text!("{name}（本行的地方）", name = name),
                    Whose::Here | Whose::Fixed(_) => name,
                }
            }
            Self::Roster { field, .. } => text!("名册：{field}", field = Text::key(field.zh())),
            Self::Word { word } => Text::key(word.zh()),
        }
    }

    /// Refuses what the catalogue or the measure does not allow.
    pub fn check(&self) -> Result<(), Refusal> {
        let Self::Figure(tie) = self else { return Ok(()) };
        let unknown = || {
            let code = &tie.indicator;
            Refusal::at("indicator", text!("没有“{code}”这个指标；指标名见指标目录。", code = code))
        };
        let indicator = Catalogue::get().find(&tie.indicator).ok_or_else(unknown)?;
        Unit::of(indicator, &tie.unit).map(drop).map_err(|error| {
            Refusal::at(
                "unit",
                text!(
                    "“{name}”的单位是{own}，不能写成{asked}",
                    name = error.name,
                    own = error.own,
                    asked = error.asked
                ),
            )
        })
    }
}

/// A division's name without what says its kind.
fn stem(name: &str) -> &str {
    for kind in ["街道办事处", "街道", "镇", "乡", "社区", "村委会", "村", "县", "市", "区"] {
        if let Some(stem) = name.strip_suffix(kind).filter(|stem| stem.chars().count() > 1) {
            return stem;
        }
    }
    name
}

/// Why a row's name finds no place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoPlace {
    NoName,
    Unknown(String),
    Several(String),
}

impl NoPlace {
    #[must_use]
    pub fn say(&self) -> String {
        match self {
            Self::NoName => "这一行没有写地方".into(),
            Self::Unknown(name) => format!("填报的地方里没有“{name}”"),
            Self::Several(name) => format!("有几个地方叫“{name}”，认不出是哪一个"),
        }
    }
}

/// The place that a row names, among those below the place that is filled for: as it is called, or without 镇 乡 村 at
/// the end where the row leaves that out; the higher one where a township and a village bear the name.
pub fn place_of(label: &str, below: &[(DivisionCode, String)]) -> Result<DivisionCode, NoPlace> {
    let name = short_name(&squeeze(label));
    if name.is_empty() {
        return Err(NoPlace::NoName);
    }
    for without in [false, true] {
        let fits = |known: &str| if without { stem(known) == name } else { known == name };
        let found: Vec<DivisionCode> =
            below.iter().filter(|(_, known)| fits(known.as_str())).map(|(code, _)| *code).collect();
        let Some(highest) = found.iter().map(|code| code.level()).min() else { continue };
        let mut of_level = found.into_iter().filter(|code| code.level() == highest);
        return match (of_level.next(), of_level.next()) {
            (Some(code), None) => Ok(code),
            _ => Err(NoPlace::Several(name)),
        };
    }
    Err(NoPlace::Unknown(name))
}

/// Words that end a list: whoever fills the form, sums, notes.
const ENDS: [&str; 12] =
    ["合计", "总计", "小计", "共计", "填表", "填报", "负责人", "审核", "制表", "备注", "说明", "注"];

/// Whether a row with these words stands below a list.
#[must_use]
pub fn ends_list(label: &str) -> bool {
    let label = squeeze(label);
    ENDS.iter().any(|end| label.starts_with(end))
}

/// The indicator whose name is most like the words around a cell; nothing where none is like them.
#[must_use]
pub fn suggested(around: &str) -> Option<&'static Indicator> {
    let pairs = |text: &str| {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let said = pairs(around);
    let like = |indicator: &&Indicator| {
        let own = pairs(&indicator.name);
        let shared = own.iter().filter(|pair| said.contains(pair)).count();
        // In hundredths of its own name.
        if own.is_empty() { 0 } else { shared * 100 / own.len() }
    };
    let best = Catalogue::get().iter().max_by_key(|one| (like(one), std::cmp::Reverse(one.name.chars().count())))?;
    (like(&best) >= 50).then_some(best)
}
