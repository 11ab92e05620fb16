//! One leave: where it stands, what was asked, and what the viewer may do now.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::{Conn, Tx},
    html::{Act, Choice, ConfirmPage, Event, Fact, Form, Shell, State as Shown, Step, StepState, Tone, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};

use crate::{
    accounts::Permission,
    places::short_name,
    presence::{
        calendar, county_of,
        leave::{
            Level, State,
            store::{self, LeaveRow},
        },
        may_see, workdays_text,
    },
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "presence/leave/leave.html")]
struct RecordPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    steps: Vec<Step>,
    facts: Vec<Fact>,
    /// The reason, where the viewer may read it here and now.
    reason: Option<Text>,
    events: Vec<Event>,
    acts: Vec<Act>,
    form: Form,
    link: String,
    decisions: Vec<Choice>,
    /// Asks for a decision.
    may_decide: bool,
    /// Why the viewer, who approves leave, cannot approve this one.
    cannot: Option<Text>,
    may_return: bool,
    may_read_reason: bool,
}

/// The leave, when it is the viewer's own or lies where the viewer may look; otherwise 404.
async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<LeaveRow> {
    let county = county_of(county)?;
    let row = store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    if is_own(ctx, &row) || may_see(ctx, row.village, row.unit_id.as_deref())? {
        return Ok(row);
    }
    Err(AppError::NotFound)
}

fn is_own(ctx: &Ctx, row: &LeaveRow) -> bool {
    ctx.guest_or_viewer().and_then(|viewer| viewer.person_id.as_deref()) == Some(row.person_id.as_str())
}

fn state_of(ctx: &Ctx, row: &LeaveRow) -> AppResult<State> {
    row.state(ctx.today).ok_or_else(|| AppError::internal(format!("leave {} has an unknown state", row.id)))
}

/// Whether the viewer may approve it, or the words that say why not.
fn check_decider(ctx: &Ctx, row: &LeaveRow) -> AppResult<Result<(), Refusal>> {
    let viewer = ctx.viewer()?;
    if is_own(ctx, row) {
        return Ok(Err(Refusal::at("decision", text!("不能批自己的假，请另一位有权批假的人办"))));
    }
    if viewer.holds_at(row.level().roles(), row.village) {
        return Ok(Ok(()));
    }
    let days = row.span().days();
    Ok(Err(match row.level() {
        Level::County => Refusal::at("decision", text!("这次请假 {n} 天，超过乡镇可批的天数，由县驻村办批", n = days)),
        Level::Township => Refusal::at("decision", text!("这次请假由派驻村所在的乡镇党委批")),
    }))
}

/// GET /leaves/{county}/{id}
pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let page = page(&ctx, &mut conn, &row, Form::of([("back", ctx.today.to_string())]), false).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &LeaveRow, form: Form, look: bool) -> AppResult<RecordPage> {
    let state = state_of(ctx, row)?;
    let own = is_own(ctx, row);
    let decides = ctx.may(Permission::LeaveDecide) && state == State::Asked;
    let checked = check_decider(ctx, row)?;
    let approves = ctx.may(Permission::LeaveDecide) && checked.is_ok();
    let private = row.kind().is_none_or(super::super::Kind::is_private);
    let plain = own || look || !private;
    let reason = if plain { row.reason(&ctx.app.keys)? } else { None };
    let link = format!("/leaves/{}/{}", row.county_id, row.id);
    let events = store::events(conn, row.county_id, &row.id).await?.into_iter().map(|event| Event {
        tone: if event.to_state == "approved" { Tone::Ok } else { Tone::Wait },
        who: Text::data(event.actor),
        what: step_text(&event.to_state),
        when: event.at.local_minute(),
        note: event.why.map(Text::data).unwrap_or_default(),
        href: None,
    });
    let events = events.collect();
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let township = row.township_name.clone().unwrap_or_default();
    let place = may_see(ctx, row.village, None)?.then_some(row.village);
    let mut acts = Vec::new();
    if own && matches!(state, State::Asked | State::Approved) {
        acts.push(Act::new(text!("撤回"), format!("{link}/withdrawal")));
    }
    Ok(RecordPage {
        sub: text!("{township} {village}", township = township, village = village),
        state: state.shown(row.until, ctx.today),
        steps: steps(row, state),
        facts: facts(ctx, conn, row, &village).await?,
        reason: reason.map(Text::data),
        events,
        acts,
        form,
        decisions: vec![Choice::new("approve", text!("同意")), Choice::new("refuse", text!("不同意"))],
        may_decide: decides && checked.is_ok(),
        cannot: checked.err().filter(|_| decides).map(|refusal| refusal.message),
        may_return: state == State::OnLeave && (own || approves),
        may_read_reason: !plain && row.has_reason() && approves,
        shell: ctx.shell(conn, text!("{name} 的请假", name = row.person_name), place).await?,
        link,
    })
}

