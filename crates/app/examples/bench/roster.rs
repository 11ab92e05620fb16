//! A large roster taken in while somebody else wants to write.

use std::time::{Duration, Instant};

use base::kernel::DivisionCode;
use lianxin::{
    accounts::Actor,
    app::App,
    imports::Mapping,
    postings::intake::{self, Aim},
};

use super::{
    Outcome,
    world::{Folder, World, memory_kb, roster_csv},
};

/// Reads, plans and writes so many rows; says how long, how much memory, and how long another writer waited at most.
pub async fn measure(rows: usize) -> Outcome<()> {
    let folder = Folder::make()?;
    let world = World::build(&folder, &format!("sqlite://{}", folder.path().join("roster.db").display())).await?;
    let bytes = roster_csv(rows).into_bytes();
    let app = world.open(None).await?;
    // Forgets the highest mark so far; where the system refuses, the figure is an upper bound.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let other = tokio::spawn(write_now_and_then(app.clone()));
    let began = Instant::now();
    let (created, writing) = take_in(&app, &bytes).await?;
    let took = began.elapsed();
    other.abort();
    let waited = match other.await {
        Ok(waited) => waited?,
        Err(_) => Duration::ZERO,
    };
    let longest = waited.max(writing);
    let memory = memory_kb("self", "VmHWM:")?;
    println!(
        "\nroster of {rows} rows: {created} postings in {:.1} s, most memory {} MB",
        took.as_secs_f64(),
        memory / 1024
    );
    println!("  longest wait of another writer: {:.1} s", longest.as_secs_f64());
    app.db.close().await;
    Ok(())
}

async fn take_in(app: &App, bytes: &[u8]) -> Outcome<(usize, Duration)> {
    let place = DivisionCode::parse("411327000000").ok_or("a county")?;
    let actor = Actor::command_line(app.clock);
    let mut conn = app.db.read().await?;
    let index = intake::place_index(&mut conn, place).await?;
    let (book, outcome) = intake::read(bytes, "roster.csv", &Mapping::default(), &index, actor.today)
        .map_err(|error| error.to_string())?;
    drop(book);
    let pack = app.pack(&mut conn, place.county()).await?;
    let aim = Aim {
        place,
        batch_number: None,
        today: actor.today,
        keys: &app.keys,
        county_guide_beside: pack.county_guide_beside(),
        term_months: pack.term_months(),
    };
    let plan = intake::plan(&mut conn, outcome, &aim).await?;
    drop(conn);
    let mut tx = app.db.begin().await?;
    let began = Instant::now();
    intake::apply(&mut tx, app, &plan, &actor).await?;
    tx.commit().await?;
    Ok((plan.report.created, began.elapsed()))
}

/// Another writer: the longest it waited for its turn. Ends when it is told to.
async fn write_now_and_then(app: App) -> Outcome<Duration> {
    let mut longest = Duration::ZERO;
    loop {
        let asked = Instant::now();
        match app.db.begin().await {
            Ok(tx) => tx.rollback().await?,
            // The waiting limit is shorter than the import: as long as that, then.
            Err(_) => return Ok(longest.max(asked.elapsed())),
        }
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
