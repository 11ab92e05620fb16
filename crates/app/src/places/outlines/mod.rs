//! Outlines of divisions and points of villages for maps: files that whoever runs the installation supplies. None ships with the product, since
//! none was found that may be passed on; without them a dashboard shows areas by size.
//!
//! Table: `outline`. Absent: tiles.

mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use rules::{Fault, File, Outline, Shape, is_table, read};

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use base::{
    db::{DbResult, Tx},
    kernel::DivisionCode,
    web::{AppError, AppResult},
};
use serde_json::json;

use crate::{
    accounts::{Actor, Permission},
    places,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, routes as empty},
};

/// Keeps the outlines of a file, with one line in the installation's trail; a division that is not known refuses it whole.
/// Returns how many were new, other, and the same.
pub async fn keep(tx: &mut Tx, file: &File, actor: &Actor) -> DbResult<Result<store::Kept, Vec<Fault>>> {
    let mut faults = Vec::new();
    for outline in &file.outlines {
        if places::store::find(tx, outline.code).await?.is_none() {
            let message = format!("行政区划里没有 {}，请先导入区划", outline.code);
            faults.push(Fault { number: outline.number, code: "unknown_division", message });
        }
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let kept = store::save(tx, file, actor.at).await?;
    if kept.created + kept.updated > 0 {
        let after = json!({"created": kept.created, "updated": kept.updated, "source": file.source});
        let subject = Subject { kind: "outline", id: &file.source };
        audit::write(tx, DivisionCode::NATION.county(), actor, "outline.import", subject, Change::made(after)).await?;
    }
    Ok(Ok(kept))
}

/// The map of a place's parts.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/outlines/{code}", Permission::StatisticsRead, show)
}

/// The outlines of the parts of a place as GeoJSON; each part is named by its code.
async fn show(Path(code): Path<String>, ctx: Ctx) -> AppResult<Response> {
    let code = code.strip_suffix(".json").and_then(DivisionCode::parse).ok_or(AppError::NotFound)?;
    if !ctx.scope.holds(code) {
        return Err(AppError::NotFound);
    }
    let mut conn = ctx.read().await?;
    let parts = store::parts(&mut conn, code).await?;
    if parts.is_empty() {
        return Err(AppError::NotFound);
    }
    let apart = rules::apart(parts.values());
    let feature = |(part, shape): (&DivisionCode, &Shape)| {
        json!({
            "type": "Feature",
            "properties": {"name": part.to_string()},
            "geometry": {"type": "MultiPolygon", "coordinates": shape.drawn(apart)},
        })
    };
    let features: Vec<_> = parts.iter().map(feature).collect();
    let body = json!({"type": "FeatureCollection", "features": features}).to_string();
    let headers = [(header::CONTENT_TYPE, "application/geo+json"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, body).into_response())
}
