//! Briefings of a place, newest first.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter, FilterKind, Pages, Shell, State as Shown, Table, Tone, filters},
    i18n::Text,
    text,
    web::AppResult,
};

use super::super::store;
use crate::{
    accounts::Permission,
    places,
    spine::facts::{read::Span, written_span},
    web::Ctx,
};

#[derive(Template)]
#[template(path = "briefings/briefings.html")]
struct ListPage {
    shell: Shell,
    table: Table,
    rows: Vec<Row>,
    new: Option<String>,
}

struct Row {
    href: String,
    title: String,
    place: String,
    period: String,
    who: String,
    when: String,
    state: Shown,
}

pub(super) fn state_of(code: &str) -> Shown {
    match code {
        "signed" => Shown::new(Tone::Ok, text!("已签发")),
        "cancelled" => Shown::new(Tone::Idle, text!("已作废")),
        _ => Shown::new(Tone::Wait, text!("草稿")),
    }
}

fn row(line: store::Line) -> Row {
    let who = match (&line.signed_by, line.signed_on) {
        (Some(by), Some(_)) => by.clone(),
        _ => line.actor.clone(),
    };
    Row {
        href: format!("/briefings/{}/{}", line.county_id, line.id),
        place: places::short_name(&line.place_name.unwrap_or_else(|| line.place.to_string())),
        period: written_span(Span { from: line.since, to: line.until }),
        when: line.signed_on.map_or_else(|| line.made_at.local_minute(), |on| on.to_string()),
        who,
        state: state_of(&line.state),
        title: line.title,
    }
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let scope = ctx.scope.within(place);
    let state = Some(address.get("state")).filter(|state| matches!(*state, "draft" | "signed" | "cancelled"));
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, state).await?;
    let lines = store::list(&mut conn, &scope, state, pages.span()).await?;
    let choice = |code: &str, label: Text| Choice::new(code, label);
    let choices = vec![
        choice("", text!("草稿和已签发")),
        choice("draft", text!("草稿")),
        choice("signed", text!("已签发")),
        choice("cancelled", text!("已作废")),
    ];
    let value = state.unwrap_or_default().to_owned();
    let filter = Filter { name: "state", label: text!("状态"), kind: FilterKind::Select(choices), value };
    let columns = [text!("题目"), text!("地方"), text!("时间段"), text!("谁"), text!("何时"), text!("状态")];
    let mut table = Table::new(text!("简报"), &address, vec![filter], columns.map(Column::new).to_vec());
    (table.xlsx, table.csv) = (None, None);
    let table = table.rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("简报"), Some(place)).await?,
        table,
        rows: lines.into_iter().map(row).collect(),
        new: ctx.may(Permission::BriefingsWrite).then(|| format!("/briefings/new?place={place}")),
    };
    Ok(ctx.page(&page))
}
