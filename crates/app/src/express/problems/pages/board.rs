//! The board: problems by where they stand, late ones first.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Card, Lane, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    text,
    web::AppResult,
};

use super::{
    super::store::{self, Filter, Line, View},
    list::scope_of,
    pill,
};
use crate::{express::section, places::short_name, web::Ctx};

/// Cards of a column.
const MOST: i64 = 12;

#[derive(Template)]
#[template(path = "express/problems/lanes.html")]
struct BoardPage {
    shell: Shell,
    views: Vec<Link>,
    lanes: Vec<Lane>,
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let (scope, place, _) = scope_of(&ctx);
    let mut conn = ctx.read().await?;
    let mut lanes = Vec::new();
    for (view, tone, word) in [
        (View::Late, Tone::Late, text!("逾期")),
        (View::Waiting, Tone::Wait, text!("待办定")),
        (View::InHand, Tone::Wait, text!("在办")),
        (View::ToConfirm, Tone::Wait, text!("待确认")),
        (View::StruckOff, Tone::Ok, text!("已销号")),
    ] {
        let filter = Filter { view, ..Filter::default() };
        let rows = store::list(&mut conn, &scope, &filter, ctx.today, (MOST, 0)).await?;
        let count = store::count(&mut conn, &scope, &filter, ctx.today).await?.unwrap_or(crate::express::COUNTED);
        let more = Address::parse("/problems").with("show", view.code());
        let more = place.map_or(more.clone(), |place| more.with("place", &place.to_string()));
        lanes.push(Lane {
            state: Shown::new(tone, word),
            count: u64::try_from(count).unwrap_or_default(),
            cards: rows.into_iter().map(|line| card(line, &ctx)).collect(),
            more: (count > MOST).then(|| more.to_string()),
        });
    }
    let shell = ctx.shell(&mut conn, text!("问题看板"), place).await?;
    Ok(ctx.page(&BoardPage { shell, views: section(&ctx, "/problems/board"), lanes }))
}

fn card(line: Line, ctx: &Ctx) -> Card {
    let village = short_name(&line.village_name.clone().unwrap_or_else(|| line.village.to_string()));
    let unit = line.unit_name.clone().unwrap_or_default();
    let due = super::day(line.due);
    let note = [village, unit, due].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    Card {
        href: line.href(),
        state: Some(pill(&line.state, line.is_late(ctx.today))),
        title: Text::data(line.title),
        note: Text::data(note),
        act: None,
    }
}
