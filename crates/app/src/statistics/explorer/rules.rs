//! What a view asks for, read from its address: pure.

use base::{
    html::Address,
    i18n::Text,
    kernel::{Day, DivisionCode, Level, Month},
    text,
    web::Refusal,
};

use super::super::{
    rules::in_order,
    sealed::{Withheld, whole_months},
};
use crate::spine::facts::{Catalogue, How, Indicator, read::Span};

/// The widest table, and the largest.
pub const MOST_COLUMNS: usize = 60;
pub const MOST_CELLS: usize = 20_000;
/// The longest name of a saved view.
pub const MOST_NAME: usize = 40;

/// Parameters of a view; a view without any of them is the one to begin with.
pub const PARAMETERS: [&str; 8] = ["figure", "group", "rows", "cols", "level", "unit", "from", "to"];

/// By what a table is taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dim {
    Place,
    Year,
    Quarter,
    Month,
    Batch,
    Unit,
    Indicator,
}

/// What a dimension says something about; rows and columns say something about two different things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aspect {
    Place,
    Time,
    Unit,
    Indicator,
}

impl Dim {
    pub const ALL: [Self; 7] =
        [Self::Place, Self::Year, Self::Quarter, Self::Month, Self::Batch, Self::Unit, Self::Indicator];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Year => "year",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Batch => "batch",
            Self::Unit => "unit",
            Self::Indicator => "indicator",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dim| dim.code() == code)
    }

    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Place => text!("地方"),
            Self::Year => text!("年"),
            Self::Quarter => text!("季度"),
            Self::Month => text!("月"),
            Self::Batch => text!("批次"),
            Self::Unit => text!("记给的单位"),
            Self::Indicator => text!("同组指标"),
        }
    }

    #[must_use]
    pub const fn aspect(self) -> Aspect {
        match self {
            Self::Place => Aspect::Place,
            Self::Year | Self::Quarter | Self::Month | Self::Batch => Aspect::Time,
            Self::Unit => Aspect::Unit,
            Self::Indicator => Aspect::Indicator,
        }
    }

    /// Months of one step of the calendar.
    const fn months(self) -> Option<i64> {
        match self {
            Self::Month => Some(1),
            Self::Quarter => Some(3),
            Self::Year => Some(12),
            Self::Place | Self::Batch | Self::Unit | Self::Indicator => None,
        }
    }
}

/// The indicators of a table that is taken apart by them: the one asked for and its companions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Group {
    Own,
    Named(String),
    All,
}

/// A view: what stands in its address, understood.
#[derive(Clone, Debug)]
pub struct View {
    pub place: DivisionCode,
    pub indicator: &'static Indicator,
    pub group: Group,
    pub rows: Dim,
    pub cols: Option<Dim>,
    /// The level of the parts where the place is taken apart.
    pub level: Level,
    /// Counts only what is credited to this unit.
    pub unit: Option<String>,
    pub span: Span,
    /// Whether the period is one of months that are over, the only ones in which sealed figures are said.
    pub months: bool,
}

/// The levels at which a place can be taken apart: below the county by township and village, above it not so deep.
#[must_use]
pub fn levels(place: DivisionCode) -> &'static [Level] {
    use Level::{City, County, Province, Township, Village};
    match place.level() {
        Level::Nation => &[Province, City, County],
        Province => &[City, County],
        City => &[County, Township],
        County => &[Township, Village],
        Township => &[Village],
        Village => &[],
    }
}

/// Whether an address says anything of a view, beside its place.
#[must_use]
pub fn says_nothing(address: &Address) -> bool {
    PARAMETERS.iter().all(|name| address.get(name).is_empty())
}

impl View {
    /// Reads the address of a view at a place the viewer may see.
    pub fn read(address: &Address, place: DivisionCode, today: Day) -> Result<Self, Refusal> {
        let landing = says_nothing(address);
        let by_place = !levels(place).is_empty();
        let (rows, cols) = match (landing, by_place) {
            (true, true) => (Dim::Place, Some(Dim::Quarter)),
            (true, false) => (Dim::Indicator, Some(Dim::Quarter)),
            (false, _) => (dim(address, "rows")?.unwrap_or(Dim::Place), dim(address, "cols")?),
        };
        let day = |name| day(address, name);
        let to = day("to")?.unwrap_or(today);
        let from = if landing { Some(year_before(today)) } else { day("from")? };
        let indicator = indicator(address.get("figure"))?;
        let span = Span { from, to };
        in_order(span)?;
        let months = whole_months(span, today);
        let span = match (indicator.sealed, months) {
            (false, _) => span,
            (true, Some(months)) => months,
            (true, None) => return Err(Refusal::at("from", Withheld::NoMonth.reason(0))),
        };
        let view = Self {
            place,
            indicator,
            group: group(address.get("group"))?,
            rows,
            cols,
            level: level(address.get("level"), place)?,
            unit: Some(address.get("unit").to_owned()).filter(|unit| !unit.is_empty()),
            span,
            months: months == Some(span),
        };
        view.check()?;
        Ok(view)
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.cols.is_some_and(|cols| cols.aspect() == self.rows.aspect()) {
            return Err(Refusal::at("cols", text!("行和列分的是同一样东西，请换一样，或不分列。")));
        }
        if self.unit.is_some() && self.by(Aspect::Unit) {
            return Err(Refusal::at("rows", text!("已经只看一个单位，不能再按单位分；先去掉这个单位。")));
        }
        if self.by(Aspect::Place) && levels(self.place).is_empty() {
            return Err(Refusal::at("rows", text!("村下面不再分地方，请按时间、单位或指标看。")));
        }
        if self.dims().any(|dim| dim == Dim::Batch) && self.place.level() < Level::County {
            return Err(Refusal::at("rows", text!("批次是各县自己的，请先用页面顶上的范围选一个县。")));
        }
        let calendar = self.dims().find(|dim| dim.months().is_some());
        match (calendar, self.span.from) {
            (Some(dim), None) => Err(Refusal::at("from", text!("按{step}看，要写从哪一天起。", step = dim.label()))),
            (Some(_) | None, _) => Ok(()),
        }
    }

