//! Distinct figures over years, months and days, on both databases.

use base::{
    db::{Kind, plan_of},
    kernel::{Day, DivisionCode},
};

use super::{
    Catalogue, FactDraft, Source, Writing,
    read::{self, Place, Span},
    record, sums,
};
use crate::{
    app::App,
    testing::{COUNTY, MIGRATIONS, OTHER_COUNTY, OTHER_VILLAGE, VILLAGE, code, databases, world},
};

const INDICATOR: &str = "alumni.cadre";

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn draft(indicator: &'static str, on: &str, amount: i64, division: &str, key: Option<&str>) -> FactDraft {
    FactDraft {
        indicator,
        day: day(on),
        amount,
        division: code(division),
        person: None,
        unit_id: None,
        key: key.map(str::to_owned),
        value: None,
    }
}

/// Makes one record of a county say these facts.
async fn say(app: &App, county: &str, facts: Vec<FactDraft>) {
    let source = Source { kind: "test", id: "one".into() };
    let mut tx = app.db.begin().await.expect("a write");
    let at = app.clock.now();
    record(&mut tx, code(county).county(), &[(source, facts)], at, Writing::Difference).await.expect("recorded");
    tx.commit().await.expect("written");
}

/// Makes the facts of one record say these days and keys.
async fn write(app: &App, said: &[(&str, &str, &str)]) {
    let facts = said.iter().map(|(on, village, key)| draft(INDICATOR, on, 1, village, Some(key)));
    say(app, COUNTY, facts.collect()).await;
}

async fn distinct(app: &App, place: DivisionCode, from: Option<&str>, to: &str) -> i64 {
    let indicator = Catalogue::get().find(INDICATOR).expect("known");
    let span = Span { from: from.map(day), to: day(to) };
    let mut conn = app.db.read().await.expect("a connection");
    let value = read::value(&mut conn, indicator, &Place::of(place), span).await.expect("read");
    // What opens behind it says the same.
    let records = read::records(&mut conn, indicator, &Place::of(place), span, None).await.expect("read");
    let keys: std::collections::BTreeSet<_> = records.iter().filter_map(|record| record.key.clone()).collect();
    assert_eq!(usize::try_from(value), Ok(keys.len()), "{from:?} {to}");
    value
}

#[tokio::test]
async fn keys_are_counted_over_years_months_and_days() {
    let said = [
        ("2022-05-03", VILLAGE, "a"),
        ("2023-11-10", OTHER_VILLAGE, "b"),
        ("2024-01-05", VILLAGE, "a"),
        ("2024-01-10", VILLAGE, "c"),
        ("2024-01-25", VILLAGE, "d"),
    ];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        write(&app, &said).await;
        let cases = [
            // The month goes on after the day asked for.
            (None, "2024-01-18", [3, 3, 2]),
            (None, "2024-01-26", [4, 4, 3]),
            (None, "2024-01-31", [4, 4, 3]),
            // Nothing lies later in the month: it is read as whole.
            (None, "2023-11-20", [2, 2, 1]),
            (None, "2023-11-09", [1, 1, 1]),
            (Some("2024-01-01"), "2024-01-12", [2, 2, 2]),
            (Some("2024-01-06"), "2024-01-12", [1, 1, 1]),
            (Some("2024-01-06"), "2024-01-28", [2, 2, 2]),
            (Some("2023-01-01"), "2024-01-12", [3, 3, 2]),
            (Some("2022-06-01"), "2023-12-31", [1, 1, 0]),
            (Some("2022-05-04"), "2022-05-20", [0, 0, 0]),
        ];
        for (from, to, expected) in cases {
            for (place, expected) in ["411300000000", COUNTY, VILLAGE].into_iter().zip(expected) {
                assert_eq!(distinct(&app, code(place), from, to).await, expected, "{place} {from:?} {to}");
            }
        }
        // Taken back, the last one leaves an open month behind that counts as whole.
        write(&app, &said[..4]).await;
        for (to, expected) in [("2024-01-18", 3), ("2024-01-26", 3), ("2024-01-09", 2)] {
            assert_eq!(distinct(&app, code(COUNTY), None, to).await, expected, "{to}");
        }
        let mut conn = app.db.read().await.expect("a connection");
        assert_eq!(super::recompute(&mut conn, 10).await.expect("recomputed"), []);
        if db.kind() == Kind::Sqlite {
            for (place, index) in [
                (COUNTY, "(county_id=? AND indicator=? AND division=? AND day>"),
                ("411300000000", "rollup_day_county (indicator=? AND day>? AND day<?)"),
            ] {
                let query = sums::later_query(&[INDICATOR], &[code(place)], (day("2024-01-18"), day("2024-01-31")));
                let plan = plan_of(&mut conn, query).await.expect("a plan");
                assert!(plan.iter().any(|step| step.contains(index)), "{plan:#?}");
            }
        }
    }
}

/// What lies later in the year decides whether its months and days are read; the sum is the same.
#[tokio::test]
async fn sums_over_years_months_and_days_are_those_of_their_facts() {
    const FUND: &str = "gain.fund";
    let fund = Catalogue::get().find(FUND).expect("known");
    let here = [
        ("2021-12-31", 1, VILLAGE),
        ("2022-01-01", 20, VILLAGE),
        ("2022-12-31", 300, OTHER_VILLAGE),
        ("2023-06-15", 4_000, VILLAGE),
        ("2024-01-18", 50_000, VILLAGE),
    ];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let facts = |lines: &[(&str, i64, &str)]| -> Vec<FactDraft> {
            lines.iter().map(|(on, amount, place)| draft(FUND, on, *amount, place, None)).collect()
        };
        say(&app, OTHER_COUNTY, facts(&[("2023-06-30", 600_000, OTHER_COUNTY)])).await;
        for later in [None, Some(("2024-02-01", 7_000_000, VILLAGE)), Some(("2024-01-19", 80_000_000, OTHER_VILLAGE))] {
            let lines: Vec<_> = here.into_iter().chain(later).collect();
            say(&app, COUNTY, facts(&lines)).await;
            let mut conn = app.db.read().await.expect("a connection");
            for (from, to) in [
                (None, "2024-01-18"),
                (None, "2022-12-30"),
                (None, "2024-12-31"),
                (Some("2022-01-01"), "2023-12-31"),
                (Some("2022-01-02"), "2023-06-14"),
                (Some("2021-12-31"), "2024-01-18"),
                (Some("2024-01-01"), "2024-01-18"),
                (Some("2023-06-15"), "2023-06-15"),
            ] {
                let span = Span { from: from.map(day), to: day(to) };
                for place in [VILLAGE, COUNTY, "411300000000", "410000000000"] {
                    let place = Place::of(code(place));
                    let value = read::value(&mut conn, fund, &place, span).await.expect("read");
                    let records = read::records(&mut conn, fund, &place, span, None).await.expect("read");
                    let opened: i64 = records.iter().map(|record| record.amount).sum();
                    assert_eq!(value, opened, "{place:?} {span:?} {later:?}");
                }
                let places = [COUNTY, OTHER_COUNTY].map(code);
                let grid = sums::amounts(&mut conn, &[FUND], &places, span).await.expect("read");
                for place in places {
                    let alone = read::value(&mut conn, fund, &Place::of(place), span).await.expect("read");
                    let beside = grid.get(&(FUND.to_owned(), place)).copied().unwrap_or_default();
                    assert_eq!(beside, alone, "{place} {span:?}");
                }
            }
            assert_eq!(super::recompute(&mut conn, 10).await.expect("recomputed"), []);
        }
    }
}
