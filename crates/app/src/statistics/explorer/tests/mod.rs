//! The explorer over the small world: every cell is the figure that it opens to, on both databases.

mod pages;
mod sealed;

use base::{
    db::{Conn, Kind, plan_of},
    html::Address,
    kernel::{Day, DivisionCode},
};

use super::{
    count::{Counted, count},
    grid::{At, Shown, Where, Whose},
    rules::View,
    saved, store,
};
use crate::{
    accounts::Actor,
    app::App,
    housekeeping, places,
    spine::{
        facts::{
            FactDraft, Source, Writing,
            read::{self, Credit, Place, Slice, Span},
            record,
        },
        staging::Run,
    },
    testing::{
        CITY, COUNTY, MIGRATIONS, OTHER_COUNTY, OTHER_TOWNSHIP, OTHER_VILLAGE, SECOND_VILLAGE, TOWNSHIP, UNIT, VILLAGE,
        code, databases, today, world,
    },
    units::{self, Unit, UnitLevel},
};

pub const FORESTRY: &str = "社旗县林业局";

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

/// Indicator, day, amount, division, unit, key.
type Line = (&'static str, &'static str, i64, &'static str, Option<&'static str>, Option<&'static str>);

const LINES: [Line; 14] = [
    ("gain.fund", "2023-03-31", 5_000_000, VILLAGE, Some(UNIT), None),
    ("gain.fund", "2023-04-01", 7_000_000, VILLAGE, Some(UNIT), None),
    ("gain.fund", "2023-06-02", 1_200_000, SECOND_VILLAGE, Some(FORESTRY), None),
    ("gain.fund", "2023-06-03", 2_300_000, OTHER_VILLAGE, Some(FORESTRY), None),
    ("gain.fund", "2024-01-10", 4_000_000, OTHER_VILLAGE, None, None),
    // The township's own, and the county's.
    ("gain.fund", "2023-07-15", 900_000, TOWNSHIP, None, None),
    ("gain.fund", "2023-08-15", 800_000, COUNTY, Some(UNIT), None),
    ("gain.fund", "2023-08-16", 600_000, OTHER_COUNTY, Some("another-county"), None),
    // One leader in two townships and twice in a village, another once.
    ("visit.leader.people", "2023-05-05", 1, VILLAGE, Some(UNIT), Some("leader-1")),
    ("visit.leader.people", "2023-09-09", 1, VILLAGE, Some(FORESTRY), Some("leader-1")),
    ("visit.leader.people", "2023-12-31", 1, OTHER_VILLAGE, Some(UNIT), Some("leader-1")),
    ("visit.leader.people", "2024-01-05", 1, SECOND_VILLAGE, None, Some("leader-2")),
    ("matter.solved", "2023-11-11", 4, VILLAGE, None, None),
    ("matter.solved.in_time", "2023-11-11", 3, VILLAGE, None, None),
];

/// The people of statistics, and facts with and without units, of villages, townships and counties.
pub async fn seed(app: &App) {
    super::super::tests::seed(app).await;
    let county = code(COUNTY).county();
    let mut tx = app.db.begin().await.expect("a write");
    let forestry = Unit {
        name: FORESTRY.into(),
        level: UnitLevel::County,
        kind: None,
        system: None,
        contact: None,
        phone: None,
        strong: false,
        strengths: vec![],
    };
    let forestry = units::store::add(&mut tx, county, &forestry).await.expect("a unit");
    let water = units::store::find_by_name(&mut tx, county, UNIT).await.expect("read").expect("the unit").id;
    for (number, (indicator, on, amount, division, unit, key)) in LINES.into_iter().enumerate() {
        let unit_id = unit.map(|name| match name {
            UNIT => water.clone(),
            FORESTRY => forestry.clone(),
            other => other.to_owned(),
        });
        let draft = FactDraft {
            indicator,
            day: day(on),
            amount,
            division: code(division),
            person: None,
            unit_id,
            key: key.map(str::to_owned),
            value: None,
        };
        let source = Source { kind: "log", id: format!("line-{number}") };
        let county = code(division).county();
        record(&mut tx, county, &[(source, vec![draft])], app.clock.now(), Writing::New).await.expect("recorded");
    }
    // One that was taken back counts nowhere.
    let source = Source { kind: "log", id: "taken-back".into() };
    let draft = FactDraft {
        indicator: "gain.fund",
        day: day("2023-06-10"),
        amount: 9_900_000,
        division: code(VILLAGE),
        person: None,
        unit_id: Some(water),
        key: None,
        value: None,
    };
    let at = app.clock.now();
    record(&mut tx, county, &[(source.clone(), vec![draft])], at, Writing::New).await.expect("recorded");
    record(&mut tx, county, &[(source, vec![])], at, Writing::Difference).await.expect("taken back");
    tx.commit().await.expect("written");
}

pub async fn counted(conn: &mut Conn, address: &str, place: DivisionCode) -> Counted {
    let address = Address::parse(address);
    let view = View::read(&address, place, today()).expect("a view");
    count(conn, view, &address, 5).await.expect("counted")
}

/// What the page behind a cell says.
async fn opened(conn: &mut Conn, counted: &Counted, at: At) -> i64 {
    let view = &counted.view;
    let code = match at.place {
        Where::Whole | Where::Own => view.place,
        Where::Part(part) => counted.data.places[part].code,
    };
    let credit = match at.unit {
        Whose::All => view.unit.clone().map_or(Credit::Any, Credit::Unit),
        Whose::Unit(number) => Credit::Unit(counted.data.units[number - 1].clone()),
        Whose::Nobody => Credit::Nobody,
    };
    let above = (at.place == Where::Own).then_some(view.level);
    let place = places::store::with_predecessors(conn, code).await.expect("a place").sliced(Slice { credit, above });
    let indicator = counted.data.indicators[at.indicator];
    read::value(conn, indicator, &place, at.span).await.expect("a figure")
}

async fn check(conn: &mut Conn, address: &str, place: &str) -> usize {
    let counted = counted(conn, address, code(place)).await;
    let lines: Vec<_> = counted.grid.rows.iter().chain(counted.grid.foot.as_ref().map(|foot| &foot.2)).collect();
    let mut figures = 0;
    for line in &lines {
        for (shown, at) in &line.cells {
            if let Shown::Figure(amount) = shown {
                let own = opened(conn, &counted, *at).await;
                assert_eq!(*amount, own, "{address} of {place} at {at:?}");
                figures += usize::from(own != 0);
            }
        }
    }
    figures
}

const VIEWS: [&str; 20] = [
    "/explorer",
    "/explorer?figure=gain.fund&rows=place",
    "/explorer?figure=gain.fund&rows=place&level=village&cols=month&from=2023-03-15&to=2024-01-18",
    "/explorer?figure=gain.fund&rows=quarter&cols=place&from=2023-01-01&to=2023-12-31",
    "/explorer?figure=gain.fund&rows=year&from=2022-06-30",
    "/explorer?figure=gain.fund&rows=unit&cols=place",
    "/explorer?figure=gain.fund&rows=place&cols=unit&level=village&from=2023-04-01",
    "/explorer?figure=gain.fund&rows=unit&cols=month&from=2023-03-20&to=2023-08-15",
    "/explorer?figure=gain.fund&rows=unit&cols=batch",
    "/explorer?figure=gain.fund&rows=batch&cols=place&from=2023-05-05&to=2023-07-15",
    "/explorer?figure=visit.leader.people&rows=place&cols=quarter&from=2023-02-02",
    "/explorer?figure=visit.leader.people&rows=place&level=village&cols=month&from=2023-01-01&to=2023-12-31",
    "/explorer?figure=visit.leader.people&rows=unit&cols=place",
    "/explorer?figure=visit.leader.people&rows=batch&cols=unit",
    "/explorer?figure=posting.cadre&rows=place&cols=year&from=2021-01-01&to=2023-12-31",
    "/explorer?figure=posting.cadre&rows=unit&cols=quarter&from=2021-02-15",
    "/explorer?figure=branch.star5&rows=place&cols=year&from=2022-01-01",
    "/explorer?figure=matter.solved.share&rows=place&level=village&cols=month&from=2023-11-01",
    "/explorer?rows=indicator&group=all&cols=quarter&from=2022-12-31&to=2024-01-17",
    "/explorer?rows=place&cols=indicator&group=强村富民",
];

#[tokio::test]
async fn every_cell_is_the_figure_that_it_opens_to() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        for view in VIEWS {
            let mut figures = 0;
            for place in [COUNTY, TOWNSHIP, CITY] {
                if place == CITY && view.contains("batch") {
                    continue;
                }
                figures += check(&mut conn, view, place).await;
            }
            assert!(figures > 2, "{view} counts nothing");
        }
        let unit = units::store::find_by_name(&mut conn, code(COUNTY).county(), UNIT).await.expect("read").expect("it");
        for view in [
            "/explorer?figure=gain.fund&rows=place&level=village&cols=month&from=2023-03-15",
            "/explorer?rows=indicator&group=all&cols=batch",
            "/explorer?figure=visit.leader.people&rows=place&cols=year&from=2023-01-01",
        ] {
            let view = format!("{view}&unit={}", unit.id);
            assert!(check(&mut conn, &view, COUNTY).await > 0, "{view} counts nothing");
        }
        assert!(check(&mut conn, "/explorer?rows=indicator&cols=month&from=2023-05-01", VILLAGE).await > 0);
        assert!(check(&mut conn, "/explorer?figure=posting.cadre&rows=place&level=county", "410000000000").await > 0);
        assert!(check(&mut conn, "/explorer?figure=gain.fund&rows=place&level=county", "000000000000").await > 0);
    }
}

