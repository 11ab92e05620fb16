//! What was said, read from a form.

use base::{i18n::Text, kernel::Phone, text};

/// The longest story in characters.
pub const MOST_WORDS: usize = 1_000;
const MOST_NAME: usize = 20;
const TITLE: usize = 24;

/// A villager's form as it reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    pub words: String,
    pub name: Option<String>,
    pub phone: Option<String>,
}

/// Reads a form; what is wrong stands at its field.
pub fn typed(words: &str, name: &str, phone: &str) -> Result<Said, Vec<(&'static str, Text)>> {
    let mut wrong = Vec::new();
    let words = words.trim().replace("\r\n", "\n");
    match words.chars().filter(|c| !c.is_whitespace()).count() {
        0..=3 => wrong.push(("words", text!("请写一句是什么事，在哪里"))),
        _ if words.chars().count() > MOST_WORDS => {
            wrong.push(("words", text!("最多 {n} 个字，请写短一些", n = MOST_WORDS)));
        }
        _ => {}
    }
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > MOST_NAME {
        wrong.push(("name", text!("姓名最多 {n} 个字", n = MOST_NAME)));
    }
    let digits: String = phone.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let landline = |text: &str| (7..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let phone = match digits.as_str() {
        "" => None,
        text => match Phone::parse(text) {
            Some(phone) => Some(phone.to_string()),
            None if landline(text) && text.starts_with('0') => Some(digits.clone()),
            None => {
                wrong.push(("phone", text!("电话像是写错了：手机 11 位，座机带区号；也可以不写")));
                None
            }
        },
    };
    if wrong.is_empty() {
        Ok(Said { words, name: Some(name).filter(|name| !name.is_empty()), phone })
    } else {
        Err(wrong)
    }
}

/// The first clause, as the matter is called in lists.
#[must_use]
pub fn title_of(words: &str) -> String {
    let ends = ['。', '！', '？', '；', '\n', '!', '?', ';'];
    let first = words.split(ends).map(str::trim).find(|part| part.chars().count() > 3).unwrap_or(words).trim();
    if first.chars().count() <= TITLE {
        return first.to_owned();
    }
    let short = first.split(['，', ',']).next().unwrap_or(first);
    let base = if (4..=TITLE).contains(&short.chars().count()) { short } else { first };
    let cut: String = base.chars().take(TITLE).collect();
    if base.chars().count() > TITLE { format!("{cut}…") } else { cut }
}

/// What nobody who needs something would write: addresses of the net, one character over and over, no letters at all.
#[must_use]
pub fn looks_odd(words: &str) -> bool {
    let lower = words.to_lowercase();
    let linked =
        ["http://", "https://", "www.", ".com", ".cn/", "加微信", "加v"].iter().any(|part| lower.contains(part));
    let letters: Vec<char> = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let different: std::collections::BTreeSet<&char> = letters.iter().collect();
    let said_once = letters.len() >= 6 && different.len() * 5 <= letters.len().min(40);
    linked || letters.len() < 3 || said_once
}
