//! Counting again, signing, giving up: each asked once where it cannot be undone.

use axum::{extract::Path, response::Response};
use base::{
    db::Tx,
    html::{ConfirmPage, Form},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{handwritten, may_sign},
        store::{self, Briefing},
    },
    found, key, own,
    show::differing,
};
use crate::web::Ctx;

async fn locked(ctx: &Ctx, tx: &mut Tx, county: &str, id: &str) -> AppResult<Briefing> {
    let briefing = store::lock(tx, key(county)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(briefing.place)?;
    Ok(briefing)
}

pub async fn recount(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let briefing = locked(&ctx, &mut tx, &county, &id).await?;
    let moved = acts::recount(&mut tx, &briefing, &ctx.actor_at(briefing.place)?).await?;
    tx.commit().await?;
    let said = match moved {
        0 => text!("已按现在的记录取数，没有变化。"),
        n => text!("已按现在的记录取数，{n} 个数变了。", n = n),
    };
    Ok(ctx.redirect(&own(&briefing), &said))
}

pub async fn ask_sign(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    may_sign(&briefing.state, &briefing.figures)?;
    let mut effects = vec![
        text!("文字和数字从此不再变，以后改了记录也不变。"),
        text!("签发人和日期写在简报上：{name}，{day}。", name = ctx.viewer()?.name, day = ctx.today),
    ];
    let hands = briefing.figures.iter().filter(|figure| figure.hand.is_some() && !figure.removed);
    for figure in hands {
        let (name, shown, computed) = (&figure.name, &figure.shown, &figure.computed);
        effects.push(text!(
            "手改的数：{name} 写成 {shown}，算出 {computed}。",
            name = name,
            shown = shown,
            computed = computed
        ));
    }
    let numbers = handwritten(&briefing.text, &briefing.drafted);
    if !numbers.is_empty() {
        effects.push(text!("文字里有打不开来源的数字：{numbers}。", numbers = numbers.join("、")));
    }
    for (then, now) in differing(&mut conn, &briefing).await? {
        effects.push(text!(
            "{name} 现在是 {now}，正文里是按 {day} 的记录算的 {then}；要用现在的，先“重新取数”。",
            name = then.name,
            now = now.computed,
            day = briefing.counted_on,
            then = then.computed
        ));
    }
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("签发简报"), Some(briefing.place)).await?,
        say: Text::data(briefing.title.clone()),
        effects,
        action: format!("{}/signature", own(&briefing)),
        button: text!("签发"),
        back: own(&briefing),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn sign(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let briefing = locked(&ctx, &mut tx, &county, &id).await?;
    acts::sign(&mut tx, &briefing, &ctx.actor_at(briefing.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&own(&briefing), &text!("已签发。")))
}

pub async fn ask_cancel(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    briefing.state.require_draft()?;
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("作废简报"), Some(briefing.place)).await?,
        say: Text::data(briefing.title.clone()),
        effects: vec![text!("作废后不能再改、不能签发；在列表里选“已作废”还能看到。")],
        action: format!("{}/cancellation", own(&briefing)),
        button: text!("作废"),
        back: own(&briefing),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn cancel(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let briefing = locked(&ctx, &mut tx, &county, &id).await?;
    acts::cancel(&mut tx, &briefing, &ctx.actor_at(briefing.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/briefings", &text!("已作废。")))
}
