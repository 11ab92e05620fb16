//! What a file of outlines must be: GeoJSON in degrees of WGS84 or CGCS2000, each shape closed and named by its division,
//! villages also as points. Points may come as a table too, with code, longitude and latitude.

use base::{
    kernel::{DivisionCode, Level},
    sheet::{self, Cell, Row, squeeze},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A position: degrees of longitude and latitude.
type Position = [f64; 2];

/// The area of a division: polygons, each an outer ring and its holes; or where its villages lie.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub polygons: Vec<Vec<Vec<Position>>>,
    pub points: Vec<Position>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its place in the file, as [`Fault::number`] counts.
    pub number: usize,
    pub code: DivisionCode,
    pub shape: Shape,
}

/// What is wrong with one shape, by its place in the file from 1, or with one row of a table by its number; 0 is the file
/// itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub number: usize,
    pub code: &'static str,
    pub message: String,
}

/// A fault's code and words.
type Wrong = (&'static str, String);

/// A file read: its outlines, and who drew them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    pub outlines: Vec<Outline>,
    pub source: String,
    /// 审图号
    pub approval: String,
}

/// All of China with its seas lies within.
const LONGITUDES: std::ops::RangeInclusive<f64> = 73.0..=136.0;
const LATITUDES: std::ops::RangeInclusive<f64> = 3.0..=54.0;
/// Other datums move points by hundreds of metres.
const OTHER_DATUMS: [&str; 6] = ["GCJ", "BD09", "BD-09", "火星", "BEIJING", "XIAN"];

/// Reads a file, GeoJSON or a table of points; any fault refuses it whole.
pub fn read(bytes: &[u8]) -> Result<File, Vec<Fault>> {
    if is_table(bytes) { table(bytes) } else { geojson(bare(bytes)) }
}

/// Whether a file is read as a table: what it holds are rows then, not shapes.
#[must_use]
pub fn is_table(bytes: &[u8]) -> bool {
    !matches!(bare(bytes).first(), Some(b'{' | b'['))
}

/// Without a byte order mark and blanks before the first character.
fn bare(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start()
}

/// A table: one village a row below a header.
fn table(bytes: &[u8]) -> Result<File, Vec<Fault>> {
    let whole = |code, message: String| vec![Fault { number: 0, code, message }];
    let book = sheet::read(bytes, "").map_err(|error| whole("bad_file", error.to_string()))?;
    let rows: &[Row] = book.sheets.first().map_or(&[], |sheet| &sheet.rows);
    let column = |row: &Row, names: &[&str]| {
        row.cells.iter().position(|cell| names.contains(&squeeze(&cell.show()).to_lowercase().as_str()))
    };
    let header = rows.iter().enumerate().take(20).find_map(|(at, row)| {
        let code = column(row, &["code", "village_code", "村代码", "区划代码", "行政区划代码", "代码"])?;
        let x = column(row, &["lon", "lng", "longitude", "经度"])?;
        Some((at, code, x, column(row, &["lat", "latitude", "纬度"])?))
    });
    let Some((at, code, x, y)) = header else {
        let message = "既不是 GeoJSON，也不是有“村代码、经度、纬度”三列的表";
        return Err(whole("bad_file", message.into()));
    };
    let (mut outlines, mut faults) = (Vec::new(), Vec::new());
    for row in &rows[at + 1..] {
        let number = usize::try_from(row.number).unwrap_or_default();
        match point_of_row(&row.cell(code).show(), row.cell(x), row.cell(y)) {
            Ok(outline) => outlines.push(Outline { number, ..outline }),
            Err((code, message)) => faults.push(Fault { number, code, message }),
        }
    }
    if outlines.is_empty() && faults.is_empty() {
        return Err(whole("bad_file", "表里没有一个村".into()));
    }
    if faults.is_empty() { Ok(File { outlines, ..File::default() }) } else { Err(faults) }
}

