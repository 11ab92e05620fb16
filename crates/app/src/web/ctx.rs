//! What a page is given: who asks, what they may see, the day, and the way to answer.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use base::{
    db::{Conn, Tx},
    html::{Form, Size, Theme, render},
    i18n::{Lang, Text},
    kernel::{CountyId, Day, DivisionCode},
    web::{AppError, AppResult, PostKey, cookie, set_cookie},
};

use super::sent::Wanted;
use crate::{
    accounts::{Actor, Permission, Role, Scope, Viewer},
    app::App,
    packs::Pack,
};

/// Language, text size and theme, from cookies or the address.
#[derive(Clone, Copy, Debug, Default)]
pub struct Prefs {
    pub lang: Lang,
    pub size: Size,
    pub theme: Theme,
}

impl Prefs {
    #[must_use]
    pub fn read(headers: &HeaderMap, query: Option<&str>) -> Self {
        let asked = |name: &str| {
            let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
            pairs.clone().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        };
        let said = |name: &str| asked(name).or_else(|| cookie(headers, &format!("lianxin_{name}")));
        let header_lang = || Lang::from_header(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?);
        Self {
            lang: said("lang").and_then(|code| Lang::parse(&code)).or_else(header_lang).unwrap_or_default(),
            size: said("size").and_then(|code| Size::parse(&code)).unwrap_or_default(),
            theme: said("theme").and_then(|code| Theme::parse(&code)).unwrap_or_default(),
        }
    }
}

/// The session behind a request.
#[derive(Clone, Debug)]
pub struct Session {
    pub csrf: String,
    pub token_hash: Option<String>,
}

/// The context of one request.
pub struct Ctx {
    pub app: App,
    /// Where the viewer holds the permission of this route.
    pub scope: Scope,
    pub prefs: Prefs,
    pub session: Session,
    pub today: Day,
    /// The path with its query, as links come back to it.
    pub address: String,
    /// The peer's address and browser, for limits and the list of sessions.
    pub peer: Option<IpAddr>,
    pub agent: Option<String>,
    pub(super) flash: Option<String>,
    /// What the route asks for.
    permission: Permission,
    viewer: Option<Viewer>,
    key: Option<PostKey>,
}

impl FromRequestParts<App> for Ctx {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, AppError> {
        let extensions = &parts.extensions;
        let missing = || AppError::internal("a route outside the shell");
        Ok(Self {
            app: app.clone(),
            scope: extensions.get::<Scope>().cloned().ok_or_else(missing)?,
            prefs: extensions.get::<Prefs>().copied().unwrap_or_default(),
            session: extensions.get::<Session>().cloned().ok_or_else(missing)?,
            today: app.clock.today(),
            address: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            peer: peer(parts),
            agent: parts.headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned),
            flash: cookie(&parts.headers, "lianxin_said").and_then(|text| decode(&text)),
            permission: extensions.get::<Permission>().copied().unwrap_or(Permission::SignedIn),
            viewer: extensions.get::<Viewer>().cloned(),
            key: extensions.get::<PostKey>().cloned(),
        })
    }
}

