//! A city's round over two counties: who may see it, what it plans, and its approval, which nobody sees before its end.

use base::{db::sql, kernel::CountyId, web::AppError};

use super::{actor, day, person, unit};
use crate::{
    app::App,
    check,
    dispatch::{
        acts::{self, Sitting},
        rules::{Gate, NewRound, State},
        store::{self, Nominee, Round},
    },
    flows, handover, housekeeping, people, places,
    places::VillageCategory,
    postings::{self, Held, Ledger, PostRole, store::NewPosting},
    spine::staging::Run,
    testing::{
        CITY, COUNTY, MIGRATIONS, OTHER_COUNTY, OTHER_VILLAGE, SECOND_VILLAGE, UNIT, VILLAGE, browser_of, code,
        databases, world,
    },
    units::{self, Unit, UnitLevel},
    worker,
};

/// 河畔村 in 唐河县, for whose weight only a unit of the city will do.
const RIVER: &str = "411328101201";

struct City {
    round: String,
    /// 乔山 of the city's 农业农村局, whose file the city keeps, and two more; 石磊 and 许诺 of 水利局 in 社旗.
    people: Vec<(CountyId, String)>,
    /// 林一诺 hands over 麦田村 to whoever comes.
    old: String,
}

fn city() -> CountyId {
    code(CITY).county()
}

async fn posted(app: &App, who: (CountyId, &str), name: &str, village: &str, since: &str, months: i64) -> String {
    let mut tx = app.db.begin().await.expect("a write");
    let county = code(village).county();
    let number = postings::store::batches(&mut tx, county).await.expect("read").len() + 1;
    let number = i64::try_from(number).expect("few");
    let batch = postings::store::add_batch(&mut tx, county, number, "老批次", day(since), months, true);
    let batch = batch.await.expect("a batch");
    let held = Held {
        posting_id: base::kernel::new_id(),
        batch_id: batch.id,
        person: (who.0, who.1.to_owned()),
        unit_id: None,
        unit_level: None,
        village: code(village),
        role: PostRole::FirstSecretary,
        ledger: Ledger::County,
        state: postings::State::OnPost,
        since: day(since),
    };
    let id = held.posting_id.clone();
    let new = NewPosting { held, team_id: None, person_name: name.into(), note: None };
    postings::store::add_all(&mut tx, county, &[new], false, &actor(app)).await.expect("entered");
    tx.commit().await.expect("written");
    id
}

/// The round, everybody in its pool cleared, a plan put forward.
async fn planned(app: &App) -> City {
    let mut tx = app.db.begin().await.expect("a write");
    let at = app.clock.now();
    let divisions =
        [("411328101000", "滨河街道"), (RIVER, "河畔村村民委员会")].map(|(one, name)| (code(one), name.to_owned()));
    places::store::save_all(&mut tx, &divisions, day("2024-01-18")).await.expect("divisions");
    places::store::ensure_villages(&mut tx, &[code(RIVER)]).await.expect("villages");
    for (village, category) in [
        (VILLAGE, VillageCategory::WeakBranch),
        (SECOND_VILLAGE, VillageCategory::OutOfPoverty),
        (RIVER, VillageCategory::HeavyTask),
    ] {
        let since = day("2021-01-01");
        places::store::set_category(&mut tx, code(village), category, since, None).await.expect("set");
    }
    let county = code(COUNTY).county();
    let water = units::store::find_by_name(&mut tx, county, UNIT).await.expect("read").expect("the unit");
    let of_city = Unit { level: UnitLevel::City, ..unit("市农业农村局", &["种植"]) };
    let farms = units::store::add(&mut tx, city(), &of_city).await.expect("a unit");
    let mut people = Vec::new();
    for (keeper, name, own, rank) in [
        (city(), "乔山", &farms, "二级主任科员"),
        (city(), "邢岩", &farms, "四级主任科员"),
        (city(), "鲁平", &farms, "一级科员"),
        (county, "石磊", &water.id, "二级主任科员"),
        (county, "许诺", &water.id, "四级主任科员"),
    ] {
        let new = person(name, own, rank, "种植");
        people.push((keeper, people::store::add(&mut tx, &app.keys, keeper, &new, at).await.expect("a person")));
    }
    let lin = person("林一诺", &water.id, "一级科员", "饮水");
    let lin = people::store::add(&mut tx, &app.keys, county, &lin, at).await.expect("a person");
    tx.commit().await.expect("written");
    let old = posted(app, (county, &lin), "林一诺", VILLAGE, "2022-03-01", 24).await;

    let mut tx = app.db.begin().await.expect("a write");
    let new = NewRound { name: "全市第二批".into(), starts_on: day("2024-03-01"), term_months: 24, parts: vec![] };
    let pack = app.pack(&mut tx, city()).await.expect("a pack");
    let round = acts::open(&mut tx, code(CITY), &new, pack, &actor(app)).await.expect("a round");
    let row = acts::planning(&mut tx, city(), &round).await.expect("planned");
    let nominees: Vec<Nominee> = people.iter().map(|(keeper, id)| Nominee::of(*keeper, id)).collect();
    acts::nominate(&mut tx, &row, &nominees, "驻村办", &actor(app)).await.expect("nominated");
    let ids: Vec<String> = people.iter().map(|(_, id)| id.clone()).collect();
    for gate in Gate::ALL {
        let sitting = Sitting { gate, passed: true, why: None, body: "市委组织部" };
        acts::sign(&mut tx, &row, &ids, sitting, &actor(app)).await.expect("signed");
    }
    let plan = acts::solve_now(&mut tx, &row, None, pack, &actor(app)).await.expect("solved");
    acts::propose(&mut tx, &row, &plan, pack, &actor(app)).await.expect("proposed");
    tx.commit().await.expect("written");
    City { round, people, old }
}

