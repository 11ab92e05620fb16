//! Which earlier matters are like a new one: shared two-character words, the rarer the heavier. Explained by the earlier
//! matters themselves; nothing leaves the house.

use std::collections::{BTreeMap, BTreeSet};

/// Distinct words kept of one matter.
const MOST_GRAMS: usize = 80;
/// From here on two matters are shown as perhaps the same.
pub const SAME: f64 = 0.36;
/// From here on an earlier matter speaks for its kind.
const SPEAKS: f64 = 0.12;

/// The two-character pieces of a text in the order in which they stand; figures alone are none.
#[must_use]
pub fn grams(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for run in lower.split(|c: char| !c.is_alphanumeric()) {
        let letters: Vec<char> = run.chars().collect();
        for pair in letters.windows(2).filter(|pair| !pair.iter().all(char::is_ascii_digit)) {
            let gram: String = pair.iter().collect();
            if found.len() < MOST_GRAMS && seen.insert(gram.clone()) {
                found.push(gram);
            }
        }
    }
    found
}

/// A word of the new matter with the earlier matters that hold it.
#[derive(Clone, Debug)]
pub struct Posting {
    pub word: String,
    /// Ids of earlier matters, newest first; a bounded number of them.
    pub matters: Vec<String>,
}

/// An earlier matter that shares words with the new one.
#[derive(Clone, PartialEq, Debug)]
pub struct Alike {
    pub id: String,
    /// 0 nothing shared, 1 everything.
    pub score: f64,
    pub words: Vec<String>,
}

/// Earlier matters by likeness, the likest first.
#[must_use]
pub fn ranked(postings: &[Posting], most: usize) -> Vec<Alike> {
    // A word that everybody uses says little; one that nobody used before says no more than one used once.
    #[expect(clippy::cast_precision_loss, reason = "counts of a few hundred")]
    let weight = |posting: &Posting| 1.0 / (2.0 + posting.matters.len().max(1) as f64).ln();
    let whole: f64 = postings.iter().map(weight).sum();
    if whole <= 0.0 {
        return Vec::new();
    }
    let mut found: BTreeMap<&str, Alike> = BTreeMap::new();
    for posting in postings {
        for id in &posting.matters {
            let fresh = || Alike { id: id.clone(), score: 0.0, words: Vec::new() };
            let alike = found.entry(id).or_insert_with(fresh);
            alike.score += weight(posting) / whole;
            alike.words.push(posting.word.clone());
        }
    }
    let mut all: Vec<Alike> = found.into_values().filter(|alike| alike.words.len() > 1).collect();
    // Newer ones first among equals: ids sort by the time they were made.
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| b.id.cmp(&a.id)));
    all.truncate(most);
    all
}

/// What most of the likest matters say (a kind, a department), with those that say it.
#[must_use]
pub fn likeliest(alike: &[Alike], say: impl Fn(&str) -> Option<String>) -> Option<(String, Vec<&Alike>)> {
    let mut votes: BTreeMap<String, (f64, Vec<&Alike>)> = BTreeMap::new();
    for one in alike.iter().filter(|one| one.score >= SPEAKS) {
        if let Some(said) = say(&one.id) {
            let vote = votes.entry(said).or_default();
            vote.0 += one.score;
            vote.1.push(one);
        }
    }
    let best = votes.into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0))?;
    Some((best.0, best.1.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_pairs_within_runs_and_figures_are_none() {
        assert_eq!(grams("水管爆裂，2组3号"), ["水管", "管爆", "爆裂", "2组", "组3", "3号"]);
        assert!(grams("13000000001").is_empty());
        assert_eq!(grams("水管水管"), ["水管", "管水"]);
        assert!(grams(&"一二三四五六七八九十".repeat(50)).len() <= 80);
    }

    #[test]
    fn a_rare_word_weighs_more_than_a_common_one() {
        let posting = |word: &str, ids: &[&str]| Posting {
            word: word.into(),
            matters: ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        let common: Vec<String> = (0..300).map(|at| format!("x{at}")).collect();
        let common: Vec<&str> = common.iter().map(String::as_str).chain(["a", "b"]).collect();
        let postings =
            [posting("村里", &common), posting("爆裂", &["a"]), posting("水管", &["a", "b"]), posting("急急", &[])];
        let ranked = ranked(&postings, 5);
        assert_eq!(ranked.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(ranked[0].score > SAME && ranked[0].words == ["村里", "爆裂", "水管"], "{ranked:?}");
        let said = likeliest(&ranked, |id| Some(if id == "a" { "water" } else { "road" }.to_owned()));
        assert_eq!(said.map(|(kind, why)| (kind, why.len())), Some(("water".to_owned(), 1)));
        assert_eq!(likeliest(&[], |_| Some(String::new())), None);
    }
}
