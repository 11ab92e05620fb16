//! One spelling of what people type in many: widths, blanks, the dot of minority names.

/// Full-width letters, digits and punctuation as ASCII; every kind of blank as one space, none at the ends; marks
/// without width dropped.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        match c {
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' => {}
            c if c.is_whitespace() || c.is_control() => gap = true,
            c => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(narrow(c));
            }
        }
    }
    out
}

/// Folded and without any blank: for headers, codes, names of places.
#[must_use]
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|c| c != ' ');
    folded
}

/// A person's name: no blanks between Chinese characters (`张　龙` is 张龙), one between Latin words, and the dot of
/// minority names always as `·`.
#[must_use]
pub fn person_name(text: &str) -> String {
    let folded: Vec<char> = fold(text).chars().collect();
    let mut out = String::with_capacity(text.len());
    for (at, c) in folded.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| folded.get(at)).copied().unwrap_or(' ');
        let after = folded.get(at + 1).copied().unwrap_or(' ');
        let between_latin = before.is_ascii() && after.is_ascii();
        match c {
            ' ' if !between_latin => {}
            '•' | '‧' | '・' | '･' | '∙' | '⋅' | '●' => out.push('·'),
            '.' if !between_latin => out.push('·'),
            c => out.push(*c),
        }
    }
    out
}

fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        c => c,
    }
}
