//! Money in fen (分), a bigint everywhere; shown in 万元 or 元.

use std::fmt;

/// An amount of money in fen, 1/100 yuan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Fen(pub i64);

impl Fen {
    const PER_WAN: i64 = 1_000_000;

    /// 万元 as a JSON number: 7,264 万元 is `7264.0`, 82,000 元 is `8.2`.
    #[expect(clippy::cast_precision_loss, reason = "amounts of a programme lie far below 2^53 fen")]
    #[must_use]
    pub fn wan(self) -> f64 {
        self.0 as f64 / Self::PER_WAN as f64
    }

    /// Reads an amount of 万元 with up to six decimals: `7264`, `8.2`, `1,100.5`.
    #[must_use]
    pub fn parse_wan(text: &str) -> Option<Self> {
        let plain = text.trim().replace([',', '，'], "");
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
            return None;
        }
        let scaled = format!("{whole}{part:0<6}");
        scaled.parse().ok().map(Self)
    }
}

impl fmt::Display for Fen {
    /// 万元 without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.wan())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wan_goes_in_and_comes_out() {
        for text in ["7264", "8.2", "0.000001", "19860"] {
            assert_eq!(Fen::parse_wan(text).map(|fen| fen.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Fen::parse_wan("1,100.5"), Some(Fen(1_100_500_000)));
        for wrong in ["", "-1", "1.2.3", "8.2万", "0.0000001", "."] {
            assert_eq!(Fen::parse_wan(wrong), None, "{wrong}");
        }
    }
}
