//! Pages of ratings: rounds and results for the staff, the ballot for whoever has a slip.

mod ballot;
mod results;
mod rounds;

use base::{
    kernel::CountyId,
    web::{AppError, AppResult},
};

use super::store::{self, RoundRow};
use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of ratings.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{Public, RatingsRead, RatingsRun};
    empty()
        .get("/ratings", RatingsRead, rounds::list)
        .get("/ratings/new", RatingsRun, rounds::form)
        .post("/ratings", RatingsRun, rounds::open)
        .get("/ratings/{county}/{id}", RatingsRead, rounds::show)
        .get("/ratings/{county}/{id}/slips", RatingsRun, rounds::ask_slips)
        .post("/ratings/{county}/{id}/slips", RatingsRun, rounds::slips)
        .get("/ratings/{county}/{id}/count", RatingsRun, rounds::ask_count)
        .post("/ratings/{county}/{id}/count", RatingsRun, rounds::count)
        .get("/villages/{code}/ratings", RatingsRead, results::show)
        .get("/villages/{code}/ratings.xlsx", RatingsRead, results::xlsx)
        .get("/villages/{code}/ratings.csv", RatingsRead, results::csv)
        .get("/rate", Public, ballot::enter)
        .post("/rate", Public, ballot::show)
        .post("/rate/ballot", Public, ballot::cast)
}

/// A round within the viewer's scope; 404 otherwise.
async fn found(ctx: &Ctx, conn: &mut base::db::Conn, county: &str, id: &str) -> AppResult<RoundRow> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let row = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(row.village)?;
    Ok(row)
}
