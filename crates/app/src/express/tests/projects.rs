//! Projects: stages, money by source, gains that are counted once.

use super::{county, departments, figure, on, pack, problem, refused, sound};
use crate::{
    express::{
        problems::{Claim, Origin, Way, acts as problems},
        projects::{
            FundSource, Kind,
            acts::{self, Progress},
            store::{NewFund, NewGain, NewProject},
        },
    },
    testing::{COUNTY, MIGRATIONS, TOWNSHIP, VILLAGE, browser_of, code, databases, today, world},
};

pub(super) fn shed() -> NewProject {
    NewProject {
        villages: vec![code(VILLAGE)],
        name: "香菇大棚二期".into(),
        kind: Kind::Industry,
        goal: "新建大棚二十座".into(),
        owner: None,
        unit: None,
        person: None,
        due: None,
    }
}

#[tokio::test]
async fn a_project_is_listed_with_its_money_and_figures_follow() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/projects/new").await.is(200);
        let fields = [
            ("name", "香菇大棚二期"),
            ("kind", "industry"),
            ("goal", "新建大棚二十座"),
            ("source-0", "fiscal"),
            ("amount-0", "500000"),
        ];
        lin.submit("/projects", &fields).await.is(422).shows("是不是把元写成了万元");
        lin.submit("/projects", &[("amount-0", "500000元")]).await.is(303);
        let address = lin.page.location().expect("an address").to_owned();
        lin.get(&address).await.is(200).shows("50 万元").shows("已入库");
        assert_eq!(figure(&app, "project.listed", VILLAGE).await, 1);
        assert_eq!(figure(&app, "project.investment", COUNTY).await, 50_000_000);
        assert_eq!(figure(&app, "project.industry", COUNTY).await, 1);
        assert_eq!(figure(&app, "project.fund", COUNTY).await, 0, "promised is not there yet");
        let arrival =
            lin.page.forms().into_iter().find(|form| form.action.ends_with("/arrival")).expect("a form").action;
        lin.submit(&arrival, &[("on", "2024-01-15")]).await.is(303);
        assert_eq!(figure(&app, "project.fund", COUNTY).await, 50_000_000);
        assert_eq!(figure(&app, "project.fund.fiscal", VILLAGE).await, 50_000_000);
        // Over the budget without a reason is asked for one.
        lin.get(&address).await;
        let progress = format!("{address}/progress");
        lin.submit(&progress, &[("progress", "60"), ("spent", "52")]).await.is(422).shows("请写明原因");
        lin.submit(&progress, &[("progress", "60"), ("spent", "52"), ("over_why", "钢材涨价")]).await.is(303);
        lin.get(&address).await.shows("钢材涨价");
        lin.submit(&format!("{address}/stages"), &[("on", "2024-01-18")]).await.is(303);
        assert_eq!(figure(&app, "project.stage.approved", COUNTY).await, 1);
        assert_eq!(figure(&app, "project.stage.listed", COUNTY).await, 0);
        lin.get("/projects?kind=party").await.is(200).hides("香菇大棚二期");
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&address).await.is(404);
        sound(&app).await;
    }
}

