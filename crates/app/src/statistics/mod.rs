//! Statistics: what the records add up to, for a place and a period, and how each figure opens to them again.
//!
//! For offices, townships and leaders (dashboards), for anyone with figures to check (a figure opened), and for the
//! command line ([`stats`], [`open`]). Reads facts, roll-ups and registers; writes nothing but saved views.
//!
//! | page | what |
//! |---|---|
//! | `/dashboard` | a place at a glance on a day and in a period: tiles, its parts compared, coverage, what was done, who is late, months, states, who the people are |
//! | `/dashboard/late` | the overdue tasks behind one line: where, whose, since when |
//! | `/dashboard/composition` | who the people of a province or city are |
//! | `/dashboard/people` | the people behind one bar of a composition |
//! | `/figures/{code}` | a figure opened: how it is computed and the records it is computed from |
//! | `/explorer` | any indicator by place, time, unit, batch, group: [`explorer`] |
//!
//! Figures of a dashboard come from roll-ups, whatever lies below.

mod dashboard;
mod explorer;
mod figure;
mod people;
mod rules;
mod sealed;
mod store;
#[cfg(test)]
pub(crate) mod tests;
mod values;

use base::sheet::Format;

pub use rules::{figure_href, how_code, number};
pub use values::{Opened, OpenedRecord, Stats, open, stats};

use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The pages of statistics.
#[must_use]
pub fn routes() -> AppRoutes {
    let needs = Permission::StatisticsRead;
    empty()
        .get("/dashboard", needs, dashboard::show)
        .get("/dashboard/places.xlsx", needs, |ctx: Ctx| dashboard::export(ctx, Format::Xlsx))
        .get("/dashboard/places.csv", needs, |ctx: Ctx| dashboard::export(ctx, Format::Csv))
        .get("/dashboard/composition", needs, dashboard::show_composition)
        .get("/dashboard/late", needs, dashboard::show_late)
        .get("/dashboard/people", needs, people::show)
        .get("/dashboard/people.xlsx", needs, |ctx: Ctx| people::export(ctx, Format::Xlsx))
        .get("/dashboard/people.csv", needs, |ctx: Ctx| people::export(ctx, Format::Csv))
        .get("/figures/{code}", needs, figure::show)
        .get("/figures/{code}/records.xlsx", needs, |code, ctx: Ctx| figure::export(code, ctx, Format::Xlsx))
        .get("/figures/{code}/records.csv", needs, |code, ctx: Ctx| figure::export(code, ctx, Format::Csv))
        .merge(explorer::routes())
}