#[tokio::test]
async fn a_merged_township_brings_its_cells() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        places::store::succeed(&mut tx, code(OTHER_TOWNSHIP), code(TOWNSHIP), day("2024-01-01")).await.expect("merged");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a connection");
        for view in VIEWS {
            check(&mut conn, view, COUNTY).await;
        }
        let merged = counted(&mut conn, "/explorer?figure=posting.cadre&rows=place", code(COUNTY)).await;
        let names: Vec<_> = merged.grid.rows.iter().filter_map(|line| Some(line.head.as_ref()?.label.zh())).collect();
        assert_eq!(names, ["苗店镇"], "the township that is gone is no row any more");
        assert_eq!(merged.grid.rows[0].cells[0].0, Shown::Figure(3));
    }
}

fn figures(counted: &Counted) -> Vec<Vec<i64>> {
    let cells = |line: &super::grid::Line| {
        let amount = |(shown, _): &(Shown, At)| match shown {
            Shown::Figure(amount) => *amount,
            Shown::Hidden | Shown::Nothing => -1,
        };
        line.cells.iter().map(amount).collect()
    };
    counted.grid.rows.iter().chain(counted.grid.foot.as_ref().map(|foot| &foot.2)).map(cells).collect()
}

#[tokio::test]
async fn sums_add_up_and_people_are_counted_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        let address = "/explorer?figure=gain.fund&rows=place&cols=quarter&from=2023-01-01&to=2023-12-31";
        let sums = counted(&mut conn, address, code(COUNTY)).await;
        let expected = [
            vec![5_000_000, 8_200_000, 900_000, 0, 14_100_000],
            vec![0, 2_300_000, 0, 0, 2_300_000],
            // What the county has and no township.
            vec![0, 0, 800_000, 0, 800_000],
            vec![5_000_000, 10_500_000, 1_700_000, 0, 17_200_000],
        ];
        assert_eq!(figures(&sums), expected);
        let people = counted(&mut conn, "/explorer?figure=visit.leader.people&rows=place", code(COUNTY)).await;
        assert_eq!(figures(&people), [[2], [1], [2]], "one of the two was in both townships");
        let head = people.grid.foot.expect("a whole");
        assert_eq!((head.0.zh(), head.1.map(|note| note.zh())), ("整体".into(), Some("去重后数一次，不相加".into())));
        let units = counted(&mut conn, "/explorer?figure=gain.fund&rows=unit&to=2024-01-18", code(COUNTY)).await;
        let names: Vec<_> = units.grid.rows.iter().filter_map(|line| Some(line.head.as_ref()?.label.zh())).collect();
        assert_eq!(names, [UNIT, FORESTRY, "没有记到单位"]);
        assert_eq!(figures(&units), [[12_800_000], [3_500_000], [4_900_000], [21_200_000]]);
    }
}

