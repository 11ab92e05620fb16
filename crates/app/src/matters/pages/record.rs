//! A matter's page: the whole story from the card to the close, and what may be done now.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act as Button, Event, Fact, Link, Shell, State as Shown, Step as Stop, StepState, Tone, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult},
};

use super::{
    attach::media_type,
    channel_zh, find, handles, kind_zh, pill,
    suggested::{self, Suggested},
    until,
};
use crate::{
    accounts::Permission,
    flows, households,
    matters::{
        acts::{VILLAGER, phone_place},
        members,
        rules::{Act, Decision, Hold, How, Matter, Stage, State, Step, noted},
        store::{self, DeliberationRow, EventRow},
    },
    packs::Pack,
    places,
    spine::files,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "matters/pages/matter.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    note: Option<Text>,
    steps: Vec<Stop>,
    acts: Vec<Button>,
    words: String,
    urgent: bool,
    pictures: Vec<String>,
    voices: Vec<String>,
    suggested: Vec<Suggested>,
    outcome: Option<(Text, String)>,
    deliberations: Vec<Meeting>,
    facts: Vec<Fact>,
    events: Vec<Event>,
    merged: Option<Link>,
}

struct Meeting {
    head: Text,
    minutes: String,
    decision: Text,
}

/// The steps of its life, as far as it went.
fn stops(matter: &Matter) -> Vec<Stop> {
    let now = match matter.stage() {
        Stage::Held | Stage::Raised => 0,
        Stage::Accepted => 1,
        Stage::Deliberating | Stage::Township | Stage::Express => 2,
        Stage::Solved => 3,
        Stage::Closed => 4,
        Stage::Withdrawn | Stage::Merged => return Vec::new(),
    };
    let above = match matter.stage() {
        Stage::Deliberating | Stage::Township | Stage::Express => Text::key(matter.stage().zh()),
        Stage::Held
        | Stage::Raised
        | Stage::Accepted
        | Stage::Solved
        | Stage::Closed
        | Stage::Withdrawn
        | Stage::Merged => text!("议事、上报"),
    };
    let solved = matter.state.done().map(|done| done.on.to_string()).unwrap_or_default();
    let rated = matter.state.rating().map(|rating| Text::key(rating.level.zh())).unwrap_or_default();
    let stop = |at: usize, label: Text, note: Text| {
        let state = match at.cmp(&now) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal if now == 4 => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Now,
            std::cmp::Ordering::Greater => StepState::Ahead,
        };
        Stop { label, note, state }
    };
    let mut stops = vec![
        stop(0, text!("提出"), Text::data(matter.raised_on.to_string())),
        stop(1, text!("受理办理"), Text::default()),
    ];
    // Most matters never leave the village: the stop is there only where one is, or was not solved before it.
    if now == 2 {
        stops.push(stop(2, above, Text::default()));
    }
    stops.push(stop(3, text!("办结"), Text::data(solved)));
    stops.push(stop(4, text!("群众评价"), rated));
    stops
}

/// What may be done now, the likeliest first; one of it stands out.
fn acts(ctx: &Ctx, matter: &Matter, root: &str) -> AppResult<Vec<Button>> {
    let viewer = ctx.viewer()?;
    let may = |step: &Step| step.fits(matter) && viewer.holds_at(step.roles(matter), matter.village);
    let mut buttons = Vec::new();
    for step in Step::ALL.into_iter().filter(may) {
        let button = Button::new(Text::key(step.zh()), format!("{root}/steps/{}", step.code()));
        let stands_out = matches!(
            (step, matter.stage()),
            (Step::Release, Stage::Held)
                | (Step::Accept, Stage::Raised)
                | (Step::Solve, Stage::Accepted | Stage::Township)
                | (Step::Decide, Stage::Deliberating)
        );
        let danger = matches!(step, Step::Refuse);
        buttons.push(if stands_out {
            button.primary()
        } else if danger {
            button.danger()
        } else {
            button
        });
    }
    Ok(buttons)
}