async fn found(app: &App, scene: &City) -> Round {
    let mut conn = app.db.read().await.expect("a reader");
    store::find_round(&mut conn, city(), &scene.round).await.expect("read").expect("a round")
}

async fn begin(app: &App, scene: &City) -> Result<usize, AppError> {
    let mut tx = app.db.begin().await?;
    let pack = app.pack(&mut tx, city()).await?;
    let counties = flows::begin_approval(&mut tx, (city(), &scene.round), pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(counties)
}

/// One county of an approval, as its job does it before it is killed.
async fn one_county(app: &App, scene: &City) -> Option<usize> {
    let round = found(app, scene).await;
    let State::Approving { run, .. } = &round.state else { panic!("{:?}", round.state) };
    let mut conn = app.db.read().await.expect("a reader");
    let run = Run::find(&mut conn, run).await.expect("read").expect("a run");
    let pack = app.pack(&mut conn, city()).await.expect("a pack");
    let parts = acts::check_approval(&mut conn, &round, pack).await.expect("it holds");
    drop(conn);
    flows::make_next(app, (&round, &run), &parts, &actor(app)).await.expect("made")
}

/// What anybody sees.
async fn seen(app: &App) -> Vec<i64> {
    let mut conn = app.db.read().await.expect("a reader");
    let mut counts = Vec::new();
    for query in [
        "select count(*) from live_batch",
        "select count(*) from live_team",
        "select count(*) from live_posting",
        "select count(*) from live_handover",
        "select count(*) from live_fact",
        "select cast(coalesce(sum(facts), 0) as bigint) from live_rollup_day",
        "select count(*) from live_task where origin_kind <> 'dispatch_round' and done_at is null",
        "select count(*) from audit where county_id = 411327",
        "select count(*) from audit where county_id = 411328",
    ] {
        counts.push(conn.value(sql(query)).await.expect("counted"));
    }
    counts
}

/// What lies in the tables, seen or not.
async fn stored(app: &App) -> Vec<i64> {
    let mut conn = app.db.read().await.expect("a reader");
    let mut counts = Vec::new();
    for table in [
        "batch",
        "team",
        "team_neighbour",
        "posting",
        "posting_event",
        "handover",
        "handover_party",
        "handover_event",
        "fact",
        "staging",
        "staged_rollup_day",
    ] {
        let mut query = sql("select count(*) from ");
        query.push(table);
        counts.push(conn.value(query).await.expect("counted"));
    }
    counts
}

#[tokio::test]
async fn a_citys_round_takes_villages_units_and_people_of_its_counties() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = planned(&app).await;
        let round = found(&app, &scene).await;
        assert_eq!((round.county, round.place), (city(), code(CITY)));
        let mut conn = app.db.read().await.expect("a reader");
        let villages = store::villages(&mut conn, &round).await.expect("read");
        let names: Vec<&str> = villages.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["社旗县麦田村", "社旗县柳溪村", "唐河县河畔村"]);
        let plans = store::list_plans(&mut conn, &round).await.expect("read");
        assert!(plans[0].kept.is_none(), "a list does without the teams");
        let plan = store::find_plan(&mut conn, city(), &plans[0].id).await.expect("read").expect("a plan");
        let kept = plan.kept.expect("solved");
        assert_eq!(plan.summary, Some(kept.summary()));
        assert_eq!(kept.team(RIVER).map(|team| team.unit_name.as_str()), Some("市农业农村局"));
        assert!(kept.unmet.is_empty() && kept.optimal, "{:?}", kept.unmet);
        drop(conn);

        let root = round.address();
        let mut office = browser_of(&app, "city").await;
        office.get("/dispatch").await.is(200).shows("全市第二批").shows("南阳市");
        office.get(&format!("/dispatch/new?place={CITY}")).await.is(200).shows("只排这些县").shows("唐河县");
        office.get(&root).await.is(200).shows("待批准");
        office.get(&format!("{root}/pool?county=411300")).await.is(200).shows("乔山").hides("石磊");
        office.get(&format!("{root}/villages?county=411328")).await.is(200).shows("河畔村").hides("麦田村");
        office.get(&format!("{root}/units?county=411327")).await.is(200).shows(UNIT).hides("市农业农村局");
        office
            .get(&format!("{root}/plans/{}?county=411328", plan.id))
            .await
            .is(200)
            .shows("唐河县河畔村")
            .hides("麦田村");
        office.get(&format!("{root}/plans/{}/pairings/{VILLAGE}", plan.id)).await.is(200).shows("市农业农村局");
        office.get(&format!("{root}/nomination?keeper=411327")).await.is(200).shows("林一诺").hides("乔山");
        office.get(&format!("{root}/pool/{}", scene.people[3].1)).await.is(200).shows("石磊");
        // A county sees nothing of it; its units nominate their own.
        for name in ["office", "elsewhere", "leader"] {
            let mut county = browser_of(&app, name).await;
            county.get("/dispatch").await.is(200).hides("全市第二批");
            for tail in ["", "/pool", "/villages", "/units"] {
                county.get(&format!("{root}{tail}")).await.is(404);
            }
            county.get(&format!("/dispatch/new?place={CITY}")).await;
            assert!(county.page.status.is_client_error(), "{}", county.page.status);
        }
        browser_of(&app, "office").await.get(&format!("{root}/nomination")).await.is(404);
        let mut unit = browser_of(&app, "unit").await;
        unit.get("/nominations").await.is(200).shows("全市第二批");
        unit.get(&format!("{root}/nomination")).await.is(200).shows("林一诺").hides("乔山");
    }
}

