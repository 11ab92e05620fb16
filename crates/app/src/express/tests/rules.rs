//! Rules by table.

use base::kernel::Day;

use crate::{
    express::{
        problems::{Block, Candidate, State, advisers},
        projects::{
            Stage,
            rules::{check_spent, common_place},
        },
    },
    testing::{COUNTY, OTHER_VILLAGE, SECOND_VILLAGE, TOWNSHIP, VILLAGE, code, today},
};

fn due() -> Day {
    today().plus_days(20)
}

#[test]
fn a_problem_goes_only_the_ways_there_are() {
    let meeting = (code(COUNTY).county(), "m".to_owned());
    let all = [
        State::Reported,
        State::Screened,
        State::OnAgenda { meeting: meeting.clone() },
        State::Contested,
        State::Claimed { due: due() },
        State::UnderWay { due: due() },
        State::Solved { due: Some(due()) },
        State::StruckOff,
        State::Declined,
    ];
    // Screen, decline, put on, take off, claim, not ours, report, answer, finish, confirm (k).
    let allowed = |state: &State| -> String {
        let mut said = String::new();
        let tries: [(char, bool); 10] = [
            ('s', state.clone().screen().is_ok()),
            ('d', state.clone().decline().is_ok()),
            ('p', state.clone().put_on(meeting.clone()).is_ok()),
            ('t', state.clone().take_off().is_ok()),
            ('c', state.clone().claim(due(), today(), true).is_ok()),
            ('n', state.clone().not_ours().is_ok()),
            ('r', state.clone().report().is_ok()),
            ('a', state.clone().answer().is_ok()),
            ('f', state.clone().solve().is_ok()),
            ('k', state.clone().confirm().is_ok()),
        ];
        for (sign, ok) in tries {
            if ok {
                said.push(sign);
            }
        }
        said
    };
    let said: Vec<String> = all.iter().map(allowed).collect();
    assert_eq!(said, ["sd", "sdpcna", "tcna", "sdpca", "nrf", "nrf", "k", "", ""]);
    for state in &all {
        let read = State::read(state.code(), state.due(), Some(meeting.clone()));
        assert_eq!(read.as_ref(), Some(state), "stored and read again");
    }
}

#[test]
fn a_closed_project_takes_no_claims_and_a_claim_has_its_day() {
    let said = State::Screened.claim(due(), today(), false).expect_err("closed").message.zh();
    assert!(said.contains("项目已经验收或终止"), "{said}");
    assert_eq!(State::Screened.claim(today().plus_days(-1), today(), true).expect_err("late").field, Some("due"));
    let said = State::Claimed { due: due() }.claim(due(), today(), true).expect_err("taken").message.zh();
    assert!(said.contains("配合办理"), "{said}");
}

#[test]
fn what_was_answered_comes_back_to_the_meeting_and_what_was_claimed_to_its_lead() {
    let later = due().plus_days(9);
    assert_eq!(State::Solved { due: None }.send_back(later), Ok(State::Screened));
    assert_eq!(State::Solved { due: Some(due()) }.send_back(later), Ok(State::UnderWay { due: later }));
}

#[test]
fn a_project_goes_stage_by_stage_and_an_application_passes_twice() {
    assert_eq!(Stage::Applied.pass().and_then(Stage::pass), Ok(Stage::Listed));
    assert_eq!(Stage::Listed.advance(), Ok(Stage::Approved));
    assert!(Stage::Accepted.advance().is_err() && Stage::Applied.advance().is_err());
    assert!(Stage::Accepted.stop().is_err() && Stage::Started.stop().is_ok());
    assert_eq!(Stage::Passed.refuse_application().and_then(Stage::apply_again), Ok(Stage::Applied));
    let open: Vec<&str> = Stage::ALL.into_iter().filter(|stage| stage.is_open()).map(Stage::code).collect();
    assert_eq!(open, ["listed", "approved", "started", "finished"]);
}

#[test]
fn spending_over_the_budget_needs_a_reason() {
    assert!(check_spent(100, 100, None).is_ok());
    assert_eq!(check_spent(101, 100, Some("  ")).expect_err("no reason").field, Some("over_why"));
    assert!(check_spent(101, 100, Some("钢材涨价")).is_ok());
}

#[test]
fn a_project_of_several_villages_counts_where_they_meet() {
    assert_eq!(common_place(&[code(VILLAGE)]), Some(code(VILLAGE)));
    assert_eq!(common_place(&[code(VILLAGE), code(SECOND_VILLAGE)]), Some(code(TOWNSHIP)));
    assert_eq!(common_place(&[code(VILLAGE), code(OTHER_VILLAGE)]), Some(code(COUNTY)));
    assert_eq!(common_place(&[]), None);
}

#[test]
fn advisers_come_with_reasons_and_without_one_nobody_comes() {
    let one = |name: &str, specialities: &[&str], same_block: i64, village: &str| Candidate {
        person: Some((code(COUNTY).county(), name.to_owned())),
        name: name.into(),
        specialities: specialities.iter().map(|tag| (*tag).to_owned()).collect(),
        villages: vec![code(village)],
        same_block,
        ..Candidate::default()
    };
    let all = vec![
        one("邻村的人", &[], 0, SECOND_VILLAGE),
        one("懂水利的人", &["农田水利"], 0, OTHER_VILLAGE),
        one("办成过的人", &[], 2, VILLAGE),
    ];
    let found = advisers(("水渠塌了，需要水利工程", code(VILLAGE)), all, 5);
    let said: Vec<(String, Vec<String>)> =
        found.iter().map(|(one, why)| (one.name.clone(), why.iter().map(base::i18n::Text::zh).collect())).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].0, "办成过的人");
    assert_eq!(said[0].1, ["办成过同类问题 2 个", "在本村当过第一书记"]);
    assert_eq!(said[1].1, ["长处是农田水利"]);
}

#[test]
fn every_block_of_the_shipped_packs_is_known() {
    for pack in crate::packs::Pack::shipped().expect("packs read") {
        for rule in pack.blocks() {
            assert!(Block::parse(&rule.code).is_some(), "{}", rule.code);
        }
    }
}
