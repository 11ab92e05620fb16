//! What cannot be printed is said, with the place.

use print::{
    Boards, Dossier, Error, Handover, Letters, Press, Roster, Template, Watch, boards, cards, dossier, handover,
    letters, roster,
};

use crate::{run, sample};

#[test]
fn nothing_to_print_is_refused() {
    let (press, watch) = (Press::new(), Watch::none());
    let mut out = Vec::new();
    let none = Boards { title: "", issuer: "", invitation: "", as_of: "", items: &[] };
    let refusals = [
        cards(&press, &run(&[]), &mut out, &watch),
        boards(&press, &none, &mut out, &watch),
        letters(&press, &Letters { title: "", letterhead: "", items: &[] }, &mut out, &watch),
        roster(&press, &Roster::default(), &mut out, &watch),
        handover(&press, &Handover::default(), &mut out, &watch),
        dossier(&press, &Dossier::default(), &mut out, &watch),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Err(Error::Empty)), "{refusal:?}");
    }
    assert!(out.is_empty());
    assert_eq!(Error::Empty.to_string(), "没有可打印的内容，请先选择要打印的对象。");
}

#[test]
fn a_row_with_too_few_cells_is_named() {
    let mut data = sample::roster(3);
    data.table.rows[1].pop();
    let refusal = roster(&Press::new(), &data, &mut Vec::new(), &Watch::none()).unwrap_err();
    assert_eq!(refusal.to_string(), "表格第 2 行有 8 格，表头有 9 格，请核对。");
}

#[test]
fn an_address_too_long_for_any_code_is_named() {
    let mut items = vec![sample::card(0), sample::card(1)];
    items[1].url = "https://".to_owned() + &"x".repeat(4000);
    let refusal = cards(&Press::new(), &run(&items), &mut Vec::new(), &Watch::none()).unwrap_err();
    assert!(matches!(refusal, Error::CodeTooLong { row: 2 }), "{refusal}");
}

#[test]
fn an_offices_template_is_used_and_one_with_a_mistake_is_refused_by_its_line() {
    let items = [sample::card(0)];
    let own = "#import \"look.typ\": *\n#show: base\n#for one in sys.inputs.items [本县自己的卡：#one.name]";
    let mut pdf = Vec::new();
    cards(&Press::new().replace(Template::Cards, own), &run(&items), &mut pdf, &Watch::none()).unwrap();
    assert!(crate::paper::whole_text(&pdf).contains("本县自己的卡：陈建国"));
    for (mistake, line) in
        [("#show: base\n#nonsense", 3), ("#import \"@preview/cetz:0.3.0\": *", 2), ("#read(\"/etc/passwd\")", 2)]
    {
        let text = format!("#import \"look.typ\": *\n{mistake}");
        let press = Press::new().replace(Template::Cards, &text);
        match cards(&press, &run(&items), &mut Vec::new(), &Watch::none()) {
            Err(Error::Template { template, line: found, .. }) => {
                assert_eq!((template.as_str(), found), ("cards.typ", Some(line)), "{mistake}");
            }
            other => panic!("{mistake}: {other:?}"),
        }
    }
}
