//! Figures of this program against bare baselines in the same run; `bin/bench` builds all parts and calls this.
//!
//! `bench --lianxin FILE --bare FILE [--people N] [--facts N] [--seconds N]`; PostgreSQL joins in where
//! `LIANXIN_TEST_POSTGRES` names a server. Everything lies in a folder of its own that is removed at the end.
//!
//! `--scale N` measures a province with N facts below it instead (10 million: some minutes and 6 GB of disk), `--pivot N`
//! the explorer over N facts of one county, beside `--beside PROGRAM` over the same rows, `--round N` a province's round of
//! dispatch planning with N people, `--list` the roster's list alone.

mod dossier;
mod facts;
mod load;
#[expect(clippy::unwrap_used, reason = "a made world has small numbers")]
#[path = "../../../assign/examples/measure/world.rs"]
mod made;
mod pivot;
mod round;
mod scale;
mod villagers;
mod world;

use std::{error::Error, path::PathBuf, time::Duration};

use load::Load;
use world::World;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What was asked for.
pub struct Options {
    lianxin: PathBuf,
    bare: PathBuf,
    people: usize,
    facts: usize,
    seconds: u64,
    scale: usize,
    pivot: usize,
    round: usize,
    list: bool,
    /// Python and the script that asks the same of the same rows.
    beside: Option<String>,
}

impl Options {
    fn read() -> Outcome<Self> {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let get = |name: &str| arguments.iter().position(|one| one == name).and_then(|at| arguments.get(at + 1));
        let number = |name: &str, default: usize| get(name).map_or(Ok(default), |text| text.parse());
        Ok(Self {
            lianxin: get("--lianxin").ok_or("--lianxin FILE")?.into(),
            bare: get("--bare").ok_or("--bare FILE")?.into(),
            people: number("--people", 24_000)?,
            facts: number("--facts", 1_000_000)?,
            seconds: u64::try_from(number("--seconds", 8)?)?,
            scale: number("--scale", 0)?,
            pivot: number("--pivot", 0)?,
            round: number("--round", 0)?,
            list: arguments.iter().any(|one| one == "--list"),
            beside: get("--beside").cloned(),
        })
    }
}

const LIST: &str = "/postings?role=member&sort=name";
const CLIENTS: u32 = 16;
/// How long people look at a page before they ask for the next, a good deal shorter than they do.
const LOOK: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = Options::read()?;
    println!("measured here and now, on loopback; ratios mean more than figures");
    if options.pivot > 0 {
        pivot::measure(&options, options.pivot).await?;
    }
    if options.scale > 0 {
        scale::measure(&options, options.scale).await?;
    }
    if options.round > 0 {
        round::measure(&options, options.round).await?;
    }
    if options.pivot + options.scale + options.round > 0 {
        return Ok(());
    }
    let folder = world::Folder::make()?;
    let sqlite = format!("sqlite://{}", folder.path().join("lianxin.db").display());
    let world = World::build(&folder, &sqlite).await?;
    if !options.list {
        cold_start(&options, &world).await?;
        dossier::measure(&options, &world).await?;
        villagers::measure(&options, &world).await?;
    }
    let added = world.take_in(&options, options.people).await?;
    println!("\nlist of 50 from {added} people, filtered and sorted, {CLIENTS} clients, {} s each", options.seconds);
    println!("  looking: each client waits {} ms after a page; the others never wait", LOOK.as_millis());
    compare(&options, &world, "sqlite", &folder.path().join("lianxin.db").display().to_string()).await?;
    if let Ok(server) = std::env::var("LIANXIN_TEST_POSTGRES") {
        let postgres = world::Folder::make()?;
        let world = World::build(&postgres, &server).await?;
        world.take_in(&options, options.people).await?;
        compare(&options, &world, "postgres", &server).await?;
    } else {
        println!("  PostgreSQL: left out, LIANXIN_TEST_POSTGRES names no server");
    }
    if options.list {
        return Ok(());
    }
    facts::measure(options.facts).await
}

/// The same page from the program and from the bare one, one after the other.
async fn compare(options: &Options, world: &World, kind: &str, database: &str) -> Outcome<()> {
    let cookie = world.sign_in().await?;
    let duration = Duration::from_secs(options.seconds);
    let server = world.serve(options)?;
    let page = load::get(&server.address, LIST, &cookie).await?;
    let file = world.folder().join("page.html");
    std::fs::write(&file, &page)?;
    let here = load::run(&server.address, LIST, &cookie, (CLIENTS, Duration::ZERO), duration).await?;
    let looking = load::run(&server.address, LIST, &cookie, (CLIENTS, LOOK), duration).await?;
    server.stop();
    let bare = world::Server::bare(options, kind, database, &file)?;
    let theirs = load::run(&bare.address, "/postings", "", (CLIENTS, Duration::ZERO), duration).await?;
    bare.stop();
    let ratio = here.per_second / theirs.per_second;
    let say = |name: &str, load: &Load| {
        println!(
            "  {kind:<9}{name:<9}{:>7.0} requests/s   median {:>5.1} ms   99th {:>6.1} ms   {} bytes",
            load.per_second, load.median_ms, load.worst_ms, load.bytes
        );
    };
    say("lianxin", &here);
    say("bare", &theirs);
    say("looking", &looking);
    println!("  {kind:<9}ratio    {ratio:>7.2}");
    Ok(())
}

/// How soon an existing installation answers, what it holds at rest, how large the program is.
async fn cold_start(options: &Options, world: &World) -> Outcome<()> {
    let mut starts = Vec::new();
    let mut resting = 0;
    for _ in 0..5 {
        let began = std::time::Instant::now();
        let server = world.serve(options)?;
        load::get(&server.address, "/healthz", "").await?;
        starts.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(300)).await;
        resting = server.memory_kb("VmRSS:")?;
        server.stop();
    }
    starts.sort();
    let size = std::fs::metadata(&options.lianxin)?.len();
    println!("start of an existing demo until it answers: {} ms (median of 5)", starts[2].as_millis());
    println!("memory at rest: {} MB; size of the program: {} MB", resting / 1024, size / 1_048_576);
    Ok(())
}
