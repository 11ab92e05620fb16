//! Failures become pages in the product's own shell, or problem documents where a program asks.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use base::{
    html::{Act, ErrorPage, Shell, render},
    text,
    web::Failure,
};
use serde_json::json;

use super::ctx::Prefs;
use crate::accounts::Viewer;

/// Replaces the body of an answer that carries a [`Failure`].
pub async fn show(request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map_or_else(String::new, ToString::to_string);
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let wants_json = path.starts_with("/api/") || accepts.contains("application/json");
    let prefs = Prefs::read(request.headers(), request.uri().query());
    let is_get = request.method() == axum::http::Method::GET;
    let signed_in = request.extensions().get::<Viewer>().is_some();
    let response = next.run(request).await;
    let Some(failure) = failure_of(&response) else { return response };
    let (parts, _) = response.into_parts();
    let mut shown = if wants_json {
        problem(&failure)
    } else if failure.status == StatusCode::UNAUTHORIZED && is_get {
        let next = super::ctx::encode_path(&path);
        Redirect::to(&format!("/login?next={next}")).into_response()
    } else {
        page(&failure, prefs, &path, signed_in)
    };
    if let Some(seconds) = failure.retry_after_seconds {
        shown.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // Cookies that inner layers set belong to the answer all the same.
    for cookie in parts.headers.get_all(header::SET_COOKIE) {
        shown.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    shown
}

fn failure_of(response: &Response) -> Option<Failure> {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return Some(failure.clone());
    }
    // axum's own answers (no such route, wrong method, unreadable query) have no page of ours yet.
    let status = response.status();
    let own_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.to_str().is_ok_and(|kind| kind.starts_with("text/html") || kind.starts_with("application/"))
    });
    (status.is_client_error() && !own_page).then(|| Failure {
        status,
        message: base::i18n::Text::default(),
        incident: None,
        retryable: false,
        retry_after_seconds: None,
    })
}

fn page(failure: &Failure, prefs: Prefs, path: &str, signed_in: bool) -> Response {
    let mut shell = Shell::bare(text!("出错"), prefs.lang, path);
    shell.theme = prefs.theme;
    shell.size = prefs.size;
    let mut page = ErrorPage::new(shell, failure.status.as_u16());
    if !failure.message.is_empty() {
        page.say = failure.message.clone();
    }
    page.incident.clone_from(&failure.incident);
    if !signed_in {
        page.acts = vec![Act::new(text!("去登录"), "/login").primary()];
    }
    (failure.status, Html(render(prefs.lang, &page))).into_response()
}

fn problem(failure: &Failure) -> Response {
    let title = failure.status.canonical_reason().unwrap_or("error");
    let body = json!({
        "type": "about:blank",
        "title": title,
        "status": failure.status.as_u16(),
        "detail": failure.message.zh(),
        "incident": failure.incident,
    });
    let mut response = (failure.status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
