//! How a figure is said outside its page: in a unit of its measure, exactly or rounded down; and where it opens.

use base::{
    html::Address,
    kernel::{Day, DivisionCode},
};

use super::{Indicator, read::Span};

/// Where a figure opens.
#[must_use]
pub fn figure_href(code: &str, place: DivisionCode, span: Span, today: Day) -> String {
    // Without a day the link means today, also tomorrow.
    if span.to == today { address(code, place, span.from, None) } else { figure_then(code, place, span) }
}

/// Where a figure of a period opens for good: a paper's figure does not move on with the days.
#[must_use]
pub fn figure_then(code: &str, place: DivisionCode, span: Span) -> String {
    address(code, place, span.from, Some(span.to))
}

fn address(code: &str, place: DivisionCode, from: Option<Day>, to: Option<Day>) -> String {
    let said = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let address = Address::parse(&format!("/figures/{code}")).with("place", &place.to_string());
    address.with("from", &said(from)).with("to", &said(to)).to_string()
}

/// A period as papers write it: 2023年, 2024年1月, 2023年1月1日至2024年1月18日.
#[must_use]
pub fn written_span(span: Span) -> String {
    let Some(from) = span.from else { return format!("截至{}", span.to.written()) };
    let after = span.to.plus_days(1);
    let begins = from.day_of_month() == 1 && after.day_of_month() == 1;
    if begins && from.month_of_year() == 1 && from.plus_months(12) == after {
        return format!("{}年", from.year());
    }
    if begins && from.month_of_year() % 3 == 1 && from.plus_months(3) == after {
        let quarter = ["一", "二", "三", "四"][usize::from((from.month_of_year().unsigned_abs() - 1) / 3) % 4];
        return format!("{}年第{quarter}季度", from.year());
    }
    if begins && from.plus_months(1) == after {
        return format!("{}年{}月", from.year(), from.month_of_year());
    }
    if from == span.to {
        return from.written();
    }
    format!("{}至{}", from.written(), span.to.written())
}

/// A unit in which amounts of an indicator can be said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    /// As it reads behind the number.
    pub word: String,
    /// Smallest units of the indicator in one of these: always a power of ten.
    per: i64,
}

/// A unit of another measure.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("“{name}”的单位是{own}，不能写成{asked}")]
pub struct UnitError {
    pub name: String,
    pub own: String,
    pub asked: String,
}

/// Measures that have several units: smallest units of an indicator in one of each.
const MONEY: [(&str, i64); 4] = [("元", 100), ("千元", 100_000), ("万元", 1_000_000), ("亿元", 10_000_000_000)];
const WEIGHT: [(&str, i64); 4] = [("公斤", 1), ("吨", 1_000), ("万公斤", 10_000), ("万吨", 10_000_000)];
const LAND: [(&str, i64); 2] = [("亩", 100), ("万亩", 1_000_000)];

impl Unit {
    /// The unit that the catalogue gives.
    #[must_use]
    pub fn own(indicator: &Indicator) -> Self {
        Self { word: indicator.unit.clone(), per: indicator.divisor.max(1) }
    }

    /// Another unit of the same measure; the catalogue's where nothing is asked. Things counted one by one take any
    /// measure word (个, 支, 名), and 万 before it.
    pub fn of(indicator: &Indicator, asked: &str) -> Result<Self, UnitError> {
        let own = Self::own(indicator);
        if asked.is_empty() || asked == own.word {
            return Ok(own);
        }
        let wrong = || UnitError { name: indicator.name.clone(), own: own.word.clone(), asked: asked.to_owned() };
        for measure in [&MONEY[..], &WEIGHT[..], &LAND[..]] {
            let per = |word: &str| measure.iter().find(|(known, _)| *known == word).map(|(_, per)| *per);
            if per(&own.word) == Some(own.per) {
                return per(asked).map(|per| Self { word: asked.to_owned(), per }).ok_or_else(wrong);
            }
            if per(asked).is_some() {
                return Err(wrong());
            }
        }
        if own.per != 1 || own.word == "%" || asked == "%" {
            return Err(wrong());
        }
        let per = if asked.starts_with('万') { 10_000 } else { 1 };
        Ok(Self { word: asked.to_owned(), per })
    }

    /// Every unit of the indicator's measure, its own first.
    #[must_use]
    pub fn choices(indicator: &Indicator) -> Vec<String> {
        let own = Self::own(indicator);
        let others = [&MONEY[..], &WEIGHT[..], &LAND[..]].into_iter().flatten().map(|(word, _)| *word);
        let others = others.filter(|word| *word != own.word && Self::of(indicator, word).is_ok());
        let others: Vec<String> = others.map(str::to_owned).collect();
        std::iter::once(own.word.clone()).chain(others).collect()
    }

