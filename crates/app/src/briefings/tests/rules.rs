use std::collections::HashMap;

use super::{day, hand};
use crate::{
    briefings::{
        rules::{Draft, Figure, Paragraph, Part, Request, State, draft, edit, editable, handwritten, may_sign},
        templates::{self, Template},
    },
    packs::Pack,
    spine::facts::{Catalogue, Unit, read::Span},
};

fn template(text: &str) -> Template {
    let file = format!(
        "name = \"t\"\ntitle = \"{{place}}简报\"\nsay = \"x\"\npack = \"default\"\n[names]\n\"training.none\" = \"培训期数\"\n\
         [[paragraph]]\ntext = \"{text}\""
    );
    Template::read(&file).expect("a template")
}

fn made(text: &str, amounts: &[(&str, i64)]) -> Draft {
    let template = template(text);
    let known = |code: &str| amounts.iter().find(|(known, _)| *known == code).map(|(_, amount)| *amount);
    let asked = template.figures().into_iter().map(|ask| (ask.code.clone(), known(&ask.code)));
    let amounts: HashMap<String, Option<i64>> = asked.collect();
    let span = Span { from: Some(day("2023-01-01")), to: day("2023-12-31") };
    draft(&template, &Request { place: "社旗县".into(), span }, &amounts)
}

fn said(draft: &Draft) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Figure(position) => {
            draft.figures.iter().find(|figure| figure.position == *position).expect("a figure").shown.clone()
        }
    };
    let line = |paragraph: &Paragraph| paragraph.parts.iter().map(part).collect::<String>();
    draft.text.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_clause_stands_only_with_its_figures() {
    let text = "{place}{period}有队伍{team.in_place}[，打机井{gain.well}][，安装路灯{gain.lamp}]。";
    let all = [("team.in_place", 98), ("gain.well", 3), ("gain.lamp", 5)];
    assert_eq!(said(&made(text, &all)), "社旗县2023年有队伍98支，打机井3眼，安装路灯5盏。");
    let one = [("team.in_place", 0), ("gain.well", 0), ("gain.lamp", 5)];
    assert_eq!(said(&made(text, &one)), "社旗县2023年有队伍0支，安装路灯5盏。", "what is in no clause stays");
}

#[test]
fn a_list_names_what_there_is() {
    let text =
        "成效：[帮各村<引进资金{gain.fund:亿元}|新办合作社{gain.coop:余个}，带动{gain.job}|打机井{gain.well}>。]完。";
    let figures = |fund, coop, job, well| {
        said(&made(text, &[("gain.fund", fund), ("gain.coop", coop), ("gain.job", job), ("gain.well", well)]))
    };
    assert_eq!(
        figures(19_860_000_000, 365, 9, 2),
        "成效：帮各村引进资金1.99亿元、新办合作社360余个，带动9人、打机井2眼。完。"
    );
    assert_eq!(figures(0, 365, 0, 2), "成效：帮各村打机井2眼。完。", "an item stands with all its figures");
    assert_eq!(figures(0, 0, 0, 0), "成效：完。", "no item, no clause");
}

#[test]
fn what_the_catalogue_lacks_is_said_where_it_stands() {
    let draft = made("开讲{training.none:期}[，参训{training.none:人次}]。", &[]);
    let gap = "〔缺“培训期数”：指标目录里没有 training.none〕";
    assert_eq!(said(&draft), format!("开讲{gap}，参训{gap}。"));
    assert!(draft.figures.iter().all(Figure::is_missing));
    let no = may_sign(&State::Draft, &draft.figures).expect_err("a figure is missing");
    assert!(no.to_string().contains("还缺 2 个数：培训期数、培训期数"), "{no}");
    let wrong = made("引进{gain.fund:公斤}。", &[("gain.fund", 1)]);
    assert!(
        said(&wrong).contains("〔缺“引进帮扶资金”：“引进帮扶资金”的单位是万元，不能写成公斤〕"),
        "{}",
        said(&wrong)
    );
}

#[test]
fn a_paragraph_without_anything_is_left_out_with_its_heading() {
    let text = "name = \"t\"\ntitle = \"t\"\nsay = \"x\"\npack = \"default\"\n[[paragraph]]\nheading = \"一\"\n\
                text = \"[打机井{gain.well}]\"\n[[paragraph]]\nheading = \"二\"\ntext = \"有。\"";
    let template = Template::read(text).expect("a template");
    let span = Span { from: None, to: day("2024-01-18") };
    let draft = draft(
        &template,
        &Request { place: "社旗县".into(), span },
        &HashMap::from([("gain.well".to_owned(), Some(0))]),
    );
    assert_eq!(said(&draft), "二\n有。");
}

#[test]
fn templates_that_are_wrong_say_where() {
    for (text, what) in [
        ("{gain.well", "少了 }"),
        ("[打机井{gain.well}", "少了 ] 或 >"),
        ("<甲|乙", "少了 ] 或 >"),
        ("打机井{gain.well}]", "多了一个 ]"),
        ("{somewhere}", "既不是指标"),
        ("甲|乙", "多了一个 |"),
    ] {
        let file = format!("name = \"t\"\ntitle = \"t\"\nsay = \"x\"\npack = \"p\"\n[[paragraph]]\ntext = \"{text}\"");
        let error = Template::read(&file).expect_err(text).to_string();
        assert!(error.contains("第 1 段") && error.contains(what), "{text}: {error}");
    }
}

