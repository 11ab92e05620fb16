//! Filling a form, what came of it, and the file.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        fill::Order,
        rules::Spot,
        store::{self, FillRow, Form as ReportForm},
    },
    found, own, show,
};
use crate::{
    places,
    spine::facts::{read::Span, written_span},
    web::{Ctx, FormData},
};

/// Place and period as they were typed.
fn read(ctx: &Ctx, form: &ReportForm, data: &FormData) -> AppResult<Order> {
    let place = DivisionCode::parse(data.get("place"));
    let place = place.ok_or_else(|| Refusal::at("place", text!("请选择一个地方")))?;
    ctx.scope.within(form.place).require(place)?;
    let day = |name: &'static str| {
        let text = data.get(name);
        Day::parse(text)
            .ok_or_else(|| Refusal::at(name, text!("日期“{day}”读不懂，请写成 2024-01-18 这样。", day = text)))
    };
    let from = if data.some("from").is_some() { Some(day("from")?) } else { None };
    Ok(Order { place, span: Span { from, to: day("to")? }, today: ctx.today })
}

pub async fn fill(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = found(&ctx, &mut conn, &county, &id).await?;
    let done = async {
        let order = read(&ctx, &form, &data)?;
        let scope = ctx.scope.within(form.place);
        let filled = acts::filled(&mut conn, &ctx.app, &form, &scope, order).await?;
        drop(conn);
        let mut tx = ctx.begin().await?;
        let fill = acts::keep_fill(&mut tx, &ctx.app, &form, &filled, &ctx.actor_at(form.place)?).await?;
        tx.commit().await?;
        let (cells, problems) = (filled.report.cells, filled.report.problems());
        Ok((format!("{}/fills/{fill}", own(&form)), cells, problems))
    };
    match done.await {
        Ok((to, cells, 0)) => Ok(ctx.redirect(&to, &text!("填好了 {n} 格。", n = cells))),
        Ok((to, cells, problems)) => {
            let said = text!("填好了 {n} 格；有 {m} 处没有填成，原因在下面。", n = cells, m = problems);
            Ok(ctx.redirect(&to, &said))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = data.typed().with_error(refusal.field.unwrap_or("place"), refusal.message);
            let page = show::page(&ctx, &form, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "forms/fill.html")]
struct FillPage {
    shell: Shell,
    sub: Text,
    back: String,
    file: String,
    problems: Vec<Line>,
    lines: Vec<Line>,
}

struct Line {
    cell: String,
    what: String,
    of: String,
    value: String,
    href: Option<String>,
    problem: String,
}

async fn kept(ctx: &Ctx, conn: &mut Conn, (county, id, fill): (&str, &str, &str)) -> AppResult<(ReportForm, FillRow)> {
    let form = found(ctx, conn, county, id).await?;
    let fill = store::find_fill(conn, form.county, &form.id, fill).await?.ok_or(AppError::NotFound)?;
    Ok((form, fill))
}

pub async fn show(ctx: Ctx, Path(path): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (form, fill) = kept(&ctx, &mut conn, (&path.0, &path.1, &path.2)).await?;
    let line = |one: &super::super::fill::Line| Line {
        cell: Spot::parse(&one.spot).map_or_else(|| one.spot.clone(), |spot| spot.said()),
        what: one.what.clone(),
        of: one.of.clone(),
        value: one.value.clone().unwrap_or_default(),
        href: one.href.clone(),
        problem: one.problem.clone().unwrap_or_default(),
    };
    let report = fill.report()?;
    let place = places::short_name(&fill.place_name.clone().unwrap_or_else(|| fill.place.to_string()));
    let page = FillPage {
        shell: ctx.shell(&mut conn, Text::data(form.title.clone()), Some(form.place)).await?,
        sub: text!(
            "{place} · {span} · {who} {when} 填",
            place = place,
            span = written_span(fill.span()),
            who = fill.actor,
            when = fill.made_at.local_minute()
        ),
        back: own(&form),
        file: format!("{}/fills/{}/file", own(&form), fill.id),
        problems: report.lines.iter().filter(|one| one.problem.is_some()).map(line).collect(),
        lines: report.lines.iter().map(line).collect(),
    };
    Ok(ctx.page(&page))
}

pub async fn file(ctx: Ctx, Path(path): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (form, fill) = kept(&ctx, &mut conn, (&path.0, &path.1, &path.2)).await?;
    let bytes = acts::content(&mut conn, &ctx.app, form.county, &fill.file_id).await?;
    let place = places::short_name(&fill.place_name.clone().unwrap_or_default());
    let name = format!("{}-{place}-{}.{}", form.title, fill.until, form.kind.code());
    Ok(Ctx::download(&name, form.kind.media_type(), bytes))
}
