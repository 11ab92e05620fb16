//! What stands on a card, and when it has to be printed again.

use std::collections::BTreeMap;

use base::{
    kernel::{Day, DivisionCode},
    seal::{SealError, random_bytes},
};
use serde::{Deserialize, Serialize};

use crate::{
    households::target_facts,
    people::portraits::Face,
    postings::{Ledger, PostRole},
    spine::facts::FactDraft,
};

/// Whom a card names: the holder of the village's post.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    pub name: String,
    /// 第一书记 …
    pub role: String,
    pub unit: Option<String>,
    pub phone: Option<String>,
    #[serde(skip)]
    pub since: Option<Day>,
    /// A new portrait alone is no reason to print thousands of cards again.
    #[serde(skip)]
    pub portrait: Option<Face>,
}

impl Holder {
    /// The word that villagers know the post by.
    #[must_use]
    pub fn role_word(role: &str, ledger: &str) -> String {
        let role = PostRole::parse(role).map_or("", PostRole::zh);
        match Ledger::parse(ledger) {
            Some(Ledger::Province | Ledger::County) | None => format!("驻村{role}"),
        }
    }

    /// As kept with the card when it was printed.
    #[must_use]
    pub fn printed(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// How a village's cards stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Print {
    /// Nobody is on post: nothing to print.
    Vacant,
    Never,
    /// Printed with somebody else, another unit or telephone.
    Outdated,
    Current,
}

impl Print {
    #[must_use]
    pub fn of(holder: Option<&Holder>, printed: Option<&str>) -> Self {
        match (holder, printed) {
            (None, _) => Self::Vacant,
            (Some(_), None) => Self::Never,
            (Some(holder), Some(printed)) if holder.printed() == printed => Self::Current,
            (Some(_), Some(_)) => Self::Outdated,
        }
    }

    #[must_use]
    pub const fn is_due(self) -> bool {
        matches!(self, Self::Never | Self::Outdated)
    }
}

/// 20 characters of 31: 99 bits, none of them mistaken for another when typed from paper.
pub fn new_token() -> Result<String, SealError> {
    const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let mut token = String::new();
    while token.len() < 20 {
        // Bytes above the largest multiple of 31 would make the first letters likelier.
        let fresh = random_bytes::<32>()?;
        let letters = fresh.iter().filter(|byte| **byte < 248).filter_map(|byte| ALPHABET.get(usize::from(byte % 31)));
        token.extend(letters.take(20 - token.len()).map(|letter| char::from(*letter)));
    }
    Ok(token)
}

/// Whether a text may be a token at all: what is not is never looked up.
#[must_use]
pub fn is_token(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// What the QR code says.
#[must_use]
pub fn address(base_url: Option<&str>, token: &str) -> String {
    format!("{}/c/{token}", base_url.unwrap_or("http://127.0.0.1:8080").trim_end_matches('/'))
}

/// The households of a village that are looked after and have a card, as facts: from the day on which both hold.
#[must_use]
pub fn covered_facts(
    village: DivisionCode,
    targets: &[(String, Day, Option<Day>)],
    first_cards: &BTreeMap<String, Day>,
) -> Vec<FactDraft> {
    let covered = targets.iter().filter_map(|(household, since, until)| {
        let from = (*since).max(*first_cards.get(household)?);
        until.is_none_or(|until| from < until).then_some((from, *until))
    });
    target_facts("card.covered", village, covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn holder(name: &str, phone: &str) -> Holder {
        Holder {
            name: name.into(),
            role: "驻村第一书记".into(),
            unit: Some("县水利局".into()),
            phone: Some(phone.into()),
            since: None,
            portrait: None,
        }
    }

    #[test]
    fn a_card_is_printed_again_when_what_stands_on_it_changed() {
        let now = holder("林一诺", "13000000001");
        let before = now.printed();
        assert_eq!(Print::of(None, Some(&before)), Print::Vacant);
        assert_eq!(Print::of(Some(&now), None), Print::Never);
        assert_eq!(
            Print::of(Some(&Holder { since: Some(day("2024-01-01")), ..now.clone() }), Some(&before)),
            Print::Current
        );
        assert_eq!(Print::of(Some(&holder("林一诺", "13000000002")), Some(&before)), Print::Outdated);
        assert_eq!(Print::of(Some(&holder("高致远", "13000000001")), Some(&before)), Print::Outdated);
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, two) = (new_token().expect("random"), new_token().expect("random"));
        assert!(is_token(&one) && is_token(&two) && one != two, "{one} {two}");
        for wrong in ["", "abc", "ABCDEFGHJKMNPQRSTUVW", "../../etc/passwd12345", "23456789abcdefghjkmnp"] {
            assert!(!is_token(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_household_is_covered_while_it_is_looked_after_and_has_a_card() {
        let village = DivisionCode::parse("411327101201").expect("a village");
        let targets = [
            ("a".to_owned(), day("2021-01-01"), None),
            ("b".to_owned(), day("2021-01-01"), Some(day("2022-01-01"))),
            ("c".to_owned(), day("2023-06-01"), None),
            ("d".to_owned(), day("2021-01-01"), None),
        ];
        let cards = BTreeMap::from([
            ("a".to_owned(), day("2021-05-01")),
            ("b".to_owned(), day("2022-03-01")),
            ("c".to_owned(), day("2021-05-01")),
        ]);
        let facts = covered_facts(village, &targets, &cards);
        let said: Vec<_> = facts.iter().map(|fact| (fact.day.to_string(), fact.amount)).collect();
        assert_eq!(said, [("2021-05-01".to_owned(), 1), ("2023-06-01".to_owned(), 1)]);
    }

    #[test]
    fn the_address_follows_the_installation() {
        assert_eq!(address(Some("https://lx.example/"), "t"), "https://lx.example/c/t");
        assert_eq!(address(None, "t"), "http://127.0.0.1:8080/c/t");
    }
}
