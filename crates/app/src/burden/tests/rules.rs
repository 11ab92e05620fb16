use base::{
    db::{Kind, plan_of},
    kernel::Day,
};

use crate::{
    accounts::Actor,
    app::App,
    burden::{
        acts,
        rules::{Class, Code, Opening, Standing, SwitchKind, nameless_due, standing, week},
        self_check, store,
    },
    testing::{COUNTY, MIGRATIONS, code, databases, today, world},
};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn opening(basis: &str, approver: &str, until: &str) -> Opening {
    Opening { kind: SwitchKind::Photo, basis: basis.into(), approver: approver.into(), until: day(until) }
}

#[test]
fn nothing_is_turned_on_without_basis_approver_and_end() {
    let good = || opening("某县〔2024〕3 号", "宋知远", "2024-02-01");
    assert!(good().check(today(), 90).is_ok());
    for (wrong, field) in [
        (opening("口头", "宋知远", "2024-02-01"), "basis"),
        (opening("某县〔2024〕3 号", "", "2024-02-01"), "approver"),
        (opening("某县〔2024〕3 号", "宋知远", "2024-01-18"), "until"),
        (opening("某县〔2024〕3 号", "宋知远", "2024-04-18"), "until"),
    ] {
        assert_eq!(wrong.check(today(), 90).expect_err(field).field, Some(field));
    }
}

#[test]
fn a_switch_ends_on_its_day_by_itself() {
    let until = day("2024-02-01");
    for (closed, on, expected) in [
        (None, "2024-01-31", Standing::On),
        (None, "2024-02-01", Standing::Ended),
        (Some(day("2024-01-20")), "2024-01-21", Standing::Closed { on: day("2024-01-20") }),
    ] {
        assert_eq!(standing(until, closed, day(on)), expected, "{on}");
    }
}

#[test]
fn a_nameless_complaint_knows_its_week_alone() {
    for on in ["2024-01-15", "2024-01-18", "2024-01-21"] {
        assert_eq!(week(day(on)), day("2024-01-15"), "{on}");
    }
    assert_eq!(nameless_due(day("2024-01-15"), 15), day("2024-02-06"));
}

#[test]
fn a_code_is_read_as_people_write_it() {
    let county = code(COUNTY).county();
    let made = Code::new(county, "some random text");
    let shown = made.to_string();
    assert_eq!(shown.len(), 6 + 4 * 5, "{shown}");
    for typed in
        [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!("  {} ", shown.replace('-', ""))]
    {
        assert_eq!(Code::parse(&typed).as_ref(), Some(&made), "{typed}");
    }
    for wrong in ["", "411327", &shown[..20], &shown.replace(&shown[7..8], "0"), "不是编号"] {
        assert_eq!(Code::parse(wrong), None, "{wrong}");
    }
    assert_ne!(Code::new(county, "another").hash(), made.hash());
}

#[test]
fn there_are_eight_classes_and_each_code_is_its_own() {
    assert_eq!(Class::ALL.len(), 8);
    assert!(Class::ALL.iter().all(|class| Class::parse(class.code()) == Some(*class)));
}

#[test]
fn the_program_stores_no_tracks_and_the_count_sees_columns() {
    assert_eq!((self_check::tracks(), self_check::watching()), (0, 0));
    // Villages have coordinates: the search does find such columns where they stand.
    assert!(self_check::columns().contains(&("village".to_owned(), "longitude".to_owned())));
    assert!(self_check::columns().len() > 100);
}

async fn open(app: &App, until: &str, actor: &Actor) -> Result<(), base::web::AppError> {
    let mut tx = app.db.begin().await?;
    acts::open_switch(&mut tx, code(COUNTY).county(), opening("某县〔2024〕3 号", "宋知远", until), 90, actor).await?;
    Ok(tx.commit().await?)
}

#[tokio::test]
async fn one_of_a_kind_stands_until_its_day_and_then_another_may() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let county = code(COUNTY).county();
        let actor = Actor::command_line(app.clock);
        open(&app, "2024-02-01", &actor).await.expect("on");
        let second = open(&app, "2024-03-01", &actor).await.expect_err("it is on");
        assert!(second.say().zh().contains("已经开着"), "{second:?}");
        let mut conn = app.db.read().await.expect("a reader");
        for (on, expected) in [("2024-01-18", true), ("2024-01-31", true), ("2024-02-01", false)] {
            let is_on = store::is_on(&mut conn, county, SwitchKind::Photo, day(on)).await.expect("read");
            assert_eq!(is_on, expected, "{on}");
            assert!(!store::is_on(&mut conn, county, SwitchKind::Place, day(on)).await.expect("read"));
        }
        drop(conn);
        let later = Actor { today: day("2024-02-01"), ..actor };
        open(&app, "2024-03-01", &later).await.expect("on again");
    }
}

#[tokio::test]
async fn the_list_of_complaints_is_answered_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        if db.db().kind() == Kind::Postgres {
            continue;
        }
        let query = store::complaints_query(code(COUNTY).county());
        let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
        assert!(plan.iter().any(|step| step.contains("complaint_list")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
