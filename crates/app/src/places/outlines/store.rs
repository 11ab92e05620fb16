//! All SQL of outlines.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{DivisionCode, Instant, Level},
};

use super::rules::{File, Shape};

/// How many outlines of a file were new, other than before, and the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kept {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
}

/// Keeps the outlines of a file; a division that has one gets the new one.
pub(super) async fn save(tx: &mut Tx, file: &File, made_at: Instant) -> DbResult<Kept> {
    let mut kept = Kept::default();
    for outline in &file.outlines {
        let shape = &outline.shape;
        let find = sql("select polygons, coalesce(point, ''), source, approval from outline where code = $1");
        let old: Option<(String, String, String, String)> = tx.maybe(find.bind(outline.code)).await?;
        let (drawn, at, source, approval) =
            old.clone().unwrap_or_else(|| ("[]".into(), String::new(), String::new(), String::new()));
        // A village keeps its outline when a file brings its point, and the other way round.
        let new = match shape.points.first() {
            Some(point) => (drawn, serde_json::to_string(point).unwrap_or_default(), source, approval),
            None => (text_of(shape), at, file.source.clone(), file.approval.clone()),
        };
        match &old {
            Some(old) if *old == new => {
                kept.unchanged += 1;
                continue;
            }
            Some(_) => kept.updated += 1,
            None => kept.created += 1,
        }
        let upsert = sql(
            "insert into outline (code, polygons, point, source, approval, made_at) values ($1, $2, $3, $4, $5, $6) \
                 on conflict (code) do update set polygons = excluded.polygons, point = excluded.point, \
                 source = excluded.source, approval = excluded.approval, made_at = excluded.made_at",
        );
        tx.run(upsert.bind(outline.code).bind(new.0).bind(new.1).bind(new.2).bind(new.3).bind(made_at)).await?;
    }
    Ok(kept)
}

fn text_of(shape: &Shape) -> String {
    serde_json::to_string(&shape.polygons).unwrap_or_default()
}

/// The parts of a place that can be drawn, by code: by their outline; above counties a part without one by its counties,
/// below them by the points of its villages.
pub async fn parts(conn: &mut Conn, place: DivisionCode) -> DbResult<BTreeMap<DivisionCode, Shape>> {
    let Some(level) = place.level().below() else { return Ok(BTreeMap::new()) };
    let mut query = sql("select code, polygons, coalesce(point, '') from outline where code > ");
    query.push_bind(place).push(" and code <= ").push_bind(place.area().last);
    if place.level() < Level::County {
        query.push(" and code % 1000000 = 0");
    }
    query.push(" order by code");
    let rows: Vec<(DivisionCode, String, String)> = conn.all(query).await?;
    let read = |(code, polygons, point): (DivisionCode, String, String)| {
        let polygons = serde_json::from_str(&polygons).unwrap_or_default();
        let points = serde_json::from_str(&point).into_iter().collect();
        (code, Shape { polygons, points })
    };
    let rows: Vec<(DivisionCode, Shape)> = rows.into_iter().map(read).collect();
    let own: BTreeSet<DivisionCode> = rows
        .iter()
        .filter(|(code, shape)| code.level() == level && !shape.polygons.is_empty())
        .map(|row| row.0)
        .collect();
    let mut parts: BTreeMap<DivisionCode, Shape> = BTreeMap::new();
    for (code, shape) in rows {
        let part = code.at(level);
        let outlined = own.contains(&part);
        if code == part || !outlined && (level, code.level()) == (Level::City, Level::County) {
            parts.entry(part).or_default().polygons.extend(shape.polygons);
        }
        if !outlined && !shape.points.is_empty() {
            parts.entry(part).or_default().points.extend(shape.points);
        }
    }
    Ok(parts)
}

/// Where the outlines below a place come from, and the approval number of their map; none where there are none.
pub async fn source(conn: &mut Conn, place: DivisionCode) -> DbResult<Option<(String, String)>> {
    let area = place.area();
    let query = sql("select source, approval from outline where code > $1 and code <= $2 and polygons <> '[]' \
                     order by code limit 1");
    conn.maybe(query.bind(place).bind(area.last)).await
}
