use base::{kernel::Period, web::Refusal};

use super::day;
use crate::handover::rules::{Acting, Answer, Hand, Parties, Party, Plan, Reason, State, side_days};

fn says(refusal: &Refusal) -> String {
    refusal.message.zh()
}

#[test]
fn a_handover_goes_forward_step_by_step() {
    let (begun, leaves, today) = (day("2024-01-01"), day("2024-01-18"), day("2024-01-20"));
    let since = day("2023-06-03");
    let under_way = State::Prepared.start(begun).expect("started");
    assert_eq!(under_way.confirm(false).expect("one of three").code(), "under_way");
    let confirmed = under_way.confirm(true).expect("all");
    assert_eq!(confirmed.revise().expect("the lists changed").code(), "under_way");
    let done = confirmed.complete(since, leaves, leaves, today).expect("completed");
    assert_eq!(done, State::Completed { since: begun, on: leaves });
    for state in [done, State::Cancelled { on: today }] {
        assert!(state.start(today).is_err() && state.confirm(true).is_err() && state.cancel(today).is_err());
        assert!(state.revise().is_err() && state.complete(since, leaves, leaves, today).is_err());
        assert!(!state.is_open());
    }
    assert!(says(&State::Prepared.confirm(false).expect_err("too early")).contains("还没有启动"));
    for state in [State::Prepared, under_way] {
        let refusal = state.complete(since, leaves, leaves, today).expect_err("not confirmed");
        assert!(says(&refusal).contains("还没有全部确认"));
    }
}

#[test]
fn the_day_of_leaving_is_neither_too_early_nor_to_come() {
    let (since, leaves, today) = (day("2023-06-03"), day("2024-01-18"), day("2024-01-20"));
    let confirmed = State::Confirmed { since: day("2024-01-01") };
    for (on, words) in
        [("2023-06-02", "不能早于到岗日期"), ("2024-01-17", "请先调整计划"), ("2024-01-21", "不能晚于今天")]
    {
        let refusal = confirmed.complete(since, leaves, day(on), today).expect_err(on);
        assert_eq!(refusal.field, Some("on"));
        assert!(says(&refusal).contains(words), "{on}");
    }
    let plan = Plan { leaves_on: day("2023-06-02"), reason: Reason::TermEnds, next: None };
    assert_eq!(plan.check(since).expect_err("before arriving").field, Some("leaves_on"));
}

fn parties() -> Parties {
    Parties {
        old: ("lin".into(), "林一诺".into()),
        new: Some(("deng".into(), "邓方圆".into())),
        old_account: Some("a".into()),
        new_account: None,
        branch_account: true,
    }
}

#[test]
fn each_party_confirms_for_itself_and_paper_is_the_townships() {
    let person = |id: &str| Acting { person_id: Some(id.into()), ..Acting::default() };
    let branch = Acting { is_branch: true, ..Acting::default() };
    let township = Acting { is_township: true, ..Acting::default() };
    let hand = |party, acting: &Acting| parties().hand(party, acting).ok();
    for (party, acting, expected) in [
        (Party::Old, person("lin"), Some(Hand::Own)),
        (Party::Old, person("deng"), None),
        (Party::Old, branch.clone(), None),
        (Party::Old, township.clone(), None),
        (Party::New, person("deng"), Some(Hand::Own)),
        (Party::New, person("lin"), None),
        (Party::New, township.clone(), Some(Hand::Paper)),
        (Party::Branch, branch, Some(Hand::Own)),
        (Party::Branch, township, None),
        (Party::Branch, Acting::default(), None),
    ] {
        assert_eq!(hand(party, &acting), expected, "{party:?} {acting:?}");
    }
    let refusal = parties().hand(Party::Old, &person("deng")).expect_err("the wrong party");
    assert!(says(&refusal).contains("由原任林一诺本人确认"));
    let nobody = Parties { new: None, ..parties() };
    assert!(says(&nobody.hand(Party::New, &person("lin")).expect_err("nobody yet")).contains("乡镇代管"));
}

#[test]
fn an_answer_is_given_once_and_an_objection_says_what() {
    let objected = || Answer::Objected { words: "少一把钥匙".into() };
    assert!(Answer::Confirmed.after(None).is_ok());
    assert!(objected().after(Some(&Answer::Confirmed)).is_ok());
    assert!(Answer::Confirmed.after(Some(&objected())).is_ok());
    assert!(says(&Answer::Confirmed.after(Some(&Answer::Confirmed)).expect_err("twice")).contains("已经确认过"));
    let empty = Answer::Objected { words: String::new() };
    assert_eq!(empty.after(None).expect_err("no words").field, Some("words"));
}

#[test]
fn days_side_by_side_are_counted_by_the_postings_of_both() {
    let since = day("2024-01-01");
    let old = [Period::new(day("2023-06-03"), None).expect("open")];
    let new = [Period::new(day("2024-01-06"), None).expect("open")];
    let at = |state, today: &str| {
        let days = side_days(30, state, day("2024-01-31"), day(today), &old, &new);
        (days.planned, days.elapsed, days.both_on_post)
    };
    assert_eq!(at(State::Prepared, "2024-01-10"), (30, 0, 0));
    assert_eq!(at(State::UnderWay { since }, "2024-01-10"), (30, 10, 5));
    assert_eq!(at(State::UnderWay { since }, "2024-03-10"), (30, 30, 25));
    assert_eq!(at(State::Completed { since, on: day("2024-01-11") }, "2024-03-10"), (30, 10, 5));
}
