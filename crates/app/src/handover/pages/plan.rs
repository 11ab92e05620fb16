//! What the office does: announces a leaving, plans, starts, completes, calls off.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, ConfirmPage, Form, Shell, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{county_of, load};
use crate::{
    accounts::Permission,
    flows,
    handover::{
        acts,
        rules::{Leaving, Next, Plan, Reason},
        store::{self, HandoverRow},
    },
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "handover/plan.html")]
struct PlanPage {
    shell: Shell,
    sub: Text,
    form: Form,
    action: String,
    back: String,
    button: Text,
    reasons: Vec<Choice>,
    nexts: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "handover/complete.html")]
struct CompletePage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    effects: Vec<Text>,
}

async fn plan_page(
    ctx: &Ctx,
    conn: &mut Conn,
    (leaving, nexts): (&Leaving, &[Next]),
    form: Form,
    (title, button, action, back): (Text, Text, String, String),
) -> AppResult<PlanPage> {
    let village = places::store::find(conn, leaving.village).await?.map(|one| one.short()).unwrap_or_default();
    let role = Text::key(leaving.role_zh);
    let sub = text!("{village} {role}，{day} 到岗", village = village, role = role, day = leaving.since);
    let choice = |next: &Next| {
        let label = text!("{name}（{day} 到岗）", name = next.name, day = next.since);
        Choice::new(&next.posting_id, label)
    };
    Ok(PlanPage {
        shell: ctx.shell(conn, title, Some(leaving.village)).await?,
        sub,
        form,
        action,
        back,
        button,
        reasons: Reason::ALL.map(|reason| Choice::new(reason.code(), Text::key(reason.zh()))).into(),
        nexts: nexts.iter().map(choice).collect(),
    })
}

/// The plan a form asks for, or what is wrong with it.
fn asked(form: &FormData, since: Day, nexts: Vec<Next>) -> Result<Plan, Refusal> {
    let leaves_on = form.some("leaves_on").and_then(Day::parse);
    let leaves_on = leaves_on.ok_or_else(|| Refusal::at("leaves_on", text!("请填计划离任日期，写作 2024-01-18")))?;
    let reason = Reason::parse(form.get("reason"));
    let reason = reason.ok_or_else(|| Refusal::at("reason", text!("请选离任原因")))?;
    let next = match form.some("next") {
        None => None,
        Some(id) => {
            let found = nexts.into_iter().find(|next| next.posting_id == id);
            let gone = || Refusal::at("next", text!("这位接任人选已不在已批准之列，请重新选。"));
            Some(found.ok_or_else(gone)?)
        }
    };
    Plan { leaves_on, reason, next }.check(since)
}

/// The posting within the scope, still to be left.
async fn leaving(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<(Leaving, Vec<Next>)> {
    let found = flows::leaving(conn, county_of(county)?, id).await?.ok_or(AppError::NotFound)?;
    ctx.scope.require(found.0.village)?;
    Ok(found)
}

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (leaving, nexts) = leaving(&ctx, &mut conn, &county, &id).await?;
    if let Some(row) = store::find_by_posting(&mut conn, leaving.village.county(), &id).await? {
        return Ok(ctx.redirect(&row.address(), &text!("这次派驻的交接在这里。")));
    }
    let only = <&[Next; 1]>::try_from(nexts.as_slice()).ok().map(|[next]| next);
    let mut given = vec![("reason", Reason::TermEnds.code().to_owned())];
    if let Some(next) = only {
        given.push(("next", next.posting_id.clone()));
        given.push(("leaves_on", next.since.max(ctx.today).to_string()));
    }
    let page = new_page(&ctx, &mut conn, &leaving, &nexts, Form::of(given)).await?;
    Ok(ctx.page(&page))
}

async fn new_page(ctx: &Ctx, conn: &mut Conn, leaving: &Leaving, nexts: &[Next], form: Form) -> AppResult<PlanPage> {
    let posting = format!("/postings/{}/{}", leaving.village.county(), leaving.posting_id);
    let words =
        (text!("启动交接：{name}", name = leaving.name), text!("准备交接"), format!("{posting}/handover"), posting);
    plan_page(ctx, conn, (leaving, nexts), form, words).await
}

pub async fn announce(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (leaving, nexts) = leaving(&ctx, &mut conn, &county, &id).await?;
    drop(conn);
    let done = match asked(&form, leaving.since, nexts.clone()) {
        Ok(plan) => write_announcement(&ctx, &leaving, plan).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(made) => {
            let to = format!("/handovers/{county}/{made}");
            Ok(ctx.redirect(&to, &text!("交接已准备好，清单已经汇总。")))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("leaves_on"), refusal.message);
            Ok(ctx.refused(&new_page(&ctx, &mut ctx.read().await?, &leaving, &nexts, typed).await?))
        }
        Err(error) => Err(error),
    }
}

async fn write_announcement(ctx: &Ctx, leaving: &Leaving, plan: Plan) -> AppResult<String> {
    let county = leaving.village.county();
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, county).await?;
    let posting = (county, leaving.posting_id.as_str());
    let id = flows::announce_handover(&mut tx, posting, plan, pack, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(id)
}

/// The posting behind a handover, with who may follow.
async fn behind(conn: &mut Conn, row: &HandoverRow) -> AppResult<(Leaving, Vec<Next>)> {
    flows::leaving(conn, row.county_id, &row.posting_id).await?.ok_or(AppError::NotFound)
}

