//! Pages of postings: thin, parse → rules → store → page or redirect.

mod coverage;
mod list;
mod new;
mod person;
mod portrait;
mod record;
mod rounds;
mod village;

pub use list::as_table as roster_table;

use base::{
    html::{Link, State as Shown, Tone},
    i18n::Text,
    text,
};

use super::rules::state_zh;
use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of postings.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .get("/postings", Permission::PostingsRead, list::show)
        .get("/postings.xlsx", Permission::PostingsRead, list::xlsx)
        .get("/postings.csv", Permission::PostingsRead, list::csv)
        .get("/postings/new", Permission::PostingsWrite, new::form)
        .post("/postings", Permission::PostingsWrite, new::add)
        .get("/postings/{county}/{id}", Permission::PostingsRead, record::show)
        .get("/postings/{county}/{id}/steps/{step}", Permission::PostingsWrite, record::ask)
        .post("/postings/{county}/{id}/steps/{step}", Permission::PostingsWrite, record::step)
        .get("/postings/{county}/{id}/end", Permission::PostingsWrite, record::end_form)
        .post("/postings/{county}/{id}/end", Permission::PostingsWrite, record::end)
        .get("/people/{county}/{id}", Permission::PeopleRead, person::show)
        .get("/people/{county}/{id}/edit", Permission::PeopleWrite, person::form)
        .post("/people/{county}/{id}/edit", Permission::PeopleWrite, person::save)
        .get("/people/{county}/{id}/portraits/{file}", Permission::PeopleRead, portrait::show)
        .post("/people/{county}/{id}/portrait", Permission::PeopleWrite, portrait::save)
        .post("/people/{county}/{id}/portrait/removal", Permission::PeopleWrite, portrait::remove)
        .post("/people/{county}/{id}/id-number", Permission::IdNumberRead, person::id_number)
        .get("/villages/{code}", Permission::PlacesRead, village::show)
        .get("/coverage", Permission::PostingsRead, coverage::show)
        .get("/coverage.xlsx", Permission::PostingsRead, coverage::xlsx)
        .get("/coverage.csv", Permission::PostingsRead, coverage::csv)
        .get("/batches", Permission::PostingsRead, rounds::show)
        .post("/batches", Permission::PostingsWrite, rounds::add)
        .get("/teams", Permission::PostingsRead, rounds::teams)
        .merge(super::boards::routes())
        .merge(super::cards::routes())
}

/// The views of 选派, each a link for those who may open it.
#[must_use]
pub fn section(ctx: &Ctx, on: &str) -> Vec<Link> {
    let presence = if ctx.may(Permission::PresenceRead) {
        (text!("请假查岗"), "/presence", Permission::PresenceRead)
    } else {
        (text!("我的在岗"), "/presence/mine", Permission::PresenceOwn)
    };
    let on = if on == "/presence" { presence.1 } else { on };
    let planning = if ctx.may(Permission::PlanningRead) {
        (text!("派驻计划"), "/dispatch", Permission::PlanningRead)
    } else {
        (text!("推荐人选"), "/nominations", Permission::PlanningNominate)
    };
    let all = [
        (text!("在岗名册"), "/postings", Permission::PostingsRead),
        presence,
        (text!("应派尽派"), "/coverage", Permission::PostingsRead),
        (text!("工作队"), "/teams", Permission::PostingsRead),
        (text!("批次"), "/batches", Permission::PostingsRead),
        planning,
        (text!("联心卡"), "/cards", Permission::CardsRead),
        (text!("身份牌"), "/boards", Permission::CardsRead),
        (text!("打印"), "/prints", Permission::CardsWrite),
        (text!("交接"), "/handovers", Permission::HandoversRead),
        (text!("村"), "/places", Permission::PlacesRead),
        (text!("派出单位"), "/units", Permission::UnitsRead),
        (text!("导入"), "/imports", Permission::Import),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, href) }).collect()
}

/// A posting's state as a pill.
fn pill(state: &str) -> Shown {
    let tone = match state {
        "on_post" => Tone::Ok,
        "ended" | "withdrawn" => Tone::Idle,
        _ => Tone::Wait,
    };
    Shown::new(tone, Text::key(state_zh(state)))
}
