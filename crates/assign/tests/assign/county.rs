//! The county of `scenarios/county`, whose optimum other solvers know.

use std::path::Path;

use assign::{Locks, Options, Status, Watch, solve, verify};
use jiff::civil::date;

use crate::tables;

fn county() -> assign::Checked {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/county");
    tables::read(&folder, date(2024, 1, 18)).check().unwrap()
}

#[test]
fn the_county_is_planned_as_well_as_can_be() {
    let county = county();
    let plan = solve(&county, &Options::default(), Watch::none());
    assert_eq!((plan.objective, plan.bound, plan.status), (3161, 3161, Status::Optimal));
    assert_eq!(verify(&county, &plan), Ok(3161));
    assert_eq!(plan.unmet, []);
}

#[test]
fn stopped_at_once_there_is_a_plan_and_a_bound() {
    let county = county();
    let plan = solve(&county, &Options::default(), Watch { progress: &|_| {}, stop: &|| true });
    assert_eq!(verify(&county, &plan), Ok(plan.objective));
    assert!(plan.bound >= 3161);
}

#[test]
fn with_little_work_the_plan_is_the_same_on_any_threads() {
    let county = county();
    let plans = [1, 2]
        .map(|threads| solve(&county, &Options { work: Some(20_000), threads, ..Options::default() }, Watch::none()));
    assert_eq!(plans[0], plans[1]);
}

#[test]
fn locks_of_a_finished_plan_keep_it() {
    let county = county();
    let plan = solve(&county, &Options::default(), Watch::none());
    let units = plan.teams.iter().take(40).map(|team| (team.village.clone(), team.unit.clone())).collect();
    let people = plan.teams.iter().skip(40).take(20).map(|team| (team.leader.clone(), team.village.clone())).collect();
    let locked = county.with_locks(Locks { units, people }).unwrap();
    let again = solve(&locked, &Options::default(), Watch::none());
    assert_eq!(verify(&locked, &again), Ok(3161));
    assert_eq!(again.status, Status::Optimal);
}
