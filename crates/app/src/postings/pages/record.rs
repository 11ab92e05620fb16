//! A posting's page: where it stands in its life, what happened, and the acts that are allowed now.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, Choice, ConfirmPage, Event, Fact, Form, Shell, Step, StepState, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day},
    text,
    web::{AppError, AppResult, Refusal},
};

use crate::{
    accounts::Permission,
    places::short_name,
    postings::{
        EndReason, PostRole, State, state_zh,
        store::{self, Filter, ListRow, PostingRow, Sort},
    },
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "postings/posting.html")]
struct RecordPage {
    shell: Shell,
    sub: Text,
    steps: Vec<Step>,
    facts: Vec<Fact>,
    events: Vec<Event>,
    acts: Vec<Act>,
}

#[derive(Template)]
#[template(path = "postings/end.html")]
struct EndPage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    reasons: Vec<Choice>,
    since: Day,
}

/// Reads `{county}/{id}` and finds the posting within the scope, or 404.
async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<(ListRow, PostingRow)> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let filter = Filter { state: Some("all".into()), id: Some(id.to_owned()), ..Filter::default() };
    let row = store::list(conn, &ctx.scope, &filter, Sort::Village, 1, 0).await?.pop().ok_or(AppError::NotFound)?;
    let posting = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    Ok((row, posting))
}

fn state_of(posting: &PostingRow) -> AppResult<State> {
    State::read(&posting.state, posting.until, posting.end_reason.as_deref())
        .ok_or_else(|| AppError::internal(format!("posting {} has an unknown state", posting.id)))
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, posting) = load(&ctx, &mut conn, &county, &id).await?;
    let state = state_of(&posting)?;
    let events = store::events(&mut conn, posting.county_id, &id).await?.into_iter().map(|event| Event {
        tone: if event.to_state == "on_post" { Tone::Ok } else { Tone::Wait },
        who: Text::data(event.actor),
        what: text!("{state}，{day}", state = Text::key(state_zh(&event.to_state)), day = event.day),
        when: event.at.local_minute(),
        note: event.why.map(Text::data).unwrap_or_default(),
        href: None,
    });
    let events = events.collect();
    let title = text!("{name} 的派驻", name = row.person_name);
    let shell = ctx.shell(&mut conn, title, Some(posting.village)).await?;
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let sub =
        text!("{township} {village}", township = row.township_name.clone().unwrap_or_default(), village = village);
    let mut acts = if ctx.may(Permission::PostingsWrite) { acts(&posting, state) } else { Vec::new() };
    if state == State::OnPost && ctx.may(Permission::HandoversWrite) {
        acts.insert(0, Act::new(text!("启动交接"), format!("/postings/{}/{}/handover", posting.county_id, posting.id)));
    }
    let page = RecordPage { shell, sub, steps: steps(state), facts: facts(&row, &village), events, acts };
    Ok(ctx.page(&page))
}

fn steps(state: State) -> Vec<Step> {
    let line = ["proposed", "vetted", "approved", "on_post", "ended"];
    let now = line.iter().position(|code| *code == state.code());
    let step = |(at, code): (usize, &&'static str)| Step {
        label: Text::key(state_zh(code)),
        note: match state {
            State::Ended { until, reason } if *code == "ended" => {
                text!("{day} {reason}", day = until, reason = Text::key(reason.zh()))
            }
            State::Withdrawn if at == 0 => text!("已撤回"),
            _ => Text::default(),
        },
        state: match now {
            Some(now) if at < now => StepState::Done,
            Some(now) if at == now => StepState::Now,
            _ => StepState::Ahead,
        },
    };
    line.iter().enumerate().map(step).collect()
}

fn facts(row: &ListRow, village: &str) -> Vec<Fact> {
    let word = |text: Option<&'static str>| text.map(Text::key).unwrap_or_default();
    let mut facts = vec![
        Fact::new(text!("姓名"), Text::data(&row.person_name))
            .link(format!("/people/{}/{}", row.person_county, row.person_id)),
        Fact::new(text!("派驻村"), Text::data(village)).link(format!("/villages/{}", row.village)),
        Fact::new(text!("驻村职务"), word(row.role().map(PostRole::zh))),
        Fact::new(text!("台账"), word(row.ledger().map(crate::postings::Ledger::zh))),
        Fact::new(text!("派出单位"), Text::data(row.unit_name.clone().unwrap_or_default())),
        Fact::new(text!("批次"), row.batch_number.map(|n| text!("第 {n} 批", n = n)).unwrap_or_default()),
        Fact::new(text!("到岗"), Text::data(row.since.to_string())),
    ];
    if let Some(until) = row.until {
        let reason = row.end_reason.as_deref().and_then(EndReason::parse).map(EndReason::zh);
        facts.push(Fact::new(text!("离任"), text!("{day} {reason}", day = until, reason = word(reason))));
    }
    facts
}

fn acts(posting: &PostingRow, state: State) -> Vec<Act> {
    let root = format!("/postings/{}/{}", posting.county_id, posting.id);
    let step = |name: &str, label: Text| Act::new(label, format!("{root}/steps/{name}"));
    let withdraw = || step("withdraw", text!("撤回")).danger();
    match state {
        State::Proposed => vec![withdraw(), step("vet", text!("审核通过")).primary()],
        State::Vetted => vec![withdraw(), step("approve", text!("批准")).primary()],
        State::Approved => vec![withdraw(), step("take-up", text!("确认到岗")).primary()],
        State::OnPost => vec![Act::new(text!("办理离任"), format!("{root}/end")).primary()],
        State::Ended { .. } | State::Withdrawn => Vec::new(),
    }
}

