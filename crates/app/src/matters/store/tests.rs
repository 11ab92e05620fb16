//! Plans, counts, search, likeness: on both databases where the database matters.

use base::{
    db::{Kind, Query, plan_of},
    kernel::{Instant, Level},
};

use super::*;
use crate::{
    accounts::Scope,
    app::App,
    matters::{
        rules::{Channel, Stage},
        tests::{raised, staff},
    },
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, TOWNSHIP, VILLAGE, code, databases, today, world},
};

async fn indexed(app: &App, query: Query) {
    let said = query.text().to_owned();
    let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
    let bad: Vec<_> = plan.iter().filter(|step| ["SCAN m", "SCAN w", "SCAN x"].contains(&step.as_str())).collect();
    assert!(bad.is_empty(), "{said}\n{plan:#?}");
}

#[tokio::test]
async fn every_list_and_board_is_answered_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let app = world(&db).await;
        let now = Some(Instant(1));
        for place in [COUNTY, TOWNSHIP, VILLAGE, "410000000000"] {
            let scope = Scope::of(code(place));
            let all = [Which::Open, Which::Late, Which::All].into_iter();
            for which in all.chain(Stage::ALL.iter().map(|stage| Which::Stage(*stage))) {
                for kind in [None, Some("water".to_owned())] {
                    indexed(&app, list_query(&scope, &Filter { which, kind, now }, 50, 0)).await;
                }
            }
            for level in [Level::Province, Level::County, Level::Township] {
                indexed(&app, late_query(&scope, level, Instant(1))).await;
                indexed(&app, counts_query(&scope, level)).await;
            }
            indexed(&app, lane_query(&scope, Stage::Accepted, 8)).await;
            let words = ["水管".to_owned(), "爆裂".to_owned()];
            indexed(&app, found_query(code(COUNTY).county(), &scope, &words, 50)).await;
        }
        // The rows themselves are not read to tell what is late.
        let late = late_query(&Scope::of(code(COUNTY)), Level::County, Instant(1));
        let plan = plan_of(&mut app.db.read().await.expect("a reader"), late).await.expect("a plan").join("\n");
        assert!(plan.contains("COVERING INDEX matter_open"), "{plan}");
        // Of many counties a page comes in its order, nothing is sorted.
        let province = Scope::of(code("410000000000"));
        let of = |which| list_query(&province, &Filter { which, kind: Some("water".into()), now }, 50, 0);
        for (query, index) in [
            (of(Which::Open), "matter_due"),
            (of(Which::Late), "matter_due"),
            (of(Which::Stage(Stage::Accepted)), "matter_state_due"),
            (of(Which::Stage(Stage::Closed)), "matter_state_due"),
            (of(Which::All), "matter_newest"),
            (lane_query(&province, Stage::Express, 8), "matter_state_due"),
        ] {
            let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan").join("\n");
            assert!(plan.contains(&format!("INDEX {index}")) && !plan.contains("TEMP B-TREE"), "{index}: {plan}");
        }
    }
}

#[tokio::test]
async fn words_are_found_within_the_scope_and_alike_ones_suggested() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let first = raised(&app, VILLAGE, "二组老井边的水管爆裂，水流到路上。", Channel::Phone).await;
        raised(&app, OTHER_VILLAGE, "村口水管漏水，修过又漏。", Channel::Phone).await;
        raised(&app, VILLAGE, "路灯不亮了，晚上老人不敢出门。", Channel::Phone).await;
        let mut conn = app.db.read().await.expect("a reader");
        let found =
            |lines: Option<Vec<Line>>| lines.map(|lines| lines.into_iter().map(|line| line.title).collect::<Vec<_>>());
        let county = Scope::of(code(COUNTY));
        let both = found(super::found(&mut conn, &county, "水管", 50).await.expect("read")).expect("words");
        assert_eq!(both, ["村口水管漏水，修过又漏", "二组老井边的水管爆裂，水流到路上"]);
        let own = super::found(&mut conn, &Scope::of(code(VILLAGE)), "水管爆裂", 50).await.expect("read");
        assert_eq!(found(own).expect("words").len(), 1);
        let none = super::found(&mut conn, &county, "爆裂路灯", 50).await.expect("read");
        assert_eq!(found(none), Some(Vec::new()));
        assert_eq!(found(super::found(&mut conn, &county, "水", 50).await.expect("read")), None, "one is too few");
        let words = "二组老井旁边水管又爆裂了";
        let like = suggest(&mut conn, code(VILLAGE), words, None, today()).await.expect("read");
        assert_eq!(like.same.first().map(|(line, _)| line.id.as_str()), Some(first.id.as_str()));
        assert!(like.kind.is_none(), "nobody has settled the kind of any");
    }
}