fn step_text(code: &str) -> Text {
    match code {
        "asked" => text!("请假"),
        "approved" => text!("批准"),
        "returned" => text!("销假"),
        "refused" => text!("没有批准"),
        "withdrawn" => text!("撤回"),
        _ => text!("未知"),
    }
}

fn steps(row: &LeaveRow, state: State) -> Vec<Step> {
    let day = |day: Day| Text::data(day.to_string());
    let line = match state {
        State::Refused | State::Withdrawn => {
            vec![(text!("待批"), Text::default()), (Text::key(state.zh()), Text::default())]
        }
        State::Asked | State::Approved | State::OnLeave | State::Returned { .. } => vec![
            (text!("待批"), Text::default()),
            (text!("已批准"), row.decided_by.clone().map(Text::data).unwrap_or_default()),
            (text!("请假中"), day(row.since)),
            (text!("已销假"), row.back.map(day).unwrap_or_default()),
        ],
    };
    let now = match state {
        State::Asked => 0,
        State::Approved | State::Refused | State::Withdrawn => 1,
        State::OnLeave => 2,
        State::Returned { .. } => 3,
    };
    let step = |(at, (label, note)): (usize, (Text, Text))| Step {
        label,
        note,
        state: match at {
            at if at < now => StepState::Done,
            at if at == now => StepState::Now,
            _ => StepState::Ahead,
        },
    };
    line.into_iter().enumerate().map(step).collect()
}

async fn facts(ctx: &Ctx, conn: &mut Conn, row: &LeaveRow, village: &str) -> AppResult<Vec<Fact>> {
    let calendar = calendar::store::load(conn, row.county_id).await?;
    let (asked, taken) = (row.span(), row.taken());
    let days = |span: super::super::Span| workdays_text(span.days(), calendar.workdays(span.since, span.until));
    let person = if is_own(ctx, row) {
        "/presence/mine".to_owned()
    } else {
        format!("/presence/people/{}/{}", row.person_county, row.person_id)
    };
    let mut facts = vec![
        Fact::new(text!("姓名"), Text::data(&row.person_name)).link(person),
        Fact::new(text!("假别"), row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default()),
        Fact::new(text!("起止"), text!("{since} — {last}", since = asked.since, last = asked.last())),
        Fact::new(text!("天数"), days(asked)),
        Fact::new(text!("派驻村"), Text::data(village)).link(format!("/villages/{}", row.village)),
        Fact::new(text!("派出单位"), Text::data(row.unit_name.clone().unwrap_or_default())),
        Fact::new(text!("谁批"), Text::key(row.level().zh())),
    ];
    if let Some(back) = row.back {
        facts.push(Fact::new(text!("回岗"), Text::data(back.to_string())));
        facts.push(Fact::new(text!("实际天数"), days(taken)));
    }
    if let Some(why) = &row.why {
        facts.push(Fact::new(text!("批复"), Text::data(why)));
    }
    Ok(facts)
}

