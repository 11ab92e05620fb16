//! One row, cell by cell.

use base::{
    i18n::Text,
    kernel::{Day, DivisionCode, IdNumber, Phone},
    sheet::{LooseDay, Row, fold, read_day, read_id, read_period, read_phone, squeeze},
    text,
};

use super::{
    Context, fields as f,
    read::Asking,
    row::{RosterRow, end_day},
    values::{
        RoleWord, ethnicity, name_and_gender, read_gender, read_ledger, read_role, split_unit_position, unit_fault,
    },
};
use crate::{
    imports::{PlaceProblem, Problem, Source, code},
    people::Gender,
    postings::Ledger,
};

/// One row being read; what is wrong gathers, so that the user hears of all of it at once.
pub(super) struct Cells<'a> {
    source: &'a Source<'a>,
    row: &'a Row,
    context: &'a Context<'a>,
    pub problems: Vec<Problem>,
    pub warnings: Vec<Problem>,
}

impl<'a> Cells<'a> {
    pub fn new(source: &'a Source<'a>, row: &'a Row, context: &'a Context<'a>) -> Self {
        Self { source, row, context, problems: vec![], warnings: vec![] }
    }

    /// The posting, or `None`; the row is good only when `problems` stayed empty too.
    pub fn row(&mut self, asking: &mut Asking, townships: &[&str]) -> Option<RosterRow> {
        let (name, hinted) = self.name();
        let id = self.id();
        let gender = self.gender(hinted, id.as_ref());
        let birth = self.birth(id.as_ref());
        let party_since = self.day(f::PARTY_SINCE);
        let (unit, position) = self.unit();
        let role = self.role();
        let phone = self.phone(id.is_none());
        let village = self.village(asking, townships);
        let (since, until) = self.period(birth);
        let ledger = self.ledger();
        let text = |key: &str| Some(self.source.text(self.row, key)).filter(|text| !text.is_empty());
        let role = role?;
        Some(RosterRow {
            spot: self.source.spot(self.row),
            name: name?,
            gender,
            birth,
            id,
            ethnicity: text(f::ETHNICITY).and_then(|text| ethnicity(&text)),
            politics: text(f::POLITICS),
            party_since,
            education: text(f::EDUCATION),
            unit: unit?,
            position: position.or_else(|| text(f::POSITION)),
            rank: text(f::RANK),
            role: role.role,
            leads_team: role.leads_team || text(f::LEADS).is_some_and(|text| yes(&text)),
            phone,
            village: village?,
            since: since?,
            until,
            ledger: ledger.or(role.ledger),
            batch: text(f::BATCH),
            note: text(f::NOTE),
        })
    }

    fn text(&self, key: &str) -> String {
        self.source.text(self.row, key)
    }

    fn fail(&mut self, key: &str, code: &'static str, message: Text) -> &mut Problem {
        self.problems.push(self.source.problem(self.row, key, code, message));
        let last = self.problems.len() - 1;
        &mut self.problems[last]
    }

    fn warn(&mut self, key: &str, code: &'static str, message: Text) {
        self.warnings.push(self.source.problem(self.row, key, code, message));
    }

    fn missing(&mut self, key: &str) {
        let header = self.source.guess.header(key).unwrap_or_default().to_owned();
        self.fail(key, code::MISSING_REQUIRED, text!("“{header}”不能空着，请补上", header = header));
    }

    fn name(&mut self) -> (Option<String>, Option<Gender>) {
        let whole = self.text(f::NAME);
        let text = if whole.is_empty() { self.text(f::SURNAME) + &self.text(f::GIVEN_NAME) } else { whole };
        let (name, gender) = name_and_gender(&text);
        if name.is_empty() {
            self.missing(if self.source.guess.column(f::NAME).is_some() { f::NAME } else { f::SURNAME });
            return (None, gender);
        }
        if name.chars().count() > 30 || name.chars().any(|c| c.is_ascii_digit()) {
            self.fail(f::NAME, code::BAD_VALUE, text!("“{name}”不像姓名，请只填本人姓名", name = name));
            return (None, gender);
        }
        (Some(name), gender)
    }

    fn id(&mut self) -> Option<IdNumber> {
        self.source.guess.column(f::ID_NUMBER)?;
        match read_id(self.source.cell(self.row, f::ID_NUMBER)) {
            Ok(Some(id)) => Some(id),
            Ok(None) => {
                self.missing(f::ID_NUMBER);
                None
            }
            Err(problem) => {
                self.fail(f::ID_NUMBER, code::BAD_ID_NUMBER, problem.say());
                None
            }
        }
    }

