use std::collections::{BTreeMap, BTreeSet};

use base::kernel::{Day, Month};

use super::super::rules::{Mark, Marks, NewRound, Pace, Sums, may_open, names, tally, unsettled, windows};

fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn sums(satisfied: i64) -> Sums {
    Sums { satisfied, fair: 1, dissatisfied: 0 }
}

fn shown(months: &[(&str, i64)], pace: Pace, until: &str) -> Vec<(String, String, i64)> {
    let months: BTreeMap<Month, Sums> = months.iter().map(|(text, n)| (month(text), sums(*n - 1))).collect();
    let windows = windows(&[], &months, pace, 5, month(until));
    windows.iter().map(|w| (w.from.to_string(), w.to.to_string(), w.sums.all())).collect()
}

fn window(from: &str, to: &str, all: i64) -> (String, String, i64) {
    (from.into(), to.into(), all)
}

#[test]
fn a_branch_is_shown_by_month_and_small_months_are_joined() {
    let months = [("2024-01", 8), ("2024-02", 3), ("2024-03", 4), ("2024-04", 4)];
    let by_month = shown(&months, Pace::Monthly, "2024-05");
    assert_eq!(by_month, [window("2024-01", "2024-01", 8), window("2024-02", "2024-03", 7)], "April waits");
}

#[test]
fn a_member_is_shown_by_quarter_and_no_quarter_before_it_is_settled() {
    let months = [("2024-01", 8), ("2024-02", 9), ("2024-04", 2), ("2024-07", 9)];
    assert_eq!(shown(&months, Pace::Quarterly, "2024-03"), [], "the first quarter may still grow");
    assert_eq!(shown(&months, Pace::Quarterly, "2024-04"), [window("2024-01", "2024-03", 17)]);
    let later = shown(&months, Pace::Quarterly, "2024-10");
    assert_eq!(later, [window("2024-01", "2024-03", 17), window("2024-04", "2024-09", 11)], "the second was too small");
}

/// Whatever is shown once is shown for ever: results of two days differ by whole windows, each of at least the floor.
#[test]
fn no_difference_of_two_results_is_smaller_than_the_floor() {
    let sizes = [7, 2, 3, 1, 9, 4, 4, 6, 1, 1, 1, 8];
    let months: Vec<(String, i64)> = sizes.iter().zip(1..).map(|(n, at)| (format!("2023-{at:02}"), *n)).collect();
    for pace in [Pace::Monthly, Pace::Quarterly] {
        let mut before: Vec<(String, String, i64)> = Vec::new();
        for end in 1..=12 {
            let upto: Vec<(&str, i64)> = months[..end].iter().map(|(text, n)| (text.as_str(), *n)).collect();
            let next = month(&months[end - 1].0).next().to_string();
            let now = shown(&upto, pace, &next);
            assert!(now.starts_with(&before), "{pace:?} {end}: {before:?} then {now:?}");
            assert!(now.iter().all(|(.., all)| *all >= 5));
            before = now;
        }
        assert!(!before.is_empty());
    }
}

/// The attack: the floor is changed between two looks, and the second result is subtracted from the first.
#[test]
fn a_changed_floor_does_not_cut_what_was_shown_anew() {
    let months: BTreeMap<Month, Sums> =
        (1..=6).map(|at| (month(&format!("2024-{at:02}")), sums(if at == 1 { 9 } else { 5 }))).collect();
    let until = month("2024-05");
    let kept = windows(&[], &months, Pace::Monthly, 15, until);
    let spans = |windows: &[super::super::rules::Window]| -> Vec<_> {
        windows.iter().map(|w| (w.from.to_string(), w.to.to_string(), w.sums.all())).collect()
    };
    assert_eq!(spans(&kept), [window("2024-01", "2024-02", 16)]);
    let lower = windows(&kept, &months, Pace::Monthly, 5, until);
    assert_eq!(spans(&lower), [window("2024-03", "2024-03", 6), window("2024-04", "2024-04", 6)]);
    let all = [kept, lower].concat();
    let higher = windows(&all, &months, Pace::Monthly, 12, month("2024-07"));
    assert_eq!(spans(&higher), [window("2024-05", "2024-06", 12)]);
    // Without what was kept, January alone would come out, and February by subtraction.
    let anew = windows(&[], &months, Pace::Monthly, 5, until);
    assert_eq!(spans(&anew)[0], window("2024-01", "2024-01", 10));
}

