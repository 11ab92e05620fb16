//! Reads sources for text: which keys they use, and which Chinese in templates nobody translates. For tests.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Every key given to `|t` (templates), `text!(` or `word!(` (code) under `dir`, with the first file that uses it.
#[must_use]
pub fn keys_in_source(dir: &Path) -> BTreeMap<String, PathBuf> {
    let mut keys = BTreeMap::new();
    for path in files(dir) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let found = if path.extension().is_some_and(|end| end == "html") {
            keys_in_template(&text)
        } else {
            keys_in_code(&text)
        };
        for key in found {
            keys.entry(key).or_insert_with(|| path.clone());
        }
    }
    keys
}

/// The cells of some columns of a comma-separated table that ships with the product: its words are keys too.
#[must_use]
pub fn keys_in_table(path: &Path, columns: &[&str]) -> BTreeMap<String, PathBuf> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap_or_default();
    let wanted: Vec<usize> = columns.iter().filter_map(|name| head.iter().position(|cell| cell == name)).collect();
    let cells = lines.flat_map(|line| wanted.iter().filter_map(|at| line.get(*at).copied()).collect::<Vec<_>>());
    cells.filter(|cell| !cell.is_empty()).map(|cell| (cell.to_owned(), path.to_path_buf())).collect()
}

/// Lines of templates under `dir` that hold Chinese outside `"…"|t` and comments: `file:line: text`.
#[must_use]
pub fn bare_text(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(dir).into_iter().filter(|path| path.extension().is_some_and(|end| end == "html")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let mut text = blank_between(&blank_between(&text, "{#", "#}"), "<!--", "-->");
        for (from, to) in literals_before_t(&text).into_iter().map(|(from, to, _)| (from, to)).rev() {
            text.replace_range(from..to, "");
        }
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().any(is_han));
        found.extend(lines.map(|(at, line)| format!("{}:{}: {}", path.display(), at + 1, line.trim())));
    }
    found
}

fn keys_in_template(text: &str) -> Vec<String> {
    let text = blank_between(text, "{#", "#}");
    literals_before_t(&text).into_iter().map(|(_, _, key)| key).collect()
}

/// String literals followed by `|t`: where they stand (quotes included) and what they say.
fn literals_before_t(text: &str) -> Vec<(usize, usize, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("|t") {
        let ends_word = !text[at + 2..].starts_with(|next: char| next.is_alphanumeric() || next == '_');
        let before = text[..at].trim_end();
        if ends_word && before.ends_with('"') {
            let close = before.len() - 1;
            if let Some(open) = before[..close].rfind('"') {
                found.push((open, close + 1, before[open + 1..close].to_owned()));
            }
        }
    }
    found
}

fn keys_in_code(text: &str) -> Vec<String> {
    let plain = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    let text: String = plain.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    let calls = ["text!(", "word!("].into_iter().flat_map(|call| text.match_indices(call));
    for (at, call) in calls {
        if text[..at].ends_with('"') {
            continue; // this file speaks of the macro
        }
        let inside = text[at + call.len()..].trim_start();
        let Some(literal) = inside.strip_prefix('"') else { continue };
        let end = literal.char_indices().find(|(at, c)| *c == '"' && !literal[..*at].ends_with('\\'));
        if let Some((end, _)) = end {
            found.push(literal[..end].replace("\\\"", "\""));
        }
    }
    found
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')
}

/// The text with everything from `open` to `close` blanked, line ends kept.
fn blank_between(text: &str, open: &str, close: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(open) {
        out.push_str(&rest[..start]);
        let end = rest[start..].find(close).map_or(rest.len(), |end| start + end + close.len());
        out.extend(rest[start..end].chars().filter(|c| *c == '\n'));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return found };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if !matches!(path.file_name().and_then(|name| name.to_str()), Some("target" | "node_modules")) {
                found.extend(files(&path));
            }
        } else if path.extension().is_some_and(|end| end == "html" || end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
