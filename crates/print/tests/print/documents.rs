//! Each document once: its text to the letter, its codes, its pages.

use print::{
    Boards, Briefing, Error, Letters, Press, Watch, boards, briefing, cards, dossier, handover, handovers, letters,
    roster,
};

use crate::{paper, run, sample};

/// Looks for each text as it was given; white space and places where a word may break are left out on both sides.
#[track_caller]
fn says(pdf: &[u8], texts: &[&str]) {
    let whole = paper::whole_text(pdf).replace('\u{200b}', "");
    for text in texts {
        let text: String = text.split_whitespace().collect();
        assert!(whole.contains(&text), "{text} is not in {whole}");
    }
}

#[test]
fn a_card_says_who_where_and_how_and_its_code_can_be_read() {
    let items = sample::odd_cards();
    let mut pdf = Vec::new();
    let printed = cards(&Press::new(), &run(&items), &mut pdf, &Watch::none()).unwrap();
    assert_eq!((printed.pages, paper::pages(&pdf)), (1, 1));
    assert_eq!(printed.bytes, pdf.len() as u64);
    assert!(printed.missing.is_empty(), "{:?}", printed.missing);
    for card in &items {
        says(&pdf, &[&card.name, &card.role, &card.unit, &card.phone, &card.village, &card.note]);
    }
    says(&pdf, &["便民联心卡", "扫码反映问题", "㮾㴩堨"]);
    let given: Vec<_> = items.iter().map(|card| Some(card.url.clone()).filter(|url| !url.is_empty())).collect();
    assert_eq!(paper::card_codes(&pdf, 0), given);
}

#[test]
fn text_is_data_and_never_becomes_code() {
    let mut card = sample::card(1);
    card.name = "#panic(\"x\") *粗* $a$ <b>".to_owned();
    card.note = "]#include \"cards.typ\"[ \\ \"引号\"".to_owned();
    let mut pdf = Vec::new();
    cards(&Press::new(), &run(&[card.clone()]), &mut pdf, &Watch::none()).unwrap();
    says(&pdf, &[&card.name, &card.note]);
}

/// Every name stays clear of the code beside it and of the telephone below, however long it is.
#[test]
fn very_long_texts_stay_in_their_place() {
    let long = "长".repeat(90);
    let mut plain = sample::card(1);
    plain.name = String::new();
    plain.role = String::new();
    plain.unit = String::new();
    let mut full = plain.clone();
    full.name.clone_from(&long);
    full.role.clone_from(&long);
    full.unit.clone_from(&long);
    let picture = |card| {
        let mut pdf = Vec::new();
        cards(&Press::new(), &run(&[card]), &mut pdf, &Watch::none()).unwrap();
        paper::pictures(&pdf, 0, 1, 2.0).remove(0)
    };
    let (without, with) = (picture(plain), picture(full));
    let millimetre = 2.0 * 72.0 / 25.4;
    let wide = usize::from(with.width());
    let changed: Vec<(f64, f64)> = (0..with.data().len())
        .filter(|&index| with.data()[index].g != without.data()[index].g)
        .map(|index| ((index % wide) as f64 / millimetre, (index / wide) as f64 / millimetre))
        .collect();
    assert!(!changed.is_empty());
    for (x, y) in changed {
        // The first card begins at 10 mm, 14.5 mm; its code at 76 mm, its telephone at 55 mm.
        assert!((15.5..75.0).contains(&x) && (28.5..55.2).contains(&y), "ink at {x:.1} mm, {y:.1} mm");
    }
}

#[test]
fn a_board_names_five_parties_and_shows_a_gap() {
    let items: Vec<_> = (1..=3).map(sample::board).collect();
    let list = Boards {
        title: "责任公示牌",
        issuer: "中共青禾县委组织部",
        invitation: "扫码看今日责任人",
        as_of: "2026年11月22日",
        items: &items,
    };
    let mut pdf = Vec::new();
    let printed = boards(&Press::new(), &list, &mut pdf, &Watch::none()).unwrap();
    assert_eq!((printed.pages, paper::pages(&pdf)), (3, 3));
    for (index, board) in items.iter().enumerate() {
        let page = paper::text(&pdf, u32::try_from(index).unwrap() + 1);
        for party in &board.parties {
            for text in [&party.label, &party.name, &party.post, &party.phone] {
                assert!(page.contains(text.as_str()), "{text} is not in {page}");
            }
        }
        assert_eq!(page.matches("待补").count(), 1, "{page}");
        assert!(
            page.contains("数据日期：2026年11月22日") && page.contains(&board.village) && page.contains(&board.place)
        );
        let picture = &paper::pictures(&pdf, index, 1, 1.0)[0];
        assert_eq!(paper::code(picture, 1.0, [0.0, 0.0, 420.0, 297.0]).as_ref(), Some(&board.url));
    }
}

