//! Pictures, each with its table behind it: the parts side by side, months, states, and who the people on post are.

use std::collections::BTreeMap;

use base::{
    db::Conn,
    html::{Address, Chart},
    i18n::Text,
    kernel::DivisionCode,
    text,
    web::AppResult,
    word,
};

use super::{Aspect, View, small};
use crate::{
    places::outlines,
    spine::facts::{Catalogue, How, read::Span, sums},
    statistics::{
        rules::{Class, Part, figure_href},
        store::Group,
    },
};

const MONTHS: i64 = 24;

/// States that things of one kind are in, by their figures.
const STATES: [(&str, &[&str]); 2] = [
    (word!("问题走到哪一步"), &["problem.state.waiting", "problem.state.claimed", "problem.state.solved"]),
    (
        word!("项目走到哪一步"),
        &[
            "project.stage.listed",
            "project.stage.approved",
            "project.stage.started",
            "project.stage.finished",
            "project.stage.accepted",
            "project.stage.stopped",
        ],
    ),
];

/// The figure looked at, part by part: on a map where outlines are known, else as areas.
pub(super) async fn parts(conn: &mut Conn, view: &View) -> AppResult<Option<Picture>> {
    let shown = |code: DivisionCode| view.figure.shown(view.amount(&view.figure.code, code));
    let mut parts: Vec<(String, String, f64, Option<String>)> = view
        .parts
        .iter()
        .map(|part| {
            let href = figure_href(&view.figure.code, part.code, view.figure_span(), view.today);
            let name = Text::data(part.short()).in_lang(view.lang);
            (part.code.to_string(), name, shown(part.code), Some(href))
        })
        .filter(|(_, _, amount, _)| *amount > 0.0)
        .collect();
    if parts.len() < 2 {
        return Ok(None);
    }
    parts.sort_by(|one, other| other.2.total_cmp(&one.2));
    let title = text!("{figure}：按地方", figure = Text::key(view.figure.name.as_str()));
    let unit = Text::key(view.figure.unit.as_str()).in_lang(view.lang);
    if outlines::store::parts(conn, view.place).await?.is_empty() {
        let areas: Vec<_> = parts.into_iter().map(|(_, name, amount, href)| (name, amount, href)).collect();
        return Ok(Some(Picture { chart: Chart::treemap(title, &unit, &areas), note: Text::default() }));
    }
    let chart = Chart::map(title, &unit, &format!("/outlines/{}.json", view.place), &parts);
    let note = match outlines::store::source(conn, view.place).await? {
        Some((source, approval)) => {
            text!("底图来源：{source}；审图号：{approval}", source = source, approval = approval)
        }
        None => text!("圆点是村的位置，由本单位提供。"),
    };
    Ok(Some(Picture { chart, note }))
}

/// A picture and what must stand below it.
pub(super) struct Picture {
    pub chart: Chart,
    pub note: Text,
}

/// The last months of the figure looked at: what stood at their ends, or what came in each.
pub(super) async fn trend(conn: &mut Conn, view: &View) -> AppResult<Chart> {
    let figure = view.figure;
    let mut month = view.span.to.month().first_day().plus_months(1 - MONTHS).month();
    let movements = sums::by_month(conn, &figure.code, view.place, (month, view.span.to)).await?;
    let by_month: BTreeMap<_, _> = movements.into_iter().collect();
    let (mut labels, mut figures) = (Vec::new(), Vec::new());
    let stands = matches!(figure.how, How::State);
    let before = Span { from: None, to: month.first_day().plus_days(-1) };
    let mut standing: i64 = match stands {
        true => sums::amounts(conn, &[&figure.code], &[view.place], before).await?.values().sum(),
        false => 0,
    };
    while month <= view.span.to.month() {
        let moved = by_month.get(&month).copied().unwrap_or(0);
        standing += moved;
        let to = month.next().first_day().plus_days(-1).min(view.span.to);
        let from = (!stands).then(|| month.first_day());
        labels.push((month.to_string(), Some(figure_href(&figure.code, view.place, Span { from, to }, view.today))));
        figures.push(figure.shown(if stands { standing } else { moved }));
        month = month.next();
    }
    let name = Text::key(figure.name.as_str());
    let (kind, title) = if stands {
        ("line", text!("近 24 个月月末：{figure}", figure = name.clone()))
    } else {
        ("bar", text!("近 24 个月每月：{figure}", figure = name.clone()))
    };
    Ok(Chart::series(kind, title, &labels, &[(name.in_lang(view.lang), figures)]))
}

/// How many things stand in each state; nothing where there are none.
pub(super) async fn states(conn: &mut Conn, view: &View) -> AppResult<Vec<Chart>> {
    let codes: Vec<&str> = STATES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let grid = view.amounts(conn, &codes, &[view.place], view.until()).await?;
    let chart = |(title, codes): &(&'static str, &[&str])| {
        let known = codes.iter().filter_map(|code| Catalogue::get().find(code));
        let bars: Vec<_> = known
            .map(|one| {
                let name = Text::key(one.name.as_str()).in_lang(view.lang);
                let amount = grid.get(&(one.code.clone(), view.place)).copied().unwrap_or(0);
                ((name, Some(view.href(&one.code, view.place))), small(amount))
            })
            .collect();
        let any = bars.iter().any(|(_, amount)| *amount > 0.0);
        let (labels, amounts): (Vec<_>, Vec<f64>) = bars.into_iter().unzip();
        any.then(|| Chart::series("bar", Text::key(title), &labels, &[(text!("个").in_lang(view.lang), amounts)]))
    };
    Ok(STATES.iter().filter_map(chart).collect())
}

/// Who the people on post are, class by class.
pub(super) fn compositions(aspect: &Aspect, groups: &[Group]) -> Vec<Chart> {
    if groups.is_empty() {
        return Vec::new();
    }
    let chart = |part: Part| {
        let classes = part.counts(groups);
        let label = |class: &Class| {
            let address = Address::parse("/dashboard/people").with("place", &aspect.place.to_string());
            let href = address.with("to", &aspect.day).with("by", part.code()).with("is", &class.code);
            (class.label.in_lang(aspect.lang), Some(href.to_string()))
        };
        let labels: Vec<_> = classes.iter().map(|(class, _)| label(class)).collect();
        let counts = classes.iter().map(|(_, people)| small(*people)).collect();
        Chart::series("bar", part.label(), &labels, &[(text!("人数").in_lang(aspect.lang), counts)])
    };
    Part::ALL.into_iter().map(chart).collect()
}
