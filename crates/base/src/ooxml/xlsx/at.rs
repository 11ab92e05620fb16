//! The place of a cell, as people write it: C5.

use std::fmt;

/// Row and column count from 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct At {
    pub row: u32,
    pub column: u32,
}

impl At {
    /// The last row and column that a workbook can have.
    const LAST: At = At { row: 1_048_576, column: 16_384 };

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| c.is_ascii_digit())?;
        let (letters, digits) = text.split_at(digits);
        if letters.is_empty() || letters.len() > 3 || digits.starts_with('0') {
            return None;
        }
        let letter = |column: u32, c: char| {
            let c = c.to_ascii_uppercase();
            c.is_ascii_uppercase().then(|| column * 26 + (u32::from(c) - u32::from('A') + 1))
        };
        let column = letters.chars().try_fold(0, letter)?;
        let row = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        (row <= Self::LAST.row && column <= Self::LAST.column).then_some(Self { row, column })
    }

    /// C
    #[must_use]
    pub fn letters(self) -> String {
        let mut left = self.column;
        let mut letters = Vec::new();
        while left > 0 {
            left -= 1;
            letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
            left /= 26;
        }
        letters.iter().rev().collect()
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.letters(), self.row)
    }
}