#[test]
fn shipped_templates_read_and_their_figures_have_names_and_units() {
    assert_eq!(templates::all().len(), 8, "every file is understood");
    let packs: Vec<String> = Pack::shipped().expect("packs").into_iter().map(|pack| pack.name).collect();
    for template in templates::all() {
        assert!(!template.say.is_empty() && template.title.contains("{place}"), "{}", template.name);
        // Packs of 歙县, 龙口 and 湖南 find their templates by these names.
        let later = ["shexian", "longkou", "hunan"];
        assert!(packs.contains(&template.pack) || later.contains(&template.pack.as_str()), "{}", template.pack);
        for ask in template.figures() {
            match Catalogue::get().find(&ask.code) {
                Some(indicator) => drop(Unit::of(indicator, &ask.unit).expect(&ask.code)),
                None => assert!(template.names.contains_key(&ask.code), "{}: {}", template.name, ask.code),
            }
        }
    }
    for place in ["sheqi", "fushan", "wuzhou", "shexian", "longkou", "hunan"] {
        assert_eq!(templates::usual(place).map(|template| template.name.as_str()), Some(place));
    }
    assert_eq!(templates::usual("elsewhere").map(|template| template.name.as_str()), Some("default"));
    assert_eq!(templates::ordered("wuzhou")[0].name, "wuzhou");
}

fn sample() -> Draft {
    made(
        "有队伍{team.in_place}、第一书记{posting.first_secretary:名}。",
        &[("team.in_place", 98), ("posting.first_secretary", 249)],
    )
}

#[test]
fn words_change_freely_and_a_figure_changed_by_hand_says_so_for_ever() {
    let draft = sample();
    let text = editable(&draft.text, &draft.figures);
    assert_eq!(text, "有队伍{1:98支}、第一书记{2:249名}。");
    let same = edit(&text, &draft.figures, &hand()).expect("the same");
    assert_eq!((same.text, same.figures, same.changed.len()), (draft.text.clone(), draft.figures.clone(), 0));

    let typed = "# 队伍\n\n第一书记{2:250名}到岗，\n队伍{1: 98支}。";
    let edited = edit(typed, &draft.figures, &hand()).expect("edited");
    assert!(edited.text[0].heading && edited.text.len() == 3);
    assert_eq!(edited.changed, [2]);
    let figure = &edited.figures[1];
    assert_eq!((figure.shown.as_str(), figure.computed.as_str()), ("250名", "249名"));
    assert_eq!(figure.hand.as_ref().map(|hand| hand.by.as_str()), Some("宋知远"));
    assert_eq!(edited.figures[0].hand, None, "blanks around it are no change");

    let back = edit("第一书记{2:249名}。", &edited.figures, &hand()).expect("written back");
    assert!(back.figures[1].hand.is_some(), "written back, it still says that a hand was there");
    assert!(back.figures[0].removed, "taken out, it is kept apart");
    let again = back.figures[1].clone().counted_again(Some(251));
    assert_eq!((again.shown.as_str(), again.computed.as_str()), ("249名", "251名"), "counting leaves it alone");
    assert_eq!(back.figures[0].clone().counted_again(Some(99)).shown, "99支");
}

#[test]
fn what_cannot_be_read_is_said_at_the_text() {
    let draft = sample();
    let long = format!("{{1:{}}}", "长".repeat(41));
    for (typed, why) in [
        ("", "正文不能空着"),
        ("有{1:98支", "不成对"),
        ("有}", "不成对"),
        ("有{7:3个}", "不是这份简报里的数字"),
        ("有{x}", "不是这份简报里的数字"),
        ("有{1:}", "空着"),
        ("有{1:98支}和{1:99支}", "写成了两个样"),
        (long.as_str(), "太长"),
    ] {
        let no = edit(typed, &draft.figures, &hand()).expect_err(typed);
        assert!(no.field == Some("body") && no.to_string().contains(why), "{typed}: {no}");
    }
    assert!(edit("有{1:98支}，又是{1:98支}。", &draft.figures, &hand()).is_ok(), "the same figure twice");
}

#[test]
fn numbers_written_into_the_words_are_found() {
    let draft = made("{to}有队伍{team.in_place}。", &[("team.in_place", 98)]);
    assert_eq!(handwritten(&draft.text, &draft.text), Vec::<String>::new(), "days of the template are not meant");
    let edited = edit("2023年12月31日有队伍{1:98支}，比上年多12支，增长１４％，3.5倍。", &draft.figures, &hand());
    assert_eq!(handwritten(&edited.expect("edited").text, &draft.text), ["12", "１４", "3.5"]);
}

#[test]
fn only_a_draft_is_signed() {
    let draft = sample();
    assert!(may_sign(&State::Draft, &draft.figures).is_ok());
    let signed = State::Signed { by: "宋知远".into(), on: day("2024-01-18") };
    assert!(may_sign(&signed, &draft.figures).is_err() && may_sign(&State::Cancelled, &draft.figures).is_err());
    let missing = made("开讲{training.none:期}。", &[]);
    let filled = edit("开讲{1:7期}。", &missing.figures, &hand()).expect("filled by hand");
    assert!(may_sign(&State::Draft, &filled.figures).is_ok(), "a hand has said it");
    let without = edit("不说。", &missing.figures, &hand()).expect("left out");
    assert!(may_sign(&State::Draft, &without.figures).is_ok(), "the text does not hold it");
}
