//! Identity numbers and telephone numbers of people.

use std::fmt;

use super::Day;
use crate::{i18n::Text, text};

/// Why a text is no identity number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdNumberError {
    Length,
    Digits,
    Birth,
    CheckDigit,
}

impl IdNumberError {
    #[must_use]
    pub fn say(self) -> Text {
        match self {
            Self::Length => text!("身份证号应为 18 位"),
            Self::Digits => text!("身份证号前 17 位应为数字，末位为数字或 X"),
            Self::Birth => text!("身份证号中的出生日期不存在"),
            Self::CheckDigit => text!("身份证号校验位不符"),
        }
    }
}

impl fmt::Display for IdNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say().zh())
    }
}

impl std::error::Error for IdNumberError {}

/// An 18-character resident identity number (GB 11643), checked by its birth date and check digit, not by its region.
///
/// It never prints itself: [`IdNumber::masked`] is for screens, [`IdNumber::reveal`] for sealing and logged full views.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber(String);

impl IdNumber {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

    /// Reads a number that is already plain ASCII; blanks and full-width digits are the spreadsheet's business.
    pub fn parse(text: &str) -> Result<Self, IdNumberError> {
        let text = text.trim().to_ascii_uppercase();
        if text.chars().count() != 18 {
            return Err(IdNumberError::Length);
        }
        let body: Vec<u32> = text.chars().take(17).filter_map(|c| c.to_digit(10)).collect();
        let last = text.chars().next_back().unwrap_or(' ');
        if body.len() != 17 || !(last.is_ascii_digit() || last == 'X') {
            return Err(IdNumberError::Digits);
        }
        if Self::birth_of(&text).is_none() {
            return Err(IdNumberError::Birth);
        }
        if Self::check_digit(&body) != last {
            return Err(IdNumberError::CheckDigit);
        }
        Ok(Self(text))
    }

    /// The number of a person born on `birth` with the given region (6 digits) and sequence (0–999; odd is male).
    #[must_use]
    pub fn compose(region: u32, birth: Day, sequence: u32) -> Option<Self> {
        let text = format!(
            "{region:06}{:04}{:02}{:02}{sequence:03}",
            birth.year(),
            birth.month_of_year(),
            birth.day_of_month()
        );
        let body: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
        (body.len() == 17).then(|| Self(format!("{text}{}", Self::check_digit(&body))))
    }

    fn check_digit(body: &[u32]) -> char {
        let sum: u32 = body.iter().zip(Self::WEIGHTS).map(|(digit, weight)| digit * weight).sum();
        Self::CHECK[(sum % 11) as usize]
    }

    fn birth_of(text: &str) -> Option<Day> {
        let part = |range: std::ops::Range<usize>| text.get(range);
        Day::new(part(6..10)?.parse().ok()?, part(10..12)?.parse().ok()?, part(12..14)?.parse().ok()?)
    }

    #[must_use]
    pub fn birth(&self) -> Option<Day> {
        Self::birth_of(&self.0)
    }

    #[must_use]
    pub fn is_male(&self) -> bool {
        self.0.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1)
    }

    /// `9999************04`: first four and last two.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}************{}", &self.0[..4], &self.0[16..])
    }

    /// The number itself, for sealing, hashing and full views that are logged.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

/// A telephone number: a mobile of 11 digits beginning with 1, or a fixed line with area code (`0377-67961234`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Phone(String);

impl Phone {
    /// Reads plain ASCII digits with optional blanks, hyphens and +86.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let kept: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
        let digits = kept.strip_prefix("+86").or_else(|| kept.strip_prefix("0086")).unwrap_or(&kept);
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mobile = digits.len() == 11 && digits.starts_with('1') && !matches!(digits.as_bytes()[1], b'0'..=b'2');
        let fixed = digits.starts_with('0') && (10..=12).contains(&digits.len());
        (mobile || fixed).then(|| Self(digits.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `130 0000 4127` for mobiles, the plain digits otherwise.
    #[must_use]
    pub fn spaced(&self) -> String {
        if self.0.len() == 11 && self.0.starts_with('1') {
            format!("{} {} {}", &self.0[..3], &self.0[3..7], &self.0[7..])
        } else {
            self.0.clone()
        }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        let good = IdNumber::parse("999999198210285804").expect("valid");
        assert_eq!(good.birth(), Day::new(1982, 10, 28));
        assert_eq!(good.masked(), "9999************04");
        assert!(!format!("{good:?}").contains("19821028"));
        let lower = IdNumber::parse("99999919920904029x").expect("a small x is read");
        assert_eq!(lower.reveal(), "99999919920904029X");
        let wrong = [
            ("999999198210285805", IdNumberError::CheckDigit),
            ("99999919821028580", IdNumberError::Length),
            ("9999991982102858040", IdNumberError::Length),
            ("99999919821328580X", IdNumberError::Birth),
            ("99999919821O285804", IdNumberError::Digits),
        ];
        for (text, error) in wrong {
            assert_eq!(IdNumber::parse(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn composed_numbers_parse() {
        let birth = Day::new(1976, 4, 2).expect("a day");
        let made = IdNumber::compose(999_999, birth, 27).expect("seventeen digits");
        assert_eq!(IdNumber::parse(made.reveal()), Ok(made.clone()));
        assert!(made.is_male());
    }

    #[test]
    fn phones_are_mobiles_or_fixed_lines() {
        assert_eq!(Phone::parse("130 0000 4127").map(|p| p.spaced()).as_deref(), Some("130 0000 4127"));
        assert_eq!(Phone::parse("+86 13000004127").map(|p| p.to_string()).as_deref(), Some("13000004127"));
        assert!(Phone::parse("0377-67961234").is_some());
        for wrong in ["1300000412", "23000004127", "130000041277", "电话", "", "12345"] {
            assert!(Phone::parse(wrong).is_none(), "{wrong}");
        }
    }
}
