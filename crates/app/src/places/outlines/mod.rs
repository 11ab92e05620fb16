//! Outlines of divisions for maps: GeoJSON that whoever runs the installation supplies. None ships with the product, since
//! none was found that may be passed on; without them a dashboard shows areas by size.
//!
//! Table: `outline`. Absent: tiles, points of villages.

mod rules;
pub mod store;
#[cfg(test)]
mod tests;

pub use rules::{Fault, Outline, Shape, read};

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use base::{
    kernel::DivisionCode,
    web::{AppError, AppResult},
};
use serde_json::json;

use crate::{
    accounts::Permission,
    web::{AppRoutes, Ctx, routes as empty},
};

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
    let feature = |(part, shape): (&DivisionCode, &Shape)| {
        json!({
            "type": "Feature",
            "properties": {"name": part.to_string()},
            "geometry": {"type": "MultiPolygon", "coordinates": shape.polygons},
        })
    };
    let features: Vec<_> = parts.iter().map(feature).collect();
    let body = json!({"type": "FeatureCollection", "features": features}).to_string();
    let headers = [(header::CONTENT_TYPE, "application/geo+json"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, body).into_response())
}
