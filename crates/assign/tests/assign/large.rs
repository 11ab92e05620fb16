//! Problems that are cut into blocks. Little work, so that the tests are quick: the plan is sound all the same.

use assign::{Options, Plan, Watch, solve, verify};

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