#[tokio::test]
async fn counts_are_those_of_the_rows() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        for words in ["二组老井边的水管爆裂。", "路灯不亮了好几天。", "想问低保怎么办。"] {
            raised(&app, VILLAGE, words, Channel::Room).await;
        }
        raised(&app, OTHER_VILLAGE, "村口的桥裂了一道缝。", Channel::Room).await;
        let mut conn = app.db.read().await.expect("a reader");
        let now = app.clock.now().plus_seconds(48 * 3_600);
        let counts = counts(&mut conn, &Scope::of(code(COUNTY)), Level::County, now).await.expect("counted");
        let of = |place: &str| {
            let place = counts.get(&code(place)).cloned().unwrap_or_default();
            (place.of(Stage::Raised), place.open(), place.late)
        };
        assert_eq!((of(TOWNSHIP), of("411327102000")), ((3, 3, 3), (1, 1, 1)));
        let lines = list(&mut conn, &Scope::of(code(TOWNSHIP)), &Filter::default(), 50, 0).await.expect("listed");
        assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
    }
}

#[tokio::test]
async fn lists_and_search_above_a_county_are_those_of_its_counties() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut ids = Vec::new();
        for (village, words) in [
            (VILLAGE, "二组老井边的水管爆裂。"),
            ("411328101201", "村东头水管漏水三天了。"),
            (OTHER_VILLAGE, "村口的水管漏水。"),
            ("420111101201", "外省的水管漏水。"),
        ] {
            ids.push(raised(&app, village, words, Channel::Room).await.id);
        }
        let mut conn = app.db.read().await.expect("a reader");
        let id = |lines: Vec<Line>| lines.into_iter().map(|line| line.id).collect::<Vec<_>>();
        let newest = [&ids[2], &ids[1], &ids[0]];
        let filter = |which| Filter { which, kind: None, now: Some(app.clock.now().plus_seconds(96 * 3_600)) };
        for place in ["410000000000", "411300000000"] {
            let scope = Scope::of(code(place));
            for (which, count) in [
                (Which::Open, 3),
                (Which::Late, 3),
                (Which::All, 3),
                (Which::Stage(Stage::Raised), 3),
                (Which::Stage(Stage::Closed), 0),
            ] {
                let lines = list(&mut conn, &scope, &filter(which), 50, 0).await.expect("listed");
                assert_eq!(lines.len(), count, "{place} {which:?}");
                let counted = super::count(&mut conn, &scope, &filter(which)).await.expect("counted");
                assert_eq!(usize::try_from(counted), Ok(count));
            }
            let all = |limit, offset| list_query(&scope, &filter(Which::All), limit, offset);
            assert_eq!(id(conn.all(all(50, 0)).await.expect("listed")).iter().collect::<Vec<_>>(), newest);
            assert_eq!(id(conn.all(all(1, 1)).await.expect("listed")), [ids[1].clone()], "a page of them");
            let found = super::found(&mut conn, &scope, "水管", 50).await.expect("read").expect("words");
            assert_eq!(id(found).iter().collect::<Vec<_>>(), newest);
            let two = super::found(&mut conn, &scope, "水管漏水", 1).await.expect("read").expect("words");
            assert_eq!(id(two), [ids[2].clone()], "the newest alone");
            let lane = lane(&mut conn, &scope, Stage::Raised, 2).await.expect("read");
            assert_eq!(lane.len(), 2);
        }
    }
}
