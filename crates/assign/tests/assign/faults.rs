//! Bad input is named; shortage is planned as far as it goes, and explained.

use assign::{
    Category, Fault, Level, Locks, Options, Parameters, Person, Plan, Problem, Rule, Status, Step, Table, Unit,
    Village, Watch, solve, split, verify,
};
use jiff::civil::date;

fn village(number: usize, category: Category) -> Village {
    Village {
        code: format!("411327101{number:03}"),
        name: String::new(),
        category,
        team_size: None,
        needs: Vec::new(),
        fixed_unit: None,
        forbidden_units: Vec::new(),
        neighbours: Vec::new(),
    }
}

fn unit(id: &str, max_teams: i64) -> Unit {
    Unit {
        id: id.into(),
        name: String::new(),
        level: Level::County,
        strong: true,
        home_code: "411327000000".into(),
        max_teams,
        strengths: Vec::new(),
    }
}

fn person(id: &str, unit: &str) -> Person {
    Person {
        id: id.into(),
        name: String::new(),
        unit: unit.into(),
        rank: 8,
        rank_waived: false,
        birth: date(1980, 1, 1),
        party_since: Some(date(2005, 7, 1)),
        specialities: Vec::new(),
        rural: false,
        agri: false,
        reserve: false,
        home_township: None,
        gates: [true; 3],
    }
}

fn problem(villages: Vec<Village>, units: Vec<Unit>, people: Vec<Person>) -> Problem {
    Problem { on: date(2025, 12, 31), parameters: Parameters::default(), villages, units, people }
}

fn plan(problem: Problem) -> Plan {
    let checked = problem.check().unwrap();
    let plan = solve(&checked, &Options::default(), Watch::none());
    assert_eq!(verify(&checked, &plan), Ok(plan.objective));
    assert_eq!(plan.status, Status::Optimal);
    plan
}

fn rules(plan: &Plan, at: usize) -> Vec<Rule> {
    plan.unmet[at].stops.iter().map(|stop| stop.rule).collect()
}

#[test]
fn every_fault_is_named() {
    let mut heavy = village(1, Category::Heavy);
    heavy.team_size = Some(2);
    heavy.fixed_unit = Some("A".into());
    heavy.forbidden_units = vec!["A".into(), "没有".into()];
    let mut light = village(2, Category::Light);
    light.team_size = Some(-1);
    light.fixed_unit = Some("也没有".into());
    let mut nameless = village(3, Category::Other);
    nameless.code = " ".into();
    let mut wrong = unit("B", -1);
    wrong.home_code = "4113".into();
    let mut ranked = person("p", "C");
    ranked.rank = 0;
    let villages = vec![heavy, light.clone(), light, nameless];
    let faults = problem(villages, vec![unit("A", 1), wrong, unit("A", 1)], vec![ranked]).check().unwrap_err();
    let code = |number: usize| format!("411327101{number:03}");
    let light = [
        Fault::TeamSize { village: code(2), size: -1, least: 1 },
        Fault::FixedUnknownUnit { village: code(2), unit: "也没有".into() },
    ];
    let mut expected = vec![
        Fault::Duplicate { table: Table::Villages, id: code(2) },
        Fault::NoId { table: Table::Villages, row: 4 },
        Fault::Duplicate { table: Table::Units, id: "A".into() },
        Fault::TeamSize { village: code(1), size: 2, least: 3 },
        Fault::FixedAndForbidden { village: code(1), unit: "A".into() },
        Fault::ForbiddenUnknownUnit { village: code(1), unit: "没有".into() },
    ];
    expected.extend(light.iter().chain(&light).cloned());
    expected.extend([
        Fault::MaxTeams { unit: "B".into(), teams: -1 },
        Fault::HomeCode { unit: "B".into(), code: "4113".into(), digits: 6 },
        Fault::PersonOfUnknownUnit { person: "p".into(), unit: "C".into() },
        Fault::Rank { person: "p".into(), rank: 0 },
    ]);
    assert_eq!(faults, expected);
    assert_eq!(faults[4].to_string(), "村 411327101001 既指定又回避单位 A，请去掉一项。");
}

#[test]
fn tags_are_parted_by_any_mark_and_counted_once() {
    assert_eq!(split(" 道路；茶叶;道路、 电商，，|水利\n "), ["道路", "茶叶", "电商", "水利"]);
    let mut place = village(1, Category::Light);
    place.needs = vec!["茶叶".into(), " 茶叶 ".into(), "茶叶".into()];
    let mut body = unit("A", 1);
    body.strengths = vec!["茶叶".into(), "茶叶".into()];
    let mut one = person("p", "A");
    one.specialities = vec!["茶叶".into(), "茶叶".into()];
    let plan = plan(problem(vec![place], vec![body], vec![one]));
    assert_eq!(plan.objective, 14);
    assert_eq!(plan.teams[0].why.strengths, ["茶叶"]);
}

#[test]
fn nothing_at_all_is_a_plan() {
    let plan = plan(problem(Vec::new(), Vec::new(), Vec::new()));
    assert_eq!((plan.objective, plan.bound, plan.gap()), (0, 0, 0.0));
}

#[test]
fn an_empty_pool_leaves_every_village_unmet_and_says_why() {
    let plan =
        plan(problem(vec![village(1, Category::Heavy), village(2, Category::Other)], vec![unit("A", 2)], Vec::new()));
    assert_eq!(plan.objective, -1100);
    assert_eq!(plan.unmet.len(), 2);
    assert_eq!(rules(&plan, 0), [Rule::People, Rule::Leader]);
    assert_eq!(plan.unmet[0].step, None);
}

