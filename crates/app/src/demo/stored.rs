//! The demo as it stands in the stores: the figures of the source come out of records, on both databases.

use base::kernel::{Clock, Day, DivisionCode};

use crate::{
    app::{App, MIGRATIONS},
    check, demo,
    spine::facts::read::Span,
    statistics,
    testing::databases,
};

/// SQ-2, SQ-3, SQ-5 and SQ-11 of `indicators.csv`.
const FIGURES: [(&str, i64); 39] = [
    ("card.issued", 28_140),
    ("household.target", 28_140),
    ("card.covered", 28_140),
    ("village.rule", 1_236),
    ("village.venue", 134),
    ("village.weak_turned", 32),
    ("gain.fund", 19_860),
    ("gain.project", 256),
    ("gain.coop", 365),
    ("gain.produce_sold", 6_120),
    ("gain.job", 2_058),
    ("gain.house", 3_240),
    ("gain.well", 1_630),
    ("gain.lamp", 6_450),
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
    ("handover.done", 1),
    ("project.listed", 24),
    ("project.industry", 11),
    ("project.party_application", 6),
    ("project.investment", 1_286),
    ("project.fund", 842),
    ("problem.raised", 30),
    ("problem.struck_off", 12),
    ("meeting.held", 3),
    ("talent.registered", 26),
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
            let amounts = || records.iter().filter_map(|record| record.amount.as_f64()).sum::<f64>();
            let by_amount = how.starts_with("state") || how.starts_with("sum");
            #[expect(clippy::cast_precision_loss, reason = "figures of a county")]
            let (counted, wanted) = (records.len() as f64, expected as f64);
            let applied = if by_amount { amounts() } else { counted };
            assert!((applied - wanted).abs() < 1e-6, "{code}: {how} gives {applied}, not {expected}");
        }
        assert_eq!(stats.indicators.get("card.coverage").and_then(serde_json::Value::as_i64), Some(100));
        // What waits for a word stands apart: a task for the township, in no figure.
        let scope = crate::accounts::Scope::of(sheqi);
        let waiting = crate::log::entries::store::count_waiting(&mut conn, &scope, "waiting").await.expect("counted");
        assert_eq!(waiting, 7);
        let visits = stats.indicators.get("visit.leader").and_then(serde_json::Value::as_i64);
        assert!(visits.is_some_and(|visits| visits > 48), "{visits:?}");
        // The branch objects to the line that its words speak of.
        let objected = base::db::sql(
            "select l.title from handover_answer a \
             join handover_line l on l.county_id = a.county_id and l.id = a.line_id \
             where a.words is not null",
        );
        let titles: Vec<(String,)> = conn.all(objected).await.expect("read");
        assert!(titles.len() == 1 && titles[0].0.contains("电脑"), "{titles:?}");
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}

/// FS-1 to FS-3, FS-6, FS-7, WZ-1 to WZ-3, WZ-6 and SX-1 of `indicators.csv`; money in 万元, land in 亩. What visits,
/// contests and the league bring (SX-2 to SX-7, LK) is nought until there are records of them.
const ELSEWHERE: [(&str, &str, f64); 32] = [
    ("141027", "posting.cadre", 30.0),
    ("141027", "village.posted", 20.0),
    ("141027", "visit.leader", 1_042.0),
    ("141027", "visit.leader.people", 126.0),
    ("141027", "matter.solved.small", 136.0),
    ("141027", "matter.solved.hard", 50.0),
    ("141027", "project.industry", 11.0),
    ("141027", "project.party_application", 9.0),
    ("141027", "project.fund", 412.0),
    ("4504", "project.listed", 37.0),
    ("4504", "project.investment", 1_136.0),
    ("4504", "problem.raised", 114.0),
    ("4504", "meeting.held", 9.0),
    ("4504", "problem.struck_off", 73.0),
    ("450422", "gain.dividend", 12.0),
    ("450422", "gain.dividend.people", 53.0),
    ("450422", "gain.land", 4_050.0),
    ("450422", "gain.collective_income", 8.2),
    ("450421", "posting.cadre", 16.0),
    ("341021", "alumni.cadre", 1_059.0),
    ("341021", "alumni.cadre.county", 933.0),
    ("341021", "alumni.cadre.above", 126.0),
    ("341021", "alumni.batch", 8.0),
    ("341021", "posting.cadre", 180.0),
    ("341021", "posting.first_secretary", 60.0),
    ("341021", "team.in_place", 60.0),
    ("341021", "gain.fund", 0.0),
    ("341021", "gain.talent", 0.0),
    ("370681", "posting.first_secretary", 64.0),
    ("370681", "posting.cadre", 76.0),
    ("370681", "visit.leader", 60.0),
    ("370681", "visit.leader.people", 18.0),
];

