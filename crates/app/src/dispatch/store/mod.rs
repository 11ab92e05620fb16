//! All SQL of dispatch planning.

mod demand;
mod made;
mod plans;
mod pool;
mod rounds;

use base::web::{AppError, AppResult};

pub use demand::{
    VillageFilter, add_villages, count_villages, find_village, forbid, list_villages, lock_village, locks,
    remove_village, save_unit, save_village, units, unlock_village, villages, villages_by_category,
};
pub use made::{Made, add_made, clear_standing, made};
pub use plans::{NewPlan, PlanRow, add_plan, ask_stop, find_plan, finish_plan, is_stopped, list_plans};
pub use pool::{
    Nominable, Nominee, PoolFilter, Sender, add_candidates, candidates, count_candidates, count_pool,
    describe_candidate, find_candidate, find_people, keepers, list_candidates, makeup, nominable, nominable_query,
    remove_candidate, senders, sign,
};
pub use rounds::{
    EventRow, Line, Round, add_event, add_round, begin_approval, count_rounds, end_round, events, find_round,
    list_query, list_rounds, lock_round, planning_of, propose, reopen_round,
};

pub(super) fn text_of<T: serde::Serialize>(value: &T) -> AppResult<String> {
    serde_json::to_string(value).map_err(|error| AppError::Internal(error.into()))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> AppResult<T> {
    serde_json::from_str(text).map_err(|error| AppError::Internal(error.into()))
}
