//! Chinese text as values: stored sort keys, so that lists sort alike on every database.

use pinyin::ToPinyin;

/// A key that sorts Chinese by pinyin with tones (`wang2 hong2`), then by the characters themselves.
#[must_use]
pub fn sort_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() * 3);
    for (character, pinyin) in text.chars().zip(text.to_pinyin()) {
        match pinyin {
            Some(pinyin) => key.push_str(pinyin.with_tone_num_end()),
            None => key.extend(character.to_lowercase()),
        }
        key.push(' ');
    }
    key.push_str(text);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_pinyin() {
        let mut names = ["赵一", "王二", "安三", "李四"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["安三", "李四", "王二", "赵一"]);
        assert_ne!(sort_key("李丽"), sort_key("李莉"));
    }
}
