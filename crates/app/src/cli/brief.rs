//! `lianxin brief`: a briefing at once, beside a running server; nothing is kept.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use base::{
    db::Access,
    kernel::{Day, DivisionCode},
};

use super::{
    args::BriefFormat,
    open::open,
    run::{Done, Stop, read_config},
};
use crate::{
    briefings::{self, Format},
    packs,
    spine::facts::read::Span,
};

/// What was asked for.
pub struct Asked {
    pub place: DivisionCode,
    pub from: Day,
    pub to: Day,
    pub template: Option<String>,
    pub format: Option<BriefFormat>,
    pub out: Option<PathBuf>,
}

/// As typed, else by the ending of the file, else plain text.
fn format_of(asked: &Asked) -> Format {
    let ending = |path: &Path| path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match (asked.format, asked.out.as_deref().and_then(ending).as_deref()) {
        (Some(BriefFormat::Docx), _) | (None, Some("docx")) => Format::Docx,
        (Some(BriefFormat::Pdf), _) | (None, Some("pdf")) => Format::Pdf,
        (Some(BriefFormat::Txt), _) | (None, _) => Format::Txt,
    }
}

pub async fn run(asked: Asked) -> Done {
    let format = format_of(&asked);
    if asked.out.is_none() && format != Format::Txt {
        let ending = format.ending();
        return Err(Stop {
            status: 2,
            message: format!("{ending} 要写到文件里：请加 -o 文件名，例如 -o briefing.{ending}"),
        });
    }
    let app = open(&read_config()?, Access::Read, false, None, false).await?.app;
    let mut conn = app.db.read().await?;
    let pack = packs::store::pack_of(&mut conn, asked.place).await?;
    let span = Span { from: Some(asked.from), to: asked.to };
    let template = asked.template.as_deref();
    let paper = briefings::compose(&mut conn, (asked.place, span), template, &pack, app.clock.today()).await?;
    drop(conn);
    app.db.close().await;
    let bytes = tokio::task::spawn_blocking(move || paper.bytes(format)).await??;
    match &asked.out {
        None => std::io::stdout().write_all(&bytes)?,
        Some(out) => {
            let half = out.with_extension(format!("{}.part", format.ending()));
            std::fs::write(&half, &bytes)?;
            std::fs::rename(&half, out)?;
            eprintln!("简报已写到 {}", out.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}
