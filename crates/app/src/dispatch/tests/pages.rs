//! A round in the browser, by the office, a unit and a leader.

use base::{
    db::{Kind, plan_of},
    testing::Browser,
};

use super::{actor, cleared, county, nominate, scene, solved};
use crate::{
    accounts::Scope,
    dispatch::{acts, store},
    packs,
    spine::audit,
    testing::{
        COUNTY, MIGRATIONS, OTHER_VILLAGE, SECOND_VILLAGE, TOWNSHIP, VILLAGE, browser_of, code, databases, world,
    },
    worker,
};

/// The first link of the page that begins so.
fn link(browser: &Browser, start: &str) -> String {
    let body = browser.page.body();
    let mut all = body.split("href=\"").skip(1).filter_map(|tail| tail.split('"').next());
    all.find(|href| href.starts_with(start) && href.len() > start.len()).expect("a link").to_owned()
}

#[tokio::test]
async fn the_office_goes_from_pool_to_approval() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/dispatch").await.is(200).shows("第二批").shows("排计划中");
        office.get("/dispatch/new").await.is(200).shows("苗店镇");
        let late = [("name", "第三批"), ("starts_on", "2023-01-01"), ("term_months", "24")];
        office.submit("/dispatch", &late).await.is(422).shows("不能早于今天");
        assert!(office.page.body().contains("value=\"第三批\""), "what was typed is kept");
        office.submit("/dispatch", &[("name", "")]).await.is(422).shows("请写这一轮的名称");
        let part = [("name", "苗店补派"), ("starts_on", "2024-03-01"), ("term_months", "12"), ("part", TOWNSHIP)];
        office.submit("/dispatch", &part).await.is(303);
        let own = office.page.location().expect("a round").to_owned();
        office.follow().await.is(200).shows("苗店补派");
        office.get(&format!("{own}/villages")).await.is(200).shows("麦田村").shows("柳溪村").shows("共 2 行");

        let root = scene.root();
        office.get("/").await.is(200).shows("排派驻计划：第二批");
        office.get(&format!("{root}/nomination?name=%E7%9F%B3")).await.is(200).shows("石磊").hides("许诺");
        office.submit(&format!("{root}/candidates"), &[]).await.is(422).shows("请勾选要推荐的人");
        office.get(&format!("{root}/nomination")).await.is(200).shows("许诺");
        let all: Vec<(&str, &str)> = scene.people.iter().map(|id| ("person", id.as_str())).collect();
        office.submit(&format!("{root}/candidates"), &all).await.is(303);
        office.follow().await.shows("推荐了 7 人").hides("许诺");

        office.get(&format!("{root}/pool?show=waiting")).await.is(200).shows("待签 3 关").shows("级别没有对上");
        let mut words = all.clone();
        words.extend([("gate", "all"), ("verdict", "refused"), ("why", "")]);
        office.submit(&format!("{root}/gates"), &words).await.is(422).shows("不通过要写明原因");
        words.truncate(all.len());
        words.extend([("gate", "all"), ("verdict", "passed")]);
        office.get(&format!("{root}/pool")).await;
        office.submit(&format!("{root}/gates"), &words).await.is(303);
        office.follow().await.is(200).shows("三关已过");
        office.get(&format!("{root}/pool.csv")).await.is(200).shows("石磊").shows("1;1;1");
        let gu = format!("{root}/pool/{}", scene.people[6]);
        office.get(&gu).await.is(200).shows("县纪委监委机关").shows("单位自定");
        let known = [("what", "rank"), ("rank", "8"), ("home", TOWNSHIP)];
        office.submit(&gu, &known).await.is(303);
        office.follow().await.is(200).shows("单位自定（乡科级副职或中层）").shows("苗店镇");

        office.get(&format!("{root}/villages")).await.is(200).shows("麦田村").shows("软弱涣散 1");
        let village = format!("{root}/villages/{VILLAGE}");
        assert!(office.get(&village).await.is(200).body().contains("饮水"));
        office.submit(&village, &[("team_size", "0")]).await.is(422).shows("队伍要 1 到 20 人");
        office.get(&village).await;
        office.submit(&format!("{village}/forbidden"), &[("unit", &scene.trade), ("why", "")]).await.is(422);
        office.page.shows("请写回避的原因");
        office.submit(&format!("{village}/forbidden"), &[("unit", &scene.trade), ("why", "亲属")]).await.is(303);
        office.follow().await.shows("亲属");
        office.get(&format!("{root}/villages")).await.shows("回避县商务局");
        office.submit(&format!("{root}/demand"), &[("village", OTHER_VILLAGE)]).await.is(422).shows("已经在村需求里");
        office.get(&format!("{root}/units")).await.is(200).shows("县商务局");
        let unit = format!("{root}/units/{}", scene.water);
        office.get(&unit).await.is(200);
        office.submit(&unit, &[("max_teams", "-1")]).await.is(422).shows("0 到 99");
        assert!(office.page.body().contains("value=\"-1\""));
        office.submit(&unit, &[("max_teams", "3"), ("strong", "yes")]).await.is(303);

        office.get(&root).await.is(200).shows("还没有方案");
        office.submit(&format!("{root}/plans"), &[]).await.is(303);
        office.follow().await.is(200).shows("正在排方案");
        assert!(worker::step(&app).await.expect("carried out"));
        let plan = office.page.address.clone();
        office.get(&plan).await.is(200).shows("已证明最好").shows("电商 ↔ 县商务局").shows("各单位的担子");
        office.get(&format!("{plan}/plan.csv")).await.is(200).shows("village_code,unit_id,person_id,role,covered_by");
        office.page.shows("leader");
        let pairing = format!("{plan}/pairings/{SECOND_VILLAGE}");
        office.get(&pairing).await.is(200).shows("为什么这样配");
        office.submit(&pairing, &[("act", "unit")]).await.is(303);
        office.follow().await.shows("已锁定");
        office.submit(&pairing, &[("act", "other"), ("unit", &scene.trade)]).await.is(303);
        assert!(worker::step(&app).await.expect("carried out"));
        let second = office.page.location().expect("a plan").to_owned();
        office.get(&second).await.is(200).shows("已锁定单位");
        let (one, other) = (plan.rsplit('/').next().expect("an id"), second.rsplit('/').next().expect("an id"));
        office.get(&format!("{root}/comparison?one={one}&other={other}")).await.is(200).shows("配得不一样的村");
        office.page.shows("柳溪村");
        office.get(&second).await;
        office.submit(&format!("{second}/proposal"), &[]).await.is(303);
        office.follow().await.is(200).shows("待批准");
        office.get("/").await.shows("批准派驻计划：第二批 方案 2");
        office.get(&format!("{root}/return")).await.is(200);
        office.submit(&format!("{root}/return"), &[("reason", "")]).await.is(422).shows("请写退回的原因");
        office.get(&format!("{root}/approval")).await.is(200).shows("组建 3 支队伍");
        office.submit(&format!("{root}/approval"), &[]).await.is(303);
        office.follow().await.is(200).shows("已批准").shows("任命名单").shows("印选派通知");
        let list = link(&office, "/postings?state=all").replace("&#38;", "&").replace("&amp;", "&");
        office.get(&list).await.is(200).shows("已批准").shows("第一书记");
        let letters = format!("/prints?kind=letters&batch=1&place={COUNTY}");
        office.get(&letters).await.is(200);
        office.submit("/prints", &[("batch", "x")]).await.is(422).shows("批次号应为 1 到 99 的数字");
        office.submit("/prints", &[("batch", "9")]).await.is(422).shows("没有要印的通知");
        office.submit("/prints", &[("batch", "1")]).await.is(303);
        assert!(worker::step(&app).await.expect("carried out"));
        office.get("/").await.shows("确认到岗");
        office.get(&format!("{root}/closure")).await.is(422).shows("已在 2024-01-18 批准");
    }
}