#[test]
fn what_is_open_or_may_still_come_is_not_settled() {
    let set = |months: &[&str]| months.iter().map(|text| month(text)).collect::<BTreeSet<_>>();
    let until =
        |closed: &[&str], open: &[&str], today: &str| unsettled(&set(closed), &set(open), day(today)).to_string();
    assert_eq!(until(&["2024-01"], &[], "2024-01-30"), "2024-02", "this month is counted, nothing earlier may come");
    assert_eq!(until(&["2024-02"], &[], "2024-02-10"), "2024-01", "January may still be opened");
    assert_eq!(until(&["2024-02"], &[], "2024-02-20"), "2024-03");
    assert_eq!(until(&["2024-02"], &["2023-12"], "2024-02-20"), "2023-12", "an open round keeps all after it back");
    assert_eq!(until(&[], &[], "2024-02-20"), "2024-02");
}

#[test]
fn a_round_is_of_this_month_or_early_in_the_next() {
    for (text, today, may) in [
        ("2024-01", "2024-01-01", true),
        ("2024-01", "2024-02-15", true),
        ("2024-01", "2024-02-16", false),
        ("2023-12", "2024-02-01", false),
        ("2024-02", "2024-01-31", false),
    ] {
        assert_eq!(may_open(month(text), day(today)), may, "{text} on {today}");
    }
}

#[test]
fn a_round_that_could_never_be_shown_is_refused() {
    let good =
        NewRound { month: month("2024-01"), until: day("2024-01-31"), slips: 30, members: vec!["王守田".into()] };
    let today = day("2024-01-18");
    assert!(good.clone().check(5, today).is_ok());
    let wrong = [
        ("slips", NewRound { slips: 4, ..good.clone() }),
        ("slips", NewRound { slips: 2_000, ..good.clone() }),
        ("until", NewRound { until: day("2024-01-17"), ..good.clone() }),
        ("until", NewRound { until: day("2024-05-17"), ..good.clone() }),
        ("month", NewRound { month: month("2024-02"), ..good.clone() }),
        ("members", NewRound { members: vec!["王".into()], ..good.clone() }),
        ("members", NewRound { members: vec!["王守田".into(), "王守田".into()], ..good.clone() }),
        ("members", NewRound { members: (0..41).map(|n| format!("党员{n}")).collect(), ..good }),
    ];
    for (field, round) in wrong {
        assert_eq!(round.check(5, today).expect_err("refused").field, Some(field));
    }
}

#[test]
fn ballots_are_read_back_and_counted() {
    let ballot = |marks: &[(i64, Mark)]| Marks::new(marks.iter().copied()).expect("a ballot");
    let ballots = [
        ballot(&[(0, Mark::Satisfied), (2, Mark::Dissatisfied)]),
        ballot(&[(0, Mark::Fair)]),
        ballot(&[(0, Mark::Satisfied), (1, Mark::Satisfied)]),
    ];
    for one in &ballots {
        assert_eq!(Marks::parse(&one.code()).as_ref(), Some(one));
    }
    let sums = tally(&ballots);
    assert_eq!(sums[&0], Sums { satisfied: 2, fair: 1, dissatisfied: 0 });
    assert_eq!((sums[&1].all(), sums[&2].dissatisfied), (1, 1));
    assert!(Marks::new([]).is_err(), "an empty ballot is none");
    for broken in ["", "0", "0:x", "a:s", "0:s;1:s"] {
        assert_eq!(Marks::parse(broken), None, "{broken}");
    }
}

#[test]
fn names_stand_one_in_a_line() {
    assert_eq!(names(" 王 守田\n\n马长顺、李秀兰，赵四（三组）\r\n"), ["王守田", "马长顺", "李秀兰", "赵四（三组）"]);
}
