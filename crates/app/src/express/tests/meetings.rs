//! Meetings: the agenda makes itself, decisions are entered live, what was promised comes back next time.

use super::{county, departments, figure, on, pack, problem, refused, sound};
use crate::{
    express::{
        meetings::{Outcome, acts, acts::Decision, store::NewMeeting},
        problems::{self, Origin, Way},
    },
    testing::{CITY, COUNTY, MIGRATIONS, browser_of, code, databases, today, world},
};

async fn screened(app: &crate::app::App, title: &str, city: bool) -> String {
    let id = problem(app, title, Origin::Direct, "2024-01-08").await.expect("raised");
    let mut tx = app.db.begin().await.expect("a write");
    let way = if city { Way::CityMeeting } else { Way::CountyMeeting };
    problems::acts::screen(&mut tx, (county(), &id), (way, None), pack(app), &on("2024-01-09", "宋知远"))
        .await
        .expect("screened");
    tx.commit().await.expect("written");
    id
}

fn meeting(division: &str, day: &str) -> NewMeeting {
    NewMeeting {
        division: code(division),
        title: "第一书记项目对接会".into(),
        place: None,
        chair: None,
        day: base::kernel::Day::parse(day).expect("a day"),
    }
}

#[tokio::test]
async fn a_county_meeting_from_its_agenda_to_the_list_of_promises() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, roads) = departments(&app).await;
        let ids = [screened(&app, "渠要修", false).await, screened(&app, "路要修", false).await];
        let third = screened(&app, "电要增容", false).await;
        let mut song = browser_of(&app, "office").await;
        song.get("/problem-meetings/new").await.is(200).shows("3 个问题等着上会");
        song.submit("/problem-meetings", &[("day", "2024-01-17")]).await.is(422).shows("不早于今天");
        song.submit("/problem-meetings", &[("day", "2024-01-18"), ("place", "县委二楼")]).await.is(303);
        let address = song.page.location().expect("an address").to_owned();
        song.get(&address).await.is(200).shows("渠要修").shows("路要修").shows("电要增容").shows("会上定单位");
        song.get(&format!("{address}/agenda")).await.is(200).shows("上次没有留下要办的事");
        song.get(&address).await;
        song.submit(&format!("{address}/begin"), &[]).await.is(303);
        song.get(&format!("{address}/screen")).await.is(200).shows("上次答应的事");
        song.get(&format!("{address}/screen?at=1")).await.is(200).shows("渠要修").shows("1 / 3");
        let line = format!("{address}/lines/{}/{}/decision", county(), ids[0]);
        song.submit(&line, &[("outcome", "claimed"), ("words", "三月底修好"), ("unit", "")])
            .await
            .is(422)
            .shows("请选哪个单位牵头认领")
            .shows("三月底修好");
        let fields = [
            ("outcome", "claimed"),
            ("words", "三月底修好"),
            ("unit", water.id.as_str()),
            ("due", "2024-03-31"),
            ("joining", roads.id.as_str()),
        ];
        song.submit(&line, &fields).await.is(303);
        song.get(&format!("{address}/screen?at=2")).await.is(200).shows("路要修");
        let line = format!("{address}/lines/{}/{}/decision", county(), ids[1]);
        song.submit(&line, &[("outcome", "answered"), ("words", "已列入今年计划"), ("unit", &roads.id)]).await.is(303);
        song.get(&format!("{address}/screen?at=4")).await.is(200).shows("这次的清单").shows("三月底修好");
        song.get(&address).await;
        song.submit(&format!("{address}/close"), &[]).await.is(303);
        song.get(&format!("{address}/promises")).await.is(200).shows("渠要修").shows("三月底修好").hides("电要增容");
        assert_eq!(figure(&app, "meeting.held", COUNTY).await, 1);
        // What was not decided waits again, what was promised is a task of its department.
        song.get(&format!("/problems/{}/{third}", county())).await.shows("会上没有议到");
        let mut fang = browser_of(&app, "department").await;
        fang.get("/").await.shows("办理认领的问题：渠要修");
        fang.get(&address).await.is(200).shows("渠要修").hides("路要修");
        // The next one opens with what was promised.
        song.get("/problem-meetings/new").await.is(200);
        song.submit("/problem-meetings", &[("day", "2024-02-20")]).await.is(303);
        let next = song.page.location().expect("an address").to_owned();
        song.get(&format!("{next}/screen")).await.is(200).shows("渠要修").shows("三月底修好");
        song.get(&format!("{next}/agenda")).await.is(200).shows("渠要修").shows("电要增容");
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&address).await.is(404);
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_city_takes_what_counties_could_not_and_counts_its_meetings() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        screened(&app, "县里办得了", false).await;
        let up = screened(&app, "要市里协调", true).await;
        let liang = on("2024-01-18", "梁弘文");
        let mut tx = app.db.begin().await.expect("a write");
        let id = acts::plan(&mut tx, &meeting(CITY, "2024-01-18"), pack(&app), &liang).await.expect("planned");
        let city = code(CITY).county();
        let row = crate::express::meetings::store::find(&mut tx, city, &id).await.expect("read").expect("there");
        let lines = acts::items(&mut tx, &row).await.expect("read");
        assert_eq!(lines.iter().map(|line| line.title.as_str()).collect::<Vec<_>>(), ["要市里协调"]);
        acts::begin(&mut tx, (city, &id), &liang).await.expect("begun");
        let decision = Decision {
            outcome: Outcome::Answered,
            unit: None,
            joining: Vec::new(),
            due: None,
            words: "市里已经批了".into(),
        };
        acts::decide(&mut tx, (city, &id), (county(), &up), &decision, pack(&app), &liang).await.expect("decided");
        let again = acts::decide(&mut tx, (city, &id), (county(), &up), &decision, pack(&app), &liang).await;
        assert!(refused(again).contains("正等报问题的人确认"));
        acts::close(&mut tx, (city, &id), pack(&app), &liang).await.expect("closed");
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "meeting.held", CITY).await, 1);
        assert_eq!(figure(&app, "meeting.held", COUNTY).await, 0, "it is the city's, not the county's");
        let mut browser = browser_of(&app, "city").await;
        browser.get("/figures/meeting.held").await.is(200).shows("对接会");
        browser.get("/problem-meetings").await.is(200).shows("第一书记项目对接会");
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_meeting_that_is_cancelled_gives_its_problems_back() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let id = screened(&app, "路要修", false).await;
        let office = on("2024-01-18", "宋知远");
        let mut tx = app.db.begin().await.expect("a write");
        let meeting = acts::plan(&mut tx, &meeting(COUNTY, "2024-01-25"), pack(&app), &office).await.expect("planned");
        assert!(refused(acts::begin(&mut tx, (county(), &meeting), &office).await).contains("还没到开会的日子"));
        acts::cancel(&mut tx, (county(), &meeting), pack(&app), &office).await.expect("cancelled");
        let row = problems::store::find(&mut tx, county(), &id).await.expect("read").expect("there");
        assert_eq!((row.state.as_str(), row.meeting_id), ("screened", None));
        assert!(refused(acts::refresh(&mut tx, (county(), &meeting), pack(&app), &office).await).contains("不再变动"));
        tx.commit().await.expect("written");
        assert_eq!(figure(&app, "meeting.held", COUNTY).await, 0);
        assert!(today() >= row.raised_on);
        sound(&app).await;
    }
}