async fn change_page(ctx: &Ctx, conn: &mut Conn, row: &HandoverRow, form: Form) -> AppResult<PlanPage> {
    let (leaving, nexts) = behind(conn, row).await?;
    let words = (
        text!("调整交接计划：{name}", name = row.old_name),
        text!("保存"),
        format!("{}/plan", row.address()),
        row.address(),
    );
    plan_page(ctx, conn, (&leaving, &nexts), form, words).await
}

pub async fn change_form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    acts::state_of(&row)?.revise()?;
    let form = Form::of([
        ("leaves_on", row.leaves_on.to_string()),
        ("reason", row.reason.clone()),
        ("next", row.new_posting_id.clone().unwrap_or_default()),
        ("version", row.version.to_string()),
    ]);
    Ok(ctx.page(&change_page(&ctx, &mut conn, &row, form).await?))
}

pub async fn change(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let (_, nexts) = behind(&mut conn, &row).await?;
    let done = match asked(&form, row.old_since, nexts) {
        Ok(plan) => {
            let mut tx = ctx.begin().await?;
            let version = form.get("version").parse().unwrap_or(0);
            let changed = acts::change_plan(&mut tx, (row.county_id, &row.id), plan, version, &ctx.actor()?).await;
            match changed {
                Ok(()) => tx.commit().await.map_err(Into::into),
                Err(error) => Err(error),
            }
        }
        Err(refusal) => Err(refusal.into()),
    };
    match done {
        Ok(()) => Ok(ctx.redirect(&row.address(), &text!("计划已调整。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("leaves_on"), refusal.message);
            Ok(ctx.refused(&change_page(&ctx, &mut conn, &row, typed).await?))
        }
        Err(error) => Err(error),
    }
}

pub async fn start(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    let mut tx = ctx.begin().await?;
    acts::start(&mut tx, row.county_id, &row.id, flows::OPEN_THINGS, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&row.address(), &text!("交接已启动，三方各有一条待办。")))
}

async fn complete_page(ctx: &Ctx, conn: &mut Conn, row: &HandoverRow, form: Form) -> AppResult<CompletePage> {
    let new = row.new_name.clone().map_or_else(|| text!("村里的驻村干部"), Text::data);
    let mut effects = vec![
        text!("{name}从所填日期起离任", name = row.old_name),
        text!("清单里和清单之后的未了待办，全部转给{name}", name = new),
    ];
    effects.push(match &row.new_name {
        Some(name) => text!("{name}已批准、到了到岗日期的，同时确认到岗", name = name),
        None => text!("没有接任的人，按制度包应派的空缺成为驻村办的待办"),
    });
    Ok(CompletePage {
        shell: ctx.shell(conn, text!("办结交接：{name}", name = row.old_name), Some(row.village)).await?,
        form,
        action: format!("{}/completion", row.address()),
        back: row.address(),
        effects,
    })
}

pub async fn complete_form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let form = Form::of([("on", row.leaves_on.to_string())]);
    Ok(ctx.page(&complete_page(&ctx, &mut conn, &row, form).await?))
}

pub async fn complete(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    // A completion ends a posting: whoever may not do that may not do this.
    if !ctx.viewer()?.scope(Permission::PostingsWrite).holds(row.village) {
        return Err(AppError::Forbidden);
    }
    drop(conn);
    let done = match form.some("on").and_then(Day::parse) {
        Some(on) => write_completion(&ctx, &row, on).await,
        None => Err(Refusal::at("on", text!("请填离任日期，写作 2024-01-18")).into()),
    };
    match done {
        Ok(()) => Ok(ctx.redirect(&row.address(), &text!("交接已办结，未了事项都已转交。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("on"), refusal.message);
            Ok(ctx.refused(&complete_page(&ctx, &mut ctx.read().await?, &row, typed).await?))
        }
        Err(error) => Err(error),
    }
}

async fn write_completion(ctx: &Ctx, row: &HandoverRow, on: Day) -> AppResult<()> {
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, row.county_id).await?;
    let which = (row.county_id, row.id.as_str());
    flows::complete_handover(&mut tx, which, on, pack, flows::OPEN_THINGS, &ctx.actor()?).await?;
    Ok(tx.commit().await?)
}

async fn cancel_page(ctx: &Ctx, conn: &mut Conn, row: &HandoverRow, form: Form) -> AppResult<ConfirmPage> {
    Ok(ConfirmPage {
        shell: ctx.shell(conn, text!("取消交接"), Some(row.village)).await?,
        say: text!("{name}的交接不再继续", name = row.old_name),
        effects: vec![text!("派驻照旧，未了事项不动"), text!("清单和经过留存；以后可以重新启动一次交接")],
        action: format!("{}/cancellation", row.address()),
        button: text!("取消交接"),
        back: row.address(),
        form,
        ask_reason: true,
    })
}

pub async fn ask_cancel(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    Ok(ctx.page(&cancel_page(&ctx, &mut conn, &row, Form::default()).await?))
}

pub async fn cancel(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let Some(why) = form.some("reason") else {
        let typed = form.typed().with_error("reason", text!("请写明为什么取消"));
        return Ok(ctx.refused(&cancel_page(&ctx, &mut conn, &row, typed).await?));
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    acts::cancel(&mut tx, row.county_id, &row.id, why, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&row.address(), &text!("交接已取消。")))
}
