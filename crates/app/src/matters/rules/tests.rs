//! A matter's life by its steps, and what it says as facts.

use base::{
    kernel::{Day, Instant},
    seal::Keys,
};

use super::*;
use crate::{
    accounts::Actor,
    matters::acts::{Raised, new_matter},
    packs::Pack,
    testing::{VILLAGE, code},
};

fn pack() -> Pack {
    Pack::shipped().expect("packs").remove(0)
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// So many hours after eight in the morning of 2024-01-10.
fn hour(n: i64) -> Instant {
    Instant((19_732 * 24 + n) * 3_600_000)
}

fn burst() -> Matter {
    let said = typed("二组老井边的水管爆裂，水流到路上。", "邵永安", "13000000088").expect("said");
    let raised = Raised {
        village: code(VILLAGE),
        said,
        channel: Channel::Card,
        urgent: true,
        kind: None,
        household_id: None,
        member_id: None,
        outside_number: None,
        has_cadre: true,
        hold: None,
        proxy: false,
    };
    let by = Actor { account_id: "villager".into(), name: "群众".into(), at: hour(0), today: day("2024-01-10") };
    new_matter(raised, &Keys::from_root(&[3; 32]), &pack(), &by).expect("made").0
}

fn done(at: Instant) -> Done {
    Done {
        how: How::Resolved,
        at,
        on: at.local_day(),
        words: "换了一截管".into(),
        person: None,
        name: "林一诺".into(),
        unit_id: None,
    }
}

fn go(matter: Matter, step: Move, at: i64) -> Matter {
    matter.take(step, &pack(), hour(at), hour(at).local_day()).expect("a step that fits")
}

fn said(matter: &Matter) -> Vec<(&'static str, i64)> {
    facts(matter).into_iter().map(|fact| (fact.indicator, fact.amount)).collect()
}

fn water() -> Chosen {
    Chosen { kind: "water".into(), size: Size::Small, hours: 8, department: None, member_id: None }
}

#[test]
fn the_burst_pipe_is_solved_within_the_hour_and_rated() {
    let raised = burst();
    assert_eq!(raised.title, "二组老井边的水管爆裂，水流到路上");
    assert!(raised.phone_sealed.as_deref().is_some_and(|sealed| !sealed.contains("13000000088")));
    assert_eq!((raised.stage(), raised.post, raised.due_at), (Stage::Raised, Post::Cadre, hour(1)));
    let accepted = go(raised, Move::Accept(water()), 0);
    assert_eq!((accepted.due_at, accepted.answer_hours()), (hour(8), Some(1)));
    let solved = go(accepted, Move::End { done: done(hour(1)) }, 1);
    assert!(!solved.is_late(hour(10_000)), "who waits for the villager is not late");
    let rating = Rating { level: Level::Satisfied, at: hour(3), on: day("2024-01-10"), proxy: None };
    let closed = go(solved, Move::Rate { rating: rating.clone() }, 3);
    let expected = [
        ("matter.raised.small", 1),
        ("matter.open", 1),
        ("matter.answered", 1),
        ("matter.answer_hours", 1),
        ("matter.answered.day", 1),
        ("matter.open", -1),
        ("matter.solved.small", 1),
        ("matter.solved", 1),
        ("matter.solved.in_time", 1),
        ("matter.rated", 1),
        ("matter.rated.satisfied", 1),
    ];
    assert_eq!(said(&closed), expected);
    let twice = closed.take(Move::Rate { rating }, &pack(), hour(4), day("2024-01-10"));
    assert!(twice.expect_err("refused").message.zh().contains("已经评价过"));
}

#[test]
fn opened_again_it_is_no_longer_solved() {
    let solved = go(go(burst(), Move::Accept(water()), 0), Move::End { done: done(hour(1)) }, 1);
    let again = go(solved.clone(), Move::Reopen, 30);
    assert_eq!((again.stage(), again.reopens, again.due_at), (Stage::Accepted, 1, hour(30 + 72)));
    assert!(again.news && !said(&again).iter().any(|(code, _)| code.starts_with("matter.solved")));
    let late = solved.take(Move::Reopen, &pack(), hour(24 * 40), hour(24 * 40).local_day());
    assert!(late.expect_err("refused").message.zh().contains("请另提一件"));
}

#[test]
fn what_the_village_cannot_do_goes_up_and_comes_back() {
    let accepted = go(burst(), Move::Accept(water()), 0);
    let talked = go(accepted, Move::Deliberate, 2);
    assert_eq!((talked.post, talked.due_at), (Post::Branch, hour(2 + 7 * 24)));
    let above = go(talked, Move::Township { department: Some("水利局".into()) }, 30);
    assert_eq!((above.post, above.seat()), (Post::Township, code(VILLAGE).parent()));
    let express = go(above.clone(), Move::Express { problem_id: Some("p".into()) }, 40);
    assert_eq!((express.post, express.size), (Post::Office, Size::Hard));
    let back = go(express, Move::Back, 60);
    assert_eq!((back.stage(), back.post), (Stage::Accepted, Post::Cadre));
    let explained = go(above, Move::End { done: Done { how: How::Explained, ..done(hour(50)) } }, 50);
    assert!(!said(&explained).iter().any(|(code, _)| code.starts_with("matter.solved")), "explained is not solved");
}

#[test]
fn no_step_is_taken_out_of_turn() {
    let at = |matter: Matter, step: Move| matter.take(step, &pack(), hour(1), day("2024-01-10"));
    let raised = burst();
    for step in
        [Move::Release, Move::Own, Move::Back, Move::Reopen, Move::Expire, Move::Merge { into: raised.id.clone() }]
    {
        assert!(at(raised.clone(), step).is_err());
    }
    let closed = go(go(raised, Move::End { done: done(hour(1)) }, 1), Move::Expire, 24 * 9);
    for step in [Move::Answer, Move::Deliberate, Move::Withdraw { why: "x".into() }, Move::Merge { into: "y".into() }] {
        assert!(at(closed.clone(), step).is_err());
    }
    let held = Matter { state: State::Held { why: Hold::Odd }, ..burst() };
    assert!(facts(&held).is_empty() && at(held.clone(), Move::Accept(water())).is_err());
    assert_eq!(at(held, Move::Release).expect("released").stage(), Stage::Raised);
    // What a page offers is what a matter can take.
    for step in Step::ALL {
        assert!(!step.fits(&closed) || matches!(step, Step::Reopen), "{step:?}");
        assert_eq!(Step::parse(step.code()), Some(step));
    }
}

#[test]
fn what_was_typed_is_read_or_told_how_to_mend() {
    let wrong = |words: &str, name: &str, phone: &str| -> Vec<&'static str> {
        typed(words, name, phone).err().unwrap_or_default().into_iter().map(|(field, _)| field).collect()
    };
    assert!(wrong("路灯不亮了", "", "").is_empty());
    assert!(wrong("路灯不亮了", "王 大娘", "0377-6790 1234").is_empty());
    assert_eq!(wrong("啊", "", "12345"), ["words", "phone"]);
    assert_eq!(wrong(&"长".repeat(1_001), &"名".repeat(21), ""), ["words", "name"]);
    assert_eq!(typed("路灯不亮了", "", "130 0000-0088").expect("said").phone.as_deref(), Some("13000000088"));
}