#[test]
fn a_letter_reads_as_it_was_written() {
    let items: Vec<_> = ["陈建国", "王秀英"].map(sample::letter).to_vec();
    for letterhead in ["", "中共青禾县委组织部文件"] {
        let mut pdf = Vec::new();
        let list = Letters { title: "选派通知", letterhead, items: &items };
        let printed = letters(&Press::new(), &list, &mut pdf, &Watch::none()).unwrap();
        assert_eq!(printed.pages, 2);
        says(&pdf, &[letterhead]);
        let letter = &items[0];
        let page = paper::text(&pdf, 1);
        for text in letter.paragraphs.iter().chain(&letter.signers).chain([&letter.title, &letter.date]) {
            assert!(page.contains(text.as_str()), "{text} is not in {page}");
        }
        assert!(page.contains("陈建国同志：") && page.contains("青组通〔2026〕18号"));
    }
}

#[test]
fn a_roster_repeats_its_head_and_counts_its_pages() {
    let data = sample::roster(300);
    let mut pdf = Vec::new();
    let printed = roster(&Press::new(), &data, &mut pdf, &Watch::none()).unwrap();
    assert!(printed.pages > 10);
    for page in 1..=printed.pages {
        let text = paper::text(&pdf, u32::try_from(page).unwrap());
        assert!(text.contains("出生年月"), "page {page} has no head: {text}");
        assert!(text.contains(&format!("第{page}页，共{}页", printed.pages)), "{text}");
    }
    says(&pdf, &["青禾县驻村干部花名册", "13800000300", "井店镇禅房300村"]);
}

#[test]
fn a_long_code_in_a_narrow_column_breaks_and_an_id_number_does_not() {
    let mut data = sample::roster(1);
    data.table.rows[0][0] = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ".to_owned();
    data.table.rows[0][3] = "999999198805010011".to_owned();
    let mut pdf = Vec::new();
    let printed = roster(&Press::new(), &data, &mut pdf, &Watch::none()).unwrap();
    assert!(printed.missing.is_empty(), "{:?}", printed.missing);
    let text = paper::whole_text(&pdf);
    let letters: String = text.chars().filter(char::is_ascii_uppercase).collect();
    assert!(letters.contains("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ"), "{text}");
    assert!(text.contains("999999198805010011"), "{text}");
}

#[test]
fn a_handover_book_lists_what_is_open_and_who_signs() {
    let data = sample::handover();
    let mut pdf = Vec::new();
    handover(&Press::new(), &data, &mut pdf, &Watch::none()).unwrap();
    for pair in &data.facts {
        says(&pdf, &[&pair.label, &pair.value]);
    }
    for group in &data.groups {
        says(&pdf, &[&group.title]);
        for item in &group.items {
            says(&pdf, &[&item.what, &item.state]);
        }
    }
    says(&pdf, &["共同走访", &data.visits[0].note, "监交人（签字）：", "数据日期：2026年11月22日"]);
    says(&pdf, &["移交人 陈建国：2026年11月20日在系统签认"]);
    assert_eq!(paper::whole_text(&pdf).matches("已确认").count(), 6);
}

#[test]
fn several_handover_books_count_their_own_pages() {
    let mut other = sample::handover();
    other.village = "青禾县井店镇下元村".to_owned();
    let books = [sample::handover(), other];
    let (mut one, mut both) = (Vec::new(), Vec::new());
    let single = handovers(&Press::new(), "交接簿", &books[..1], &mut one, &Watch::none()).unwrap();
    let printed = handovers(&Press::new(), "交接簿", &books, &mut both, &Watch::none()).unwrap();
    assert_eq!(printed.pages, 2 * single.pages);
    says(&both, &["青禾县井店镇禅房村", "青禾县井店镇下元村"]);
    let first = format!("第1页，共{}页", single.pages);
    assert_eq!(paper::whole_text(&both).matches(&first).count(), 2);
}

#[test]
fn a_dossier_keeps_visible_results_and_groundwork_apart() {
    let data = sample::dossier(1000);
    let mut pdf = Vec::new();
    let printed = dossier(&Press::new(), &data, &mut pdf, &Watch::none()).unwrap();
    assert!(printed.pages > 40, "{}", printed.pages);
    let text = paper::whole_text(&pdf);
    let (visible, groundwork) = (text.find("显绩（1000）").unwrap(), text.find("潜绩（1000）").unwrap());
    let (deed, talk) = (text.find("组织主题党日（第1条）").unwrap(), text.find("与后备干部谈心（第1条）").unwrap());
    assert!(visible < deed && deed < groundwork && groundwork < talk);
    says(
        &pdf,
        &["陈建国", "999999********0011", "任职经历", "工作日志摘录", "提醒谈话无记录", "与后备干部谈心（第1000条）"],
    );
}

#[test]
fn a_briefing_reads_as_it_was_written_with_its_marks_and_sources() {
    let one = sample::briefing();
    let mut pdf = Vec::new();
    let printed = briefing(&Press::new(), &one, &mut pdf, &Watch::none()).unwrap();
    assert!(printed.missing.is_empty(), "{:?}", printed.missing);
    says(&pdf, &[&one.title, &one.sub, &one.signed, &one.source_title, &one.as_of, &one.notes[0]]);
    for paragraph in &one.paragraphs {
        says(&pdf, &[&paragraph.text]);
    }
    for cell in one.sources.rows.iter().flatten() {
        says(&pdf, &[cell]);
    }
    let empty = briefing(&Press::new(), &Briefing::default(), &mut Vec::new(), &Watch::none());
    assert!(matches!(empty, Err(Error::Empty)));
}