#[tokio::test]
async fn an_approval_above_a_county_is_seen_by_nobody_until_all_of_it_is() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = planned(&app).await;
        let before = seen(&app).await;
        let mut office = browser_of(&app, "city").await;
        let root = found(&app, &scene).await.address();
        office.get(&format!("{root}/approval")).await.is(200).shows("逐县办理");
        office.submit(&format!("{root}/approval"), &[]).await.is(303);
        office.follow().await.is(200).shows("正在批准").shows("正在逐县办理");
        office.get(&format!("{root}/closure")).await.is(422).shows("正在逐县办理，不能再改");
        assert_eq!(one_county(&app, &scene).await, Some(1));
        assert_eq!(seen(&app).await, before, "nobody sees the first county");
        assert!(worker::step(&app).await.expect("carried out"));
        let round = found(&app, &scene).await;
        assert!(matches!(round.state, State::Approved { .. }), "{:?}", round.state);
        let mut conn = app.db.read().await.expect("a reader");
        for county in [COUNTY, OTHER_COUNTY] {
            let batches = postings::store::batches(&mut conn, code(county).county()).await.expect("read");
            let number = if county == COUNTY { 2 } else { 1 };
            assert_eq!((batches[0].number, batches[0].name.as_str()), (number, "全市第二批"));
        }
        let river = postings::store::of_village(&mut conn, code(RIVER)).await.expect("read");
        let first = river.iter().find(|row| row.role == "first_secretary").expect("a first secretary");
        assert_eq!((first.person_county, first.state.as_str()), (city(), "approved"));
        let handover =
            handover::store::find_by_posting(&mut conn, code(COUNTY).county(), &scene.old).await.expect("read");
        assert!(handover.expect("for the old hand").new_name.is_some());
        let audited = "select count(*) from audit where action = 'dispatch.approve' and county_id in (411327, 411328)";
        assert_eq!(conn.value::<i64>(sql(audited)).await.expect("counted"), 2);
        drop(conn);
        let now = seen(&app).await;
        for tidied in [false, true] {
            if tidied {
                housekeeping::finish(&app.db).await.expect("tidied");
            }
            let mut conn = app.db.read().await.expect("a reader");
            let report = check::check(&mut conn).await.expect("checked");
            assert_eq!(report.differences(), 0, "{:?}", report.lines());
            drop(conn);
            assert_eq!(seen(&app).await, now);
        }
        office.get(&root).await.is(200).shows("各县办成的").shows("社旗县").shows("唐河县");
        // A county sees its own share, not the round.
        let mut county = browser_of(&app, "elsewhere").await;
        county.get("/postings?state=all").await.is(200).shows("河畔村");
        county.get(&root).await.is(404);
    }
}

