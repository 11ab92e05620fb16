//! A browser that drives the router in-process: keeps cookies, reads forms, sends them as a person would.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::forms::{self, PageForm};

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// The path with its query.
    pub address: String,
}

impl Page {
    #[must_use]
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// What a reader sees, blanks folded.
    #[must_use]
    pub fn text(&self) -> String {
        forms::text(&self.body())
    }

    #[must_use]
    pub fn forms(&self) -> Vec<PageForm> {
        forms::forms(&self.body())
    }

    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok())
    }

    /// Fails, with what the page says, when the status is another.
    #[track_caller]
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.address, self.text());
        self
    }

    /// Fails when a reader does not see `text`.
    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{} does not show {text:?}: {}", self.address, self.text());
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.body().contains(text), "{} holds {text:?}", self.address);
        self
    }

    /// Fails unless the answer leads on to an address that begins so.
    #[track_caller]
    pub fn leads_to(&self, start: &str) -> &Self {
        let location = self.location().unwrap_or("nowhere");
        assert!(location.starts_with(start), "{} {}: leads to {location}", self.status, self.address);
        self
    }
}

/// One person's browser.
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// The last page.
    pub page: Page,
    /// Sent with every request, e.g. `("accept-language", "en")`.
    pub headers: Vec<(&'static str, String)>,
}

const BOUNDARY: &str = "----lianxin-test-browser";

impl Browser {
    #[must_use]
    pub fn new(router: Router) -> Self {
        let page =
            Page { status: StatusCode::OK, headers: HeaderMap::new(), bytes: Vec::new(), address: String::new() };
        Self { router, cookies: BTreeMap::new(), page, headers: Vec::new() }
    }

    /// A cookie set from outside: a session made by the store.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    /// Opens an address; redirects are answers, not followed.
    pub async fn get(&mut self, path: &str) -> &Page {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// Opens an address and goes where it leads.
    pub async fn visit(&mut self, path: &str) -> &Page {
        self.get(path).await;
        self.follow().await
    }

    /// Goes on as far as the last answer leads, at most ten times.
    pub async fn follow(&mut self) -> &Page {
        for _ in 0..10 {
            let Some(next) = self.page.location().filter(|_| self.page.status.is_redirection()) else { break };
            let next = next.to_owned();
            self.get(&next).await;
        }
        &self.page
    }

    /// Sends the form of the last page whose action is (or begins with) `action`: hidden fields as they stand, `fields`
    /// in place of or beside what the page holds. Several fields of one name replace all of that name.
    #[track_caller]
    pub fn submit<'b>(&'b mut self, action: &str, fields: &[(&str, &str)]) -> impl Future<Output = &'b Page> + use<'b> {
        let form = self.form(action);
        let pairs = filled(&form, fields);
        async move {
            let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            if form.method == "post" {
                let kind = ("content-type", "application/x-www-form-urlencoded".to_owned());
                self.send(Method::POST, &form.action, &[kind], body.into_bytes()).await
            } else {
                let path = form.action.split('?').next().unwrap_or_default();
                self.send(Method::GET, &format!("{path}?{body}"), &[], Vec::new()).await
            }
        }
    }

    /// Sends a form with a file: field, file name, content.
    #[track_caller]
    pub fn upload<'b>(
        &'b mut self,
        action: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> impl Future<Output = &'b Page> + use<'b> {
        let form = self.form(action);
        let mut body = Vec::new();
        for (name, value) in filled(&form, fields) {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        let (field, name, content) = file;
        let head =
            format!("form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream");
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        async move {
            let kind = ("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
            self.send(Method::POST, &form.action, &[kind], body).await
        }
    }

    /// Sends exactly this body, as an attacker might.
    pub async fn post_raw(&mut self, path: &str, headers: &[(&'static str, String)], body: &str) -> &Page {
        let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
        let all: Vec<_> = std::iter::once(form).chain(headers.iter().cloned()).collect();
        self.send(Method::POST, path, &all, body.as_bytes().to_vec()).await
    }

    #[track_caller]
    fn form(&self, action: &str) -> PageForm {
        let mut all = self.page.forms();
        let at = all.iter().position(|form| form.action == action);
        let at = at.or_else(|| all.iter().position(|form| form.action.starts_with(action)));
        let names: Vec<&str> = all.iter().map(|form| form.action.as_str()).collect();
        let Some(at) = at else {
            panic!("{} has no form {action:?} but {names:?}: {}", self.page.address, self.page.text());
        };
        all.swap_remove(at)
    }

    #[expect(clippy::expect_used, reason = "a test that cannot make a request has failed")]
    async fn send(&mut self, method: Method, path: &str, headers: &[(&'static str, String)], body: Vec<u8>) -> &Page {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "lianxin.test");
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in self.headers.iter().chain(headers) {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes().to_vec();
        self.keep_cookies(&parts.headers);
        self.page = Page { status: parts.status, headers: parts.headers, bytes, address: path.to_owned() };
        &self.page
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn filled(form: &PageForm, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let kept = form.fields.iter().filter(|(name, _)| !fields.iter().any(|(given, _)| given == name)).cloned();
    kept.chain(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}