/// The state that a named step leads to, and the words that ask for it.
fn next(name: &str, state: State) -> AppResult<(State, Text, Text)> {
    Ok(match name {
        "vet" => (state.vet()?, text!("审核通过"), text!("记为“已审核”，接着等批准。")),
        "approve" => (state.approve()?, text!("批准"), text!("记为“已批准”，接着等本人到岗。")),
        "take-up" => {
            (state.take_up()?, text!("确认到岗"), text!("从所填日期起算在岗，计入统计；此人此后不能同时任别的职。"))
        }
        "withdraw" => (state.withdraw()?, text!("撤回"), text!("这条拟派不再继续；记录留存，不能恢复。")),
        _ => return Err(AppError::NotFound),
    })
}

pub async fn ask(ctx: Ctx, Path((county, id, step)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, posting) = load(&ctx, &mut conn, &county, &id).await?;
    let form = Form::of([("day", posting.since.max(ctx.today).to_string())]);
    confirm(&ctx, &mut conn, &row, &posting, &step, form, false).await
}

async fn confirm(
    ctx: &Ctx,
    conn: &mut Conn,
    row: &ListRow,
    posting: &PostingRow,
    step: &str,
    form: Form,
    refused: bool,
) -> AppResult<Response> {
    let (_, label, effect) = next(step, state_of(posting)?)?;
    let shell = ctx.shell(conn, label.clone(), Some(posting.village)).await?;
    let back = format!("/postings/{}/{}", posting.county_id, posting.id);
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let page = ConfirmPage {
        shell,
        say: text!("{name}，{village}", name = row.person_name, village = village),
        effects: vec![effect],
        action: format!("{back}/steps/{step}"),
        button: label,
        back,
        form,
        ask_reason: true,
    };
    Ok(if refused { ctx.refused(&page) } else { ctx.page(&page) })
}

pub async fn step(
    ctx: Ctx,
    Path((county, id, step)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, posting) = load(&ctx, &mut conn, &county, &id).await?;
    let (state, label, _) = next(&step, state_of(&posting)?)?;
    let day = if state == State::OnPost { posting.since.min(ctx.today) } else { ctx.today };
    drop(conn);
    match carry(&ctx, &posting, state, day, form.some("reason")).await {
        Ok(()) => {
            let said = text!("{name}：{act}，已记下。", name = row.person_name, act = label);
            Ok(ctx.redirect(&format!("/postings/{county}/{id}"), &said))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error("reason", refusal.message);
            confirm(&ctx, &mut ctx.read().await?, &row, &posting, &step, typed, true).await
        }
        Err(error) => Err(error),
    }
}

/// One transaction: the posting, its facts, the vacancy tasks of its village, the audit line.
async fn carry(ctx: &Ctx, posting: &PostingRow, state: State, day: Day, why: Option<&str>) -> AppResult<()> {
    let actor = ctx.actor_at(posting.village)?;
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, posting.county_id).await?;
    store::change(&mut tx, posting, state, day, why, pack.county_guide_beside(), &actor).await?;
    store::refresh_vacancies(&mut tx, posting.county_id, posting.village.area(), pack, &actor).await?;
    Ok(tx.commit().await?)
}

pub async fn end_form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, posting) = load(&ctx, &mut conn, &county, &id).await?;
    let form = Form::of([("until", ctx.today.to_string())]);
    let page = end_page(&ctx, &mut conn, &row, &posting, form).await?;
    Ok(ctx.page(&page))
}

async fn end_page(ctx: &Ctx, conn: &mut Conn, row: &ListRow, posting: &PostingRow, form: Form) -> AppResult<EndPage> {
    let back = format!("/postings/{}/{}", posting.county_id, posting.id);
    let title = text!("办理离任：{name}", name = row.person_name);
    Ok(EndPage {
        shell: ctx.shell(conn, title, Some(posting.village)).await?,
        form,
        action: format!("{back}/end"),
        back,
        reasons: EndReason::ALL.iter().map(|reason| Choice::new(reason.code(), Text::key(reason.zh()))).collect(),
        since: posting.since,
    })
}

pub async fn end(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, posting) = load(&ctx, &mut conn, &county, &id).await?;
    let state = state_of(&posting)?;
    let asked = || -> Result<(State, Day), Refusal> {
        let wrong_day = || Refusal::at("until", text!("请填离任日期，写作 2024-01-18"));
        let until = form.some("until").and_then(Day::parse).ok_or_else(wrong_day)?;
        if until > ctx.today {
            return Err(Refusal::at("until", text!("离任日期不能晚于今天；到那一天再办理")));
        }
        let reason = EndReason::parse(form.get("end_reason"));
        let reason = reason.ok_or_else(|| Refusal::at("end_reason", text!("请选离任原因")))?;
        Ok((state.end(posting.since, until, reason)?, until))
    };
    drop(conn);
    let done = match asked() {
        Ok((next, until)) => carry(&ctx, &posting, next, until, form.some("why")).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => {
            let said = text!("{name} 已办理离任。", name = row.person_name);
            Ok(ctx.redirect(&format!("/postings/{county}/{id}"), &said))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("until"), refusal.message);
            let page = end_page(&ctx, &mut ctx.read().await?, &row, &posting, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}
