//! What departments do: claim, join, answer, report, solve, or say whose it is.

use axum::{extract::Path, response::Response};
use base::{
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts::{self, Claim},
        store::{self, ProblemRow},
    },
    find,
    show::after,
};
use crate::{
    accounts::{Actor, Permission},
    express::{
        departments::{self, Department},
        evidence::Evidence,
        words,
    },
    packs::Pack,
    web::{Ctx, FormData, Upload},
};

type At = Path<(String, String)>;

/// The record with the department in whose name the viewer acts.
struct Desk<'a> {
    row: ProblemRow,
    unit: Department,
    pack: &'a Pack,
    actor: Actor,
}

impl<'a> Desk<'a> {
    async fn open(ctx: &'a Ctx, county: &str, id: &str) -> AppResult<Self> {
        let mut conn = ctx.read().await?;
        let row = find(ctx, &mut conn, county, id).await?;
        let unit = departments::own(ctx, &mut conn, row.unit_id.as_deref()).await?.ok_or(AppError::Forbidden)?;
        let pack = ctx.pack(&mut conn, row.county_id).await?;
        Ok(Self { row, unit, pack, actor: ctx.actor()? })
    }

    fn key(&self) -> (base::kernel::CountyId, &str) {
        (self.row.county_id, &self.row.id)
    }

    /// Only whom it was addressed to, or who leads it.
    fn must_be_named(&self) -> AppResult<()> {
        if self.row.unit_id.as_deref() == Some(self.unit.id.as_str()) { Ok(()) } else { Err(AppError::Forbidden) }
    }
}

fn said(form: &FormData, field: &'static str, most: usize, ask: Text) -> AppResult<String> {
    words(form.get(field), most, ask).map_err(|say| Refusal::at(field, say).into())
}

pub async fn claim(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    let done = async {
        let promise = said(&form, "promise", 500, text!("请写怎么办、办到什么程度"))?;
        let due = Day::parse(form.get("due")).ok_or_else(|| Refusal::at("due", text!("请填哪天办结")))?;
        let claim = Claim { lead: &desk.unit, joining: &[], promise: &promise, due, meeting: None };
        let mut tx = ctx.begin().await?;
        // A problem in hand is refused in words that say how to join; one addressed elsewhere is nobody else's to take.
        if desk.row.state().is_some_and(|state| !state.is_in_hand()) {
            desk.must_be_named()?;
        }
        acts::claim(&mut tx, desk.key(), claim, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已牵头认领，到期前请报告办完。")).await
}

pub async fn join(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    let done = async {
        let words = said(&form, "join_words", 500, text!("请写本单位配合做什么"))?;
        let mut tx = ctx.begin().await?;
        acts::join(&mut tx, desk.key(), &desk.unit, &words, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已记为配合办理。")).await
}

pub async fn answer(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    desk.must_be_named()?;
    let done = async {
        let words = said(&form, "answer_words", 1_000, text!("请写答复"))?;
        let mut tx = ctx.begin().await?;
        acts::answer(&mut tx, desk.key(), (Some(&desk.unit), &words), desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已答复，等报问题的人确认。")).await
}

pub async fn not_ours(ctx: Ctx, Path((county, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    desk.must_be_named()?;
    let mut conn = ctx.read().await?;
    let all = departments::list(&mut conn, desk.row.county_id).await?;
    drop(conn);
    let done = async {
        let whose = all.iter().find(|one| one.id == form.get("whose"));
        let whose = whose.ok_or_else(|| Refusal::at("whose", text!("请选应归哪个单位")))?;
        let why = said(&form, "transfer_why", 500, text!("请写依据：只说不归本单位不行，要说为什么归它"))?;
        let mut tx = ctx.begin().await?;
        acts::not_ours(&mut tx, desk.key(), &desk.unit, (whose, &why), desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    if done.is_ok() {
        // It is no longer this department's, so its page may be out of sight.
        return Ok(ctx.redirect("/problems", &text!("已说明，交驻村办定归属。")));
    }
    after(&ctx, desk.key(), &form, done, &Text::default()).await
}

pub async fn report(ctx: Ctx, Path((county, id)): At, mut upload: Upload) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    let mut conn = ctx.read().await?;
    let claims = store::claims(&mut conn, desk.row.county_id, &desk.row.id).await?;
    if !claims.iter().any(|claim| claim.ended_on.is_none() && claim.unit_id == desk.unit.id) {
        return Err(AppError::Forbidden);
    }
    let (county, by) = (desk.row.county_id, &desk.actor);
    let files = Evidence::read(&mut conn, &mut upload, "report_files", county, by).await?;
    drop(conn);
    let mut form = upload.form;
    let done = async {
        let words = said(&form, "report_words", 1_000, text!("请写办到哪一步了"))?;
        let mut tx = ctx.begin().await?;
        let kept = files.keep(&ctx, &mut tx, county, by).await?;
        acts::report(&mut tx, desk.key(), (&desk.unit, &words, &kept), desk.pack, by).await?;
        Ok(tx.commit().await?)
    }
    .await;
    files.keep_for_next(&ctx, &mut form, county, (&done, by)).await?;
    after(&ctx, desk.key(), &form, done, &text!("进展已记下。")).await
}

/// The department takes back what it sent by mistake; the office may do it for anybody.
pub async fn remove_file(
    ctx: Ctx,
    Path((county, id, file)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    let own = departments::own(&ctx, &mut conn, row.unit_id.as_deref()).await?;
    drop(conn);
    let whose = match own {
        _ if ctx.viewer()?.scope(Permission::ProblemsSteer).holds(row.village) => None,
        Some(own) => Some(own.name),
        None => return Err(AppError::Forbidden),
    };
    let key = (row.county_id, row.id.as_str());
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::remove_file(&mut tx, key, &file, whose.as_deref(), &ctx.actor()?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, key, &form, done, &text!("已撤下，别人不再看得到。")).await
}

pub async fn solve(ctx: Ctx, Path((county, id)): At, mut upload: Upload) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &county, &id).await?;
    desk.must_be_named()?;
    let (county, by) = (desk.row.county_id, &desk.actor);
    let files = Evidence::read(&mut ctx.read().await?, &mut upload, "solution_files", county, by).await?;
    let mut form = upload.form;
    let done = async {
        let words = said(&form, "evidence", 1_000, text!("请写结果和凭据，报问题的人凭它确认"))?;
        let mut tx = ctx.begin().await?;
        let kept = files.keep(&ctx, &mut tx, county, by).await?;
        acts::solve(&mut tx, desk.key(), (&desk.unit, &words, &kept), desk.pack, by).await?;
        Ok(tx.commit().await?)
    }
    .await;
    files.keep_for_next(&ctx, &mut form, county, (&done, by)).await?;
    after(&ctx, desk.key(), &form, done, &text!("已报告办完，等报问题的人确认。")).await
}
