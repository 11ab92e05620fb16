//! Commands that read beside a running server: figures, their records, the check, a backup.

use std::{path::Path, process::ExitCode};

use base::{
    db::{Access, Kind, sql},
    kernel::{Day, DivisionCode},
};

use super::{
    open::open,
    run::{Done, Stop, print_json, read_config},
};
use crate::{app::App, check, spine::facts::read::Span, statistics};

async fn reader() -> Result<App, Stop> {
    Ok(open(&read_config()?, Access::Read, false, None, false).await?.app)
}

fn span(app: &App, from: Option<Day>, to: Option<Day>) -> Span {
    Span { from, to: to.unwrap_or_else(|| app.clock.today()) }
}

/// `lianxin stats`
pub async fn stats(place: DivisionCode, period: (Option<Day>, Option<Day>), indicators: &[String], json: bool) -> Done {
    let app = reader().await?;
    let codes = (!indicators.is_empty()).then_some(indicators);
    let span = span(&app, period.0, period.1);
    let stats = statistics::stats(&mut app.db.read().await?, place, span, codes).await?;
    if json {
        print_json(&stats)?;
    } else {
        for (code, value) in &stats.indicators {
            let indicator = crate::spine::facts::Catalogue::get().find(code);
            let (name, unit) = indicator.map_or(("", ""), |one| (one.name.as_str(), one.unit.as_str()));
            println!("{code}\t{name}\t{value} {unit}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `lianxin facts`
pub async fn facts(place: DivisionCode, indicator: &str, period: (Option<Day>, Option<Day>), json: bool) -> Done {
    let app = reader().await?;
    let span = span(&app, period.0, period.1);
    let opened = statistics::open(&mut app.db.read().await?, place, indicator, span).await?;
    if json {
        print_json(&opened)?;
    } else {
        println!("{}", serde_json::to_string_pretty(&opened)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// `lianxin check`
pub async fn check(json: bool) -> Done {
    let app = reader().await?;
    let report = check::check(&mut app.db.read().await?).await?;
    if json {
        print_json(&report)?;
    } else {
        for line in report.lines() {
            println!("{line}");
        }
    }
    Ok(if report.differences() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `lianxin backup`: a whole copy of a SQLite database while it is in use; PostgreSQL has `pg_dump`.
pub async fn backup(file: &Path) -> Done {
    let app = reader().await?;
    if app.db.kind() == Kind::Postgres {
        return Err(Stop::from("PostgreSQL 请用 pg_dump 或 pg_basebackup 备份，并一并保存密钥文件。"));
    }
    if file.exists() {
        return Err(Stop::from(format!("{} 已存在，备份不覆盖旧文件。", file.display())));
    }
    app.db.copy_to(file).await?;
    // The copy must open and hold what it should before it counts as a backup.
    let copy = base::db::Db::open(&format!("sqlite://{}", file.display()), Access::Read).await?;
    let verdict: String = copy.read().await?.value(sql("pragma integrity_check")).await?;
    if verdict != "ok" {
        return Err(Stop::from(format!("备份文件没有通过完整性检查：{verdict}")));
    }
    eprintln!("已备份到 {}。密钥文件要另外保存：没有它，身份证号打不开。", file.display());
    Ok(ExitCode::SUCCESS)
}