#[tokio::test]
async fn a_unit_nominates_its_own_and_sees_no_plan() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let mut unit = browser_of(&app, "unit").await;
        unit.get("/nominations").await.is(200).shows("第二批");
        let form = format!("{}/nomination", scene.root());
        unit.get(&form).await.is(200).shows("石磊").hides("丁宁");
        let add = format!("{}/candidates", scene.root());
        unit.submit(&add, &[("person", &scene.people[3])]).await.is(404);
        unit.get(&form).await;
        unit.submit(&add, &[("person", &scene.people[0])]).await.is(303);
        unit.follow().await.shows("已推荐的人").shows("待签 3 关");
        unit.get("/dispatch").await.is(403);
        unit.get(&scene.root()).await.is(403);
        // Another county's office, a township: nothing here is theirs.
        browser_of(&app, "elsewhere").await.get(&scene.root()).await.is(404);
        browser_of(&app, "elsewhere").await.get(&form).await.is(404);
        browser_of(&app, "township").await.get(&form).await.is(403);
        browser_of(&app, "city").await.get(&scene.root()).await.is(200).shows("第二批");
    }
}

#[tokio::test]
async fn a_leader_approves_only_where_the_pack_says_so() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let plan = solved(&app, &scene, None).await;
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        let pack = app.pack(&mut tx, county()).await.expect("a pack");
        acts::propose(&mut tx, &round, &plan.id, pack, &actor(&app)).await.expect("proposed");
        tx.commit().await.expect("written");
        let mut leader = browser_of(&app, "leader").await;
        leader.get(&scene.root()).await.is(200).shows("由谁批准").hides("停办");
        leader.get(&format!("{}/plans/{}", scene.root(), plan.id)).await.is(200).hides("送审");
        leader.get(&format!("{}/approval", scene.root())).await.is(403);
        leader.get(&format!("{}/pool", scene.root())).await.is(200).hides("给勾选的人签");
        leader.get(&format!("{}/villages", scene.root())).await.is(200).hides("加一个村");
    }
}

