//! The store on both databases.

use base::kernel::{DivisionCode, Instant};

use crate::{
    accounts::{
        Grant, Role, Scope,
        rules::{AccountState, LOCK_SECONDS, session},
        store::{self, Entrance, Filter, NewAccount, NewSession},
    },
    testing::{COUNTY, MIGRATIONS, OTHER_COUNTY, TOWNSHIP, code, databases, today, world},
};

const NOW: Instant = Instant(1_705_540_000_000);

#[tokio::test]
async fn an_account_is_found_in_its_county_alone_and_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("write");
        let county = code(COUNTY).county();
        let new =
            NewAccount { county, sign_in_name: "zhao", display_name: "赵明", person: None, password_hash: None };
        let id = store::add(&mut tx, &new, NOW).await.expect("added");
        let found = store::find(&mut tx, &Scope::of(code(COUNTY)), &id).await.expect("read").expect("there");
        assert_eq!(found.state(NOW), AccountState::Invited);
        assert!(store::find(&mut tx, &Scope::of(code(OTHER_COUNTY)), &id).await.expect("read").is_none());
        assert!(store::find(&mut tx, &Scope::of(code(TOWNSHIP)), &id).await.expect("read").is_none());
        tx.commit().await.expect("written");
        let mut tx = app.db.begin().await.expect("write");
        let again = store::add(&mut tx, &new, NOW).await.expect_err("a second of the same name");
        assert_eq!(again.unique_violation().as_deref(), Some("account"));
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_scope_role_state_and_text() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut conn = app.db.read().await.expect("read");
        let names = async |conn: &mut base::db::Conn, scope: &str, filter: Filter<'_>| {
            let scope = Scope::of(code(scope));
            let when = (NOW, today());
            let rows = store::list(conn, &scope, filter, when, (50, 0)).await.expect("read");
            let count = store::count(conn, &scope, filter, when).await.expect("read");
            assert_eq!(i64::try_from(rows.len()).expect("few"), count);
            rows.into_iter().map(|row| row.sign_in_name).collect::<Vec<_>>()
        };
        let role = Filter { role: Some("township"), ..Filter::default() };
        assert_eq!(names(&mut conn, COUNTY, role).await, ["tangzhuang", "township"]);
        let text = Filter { text: Some("知远"), ..Filter::default() };
        assert_eq!(names(&mut conn, COUNTY, text).await, ["office"]);
        assert_eq!(names(&mut conn, OTHER_COUNTY, Filter::default()).await, ["elsewhere"]);
        let locked = Filter { state: Some("locked"), ..Filter::default() };
        assert!(names(&mut conn, COUNTY, locked).await.is_empty());
        let all = names(&mut conn, COUNTY, Filter { state: Some("active"), ..Filter::default() }).await;
        assert_eq!(all.len(), 13);
    }
}

#[tokio::test]
async fn five_failures_lock_and_time_or_an_administrator_opens() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("write");
        let id = store::find_by_name(&mut tx, "office").await.expect("read").expect("there").id;
        for _ in 1..5 {
            assert_eq!(store::add_failure(&mut tx, &id, NOW).await.expect("noted"), None);
        }
        let until = store::add_failure(&mut tx, &id, NOW).await.expect("noted").expect("locked");
        let secret = store::find_secret(&mut tx, Ok(&id)).await.expect("read").expect("there");
        assert_eq!(secret.state(NOW), AccountState::Locked { until });
        assert_eq!(secret.state(NOW.plus_seconds(LOCK_SECONDS)), AccountState::Active);
        store::save_state(&mut tx, &id, false).await.expect("opened");
        let row = store::find_by_name(&mut tx, "office").await.expect("read").expect("there");
        assert_eq!(row.state(NOW), AccountState::Active);
    }
}

