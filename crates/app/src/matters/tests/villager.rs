//! What a villager does with a telephone, and what somebody does who means ill.

use base::db::sql;

use super::{card, figure, raise, sound, staff, step};
use crate::testing::{MIGRATIONS, VILLAGE, browser, browser_of, code, databases, world};

const PIPE: &str = "二组老井边的水管爆裂，水流到路上。<script>alert(1)</script>";
/// A little PNG: one red pixel.
const PIXEL: [u8; 69] = [
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1, 8,
    2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 0x0C, 0x49, 0x44, 0x41, 0x54, 8, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0,
    3, 1, 1, 0, 0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn from_the_card_to_the_close_and_back_again() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        guest.get(&format!("/c/{token}")).await.is(200).shows("林一诺").shows("我有事要办").shows("查我提的事");
        let code = raise(&mut guest, &token, &[("words", PIPE), ("name", "邵永安"), ("phone", "13000000088")]).await;
        guest.get(&format!("/m/{code}")).await.is(200).shows("已收到，").shows("alert(1)");
        assert!(!guest.page.body().contains("<script>"), "script in text is text");
        // The cadre's inbox, and the whole way to the rating.
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("二组老井边的水管爆裂");
        lin.get("/matters").await.is(200).shows("二组老井边的水管爆裂").shows("待受理");
        let root = lin
            .page
            .body()
            .split("href=\"/matters/411327/")
            .nth(1)
            .map(|tail| tail.split('"').next().unwrap_or_default().to_owned());
        let root = format!("/matters/411327/{}", root.expect("a link"));
        lin.get(&root).await.is(200).shows("13000000088").shows("扫联心卡").shows("受理");
        assert_eq!(step(&mut lin, &root, "acceptance", &[("kind", "water"), ("words", "马上到")]).await, 303);
        assert_eq!(step(&mut lin, &root, "outcome", &[("words", "")]).await, 422);
        assert_eq!(step(&mut lin, &root, "outcome", &[("words", "关了阀，换了一截管，通水了。")]).await, 303);
        assert_eq!((figure(&app, "matter.solved.small").await, figure(&app, "matter.open").await), (1, 0));
        guest.get(&format!("/m/{code}")).await.is(200).shows("换了一截管").shows("马上到").shows("不是匿名的");
        guest.submit(&format!("/m/{code}/reopening"), &[("words", "接头还在滴水")]).await.is(303);
        assert!(!guest.page.location().expect("an address").contains(&code), "the code stands in no address kept");
        guest.get(&format!("/m/{code}")).await.is(200).shows("正在办，").shows("接头还在滴水");
        assert_eq!(figure(&app, "matter.solved.small").await, 0);
        lin.get("/matters").await.is(200).shows("重办").shows("群众有新话");
        assert_eq!(step(&mut lin, &root, "outcome", &[("words", "换了接头。")]).await, 303);
        guest.get(&format!("/m/{code}")).await.is(200);
        guest.submit(&format!("/m/{code}/rating"), &[]).await.is(422).shows("请选满意不满意");
        guest.submit(&format!("/m/{code}/rating"), &[("level", "satisfied"), ("words", "来得快")]).await.is(303);
        guest.get(&format!("/m/{code}")).await.is(200).shows("您的评价：满意").hides("提交评价");
        assert_eq!((figure(&app, "matter.rated").await, figure(&app, "matter.satisfaction").await), (1, 100));
        lin.get(&root).await.is(200).shows("满意：来得快").shows("已办结");
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_form_sent_twice_is_one_matter() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        let address = format!("/c/{token}/matter");
        let csrf = guest.get(&address).await.is(200).csrf();
        let body = |words: &str| format!("csrf={csrf}&once=same&words={words}&name=&phone=");
        guest.post_raw(&address, &[], &body("路灯不亮了好几天")).await.is(303).leads_to("/m/received");
        guest.post_raw(&address, &[], &body("路灯不亮了好几天")).await.is(303).leads_to("/m/received");
        guest.post_raw(&address, &[], &body("别的事情别的事情")).await.is(409);
        let mut conn = app.db.read().await.expect("a reader");
        assert_eq!(conn.value::<i64>(sql("select count(*) from matter")).await.expect("counted"), 1);
        // What the installation remembers of the forms opens no matter.
        let kept = sql("select key || coalesce(location, '') from idempotency");
        let kept: Vec<(String,)> = conn.all(kept).await.expect("read");
        guest.get("/m/received").await.is(200);
        let shown = guest.page.body();
        let shown = shown.split("<p class=\"code\">").nth(1).and_then(|tail| tail.split('<').next()).expect("a code");
        assert!(kept.iter().all(|(text,)| !text.contains(&shown.replace('-', ""))), "{kept:?}");
    }
}