#[tokio::test]
async fn a_killed_approval_goes_on_where_it_stopped() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = planned(&app).await;
        assert_eq!(begin(&app, &scene).await.expect("begun"), 2);
        assert_eq!(one_county(&app, &scene).await, Some(1));
        let mut conn = app.db.read().await.expect("a reader");
        let round = found(&app, &scene).await;
        let first = store::made::<serde_json::Value>(&mut conn, &round).await.expect("read");
        drop(conn);
        // The process is gone; the next one clears up what was abandoned, and finds this is not.
        housekeeping::take_over(&app.db).await.expect("taken over");
        housekeeping::finish(&app.db).await.expect("tidied");
        assert!(worker::step(&app).await.expect("carried out"));
        let round = found(&app, &scene).await;
        assert!(matches!(round.state, State::Approved { .. }), "{:?}", round.state);
        let mut conn = app.db.read().await.expect("a reader");
        let made = store::made::<serde_json::Value>(&mut conn, &round).await.expect("read");
        assert_eq!(made.len(), 2);
        assert!(made.iter().any(|one| one.batch_id == first[0].batch_id), "the first county was made once");
        let batches = "select count(*) from live_batch where name = '全市第二批'";
        assert_eq!(conn.value::<i64>(sql(batches)).await.expect("counted"), 2);
    }
}

#[tokio::test]
async fn what_is_refused_on_the_way_changes_nothing_that_anybody_sees() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = planned(&app).await;
        let kept = stored(&app).await;
        begin(&app, &scene).await.expect("begun");
        assert_eq!(one_county(&app, &scene).await, Some(1));
        // 乔山 is posted by another office meanwhile.
        let (keeper, qiao) = &scene.people[0];
        posted(&app, (*keeper, qiao), "乔山", OTHER_VILLAGE, "2024-01-01", 24).await;
        let before = seen(&app).await;
        assert!(worker::step(&app).await.expect("carried out"));
        let round = found(&app, &scene).await;
        assert_eq!(round.state, State::Planning);
        assert!(round.proposed.is_some(), "the plan is still put forward");
        assert_eq!(seen(&app).await, before);
        housekeeping::finish(&app.db).await.expect("tidied");
        let rest: Vec<i64> = stored(&app).await.into_iter().zip(&kept).map(|(now, then)| now - then).collect();
        // The batch, posting, event and facts of what was entered by hand.
        assert_eq!((rest[0], rest[1], rest[3], rest[5], rest[9]), (1, 0, 1, 0, 0), "{rest:?}");
        let mut office = browser_of(&app, "city").await;
        office.get(&round.address()).await.is(200).shows("批准中止").shows("乔山（任期到 2026-01-01）");
        let said = begin(&app, &scene).await.expect_err("refused").say().zh();
        assert!(said.contains("乔山"), "{said}");
    }
}

#[tokio::test]
async fn who_approved_may_break_off_and_the_registers_are_asked_again() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = planned(&app).await;
        let before = seen(&app).await;
        begin(&app, &scene).await.expect("begun");
        one_county(&app, &scene).await;
        let root = found(&app, &scene).await.address();
        let mut office = browser_of(&app, "city").await;
        office.get(&format!("{root}/return")).await.is(200).shows("中止批准");
        office.submit(&format!("{root}/return"), &[("reason", "")]).await.is(422).shows("请写中止的原因");
        office.submit(&format!("{root}/return"), &[("reason", "会议改期")]).await.is(303);
        assert_eq!(found(&app, &scene).await.state, State::Planning);
        assert!(worker::step(&app).await.expect("the job finds nothing to do"));
        assert_eq!(seen(&app).await, before);
        // 邢岩's gate is refused while nothing runs: the next approval names it.
        let mut tx = app.db.begin().await.expect("a write");
        let round = acts::planning(&mut tx, city(), &scene.round).await.expect("planned");
        let no = Sitting { gate: Gate::Conduct, passed: false, why: Some("正在核实"), body: "市纪委监委" };
        let all: Vec<String> = scene.people.iter().map(|(_, id)| id.clone()).collect();
        acts::sign(&mut tx, &round, &all[1..2], no, &actor(&app)).await.expect("signed");
        tx.commit().await.expect("written");
        let said = begin(&app, &scene).await.expect_err("refused").say().zh();
        assert!(said.contains("邢岩的三关或年龄变了"), "{said}");
        assert_eq!(found(&app, &scene).await.state, State::Planning);
    }
}

