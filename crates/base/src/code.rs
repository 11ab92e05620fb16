//! Codes that people copy from paper: short, random, without letters that are mistaken for each other.

use std::fmt;

use crate::seal::{Keys, SealError, random_bytes};

const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Ten of 31: 49 bits.
const LENGTH: usize = 10;

/// A code of 49 random bits, `7KQ2M-X9F4T`: shown once, kept as a keyed hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code(String);

impl Code {
    /// A new one; an error where the system gives no randomness.
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

    /// What a store keeps: keyed, so that a copy of the database opens nothing. `purpose` as `matter.code`.
    #[must_use]
    pub fn hash(&self, keys: &Keys, purpose: &str) -> String {
        keys.lookup_hash(purpose, &self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::fresh().expect("randomness");
        let shown = code.to_string();
        assert_eq!(shown.len(), LENGTH + 1);
        let wide: String =
            shown.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).expect("a full-width letter")).collect();
        for typed in [shown.clone(), shown.to_lowercase(), format!(" {} ", shown.replace('-', " ")), wide] {
            assert_eq!(Code::parse(&typed), Some(code.clone()), "{typed}");
        }
        for wrong in ["", "7KQ2M-X9F4", "7KQ2M-X9F4TT", "0KQ2M-X9F4T", "IKQ2M-X9F4T", "七KQ2M-X9F4T"] {
            assert_eq!(Code::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn codes_differ_and_their_hashes_depend_on_key_and_purpose() {
        let (one, other) = (Code::fresh().expect("randomness"), Code::fresh().expect("randomness"));
        assert_ne!(one, other);
        let keys = Keys::from_root(&[1; 32]);
        assert_ne!(one.hash(&keys, "a"), other.hash(&keys, "a"));
        assert_ne!(one.hash(&keys, "a"), one.hash(&keys, "b"));
        assert_ne!(one.hash(&keys, "a"), one.hash(&Keys::from_root(&[2; 32]), "a"));
    }
}
