//! The villager's way to a matter.

use std::fmt;

use base::seal::{Keys, SealError, random_bytes};

/// Letters that are not mistaken for each other on paper.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Ten of 31: 49 bits.
const LENGTH: usize = 10;

/// A follow-up code: shown once to whoever raised the matter, kept as a keyed hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code(String);

impl Code {
    pub fn fresh() -> Result<Self, SealError> {
        let mut code = String::new();
        while code.len() < LENGTH {
            // Bytes above the largest multiple of 31 would make the first letters likelier.
            let fresh = random_bytes::<32>()?;
            let letters = fresh.iter().filter(|byte| **byte < 248);
            let letters = letters.filter_map(|byte| ALPHABET.get(usize::from(byte % 31)));
            code.extend(letters.take(LENGTH - code.len()).map(|letter| char::from(*letter)));
        }
        Ok(Self(code))
    }

    /// As people type it: any case, any dashes and blanks, full width or not.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 120 {
            return None;
        }
        let narrow = |c: char| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        };
        let code: String = typed.chars().map(narrow).filter(char::is_ascii_alphanumeric).collect();
        let code = code.to_ascii_uppercase();
        (code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(Self(code))
    }

    /// What the store keeps.
    #[must_use]
    pub fn hash(&self, keys: &Keys) -> String {
        keys.lookup_hash("matter.code", &self.0)
    }

    /// As it stands in an address.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at(LENGTH / 2);
        write!(f, "{head}-{tail}")
    }
}
