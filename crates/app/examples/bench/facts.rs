//! What a figure costs when few or many facts lie below it.

use std::time::{Duration, Instant};

use base::kernel::{CountyId, Day, DivisionCode};
use lianxin::{
    app::App,
    spine::facts::{
        Catalogue, FactDraft, Source, Writing,
        read::{Place, Span, value},
        record,
    },
};

use super::{
    Outcome,
    world::{Folder, World, today},
};

/// Two counties that hold nothing else.
const FEW: &str = "411328000000";
const MANY: &str = "411329000000";
const PEOPLE: usize = 1_000;
const FEW_FACTS: usize = 1_000;

/// Writes facts of [`PEOPLE`] people into two counties and compares what their figures cost.
pub async fn measure(facts: usize) -> Outcome<()> {
    let folder = Folder::make()?;
    let world = World::build(&folder, &format!("sqlite://{}", folder.path().join("facts.db").display())).await?;
    let app = world.open(None).await?;
    let began = Instant::now();
    fill(&app, FEW, FEW_FACTS).await?;
    fill(&app, MANY, facts).await?;
    app.db.optimize().await?;
    println!(
        "\nfigures of a county with {FEW_FACTS} and with {facts} facts of {PEOPLE} people (written in {:.0} s)",
        began.elapsed().as_secs_f64()
    );
    for (code, what) in [("posting.cadre", "state"), ("alumni.cadre", "distinct")] {
        let (few, many) = (time(&app, code, FEW).await?, time(&app, code, MANY).await?);
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        println!("  {what:<9}{:>7.0} µs {:>7.0} µs   ratio {ratio:.2}", micros(few), micros(many));
    }
    app.db.close().await;
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000_000.0
}

async fn fill(app: &App, county: &str, facts: usize) -> Outcome<()> {
    const AT_ONCE: usize = 20_000;
    let county = DivisionCode::parse(county).ok_or("a county")?;
    let first = Day::new(2014, 1, 1).ok_or("a day")?;
    let mut at = 0;
    while at < facts {
        let last = (at + AT_ONCE).min(facts);
        let drafts: Vec<_> = (at..last).map(|n| source(county, first, n)).collect();
        let mut tx = app.db.begin().await?;
        record(&mut tx, county.county(), &drafts, app.clock.now(), Writing::New).await?;
        tx.commit().await?;
        at = last;
    }
    Ok(())
}

/// The `n`th record: somebody of the thousand came to one of a hundred villages on some day of ten years.
fn source(county: DivisionCode, first: Day, n: usize) -> (Source, Vec<FactDraft>) {
    let person: (CountyId, String) = (county.county(), format!("person-{}", n % PEOPLE));
    let village = county.as_i64() + 101_201 + i64::try_from(n % 100).unwrap_or(0);
    let draft = FactDraft {
        indicator: if n.is_multiple_of(2) { "posting.cadre" } else { "alumni.cadre" },
        day: first.plus_days(i64::try_from(n / 2 % 3_650).unwrap_or(0)),
        amount: 1,
        division: DivisionCode::from_i64(village).unwrap_or(county),
        key: Some(person.1.clone()),
        person: Some(person),
        unit_id: None,
        value: None,
    };
    (Source { kind: "bench", id: n.to_string() }, vec![draft])
}

/// The median of many readings.
async fn time(app: &App, code: &str, county: &str) -> Outcome<Duration> {
    let indicator = Catalogue::get().find(code).ok_or("an indicator")?;
    let place = Place::of(DivisionCode::parse(county).ok_or("a county")?);
    let span = Span { from: None, to: today()? };
    let mut conn = app.db.read().await?;
    let mut times = Vec::new();
    for _ in 0..101 {
        let began = Instant::now();
        value(&mut conn, indicator, &place, span).await?;
        times.push(began.elapsed());
    }
    times.sort();
    Ok(times[50])
}