fn event(row: EventRow) -> Event {
    let act = Act::parse(&row.act);
    let tone = match act {
        Some(Act::Solve | Act::Rate | Act::Expire | Act::Card) => Tone::Ok,
        Some(Act::Climb | Act::Reopen) => Tone::Late,
        Some(Act::Refuse | Act::Withdraw) => Tone::Stop,
        Some(Act::Note | Act::Hand | Act::Code | Act::Release) => Tone::Idle,
        Some(
            Act::Raise
            | Act::Accept
            | Act::Answer
            | Act::Add
            | Act::Deliberate
            | Act::Decide
            | Act::Township
            | Act::Back
            | Act::Express
            | Act::Explain
            | Act::Merge,
        )
        | None => Tone::Wait,
    };
    let what = act.map(|act| Text::key(act.zh())).unwrap_or_default();
    Event {
        tone,
        who: match row.account_id.as_str() {
            "system" => text!("系统"),
            VILLAGER => text!("群众"),
            _ => Text::data(row.actor),
        },
        what,
        when: row.at.local_minute(),
        note: noted(act, row.words),
        href: None,
    }
}

fn meeting(row: DeliberationRow) -> Meeting {
    Meeting {
        head: text!("{day}，{chair} 主持，{n} 人到会", day = row.day, chair = Text::data(row.chair), n = row.present),
        minutes: row.minutes,
        decision: Decision::parse(&row.decision).map(|decision| Text::key(decision.zh())).unwrap_or_default(),
    }
}

async fn facts(ctx: &Ctx, conn: &mut Conn, matter: &Matter, pack: &Pack) -> AppResult<Vec<Fact>> {
    let handles = handles(ctx, matter.village)?;
    let village = places::store::find(conn, matter.village).await?.map(|place| place.short()).unwrap_or_default();
    let size = text!("{size} · {kind}", size = Text::key(matter.size.zh()), kind = kind_zh(pack, &matter.kind));
    let channel = match &matter.outside_number {
        Some(number) => text!("{channel} {number}", channel = channel_zh(matter.channel.code()), number = number),
        None => channel_zh(matter.channel.code()),
    };
    let mut facts = vec![
        Fact::new(text!("村"), Text::data(village)).link(format!("/villages/{}", matter.village)),
        Fact::new(text!("种类"), size),
        Fact::new(text!("来源"), channel),
        Fact::new(text!("提出"), Text::data(matter.raised_at.local_minute())),
    ];
    if let Some(name) = &matter.raiser {
        facts.push(Fact::new(text!("谁提的"), Text::data(name)));
    }
    if let Some(household) = &matter.household_id
        && let Some(row) = households::store::find(conn, matter.county, household).await?
        && handles
    {
        let home =
            text!("{head}家（{team}）", head = Text::data(&row.head), team = row.team.clone().unwrap_or_default());
        facts.push(Fact::new(text!("农户"), home).link(format!("/households?place={}", matter.village)));
    }
    if let Some(sealed) = matter.phone_sealed.as_deref().filter(|_| handles) {
        let phone = ctx.app.keys.open(&phone_place(&matter.id), sealed)?.to_string();
        facts.push(Fact::new(text!("电话"), Text::data(&phone)).link(format!("tel:{phone}")));
    }
    if let Some(proxy) = &matter.proxy {
        facts.push(Fact::new(text!("代录"), Text::data(proxy)));
    }
    if let Some(member) = &matter.member_id
        && let Some(row) = members::store::find(conn, matter.county, member).await?
    {
        facts.push(Fact::new(text!("联系党员"), Text::data(row.name)));
    }
    if let Some(department) = &matter.department {
        facts.push(Fact::new(text!("责任部门"), Text::data(department)));
    }
    if matter.stage().is_in_hand() {
        let now = ctx.app.clock.now();
        facts.push(Fact::new(text!("谁在办"), Text::key(matter.post.zh())));
        let due = text!("{at}，{left}", at = matter.due_at.local_minute(), left = until(matter.due_at, now));
        facts.push(Fact::new(text!("期限"), due));
    }
    if let Some(hours) = matter.answer_hours() {
        facts.push(Fact::new(text!("首次答复"), text!("{n} 小时内", n = hours)));
    }
    if let Some(rating) = matter.state.rating() {
        let level = Text::key(rating.level.zh());
        let said = match &rating.proxy {
            Some(name) => text!("{level}（{name}代记）", level = level, name = name),
            None => level,
        };
        facts.push(Fact::new(text!("群众评价"), said));
    }
    Ok(facts)
}

/// What is to be known before anything else.
fn note(matter: &Matter) -> Option<Text> {
    match &matter.state {
        State::Held { why } => Some(match why {
            Hold::Trap | Hold::Often | Hold::Village | Hold::Odd => {
                text!("先看再办：{why}。放行后才算数。", why = Text::key(why.zh()))
            }
        }),
        State::Withdrawn { why } => Some(text!("这件事不再办：{why}", why = Text::data(why))),
        State::PassedToExpress { problem_id: None } => Some(text!("已转项目直通车，由驻村办接手。")),
        State::Raised
        | State::Accepted
        | State::Deliberating
        | State::PassedToTownship
        | State::PassedToExpress { problem_id: Some(_) }
        | State::Solved { .. }
        | State::Closed { .. }
        | State::Merged { .. } => None,
    }
}

