//! What was entered wrongly is set right: the old stays in the story and the trail, facts follow.

use super::{county, departments, figure, on, pack, problem, projects::shed, refused, sound};
use crate::{
    app::App,
    express::{
        meetings::{self, acts::Correction as Moved, store::NewMeeting},
        problems::{Origin, Way, acts as problems},
        projects::{
            FundSource, Kind,
            acts::{self, Correction},
            store::{self, NewFund},
        },
    },
    testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, code, databases, today, world},
};

async fn count(app: &App, query: &'static str) -> i64 {
    app.db.read().await.expect("a reader").value(base::db::sql(query)).await.expect("counted")
}

#[tokio::test]
async fn a_project_is_set_right_and_its_figures_follow() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let lin = on("2024-01-10", "林一诺");
        let unit = Some((water.id.clone(), water.name.clone()));
        let funds = [
            NewFund { source: FundSource::Fiscal, unit: None, amount: 50_000_000, arrived_on: Some(today()) },
            NewFund { source: FundSource::Unit, unit, amount: 8_000_000, arrived_on: None },
        ];
        let mut tx = app.db.begin().await.expect("a write");
        let id = acts::add(&mut tx, &shed(), &funds, pack(&app), &lin).await.expect("listed");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "project.industry", COUNTY).await, 1);
        let address = format!("/projects/{}/{id}", county());
        let mut browser = browser_of(&app, "cadre").await;
        browser.get(&address).await.is(200).shows("更正");
        let edit = format!("{address}/edit");
        assert!(browser.get(&edit).await.body().contains("value=\"香菇大棚二期\""));
        browser.page.is(200).shows("派出单位帮扶（社旗县水利局）");
        browser.submit(&edit, &[]).await.is(422).shows("没有改动");
        browser.submit(&edit, &[("kind", "party")]).await.is(422).shows("党建项目要先申报");
        browser.submit(&edit, &[("name", "")]).await.is(422).shows("请写项目名称");
        let known = store::funds(&mut app.db.read().await.expect("a reader"), county(), &id).await.expect("read");
        let fiscal = known.iter().find(|fund| fund.source == "fiscal").expect("there");
        let field = format!("amount-{}", fiscal.id);
        browser.get(&edit).await;
        browser.submit(&edit, &[(field.as_str(), "450000")]).await.is(422).shows("是不是把元写成了万元");
        browser.get(&edit).await;
        let fields =
            [("name", "香菇大棚三期"), ("kind", "infrastructure"), ("goal", "新建大棚三十座"), (field.as_str(), "45")];
        browser.submit(&edit, &fields).await.is(303);
        browser.get(&address).await.is(200).shows("香菇大棚三期").shows("名称：香菇大棚二期 → 香菇大棚三期");
        browser.page.shows("财政衔接资金：50 → 45 万元").shows("更正");
        assert_eq!(figure(&app, "project.industry", COUNTY).await, 0, "no longer of industry");
        assert_eq!(figure(&app, "project.listed", VILLAGE).await, 1, "set right, not counted twice");
        assert_eq!(figure(&app, "project.investment", COUNTY).await, 53_000_000);
        assert_eq!(figure(&app, "project.fund.fiscal", COUNTY).await, 45_000_000);
        let trail = "select count(*) from audit where action = 'project.correct' and before like '%香菇大棚二期%' \
                     and after like '%香菇大棚三期%' and before like '%50 万元%' and after like '%45 万元%'";
        assert_eq!(count(&app, trail).await, 1);
        browser_of(&app, "leader").await.get(&edit).await.is(403);
        browser_of(&app, "elsewhere").await.get(&edit).await.is(404);
        sound(&app).await;
    }
}