#[tokio::test]
async fn an_application_for_party_building_passes_township_and_county() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/projects/new").await.is(200);
        let fields = [("name", "党群服务中心改造"), ("kind", "party"), ("goal", "改造活动室")];
        lin.submit("/projects", &fields).await.is(303);
        let address = lin.page.location().expect("an address").to_owned();
        assert_eq!(figure(&app, "project.party_application", COUNTY).await, 1);
        assert_eq!(figure(&app, "project.listed", COUNTY).await, 0);
        let mut xu = browser_of(&app, "township").await;
        xu.get("/").await.shows("审核党建项目申报：党群服务中心改造");
        xu.get(&address).await.is(200);
        xu.submit(&format!("{address}/refusal"), &[("refuse_why", "补一份预算")]).await.is(303);
        lin.get(&address).await.shows("补一份预算");
        lin.submit(&format!("{address}/application"), &[("apply_words", "预算已补")]).await.is(303);
        xu.get(&address).await;
        xu.submit(&format!("{address}/pass"), &[]).await.is(303);
        // The township has said its word; the county's is another's.
        xu.get(&address).await.is(200).hides("审核通过后").shows("乡镇已审");
        assert!(!xu.page.forms().iter().any(|form| form.action.ends_with("/pass")));
        let mut song = browser_of(&app, "office").await;
        song.get(&address).await.is(200);
        song.submit(&format!("{address}/pass"), &[]).await.is(303);
        assert_eq!(figure(&app, "project.listed", TOWNSHIP).await, 1);
        assert_eq!(figure(&app, "project.party_application", COUNTY).await, 1, "applied for again is once");
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_gain_that_the_log_counts_is_not_counted_twice() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let lin = on("2024-01-10", "林一诺");
        let mut tx = app.db.begin().await.expect("a write");
        let id = acts::add(&mut tx, &shed(), &[], pack(&app), &lin).await.expect("listed");
        // As the log writes it: 5 万元 of collective income in the village this year.
        let fact = crate::spine::facts::FactDraft {
            indicator: "gain.collective_income",
            day: base::kernel::Day::parse("2024-01-12").expect("a day"),
            amount: 5_000_000,
            division: code(VILLAGE),
            person: None,
            unit_id: None,
            key: None,
            value: None,
        };
        let source = crate::spine::facts::Source { kind: "other_log", id: "e".into() };
        let writing = crate::spine::facts::Writing::New;
        crate::spine::facts::record(&mut tx, county(), &[(source, vec![fact])], lin.at, writing)
            .await
            .expect("written");
        tx.commit().await.expect("written");
        let address = format!("/projects/{}/{id}", county());
        let mut browser = browser_of(&app, "cadre").await;
        browser.get(&address).await.is(200);
        let gains = format!("{address}/gains");
        let fields = [
            ("indicator", "gain.collective_income"),
            ("year", "2024"),
            ("gain", "8.2"),
            ("gain_evidence", "村账第 12 页"),
        ];
        browser.submit(&gains, &fields).await.is(422).shows("工作日志里已计 5");
        browser.submit(&gains, &[("elsewhere", "9")]).await.is(422).shows("不能超过总数");
        browser.submit(&gains, &[("elsewhere", "5")]).await.is(303);
        assert_eq!(
            figure(&app, "gain.collective_income", VILLAGE).await,
            8_200_000,
            "5 of the log, 3.2 of the project"
        );
        browser.get(&address).await.shows("村集体增收 8.2 万元").shows("其中 5 已在工作日志里计入");
        browser
            .submit(&gains, &[fields[0], fields[1], ("gain", "1"), ("gain_evidence", "又一笔"), ("elsewhere", "0")])
            .await
            .is(422)
            .shows("已经登记过");
        browser.get(&address).await;
        let back = browser.page.forms().into_iter().find(|form| form.action.ends_with("/withdrawal")).expect("a form");
        browser.submit(&back.action, &[]).await.is(303);
        assert_eq!(figure(&app, "gain.collective_income", VILLAGE).await, 5_000_000);
    }
}

