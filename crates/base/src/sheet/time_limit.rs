//! Lengths of time as people write them into a column of dates: `5个工作日`, `24小时内`, `三天`.

use super::{date::arabic, fold, squeeze};

/// How long something may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimeLimit {
    Workdays(i64),
    Days(i64),
    Hours(i64),
}

/// No order of an office asks for longer.
const MOST_DAYS: i64 = 366;

/// The length of time that a text says, from one hour to a year; nothing where it says none.
#[must_use]
pub fn read_time_limit(text: &str) -> Option<TimeLimit> {
    let text = arabic(&squeeze(&fold(text)).replace('两', "二"));
    let text = text.trim_start_matches(['限', '在', '于']).trim_end_matches("完成").trim_end_matches("办结");
    let text = ["以内", "之内", "内"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    let limit = match unit.trim_start_matches('个') {
        "工作日" | "工作天" => TimeLimit::Workdays(number),
        "自然日" | "日" | "天" => TimeLimit::Days(number),
        "小时" | "钟头" => TimeLimit::Hours(number),
        _ => return None,
    };
    let most = if matches!(limit, TimeLimit::Hours(_)) { MOST_DAYS * 24 } else { MOST_DAYS };
    (1..=most).contains(&number).then_some(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_however_they_are_written() {
        for (text, limit) in [
            ("5个工作日", TimeLimit::Workdays(5)),
            ("５ 个工作日内", TimeLimit::Workdays(5)),
            ("五个工作日", TimeLimit::Workdays(5)),
            ("十五个工作日办结", TimeLimit::Workdays(15)),
            ("10工作日", TimeLimit::Workdays(10)),
            ("3天", TimeLimit::Days(3)),
            ("三日内", TimeLimit::Days(3)),
            ("30个自然日", TimeLimit::Days(30)),
            ("24小时", TimeLimit::Hours(24)),
            ("限两小时内办结", TimeLimit::Hours(2)),
        ] {
            assert_eq!(read_time_limit(text), Some(limit), "{text}");
        }
        for text in
            ["", "5", "个工作日", "尽快", "2024-01-15", "0天", "1000天", "1月5日", "99999999999999999999天", "3天半"]
        {
            assert_eq!(read_time_limit(text), None, "{text}");
        }
    }
}
