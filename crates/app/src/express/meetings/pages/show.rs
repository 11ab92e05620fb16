//! A meeting's page, its printed agenda and its list of promises.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, ConfirmPage, Event, Fact, Form, Shell, State as Shown, filters},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{Outcome, State, said},
        store::{self, ItemRow, MeetingRow},
    },
    find, pill, state_of,
};
use crate::{
    accounts::{Permission, Scope},
    express::{county, events, money, problems},
    places::{self, short_name},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/meetings/show.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    acts: Vec<Act>,
    form: Form,
    groups: Vec<Group>,
    facts: Vec<Fact>,
    events: Vec<Event>,
}

/// The lines of one department.
pub(super) struct Group {
    pub unit: Text,
    pub lines: Vec<Line>,
}

pub(super) struct Line {
    pub at: usize,
    pub href: String,
    pub title: String,
    pub words: String,
    pub village: String,
    pub who: String,
    pub amount: Text,
    pub due: String,
    pub is_struck_off: bool,
    pub state: Shown,
    pub outcome: Text,
    pub said: Text,
    pub unit: String,
    /// Takes it off the agenda.
    pub removal: Option<String>,
}

/// A line as the page shows it; lines count from 1.
pub(super) fn line(at: usize, item: ItemRow, ctx: &Ctx) -> Line {
    let village = short_name(&item.village_name.clone().unwrap_or_else(|| item.village.to_string()));
    let is_late = matches!(item.state.as_str(), "claimed" | "under_way") && item.due.is_some_and(|due| due < ctx.today);
    Line {
        at: at + 1,
        href: item.href(),
        village: format!("{}{village}", item.township_name.unwrap_or_default()),
        who: item.reporter,
        amount: item.amount.map(money::shown).unwrap_or_default(),
        due: item.due.map(|day| day.to_string()).unwrap_or_default(),
        is_struck_off: item.state == "struck_off",
        state: problems::pill(&item.state, is_late),
        outcome: item.outcome.as_deref().and_then(Outcome::parse).map(|one| Text::key(one.zh())).unwrap_or_default(),
        said: said(item.words),
        unit: item.now_unit.or(item.unit_name).unwrap_or_default(),
        title: item.title,
        words: item.problem_words,
        removal: None,
    }
}

