//! Pages of dispatch planning: rounds, one round, its pool, its demand, its plans, its approval.

mod candidate;
mod compare;
mod demand;
mod nominate;
mod pairing;
mod plan;
mod pool;
mod rounds;
mod show;
mod steps;
mod units;
mod villages;

use base::{
    db::{Conn, Tx},
    html::{Choice, Filter, FilterKind, Link, State as Shown, Tone},
    i18n::Text,
    kernel::{CountyId, Level},
    sheet::Format,
    text,
    web::{AppError, AppResult},
};

use super::{
    acts,
    store::{self, Round},
};
use crate::{
    accounts::Permission,
    places,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of dispatch planning.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{PlanningApprove, PlanningNominate, PlanningRead, PlanningWrite};
    empty()
        .get("/dispatch", PlanningRead, rounds::list)
        .get("/dispatch/new", PlanningWrite, rounds::form)
        .post("/dispatch", PlanningWrite, rounds::open)
        .get("/nominations", PlanningNominate, nominate::rounds)
        .get("/dispatch/{county}/{id}", PlanningRead, show::show)
        .get("/dispatch/{county}/{id}/progress", PlanningRead, show::progress)
        .get("/dispatch/{county}/{id}/nomination", PlanningNominate, nominate::form)
        .post("/dispatch/{county}/{id}/candidates", PlanningNominate, nominate::add)
        .get("/dispatch/{county}/{id}/pool", PlanningRead, pool::list)
        .get("/dispatch/{county}/{id}/pool.xlsx", PlanningRead, |ctx, path| pool::sheet(ctx, path, Format::Xlsx))
        .get("/dispatch/{county}/{id}/pool.csv", PlanningRead, |ctx, path| pool::sheet(ctx, path, Format::Csv))
        .get("/dispatch/{county}/{id}/people-table", PlanningWrite, pool::file_form)
        .post("/dispatch/{county}/{id}/people-table", PlanningWrite, pool::take_file)
        .post("/dispatch/{county}/{id}/gates", PlanningWrite, pool::sign)
        .get("/dispatch/{county}/{id}/pool/{person}", PlanningRead, candidate::show)
        .post("/dispatch/{county}/{id}/pool/{person}", PlanningWrite, candidate::save)
        .get("/dispatch/{county}/{id}/pool/{person}/removal", PlanningWrite, candidate::ask_remove)
        .post("/dispatch/{county}/{id}/pool/{person}/removal", PlanningWrite, candidate::remove)
        .get("/dispatch/{county}/{id}/villages", PlanningRead, demand::list)
        .post("/dispatch/{county}/{id}/demand", PlanningWrite, demand::add)
        .get("/dispatch/{county}/{id}/villages/{village}", PlanningWrite, villages::form)
        .post("/dispatch/{county}/{id}/villages/{village}", PlanningWrite, villages::save)
        .post("/dispatch/{county}/{id}/villages/{village}/forbidden", PlanningWrite, villages::forbid)
        .post("/dispatch/{county}/{id}/villages/{village}/forbidden/{unit}/removal", PlanningWrite, villages::lift)
        .post("/dispatch/{county}/{id}/villages/{village}/removal", PlanningWrite, villages::remove)
        .get("/dispatch/{county}/{id}/units", PlanningRead, units::list)
        .get("/dispatch/{county}/{id}/units/{unit}", PlanningWrite, units::form)
        .post("/dispatch/{county}/{id}/units/{unit}", PlanningWrite, units::save)
        .post("/dispatch/{county}/{id}/plans", PlanningWrite, plan::order)
        .get("/dispatch/{county}/{id}/plans/{plan}", PlanningRead, plan::show)
        .get("/dispatch/{county}/{id}/plans/{plan}/progress", PlanningRead, plan::progress)
        .post("/dispatch/{county}/{id}/plans/{plan}/stop", PlanningWrite, plan::stop)
        .get("/dispatch/{county}/{id}/plans/{plan}/plan.xlsx", PlanningRead, |ctx, path| {
            plan::sheet(ctx, path, Format::Xlsx)
        })
        .get("/dispatch/{county}/{id}/plans/{plan}/plan.csv", PlanningRead, |ctx, path| {
            plan::sheet(ctx, path, Format::Csv)
        })
        .post("/dispatch/{county}/{id}/plans/{plan}/proposal", PlanningWrite, steps::propose)
        .get("/dispatch/{county}/{id}/plans/{plan}/pairings/{village}", PlanningRead, pairing::show)
        .post("/dispatch/{county}/{id}/plans/{plan}/pairings/{village}", PlanningWrite, pairing::decide)
        .post("/dispatch/{county}/{id}/locks/{village}/removal", PlanningWrite, pairing::unlock)
        .get("/dispatch/{county}/{id}/comparison", PlanningRead, compare::show)
        .get("/dispatch/{county}/{id}/approval", PlanningApprove, steps::ask_approve)
        .post("/dispatch/{county}/{id}/approval", PlanningApprove, steps::approve)
        .get("/dispatch/{county}/{id}/return", PlanningApprove, steps::ask_take_back)
        .post("/dispatch/{county}/{id}/return", PlanningApprove, steps::take_back)
        .get("/dispatch/{county}/{id}/closure", PlanningWrite, steps::ask_drop)
        .post("/dispatch/{county}/{id}/closure", PlanningWrite, steps::drop_round)
}

