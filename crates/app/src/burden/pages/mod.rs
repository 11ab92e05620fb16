//! Pages of burden: complaints, the meter, switches, the self-check.

mod complaints;
mod meter;
mod switches;

use askama::Template;
use axum::response::Response;
use base::{
    html::{Link, Shell, filters},
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

use super::self_check::{self, Check, ClassCheck};
use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of burden.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{ComplaintsAnswer, Public, SelfCheckRead, SignedIn, SwitchesWrite};
    empty()
        .get("/complaints", SignedIn, complaints::show)
        .get("/complaints/new", SignedIn, complaints::form)
        .post("/complaints", SignedIn, complaints::add)
        .get("/complaints/follow-up", Public, complaints::follow_up_form)
        .post("/complaints/follow-up", Public, complaints::follow_up)
        .post("/complaints/{county}/{id}/answer", ComplaintsAnswer, complaints::answer)
        .post("/complaints/nameless/{county}/{id}/answer", ComplaintsAnswer, complaints::answer_nameless)
        .get("/self-check", SelfCheckRead, show_self_check)
        .get("/switches", SwitchesWrite, switches::show)
        .post("/switches", SwitchesWrite, switches::open)
        .get("/switches/{county}/{id}/close", SwitchesWrite, switches::ask_close)
        .post("/switches/{county}/{id}/close", SwitchesWrite, switches::close)
        .get("/public/switchboard", Public, switches::public)
        .get("/burden", SignedIn, meter::show)
        .get("/burden.xlsx", SignedIn, meter::xlsx)
        .get("/burden.csv", SignedIn, meter::csv)
        .get("/public/burden", Public, meter::public)
}

/// The views of 减负, each a link for those who may open it.
fn views(ctx: &Ctx, on: &str) -> Vec<Link> {
    let all = [
        (text!("意见箱"), "/complaints", Permission::SignedIn),
        (text!("填报负担"), "/burden", Permission::SignedIn),
        (text!("自查"), "/self-check", Permission::SelfCheckRead),
        (text!("开关"), "/switches", Permission::SwitchesWrite),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, href) }).collect()
}

fn county_of(text: &str) -> AppResult<CountyId> {
    text.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

#[derive(Template)]
#[template(path = "burden/self_check.html")]
struct SelfCheckPage {
    shell: Shell,
    views: Vec<Link>,
    checks: Vec<Check>,
    classes: Vec<ClassCheck>,
}

async fn show_self_check(ctx: Ctx) -> AppResult<Response> {
    let county = ctx.viewer()?.home.county();
    let mut conn = ctx.read().await?;
    let cost = crate::burden::meter::published(&mut conn, county, ctx.today).await?;
    let checks = self_check::checks(&mut conn, county, &cost, ctx.today).await?;
    let classes = self_check::classes(&mut conn, county, &cost, ctx.today).await?;
    let shell = ctx.shell(&mut conn, text!("减负自查"), Some(county.division())).await?;
    Ok(ctx.page(&SelfCheckPage { shell, views: views(&ctx, "/self-check"), checks, classes }))
}
