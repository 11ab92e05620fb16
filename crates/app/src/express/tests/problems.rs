//! The whole way of a problem, and what goes wrong on it.

use base::testing::Browser;

use super::{county, departments, figure, on, pack, problem, refused, sound};
use crate::{
    express::problems::{Claim, Origin, Way, acts, every_day, store},
    spine::tasks,
    testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, databases, today, world},
};

/// The record of a problem in the browser.
async fn open<'b>(browser: &'b mut Browser, id: &str) -> &'b base::testing::Page {
    browser.get(&format!("/problems/{}/{id}", county())).await
}

#[tokio::test]
async fn a_problem_is_reported_screened_claimed_solved_and_struck_off_by_its_reporter() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/problems/new").await.is(200);
        let fields = [
            ("title", "南渠塌方浇不上地"),
            ("words", "南边的水渠塌了三处，三百亩地浇不上水。"),
            ("block", "utilities"),
            ("amount", "120000"),
        ];
        // Yuan typed as 万元 is asked about, and what was typed is kept.
        lin.submit("/problems", &fields).await.is(422).shows("是不是把元写成了万元").shows("三百亩地");
        lin.submit("/problems", &[("amount", "12")]).await.is(303);
        let address = lin.page.location().expect("an address").to_owned();
        let id = address.rsplit('/').next().expect("an id").to_owned();
        lin.get(&address).await.is(200).shows("南渠塌方浇不上地").shows("已上报").hides("筛选：交给谁");
        assert_eq!(figure(&app, "problem.raised", VILLAGE).await, 1);
        assert_eq!(figure(&app, "problem.amount", COUNTY).await, 12_000_000);
        assert_eq!(figure(&app, "problem.block.utilities", COUNTY).await, 1);

        let mut song = browser_of(&app, "office").await;
        song.get("/").await.is(200).shows("筛选问题：南渠塌方浇不上地");
        open(&mut song, &id).await.is(200).shows("建议：社旗县水利局（渠、水）".split('（').next().expect("a name"));
        song.submit(&format!("{address}/screening"), &[("to", &water.id)]).await.is(303);

        let mut fang = browser_of(&app, "department").await;
        fang.get("/").await.is(200).shows("答复或认领：南渠塌方浇不上地");
        fang.get("/problems").await.is(200).shows("南渠塌方浇不上地");
        open(&mut fang, &id).await.is(200).shows("本单位的答复");
        fang.submit(&format!("{address}/claim"), &[("promise", ""), ("due", "2024-02-20")]).await.is(422);
        fang.submit(&format!("{address}/claim"), &[("promise", "二月前修好三处"), ("due", "2024-02-20")]).await.is(303);
        assert_eq!(figure(&app, "problem.state.claimed", COUNTY).await, 1);
        open(&mut fang, &id).await.is(200);
        fang.submit(&format!("{address}/reports"), &[("report_words", "材料已进场")]).await.is(303);
        open(&mut fang, &id).await.is(200).shows("材料已进场");
        fang.submit(&format!("{address}/solution"), &[("evidence", "三处已修好，通了水")]).await.is(303);

        // Only the reporter says whether it is solved.
        open(&mut song, &id).await.is(200).hides("确认解决，销号");
        lin.get("/").await.is(200).shows("确认问题是否解决：南渠塌方浇不上地");
        open(&mut lin, &id).await.is(200);
        lin.submit(&format!("{address}/return"), &[("return_why", "第三处又漏了")]).await.is(303);
        assert_eq!(figure(&app, "problem.state.claimed", COUNTY).await, 1);
        open(&mut fang, &id).await.is(200).shows("第三处又漏了");
        fang.submit(&format!("{address}/solution"), &[("evidence", "重新砌了，已通水三天")]).await.is(303);
        open(&mut lin, &id).await.is(200);
        lin.submit(&format!("{address}/confirmation"), &[]).await.is(303);
        open(&mut lin, &id).await.is(200).shows("已销号").shows("材料已进场").shows("第三处又漏了");
        assert_eq!(figure(&app, "problem.struck_off", VILLAGE).await, 1);
        for code in ["waiting", "claimed", "solved"] {
            assert_eq!(figure(&app, &format!("problem.state.{code}"), COUNTY).await, 0, "{code}");
        }
        fang.get("/").await.hides("南渠塌方浇不上地");
        song.get("/figures/problem.struck_off").await.is(200).shows("困难问题");
        sound(&app).await;
    }
}

