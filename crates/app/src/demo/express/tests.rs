//! Any place by its counts: those of 梧州 and 浮山 come out exactly.

use super::{Counts, Place, Village, make};
use crate::{
    accounts::store as accounts,
    app::App,
    demo::dice::{Dice, Stream},
    express::departments,
    spine::facts::{
        Catalogue,
        read::{Place as At, Span, value},
    },
    testing::{CITY, COUNTY, MIGRATIONS, OTHER_VILLAGE, SECOND_VILLAGE, VILLAGE, code, databases, today, world},
    units::{self, Unit},
};

async fn figure(app: &App, indicator: &str, place: &str) -> i64 {
    let indicator = Catalogue::get().find(indicator).expect("an indicator");
    let mut conn = app.db.read().await.expect("a reader");
    let span = Span { from: None, to: today() };
    let amount = value(&mut conn, indicator, &At::of(code(place)), span).await.expect("computed");
    amount / indicator.divisor
}

/// Makes the counts over three villages, for an office, and finds the figures of the city.
async fn made(app: &App, office: &str, counts: &Counts, expected: &[(&str, i64)]) {
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    for name in ["社旗县交通运输局", "社旗县财政局", "社旗县自然资源局", "社旗县农业农村局"]
    {
        units::store::add(&mut tx, county, &Unit::named(name)).await.expect("a unit");
    }
    let lin = accounts::find_by_name(&mut tx, "cadre").await.expect("read").and_then(|one| one.person_id);
    let villages: Vec<Village> = [VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE]
        .into_iter()
        .map(|village| Village {
            code: code(village),
            name: "某村".into(),
            person: lin.clone().filter(|_| village == VILLAGE).map(|id| (county, id, "林一诺".to_owned())),
        })
        .collect();
    let departments = departments::list(&mut tx, county).await.expect("read");
    let place =
        Place { villages: &villages, departments: &departments, office: (code(office), "办公室"), today: today() };
    let pack = app.packs().get("default").expect("a pack");
    make(&mut tx, place, counts, pack, &mut Dice::new(1, Stream::Express)).await.expect("made");
    tx.commit().await.expect("written");
    for (indicator, amount) in expected {
        assert_eq!(figure(app, indicator, CITY).await, *amount, "{indicator}");
    }
    let report = crate::check::check(&mut app.db.read().await.expect("a reader")).await.expect("checked");
    assert_eq!(report.differences(), 0, "{:?}", report.lines());
}

#[tokio::test]
async fn wuzhou_comes_out_as_its_text_says() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let counts = Counts {
            projects: 37,
            industry: 20,
            investment: 1_136,
            funds: 700,
            problems: 114,
            struck_off: 73,
            meetings: 9,
            gains: &[("gain.land", 405_000, 5)],
            ..Counts::default()
        };
        let expected = [
            ("project.listed", 37),
            ("project.investment", 1_136),
            ("project.party_application", 0),
            ("problem.raised", 114),
            ("problem.struck_off", 73),
            ("meeting.held", 9),
            ("gain.land", 4_050),
        ];
        made(&app, CITY, &counts, &expected).await;
    }
}

#[tokio::test]
async fn fushan_comes_out_as_its_text_says() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let counts = Counts {
            projects: 20,
            industry: 11,
            applications: 9,
            investment: 640,
            funds: 412,
            bindings: 4,
            talents: 5,
            ..Counts::default()
        };
        let expected = [
            ("project.industry", 11),
            ("project.party_application", 9),
            ("project.fund", 412),
            ("project.listed", 20),
            ("talent.registered", 5),
            ("meeting.held", 0),
        ];
        made(&app, COUNTY, &counts, &expected).await;
    }
}
