use base::kernel::{Day, DivisionCode};

use crate::{
    forms::{
        Spot, Tie,
        rules::{FigureTie, NoPlace, Time, Whose, ends_list, place_of, suggested},
    },
    spine::facts::read::Span,
};

fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text).expect("a code")
}

#[test]
fn places_in_files_are_written_and_read() {
    for text in ["s1!C5", "s12!AA100", "t1!R2C3", "{填报单位}"] {
        assert_eq!(Spot::parse(text).map(|spot| spot.to_string()).as_deref(), Some(text));
    }
    for wrong in ["", "C5", "s0!C5", "s1!5C", "t1!R0C1", "x1!C5", "{}", "s1!XFE1"] {
        assert_eq!(Spot::parse(wrong), None, "{wrong}");
    }
    let below = Spot::parse("s1!C5").and_then(|spot| spot.below(3)).map(|spot| spot.to_string());
    assert_eq!(below.as_deref(), Some("s1!C8"));
    assert!(Spot::parse("t1!R2C3") < Spot::parse("t1!R10C1"), "rows are numbers");
}

#[test]
fn a_row_names_its_place() {
    let below: Vec<(DivisionCode, String)> = [
        ("411327101000", "苗店镇"),
        ("411327102000", "唐庄乡"),
        ("411327101201", "麦田村"),
        ("411327102201", "麦田村"),
        ("411327102202", "苗店村"),
        ("411327102203", "石桥村"),
    ]
    .map(|(place, name)| (code(place), name.to_owned()))
    .into();
    assert_eq!(place_of("苗店镇", &below), Ok(code("411327101000")));
    assert_eq!(place_of(" 唐 庄 ", &below), Ok(code("411327102000")), "without its kind, with blanks");
    assert_eq!(place_of("苗店", &below), Ok(code("411327101000")), "the township before the village");
    assert_eq!(place_of("麦田村", &below), Err(NoPlace::Several("麦田村".into())));
    assert_eq!(place_of("石桥镇", &below), Err(NoPlace::Unknown("石桥镇".into())), "a township is no village");
    assert_eq!(place_of("石桥村委会", &below), Ok(code("411327102203")));
    assert_eq!(place_of("  ", &below), Err(NoPlace::NoName));
}

#[test]
fn times_and_ends_and_guesses() {
    let day = |text: &str| Day::parse(text).expect("a day");
    let asked = Span { from: Some(day("2024-01-01")), to: day("2024-03-31") };
    assert_eq!(Time::Period.span(asked), asked);
    assert_eq!(Time::Year.span(asked).from, Some(day("2024-01-01")));
    assert_eq!(Time::Ever.span(asked), Span { from: None, to: asked.to });
    for label in ["合计", "总 计", "填表人：张三", "注：按月报", "备注"] {
        assert!(ends_list(label), "{label}");
    }
    assert!(!ends_list("苗店镇"));
    let guess = |words: &str| suggested(words).map(|indicator| indicator.code.as_str());
    assert_eq!(guess("强村富民 引进帮扶资金（万元）"), Some("gain.fund"));
    assert_eq!(guess("打机井 眼"), Some("gain.well"));
    assert_eq!(guess("备注"), None);
}

#[test]
fn a_tie_holds_to_the_catalogue() {
    let tie = |indicator: &str, unit: &str| {
        let figure = FigureTie {
            indicator: indicator.into(),
            unit: unit.into(),
            time: Time::Period,
            whose: Whose::Fixed(code("411327")),
        };
        Tie::Figure(figure)
    };
    let good = tie("gain.fund", "元");
    assert!(good.check().is_ok());
    let text = serde_json::to_string(&good).expect("json");
    assert_eq!(serde_json::from_str::<Tie>(&text).expect("read"), good);
    assert_eq!(tie("gain.nothing", "").check().expect_err("unknown").field, Some("indicator"));
    let no = tie("gain.fund", "公斤").check().expect_err("another measure");
    assert!(no.field == Some("unit") && no.to_string().contains("单位是万元，不能写成公斤"), "{no}");
}
