//! Boards by state and lateness, and the screen of a village room.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Card, Cell, CompareRow, Lane, Link, Shell, State as Shown, Tile, Tone, filters},
    i18n::Text,
    kernel::{DivisionCode, Instant, Level},
    text,
    web::AppResult,
};

use super::{kind_zh, line_pill, pill, section, until};
use crate::{
    accounts::Scope,
    matters::{
        rules::Stage,
        store::{self, Line, Place},
    },
    packs::Pack,
    places::{self, short_name},
    web::Ctx,
};

/// Cards shown of a column.
const CARDS: i64 = 8;
const COLUMNS: [Stage; 6] =
    [Stage::Raised, Stage::Accepted, Stage::Deliberating, Stage::Township, Stage::Express, Stage::Solved];

#[derive(Template)]
#[template(path = "matters/pages/overview.html")]
struct BoardPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    tiles: Vec<Tile>,
    lanes: Vec<Lane>,
    heads: Vec<Text>,
    places: Vec<CompareRow>,
}

fn tile(label: Text, n: i64, href: String, state: Option<Shown>) -> Tile {
    Tile { label, figure: n.to_string(), unit: text!("件"), href: Some(href), state, note: Text::default() }
}

fn card(line: Line, pack: &Pack, now: Instant) -> Card {
    let village = short_name(line.village_name.as_deref().unwrap_or_default());
    let state = line.is_late(now).then(|| Shown::new(Tone::Late, until(line.due_at, now)));
    let due = if state.is_some() { Text::data(line.raised_on.to_string()) } else { until(line.due_at, now) };
    Card {
        href: line.href(),
        note: text!("{village} · {kind} · {due}", village = village, kind = kind_zh(pack, &line.kind), due = due),
        state,
        act: None,
        title: Text::data(line.title),
    }
}

fn sums(places: &BTreeMap<DivisionCode, Place>) -> Place {
    places.values().fold(Place::default(), |mut sum, place| {
        for (stage, n) in &place.by_stage {
            *sum.by_stage.entry(stage).or_default() += n;
        }
        sum.late += place.late;
        sum
    })
}

/// `/matters?state=…` at a place.
fn listed(place: DivisionCode, state: &str) -> String {
    format!("/matters?place={place}&state={state}")
}

fn row(name: String, code: DivisionCode, place: &Place) -> CompareRow {
    let n = |stage: Stage| Cell::num(place.of(stage)).link(listed(code, stage.code()));
    let late = Cell::num(place.late).link(listed(code, "late"));
    let open = Cell::num(place.open()).link(listed(code, ""));
    CompareRow {
        name: Text::data(name),
        href: (code.level() < Level::Village).then(|| format!("/matters/board?place={code}")),
        cells: vec![
            open,
            late,
            n(Stage::Raised),
            n(Stage::Accepted),
            n(Stage::Deliberating),
            n(Stage::Township),
            n(Stage::Express),
            n(Stage::Closed),
        ],
    }
}

fn heads() -> Vec<Text> {
    let stages = [Stage::Raised, Stage::Accepted, Stage::Deliberating, Stage::Township, Stage::Express, Stage::Closed];
    [Text::default(), text!("没有办完的"), text!("逾期")]
        .into_iter()
        .chain(stages.into_iter().map(|stage| Text::key(stage.zh())))
        .collect()
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let scope = ctx.scope.within(place);
    let now = ctx.app.clock.now();
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, place.county()).await?;
    let counts = store::counts(&mut conn, &scope, place.level(), now).await?;
    let whole = sums(&counts);
    let mut lanes = Vec::new();
    for stage in COLUMNS {
        let cards =
            if whole.of(stage) == 0 { Vec::new() } else { store::lane(&mut conn, &scope, stage, CARDS).await? };
        let more = i64::try_from(cards.len()).unwrap_or(0) < whole.of(stage);
        lanes.push(Lane {
            state: pill(stage, false, 0),
            count: u64::try_from(whole.of(stage)).unwrap_or(0),
            cards: cards.into_iter().map(|line| card(line, pack, now)).collect(),
            more: more.then(|| listed(place, stage.code())),
        });
    }
    let mut rows = Vec::new();
    if place.level() < Level::Village {
        for (code, counted) in &counts {
            let name = places::store::find(&mut conn, *code).await?.map(|place| place.short());
            rows.push(row(name.unwrap_or_else(|| code.to_string()), *code, counted));
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.cells.get(1).map(|cell| cell.text.zh().parse().unwrap_or(0_i64))));
    }
    let late = (whole.late > 0).then(|| Shown::new(Tone::Late, text!("要先办")));
    let held = (whole.of(Stage::Held) > 0).then(|| Shown::new(Tone::Stop, text!("要先看")));
    let page = BoardPage {
        shell: ctx.shell(&mut conn, text!("事项看板"), Some(place)).await?,
        sub: text!("数字从每一步记下，点开就是这些事项"),
        views: section(&ctx, "/matters/board"),
        tiles: vec![
            tile(text!("没有办完的"), whole.open(), listed(place, ""), None),
            tile(text!("逾期"), whole.late, listed(place, "late"), late),
            tile(text!("待审"), whole.of(Stage::Held), listed(place, "held"), held),
            tile(text!("已办结"), whole.of(Stage::Closed), listed(place, "closed"), None),
        ],
        lanes,
        heads: heads(),
        places: rows,
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "matters/pages/screen.html")]
struct ScreenPage {
    shell: Shell,
    place: String,
    address: String,
    now: String,
    figures: Vec<(Text, i64, &'static str)>,
    lines: Vec<ScreenLine>,
    back: String,
}

/// A matter as everybody in the room may read it: no name, nothing of what was said.
struct ScreenLine {
    number: i64,
    kind: Text,
    raised: String,
    state: Shown,
    due: Text,
}

/// Lines that a screen shows without moving.
const ON_SCREEN: i64 = 10;

pub async fn screen(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let scope: Scope = ctx.scope.within(place);
    let now = ctx.app.clock.now();
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, place.county()).await?;
    let whole = sums(&store::counts(&mut conn, &scope, place.level(), now).await?);
    let mut lines = Vec::new();
    for line in store::list(&mut conn, &scope, &store::Filter::default(), ON_SCREEN, 0).await? {
        let Some(stage) = line.stage().filter(|stage| *stage != Stage::Held) else { continue };
        lines.push(ScreenLine {
            number: line.number,
            kind: kind_zh(pack, &line.kind),
            raised: line.raised_on.to_string(),
            state: line_pill(&line, now),
            due: if stage.is_in_hand() { until(line.due_at, now) } else { Text::default() },
        });
    }
    let names = places::store::path(&mut conn, place).await?;
    let address = Address::parse("/matters/screen").with("place", &place.to_string()).to_string();
    let page = ScreenPage {
        shell: ctx.shell(&mut conn, text!("群众说事室"), Some(place)).await?,
        place: names.last().map(places::Division::short).unwrap_or_default(),
        address,
        now: now.local_minute(),
        figures: vec![
            (text!("正在办"), whole.open() - whole.of(Stage::Solved) - whole.of(Stage::Held), "wait"),
            (text!("等您评价"), whole.of(Stage::Solved), "ok"),
            (text!("逾期"), whole.late, "late"),
            (text!("已办结"), whole.of(Stage::Closed), "ok"),
        ],
        lines,
        back: format!("/matters?place={place}"),
    };
    Ok(ctx.page(&page))
}
