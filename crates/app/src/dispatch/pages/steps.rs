//! Putting a plan forward, approving it, sending it back, giving the round up.

use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{ConfirmPage, Form},
    i18n::Text,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        rules::{State, approver},
        store::{self, Round},
    },
    found, key, locked, may_plan,
    plan::At,
    show::may_approve,
};
use crate::{
    flows,
    web::{Ctx, FormData},
};

/// Villages without anybody that are named before an approval.
const NAMED: usize = 8;

pub async fn propose(ctx: Ctx, Path((county, id, plan)): Path<At>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let round = locked(&ctx, &mut tx, &county, &id).await?;
    let pack = ctx.app.pack(&mut tx, round.county).await?;
    acts::propose(&mut tx, &round, &plan, pack, &ctx.actor_at(round.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&round.address(), &text!("已送审。")))
}

/// The round, for whoever approves under the pack; 403 for the other role.
async fn approving(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Round> {
    let round = found(ctx, conn, county, id).await?;
    let approver = approver(ctx.pack(conn, round.county).await?);
    if may_approve(ctx, &round, approver) { Ok(round) } else { Err(AppError::Forbidden) }
}

async fn approval(ctx: &Ctx, conn: &mut Conn, round: &Round, form: Form) -> AppResult<ConfirmPage> {
    let proposed = round.proposed.as_deref().ok_or_else(|| Refusal::whole(text!("还没有送审的方案。")))?;
    let plan = store::find_plan(conn, round.county, proposed).await?.ok_or(AppError::NotFound)?;
    let kept = plan.kept.as_ref().ok_or(AppError::NotFound)?;
    let mut effects = vec![
        text!(
            "新建批次“{name}”，{day} 起，任期 {n} 个月。",
            name = round.name,
            day = round.starts_on,
            n = round.term_months
        ),
        text!(
            "组建 {teams} 支队伍，任命 {people} 人，到岗前是“已批准”，到时确认到岗。",
            teams = kept.teams.len(),
            people = kept.assigned()
        ),
        text!("这些村任期到了的人，各准备一份交接。"),
    ];
    if !kept.unmet.is_empty() {
        let names: Vec<&str> = kept.unmet.iter().map(|one| one.village_name.as_str()).take(NAMED).collect();
        let (n, names) = (kept.unmet.len(), names.join("、"));
        effects.push(if n > NAMED {
            text!("{n} 个村派不出：{names}等，批准后仍是空缺。", n = n, names = names)
        } else {
            text!("{n} 个村派不出：{names}，批准后仍是空缺。", n = n, names = names)
        });
    }
    if round.is_above_county() {
        effects.push(text!("逐县办理，全部办完以前谁也看不到；中途有变动就全部不算，说明原因。"));
    }
    effects.push(text!("批准以后这一轮不能再改。"));
    Ok(ConfirmPage {
        shell: ctx.shell(conn, text!("批准派驻计划"), Some(round.place)).await?,
        say: text!("{round} · 方案 {n}", round = round.name, n = plan.number),
        effects,
        action: format!("{}/approval", round.address()),
        button: text!("批准"),
        back: round.address(),
        form,
        ask_reason: false,
    })
}

pub async fn ask_approve(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = approving(&ctx, &mut conn, &county, &id).await?;
    round.state.require_planning()?;
    Ok(ctx.page(&approval(&ctx, &mut conn, &round, Form::default()).await?))
}

pub async fn approve(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let round = approving(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, round.county).await?;
        let approver = approver(pack);
        let actor = ctx.actor_as(&[approver], Some(round.place))?;
        let key = (round.county, round.id.as_str());
        let said = if round.is_above_county() {
            let counties = flows::begin_approval(&mut tx, key, pack, &actor).await?;
            text!("已批准，正在逐县办理：{n} 个县。", n = counties)
        } else {
            let made = flows::approve_dispatch(&mut tx, key, pack, &actor).await?;
            text!(
                "已批准：{teams} 队 {people} 人，准备交接 {n} 份。",
                teams = made.teams,
                people = made.people,
                n = made.handovers
            )
        };
        tx.commit().await?;
        Ok(said)
    };
    match done.await {
        Ok(said) => Ok(ctx.redirect(&round.address(), &said)),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let form = Form::default().with_error("approval", refusal.message);
            Ok(ctx.refused(&approval(&ctx, &mut conn, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}

/// Who approves may send back, and who planned may take back.
async fn returning(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Round> {
    let round = found(ctx, conn, county, id).await?;
    let approver = approver(ctx.pack(conn, round.county).await?);
    // What is approved already is broken off by whoever approves alone.
    let approving = matches!(round.state, State::Approving { .. });
    if may_approve(ctx, &round, approver) || (!approving && may_plan(ctx, &round)) {
        Ok(round)
    } else {
        Err(AppError::Forbidden)
    }
}

async fn take_back_page(ctx: &Ctx, conn: &mut Conn, round: &Round, form: Form) -> AppResult<ConfirmPage> {
    let (title, effect, button) = match round.state {
        State::Approving { .. } => (
            text!("中止批准"),
            text!("已办的县全部不算，没有人看到过；方案仍是送审的，可以再批准或退回。"),
            text!("中止"),
        ),
        State::Planning | State::Approved { .. } | State::Dropped { .. } => {
            (text!("退回送审的方案"), text!("方案还在，改好以后可以再送审。"), text!("退回"))
        }
    };
    Ok(ConfirmPage {
        shell: ctx.shell(conn, title, Some(round.place)).await?,
        say: Text::data(round.name.as_str()),
        effects: vec![effect],
        action: format!("{}/return", round.address()),
        button,
        back: round.address(),
        form,
        ask_reason: true,
    })
}

pub async fn ask_take_back(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = returning(&ctx, &mut conn, &county, &id).await?;
    Ok(ctx.page(&take_back_page(&ctx, &mut conn, &round, Form::default()).await?))
}

pub async fn take_back(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let round = returning(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        let pack = ctx.app.pack(&mut tx, round.county).await?;
        if matches!(round.state, State::Approving { .. }) {
            if data.get("reason").trim().is_empty() {
                return Err(Refusal::at("reason", text!("请写中止的原因。")).into());
            }
            let actor = ctx.actor_as(&[approver(pack)], Some(round.place))?;
            let key = (round.county, round.id.as_str());
            flows::break_off_approval(&mut tx, key, data.get("reason").trim(), &actor).await?;
            tx.commit().await?;
            return Ok(text!("已中止，方案仍是送审的。"));
        }
        let round = acts::planning(&mut tx, key(&county)?, &id).await?;
        acts::take_back(&mut tx, &round, data.get("reason"), pack, &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(text!("已退回。"))
    };
    match done.await {
        Ok(said) => Ok(ctx.redirect(&round.address(), &said)),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let form = data.typed().with_error("reason", refusal.message);
            Ok(ctx.refused(&take_back_page(&ctx, &mut conn, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}

async fn drop_page(ctx: &Ctx, conn: &mut Conn, round: &Round, form: Form) -> AppResult<ConfirmPage> {
    Ok(ConfirmPage {
        shell: ctx.shell(conn, text!("停办这一轮"), Some(round.place)).await?,
        say: Text::data(round.name.as_str()),
        effects: vec![text!("停办后不能再改，人选、方案和经过还能看。"), text!("没有任命任何人，也不影响在岗的人。")],
        action: format!("{}/closure", round.address()),
        button: text!("停办"),
        back: round.address(),
        form,
        ask_reason: true,
    })
}

pub async fn ask_drop(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    round.state.require_planning()?;
    Ok(ctx.page(&drop_page(&ctx, &mut conn, &round, Form::default()).await?))
}

pub async fn drop_round(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let done = async {
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        acts::drop_round(&mut tx, &round, data.get("reason"), &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(round.address())
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("已停办。"))),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let round = found(&ctx, &mut conn, &county, &id).await?;
            let form = data.typed().with_error("reason", refusal.message);
            Ok(ctx.refused(&drop_page(&ctx, &mut conn, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}
