//! 登记项目: what, where, for what, with whose money.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    kernel::{CountyId, Day},
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{FundSource, Kind},
        store::{NewFund, NewProject},
    },
    Wrong, base_fields,
};
use crate::{
    accounts::Role,
    express::{
        choices,
        departments::{self, Department},
        money,
        villages::Known,
    },
    packs::Pack,
    web::{Ctx, FormData},
};

/// Sources that a form offers.
const ROWS: usize = 4;

#[derive(Template)]
#[template(path = "express/projects/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    villages: Vec<String>,
    kinds: Vec<Choice>,
    sources: Vec<Choice>,
    units: Vec<Choice>,
    rows: Vec<Fields>,
    ask_sure: bool,
}

/// The names of one source's fields.
struct Fields {
    source: String,
    unit: String,
    amount: String,
    open: bool,
}

async fn page(ctx: &Ctx, conn: &mut Conn, known: &Known, county: CountyId, form: Form) -> AppResult<NewPage> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let all = departments::list(conn, county).await?;
    let row = |at: usize| {
        let name = |part: &str| format!("{part}-{at}");
        Fields {
            open: at == 0 || !form.value(name("amount")).is_empty(),
            source: name("source"),
            unit: name("giver"),
            amount: name("amount"),
        }
    };
    Ok(NewPage {
        shell: ctx.shell(conn, text!("登记项目"), Some(home)).await?,
        villages: known.names(),
        kinds: choices(&Kind::ALL, Kind::code, Kind::zh),
        sources: choices(&FundSource::ALL, FundSource::code, FundSource::zh),
        units: departments::choices(&all, &[]),
        rows: (0..ROWS).map(row).collect(),
        ask_sure: form.errors().iter().any(|(field, _)| field.starts_with("amount")),
        form,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let typed = [("villages", known.first(Address::parse(&ctx.address).get("village")))];
    let page = page(&ctx, &mut conn, &known, home.county(), Form::of(typed)).await?;
    Ok(ctx.page(&page))
}

/// Money by source as the form has it.
fn read_funds(form: &FormData, units: &[Department], pack: &Pack, wrong: &mut Wrong) -> Vec<NewFund> {
    let sure = form.get("sure") == "yes";
    let mut funds = Vec::new();
    for at in 0..ROWS {
        let get = |part: &str| form.get(&format!("{part}-{at}"));
        let amount = match money::read_some(get("amount"), pack.project_ask_wan(), sure) {
            Ok(Some(amount)) => amount,
            Ok(None) => continue,
            Err(say) => {
                wrong.push((format!("amount-{at}"), say));
                continue;
            }
        };
        let Some(source) = FundSource::parse(get("source")) else {
            wrong.push((format!("source-{at}"), text!("请选这笔钱从哪里来")));
            continue;
        };
        let unit = units.iter().find(|one| one.id == get("giver")).map(|one| (one.id.clone(), one.name.clone()));
        funds.push(NewFund { source, unit, amount: amount.0, arrived_on: None });
    }
    funds
}

/// The project as the form has it; what is wrong stands in `wrong` by field.
fn read(ctx: &Ctx, form: &FormData, known: &Known, units: &[Department], wrong: &mut Wrong) -> NewProject {
    let villages = known.find_all(form.get("villages"), &ctx.scope).unwrap_or_else(|say| {
        wrong.push(("villages".into(), say));
        Vec::new()
    });
    if villages.iter().any(|village| Some(village.county()) != villages.first().map(|first| first.county())) {
        wrong.push(("villages".into(), text!("几个村不在同一个县，请分开登记")));
    }
    let (name, goal, kind) = base_fields(form, wrong);
    let due = form.some("due").map(Day::parse);
    if due == Some(None) {
        wrong.push(("due".into(), text!("日期应写作 2024-01-18")));
    }
    let viewer = ctx.guest_or_viewer().filter(|viewer| viewer.has(Role::Cadre));
    let person = viewer
        .zip(villages.first())
        .and_then(|(viewer, village)| viewer.person_id.clone().map(|id| (village.county(), id, viewer.name.clone())));
    NewProject {
        villages,
        name,
        kind: kind.unwrap_or(Kind::Other),
        goal,
        owner: form.some("owner").map(|owner| owner.chars().take(60).collect()),
        unit: units.iter().find(|one| one.id == form.get("unit")).map(|one| (one.id.clone(), one.name.clone())),
        person,
        due: due.flatten(),
    }
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let named = known.find_all(form.get("villages"), &ctx.scope).ok().and_then(|all| all.first().copied());
    let county = named.unwrap_or(home).county();
    let units = departments::list(&mut conn, county).await?;
    let pack = ctx.pack(&mut conn, county).await?;
    let mut wrong = Wrong::new();
    let new = read(&ctx, &form, &known, &units, &mut wrong);
    let funds = read_funds(&form, &units, pack, &mut wrong);
    if !wrong.is_empty() {
        let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut conn, &known, county, typed).await?;
        return Ok(ctx.refused(&page));
    }
    drop(conn);
    let mut tx = ctx.begin().await?;
    let id = acts::add(&mut tx, &new, &funds, pack, &ctx.actor()?).await?;
    tx.commit().await?;
    let said = match new.kind {
        Kind::Party => text!("已申报，先由乡镇审核，再由县里审定入库。"),
        Kind::Industry | Kind::Infrastructure | Kind::Surroundings | Kind::Service | Kind::Other => {
            text!("已入库。")
        }
    };
    Ok(ctx.redirect(&format!("/projects/{county}/{id}"), &said))
}
