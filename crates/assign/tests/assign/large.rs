//! Problems that are cut into blocks. Little work, so that the tests are quick: the plan is sound all the same.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicBool, Ordering},
};

use assign::{Options, Plan, Progress, Watch, solve, verify};

use crate::world::{self, Size};

fn plans(size: Size) -> Vec<Plan> {
    let checked = world::make(size, 7).check().unwrap();
    let plan = |threads| {
        let options = Options { work: Some(1_700_000), threads, seed: 3 };
        let plan = solve(&checked, &options, Watch::none());
        assert_eq!(verify(&checked, &plan), Ok(plan.objective));
        plan
    };
    vec![plan(1), plan(2)]
}

#[test]
fn with_people_enough_the_plan_is_the_same_on_any_threads() {
    let plans = plans(Size { villages: 1700, people: 5100, units: 1350 });
    assert_eq!(plans[0], plans[1]);
    assert!(plans[0].gap() < 0.1, "{}", plans[0].gap());
}

#[test]
fn with_people_short_the_plan_is_the_same_on_any_threads() {
    let plans = plans(Size { villages: 1900, people: 3800, units: 1200 });
    assert_eq!(plans[0], plans[1]);
    assert!(!plans[0].unmet.is_empty());
}

#[test]
fn the_longer_the_search_the_better_the_plan() {
    let checked = world::make(Size { villages: 1900, people: 3800, units: 1200 }, 7).check().unwrap();
    let options = Options { work: Some(1_700_000), ..Options::default() };
    // The plan when so many reports have come, and these.
    let stopped = |after: usize| {
        let told: RefCell<Vec<Progress>> = RefCell::default();
        let stop = AtomicBool::new(after == 0);
        let progress = |now: Progress| {
            told.borrow_mut().push(now);
            stop.store(told.borrow().len() >= after, Ordering::Relaxed);
        };
        let plan = solve(&checked, &options, Watch { progress: &progress, stop: &|| stop.load(Ordering::Relaxed) });
        assert_eq!(verify(&checked, &plan), Ok(plan.objective));
        let told = told.into_inner();
        assert!(told.is_sorted_by_key(|now| now.objective), "{told:?}");
        assert!(told.iter().all(|now| now.objective <= plan.objective && plan.bound <= now.bound), "{told:?}");
        (plan.objective, told)
    };
    let (greedy, _) = stopped(0);
    let (best, told) = stopped(usize::MAX);
    let mut grown: Vec<i64> = told.iter().map(|now| now.objective).collect();
    grown.dedup();
    assert!(grown.len() > 4 && greedy < best, "{grown:?}");
    let half = told.len() / 2;
    let (then, _) = stopped(half);
    assert!(greedy < then && told[half - 1].objective <= then && then <= best, "{greedy} {then} {best}");
}
