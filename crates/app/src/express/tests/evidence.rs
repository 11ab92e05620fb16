//! Photos and papers: kept by stage and report, seen by whoever sees the record.

use base::testing::Page;

use super::{county, departments, on, pack, problem, projects::shed, refused, sound};
use crate::{
    app::App,
    express::{
        evidence::store,
        problems::{Claim, Origin, Way, acts as problems},
        projects::{Stage, acts},
    },
    spine::files::PICTURE,
    testing::{MIGRATIONS, PIXEL, browser_of, databases, today, world},
};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n";

async fn project(app: &App) -> String {
    let mut tx = app.db.begin().await.expect("a write");
    let id = acts::add(&mut tx, &shed(), &[], pack(app), &on("2024-01-10", "林一诺")).await.expect("listed");
    tx.commit().await.expect("written");
    format!("/projects/{}/{id}", county())
}

#[tokio::test]
async fn lin_adds_photos_and_papers_to_a_stage_and_takes_one_off() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let address = project(&app).await;
        let add = format!("{address}/files");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&address).await.is(200).shows("还没有照片和材料");
        lin.submit(&add, &[("of_stage", "listed")]).await.is(422).shows("请选照片或材料");
        lin.get(&address).await;
        lin.upload(&add, &[("of_stage", "listed")], ("stage_files", "看.html", b"<script>")).await.is(422);
        lin.page.shows("“看.html”不是能识别的照片或文件");
        lin.get(&address).await;
        // What was good is not asked for again where something else was wrong.
        lin.upload(&add, &[("of_stage", "started")], ("stage_files", "开工.png", &PIXEL)).await.is(422);
        lin.page.shows("请选项目走到过的阶段").shows("已收到 1 个文件，不用再选");
        lin.submit(&add, &[("of_stage", "listed"), ("files_words", "选址")]).await.is(303);
        lin.get(&address).await.is(200).shows("入库：1 张照片；选址").hides("还没有照片和材料");
        lin.upload(&add, &[("of_stage", "listed")], ("stage_files", "批复.exe", PDF)).await.is(303);
        lin.get(&address).await.shows("批复.pdf");
        let links: Vec<String> = lin
            .page
            .forms()
            .into_iter()
            .filter_map(|form| form.action.strip_suffix("/removal").filter(|to| to.contains("/files/")).map(Into::into))
            .collect();
        assert_eq!(links.len(), 2);
        let mut kinds = Vec::new();
        for link in &links {
            lin.get(link).await.is(200);
            kinds.push(lin.page.headers["content-type"].to_str().expect("text").to_owned());
        }
        kinds.sort();
        assert_eq!(kinds, ["application/pdf", PICTURE]);

        let mut leader = browser_of(&app, "leader").await;
        leader.get(&address).await.is(200).shows("批复.pdf").hides("撤下");
        leader.get(&links[0]).await.is(200);
        let mut elsewhere = browser_of(&app, "elsewhere").await;
        elsewhere.get(&links[0]).await.is(404);
        browser_of(&app, "secadmin").await.get(&links[0]).await.is(403);

        lin.get(&address).await;
        lin.submit(&format!("{}/removal", links[0]), &[]).await.is(303);
        lin.get(&address).await.shows("撤下照片或材料");
        lin.get(&links[0]).await.is(404);
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_departments_reports_and_its_solution_bring_their_files() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let (water, _) = departments(&app).await;
        let id = problem(&app, "南渠塌方浇不上地", Origin::Direct, "2024-01-10").await.expect("raised");
        let key = (county(), id.as_str());
        let mut tx = app.db.begin().await.expect("a write");
        let song = on("2024-01-11", "宋知远");
        problems::screen(&mut tx, key, (Way::To(&water), None), pack(&app), &song).await.expect("screened");
        let claim = Claim { lead: &water, joining: &[], promise: "修好", due: today().plus_days(20), meeting: None };
        problems::claim(&mut tx, key, claim, pack(&app), &on("2024-01-12", "方如春")).await.expect("claimed");
        tx.commit().await.expect("written");
        let address = format!("/problems/{}/{id}", county());
        let mut fang = browser_of(&app, "department").await;
        fang.get(&address).await.is(200).hides("照片 1");
        let reports = format!("{address}/reports");
        fang.upload(&reports, &[("report_words", "")], ("report_files", "渠.png", &PIXEL)).await.is(422);
        fang.page.shows("请写办到哪一步了").shows("已收到 1 个文件");
        fang.submit(&reports, &[("report_words", "材料已进场")]).await.is(303);
        fang.get(&address).await.is(200).shows("报告进展");
        let solution = format!("{address}/solution");
        fang.upload(&solution, &[("evidence", "已通水")], ("solution_files", "验收单.pdf", PDF)).await.is(303);
        let mut lin = browser_of(&app, "cadre").await;
        lin.get(&address).await.is(200).shows("验收单.pdf").shows("报告办完，等待确认");
        let mut conn = app.db.read().await.expect("a reader");
        let files = store::list(&mut conn, county(), (problems::KIND, &id)).await.expect("read");
        assert_eq!(files.len(), 2);
        assert_ne!(files[0].part, files[1].part, "each with its own step");
        for file in &files {
            lin.get(&format!("{address}/files/{}", file.file_id)).await.is(200);
        }
        // What was sent by mistake comes off: by the department that sent it or by the office, by nobody else.
        let removal = format!("{address}/files/{}/removal", files[0].file_id);
        let offered = |page: &Page, to: &str| page.forms().iter().any(|form| form.action == to);
        assert!(!offered(lin.get(&address).await, &removal));
        let csrf = lin.page.csrf();
        lin.post_raw(&removal, &[], &format!("csrf={csrf}&once=off")).await.is(403);
        assert!(offered(fang.get(&address).await, &removal));
        fang.submit(&removal, &[]).await.is(303);
        assert!(!offered(fang.get(&address).await.shows("撤下照片或材料"), &removal));
        fang.get(&format!("{address}/files/{}", files[0].file_id)).await.is(404);
        let mut song = browser_of(&app, "office").await;
        assert!(offered(song.get(&address).await, &format!("{address}/files/{}/removal", files[1].file_id)));
        let other = format!("/problems/{}/{}/files/{}", county(), "nothing", files[0].file_id);
        lin.get(&other).await.is(404);
        browser_of(&app, "elsewhere").await.get(&format!("{address}/files/{}", files[0].file_id)).await.is(404);
        sound(&app).await;
    }
}

