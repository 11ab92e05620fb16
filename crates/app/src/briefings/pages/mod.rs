//! Pages of briefings: the list, a new one, one with its figures, editing, signing, files.

mod edit;
mod list;
mod new;
mod show;
mod steps;

use base::{
    db::Conn,
    kernel::CountyId,
    web::{AppError, AppResult},
};

use super::{
    paper::Format,
    store::{self, Briefing},
};
use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of briefings.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{BriefingsRead, BriefingsSign, BriefingsWrite};
    empty()
        .get("/briefings", BriefingsRead, list::show)
        .get("/briefings/new", BriefingsWrite, new::form)
        .post("/briefings", BriefingsWrite, new::make)
        .get("/briefings/{county}/{id}", BriefingsRead, show::show)
        .get("/briefings/{county}/{id}/today", BriefingsRead, show::today)
        .get("/briefings/{county}/{id}/briefing.docx", BriefingsRead, |ctx, path| show::file(ctx, path, Format::Docx))
        .get("/briefings/{county}/{id}/briefing.pdf", BriefingsRead, |ctx, path| show::file(ctx, path, Format::Pdf))
        .get("/briefings/{county}/{id}/briefing.txt", BriefingsRead, |ctx, path| show::file(ctx, path, Format::Txt))
        .get("/briefings/{county}/{id}/text", BriefingsWrite, edit::form)
        .post("/briefings/{county}/{id}/text", BriefingsWrite, edit::save)
        .post("/briefings/{county}/{id}/recount", BriefingsWrite, steps::recount)
        .get("/briefings/{county}/{id}/signature", BriefingsSign, steps::ask_sign)
        .post("/briefings/{county}/{id}/signature", BriefingsSign, steps::sign)
        .get("/briefings/{county}/{id}/cancellation", BriefingsWrite, steps::ask_cancel)
        .post("/briefings/{county}/{id}/cancellation", BriefingsWrite, steps::cancel)
}

fn key(county: &str) -> AppResult<CountyId> {
    county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

/// A briefing within the viewer's scope; 404 otherwise.
async fn found(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Briefing> {
    let briefing = store::find(conn, key(county)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(briefing.place)?;
    Ok(briefing)
}

fn own(briefing: &Briefing) -> String {
    format!("/briefings/{}/{}", briefing.county, briefing.id)
}