#[tokio::test]
async fn a_code_of_the_second_factor_is_used_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("write");
        let id = store::find_by_name(&mut tx, "office").await.expect("read").expect("there").id;
        assert!(store::save_totp_step(&mut tx, &id, 7).await.expect("saved"));
        assert!(!store::save_totp_step(&mut tx, &id, 7).await.expect("read"));
        assert!(!store::save_totp_step(&mut tx, &id, 6).await.expect("read"));
        assert!(store::save_totp_step(&mut tx, &id, 8).await.expect("saved"));
    }
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_when_ended_and_with_its_account() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("write");
        let id = store::find_by_name(&mut tx, "office").await.expect("read").expect("there").id;
        for token in ["a", "b"] {
            let session = NewSession { token_hash: token, account_id: &id, address: Some("::1"), agent: None };
            store::add_session(&mut tx, &session, NOW).await.expect("added");
        }
        let lives = async |conn: &mut base::db::Conn, token: &str, at: Instant| {
            store::find_session(conn, token, at, today())
                .await
                .expect("read")
                .map(|(viewer, touch)| (viewer.name, touch))
        };
        let before = tx.statements();
        assert_eq!(lives(&mut tx, "a", NOW).await, Some(("宋知远".into(), false)));
        assert_eq!(tx.statements() - before, 1, "every page begins with it");
        let later = NOW.plus_seconds(session::TOUCH_SECONDS + 1);
        assert_eq!(lives(&mut tx, "a", later).await, Some(("宋知远".into(), true)));
        assert_eq!(lives(&mut tx, "a", NOW.plus_seconds(session::IDLE_SECONDS + 1)).await, None);
        assert_eq!(store::list_sessions(&mut tx, &id, NOW).await.expect("read").len(), 2);
        assert_eq!(store::count_sessions(&mut tx, &Scope::of(code(COUNTY)), NOW).await.expect("read"), 2);
        assert!(!store::end_session(&mut tx, "somebody else", "a").await.expect("read"));
        assert!(store::end_session(&mut tx, &id, "a").await.expect("ended"));
        assert_eq!(lives(&mut tx, "a", NOW).await, None);
        store::save_state(&mut tx, &id, true).await.expect("disabled");
        assert_eq!(lives(&mut tx, "b", NOW).await, None);
        store::save_state(&mut tx, &id, false).await.expect("enabled");
        let old = NOW.plus_seconds(session::LONGEST_SECONDS + 1);
        assert_eq!(store::remove_old_sessions(&mut tx, &id, old).await.expect("removed"), 1);
    }
}

#[tokio::test]
async fn a_role_holds_from_its_first_day_until_it_is_ended() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut tx = app.db.begin().await.expect("write");
        let id = store::find_by_name(&mut tx, "office").await.expect("read").expect("there").id;
        let grant = Grant { role: Role::Leader, division: Some(code(COUNTY)), unit_id: None };
        let given = store::add_grant(&mut tx, &id, &grant, today().plus_days(1), "test").await.expect("granted");
        assert_eq!(store::grants(&mut tx, &id, today()).await.expect("read").len(), 1);
        assert_eq!(store::grants(&mut tx, &id, today().plus_days(1)).await.expect("read").len(), 2);
        assert!(store::end_grant(&mut tx, &id, &given, today().plus_days(3)).await.expect("ended"));
        assert!(!store::end_grant(&mut tx, &id, &given, today().plus_days(4)).await.expect("read"));
        assert_eq!(store::grants(&mut tx, &id, today().plus_days(2)).await.expect("read").len(), 2);
        assert_eq!(store::grants(&mut tx, &id, today().plus_days(3)).await.expect("read").len(), 1);
        let roles = store::roles_of(&mut tx, std::slice::from_ref(&id), today().plus_days(1)).await.expect("read");
        assert_eq!(roles[&id], [Role::Leader, Role::Office]);
    }
}

#[tokio::test]
async fn the_entrances_of_a_demo_come_back_as_they_were_written() {
    for db in databases(&MIGRATIONS).await {
        let entrance = Entrance { name: "office".into(), label: "驻村办".into(), who: "宋知远".into() };
        let mut tx = db.begin().await.expect("write");
        assert!(store::demo_entrances(&mut tx).await.expect("read").is_empty());
        store::save_demo_entrances(&mut tx, std::slice::from_ref(&entrance)).await.expect("saved");
        assert_eq!(store::demo_entrances(&mut tx).await.expect("read"), [entrance]);
        assert_eq!(DivisionCode::NATION.county().as_i64(), 0);
    }
}
