//! What a file of outlines must be: GeoJSON in degrees of WGS84 or CGCS2000, each shape closed and named by its division.

use base::kernel::DivisionCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A position: degrees of longitude and latitude.
type Position = [f64; 2];

/// The area of a division: polygons, each an outer ring and its holes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub polygons: Vec<Vec<Vec<Position>>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    pub code: DivisionCode,
    pub shape: Shape,
}

/// What is wrong with one shape, by its place in the file from 1; 0 is the file itself.
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

/// Reads a file; any fault refuses it whole.
pub fn read(bytes: &[u8]) -> Result<File, Vec<Fault>> {
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
            Ok(outline) => outlines.push(outline),
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
    let polygons = match geometry["type"].as_str() {
        Some("Polygon") => polygon(&geometry["coordinates"]).map(|one| vec![one]),
        Some("MultiPolygon") => {
            geometry["coordinates"].as_array().into_iter().flatten().map(polygon).collect::<Result<Vec<_>, _>>()
        }
        other => Err(broken(format!("图形是 {}，应是 Polygon 或 MultiPolygon", other.unwrap_or("空的")))),
    };
    let polygons = polygons.map_err(|(fault, message)| (fault, format!("{code}：{message}")))?;
    if polygons.is_empty() {
        return Err(("bad_geometry", format!("{code}：没有一个面")));
    }
    Ok(Outline { code, shape: Shape { polygons } })
}

fn broken(message: impl Into<String>) -> Wrong {
    ("bad_geometry", message.into())
}

fn polygon(rings: &Value) -> Result<Vec<Vec<Position>>, Wrong> {
    let rings: Vec<_> = rings.as_array().into_iter().flatten().map(ring).collect::<Result<_, _>>()?;
    if rings.is_empty() { Err(broken("面没有边")) } else { Ok(rings) }
}

fn ring(positions: &Value) -> Result<Vec<Position>, Wrong> {
    let mut ring = Vec::new();
    for position in positions.as_array().into_iter().flatten() {
        let (Some(x), Some(y)) = (position[0].as_f64(), position[1].as_f64()) else {
            return Err(broken(format!("坐标 {position} 不是两个数")));
        };
        if !LONGITUDES.contains(&x) || !LATITUDES.contains(&y) {
            let message = format!("坐标 {x}, {y} 不是中国的经纬度；投影坐标、经纬颠倒的要先转过来");
            return Err(("bad_datum", message));
        }
        // A metre is far below a pixel.
        ring.push([x, y].map(|degrees| (degrees * 1e5).round() / 1e5));
    }
    match (ring.first(), ring.last()) {
        (Some(first), Some(last)) if ring.len() >= 4 && first == last => Ok(ring),
        _ if ring.len() < 4 => Err(broken(format!("边只有 {} 个点，至少要 4 个", ring.len()))),
        _ => Err(broken("边没有闭合，首尾两点不同")),
    }
}
