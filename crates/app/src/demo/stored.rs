//! The demo as it stands in the stores: the figures of the source come out of records, on both databases.

use base::kernel::{Clock, Day, DivisionCode};

use crate::{
    app::{App, MIGRATIONS},
    check, demo,
    spine::facts::read::Span,
    statistics,
    testing::databases,
};

/// SQ-2 and SQ-3 of `indicators.csv`, and the branch stars of SQ-11.
const FIGURES: [(&str, i64); 18] = [
    ("card.issued", 28_140),
    ("household.target", 28_140),
    ("card.covered", 28_140),
    ("village.posted.out_of_poverty", 85),
    ("village.posted.heavy_task", 23),
    ("village.posted.weak_branch", 10),
    ("team.in_place", 98),
    ("posting.first_secretary", 249),
    ("posting.member", 204),
    ("posting.first_secretary.province_ledger", 118),
    ("posting.first_secretary.county_ledger", 131),
    ("team.province_ledger", 86),
    ("team.county_ledger", 12),
    ("posting.member.province_ledger", 175),
    ("posting.member.county_ledger", 29),
    ("branch.star5", 5),
    ("branch.star4", 45),
    ("village.posted", 249),
];

#[tokio::test]
async fn the_figures_of_sheqi_come_out_of_records_and_each_opens() {
    let today = Day::new(2024, 1, 18).expect("a day");
    let sheqi = DivisionCode::parse("411327").expect("a code");
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        demo::load(&app, &demo::sheqi(7, today), "sheqi").await.expect("loaded");
        let mut conn = app.db.read().await.expect("a reader");
        let span = Span { from: None, to: today };
        let stats = statistics::stats(&mut conn, sheqi, span, None).await.expect("figures");
        for (code, expected) in FIGURES {
            assert_eq!(stats.indicators.get(code).and_then(serde_json::Value::as_i64), Some(expected), "{code}");
            let opened = statistics::open(&mut conn, sheqi, code, span).await.expect("opens");
            let statistics::Opened::Records { how, records, .. } = opened else { panic!("{code} has no records") };
            let amounts = records.iter().filter_map(|record| record.amount.as_i64());
            let applied = if how.starts_with("state") || how == "sum" {
                amounts.sum()
            } else {
                i64::try_from(records.len()).expect("few")
            };
            assert_eq!(applied, expected, "{code}: {how}");
        }
        assert_eq!(stats.indicators.get("card.coverage").and_then(serde_json::Value::as_i64), Some(100));
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}
