//! Rounds of a place, newest first, and a new one.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter, FilterKind, Form, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::{DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{acts, rules::NewRound, store},
    state_of,
};
use crate::{
    accounts::Permission,
    flows, places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "dispatch/rounds.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    new: Option<String>,
}

struct Row {
    href: String,
    name: String,
    place: String,
    starts_on: String,
    who: String,
    when: String,
    state: Shown,
}

fn row(line: store::Line) -> Row {
    Row {
        href: format!("/dispatch/{}/{}", line.county_id, line.id),
        place: line.place_name.map(|name| places::short_name(&name)).unwrap_or_default(),
        starts_on: line.starts_on.to_string(),
        who: line.actor,
        when: line.made_at.local_minute(),
        state: state_of(&line.state, line.proposed_plan.is_some()),
        name: line.name,
    }
}

pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let scope = ctx.scope.within(place.at(place.level().min(Level::County)));
    let state =
        Some(address.get("state")).filter(|state| matches!(*state, "planning" | "approving" | "approved" | "dropped"));
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count_rounds(&mut conn, &scope, state).await?;
    let lines = store::list_rounds(&mut conn, &scope, state, pages.span()).await?;
    let choices = vec![
        Choice::new("", text!("全部")),
        Choice::new("planning", text!("排计划中")),
        Choice::new("approving", text!("正在批准")),
        Choice::new("approved", text!("已批准")),
        Choice::new("dropped", text!("已停办")),
    ];
    let value = state.unwrap_or_default().to_owned();
    let filter = Filter { name: "state", label: text!("状态"), kind: FilterKind::Select(choices), value };
    let columns = [text!("轮次"), text!("地方"), text!("到岗日期"), text!("谁"), text!("何时"), text!("状态")];
    let mut table = Table::new(text!("派驻计划"), &address, vec![filter], columns.map(Column::new).to_vec());
    (table.xlsx, table.csv) = (None, None);
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("派驻计划"), Some(place)).await?,
        views: flows::posting_views(&ctx, "/dispatch"),
        table: table.rows(u64::try_from(total).ok(), pages.pager(&address, total)),
        rows: lines.into_iter().map(row).collect(),
        new: ctx.may(Permission::PlanningWrite).then(|| format!("/dispatch/new?place={place}")),
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "dispatch/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    action: String,
    parts: Vec<Choice>,
    /// Whether the parts are townships of a county, or counties.
    of_county: bool,
}

/// Whose round it is: of a county, a city or a province.
fn office_of(ctx: &Ctx) -> AppResult<DivisionCode> {
    let place = ctx.place()?;
    if place.level() < Level::Province {
        return Err(Refusal::whole(text!("请先选到省、市或县。")).into());
    }
    let office = place.at(place.level().min(Level::County));
    ctx.scope.require(office)?;
    Ok(office)
}

async fn page(ctx: &Ctx, place: DivisionCode, form: Form) -> AppResult<NewPage> {
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("开一轮派驻计划"), Some(place)).await?;
    let of_county = place.level() == Level::County;
    let parts = if of_county {
        places::store::children(&mut conn, place).await?
    } else {
        places::store::at_level(&mut conn, place, Level::County).await?
    };
    let parts = parts.iter().map(|one| Choice::new(one.code.to_string(), Text::data(one.short()))).collect();
    Ok(NewPage { shell, form, action: format!("/dispatch?place={place}"), parts, of_county })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let place = office_of(&ctx)?;
    let term = ctx.pack(&mut ctx.read().await?, place.county()).await?.term_months();
    let starts = ctx.today.plus_days(60);
    let form = Form::of([("starts_on", starts.to_string()), ("term_months", term.to_string())]);
    Ok(ctx.page(&page(&ctx, place, form).await?))
}

pub async fn open(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let place = office_of(&ctx)?;
    let done = async {
        let said = (data.get("name"), data.get("starts_on"), data.get("term_months"));
        let new = NewRound::read(said, data.all("part"), ctx.today)?;
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, place.county()).await?;
        let id = acts::open(&mut tx, place, &new, pack, &ctx.actor_at(place)?).await?;
        tx.commit().await?;
        Ok(format!("/dispatch/{}/{id}", place.county()))
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("已开好；村需求按村情先排好，请核对，再推荐人选。"))),
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
            Ok(ctx.refused(&page(&ctx, place, form).await?))
        }
        Err(other) => Err(other),
    }
}
