//! Pages of handovers: thin, parse → rules → acts → page or redirect.

mod list;
mod plan;
mod record;
mod sign;

use base::{
    db::Conn,
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::CountyId,
    web::{AppError, AppResult},
};

use super::{
    rules::{Acting, state_zh},
    store::{self, HandoverRow},
};
use crate::{
    accounts::{Permission, Role},
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of handovers.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{HandoversRead, HandoversSign, HandoversWrite};
    empty()
        .get("/handovers", HandoversRead, list::show)
        .get("/handovers.xlsx", HandoversRead, list::xlsx)
        .get("/handovers.csv", HandoversRead, list::csv)
        .get("/postings/{county}/{id}/handover", HandoversWrite, plan::form)
        .post("/postings/{county}/{id}/handover", HandoversWrite, plan::announce)
        .get("/handovers/{county}/{id}", HandoversRead, record::show)
        .get("/handovers/{county}/{id}/book", HandoversRead, record::book)
        .get("/handovers/{county}/{id}/book.pdf", HandoversRead, record::pdf)
        .get("/handovers/{county}/{id}/plan", HandoversWrite, plan::change_form)
        .post("/handovers/{county}/{id}/plan", HandoversWrite, plan::change)
        .post("/handovers/{county}/{id}/start", HandoversWrite, plan::start)
        .get("/handovers/{county}/{id}/completion", HandoversWrite, plan::complete_form)
        .post("/handovers/{county}/{id}/completion", HandoversWrite, plan::complete)
        .get("/handovers/{county}/{id}/cancellation", HandoversWrite, plan::ask_cancel)
        .post("/handovers/{county}/{id}/cancellation", HandoversWrite, plan::cancel)
        .post("/handovers/{county}/{id}/lines", HandoversSign, sign::add_line)
        .post("/handovers/{county}/{id}/lines/refresh", HandoversSign, sign::refresh)
        .post("/handovers/{county}/{id}/lines/{line}/answer", HandoversSign, sign::answer)
        .post("/handovers/{county}/{id}/lines/{line}/removal", HandoversSign, sign::remove_line)
        .post("/handovers/{county}/{id}/confirmation", HandoversSign, sign::confirm)
        .post("/handovers/{county}/{id}/visits", HandoversSign, sign::add_visit)
}

/// Reads `{county}/{id}` and finds the handover within the scope, or 404.
async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<HandoverRow> {
    let county = county_of(county)?;
    store::find_within(conn, &ctx.scope, county, id).await?.ok_or(AppError::NotFound)
}

fn county_of(text: &str) -> AppResult<CountyId> {
    text.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

/// Who the viewer is to this handover.
fn acting(ctx: &Ctx, row: &HandoverRow) -> AppResult<Acting> {
    let viewer = ctx.viewer()?;
    let holds = |role: Role, place| viewer.grants.iter().any(|g| g.role == role && g.division == Some(place));
    Ok(Acting {
        person_id: viewer.person_id.clone().filter(|_| viewer.has(Role::Cadre)),
        is_branch: holds(Role::Branch, row.village),
        is_township: holds(Role::Township, row.village.parent()),
    })
}

/// A state as a pill.
fn pill(state: &str) -> Shown {
    let tone = match state {
        "completed" => Tone::Ok,
        "cancelled" => Tone::Idle,
        _ => Tone::Wait,
    };
    Shown::new(tone, Text::key(state_zh(state)))
}
