//! Filling without a page: what a plan says, and what stands in the file.

use base::{
    db::{Kind as Database, plan_of},
    ooxml::{Block, Document, Package, Style, Writer, WriterCell},
    sheet,
};

use super::workbook;
use crate::{
    accounts::{Actor, Scope},
    app::App,
    forms::{
        Field, FigureTie, Spot, Tie, Time, Whose, Word,
        acts::{adopt, filled, keep_fill},
        fill::{Order, Report},
        store,
    },
    spine::facts::read::Span,
    statistics::tests::seed,
    testing::{COUNTY, MIGRATIONS, OTHER_TOWNSHIP, TOWNSHIP, code, databases, today, world},
};

fn spot(text: &str) -> Spot {
    Spot::parse(text).expect("a place")
}

fn figure(indicator: &str, unit: &str, whose: Whose) -> Tie {
    Tie::Figure(FigureTie { indicator: indicator.into(), unit: unit.into(), time: Time::Ever, whose })
}

fn roster(field: Field) -> Tie {
    Tie::Roster { field, role: None }
}

async fn fill(
    app: &App,
    bytes: Vec<u8>,
    ties: &[(Spot, Option<usize>, Tie)],
    scope: &Scope,
    place: &str,
) -> (Report, Vec<u8>) {
    let actor = Actor::command_line(app.clock);
    let mut tx = app.db.begin().await.expect("a write");
    let id = adopt(&mut tx, app, (code(place), "月报", bytes), ties, &actor).await.expect("adopted");
    tx.commit().await.expect("written");
    let mut conn = app.db.read().await.expect("a reader");
    let county = code(place).county();
    let form = store::find(&mut conn, county, &id).await.expect("read").expect("a form");
    let order = Order { place: code(place), span: Span { from: None, to: today() }, today: today() };
    let done = filled(&mut conn, app, &form, scope, order).await.expect("filled");
    drop(conn);
    let mut tx = app.db.begin().await.expect("a write");
    let fill = keep_fill(&mut tx, app, &form, &done, &actor).await.expect("kept");
    tx.commit().await.expect("written");
    let mut conn = app.db.read().await.expect("a reader");
    let kept = store::find_fill(&mut conn, county, &id, &fill).await.expect("read").expect("a fill");
    let bytes = crate::forms::acts::content(&mut conn, app, county, &kept.file_id).await.expect("the file");
    assert_eq!(kept.report().expect("a report"), done.report);
    assert_eq!(store::ties(&mut conn, county, &id).await.expect("read").is_empty(), ties.is_empty());
    (done.report, bytes)
}

fn problem<'r>(report: &'r Report, spot: &str) -> Option<&'r str> {
    report.lines.iter().find(|line| line.spot == spot).and_then(|line| line.problem.as_deref())
}

#[tokio::test]
async fn a_workbook_fills_itself_and_says_what_it_could_not() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let ties = [
            (spot("s1!B2"), None, Tie::Word { word: Word::Place }),
            (spot("s1!C5"), Some(8), figure("posting.first_secretary", "", Whose::Row)),
            (spot("s1!D5"), None, figure("gain.fund", "元", Whose::Row)),
            (spot("s1!D6"), None, figure("posting.member", "", Whose::Fixed(code(TOWNSHIP)))),
            (spot("s1!D7"), None, figure("posting.member", "", Whose::Fixed(code("411328000000")))),
            (spot("s1!D8"), None, figure("posting.cadre", "", Whose::Here)),
            (spot("s2!A2"), None, roster(Field::Name)),
            (spot("s2!B2"), None, roster(Field::Village)),
        ];
        let (report, bytes) = fill(&app, workbook(), &ties, &Scope::of(code(COUNTY)), COUNTY).await;
        let book = sheet::read(&bytes, "").expect("a workbook");
        let said = |sheet: usize, row: u32, column: usize| {
            book.sheets[sheet].row(row).map(|row| row.cell(column).show().into_owned()).unwrap_or_default()
        };
        assert_eq!(said(0, 2, 1), "社旗县");
        assert_eq!([said(0, 5, 2), said(0, 6, 2), said(0, 7, 2)], ["1", "1", ""]);
        assert_eq!([said(0, 5, 3), said(0, 6, 3), said(0, 7, 3), said(0, 8, 3)], ["0", "1", "", "3"]);
        assert_eq!(problem(&report, "s1!C7"), Some("填报的地方里没有“石桥镇”"));
        assert_eq!(problem(&report, "s1!D7"), Some("指定的地方不在您的范围里"));
        assert_eq!(problem(&report, "s1!C8"), None, "the sum was passed over");
        assert!(report.lines.iter().all(|line| line.spot != "s1!C8"));
        // Three are on post; the list has one row before the line below it.
        assert_eq!(said(1, 3, 0), "填表人：");
        assert!(problem(&report, "s2!A2").is_some_and(|why| why.contains("名册有 3 人，表里只有 1 行")), "{report:?}");
        assert_eq!(report.problems(), 4);
        assert_eq!(report.cells, 1 + 2 + 3 + 2);
        let first = report.lines.iter().find(|line| line.spot == "s1!C5").expect("a line");
        let href = format!("/figures/posting.first_secretary?place={TOWNSHIP}");
        assert_eq!((first.value.as_deref(), first.href.as_deref()), (Some("1 人"), Some(href.as_str())));
    }
}

