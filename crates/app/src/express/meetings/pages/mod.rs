//! Pages of meetings.

mod edit;
mod list;
mod new;
mod screen;
mod show;

use base::{
    db::Conn,
    html::{State as Shown, Tone},
    i18n::Text,
    web::{AppError, AppResult},
};

use super::{
    rules::State,
    store::{self, ItemRow, MeetingRow},
};
use crate::{
    accounts::Permission,
    express::county,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of meetings.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{ExpressRead, ProblemsSteer};
    empty()
        .get("/problem-meetings", ExpressRead, list::show)
        .get("/problem-meetings/new", ProblemsSteer, new::form)
        .post("/problem-meetings", ProblemsSteer, new::add)
        .get("/problem-meetings/{county}/{id}", ExpressRead, show::show)
        .get("/problem-meetings/{county}/{id}/edit", ProblemsSteer, edit::form)
        .post("/problem-meetings/{county}/{id}/edit", ProblemsSteer, edit::save)
        .get("/problem-meetings/{county}/{id}/agenda", ExpressRead, show::agenda)
        .get("/problem-meetings/{county}/{id}/promises", ExpressRead, show::promises)
        .post("/problem-meetings/{county}/{id}/agenda", ProblemsSteer, show::refresh)
        .post("/problem-meetings/{county}/{id}/lines/{home}/{problem}/removal", ProblemsSteer, show::remove)
        .post("/problem-meetings/{county}/{id}/begin", ProblemsSteer, show::begin)
        .post("/problem-meetings/{county}/{id}/close", ProblemsSteer, show::close)
        .get("/problem-meetings/{county}/{id}/cancellation", ProblemsSteer, show::ask_cancel)
        .post("/problem-meetings/{county}/{id}/cancellation", ProblemsSteer, show::cancel)
        .get("/problem-meetings/{county}/{id}/screen", ExpressRead, screen::show)
        .post("/problem-meetings/{county}/{id}/lines/{home}/{problem}/decision", ProblemsSteer, screen::decide)
}

/// A meeting that concerns the viewer with the lines they may see, or 404.
pub(super) async fn find(ctx: &Ctx, conn: &mut Conn, code: &str, id: &str) -> AppResult<(MeetingRow, Vec<ItemRow>)> {
    let row = store::find(conn, county(code)?, id).await?.ok_or(AppError::NotFound)?;
    let scope = ctx.viewer()?.scope(Permission::ExpressRead);
    let items = store::items(conn, &scope, id).await?;
    if scope.holds(row.division) || !items.is_empty() { Ok((row, items)) } else { Err(AppError::NotFound) }
}

pub(super) fn state_of(row: &MeetingRow) -> AppResult<State> {
    row.state().ok_or_else(|| AppError::internal(format!("meeting {} has an unknown state", row.id)))
}

pub(super) fn pill(state: State) -> Shown {
    let tone = match state {
        State::Planned => Tone::Idle,
        State::UnderWay => Tone::Wait,
        State::Held => Tone::Ok,
        State::Cancelled => Tone::Stop,
    };
    Shown::new(tone, Text::key(state.zh()))
}
