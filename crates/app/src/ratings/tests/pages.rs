use base::{
    db::{Kind, plan_of},
    kernel::DivisionCode,
};

use super::{round, this_month};
use crate::{
    accounts::{Actor, Scope},
    app::App,
    ratings::{acts, every_day, store},
    spine::facts::read::Span,
    statistics,
    testing::{COUNTY, MIGRATIONS, VILLAGE, browser, browser_of, code, databases, today, world},
};

async fn figure(app: &App, indicator: &str) -> i64 {
    let mut conn = app.db.read().await.expect("a reader");
    let span = Span { from: None, to: today() };
    let place = DivisionCode::parse(COUNTY).expect("a code");
    let stats = statistics::stats(&mut conn, place, span, Some(&[indicator.to_owned()])).await.expect("figures");
    stats.indicators.get(indicator).and_then(serde_json::Value::as_i64).unwrap_or(0)
}

fn codes_of(text: &str) -> Vec<String> {
    let is_code = |word: &&str| word.len() == 11 && word.as_bytes()[5] == b'-' && !word.starts_with("2024");
    text.split_whitespace().filter(is_code).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_round_is_opened_cast_counted_and_shown() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut township = browser_of(&app, "township").await;
        township.get(&format!("/ratings/new?village={VILLAGE}")).await.is(200).shows("评哪些党员");
        let mut said = vec![
            ("village", "苗店镇麦田村"),
            ("month", "2024-01"),
            ("slips", "4"),
            ("until", "2024-01-31"),
            ("members", "王守田\n马长顺"),
        ];
        township.submit("/ratings", &said).await.is(422).shows("少于 5 张，结果不能公布");
        assert!(township.page.body().contains("马长顺"), "what was typed is kept");
        said[2] = ("slips", "12");
        township.submit("/ratings", &said).await.is(200).shows("只显示这一次");
        assert_eq!(township.page.body().matches("<svg class=\"slip-qr\"").count(), 12, "a QR beside each code");
        let codes = codes_of(&township.page.text());
        assert_eq!(codes.len(), 12, "{}", township.page.text());
        township.get("/ratings/new").await.is(200);
        township.submit("/ratings", &said).await;
        assert!(matches!(township.page.status.as_u16(), 409 | 422), "a second round of the month");

        let mut villager = browser(&app);
        villager.get("/rate").await.is(200);
        villager.submit("/rate", &[("slip", "22222-22222")]).await.is(422).shows("没有这个编号");
        for (at, slip) in codes.iter().enumerate() {
            villager.get("/rate").await;
            villager.submit("/rate", &[("slip", slip)]).await.is(200).shows("麦田村").shows("王守田");
            if at == 0 {
                villager.submit("/rate/ballot", &[]).await.is(422).shows("请至少评一项");
                villager.get("/rate").await;
                villager.submit("/rate", &[("slip", slip)]).await.is(200);
            }
            let branch = if at < 9 { "s" } else { "d" };
            let words = if at == 3 { "<script>路灯</script>坏了" } else { "" };
            let ticked = [("mark-0", branch), ("mark-1", "f"), ("words", words)];
            villager.submit("/rate/ballot", &ticked).await.is(200).shows("已投票");
            villager.get("/rate").await;
            villager.submit("/rate", &[("slip", slip)]).await.is(422).shows("已经投过了");
        }
        let (id,): (String,) = app
            .db
            .read()
            .await
            .expect("a reader")
            .one(base::db::sql("select id from rating_round"))
            .await
            .expect("a round");
        let own = format!("/ratings/411327/{id}");
        let own = match township.get("/ratings").await.body() {
            body if body.contains(&own) => own,
            body => body
                .split("href=\"/ratings/")
                .nth(1)
                .and_then(|t| t.split('"').next())
                .map(|t| format!("/ratings/{t}"))
                .expect("a link"),
        };
        township.get(&own).await.is(200).shows("开箱计票").shows("12 张");
        township.get(&format!("/villages/{VILLAGE}/ratings")).await.is(200).hides("75%");
        township.get(&format!("{own}/count")).await.is(200);
        township.submit(&format!("{own}/count"), &[]).await.is(303);
        township.follow().await.shows("已计票");
        township.get(&format!("/villages/{VILLAGE}/ratings")).await.is(200).shows("麦田村党支部");
        // Early in the month nothing earlier could still come in: on the 18th January stands alone.
        township.page.shows("75%").shows("还在累计").shows("王守田").shows("<script>路灯</script>坏了");
        assert!(!township.page.body().contains("<script>路灯"), "shown literally");
        assert_eq!(figure(&app, "rating.ballot").await, 12);
        assert_eq!((figure(&app, "rating.branch.satisfied").await, figure(&app, "rating.branch.share").await), (9, 75));

        township.get(&format!("/villages/{VILLAGE}/ratings.csv")).await.is(200);
        assert!(township.page.text().contains("麦田村党支部") && !township.page.text().contains("王守田"));
        for (who, status) in [("branch", 200), ("cadre", 200), ("tangzhuang", 404), ("unit", 403), ("elsewhere", 404)] {
            browser_of(&app, who).await.get(&format!("/villages/{VILLAGE}/ratings")).await.is(status);
        }
        browser_of(&app, "branch").await.get(&format!("{own}/count")).await.is(403);
    }
}