    /// The number alone, exact, without zeros at its end: `8.2`.
    #[must_use]
    pub fn exact(&self, amount: i64) -> String {
        let per = self.per.unsigned_abs();
        let (whole, rest) = (amount.unsigned_abs() / per, amount.unsigned_abs() % per);
        let sign = if amount < 0 { "-" } else { "" };
        if rest == 0 {
            return format!("{sign}{whole}");
        }
        let digits = usize::try_from(per.ilog10()).unwrap_or(0);
        let decimals = format!("{rest:0digits$}");
        format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }

    /// The number as prose says it: at most two decimals, rounded half up.
    #[must_use]
    pub fn plain(&self, amount: i64) -> String {
        if self.per < 1_000 {
            return self.exact(amount);
        }
        let step = self.per / 100;
        let cents = (amount.abs() + step / 2) / step;
        let hundredths = Self { word: String::new(), per: 100 };
        hundredths.exact(cents * amount.signum())
    }

    /// Rounded down as papers do (1,236 → 1200余, 36 → 30余). 余 stands only where there is more than the number says; a
    /// figure below ten is said as it is.
    #[must_use]
    pub fn above(&self, amount: i64) -> String {
        let whole = amount / self.per;
        if whole < 10 {
            return self.plain(amount);
        }
        let digits = whole.ilog10();
        let step = 10_i64.pow(if digits == 1 { 1 } else { digits - 1 });
        let round = whole / step * step;
        if round * self.per == amount { round.to_string() } else { format!("{round}余") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spine::facts::Catalogue;

    fn unit(code: &str, asked: &str) -> Result<Unit, UnitError> {
        Unit::of(Catalogue::get().find(code).expect("an indicator"), asked)
    }

    #[test]
    fn amounts_are_said_in_units_of_their_own_measure() {
        for (code, asked, amount, said) in [
            ("gain.fund", "", 19_860_000_000, "19860"),
            ("gain.fund", "亿元", 19_860_000_000, "1.986"),
            ("gain.fund", "元", 8_200_000, "82000"),
            ("gain.collective_income", "万元", 8_200_000, "8.2"),
            ("gain.produce_sold", "吨", 61_200_000, "61200"),
            ("gain.land", "亩", 405_000, "4050"),
            ("team.in_place", "支", 98, "98"),
            ("card.issued", "万张", 28_140, "2.814"),
            ("gain.fund", "", -5_000_000, "-5"),
        ] {
            assert_eq!(unit(code, asked).expect("a unit").exact(amount), said, "{code} {asked}");
        }
        assert_eq!(unit("gain.fund", "亿元").expect("a unit").plain(19_860_000_000), "1.99");
        assert_eq!(unit("gain.fund", "").expect("a unit").plain(1_234_567), "1.23");
        for (code, asked) in
            [("gain.fund", "公斤"), ("team.in_place", "万元"), ("card.coverage", "户"), ("gain.job", "%")]
        {
            assert!(unit(code, asked).is_err(), "{code} in {asked}");
        }
        let fund = Catalogue::get().find("gain.fund").expect("an indicator");
        assert_eq!(Unit::choices(fund), ["万元", "元", "千元", "亿元"]);
    }

    #[test]
    fn periods_are_written_as_papers_do() {
        let day = |text: &str| Day::parse(text).expect("a day");
        let of = |from: Option<&str>, to: &str| written_span(Span { from: from.map(day), to: day(to) });
        assert_eq!(of(Some("2023-01-01"), "2023-12-31"), "2023年");
        assert_eq!(of(Some("2023-10-01"), "2023-12-31"), "2023年第四季度");
        assert_eq!(of(Some("2024-02-01"), "2024-02-29"), "2024年2月");
        assert_eq!(of(Some("2024-01-18"), "2024-01-18"), "2024年1月18日");
        assert_eq!(of(Some("2023-06-01"), "2024-01-18"), "2023年6月1日至2024年1月18日");
        assert_eq!(of(None, "2024-01-18"), "截至2024年1月18日");
    }

    #[test]
    fn more_is_said_only_where_there_is_more() {
        let count = unit("village.rule", "").expect("a unit");
        let said = |n: i64| count.above(n);
        assert_eq!([said(1_236), said(36), said(122), said(6_450)], ["1200余", "30余", "120余", "6400余"]);
        assert_eq!([said(1_200), said(40), said(7), said(0), said(10)], ["1200", "40", "7", "0", "10"]);
        let money = unit("gain.fund", "").expect("a unit");
        assert_eq!([money.above(12_000_000), money.above(12_500_000)], ["10余", "10余"]);
        assert_eq!(money.above(8_200_000), "8.2");
    }
}
