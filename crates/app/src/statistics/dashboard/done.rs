//! What was done in the period, by the group of duties, beside the same days of the year before.

use base::{db::Conn, html::Cell, html::CompareRow, i18n::Text, text, web::AppResult};

use super::{Grid, View, figure, said};
use crate::{
    app::App,
    places,
    spine::facts::{Catalogue, How, Indicator, read::Span},
    statistics::rules::figure_href,
};

/// One card: results that show, or groundwork for later.
pub(super) struct Card {
    pub title: Text,
    pub note: Text,
    pub heads: Vec<Text>,
    /// A group of duties and its figures.
    pub groups: Vec<(Text, Vec<CompareRow>)>,
}

struct Line {
    indicator: &'static Indicator,
    now: i64,
    before: Option<i64>,
}

/// Every sum and distinct figure that is more than nothing in the period.
pub(super) async fn cards(app: &App, conn: &mut Conn, view: &View) -> AppResult<Vec<Card>> {
    let before =
        view.span.from.map(|from| Span { from: Some(from.plus_months(-12)), to: view.span.to.plus_months(-12) });
    let mut lines = Vec::new();
    let sums: Vec<&'static Indicator> = counted(|how| matches!(how, How::Sum)).collect();
    let codes: Vec<&str> = sums.iter().map(|one| one.code.as_str()).collect();
    let now = view.amounts(conn, &codes, &[view.place], view.span).await?;
    let then = match before {
        Some(span) => Some(view.amounts(conn, &codes, &[view.place], span).await?),
        None => None,
    };
    for indicator in sums {
        let key = (indicator.code.clone(), view.place);
        let amount = |grid: &Grid| grid.get(&key).copied().unwrap_or(0);
        lines.push(Line { indicator, now: amount(&now), before: then.as_ref().map(amount) });
    }
    let whole = places::store::with_predecessors(conn, view.place).await?;
    for indicator in counted(|how| matches!(how, How::Distinct)) {
        let now = figure(app, conn, indicator, &whole, view.span).await?;
        let before = match before {
            Some(span) => Some(figure(app, conn, indicator, &whole, span).await?),
            None => None,
        };
        lines.push(Line { indicator, now, before });
    }
    lines.retain(|line| line.now != 0 || line.before.is_some_and(|before| before != 0));
    let (groundwork, visible): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.indicator.groundwork);
    let card = |title: Text, note: Text, lines: Vec<Line>| {
        (!lines.is_empty()).then(|| Card {
            title,
            note,
            heads: heads(before.is_some()),
            groups: groups(view, before, lines),
        })
    };
    let cards = [
        card(text!("办成的事"), text!("看得见的成效"), visible),
        card(text!("打基础的事"), text!("一时看不见、为以后做的"), groundwork),
    ];
    Ok(cards.into_iter().flatten().collect())
}

fn counted(of: impl Fn(&How) -> bool) -> impl Iterator<Item = &'static Indicator> {
    Catalogue::get().iter().filter(move |one| !one.sealed && of(&one.how))
}

fn heads(compared: bool) -> Vec<Text> {
    let mut heads = vec![text!("指标"), text!("这段时间")];
    if compared {
        heads.push(text!("上年同期"));
    }
    heads.push(text!("单位"));
    heads
}

/// The lines by group of duties, both in the order of the catalogue.
fn groups(view: &View, before: Option<Span>, lines: Vec<Line>) -> Vec<(Text, Vec<CompareRow>)> {
    let mut groups: Vec<(&str, Vec<CompareRow>)> = Vec::new();
    for Line { indicator, now, before: then } in lines {
        let cell = |amount: i64, span: Span| {
            let text = Text::data(said(indicator, amount));
            let href = figure_href(&indicator.code, view.place, span, view.today);
            Cell { text, num: true, ..Cell::default() }.link(href)
        };
        let mut cells = vec![cell(now, view.span)];
        cells.extend(then.zip(before).map(|(amount, span)| cell(amount, span)));
        cells.push(Cell::text(Text::key(indicator.unit.as_str())));
        let row = CompareRow { name: Text::key(indicator.name.as_str()), href: None, cells };
        match groups.iter_mut().find(|(group, _)| *group == indicator.group) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((&indicator.group, vec![row])),
        }
    }
    groups.into_iter().map(|(group, rows)| (Text::key(group), rows)).collect()
}