fn point_of_row(code: &str, x: &Cell, y: &Cell) -> Result<Outline, Wrong> {
    let degrees = |cell: &Cell| squeeze(&cell.show()).parse::<f64>().ok();
    let code = squeeze(code);
    let code = DivisionCode::parse(&code)
        .ok_or_else(|| ("unknown_division", format!("村代码“{code}”认不得，应为 12 位统计用区划代码")))?;
    match (degrees(x), degrees(y)) {
        (Some(x), Some(y)) => point(code, x, y),
        _ => Err(broken(format!("{code}：经度“{}”、纬度“{}”应是以度为单位的数", x.show(), y.show()))),
    }
}

/// Where a village lies.
fn point(code: DivisionCode, x: f64, y: f64) -> Result<Outline, Wrong> {
    if code.level() != Level::Village {
        return Err(broken(format!("{code}：只有村用点，别的区划要轮廓")));
    }
    Ok(Outline { number: 0, code, shape: Shape { points: vec![position(x, y)?], ..Shape::default() } })
}

fn geojson(bytes: &[u8]) -> Result<File, Vec<Fault>> {
    let whole = |code, message: String| vec![Fault { number: 0, code, message }];
    let json: Value =
        serde_json::from_slice(bytes).map_err(|error| whole("bad_file", format!("不是 JSON：{error}")))?;
    if json["type"] != "FeatureCollection" {
        return Err(whole("bad_file", "不是 GeoJSON 的 FeatureCollection".into()));
    }
    let said = |name: &str| json[name].as_str().or(json["metadata"][name].as_str()).unwrap_or_default().to_owned();
    let datum = json["crs"]["properties"]["name"].as_str().map_or_else(|| said("crs"), str::to_owned);
    if let Some(other) = OTHER_DATUMS.iter().find(|one| datum.to_uppercase().contains(**one)) {
        return Err(whole("bad_datum", format!("坐标系写的是“{datum}”（{other}），请先转成 WGS84 或 CGCS2000 经纬度")));
    }
    let features = json["features"].as_array().cloned().unwrap_or_default();
    if features.is_empty() {
        return Err(whole("bad_file", "文件里没有图形".into()));
    }
    let (mut outlines, mut faults) = (Vec::new(), Vec::new());
    for (at, feature) in features.iter().enumerate() {
        match outline(feature) {
            Ok(outline) => outlines.push(Outline { number: at + 1, ..outline }),
            Err((code, message)) => faults.push(Fault { number: at + 1, code, message }),
        }
    }
    let approval =
        Some(said("map_approval_number")).filter(|text| !text.is_empty()).unwrap_or_else(|| said("approval"));
    if faults.is_empty() { Ok(File { outlines, source: said("source"), approval }) } else { Err(faults) }
}

fn outline(feature: &Value) -> Result<Outline, Wrong> {
    let said = |name: &str| {
        let value = &feature["properties"][name];
        value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|number| number.to_string()))
    };
    let code = ["code", "adcode", "gb", "id"].into_iter().find_map(said).unwrap_or_default();
    // The national standard puts the country's 156 before the six digits of a county.
    let digits = code.strip_prefix("156").filter(|rest| rest.len() == 6).unwrap_or(&code);
    let code = DivisionCode::parse(digits).filter(|found| *found != DivisionCode::NATION).ok_or_else(|| {
        ("unknown_division", format!("区划代码“{code}”认不得，应写在 properties 的 code 或 adcode 里"))
    })?;
    let geometry = &feature["geometry"];
    if geometry["type"] == "Point" {
        let at = &geometry["coordinates"];
        let (Some(x), Some(y)) = (at[0].as_f64(), at[1].as_f64()) else {
            return Err(broken(format!("{code}：坐标 {at} 不是两个数")));
        };
        return point(code, x, y);
    }
    let polygons = match geometry["type"].as_str() {
        Some("Polygon") => polygon(&geometry["coordinates"]).map(|one| vec![one]),
        Some("MultiPolygon") => {
            geometry["coordinates"].as_array().into_iter().flatten().map(polygon).collect::<Result<Vec<_>, _>>()
        }
        other => {
            Err(broken(format!("图形是 {}，应是 Polygon、MultiPolygon，村也可以是 Point", other.unwrap_or("空的"))))
        }
    };
    let polygons = polygons.map_err(|(fault, message)| (fault, format!("{code}：{message}")))?;
    if polygons.is_empty() {
        return Err(("bad_geometry", format!("{code}：没有一个面")));
    }
    Ok(Outline { number: 0, code, shape: Shape { polygons, ..Shape::default() } })
}

