//! Cadre, branch, township and office with a matter; the day's round; the door of who leaves.

use super::{figure, raised, sound, staff, step};
use crate::{
    accounts::{Actor, store as accounts},
    flows,
    matters::{
        self, FromExpress,
        rules::{Channel, Post, Stage},
        store,
    },
    spine::open_things::Holder,
    testing::{COUNTY, MIGRATIONS, OTHER_VILLAGE, VILLAGE, browser_of, code, databases, world},
};

fn root(id: &str) -> String {
    format!("/matters/411327/{id}")
}

#[tokio::test]
async fn a_call_is_noted_by_the_cadre_and_marked_so() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/matters/new").await.is(200).shows("记一件群众的事");
        lin.submit("/matters", &[("words", ""), ("channel", "card")]).await.is(422).shows("请选从哪里来的");
        let fields =
            [("words", "三组机井电机坏了，浇不上地。"), ("channel", "hotline"), ("outside_number", "NY20240118-7")];
        lin.submit("/matters", &fields).await.is(303);
        lin.follow().await.is(200).shows("跟进编号").shows("代录").shows("林一诺").shows("NY20240118-7");
        // The unit has no part in it, another township sees nothing of it, the leader sees no telephone.
        let root = lin.page.address.clone();
        browser_of(&app, "tangzhuang").await.get(&root).await.is(404);
        browser_of(&app, "unit").await.get(&root).await.is(403);
        let mut leader = browser_of(&app, "leader").await;
        leader.get(&root).await.is(200).hides("换人办");
        leader.get(&format!("{root}/steps/acceptance")).await.is(403);
        lin.get(&format!("/villages/{VILLAGE}/matter-form")).await.is(200).shows("代录").shows("什么事，在哪里");
        lin.get(&format!("/matters/screen?place={VILLAGE}")).await.is(200).shows("正在办").hides("机井");
        sound(&app).await;
    }
}

#[tokio::test]
async fn the_branch_deliberates_and_the_township_solves() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let matter = raised(&app, VILLAGE, "两家为宅基地边界吵了半年。", Channel::Room).await;
        let root = root(&matter.id);
        let mut lin = browser_of(&app, "cadre").await;
        assert_eq!(step(&mut lin, &root, "acceptance", &[("kind", "")]).await, 422);
        assert_eq!(step(&mut lin, &root, "acceptance", &[("kind", "land"), ("department", "自然资源局")]).await, 303);
        assert_eq!(figure(&app, "matter.raised.hard").await, 1, "the kind makes it a hard one");
        assert_eq!(step(&mut lin, &root, "deliberation", &[]).await, 303);
        let mut branch = browser_of(&app, "branch").await;
        branch.get("/").await.is(200).shows("两家为宅基地边界吵了半年");
        let meeting = [("chair", "司德春"), ("present", "7"), ("minutes", "老地契对不上，请乡镇来量。")];
        let wrong = [meeting.as_slice(), &[("decision", ""), ("day", "2024-01-19")]].concat();
        assert_eq!(step(&mut branch, &root, "decision", &wrong).await, 422);
        let right = [meeting.as_slice(), &[("decision", "township"), ("day", "2024-01-17")]].concat();
        assert_eq!(step(&mut branch, &root, "decision", &right).await, 303);
        branch.follow().await.is(200).shows("司德春 主持").shows("乡镇在办").shows("老地契对不上");
        branch.get(&format!("{root}/steps/outcome")).await.is(403);
        let mut township = browser_of(&app, "township").await;
        township.get("/").await.is(200).shows("两家为宅基地边界吵了半年");
        assert_eq!(step(&mut township, &root, "outcome", &[("words", "司法所到场丈量，双方签字。")]).await, 303);
        township.get(&format!("{root}/steps/outcome")).await.is(422);
        assert_eq!((figure(&app, "matter.solved.hard").await, figure(&app, "matter.solved.small").await), (1, 0));
        assert_eq!(step(&mut lin, &root, "rating", &[("level", "fair")]).await, 303);
        lin.follow().await.is(200).shows("基本满意（林一诺代记）");
        lin.get("/matters/board").await.is(200).shows("已办结");
        browser_of(&app, "office").await.get("/matters/board").await.is(200).shows("苗店镇");
        sound(&app).await;
    }
}

