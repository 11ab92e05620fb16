use base::kernel::DivisionCode;
use serde_json::{Value, json};

use super::{rules::File, *};
use crate::{
    accounts::Actor,
    statistics::tests::seed,
    testing::{
        COUNTY, MIGRATIONS, OTHER_TOWNSHIP, SECOND_VILLAGE, TOWNSHIP, VILLAGE, browser_of, code, databases, world,
    },
};

fn square(x: f64, y: f64) -> Value {
    json!([[[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]])
}

fn collection(features: &[Value]) -> Value {
    json!({"type": "FeatureCollection", "source": "县测绘队", "approval": "豫S(2024)001号", "features": features})
}

fn feature(code: &str, coordinates: &Value) -> Value {
    json!({"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": coordinates}})
}

fn read_json(file: &Value) -> Result<File, Vec<Fault>> {
    read(file.to_string().as_bytes())
}

#[test]
fn a_file_of_outlines_is_read_and_its_faults_are_named() {
    let good = collection(&[feature(TOWNSHIP, &square(113.0, 33.0)), feature("411327", &square(112.9, 32.9))]);
    let file = read_json(&good).expect("outlines");
    assert_eq!((file.source.as_str(), file.approval.as_str()), ("县测绘队", "豫S(2024)001号"));
    assert_eq!(file.outlines[1].code, code(COUNTY));
    let open = json!([[[113.0, 33.0], [113.1, 33.0], [113.1, 33.1], [113.0, 33.1]]]);
    let metres = json!([[[38_000_000.0, 3_600_000.0], [1.0, 1.0], [2.0, 2.0], [38_000_000.0, 3_600_000.0]]]);
    let wrong = [
        (feature("五里", &square(113.0, 33.0)), "unknown_division", "认不得"),
        (feature(TOWNSHIP, &open), "bad_geometry", "没有闭合"),
        (feature(TOWNSHIP, &json!([[[113.0, 33.0], [113.0, 33.0]]])), "bad_geometry", "至少要 4 个"),
        (feature(TOWNSHIP, &json!([])), "bad_geometry", "面没有边"),
        (feature(TOWNSHIP, &metres), "bad_datum", "不是中国的经纬度"),
        (json!({"properties": {"code": TOWNSHIP}, "geometry": {"type": "LineString"}}), "bad_geometry", "应是 Polygon"),
        (pin(TOWNSHIP, 113.0, 33.0), "bad_geometry", "只有村用点"),
        (pin(VILLAGE, 33.0, 113.0), "bad_datum", "不是中国的经纬度"),
    ];
    for (feature, fault, words) in wrong {
        let faults = read_json(&collection(&[square_of_county(), feature])).expect_err(words);
        assert_eq!((faults.len(), faults[0].number, faults[0].code), (1, 2, fault), "{faults:?}");
        assert!(faults[0].message.contains(words), "{faults:?}");
    }
    let mut shifted = good;
    shifted["crs"] = json!({"type": "name", "properties": {"name": "GCJ-02"}});
    assert_eq!(read_json(&shifted).expect_err("another datum")[0].code, "bad_datum");
    assert_eq!(read(b"hello").expect_err("no JSON")[0].code, "bad_file");
    assert_eq!(read_json(&json!({"type": "Feature"})).expect_err("no collection")[0].code, "bad_file");
}

fn pin(code: &str, x: f64, y: f64) -> Value {
    json!({"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Point", "coordinates": [x, y]}})
}

#[test]
fn points_of_villages_come_as_a_table_too() {
    let file = format!("村的位置\n村代码,经度,纬度\n{VILLAGE},113.01,33.02\n{SECOND_VILLAGE},１１３.０５,33.04\n");
    let file = read(file.as_bytes()).expect("points");
    assert_eq!(file.outlines.len(), 2);
    assert_eq!(file.outlines[1].shape.points, [[113.05, 33.04]]);
    for (row, fault, words) in [
        (format!("{VILLAGE},东经113度,33.0"), "bad_geometry", "以度为单位"),
        (format!("{VILLAGE},33.0,113.0"), "bad_datum", "经纬颠倒"),
        ("麦田村,113.0,33.0".to_owned(), "unknown_division", "认不得"),
        (format!("{COUNTY},113.0,33.0"), "bad_geometry", "只有村用点"),
    ] {
        let faults = read(format!("code,lon,lat\n{row}\n").as_bytes()).expect_err(words);
        assert_eq!((faults.len(), faults[0].number, faults[0].code), (1, 2, fault), "{faults:?}");
        assert!(faults[0].message.contains(words), "{faults:?}");
    }
    assert_eq!(read("姓名,电话\n".as_bytes()).expect_err("no such columns")[0].code, "bad_file");
    assert_eq!(read(b"code,lon,lat\n").expect_err("no rows")[0].code, "bad_file");
}