fn broken(message: impl Into<String>) -> Wrong {
    ("bad_geometry", message.into())
}

fn polygon(rings: &Value) -> Result<Vec<Vec<Position>>, Wrong> {
    let rings: Vec<_> = rings.as_array().into_iter().flatten().map(ring).collect::<Result<_, _>>()?;
    if rings.is_empty() { Err(broken("面没有边")) } else { Ok(rings) }
}

fn position(x: f64, y: f64) -> Result<Position, Wrong> {
    if !LONGITUDES.contains(&x) || !LATITUDES.contains(&y) {
        let message = format!("坐标 {x}, {y} 不是中国的经纬度；投影坐标、经纬颠倒的要先转过来");
        return Err(("bad_datum", message));
    }
    // A metre is far below a pixel.
    Ok([x, y].map(|degrees| (degrees * 1e5).round() / 1e5))
}

fn ring(positions: &Value) -> Result<Vec<Position>, Wrong> {
    let mut ring = Vec::new();
    for at in positions.as_array().into_iter().flatten() {
        let (Some(x), Some(y)) = (at[0].as_f64(), at[1].as_f64()) else {
            return Err(broken(format!("坐标 {at} 不是两个数")));
        };
        ring.push(position(x, y)?);
    }
    match (ring.first(), ring.last()) {
        (Some(first), Some(last)) if ring.len() >= 4 && first == last => Ok(ring),
        _ if ring.len() < 4 => Err(broken(format!("边只有 {} 个点，至少要 4 个", ring.len()))),
        _ => Err(broken("边没有闭合，首尾两点不同")),
    }
}

impl Shape {
    /// The polygons to draw: its own, or a disc about each village. `apart` is how far villages lie from each other.
    #[must_use]
    pub fn drawn(&self, apart: f64) -> Vec<Vec<Vec<Position>>> {
        if !self.polygons.is_empty() {
            return self.polygons.clone();
        }
        self.points.iter().map(|at| vec![disc(*at, apart / 3.0)]).collect()
    }
}

/// How far the villages of a map lie from each other on average, in degrees.
pub fn apart<'a>(shapes: impl Iterator<Item = &'a Shape>) -> f64 {
    let points: Vec<Position> = shapes.flat_map(|shape| shape.points.iter().copied()).collect();
    let side = |axis: usize| {
        let of = || points.iter().map(|at| at[axis]);
        of().fold(f64::MIN, f64::max) - of().fold(f64::MAX, f64::min)
    };
    let each = side(0) * side(1) / f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX).max(1));
    each.max(0.0).sqrt().clamp(0.004, 0.06)
}

/// A closed ring of sixteen corners; degrees of longitude are shorter than those of latitude.
fn disc([x, y]: Position, radius: f64) -> Vec<Position> {
    let wide = radius / y.to_radians().cos().max(0.1);
    let corner = |n: u32| {
        let angle = f64::from(n % 16) / 16.0 * std::f64::consts::TAU;
        [x + wide * angle.cos(), y + radius * angle.sin()].map(|degrees| (degrees * 1e5).round() / 1e5)
    };
    (0..=16).map(corner).collect()
}
