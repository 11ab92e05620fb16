//! The audit trail speaks the auditor's language: every action has a word.

use std::collections::BTreeSet;

use base::i18n::Text;

use super::{program_files, read, source::Source};
use crate::{accounts::words, spine::facts::Catalogue};

/// Codes that look like actions and are none.
const OTHERS: [&str; 2] = ["import.file", "person.id_number"];

fn is_code(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

#[test]
fn every_action_has_a_word() {
    let mut codes = BTreeSet::new();
    for path in program_files("crates/app/src/") {
        codes.extend(Source::of(&read(&path)).literals.into_iter().filter(|text| is_code(text)));
    }
    let known = |code: &String| words::action(code) != Text::data(code.clone());
    // The first parts of actions that have a word: whatever else begins like one is an action too.
    let nouns: BTreeSet<String> =
        codes.iter().filter(|code| known(code)).filter_map(|code| code.split('.').next().map(str::to_owned)).collect();
    assert!(nouns.len() > 5, "no actions were found: {nouns:?}");
    let is_action = |code: &&String| {
        nouns.contains(code.split('.').next().unwrap_or_default())
            && !code.ends_with(".rs")
            && Catalogue::get().find(code).is_none()
            && !OTHERS.contains(&code.as_str())
    };
    let silent: Vec<&String> = codes.iter().filter(is_action).filter(|code| !known(code)).collect();
    assert!(silent.is_empty(), "actions without a word in accounts/words.rs: {silent:?}");
}