    pub fn dims(&self) -> impl Iterator<Item = Dim> {
        [Some(self.rows), self.cols].into_iter().flatten()
    }

    /// Whether rows or columns take this apart.
    #[must_use]
    pub fn by(&self, aspect: Aspect) -> bool {
        self.dims().any(|dim| dim.aspect() == aspect)
    }

    /// The indicators of the table, in the order of the catalogue.
    #[must_use]
    pub fn indicators(&self) -> Vec<&'static Indicator> {
        if !self.by(Aspect::Indicator) {
            return vec![self.indicator];
        }
        let holds = |one: &&Indicator| match &self.group {
            Group::Own => one.group == self.indicator.group,
            Group::Named(name) => one.group == *name,
            Group::All => true,
        };
        Catalogue::get().iter().filter(holds).collect()
    }

    /// The span as a figure of this kind counts it: what stands on a day has no first day.
    #[must_use]
    pub fn counted(indicator: &Indicator, span: Span) -> Span {
        match indicator.how {
            How::State | How::StateOverRegisters { .. } | How::Latest { .. } => Span { from: None, to: span.to },
            How::Sum | How::Distinct | How::Share { .. } => span,
        }
    }
}

fn dim(address: &Address, name: &'static str) -> Result<Option<Dim>, Refusal> {
    match address.get(name) {
        "" => Ok(None),
        code => match Dim::parse(code) {
            Some(dim) => Ok(Some(dim)),
            None => Err(Refusal::at(name, text!("不能按“{code}”分，请从列表里选。", code = code))),
        },
    }
}

fn day(address: &Address, name: &'static str) -> Result<Option<Day>, Refusal> {
    match address.get(name) {
        "" => Ok(None),
        text => Day::parse(text)
            .map(Some)
            .ok_or_else(|| Refusal::at(name, text!("日期“{day}”读不懂，请写成 2024-01-18 这样。", day = text))),
    }
}

fn indicator(code: &str) -> Result<&'static Indicator, Refusal> {
    let code = if code.is_empty() { "posting.cadre" } else { code };
    let unknown = || Refusal::at("figure", text!("没有“{code}”这个指标，请从列表里选。", code = code));
    Catalogue::get().find(code).ok_or_else(unknown)
}

fn group(name: &str) -> Result<Group, Refusal> {
    match name {
        "" => Ok(Group::Own),
        "all" => Ok(Group::All),
        name if groups().contains(&name) => Ok(Group::Named(name.to_owned())),
        name => Err(Refusal::at("group", text!("没有“{name}”这一组指标，请从列表里选。", name = name))),
    }
}

/// The groups of the catalogue, in its order.
#[must_use]
pub fn groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = Vec::new();
    for indicator in Catalogue::get().iter() {
        if !groups.contains(&indicator.group.as_str()) {
            groups.push(&indicator.group);
        }
    }
    groups
}

/// A level that the place does not have gives way to the next below it: whoever goes down a place keeps the rest.
fn level(code: &str, place: DivisionCode) -> Result<Level, Refusal> {
    let levels = levels(place);
    let next = levels.first().copied().unwrap_or(Level::Village);
    match code {
        "" => Ok(next),
        code => match Level::parse(code) {
            Some(level) => Ok(if levels.contains(&level) { level } else { next }),
            None => Err(Refusal::at("level", text!("没有“{code}”这一级，请从列表里选。", code = code))),
        },
    }
}

/// The first day of the quarter a year ago.
#[must_use]
pub fn year_before(today: Day) -> Day {
    begin(today, 3).plus_months(-12)
}

/// The first day of the stretch of so many months that a day lies in.
fn begin(day: Day, months: i64) -> Day {
    let past = (i64::from(day.month_of_year()) - 1) % months;
    day.month().first_day().plus_months(-past)
}

/// A stretch of time that is a row or a column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    pub key: String,
    pub label: Text,
    pub span: Span,
}