    fn gender(&mut self, hinted: Option<Gender>, id: Option<&IdNumber>) -> Option<Gender> {
        let by_id = id.map(|id| if id.is_male() { Gender::Male } else { Gender::Female });
        let text = self.text(f::GENDER);
        let read = read_gender(&text).or(hinted);
        if !text.is_empty() && read.is_none() {
            self.fail(f::GENDER, code::BAD_VALUE, text!("性别“{text}”无法识别，请填 男 或 女", text = text));
        }
        if let (Some(read), Some(by_id)) = (read, by_id)
            && read != by_id
        {
            let message = text!("性别“{read}”与身份证号不符，按所填的导入，请核对", read = read.zh());
            self.warn(f::GENDER, code::DIFFERS_FROM_ID, message);
        }
        read.or(by_id)
    }

    fn birth(&mut self, id: Option<&IdNumber>) -> Option<LooseDay> {
        let by_id = id.and_then(IdNumber::birth);
        let read = self.day(f::BIRTH);
        if let (Some(read), Some(by_id)) = (read, by_id)
            && !read.agrees_with(by_id)
        {
            self.warn(
                f::BIRTH,
                code::DIFFERS_FROM_ID,
                text!("出生年月 {read} 与身份证号中的 {by_id} 不符，请核对", read = read, by_id = by_id),
            );
        }
        read.or(by_id.map(LooseDay::exact))
    }

    fn day(&mut self, key: &'static str) -> Option<LooseDay> {
        match read_day(self.source.cell(self.row, key), self.source.sheet.epoch_1904) {
            Ok(day) => {
                self.doubt(key, day);
                day
            }
            Err(problem) => {
                self.fail(key, code::BAD_DATE, problem.say());
                None
            }
        }
    }

    fn doubt(&mut self, key: &'static str, day: Option<LooseDay>) {
        if let Some(day) = day.filter(|day| day.ambiguous) {
            let year = day.day.year();
            let message =
                text!("{year}.1 可能是 1 月，也可能是 10 月（数字格式丢了末尾的 0），按 1 月导入，请核对", year = year);
            self.warn(key, code::AMBIGUOUS_DATE, message);
        }
    }

    fn unit(&mut self) -> (Option<String>, Option<String>) {
        let own = self.text(f::UNIT);
        let both = self.text(f::UNIT_POSITION);
        let (key, unit, position) = if own.is_empty() && !both.is_empty() {
            let (unit, position) = split_unit_position(&both);
            (f::UNIT_POSITION, unit, Some(position).filter(|position| !position.is_empty()))
        } else {
            (f::UNIT, squeeze_chinese(&own), None)
        };
        let key = if self.source.guess.column(key).is_some() { key } else { f::UNIT_POSITION };
        if unit.is_empty() {
            self.missing(key);
            return (None, None);
        }
        if let Some(fault) = unit_fault(&unit) {
            self.fail(key, code::BAD_UNIT, fault);
            return (None, None);
        }
        (Some(unit), position)
    }

    fn role(&mut self) -> Option<RoleWord> {
        let text = self.text(f::ROLE);
        if text.is_empty() {
            self.missing(f::ROLE);
            return None;
        }
        let read = read_role(&text);
        if read.is_none() {
            let message =
                text!("驻村职务“{text}”无法识别，请填 第一书记、队长、队员、支部书记、指导员 之一", text = text);
            self.fail(f::ROLE, code::UNKNOWN_ROLE, message);
        }
        read
    }

    fn phone(&mut self, needed: bool) -> Option<Phone> {
        match read_phone(self.source.cell(self.row, f::PHONE)) {
            Ok(None) if needed && self.source.guess.column(f::ID_NUMBER).is_none() => {
                if self.source.guess.column(f::BIRTH).is_none() {
                    self.missing(f::PHONE);
                }
                None
            }
            Ok(phone) => phone,
            Err(text) => {
                let message = text!("“{text}”不是电话号码，应为 11 位手机号，或带区号的固定电话", text = text);
                self.fail(f::PHONE, code::BAD_PHONE, message);
                None
            }
        }
    }

    fn ledger(&mut self) -> Option<Ledger> {
        let text = self.text(f::LEDGER);
        let read = read_ledger(&text);
        if !text.is_empty() && read.is_none() {
            self.fail(f::LEDGER, code::BAD_VALUE, text!("台账“{text}”无法识别，请填 省 或 县", text = text));
        }
        read
    }

