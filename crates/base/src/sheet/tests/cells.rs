use proptest::prelude::*;

use super::super::{
    Cell, DateProblem, IdProblem, Precision, day_from_serial, fold, person_name, read_day, read_day_text, read_id,
    read_moment, read_number, read_period, read_phone, squeeze,
};
use crate::kernel::{Day, IdNumber};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[test]
fn texts_are_folded() {
    assert_eq!(fold("　２０２３－０６　 ０１\n"), "2023-06 01");
    assert_eq!(fold("\u{FEFF}ＡＢ（ｃ）：\u{200B}"), "AB(c):");
    assert_eq!(squeeze(" 乡镇\n（街道） "), "乡镇(街道)");
    let names = [
        ("张　龙", "张龙"),
        ("龚  辉 ", "龚辉"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("古丽．买买提", "古丽·买买提"),
        ("古丽 · 买买提", "古丽·买买提"),
        ("John  Smith", "John Smith"),
    ];
    for (typed, read) in names {
        assert_eq!(person_name(typed), read, "{typed}");
    }
}

#[test]
fn moments_are_days_with_a_minute_where_one_is_written() {
    let read = |cell: &Cell| read_moment(cell, false).map(|read| read.map(|(at, minute)| (at.day.to_string(), minute)));
    for (text, minute) in [
        ("2024-01-15 09:30:00", Some(570)),
        ("2024-01-15T09:30:00", Some(570)),
        ("2024/1/15 9:05", Some(545)),
        ("2024年1月15日 14时5分", Some(845)),
        ("2024年1月15日 9点", Some(540)),
        ("20240115093000", Some(570)),
        ("45306.5", Some(720)),
        ("45306", None),
        ("2024-01-15 25:00", None),
        ("2024.1.15", None),
    ] {
        assert_eq!(read(&Cell::text(text)), Ok(Some(("2024-01-15".to_owned(), minute))), "{text}");
    }
    assert_eq!(read(&Cell::Number(45_306.5)), Ok(Some(("2024-01-15".to_owned(), Some(720)))));
    assert_eq!(read(&Cell::Number(45_306.0)), Ok(Some(("2024-01-15".to_owned(), None))));
    assert_eq!(read(&Cell::Empty), Ok(None));
    assert!(read(&Cell::text("昨天 9:30")).is_err());
    let at = crate::kernel::Instant::of_local(day("2024-01-15"), 570);
    assert_eq!((at.local_minute().as_str(), at.local_day()), ("2024-01-15 09:30", day("2024-01-15")));
}

#[test]
fn days_are_read_in_every_style() {
    let cases = [
        ("2021.07", "2021-07-01", Precision::Month),
        ("2021年7月", "2021-07-01", Precision::Month),
        ("2021年7月份", "", Precision::Month),
        ("2021/7", "2021-07-01", Precision::Month),
        ("2021-07", "2021-07-01", Precision::Month),
        ("202107", "2021-07-01", Precision::Month),
        ("１９９４０９", "1994-09-01", Precision::Month),
        ("20230601", "2023-06-01", Precision::Day),
        ("1988-5-3", "1988-05-03", Precision::Day),
        ("1988.5.3", "1988-05-03", Precision::Day),
        ("2023年6月8日", "2023-06-08", Precision::Day),
        ("2023 年 6 月 8 日", "2023-06-08", Precision::Day),
        ("二〇二一年七月", "2021-07-01", Precision::Month),
        ("二○二三年十二月二十八日", "2023-12-28", Precision::Day),
        ("二〇二三年十月二十日", "2023-10-20", Precision::Day),
        ("88.5", "1988-05-01", Precision::Month),
        ("23.06", "2023-06-01", Precision::Month),
        ("2021年", "2021-01-01", Precision::Year),
        ("1988", "1988-01-01", Precision::Year),
        ("2021.07起", "2021-07-01", Precision::Month),
        ("2021年7月至今", "", Precision::Month),
        ("2021年7月以来", "2021-07-01", Precision::Month),
        ("2023-06-08 09:30:00", "2023-06-08", Precision::Day),
        ("2023-06-08T09:30:00", "2023-06-08", Precision::Day),
        ("20230608093000", "2023-06-08", Precision::Day),
        ("45085", "2023-06-08", Precision::Day),
        ("45085.0", "2023-06-08", Precision::Day),
        ("'2023.6.8", "2023-06-08", Precision::Day),
        ("2023.06（预备）", "2023-06-01", Precision::Month),
    ];
    for (typed, read, precision) in cases {
        let made = read_day_text(typed);
        if read.is_empty() {
            // Words within or an open period: not a day for certain readers, but never a wrong one.
            assert!(made.is_err() || made == read_day_text("2021年7月"), "{typed}");
            continue;
        }
        let made = made.unwrap_or_else(|problem| panic!("{typed}: {problem:?}"));
        assert_eq!((made.day, made.precision), (day(read), precision), "{typed}");
    }
}

#[test]
fn what_is_no_day_is_said() {
    for typed in ["2023年13月", "2023.02.30", "20231301", "202313", "1023-06-01", "2023-00-01"] {
        assert!(matches!(read_day_text(typed), Err(DateProblem::NoSuchDay(_))), "{typed}");
    }
    for typed in ["不详", "6月8日", "12345678901", "2023..06", "06/08/2023", "1", "-", "2023-06-08-09"] {
        assert!(matches!(read_day_text(typed), Err(DateProblem::Shape(_))), "{typed}");
    }
}

#[test]
fn numbers_in_date_columns() {
    let read = |number: f64| read_day(&Cell::Number(number), false).expect("a day").expect("not blank");
    assert_eq!(read(45_085.0).day, day("2023-06-08"));
    assert_eq!(read(45_085.5).day, day("2023-06-08"));
    assert_eq!(read(199_409.0).day, day("1994-09-01"));
    assert_eq!(read(20_230_601.0).day, day("2023-06-01"));
    assert_eq!(read(2021.07).day, day("2021-07-01"));
    assert_eq!(read(2021.7).day, day("2021-07-01"));
    assert_eq!(read(2021.12).day, day("2021-12-01"));
    assert!(!read(2021.7).ambiguous);
    assert_eq!((read(2021.1).day, read(2021.1).ambiguous), (day("2021-01-01"), true));
    assert_eq!(read(88.5).day, day("1988-05-01"));
    let old = read_day(&Cell::Number(43_623.0), true).expect("a day").expect("not blank");
    assert_eq!(old.day, day("2023-06-08"));
    assert_eq!(read_day(&Cell::text(" 　"), false), Ok(None));
    assert_eq!(day_from_serial(1.0, false), Some(day("1900-01-01")));
    assert_eq!(day_from_serial(61.0, false), Some(day("1900-03-01")));
    assert_eq!(day_from_serial(0.0, true), None);
}

#[test]
fn periods_in_one_cell() {
    let cases = [
        ("2023.06-2025.06", "2023-06", Some("2025-06")),
        ("2023年6月—2025年6月", "2023-06", Some("2025-06")),
        ("2023-06-01至2025-05-31", "2023-06-01", Some("2025-05-31")),
        ("2023-06-2025-06", "2023-06", Some("2025-06")),
        ("2023.6.1-2025.6.1", "2023-06-01", Some("2025-06-01")),
        ("2023.06-至今", "2023-06", None),
        ("2023.06至今", "2023-06", None),
        ("2023年6月—", "2023-06", None),
        ("2023-06-08", "2023-06-08", None),
    ];
    for (typed, from, until) in cases {
        let made = read_period(&Cell::text(typed), false).unwrap_or_else(|problem| panic!("{typed}: {problem:?}"));
        let (start, end) = made.expect("not blank");
        assert_eq!((start.to_string().as_str(), end.map(|end| end.to_string()).as_deref()), (from, until), "{typed}");
    }
    assert!(read_period(&Cell::text("2023年13月"), false).is_err());
    assert!(read_period(&Cell::text("2023.06-2025.13"), false).is_err());
}

#[test]
fn telephones_out_of_spoilt_cells() {
    let cells = [
        Cell::Number(13_000_054_677.0),
        Cell::text("13000054677"),
        Cell::text("１３００００５４６７７"),
        Cell::text("130 0005 4677"),
        Cell::text("1.3000054677E10"),
        Cell::text("1.3000054677E+10"),
        Cell::text("13000054677.0"),
        Cell::text("'13000054677"),
        Cell::text("13000054677、0377-67961234"),
        Cell::text("电话/13000054677"),
    ];
    for cell in cells {
        let phone = read_phone(&cell).expect("a phone").expect("not blank");
        assert_eq!(phone.as_str(), "13000054677", "{cell:?}");
    }
    assert_eq!(read_phone(&Cell::Empty), Ok(None));
    assert_eq!(read_phone(&Cell::text("无")), Err("无".to_owned()));
    assert!(read_phone(&Cell::Number(1_300_005_467.0)).is_err());
}

#[test]
fn identity_numbers_out_of_spoilt_cells() {
    let good = IdNumber::parse("99999919920904029X").expect("valid");
    for typed in
        ["99999919920904029X", " 999999 19920904 029x ", "'99999919920904029X", "９９９９９９１９９２０９０４０２９Ｘ"]
    {
        assert_eq!(read_id(&Cell::text(typed)), Ok(Some(good.clone())), "{typed}");
    }
    assert_eq!(read_id(&Cell::text("")), Ok(None));
    for cell in [Cell::Number(999_999_198_210_285_800.0), Cell::text("9.99999E+17"), Cell::text("999999198210285000")] {
        assert_eq!(read_id(&cell), Err(IdProblem::LostDigits), "{cell:?}");
    }
    assert!(matches!(read_id(&Cell::text("999999198210285805")), Err(IdProblem::Wrong(_))));
}

#[test]
fn plain_numbers() {
    assert_eq!(read_number(&Cell::text("１,２００.５")), Ok(Some(1200.5)));
    assert_eq!(read_number(&Cell::text("12%")), Ok(Some(0.12)));
    assert_eq!(read_number(&Cell::Number(3.0)), Ok(Some(3.0)));
    assert_eq!(read_number(&Cell::text(" ")), Ok(None));
    assert!(read_number(&Cell::text("三")).is_err());
    assert!(read_number(&Cell::text("NaN")).is_err());
}

proptest! {
    #[test]
    fn every_day_survives_every_style(year in 1940_i16..2040, month in 1_i8..=12, of_month in 1_i8..=28) {
        let made = Day::new(year, month, of_month).expect("a day");
        let styles = [
            format!("{made}"),
            format!("{year}.{month}.{of_month}"),
            format!("{year}/{month:02}/{of_month:02}"),
            format!("{year}年{month}月{of_month}日"),
            format!("{year}{month:02}{of_month:02}"),
            format!("{:02}.{month}.{of_month}", year % 100),
            made.to_string().chars().map(|c| if c == '-' { '－' } else { char::from_u32(u32::from(c) + 0xFEE0).unwrap() }).collect(),
        ];
        for style in styles {
            prop_assert_eq!(read_day_text(&style).map(|read| read.day), Ok(made), "{}", style);
        }
    }

    #[test]
    fn no_text_makes_the_readers_fall_over(text in ".{0,40}") {
        let cell = Cell::text(&text);
        let _ = (read_day(&cell, false), read_period(&cell, false), read_phone(&cell), read_id(&cell), read_number(&cell));
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
        prop_assert_eq!(person_name(&person_name(&text)), person_name(&text));
    }

    #[test]
    fn no_number_makes_the_readers_fall_over(number in proptest::num::f64::ANY) {
        let cell = Cell::Number(number);
        let _ = (read_day(&cell, false), read_day(&cell, true), read_phone(&cell), read_id(&cell));
    }
}