#[tokio::test]
async fn a_large_import_counts_from_when_it_is_seen_and_the_same_once_folded_in() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let county = code(COUNTY).county();
        let gains = async || {
            let mut conn = app.db.read().await.expect("a connection");
            let funds = counted(&mut conn, "/explorer?figure=gain.fund&rows=unit&to=2024-01-18", code(COUNTY)).await;
            let people = "/explorer?figure=visit.leader.people&rows=unit&to=2024-01-18";
            let people = counted(&mut conn, people, code(COUNTY)).await;
            (figures(&funds), figures(&people))
        };
        let before = gains().await;
        let run = Run::begin(&app.db, [county].into()).await.expect("a run");
        let mut tx = run.chunk(&app.db).await.expect("a chunk");
        let unit = units::store::find_by_name(&mut tx, county, UNIT).await.expect("read").expect("the unit").id;
        for (indicator, amount, key) in [("gain.fund", 1_100_000, None), ("visit.leader.people", 1, Some("leader-3"))] {
            let draft = FactDraft {
                indicator,
                day: day("2023-04-01"),
                amount,
                division: code(VILLAGE),
                person: None,
                unit_id: Some(unit.clone()),
                key: key.map(str::to_owned),
                value: None,
            };
            let facts = [(Source { kind: "log", id: format!("staged-{indicator}") }, vec![draft])];
            record(&mut tx, county, &facts, app.clock.now(), Writing::Staged(&run)).await.expect("recorded");
        }
        tx.commit().await.expect("written");
        assert_eq!(gains().await, before, "nobody sees what is not applied");
        let mut tx = app.db.begin().await.expect("a write");
        run.apply(&mut tx).await.expect("applied");
        tx.commit().await.expect("written");
        let applied = gains().await;
        let (funds, people) = (&applied.0, &applied.1);
        assert_eq!((funds[0][0], people[0][0]), (before.0[0][0] + 1_100_000, before.1[0][0] + 1));
        housekeeping::finish(&app.db).await.expect("folded");
        assert_eq!(gains().await, applied, "folding in changes no figure");
    }
}

