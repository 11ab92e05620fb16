//! A small world for tests: a county, two townships, three villages, a unit, and one named account for each role.
//!
//! ```text
//! for db in databases(&MIGRATIONS).await {
//!     let app = world(&db).await;
//!     let mut browser = browser(&app);
//!     sign_in_as(&app, &mut browser, "office").await;
//!     browser.get("/accounts").await.is(403);
//! }
//! ```
//!
//! Everybody is fictional. The day is 2024-01-18.

use base::{
    kernel::{Clock, Day, DivisionCode},
    seal::{Keys, random_token, sha256},
    testing::{Browser, TestDb},
};
use tokio::sync::OnceCell;

use crate::{
    accounts::{
        Grant, Role,
        store::{self, NewAccount, NewSession},
    },
    app::App,
    people::{self, Person},
    places,
    units::{self, Unit, UnitLevel},
    web,
};

pub use crate::app::MIGRATIONS;
pub use base::testing::databases;

/// 社旗县 and what lies in it.
pub const COUNTY: &str = "411327000000";
pub const CITY: &str = "411300000000";
pub const TOWNSHIP: &str = "411327101000";
pub const OTHER_TOWNSHIP: &str = "411327102000";
pub const VILLAGE: &str = "411327101201";
pub const SECOND_VILLAGE: &str = "411327101202";
pub const OTHER_VILLAGE: &str = "411327102201";
/// A county that is somebody else's.
pub const OTHER_COUNTY: &str = "411328000000";

const DIVISIONS: [(&str, &str); 9] = [
    ("410000000000", "河南省"),
    (CITY, "南阳市"),
    (COUNTY, "社旗县"),
    (TOWNSHIP, "苗店镇"),
    (VILLAGE, "麦田村村民委员会"),
    (SECOND_VILLAGE, "柳溪村村民委员会"),
    (OTHER_TOWNSHIP, "唐庄乡"),
    (OTHER_VILLAGE, "石桥村村民委员会"),
    (OTHER_COUNTY, "唐河县"),
];

pub const UNIT: &str = "社旗县水利局";
/// The password of everybody in this world.
pub const PASSWORD: &str = "麦田里的风很大 2024";

/// Sign-in name, name, role, place; a unit's roles hold for [`UNIT`].
const ACCOUNTS: [(&str, &str, Role, &str); 15] = [
    ("office", "宋知远", Role::Office, COUNTY),
    ("city", "梁弘文", Role::Office, CITY),
    ("township", "许向阳", Role::Township, TOWNSHIP),
    ("tangzhuang", "田立诚", Role::Township, OTHER_TOWNSHIP),
    ("cadre", "林一诺", Role::Cadre, VILLAGE),
    ("unit", "江清泉", Role::Unit, COUNTY),
    ("department", "方如春", Role::Department, COUNTY),
    ("branch", "司德春", Role::Branch, VILLAGE),
    ("mentor", "桂文博", Role::Mentor, COUNTY),
    ("judge", "尚明哲", Role::Judge, COUNTY),
    ("leader", "秦思远", Role::Leader, COUNTY),
    ("sysadmin", "章志辉", Role::Sysadmin, COUNTY),
    ("secadmin", "严秋荷", Role::Secadmin, COUNTY),
    ("auditor", "沈雪松", Role::Auditor, COUNTY),
    ("elsewhere", "康建辉", Role::Office, OTHER_COUNTY),
];

/// A little PNG: one red pixel.
pub const PIXEL: [u8; 69] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 0x0C, 0x49, 0x44, 0x41, 0x54, 8, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0,
    3, 1, 1, 0, 0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[must_use]
pub fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).expect("a division code")
}

#[must_use]
pub fn today() -> Day {
    Day::new(2024, 1, 18).expect("a day")
}

/// An application over the database with the people above.
pub async fn world(db: &TestDb) -> App {
    install(db, None, false).await
}

/// The same under an address (`https://…`) or as a demo.
pub async fn install(db: &TestDb, base_url: Option<&str>, demo: bool) -> App {
    let keys = Keys::from_root(&[7; 32]);
    let files = db.folder().join("files");
    let base_url = base_url.map(str::to_owned);
    let app = App::new(db.db().clone(), keys, Clock::fixed(today()), files, base_url, demo).expect("an app");
    people_the_world(&app).await;
    app
}

async fn people_the_world(app: &App) {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let hash = HASH.get_or_init(|| async { base::password::hash(PASSWORD).await.expect("a hash") }).await;
    let at = app.clock.now();
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    let divisions: Vec<_> = DIVISIONS.iter().map(|(place, name)| (code(place), (*name).to_owned())).collect();
    places::store::save_all(&mut tx, &divisions, today()).await.expect("divisions");
    let villages = [VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE].map(code);
    places::store::ensure_villages(&mut tx, &villages).await.expect("villages");
    let unit = units::store::add(&mut tx, county, &water()).await.expect("a unit");
    let lin = Person { name: "林一诺".into(), unit_id: Some(unit.clone()), ..Person::default() };
    let person = people::store::add(&mut tx, &app.keys, county, &lin, at).await.expect("a person");
    for (name, display, role, place) in ACCOUNTS {
        let place = code(place);
        let account = NewAccount {
            county: place.county(),
            sign_in_name: name,
            display_name: display,
            person: (role == Role::Cadre).then_some((county, person.as_str())),
            password_hash: Some(hash),
        };
        let id = store::add(&mut tx, &account, at).await.expect("an account");
        let grant = if role.is_of_unit() {
            Grant { role, division: None, unit_id: Some(unit.clone()) }
        } else {
            Grant { role, division: Some(place), unit_id: None }
        };
        store::add_grant(&mut tx, &id, &grant, Day::new(2023, 1, 1).expect("a day"), "test").await.expect("a grant");
    }
    tx.commit().await.expect("written");
}

fn water() -> Unit {
    Unit {
        name: UNIT.into(),
        level: UnitLevel::County,
        kind: None,
        system: None,
        contact: None,
        phone: None,
        strong: false,
        strengths: vec![],
    }
}

/// A browser at the door of the application.
#[must_use]
pub fn browser(app: &App) -> Browser {
    Browser::new(web::router(app.clone()).0)
}

/// Signs in without the sign-in page: a session made by the store.
pub async fn sign_in_as(app: &App, browser: &mut Browser, name: &str) {
    let token = random_token().expect("a token");
    let mut tx = app.db.begin().await.expect("a write");
    let account = store::find_by_name(&mut tx, name).await.expect("read").expect("an account of that name");
    let token_hash = sha256(token.as_bytes());
    let session = NewSession { token_hash: &token_hash, account_id: &account.id, address: None, agent: None };
    store::add_session(&mut tx, &session, app.clock.now()).await.expect("a session");
    tx.commit().await.expect("written");
    browser.forget_cookies();
    browser.set_cookie(web::session_cookie_name(app), &token);
}

/// A browser in which somebody is signed in.
pub async fn browser_of(app: &App, name: &str) -> Browser {
    let mut browser = browser(app);
    sign_in_as(app, &mut browser, name).await;
    browser
}

#[test]
fn nothing_is_left_out_where_everything_is_asked_for() {
    assert!(
        base::testing::is_complete(),
        "{}=1 asks for both databases; name a PostgreSQL server in {}",
        base::testing::ALL,
        base::testing::POSTGRES
    );
}

#[tokio::test]
async fn the_world_of_tests_stands_on_both_databases() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut browser = browser_of(&app, "office").await;
        browser.get("/nowhere").await.is(404).shows("没有这一页");
        browser.forget_cookies();
        browser.get("/healthz").await.is(200);
    }
}