#[tokio::test]
async fn not_ours_names_whose_it_is_and_the_office_decides() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, roads) = departments(&app).await;
        let id = problem(&app, "村口小桥窄", Origin::Direct, "2024-01-10").await.expect("raised");
        let key = (county(), id.as_str());
        let mut tx = app.db.begin().await.expect("a write");
        acts::screen(&mut tx, key, (Way::To(&water), None), pack(&app), &on("2024-01-11", "宋知远"))
            .await
            .expect("done");
        tx.commit().await.expect("written");
        let address = format!("/problems/{}/{id}", county());
        let mut fang = browser_of(&app, "department").await;
        fang.get(&address).await.is(200);
        let to = format!("{address}/transfer");
        fang.submit(&to, &[("whose", ""), ("transfer_why", "不是水利工程")]).await.is(422).shows("请选应归哪个单位");
        fang.submit(&to, &[("whose", &water.id), ("transfer_why", "不是")]).await.is(422).shows("请选另一个单位");
        fang.submit(&to, &[("whose", &roads.id), ("transfer_why", "")]).await.is(422).shows("请写依据");
        fang.submit(&to, &[("whose", &roads.id), ("transfer_why", "桥在县道上，归交通部门养护")]).await.is(303);
        // It is nobody's in the bureau any more: out of sight.
        fang.get(&address).await.is(404);
        let mut song = browser_of(&app, "office").await;
        song.get("/").await.shows("定归哪个单位办：村口小桥窄");
        song.get(&address).await.is(200).shows("待定归属").shows("应归社旗县交通运输局");
        song.submit(&format!("{address}/screening"), &[("to", &roads.id)]).await.is(303);
        song.get(&address).await.shows("社旗县交通运输局");
        sound(&app).await;
    }
}

#[tokio::test]
async fn of_two_departments_at_once_one_leads() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, roads) = departments(&app).await;
        let id = problem(&app, "桥和渠一起坏了", Origin::Direct, "2024-01-10").await.expect("raised");
        let key = (county(), id.as_str());
        let office = on("2024-01-11", "宋知远");
        let mut tx = app.db.begin().await.expect("a write");
        acts::screen(&mut tx, key, (Way::To(&water), None), pack(&app), &office).await.expect("screened");
        tx.commit().await.expect("written");
        let take = async |unit: &crate::express::departments::Department| {
            let mut tx = app.db.begin().await?;
            let claim = Claim { lead: unit, joining: &[], promise: "来修", due: today().plus_days(9), meeting: None };
            acts::claim(&mut tx, key, claim, pack(&app), &on("2024-01-12", &unit.name)).await?;
            Ok::<(), base::web::AppError>(tx.commit().await?)
        };
        let (first, second) = tokio::join!(take(&water), take(&roads));
        let (won, lost): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1));
        for lost in lost {
            assert!(refused(lost).contains("配合办理"));
        }
        let claims = store::claims(&mut app.db.read().await.expect("a reader"), county(), &id).await.expect("read");
        assert_eq!(claims.iter().filter(|claim| claim.part == "lead").count(), 1);
        // The key itself holds, whatever the state says.
        let lead = &claims[0];
        let other = if lead.unit_id == water.id { &roads } else { &water };
        let mut tx = app.db.begin().await.expect("a write");
        let new = store::NewClaim { unit: other, is_lead: true, promise: "x", due: today(), meeting: None };
        assert_eq!(store::add_claim(&mut tx, county(), &id, &new, today()).await.expect("no error"), None);
        drop(tx);
        let mut tx = app.db.begin().await.expect("a write");
        acts::join(&mut tx, key, other, "出材料", &on("2024-01-13", "韩立")).await.expect("joined");
        assert!(
            refused(acts::join(&mut tx, key, other, "再来", &on("2024-01-13", "韩立")).await).contains("已经认领过")
        );
        drop(tx);
        sound(&app).await;
    }
}

