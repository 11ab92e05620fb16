//! Pages of forms: the list, a new one, one with its cells, a tie, a fill and its report.

mod fills;
mod list;
mod new;
mod show;
mod ties;

use base::{
    db::Conn,
    kernel::CountyId,
    web::{AppError, AppResult},
};

use super::store::{self, Form};
use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of forms.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{FormsRead, FormsWrite};
    empty()
        .get("/forms", FormsRead, list::show)
        .get("/forms/new", FormsWrite, new::form)
        .post("/forms", FormsWrite, new::upload)
        .get("/forms/{county}/{id}", FormsRead, show::show)
        .get("/forms/{county}/{id}/original", FormsRead, show::original)
        .get("/forms/{county}/{id}/ties", FormsWrite, ties::form)
        .post("/forms/{county}/{id}/ties", FormsWrite, ties::save)
        .post("/forms/{county}/{id}/ties/removal", FormsWrite, ties::remove)
        .post("/forms/{county}/{id}/fills", FormsWrite, fills::fill)
        .get("/forms/{county}/{id}/fills/{fill}", FormsRead, fills::show)
        .get("/forms/{county}/{id}/fills/{fill}/file", FormsRead, fills::file)
        .get("/forms/{county}/{id}/retirement", FormsWrite, show::ask_retire)
        .post("/forms/{county}/{id}/retirement", FormsWrite, show::retire)
}

/// A form within the viewer's scope; 404 otherwise.
async fn found(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Form> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let form = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(form.place)?;
    Ok(form)
}

fn own(form: &Form) -> String {
    format!("/forms/{}/{}", form.county, form.id)
}
