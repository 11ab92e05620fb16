//! 排一次会: when and where; the agenda makes itself.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Form, Shell, filters},
    kernel::{Day, DivisionCode, Level},
    text,
    web::{AppError, AppResult},
};

use super::super::{
    acts,
    store::{self, NewMeeting},
};
use crate::{
    express::words,
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/meetings/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    /// How many problems wait for it.
    waiting: usize,
}

/// The office's own place: a county or a city calls meetings.
fn home(ctx: &Ctx) -> AppResult<DivisionCode> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    if matches!(home.level(), Level::City | Level::County) { Ok(home) } else { Err(AppError::Forbidden) }
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<NewPage> {
    let home = home(ctx)?;
    let level = if home.level() == Level::City { "city" } else { "county" };
    let waiting = store::due_for(conn, home.area(), level).await?.len();
    Ok(NewPage { shell: ctx.shell(conn, text!("排一次会"), Some(home)).await?, form, waiting })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let home = home(&ctx)?;
    let name = places::store::find(&mut conn, home).await?.map(|place| place.short()).unwrap_or_default();
    let title = format!("{name}第一书记项目对接会");
    let page = page(&ctx, &mut conn, Form::of([("title", title), ("day", ctx.today.plus_days(3).to_string())])).await?;
    Ok(ctx.page(&page))
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let home = home(&ctx)?;
    let mut wrong = Vec::new();
    let title = words(form.get("title"), 60, text!("请写会的名称")).unwrap_or_else(|say| {
        wrong.push(("title", say));
        String::new()
    });
    let day = Day::parse(form.get("day")).filter(|day| *day >= ctx.today);
    if day.is_none() {
        wrong.push(("day", text!("请填哪天开，不早于今天")));
    }
    for field in ["place", "chair"] {
        if form.get(field).chars().count() > 60 {
            wrong.push((field, text!("这里最多 {most} 字", most = 60)));
        }
    }
    let mut conn = ctx.read().await?;
    let (Some(day), true) = (day, wrong.is_empty()) else {
        let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut conn, typed).await?;
        return Ok(ctx.refused(&page));
    };
    let pack = ctx.pack(&mut conn, home.county()).await?;
    drop(conn);
    let some = |field: &str| form.some(field).map(str::to_owned);
    let new = NewMeeting { division: home, title, place: some("place"), chair: some("chair"), day };
    let mut tx = ctx.begin().await?;
    let id = acts::plan(&mut tx, &new, pack, &ctx.actor_at(home)?).await?;
    tx.commit().await?;
    let to = format!("/problem-meetings/{}/{id}", home.county());
    Ok(ctx.redirect(&to, &text!("会已排好，议程已按单位列出。")))
}