    fn village(&mut self, asking: &mut Asking, townships: &[&str]) -> Option<DivisionCode> {
        let (code, village) = (squeeze(&self.text(f::VILLAGE_CODE)), self.text(f::VILLAGE));
        let has_name = self.source.guess.column(f::VILLAGE).is_some();
        if code.is_empty() && village.is_empty() {
            self.missing(if has_name { f::VILLAGE } else { f::VILLAGE_CODE });
            return None;
        }
        let own = self.text(f::TOWNSHIP);
        // A township that stands above is only a help: the village alone may say enough.
        let asked: Vec<&str> =
            if own.is_empty() { townships.iter().copied().chain([""]).collect() } else { vec![own.as_str()] };
        let mut last = Err(PlaceProblem::UnknownCode);
        for township in asked {
            let key = [code.clone(), self.text(f::COUNTY), township.to_owned(), village.clone()];
            last = asking.village(self.context.places, key);
            if last.is_ok() {
                break;
            }
        }
        match last {
            Ok(code) => Some(code),
            Err(problem) => {
                self.no_village(&village, &own, problem);
                None
            }
        }
    }

    fn no_village(&mut self, village: &str, township: &str, problem: PlaceProblem) {
        let hint = |nearest: &[String]| Some(nearest.join("、")).filter(|names| !names.is_empty());
        match problem {
            PlaceProblem::UnknownCode => {
                let message = text!("没有这个村代码，应为本地区 12 位统计用区划代码，请核对");
                self.fail(f::VILLAGE_CODE, code::UNKNOWN_DIVISION, message);
            }
            PlaceProblem::UnknownTownship { nearest } => {
                let message = text!("区划中没有“{township}”这个乡镇，请核对名称", township = township);
                self.fail(f::TOWNSHIP, code::UNKNOWN_DIVISION, message).suggestion = hint(&nearest);
            }
            PlaceProblem::Unknown { nearest } => {
                let within =
                    if township.is_empty() { text!("本地区") } else { Text::data(format!("“{township}”")) };
                let message =
                    text!("{within}没有“{village}”，请核对村名和乡镇，或填村代码", within = within, village = village);
                self.fail(f::VILLAGE, code::UNKNOWN_DIVISION, message).suggestion = hint(&nearest);
            }
            PlaceProblem::Ambiguous { candidates } => {
                let message =
                    text!("有 {n} 个村叫“{village}”，请写明乡镇或填村代码", n = candidates.len(), village = village);
                self.fail(f::VILLAGE, code::AMBIGUOUS_DIVISION, message).suggestion = hint(&candidates);
            }
        }
    }

    fn period(&mut self, birth: Option<LooseDay>) -> (Option<LooseDay>, Option<LooseDay>) {
        let read = match read_period(self.source.cell(self.row, f::SINCE), self.source.sheet.epoch_1904) {
            Ok(Some(period)) => Some(period),
            Ok(None) => match self.context.assume_since {
                Some(day) => Some((LooseDay::exact(day), None)),
                None => {
                    self.missing(f::SINCE);
                    None
                }
            },
            Err(problem) => {
                self.fail(f::SINCE, code::BAD_DATE, problem.say());
                None
            }
        };
        let open = matches!(squeeze(&self.text(f::UNTIL)).as_str(), "至今" | "在任" | "在岗" | "未到期");
        let own_end = if open { None } else { self.day(f::UNTIL) };
        let Some((since, end)) = read else { return (None, own_end) };
        self.doubt(f::SINCE, Some(since));
        let until = own_end.or(end);
        self.plausible(since, birth);
        if let Some(until) = until.filter(|until| end_day(since, *until) < since.day) {
            let key = if own_end.is_some() { f::UNTIL } else { f::SINCE };
            self.fail(
                key,
                code::END_BEFORE_START,
                text!("结束 {until} 早于开始 {since}，请核对两个日期", until = until, since = since),
            );
        }
        (Some(since), until)
    }

    fn plausible(&mut self, since: LooseDay, birth: Option<LooseDay>) {
        let five_years_on: Day = self.context.today.plus_months(60);
        if since.day > five_years_on {
            self.fail(f::SINCE, code::BAD_DATE, text!("到村时间 {since} 在五年以后，请核对年份", since = since));
        } else if let Some(birth) = birth.filter(|birth| since.day < birth.day.plus_months(16 * 12)) {
            self.fail(
                f::SINCE,
                code::BAD_DATE,
                text!("到村时间 {since} 时本人（{birth} 出生）不满 16 岁，请核对", since = since, birth = birth),
            );
        }
    }
}

fn yes(text: &str) -> bool {
    matches!(squeeze(text).to_lowercase().as_str(), "是" | "√" | "✓" | "✔" | "1" | "y" | "yes" | "true" | "队长" | "有")
}

/// Blanks inside a Chinese name of a unit are accidents; those between Latin words are not.
fn squeeze_chinese(text: &str) -> String {
    let folded = fold(text);
    if folded.is_ascii() { folded } else { folded.replace(' ', "") }
}
