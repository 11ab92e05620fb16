//! What villagers see: no account, no script, large type; limits instead of puzzles.

pub mod follow;
pub mod raise;

use std::net::IpAddr;

use base::{html::Address, kernel::DivisionCode, web::AppResult};

use crate::{
    accounts::Actor,
    matters::{acts, store},
    spine::audit::{self, Change, Subject},
    web::Ctx,
};

/// An address of the villager's pages in the language and size of this one.
#[must_use]
fn carry(ctx: &Ctx, path: &str) -> String {
    let here = Address::parse(&ctx.address);
    let there = Address::parse(path);
    ["lang", "size"].into_iter().fold(there, |there, name| there.with(name, here.get(name))).to_string()
}

/// Whose tries are counted together: an address; of the newer kind the whole network of a household.
fn network(peer: Option<IpAddr>) -> String {
    match peer {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".into(),
    }
}

/// A code that led nowhere is counted; somebody who guesses is written down once an hour.
async fn missed(ctx: &Ctx) -> AppResult<()> {
    let (limits, now) = (&ctx.app.villagers, ctx.app.clock.now());
    metrics::counter!("matter_code_misses_total").increment(1);
    if limits.all_misses.take("all", now).is_err() {
        alarm(ctx, "all").await?;
    }
    Ok(())
}

/// The trail of the only county there is, or of the installation: many codes were tried.
async fn alarm(ctx: &Ctx, from: &str) -> AppResult<()> {
    if ctx.app.villagers.alarms.take(from, ctx.app.clock.now()).is_err() {
        return Ok(());
    }
    metrics::counter!("matter_code_guessing_total").increment(1);
    tracing::warn!(from, "somebody tries one follow-up code after another");
    let counties = store::due_counties(&mut ctx.app.db.read().await?).await?;
    let county = match counties.as_slice() {
        [only] => *only,
        _ => DivisionCode::NATION.county(),
    };
    let by: Actor = acts::villager(ctx.app.clock.now(), ctx.today);
    let mut tx = ctx.app.db.begin().await?;
    let change = Change::made(serde_json::json!({ "address": from }));
    audit::write(&mut tx, county, &by, "matter.guessing", Subject { kind: "matter", id: "codes" }, change).await?;
    tx.commit().await?;
    Ok(())
}
