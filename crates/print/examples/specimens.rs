//! One of each document as PDF and its pages as PNG, to look at after a template was changed:
//! `cargo run -p lianxin-print --example specimens -- DIRECTORY`.

#![expect(clippy::unwrap_used, reason = "a tool for whoever changes a template, not part of the program")]

#[path = "../tests/print/paper.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod paper;
#[path = "../tests/print/sample.rs"]
mod sample;

use std::path::PathBuf;

use print::{
    Boards, Cards, Error, Letters, Press, Printed, Watch, boards, briefing, cards, dossier, handover, letters, roster,
};

fn main() {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target/specimens".to_owned()));
    std::fs::create_dir_all(&directory).unwrap();
    let (press, watch) = (Press::new(), Watch::none());
    let put = |name: &str, make: &dyn Fn(&mut Vec<u8>) -> Result<Printed, Error>| {
        let mut pdf = Vec::new();
        let printed = make(&mut pdf).unwrap();
        println!("{name}: {} pages, {} bytes, missing {:?}", printed.pages, printed.bytes, printed.missing);
        std::fs::write(directory.join(format!("{name}.pdf")), &pdf).unwrap();
        for (index, picture) in paper::pictures(&pdf, 0, 4, 1.6).iter().enumerate() {
            let pixels: Vec<u8> = picture.data().iter().flat_map(|one| [one.r, one.g, one.b]).collect();
            let (width, height) = (u32::from(picture.width()), u32::from(picture.height()));
            let picture = image::RgbImage::from_raw(width, height, pixels).unwrap();
            picture.save(directory.join(format!("{name}-{}.png", index + 1))).unwrap();
        }
    };
    let cards_run = sample::odd_cards();
    let boards_run: Vec<_> = (1..=2).map(sample::board).collect();
    let letters_run: Vec<_> = ["陈建国", "王秀英"].map(sample::letter).to_vec();
    put("cards", &|out| {
        let run = Cards {
            title: "便民联心卡",
            issuer: "中共青禾县委组织部　监制",
            invitation: "扫码反映问题",
            items: &cards_run,
        };
        cards(&press, &run, out, &watch)
    });
    put("boards", &|out| {
        let run = Boards {
            title: "抓党建促乡村振兴责任公示牌",
            issuer: "中共青禾县委组织部",
            invitation: "扫码看今日责任人",
            as_of: "2026年11月22日",
            items: &boards_run,
        };
        boards(&press, &run, out, &watch)
    });
    put("letters", &|out| {
        let run = Letters { title: "选派通知", letterhead: "中共青禾县委组织部", items: &letters_run };
        letters(&press, &run, out, &watch)
    });
    put("letters-plain", &|out| {
        let run = Letters { title: "选派通知", letterhead: "", items: &letters_run };
        letters(&press, &run, out, &watch)
    });
    put("roster", &|out| roster(&press, &sample::roster(120), out, &watch));
    put("handover", &|out| handover(&press, &sample::handover(), out, &watch));
    put("briefing", &|out| briefing(&press, &sample::briefing(), out, &watch));
    put("dossier", &|out| dossier(&press, &sample::dossier(14), out, &watch));
}