fn groups(row: &MeetingRow, items: Vec<ItemRow>, may_remove: bool, ctx: &Ctx) -> Vec<Group> {
    let mut groups: Vec<(Option<String>, Group)> = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let unit = item.unit_name.clone();
        let removal = (may_remove && item.outcome.is_none())
            .then(|| format!("{}/lines/{}/{}/removal", row.address(), item.county_id, item.problem_id));
        let shown = Line { removal, ..line(at, item, ctx) };
        match groups.iter_mut().find(|(name, _)| *name == unit) {
            Some((_, group)) => group.lines.push(shown),
            None => {
                let name = unit.as_ref().map_or_else(|| text!("会上定单位"), Text::data);
                groups.push((unit, Group { unit: name, lines: vec![shown] }));
            }
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn steers(ctx: &Ctx, row: &MeetingRow) -> AppResult<bool> {
    Ok(ctx.viewer()?.scope(Permission::ProblemsSteer).holds(row.division))
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = page(&ctx, &mut conn, (&county, &id), Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, (county, id): (&str, &str), form: Form) -> AppResult<ShowPage> {
    let (row, items) = find(ctx, conn, county, id).await?;
    let state = state_of(&row)?;
    let steers = steers(ctx, &row)?;
    let root = row.address();
    let mut acts = vec![Act::new(text!("议程"), format!("{root}/agenda")).icon("print")];
    if state != State::Planned {
        acts.push(Act::new(text!("整改清单"), format!("{root}/promises")).icon("list"));
    }
    if steers {
        if state != State::Cancelled {
            acts.push(Act::new(text!("改会期和地点"), format!("{root}/edit")));
        }
        match state {
            State::Planned => {
                acts.push(Act::new(text!("取消"), format!("{root}/cancellation")).danger());
                acts.push(Act::new(text!("更新议程"), format!("{root}/agenda")).post());
                acts.push(Act::new(text!("预览大屏"), format!("{root}/screen")));
                if row.day <= ctx.today {
                    acts.push(Act::new(text!("开会"), format!("{root}/begin")).post().primary());
                }
            }
            State::UnderWay => {
                acts.push(Act::new(text!("更新议程"), format!("{root}/agenda")).post());
                acts.push(Act::new(text!("散会"), format!("{root}/close")).post());
                acts.push(Act::new(text!("大屏"), format!("{root}/screen")).primary());
            }
            State::Held | State::Cancelled => {}
        }
    }
    let count = |outcome: Outcome| items.iter().filter(|item| item.outcome.as_deref() == Some(outcome.code())).count();
    let struck = items.iter().filter(|item| item.outcome.is_some() && item.state == "struck_off").count();
    let mut facts = vec![Fact::new(text!("日期"), Text::data(row.day.to_string()))];
    for (label, value) in [(text!("地点"), &row.place), (text!("主持"), &row.chair)] {
        facts.extend(value.as_ref().map(|value| Fact::new(label, Text::data(value))));
    }
    facts.push(Fact::new(text!("议题"), Text::data(items.len().to_string())));
    for outcome in Outcome::ALL {
        let n = count(outcome);
        if n > 0 {
            facts.push(Fact::new(Text::key(outcome.zh()), Text::data(n.to_string())));
        }
    }
    facts.push(Fact::new(text!("其中已销号"), Text::data(struck.to_string())));
    let story = events::list(conn, row.county_id, acts::KIND, id).await?;
    let place = places::store::find(conn, row.division).await?.map(|place| place.short()).unwrap_or_default();
    Ok(ShowPage {
        shell: ctx.shell(conn, Text::data(&row.title), Some(row.division).filter(|one| ctx.scope.holds(*one))).await?,
        sub: text!("{place} · {day}", place = place, day = row.day),
        state: pill(state),
        groups: groups(&row, items, steers && state.is_open(), ctx),
        acts,
        form,
        facts,
        events: events::story(story),
    })
}

#[derive(Template)]
#[template(path = "express/meetings/agenda.html")]
struct AgendaPage {
    shell: Shell,
    sub: Text,
    back: String,
    /// What was promised last time.
    last: Vec<Line>,
    last_title: String,
    groups: Vec<Group>,
}

/// What was promised at the meeting before this one, with where it stands.
pub(super) async fn last_time(ctx: &Ctx, conn: &mut Conn, row: &MeetingRow) -> AppResult<(String, Vec<Line>)> {
    let Some(last) = store::last_held(conn, row).await? else { return Ok((String::new(), Vec::new())) };
    let scope: Scope = ctx.viewer()?.scope(Permission::ExpressRead);
    let items = store::items(conn, &scope, &last.id).await?;
    Ok((format!("{}（{}）", last.title, last.day), promised(items, ctx)))
}

fn promised(items: Vec<ItemRow>, ctx: &Ctx) -> Vec<Line> {
    let kept = |item: &ItemRow| matches!(item.outcome.as_deref(), Some("claimed" | "urged"));
    items.into_iter().filter(kept).enumerate().map(|(at, item)| line(at, item, ctx)).collect()
}

pub async fn agenda(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, items) = find(&ctx, &mut conn, &county, &id).await?;
    let (last_title, last) = last_time(&ctx, &mut conn, &row).await?;
    let shell = ctx.shell(&mut conn, text!("{title}议程", title = row.title), None).await?;
    let sub = text!("{day} {place}", day = row.day, place = row.place.clone().unwrap_or_default());
    let groups = groups(&row, items, false, &ctx);
    Ok(ctx.page(&AgendaPage { shell, sub, back: row.address(), last, last_title, groups }))
}

#[derive(Template)]
#[template(path = "express/meetings/promises.html")]
struct PromisesPage {
    shell: Shell,
    sub: Text,
    back: String,
    lines: Vec<Line>,
}

pub async fn promises(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, items) = find(&ctx, &mut conn, &county, &id).await?;
    let lines = promised(items, &ctx);
    let done = lines.iter().filter(|line| line.is_struck_off).count();
    let sub = text!("{day}，共 {n} 项，已销号 {done} 项", day = row.day, n = lines.len(), done = done);
    let shell = ctx.shell(&mut conn, text!("{title}整改清单", title = row.title), None).await?;
    Ok(ctx.page(&PromisesPage { shell, sub, back: row.address(), lines }))
}

type At = Path<(String, String)>;

async fn after(
    ctx: &Ctx,
    (code, id): (CountyId, &str),
    form: &FormData,
    done: AppResult<()>,
    said: &Text,
) -> AppResult<Response> {
    match done {
        Ok(()) => Ok(ctx.redirect(&format!("/problem-meetings/{code}/{id}"), said)),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let typed = form.typed().with_error(refusal.field.unwrap_or("acts"), refusal.message);
            let page = page(ctx, &mut conn, (&code.to_string(), id), typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}

/// The meeting within the places that the viewer steers.
async fn steered(ctx: &Ctx, code: &str, id: &str) -> AppResult<MeetingRow> {
    let mut conn = ctx.read().await?;
    let row = store::find(&mut conn, county(code)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(row.division)?;
    Ok(row)
}

pub async fn refresh(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let key = (row.county_id, row.id.as_str());
    let mut came = 0;
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, row.county_id).await?;
        came = acts::refresh(&mut tx, key, pack, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("议程已更新，新增 {n} 个问题。", n = came)).await
}

pub async fn remove(
    ctx: Ctx,
    Path((code, id, home, problem)): Path<(String, String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let (key, home) = ((row.county_id, row.id.as_str()), county(&home)?);
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, home).await?;
        acts::remove(&mut tx, key, (home, &problem), pack, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已移出议程。")).await
}

pub async fn begin(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::begin(&mut tx, key, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    if done.is_ok() {
        return Ok(ctx.redirect(&format!("{}/screen", row.address()), &text!("会开始了。用左右方向键翻页。")));
    }
    after(&ctx, key, &form, done, &Text::default()).await
}

pub async fn close(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, row.county_id).await?;
        acts::close(&mut tx, key, pack, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("会开完了，整改清单已形成，列入各单位的“今日”。")).await
}

pub async fn ask_cancel(ctx: Ctx, Path((code, id)): At) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let mut conn = ctx.read().await?;
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("取消对接会"), Some(row.division)).await?,
        say: text!("{day} {title}", day = row.day, title = row.title),
        effects: vec![text!("议程上的问题回到待办定，等下一次会。")],
        action: format!("{}/cancellation", row.address()),
        button: text!("取消对接会"),
        back: row.address(),
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

pub async fn cancel(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let row = steered(&ctx, &code, &id).await?;
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, row.county_id).await?;
        acts::cancel(&mut tx, key, pack, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("会已取消。")).await
}