#[tokio::test]
async fn less_money_than_was_spent_needs_a_reason_and_what_is_over_is_the_townships() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let lin = on("2024-01-10", "林一诺");
        let fund = NewFund { source: FundSource::Village, unit: None, amount: 10_000_000, arrived_on: None };
        let mut tx = app.db.begin().await.expect("a write");
        let id = acts::add(&mut tx, &shed(), &[fund], pack(&app), &lin).await.expect("listed");
        let key = (county(), id.as_str());
        let spent = acts::Progress { progress: 60, spent: 9_000_000, over_why: None, due: None, words: None };
        acts::report(&mut tx, key, spent, pack(&app), &lin).await.expect("reported");
        let known = store::funds(&mut tx, county(), &id).await.expect("read").remove(0).id;
        tx.commit().await.expect("written");
        let less = |why: Option<&str>| Correction {
            name: shed().name,
            goal: shed().goal,
            kind: Kind::Industry,
            amounts: vec![(known.clone(), 8_000_000)],
            over_why: why.map(str::to_owned),
        };
        let mut tx = app.db.begin().await.expect("a write");
        assert!(refused(acts::correct(&mut tx, key, less(None), pack(&app), &lin).await).contains("请写明原因"));
        drop(tx);
        let mut tx = app.db.begin().await.expect("a write");
        acts::correct(&mut tx, key, less(Some("少批了两万")), pack(&app), &lin).await.expect("set right");
        let row = store::find(&mut tx, county(), &id).await.expect("read").expect("there");
        assert_eq!((row.budget, row.over_why.as_deref()), (8_000_000, Some("少批了两万")));
        let stranger = Correction { amounts: vec![("nothing".into(), 1)], ..less(Some("x")) };
        assert!(acts::correct(&mut tx, key, stranger, pack(&app), &lin).await.is_err());
        drop(tx);
        let mut tx = app.db.begin().await.expect("a write");
        acts::stop(&mut tx, key, "不做了", pack(&app), &lin).await.expect("stopped");
        tx.commit().await.expect("written");
        let edit = format!("/projects/{}/{id}/edit", county());
        browser_of(&app, "cadre").await.get(&edit).await.is(403);
        browser_of(&app, "township").await.get(&edit).await.is(200);
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_meetings_day_and_place_are_set_right_and_who_waits_for_it_follows() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let id = problem(&app, "渠要修", Origin::Direct, "2024-01-08").await.expect("raised");
        let song = on("2024-01-09", "宋知远");
        let mut tx = app.db.begin().await.expect("a write");
        problems::screen(&mut tx, (county(), &id), (Way::CountyMeeting, None), pack(&app), &song)
            .await
            .expect("screened");
        let new = NewMeeting {
            division: code(COUNTY),
            title: "第一书记项目对接会".into(),
            place: Some("县委二楼".into()),
            chair: None,
            day: today().plus_days(2),
        };
        let meeting = meetings::acts::plan(&mut tx, &new, pack(&app), &song).await.expect("planned");
        tx.commit().await.expect("written");
        let address = format!("/problem-meetings/{}/{meeting}", county());
        let edit = format!("{address}/edit");
        let mut office = browser_of(&app, "office").await;
        office.get(&address).await.is(200).shows("改会期和地点");
        office.get(&edit).await.is(200);
        office.submit(&edit, &[]).await.is(422).shows("没有改动");
        office.submit(&edit, &[("day", "2024-01-10")]).await.is(422).shows("日期不能早于今天");
        office.submit(&edit, &[("day", "")]).await.is(422).shows("日期应写作");
        office.submit(&edit, &[("day", "2024-01-18"), ("place", "县行政中心")]).await.is(303);
        office.get(&address).await.shows("日期：2024-01-20 → 2024-01-18").shows("地点：县委二楼 → 县行政中心");
        let due = "select count(*) from task where kind in ('meeting_hold', 'problem_agenda') and done_at is null \
                   and due = '2024-01-18'";
        assert_eq!(count(&app, due).await, 2, "the meeting's own task and the problem's");
        browser_of(&app, "cadre").await.get(&edit).await.is(403);

        let mut tx = app.db.begin().await.expect("a write");
        let key = (county(), meeting.as_str());
        let now = on("2024-01-18", "宋知远");
        meetings::acts::begin(&mut tx, key, &now).await.expect("begun");
        meetings::acts::close(&mut tx, key, pack(&app), &now).await.expect("closed");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "meeting.held", COUNTY).await, 1);
        let moved = |day: base::kernel::Day| Moved { day, place: None, chair: Some("县委副书记".into()) };
        let mut tx = app.db.begin().await.expect("a write");
        let late = meetings::acts::correct(&mut tx, key, moved(today().plus_days(1)), pack(&app), &now).await;
        assert!(refused(late).contains("不能晚于今天"));
        drop(tx);
        let mut tx = app.db.begin().await.expect("a write");
        let before = moved(today().plus_days(-1));
        meetings::acts::correct(&mut tx, key, before, pack(&app), &now).await.expect("moved");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "meeting.held", COUNTY).await, 1, "moved, not held twice");
        let held = "select count(*) from live_fact where indicator = 'meeting.held' and day = '2024-01-17'";
        assert_eq!(count(&app, held).await, 1);
        let mut tx = app.db.begin().await.expect("a write");
        let other = meetings::acts::plan(&mut tx, &new, pack(&app), &now).await.expect("planned");
        meetings::acts::cancel(&mut tx, (county(), &other), pack(&app), &now).await.expect("cancelled");
        let gone = meetings::acts::correct(&mut tx, (county(), &other), moved(today()), pack(&app), &now).await;
        assert!(refused(gone).contains("已经取消"));
        drop(tx);
        sound(&app).await;
    }
}
