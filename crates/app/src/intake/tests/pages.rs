use base::{
    db::sql,
    kernel::Clock,
    testing::{Browser, databases},
};

use super::{count, id, sheet};
use crate::{
    app::App,
    demo::scale::RosterRow,
    testing::{MIGRATIONS, SECOND_VILLAGE, VILLAGE, browser_of, world},
    worker,
};

fn two() -> Vec<u8> {
    sheet(&[
        "村代码|名儿|身份证号|派出单位|驻村职务|联系电话|到村时间",
        &format!("{VILLAGE}|甘小满|{}|县水利局|第一书记|13000000001|2023-06-08", id(1)),
        &format!("{SECOND_VILLAGE}|何立夏|{}|县水利局|第一书记|13000000002|2023-06-08", id(2)),
        &format!("{SECOND_VILLAGE}|张小寒|{}|县水利局|第一书记|1300000|2023-06-08", id(3)),
    ])
}

async fn send(office: &mut Browser, kind: &str, name: &str, bytes: &[u8]) -> String {
    office.get("/imports").await.is(200).shows("导入一个文件");
    office.upload("/imports", &[("kind", kind)], ("file", name, bytes)).await.is(303).leads_to("/imports/");
    let at = office.page.location().unwrap().to_owned();
    office.follow().await.is(200);
    at.trim_end_matches("/mapping").to_owned()
}

#[tokio::test]
async fn song_uploads_a_roster_sets_a_column_right_and_takes_the_good_rows() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        let at = send(&mut office, "roster", "两个人.xlsx", &two()).await;
        office.page.shows("还没有对应的必填列：姓名").shows("名儿").hides(&id(1));
        let mapping = format!("{at}/mapping");
        office.submit(&mapping, &[]).await.is(422).shows("还缺这些列：姓名或姓");
        office.submit(&mapping, &[("c1", "phone")]).await.is(422).shows("对应了两列");
        office.submit(&mapping, &[("c1", "name")]).await.is(303);
        office.follow().await.is(200).shows("导入：预览").shows("电话有误").shows("下载有错的行").hides(&id(3));
        office.page.shows("“1300000”不是电话号码");
        office.get(&format!("{at}?lang=en")).await.is(200).shows("“1300000” is no telephone number");
        office.get(&format!("{at}?lang=zh-Hans")).await.is(200);
        let rejects = format!("{at}/rejects.xlsx");
        office.get(&rejects).await.is(200);
        let book = base::sheet::read(&office.page.bytes, "a.xlsx").unwrap();
        assert_eq!(book.sheets[0].rows.len(), 2);
        assert_eq!(count(&app, "select count(*) from posting").await, 0, "a preview writes nothing");
        office.get(&at).await;
        let apply = format!("{at}/apply");
        office.submit(&apply, &[("choice", "all")]).await.is(422).shows("没有写入");
        office.get(&at).await;
        office.submit(&apply, &[("choice", "clean")]).await.is(303);
        office.follow().await.is(200).shows("导入：已完成").shows("已一次写入");
        assert_eq!(count(&app, "select count(*) from posting where state = 'on_post'").await, 2);
        office.get("/imports").await.shows("新增 2，更新 0，不变 0，退回 1").shows("宋知远");
        office.get(&mapping).await.is(303);

        let again = send(&mut office, "roster", "两个人.xlsx", &two()).await;
        office.submit(&format!("{again}/mapping"), &[("c1", "name")]).await.is(303);
        office.follow().await.shows("没有要写入的内容");
        super::consistent(&app).await;
    }
}

