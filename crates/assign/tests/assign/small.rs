//! Small problems of every shape against all their plans.

use assign::{
    Category, Level, Locks, Options, Parameters, Person, Problem, Status, Unit, Village, Watch, solve, verify,
};
use jiff::civil::date;
use proptest::{collection::vec, option, prelude::*, sample::select, sample::subsequence};

use crate::brute;

const TAGS: [&str; 4] = ["道路", "茶叶", "养殖", "电商"];
/// Two townships of one county, one of another in the same city.
const PLACES: [&str; 3] = ["411327101", "411327102", "411328101"];
const HOMES: [&str; 3] = ["411327000000", "411328000000", "411300000000"];

fn tags(most: usize) -> impl Strategy<Value = Vec<String>> {
    subsequence(TAGS.to_vec(), 0..=most).prop_map(|tags| tags.into_iter().map(str::to_owned).collect())
}

fn unit_id(at: usize) -> String {
    format!("U{at}")
}

fn code(at: usize, place: &str) -> String {
    format!("{place}{:03}", 200 + at)
}

prop_compose! {
    fn village(units: usize)(
        place in select(PLACES.to_vec()),
        category in select(Category::ALL.to_vec()),
        size in option::weighted(0.2, 1i64..4),
        needs in tags(3),
        fixed in option::weighted(0.1, 0..units),
        forbidden in vec(0..units, 0..2),
        near in vec(0usize..5, 3),
    ) -> (String, Village, Vec<usize>) {
        let least = if category == Category::Heavy { 3 } else { 1 };
        let village = Village {
            code: String::new(),
            name: String::new(),
            category,
            team_size: size.map(|size| size.max(least)),
            needs,
            fixed_unit: fixed.map(unit_id),
            forbidden_units: forbidden.into_iter().filter(|unit| Some(*unit) != fixed).map(unit_id).collect(),
            neighbours: Vec::new(),
        };
        (place.to_owned(), village, near)
    }
}

prop_compose! {
    fn unit()(
        level in select(vec![Level::County, Level::County, Level::City, Level::Province]),
        strong in any::<bool>(),
        home in select(HOMES.to_vec()),
        max_teams in 0i64..4,
        strengths in tags(3),
    ) -> Unit {
        Unit { id: String::new(), name: String::new(), level, strong, home_code: home.to_owned(), max_teams, strengths }
    }
}

prop_compose! {
    fn person(units: usize)(
        unit in 0..units,
        rank in select(vec![5i64, 7, 8, 8, 8, 9]),
        waived in proptest::bool::weighted(0.1),
        born in 1968i16..2000,
        party in option::weighted(0.8, 2010i16..2026),
        specialities in tags(2),
        flags in any::<[bool; 3]>(),
        home in option::weighted(0.5, select(PLACES.to_vec())),
        gate in proptest::bool::weighted(0.93),
    ) -> Person {
        Person {
            id: String::new(),
            name: String::new(),
            unit: unit_id(unit),
            rank,
            rank_waived: waived,
            birth: date(born, 3, 1),
            party_since: party.map(|year| date(year, 7, 1)),
            specialities,
            rural: flags[0],
            agri: flags[1],
            reserve: flags[2],
            home_township: home.map(|home| format!("{home}000")),
            gates: [true, gate, true],
        }
    }
}

fn problem() -> impl Strategy<Value = Problem> {
    (1usize..4).prop_flat_map(|units| {
        (vec(village(units), 1..6), vec(unit(), units), vec(person(units), 0..8), 0usize..3).prop_map(
            |(villages, mut units, mut people, covers)| {
                let codes: Vec<String> = villages.iter().enumerate().map(|(at, (place, ..))| code(at, place)).collect();
                let villages = villages.into_iter().enumerate().map(|(at, (_, village, near))| Village {
                    code: codes[at].clone(),
                    neighbours: near.into_iter().map(|one| codes.get(one).cloned().unwrap_or("0".into())).collect(),
                    ..village
                });
                units.iter_mut().enumerate().for_each(|(at, unit)| unit.id = unit_id(at));
                people.iter_mut().enumerate().for_each(|(at, person)| person.id = format!("P{at}"));
                Problem {
                    on: date(2025, 6, 30),
                    parameters: Parameters { covers, ..Parameters::default() },
                    villages: villages.collect(),
                    units,
                    people,
                }
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_small_plan_is_the_best_of_all(problem in problem()) {
        let checked = problem.check().unwrap();
        let (_, best) = brute::best(checked.problem(), &Locks::default());
        let plan = solve(&checked, &Options::default(), Watch::none());
        prop_assert_eq!(verify(&checked, &plan), Ok(plan.objective));
        prop_assert!(plan.bound >= best, "bound {} below {}", plan.bound, best);
        prop_assert_eq!(plan.objective, best);
        prop_assert_eq!(plan.status, Status::Optimal);
    }

    #[test]
    fn locks_are_kept_and_the_rest_is_best(
        problem in problem(),
        units in vec((0usize..5, 0usize..3), 0..3),
        people in vec((0usize..7, 0usize..5), 0..3),
    ) {
        let checked = problem.check().unwrap();
        let village = |at: usize| checked.problem().villages.get(at).map(|one| one.code.clone()).unwrap_or_default();
        let locks = Locks {
            units: units.into_iter().map(|(at, unit)| (village(at), unit_id(unit))).collect(),
            people: people.into_iter().map(|(person, at)| (format!("P{person}"), village(at))).collect(),
        };
        let Ok(checked) = checked.with_locks(locks.clone()) else { return Ok(()) };
        let (met, best) = brute::best(checked.problem(), &locks);
        let plan = solve(&checked, &Options::default(), Watch::none());
        prop_assert_eq!(verify(&checked, &plan), Ok(plan.objective));
        let locked = |code: &String| {
            locks.units.iter().any(|(other, _)| other == code) || locks.people.iter().any(|(_, other)| other == code)
        };
        let unmet = plan.unmet.iter().filter(|line| locked(&line.village)).count();
        let all = checked.problem().villages.iter().filter(|one| locked(&one.code)).count();
        prop_assert_eq!(all - unmet, met);
        prop_assert_eq!(plan.objective, best);
        prop_assert_eq!(plan.status, Status::Optimal);
    }

    #[test]
    fn threads_change_nothing(problem in problem(), seed in 0u64..4) {
        let checked = problem.check().unwrap();
        let plans = [1, 2, 3].map(|threads| {
            solve(&checked, &Options { seed, threads, ..Options::default() }, Watch::none())
        });
        prop_assert_eq!(&plans[0], &plans[1]);
        prop_assert_eq!(&plans[0], &plans[2]);
    }
}
