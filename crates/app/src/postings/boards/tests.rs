//! Boards on both databases: today's holders, blanks that are said, history kept.

use base::kernel::Day;

use super::{Named, Party, store};
use crate::testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, VILLAGE, browser_of, code, databases, today, world};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[tokio::test]
async fn a_board_shows_todays_parties_and_what_is_missing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut township = browser_of(&app, "township").await;
        let board = format!("/villages/{VILLAGE}/board");
        township.get(&board).await.is(200).shows("待补").shows("缺 5");
        let leader = format!("{board}/county_leader");
        township.get(&leader).await.is(200);
        let typed = [("name", "秦思远"), ("post", "县委常委"), ("phone", "13000000007"), ("since", "2023-06-01")];
        township.submit(&leader, &typed).await.is(303);
        township.get(&leader).await.is(200).shows("现任 秦思远");
        township.submit(&leader, &[("name", "方如春"), ("since", "2023-05-01")]).await.is(422).shows("不能早于");
        township.get(&leader).await.is(200);
        township.submit(&leader, &[("name", "方如春"), ("since", "2024-01-10")]).await.is(303);
        township.get(&board).await.is(200).shows("方如春").shows("以前的责任人").shows("秦思远").shows("缺 4");
        township.get("/boards?show=missing").await.is(200).shows("麦田村").shows("方如春");
        township.get(&format!("/villages/{OTHER_VILLAGE}/board")).await.is(404);
        township.get(&format!("{board}/mayor")).await.is(404);

        let mut conn = app.db.read().await.expect("a reader");
        let of = |day| (day, code(COUNTY).area());
        for (on, name) in [(day("2023-12-31"), "秦思远"), (day("2024-01-10"), "方如春")] {
            let (on, area) = of(on);
            let boards = store::boards(&mut conn, area, on).await.expect("read");
            assert_eq!(boards[&code(VILLAGE)][&Party::CountyLeader].name, name);
        }
    }
}

#[tokio::test]
async fn a_slip_of_the_same_day_is_put_right_and_leaves_no_trace_on_the_board() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("a write");
        for name in ["秦思远", "秦思源"] {
            let named = Named { name: name.into(), post: None, phone: None, since: today(), portrait: None };
            store::set(&mut tx, code(VILLAGE), Party::Guide, &named).await.expect("set");
        }
        let history = store::history(&mut tx, code(VILLAGE)).await.expect("read");
        tx.commit().await.expect("written");
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].1.name, "秦思源");
    }
}
