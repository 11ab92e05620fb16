//! Days as offices write them: `2021.07`, `2021年7月`, `202107`, `1988-5-3`, Excel serials, `二〇二一年七月` …

use super::{
    book::Cell,
    fold::{fold, squeeze},
};
use crate::{i18n::Text, kernel::Day, text};

/// How exactly a day was given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Precision {
    Year,
    Month,
    Day,
}

/// A day with its precision; of a month or a year it is the first day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LooseDay {
    pub day: Day,
    pub precision: Precision,
    /// The number 2021.1 may have been typed as 2021.10: read as January, to be confirmed.
    pub ambiguous: bool,
}

impl LooseDay {
    #[must_use]
    pub fn exact(day: Day) -> Self {
        Self { day, precision: Precision::Day, ambiguous: false }
    }

    /// Whether the other day may be meant by this one: the same year, month or day, as far as it is known.
    #[must_use]
    pub fn agrees_with(self, day: Day) -> bool {
        match self.precision {
            Precision::Year => self.day.year() == day.year(),
            Precision::Month => self.day.month() == day.month(),
            Precision::Day => self.day == day,
        }
    }
}

impl std::fmt::Display for LooseDay {
    /// `2021`, `2021-07` or `2021-07-01`, as far as it is known; reads back the same.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.precision {
            Precision::Year => write!(f, "{:04}", self.day.year()),
            Precision::Month => write!(f, "{}", self.day.month()),
            Precision::Day => write!(f, "{}", self.day),
        }
    }
}

/// Why a cell is no day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DateProblem {
    Shape(String),
    NoSuchDay(String),
}

impl DateProblem {
    #[must_use]
    pub fn say(&self) -> Text {
        match self {
            Self::Shape(said) => {
                text!("“{said}”不是日期，请写成 2023-06-08、2023.06 或 2023年6月8日", said = said)
            }
            Self::NoSuchDay(said) => text!("“{said}”这个日期不存在，请核对年、月、日", said = said),
        }
    }
}

/// Serial numbers that are days between 1954 and 2099; `199409` and `20230601` lie far above, years far below.
const SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=73_050.0;

/// The day of a cell; `None` when it is blank.
pub fn read_day(cell: &Cell, epoch_1904: bool) -> Result<Option<LooseDay>, DateProblem> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Date(day) => Ok(Some(LooseDay::exact(*day))),
        Cell::DateTime(at) => Ok(Some(LooseDay::exact(Day::from_date(at.date())))),
        Cell::Number(number) => number_day(*number, epoch_1904).map(Some),
        Cell::Bool(_) | Cell::Error(_) => Err(DateProblem::Shape(cell.show().into_owned())),
        Cell::Text(text) if fold(text).is_empty() => Ok(None),
        Cell::Text(text) => read_day_text(text).map(Some),
    }
}

/// The day that many days after the epoch of spreadsheets; `None` outside 1900–2200.
#[must_use]
pub fn day_from_serial(serial: f64, epoch_1904: bool) -> Option<Day> {
    if !(1.0..110_000.0).contains(&serial) {
        return None;
    }
    // Below 110,000: the cast is exact. 1900 was no leap year, but spreadsheets count its 29 February.
    let days = serial.floor() as i64;
    let start = match (epoch_1904, days < 61) {
        (true, _) => Day::new(1904, 1, 1)?,
        (false, true) => Day::new(1899, 12, 31)?,
        (false, false) => Day::new(1899, 12, 30)?,
    };
    Some(start.plus_days(days))
}

fn number_day(number: f64, epoch_1904: bool) -> Result<LooseDay, DateProblem> {
    if SERIALS.contains(&number) {
        let day = day_from_serial(number, epoch_1904).ok_or_else(|| DateProblem::Shape(number.to_string()))?;
        return Ok(LooseDay::exact(day));
    }
    let text = number.to_string();
    let mut read = read_day_text(&text)?;
    read.ambiguous = text.ends_with(".1");
    Ok(read)
}