#[tokio::test]
async fn where_the_pack_says_so_the_leader_approves_and_the_office_does_not() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("a write");
        packs::store::save_setting(&mut tx, county(), "pack", "sheqi").await.expect("set");
        tx.commit().await.expect("written");
        let scene = cleared(&app).await;
        let plan = solved(&app, &scene, None).await;
        let (root, mut office) = (scene.root(), browser_of(&app, "office").await);
        office.get(&format!("{root}/plans/{}", plan.id)).await.is(200);
        office.submit(&format!("{root}/plans/{}/proposal", plan.id), &[]).await.is(303);
        office.follow().await.is(200).shows("待批准").shows("退回");
        office.get(&format!("{root}/approval")).await.is(403);
        let mut leader = browser_of(&app, "leader").await;
        leader.get("/").await.is(200).shows("批准派驻计划：第二批 方案 1");
        leader.get(&format!("{root}/approval")).await.is(200).shows("组建 3 支队伍");
        // The page that the leader was given is of no use to the office.
        let forms = office.get(&format!("{root}/return")).await.forms();
        let own = forms.into_iter().find(|form| form.action.ends_with("/return")).expect("its own form");
        let fields = own.fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        office.post_raw(&format!("{root}/approval"), &[], &fields).await.is(403);
        leader.get(&format!("{root}/approval")).await;
        leader.submit(&format!("{root}/approval"), &[]).await.is(303);
        leader.follow().await.is(200).shows("已批准");
        let mut conn = app.db.read().await.expect("a reader");
        let lines = audit::list(&mut conn, county(), Some(("dispatch_round", &scene.round)), None, 50).await;
        let lines = lines.expect("lines");
        let who = |action: &str| lines.iter().find(|one| one.action == action).map(|one| one.actor.as_str());
        assert_eq!(who("dispatch.propose"), Some("宋知远"), "who planned");
        assert_eq!(who("dispatch.approve"), Some("秦思远"), "who approved");
        drop(conn);
        office.get(&root).await.is(200).shows("秦思远").shows("任命名单");
    }
}

