//! Carrying out what was typed.

use std::{io::Write, path::Path, process::ExitCode};

use base::db::Access;
use serde::Serialize;

use super::{
    args::{AuditCommand, Cli, Command, Scale, UserCommand},
    backup, brief, demo, import,
    open::{Opened, kind_word, open},
    outlines, plan, print, read,
    serve::serve,
};
use crate::{accounts, config::Config, demo::Place, spine::audit};

/// What ends a command early: a sentence on standard error and exit status 1 (or 2 for wrong usage).
pub struct Stop {
    pub status: u8,
    pub message: String,
}

impl<E: std::fmt::Display> From<E> for Stop {
    fn from(error: E) -> Self {
        Self { status: 1, message: error.to_string() }
    }
}

impl Stop {
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { status: 2, message: message.into() }
    }
}

pub(super) type Done = Result<ExitCode, Stop>;

/// Runs a command and says how it ended.
pub async fn run(cli: Cli) -> ExitCode {
    match dispatch(cli.command).await {
        Ok(code) => code,
        Err(stop) => {
            eprintln!("{}", stop.message);
            ExitCode::from(stop.status)
        }
    }
}

async fn dispatch(command: Command) -> Done {
    match command {
        Command::Demo { dir, listen, place, scale, seed, today, no_serve } => {
            let province = (scale == Scale::Province).then_some(Place::Hunan);
            let places: Vec<Place> = place.into_iter().chain(province).collect();
            demo::run(&dir, listen, &places, (seed, today), no_serve).await
        }
        Command::Serve { config, no_migrate } => {
            let config = config_from(config.as_deref())?;
            start_log(&config.log);
            let Opened { app, migrated, .. } = open(&config, Access::Write, !no_migrate, None, false).await?;
            tracing::info!(database = kind_word(app.db.kind()), migrated, "opened");
            serve(app, config.listen, |address| eprintln!("连心正在 http://{address} 服务")).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Migrate => {
            let config = config_from(None)?;
            let opened = open(&config, Access::Write, true, None, false).await?;
            eprintln!("已应用 {} 个迁移，数据库是最新版本。", opened.migrated);
            opened.app.db.close().await;
            Ok(ExitCode::SUCCESS)
        }
        Command::Audit { command: AuditCommand::Verify { json } } => verify_audit(json).await,
        Command::Import { kind, template: true, out: Some(out), .. } => import::template(kind, &out),
        Command::Import { kind, file: Some(file), dry_run, place, batch, all_or_nothing, rejects, json, .. } => {
            let order = import::Order { kind, place, batch, dry_run, all_or_nothing, rejects, json };
            import::run(order, &file).await
        }
        Command::Import { .. } => Err(Stop::usage("import 需要一个文件，或用 --template -o 文件 写出空表")),
        Command::Print { kind, place, person, out } => print::run(print::Asked { kind, place, person, out }).await,
        Command::Stats { place, from, to, indicator, json } => read::stats(place, (from, to), &indicator, json).await,
        Command::Facts { place, indicator, from, to, json } => read::facts(place, &indicator, (from, to), json).await,
        Command::Brief { place, from, to, template, format, out } => {
            brief::run(brief::Asked { place, from, to, template, format, out }).await
        }
        Command::Check { json } => read::check(json).await,
        Command::Plan { villages, units, people, pack, on, seed, work, time, threads, out, json } => {
            let on = on.unwrap_or_else(|| base::kernel::Clock::system().today());
            let (threads, files) = (threads.into(), (villages, units, people));
            plan::run(&plan::Order { files, pack, on, seed, work, time, threads, out, json })
        }
        Command::Backup { file } => backup::backup(&file).await,
        Command::Restore { file } => backup::restore(&file).await,
        Command::Outlines { file, json } => outlines::run(&file, json).await,
        Command::User { command } => user(command).await,
        Command::Export { kind, place, format, out } => import::export(kind, place, format.map(Into::into), &out).await,
    }
}

pub(super) fn config_from(file: Option<&Path>) -> Result<Config, Stop> {
    let text = match file {
        Some(path) => Some(
            std::fs::read_to_string(path)
                .map_err(|error| Stop::from(format!("读不了设置文件 {}：{error}", path.display())))?,
        ),
        None => None,
    };
    Ok(Config::read(text.as_deref(), |name| std::env::var(name).ok())?)
}

/// The settings of a command that only reads: where nothing is set and no database stands here, a demo beside counts.
pub(super) fn read_config() -> Result<Config, Stop> {
    let config = config_from(None)?;
    let folder = Path::new("demo");
    let unset = std::env::var("LIANXIN_DATABASE_URL").is_err() && !Path::new("lianxin.db").exists();
    if unset && folder.join("lianxin.db").exists() {
        eprintln!("（读的是 ./demo 里的演示数据）");
        return Ok(demo::config(folder, config.listen));
    }
    Ok(config)
}

async fn user(command: UserCommand) -> Done {
    let reads = matches!(command, UserCommand::List);
    let access = if reads { Access::Read } else { Access::Write };
    let app = open(&config_from(None)?, access, true, None, false).await?.app;
    let text = match command {
        UserCommand::Add { name, display, role, place, unit, phone } => {
            let place = super::import::place_of(&app, place).await?.to_string();
            accounts::cli::add(&app, &accounts::cli::NewUser { name, display, role, place, unit, phone }).await?
        }
        UserCommand::List => accounts::cli::list(&app).await?,
        UserCommand::Reset { name } => accounts::cli::reset(&app, &name).await?,
        UserCommand::Disable { name } => accounts::cli::disable(&app, &name).await?,
        UserCommand::Enable { name } => accounts::cli::enable(&app, &name).await?,
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error, as JSON lines unless it is a terminal.
pub(super) fn start_log(filter: &str) {
    use std::io::IsTerminal;
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
}

async fn verify_audit(json: bool) -> Done {
    let app = open(&read_config()?, Access::Read, false, None, false).await?.app;
    let verdict = audit::verify(&mut app.db.read().await?).await?;
    if json {
        print_json(&verdict)?;
    } else {
        println!("{} 条链，{} 条记录，{} 处不符", verdict.chains, verdict.lines, verdict.breaks.len());
        for broken in &verdict.breaks {
            println!("{} 第 {} 条：{}", broken.county, broken.seq, broken.what);
        }
    }
    Ok(if verdict.breaks.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn print_json(value: &impl Serialize) -> Result<(), Stop> {
    let text = serde_json::to_string(value)?;
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