#[tokio::test]
async fn villages_are_points_on_the_map_of_their_township_and_county() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let file =
            read_json(&collection(&[pin(VILLAGE, 113.0, 33.0), pin(SECOND_VILLAGE, 113.2, 33.1)])).expect("points");
        let mut tx = app.db.begin().await.expect("a write");
        let actor = Actor::command_line(app.clock);
        let kept = |created, updated, unchanged| Ok(store::Kept { created, updated, unchanged });
        assert_eq!(keep(&mut tx, &file, &actor).await.expect("kept"), kept(2, 0, 0));
        assert_eq!(keep(&mut tx, &file, &actor).await.expect("kept"), kept(0, 0, 2));
        tx.commit().await.expect("written");
        let unknown = read("村代码,经度,纬度\n411327999201,113.0,33.0\n".as_bytes()).expect("points");
        let mut tx = app.db.begin().await.expect("a write");
        let faults = keep(&mut tx, &unknown, &actor).await.expect("read").expect_err("no such village");
        assert_eq!((faults[0].number, faults[0].code), (2, "unknown_division"), "by its row");
        drop(tx);
        let mut office = browser_of(&app, "office").await;
        office.get("/dashboard").await.is(200).shows("圆点是村的位置");
        let map = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("GeoJSON");
        let county = map(&office.get(&format!("/outlines/{COUNTY}.json")).await.is(200).bytes);
        assert_eq!(county["features"][0]["properties"]["name"], TOWNSHIP);
        let ring = &county["features"][0]["geometry"]["coordinates"][0][0];
        assert_eq!(ring[0], ring[16], "a closed ring about the point");
        // An outline of a township stands in place of the points of its villages.
        let mut tx = app.db.begin().await.expect("a write");
        let outline = read_json(&collection(&[feature(TOWNSHIP, &square(113.0, 33.0))])).expect("outlines");
        assert_eq!(keep(&mut tx, &outline, &actor).await.expect("kept"), kept(1, 0, 0));
        let both = read_json(&collection(&[feature(VILLAGE, &square(113.0, 33.0))])).expect("outlines");
        assert_eq!(keep(&mut tx, &both, &actor).await.expect("kept"), kept(0, 1, 0), "beside its point");
        tx.commit().await.expect("written");
        let county = map(&office.get(&format!("/outlines/{COUNTY}.json")).await.is(200).bytes);
        assert_eq!(county["features"][0]["geometry"]["coordinates"][0], square(113.0, 33.0));
        let township = map(&office.get(&format!("/outlines/{TOWNSHIP}.json")).await.is(200).bytes);
        assert_eq!(township["features"][0]["geometry"]["coordinates"][0], square(113.0, 33.0));
    }
}

fn square_of_county() -> Value {
    feature("411327", &square(112.9, 32.9))
}

#[tokio::test]
async fn a_dashboard_draws_a_map_where_outlines_are_known() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let mut office = browser_of(&app, "office").await;
        office.get("/dashboard").await.is(200).hides("/outlines/").shows("按地方");
        office.get(&format!("/outlines/{COUNTY}.json")).await.is(404);
        let file =
            collection(&[feature(TOWNSHIP, &square(113.0, 33.0)), feature(OTHER_TOWNSHIP, &square(113.2, 33.0))]);
        let file = read_json(&file).expect("outlines");
        let mut tx = app.db.begin().await.expect("a write");
        let actor = Actor::command_line(app.clock);
        let kept = |created, updated, unchanged| Ok(store::Kept { created, updated, unchanged });
        assert_eq!(keep(&mut tx, &file, &actor).await.expect("kept"), kept(2, 0, 0));
        assert_eq!(keep(&mut tx, &file, &actor).await.expect("kept"), kept(0, 0, 2));
        let nowhere = read_json(&collection(&[feature("433199", &square(110.0, 28.0))])).expect("outlines");
        let faults = keep(&mut tx, &nowhere, &actor).await.expect("read").expect_err("no such division");
        assert_eq!((faults[0].number, faults[0].code), (1, "unknown_division"));
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a reader");
        let trail = base::db::sql("select count(*) from audit where county_id = 0 and action = 'outline.import'");
        assert_eq!(conn.value::<i64>(trail).await.expect("counted"), 1, "one line for what changed");
        drop(conn);
        let page = office.get("/dashboard").await.is(200).clone();
        page.shows("县测绘队").shows("豫S(2024)001号");
        assert!(page.body().contains(&format!("/outlines/{COUNTY}.json")), "the map's address");
        let map: Value = serde_json::from_slice(&office.get(&format!("/outlines/{COUNTY}.json")).await.is(200).bytes)
            .expect("GeoJSON");
        assert_eq!(map["features"][0]["properties"]["name"], TOWNSHIP);
        assert_eq!(map["features"][0]["geometry"]["coordinates"][0], square(113.0, 33.0));
        office.get("/outlines/411300000000.json").await.is(404);
        // A province is drawn by cities, a city without an outline by its counties.
        let counties = collection(&[feature("411327", &square(112.9, 32.9)), feature("411328", &square(112.7, 32.7))]);
        let mut tx = app.db.begin().await.expect("a write");
        store::save(&mut tx, &read_json(&counties).expect("outlines"), app.clock.now()).await.expect("kept");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a reader");
        let parts = store::parts(&mut conn, DivisionCode::parse("41").expect("a code")).await.expect("parts");
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[&code("411300000000")].polygons.len(), 2);
    }
}