#[tokio::test]
async fn wrong_and_withdrawn_cards_lead_nowhere() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        for wrong in ["x", "23456789abcdefghjkmn", "../../etc/passwd", "%27%20or%201=1"] {
            guest.get(&format!("/c/{wrong}/matter")).await.is(404);
        }
        guest.get(&format!("/c/{token}/matter")).await.is(200);
        let form = guest.page.forms().into_iter().find(|form| form.action.starts_with("/c/")).expect("the form");
        let mut tx = app.db.begin().await.expect("a write");
        crate::postings::cards::store::renew(&mut tx, code(VILLAGE), app.clock.now()).await.expect("renewed");
        tx.commit().await.expect("written");
        guest.get(&format!("/c/{token}/matter")).await.is(410).shows("这张卡已停用");
        let csrf = form.fields.iter().find(|(name, _)| name == "csrf").expect("a token").1.clone();
        let body = format!("csrf={csrf}&once=1&words=路灯不亮了好几天&name=&phone=");
        guest.post_raw(&form.action, &[], &body).await.is(410);
    }
}

#[tokio::test]
async fn what_is_too_large_or_no_picture_is_told_and_what_was_typed_stays() {
    let heavy = vec![0xFF_u8; 50 * 1_048_576];
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let address = format!("/c/{}/matter", card(&app).await);
        let mut guest = browser(&app);
        for (field, name, bytes, says) in [
            ("pictures", "a.jpg", heavy.as_slice(), "图片超过 12 MB"),
            ("pictures", "b.jpg", b"<svg onload=alert(1)>", "这不是能识别的图片"),
            ("voice", "c.mp3", b"MZ\x90\x00", "这不是能识别的录音"),
            ("voice", "d.amr", &[b"#!AMR".as_slice(), &vec![0; 10 * 1_048_576]].concat(), "录音超过 10 MB"),
        ] {
            guest.get(&address).await.is(200);
            guest.upload(&address, &[("words", "路灯不亮了好几天")], (field, name, bytes)).await.is(422).shows(says);
            assert!(guest.page.body().contains("路灯不亮了好几天</textarea>"), "{says}");
        }
        // A good picture beside a bad word is kept for the next try; another browser cannot take it.
        guest.get(&address).await.is(200);
        guest
            .upload(&address, &[("words", "啊")], ("pictures", "a.png", &PIXEL))
            .await
            .is(422)
            .shows("已收到 1 个文件");
        let form = guest.page.forms().into_iter().find(|form| form.action == address).expect("the form");
        let kept = form.fields.iter().find(|(name, _)| name == "kept").expect("kept").1.clone();
        guest.submit(&address, &[("words", "路灯不亮，拍了一张")]).await.is(303);
        let mut other = browser(&app);
        raise(
            &mut other,
            address.trim_start_matches("/c/").trim_end_matches("/matter"),
            &[("words", "借一张图试试看"), ("kept", &kept)],
        )
        .await;
        let mut conn = app.db.read().await.expect("a reader");
        assert_eq!(conn.value::<i64>(sql("select count(*) from matter_file")).await.expect("counted"), 1);
    }
}

#[tokio::test]
async fn who_only_speaks_is_heard_by_those_in_scope_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let address = format!("/c/{}/matter", card(&app).await);
        let mut guest = browser(&app);
        guest.get(&address).await.is(200);
        guest.upload(&address, &[("words", "")], ("voice", "v.amr", b"#!AMR\n\x3c\x91")).await.is(303);
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/matters").await.is(200).shows("见录音");
        let body = lin.page.body();
        let root =
            body.split("href=\"/matters/411327/").nth(1).and_then(|tail| tail.split('"').next()).expect("a link");
        lin.get(&format!("/matters/411327/{root}")).await.is(200);
        let body = lin.page.body();
        let file = body.split(&format!("/matters/411327/{root}/files/")).nth(1).and_then(|tail| tail.split('"').next());
        let file = format!("/matters/411327/{root}/files/{}", file.expect("a recording"));
        lin.get(&file).await.is(200);
        assert_eq!(lin.page.headers["content-type"], "audio/amr");
        assert!(lin.page.headers["content-disposition"].to_str().expect("text").starts_with("attachment"));
        browser_of(&app, "tangzhuang").await.get(&file).await.is(404);
        browser_of(&app, "unit").await.get(&file).await.is(403);
        guest.get(&file).await.is(303).leads_to("/login");
    }
}

