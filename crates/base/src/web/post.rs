//! Every POST: bounded, from our own pages, not forged, not done twice.
//!
//! The body is read once, its hidden fields `csrf` and `once` are taken (or the headers `X-CSRF-Token` and
//! `Idempotency-Key`), and the request is handed on whole. The key is written by the handler's own transaction
//! (see `PostKey`), so that a change and the memory of it are one. Writes that PostgreSQL asks to repeat are
//! replayed here as a whole request.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{AppError, Failure, room::Room};
use crate::{
    db::{Db, DbResult, Tx, sql},
    kernel::{Instant, made_at},
    seal::{same, sha256},
    text,
};

/// What guests send at one time with pictures, together.
static GUESTS: Room = Room::of(192, Duration::from_secs(20));

/// What the check needs to know of the request; the app puts it into the request's extensions.
#[derive(Clone)]
pub struct Guard {
    pub db: Db,
    /// Whose keys these are: the account's id, or the session of somebody not signed in.
    pub who: String,
    /// The token that pages of this session carry.
    pub csrf: String,
    /// `https://host` of the installation, where known; otherwise the Host header counts.
    pub origin: Option<String>,
    /// The largest body in bytes.
    pub limit: usize,
    /// Somebody not signed in: large bodies of all of these together are bounded.
    pub guest: bool,
    /// A request with an API token carries no cookie and needs no form token, and no key where it does not ask to be
    /// remembered.
    pub by_token: bool,
}

/// The idempotency key of a POST.
#[derive(Clone, Debug)]
pub struct PostKey(Arc<Key>);

#[derive(Debug)]
struct Key {
    who: String,
    key: String,
    body_hash: String,
    now: Instant,
    opened: Option<Instant>,
}

impl PostKey {
    /// Writes the key in the transaction of the change; a second one with the same key fails on its primary key.
    pub async fn write(&self, tx: &mut Tx) -> DbResult<()> {
        let insert = sql("insert into idempotency (account_id, key, body_hash, made_at) values ($1, $2, $3, $4)")
            .bind(&self.0.who)
            .bind(&self.0.key)
            .bind(&self.0.body_hash)
            .bind(self.0.now);
        tx.run(insert).await.map(drop)
    }

    /// For how many milliseconds the form's page lay open: its key begins with an id made with the page. `None` where
    /// the key is of another kind or says that it comes from the future.
    #[must_use]
    pub fn open_for(&self) -> Option<i64> {
        let opened = self.0.opened?;
        Some(self.0.now.0 - opened.0).filter(|passed| *passed >= 0)
    }
}

