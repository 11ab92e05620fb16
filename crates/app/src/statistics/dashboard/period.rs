//! The period and the figure looked at: links to usual periods, and a form for any other.

use base::{
    html::{Address, Choice, Link},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppResult, Refusal},
};

use super::View;
use crate::spine::facts::{Catalogue, How, Indicator};

/// The figure looked at where the address names none.
const USUAL: &str = "posting.cadre";
const BATCHES: usize = 3;

/// The form below the links.
pub(super) struct Form {
    pub kept: Vec<(String, String)>,
    pub from: String,
    pub to: String,
    pub figure: &'static str,
    pub figures: Vec<Choice>,
}

impl Form {
    pub(super) fn new(address: &Address, view: &View) -> Self {
        let choice = |one: &'static Indicator| Choice {
            value: one.code.clone(),
            label: text!("{name}（{unit}）", name = Text::key(one.name.as_str()), unit = Text::key(one.unit.as_str())),
        };
        Self {
            kept: address.others(&["from", "to", "figure"]),
            from: view.span.from.map(|day| day.to_string()).unwrap_or_default(),
            to: view.span.to.to_string(),
            figure: &view.figure.code,
            figures: Catalogue::get().iter().filter(|one| can_be_looked_at(one)).map(choice).collect(),
        }
    }
}

/// Sums and states can be followed through months and compared between parts.
fn can_be_looked_at(indicator: &Indicator) -> bool {
    !indicator.sealed && matches!(indicator.how, How::Sum | How::State)
}

/// The figure of an address.
pub(super) fn figure(code: &str) -> AppResult<&'static Indicator> {
    let code = if code.is_empty() { USUAL } else { code };
    let found = Catalogue::get().find(code).filter(|one| can_be_looked_at(one));
    Ok(found.ok_or_else(|| Refusal::at("figure", text!("“{code}”不能画成走势，请另选一个指标。", code = code)))?)
}

/// Usual periods: everything so far, this month, quarter and year, last year, and the last batches.
pub(super) fn links(address: &Address, view: &View) -> Vec<Link> {
    let today = view.today;
    let year = |year: i16, month, day| Day::new(year, month, day).unwrap_or(today);
    let quarter = (today.month_of_year() - 1) / 3 * 3 + 1;
    let mut periods = vec![
        (text!("累计到今天"), None, today),
        (text!("本月"), Some(today.month().first_day()), today),
        (text!("本季度"), Some(year(today.year(), quarter, 1)), today),
        (text!("本年"), Some(year(today.year(), 1, 1)), today),
        (text!("上年"), Some(year(today.year() - 1, 1, 1)), year(today.year() - 1, 12, 31)),
    ];
    for batch in view.batches.iter().filter(|batch| batch.since <= today).take(BATCHES) {
        periods.push((Text::data(batch.name.as_str()), Some(batch.since), batch.until.plus_days(-1).min(today)));
    }
    let link = |(label, from, to): (Text, Option<Day>, Day)| {
        let from_text = from.map(|day| day.to_string()).unwrap_or_default();
        let to_text = if to == today { String::new() } else { to.to_string() };
        let mut link = Link::new(label, address.with("from", &from_text).with("to", &to_text).to_string());
        link.on = view.span.from == from && view.span.to == to;
        link
    };
    periods.into_iter().map(link).collect()
}