fn key(county: &str) -> AppResult<CountyId> {
    county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

/// A round within the viewer's scope; 404 otherwise.
async fn found(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Round> {
    let round = store::find_round(conn, key(county)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(round.place)?;
    Ok(round)
}

/// The same, locked, while it is planned.
async fn locked(ctx: &Ctx, tx: &mut Tx, county: &str, id: &str) -> AppResult<Round> {
    let round = acts::planning(tx, key(county)?, id).await?;
    ctx.scope.require(round.place)?;
    Ok(round)
}

fn state_of(code: &str, proposed: bool) -> Shown {
    match code {
        "approving" => Shown::new(Tone::Wait, text!("正在批准")),
        "approved" => Shown::new(Tone::Ok, text!("已批准")),
        "dropped" => Shown::new(Tone::Idle, text!("已停办")),
        _ if proposed => Shown::new(Tone::Wait, text!("待批准")),
        _ => Shown::new(Tone::Wait, text!("排计划中")),
    }
}

/// The views of a round.
fn tabs(round: &Round, on: &str) -> Vec<Link> {
    let root = round.address();
    let views = [
        (text!("概况和方案"), ""),
        (text!("人选"), "/pool"),
        (text!("村需求"), "/villages"),
        (text!("单位"), "/units"),
    ];
    views
        .into_iter()
        .map(|(label, tail)| Link { on: tail == on, ..Link::new(label, format!("{root}{tail}")) })
        .collect()
}

/// Whether the viewer may plan this round, and it is still planned.
fn may_plan(ctx: &Ctx, round: &Round) -> bool {
    let may = ctx.viewer().is_ok_and(|viewer| viewer.scope(Permission::PlanningWrite).holds(round.place));
    may && round.state == super::rules::State::Planning
}

/// The counties of a round above a county, to narrow a list by; none where the round is a county's.
async fn county_filter(conn: &mut Conn, round: &Round, value: &str) -> AppResult<Option<Filter>> {
    if !round.is_above_county() {
        return Ok(None);
    }
    let mut choices = vec![Choice::new("", text!("全部"))];
    choices.extend(county_choices(conn, round).await?);
    let kind = FilterKind::Select(choices);
    Ok(Some(Filter { name: "county", label: text!("县"), kind, value: value.to_owned() }))
}

async fn county_choices(conn: &mut Conn, round: &Round) -> AppResult<Vec<Choice>> {
    let counties = places::store::at_level(conn, round.place, Level::County).await?;
    Ok(counties.iter().map(|one| Choice::new(one.code.county().to_string(), Text::data(one.short()))).collect())
}

fn count(n: usize) -> Option<u64> {
    u64::try_from(n).ok()
}
