//! 我有事要办: the form behind the contact card.

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::Response,
};
use base::{
    db::Conn,
    html::{Form, Shell, filters},
    kernel::DivisionCode,
    text,
    web::{AppError, AppResult, set_cookie},
};

use super::{carry, network};
use crate::{
    accounts::Actor,
    flows,
    matters::{
        acts::{self, Raised},
        pages::{attach::Attached, has_cadre},
        rules::{self, Channel, Code, Hold, Said},
        store,
    },
    places,
    web::{Ctx, Upload},
};

#[derive(Template)]
#[template(path = "matters/pages/villager/raise.html")]
struct RaisePage {
    shell: Shell,
    form: Form,
    village: String,
    township: String,
    action: String,
    back: String,
    phone: Option<String>,
    kept: Vec<String>,
}

#[derive(Template)]
#[template(path = "matters/pages/villager/gone.html")]
struct GonePage {
    shell: Shell,
}

/// The cookie that carries a fresh code to the page that shows it: it stands in no address and no table.
pub const CODE_COOKIE: &str = "lianxin_matter";

/// The village of a card's code; `None` when the card was withdrawn. Unknown ones are like any page that does not exist.
async fn village_of(conn: &mut Conn, token: &str) -> AppResult<Option<DivisionCode>> {
    let likely = token.len() == 20 && token.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if !likely {
        return Err(AppError::NotFound);
    }
    let found = flows::village_of_card(conn, token).await?.ok_or(AppError::NotFound)?;
    Ok(Some(found.0).filter(|_| !found.1))
}

fn gone(ctx: &Ctx) -> Response {
    let mut response = ctx.page(&GonePage { shell: ctx.bare_shell(text!("这张卡已停用")) });
    *response.status_mut() = StatusCode::GONE;
    response
}

async fn page(
    ctx: &Ctx,
    conn: &mut Conn,
    (token, village): (&str, DivisionCode),
    form: Form,
    kept: Vec<String>,
) -> AppResult<RaisePage> {
    let names = places::store::path(conn, village).await?;
    let name = |at: usize| names.iter().rev().nth(at).map(places::Division::short).unwrap_or_default();
    let holder = flows::card_holder(conn, village).await?;
    Ok(RaisePage {
        shell: ctx.bare_shell(text!("我有事要办")),
        form,
        village: name(0),
        township: name(1),
        action: carry(ctx, &format!("/c/{token}/matter")),
        back: carry(ctx, &format!("/c/{token}")),
        phone: holder.and_then(|holder| holder.phone),
        kept,
    })
}

pub async fn form(ctx: Ctx, Path(token): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some(village) = village_of(&mut conn, &token).await? else { return Ok(gone(&ctx)) };
    let page = page(&ctx, &mut conn, (&token, village), Form::default(), Vec::new()).await?;
    Ok(ctx.page(&page))
}

/// Why it waits for somebody to look at it first, if it does.
async fn hold(ctx: &Ctx, conn: &mut Conn, village: DivisionCode, said: &Said, trap: &str) -> AppResult<Option<Hold>> {
    let now = ctx.app.clock.now();
    if !trap.is_empty() {
        return Ok(Some(Hold::Trap));
    }
    if ctx.app.villagers.quiet.take(&network(ctx.peer), now).is_err() {
        return Ok(Some(Hold::Often));
    }
    let most = ctx.pack(conn, village.county()).await?.matter_village_day();
    if store::raised_by_card(conn, village, ctx.today, most).await? >= most {
        return Ok(Some(Hold::Village));
    }
    Ok(rules::looks_odd(&said.words).then_some(Hold::Odd))
}

pub async fn add(ctx: Ctx, Path(token): Path<String>, mut upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some(village) = village_of(&mut conn, &token).await? else { return Ok(gone(&ctx)) };
    let limited = ctx.app.villagers.raises.take(&network(ctx.peer), ctx.app.clock.now());
    limited.map_err(|seconds| AppError::TooMany { retry_after_seconds: seconds })?;
    let by = acts::villager(ctx.app.clock.now(), ctx.today);
    let form = &upload.form;
    let said = rules::typed(form.get("words"), form.get("name"), form.get("phone"));
    let mut wrong = said.as_ref().err().cloned().unwrap_or_default();
    let county = village.county();
    let attached = Attached::read(&ctx, &mut conn, &mut upload, county, &mut wrong).await?;
    // Somebody who can only speak need not write.
    let spoken = attached.has_voice() && upload.form.get("words").is_empty();
    if spoken {
        wrong.retain(|(field, _)| *field != "words");
    }
    let said = match said {
        Ok(said) => Ok(said),
        Err(_) if wrong.is_empty() => rules::typed(SPOKEN, upload.form.get("name"), upload.form.get("phone")),
        Err(wrong) => Err(wrong),
    };
    let Some(said) = said.ok().filter(|_| wrong.is_empty()) else {
        drop(conn);
        let kept = attached.keep_for_next(&ctx, county, &by).await?;
        let typed = wrong.into_iter().fold(upload.form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut ctx.read().await?, (&token, village), typed, kept).await?;
        return Ok(ctx.refused(&page));
    };
    let raised = Raised {
        village,
        channel: Channel::Card,
        urgent: upload.form.get("urgent") == "yes",
        kind: None,
        household_id: None,
        member_id: None,
        outside_number: None,
        has_cadre: has_cadre(&ctx, &mut conn, village).await?,
        hold: hold(&ctx, &mut conn, village, &said, upload.form.get("website")).await?,
        proxy: false,
        said,
    };
    drop(conn);
    let code = write(&ctx, raised, attached, &by).await?;
    let mut response = ctx.redirect(&carry(&ctx, "/m/received"), &text!("已收到。"));
    if let Some(cookie) = set_cookie(CODE_COOKIE, code.plain(), 3_600, ctx.app.is_https()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What stands for words where somebody only spoke.
const SPOKEN: &str = "（见录音）有事要办";

async fn write(ctx: &Ctx, raised: Raised, attached: Attached, by: &Actor) -> AppResult<Code> {
    let county = raised.village.county();
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, county).await?;
    let (matter, code) = acts::new_matter(raised, &ctx.app.keys, pack, by)?;
    let files = attached.keep(ctx, &mut tx, county, by).await?;
    acts::raise(&mut tx, matter, Some(code.hash(&ctx.app.keys, crate::matters::rules::FOLLOW_UP)), files, by).await?;
    tx.commit().await?;
    Ok(code)
}
