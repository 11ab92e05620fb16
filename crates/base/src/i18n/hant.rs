//! Traditional Chinese, made from finished simplified text.

use std::sync::OnceLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

/// Plain text: mail subjects, sheet headings. `None` of the converter never happens with embedded dictionaries;
/// if it did, the text would stay simplified.
#[must_use]
pub fn to_hant(text: &str) -> String {
    // Loading takes some milliseconds and memory: only an installation that uses it pays.
    static CONVERTER: OnceLock<Option<OpenCC>> = OnceLock::new();
    if text.is_ascii() {
        return text.to_owned();
    }
    match CONVERTER.get_or_init(|| OpenCC::from_config(BuiltinConfig::S2t).ok()) {
        Some(converter) => converter.convert(text),
        None => text.to_owned(),
    }
}

/// Attributes that people read; all others (`value`, `href`, `name`, …) go back to the server and stay as they are.
const READ: [&str; 6] = [" title=\"", " placeholder=\"", " aria-label=\"", " alt=\"", " content=\"", " data-label=\""];

/// A whole page: what people read is converted, what a form sends back is not.
#[must_use]
pub fn to_hant_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&to_hant(&rest[..open]));
        rest = &rest[open..];
        let end = tag_end(rest);
        let tag = &rest[..end];
        push_tag(&mut out, tag);
        rest = &rest[end..];
        // What was typed is not rewritten under the typist's hands.
        if tag.starts_with("<textarea") {
            let close = rest.find("</textarea").unwrap_or(rest.len());
            out.push_str(&rest[..close]);
            rest = &rest[close..];
        }
    }
    out.push_str(&to_hant(rest));
    out
}

/// Length of the tag at the start of `html`, `>` included; quotes may hold a `>`.
fn tag_end(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

fn push_tag(out: &mut String, tag: &str) {
    if tag.is_ascii() {
        out.push_str(tag);
        return;
    }
    let mut rest = tag;
    let next = |rest: &str| READ.iter().filter_map(|name| Some(rest.find(name)? + name.len())).min();
    while let Some(start) = next(rest) {
        let end = rest[start..].find('"').map_or(rest.len(), |length| start + length);
        out.push_str(&rest[..start]);
        out.push_str(&to_hant(&rest[start..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
}