/// Shows again what was typed, or leads on.
async fn answer(
    ctx: &Ctx,
    row: &LeaveRow,
    form: &FormData,
    done: AppResult<()>,
    field: &'static str,
    said: Text,
) -> AppResult<Response> {
    match done {
        Ok(()) => Ok(ctx.redirect(&format!("/leaves/{}/{}", row.county_id, row.id), &said)),
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or(field), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(ctx, &mut conn, row, typed, false).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

/// POST /leaves/{county}/{id}/decision
pub async fn decide(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let why = form.some("why");
    let done = async {
        check_decider(&ctx, &row)??;
        let state = state_of(&ctx, &row)?;
        let next = match form.get("decision") {
            "approve" => state.approve(row.since, ctx.today)?,
            "refuse" => state.refuse(why.unwrap_or_default())?,
            _ => return Err(Refusal::at("decision", text!("请选同意还是不同意")).into()),
        };
        let actor = ctx.actor_as(row.level().roles(), Some(row.village))?;
        let mut tx = ctx.begin().await?;
        store::change(&mut tx, &row, next, why, &actor).await?;
        Ok(tx.commit().await?)
    };
    answer(&ctx, &row, &form, done.await, "decision", text!("已批复，本人能看到。")).await
}

/// POST /leaves/{county}/{id}/return: by the cadre, or by whoever approves.
pub async fn give_back(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let own = is_own(&ctx, &row);
    let may = own || (ctx.may(Permission::LeaveDecide) && check_decider(&ctx, &row)?.is_ok());
    if !may {
        return Err(AppError::Forbidden);
    }
    let done = async {
        let back = form.some("back").and_then(Day::parse);
        let back = back.ok_or_else(|| Refusal::at("back", text!("请填哪天回岗，写作 2024-01-18")))?;
        let next = state_of(&ctx, &row)?.give_back(row.since, back, ctx.today)?;
        let actor = if own { ctx.actor()? } else { ctx.actor_as(row.level().roles(), Some(row.village))? };
        let mut tx = ctx.begin().await?;
        store::change(&mut tx, &row, next, None, &actor).await?;
        Ok(tx.commit().await?)
    };
    answer(&ctx, &row, &form, done.await, "back", text!("已销假。")).await
}

/// GET /leaves/{county}/{id}/withdrawal
pub async fn ask_withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    if !is_own(&ctx, &row) {
        return Err(AppError::NotFound);
    }
    state_of(&ctx, &row)?.withdraw()?;
    let link = format!("/leaves/{}/{}", row.county_id, row.id);
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("撤回请假"), None).await?,
        say: text!("{since} — {last}", since = row.since, last = row.span().last()),
        effects: vec![text!("这次请假不再继续，这几天算在岗；记录留存。要请可以重新填。")],
        action: format!("{link}/withdrawal"),
        button: text!("撤回"),
        back: link,
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

/// POST /leaves/{county}/{id}/withdrawal
pub async fn withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    if !is_own(&ctx, &row) {
        return Err(AppError::NotFound);
    }
    let done = async {
        let next = state_of(&ctx, &row)?.withdraw()?;
        let mut tx = ctx.begin().await?;
        store::change(&mut tx, &row, next, None, &ctx.actor()?).await?;
        Ok(tx.commit().await?)
    };
    answer(&ctx, &row, &form, done.await, "decision", text!("已撤回。")).await
}

/// POST /leaves/{county}/{id}/reason: shows a private reason once to whoever approves; the look is an audit line first.
pub async fn reason(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    if check_decider(&ctx, &row)?.is_err() {
        return Err(AppError::Forbidden);
    }
    drop(conn);
    let mut tx = ctx.app.db.begin().await?;
    note_look(&ctx, &mut tx, &row).await?;
    tx.commit().await?;
    let page = page(&ctx, &mut ctx.read().await?, &row, Form::of([("back", ctx.today.to_string())]), true).await?;
    Ok(ctx.page(&page))
}

async fn note_look(ctx: &Ctx, tx: &mut Tx, row: &LeaveRow) -> AppResult<()> {
    let actor = ctx.actor_as(row.level().roles(), Some(row.village))?;
    let subject = Subject { kind: "leave", id: &row.id };
    Ok(audit::write(tx, row.county_id, &actor, "leave.reason.read", subject, Change::default()).await?)
}
