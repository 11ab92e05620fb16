//! Finds out who is asking before any route runs, and lets them in or not.

use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderMap, header},
    middleware::Next,
    response::Response,
};
use base::{
    seal::{random_token, sha256},
    web::{AppError, AppResult, Guard, cookie, set_cookie},
};

use super::ctx::{Prefs, Session};
use crate::{
    accounts::{Permission, Scope, Viewer, store},
    app::App,
};

/// The largest body of a form, and of a form with a file, in bytes.
const FORM_LIMIT: usize = 2 * 1_048_576;
const UPLOAD_LIMIT: usize = 52 * 1_048_576;

/// `__Host-` needs https; on plain http the name says nothing of the sort.
#[must_use]
pub fn session_cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-lianxin" } else { "lianxin" }
}

/// Puts the viewer, the session and the guard of POSTs into the request.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    let token = cookie(headers, session_cookie_name(&app));
    let viewer = match find_viewer(&app, token.as_deref()).await {
        Ok(viewer) => viewer,
        Err(error) => return axum::response::IntoResponse::into_response(error),
    };
    let prefs = Prefs::read(headers, request.uri().query());
    let visitor = cookie(headers, "lianxin_visit");
    let fresh_visitor = if viewer.is_none() && visitor.is_none() { random_token().ok() } else { None };
    let secret = match (&viewer, &token) {
        (Some(_), Some(token)) => sha256(token.as_bytes()),
        _ => visitor.or_else(|| fresh_visitor.clone()).unwrap_or_default(),
    };
    let csrf = app.keys.signature("csrf", &secret);
    let upload = is_multipart(headers);
    // Other systems bring their own key with each request and no cookie.
    let by_token = request.uri().path().starts_with("/open311/");
    let extensions = request.extensions_mut();
    extensions.insert(Guard {
        db: app.db.clone(),
        who: viewer.as_ref().map_or_else(|| sha256(secret.as_bytes()), |viewer| viewer.account_id.clone()),
        csrf: csrf.clone(),
        origin: app.base_url.clone(),
        limit: if upload { UPLOAD_LIMIT } else { FORM_LIMIT },
        guest: viewer.is_none(),
        by_token,
    });
    extensions.insert(Session { csrf, token_hash: token.map(|token| sha256(token.as_bytes())) });
    extensions.insert(prefs);
    if let Some(viewer) = viewer {
        extensions.insert(viewer);
    }
    let mut response = next.run(request).await;
    if let Some(value) = fresh_visitor.and_then(|token| set_cookie("lianxin_visit", &token, 86_400, app.is_https())) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

async fn find_viewer(app: &App, token: Option<&str>) -> AppResult<Option<Viewer>> {
    let Some(token) = token else { return Ok(None) };
    let mut conn = app.db.read().await?;
    let found = store::find_session(&mut conn, &sha256(token.as_bytes()), app.clock.now(), app.clock.today()).await?;
    drop(conn);
    if let Some((_, true)) = &found {
        store::touch_session(&app.db, &sha256(token.as_bytes()), app.clock.now()).await?;
    }
    Ok(found.map(|(viewer, _)| viewer))
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/"))
}

/// The gate of every route: leaves the scope in which the viewer holds the route's permission.
pub fn admit(extensions: &mut Extensions, permission: Permission) -> Result<(), AppError> {
    extensions.insert(permission);
    if permission == Permission::Public {
        extensions.insert(Scope::default());
        return Ok(());
    }
    let viewer = extensions.get::<Viewer>().ok_or(AppError::SignIn)?;
    let scope = if permission == Permission::SignedIn { Scope::default() } else { viewer.scope(permission) };
    if scope.is_empty() && permission != Permission::SignedIn {
        return Err(AppError::Forbidden);
    }
    extensions.insert(scope);
    Ok(())
}
