//! The menu of outcomes: data (`data/outcomes.csv`), each line an indicator in a unit that people say.

use std::sync::OnceLock;

use base::{html::Choice, i18n::Text, sheet::squeeze, text};

use crate::spine::facts::{Catalogue, How, Indicator};

/// One line of the menu.
#[derive(Clone, Debug)]
pub struct Line {
    pub indicator: &'static Indicator,
    /// What the form calls it.
    pub word: &'static str,
    pub unit: &'static str,
    /// Smallest units of the indicator in `per` of these.
    times: i64,
    per: i64,
    /// Above this many of its units the form asks once more; above `most` it never takes them.
    ask: i64,
    most: i64,
}

/// An amount as it was typed and as it counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Amount {
    /// In the indicator's smallest unit.
    pub smallest: i64,
    /// Without blanks and in plain digits.
    pub typed: String,
}

impl Line {
    /// The value of the form's choice: `gain.fund:万元`.
    #[must_use]
    pub fn value(&self) -> String {
        format!("{}:{}", self.indicator.code, self.unit)
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        &self.indicator.code
    }

    #[must_use]
    pub fn label(&self) -> Text {
        text!("{outcome}（{unit}）", outcome = Text::key(self.word), unit = Text::key(self.unit))
    }

    /// Whether it says that something holds of the village rather than how much.
    #[must_use]
    pub fn is_once_a_village(&self) -> bool {
        self.indicator.how == How::Distinct
    }

    /// Reads what was typed: digits of any width, commas, a unit behind that must be the chosen one.
    pub fn read(&self, typed: &str) -> Result<Amount, Text> {
        let folded = squeeze(typed).replace([',', '，', '、'], "");
        let end = folded.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(folded.len());
        let (digits, behind) = folded.split_at(end);
        if folded.starts_with('-') || folded.starts_with('−') {
            return Err(text!("数量应大于 0；要更正以前的记录，请打开那一条修改"));
        }
        if !behind.is_empty() && behind != self.unit {
            return Err(text!(
                "数量后面写的是“{typed}”，前面选的单位是“{unit}”，请改成一样的",
                typed = behind,
                unit = Text::key(self.unit)
            ));
        }
        let number = Decimal::parse(digits).ok_or_else(|| text!("请填数量，例如 12 或 3.5"))?;
        if number.digits == 0 {
            return Err(text!("数量应大于 0；要更正以前的记录，请打开那一条修改"));
        }
        if number.is_above(self.most) {
            return Err(text!(
                "一次最多记 {most} {unit}；请核对数量和单位，确实更多时分开记",
                most = self.most,
                unit = Text::key(self.unit)
            ));
        }
        let smallest = number.times(self.times, self.per);
        let whole = self.indicator.divisor == 1;
        if (whole && !number.is_whole()) || smallest == 0 {
            return Err(text!("这一项按{unit}计，应是整数", unit = Text::key(self.unit)));
        }
        Ok(Amount { smallest, typed: number.to_string() })
    }

    /// The question back about an amount that is hardly ever right.
    #[must_use]
    pub fn doubt(&self, amount: &Amount) -> Option<Text> {
        let number = Decimal::parse(&amount.typed)?;
        number.is_above(self.ask).then(|| {
            let unit = Text::key(self.unit);
            if self.unit == "公斤" {
                text!("{n} 公斤就是 {jin} 斤，是不是把斤写成了公斤？", n = amount.typed, jin = amount.smallest * 2)
            } else {
                text!("一次 {n} {unit} 不常见，请核对数量和单位。", n = amount.typed, unit = unit)
            }
        })
    }
}

/// A decimal number as typed: `digits` without the point, `places` of them behind it.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    places: u32,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let part = part.trim_end_matches('0');
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || whole.len() > 15 || part.len() > 6 || !plain(whole) || !plain(part) {
            return None;
        }
        let digits = format!("{whole}{part}").parse().ok()?;
        Some(Self { digits, places: u32::try_from(part.len()).ok()? })
    }

    fn is_above(self, limit: i64) -> bool {
        self.digits > i128::from(limit) * 10_i128.pow(self.places)
    }

    fn is_whole(self) -> bool {
        self.digits % 10_i128.pow(self.places) == 0
    }

    /// Times `times` by `per`, rounded half up.
    fn times(self, times: i64, per: i64) -> i64 {
        let below = i128::from(per) * 10_i128.pow(self.places);
        let twice = 2 * self.digits * i128::from(times) + below;
        i64::try_from(twice / (2 * below)).unwrap_or(i64::MAX)
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = 10_i128.pow(self.places);
        write!(f, "{}", self.digits / unit)?;
        if self.places > 0 {
            write!(f, ".{:0width$}", self.digits % unit, width = self.places as usize)?;
        }
        Ok(())
    }
}