#[tokio::test]
async fn what_looks_like_abuse_waits_for_a_look_and_floods_are_stopped() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        raise(&mut guest, &token, &[("words", "贷款加微信 abc123 秒到账"), ("website", "http://x")]).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("扫码提出的事项待审");
        lin.get("/matters?state=held").await.is(200).shows("贷款加微信");
        assert_eq!(figure(&app, "matter.open").await, 0, "what is held back counts nowhere");
        let body = lin.page.body();
        let id = body.split("href=\"/matters/411327/").nth(1).and_then(|tail| tail.split('"').next()).expect("a link");
        let root = format!("/matters/411327/{id}");
        lin.get(&root).await.is(200).shows("像是机器填的");
        assert_eq!(step(&mut lin, &root, "refusal", &[("words", "广告")]).await, 303);
        lin.get("/").await.is(200).hides("扫码提出的事项待审");
        // From the sixth within an hour on they wait; from the forty-first on nothing more is taken.
        for n in 0..39 {
            raise(&mut guest, &token, &[("words", &format!("第{n}盏路灯不亮了，请来修"))]).await;
        }
        guest.get(&format!("/c/{token}/matter")).await.is(200);
        guest.submit(&format!("/c/{token}/matter"), &[("words", "再来一件再来一件")]).await.is(429);
        let mut conn = app.db.read().await.expect("a reader");
        let held = sql("select count(*) from matter where state = 'held'");
        assert_eq!(conn.value::<i64>(held).await.expect("counted"), 34);
        drop(conn);
        sound(&app).await;
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_and_guessing_is_written_down() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        let code = raise(&mut guest, &token, &[("words", "路灯不亮了好几天")]).await;
        let mut thief = browser(&app);
        thief.get("/m/2222222222").await.is(404).shows("没有这个编号");
        // Pages differ by what is fresh in each alone: the key of the form and the token of the session.
        let plain = |body: &str| {
            let parts = body.split("value=\"").enumerate();
            parts
                .map(|(at, part)| if at == 0 { part } else { part.split_once('"').map_or("", |(_, tail)| tail) })
                .collect::<String>()
        };
        let first = plain(&thief.page.body()).replace("2222222222", "");
        thief.get("/m/nonsense").await.is(404);
        assert_eq!(plain(&thief.page.body()).replace("nonsense", ""), first, "unknown and mistyped look alike");
        let mut hits = 0;
        for n in 0..2_000_u32 {
            thief.get(&format!("/m/{:A>10}", format!("{n}").replace(['0', '1'], "A"))).await;
            hits += u32::from(thief.page.status.is_success());
        }
        assert_eq!(hits, 0);
        thief.page.is(429);
        // Who was asked to wait learns nothing from a right code either.
        thief.get(&format!("/m/{code}")).await.is(429);
        let mut conn = app.db.read().await.expect("a reader");
        let alarms = sql("select count(*) from audit where action = 'matter.guessing'");
        let alarms = conn.value::<i64>(alarms).await.expect("counted");
        assert!((1..=2).contains(&alarms), "{alarms}");
    }
}

#[tokio::test]
async fn the_pages_are_small_and_speak_three_languages() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let token = card(&app).await;
        let mut guest = browser(&app);
        guest.get(&format!("/c/{token}/matter?lang=en&size=large")).await.is(200).shows("I need something done");
        assert!(guest.page.body().contains("size-large"));
        let action = guest.page.forms().into_iter().map(|form| form.action).find(|action| action.starts_with("/c/"));
        assert_eq!(action.as_deref(), Some(format!("/c/{token}/matter?lang=en&size=large").as_str()));
        guest.get(&format!("/c/{token}/matter?lang=zh-Hant")).await.is(200).shows("我有事要辦");
        for path in [format!("/c/{token}"), format!("/c/{token}/matter"), "/m".to_owned()] {
            guest.get(&path).await.is(200);
            assert!(!guest.page.body().contains("<script"), "{path}");
            assert!(guest.page.bytes.len() < 12_000, "{path}: {}", guest.page.bytes.len());
        }
    }
}
