//! Just enough reading of Rust: its text without comments, and its string literals.

/// A source file taken apart: code with literals emptied and comments gone, and the literals.
#[derive(Default)]
pub struct Source {
    pub code: String,
    pub literals: Vec<String>,
}

impl Source {
    /// Up to the first `#[cfg(test)]`: test modules stand last in a file.
    pub fn of(text: &str) -> Self {
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let (mut source, mut rest) = (Self::default(), text);
        while let Some(first) = rest.chars().next() {
            let hashes = rest.strip_prefix('r').map_or(0, |tail| tail.len() - tail.trim_start_matches('#').len());
            let raw_open = format!("r{}\"", "#".repeat(hashes));
            if rest.starts_with("//") {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
            } else if rest.starts_with("/*") {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
            } else if rest.starts_with(&raw_open) {
                let close = format!("\"{}", "#".repeat(hashes));
                let body = &rest[raw_open.len()..];
                let end = body.find(&close).unwrap_or(body.len());
                source.literals.push(body[..end].to_owned());
                rest = body.get(end + close.len()..).unwrap_or_default();
            } else if first == '"' {
                let end = end_of_literal(rest);
                source.literals.push(rest[1..end].to_owned());
                source.code.push_str("\"\"");
                rest = rest.get(end + 1..).unwrap_or_default();
            } else if let Some(len) = char_literal(rest) {
                rest = &rest[len..];
            } else {
                source.code.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        source
    }

    /// The modules of this crate that the code names after `crate::`, groups in braces opened.
    pub fn crate_modules(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            let rest = &self.code[at + "crate::".len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 0usize;
                let mut wants_name = true;
                let mut name = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.push(std::mem::take(&mut name));
                            wants_name = true;
                        }
                        c if depth == 0 && wants_name && (c.is_alphanumeric() || c == '_') => name.push(c),
                        c if depth == 0 && !c.is_whitespace() => wants_name = false,
                        _ => {}
                    }
                }
                found.push(name);
            } else {
                found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
            }
        }
        found.retain(|name| !name.is_empty());
        found
    }
}

/// The place of the closing quote of a literal that begins at 0.
fn end_of_literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal at 0; a lifetime is none.
fn char_literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let mut chars = body.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        return body[1..].find('\'').map(|end| end + 3);
    }
    let (at, second) = chars.next()?;
    (second == '\'').then_some(at + 2)
}

#[test]
fn strings_comments_and_groups_are_told_apart() {
    let source = Source::of(
        r##"//! crate::no
        use crate::{accounts::{Actor, Scope}, web};
        fn f<'a>(c: &'a str) { crate::flows::go("crate::not \" this", '"', r#"nor "crate::this""#); } // crate::nor
        "##,
    );
    assert_eq!(source.crate_modules(), ["accounts", "web", "flows"]);
    assert_eq!(source.literals.len(), 2);
}