#[tokio::test]
async fn rows_are_sorted_by_any_column_and_what_has_no_part_stays_last() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut conn = app.db.read().await.expect("a connection");
    for (sort, expected) in [
        ("", ["麦田村", "柳溪村", "石桥村", "本级（没有记到村的）"]),
        ("whole", ["柳溪村", "石桥村", "麦田村", "本级（没有记到村的）"]),
        ("-whole", ["麦田村", "石桥村", "柳溪村", "本级（没有记到村的）"]),
        ("-2024", ["石桥村", "麦田村", "柳溪村", "本级（没有记到村的）"]),
        ("name", ["柳溪村", "麦田村", "石桥村", "本级（没有记到村的）"]),
    ] {
        let address =
            format!("/explorer?figure=gain.fund&rows=place&level=village&cols=year&from=2023-01-01&sort={sort}");
        let sorted = counted(&mut conn, &address, code(COUNTY)).await;
        let names: Vec<_> = sorted.grid.rows.iter().filter_map(|line| Some(line.head.as_ref()?.label.zh())).collect();
        assert_eq!(names, expected, "sort={sort}");
    }
}

#[tokio::test]
async fn tables_and_views_are_read_through_indexes() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut conn = app.db.read().await.expect("a connection");
        let actor = Actor::command_line(app.clock);
        let mut queries = vec![saved::list_query(saved::Whose { account_id: &actor.account_id, office: code(COUNTY) })];
        for (address, place) in [
            ("/explorer?figure=gain.fund&rows=place&cols=month&from=2023-03-15&to=2023-11-30", COUNTY),
            ("/explorer?figure=gain.fund&rows=place&level=village&cols=batch", COUNTY),
            ("/explorer?figure=gain.fund&rows=place&level=township&cols=unit&from=2023-03-15", CITY),
            ("/explorer?figure=gain.fund&rows=place&level=county&cols=year&from=2021-01-01", "410000000000"),
        ] {
            let counted = counted(&mut conn, address, code(place)).await;
            let heads = counted.grid.rows.iter().flat_map(|line| &line.cells).map(|(_, at)| at.span);
            let spans: Vec<Span> = heads.collect();
            queries.extend(store::queries(&counted.view, &counted.data.places, &spans));
        }
        for query in queries {
            let text = query.text().to_owned();
            let plan = plan_of(&mut conn, query).await.expect("a plan");
            if db.kind() == Kind::Sqlite {
                // What the parts of a view found is gone through once; the parts themselves are searched.
                let scans = |step: &String| step.starts_with("SCAN ") && !step.starts_with("SCAN live_");
                assert!(!plan.iter().any(scans), "{text}: {plan:#?}");
                // What goes through many facts finds all it tells of them in the index.
                let from_index = |step: &String| step.contains("COVERING INDEX fact_day (county_id=? AND indicator=?");
                assert!(!text.contains("string_agg") || plan.iter().any(from_index), "{text}: {plan:#?}");
            } else {
                assert!(!plan.is_empty(), "{text}");
            }
        }
    }
}

#[tokio::test]
async fn facts_are_left_alone_where_rollups_answer() {
    let db = databases(&MIGRATIONS).await.remove(0);
    let app = world(&db).await;
    seed(&app).await;
    let mut conn = app.db.read().await.expect("a connection");
    let places = [COUNTY, TOWNSHIP, OTHER_TOWNSHIP].map(|place| Place::of(code(place)));
    for address in [
        "/explorer?figure=gain.fund&rows=place&cols=month&from=2023-03-15&to=2023-11-30",
        "/explorer?figure=posting.cadre&rows=place&cols=batch",
        "/explorer?figure=visit.leader.people&rows=place&cols=month&from=2023-03-01&to=2023-11-30",
    ] {
        let counted = counted(&mut conn, address, code(COUNTY)).await;
        let before = conn.statements();
        let mut data = super::grid::Data::of(places.to_vec(), counted.data.indicators.clone());
        let spans: Vec<Span> = counted.grid.rows[0].cells.iter().map(|(_, at)| at.span).collect();
        store::read(&mut conn, &counted.view, &mut data, &spans).await.expect("read");
        assert!(conn.statements() - before <= 3, "{address}: {} statements", conn.statements() - before);
    }
}