#[test]
fn titles_are_the_first_clause() {
    for (words, title) in [
        ("二组路灯不亮。请来看看", "二组路灯不亮"),
        ("急！三组变压器冒烟，全组停电了！快来", "三组变压器冒烟，全组停电了"),
        ("没有标点", "没有标点"),
    ] {
        assert_eq!(title_of(words), title);
    }
    assert!(title_of(&"路".repeat(100)).chars().count() <= 25);
}

#[test]
fn advertising_and_nonsense_wait_for_a_look() {
    for odd in ["贷款加微信 abc123", "点 http://x.example 领钱", "啊啊啊啊啊啊啊啊", "？？？？", "111111111111"]
    {
        assert!(looks_odd(odd), "{odd}");
    }
    for plain in
        ["二组老井边的水管爆裂，水流到路上。", "我爸的医保断了怎么续", "路灯不亮", "No water since 7 am, house 12"]
    {
        assert!(!looks_odd(plain), "{plain}");
    }
}

#[test]
fn somebody_elses_word_for_a_kind_is_one_of_the_packs() {
    let pack = pack();
    for (said, kind) in [
        ("water", Some("water")),
        ("供水、水管", Some("water")),
        ("农村供水", Some("water")),
        ("土地纠纷", Some("land")),
        ("道路桥梁", Some("road")),
        ("医保", Some("insurance")),
        ("住房安全隐患", Some("house")),
        ("其他", Some("other")),
        ("求助", None),
        ("水", None),
        ("", None),
    ] {
        assert_eq!(kind_said(&pack, said).map(|kind| kind.code.as_str()), kind, "{said}");
    }
}

#[test]
fn a_time_that_the_hotline_set_stays_when_the_matter_is_accepted() {
    let mut matter = burst();
    matter.promised_at = Some(hour(100));
    let accepted = go(matter, Move::Accept(water()), 2);
    assert_eq!((accepted.promised_at, accepted.due_at), (Some(hour(100)), hour(100)));
}