/// Counted on the 10th, when December could still get a round: seen on the 16th, without anybody's doing.
#[tokio::test]
async fn the_calendar_settles_what_waited() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (id, codes) = round(&app, this_month(), 6).await;
        for slip in &codes {
            let mut villager = browser(&app);
            villager.get("/rate").await;
            villager.submit("/rate", &[("slip", slip.plain())]).await.is(200);
            villager.submit("/rate/ballot", &[("mark-0", "s")]).await.is(200);
        }
        let on = |day: i64| Actor {
            account_id: "system".into(),
            name: "系统".into(),
            at: app.clock.now(),
            today: today().month().first_day().plus_days(day - 1),
        };
        let county = code(VILLAGE).county();
        let mut tx = app.db.begin().await.expect("a write");
        let pack = app.pack(&mut tx, county).await.expect("a pack");
        let row = store::find(&mut tx, county, &id).await.expect("read").expect("a round");
        acts::close(&mut tx, &row, pack, &on(10)).await.expect("counted");
        assert!(store::shown(&mut tx, code(VILLAGE)).await.expect("read").is_empty(), "December may still come");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "rating.branch.satisfied").await, 0);
        for _ in 0..2 {
            let mut tx = app.db.begin().await.expect("a write");
            every_day(&mut tx, county, pack, &on(16)).await.expect("the day's round");
            tx.commit().await.expect("written");
            assert_eq!(figure(&app, "rating.branch.satisfied").await, 6);
        }
    }
}

#[tokio::test]
async fn slips_that_went_astray_are_replaced_and_worth_nothing() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (id, codes) = round(&app, this_month(), 6).await;
        let mut villager = browser(&app);
        villager.get("/rate").await;
        villager.submit("/rate", &[("slip", codes[0].plain())]).await.is(200);
        villager.submit("/rate/ballot", &[("mark-0", "s")]).await.is(200);
        let own = format!("/ratings/{}/{id}", code(VILLAGE).county());
        let mut township = browser_of(&app, "township").await;
        township.get(&format!("{own}/slips")).await.is(200).shows("5 张票全部作废");
        township.submit(&format!("{own}/slips"), &[]).await.is(200);
        let fresh = codes_of(&township.page.text());
        assert_eq!(fresh.len(), 5);
        villager.get("/rate").await;
        villager.submit("/rate", &[("slip", codes[1].plain())]).await.is(422).shows("没有这个编号");
        villager.get("/rate").await;
        villager.submit("/rate", &[("slip", &fresh[0])]).await.is(200);
        // Not yet over, and not all have come back.
        township.get(&format!("{own}/count")).await;
        township.submit(&format!("{own}/count"), &[]).await.is(422);
    }
}

#[tokio::test]
async fn who_guesses_codes_has_to_wait_and_finds_none() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (_, codes) = round(&app, this_month(), 30).await;
        let mut guesser = browser(&app);
        let mut held = false;
        for at in 0..40_u32 {
            guesser.get("/rate").await;
            let guess = format!("{at:0>10}").replace('0', "A").replace('1', "B");
            guesser.submit("/rate", &[("slip", &guess)]).await;
            match guesser.page.status.as_u16() {
                422 => {}
                429 => held = true,
                other => panic!("{other}: {}", guesser.page.text()),
            }
        }
        assert!(held, "forty wrong codes in a row");
        let _ = codes;
    }
}

#[tokio::test]
async fn lists_of_rounds_use_an_index() {
    for db in databases(&MIGRATIONS).await {
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let app = world(&db).await;
        for month in [None, Some(this_month())] {
            for scope in [Scope::of(code(COUNTY)), Scope::of(code(VILLAGE))] {
                let query = store::list_query(&scope, month, 50, 0);
                let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
                assert!(plan.iter().any(|step| step.contains("USING INDEX rating_round_list")), "{plan:#?}");
            }
        }
    }
}
