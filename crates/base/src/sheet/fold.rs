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
    let ascii = |list: &[char], at: Option<usize>| at.and_then(|at| list.get(at)).is_none_or(char::is_ascii);
    let latin = |list: &[char], at: usize| ascii(list, at.checked_sub(1)) && ascii(list, Some(at + 1));
    let closed: Vec<char> =
        folded.iter().enumerate().filter(|(at, c)| **c != ' ' || latin(&folded, *at)).map(|(_, c)| *c).collect();
    let dot = |(at, c): (usize, &char)| match c {
        '•' | '‧' | '・' | '･' | '∙' | '⋅' | '●' => '·',
        '.' if !ascii(&closed, at.checked_sub(1)) && !ascii(&closed, Some(at + 1)) => '·',
        c => *c,
    };
    closed.iter().enumerate().map(dot).collect()
}

fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '￥' => '¥',
        c => c,
    }
}
