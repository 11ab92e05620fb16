//! The whole router: every capability's routes inside the layers that all of them share.

use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use base::web::{Declared, assets, protect, security_headers};
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer,
};

use super::{AppRoutes, errors, identify::identify, routes};
use crate::{
    accounts::{self, Permission},
    app::App,
};

/// Every capability's routes, in the order of the house.
#[must_use]
pub fn capability_routes() -> AppRoutes {
    routes()
        .merge(accounts::routes())
        .merge(crate::today::routes())
        .merge(crate::log::routes())
        .merge(crate::matters::routes())
        .merge(crate::postings::routes())
        .merge(crate::presence::routes())
        .merge(crate::handover::routes())
        .merge(crate::express::routes())
        .merge(crate::statistics::routes())
        .merge(crate::units::routes())
        .merge(crate::places::routes())
        .merge(crate::places::outlines::routes())
        .merge(crate::households::routes())
        .merge(crate::packs::routes())
        .merge(crate::search::routes())
        .merge(crate::intake::routes())
        .merge(crate::dossier::routes())
        .merge(crate::prints::routes())
        .merge(crate::burden::routes())
        .merge(crate::ratings::routes())
        .merge(crate::briefings::routes())
        .merge(crate::forms::routes())
        .merge(crate::dispatch::routes())
}

/// The router of the installation and what it declared.
pub fn router(app: App) -> (Router, Vec<Declared<Permission>>) {
    let (pages, declared) = capability_routes().finish();
    let pages = pages
        .layer(from_fn_with_state(app.clone(), crate::burden::meter::count))
        .layer(from_fn(protect))
        .fallback(|| async { base::web::AppError::NotFound })
        .layer(from_fn(errors::show))
        .layer(from_fn_with_state(app.clone(), identify));
    let operator = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics_text));
    let router = Router::new()
        .merge(pages)
        .merge(operator)
        .merge(assets::routes())
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(security_headers))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(120)))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            base::web::AppError::internal("a handler panicked").into_response()
        }))
        .layer(from_fn(observe))
        .with_state(app);
    (router, declared)
}

async fn ready(State(app): State<App>) -> Response {
    match app.db.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "database does not answer\n").into_response()
        }
    }
}

async fn metrics_text() -> Response {
    let text = crate::metrics_handle().map_or_else(String::new, metrics_exporter_prometheus::PrometheusHandle::render);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// One log line and one measurement a request: method, route, status, time. Never a query, a name or a body.
async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    // A villager's code is a secret of its own.
    let path = request.uri().path();
    let path = if path.starts_with("/m/") { "/m/…".to_owned() } else { path.to_owned() };
    let response = next.run(request).await;
    let seconds = started.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    let labels = [("method", method.to_string()), ("status", status.to_string())];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds").record(seconds);
    if !path.starts_with("/assets/") && path != "/healthz" {
        tracing::info!(%method, path, status, ms = (seconds * 1000.0).round(), "request");
    }
    response
}