/// The whole menu, in its order.
pub fn menu() -> &'static [Line] {
    static MENU: OnceLock<Vec<Line>> = OnceLock::new();
    MENU.get_or_init(|| include_str!("../../data/outcomes.csv").lines().skip(1).filter_map(line).collect())
}

fn line(text: &'static str) -> Option<Line> {
    let cells: Vec<&'static str> = text.split(',').collect();
    let [code, word, unit, times, per, ask, most] = cells.as_slice() else { return None };
    Some(Line {
        indicator: Catalogue::get().find(code)?,
        word,
        unit,
        times: times.parse().ok()?,
        per: per.parse().ok()?,
        ask: ask.parse().ok()?,
        most: most.parse().ok()?,
    })
}

/// The line behind a form's choice.
#[must_use]
pub fn find(value: &str) -> Option<&'static Line> {
    menu().iter().find(|line| line.value() == value)
}

/// The line of a stored outcome.
#[must_use]
pub fn of(code: &str, unit: &str) -> Option<&'static Line> {
    menu().iter().find(|line| line.code() == code && line.unit == unit)
}

/// The choices of a form.
#[must_use]
pub fn choices() -> Vec<Choice> {
    menu().iter().map(|line| Choice::new(line.value(), line.label())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str, typed: &str) -> Result<i64, String> {
        let line = find(value).expect("on the menu");
        line.read(typed).map(|amount| amount.smallest).map_err(|text| text.zh())
    }

    #[test]
    fn every_line_of_the_menu_is_understood() {
        let lines = include_str!("../../data/outcomes.csv").lines().count() - 1;
        assert_eq!(menu().len(), lines);
        for line in menu() {
            assert!(line.ask <= line.most && line.per > 0 && line.times > 0, "{}", line.value());
            assert!(!line.indicator.sealed);
        }
    }

    #[test]
    fn amounts_are_kept_in_the_smallest_unit() {
        for (value, typed, smallest) in [
            ("gain.fund:万元", "35.5", 35_500_000),
            ("gain.fund:元", "8000", 800_000),
            ("gain.fund:万元", "１，２００", 1_200_000_000),
            ("gain.produce_sold:公斤", "3000 公斤", 3_000),
            ("gain.produce_sold:斤", "3001", 1_501),
            ("gain.produce_sold:吨", "1.25", 1_250),
            ("gain.land:亩", "12.5", 1_250),
            ("gain.lamp:盏", "20.0", 20),
        ] {
            assert_eq!(read(value, typed), Ok(smallest), "{value} {typed}");
        }
    }

    #[test]
    fn amounts_that_cannot_be_are_refused_in_words() {
        for (value, typed, says) in [
            ("gain.fund:万元", "", "请填数量"),
            ("gain.fund:万元", "很多", "请改成一样的"),
            ("gain.fund:万元", "-5", "应大于 0"),
            ("gain.fund:万元", "0", "应大于 0"),
            ("gain.fund:万元", "0.00", "应大于 0"),
            ("gain.fund:万元", "1.2.3", "请填数量"),
            ("gain.fund:万元", "99999999", "一次最多记"),
            ("gain.fund:万元", "123456789012345678901234567890", "请填数量"),
            ("gain.fund:万元", "1e9", "请改成一样的"),
            ("gain.produce_sold:公斤", "600斤", "请改成一样的"),
            ("gain.lamp:盏", "2.5", "应是整数"),
        ] {
            let said = read(value, typed).expect_err(typed);
            assert!(said.contains(says), "{value} {typed}: {said}");
        }
    }

    #[test]
    fn an_improbable_amount_is_asked_back() {
        let line = find("gain.produce_sold:公斤").expect("on the menu");
        let doubt = |typed: &str| line.doubt(&line.read(typed).expect("read")).map(|text| text.zh());
        assert_eq!(doubt("300000"), None);
        assert!(doubt("400000").is_some_and(|said| said.contains("800000 斤")));
        let fund = find("gain.fund:万元").expect("on the menu");
        assert!(fund.doubt(&fund.read("501").expect("read")).is_some());
    }
}
