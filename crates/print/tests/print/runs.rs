//! Runs over several chunks: joined in order, fonts once, told and stopped, the same each time.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicBool, Ordering},
};

use print::{Card, Date, Error, Picture, Press, Watch, cards};

use crate::{paper, run, sample};

/// Two full chunks and a bit.
const MANY: usize = 900;

#[test]
fn a_run_over_several_chunks_is_one_file_with_its_fonts_once() {
    let items: Vec<Card> = (0..MANY).map(sample::card).collect();
    let told = RefCell::new(Vec::new());
    let watch = Watch { progress: &|done, all| told.borrow_mut().push((done, all)), stop: &AtomicBool::new(false) };
    let mut pdf = Vec::new();
    let press = Press::new().dated(Date { year: 2026, month: 11, day: 22 });
    let printed = cards(&press, &run(&items), &mut pdf, &watch).unwrap();
    assert_eq!((printed.pages, paper::pages(&pdf)), (113, 113));
    assert_eq!(*told.borrow(), [(400, MANY), (800, MANY), (MANY, MANY)]);
    let fonts = paper::fonts(&pdf);
    assert!(fonts.len() == 2 && fonts.values().all(|&times| times == 1), "{fonts:?}");
    let each = pdf.len() / MANY;
    assert!(each < 1_000, "{each} bytes a card");
    // In order across the seams, and every code of the pages at the seams reads.
    for page in [0, 49, 50, 99, 100, 112] {
        let text = paper::text(&pdf, u32::try_from(page).unwrap() + 1);
        let mut given: Vec<_> = items.iter().skip(page * 8).take(8).map(|card| Some(card.url.clone())).collect();
        given.resize(8, None);
        for card in items.iter().skip(page * 8).take(8) {
            assert!(text.contains(&card.village) && text.contains(&card.phone), "page {page}: {text}");
        }
        assert_eq!(paper::card_codes(&pdf, page), given, "page {page}");
    }
    let mut again = Vec::new();
    cards(&press, &run(&items), &mut again, &Watch::none()).unwrap();
    assert!(pdf == again, "the same input gave other bytes");
}

#[test]
fn a_stopped_run_writes_nothing() {
    let items: Vec<Card> = (0..MANY).map(sample::card).collect();
    let stop = AtomicBool::new(false);
    let watch = Watch { progress: &|_, _| stop.store(true, Ordering::Relaxed), stop: &stop };
    let mut pdf = Vec::new();
    assert!(matches!(cards(&Press::new(), &run(&items), &mut pdf, &watch), Err(Error::Stopped)));
    assert!(pdf.is_empty());
}

#[test]
fn characters_that_the_font_lacks_and_pictures_that_are_none_are_named() {
    let mut items: Vec<Card> = (0..3).map(sample::card).collect();
    items[0].name = "王\u{1f600}梅".to_owned();
    items[1].portrait = Some(Picture::new(b"MZ not a picture".to_vec()));
    items[2].portrait = Some(Picture::later(|| None));
    let mut pdf = Vec::new();
    let printed = cards(&Press::new(), &run(&items), &mut pdf, &Watch::none()).unwrap();
    assert_eq!(printed.missing.into_iter().collect::<String>(), "\u{1f600}");
    assert_eq!(printed.unreadable, [1, 2]);
    assert_eq!(printed.pages, 1);
}
