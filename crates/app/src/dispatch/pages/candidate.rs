//! One candidate: what the register and the round know, the three gates, what may be done.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, Choice, ConfirmPage, Fact, Form, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts, parameters,
        rules::{Candidate, Gate, LEVELS, said_of},
        store::{self, Round},
    },
    found, locked, may_plan,
    nominate::standing,
    pool::{brings, gate_choices, rank_zh, signed, verdicts},
};
use crate::{
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "dispatch/candidate.html")]
struct CandidatePage {
    shell: Shell,
    sub: Text,
    state: Shown,
    acts: Vec<Act>,
    facts: Vec<Fact>,
    said: Vec<Text>,
    gates: Vec<GateLine>,
    /// Where it is written, by whoever may.
    action: Option<String>,
    choices: Vec<Choice>,
    verdicts: Vec<Choice>,
    ranks: Vec<Choice>,
    townships: Vec<Choice>,
    form: Form,
}

struct GateLine {
    gate: Text,
    state: Shown,
    who: Text,
    why: String,
}

async fn of(conn: &mut Conn, round: &Round, person: &str) -> AppResult<Candidate> {
    store::find_candidate(conn, round, person).await?.ok_or(AppError::NotFound)
}

fn gate_line(one: &Candidate, gate: Gate) -> GateLine {
    let sign = one.sign(gate);
    let state = match sign.map(|sign| sign.passed) {
        Some(true) => Shown::new(Tone::Ok, text!("通过")),
        Some(false) => Shown::new(Tone::Stop, text!("不通过")),
        None => Shown::new(Tone::Wait, text!("待签")),
    };
    GateLine {
        gate: Text::key(gate.zh()),
        state,
        who: sign.map_or_else(Text::default, |sign| {
            text!("{body} · {day} · {name} 录", body = sign.body, day = sign.on, name = sign.by)
        }),
        why: sign.and_then(|sign| sign.why.clone()).unwrap_or_default(),
    }
}

async fn page(ctx: &Ctx, round: &Round, person: &str, form: Option<Form>) -> AppResult<CandidatePage> {
    let mut conn = ctx.read().await?;
    let one = of(&mut conn, round, person).await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let (may, root) = (may_plan(ctx, round), format!("{}/pool/{person}", round.address()));
    let divisions = places::store::list(&mut conn, round.place.area()).await?;
    let townships: Vec<&places::Division> = divisions.iter().filter(|place| place.level() == Level::Township).collect();
    let home = one.home_township.and_then(|code| townships.iter().find(|place| place.code == code));
    let form = form.unwrap_or_else(|| {
        Form::of([
            ("rank", one.rank_by_hand.map(|rank| rank.to_string()).unwrap_or_default()),
            ("home", one.home_township.map(|code| code.to_string()).unwrap_or_default()),
            ("waived", one.waived.clone().unwrap_or_default()),
        ])
    });
    let known = |text: &Option<String>| Text::data(text.clone().unwrap_or_else(|| "—".into()));
    let age = one
        .age(round.starts_on)
        .map(|age| text!("{birth}（到岗时 {age} 岁）", birth = one.birth.clone().unwrap_or_default(), age = age));
    let facts = vec![
        Fact::new(text!("单位"), Text::data(one.unit.as_ref().map(|(_, name, _)| name.clone()).unwrap_or_default())),
        Fact::new(text!("职务"), known(&one.position)),
        Fact::new(text!("职级"), rank_zh(&one)),
        Fact::new(text!("出生"), age.unwrap_or_else(|| Text::data("—"))),
        Fact::new(text!("入党"), known(&one.party_since)),
        Fact::new(text!("专长、优先"), Text::data(brings(&one))),
        Fact::new(text!("家乡乡镇"), Text::data(home.map_or_else(|| "—".to_owned(), |place| place.short()))),
        Fact::new(text!("级别放宽"), known(&one.waived)),
        Fact::new(text!("谁推荐"), Text::data(one.nominated_by.as_str())),
        Fact::new(text!("干部资料"), text!("打开")).link(format!("/people/{}/{person}", one.county)),
    ];
    Ok(CandidatePage {
        shell: ctx.shell(&mut conn, Text::data(one.name.as_str()), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        state: standing(&one),
        acts: [
            Some(Act::new(text!("回到人选"), format!("{}/pool", round.address()))),
            may.then(|| Act::new(text!("移出"), format!("{root}/removal")).danger()),
        ]
        .into_iter()
        .flatten()
        .collect(),
        facts,
        said: said_of(&one, round.starts_on, &parameters(pack)),
        gates: Gate::ALL.into_iter().map(|gate| gate_line(&one, gate)).collect(),
        action: may.then_some(root),
        choices: gate_choices(pack),
        verdicts: verdicts(),
        ranks: LEVELS.iter().map(|(level, word)| Choice::new(level.to_string(), Text::key(word))).collect(),
        townships: townships
            .iter()
            .map(|place| Choice::new(place.code.to_string(), Text::data(place.short())))
            .collect(),
        form,
    })
}

pub async fn show(ctx: Ctx, Path((county, id, person)): Path<(String, String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &round, &person, None).await?))
}

