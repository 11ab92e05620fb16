//! The ballot. No `ctx.begin`, which would write the form's key; no redirect, whose address would be remembered; the code
//! is POSTed and stands in no address.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Form, Shell, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::super::{
    acts::{self, Ballot, LONGEST},
    rules::{Mark, Marks},
};
use crate::{
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "ratings/enter.html")]
struct EnterPage {
    shell: Shell,
    form: Form,
}

#[derive(Template)]
#[template(path = "ratings/ballot.html")]
struct BallotPage {
    shell: Shell,
    form: Form,
    slip: String,
    village: String,
    subjects: Vec<Ticked>,
    marks: [(&'static str, Text); 3],
    most: usize,
}

/// A subject with the name of its field.
struct Ticked {
    field: String,
    name: String,
}

#[derive(Template)]
#[template(path = "ratings/cast.html")]
struct CastPage {
    shell: Shell,
}

pub async fn enter(ctx: Ctx) -> AppResult<Response> {
    Ok(ctx.page(&EnterPage { shell: ctx.bare_shell(text!("群众评事")), form: Form::default() }))
}

/// One of the address's tries: whoever guesses codes soon has to wait.
fn take_try(ctx: &Ctx) -> AppResult<()> {
    let who = ctx.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
    let limited = ctx.app.code_tries.take(&who, ctx.app.clock.now());
    limited.map_err(|seconds| AppError::TooMany { retry_after_seconds: seconds })
}

fn give_back(ctx: &Ctx) {
    let who = ctx.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
    ctx.app.code_tries.give_back(&who);
}

async fn page(ctx: &Ctx, ballot: &Ballot, slip: &str, form: Form) -> AppResult<BallotPage> {
    let mut conn = ctx.read().await?;
    let village = places::store::find(&mut conn, ballot.round.village).await?.map(|one| one.short());
    let ticked = |subject: &super::super::store::SubjectRow| Ticked {
        field: format!("mark-{}", subject.position),
        name: subject.name.clone(),
    };
    Ok(BallotPage {
        shell: ctx.bare_shell(text!("{month} 群众评事", month = ballot.round.month)),
        form,
        slip: slip.to_owned(),
        village: village.unwrap_or_default(),
        subjects: ballot.subjects.iter().map(ticked).collect(),
        marks: Mark::ALL.map(|mark| (mark.code(), Text::key(mark.zh()))),
        most: LONGEST,
    })
}

fn refused(ctx: &Ctx, data: &FormData, refusal: Refusal) -> Response {
    let form = data.typed().with_error("slip", refusal.message);
    ctx.refused(&EnterPage { shell: ctx.bare_shell(text!("群众评事")), form })
}

pub async fn show(ctx: Ctx, data: FormData) -> AppResult<Response> {
    take_try(&ctx)?;
    let mut conn = ctx.read().await?;
    match acts::find(&mut conn, &ctx.app, data.get("slip"), ctx.today).await {
        Ok((code, ballot)) => {
            drop(conn);
            // A hall full of people shares one address: who has a slip is not who guesses.
            give_back(&ctx);
            Ok(ctx.page(&page(&ctx, &ballot, code.plain(), Form::default()).await?))
        }
        Err(AppError::Refused(refusal)) => Ok(refused(&ctx, &data, refusal)),
        Err(error) => Err(error),
    }
}

fn said(data: &FormData, ballot: &Ballot) -> Result<(Marks, Option<String>), Refusal> {
    let ticked = ballot
        .subjects
        .iter()
        .filter_map(|subject| Some((subject.position, Mark::parse(data.get(&format!("mark-{}", subject.position)))?)));
    let words = data.some("words").map(str::to_owned);
    if words.as_ref().is_some_and(|words| words.chars().count() > LONGEST) {
        return Err(Refusal::at("words", text!("最多 {n} 个字", n = LONGEST)));
    }
    Ok((Marks::new(ticked)?, words))
}

pub async fn cast(ctx: Ctx, data: FormData) -> AppResult<Response> {
    take_try(&ctx)?;
    let mut conn = ctx.read().await?;
    let (code, ballot) = match acts::find(&mut conn, &ctx.app, data.get("slip"), ctx.today).await {
        Ok(found) => found,
        Err(AppError::Refused(refusal)) => return Ok(refused(&ctx, &data, refusal)),
        Err(error) => return Err(error),
    };
    drop(conn);
    give_back(&ctx);
    let (marks, words) = match said(&data, &ballot) {
        Ok(said) => said,
        Err(refusal) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("mark-0"), refusal.message);
            return Ok(ctx.refused(&page(&ctx, &ballot, code.plain(), form).await?));
        }
    };
    let mut tx = ctx.app.db.begin().await?;
    match acts::cast(&mut tx, &ctx.app, (&code, &ballot), &marks, words, ctx.today).await {
        Ok(()) => tx.commit().await?,
        Err(AppError::Refused(refusal)) => return Ok(refused(&ctx, &data, refusal)),
        Err(error) => return Err(error),
    }
    Ok(ctx.page(&CastPage { shell: ctx.bare_shell(text!("已投票")) }))
}