/// Who is at the other end. Only a proxy on this machine is believed when it names somebody else.
fn peer(parts: &Parts) -> Option<IpAddr> {
    let direct = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
    if !direct.is_loopback() {
        return Some(direct);
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    Some(last.unwrap_or(direct))
}

impl Ctx {
    /// Who is signed in; pages of `Permission::Public` may have nobody.
    #[must_use]
    pub fn guest_or_viewer(&self) -> Option<&Viewer> {
        self.viewer.as_ref()
    }

    /// What the last act said, for pages without the staff's frame.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.flash.as_deref()
    }

    pub fn viewer(&self) -> AppResult<&Viewer> {
        self.viewer.as_ref().ok_or(AppError::SignIn)
    }

    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.may(permission))
    }

    /// Who does this. A deputy who may do it by another's duty alone is named with that other.
    pub fn actor(&self) -> AppResult<Actor> {
        self.actor_as(self.permission.roles(), None)
    }

    /// Who does this at a place: with a duty of one's own there, or for somebody else.
    pub fn actor_at(&self, place: DivisionCode) -> AppResult<Actor> {
        self.actor_as(self.permission.roles(), Some(place))
    }

    /// Who does this as one of these roles.
    pub fn actor_as(&self, roles: &[Role], place: Option<DivisionCode>) -> AppResult<Actor> {
        let viewer = self.viewer()?;
        let actor = Actor {
            account_id: viewer.account_id.clone(),
            name: viewer.name.clone(),
            at: self.app.clock.now(),
            today: self.today,
        };
        Ok(actor.standing_in(viewer.acts_for(roles, place)))
    }

    pub async fn read(&self) -> AppResult<Conn> {
        Ok(self.app.db.read().await?)
    }

    /// Begins the one transaction of an act. The form's idempotency key is written in it: a second submission of the
    /// same form, however close, ends here.
    pub async fn begin(&self) -> AppResult<Tx> {
        let mut tx = self.app.db.begin().await?;
        if let Some(key) = &self.key {
            key.write(&mut tx).await.map_err(|error| match error.unique_violation() {
                Some(_) => AppError::Conflict(base::text!("这张表单刚刚已经提交过了。")),
                None => error.into(),
            })?;
        }
        Ok(tx)
    }

    /// The place this page shows: `?place=` where it lies in the scope, otherwise where the viewer is at home.
    pub fn place(&self) -> AppResult<DivisionCode> {
        let address = base::html::Address::parse(&self.address);
        let home = self.scope.home();
        match address.get("place") {
            "" => home.ok_or(AppError::NotFound),
            text => {
                let place = DivisionCode::parse(text).ok_or(AppError::NotFound)?;
                self.scope.require(place)?;
                Ok(place)
            }
        }
    }

    /// The pack of the county a place lies in.
    pub async fn pack(&self, conn: &mut Conn, county: CountyId) -> AppResult<&Pack> {
        Ok(self.app.pack(conn, county).await?)
    }

    /// A page in the viewer's language.
    pub fn page(&self, template: &impl askama::Template) -> Response {
        let mut response = Html(render(self.prefs.lang, template)).into_response();
        if self.flash.is_some() {
            self.say(&mut response, None);
        }
        response
    }

    /// A page that holds a refused form: 422, with what was typed.
    pub fn refused(&self, template: &impl askama::Template) -> Response {
        let mut response = self.page(template);
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
        response
    }

    /// Leads on after an act, with a line that the next page says once.
    #[must_use]
    pub fn redirect(&self, to: &str, said: &Text) -> Response {
        let mut response = Redirect::to(to).into_response();
        self.say(&mut response, Some(&said.in_lang(self.prefs.lang)));
        response
    }

    fn say(&self, response: &mut Response, text: Option<&str>) {
        let (value, age) = text.map_or((String::new(), 0), |text| (encode(text), 60));
        if let Some(value) = set_cookie("lianxin_said", &value, age, self.app.is_https()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }

    /// A table as a file that the browser saves, named with the day: `派驻名册-2024-01-18.xlsx`.
    pub fn sheet(&self, name: &str, table: &base::sheet::Table, format: base::sheet::Format) -> AppResult<Response> {
        let bytes = table.to_bytes(format).map_err(|error| AppError::Internal(error.into()))?;
        let ending = match format {
            base::sheet::Format::Csv => "csv",
            base::sheet::Format::Xlsx => "xlsx",
        };
        Ok(Self::download(&format!("{name}-{}.{ending}", self.today), format.content_type(), bytes))
    }

    /// A file that the browser saves.
    #[must_use]
    pub fn download(name: &str, media_type: &'static str, bytes: Vec<u8>) -> Response {
        let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }

    /// A kept picture, shown in the page: personal, so nobody else's cache holds it.
    #[must_use]
    pub fn picture(bytes: Vec<u8>) -> Response {
        let mut response = bytes.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(crate::spine::files::PICTURE));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
        response
    }
}

/// A path as the value of a query parameter.
pub(crate) fn encode_path(path: &str) -> String {
    encode(path)
}

/// Percent-encodes everything but letters, digits and `-._`.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let hex = tail.get(..2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

/// A posted form as pairs, trimmed: pages read fields from it and hand it back as typed.
#[derive(Clone, Debug, Default)]
pub struct FormData(pub Vec<(String, String)>);

impl FormData {
    /// The value of a field without blanks around it, `""` when absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The value where there is one.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Every value of a field: checkboxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.trim())
    }

    /// What was typed, for the page that shows it again.
    #[must_use]
    pub fn typed(&self) -> Form {
        let secret = |key: &str| matches!(key, "csrf" | "once" | "code") || key.contains("password");
        let shown = self.0.iter().filter(|(key, _)| !secret(key));
        Form::of(shown.cloned())
    }
}

impl<S: Send + Sync> axum::extract::FromRequest<S> for FormData {
    type Rejection = AppError;

    async fn from_request(request: axum::extract::Request, state: &S) -> Result<Self, AppError> {
        let wanted = Wanted::of(request.extensions());
        let form = axum::extract::Form::<Vec<(String, String)>>::from_request(request, state).await;
        let form = form
            .map(|form| Self(form.0))
            .map_err(|_| AppError::BadRequest(base::text!("表单内容无法识别，请刷新页面重填。")))?;
        if let Some(wanted) = wanted {
            wanted.note(&form);
        }
        Ok(form)
    }
}
