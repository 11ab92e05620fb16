//! What the parties do: answer lines, confirm the whole, write lines and visits.

use axum::{extract::Path, response::Response};
use base::{
    db::Tx,
    i18n::Text,
    kernel::{Day, Fen},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{acting, load, record};
use crate::{
    flows,
    handover::{
        acts::{self, Written},
        rules::{Answer, ByHand, Party, State},
        store::HandoverRow,
    },
    web::{Ctx, FormData},
};

/// Commits an act and leads back, or shows the record again with what was typed and why not.
async fn answer_with(
    ctx: &Ctx,
    row: &HandoverRow,
    form: &FormData,
    done: AppResult<(Tx, Text)>,
) -> AppResult<Response> {
    match done {
        Ok((tx, said)) => {
            tx.commit().await?;
            let back = match Party::parse(form.get("party")) {
                Some(party) => format!("{}?as={}", row.address(), party.code()),
                None => row.address(),
            };
            Ok(ctx.redirect(&back, &said))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("lists"), refusal.message);
            record::refused(ctx, row, typed).await
        }
        Err(error) => Err(error),
    }
}

fn party_of(form: &FormData) -> AppResult<Party> {
    Party::parse(form.get("party")).ok_or_else(|| AppError::BadRequest(text!("没有写明是哪一方，请刷新页面再办。")))
}

pub async fn answer(
    ctx: Ctx,
    Path((county, id, line)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let party = party_of(&form)?;
    let given = if form.get("answer") == "objected" {
        Answer::Objected { words: form.get("words").to_owned() }
    } else {
        Answer::Confirmed
    };
    let said = match &given {
        Answer::Confirmed => text!("这一项已确认。"),
        Answer::Objected { .. } => text!("异议已记下，三方都能看到。"),
    };
    let done = async {
        let mut tx = ctx.begin().await?;
        let which = (row.county_id, row.id.as_str(), line.as_str());
        acts::answer(&mut tx, which, party, given, &acting(&ctx, &row)?, &ctx.actor()?).await?;
        Ok((tx, said))
    };
    answer_with(&ctx, &row, &form, done.await).await
}

pub async fn confirm(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let party = party_of(&form)?;
    let done = async {
        let mut tx = ctx.begin().await?;
        let which = (row.county_id, row.id.as_str());
        let next = acts::confirm(&mut tx, which, party, &acting(&ctx, &row)?, &ctx.actor()?).await?;
        let said = match next {
            State::Confirmed { .. } => text!("三方都已确认，等驻村办到离任日期办结。"),
            State::Prepared | State::UnderWay { .. } | State::Completed { .. } | State::Cancelled { .. } => {
                text!("{party}已签认。", party = Text::key(party.zh()))
            }
        };
        Ok((tx, said))
    };
    answer_with(&ctx, &row, &form, done.await).await
}

/// The line a form asks for, or what is wrong with it.
fn written(form: &FormData) -> Result<Written, Refusal> {
    let kind = ByHand::parse(form.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选是哪一类")))?;
    let title = form.some("title").ok_or_else(|| Refusal::at("title", text!("请写是什么")))?.to_owned();
    if title.chars().count() > 200 {
        return Err(Refusal::at("title", text!("最多 200 个字，细节写在说明里")));
    }
    let amount = match (form.some("amount"), kind) {
        (Some(amount), _) => {
            let wrong = || Refusal::at("amount", text!("金额写作万元，例如 1.25"));
            Some(Fen::parse_wan(amount).ok_or_else(wrong)?)
        }
        (None, ByHand::Money) => return Err(Refusal::at("amount", text!("未用完的经费请写明余额（万元）"))),
        (None, ByHand::Matter | ByHand::Lent | ByHand::Practice | ByHand::Watch) => None,
    };
    Ok(Written { kind, title, note: form.some("note").map(str::to_owned), amount })
}

pub async fn add_line(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let line = written(&form)?;
        let mut tx = ctx.begin().await?;
        acts::add_line(&mut tx, row.county_id, &row.id, line, &ctx.actor()?).await?;
        Ok((tx, text!("已写进清单。")))
    };
    answer_with(&ctx, &row, &form, done.await).await
}

pub async fn remove_line(
    ctx: Ctx,
    Path((county, id, line)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::remove_line(&mut tx, row.county_id, &row.id, &line, &ctx.actor()?).await?;
        Ok((tx, text!("已从清单删去，经过里留有记录。")))
    };
    answer_with(&ctx, &row, &form, done.await).await
}

pub async fn refresh(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        let (added, done) = acts::refresh(&mut tx, row.county_id, &row.id, flows::OPEN_THINGS, &ctx.actor()?).await?;
        let said = match (added, done) {
            (0, 0) => text!("清单已是最新，没有新增的未了事项。"),
            (0, done) => text!("办完的 {n} 项已经划去。", n = done),
            (added, _) => text!("清单新增 {n} 项，请三方确认。", n = added),
        };
        Ok((tx, said))
    };
    answer_with(&ctx, &row, &form, done.await).await
}

pub async fn add_visit(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let day = form.some("day").and_then(Day::parse);
        let day = day.ok_or_else(|| Refusal::at("day", text!("请填走访日期，写作 2024-01-18")))?;
        let whom = form.some("whom").ok_or_else(|| Refusal::at("whom", text!("请写走访了谁、哪一片或什么地方")))?;
        let mut tx = ctx.begin().await?;
        let which = (row.county_id, row.id.as_str());
        acts::add_visit(&mut tx, which, (day, whom, form.some("visit_note")), &ctx.actor()?).await?;
        Ok((tx, text!("共同走访已记下。")))
    };
    answer_with(&ctx, &row, &form, done.await).await
}
