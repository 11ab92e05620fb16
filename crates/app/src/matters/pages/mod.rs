//! Pages of matters: the villager's, the inbox and boards, the record with its steps, screen and paper.

mod attach;
mod board;
mod list;
mod new;
mod paper;
mod record;
mod steps;
mod suggested;
mod villager;

use base::{
    db::Conn,
    html::{Choice, Link, State as Shown, Tone},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Instant},
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{Channel, Matter, Stage},
    store::{self, Line},
};
use crate::{
    accounts::{Permission, Role},
    flows,
    packs::Pack,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of the pages.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{MattersRead, MattersWrite, Public};
    empty()
        .get("/c/{token}/matter", Public, villager::raise::form)
        .post("/c/{token}/matter", Public, villager::raise::add)
        .get("/m", Public, villager::follow::ask)
        .post("/m", Public, villager::follow::look)
        .get("/m/received", Public, villager::follow::received)
        .get("/m/{code}", Public, villager::follow::show)
        .get("/m/{code}/", Public, villager::follow::show)
        .post("/m/{code}/words", Public, villager::follow::add)
        .post("/m/{code}/rating", Public, villager::follow::rate)
        .post("/m/{code}/reopening", Public, villager::follow::reopen)
        .post("/m/{code}/withdrawal", Public, villager::follow::withdraw)
        .get("/matters", MattersRead, list::show)
        .get("/matters.xlsx", MattersRead, list::xlsx)
        .get("/matters.csv", MattersRead, list::csv)
        .post("/matters", MattersWrite, new::add)
        .get("/matters/new", MattersWrite, new::form)
        .get("/matters/board", MattersRead, board::show)
        .get("/matters/screen", MattersRead, board::screen)
        .get("/matters/{county}/{id}", MattersRead, record::show)
        .get("/matters/{county}/{id}/files/{file}", MattersRead, record::file)
        .get("/matters/{county}/{id}/steps/{step}", MattersWrite, steps::ask)
        .post("/matters/{county}/{id}/steps/{step}", MattersWrite, steps::take)
        .get("/villages/{code}/matter-form", MattersRead, paper::show)
}

/// The views of 事项, each a link for those who may open it.
pub(in crate::matters) fn section(ctx: &Ctx, on: &str) -> Vec<Link> {
    let place = base::html::Address::parse(&ctx.address).get("place").to_owned();
    let all = [
        (text!("事项"), "/matters", Permission::MattersRead),
        (text!("看板"), "/matters/board", Permission::MattersRead),
        (text!("说事室大屏"), "/matters/screen", Permission::MattersRead),
        (text!("党员联系户"), "/ten-households", Permission::MattersRead),
        (text!("外部接入"), "/matters/keys", Permission::MattersKeys),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    let at = |href: &str| if place.is_empty() { href.to_owned() } else { format!("{href}?place={place}") };
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, at(href)) }).collect()
}

/// A matter within the viewer's scope of reading, or 404.
async fn find(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Matter> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let matter = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    ctx.viewer()?.scope(Permission::MattersRead).require(matter.village)?;
    Ok(matter)
}

/// Whether the viewer takes part in handling matters of a village: telephones are for them alone.
fn handles(ctx: &Ctx, village: DivisionCode) -> AppResult<bool> {
    Ok(ctx.viewer()?.scope(Permission::MattersWrite).holds(village))
}

/// Whether somebody is on post in the village today.
async fn has_cadre(ctx: &Ctx, conn: &mut Conn, village: DivisionCode) -> AppResult<bool> {
    let posts = flows::posts_in(conn, village).await?;
    Ok(posts.iter().any(|post| post.period.contains(ctx.today)))
}

/// The kinds of the pack as choices; small ones first.
fn kinds(pack: &Pack) -> Vec<Choice> {
    let hard = |one: &&crate::packs::MatterKind| one.size == "hard";
    let small = pack.matter_kinds().iter().filter(|one| !hard(one));
    let choice = |one: &crate::packs::MatterKind| {
        let size = super::rules::Size::parse(&one.size).map(|size| Text::key(size.zh())).unwrap_or_default();
        let label = text!("{size} · {kind}", size = size, kind = Text::data(one.name.as_str()));
        Choice::new(one.code.as_str(), label)
    };
    small.chain(pack.matter_kinds().iter().filter(hard)).map(choice).collect()
}

/// The name of a kind; its code where the pack knows it no longer.
fn kind_zh(pack: &Pack, code: &str) -> Text {
    Text::data(pack.matter_kind(code).map_or(code, |kind| kind.name.as_str()))
}

fn channel_zh(code: &str) -> Text {
    Channel::parse(code).map(|channel| Text::key(channel.zh())).unwrap_or_default()
}

/// A state with its tone; late where somebody lets it wait.
fn pill(stage: Stage, late: bool, reopens: i64) -> Shown {
    if late {
        return Shown::new(Tone::Late, text!("{state}，逾期", state = Text::key(stage.zh())));
    }
    let word = match (stage, reopens) {
        (Stage::Accepted, 1..) => text!("重办"),
        _ => Text::key(stage.zh()),
    };
    let tone = match stage {
        Stage::Closed | Stage::Solved => Tone::Ok,
        Stage::Held => Tone::Stop,
        Stage::Raised | Stage::Accepted | Stage::Deliberating | Stage::Township | Stage::Express => Tone::Wait,
        Stage::Withdrawn | Stage::Merged => Tone::Idle,
    };
    Shown::new(tone, word)
}

fn line_pill(line: &Line, now: Instant) -> Shown {
    line.stage().map(|stage| pill(stage, line.is_late(now), line.reopens)).unwrap_or_default()
}

/// `还有 3 小时`, `逾期 2 天`: what one reads at a glance.
fn until(due: Instant, now: Instant) -> Text {
    let hours = (due.0 - now.0) / 3_600_000;
    match hours {
        ..=-48 => text!("逾期 {n} 天", n = -hours / 24),
        -47..=-1 => text!("逾期 {n} 小时", n = -hours),
        0 if due < now => text!("刚逾期"),
        0 => text!("一小时内"),
        1..=47 => text!("还有 {n} 小时", n = hours),
        _ => text!("还有 {n} 天", n = hours / 24),
    }
}

/// Villages in which the viewer may enter and handle matters: their own, or those of a township or county they keep.
async fn villages(ctx: &Ctx, conn: &mut Conn) -> AppResult<Vec<(DivisionCode, String)>> {
    let mut found: Vec<(DivisionCode, String)> = Vec::new();
    let scope = ctx.viewer()?.scope(Permission::MattersWrite);
    for area in scope.areas() {
        let divisions = crate::places::store::list(conn, *area).await?;
        for one in divisions.iter().filter(|one| one.level() == base::kernel::Level::Village) {
            if !found.iter().any(|(code, _)| *code == one.code) {
                found.push((one.code, one.short()));
            }
        }
    }
    Ok(found)
}

/// Whether the viewer works at one of these roles somewhere: the office opens boards, a cadre the inbox.
fn is_above(ctx: &Ctx) -> AppResult<bool> {
    let viewer = ctx.viewer()?;
    Ok([Role::Office, Role::Township, Role::Leader].iter().any(|role| viewer.has(*role)))
}