#[tokio::test]
async fn a_closed_project_brings_no_problems_and_takes_no_claims() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let lin = on("2024-01-10", "林一诺");
        let mut tx = app.db.begin().await.expect("a write");
        let id = acts::add(&mut tx, &shed(), &[], pack(&app), &lin).await.expect("listed");
        tx.commit().await.expect("written");
        let open = problem(&app, "大棚缺水", Origin::Project(id.clone()), "2024-01-11").await.expect("raised");
        let office = on("2024-01-12", "宋知远");
        let key = (county(), open.as_str());
        let mut tx = app.db.begin().await.expect("a write");
        problems::screen(&mut tx, key, (Way::To(&water), None), pack(&app), &office).await.expect("screened");
        acts::stop(&mut tx, (county(), &id), "地没有谈下来", pack(&app), &office).await.expect("stopped");
        tx.commit().await.expect("written");
        let mut tx = app.db.begin().await.expect("a write");
        let claim = Claim { lead: &water, joining: &[], promise: "供水", due: today(), meeting: None };
        let said = refused(problems::claim(&mut tx, key, claim, pack(&app), &office).await);
        assert!(said.contains("不再认领"), "{said}");
        drop(tx);
        let said = refused(problem(&app, "又缺水", Origin::Project(id.clone()), "2024-01-13").await);
        assert!(said.contains("不能再从它报问题"), "{said}");
        let mut tx = app.db.begin().await.expect("a write");
        let new = Progress { progress: 10, spent: 0, over_why: None, due: None, words: None };
        assert!(refused(acts::report(&mut tx, (county(), &id), new, pack(&app), &office).await).contains("终止"));
        drop(tx);
        sound(&app).await;
    }
}

#[tokio::test]
async fn money_that_came_in_stays_and_what_a_unit_gives_shows_in_its_bindings() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let unit = Some((water.id.clone(), water.name.clone()));
        let lin = on("2024-01-10", "林一诺");
        let fund = |amount| NewFund { source: FundSource::Unit, unit: unit.clone(), amount, arrived_on: None };
        let mut tx = app.db.begin().await.expect("a write");
        let new = NewProject { unit: unit.clone(), ..shed() };
        let id =
            acts::add(&mut tx, &new, &[fund(20_000_000), fund(5_000_000)], pack(&app), &lin).await.expect("listed");
        let key = (county(), id.as_str());
        let funds = crate::express::projects::store::funds(&mut tx, county(), &id).await.expect("read");
        acts::arrive(&mut tx, key, &funds[0].id, lin.today, pack(&app), &lin).await.expect("arrived");
        assert!(refused(acts::remove_fund(&mut tx, key, &funds[0].id, pack(&app), &lin).await).contains("已经到位"));
        acts::remove_fund(&mut tx, key, &funds[1].id, pack(&app), &lin).await.expect("removed");
        let gain = NewGain {
            year: 2023,
            day: lin.today,
            indicator: "gain.job",
            amount: 12,
            elsewhere: 0,
            typed: "用工 12 人".into(),
            evidence: "工资表".into(),
        };
        acts::add_gain(&mut tx, key, &gain, pack(&app), &lin).await.expect("gained");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "project.investment", COUNTY).await, 20_000_000);
        assert_eq!(figure(&app, "gain.job", VILLAGE).await, 12);
        let mut jiang = browser_of(&app, "unit").await;
        jiang.get("/bindings").await.is(200).shows("20 万元，到位 20 万元");
        let address = format!("/bindings/{}", water.id);
        jiang.get(&address).await.is(200).shows("香菇大棚二期");
        let fields =
            [("village", VILLAGE), ("words", "主要领导每季到村一次"), ("person", "江清泉"), ("due", "2024-06-30")];
        jiang.submit(&address, &[("village", VILLAGE), ("words", ""), ("person", ""), ("due", "")]).await.is(422);
        let mut song = browser_of(&app, "office").await;
        song.get(&address).await.is(200);
        song.submit(&address, &fields).await.is(303);
        jiang.get("/").await.shows("兑现捆绑责任：主要领导每季到村一次");
        jiang.get(&address).await;
        let done = jiang.page.forms().into_iter().find(|form| form.action.ends_with("/delivery")).expect("a form");
        let field = done.action.rsplit('/').nth(1).map(|id| format!("result-{id}")).expect("an id");
        jiang.submit(&done.action, &[(field.as_str(), "一季度已到村两次")]).await.is(303);
        jiang.get(&address).await.shows("一季度已到村两次");
        sound(&app).await;
    }
}
