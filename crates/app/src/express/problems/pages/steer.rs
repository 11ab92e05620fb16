//! What the office and the reporter do: screen, decline, send advisers; confirm or send back.

use axum::{extract::Path, response::Response};
use base::{
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::acts::{self, Way},
    find,
    show::{after, may_confirm},
};
use crate::{
    express::{departments, words},
    web::{Ctx, FormData},
};

type At = Path<(String, String)>;

fn refusal<T>(field: &'static str, message: base::i18n::Text) -> AppResult<T> {
    Err(Refusal::at(field, message).into())
}

pub async fn screen(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    ctx.scope.require(row.village)?;
    let to = match form.some("to") {
        Some(unit) => departments::list(&mut conn, row.county_id).await?.into_iter().find(|one| one.id == unit),
        None => None,
    };
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        if to.is_none() && form.some("to").is_some() {
            return refusal("to", text!("没有这个单位，请从列表里选"));
        }
        let way = match (&to, form.get("city") == "yes") {
            (Some(_), true) => return refusal("city", text!("交市级对接会的，不用再选单位")),
            (Some(unit), false) => Way::To(unit),
            (None, true) => Way::CityMeeting,
            (None, false) => Way::CountyMeeting,
        };
        let mut tx = ctx.begin().await?;
        acts::screen(&mut tx, key, (way, form.some("screen_words")), pack, &ctx.actor_at(row.village)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    let said = match &to {
        Some(unit) => text!("已交{unit}答复或认领。", unit = unit.name),
        None => text!("已筛选，会自动列入下一次对接会。"),
    };
    after(&ctx, key, &form, done, &said).await
}

pub async fn decline(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    ctx.scope.require(row.village)?;
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let why = match words(form.get("decline_why"), 500, text!("请写明为什么不列入，报的人要看到")) {
            Ok(why) => why,
            Err(say) => return refusal("decline_why", say),
        };
        let mut tx = ctx.begin().await?;
        acts::decline(&mut tx, key, &why, pack, &ctx.actor_at(row.village)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已记为不列入，报的人会看到原因。")).await
}

pub async fn send_adviser(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    ctx.scope.require(row.village)?;
    // Only who was suggested can be sent: the reason is the suggestion's.
    let suggested = super::super::suggest::suggest(&mut conn, &row).await?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let chosen = suggested.iter().find_map(|(one, why)| {
            let (home, person) = one.person.as_ref()?;
            (format!("{home}/{person}") == form.get("person")).then_some((*home, person, &one.name, why))
        });
        let Some((home, person, name, why)) = chosen else {
            return refusal("person", text!("请选一位顾问"));
        };
        let why: Vec<String> = why.iter().map(base::i18n::Text::zh).collect();
        let mut tx = ctx.begin().await?;
        let actor = ctx.actor_at(row.village)?;
        acts::send_adviser(&mut tx, key, (home, person, name), &why.join("；"), &actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已请顾问，他的意见记下后会列在经过里。")).await
}

pub async fn advise(
    ctx: Ctx,
    Path((county, id, person)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    ctx.scope.require(row.village)?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let advice = match words(form.get(&format!("advice-{person}")), 1_000, text!("请写下他的意见")) {
            Ok(advice) => advice,
            Err(say) => return Err(Refusal::whole(say).into()),
        };
        let mut tx = ctx.begin().await?;
        acts::advise(&mut tx, key, &person, &advice, &ctx.actor_at(row.village)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("顾问意见已记下。")).await
}

pub async fn confirm(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    if !may_confirm(&ctx, &mut conn, &row).await? {
        return Err(AppError::Forbidden);
    }
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let mut tx = ctx.begin().await?;
        let actor = ctx.actor_at(row.village)?;
        acts::confirm(&mut tx, key, form.some("confirm_words"), pack, &actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已销号。")).await
}

pub async fn send_back(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    if !may_confirm(&ctx, &mut conn, &row).await? {
        return Err(AppError::Forbidden);
    }
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    drop(conn);
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let why = match words(form.get("return_why"), 500, text!("请写明还差什么，部门好接着办")) {
            Ok(why) => why,
            Err(say) => return refusal("return_why", say),
        };
        let mut tx = ctx.begin().await?;
        acts::send_back(&mut tx, key, &why, pack, &ctx.actor_at(row.village)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已退回，单位会在“今日”里看到。")).await
}
