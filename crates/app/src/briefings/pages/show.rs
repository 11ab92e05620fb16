//! One briefing: its text with figures that open, where they differ today, and its files.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, Event, Fact, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        paper::{Format, Paper},
        rules::{Figure, Paragraph, Part, State, handwritten},
        store::{self, Briefing, EventRow},
        templates,
    },
    found,
    list::state_of,
    own,
};
use crate::{
    accounts::Permission,
    places,
    spine::facts::{figure_then, written_span},
    web::Ctx,
};

#[derive(Template)]
#[template(path = "briefings/show.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    acts: Vec<Act>,
    text: Vec<Shaped>,
    facts: Vec<Fact>,
    files: Vec<Link>,
    figures: Vec<Line>,
    /// Numbers in the words that open to nothing.
    handwritten: String,
    missing: usize,
    today: String,
    events: Vec<Event>,
}

struct Shaped {
    heading: bool,
    pieces: Vec<Piece>,
}

/// Words, or a figure that opens.
struct Piece {
    text: String,
    href: Option<String>,
    /// What was computed, where a hand changed it.
    computed: Option<String>,
    missing: bool,
}

struct Line {
    name: String,
    href: Option<String>,
    shown: String,
    computed: String,
    mark: Option<Shown>,
    note: Text,
}

/// Where a figure opens; one that the catalogue does not know opens nowhere.
fn href(briefing: &Briefing, figure: &Figure) -> Option<String> {
    figure.amount.map(|_| figure_then(&figure.code, briefing.place, briefing.span))
}

fn shaped(briefing: &Briefing, paragraph: &Paragraph) -> Shaped {
    let piece = |part: &Part| match part {
        Part::Text(text) => Piece { text: text.clone(), href: None, computed: None, missing: false },
        Part::Figure(position) => match briefing.figures.iter().find(|figure| figure.position == *position) {
            None => Piece { text: String::new(), href: None, computed: None, missing: false },
            Some(figure) => Piece {
                text: figure.shown.clone(),
                href: href(briefing, figure),
                computed: figure.hand.as_ref().map(|_| figure.computed.clone()),
                missing: figure.is_missing(),
            },
        },
    };
    Shaped { heading: paragraph.heading, pieces: paragraph.parts.iter().map(piece).collect() }
}

fn line(briefing: &Briefing, figure: &Figure) -> Line {
    let (mark, note) = match &figure.hand {
        Some(hand) => {
            (Some(Shown::new(Tone::Late, text!("手改"))), text!("{name} {day}", name = hand.by, day = hand.on))
        }
        None if figure.is_missing() => (Some(Shown::new(Tone::Stop, text!("缺"))), text!("指标目录里没有")),
        None => (None, Text::default()),
    };
    let mark = if figure.removed { Some(Shown::new(Tone::Idle, text!("已从正文删去"))) } else { mark };
    Line {
        name: figure.name.clone(),
        href: href(briefing, figure),
        shown: figure.shown.clone(),
        computed: figure.computed.clone(),
        mark,
        note,
    }
}

fn what(act: &str) -> Text {
    match act {
        "make" => text!("起草"),
        "edit" => text!("改了文字"),
        "recount" => text!("按现在的记录重新取数"),
        "sign" => text!("签发"),
        _ => text!("作废"),
    }
}

fn event(row: EventRow) -> Event {
    Event {
        tone: if row.act == "sign" { Tone::Ok } else { Tone::Idle },
        who: Text::data(row.actor),
        what: what(&row.act),
        when: row.at.local_minute(),
        note: Text::data(row.words.unwrap_or_default()),
        href: None,
    }
}

fn may_do(ctx: &Ctx, briefing: &Briefing) -> Vec<Act> {
    let own = own(briefing);
    if briefing.state != State::Draft {
        return Vec::new();
    }
    let scope = |permission| ctx.viewer().is_ok_and(|viewer| viewer.scope(permission).holds(briefing.place));
    let (writes, signs) = (scope(Permission::BriefingsWrite), scope(Permission::BriefingsSign));
    let mut acts = Vec::new();
    if writes {
        let edit = Act::new(text!("编辑"), format!("{own}/text")).icon("pen");
        acts.push(if signs { edit } else { edit.primary() });
        acts.push(Act::new(text!("重新取数"), format!("{own}/recount")).post());
    }
    if signs {
        acts.push(Act::new(text!("签发"), format!("{own}/signature")).primary());
    }
    if writes {
        acts.push(Act::new(text!("作废"), format!("{own}/cancellation")).danger());
    }
    acts
}

