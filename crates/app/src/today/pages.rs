//! The Today page.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Act, Shell, State as Shown, Task, TaskDay, Tile, Tone, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    text,
    web::AppResult,
};

use crate::{
    accounts::{Permission, Role, Viewer},
    places::short_name,
    postings::store::{self as postings, ListRow},
    spine::{
        facts::{
            Catalogue,
            read::{Place, Span, value},
        },
        tasks,
    },
    web::{AppRoutes, Ctx, routes as empty},
};

#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/", Permission::SignedIn, show)
}

#[derive(Template)]
#[template(path = "today/page.html")]
struct TodayPage {
    shell: Shell,
    sub: Text,
    days: Vec<TaskDay>,
    tiles: Vec<Tile>,
    /// What the page says when nothing is to be done.
    free: Text,
    /// The cadre's own posting.
    posting: Option<(Text, String)>,
    /// What the cadre does from here.
    acts: Vec<Act>,
}

const MOST: i64 = 100;

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let viewer = ctx.viewer()?.clone();
    let open = tasks::list_open(&mut conn, &viewer, ctx.today, MOST).await?;
    let own = own_posting(&mut conn, &viewer).await?;
    let place = place(&ctx, own.as_ref());
    let shell = ctx.shell(&mut conn, text!("今日"), place).await?;
    let tiles = match place.filter(|_| ctx.may(Permission::StatisticsRead)) {
        Some(place) => tiles(&mut conn, place, ctx.today).await?,
        None => Vec::new(),
    };
    let sub = match &own {
        Some(row) => text!(
            "{village} · 第 {n} 天 · {today}",
            village = short_name(row.village_name.as_deref().unwrap_or_default()),
            n = ctx.today.days_since(row.since) + 1,
            today = shell.today.clone()
        ),
        None => shell.today.clone(),
    };
    let posting = own.map(|row| {
        let village = short_name(row.village_name.as_deref().unwrap_or_default());
        let role = row.role().map(|role| Text::key(role.zh())).unwrap_or_default();
        (text!("{village} {role}", village = village, role = role), format!("/villages/{}", row.village))
    });
    let free = text!("没有要办的事。没有要填的表，有事时这里会列出来。");
    let mut acts = Vec::new();
    if posting.is_some() && ctx.may(Permission::LogWrite) {
        acts.push(Act::new(text!("记一笔"), "/log/new").primary().icon("pen"));
    }
    if posting.is_some() && ctx.may(Permission::PresenceOwn) {
        acts.extend([Act::new(text!("请假"), "/leaves/new"), Act::new(text!("记公出"), "/trips/new")]);
    }
    Ok(ctx.page(&TodayPage { shell, sub, days: by_day(open, ctx.today), tiles, free, posting, acts }))
}

/// The posting a cadre holds now.
async fn own_posting(conn: &mut Conn, viewer: &Viewer) -> AppResult<Option<ListRow>> {
    let Some(person) = viewer.person_id.as_deref().filter(|_| viewer.has(Role::Cadre)) else { return Ok(None) };
    Ok(postings::of_person(conn, person).await?.into_iter().find(|row| row.state == "on_post"))
}

fn place(ctx: &Ctx, own: Option<&ListRow>) -> Option<DivisionCode> {
    let scope = ctx.viewer().ok()?.scope(Permission::PlacesRead);
    own.map(|row| row.village).or_else(|| scope.home())
}

/// The few figures a place begins the day with; each opens.
async fn tiles(conn: &mut Conn, place: DivisionCode, today: Day) -> AppResult<Vec<Tile>> {
    if place.level() == Level::Village {
        return Ok(Vec::new());
    }
    let codes = ["village.posted", "posting.first_secretary", "posting.member", "team.in_place"];
    let (within, span) = (Place::of(place), Span { from: None, to: today });
    let mut tiles = Vec::new();
    for indicator in codes.iter().filter_map(|code| Catalogue::get().find(code)) {
        let amount = value(conn, indicator, &within, span).await?;
        tiles.push(Tile {
            label: Text::key(&indicator.name),
            figure: amount.to_string(),
            unit: Text::key(&indicator.unit),
            href: Some(format!("/figures/{}?place={place}", indicator.code)),
            state: None,
            note: Text::default(),
        });
    }
    Ok(tiles)
}

/// 逾期, 今天, 本周, 以后: only those that hold something.
fn by_day(open: Vec<tasks::Task>, today: Day) -> Vec<TaskDay> {
    let mut days: Vec<TaskDay> = [text!("逾期"), text!("今天"), text!("七天内"), text!("以后")]
        .into_iter()
        .map(|label| TaskDay { label, tasks: Vec::new() })
        .collect();
    for task in open {
        let left = task.due.days_since(today);
        let (at, due) = match left {
            i64::MIN..=-1 => (0, Shown::new(Tone::Late, text!("逾期 {n} 天", n = -left))),
            0 => (1, Shown::new(Tone::Wait, text!("今天"))),
            1..=7 => (2, Shown::new(Tone::Wait, Text::data(task.due.to_string()))),
            _ => (3, Shown::new(Tone::Idle, Text::data(task.due.to_string()))),
        };
        days[at].tasks.push(Task {
            title: Text::data(task.title),
            href: task.link,
            note: task.detail.map(Text::data).unwrap_or_default(),
            due,
            act: None,
        });
    }
    days.retain(|day| !day.tasks.is_empty());
    days
}
