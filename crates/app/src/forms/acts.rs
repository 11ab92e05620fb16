//! What is done with forms, each in the caller's transaction with its audit line.

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, DivisionCode},
    ooxml::OoxmlError,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    file::{Standing, View, view},
    fill::{self, Order, Plan, Report},
    rules::{Kind, MOST_TITLE, Spot, Tie, Whose},
    store::{self, Form},
};
use crate::{
    accounts::{Actor, Scope},
    app::App,
    spine::{
        audit::{self, Change, Subject},
        facts::read::Span,
        files,
    },
};

/// What files are sealed for.
const SEALED: &str = "report-form";
const MEDIA_TYPE: &str = "application/octet-stream";
/// How far one tie may go down at once.
const MOST_BELOW: usize = 300;

/// Slow work on a thread of its own; what is wrong with a file is the sender's to mend.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OoxmlError> + Send + 'static,
) -> AppResult<Result<T, OoxmlError>> {
    tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.into()))
}

/// A file looked at, ready to be kept.
pub struct Looked {
    pub kind: Kind,
    view: View,
    bytes: Vec<u8>,
}

/// Looks at a file; one that is no form is refused in words.
pub async fn look(bytes: Vec<u8>) -> AppResult<Looked> {
    let looked = apart(move || view(&bytes).map(|(kind, view)| Looked { kind, view, bytes })).await?;
    Ok(looked.map_err(|error| Refusal::at("file", error.say()))?)
}

/// Keeps a form with its file; returns its id.
pub async fn keep(
    tx: &mut Tx,
    app: &App,
    place: DivisionCode,
    (title, looked): (&str, &Looked),
    actor: &Actor,
) -> AppResult<String> {
    let title = title.trim();
    if title.is_empty() {
        return Err(Refusal::at("title", text!("请给报表起个名字")).into());
    }
    if title.chars().count() > MOST_TITLE {
        return Err(Refusal::at("title", text!("名字太长，最多 {n} 个字", n = MOST_TITLE)).into());
    }
    let file_id = seal(tx, app, place.county(), title, &looked.bytes, actor).await?;
    let id = store::add(tx, place, (title, looked.kind, &file_id), actor).await?;
    let after = json!({"title": title, "kind": looked.kind.code(), "place": place, "size": looked.bytes.len()});
    note(tx, (place.county(), &id), "form.upload", Change::made(after), actor).await?;
    Ok(id)
}

async fn seal(tx: &mut Tx, app: &App, county: CountyId, name: &str, bytes: &[u8], actor: &Actor) -> AppResult<String> {
    let sealed = app.keys.seal_bytes(SEALED, bytes)?;
    Ok(app.files.keep(tx, county, name, MEDIA_TYPE, &sealed, actor).await?.id)
}

/// A kept file as it was sent or filled.
pub(super) async fn content(conn: &mut Conn, app: &App, county: CountyId, file_id: &str) -> AppResult<Vec<u8>> {
    let stored = files::find(conn, county, file_id).await?.ok_or(AppError::NotFound)?;
    let sealed = app.files.content(&stored).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(app.keys.open_bytes(SEALED, &sealed)?)
}

/// The cells of a form.
pub(super) async fn shown(conn: &mut Conn, app: &App, form: &Form) -> AppResult<View> {
    let bytes = content(conn, app, form.county, &form.file_id).await?;
    let shown = apart(move || view(&bytes)).await?;
    Ok(shown.map_err(|error| AppError::Internal(error.into()))?.1)
}

async fn note(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    action: &'static str,
    change: Change,
    actor: &Actor,
) -> AppResult<()> {
    Ok(audit::write(tx, county, actor, action, Subject { kind: "report_form", id }, change).await?)
}

/// The places that a tie takes: one, or down to a row; cells with formulas among them are passed over.
fn spots(view: &View, spot: &Spot, to_row: Option<usize>) -> Result<Vec<Spot>, Refusal> {
    let first = view.first_of(spot.clone());
    match view.standing(&first) {
        Standing::Free => {}
        Standing::Formula => {
            let say = text!("{cell} 是公式，由表自己算，不用对应", cell = first.said());
            return Err(Refusal::at("spot", say));
        }
        Standing::Absent => return Err(Refusal::at("spot", text!("表里没有 {cell} 这一格", cell = first.said()))),
    }
    let (Some(to), Some(from)) = (to_row, first.row()) else { return Ok(vec![first]) };
    if to < from || to - from >= MOST_BELOW {
        return Err(Refusal::at(
            "to_row",
            text!("应是 {from} 到 {to} 之间的行号", from = from, to = from + MOST_BELOW - 1),
        ));
    }
    let below = (0..=to - from)
        .filter_map(|rows| first.below(rows))
        .filter(|spot| view.standing(spot) == Standing::Free && view.first_of(spot.clone()) == *spot);
    Ok(below.collect())
}

