//! Money as people type it: 万元 unless a unit stands behind; what is hardly ever right is asked about.

use base::{i18n::Text, kernel::Fen, sheet::squeeze, text};

/// No single amount of a programme is larger: 100 亿元 in 万元.
const MOST_WAN: i64 = 1_000_000;

/// Reads an amount. Above `ask_above` 万元 it is asked about once, unless the form says that it is so.
pub fn read(typed: &str, ask_above: i64, sure: bool) -> Result<Fen, Text> {
    let plain = squeeze(typed).replace([',', '，'], "");
    let (number, per_yuan) = if let Some(number) = plain.strip_suffix("万元").or(plain.strip_suffix('万')) {
        (number, false)
    } else if let Some(number) = plain.strip_suffix('元') {
        (number, true)
    } else {
        (plain.as_str(), false)
    };
    let wrong = || text!("请填金额，例如 35 或 8.2；单位是万元，要写元就写成 82000元");
    let fen = Fen::parse_wan(number).ok_or_else(wrong)?;
    let fen = if per_yuan { Fen(fen.0 / 10_000) } else { fen };
    if fen.0 <= 0 {
        return Err(text!("金额应大于 0"));
    }
    if fen.0 > MOST_WAN * 1_000_000 {
        return Err(text!("金额太大：最多 {most} 万元，请核对单位", most = MOST_WAN));
    }
    if fen.0 > ask_above * 1_000_000 && !per_yuan && !sure {
        return Err(text!(
            "{n} 万元不常见，是不是把元写成了万元？是的话请写成“{n}元”；确实是这么多，请勾选“金额没有写错”再提交",
            n = number
        ));
    }
    Ok(fen)
}

/// An amount where there may be none.
pub fn read_some(typed: &str, ask_above: i64, sure: bool) -> Result<Option<Fen>, Text> {
    if typed.is_empty() { Ok(None) } else { read(typed, ask_above, sure).map(Some) }
}

/// `8.2 万元`
#[must_use]
pub fn shown(fen: i64) -> Text {
    text!("{n} 万元", n = Fen(fen).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_typed_as_wan_is_asked_about() {
        for (typed, fen) in [("8.2", 8_200_000), ("35万", 35_000_000), ("３５万元", 35_000_000), ("82000元", 8_200_000)]
        {
            assert_eq!(read(typed, 500, false).map(|fen| fen.0).map_err(|text| text.zh()), Ok(fen), "{typed}");
        }
        let asked = read("350000", 500, false).expect_err("asked").zh();
        assert!(asked.contains("350000元"), "{asked}");
        assert_eq!(read("350000", 500, true).map(|fen| fen.0).map_err(|text| text.zh()), Ok(350_000_000_000));
        assert!(read("800000元", 500, false).is_ok(), "a unit that is written is believed");
        for (typed, says) in
            [("", "请填金额"), ("0", "大于 0"), ("-3", "请填金额"), ("99999999", "金额太大"), ("很多", "请填")]
        {
            let said = read(typed, 500, true).expect_err(typed).zh();
            assert!(said.contains(says), "{typed}: {said}");
        }
    }
}