#[tokio::test]
async fn the_same_matter_is_suggested_and_merged() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        let first = raised(&app, VILLAGE, "二组老井边的水管爆裂，水流到路上。", Channel::Phone).await;
        assert_eq!(step(&mut lin, &root(&first.id), "acceptance", &[("kind", "water")]).await, 303);
        let again = raised(&app, VILLAGE, "老井边水管爆裂，二组没有水了。", Channel::Chat).await;
        let root = root(&again.id);
        lin.get(&root).await.is(200).shows("可能是同一件").shows("多半是“供水、水管”").shows("第 1 号");
        lin.get(&format!("{root}/steps/duplicate")).await.is(200);
        lin.submit(&format!("{root}/steps/duplicate"), &[("number", "99")]).await.is(422).shows("本村没有这个编号");
        lin.submit(&format!("{root}/steps/duplicate"), &[("number", "1")]).await.is(303);
        lin.follow().await.is(200).shows("并入第 1 号").shows("已并入");
        assert_eq!(figure(&app, "matter.raised.small").await, 1, "said twice, it is one matter");
        // Another village's number is none of theirs.
        raised(&app, OTHER_VILLAGE, "石桥村的桥裂了一道缝。", Channel::Visit).await;
        let third = raised(&app, VILLAGE, "二组路灯不亮。", Channel::Visit).await;
        assert_eq!(step(&mut lin, &super::staff::root(&third.id), "duplicate", &[("number", "3")]).await, 422);
        sound(&app).await;
    }
}

#[tokio::test]
async fn what_is_late_climbs_and_what_nobody_rates_closes() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let county = code(COUNTY).county();
        let matter = raised(&app, VILLAGE, "路灯不亮了好几天。", Channel::Phone).await;
        let find = async |id: &str| {
            let mut conn = app.db.read().await.expect("a reader");
            store::find(&mut conn, county, id).await.expect("read").expect("there")
        };
        let round = async |days: i64| {
            let by = Actor {
                at: app.clock.now().plus_seconds(days * 86_400),
                today: app.clock.today().plus_days(days),
                ..Actor::command_line(app.clock)
            };
            let mut tx = app.db.begin().await.expect("a write");
            let pack = app.pack(&mut tx, county).await.expect("a pack");
            let moved = matters::every_day(&mut tx, county, pack, &by).await.expect("a round");
            tx.commit().await.expect("written");
            moved
        };
        assert_eq!(round(0).await, 0);
        assert_eq!((round(2).await, find(&matter.id).await.climb), (1, 1));
        assert_eq!(round(2).await, 0, "once");
        browser_of(&app, "township").await.get("/").await.is(200).shows("督办：路灯不亮了好几天");
        assert_eq!((round(6).await, find(&matter.id).await.climb), (1, 2));
        browser_of(&app, "office").await.get("/").await.is(200).shows("督办：路灯不亮了好几天");
        let mut lin = browser_of(&app, "cadre").await;
        assert_eq!(step(&mut lin, &root(&matter.id), "outcome", &[("words", "换了灯头。")]).await, 303);
        browser_of(&app, "office").await.get("/").await.is(200).hides("督办：路灯不亮了好几天");
        assert_eq!(find(&matter.id).await.stage(), Stage::Solved);
        assert_eq!((round(8).await, find(&matter.id).await.stage()), (1, Stage::Closed));
        sound(&app).await;
    }
}

#[tokio::test]
async fn the_express_answers_and_the_matter_follows() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let county = code(COUNTY).county();
        let matter = raised(&app, VILLAGE, "通组路要硬化，村里没有钱。", Channel::Visit).await;
        let mut lin = browser_of(&app, "cadre").await;
        assert_eq!(step(&mut lin, &root(&matter.id), "acceptance", &[("kind", "road")]).await, 303);
        assert_eq!(step(&mut lin, &root(&matter.id), "express", &[("words", "缺 18 万元")]).await, 303);
        lin.follow().await.is(200).shows("直通车在办");
        let by = Actor::command_line(app.clock);
        for (answer, stage) in [
            (FromExpress::SentBack { why: "先报项目库".into() }, Stage::Accepted),
            (FromExpress::Solved { words: "不在直通车里，不动".into(), unit_id: None }, Stage::Accepted),
        ] {
            let mut tx = app.db.begin().await.expect("a write");
            let pack = app.pack(&mut tx, county).await.expect("a pack");
            matters::from_express(&mut tx, (county, &matter.id), answer, pack, &by).await.expect("taken");
            tx.commit().await.expect("written");
            let mut conn = app.db.read().await.expect("a reader");
            assert_eq!(store::find(&mut conn, county, &matter.id).await.expect("read").expect("there").stage(), stage);
        }
        assert_eq!(step(&mut lin, &root(&matter.id), "express", &[("words", "已入库")]).await, 303);
        let mut tx = app.db.begin().await.expect("a write");
        let pack = app.pack(&mut tx, county).await.expect("a pack");
        let solved = FromExpress::Solved { words: "交通局列入年度计划".into(), unit_id: None };
        matters::from_express(&mut tx, (county, &matter.id), solved, pack, &by).await.expect("taken");
        tx.commit().await.expect("written");
        lin.get(&root(&matter.id)).await.is(200).shows("交通局列入年度计划").shows("待评价");
        assert_eq!(figure(&app, "matter.solved.hard").await, 1);
        sound(&app).await;
    }
}

