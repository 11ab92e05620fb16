//! The forms that the demo brings are filled at once by its office.

use std::collections::BTreeMap;

use base::{
    kernel::{Clock, Day, DivisionCode},
    ooxml::{Block, Document, Package},
    sheet,
};

use crate::{
    accounts::Scope,
    app::{App, MIGRATIONS},
    demo,
    forms::{
        acts::filled,
        file::view,
        fill::{Order, plan, written},
        store,
    },
    spine::facts::read::Span,
    testing::databases,
};

#[tokio::test]
async fn the_forms_of_the_demo_fill_themselves() {
    let today = Day::new(2024, 1, 18).expect("a day");
    let sheqi = DivisionCode::parse("411327").expect("a code");
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        demo::load(&app, &demo::sheqi(7, today), "sheqi").await.expect("loaded");
        let mut conn = app.db.read().await.expect("a reader");
        let scope = Scope::of(sheqi);
        let lines = store::list(&mut conn, &scope, false, (50, 0)).await.expect("forms");
        assert_eq!(lines.len(), 2);
        let order = Order { place: sheqi, span: Span { from: Day::new(2023, 1, 1), to: today }, today };
        let mut files = BTreeMap::new();
        for line in lines {
            let form = store::find(&mut conn, line.county_id, &line.id).await.expect("read").expect("a form");
            let done = filled(&mut conn, &app, &form, &scope, order).await.expect("filled");
            assert_eq!(done.report.problems(), 0, "{:?}", done.report.lines);
            // Again by its parts, for the bytes.
            let bytes =
                crate::forms::acts::content(&mut conn, &app, form.county, &form.file_id).await.expect("the file");
            let (kind, cells) = view(&bytes).expect("a form");
            let ties = store::ties(&mut conn, form.county, &form.id).await.expect("ties");
            let made = plan(&mut conn, (&cells, &ties), &scope, order).await.expect("a plan");
            files.insert(kind.code(), written(&bytes, kind, &made, today).expect("written"));
        }
        let book = sheet::read(&files["xlsx"], "").expect("a workbook");
        let month = &book.sheets[0];
        let sum = |column: usize| {
            let rows = (5..=20).filter_map(|row| month.row(row)).map(|row| row.cell(column).show().into_owned());
            rows.map(|text| text.parse::<f64>().expect("a number")).sum::<f64>()
        };
        assert_eq!([sum(2), sum(3), sum(4)], [249.0, 204.0, 98.0], "the townships add up to the county");
        let people = book.sheets[1].rows.iter().filter(|row| row.number > 2).count();
        assert_eq!(people, 249, "a row for each first secretary");
        assert!(book.sheets[0].row(21).is_some_and(|row| row.cell(0).show() == "合计"));
        let document = Document::open(Package::open(files["docx"].clone()).expect("a file")).expect("a document");
        let text = format!("{:?}", document.blocks().expect("blocks"));
        for words in ["在岗驻村第一书记249名，驻村工作队98支，队员204名", "社旗县", "19860", "61200", "6450"]
        {
            assert!(text.contains(words), "{words} is not in {text}");
        }
        assert!(document.marks().expect("marks").is_empty());
        assert!(document.blocks().expect("blocks").iter().any(|block| matches!(block, Block::Table(_))));
    }
}
