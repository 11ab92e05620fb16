//! Presence by exception (在岗): being on post is the rule; only leave and duty trips are written down.
//!
//! For cadres (ask for leave, note a trip, read their own year: on a phone), townships and the county's office (approve,
//! see who is away, check on the spot), units (their people's leave). Days are derived from postings, calendar, leave and
//! trips; nobody signs in or out, and nothing asks for a place, a photo or a clock. Nothing here ranks anybody.
//!
//! | folder | noun |
//! |---|---|
//! | [`calendar`] | 工作日历: which days are worked |
//! | [`leave`] | 请假: asked, approved by length, returned |
//! | [`trips`] | 公出: trips on duty, which count as on post |
//! | [`days`] | derived days of a person, month and year; who is away |
//! | [`spot_checks`] | 查岗: villages drawn by a published seed, what was found, the cadre's word |
//!
//! [`posts`] is the one place that asks postings; `away` holds the days taken, so that leaves and trips never overlap.
//! Facts: `check.held`. Tasks: `leave_decision`, `leave_return`, `spot_check`, `spot_check_word`. Absent: leave balances,
//! leave asked by somebody else for the cadre, notices by message.

mod away;
pub mod calendar;
mod days;
pub mod leave;
pub mod posts;
pub mod spot_checks;
#[cfg(test)]
mod tests;
pub mod trips;

use base::{
    html::{Address, Link},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::{AppError, AppResult},
};

use crate::{
    accounts::{Permission, Scope},
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of presence.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{
        CalendarWrite, LeaveDecide, LeaveRead, PlacesRead, PresenceOwn, PresenceRead, SpotChecks, TripsWrite,
    };
    empty()
        .get("/presence", PresenceRead, days::away::show)
        .get("/presence.xlsx", PresenceRead, days::away::xlsx)
        .get("/presence.csv", PresenceRead, days::away::csv)
        .get("/presence/mine", PresenceOwn, days::person::mine)
        .get("/presence/people/{county}/{id}", LeaveRead, days::person::person)
        .get("/presence/people/{county}/{id}/months/{month}", LeaveRead, days::person::month)
        .get("/calendar-days", PlacesRead, calendar::pages::show)
        .post("/calendar-days", CalendarWrite, calendar::pages::save)
        .post("/calendar-days/years", CalendarWrite, calendar::pages::complete)
        .post("/calendar-days/{day}/removal", CalendarWrite, calendar::pages::remove)
        .get("/leaves", PresenceRead, leave::pages::list)
        .get("/leaves.xlsx", PresenceRead, leave::pages::xlsx)
        .get("/leaves.csv", PresenceRead, leave::pages::csv)
        .get("/leaves/new", PresenceOwn, leave::pages::form)
        .post("/leaves", PresenceOwn, leave::pages::add)
        .get("/leaves/{county}/{id}", LeaveRead, leave::pages::show)
        .post("/leaves/{county}/{id}/decision", LeaveDecide, leave::pages::decide)
        .post("/leaves/{county}/{id}/reason", LeaveDecide, leave::pages::reason)
        .post("/leaves/{county}/{id}/return", LeaveRead, leave::pages::give_back)
        .get("/leaves/{county}/{id}/withdrawal", PresenceOwn, leave::pages::ask_withdraw)
        .post("/leaves/{county}/{id}/withdrawal", PresenceOwn, leave::pages::withdraw)
        .get("/trips", PresenceRead, trips::pages::list)
        .get("/trips.xlsx", PresenceRead, trips::pages::xlsx)
        .get("/trips.csv", PresenceRead, trips::pages::csv)
        .get("/trips/new", TripsWrite, trips::pages::form)
        .post("/trips", TripsWrite, trips::pages::add)
        .get("/trips/{county}/{id}", LeaveRead, trips::pages::show)
        .get("/trips/{county}/{id}/withdrawal", TripsWrite, trips::pages::ask_withdraw)
        .post("/trips/{county}/{id}/withdrawal", TripsWrite, trips::pages::withdraw)
        .get("/spot-checks", SpotChecks, spot_checks::pages::list)
        .post("/spot-checks", SpotChecks, spot_checks::pages::draw)
        .get("/spot-checks/{county}/{id}", SpotChecks, spot_checks::pages::show)
        .get("/spot-checks/{county}/{id}/lines.xlsx", SpotChecks, spot_checks::pages::xlsx)
        .get("/spot-checks/{county}/{id}/lines.csv", SpotChecks, spot_checks::pages::csv)
        .post("/spot-checks/{county}/{id}/findings", SpotChecks, spot_checks::pages::find)
        .get("/spot-check-lines/{county}/{id}", PresenceOwn, spot_checks::pages::line)
        .post("/spot-check-lines/{county}/{id}/word", PresenceOwn, spot_checks::pages::word)
}

/// The views of presence, each a link for those who may open it.
fn views(ctx: &Ctx, on: &str) -> Vec<Link> {
    let all = [
        (text!("今天谁不在"), "/presence", Permission::PresenceRead),
        (text!("我的在岗"), "/presence/mine", Permission::PresenceOwn),
        (text!("请假"), "/leaves", Permission::PresenceRead),
        (text!("公出"), "/trips", Permission::PresenceRead),
        (text!("查岗"), "/spot-checks", Permission::SpotChecks),
        (text!("工作日历"), "/calendar-days", Permission::PlacesRead),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, href) }).collect()
}

/// Each day from one up to, and without, another.
fn calendar_days(from: Day, until: Day) -> impl Iterator<Item = Day> {
    std::iter::successors(Some(from), |day| Some(day.plus_days(1))).take_while(move |day| *day < until)
}

/// Whether a day lies within a leave or trip.
fn is_away(span: leave::Span, day: Day) -> bool {
    span.since <= day && day < span.until
}

fn county_of(text: &str) -> AppResult<CountyId> {
    text.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

/// The place that the page shows, and the scope within it. A unit's pages have no place.
fn scope_here(ctx: &Ctx) -> AppResult<(Option<DivisionCode>, Scope)> {
    if ctx.scope.home().is_none() && Address::parse(&ctx.address).get("place").is_empty() {
        return Ok((None, ctx.scope.clone()));
    }
    let place = ctx.place()?;
    Ok((Some(place), ctx.scope.within(place)))
}

/// Whether the viewer sees the presence of somebody posted in the village by the unit, besides their own.
fn may_see(ctx: &Ctx, village: DivisionCode, unit_id: Option<&str>) -> AppResult<bool> {
    let scope = ctx.viewer()?.scope(Permission::PresenceRead);
    Ok(scope.holds(village) || unit_id.is_some_and(|unit| scope.units().iter().any(|own| own == unit)))
}

/// `5 天（3 个工作日）`, or that the year has no calendar.
fn workdays_text(days: i64, workdays: Option<i64>) -> Text {
    match workdays {
        Some(workdays) => text!("{n} 天（{m} 个工作日）", n = days, m = workdays),
        None => text!("{n} 天（没有该年日历，不算工作日）", n = days),
    }
}