/// The story's first line where the household is known: the card that was brought to its door.
async fn card_event(conn: &mut Conn, matter: &Matter) -> AppResult<Option<Event>> {
    let Some(household) = &matter.household_id else { return Ok(None) };
    let day: Option<Day> = flows::card_day(conn, matter.village, household).await?;
    Ok(day.filter(|day| *day <= matter.raised_on).map(|day| Event {
        tone: Tone::Ok,
        who: text!("联心卡"),
        what: Text::key(Act::Card.zh()),
        when: day.to_string(),
        note: Text::default(),
        href: Some(format!("/villages/{}/card", matter.village)),
    }))
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let matter = find(&ctx, &mut conn, &county, &id).await?;
    let pack = ctx.pack(&mut conn, matter.county).await?;
    let root = format!("/matters/{county}/{id}");
    let rows = store::events(&mut conn, matter.county, &id, true).await?;
    let mut events: Vec<Event> = rows.into_iter().map(event).collect();
    events.extend(card_event(&mut conn, &matter).await?);
    let attached = store::files_of(&mut conn, matter.county, &id).await?;
    let of = |kind: &str| -> Vec<String> {
        attached.iter().filter(|(_, one)| one == kind).map(|(file, _)| format!("{root}/files/{file}")).collect()
    };
    let names = places::store::path(&mut conn, matter.village).await?;
    let name = |at: usize| names.iter().rev().nth(at).map(places::Division::short).unwrap_or_default();
    let suggested = suggested::of(&ctx, &mut conn, &matter, pack).await?.lines;
    let merged = match &matter.state {
        State::Merged { into } => store::find(&mut conn, matter.county, into).await?.map(|other| {
            let label = text!("并入第 {n} 号 {title}", n = other.number, title = Text::data(other.title.as_str()));
            Link::new(label, format!("/matters/{}/{}", other.county, other.id))
        }),
        State::Held { .. }
        | State::Raised
        | State::Accepted
        | State::Deliberating
        | State::PassedToTownship
        | State::PassedToExpress { .. }
        | State::Solved { .. }
        | State::Closed { .. }
        | State::Withdrawn { .. } => None,
    };
    let outcome = matter.state.done().map(|done| {
        let head = match done.how {
            How::Resolved => text!("{name} {day} 办结", name = Text::data(&done.name), day = done.on),
            How::Explained => text!("{name} {day} 解释说明，没有办成", name = Text::data(&done.name), day = done.on),
        };
        (head, done.words.clone())
    });
    let meetings = store::deliberations(&mut conn, matter.county, &id).await?;
    let page = ShowPage {
        shell: ctx.shell(&mut conn, Text::data(matter.title.as_str()), Some(matter.village)).await?,
        sub: text!("第 {n} 号 · {township} {village}", n = matter.number, township = name(1), village = name(0)),
        state: pill(matter.stage(), matter.is_late(ctx.app.clock.now()), matter.reopens),
        note: note(&matter),
        steps: stops(&matter),
        acts: if ctx.may(Permission::MattersWrite) { acts(&ctx, &matter, &root)? } else { Vec::new() },
        words: matter.words.clone(),
        urgent: matter.urgent && matter.stage().is_in_hand(),
        pictures: of("picture"),
        voices: of("voice"),
        suggested,
        outcome,
        deliberations: meetings.into_iter().map(meeting).collect(),
        facts: facts(&ctx, &mut conn, &matter, pack).await?,
        events,
        merged,
    };
    Ok(ctx.page(&page))
}

/// A picture in the page; voice as a file to save. Only of matters within the scope.
pub async fn file(ctx: Ctx, Path((county, id, file)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let matter = find(&ctx, &mut conn, &county, &id).await?;
    let kind = store::file_of(&mut conn, matter.county, &id, &file).await?.ok_or(AppError::NotFound)?;
    let kept = files::find(&mut conn, matter.county, &file).await?.ok_or(AppError::NotFound)?;
    let bytes = ctx.app.files.content(&kept).await.map_err(|error| AppError::Internal(error.into()))?;
    if kind == "picture" {
        return Ok(Ctx::picture(bytes));
    }
    Ok(Ctx::download(&kept.name, media_type(&kept.media_type), bytes))
}
