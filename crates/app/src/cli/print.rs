//! `lianxin print`: a PDF at once, beside a running server.

use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
    process::ExitCode,
};

use base::{
    db::{Access, sql},
    kernel::{CountyId, DivisionCode, Level},
};

use super::{
    args::PrintKind,
    import::place_of,
    open::open,
    run::{Done, Stop, read_config},
};
use crate::{
    accounts::{Actor, Scope},
    app::App,
    config::Config,
    dossier,
    handover::{self, Book, store::Whose},
    households, people,
    postings::cards,
    prints::{self, Kind, Order},
};

/// What was asked for.
pub struct Asked {
    pub kind: PrintKind,
    pub place: Option<DivisionCode>,
    pub person: Option<String>,
    pub out: PathBuf,
}

pub async fn run(asked: Asked) -> Done {
    if asked.out.extension().is_none_or(|ending| ending != "pdf") {
        return Err(Stop { status: 2, message: "输出文件应以 .pdf 结尾，例如 -o cards.pdf".into() });
    }
    match asked.kind {
        PrintKind::Handover => books(&asked).await,
        PrintKind::Dossier => file_of_person(&asked).await,
        PrintKind::Cards => print(&asked, Kind::Cards).await,
        PrintKind::Boards => print(&asked, Kind::Boards).await,
        PrintKind::Letters => print(&asked, Kind::Letters).await,
        PrintKind::Roster => print(&asked, Kind::Roster).await,
    }
}

async fn print(asked: &Asked, kind: Kind) -> Done {
    let config = read_config()?;
    let app = open(&config, Access::Read, false, None, false).await?.app;
    let place = place_of(&app, asked.place).await?;
    if kind == Kind::Cards && place.level() >= Level::County {
        codes(&app, &config, place).await?;
    }
    if app.base_url.is_none() && matches!(kind, Kind::Cards | Kind::Boards) {
        eprintln!("没有设置 LIANXIN_BASE_URL，二维码指向本机 http://127.0.0.1:8080。");
    }
    let half = asked.out.with_extension("pdf.part");
    let order = Order { kind, place, changed_only: false, batch: None };
    let outcome = match prints::to_file(&app, order, File::create(&half)?).await {
        Ok(outcome) => outcome,
        Err(error) => {
            // A half file under any name would be taken for a whole one.
            let _ = std::fs::remove_file(&half);
            return Err(Stop::from(error.say().zh()));
        }
    };
    std::fs::rename(&half, &asked.out)?;
    app.db.close().await;
    let prints::Outcome { pages, bytes, items, said, .. } = &outcome;
    eprintln!("{} {items} 份，{pages} 页，{bytes} 字节，已写到 {}", kind.zh(), asked.out.display());
    for line in said {
        eprintln!("{line}");
    }
    note(&config, order, &outcome).await?;
    Ok(ExitCode::SUCCESS)
}

/// As in the print shop, what was printed is kept; where a running server holds the one writer that is said.
async fn note(config: &Config, order: Order, outcome: &prints::Outcome) -> Result<(), Stop> {
    let Ok(opened) = open(config, Access::Write, false, None, false).await else {
        if order.kind == Kind::Cards {
            eprintln!("服务正在运行，没有记成已印，“要重印”仍列着这些村；请在网页的“打印”里印，或停下服务再印。");
        }
        return Ok(());
    };
    let app = opened.app;
    let mut tx = app.db.begin().await?;
    prints::note(&mut tx, order, outcome, &Actor::command_line(app.clock)).await?;
    tx.commit().await?;
    app.db.close().await;
    Ok(())
}

/// The handover books of a place, or of a person.
async fn books(asked: &Asked) -> Done {
    let app = open(&read_config()?, Access::Read, false, None, false).await?.app;
    let today = app.clock.today();
    let (whose, none) = match &asked.person {
        Some(id) => (Whose::Person(id), "这个人没有交接"),
        None => {
            let place = place_of(&app, asked.place).await?;
            (Whose::Place(place), "这里没有进行中的交接；已办结的请用 --person 人员编号")
        }
    };
    let mut conn = app.db.read().await?;
    let mut books = Vec::new();
    for row in handover::store::to_print(&mut conn, whose).await? {
        books.push(Book::read(&mut conn, &row, today).await?);
    }
    drop(conn);
    if books.is_empty() {
        return Err(Stop::from(none.to_owned()));
    }
    let count = books.len();
    let (bytes, printed) = tokio::task::spawn_blocking(move || handover::paper(&books)).await??;
    app.db.close().await;
    write(&asked.out, &bytes)?;
    eprintln!("交接簿 {count} 份，{} 页，已写到 {}", printed.pages, asked.out.display());
    Ok(ExitCode::SUCCESS)
}

/// Villages without a code get one where this process may write; beside a running server its page does that.
async fn codes(app: &App, config: &Config, place: DivisionCode) -> Result<(), Stop> {
    let mut conn = app.db.read().await?;
    let villages: BTreeSet<DivisionCode> =
        households::store::targets(&mut conn, place.area()).await?.into_keys().collect();
    let known = cards::store::cards(&mut conn, place.area()).await?;
    drop(conn);
    let lacking = villages.iter().filter(|village| !known.contains_key(village)).count();
    if lacking == 0 {
        return Ok(());
    }
    if let Ok(opened) = open(config, Access::Write, false, None, false).await {
        let app = opened.app;
        let mut tx = app.db.begin().await?;
        cards::store::ensure(&mut tx, place.county(), &villages, app.clock.now()).await?;
        tx.commit().await?;
        app.db.close().await;
    } else {
        eprintln!("{lacking} 个村还没有二维码，没有印；请在网页的“打印”里印一次，或停下服务再印。");
    }
    Ok(())
}

async fn file_of_person(asked: &Asked) -> Done {
    let app = open(&read_config()?, Access::Read, false, None, false).await?.app;
    let Some(id) = &asked.person else {
        return Err(Stop { status: 2, message: "print dossier 需要 --person 人员编号".into() });
    };
    let mut conn = app.db.read().await?;
    let county: Option<(CountyId,)> =
        conn.maybe(sql("select county_id from live_person where id = $1").bind(id)).await?;
    let Some((county,)) = county else { return Err(Stop::from(format!("没有编号为 {id} 的人"))) };
    let person = people::store::find(&mut conn, county, id).await?;
    let person = person.ok_or_else(|| Stop::from(format!("没有编号为 {id} 的人")))?;
    let file = dossier::gather(&mut conn, person, &Scope::of(DivisionCode::NATION)).await?;
    let portrait = file.portrait_on_paper(&mut conn, &app.files).await?;
    drop(conn);
    let today = app.clock.today();
    let bytes = tokio::task::spawn_blocking(move || dossier::paper(&file, portrait, today)).await??;
    write(&asked.out, &bytes)?;
    eprintln!("一人一档已写到 {}", asked.out.display());
    Ok(ExitCode::SUCCESS)
}

fn write(out: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let half = out.with_extension("pdf.part");
    std::fs::write(&half, bytes)?;
    Ok(std::fs::rename(half, out)?)
}
