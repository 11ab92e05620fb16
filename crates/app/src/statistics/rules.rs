//! How figures are said, and how people on post fall into classes: pure.

use base::{
    html::Address,
    i18n::Text,
    kernel::Day,
    sheet::{Column, Layout, Table, Value as Cell},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::Value;

use super::store::{Group, OnPost};
use crate::{
    people::{self, Gender},
    postings::{Ledger, PostRole},
    spine::facts::{How, Indicator, Says, read::Span},
    units::UnitLevel,
};

pub use crate::spine::facts::figure_href;

/// The rule of an indicator in the words of the contract.
#[must_use]
pub fn how_code(indicator: &Indicator) -> String {
    match &indicator.how {
        How::Sum => "sum".into(),
        How::Distinct => indicator.how_words.clone(),
        How::State => "state on day".into(),
        How::StateOverRegisters { .. } => indicator.how_words.clone(),
        How::Latest { .. } => "latest state".into(),
        How::Share { .. } => "share".into(),
    }
}

/// The rule as a sentence for the page of a figure.
pub(super) fn how_text(indicator: &Indicator) -> Text {
    match &indicator.how {
        How::Sum => text!("把这段时间里每条记录的数量相加。"),
        How::Distinct => match indicator.how_words.as_str() {
            "distinct people" => text!("把这段时间里每条记录的人去重后计数，同一个人只算一次。"),
            "distinct batches" => text!("把这段时间里每条记录的批次去重后计数，同一批只算一次。"),
            _ => text!("把这段时间里每条记录的对象去重后计数，同一个只算一次。"),
        },
        How::State => text!("从头到这一天：开始一个记 +1，真正结束一个记 −1，全部相加就是这个数。"),
        How::StateOverRegisters { says, .. } => match says {
            Says::Younger(years) => text!(
                "这一天在岗的人里，按档案里的出生日期不满 {years} 周岁的：开始一个记 +1，真正结束一个记 −1，全部相加就是这个数。",
                years = years
            ),
            Says::Rank(ranks) => text!(
                "这一天在岗的人里，档案里的职级是这些的（{ranks}）：开始一个记 +1，真正结束一个记 −1，全部相加就是这个数。",
                ranks = ranks.join("、")
            ),
            Says::Noted(_) => text!(
                "这一天在岗的人里，档案里记有基层经历或涉农专长的：开始一个记 +1，真正结束一个记 −1，全部相加就是这个数。"
            ),
        },
        How::Latest { value, .. } => {
            text!("每个村只看到这一天为止最近的一次评定，数出评定为“{value}”的。", value = value)
        }
        How::Share { .. } => text!("下面两个数相除，四舍五入到整数百分比。"),
    }
}

/// A stored amount as JSON: an integer where whole.
#[must_use]
pub fn number(indicator: &Indicator, amount: i64) -> Value {
    if indicator.divisor > 1 && amount % indicator.divisor != 0 {
        Value::from(indicator.shown(amount))
    } else {
        Value::from(amount / indicator.divisor.max(1))
    }
}

/// The period of an address; up to today where it names no end.
pub(super) fn asked(address: &Address, today: Day) -> AppResult<Span> {
    let day = |name: &'static str| match address.get(name) {
        "" => Ok(None),
        text => Day::parse(text).map(Some).ok_or_else(|| {
            AppError::from(Refusal::at(name, text!("日期“{day}”读不懂，请写成 2024-01-18 这样。", day = text)))
        }),
    };
    let span = Span { from: day("from")?, to: day("to")?.unwrap_or(today) };
    in_order(span)?;
    Ok(span)
}

/// A period runs forward.
pub(super) fn in_order(span: Span) -> Result<(), Refusal> {
    match span.from {
        Some(from) if from > span.to => {
            Err(Refusal::at("to", text!("结束日期 {to} 早于开始日期 {from}，请对调。", to = span.to, from = from)))
        }
        Some(_) | None => Ok(()),
    }
}

/// `截至 2024-01-18`, or the stretch of days.
pub(super) fn span_text(span: Span) -> Text {
    match span.from {
        Some(from) => text!("{from} 至 {to}", from = from, to = span.to),
        None => text!("截至 {to}", to = span.to),
    }
}

/// By what people on post are taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Age,
    Gender,
    Education,
    Sender,
    Role,
    Ledger,
}

