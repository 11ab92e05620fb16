//! What a cadre's file costs as a page when two thousand facts stand in it.

use std::time::Instant;

use base::kernel::{Day, DivisionCode};
use lianxin::{
    accounts::store as accounts,
    spine::facts::{FactDraft, Source, Writing, record},
};

use super::{Options, Outcome, load, world::World};

const FACTS: usize = 2_000;
/// The duties they are spread over; eight years of days.
const DONE: [&str; 5] = ["gain.fund", "gain.job", "matter.solved", "village.rule", "gain.produce_sold"];
const DAYS: i64 = 2_900;

/// Gives a cadre of the demo the facts and asks for the page.
pub async fn measure(options: &Options, world: &World) -> Outcome<()> {
    let app = world.open(None).await?;
    let mut tx = app.db.begin().await?;
    let account = accounts::find_by_name(&mut tx, "cadre").await?.ok_or("the demo has no cadre")?;
    let (county, person) = (account.county_id, account.person_id.ok_or("the cadre is nobody")?);
    let village = DivisionCode::parse("411327101201").ok_or("a village")?;
    let first = Day::new(2018, 1, 1).ok_or("a day")?;
    let drafts: Vec<_> = (0..FACTS)
        .map(|n| {
            let draft = FactDraft {
                indicator: DONE[n % DONE.len()],
                day: first.plus_days(i64::try_from(n).unwrap_or(0) * DAYS / 2_000),
                amount: 1,
                division: village,
                key: None,
                person: Some((county, person.clone())),
                unit_id: None,
                value: None,
            };
            (Source { kind: "bench", id: format!("dossier-{n}") }, vec![draft])
        })
        .collect();
    record(&mut tx, county, &drafts, app.clock.now(), Writing::New).await?;
    tx.commit().await?;
    app.db.close().await;
    // It alone may write as long as it is there.
    drop(app);
    let cookie = world.sign_in().await?;
    let server = world.serve(options)?;
    let path = format!("/people/{}/{person}/dossier", county.as_i64());
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..21 {
        let asked = Instant::now();
        bytes = load::get(&server.address, &path, &cookie).await?.len();
        times.push(asked.elapsed());
    }
    server.stop();
    let [median, worst] = load::percentiles(&mut times);
    println!("\na dossier of {FACTS} facts as a page: median {median:.1} ms, worst of 21 {worst:.1} ms, {bytes} bytes");
    Ok(())
}
