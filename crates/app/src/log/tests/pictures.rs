//! Pictures: small, upright, without position, for those who may see the entry.

use base::testing::Browser;

use super::{again, staff};
use crate::testing::{MIGRATIONS, PIXEL, browser_of, databases, world};

/// The same head with a size that must not be unpacked.
fn huge() -> Vec<u8> {
    let mut head = PIXEL.to_vec();
    head[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
    head[20..24].copy_from_slice(&40_000_u32.to_be_bytes());
    // The check sum of the head that claims it.
    let mut crc = 0xFFFF_FFFF_u32;
    for byte in &head[12..29] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    head[29..33].copy_from_slice(&(!crc).to_be_bytes());
    head
}

async fn send(browser: &mut Browser, name: &str, bytes: &[u8]) {
    browser.get("/log/new").await.is(200);
    let fields = [("words", "路灯装好，拍了一张。"), ("duty", "service")];
    browser.upload("/log", &fields, ("pictures", name, bytes)).await;
}

#[tokio::test]
async fn a_picture_is_written_anew_and_shown_to_those_who_see_the_entry() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        send(&mut lin, "路灯.png", &PIXEL).await;
        lin.page.is(303);
        lin.follow().await.is(200).shows("记下了");
        let body = lin.page.body();
        let (_, tail) = body.split_once("<img src=\"/log/").expect("a picture");
        let address = format!("/log/{}", tail.split('"').next().expect("an address"));
        lin.get(&address).await.is(200);
        assert_eq!(lin.page.headers["content-type"], "image/jpeg");
        assert_eq!(lin.page.bytes[..3], [0xFF, 0xD8, 0xFF]);
        assert!(!address.contains("路灯") && !address.contains("png"));
        browser_of(&app, "office").await.get(&address).await.is(200);
        browser_of(&app, "shahe").await.get(&address).await.is(404);
        browser_of(&app, "auditor").await.get(&address).await.is(403);
        // Another entry's picture is not this one's.
        send(&mut lin, "b.png", &PIXEL).await;
        let other = lin.page.location().expect("an address").to_owned();
        let file = address.rsplit('/').next().expect("an id");
        lin.get(&format!("{other}/pictures/{file}")).await.is(404);
        // Correcting may take it out.
        let entry = address.split("/pictures/").next().expect("an entry").to_owned();
        lin.get(&format!("{entry}/edit")).await.is(200).shows("去掉这张");
        again(&mut lin, &format!("{entry}/edit"), &[("drop", file)]).await;
        assert_eq!(lin.page.status.as_u16(), 303, "{}", lin.page.text());
        lin.get(&address).await.is(404);
    }
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_is_refused_in_words() {
    let heavy = vec![0xFF_u8; 50 * 1_048_576];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        for (name, bytes, says) in [
            ("a.jpg", b"<svg onload=alert(1)>".as_slice(), "这不是能识别的图片"),
            ("b.png", &huge(), "40000×40000 像素"),
            ("c.jpg", &[0xFF, 0xD8, 0xFF, 0xE0], "不完整或已损坏"),
            ("d.jpg", &heavy, "图片超过 12 MB"),
        ] {
            send(&mut lin, name, bytes).await;
            lin.page.is(422).shows(says);
            assert!(lin.page.body().contains("路灯装好，拍了一张"), "what was typed is kept");
        }
    }
}

#[tokio::test]
async fn a_picture_of_a_refused_form_is_not_asked_for_again() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/log/new").await.is(200);
        let fields = [("words", ""), ("duty", "service")];
        lin.upload("/log", &fields, ("pictures", "a.png", &PIXEL)).await.is(422).shows("已收到 1 张");
        let form = lin.page.forms().into_iter().find(|form| form.action == "/log").expect("the form");
        let picture = form.fields.iter().find(|(name, _)| name == "picture").expect("kept").1.clone();
        again(&mut lin, "/log", &[("words", "补上一句。")]).await.is(303);
        let entry = lin.page.location().expect("an address").to_owned();
        lin.get(&format!("{entry}/pictures/{picture}")).await.is(200);
        // Somebody else cannot take it by its id.
        let mut gao = browser_of(&app, "shahe").await;
        gao.get("/log/new").await.is(200);
        again(&mut gao, "/log", &[("words", "借图。"), ("duty", "party"), ("picture", &picture)]).await.is(303);
        let entry = gao.page.location().expect("an address").to_owned();
        gao.get(&format!("{entry}/pictures/{picture}")).await.is(404);
    }
}