/// The day of a text.
pub fn read_day_text(text: &str) -> Result<LooseDay, DateProblem> {
    let shown = || fold(text);
    let groups = numbers(&cleaned(text)).ok_or_else(|| DateProblem::Shape(shown()))?;
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let made = match groups.as_slice() {
        [only] => single(only),
        // A serial number as text, with a time of day behind the point.
        [serial, _] if serial.len() == 5 => single(serial),
        [year, month] => build(year, month, None, Precision::Month),
        [year, month, day] => build(year, month, Some(day), Precision::Day),
        _ => None,
    };
    match made {
        Some(Ok(day)) => Ok(day),
        Some(Err(())) => Err(DateProblem::NoSuchDay(shown())),
        None => Err(DateProblem::Shape(shown())),
    }
}

/// Day and minute of the day of a cell, the minute where it says one; `None` when it is blank.
pub fn read_moment(cell: &Cell, epoch_1904: bool) -> Result<Option<(LooseDay, Option<i64>)>, DateProblem> {
    let Some(day) = read_day(cell, epoch_1904)? else { return Ok(None) };
    let minute = match cell {
        Cell::DateTime(at) => Some(i64::from(at.hour()) * 60 + i64::from(at.minute())),
        Cell::Number(number) => minute_of_serial(*number),
        Cell::Text(text) => minute_of(text),
        Cell::Empty | Cell::Date(_) | Cell::Bool(_) | Cell::Error(_) => None,
    };
    Ok(Some((day, minute)))
}

fn minute_of_serial(serial: f64) -> Option<i64> {
    let part = SERIALS.contains(&serial).then(|| serial.fract()).filter(|part| *part > 0.0)?;
    // A part of a day: the cast is of less than 1,440.
    Some(((part * 1_440.0).round() as i64).min(1_439))
}

/// The minute of a text such as `2024-01-15 09:30:00`, `2024年1月15日 9时30分` or `20240115093000`.
fn minute_of(text: &str) -> Option<i64> {
    let text = fold(text);
    let hour_and_minute = |hour: &str, minute: &str| {
        let (hour, minute) = (hour.parse::<i64>().ok()?, minute.parse::<i64>().ok()?);
        ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
    };
    if let Ok(serial) = text.parse::<f64>()
        && SERIALS.contains(&serial)
    {
        return minute_of_serial(serial);
    }
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return hour_and_minute(text.get(8..10)?, text.get(10..12)?);
    }
    let (before, after) = text.split_once([':', '时', '点'])?;
    let hour = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    let minute = after.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    hour_and_minute(hour, if minute.is_empty() { "0" } else { minute })
}

/// Start and end of a cell that may hold a period: `2023.06-2025.06`, `2023年6月至今`. A day alone is a start.
pub fn read_period(cell: &Cell, epoch_1904: bool) -> Result<Option<(LooseDay, Option<LooseDay>)>, DateProblem> {
    let Cell::Text(text) = cell else {
        return Ok(read_day(cell, epoch_1904)?.map(|day| (day, None)));
    };
    let single = match read_day(cell, epoch_1904) {
        Ok(day) => return Ok(day.map(|day| (day, None))),
        Err(problem) => problem,
    };
    let text = squeeze(text).replace("--", "~").replace(['—', '–', '―', '～', '至', '到'], "~");
    let text = text.replace("~~", "~");
    let cuts = text.match_indices(['~', '-']).map(|(at, mark)| (&text[..at], &text[at + mark.len()..]));
    let whole = |side: &str| read_day_text(side).ok().filter(|day| day.precision != Precision::Year);
    let found = cuts.into_iter().find_map(|(from, to)| {
        let open = matches!(to, "今" | "现在" | "目前" | "" | "~今" | "现");
        match (whole(from), whole(to)) {
            (Some(from), Some(to)) => Some((from, Some(to))),
            (Some(from), None) if open => Some((from, None)),
            _ => None,
        }
    });
    found.map(Some).ok_or(single)
}

