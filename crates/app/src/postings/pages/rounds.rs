//! Batches and teams of a county.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Form, Link, Pager, Pages, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::section;
use crate::{
    accounts::Permission,
    places::short_name,
    postings::{
        Ledger,
        store::{self, TeamLine},
    },
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "postings/batches.html")]
struct BatchesPage {
    shell: Shell,
    views: Vec<Link>,
    rows: Vec<BatchLine>,
    form: Form,
    may_write: bool,
}

struct BatchLine {
    number: i64,
    name: String,
    since: String,
    until: String,
    link: String,
    on_post: i64,
    served: i64,
    teams: i64,
    state: Shown,
}

#[derive(Template)]
#[template(path = "postings/teams.html")]
struct TeamsPage {
    shell: Shell,
    views: Vec<Link>,
    rows: Vec<TeamShown>,
    total: usize,
    pager: Pager,
}

struct TeamShown {
    village: String,
    link: String,
    township: String,
    neighbours: String,
    ledger: Text,
    unit: String,
    leader: String,
    members: i64,
    since: String,
}

/// The county whose rounds these are: of the place shown.
fn county(ctx: &Ctx) -> AppResult<CountyId> {
    Ok(ctx.place()?.county())
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let county = county(&ctx)?;
    let number = store::batches(&mut conn, county).await?.first().map_or(1, |batch| batch.number + 1);
    let form = Form::of([("number", number.to_string()), ("since", ctx.today.to_string())]);
    let page = page(&ctx, &mut conn, form).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<BatchesPage> {
    let county = county(ctx)?;
    let mut rows = Vec::new();
    for batch in store::batches(conn, county).await? {
        let (on_post, served, teams) = store::batch_figures(conn, county, &batch.id).await?;
        let state = match batch.state.as_str() {
            "open" if batch.since > ctx.today => Shown::new(Tone::Wait, text!("还没开始")),
            "open" => Shown::new(Tone::Ok, text!("进行中")),
            _ => Shown::new(Tone::Idle, text!("已结束")),
        };
        rows.push(BatchLine {
            number: batch.number,
            link: format!("/postings?state=all&batch={}", batch.id),
            name: batch.name,
            since: batch.since.to_string(),
            until: batch.until.to_string(),
            on_post,
            served,
            teams,
            state,
        });
    }
    let shell = ctx.shell(conn, text!("批次"), Some(county.division())).await?;
    let may_write = ctx.may(Permission::PostingsWrite);
    Ok(BatchesPage { shell, views: section(ctx, "/batches"), rows, form, may_write })
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let county = home.county();
    let read = || -> Result<(i64, String, Day), Refusal> {
        let number = form.get("number").parse().ok().filter(|n| (1..=99).contains(n));
        let number = number.ok_or_else(|| Refusal::at("number", text!("批次号应为 1 到 99 的数字")))?;
        let name = form.some("name").map_or_else(|| format!("第{number}批"), str::to_owned);
        let since = form.some("since").and_then(Day::parse);
        let since = since.ok_or_else(|| Refusal::at("since", text!("请填开始日期，写作 2024-01-18")))?;
        Ok((number, name, since))
    };
    let done = match read() {
        Ok((number, name, since)) => open(&ctx, county, number, &name, since).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => Ok(ctx.redirect("/batches", &text!("新批次已建立。"))),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let typed = form.typed().with_error(refusal.field.unwrap_or("number"), refusal.message);
            let page = page(&ctx, &mut conn, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

async fn open(ctx: &Ctx, county: CountyId, number: i64, name: &str, since: Day) -> AppResult<()> {
    let mut tx = ctx.begin().await?;
    let term = ctx.app.pack(&mut tx, county).await?.term_months();
    let taken = |error: base::db::DbError| match error.unique_violation() {
        Some(_) => Refusal::at("number", text!("这个批次号已经有了")).into(),
        None => AppError::from(error),
    };
    let batch = store::add_batch(&mut tx, county, number, name, since, term, true).await.map_err(taken)?;
    let after = json!({"number": number, "name": name, "since": since, "term_months": term});
    let subject = Subject { kind: "batch", id: &batch.id };
    audit::write(&mut tx, county, &ctx.actor()?, "batch.add", subject, Change::made(after)).await?;
    Ok(tx.commit().await?)
}

pub async fn teams(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let all = store::teams(&mut conn, &ctx.scope.within(place), ctx.today).await?;
    let (pages, total) = (Pages::of(&address), all.len());
    let rows = pages.cut(all).map(shown).collect();
    let shell = ctx.shell(&mut conn, text!("工作队"), Some(place)).await?;
    Ok(ctx.page(&TeamsPage { shell, views: section(&ctx, "/teams"), rows, total, pager: pages.pager(&address, total) }))
}

fn shown(team: TeamLine) -> TeamShown {
    TeamShown {
        village: short_name(&team.village_name.unwrap_or_default()),
        link: format!("/villages/{}", team.village),
        township: team.township_name.unwrap_or_default(),
        neighbours: team.neighbours.iter().map(|name| short_name(name)).collect::<Vec<_>>().join("、"),
        ledger: Ledger::parse(&team.ledger).map(|ledger| Text::key(ledger.zh())).unwrap_or_default(),
        unit: team.lead_unit.unwrap_or_default(),
        leader: team.leader.unwrap_or_default(),
        members: team.members,
        since: team.since.to_string(),
    }
}