fn document() -> Vec<u8> {
    let mut writer = Writer::new("统计表");
    writer.line(Style::Body, "单位：{{单位}}，在岗{{人数}}人，培训{{培训}}期。");
    let head = ["姓名", "职务"].map(WriterCell::new).to_vec();
    let blank = ["", ""].map(WriterCell::new).to_vec();
    let sum = vec![WriterCell::new("合计"), WriterCell::new("")];
    writer.table(&[1, 1], 1, &[head, blank, sum]);
    writer.save().expect("a document")
}

#[tokio::test]
async fn a_document_grows_for_its_list_and_what_stands_below_moves_down() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let ties = [
            (spot("{单位}"), None, Tie::Word { word: Word::Place }),
            (spot("{人数}"), None, figure("posting.cadre", "", Whose::Here)),
            (spot("t1!R2C1"), None, roster(Field::Name)),
            (spot("t1!R2C2"), None, roster(Field::Role)),
            (spot("t1!R3C2"), None, figure("posting.first_secretary", "", Whose::Here)),
        ];
        let (report, bytes) = fill(&app, document(), &ties, &Scope::of(code(COUNTY)), COUNTY).await;
        assert_eq!(report.problems(), 0, "{report:?}");
        let document = Document::open(Package::open(bytes).expect("a file")).expect("a document");
        let blocks = document.blocks().expect("blocks");
        assert_eq!(blocks[0], Block::Paragraph("单位：社旗县，在岗3人，培训{{培训}}期。".into()));
        let Block::Table(rows) = &blocks[1] else { panic!("{blocks:?}") };
        let said: Vec<Vec<&str>> =
            rows.iter().map(|row| row.cells.iter().map(|cell| cell.text.as_str()).collect()).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert_eq!((said[0].as_slice(), said[4].as_slice()), (&["姓名", "职务"][..], &["合计", "2"][..]));
        let mut names: Vec<&str> = said[1..4].iter().map(|row| row[0]).collect();
        names.sort_unstable();
        assert_eq!(names, ["常小满", "罗一川", "贺明远"]);
    }
}

#[tokio::test]
async fn a_township_fills_its_own_and_no_more() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        seed(&app).await;
        let ties = [
            (spot("s1!C5"), None, figure("posting.first_secretary", "", Whose::Here)),
            (spot("s1!C6"), None, figure("posting.first_secretary", "", Whose::Fixed(code(COUNTY)))),
            (spot("s1!C7"), None, figure("posting.first_secretary", "", Whose::Fixed(code(OTHER_TOWNSHIP)))),
            (spot("s2!A2"), None, roster(Field::Name)),
        ];
        let (report, bytes) = fill(&app, workbook(), &ties, &Scope::of(code(TOWNSHIP)), TOWNSHIP).await;
        let outside = Some("指定的地方不在您的范围里");
        assert_eq!((problem(&report, "s1!C6"), problem(&report, "s1!C7")), (outside, outside));
        let book = sheet::read(&bytes, "").expect("a workbook");
        assert_eq!(book.sheets[0].row(5).expect("a row").cell(2).show(), "1");
        let text = format!("{:?}", book.sheets[1].rows);
        assert!(!text.contains("罗一川"), "somebody of another township: {text}");
    }
}

#[tokio::test]
async fn lists_of_forms_and_fills_use_an_index() {
    for db in databases(&MIGRATIONS).await {
        if db.db().kind() == Database::Postgres {
            // Its planner scans small tables whatever the indices; plans are held on SQLite.
            continue;
        }
        let app = world(&db).await;
        let mut conn = app.db.read().await.expect("a reader");
        for place in [COUNTY, TOWNSHIP] {
            let plan =
                plan_of(&mut conn, store::list_query(&Scope::of(code(place)), false, 50, 0)).await.expect("a plan");
            assert!(plan.iter().any(|step| step.contains("USING INDEX report_form_list")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
        let fills = store::fills_query(code(COUNTY).county(), "x", 20, 0);
        let plan = plan_of(&mut conn, fills).await.expect("a plan");
        assert!(plan.iter().any(|step| step.contains("USING INDEX report_form_fill_list")), "{plan:#?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
    }
}