#[tokio::test]
async fn the_figures_of_other_places_come_out_of_records() {
    use demo::Place;
    let today = Day::new(2024, 1, 18).expect("a day");
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        let worlds = demo::worlds(&[Place::Fushan, Place::Wuzhou, Place::Shexian, Place::Longkou], 7, today);
        demo::load_all(&app, &worlds).await.expect("loaded");
        let mut conn = app.db.read().await.expect("a reader");
        let span = Span { from: None, to: today };
        for (place, code, expected) in ELSEWHERE {
            let place = DivisionCode::parse(place).expect("a code");
            let stats = statistics::stats(&mut conn, place, span, None).await.expect("figures");
            assert_eq!(
                stats.indicators.get(code).and_then(serde_json::Value::as_f64),
                Some(expected),
                "{place} {code}"
            );
        }
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}

/// How a record counts: its amount in a sum or state, itself in a distinct or latest figure.
fn applied(opened: &statistics::Opened) -> f64 {
    let statistics::Opened::Records { how, records, .. } = opened else { panic!("no records: {opened:?}") };
    assert!(how.starts_with("state"), "{how}");
    records.iter().filter_map(|record| record.amount.as_f64()).sum()
}

#[tokio::test]
async fn a_part_of_the_province_has_its_part_of_the_figures_and_shares_open_to_people() {
    use demo::{
        Place,
        province::{Counts, Part},
    };
    let today = Day::new(2024, 1, 18).expect("a day");
    let hunan = Place::Hunan.division();
    let part = Part::per_mille(30);
    let counts = Counts::of(part);
    assert_eq!((counts.above, counts.young, counts.ranked, counts.rural), (20, 8, 6, 5));
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        demo::build(&app, &[Place::Hunan], 7, part, &|_| ()).await.expect("built");
        let mut conn = app.db.read().await.expect("a reader");
        let span = Span { from: None, to: today };
        let stats = statistics::stats(&mut conn, hunan, span, None).await.expect("figures");
        let figure = |code: &str| stats.indicators.get(code).and_then(serde_json::Value::as_u64);
        let many = |n: usize| u64::try_from(n).ok();
        assert_eq!(figure("posting.cadre"), many(counts.cadres));
        assert_eq!(figure("team.in_place"), many(counts.teams));
        assert_eq!(figure("posting.cadre.provincial"), many(counts.above));
        assert_eq!(figure("posting.cadre.provincial.under40"), many(counts.young));
        assert_eq!(figure("posting.cadre.provincial.division_rank"), many(counts.ranked));
        assert_eq!(figure("posting.cadre.provincial.village_or_agri"), many(counts.rural));
        assert_eq!(figure("alumni.cadre"), many(2 * counts.cadres));
        for (share, part) in
            [("under40", counts.young), ("division_rank", counts.ranked), ("village_or_agri", counts.rural)]
        {
            let code = format!("share.provincial.{share}");
            assert_eq!(figure(&code), many((200 * part + counts.above) / (2 * counts.above)), "{code}");
            let opened = statistics::open(&mut conn, hunan, &code, span).await.expect("opens");
            let statistics::Opened::Share { numerator, denominator, .. } = opened else { panic!("{code} is no share") };
            #[expect(clippy::cast_precision_loss, reason = "figures of a part")]
            let (top, bottom) = (part as f64, counts.above as f64);
            assert!((applied(&numerator) - top).abs() < 1e-6, "{code}");
            assert!((applied(&denominator) - bottom).abs() < 1e-6, "{code}");
            let statistics::Opened::Records { records, .. } = *numerator else { panic!("no records") };
            assert!(records.iter().all(|record| record.person_name.is_some() && record.source.starts_with("posting/")));
        }
        // Before the second round the same figures held of the people of the first.
        let earlier = Span { from: None, to: Day::new(2022, 5, 10).expect("a day") };
        let wanted = ["posting.cadre".to_owned(), "posting.cadre.provincial.under40".to_owned()];
        let then = statistics::stats(&mut conn, hunan, earlier, Some(&wanted)).await.expect("figures");
        assert_eq!(
            then.indicators.values().filter_map(serde_json::Value::as_u64).map(Some).collect::<Vec<_>>(),
            [many(counts.cadres), many(counts.young)]
        );
        // The counties add up to the province.
        let mut sum = 0;
        for county in crate::places::store::list(&mut conn, hunan.area()).await.expect("divisions") {
            if county.code.level() == base::kernel::Level::County {
                let code = ["posting.cadre".to_owned()];
                let own = statistics::stats(&mut conn, county.code, span, Some(&code)).await.expect("figures");
                sum += own.indicators.values().filter_map(serde_json::Value::as_u64).sum::<u64>();
            }
        }
        assert_eq!(Some(sum), many(counts.cadres));
        let report = check::check(&mut conn).await.expect("checked");
        assert_eq!(report.differences(), 0, "{:?}", report.lines());
    }
}