/// Four counties with thirty villages and twenty units each: lists are paged and narrowed, all of it is approved.
#[tokio::test]
async fn a_large_round_is_read_by_pages_and_by_county() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("a write");
        let (at, since) = (app.clock.now(), day("2021-01-01"));
        let counties = [(411_327, "社旗县"), (411_328, "唐河县"), (411_329, "新野县"), (411_330, "桐柏县")];
        let mut nominees = Vec::new();
        for (county, name) in counties {
            let township = format!("{county}199");
            let mut divisions = vec![(code(&format!("{county}000000")), name.to_owned())];
            divisions.push((code(&format!("{township}000")), "新集镇".to_owned()));
            let villages: Vec<_> = (1..=30).map(|n| code(&format!("{township}2{n:02}"))).collect();
            divisions.extend(villages.iter().enumerate().map(|(n, village)| (*village, format!("第{n}村"))));
            places::store::save_all(&mut tx, &divisions, since).await.expect("divisions");
            places::store::ensure_villages(&mut tx, &villages).await.expect("villages");
            for village in villages {
                let category = VillageCategory::OutOfPoverty;
                places::store::set_category(&mut tx, village, category, since, None).await.expect("set");
            }
            let county = code(&format!("{county}000000")).county();
            for n in 0..20 {
                let own =
                    units::store::add(&mut tx, county, &unit(&format!("{name}第{n}局"), &[])).await.expect("a unit");
                for person_no in 0..2 {
                    let new = person(&format!("{name}{n}号{person_no}"), &own, "四级主任科员", "种植");
                    let id = people::store::add(&mut tx, &app.keys, county, &new, at).await.expect("a person");
                    nominees.push(Nominee::of(county, &id));
                }
            }
        }
        let new = NewRound { name: "大一轮".into(), starts_on: day("2024-03-01"), term_months: 24, parts: vec![] };
        let pack = app.pack(&mut tx, city()).await.expect("a pack");
        let round = acts::open(&mut tx, code(CITY), &new, pack, &actor(&app)).await.expect("a round");
        let row = acts::planning(&mut tx, city(), &round).await.expect("planned");
        acts::nominate(&mut tx, &row, &nominees, "驻村办", &actor(&app)).await.expect("nominated");
        let ids: Vec<String> = nominees.iter().map(|one| one.person.1.clone()).collect();
        for gate in Gate::ALL {
            let sitting = Sitting { gate, passed: true, why: None, body: "市委组织部" };
            acts::sign(&mut tx, &row, &ids, sitting, &actor(&app)).await.expect("signed");
        }
        let plan = acts::order(&mut tx, &row, None, &actor(&app)).await.expect("ordered");
        tx.commit().await.expect("written");
        assert!(worker::step(&app).await.expect("solved by the job"));
        let root = format!("/dispatch/{}/{round}", city());
        let mut office = browser_of(&app, "city").await;
        office.get(&root).await.is(200).shows("120 / 120");
        let at = format!("{root}/plans/{plan}");
        office.get(&at).await.is(200).shows("共 120 行").shows("另有 20 个没有列");
        assert_eq!(office.page.body().matches("data-drop=").count(), 50, "a page of pairings");
        office.get(&format!("{at}?county=411329")).await.is(200).shows("共 30 行").shows("新野县").hides("唐河县第0局");
        office.get(&format!("{root}/pool?county=411330&show=cleared")).await.is(200).shows("共 40 行");
        office.get(&format!("{root}/pool?show=waiting")).await.is(200).shows("这里没有人选");
        office.get(&format!("{root}/pool.csv?q=%E6%96%B0%E9%87%8E")).await.is(200).shows("新野县0号0").hides("桐柏县");
        office.get(&format!("{root}/villages?county=411328")).await.is(200).shows("共 30 行");
        office.get(&at).await;
        office.submit(&format!("{at}/proposal"), &[]).await.is(303);
        office.get(&format!("{root}/approval")).await.is(200).shows("组建 120 支队伍");
        office.submit(&format!("{root}/approval"), &[]).await.is(303);
        assert!(worker::step(&app).await.expect("approved by the job"));
        office.get(&root).await.is(200).shows("各县办成的").shows("桐柏县");
        let mut conn = app.db.read().await.expect("a reader");
        let teams = "select count(*) from live_team where county_id in (411327, 411328, 411329, 411330)";
        assert_eq!(conn.value::<i64>(sql(teams)).await.expect("counted"), 120);
        assert_eq!(check::check(&mut conn).await.expect("checked").differences(), 0);
    }
}