async fn place_name(conn: &mut Conn, briefing: &Briefing) -> AppResult<String> {
    Ok(places::store::find(conn, briefing.place).await?.map(|one| one.short()).unwrap_or_default())
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    let name = place_name(&mut conn, &briefing).await?;
    let own = own(&briefing);
    let mut facts = vec![
        Fact::new(text!("地方"), Text::data(name.clone())),
        Fact::new(text!("时间段"), Text::data(written_span(briefing.span))),
        Fact::new(text!("数字取自"), text!("{day} 的记录", day = briefing.counted_on)),
        Fact::new(text!("起草人"), Text::data(briefing.actor.clone())),
    ];
    if let Some(template) = templates::find(&briefing.template) {
        facts.push(Fact::new(text!("模板"), Text::data(template.say.clone())));
    }
    if let State::Signed { by, on } = &briefing.state {
        facts.push(Fact::new(text!("签发"), text!("{name} {day}", name = by, day = on)));
    }
    let events = store::events(&mut conn, briefing.county, &briefing.id).await?;
    let file = |format: Format, label: Text| Link::new(label, format!("{own}/briefing.{}", format.ending()));
    let page = ShowPage {
        shell: ctx.shell(&mut conn, Text::data(briefing.title.clone()), Some(briefing.place)).await?,
        sub: text!("{place} · {span}", place = name, span = written_span(briefing.span)),
        state: state_of(briefing.state.code()),
        acts: may_do(&ctx, &briefing),
        text: briefing.text.iter().map(|paragraph| shaped(&briefing, paragraph)).collect(),
        facts,
        files: vec![
            file(Format::Docx, text!("Word（.docx）")),
            file(Format::Pdf, text!("PDF")),
            file(Format::Txt, text!("纯文字（.txt）")),
        ],
        figures: briefing.figures.iter().map(|figure| line(&briefing, figure)).collect(),
        handwritten: handwritten(&briefing.text, &briefing.drafted).join("、"),
        missing: briefing.figures.iter().filter(|figure| !figure.removed && figure.is_missing()).count(),
        today: format!("{own}/today"),
        events: events.into_iter().map(event).collect(),
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "briefings/today.html")]
struct TodayPage {
    shell: Shell,
    sub: Text,
    back: String,
    rows: Vec<Compared>,
    same: usize,
}

/// A figure that is another one today.
struct Compared {
    name: String,
    href: Option<String>,
    then: String,
    now: String,
}

/// Which figures of a briefing the records give differently today.
pub(super) async fn differing(conn: &mut Conn, briefing: &Briefing) -> AppResult<Vec<(Figure, Figure)>> {
    let now = acts::today(conn, briefing).await?;
    let pairs = briefing.figures.iter().cloned().zip(now).filter(|(then, _)| !then.removed);
    Ok(pairs.filter(|(then, now)| then.amount != now.amount || then.computed != now.computed).collect())
}

pub async fn today(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    let differing = differing(&mut conn, &briefing).await?;
    let shown = briefing.figures.iter().filter(|figure| !figure.removed).count();
    let row = |(then, now): &(Figure, Figure)| Compared {
        name: then.name.clone(),
        href: href(&briefing, now),
        then: then.computed.clone(),
        now: now.computed.clone(),
    };
    let page = TodayPage {
        shell: ctx.shell(&mut conn, text!("和今天的数比"), Some(briefing.place)).await?,
        sub: text!("{title}：当时取自 {day} 的记录", title = briefing.title, day = briefing.counted_on),
        back: own(&briefing),
        rows: differing.iter().map(row).collect(),
        same: shown.saturating_sub(differing.len()),
    };
    Ok(ctx.page(&page))
}

pub async fn file(ctx: Ctx, Path((county, id)): Path<(String, String)>, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let briefing = found(&ctx, &mut conn, &county, &id).await?;
    let name = place_name(&mut conn, &briefing).await?;
    drop(conn);
    let paper = Paper::of(&briefing, &name);
    let file_name = format!("{}-{}.{}", paper.title, briefing.span.to, format.ending());
    let bytes = tokio::task::spawn_blocking(move || paper.bytes(format)).await;
    let bytes = bytes.map_err(|error| AppError::Internal(error.into()))??;
    Ok(Ctx::download(&file_name, format.media_type(), bytes))
}
