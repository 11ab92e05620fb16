//! Pages of visits.

mod list;
mod new;
mod show;

use crate::{
    accounts::Permission,
    web::{AppRoutes, routes as empty},
};

/// The routes of visits.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .get("/visits", Permission::LogRead, list::show)
        .get("/visits.xlsx", Permission::LogRead, list::xlsx)
        .get("/visits.csv", Permission::LogRead, list::csv)
        .get("/visits/new", Permission::VisitsWrite, new::form)
        .post("/visits", Permission::VisitsWrite, new::add)
        .get("/visits/{county}/{id}", Permission::LogRead, show::show)
        .get("/visits/{county}/{id}/withdrawal", Permission::VisitsWrite, show::ask)
        .post("/visits/{county}/{id}/withdrawal", Permission::VisitsWrite, show::withdraw)
        .post("/visits/{county}/{id}/promises/{promise}/result", Permission::VisitsWrite, show::keep)
}
