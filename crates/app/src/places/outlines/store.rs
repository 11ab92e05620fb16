//! All SQL of outlines.

use std::collections::BTreeMap;

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
pub(super) async fn save(tx: &mut Tx, file: &File, at: Instant) -> DbResult<Kept> {
    let mut kept = Kept::default();
    for outline in &file.outlines {
        let polygons = serde_json::to_string(&outline.shape.polygons).unwrap_or_default();
        let find = sql("select polygons, source, approval from outline where code = $1").bind(outline.code);
        match tx.maybe::<(String, String, String)>(find).await? {
            Some(old) if old == (polygons.clone(), file.source.clone(), file.approval.clone()) => {
                kept.unchanged += 1;
                continue;
            }
            Some(_) => kept.updated += 1,
            None => kept.created += 1,
        }
        let upsert =
            sql("insert into outline (code, polygons, source, approval, made_at) values ($1, $2, $3, $4, $5) \
                          on conflict (code) do update set polygons = excluded.polygons, source = excluded.source, \
                          approval = excluded.approval, made_at = excluded.made_at");
        let upsert = upsert.bind(outline.code).bind(polygons).bind(&file.source).bind(&file.approval).bind(at);
        tx.run(upsert).await?;
    }
    Ok(kept)
}

/// The parts of a place that have an outline, by code. Above cities a part is made of its counties where it has none itself.
pub async fn parts(conn: &mut Conn, place: DivisionCode) -> DbResult<BTreeMap<DivisionCode, Shape>> {
    let Some(level) = place.level().below() else { return Ok(BTreeMap::new()) };
    let area = place.area();
    let query = sql("select code, polygons from outline where code > $1 and code <= $2 order by code");
    let rows: Vec<(DivisionCode, String)> = conn.all(query.bind(place).bind(area.last)).await?;
    let own: BTreeMap<DivisionCode, &String> =
        rows.iter().filter(|(code, _)| code.level() == level).map(|(code, text)| (*code, text)).collect();
    let mut parts: BTreeMap<DivisionCode, Shape> = BTreeMap::new();
    for (code, text) in &rows {
        let part = code.at(level);
        let counts = code.level() == level
            || (level == Level::City && code.level() == Level::County && !own.contains_key(&part));
        if counts {
            let polygons: Vec<Vec<Vec<[f64; 2]>>> = serde_json::from_str(text).unwrap_or_default();
            parts.entry(part).or_default().polygons.extend(polygons);
        }
    }
    Ok(parts)
}

/// Where the outlines below a place come from, and the approval number of their map; none where there are none.
pub async fn source(conn: &mut Conn, place: DivisionCode) -> DbResult<Option<(String, String)>> {
    let area = place.area();
    let query = sql("select source, approval from outline where code > $1 and code <= $2 order by code limit 1");
    conn.maybe(query.bind(place).bind(area.last)).await
}
