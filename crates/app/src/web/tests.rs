//! The whole application: every route declares who may use it, and holds to it.

use std::{fs, path::Path};

use base::testing::Browser;

use super::{capability_routes, router};
use crate::{
    accounts::{Permission, Role},
    testing::{MIGRATIONS, browser, browser_of, databases, world},
};

/// Compares with a file beside `Cargo.toml`; `UPDATE_EXPECT=1` writes it.
fn expect_file(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1") {
        fs::write(&path, text).expect("written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, text, "{name} differs: look at the change, then run the test with UPDATE_EXPECT=1");
}

#[test]
fn the_routes_are_those_of_routes_txt() {
    let (_, mut declared) = capability_routes().finish();
    declared.sort();
    let line = |one: &base::web::Declared<Permission>| {
        format!("{:<6}{:<47} {}", one.method, one.path, one.permission.code()).trim_end().to_owned() + "\n"
    };
    expect_file("routes.txt", &declared.iter().map(line).collect::<String>());
}

#[test]
fn the_permissions_are_those_of_permissions_txt() {
    let line = |one: &Permission| {
        let roles: Vec<&str> = one.roles().iter().map(|role| role.code()).collect();
        let held = match one {
            Permission::Public => "(anyone)".to_owned(),
            Permission::SignedIn => "(anyone signed in)".to_owned(),
            _ => roles.join(" "),
        };
        format!("{:<18}{held}\n", one.code())
    };
    expect_file("permissions.txt", &Permission::ALL.iter().map(line).collect::<String>());
}

#[test]
fn who_grants_rights_cannot_read_the_trail_and_nobody_else_can() {
    for permission in [Permission::AccountsWrite, Permission::AuditRead, Permission::SystemRead] {
        let roles = permission.roles();
        assert!(roles.len() == 1 && roles[0].is_administrator(), "{permission:?}");
    }
    let working = Permission::ALL.into_iter().filter(|one| !one.code().starts_with("accounts"));
    // The self-check shows counts, nobody's record; the auditor reads it beside the working roles.
    let apart =
        |one: &Permission| matches!(one, Permission::AuditRead | Permission::SystemRead | Permission::SelfCheckRead);
    let working = working.filter(|one| !apart(one));
    for permission in working {
        assert!(!permission.roles().iter().any(|role| role.is_administrator()), "{permission:?}");
    }
}

fn filled(path: &str) -> String {
    let fill = |part: &str| if part.starts_with('{') { "0".to_owned() } else { part.to_owned() };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

async fn ask(browser: &mut Browser, csrf: &str, method: &str, path: &str) {
    if method == "GET" {
        browser.get(path).await;
    } else {
        let once = base::kernel::new_id();
        browser.post_raw(path, &[], &format!("csrf={csrf}&once={once}")).await;
    }
}

async fn csrf_at(browser: &mut Browser, path: &str) -> String {
    browser.get(path).await.is(200).csrf()
}

/// Who can have no part in a permission: an account with another role.
fn stranger(permission: Permission) -> &'static str {
    let role = Role::ALL.into_iter().find(|role| !permission.roles().contains(role));
    role.expect("somebody without it").code()
}

#[tokio::test]
async fn nobody_and_strangers_are_turned_away_from_every_route() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (_, declared) = router(app.clone());
        let guarded = declared.iter().filter(|one| one.permission != Permission::Public);
        let mut nobody = browser(&app);
        let csrf = csrf_at(&mut nobody, "/login").await;
        for route in guarded.clone() {
            ask(&mut nobody, &csrf, route.method, &filled(route.path)).await;
            if route.method == "GET" {
                nobody.page.is(303).leads_to("/login?next=");
            } else {
                nobody.page.is(401);
            }
        }
        for role in Role::ALL {
            let mut stranger_there = browser_of(&app, role.code()).await;
            let csrf = csrf_at(&mut stranger_there, "/account").await;
            let asked = guarded.clone().filter(|one| one.permission != Permission::SignedIn);
            for route in asked.filter(|one| stranger(one.permission) == role.code()) {
                ask(&mut stranger_there, &csrf, route.method, &filled(route.path)).await;
                stranger_there.page.is(403).shows("没有办理此事的权限");
            }
        }
    }
}

