//! Answers as JSON and XML, as GeoReport writes them.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, json};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Json,
    Xml,
}

/// A value of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Text(String),
    Bool(bool),
    Null,
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Bool(yes) => json!(yes),
            Self::Null => serde_json::Value::Null,
        }
    }

    fn xml(&self) -> String {
        match self {
            Self::Text(text) => escape(text),
            Self::Bool(yes) => yes.to_string(),
            Self::Null => String::new(),
        }
    }
}

type Entry = Vec<(&'static str, Value)>;

/// Text inside an element; what XML does not allow at all is left out.
fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '"' => "&quot;".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn body(format: Format, root: &str, item: &str, all: &[Entry]) -> String {
    match format {
        Format::Json => {
            let entry = |entry: &Entry| -> serde_json::Value {
                entry.iter().map(|(name, value)| ((*name).to_owned(), value.json())).collect::<Map<_, _>>().into()
            };
            serde_json::Value::Array(all.iter().map(entry).collect()).to_string()
        }
        Format::Xml => {
            let mut out = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root}>");
            for entry in all {
                out += &format!("<{item}>");
                for (name, value) in entry {
                    out += &format!("<{name}>{}</{name}>", value.xml());
                }
                out += &format!("</{item}>");
            }
            out + &format!("</{root}>\n")
        }
    }
}

fn said(format: Format, body: String) -> Response {
    let kind = match format {
        Format::Json => "application/json; charset=utf-8",
        Format::Xml => "text/xml; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, kind)], body).into_response()
}

/// An answer of entries.
pub fn answer(format: Format, root: &str, item: &str, all: &[Entry]) -> Response {
    said(format, body(format, root, item, all))
}

/// A service that asks for nothing more than every request does.
pub fn definition(format: Format, code: &str) -> Response {
    let body = match format {
        Format::Json => json!({ "service_code": code, "attributes": [] }).to_string(),
        Format::Xml => format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<service_definition><service_code>{}</service_code>\
             <attributes></attributes></service_definition>\n",
            escape(code)
        ),
    };
    said(format, body)
}

/// An error as the standard writes it.
pub fn refuse(format: Format, status: u16, say: &str) -> Response {
    let entry = vec![("code", Value::Text(status.to_string())), ("description", Value::text(say))];
    let mut response = answer(format, "errors", "error", &[entry]);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_hold_the_same_and_nothing_ends_an_element() {
        let entry = vec![("name", Value::text("a<b>&\"\u{1}")), ("yes", Value::Bool(true)), ("none", Value::Null)];
        assert_eq!(
            body(Format::Json, "all", "one", std::slice::from_ref(&entry)),
            "[{\"name\":\"a<b>&\\\"\\u0001\",\"none\":null,\"yes\":true}]"
        );
        let xml = body(Format::Xml, "all", "one", &[entry]);
        assert!(
            xml.contains("<all><one><name>a&lt;b&gt;&amp;&quot;</name><yes>true</yes><none></none></one></all>"),
            "{xml}"
        );
    }
}
