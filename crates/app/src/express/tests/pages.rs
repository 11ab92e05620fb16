//! Pages: what anybody types is shown as typed, and everybody sees their own.

use super::{county, on, pack, problem, sound};
use crate::{
    express::{
        problems::Origin,
        projects::{Kind, acts, store::NewProject},
    },
    testing::{MIGRATIONS, VILLAGE, browser_of, code, databases, world},
};

const SCRIPT: &str = "<script>alert('1')</script>";

#[tokio::test]
async fn script_in_every_field_is_shown_literally_on_every_page_print_and_export() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("a write");
        let lin = on("2024-01-10", "林一诺");
        let new = NewProject {
            villages: vec![code(VILLAGE)],
            name: format!("项目{SCRIPT}"),
            kind: Kind::Service,
            goal: format!("目标{SCRIPT}"),
            owner: Some(format!("业主{SCRIPT}")),
            unit: None,
            person: None,
            due: None,
        };
        let project = acts::add(&mut tx, &new, &[], pack(&app), &lin).await.expect("listed");
        tx.commit().await.expect("written");
        let id = problem(&app, &format!("问题{SCRIPT}"), Origin::Project(project.clone()), "2024-01-11").await;
        let id = id.expect("raised");
        let mut song = browser_of(&app, "office").await;
        let record = format!("/problems/{}/{id}", county());
        song.get(&record).await.is(200);
        song.submit(&format!("{record}/screening"), &[("screen_words", &format!("说明{SCRIPT}"))]).await.is(303);
        song.get("/problem-meetings/new").await.is(200);
        let fields = [
            ("title", format!("会{SCRIPT}")),
            ("place", format!("地{SCRIPT}")),
            ("chair", format!("人{SCRIPT}")),
            ("day", "2024-01-18".into()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        song.submit("/problem-meetings", &fields).await.is(303);
        let meeting = song.page.location().expect("an address").to_owned();
        song.get("/talents/new").await.is(200);
        let fields = [
            ("village", VILLAGE.to_owned()),
            ("name", "<b>某人</b>".into()),
            ("field", "planting".into()),
            ("strengths", format!("长处{SCRIPT}")),
            ("note", format!("备注{SCRIPT}")),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        song.submit("/talents", &fields).await.is(303);
        for page in [
            "/problems".to_owned(),
            "/problems/board".into(),
            record,
            "/projects".into(),
            format!("/projects/{}/{project}", county()),
            "/problem-meetings".into(),
            meeting.clone(),
            format!("{meeting}/agenda"),
            format!("{meeting}/screen?at=1"),
            format!("{meeting}/promises"),
            "/talents".into(),
            "/problems.csv".into(),
            "/projects.csv".into(),
        ] {
            let page = song.get(&page).await.is(200);
            let body = page.body();
            assert!(
                !page.address.ends_with(".csv") && !body.contains("<script>alert") || page.address.ends_with(".csv")
            );
            assert!(body.contains("alert("), "{} shows it", page.address);
            assert!(!body.contains("<b>某人"), "{}", page.address);
        }
        sound(&app).await;
    }
}

#[tokio::test]
async fn each_role_opens_its_pages_and_no_others() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        for (name, may_raise, may_steer) in [
            ("office", true, true),
            ("city", true, true),
            ("township", true, false),
            ("cadre", true, false),
            ("unit", false, false),
            ("department", false, false),
            ("branch", false, false),
            ("leader", false, false),
        ] {
            let mut browser = browser_of(&app, name).await;
            for page in ["/problems", "/problems/board", "/projects", "/problem-meetings", "/bindings", "/talents"] {
                browser.get(page).await.is(200);
            }
            browser.get("/problems/new").await.is(if may_raise { 200 } else { 403 });
            browser.get("/problem-meetings/new").await.is(if may_steer { 200 } else { 403 });
        }
        for name in ["secadmin", "auditor", "judge"] {
            browser_of(&app, name).await.get("/problems").await.is(403);
        }
    }
}

#[tokio::test]
async fn a_talent_is_registered_corrected_and_taken_out() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut branch = browser_of(&app, "branch").await;
        branch.get("/talents/new").await.is(200);
        let fields = [("name", "石大山"), ("field", "craft"), ("strengths", "砌墙"), ("phone", "123")];
        branch.submit("/talents", &fields).await.is(422).shows("11 位").shows("砌墙");
        branch.submit("/talents", &[("phone", "")]).await.is(303);
        assert_eq!(super::figure(&app, "talent.registered", VILLAGE).await, 1);
        branch.get("/talents?words=砌").await.is(200).shows("石大山");
        let page = branch.get("/talents").await.body();
        let at = page.find(&format!("/talents/{}/", county())).expect("a link");
        let address: String = page[at..].chars().take_while(|c| *c != '"').collect();
        branch.get(&address).await.is(200);
        branch.submit(&address, &[("strengths", "砌墙、盘灶")]).await.is(303);
        branch.get(&format!("{address}/removal")).await.is(200);
        branch.submit(&format!("{address}/removal"), &[("reason", "外出务工")]).await.is(303);
        branch.get("/talents").await.hides("石大山");
        assert_eq!(super::figure(&app, "talent.registered", VILLAGE).await, 0);
        sound(&app).await;
    }
}
