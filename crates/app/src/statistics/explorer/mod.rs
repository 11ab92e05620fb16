//! The explorer (数据透视): any indicator by place, time, credited unit, batch or beside the others of its group.
//!
//! For whoever reads statistics. The address holds the whole view, so that it can be sent; a view can be kept under a name
//! ([`saved`]), for oneself or for the office. Rows and columns take two different things apart (`rows`, `cols`); every cell
//! opens to its records. The whole of a row or column is counted on its own, never added up from what stands beside it,
//! and its head says where adding would be wrong. What lies in no part and what is credited to no unit is a row of its own.
//!
//! Sums and states are read from roll-ups. Distinct figures of one county, and what is credited to its units, are counted in
//! one pass over its facts, a day to a row; above counties distinct figures are read from their keys, units from the facts.
//! Sealed figures are hidden below the county and where they are small ([`hide`]).
//!
//! | page | what |
//! |---|---|
//! | `/explorer` | the table with its picture; `.xlsx`, `.csv` |
//! | `/explorer/views` | saved views: open, rename, share, delete |
//!
//! Table: `explorer_view`. Absent: more than two things at once, adding up different indicators.

mod count;
mod cut;
mod grid;
mod hide;
mod pages;
mod rules;
mod saved;
mod store;
#[cfg(test)]
mod tests;
mod views;

use base::sheet::Format;

pub(super) use grid::Shown;
pub(super) use hide::hide_line;

use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The pages of the explorer.
#[must_use]
pub fn routes() -> AppRoutes {
    let needs = Permission::StatisticsRead;
    empty()
        .get("/explorer", needs, pages::show)
        .get("/explorer.xlsx", needs, |ctx: Ctx| pages::export(ctx, Format::Xlsx))
        .get("/explorer.csv", needs, |ctx: Ctx| pages::export(ctx, Format::Csv))
        .get("/explorer/views", needs, views::list)
        .post("/explorer/views", needs, views::add)
        .get("/explorer/views/new", needs, views::new)
        .get("/explorer/views/{id}", needs, views::show)
        .post("/explorer/views/{id}", needs, views::save)
        .get("/explorer/views/{id}/removal", needs, views::ask_remove)
        .post("/explorer/views/{id}/removal", needs, views::remove)
}
