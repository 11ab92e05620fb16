//! Commands that read beside a running server: figures, their records, the check, a backup.

use std::process::ExitCode;

use base::{
    db::Access,
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
