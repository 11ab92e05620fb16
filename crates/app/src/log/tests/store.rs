//! Plans of lists: a layer costs little, a wrong plan everything.

use base::{
    db::{Kind, Query, plan_of},
    kernel::Month,
};

use super::staff;
use crate::{
    accounts::{Permission, Scope},
    app::App,
    log::{
        entries::store::{Filter, Has, list_query, waiting_query},
        visits::store as visits,
    },
    testing::{COUNTY, MIGRATIONS, TOWNSHIP, code, databases, world},
};

/// The scopes that people have: a county, a province, a township, and a cadre's village and own records.
async fn scopes(app: &App) -> Vec<Scope> {
    let mut conn = app.db.read().await.expect("a reader");
    let account = crate::accounts::store::find_by_name(&mut conn, "cadre").await.expect("read").expect("an account");
    let viewer = crate::accounts::Viewer {
        account_id: account.id.clone(),
        sign_in_name: "cadre".into(),
        name: "林一诺".into(),
        person_id: account.person_id.clone(),
        home: code(COUNTY),
        grants: vec![crate::accounts::Grant {
            role: crate::accounts::Role::Cadre,
            division: Some(code(crate::testing::VILLAGE)),
            unit_id: None,
        }],
        stands_in: Vec::new(),
    };
    let unit = crate::accounts::Viewer {
        grants: vec![crate::accounts::Grant {
            role: crate::accounts::Role::Unit,
            division: None,
            unit_id: Some("u".into()),
        }],
        ..viewer.clone()
    };
    vec![
        Scope::of(code(COUNTY)),
        Scope::of(code("410000000000")),
        Scope::of(code(TOWNSHIP)),
        viewer.scope(Permission::LogRead),
        unit.scope(Permission::LogRead),
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
async fn every_list_of_the_log_is_answered_through_an_index() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        if db.db().kind() == Kind::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let month = Month::new(2024, 1);
        let filters = [
            Filter::default(),
            Filter { month, has: Some(Has::Waiting), ..Filter::default() },
            Filter { name: Some("林".into()), ..Filter::default() },
            Filter { person_id: Some("p".into()), month, ..Filter::default() },
            Filter { id: Some("x".into()), ..Filter::default() },
        ];
        for scope in scopes(&app).await {
            for filter in &filters {
                indexed(&app, list_query(&scope, filter, 50, 0), &["e"]).await;
            }
            indexed(&app, waiting_query(&scope, "waiting", 50, 0), &["o", "e"]).await;
            // Visits are seen by place alone: without one nothing is looked for.
            if scope.areas().is_empty() {
                continue;
            }
            for filter in [visits::Filter::default(), visits::Filter { name: Some("秦".into()), month }] {
                indexed(&app, visits::list_query(&scope, &filter, 50, 0), &["p", "w"]).await;
            }
        }
    }
}