#[tokio::test]
async fn a_posted_form_counts_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut yan = browser_of(&app, "secadmin").await;
        let csrf = csrf_at(&mut yan, "/accounts/new").await;
        let body = |name: &str| format!("csrf={csrf}&once=same&name={name}&display=x&role=office&place=411327000000");
        yan.post_raw("/accounts", &[], &body("zhao")).await.is(303).leads_to("/accounts/");
        let first = yan.page.location().map(str::to_owned);
        yan.post_raw("/accounts", &[], &body("zhao")).await.is(303);
        assert_eq!(yan.page.location().map(str::to_owned), first, "the same answer");
        yan.post_raw("/accounts", &[], &body("qian")).await.is(409);
    }
}

/// Every address of a list is answered, whatever page it names: on PostgreSQL a negative offset is an error.
#[tokio::test]
async fn no_list_breaks_on_the_number_of_its_page() {
    let lists = [
        "/postings",
        "/coverage",
        "/teams",
        "/cards",
        "/boards",
        "/households",
        "/units",
        "/handovers",
        "/leaves",
        "/trips",
        "/spot-checks",
        "/log",
        "/outcomes",
        "/visits",
        "/matters",
        "/problems",
        "/projects",
        "/problem-meetings",
        "/ratings",
        "/briefings",
        "/forms",
        "/dispatch",
        "/figures/alumni.cadre",
    ];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        for list in lists {
            for page in ["0", "-1", "x", "9223372036854775807", "18446744073709551615"] {
                office.get(&format!("{list}?page={page}")).await.is(200);
            }
        }
    }
}

/// A matter that goes to the express is a problem there; what becomes of the problem, the matter hears.
#[tokio::test]
async fn a_matter_and_its_problem_end_together() {
    use crate::{
        accounts::Actor,
        express::problems::{self, acts},
        flows,
        matters::{
            rules::Channel,
            store,
            tests::{raised, staff, step},
        },
        testing::{COUNTY, VILLAGE, code},
    };
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let county = code(COUNTY).county();
        staff(&app).await;
        let matter = raised(&app, VILLAGE, "通组路要硬化，村里没有钱。", Channel::Visit).await;
        let mut lin = browser_of(&app, "cadre").await;
        let own = format!("/matters/411327/{}", matter.id);
        assert_eq!(step(&mut lin, &own, "acceptance", &[("kind", "road")]).await, 303);
        let by = Actor::command_line(app.clock);
        let pass = async || {
            let mut tx = app.db.begin().await.expect("a write");
            let pack = app.pack(&mut tx, county).await.expect("a pack");
            let key = (county, matter.id.as_str());
            flows::matter_to_express(&mut tx, key, Some("缺 18 万元".into()), pack, &by).await.expect("passed");
            tx.commit().await.expect("written");
            let mut conn = app.db.read().await.expect("a reader");
            let now = store::find(&mut conn, county, &matter.id).await.expect("read").expect("a matter");
            now.state.problem().expect("a problem").to_owned()
        };
        let first = pass().await;
        assert_eq!(pass().await, first, "one that stands there keeps its problem");
        let mut tx = app.db.begin().await.expect("a write");
        let pack = app.pack(&mut tx, county).await.expect("a pack");
        let row = problems::store::find(&mut tx, county, &first).await.expect("read").expect("a problem");
        assert_eq!(row.title, matter.title);
        acts::decline(&mut tx, (county, &first), "先报项目库", pack, &by).await.expect("declined");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a reader");
        let back = store::find(&mut conn, county, &matter.id).await.expect("read").expect("a matter");
        assert_eq!(back.state, crate::matters::rules::State::Accepted, "back in the village");
    }
}

#[tokio::test]
async fn whoever_writes_waits_for_no_reader() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut readers = Vec::new();
        while let Ok(conn) = tokio::time::timeout(std::time::Duration::from_secs(3), app.db.read()).await {
            readers.push(conn.expect("a reader"));
        }
        assert!((4..=16).contains(&readers.len()), "{}", readers.len());
        let tx = tokio::time::timeout(std::time::Duration::from_secs(20), app.db.begin()).await;
        tx.expect("not behind the readers").expect("a write").commit().await.expect("written");
    }
}
