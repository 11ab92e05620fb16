//! Distinct figures over years, months and days, on both databases.

use base::{
    db::{Kind, plan_of},
    kernel::{Day, DivisionCode},
};

use super::{
    Catalogue, FactDraft, Source, Writing,
    read::{self, Place, Span},
    record,
};
use crate::{
    app::App,
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, VILLAGE, code, databases, world},
};

const INDICATOR: &str = "alumni.cadre";

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// Makes the facts of one record say these days and keys.
async fn write(app: &App, said: &[(&str, &str, &str)]) {
    let draft = |(on, village, key): &(&str, &str, &str)| FactDraft {
        indicator: INDICATOR,
        day: day(on),
        amount: 1,
        division: code(village),
        person: None,
        unit_id: None,
        key: Some((*key).to_owned()),
        value: None,
    };
    let source = Source { kind: "test", id: "one".into() };
    let mut tx = app.db.begin().await.expect("a write");
    let facts = [(source, said.iter().map(draft).collect())];
    record(&mut tx, code(COUNTY).county(), &facts, app.clock.now(), Writing::Difference).await.expect("recorded");
    tx.commit().await.expect("written");
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
                ("411300000000", "rollup_day_county (indicator=?"),
            ] {
                let query = read::later_query(INDICATOR, code(place), (day("2024-01-18"), day("2024-01-31")));
                let plan = plan_of(&mut conn, query).await.expect("a plan");
                assert!(plan.iter().any(|step| step.contains(index)), "{plan:#?}");
            }
        }
    }
}
