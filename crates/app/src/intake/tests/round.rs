use base::{
    kernel::{Clock, Day},
    seal::Keys,
    sheet::Format,
    testing::databases,
};

use super::{COUNTY, FileKind, bring, code, consistent, counts};
use crate::{
    app::{App, MIGRATIONS},
    demo,
    intake::export,
};

#[tokio::test]
async fn what_export_writes_import_reads_as_unchanged() {
    for db in databases(&MIGRATIONS).await {
        let today = Day::new(2024, 1, 18).unwrap();
        let files = db.folder().join("files");
        let app = App::new(db.db().clone(), Keys::from_root(&[7; 32]), Clock::fixed(today), files, None, true).unwrap();
        demo::load(&app, &demo::sheqi(1, today), "sheqi").await.unwrap();
        for kind in FileKind::ALL {
            for (format, name) in [(Format::Xlsx, "a.xlsx"), (Format::Csv, "a.csv")] {
                let table = export(&mut app.db.read().await.unwrap(), &app, kind, code(COUNTY)).await.unwrap();
                assert!(!table.rows.is_empty(), "{}", kind.zh());
                let report = bring(&app, kind, &table.to_bytes(format).unwrap(), name).await;
                let problems: Vec<_> = report.problems.iter().take(5).collect();
                assert_eq!(counts(&report), (0, 0, table.rows.len(), 0), "{} {name}: {problems:?}", kind.zh());
                assert_eq!(report.unknown_columns, Vec::<String>::new());
            }
        }
        consistent(&app).await;
    }
}
