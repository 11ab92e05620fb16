//! Plans of lists: a layer costs little, a wrong plan everything.

use base::db::{Kind, Query, plan_of};

use crate::{
    accounts::{Grant, Permission, Role, Scope, Viewer},
    app::App,
    express::{meetings, problems::store as problems, projects::store as projects, talents::store as talents},
    testing::{COUNTY, MIGRATIONS, TOWNSHIP, VILLAGE, code, databases, today, world},
};

/// The scopes that people have: a county, a province, a township, a cadre's village and own records, a department.
fn scopes() -> Vec<Scope> {
    let viewer = |role: Role, division: Option<&str>, unit: Option<&str>| Viewer {
        account_id: "a".into(),
        sign_in_name: "a".into(),
        name: "林一诺".into(),
        person_id: Some("p".into()),
        home: code(COUNTY),
        grants: vec![Grant { role, division: division.map(code), unit_id: unit.map(str::to_owned) }],
        stands_in: Vec::new(),
    };
    vec![
        Scope::of(code(COUNTY)),
        Scope::of(code("410000000000")),
        Scope::of(code(TOWNSHIP)),
        viewer(Role::Cadre, Some(VILLAGE), None).scope(Permission::ExpressRead),
        viewer(Role::Department, None, Some("u")).scope(Permission::ExpressRead),
    ]
}

async fn indexed(app: &App, query: Query, tables: &[&str]) {
    let said = query.text().to_owned();
    let plan = plan_of(&mut app.db.read().await.expect("a reader"), query).await.expect("a plan");
    for table in tables {
        let scan = format!("SCAN {table}");
        let bad: Vec<_> = plan.iter().filter(|step| **step == scan).collect();
        assert!(bad.is_empty(), "{said}\n{plan:#?}");
    }
}

#[tokio::test]
async fn lists_are_read_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        for scope in scopes() {
            for view in problems::View::ALL {
                let filter = problems::Filter { view, ..problems::Filter::default() };
                indexed(&app, problems::list_query(&scope, &filter, today(), (50, 0)), &["p"]).await;
            }
            let filter = problems::Filter {
                block: Some("funds"),
                words: Some("渠".into()),
                level: Some("city"),
                ..problems::Filter::default()
            };
            indexed(&app, problems::list_query(&scope, &filter, today(), (50, 0)), &["p"]).await;
            for filter in [
                projects::Filter::default(),
                projects::Filter { kind: Some("party"), stage: Some("started"), ..projects::Filter::default() },
                projects::Filter { unit_id: Some("u".into()), ..projects::Filter::default() },
            ] {
                indexed(&app, projects::list_query(&scope, &filter, 50, 0), &["p"]).await;
            }
            indexed(&app, meetings::store::list_query(&scope, 50, 0), &["i"]).await;
            if !scope.areas().is_empty() {
                let filter = talents::Filter { field: Some("craft"), words: Some("砌".into()) };
                indexed(&app, talents::list_query(&scope, &filter, 50, 0), &["t"]).await;
            }
        }
        indexed(&app, problems::joined_query("u", 50), &["c", "p"]).await;
    }
}
