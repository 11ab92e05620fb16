//! A month by person: what was done on which day, and what came of it. Days without an entry are not shown.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Form, Link, Shell, Tile, filters},
    i18n::Text,
    kernel::{Level, Month},
    text,
    web::AppResult,
};

use super::{
    super::{
        OutcomeState,
        store::{self, Filter},
    },
    list::{ShownLine, lines, months, outcomes},
};
use crate::{
    accounts::{Permission, Role},
    log::section,
    spine::facts::Catalogue,
    web::Ctx,
};

/// More entries than a county writes in a month: the sums are of all of them.
const MOST: i64 = 50_000;

#[derive(Template)]
#[template(path = "log/entries/month.html")]
struct MonthPage {
    shell: Shell,
    views: Vec<Link>,
    form: Form,
    months: Vec<Choice>,
    sub: Text,
    person: String,
    tiles: Vec<Tile>,
    days: Vec<(String, Vec<ShownLine>)>,
    before: String,
    after: Option<String>,
    may_write: bool,
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let month = Month::parse(address.get("month")).unwrap_or(ctx.today.month());
    let viewer = ctx.viewer()?;
    let own = viewer.person_id.clone().filter(|_| viewer.has(Role::Cadre));
    let person = Some(address.get("person").to_owned()).filter(|id| !id.is_empty()).or(own);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let filter = Filter { month: Some(month), person_id: person.clone(), ..Filter::default() };
    let rows = store::list(&mut conn, &scope, &filter, MOST, 0).await?;
    let who = rows.first().filter(|_| person.is_some()).map(|row| row.person_name.clone());
    let mut sums: BTreeMap<&'static str, (i64, i64)> = BTreeMap::new();
    for outcome in outcomes(&mut conn, &rows).await?.into_values().flatten().filter_map(|row| row.outcome()) {
        let sum = sums.entry(outcome.indicator.code.as_str()).or_default();
        match outcome.state {
            OutcomeState::Counted { .. } => sum.0 += outcome.amount,
            OutcomeState::Waiting => sum.1 += outcome.amount,
            OutcomeState::SentBack { .. } | OutcomeState::Merged { .. } | OutcomeState::Withdrawn => {}
        }
    }
    let count = rows.len();
    let mut days: Vec<(String, Vec<ShownLine>)> = Vec::new();
    // Day by day for a person or a village; a larger place has its sums, which open to the list.
    let by_day = person.is_some() || place.is_some_and(|place| place.level() == Level::Village);
    let shown = if by_day { rows } else { Vec::new() };
    for line in lines(&mut conn, shown).await? {
        match days.last_mut() {
            Some((day, of_day)) if *day == line.day => of_day.push(line),
            _ => days.push((line.day.clone(), vec![line])),
        }
    }
    let records = address.at("/log").with("has", "outcome").with("month", &month.to_string());
    let records = records.with("person", person.as_deref().unwrap_or_default()).to_string();
    let at = |month: Month| address.with("month", &month.to_string()).to_string();
    let shell = ctx.shell(&mut conn, text!("{month} 的记录", month = month), place).await?;
    let page = MonthPage {
        shell,
        views: section(&ctx, "/log/month"),
        form: Form::of([("month", month.to_string())]),
        months: months(ctx.today, &month.to_string()),
        sub: match who {
            Some(name) => text!("{name} · {n} 条", name = name, n = count),
            None => text!("{n} 条", n = count),
        },
        person: person.unwrap_or_default(),
        tiles: sums.into_iter().filter_map(|(code, sum)| tile(code, sum, &records)).collect(),
        days,
        before: at(month.first_day().plus_days(-1).month()),
        after: (month < ctx.today.month()).then(|| at(month.next())),
        may_write: ctx.may(Permission::LogWrite),
    };
    Ok(ctx.page(&page))
}

/// What came of a month in one indicator, opening to the entries; what waits is said apart.
fn tile(code: &str, (counted, waiting): (i64, i64), records: &str) -> Option<Tile> {
    let indicator = Catalogue::get().find(code)?;
    Some(Tile {
        label: Text::key(&indicator.name),
        figure: indicator.shown(counted).to_string(),
        unit: Text::key(&indicator.unit),
        href: Some(records.to_owned()),
        state: None,
        note: if waiting > 0 {
            text!("另有 {n} 已报待核", n = indicator.shown(waiting))
        } else {
            Text::default()
        },
    })
}