/// One class of a composition: what stands in the address, and its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Class {
    pub code: String,
    pub label: Text,
}

const UNKNOWN: &str = "unknown";

impl Part {
    pub(super) const ALL: [Self; 6] =
        [Self::Age, Self::Gender, Self::Education, Self::Sender, Self::Role, Self::Ledger];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Gender => "gender",
            Self::Education => "education",
            Self::Sender => "sender",
            Self::Role => "role",
            Self::Ledger => "ledger",
        }
    }

    pub(super) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    pub(super) fn label(self) -> Text {
        match self {
            Self::Age => text!("年龄"),
            Self::Gender => text!("性别"),
            Self::Education => text!("学历"),
            Self::Sender => text!("派出层级"),
            Self::Role => text!("职务"),
            Self::Ledger => text!("台账"),
        }
    }

    /// The class somebody belongs to; everybody belongs to exactly one.
    pub(super) fn class_of(self, one: &Traits<'_>) -> Class {
        let known = |code: &str, label: Text| Class { code: code.to_owned(), label };
        let found = match self {
            Self::Age => one.age.map(age_class),
            Self::Gender => one.gender.and_then(Gender::parse).map(|g| known(g.code(), Text::key(g.zh()))),
            Self::Education => one.education.map(|text| known(text, Text::data(text))),
            Self::Sender => one.unit_level.and_then(UnitLevel::parse).map(|l| known(l.code(), Text::key(l.zh()))),
            Self::Role => PostRole::parse(one.role).map(|role| known(role.code(), Text::key(role.zh()))),
            Self::Ledger => Ledger::parse(one.ledger).map(|ledger| known(ledger.code(), Text::key(ledger.zh()))),
        };
        found.unwrap_or_else(|| known(UNKNOWN, text!("未填")))
    }

    /// Where a class stands among the others; classes without an order of their own stand by size.
    fn rank(self, code: &str) -> usize {
        let among = |codes: &[&str]| codes.iter().position(|one| *one == code).unwrap_or(codes.len());
        match self {
            Self::Age => among(&["0", "30", "40", "50", "60"]),
            Self::Gender => among(&["male", "female"]),
            Self::Sender => among(&UnitLevel::ALL.map(UnitLevel::code)),
            Self::Role => among(&PostRole::ALL.map(PostRole::code)),
            Self::Ledger => among(&Ledger::ALL.map(Ledger::code)),
            Self::Education => usize::from(code == UNKNOWN),
        }
    }

    /// People by class, in the order of the classes.
    pub(super) fn counts(self, groups: &[Group]) -> Vec<(Class, i64)> {
        let mut counts: Vec<(Class, i64)> = Vec::new();
        for group in groups {
            let class = self.class_of(&group.traits());
            match counts.iter_mut().find(|(known, _)| known.code == class.code) {
                Some((_, count)) => *count += group.people,
                None => counts.push((class, group.people)),
            }
        }
        counts.sort_by(|a, b| {
            let by_rank = self.rank(&a.0.code).cmp(&self.rank(&b.0.code));
            by_rank.then(b.1.cmp(&a.1)).then_with(|| a.0.code.cmp(&b.0.code))
        });
        counts
    }
}

/// What compositions ask of somebody on post.
pub(super) struct Traits<'a> {
    /// In years; any age of the class will do.
    pub age: Option<i64>,
    pub gender: Option<&'a str>,
    pub education: Option<&'a str>,
    pub unit_level: Option<&'a str>,
    pub role: &'a str,
    pub ledger: &'a str,
}

impl Group {
    fn traits(&self) -> Traits<'_> {
        Traits {
            age: self.age,
            gender: self.gender.as_deref(),
            education: self.education.as_deref(),
            unit_level: self.unit_level.as_deref(),
            role: &self.role,
            ledger: &self.ledger,
        }
    }
}

impl OnPost {
    pub(super) fn traits(&self, day: Day) -> Traits<'_> {
        Traits {
            age: self.birth.as_deref().and_then(|birth| people::age(birth, day)),
            gender: self.gender.as_deref(),
            education: self.education.as_deref(),
            unit_level: self.unit_level.as_deref(),
            role: &self.role,
            ledger: &self.ledger,
        }
    }
}