#[tokio::test]
async fn lateness_climbs_to_the_city() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let id = problem(&app, "机井电不够", Origin::Direct, "2023-11-01").await.expect("raised");
        let key = (county(), id.as_str());
        let mut tx = app.db.begin().await.expect("a write");
        let office = on("2023-11-02", "宋知远");
        acts::screen(&mut tx, key, (Way::To(&water), None), pack(&app), &office).await.expect("screened");
        let due = base::kernel::Day::parse("2023-12-20").expect("a day");
        let claim = Claim { lead: &water, joining: &[], promise: "增容", due, meeting: None };
        acts::claim(&mut tx, key, claim, pack(&app), &on("2023-11-03", "方如春")).await.expect("claimed");
        let early = on("2024-01-04", "系统");
        assert_eq!(every_day(&mut tx, county(), pack(&app), &early).await.expect("run"), 0, "fifteen days are given");
        let late = on("2024-01-05", "系统");
        assert_eq!(every_day(&mut tx, county(), pack(&app), &late).await.expect("run"), 1);
        assert_eq!(every_day(&mut tx, county(), pack(&app), &late).await.expect("run"), 0, "once");
        tx.commit().await.expect("written");
        let mut city = browser_of(&app, "city").await;
        city.get("/").await.is(200).shows("县里逾期的问题：机井电不够");
        city.get("/problems?level=city").await.is(200).shows("机井电不够");
        let mut song = browser_of(&app, "office").await;
        song.get("/problems?show=late").await.is(200).shows("机井电不够").shows("逾期");
        sound(&app).await;
    }
}

#[tokio::test]
async fn an_adviser_is_recorded_with_reason_and_advice() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let id = problem(&app, "香菇棚虫害", Origin::Direct, "2024-01-10").await.expect("raised");
        let key = (county(), id.as_str());
        let person = (county(), "gui", "桂文博");
        let office = on("2024-01-12", "宋知远");
        let mut tx = app.db.begin().await.expect("a write");
        acts::send_adviser(&mut tx, key, person, "长处是食用菌", &office).await.expect("sent");
        assert!(refused(acts::send_adviser(&mut tx, key, person, "再请", &office).await).contains("已经请过"));
        acts::advise(&mut tx, key, "gui", "先清棚再消毒", &on("2024-01-14", "宋知远")).await.expect("advised");
        tx.commit().await.expect("written");
        let mut song = browser_of(&app, "office").await;
        song.get(&format!("/problems/{}/{id}", county())).await.is(200).shows("先清棚再消毒").shows("长处是食用菌");
    }
}

#[tokio::test]
async fn the_open_problems_of_who_leaves_go_to_who_comes() {
    use crate::{
        accounts::store as accounts,
        express::problems::DOOR,
        people::{self, Person},
        spine::open_things::Holder,
        testing::code,
    };
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let id = problem(&app, "要修的渠", Origin::Direct, "2024-01-10").await.expect("raised");
        let mut tx = app.db.begin().await.expect("a write");
        let lin = accounts::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
        let deng = Person { name: "邓方圆".into(), ..Person::default() };
        let deng = people::store::add(&mut tx, &app.keys, county(), &deng, app.clock.now()).await.expect("a person");
        let holder = |person: &str| Holder {
            village: code(VILLAGE),
            person: Some((county(), person.to_owned())),
            account_id: None,
        };
        let (old, new) = (holder(lin.person_id.as_deref().expect("a person")), holder(&deng));
        let things = (DOOR.list)(&mut tx, &old).await.expect("listed");
        assert_eq!(things.iter().map(|thing| thing.title.as_str()).collect::<Vec<_>>(), ["要修的渠"]);
        let by = on("2024-01-18", "宋知远");
        assert_eq!((DOOR.hand_over)(&mut tx, &old, &new, &by).await.expect("moved"), 1);
        assert!((DOOR.list)(&mut tx, &old).await.expect("listed").is_empty());
        tx.commit().await.expect("written");
        let row = store::find(&mut app.db.read().await.expect("a reader"), county(), &id).await.expect("read");
        let row = row.expect("there");
        assert_eq!((row.person_name.as_deref(), row.credit_person.as_ref()), (Some("邓方圆"), lin.person_id.as_ref()));
        // The work stays with whoever did it.
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_unit_sees_its_tasks_and_nobody_elses() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, roads) = departments(&app).await;
        for (title, unit) in [("渠的事", &water), ("路的事", &roads)] {
            let id = problem(&app, title, Origin::Direct, "2024-01-10").await.expect("raised");
            let mut tx = app.db.begin().await.expect("a write");
            let office = on("2024-01-11", "宋知远");
            acts::screen(&mut tx, (county(), &id), (Way::To(unit), None), pack(&app), &office).await.expect("done");
            tx.commit().await.expect("written");
        }
        let mut fang = browser_of(&app, "department").await;
        fang.get("/").await.is(200).shows("渠的事").hides("路的事");
        fang.get("/problems?show=all").await.is(200).shows("渠的事").hides("路的事");
        let open = tasks::DOOR;
        assert_eq!(open.kind, "task");
        sound(&app).await;
    }
}
