//! `lianxin outlines`: a file of the operator's, GeoJSON or a table of points, into the register of outlines.

use std::{path::Path, process::ExitCode};

use base::db::Access;
use serde_json::json;

use super::{
    open::open,
    run::{Done, Stop, config_from, print_json},
};
use crate::{
    accounts::Actor,
    places::outlines::{self, store},
};

/// Reads the file, keeps what it holds, and says what came of it. Any fault refuses it whole.
pub async fn run(file: &Path, as_json: bool) -> Done {
    let bytes = std::fs::read(file).map_err(|error| Stop::from(format!("读不了文件 {}：{error}", file.display())))?;
    let app = open(&config_from(None)?, Access::Write, true, None, false).await?.app;
    let (mut kept, mut faults) = (store::Kept::default(), Vec::new());
    match outlines::read(&bytes) {
        Err(found) => faults = found,
        Ok(read) => {
            let mut tx = app.db.begin().await?;
            match outlines::keep(&mut tx, &read, &Actor::command_line(app.clock)).await? {
                Ok(counts) => {
                    tx.commit().await?;
                    kept = counts;
                }
                Err(found) => faults = found,
            }
        }
    }
    app.db.close().await;
    let store::Kept { created, updated, unchanged } = kept;
    if as_json {
        let problem = |fault: &outlines::Fault| json!({"row": fault.number, "column": "", "code": fault.code, "message": fault.message});
        let problems: Vec<_> = faults.iter().map(problem).collect();
        let read = created + updated + unchanged + faults.len();
        print_json(&json!({"read": read, "created": created, "updated": updated, "unchanged": unchanged,
            "rejected": faults.len(), "problems": problems}))?;
    } else if faults.is_empty() {
        println!("轮廓和位置：新增 {created}，更新 {updated}，不变 {unchanged}。");
    } else {
        for fault in &faults {
            match (fault.number, outlines::is_table(&bytes)) {
                (0, _) => println!("[{}] {}", fault.code, fault.message),
                (number, true) => println!("第 {number} 行 [{}] {}", fault.code, fault.message),
                (number, false) => println!("第 {number} 个图形 [{}] {}", fault.code, fault.message),
            }
        }
        println!("没有写入。");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
