//! Time as roll-ups have it: whole months, and the days of months that a period cuts. Pure.

use std::collections::BTreeSet;

use base::kernel::{Day, Month};

use crate::spine::facts::read::Span;

/// What is read so that every one of some spans can be added up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Everything before this month, in one sum.
    pub before: Option<Month>,
    /// Whole months, first and last.
    pub months: Option<(Month, Month)>,
    /// Whether the months are told apart; otherwise they are one sum.
    pub apart: bool,
    /// Months that a span cuts, day by day.
    pub days: Vec<(Day, Day)>,
}

impl Cut {
    /// Of figures that add up from the first day of a span, or, `standing`, from the first day of all.
    #[must_use]
    pub fn of(spans: &[Span], standing: bool) -> Self {
        let open = standing || spans.iter().any(|span| span.from.is_none());
        let begins = spans.iter().filter_map(|span| span.from).filter(|_| !standing);
        let edges: BTreeSet<Day> = begins.chain(spans.iter().map(|span| span.to.plus_days(1))).collect();
        let (Some(&first), Some(&end)) = (edges.first(), edges.last()) else {
            return Self { before: None, months: None, apart: false, days: Vec::new() };
        };
        let last = end.plus_days(-1);
        let split: BTreeSet<Month> =
            edges.iter().filter(|day| day.day_of_month() != 1).map(|day| day.month()).collect();
        let days = split.iter().map(|month| {
            let (begin, done) = (month.first_day(), month.next().first_day().plus_days(-1));
            (if open { begin } else { begin.max(first) }, done.min(last))
        });
        let apart = edges.len() > if open { 1 } else { 2 };
        let mut from = first.month();
        let mut to = last.month();
        if !apart && split.contains(&from) {
            from = from.next();
        }
        if !apart && split.contains(&to) {
            to = to.first_day().plus_days(-1).month();
        }
        Self {
            before: open.then_some(first.month()),
            months: (from <= to).then_some((from, to)),
            apart,
            days: days.collect(),
        }
    }

    /// Whether a month is read day by day.
    #[must_use]
    pub fn splits(&self, month: Month) -> bool {
        self.days.iter().any(|(day, _)| day.month() == month)
    }

    /// Where the sum of everything before stands: before the first day on which any span begins or ends.
    #[must_use]
    pub fn day_before(month: Month) -> Day {
        month.first_day().plus_days(-1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: Option<&str>, to: &str) -> Span {
        let day = |text: &str| Day::parse(text).expect("a day");
        Span { from: from.map(day), to: day(to) }
    }

    fn said(spans: &[Span], standing: bool) -> String {
        let cut = Cut::of(spans, standing);
        let before = cut.before.map_or_else(String::new, |month| format!("<{month} "));
        let months =
            cut.months.map_or_else(String::new, |(a, b)| format!("{a}..{b}{} ", if cut.apart { "*" } else { "" }));
        let days: Vec<String> = cut.days.iter().map(|(a, b)| format!("{a}~{b}")).collect();
        format!("{before}{months}{}", days.join(" ")).trim_end().to_owned()
    }

    #[test]
    fn spans_are_cut_into_months_and_the_days_between() {
        let year = span(Some("2023-01-01"), "2023-12-31");
        assert_eq!(said(&[year], false), "2023-01..2023-12");
        assert_eq!(said(&[year], true), "<2024-01");
        assert_eq!(said(&[span(None, "2024-01-18")], false), "<2024-01 2024-01-01~2024-01-18");
        let cut = span(Some("2023-06-03"), "2024-01-18");
        assert_eq!(said(&[cut], false), "2023-07..2023-12 2023-06-03~2023-06-30 2024-01-01~2024-01-18");
        assert_eq!(said(&[cut], true), "<2024-01 2024-01-01~2024-01-18");
        let quarters = [span(Some("2023-07-01"), "2023-09-30"), span(Some("2023-10-01"), "2023-12-31")];
        assert_eq!(said(&quarters, false), "2023-07..2023-12*");
        assert_eq!(said(&quarters, true), "<2023-10 2023-10..2023-12*");
        let terms = [span(Some("2021-05-11"), "2023-05-31"), span(Some("2023-06-01"), "2024-01-18")];
        assert_eq!(said(&terms, false), "2021-05..2024-01* 2021-05-11~2021-05-31 2024-01-01~2024-01-18");
        assert_eq!(said(&[span(Some("2024-01-05"), "2024-01-09")], false), "2024-01-05~2024-01-09");
    }
}
