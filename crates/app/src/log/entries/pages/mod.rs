//! Pages of entries: thin, parse → rules → store → page or redirect.

mod desk;
mod edit;
mod form;
mod list;
mod month;
mod new;
mod pictures;
mod read;
mod show;

pub use list::months;
pub use show::event;

use base::{
    db::Conn,
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::CountyId,
    web::{AppError, AppResult},
};

use super::{
    Editor, May, OutcomeState, Written, may_change,
    store::{self, Filter, Line, Stored},
};
use crate::{
    accounts::{Permission, Role},
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of entries.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .get("/log", Permission::LogRead, list::show)
        .get("/log.xlsx", Permission::LogRead, list::xlsx)
        .get("/log.csv", Permission::LogRead, list::csv)
        .get("/log/month", Permission::LogRead, month::show)
        .get("/log/new", Permission::LogWrite, new::form)
        .post("/log", Permission::LogWrite, new::add)
        .get("/log/{county}/{id}", Permission::LogRead, show::show)
        .get("/log/{county}/{id}/pictures/{file}", Permission::LogRead, show::picture)
        .get("/log/{county}/{id}/edit", Permission::LogWrite, edit::form)
        .post("/log/{county}/{id}/edit", Permission::LogWrite, edit::save)
        .get("/log/{county}/{id}/withdrawal", Permission::LogWrite, edit::ask)
        .post("/log/{county}/{id}/withdrawal", Permission::LogWrite, edit::withdraw)
}

/// Reads `{county}/{id}` and finds the entry within the viewer's scope of reading, or 404.
pub async fn find(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<(Line, Stored)> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let scope = ctx.viewer()?.scope(Permission::LogRead);
    let filter = Filter { id: Some(id.to_owned()), ..Filter::default() };
    let line = store::list(conn, &scope, &filter, 1, 0).await?.pop().ok_or(AppError::NotFound)?;
    let stored = store::load(conn, county, id).await?.ok_or(AppError::NotFound)?;
    Ok((line, stored))
}

/// Whether the viewer may correct or withdraw an entry today.
async fn may(ctx: &Ctx, conn: &mut Conn, stored: &Stored) -> AppResult<May> {
    let viewer = ctx.viewer()?;
    if stored.row.is_withdrawn() || !viewer.may(Permission::LogWrite) {
        return Ok(May::NotTheirs);
    }
    let village = stored.row.village;
    let keeps = viewer.grants.iter().filter(|grant| grant.role == Role::Township).filter_map(|grant| grant.division);
    let editor = Editor {
        account_id: &viewer.account_id,
        person_id: viewer.person_id.as_deref(),
        keeps_place: keeps.into_iter().any(|place| place.contains(village)),
    };
    let written = Written {
        writer_account: &stored.row.writer_account,
        person_id: &stored.row.person_id,
        made_at: stored.row.made_at,
    };
    let days = ctx.pack(conn, village.county()).await?.log_edit_days();
    Ok(may_change(written, editor, ctx.today, days))
}

/// An outcome's state as a pill.
pub fn pill(state: &OutcomeState) -> Shown {
    let tone = match state {
        OutcomeState::Counted { .. } => Tone::Ok,
        OutcomeState::Waiting => Tone::Wait,
        OutcomeState::SentBack { .. } => Tone::Late,
        OutcomeState::Merged { .. } | OutcomeState::Withdrawn => Tone::Idle,
    };
    Shown::new(tone, Text::key(state.zh()))
}