#[tokio::test]
async fn a_file_is_tied_to_its_record_alone_and_goes_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let address = project(&app).await;
        let id = address.rsplit('/').next().expect("an id");
        let lin = on("2024-01-11", "林一诺");
        let mut tx = app.db.begin().await.expect("a write");
        let file = app.files.keep(&mut tx, county(), "批复.pdf", "application/pdf", PDF, &lin).await.expect("kept").id;
        let none = acts::add_files(&mut tx, (county(), id), (Stage::Listed, &[]), None, &lin).await;
        assert!(refused(none).contains("请选照片或材料"));
        let files = [file.clone()];
        acts::add_files(&mut tx, (county(), id), (Stage::Listed, &files), None, &lin).await.expect("added");
        let far = acts::add_files(&mut tx, (county(), id), (Stage::Accepted, &files), None, &lin).await;
        assert!(refused(far).contains("走到过的阶段"));
        tx.commit().await.expect("written");
        let mut tx = app.db.begin().await.expect("a write");
        assert!(store::has(&mut tx, county(), ("project", id), &file).await.expect("read"));
        assert!(!store::has(&mut tx, county(), ("problem", id), &file).await.expect("read"));
        acts::remove_file(&mut tx, (county(), id), &file, &lin).await.expect("removed");
        assert!(!store::remove(&mut tx, county(), ("project", id), &file).await.expect("gone"));
        assert!(acts::remove_file(&mut tx, (county(), id), &file, &lin).await.is_err(), "it is not there");
        tx.commit().await.expect("written");
        sound(&app).await;
    }
}