#[test]
fn a_village_out_of_all_scope_is_unmet_for_that() {
    let mut far = village(1, Category::Light);
    far.code = "530102001201".into();
    let plan = plan(problem(vec![far], vec![unit("A", 2)], vec![person("p", "A")]));
    assert_eq!(rules(&plan, 0), [Rule::Scope]);
}

#[test]
fn a_fixed_unit_that_cannot_serve_leaves_its_village_unmet() {
    let mut place = village(1, Category::Heavy);
    place.fixed_unit = Some("A".into());
    let mut weak = unit("A", 2);
    weak.strong = false;
    let people = ["p", "q", "r"].map(|id| person(id, "A"));
    let others = ["s", "t", "u"].map(|id| person(id, "B"));
    let plan = plan(problem(vec![place], vec![weak, unit("B", 1)], people.into_iter().chain(others).collect()));
    assert_eq!(rules(&plan, 0), [Rule::Category, Rule::Fixed]);
    assert_eq!(plan.unmet[0].step, Some(Step::StrongUnit { unit: "A".into() }));
}

#[test]
fn the_first_single_step_is_named() {
    let one_more = plan(problem(
        vec![village(1, Category::Light), village(2, Category::Light)],
        vec![unit("A", 1)],
        vec![person("p", "A"), person("q", "A")],
    ));
    assert_eq!(one_more.unmet[0].step, Some(Step::OneMoreTeam { unit: "A".into() }));

    let mut low = person("p", "A");
    low.rank = 9;
    let lower = plan(problem(vec![village(1, Category::Light)], vec![unit("A", 1)], vec![low.clone()]));
    assert_eq!(lower.unmet[0].step, Some(Step::LowerRank { unit: "A".into() }));
    low.rank = 10;
    let too_low = plan(problem(vec![village(1, Category::Light)], vec![unit("A", 1)], vec![low.clone()]));
    assert_eq!(too_low.unmet[0].step, None);
    low.rank_waived = true;
    let waived = plan(problem(vec![village(1, Category::Light)], vec![unit("A", 1)], vec![low]));
    assert_eq!(waived.unmet, []);

    let mut place = village(1, Category::Light);
    place.forbidden_units = vec!["A".into()];
    let lift = plan(problem(vec![place.clone()], vec![unit("A", 1)], vec![person("p", "A")]));
    assert_eq!(rules(&lift, 0), [Rule::Forbidden]);
    assert_eq!(lift.unmet[0].step, Some(Step::LiftForbidden { unit: "A".into() }));

    let mut model = village(2, Category::Model);
    model.neighbours = vec![place.code.clone()];
    let people = vec![person("p", "A"), person("q", "A")];
    let cover = plan(problem(vec![place, model], vec![unit("A", 1)], people.clone()));
    assert_eq!(cover.unmet[0].step, Some(Step::LiftForbidden { unit: "A".into() }));

    let fewer = plan(problem(vec![village(1, Category::Heavy)], vec![unit("A", 1)], people));
    assert_eq!(rules(&fewer, 0), [Rule::People]);
    assert_eq!(fewer.unmet[0].step, Some(Step::OneFewer { unit: "A".into() }));
}

#[test]
fn contradictory_locks_are_faults() {
    let mut place = village(1, Category::Light);
    place.forbidden_units = vec!["B".into()];
    let mut home = person("q", "B");
    home.home_township = Some("411327101000".into());
    let villages = vec![place, village(2, Category::Light), village(3, Category::Light)];
    let people = vec![person("p", "A"), home, person("r", "A")];
    let checked = problem(villages, vec![unit("A", 1), unit("B", 1)], people).check().unwrap();
    let code = |number: usize| format!("411327101{number:03}");
    let locked = |units: &[(usize, &str)], people: &[(&str, usize)]| {
        let units = units.iter().map(|(village, unit)| (code(*village), (*unit).to_owned())).collect();
        let people = people.iter().map(|(person, village)| ((*person).to_owned(), code(*village))).collect();
        checked.clone().with_locks(Locks { units, people }).map(|_| ()).unwrap_err()
    };
    let name = str::to_owned;
    assert_eq!(
        locked(&[(2, "A"), (2, "B")], &[]),
        [Fault::VillageLockedTwice { village: code(2), one: name("A"), other: name("B") }]
    );
    assert_eq!(
        locked(&[], &[("p", 1), ("p", 2)]),
        [Fault::PersonLockedTwice { person: name("p"), one: code(1), other: code(2) }]
    );
    assert_eq!(locked(&[(1, "B")], &[]), [Fault::LockedButForbidden { village: code(1), unit: name("B") }]);
    assert_eq!(locked(&[], &[("q", 2)]), [Fault::LockedUnfit { person: name("q"), village: code(2) }]);
    assert_eq!(locked(&[], &[("p", 1), ("r", 1)]), [Fault::LockedTooMany { village: code(1), people: 2, size: 1 }]);
    assert_eq!(locked(&[], &[("p", 1), ("r", 2)]), [Fault::LockedTooOften { unit: name("A"), villages: 2, teams: 1 }]);
    assert_eq!(locked(&[(9, "A")], &[]), [Fault::LockedUnknownVillage(code(9))]);
}