async fn described(ctx: &Ctx, (county, id, person): (&str, &str, &str), data: &FormData) -> AppResult<()> {
    let mut tx = ctx.begin().await?;
    let round = locked(ctx, &mut tx, county, id).await?;
    let rank = match data.some("rank") {
        Some(text) => Some(text.parse().map_err(|_| Refusal::at("rank", text!("请从列出的级别里选。")))?),
        None => None,
    };
    let home = match data.some("home") {
        Some(text) => {
            Some(DivisionCode::parse(text).ok_or_else(|| Refusal::at("home", text!("请从列出的乡镇里选。")))?)
        }
        None => None,
    };
    let actor = ctx.actor_at(round.place)?;
    acts::describe(&mut tx, &round, person, (rank, home, data.some("waived")), &actor).await?;
    Ok(tx.commit().await?)
}

/// A gate that is signed, or what the round knows of the candidate: the form says which.
pub async fn save(
    ctx: Ctx,
    Path((county, id, person)): Path<(String, String, String)>,
    data: FormData,
) -> AppResult<Response> {
    let done = if data.get("what") == "gate" {
        signed(&ctx, (&county, &id), std::slice::from_ref(&person), &data).await.map(drop)
    } else {
        described(&ctx, (&county, &id, &person), &data).await
    };
    match done {
        Ok(()) => Ok(ctx.redirect(&format!("/dispatch/{county}/{id}/pool/{person}"), &text!("已记下。"))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = data.typed().with_error(refusal.field.unwrap_or("rank"), refusal.message);
            Ok(ctx.refused(&page(&ctx, &round, &person, Some(form)).await?))
        }
        Err(other) => Err(other),
    }
}

async fn removal(ctx: &Ctx, round: &Round, person: &str, form: Form) -> AppResult<ConfirmPage> {
    let mut conn = ctx.read().await?;
    let one = of(&mut conn, round, person).await?;
    Ok(ConfirmPage {
        shell: ctx.shell(&mut conn, text!("移出候选人"), Some(round.place)).await?,
        say: Text::data(one.name),
        effects: vec![text!("三关的签字一并去掉，经过里都还在；可以再推荐。")],
        action: format!("{}/pool/{person}/removal", round.address()),
        button: text!("移出"),
        back: format!("{}/pool/{person}", round.address()),
        form,
        ask_reason: true,
    })
}

pub async fn ask_remove(ctx: Ctx, Path((county, id, person)): Path<(String, String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&removal(&ctx, &round, &person, Form::default()).await?))
}

pub async fn remove(
    ctx: Ctx,
    Path((county, id, person)): Path<(String, String, String)>,
    data: FormData,
) -> AppResult<Response> {
    let done = async {
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        acts::remove(&mut tx, &round, &person, data.get("reason"), &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(round.address())
    };
    match done.await {
        Ok(root) => Ok(ctx.redirect(&format!("{root}/pool"), &text!("已移出。"))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = data.typed().with_error("reason", refusal.message);
            Ok(ctx.refused(&removal(&ctx, &round, &person, form).await?))
        }
        Err(other) => Err(other),
    }
}
