//! A person's facts by quarter and duty.

use std::collections::BTreeMap;

use base::kernel::Day;

use crate::spine::facts::{How, Indicator};

/// One fact of the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    pub day: Day,
    pub name: String,
    /// The amount in the indicator's unit: `12.5 万元`.
    pub figure: String,
    /// Where it happened.
    pub place: String,
}

/// The facts of one duty in a quarter.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Group {
    pub title: String,
    /// What they add up to, by indicator: 显绩.
    pub visible: Vec<(String, String)>,
    /// 潜绩.
    pub groundwork: Vec<(String, String)>,
    pub entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Quarter {
    pub year: i16,
    pub quarter: i8,
    pub groups: Vec<Group>,
}

/// A standing fact as it is stored, with its indicator.
#[derive(Clone, Debug)]
pub struct Stored<'a> {
    pub indicator: &'a Indicator,
    pub day: Day,
    pub amount: i64,
    pub place: String,
}

/// Amounts as people write them: whole numbers without a point.
#[must_use]
pub fn written(indicator: &Indicator, amount: i64) -> String {
    let shown = indicator.shown(amount);
    let number = if shown.fract() == 0.0 { format!("{shown:.0}") } else { format!("{shown}") };
    format!("{number} {}", indicator.unit)
}

/// Sums by quarter (newest first), duty and indicator. States and distinct figures are no results of one person and
/// are left out.
#[must_use]
pub fn quarters(facts: &[Stored<'_>]) -> Vec<Quarter> {
    let mut by_quarter: BTreeMap<(i16, i8), BTreeMap<&str, Vec<&Stored<'_>>>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| fact.indicator.how == How::Sum && !fact.indicator.sealed) {
        let quarter = (fact.day.year(), (fact.day.month_of_year() - 1) / 3 + 1);
        by_quarter.entry(quarter).or_default().entry(fact.indicator.group.as_str()).or_default().push(fact);
    }
    let quarter = |((year, quarter), groups): ((i16, i8), BTreeMap<&str, Vec<&Stored<'_>>>)| Quarter {
        year,
        quarter,
        groups: groups.into_iter().map(|(title, facts)| group(title, &facts)).collect(),
    };
    by_quarter.into_iter().rev().map(quarter).collect()
}

fn group(title: &str, facts: &[&Stored<'_>]) -> Group {
    let mut sums: BTreeMap<&str, (&Indicator, i64)> = BTreeMap::new();
    for fact in facts {
        sums.entry(fact.indicator.code.as_str()).or_insert((fact.indicator, 0)).1 += fact.amount;
    }
    let of = |groundwork: bool| {
        let kept = sums.values().filter(|(indicator, _)| indicator.groundwork == groundwork);
        kept.map(|(indicator, amount)| (indicator.name.clone(), written(indicator, *amount))).collect()
    };
    let entry = |fact: &&Stored<'_>| Entry {
        day: fact.day,
        name: fact.indicator.name.clone(),
        figure: written(fact.indicator, fact.amount),
        place: fact.place.clone(),
    };
    let mut entries: Vec<Entry> = facts.iter().map(entry).collect();
    entries.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.name.cmp(&b.name)));
    Group { title: title.to_owned(), visible: of(false), groundwork: of(true), entries }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spine::facts::Catalogue;

    #[test]
    fn facts_are_summed_by_quarter_and_duty() {
        let issued = Catalogue::get().find("card.issued").expect("known");
        let state = Catalogue::get().find("posting.cadre").expect("known");
        let fact = |indicator, day, amount| Stored {
            indicator,
            day: Day::parse(day).expect("a day"),
            amount,
            place: "麦田村".into(),
        };
        let facts = [
            fact(issued, "2023-07-01", 3),
            fact(issued, "2023-09-30", 4),
            fact(issued, "2023-10-01", 5),
            fact(state, "2023-06-15", 1),
        ];
        let quarters = quarters(&facts);
        let said: Vec<_> = quarters.iter().map(|q| (q.year, q.quarter, q.groups[0].visible.clone())).collect();
        let sum = |text: &str| vec![("便民联心卡".to_owned(), text.to_owned())];
        assert_eq!(said, [(2023, 4, sum("5 张")), (2023, 3, sum("7 张"))]);
        assert_eq!(quarters[1].groups[0].entries[0].day.to_string(), "2023-09-30");
    }
}
