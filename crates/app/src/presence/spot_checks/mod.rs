//! Spot checks (查岗): people look into villages that nobody chose.
//!
//! A township or the county draws villages by a seed that is written down at once with the day and the pool: the same
//! seed, day and pool give the same villages, and anybody can redo it with a common tool ([`rules::order`]). Per person
//! the checker notes found, on leave, on a trip or not there; who was not there is asked for their own word. What the
//! pack says of absences is shown, never applied. A draw cannot be taken back, so that nobody draws until it suits.
//!
//! Tables: `spot_check`, `spot_check_village`, `spot_check_line`. Facts: `check.held`. Tasks: `spot_check` of whoever
//! drew, `spot_check_word` of the cadre.

pub(super) mod pages;
mod rules;
pub mod store;

pub use rules::{Finding, Found, digest, order};

use base::{db::Conn, web::AppResult};

use crate::presence::{
    leave::{self, State},
    trips,
};

/// What the records say of a person on the day of the check: on leave, or on a trip.
pub async fn known(conn: &mut Conn, line: &store::LineRow) -> AppResult<Option<Finding>> {
    for row in leave::store::of_person(conn, &line.person_id).await? {
        let real = matches!(row.state(line.day), Some(State::Approved | State::OnLeave | State::Returned { .. }));
        let taken = row.taken();
        if real && taken.since <= line.day && line.day < taken.until {
            return Ok(Some(Finding::OnLeave));
        }
    }
    let trips = trips::store::of_person(conn, &line.person_id).await?;
    let away = trips.iter().any(|row| row.since <= line.day && line.day < row.until);
    Ok(away.then_some(Finding::OnTrip))
}
