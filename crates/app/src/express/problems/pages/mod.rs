//! Pages of problems.

mod answer;
mod board;
mod list;
mod new;
mod show;
mod steer;

use base::{
    db::Conn,
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::Day,
    web::{AppError, AppResult},
};

use super::store::{self, ProblemRow};
use crate::{
    accounts::Permission,
    express::county,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of problems.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{ExpressRead, ProblemsAnswer, ProblemsRaise, ProblemsSteer};
    empty()
        .get("/problems", ExpressRead, list::show)
        .get("/problems.xlsx", ExpressRead, list::xlsx)
        .get("/problems.csv", ExpressRead, list::csv)
        .get("/problems/board", ExpressRead, board::show)
        .get("/problems/new", ProblemsRaise, new::form)
        .post("/problems", ProblemsRaise, new::add)
        .get("/problems/{county}/{id}", ExpressRead, show::show)
        .get("/problems/{county}/{id}/files/{file}", ExpressRead, show::file)
        .post("/problems/{county}/{id}/files/{file}/removal", ExpressRead, answer::remove_file)
        .post("/problems/{county}/{id}/screening", ProblemsSteer, steer::screen)
        .post("/problems/{county}/{id}/refusal", ProblemsSteer, steer::decline)
        .post("/problems/{county}/{id}/advisers", ProblemsSteer, steer::send_adviser)
        .post("/problems/{county}/{id}/advisers/{person}/advice", ProblemsSteer, steer::advise)
        .post("/problems/{county}/{id}/claim", ProblemsAnswer, answer::claim)
        .post("/problems/{county}/{id}/joining", ProblemsAnswer, answer::join)
        .post("/problems/{county}/{id}/answer", ProblemsAnswer, answer::answer)
        .post("/problems/{county}/{id}/transfer", ProblemsAnswer, answer::not_ours)
        .post("/problems/{county}/{id}/reports", ProblemsAnswer, answer::report)
        .post("/problems/{county}/{id}/solution", ProblemsAnswer, answer::solve)
        .post("/problems/{county}/{id}/confirmation", ProblemsRaise, steer::confirm)
        .post("/problems/{county}/{id}/return", ProblemsRaise, steer::send_back)
}

/// A problem that the viewer may read, or 404: in their places, their own, addressed to or taken up by their unit.
pub(super) async fn find(ctx: &Ctx, conn: &mut Conn, county_code: &str, id: &str) -> AppResult<ProblemRow> {
    let county = county(county_code)?;
    let row = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    let viewer = ctx.viewer()?;
    let scope = viewer.scope(Permission::ExpressRead);
    let of_unit = |unit: Option<&str>| unit.is_some_and(|unit| scope.units().iter().any(|own| own == unit));
    let own = row.person_id.is_some() && viewer.own_person() == row.person_id.as_deref();
    if scope.holds(row.village) || own || of_unit(row.unit_id.as_deref()) {
        return Ok(row);
    }
    let claims = store::claims(conn, county, id).await?;
    if claims.iter().any(|claim| of_unit(Some(&claim.unit_id))) { Ok(row) } else { Err(AppError::NotFound) }
}

/// A state as a pill; late where its day is over.
pub fn pill(state: &str, is_late: bool) -> Shown {
    if is_late {
        return Shown::new(Tone::Late, base::text!("逾期"));
    }
    let tone = match state {
        "struck_off" => Tone::Ok,
        "contested" => Tone::Late,
        "declined" => Tone::Stop,
        "reported" => Tone::Idle,
        _ => Tone::Wait,
    };
    Shown::new(tone, Text::key(super::state_zh(state)))
}

/// A day where there is one.
pub fn day(day: Option<Day>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