#[tokio::test]
async fn what_is_no_table_is_refused_in_words_and_the_choice_is_kept() {
    let db = databases(&MIGRATIONS).await.swap_remove(0);
    let app = world(&db).await;
    let mut office = browser_of(&app, "office").await;
    for (name, bytes, say) in [
        ("木马.xlsx", &b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"[..], "不是表格"),
        ("空.xlsx", b"", "文件是空的"),
        ("坏.xlsx", b"PK\x03\x04broken", "损坏"),
    ] {
        office.get("/imports").await;
        office.upload("/imports", &[("kind", "units")], ("file", name, bytes)).await.is(422).shows(say);
        assert!(office.page.body().contains("value=\"units\" selected"), "what was chosen stays");
    }
    office.get("/imports").await;
    let large = vec![b'1'; 53 << 20];
    office.upload("/imports", &[("kind", "roster")], ("file", "大.csv", &large)).await.is(413);
    office.get("/imports").await;
    let large = vec![b'1'; (50 << 20) + 1];
    office.upload("/imports", &[("kind", "roster")], ("file", "大.csv", &large)).await.is(413).shows("50 MB");
    assert_eq!(count(&app, "select count(*) from import_run").await, 0);
}

#[tokio::test]
async fn imports_are_seen_in_their_own_place_alone() {
    let db = databases(&MIGRATIONS).await.swap_remove(0);
    let app = world(&db).await;
    let mut office = browser_of(&app, "office").await;
    let at = send(&mut office, "roster", "两个人.xlsx", &two()).await;
    let mut elsewhere = browser_of(&app, "elsewhere").await;
    for path in ["", "/mapping", "/progress", "/rejects.xlsx"] {
        elsewhere.get(&format!("{at}{path}")).await.is(404);
    }
    elsewhere.get("/imports").await.is(200).hides("两个人.xlsx");
    let mut township = browser_of(&app, "township").await;
    township.get("/imports").await.is(403);
    for kind in ["roster", "villages", "units", "cadres", "divisions"] {
        office.get(&format!("/imports/template/{kind}")).await.is(200);
        assert!(base::sheet::read(&office.page.bytes, "a.xlsx").is_ok());
    }
    office.get("/imports/template/houses").await.is(404);
    let kept = std::fs::read_dir(db.folder().join("files")).unwrap().count();
    assert_eq!(kept, 1);
    assert!(!holds(db.folder(), id(1).as_bytes()), "no ID number lies in a file or the database as it is");
}

fn holds(folder: &std::path::Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holds(&path, needle)
        } else {
            std::fs::read(path).unwrap().windows(needle.len()).any(|w| w == needle)
        }
    })
}

/// 5,100 people in the three villages of the small world.
fn large() -> Vec<u8> {
    let villages: Vec<_> = [VILLAGE, SECOND_VILLAGE]
        .map(|place| crate::demo::scale::RosterVillage {
            code: super::code(place),
            name: String::new(),
            township: String::new(),
        })
        .to_vec();
    let rows = crate::demo::scale::roster(1, &villages, 5_100);
    let mut lines = vec![RosterRow::HEADER.join(",")];
    lines.extend(rows.iter().map(|row| row.cells().join(",")));
    lines.join("\n").into_bytes()
}

async fn kill_the_worker(app: &App) {
    // Claimed, and then the process was gone: the lease runs out.
    let mut tx = app.db.begin().await.unwrap();
    let claimed = crate::spine::jobs::claim(&mut tx, Clock::system().now()).await.unwrap();
    assert!(claimed.is_some());
    tx.run(sql("update job set locked_until = 1 where state = 'running'")).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_large_file_is_worked_on_behind_and_survives_a_killed_worker() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut office = browser_of(&app, "office").await;
        let at = send(&mut office, "roster", "大名册.csv", &large()).await;
        office.submit(&format!("{at}/mapping"), &[]).await.is(303);
        office.get(&at).await.is(200).shows("排队中");
        assert!(office.page.body().contains("http-equiv=\"refresh\""));
        kill_the_worker(&app).await;
        assert!(worker::step(&app).await.unwrap());
        assert!(!worker::step(&app).await.unwrap());
        office.get(&at).await.shows("导入：预览").shows("没有错误，可以写入");
        office.submit(&format!("{at}/apply"), &[]).await.is(303);
        office.get(&format!("{at}/progress")).await.is(200).shows("排队中");
        kill_the_worker(&app).await;
        assert!(worker::step(&app).await.unwrap());
        assert_eq!(count(&app, "select count(*) from posting").await, 5_100);
        office.get(&format!("{at}/progress")).await.is(200);
        assert_eq!(office.page.headers.get("hx-redirect").unwrap(), at.as_str());
        office.get(&at).await.shows("导入：已完成");
        // Taken up once more by mistake: nothing is written twice.
        let mut tx = app.db.begin().await.unwrap();
        tx.run(sql("update job set state = 'running', locked_until = 1, finished_at = null")).await.unwrap();
        tx.commit().await.unwrap();
        while worker::step(&app).await.unwrap() {}
        assert_eq!(count(&app, "select count(*) from posting").await, 5_100);
        super::consistent(&app).await;
    }
}