/// The steps of the calendar in a period, the first and the last only as far as it goes; too many are refused before any
/// is made.
pub fn calendar(dim: Dim, span: Span, in_rows: bool) -> Result<Vec<Stretch>, Refusal> {
    let (Some(months), Some(from)) = (dim.months(), span.from) else { return Ok(Vec::new()) };
    let between = (i64::from(span.to.year()) - i64::from(from.year())) * 12
        + i64::from(span.to.month_of_year() - from.month_of_year());
    let most = if in_rows { MOST_CELLS } else { MOST_COLUMNS };
    if usize::try_from(between / months).unwrap_or(usize::MAX) >= most {
        return Err(too_long(between / months + 1, in_rows));
    }
    let mut stretches = Vec::new();
    let mut start = begin(from, months);
    while start <= span.to {
        let next = start.plus_months(months);
        let clipped = Span { from: Some(start.max(from)), to: next.plus_days(-1).min(span.to) };
        stretches.push(Stretch { key: key(dim, start.month()), label: name(dim, start), span: clipped });
        start = next;
    }
    Ok(stretches)
}

fn key(dim: Dim, month: Month) -> String {
    let text = month.to_string();
    if dim == Dim::Year { text[..4].to_owned() } else { text }
}

fn name(dim: Dim, start: Day) -> Text {
    match dim {
        Dim::Year => text!("{year}年", year = start.year()),
        Dim::Quarter => text!("{year}年{n}季度", year = start.year(), n = (start.month_of_year() - 1) / 3 + 1),
        Dim::Month | Dim::Place | Dim::Batch | Dim::Unit | Dim::Indicator => Text::data(start.month().to_string()),
    }
}

/// What lies both in a stretch and in the period asked for.
#[must_use]
pub fn within(stretch: Span, span: Span) -> Option<Span> {
    let both = Span { from: stretch.from.max(span.from), to: stretch.to.min(span.to) };
    both.from.is_none_or(|from| from <= both.to).then_some(both)
}

fn too_long(steps: i64, in_rows: bool) -> Refusal {
    if in_rows {
        let say = text!(
            "这样有 {n} 行，一张表最多 {most} 格。请缩短时间，或改按季度、按年看。",
            n = steps,
            most = MOST_CELLS
        );
        return Refusal::at("rows", say);
    }
    let say =
        text!("这样有 {n} 列，一张表最多 {most} 列。请缩短时间，或改按季度、按年看。", n = steps, most = MOST_COLUMNS);
    Refusal::at("cols", say)
}

/// A table that is too wide or too large says how it becomes smaller.
pub fn in_bounds(rows: usize, columns: usize) -> Result<(), Refusal> {
    if columns > MOST_COLUMNS {
        let say = text!(
            "这样有 {n} 列，一张表最多 {most} 列。请把它放到行上，或分得粗一些。",
            n = columns,
            most = MOST_COLUMNS
        );
        return Err(Refusal::at("cols", say));
    }
    if rows * columns.max(1) > MOST_CELLS {
        let say = text!(
            "这样有 {rows} 行 {columns} 列，一张表最多 {most} 格。请选小一些的地方、高一级的分法，或缩短时间。",
            rows = rows,
            columns = columns.max(1),
            most = MOST_CELLS
        );
        return Err(Refusal::at("rows", say));
    }
    Ok(())
}

/// How the figure for the whole comes about, across what is taken apart; said in the head of the totals.
#[must_use]
pub fn total_head(how: Option<&How>, across: Dim) -> (Text, Option<Text>) {
    match (how, across.aspect()) {
        (None, _) => (text!("整体"), Some(text!("累计数、存量相加；去重数、评定数、比例按整体另算"))),
        (Some(How::Sum), Aspect::Place | Aspect::Unit | Aspect::Indicator) => (text!("合计"), None),
        (Some(How::Sum), Aspect::Time) if across == Dim::Batch => {
            (text!("整段"), Some(text!("各批任期可能不连着，按整段另算")))
        }
        (Some(How::Sum), Aspect::Time) => (text!("合计"), None),
        (Some(How::State | How::StateOverRegisters { .. }), Aspect::Time) => {
            (text!("期末"), Some(text!("到最后一天为止的数，不相加")))
        }
        (Some(How::State | How::StateOverRegisters { .. }), Aspect::Place | Aspect::Unit | Aspect::Indicator) => {
            (text!("合计"), None)
        }
        (Some(How::Distinct), _) => (text!("整体"), Some(text!("去重后数一次，不相加"))),
        (Some(How::Latest { .. }), _) => (text!("整体"), Some(text!("按最近一次评定数，不相加"))),
        (Some(How::Share { .. }), _) => (text!("整体"), Some(text!("两个整体数相除，不相加"))),
    }
}

/// The name of a saved view.
pub fn view_name(typed: &str) -> Result<&str, Refusal> {
    match typed {
        "" => Err(Refusal::at("name", text!("请给视图起个名字"))),
        name if name.chars().count() > MOST_NAME => {
            Err(Refusal::at("name", text!("名字太长，最多 {n} 个字", n = MOST_NAME)))
        }
        name => Ok(name),
    }
}