fn age_class(age: i64) -> Class {
    let (code, label) = match age {
        ..30 => ("0", text!("30 岁以下")),
        30..40 => ("30", text!("30—39 岁")),
        40..50 => ("40", text!("40—49 岁")),
        50..60 => ("50", text!("50—59 岁")),
        60.. => ("60", text!("60 岁及以上")),
    };
    Class { code: code.to_owned(), label }
}

/// A table for a file.
pub(super) fn table_of(name: &str, headers: &[&str], rows: Vec<Vec<Cell>>) -> Table {
    Table { layout: Layout::new(name, headers.iter().map(|header| Column::new(header)).collect()), rows }
}

/// Days that people look back to: today, the ends of last month and of last year.
pub(super) fn usual_days(today: Day) -> Vec<(Text, Day)> {
    let month_end = today.month().first_day().plus_days(-1);
    let year_end = Day::new(today.year() - 1, 12, 31).unwrap_or(month_end);
    let year_before = Day::new(today.year() - 2, 12, 31).unwrap_or(month_end);
    let mut days = vec![(text!("今天"), today), (text!("上月末"), month_end), (text!("上年末"), year_end)];
    days.push((text!("前年末"), year_before));
    if month_end == year_end {
        days.remove(1);
    }
    days
}

#[cfg(test)]
mod tests {
    use base::kernel::DivisionCode;

    use super::*;
    use crate::spine::facts::Catalogue;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_period_is_read_from_the_address_and_runs_forward() {
        let today = day("2024-01-18");
        let read = |text: &str| asked(&Address::parse(text), today);
        assert_eq!(read("/dashboard").expect("today"), Span { from: None, to: today });
        let span = Span { from: Some(day("2023-06-01")), to: day("2023-12-31") };
        assert_eq!(read("/dashboard?from=2023-06-01&to=2023-12-31").expect("a period"), span);
        let no = read("/dashboard?from=2024-02-01").expect_err("reversed");
        assert_eq!(no.to_string(), "结束日期 2024-01-18 早于开始日期 2024-02-01，请对调。");
        assert!(read("/dashboard?to=18.1.2024").is_err());
    }

    #[test]
    fn money_is_said_in_its_unit() {
        let mut money = Catalogue::get().iter().next().expect("an indicator").clone();
        money.divisor = 1_000_000;
        assert_eq!(number(&money, 7_264_000_000).to_string(), "7264");
        assert_eq!(number(&money, 8_200_000).to_string(), "8.2");
        money.divisor = 1;
        assert_eq!(number(&money, 249).to_string(), "249");
    }

    #[test]
    fn a_link_to_today_names_no_day() {
        let (place, today) = (DivisionCode::parse("411327").expect("a code"), day("2024-01-18"));
        let href = |from: Option<&str>, to: &str| {
            figure_href("posting.cadre", place, Span { from: from.map(day), to: day(to) }, today)
        };
        assert_eq!(href(None, "2024-01-18"), "/figures/posting.cadre?place=411327000000");
        assert_eq!(
            href(Some("2023-01-01"), "2023-12-31"),
            "/figures/posting.cadre?place=411327000000&from=2023-01-01&to=2023-12-31"
        );
    }

    #[test]
    fn everybody_falls_into_one_class() {
        let group = |age: Option<i64>, role: &str, people: i64| Group {
            age,
            gender: Some("female".into()),
            education: None,
            unit_level: Some("county".into()),
            role: role.into(),
            ledger: "county".into(),
            people,
        };
        let groups = [
            group(Some(30), "first_secretary", 1),
            group(Some(0), "member", 1),
            group(Some(60), "member", 1),
            group(None, "member", 4),
        ];
        let counts = |part: Part| {
            let counts = part.counts(&groups).into_iter();
            counts.map(|(class, n)| format!("{}={n}", class.label.zh())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(counts(Part::Age), "30 岁以下=1 30—39 岁=1 60 岁及以上=1 未填=4");
        assert_eq!(counts(Part::Role), "第一书记=1 工作队员=6");
        assert_eq!(counts(Part::Education), "未填=7");
        assert_eq!(counts(Part::Sender), "县级=7");
        for part in Part::ALL {
            assert_eq!(part.counts(&groups).iter().map(|(_, n)| n).sum::<i64>(), 7);
            assert_eq!(Part::parse(part.code()), Some(part));
        }
    }
}
