//! Rules by table: states, what each says as facts, coverage of a village over time.

use base::kernel::{Day, DivisionCode, Period};

use crate::{
    places::VillageCategory,
    postings::{EndReason, Held, Ledger, PostRole, State, coverage_facts, team_facts, village_slot},
    units::UnitLevel,
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn period(from: &str, until: Option<&str>) -> Period {
    Period::new(day(from), until.map(day)).expect("ordered")
}

fn village() -> DivisionCode {
    DivisionCode::parse("411327107212").expect("a code")
}

fn held(role: PostRole, ledger: Ledger, state: State) -> Held {
    Held {
        posting_id: "p".into(),
        batch_id: "b".into(),
        person: (village().county(), "h".into()),
        unit_id: Some("u".into()),
        unit_level: Some(UnitLevel::County),
        village: village(),
        role,
        ledger,
        state,
        since: day("2023-06-03"),
    }
}

/// Facts as `indicator day amount`, for reading in a table.
fn lines(facts: &[crate::spine::facts::FactDraft]) -> Vec<String> {
    facts.iter().map(|fact| format!("{} {} {}", fact.indicator, fact.day, fact.amount)).collect()
}

#[test]
fn a_posting_goes_step_by_step_and_never_back() {
    let ended = State::Ended { until: day("2024-01-10"), reason: EndReason::Transferred };
    let states = [State::Proposed, State::Vetted, State::Approved, State::OnPost, ended, State::Withdrawn];
    // From each state: vet, approve, take up, withdraw, end.
    let allowed = [
        [true, false, false, true, false],
        [false, true, false, true, false],
        [false, false, true, true, false],
        [false, false, false, false, true],
        [false; 5],
        [false; 5],
    ];
    for (state, allowed) in states.into_iter().zip(allowed) {
        let end = state.end(day("2023-06-03"), day("2024-01-10"), EndReason::Transferred);
        let steps = [state.vet(), state.approve(), state.take_up(), state.withdraw(), end];
        assert_eq!(steps.map(|step| step.is_ok()), allowed, "{state:?}");
    }
}

#[test]
fn nobody_leaves_before_arriving() {
    let refusal = State::OnPost.end(day("2023-06-03"), day("2023-06-02"), EndReason::Recalled).expect_err("refused");
    assert_eq!(refusal.field, Some("until"));
    assert!(State::OnPost.end(day("2023-06-03"), day("2023-06-03"), EndReason::Recalled).is_ok());
}

#[test]
fn stored_states_read_back() {
    let ended = State::Ended { until: day("2024-01-10"), reason: EndReason::Died };
    for state in [State::Proposed, State::Vetted, State::Approved, State::OnPost, State::Withdrawn] {
        assert_eq!(State::read(state.code(), None, None), Some(state));
    }
    assert_eq!(State::read("ended", Some(day("2024-01-10")), Some("died")), Some(ended));
    for wrong in [("ended", None, Some("died")), ("ended", Some(day("2024-01-10")), None), ("gone", None, None)] {
        assert_eq!(State::read(wrong.0, wrong.1, wrong.2), None, "{wrong:?}");
    }
}

#[test]
fn only_a_post_really_held_counts() {
    for state in [State::Proposed, State::Vetted, State::Approved, State::Withdrawn] {
        assert!(held(PostRole::Member, Ledger::Province, state).facts().is_empty(), "{state:?}");
    }
    let on_post = held(PostRole::FirstSecretary, Ledger::County, State::OnPost).facts();
    assert_eq!(
        lines(&on_post),
        [
            "posting.cadre 2023-06-03 1",
            "posting.first_secretary 2023-06-03 1",
            "posting.first_secretary.county_ledger 2023-06-03 1",
            "alumni.cadre 2023-06-03 1",
            "alumni.cadre.county 2023-06-03 1",
            "alumni.batch 2023-06-03 1",
        ]
    );
}

#[test]
fn a_post_that_ended_is_taken_back_on_its_last_day_and_the_service_stays() {
    let ended = State::Ended { until: day("2024-01-10"), reason: EndReason::HandedOver };
    let mut posting = held(PostRole::Member, Ledger::Province, ended);
    posting.unit_level = Some(UnitLevel::Province);
    let facts = lines(&posting.facts());
    for line in [
        "posting.cadre 2024-01-10 -1",
        "posting.member.province_ledger 2024-01-10 -1",
        "posting.cadre.provincial 2024-01-10 -1",
    ] {
        assert!(facts.contains(&line.to_owned()), "{line} in {facts:?}");
    }
    assert!(facts.contains(&"alumni.cadre.above 2023-06-03 1".to_owned()));
    assert!(!facts.iter().any(|line| line.starts_with("alumni") && line.ends_with("-1")));
}

#[test]
fn a_village_is_covered_while_anybody_is_there() {
    let ordinary = (VillageCategory::Ordinary, period("2021-05-01", None));
    // Handed over on the same day: no gap. A gap of nine days: two stretches.
    let seamless = [period("2021-06-01", Some("2023-06-01")), period("2023-06-01", None)];
    assert_eq!(
        lines(&coverage_facts(village(), &seamless, &[ordinary])),
        ["village.posted 2021-06-01 1", "village.posted.ordinary 2021-06-01 1"]
    );
    let gap = [
        period("2023-06-10", None),
        period("2021-06-01", Some("2023-06-01")),
        period("2022-01-01", Some("2022-02-01")),
    ];
    assert_eq!(
        lines(&coverage_facts(village(), &gap, &[])),
        ["village.posted 2021-06-01 1", "village.posted 2023-06-01 -1", "village.posted 2023-06-10 1"]
    );
}

#[test]
fn a_category_that_changes_moves_the_village_from_one_figure_to_the_other() {
    let categories = [
        (VillageCategory::WeakBranch, period("2021-01-01", Some("2023-01-01"))),
        (VillageCategory::Ordinary, period("2023-01-01", None)),
    ];
    let facts = lines(&coverage_facts(village(), &[period("2022-06-01", None)], &categories));
    assert_eq!(
        facts,
        [
            "village.posted 2022-06-01 1",
            "village.posted.weak_branch 2022-06-01 1",
            "village.posted.weak_branch 2023-01-01 -1",
            "village.posted.ordinary 2023-01-01 1",
        ]
    );
}

#[test]
fn a_posting_of_no_days_covers_nothing() {
    assert!(coverage_facts(village(), &[period("2023-06-01", Some("2023-06-01"))], &[]).is_empty());
}

#[test]
fn a_team_counts_on_its_ledger_until_it_leaves() {
    let facts = team_facts("t", village(), Ledger::County, period("2023-06-01", Some("2025-06-01")));
    assert_eq!(
        lines(&facts),
        [
            "team.in_place 2023-06-01 1",
            "team.in_place 2025-06-01 -1",
            "team.county_ledger 2023-06-01 1",
            "team.county_ledger 2025-06-01 -1",
        ]
    );
}

#[test]
fn a_second_first_secretary_stands_only_where_the_pack_allows_a_county_guide() {
    let slot = |ledger, beside| village_slot(PostRole::FirstSecretary, ledger, beside);
    assert_eq!(slot(Ledger::Province, false), slot(Ledger::County, false));
    assert_ne!(slot(Ledger::Province, true), slot(Ledger::County, true));
    assert_eq!(village_slot(PostRole::Member, Ledger::Province, false), None);
}