/// Ties a place, or a column of places, of a form.
pub async fn tie(
    tx: &mut Tx,
    (form, view): (&Form, &View),
    (spot, to_row): (&Spot, Option<usize>),
    tie: &Tie,
    actor: &Actor,
) -> AppResult<usize> {
    in_use(form)?;
    tie.check()?;
    let asks_row = matches!(tie, Tie::Figure(figure) if figure.whose == Whose::Row);
    if asks_row && spot.row().is_none() {
        return Err(Refusal::at("whose", text!("段落里的标记没有“这一行”，请选填报的地方")).into());
    }
    let to_row = if matches!(tie, Tie::Figure(_)) { to_row } else { None };
    let spots = spots(view, spot, to_row)?;
    store::save_ties(tx, (form.county, &form.id), &spots, tie, actor).await?;
    let places: Vec<String> = spots.iter().map(ToString::to_string).collect();
    let after = json!({"spots": places, "tie": tie});
    note(tx, (form.county, &form.id), "form.tie", Change::made(after), actor).await?;
    Ok(spots.len())
}

/// Keeps a form with all its ties at once: how a demo brings its forms. A place that cannot be tied is an error.
pub async fn adopt(
    tx: &mut Tx,
    app: &App,
    (place, title, bytes): (DivisionCode, &str, Vec<u8>),
    ties: &[(Spot, Option<usize>, Tie)],
    actor: &Actor,
) -> AppResult<String> {
    let looked = look(bytes).await?;
    let id = keep(tx, app, place, (title, &looked), actor).await?;
    let form = store::find(tx, place.county(), &id).await?.ok_or(AppError::NotFound)?;
    for (spot, to_row, what) in ties {
        tie(tx, (&form, &looked.view), (spot, *to_row), what, actor).await?;
    }
    Ok(id)
}

/// Unties a place.
pub(super) async fn untie(tx: &mut Tx, form: &Form, spot: &Spot, actor: &Actor) -> AppResult<()> {
    in_use(form)?;
    if !store::remove_tie(tx, form.county, &form.id, spot).await? {
        return Err(AppError::NotFound);
    }
    let change = Change::changed(json!({"spots": [spot.to_string()]}), json!({"spots": []}));
    note(tx, (form.county, &form.id), "form.untie", change, actor).await
}

fn in_use(form: &Form) -> Result<(), Refusal> {
    if form.retired {
        Err(Refusal::whole(text!("这张报表已经停用；要再用，请重新上传。")))
    } else {
        Ok(())
    }
}

/// Lays a form aside.
pub(super) async fn retire(tx: &mut Tx, form: &Form, actor: &Actor) -> AppResult<()> {
    in_use(form)?;
    store::retire(tx, form.county, &form.id).await?;
    let change = Change::changed(json!({"state": "in_use"}), json!({"state": "retired"}));
    note(tx, (form.county, &form.id), "form.retire", change, actor).await
}

/// A form filled, ready to be kept.
pub(super) struct Filled {
    bytes: Vec<u8>,
    pub report: Report,
    place: DivisionCode,
    span: Span,
}

/// Fills a form for a place and a period; nothing is kept yet.
pub(super) async fn filled(conn: &mut Conn, app: &App, form: &Form, scope: &Scope, order: Order) -> AppResult<Filled> {
    in_use(form)?;
    if let Some(from) = order.span.from.filter(|from| *from > order.span.to) {
        let say = text!("结束日期 {to} 早于开始日期 {from}，请对调。", to = order.span.to, from = from);
        return Err(Refusal::at("to", say).into());
    }
    let ties = store::ties(conn, form.county, &form.id).await?;
    if ties.is_empty() {
        return Err(Refusal::whole(text!("还没有一格对应好：先点表里的格子，说明填什么。")).into());
    }
    let view = shown(conn, app, form).await?;
    let plan: Plan = fill::plan(conn, (&view, &ties), scope, order).await?;
    let bytes = content(conn, app, form.county, &form.file_id).await?;
    let (kind, today) = (form.kind, order.today);
    let work = apart(move || fill::written(&bytes, kind, &plan, today).map(|bytes| (bytes, plan.report)));
    let (bytes, report) = work.await?.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Filled { bytes, report, place: order.place, span: order.span })
}

/// Keeps a fill; returns its id.
pub(super) async fn keep_fill(
    tx: &mut Tx,
    app: &App,
    form: &Form,
    filled: &Filled,
    actor: &Actor,
) -> AppResult<String> {
    let (place, span) = (filled.place, filled.span);
    let file_id = seal(tx, app, form.county, &form.title, &filled.bytes, actor).await?;
    let made = (file_id.as_str(), &filled.report);
    let id = store::add_fill(tx, (form.county, &form.id), (place, span), made, actor).await?;
    let after = json!({"title": form.title, "place": place, "since": span.from, "until": span.to,
                       "cells": filled.report.cells, "problems": filled.report.problems()});
    note(tx, (form.county, &form.id), "form.fill", Change::made(after), actor).await?;
    Ok(id)
}