/// The middleware. Requests that are no POST pass through.
pub async fn protect(request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    match check(request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn check(request: Request, next: Next) -> Result<Response, AppError> {
    let guard: Guard = request.extensions().get().cloned().ok_or_else(|| AppError::internal("no guard"))?;
    let (mut parts, body) = request.into_parts();
    let too_large = || AppError::TooLarge(text!("内容太大，最多 {n} MB。", n = guard.limit / 1_048_576));
    let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > guard.limit) {
        return Err(too_large());
    }
    // Held until the answer: the body lies in memory as long.
    let _room = match guard.guest {
        true => Some(GUESTS.enter(announced.unwrap_or(guard.limit)).await?),
        false => None,
    };
    let body = to_bytes(body, guard.limit).await.map_err(|_| too_large())?;
    if !guard.by_token {
        check_origin(&parts.headers, guard.origin.as_deref())?;
        let token = header_text(&parts.headers, "x-csrf-token").or_else(|| hidden_field(&parts.headers, &body, "csrf"));
        if !token.is_some_and(|token| same(&token, &guard.csrf)) {
            return Err(AppError::BadRequest(text!("页面已过期或请求来源不明，请返回刷新页面后再提交。")));
        }
    }
    let key = header_text(&parts.headers, "idempotency-key").or_else(|| hidden_field(&parts.headers, &body, "once"));
    let Some(key) = key.filter(|key| !key.is_empty() && key.len() <= 200) else {
        if guard.by_token {
            return Ok(run_with_replay(&parts, &body, &next).await);
        }
        return Err(AppError::BadRequest(text!("请求缺少防重复提交的编号，请刷新页面后再提交。")));
    };
    let opened = made_at(&key);
    // Kept as a hash: an address may hold a secret of its own.
    let key = sha256(format!("{} {key}", parts.uri.path()).as_bytes());
    let body_hash = sha256(&body);
    if let Some(answer) = earlier_answer(&guard, &key, &body_hash).await? {
        return Ok(answer);
    }
    let now = crate::kernel::Clock::system().now();
    parts.extensions.insert(PostKey(Arc::new(Key {
        who: guard.who.clone(),
        key: key.clone(),
        body_hash,
        now,
        opened,
    })));
    let response = run_with_replay(&parts, &body, &next).await;
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.filter(|_| response.status().is_redirection()).map(str::to_owned);
    remember_location(&guard, &key, location).await?;
    Ok(response)
}

async fn run_with_replay(parts: &axum::http::request::Parts, body: &Bytes, next: &Next) -> Response {
    const TRIES: u32 = 4;
    let mut attempt = 1;
    loop {
        let request = Request::from_parts(parts.clone(), Body::from(body.clone()));
        let response = next.clone().run(request).await;
        let retry = response.extensions().get::<Failure>().is_some_and(|failure| failure.retryable);
        if !retry || attempt == TRIES {
            return response;
        }
        tokio::time::sleep(std::time::Duration::from_millis(15 * u64::from(attempt))).await;
        attempt += 1;
    }
}

async fn earlier_answer(guard: &Guard, key: &str, body_hash: &str) -> Result<Option<Response>, AppError> {
    let find = sql("select body_hash, location from idempotency where account_id = $1 and key = $2")
        .bind(&guard.who)
        .bind(key);
    let earlier: Option<(String, Option<String>)> = guard.db.read().await?.maybe(find).await?;
    match earlier {
        None => Ok(None),
        Some((hash, _)) if hash != body_hash => {
            Err(AppError::Conflict(text!("同一张表单已提交过别的内容；请刷新页面核对后再提交。")))
        }
        Some((_, location)) => {
            let target = location.unwrap_or_else(|| "/".into());
            Ok(Some(Redirect::to(&target).into_response()))
        }
    }
}

async fn remember_location(guard: &Guard, key: &str, location: Option<String>) -> Result<(), AppError> {
    if let Some(location) = location {
        let mut tx = guard.db.begin().await?;
        let update =
            sql("update idempotency set location = $1 where account_id = $2 and key = $3 and location is null")
                .bind(location)
                .bind(&guard.who)
                .bind(key);
        tx.run(update).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn check_origin(headers: &axum::http::HeaderMap, origin: Option<&str>) -> Result<(), AppError> {
    let Some(sent) = header_text(headers, "origin") else { return Ok(()) };
    let host = header_text(headers, "host").unwrap_or_default();
    let same_host = sent.split_once("://").is_some_and(|(_, authority)| authority == host);
    if same_host || origin.is_some_and(|own| own.trim_end_matches('/') == sent) {
        return Ok(());
    }
    Err(AppError::BadRequest(text!("请求来自别的网站，已拒绝。")))
}

fn header_text(headers: &axum::http::HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// A hidden field of a form, url-encoded or multipart (where ours stand before any file).
fn hidden_field(headers: &axum::http::HeaderMap, body: &Bytes, name: &str) -> Option<String> {
    let kind = header_text(headers, "content-type")?;
    if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).ok()?;
        return pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value);
    }
    if kind.starts_with("multipart/form-data") {
        let head = String::from_utf8_lossy(&body[..body.len().min(4096)]).into_owned();
        let (_, after) = head.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
        return after.split_once("\r\n").map(|(value, _)| value.to_owned());
    }
    None
}