/// A unit that may not serve a village is refused with its reason before anything is solved.
#[tokio::test]
async fn a_pairing_by_hand_that_breaks_a_rule_is_refused_with_its_reason() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let plan = solved(&app, &scene, None).await;
        let mut office = browser_of(&app, "office").await;
        let village = format!("{}/villages/{VILLAGE}", scene.root());
        office.get(&village).await;
        office.submit(&format!("{village}/forbidden"), &[("unit", &scene.trade), ("why", "亲属")]).await.is(303);
        let at = format!("{}/plans/{}", scene.root(), plan.id);
        let body = office.get(&at).await.is(200).body();
        assert!(body.contains("data-drop=") && body.contains("id=\"move\""), "units may be dragged");
        let moved = [("act", "other"), ("unit", scene.trade.as_str())];
        office.get(&format!("{at}/pairings/{VILLAGE}")).await.is(200);
        office.submit(&format!("{at}/pairings/{VILLAGE}"), &moved).await.is(422).shows("不能这样配").shows("麦田村");
        let mut conn = app.db.read().await.expect("a reader");
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        assert!(store::locks(&mut conn, &round).await.expect("read").is_empty(), "nothing was kept of it");
        drop(conn);
        office.get(&format!("{at}/pairings/{SECOND_VILLAGE}")).await.is(200);
        let moved = [("act", "other"), ("unit", scene.trade.as_str())];
        office.submit(&format!("{at}/pairings/{SECOND_VILLAGE}"), &moved).await.is(303);
    }
}

#[tokio::test]
async fn a_solve_that_cannot_be_is_said_on_its_page() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        // Two villages locked to a unit that may send one team, each with its people.
        let terms = crate::dispatch::rules::UnitTerms { strong: false, max_teams: 1 };
        acts::save_unit(&mut tx, &round, &scene.water, terms, &actor(&app)).await.expect("saved");
        for (village, person) in [(VILLAGE, 0), (SECOND_VILLAGE, 1)] {
            let people = [scene.people[person].clone()];
            let locked = acts::Locked::Team(&scene.water, &people);
            acts::lock(&mut tx, &round, code(village), locked, &actor(&app)).await.expect("locked");
        }
        let plan = acts::order(&mut tx, &round, None, &actor(&app)).await.expect("ordered");
        tx.commit().await.expect("written");
        assert!(worker::step(&app).await.expect("carried out"));
        let mut office = browser_of(&app, "office").await;
        office.get(&format!("{}/plans/{plan}", scene.root())).await.is(200).shows("没有排成，先改这些");
        office.page.shows("社旗县水利局 锁定了 2 个村，最多派 1 队");
        office.get(&format!("{}/plans/{plan}/plan.csv", scene.root())).await.is(422);
    }
}

#[tokio::test]
async fn lists_are_read_in_the_order_of_an_index() {
    for db in databases(&MIGRATIONS).await {
        if db.db().kind() != Kind::Sqlite {
            continue;
        }
        let app = world(&db).await;
        let scene = scene(&app).await;
        nominate(&app, &scene, &scene.people[..2]).await;
        let mut conn = app.db.read().await.expect("a reader");
        for state in [None, Some("planning")] {
            let query = store::list_query(&Scope::of(code(COUNTY)), state, 50, 0);
            let plan = plan_of(&mut conn, query).await.expect("a plan");
            assert!(plan.iter().any(|step| step.contains("USING INDEX dispatch_round_list")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        let query = store::nominable_query(&round, Some(county()), None, ("", ""), (51, 0));
        let plan = plan_of(&mut conn, query).await.expect("a plan");
        assert!(plan.iter().any(|step| step.contains("person_name")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
