//! Deputies: a duty of one's own, left to a colleague from a day until a day.

use axum::{extract::Path, response::Response};
use base::{
    db::{Conn, Tx},
    html::{Choice, Form, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    Actor, Viewer, duties,
    store::{self, DeputyRow, GrantRow, NewDeputy},
};
use crate::{
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(askama::Template)]
#[template(path = "accounts/deputies.html")]
struct DeputiesPage {
    shell: Shell,
    form: Form,
    duties: Vec<Choice>,
    mine: Vec<Line>,
    others: Vec<Line>,
}

struct Line {
    id: String,
    name: String,
    duty: Text,
    since: String,
    /// The last day on which it holds.
    last: String,
    state: Shown,
    may_end: bool,
}

/// GET /account/deputies
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let form = Form::of([("since", ctx.today.to_string())]);
    Ok(ctx.page(&page(&ctx, form).await?))
}

async fn page(ctx: &Ctx, form: Form) -> AppResult<DeputiesPage> {
    let viewer = ctx.viewer()?;
    let mut conn = ctx.read().await?;
    let mut choices = Vec::new();
    for (grant, row) in own(&mut conn, viewer, ctx.today).await? {
        let place = duties::place_of(&mut conn, &grant).await?;
        choices.push(Choice::new(row.id, text!("{role} · {place}", role = grant.role.label(), place = place)));
    }
    let mine = store::deputies(&mut conn, &viewer.account_id, ctx.today).await?;
    let others = store::standing_in(&mut conn, &viewer.account_id, ctx.today).await?;
    Ok(DeputiesPage {
        mine: lines(&mut conn, mine, ctx.today).await?,
        others: lines(&mut conn, others, ctx.today).await?,
        shell: ctx.shell(&mut conn, text!("请人代办"), None).await?,
        form,
        duties: choices,
    })
}

/// The duties that may be left to somebody: one's own of today, without those of the three administrators.
async fn own(conn: &mut Conn, viewer: &Viewer, today: Day) -> AppResult<Vec<(super::Grant, GrantRow)>> {
    let rows = store::list_grants(conn, &viewer.account_id).await?;
    let held = rows.into_iter().filter(|row| row.holds(today)).filter_map(|row| {
        let role = row.role().filter(|role| !role.is_administrator())?;
        Some((super::Grant { role, division: row.division, unit_id: row.unit_id.clone() }, row))
    });
    Ok(held.collect())
}

async fn lines(conn: &mut Conn, rows: Vec<DeputyRow>, today: Day) -> AppResult<Vec<Line>> {
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(grant) = row.grant() else { continue };
        let place = duties::place_of(conn, &grant).await?;
        let over = today >= row.until || row.backed == 0;
        let state = if row.holds(today) {
            Shown::new(Tone::Ok, text!("代办中"))
        } else if over {
            Shown::new(Tone::Idle, text!("已结束"))
        } else {
            Shown::new(Tone::Wait, text!("还没开始"))
        };
        lines.push(Line {
            duty: text!("{role} · {place}", role = grant.role.label(), place = place),
            since: row.since.to_string(),
            last: row.until.plus_days(-1).max(row.since).to_string(),
            state,
            may_end: !over,
            id: row.id,
            name: row.name,
        });
    }
    Ok(lines)
}

/// What the form says: from, and the first day on which it no longer holds.
fn period(form: &FormData, today: Day) -> Result<(Day, Day), Refusal> {
    let day = |name: &str| form.some(name).and_then(Day::parse);
    let since = day("since").ok_or_else(|| Refusal::at("since", text!("请填从哪天起，写作 2024-01-18")))?;
    let last = day("last").ok_or_else(|| Refusal::at("last", text!("请填到哪天为止，写作 2024-01-31")))?;
    if last < since {
        return Err(Refusal::at("last", text!("结束的日子不能早于开始的日子 {day}", day = since)));
    }
    if last < today {
        return Err(Refusal::at("last", text!("这段日子已经过去，请填今天或以后的日子")));
    }
    Ok((since, last.plus_days(1)))
}

/// POST /account/deputies
pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let done = async {
        let (since, until) = period(&form, ctx.today)?;
        let mut tx = ctx.begin().await?;
        name_deputy(&mut tx, ctx.viewer()?, (form.get("duty"), form.get("deputy")), (since, until), &ctx.actor()?)
            .await?;
        tx.commit().await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(ctx.redirect("/account/deputies", &text!("已委托，到期自己结束。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("deputy"), refusal.message);
            Ok(ctx.refused(&page(&ctx, typed).await?))
        }
        Err(error) => Err(error),
    }
}

/// Leaves a duty (the grant's id) to a colleague (sign-in name or name), with its audit line.
async fn name_deputy(
    tx: &mut Tx,
    viewer: &Viewer,
    (duty, deputy): (&str, &str),
    (since, until): (Day, Day),
    actor: &Actor,
) -> AppResult<()> {
    let held = own(tx, viewer, actor.today).await?;
    let Some((grant, row)) = held.iter().find(|(_, row)| row.id == duty) else {
        return Err(Refusal::at("duty", text!("您没有这项职责，只能委托自己现有的职责")).into());
    };
    if deputy.is_empty() {
        return Err(Refusal::at("deputy", text!("请填代办人的用户名或姓名")).into());
    }
    let county = viewer.home.county();
    let mut found = store::find_colleagues(tx, county, deputy, actor.today).await?;
    if found.len() > 1 {
        return Err(Refusal::at("deputy", text!("有几位同名的同事，请改填用户名")).into());
    }
    let missing = || Refusal::at("deputy", text!("本单位范围里没有这个人，请核对用户名或姓名"));
    let (id, name, administrator) = found.pop().ok_or_else(missing)?;
    if id == viewer.account_id {
        return Err(Refusal::at("deputy", text!("代办人不能是自己")).into());
    }
    if administrator {
        return Err(Refusal::at("deputy", text!("系统、安全保密、审计三员不能代办业务，请另选一位")).into());
    }
    let new = NewDeputy { account_id: &viewer.account_id, grant_id: &row.id, deputy_id: &id, since, until };
    let id = store::add_deputy(tx, &new, actor.at).await.map_err(|error| match error.unique_violation() {
        Some(_) => AppError::from(Refusal::at("deputy", text!("从这一天起已经委托过这位同事"))),
        None => error.into(),
    })?;
    let after = json!({
        "role": grant.role.code(), "division": grant.division.map(|code| code.to_string()), "unit": grant.unit_id,
        "deputy": name, "since": since, "until": until,
    });
    let subject = Subject { kind: "deputy", id: &id };
    Ok(audit::write(tx, county, actor, "deputy.add", subject, Change::made(after)).await?)
}

/// POST /account/deputies/{id}/end: from today on it holds no more.
pub async fn end(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let viewer = ctx.viewer()?;
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    let rows = store::deputies(&mut tx, &viewer.account_id, ctx.today).await?;
    let row = rows.into_iter().find(|row| row.id == id).ok_or(AppError::NotFound)?;
    if !store::end_deputy(&mut tx, &viewer.account_id, &id, ctx.today, actor.at).await? {
        return Err(AppError::Conflict(text!("这项委托已经结束。")));
    }
    let change = Change::changed(json!({"deputy": row.name, "until": row.until}), json!({"until": ctx.today}));
    let subject = Subject { kind: "deputy", id: &id };
    audit::write(&mut tx, viewer.home.county(), &actor, "deputy.end", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/account/deputies", &text!("委托已结束。")))
}
