//! A province with few and with many facts below it: what its dashboards cost, and how fast facts are taken in.

use std::time::{Duration, Instant};

use base::kernel::{Day, DivisionCode, Level};
use lianxin::{
    accounts::Actor,
    app::App,
    demo::lists,
    spine::{
        audit::{self, Change, Subject},
        facts::{FactDraft, Source, Writing, record},
    },
};

use super::{
    Options, Outcome, load,
    world::{Folder, World},
};

const FEW: usize = 100_000;
/// Facts of one transaction, which is one county's.
const AT_ONCE: usize = 5_000;
/// What PostgreSQL takes in, to be timed alone.
const TO_POSTGRES: usize = 300_000;
const PROVINCE: &str = "430000000000";
const CITY: &str = "430100000000";
const COUNTY: &str = "430121000000";

/// Sums, a state and distinct people, as a programme's facts are mixed.
const INDICATORS: [&str; 12] = [
    "gain.fund",
    "gain.project",
    "gain.job",
    "gain.produce_sold",
    "matter.solved",
    "matter.raised.small",
    "village.rule",
    "visit.leader",
    "project.fund",
    "meeting.held",
    "posting.cadre",
    "alumni.cadre",
];
const PEOPLE: usize = 200;
const VILLAGES: usize = 40;
const WEEKS: usize = 150;

/// Writes facts below a province and times its pages before and after the many.
pub async fn measure(options: &Options, many: usize) -> Outcome<()> {
    let folder = Folder::make()?;
    let world =
        World::build_province(&folder, &format!("sqlite://{}", folder.path().join("scale.db").display())).await?;
    let counties = counties()?;
    let mut before: Vec<f64> = Vec::new();
    for (from, to) in [(0, FEW.min(many)), (FEW.min(many), many)] {
        let app = world.open(None).await?;
        let took = fill(&app, &counties, from..to).await?;
        app.db.optimize().await?;
        app.db.close().await;
        drop(app);
        let size = std::fs::metadata(folder.path().join("scale.db"))?.len() / 1_048_576;
        println!("\n{to} facts below the province, {size} MB; taken in {:.0}/s on SQLite", per_second(to - from, took));
        let times = pages(options, &world).await?;
        for (now, then) in times.iter().zip(&before) {
            print!("  ×{:.2}", now / then);
        }
        before = times;
    }
    println!();
    if let Ok(server) = std::env::var("LIANXIN_TEST_POSTGRES") {
        let postgres = Folder::make()?;
        let world = World::build_province(&postgres, &server).await?;
        let app = world.open(None).await?;
        let took = fill(&app, &counties, 0..TO_POSTGRES).await?;
        println!("PostgreSQL: {TO_POSTGRES} facts taken in {:.0}/s", per_second(TO_POSTGRES, took));
        app.db.close().await;
    } else {
        println!("PostgreSQL: left out, LIANXIN_TEST_POSTGRES names no server");
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "millions")]
fn per_second(facts: usize, took: Duration) -> f64 {
    facts as f64 / took.as_secs_f64()
}

/// Medians of the pages in milliseconds; the first answer is that of a process that keeps nothing yet.
async fn pages(options: &Options, world: &World) -> Outcome<Vec<f64>> {
    let cookie = world.sign_in_as("hunan").await?;
    let mut medians = Vec::new();
    for place in [COUNTY, CITY, PROVINCE] {
        for period in ["", "&from=2024-01-01"] {
            let server = world.serve(options)?;
            let mut times = Vec::new();
            for _ in 0..41 {
                let began = Instant::now();
                load::get(&server.address, &format!("/dashboard?place={place}{period}"), &cookie).await?;
                times.push(began.elapsed());
            }
            let first = times[0].as_secs_f64() * 1000.0;
            let [median, worst] = load::percentiles(&mut times[1..]);
            println!(
                "  {place}{period:<17} median {median:>6.1} ms   99th {worst:>6.1} ms   first answer {first:>6.1} ms"
            );
            medians.push(median);
            server.stop();
        }
    }
    Ok(medians)
}

/// The counties of the province, and villages of each.
fn counties() -> Outcome<Vec<Vec<DivisionCode>>> {
    let mut villages: std::collections::BTreeMap<DivisionCode, Vec<DivisionCode>> = std::collections::BTreeMap::new();
    for one in lists::hunan()?.iter().filter(|one| one.level == Level::Village) {
        villages.entry(one.code.at(Level::County)).or_default().push(one.code);
    }
    Ok(villages.into_values().collect())
}

/// Takes in the facts of these numbers as records do: a transaction a batch of one county, with its line in the trail.
async fn fill(app: &App, counties: &[Vec<DivisionCode>], numbers: std::ops::Range<usize>) -> Outcome<Duration> {
    let (actor, began) = (Actor::command_line(app.clock), Instant::now());
    let last = Day::new(2024, 1, 12).ok_or("a day")?;
    let each = numbers.len() / counties.len() + 1;
    for (at, villages) in counties.iter().enumerate() {
        let own = numbers.start + at * each..(numbers.start + (at + 1) * each).min(numbers.end);
        let own: Vec<usize> = own.collect();
        for batch in own.chunks(AT_ONCE) {
            let county = villages[0].county();
            let facts: Vec<_> = batch.iter().map(|number| source(villages, last, *number)).collect();
            let mut tx = app.db.begin().await?;
            record(&mut tx, county, &facts, app.clock.now(), Writing::New).await?;
            let subject = Subject { kind: "bench", id: "scale" };
            audit::write(&mut tx, county, &actor, "entry.add", subject, Change::default()).await?;
            tx.commit().await?;
        }
    }
    Ok(began.elapsed())
}

/// The record of a number: what came of a week's work somewhere, credited to one of the county's people.
fn source(villages: &[DivisionCode], last: Day, number: usize) -> (Source, Vec<FactDraft>) {
    // Steps that share no factor with what they go through.
    let (indicator, week) = (INDICATORS[number % INDICATORS.len()], number * 7 % WEEKS);
    let village = villages[number * 11 % VILLAGES.min(villages.len())];
    let person = format!("{}-{}", village.county(), number * 13 % PEOPLE);
    let draft = FactDraft {
        indicator,
        day: last.plus_days(-7 * i64::try_from(week).unwrap_or(0)),
        amount: 1 + i64::try_from(number % 9).unwrap_or(0),
        division: village,
        key: indicator.starts_with("alumni").then(|| person.clone()),
        person: Some((village.county(), person)),
        unit_id: Some(format!("unit-{}", number % 60)),
        value: None,
    };
    (Source { kind: "bench", id: number.to_string() }, vec![draft])
}
