//! Style sheets, scripts and icons: bundled by `build.rs`, embedded with their compressed forms, named by content.
//!
//! A name with a hash never changes its bytes, so browsers keep it for a year. Routes: `GET /assets/{file}`.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

struct Asset {
    name: &'static str,
    file: &'static str,
    url: &'static str,
    mime: &'static str,
    raw: &'static [u8],
    gzip: &'static [u8],
    br: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Address of an asset by its plain name: `asset("app.css")` is `/assets/app.3f2a….css`.
/// A name that does not exist gives an address that answers 404; a test walks every name templates use.
#[must_use]
pub fn asset(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/missing", |asset| asset.url)
}

/// Names of all assets, for tests.
pub fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.name)
}

/// `GET /assets/{file}` and `/favicon.ico`; needs no state and no session.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{file}", get(serve)).route(
        "/favicon.ico",
        get(|headers: HeaderMap| async move { answer(ASSETS.iter().find(|asset| asset.name == "seal.svg"), &headers) }),
    )
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    answer(ASSETS.iter().find(|asset| asset.file == file), &headers)
}

fn answer(found: Option<&'static Asset>, headers: &HeaderMap) -> Response {
    let Some(asset) = found else { return StatusCode::NOT_FOUND.into_response() };
    let encoding = best_encoding(headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()));
    let tag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", asset.file),
        None => format!("\"{}\"", asset.file),
    };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let body = match encoding {
        _ if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) => None,
        Some("br") => Some(asset.br),
        Some(_) => Some(asset.gzip),
        None => Some(asset.raw),
    };
    let mut response = match body {
        Some(body) => body.into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.mime));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    response
}

/// Brotli before gzip before nothing; `;q=0` refuses.
fn best_encoding(accept: Option<&str>) -> Option<&'static str> {
    let accept = accept?;
    let takes = |name: &str| {
        accept.split(',').any(|part| {
            let mut words = part.split(';').map(str::trim);
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case(name));
            named && !words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    ["br", "gzip"].into_iter().find(|name| takes(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    async fn get_with(url: &str, name: header::HeaderName, value: &str) -> Response {
        let request = Request::get(url).header(name, value).body(Body::empty()).expect("a request");
        routes::<()>().oneshot(request).await.expect("an answer")
    }

    #[tokio::test]
    async fn an_asset_is_sent_compressed_and_kept_for_a_year() {
        let answer = get_with(asset("app.css"), header::ACCEPT_ENCODING, "gzip, deflate, br").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
        assert!(answer.headers()[header::CACHE_CONTROL].to_str().expect("text").contains("immutable"));
        let plain = get_with(asset("app.css"), header::ACCEPT_ENCODING, "br;q=0").await;
        assert!(plain.headers().get(header::CONTENT_ENCODING).is_none());
    }

    #[tokio::test]
    async fn what_the_browser_has_is_not_sent_again() {
        let first = get_with(asset("app.js"), header::ACCEPT, "*/*").await;
        let tag = first.headers()[header::ETAG].to_str().expect("text").to_owned();
        let again = get_with(asset("app.js"), header::IF_NONE_MATCH, &tag).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(get_with("/assets/app.0000.css", header::ACCEPT, "*/*").await.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn templates_name_assets_that_exist() {
        for template in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/html")).expect("a folder").flatten()
        {
            let text = std::fs::read_to_string(template.path()).expect("text");
            for (at, _) in text.match_indices("\"|asset") {
                let name = text[..at].rsplit('"').next().expect("a name");
                assert!(names().any(|known| known == name), "{}: {name}", template.path().display());
            }
        }
    }

    #[test]
    fn a_first_visit_stays_within_its_budget() {
        let size =
            |name: &str| ASSETS.iter().find(|asset| asset.name == name).map_or(usize::MAX, |asset| asset.gzip.len());
        let staff = size("app.css") + size("app.js") + size("icons.svg") + size("print.css");
        assert!(staff < 150 * 1024, "staff pages load {staff} bytes before their own");
        assert!(staff + size("charts.js") < 520 * 1024);
        assert!(size("public.css") < 6 * 1024);
    }
}
