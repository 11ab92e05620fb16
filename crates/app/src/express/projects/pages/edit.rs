//! 更正项目: what was entered wrongly, with what stood before kept in its story.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Form, Shell, filters},
    i18n::Text,
    kernel::Fen,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts::{self, Correction},
        rules::{FundSource, Kind, Stage},
        store::{self, FundRow, ProjectRow},
    },
    Wrong, base_fields, find,
};
use crate::{
    accounts::Permission,
    express::{choices, money},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/projects/edit.html")]
struct EditPage {
    shell: Shell,
    form: Form,
    address: String,
    kinds: Vec<Choice>,
    funds: Vec<Field>,
    ask_sure: bool,
    ask_over: bool,
}

/// Money of one source with the name of its field.
struct Field {
    name: String,
    label: Text,
}

/// Whoever keeps it while it runs; what is over is set right by township and office.
pub(super) fn may(ctx: &Ctx, row: &ProjectRow) -> AppResult<bool> {
    let viewer = ctx.viewer()?;
    let needs = match row.stage() {
        Stage::Accepted | Stage::Stopped => Permission::ProjectsPass,
        Stage::Applied
        | Stage::Passed
        | Stage::Refused
        | Stage::Listed
        | Stage::Approved
        | Stage::Started
        | Stage::Finished => Permission::ProjectsWrite,
    };
    Ok(viewer.scope(needs).holds(row.village))
}

fn field_of(fund: &FundRow) -> String {
    format!("amount-{}", fund.id)
}

fn field(fund: &FundRow) -> Field {
    let source = FundSource::parse(&fund.source).map(|one| Text::key(one.zh())).unwrap_or_default();
    let label = match &fund.unit_name {
        Some(unit) => text!("{source}（{unit}）", source = source, unit = unit),
        None => source,
    };
    Field { name: field_of(fund), label }
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &ProjectRow, funds: &[FundRow], form: Form) -> AppResult<EditPage> {
    Ok(EditPage {
        shell: ctx.shell(conn, text!("更正项目"), Some(row.village)).await?,
        address: row.address(),
        kinds: choices(&Kind::ALL, Kind::code, Kind::zh),
        funds: funds.iter().map(field).collect(),
        ask_sure: form.errors().iter().any(|(field, _)| field.starts_with("amount")),
        ask_over: row.over_why.is_some() || form.error("over_why").is_some(),
        form,
    })
}

async fn open(ctx: &Ctx, conn: &mut Conn, code: &str, id: &str) -> AppResult<(ProjectRow, Vec<FundRow>)> {
    let row = find(ctx, conn, code, id).await?;
    if !may(ctx, &row)? {
        return Err(AppError::Forbidden);
    }
    let funds = store::funds(conn, row.county_id, id).await?;
    Ok((row, funds))
}

pub async fn form(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, funds) = open(&ctx, &mut conn, &code, &id).await?;
    let mut stands = vec![
        ("name".to_owned(), row.name.clone()),
        ("goal".to_owned(), row.goal.clone()),
        ("kind".to_owned(), row.kind.clone()),
        ("over_why".to_owned(), row.over_why.clone().unwrap_or_default()),
    ];
    stands.extend(funds.iter().map(|fund| (field_of(fund), Fen(fund.amount).to_string())));
    let page = page(&ctx, &mut conn, &row, &funds, Form::of(stands)).await?;
    Ok(ctx.page(&page))
}

fn read(form: &FormData, funds: &[FundRow], ask_wan: i64, wrong: &mut Wrong) -> Option<Correction> {
    let (name, goal, kind) = base_fields(form, wrong);
    let sure = form.get("sure") == "yes";
    let mut amounts = Vec::new();
    for fund in funds {
        // What stands already was looked at when it was entered.
        let sure = sure || form.get(&field_of(fund)) == Fen(fund.amount).to_string();
        match money::read(form.get(&field_of(fund)), ask_wan, sure) {
            Ok(fen) => amounts.push((fund.id.clone(), fen.0)),
            Err(say) => wrong.push((field_of(fund), say)),
        }
    }
    let over_why = form.some("over_why").map(str::to_owned);
    if over_why.as_ref().is_some_and(|why| why.chars().count() > 500) {
        wrong.push(("over_why".into(), text!("这里最多 {most} 字", most = 500)));
    }
    Some(Correction { name, goal, kind: kind?, amounts, over_why }).filter(|_| wrong.is_empty())
}

pub async fn save(ctx: Ctx, Path((code, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, funds) = open(&ctx, &mut conn, &code, &id).await?;
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let mut wrong = Wrong::new();
    let done = match read(&form, &funds, pack.project_ask_wan(), &mut wrong) {
        None => Ok(false),
        Some(correction) => {
            async {
                let actor = ctx.actor_at(row.village)?;
                let mut tx = ctx.begin().await?;
                acts::correct(&mut tx, (row.county_id, &row.id), correction, pack, &actor).await?;
                tx.commit().await?;
                Ok(true)
            }
            .await
        }
    };
    match done {
        Ok(true) => return Ok(ctx.redirect(&row.address(), &text!("已更正，原来的写法留在经过里。"))),
        Ok(false) => {}
        Err(AppError::Refused(refusal)) => {
            wrong.push((refusal.field.unwrap_or("name").to_owned(), refusal.message));
        }
        Err(other) => return Err(other),
    }
    let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
    let page = page(&ctx, &mut ctx.read().await?, &row, &funds, typed).await?;
    Ok(ctx.refused(&page))
}
