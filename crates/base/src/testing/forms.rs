//! Reads forms out of our own pages: enough HTML for what our templates write.

/// A form as the browser would send it untouched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageForm {
    pub id: String,
    pub action: String,
    pub method: String,
    pub multipart: bool,
    pub fields: Vec<(String, String)>,
    /// Named buttons: their value is sent only by a click.
    pub buttons: Vec<(String, String)>,
}

/// One opening or closing tag and the text up to the next.
struct Tag<'a> {
    name: String,
    attributes: &'a str,
    text: &'a str,
}

/// Every form of a page, in order.
#[must_use]
pub fn forms(html: &str) -> Vec<PageForm> {
    let mut found: Vec<PageForm> = Vec::new();
    let mut open = false;
    let mut select: Option<(String, Option<String>, Option<String>)> = None;
    for tag in tags(html) {
        let value = |name: &str| attribute(tag.attributes, name);
        let Some(form) = begin(&tag, &mut found, &mut open) else { continue };
        let name = value("name").unwrap_or_default();
        match tag.name.as_str() {
            "input" => form.fields.extend(input(&tag, name)),
            "textarea" => {
                form.fields.push((name, decode(tag.text.strip_prefix('\n').unwrap_or(tag.text))));
            }
            "button" if !name.is_empty() => form.buttons.push((name, value("value").unwrap_or_default())),
            "select" => select = Some((name, None, None)),
            "option" => {
                if let Some((_, first, chosen)) = &mut select {
                    let own = value("value").unwrap_or_else(|| decode(tag.text).trim().to_owned());
                    first.get_or_insert_with(|| own.clone());
                    if has(tag.attributes, "selected") {
                        *chosen = Some(own);
                    }
                }
            }
            "/select" => {
                if let Some((name, first, chosen)) = select.take() {
                    form.fields.extend(chosen.or(first).map(|value| (name, value)));
                }
            }
            _ => {}
        }
    }
    found.retain(|form| !form.action.is_empty() || !form.fields.is_empty());
    found
}

/// The form a tag belongs to, if any.
fn begin<'f>(tag: &Tag<'_>, found: &'f mut Vec<PageForm>, open: &mut bool) -> Option<&'f mut PageForm> {
    let value = |name: &str| attribute(tag.attributes, name).unwrap_or_default();
    match tag.name.as_str() {
        "form" => {
            *open = true;
            let multipart = value("enctype") == "multipart/form-data";
            let method = value("method").to_ascii_lowercase();
            found.push(PageForm { id: value("id"), action: value("action"), method, multipart, ..PageForm::default() });
        }
        "/form" => *open = false,
        _ => {}
    }
    // A control outside belongs to the form it names.
    let owner = value("form");
    if !owner.is_empty() && tag.name != "form" {
        return found.iter_mut().find(|form| form.id == owner);
    }
    found.last_mut().filter(|_| *open)
}

fn input(tag: &Tag<'_>, name: String) -> Option<(String, String)> {
    let value = attribute(tag.attributes, "value");
    let kind = attribute(tag.attributes, "type").unwrap_or_default();
    let sent = match kind.as_str() {
        "checkbox" | "radio" => has(tag.attributes, "checked"),
        "submit" | "button" | "file" | "image" | "reset" => false,
        _ => true,
    };
    let default = if matches!(kind.as_str(), "checkbox" | "radio") { "on" } else { "" };
    (sent && !name.is_empty()).then(|| (name, value.unwrap_or_else(|| default.to_owned())))
}

fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    html.split('<').skip(1).filter_map(|piece| {
        let end = end_of_tag(piece)?;
        let (inside, text) = (&piece[..end], &piece[end + 1..]);
        let (name, attributes) = inside.split_once(|c: char| c.is_whitespace()).unwrap_or((inside, ""));
        Some(Tag { name: name.to_ascii_lowercase(), attributes, text })
    })
}

/// Where the tag closes, quotes respected.
fn end_of_tag(piece: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in piece.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

fn has(attributes: &str, name: &str) -> bool {
    attribute(attributes, name).is_some()
}

/// The value of an attribute, `""` for a bare one.
#[must_use]
pub fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
        let key = &rest[..end];
        rest = rest[end..].trim_start_matches('/').trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
        }
        if key.eq_ignore_ascii_case(name) {
            return Some(decode(value));
        }
        rest = rest.trim_start();
        if end == 0 && rest.starts_with(|c: char| !c.is_alphanumeric()) {
            rest = &rest[1..];
        }
    }
    None
}

/// Named and numeric character references.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let said = end.and_then(|end| reference(&rest[1..end]).map(|c| (c, end)));
        match said {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
        return char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

/// What a reader sees: tags removed, references decoded, blanks folded.
#[must_use]
pub fn text(html: &str) -> String {
    let mut out = String::new();
    let mut hidden = "";
    for tag in tags(&format!("<body>{html}")) {
        match tag.name.as_str() {
            "script" => hidden = "/script",
            "style" => hidden = "/style",
            name if name == hidden => hidden = "",
            _ => {}
        }
        if hidden.is_empty() {
            out.push(' ');
            out.push_str(&decode(tag.text));
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_would_send_it() {
        let html = r#"<form method="post" action="/a?x=1&#38;y=2"><input type="hidden" name="csrf" value="a&quot;b">
            <input name="q"><input type=checkbox name=c value=1 checked><input type="checkbox" name="c" value="2">
            <textarea name="t">两 &lt; 行</textarea><button name="go" value="1">去</button>
            <select name="s"><option value="">无</option><option value="k" selected>有</option></select></form>
            <form action="/b"><select name="s"><option>一</option></select></form>"#;
        let found = forms(html);
        let pairs = |form: &PageForm| form.fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("|");
        assert_eq!(found[0].action, "/a?x=1&y=2");
        assert_eq!(pairs(&found[0]), "csrf=a\"b|q=|c=1|t=两 < 行|s=k");
        assert_eq!(found[0].buttons, [("go".to_owned(), "1".to_owned())]);
        assert_eq!(pairs(&found[1]), "s=一");
        assert_eq!(text("<p>甲&nbsp;<b>乙</b></p><script>x<y</script>丙"), "甲 乙 丙");
    }
}