#[tokio::test]
async fn who_leaves_hands_over_what_was_theirs() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let county = code(COUNTY).county();
        let common = raised(&app, VILLAGE, "路灯不亮了好几天。", Channel::Phone).await;
        let own = raised(&app, VILLAGE, "帮孙奶奶续医保。", Channel::Visit).await;
        raised(&app, OTHER_VILLAGE, "别的村的事情一件。", Channel::Visit).await;
        let mut conn = app.db.read().await.expect("a reader");
        let account = accounts::find_by_name(&mut conn, "cadre").await.expect("read").expect("an account");
        let next = accounts::find_by_name(&mut conn, "mentor").await.expect("read").expect("an account");
        drop(conn);
        let mut lin = browser_of(&app, "cadre").await;
        let to_lin = format!("cadre:{}", account.id);
        assert_eq!(step(&mut lin, &root(&own.id), "holder", &[("holder", "cadre:nobody")]).await, 422);
        assert_eq!(step(&mut lin, &root(&own.id), "holder", &[("holder", &to_lin)]).await, 303);
        let holder = |account: &str| Holder { village: code(VILLAGE), person: None, account_id: Some(account.into()) };
        let door = flows::OPEN_THINGS.iter().find(|door| door.kind == "matter").expect("a door");
        let mut tx = app.db.begin().await.expect("a write");
        let things = (door.list)(&mut tx, &holder(&account.id)).await.expect("listed");
        let mut ids: Vec<_> = things.iter().map(|thing| thing.id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, [common.id.as_str(), own.id.as_str()]);
        // Their tasks are not listed a second time.
        let task_door = flows::OPEN_THINGS.iter().find(|door| door.kind == "task").expect("a door");
        let tasks = (task_door.list)(&mut tx, &holder(&account.id)).await.expect("listed");
        assert!(tasks.is_empty(), "{tasks:?}");
        let by = Actor::command_line(app.clock);
        let moved = (door.hand_over)(&mut tx, &holder(&account.id), &holder(&next.id), &by).await.expect("moved");
        tx.commit().await.expect("written");
        assert_eq!(moved, 1);
        let mut conn = app.db.read().await.expect("a reader");
        let after = store::find(&mut conn, county, &own.id).await.expect("read").expect("there");
        assert_eq!((after.post, after.account_id.as_deref()), (Post::Cadre, Some(next.id.as_str())));
        let task = base::db::sql("select account_id from live_task where origin_id = $1").bind(&own.id);
        assert_eq!(conn.one::<(Option<String>,)>(task).await.expect("read").0, Some(next.id));
    }
}

#[tokio::test]
async fn a_member_looks_after_ten_households() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let county = code(COUNTY).county();
        let mut tx = app.db.begin().await.expect("a write");
        let home = crate::households::Household {
            village: code(VILLAGE),
            number: None,
            team: Some("2组".into()),
            head: "邵永安".into(),
            members: Some(3),
            status: crate::households::Status::Monitored,
            since: app.clock.today(),
        };
        let ids = crate::households::store::add_all(&mut tx, county, &[home], app.clock.now()).await.expect("kept");
        tx.commit().await.expect("written");
        let mut branch = browser_of(&app, "branch").await;
        branch.get(&format!("/ten-households?place={VILLAGE}")).await.is(200).shows("还有 1 户没有党员联系");
        branch.submit("/ten-households", &[("name", "何春和"), ("phone", "123")]).await.is(422).shows("应是 11 位");
        branch.submit("/ten-households", &[("name", "何春和"), ("phone", "")]).await.is(303);
        branch.follow().await.is(200).shows("邵永安");
        let action = branch.page.address.clone();
        branch.submit(&action, &[("home", &ids[0])]).await.is(303);
        branch.follow().await.is(200).shows("还有 0 户没有党员联系");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&format!("/matters/new?village={VILLAGE}")).await.is(200).shows("邵永安（2组）");
        let fields = [("words", "想问问孙子上学的补助。"), ("channel", "member"), ("household", ids[0].as_str())];
        lin.submit("/matters", &fields).await.is(303);
        lin.follow().await.is(200).shows("联系党员").shows("何春和").shows("邵永安家");
        browser_of(&app, "tangzhuang").await.get(&action).await.is(404);
    }
}

#[tokio::test]
async fn a_villages_page_tells_of_its_matters_to_those_who_may_read_them() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        raised(&app, VILLAGE, "二组老井边的水管爆裂，水流到路上。", Channel::Phone).await;
        raised(&app, crate::testing::OTHER_VILLAGE, "村口水管漏水，修过又漏。", Channel::Phone).await;
        let page = format!("/villages/{VILLAGE}");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&page).await.is(200).shows("群众事项").shows("水管爆裂").shows("1 件").hides("修过又漏");
        let linked = format!("/matters?place={VILLAGE}");
        assert!(lin.page.body().contains(&format!("href=\"{linked}\"")), "the figure opens");
        lin.get(&linked).await.is(200).shows("水管爆裂");
        browser_of(&app, "township").await.get(&page).await.is(200).shows("水管爆裂");
        // The unit sees who is posted where, not what villagers need.
        let mut unit = browser_of(&app, "unit").await;
        unit.get(&page).await;
        if unit.page.status == 200 {
            unit.page.hides("水管爆裂");
        }
    }
}
