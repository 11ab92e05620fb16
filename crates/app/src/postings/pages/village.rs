//! A village's page: who is there, who was, what it is, and whether it has what it must have.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Act, Address, Event, Fact, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Fen, Level},
    text,
    web::{AppError, AppResult},
};

use super::list::Line;
use crate::{
    accounts::Permission,
    flows,
    places::{self, Division, Village},
    postings::{Ledger, store},
    web::Ctx,
};

#[derive(Template)]
#[template(path = "postings/village.html")]
struct VillagePage {
    shell: Shell,
    sub: String,
    state: Option<Shown>,
    acts: Vec<Act>,
    /// The day the page looks at; today unless asked otherwise.
    day: Day,
    is_today: bool,
    on_post: Vec<Line>,
    earlier: Vec<Line>,
    teams: Vec<(Text, String, String)>,
    facts: Vec<Fact>,
    stars: Vec<(i64, i64)>,
    income: Vec<(i64, String)>,
    neighbours: Vec<(String, String)>,
    /// What was last recorded here, and where the rest stands.
    recent: Vec<Event>,
    log_href: String,
    /// How its matters stand; nothing for those who may not read them.
    matters: Vec<Fact>,
    matters_href: String,
}

/// The latest of its story that the page shows.
const RECENT: i64 = 8;

/// Each figure leads to the matters that it counts.
fn matters(tally: &flows::Tally, code: DivisionCode) -> Vec<Fact> {
    let fact = |label: Text, n: i64, state: &str| {
        Fact::new(label, text!("{n} 件", n = n)).link(format!("/matters?place={code}{state}"))
    };
    vec![
        fact(text!("没有了结的"), tally.open, ""),
        fact(text!("其中逾期"), tally.late, "&state=late"),
        fact(text!("其中待评价"), tally.solved, "&state=solved"),
        fact(text!("已办结"), tally.closed, "&state=closed"),
    ]
}

pub async fn show(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let code = DivisionCode::parse(&code).filter(|code| code.level() == Level::Village).ok_or(AppError::NotFound)?;
    ctx.scope.require(code)?;
    let address = Address::parse(&ctx.address);
    let day = match address.get("on") {
        "" => ctx.today,
        text => Day::parse(text).ok_or_else(|| AppError::BadRequest(text!("日期应写作 2024-01-18。")))?,
    };
    let mut conn = ctx.read().await?;
    let division = places::store::find(&mut conn, code).await?.ok_or(AppError::NotFound)?;
    let path = places::store::path(&mut conn, code).await?;
    let village = places::store::find_village(&mut conn, code).await?.unwrap_or_default();
    let (mut on_post, mut earlier) = (Vec::new(), Vec::new());
    for row in store::of_village(&mut conn, code).await? {
        let held = matches!(row.state.as_str(), "on_post" | "ended");
        let holds = held && row.since <= day && row.until.is_none_or(|until| day < until);
        if holds { on_post.push(Line::from(row)) } else { earlier.push(Line::from(row)) }
    }
    let pack = ctx.pack(&mut conn, code.county()).await?;
    let coverage = store::coverage(&mut conn, code.area(), day, pack).await?;
    let state = coverage.required.first().map(|row| {
        if row.is_met() {
            Shown::new(Tone::Ok, text!("已派齐"))
        } else if row.lacks_first_secretary() {
            Shown::new(Tone::Stop, text!("缺第一书记"))
        } else {
            Shown::new(Tone::Late, text!("缺工作队"))
        }
    });
    let teams = store::teams_of(&mut conn, code, day).await?.into_iter().map(|team| {
        let ledger = Ledger::parse(&team.ledger).map(|ledger| Text::key(ledger.zh())).unwrap_or_default();
        (ledger, team.lead_unit.unwrap_or_default(), team.since.to_string())
    });
    let teams = teams.collect();
    let mut neighbours = Vec::new();
    for code in &village.neighbours {
        if let Some(division) = places::store::find(&mut conn, *code).await? {
            neighbours.push((division.short(), format!("/villages/{code}")));
        }
    }
    let story = flows::village_story(&ctx, &mut conn, code, RECENT).await?;
    let shell = ctx.shell(&mut conn, Text::data(division.short()), Some(code)).await?;
    let page = VillagePage {
        shell,
        sub: above(&path),
        state,
        acts: acts(&ctx, code),
        day,
        is_today: day == ctx.today,
        on_post,
        earlier,
        teams,
        facts: facts(&village, day),
        stars: village.stars.clone(),
        income: village.income.iter().map(|(year, fen)| (*year, Fen(*fen).to_string())).collect(),
        neighbours,
        log_href: if story.reads_log { format!("/log?place={code}") } else { String::new() },
        matters_href: format!("/matters?place={code}&state=all"),
        matters: story.matters.map(|tally| matters(&tally, code)).unwrap_or_default(),
        recent: story.events,
    };
    Ok(ctx.page(&page))
}

/// 河南省 南阳市 社旗县 苗店镇
fn above(path: &[Division]) -> String {
    let names: Vec<String> = path.iter().rev().skip(1).rev().map(Division::short).collect();
    names.join(" ")
}

fn acts(ctx: &Ctx, code: DivisionCode) -> Vec<Act> {
    let mut acts = Vec::new();
    if ctx.may(Permission::CardsRead) {
        acts.push(Act::new(text!("联心卡"), format!("/villages/{code}/card")));
        acts.push(Act::new(text!("身份牌"), format!("/villages/{code}/board")));
    }
    if ctx.may(Permission::PlacesWrite) {
        acts.push(Act::new(text!("修改村情"), format!("/places/{code}/edit")));
    }
    if ctx.may(Permission::PostingsWrite) {
        acts.push(Act::new(text!("登记派驻"), format!("/postings/new?village={code}")).primary().icon("plus"));
    }
    acts
}

fn facts(village: &Village, day: Day) -> Vec<Fact> {
    let categories: Vec<&str> = village.categories_on(day).into_iter().map(places::VillageCategory::zh).collect();
    let category = match categories.as_slice() {
        [one] => Text::key(one),
        many => Text::data(many.join("、")),
    };
    let count = |n: Option<i64>, unit: Text| match n {
        Some(n) => text!("{n} {unit}", n = n, unit = unit),
        None => text!("未填"),
    };
    let words = |words: &[String]| if words.is_empty() { text!("未填") } else { Text::data(words.join("、")) };
    vec![
        Fact::new(text!("村类别"), if category.is_empty() { text!("未填") } else { category }),
        Fact::new(text!("农户"), count(village.households, text!("户"))),
        Fact::new(text!("人口"), count(village.members, text!("人"))),
        Fact::new(text!("脱贫户"), count(village.poor_households, text!("户"))),
        Fact::new(text!("监测户"), count(village.monitored_households, text!("户"))),
        Fact::new(text!("产业"), words(&village.industries)),
        Fact::new(text!("需求"), words(&village.needs)),
    ]
}