/// Without time of day, brackets, and words around it.
fn cleaned(text: &str) -> String {
    const WORDS: [&str; 10] = ["以来", "至今", "起", "左右", "开始", "到任", "任职", "入党", "到村", "出生"];
    let folded = fold(text);
    let text = folded.trim_start_matches(['\'', '`']);
    let text = text.split(['(', 'T']).next().unwrap_or("");
    let text = match text.split_once(' ') {
        Some((day, time)) if time.contains([':', '时', '点']) => day,
        Some(_) | None => text,
    };
    let mut text: String = text.chars().filter(|c| *c != ' ').collect();
    while let Some(shorter) = WORDS.iter().find_map(|word| text.strip_suffix(word)) {
        text = shorter.trim_end_matches(['-', '~', '—']).to_owned();
    }
    arabic(&text)
}

/// The numbers of a text that holds nothing else but date marks; a mark must stand between two numbers.
fn numbers(text: &str) -> Option<Vec<String>> {
    let mut groups: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c.is_ascii_digit() {
            if !open {
                groups.push(String::new());
            }
            groups.last_mut()?.push(c);
            open = true;
        } else if open && "年月日号.-/\\、,，。·—–_".contains(c) {
            open = false;
        } else {
            return None;
        }
    }
    (!groups.is_empty() && groups.iter().all(|group| group.len() <= 14)).then_some(groups)
}

/// One run of digits: `20230601`, `202306`, `2023`, a serial number, or a moment `20230601093000`.
fn single(digits: &str) -> Option<Result<LooseDay, ()>> {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    match digits.len() {
        4 => build(digits, "1", None, Precision::Year),
        5 => {
            let serial = digits.parse::<f64>().ok().filter(|serial| SERIALS.contains(serial))?;
            Some(day_from_serial(serial, false).map(LooseDay::exact).ok_or(()))
        }
        6 => build(part(0, 4), part(4, 6), None, Precision::Month),
        8 | 14 => build(part(0, 4), part(4, 6), Some(part(6, 8)), Precision::Day),
        _ => None,
    }
}

/// `None` when this is no date at all, `Some(Err)` when the calendar has no such day.
fn build(year: &str, month: &str, day: Option<&str>, precision: Precision) -> Option<Result<LooseDay, ()>> {
    if !matches!(year.len(), 2 | 4) || month.len() > 2 || day.is_some_and(|day| day.len() > 2) {
        return None;
    }
    let given: i16 = year.parse().ok()?;
    let year = match given {
        // Two digits: nobody on this roster was born before 1940 or stays beyond 2039.
        0..40 if year.len() == 2 => 2000 + given,
        40..100 if year.len() == 2 => 1900 + given,
        1900..=2100 => given,
        _ => return Some(Err(())),
    };
    let month: i8 = month.parse().ok()?;
    let of_month: i8 = day.unwrap_or("1").parse().ok()?;
    Some(Day::new(year, month, of_month).map(|day| LooseDay { day, precision, ambiguous: false }).ok_or(()))
}

/// Chinese numerals as digits: `二〇二一年十二月` is `2021年12月`.
pub(super) fn arabic(text: &str) -> String {
    let digit = |c: char| match c {
        '〇' | '○' | '零' => Some(0),
        '一' | '元' => Some(1),
        '二' => Some(2),
        '三' => Some(3),
        '四' => Some(4),
        '五' => Some(5),
        '六' => Some(6),
        '七' => Some(7),
        '八' => Some(8),
        '九' => Some(9),
        _ => None,
    };
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let near = |at: Option<usize>| at.and_then(|at| chars.get(at)).copied().and_then(digit).is_some();
        let tens = (near(at.checked_sub(1)), near(Some(at + 1)));
        match (c, digit(*c)) {
            ('十', _) => out.push_str(match tens {
                (true, true) => "",
                (true, false) => "0",
                (false, true) => "1",
                (false, false) => "10",
            }),
            (_, Some(value)) => out.push(char::from(b'0' + value)),
            (c, None) => out.push(*c),
        }
    }
    out
}
