//! The explorer over many facts of one county, by every two axes, beside a bare program over the same rows.

use std::{
    io::{BufWriter, Write},
    process::{Command, Stdio},
    time::Instant,
};

use base::kernel::{Day, DivisionCode, Level};
use lianxin::{
    accounts::Actor,
    demo::lists,
    spine::{
        audit::{self, Change, Subject},
        facts::{FactDraft, Source, Writing, record},
    },
    units,
};

use super::{
    Options, Outcome, load,
    world::{Folder, World},
};

const COUNTY: &str = "411327000000";
const AT_ONCE: usize = 10_000;
const DAYS: usize = 1_826;
const PEOPLE: usize = 5_000;

/// A table: its name, and what stands in its address after place and figure.
const TABLES: [(&str, &str); 10] = [
    ("place", "rows=place"),
    ("place × month", "rows=place&cols=month&from=2021-01-01&to=2023-12-31"),
    ("village × quarter", "rows=place&level=village&cols=quarter&from=2019-01-01&to=2023-12-31"),
    ("village × year", "rows=place&level=village&cols=year&from=2019-01-01&to=2023-12-31"),
    ("place × batch", "rows=place&cols=batch"),
    ("unit", "rows=unit"),
    ("unit × quarter", "rows=unit&cols=quarter&from=2019-01-01&to=2023-12-31"),
    ("unit × batch", "rows=unit&cols=batch"),
    ("unit × place", "rows=unit&cols=place"),
    ("figures × year", "rows=indicator&cols=year&from=2019-01-01&to=2023-12-31"),
];

/// Times the tables of a sum and of a distinct figure.
pub async fn measure(options: &Options, facts: usize) -> Outcome<()> {
    let folder = Folder::make()?;
    let world = World::build(&folder, &format!("sqlite://{}", folder.path().join("pivot.db").display())).await?;
    let rows = folder.path().join("rows.csv");
    fill(&world, facts, &rows).await?;
    println!("\nthe explorer over {facts} facts of a county: half sums, half of {PEOPLE} people, to the whole page");
    let cookie = world.sign_in().await?;
    let server = world.serve(options)?;
    for figure in ["gain.fund", "visit.leader.people"] {
        for (name, address) in TABLES {
            let mut times = Vec::new();
            for _ in 0..3 {
                let began = Instant::now();
                let path = format!("/explorer?place={COUNTY}&figure={figure}&{address}");
                load::get(&server.address, &path, &cookie).await?;
                times.push(began.elapsed());
            }
            let [median, worst] = load::percentiles(&mut times);
            println!("  {figure:<20} {name:<18} median {median:>6.0} ms   slowest {worst:>6.0} ms");
        }
    }
    server.stop();
    let Some(beside) = &options.beside else {
        println!("  left out: no --beside program over the same rows");
        return Ok(());
    };
    let mut words = beside.split(' ');
    let mut command = Command::new(words.next().ok_or("--beside PROGRAM")?);
    command.args(words).arg(&rows).stdin(Stdio::null());
    let status = tokio::task::spawn_blocking(move || command.status()).await??;
    if status.success() { Ok(()) } else { Err("the program beside failed".into()) }
}

/// Facts over villages, units, days and people, written as records write them and into a file besides.
async fn fill(world: &World, facts: usize, rows: &std::path::Path) -> Outcome<()> {
    let app = world.open(None).await?;
    let county = DivisionCode::parse(COUNTY).ok_or("a county")?;
    let villages: Vec<DivisionCode> =
        lists::divisions().iter().filter(|one| one.level == Level::Village).map(|one| one.code).collect();
    let mut units: Vec<String> =
        units::store::ids_by_name(&mut app.db.read().await?, county.county()).await?.into_values().collect();
    units.sort();
    let first = Day::new(2019, 1, 1).ok_or("a day")?;
    let mut file = BufWriter::new(std::fs::File::create(rows)?);
    writeln!(file, "indicator,day,amount,division,unit_id,key")?;
    let actor = Actor::command_line(app.clock);
    // A fixed sequence that looks like none.
    let mut state = 7_u64;
    let mut any = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    for batch in (0..facts).collect::<Vec<_>>().chunks(AT_ONCE) {
        let mut drafts = Vec::new();
        for number in batch {
            let keyed = number % 2 == 1;
            let draft = FactDraft {
                indicator: if keyed { "visit.leader.people" } else { "gain.fund" },
                day: first.plus_days(i64::try_from(any(DAYS))?),
                amount: if keyed { 1 } else { i64::try_from(any(50))? * 100_000 },
                division: villages[any(villages.len())],
                person: None,
                unit_id: (number % 10 != 0).then(|| units[any(units.len())].clone()),
                key: keyed.then(|| format!("leader-{}", any(PEOPLE))),
                value: None,
            };
            let (unit, key) = (draft.unit_id.as_deref().unwrap_or_default(), draft.key.as_deref().unwrap_or_default());
            writeln!(file, "{},{},{},{},{unit},{key}", draft.indicator, draft.day, draft.amount, draft.division)?;
            drafts.push((Source { kind: "bench", id: number.to_string() }, vec![draft]));
        }
        let mut tx = app.db.begin().await?;
        record(&mut tx, county.county(), &drafts, app.clock.now(), Writing::New).await?;
        let subject = Subject { kind: "bench", id: "pivot" };
        audit::write(&mut tx, county.county(), &actor, "entry.add", subject, Change::default()).await?;
        tx.commit().await?;
    }
    file.flush()?;
    app.db.optimize().await?;
    app.db.close().await;
    Ok(())
}
