//! What is done on a project's page.

use axum::{extract::Path, response::Response};
use base::{
    i18n::Text,
    kernel::{Day, Fen},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts::{self, Progress},
        rules::{FundSource, GAINS, Stage},
        store::{self, NewFund, NewGain, ProjectRow},
    },
    find,
    show::after,
};
use crate::{
    accounts::{Actor, Role},
    express::{departments, evidence::Evidence, money, words},
    packs::Pack,
    spine::facts::Catalogue,
    web::{Ctx, FormData, Upload},
};

type At = Path<(String, String)>;
type AtPart = Path<(String, String, String)>;

/// The record within the places of the route's permission.
struct Desk<'a> {
    row: ProjectRow,
    pack: &'a Pack,
    actor: Actor,
}

impl<'a> Desk<'a> {
    async fn open(ctx: &'a Ctx, code: &str, id: &str) -> AppResult<Self> {
        let mut conn = ctx.read().await?;
        let row = find(ctx, &mut conn, code, id).await?;
        ctx.scope.require(row.village)?;
        let pack = ctx.pack(&mut conn, row.county_id).await?;
        let actor = ctx.actor_at(row.village)?;
        Ok(Self { row, pack, actor })
    }

    fn key(&self) -> acts::Key<'_> {
        (self.row.county_id, &self.row.id)
    }
}

fn wrong(field: &'static str) -> impl Fn(Text) -> AppError {
    move |say| Refusal::at(field, say).into()
}

fn read_day(form: &FormData, field: &'static str) -> AppResult<Day> {
    Day::parse(form.get(field)).ok_or_else(|| wrong(field)(text!("日期应写作 2024-01-18")))
}

pub async fn advance(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let on = read_day(&form, "on")?;
        let due = match form.some("stage_due") {
            Some(_) => Some(read_day(&form, "stage_due")?),
            None => None,
        };
        let said = form.some("stage_words");
        if said.is_some_and(|said| said.chars().count() > 500) {
            return Err(wrong("stage_words")(text!("这里最多 {most} 字", most = 500)));
        }
        let mut tx = ctx.begin().await?;
        acts::advance(&mut tx, desk.key(), (on, said, due), desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已进入下一阶段。")).await
}

pub async fn progress(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let percent = form.get("progress").trim_end_matches(['%', '％']).parse::<i64>().ok();
        let percent = percent.filter(|n| (0..=100).contains(n));
        let percent = percent.ok_or_else(|| wrong("progress")(text!("进度填 0 到 100")))?;
        let sure = form.get("sure") == "yes";
        let spent = money::read_some(form.get("spent"), desk.pack.project_ask_wan(), sure).map_err(wrong("spent"))?;
        let due = match form.some("next_due") {
            Some(_) => Some(read_day(&form, "next_due")?),
            None => None,
        };
        let long = |field: &'static str| {
            let text = form.some(field).map(str::to_owned);
            let fits = text.as_ref().is_none_or(|text| text.chars().count() <= 500);
            if fits { Ok(text) } else { Err(wrong(field)(text!("这里最多 {most} 字", most = 500))) }
        };
        let new = Progress {
            progress: percent,
            spent: spent.map_or(0, |fen| fen.0),
            over_why: long("over_why")?,
            due,
            words: long("progress_words")?,
        };
        let mut tx = ctx.begin().await?;
        acts::report(&mut tx, desk.key(), new, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("进度和支出已更新。")).await
}

pub async fn add_files(ctx: Ctx, Path((code, id)): At, mut upload: Upload) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let (county, by) = (desk.row.county_id, &desk.actor);
    let files = Evidence::read(&mut ctx.read().await?, &mut upload, "stage_files", county, by).await?;
    let mut form = upload.form;
    let done = async {
        let stage = Stage::parse(form.get("of_stage"));
        let stage = stage.ok_or_else(|| wrong("of_stage")(text!("请选项目走到过的阶段")))?;
        let words = form.some("files_words");
        if words.is_some_and(|words| words.chars().count() > 200) {
            return Err(wrong("files_words")(text!("这里最多 {most} 字", most = 200)));
        }
        let mut tx = ctx.begin().await?;
        let kept = files.keep(&ctx, &mut tx, county, by).await?;
        acts::add_files(&mut tx, desk.key(), (stage, &kept), words, by).await?;
        Ok(tx.commit().await?)
    }
    .await;
    files.keep_for_next(&ctx, &mut form, county, (&done, by)).await?;
    after(&ctx, desk.key(), &form, done, &text!("照片和材料已加上。")).await
}

pub async fn remove_file(ctx: Ctx, Path((code, id, file)): AtPart, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::remove_file(&mut tx, desk.key(), &file, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已撤下，别人不再看得到。")).await
}

pub async fn add_fund(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let mut conn = ctx.read().await?;
    let units = departments::list(&mut conn, desk.row.county_id).await?;
    drop(conn);
    let done = async {
        let source = FundSource::parse(form.get("source"));
        let source = source.ok_or_else(|| wrong("source")(text!("请选这笔钱从哪里来")))?;
        let sure = form.get("sure") == "yes";
        let amount = money::read(form.get("fund_amount"), desk.pack.project_ask_wan(), sure);
        let amount = amount.map_err(wrong("fund_amount"))?;
        let unit = units.iter().find(|one| one.id == form.get("giver")).map(|one| (one.id.clone(), one.name.clone()));
        let fund = NewFund { source, unit, amount: amount.0, arrived_on: None };
        let mut tx = ctx.begin().await?;
        acts::add_fund(&mut tx, desk.key(), &fund, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("资金已登记，到位后再记一笔到位。")).await
}

pub async fn arrive(ctx: Ctx, Path((code, id, fund)): AtPart, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let on = read_day(&form, "on")?;
        let mut tx = ctx.begin().await?;
        acts::arrive(&mut tx, desk.key(), &fund, on, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已记到位，计入投入资金。")).await
}

pub async fn remove_fund(ctx: Ctx, Path((code, id, fund)): AtPart, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::remove_fund(&mut tx, desk.key(), &fund, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已删去这笔资金。")).await
}

/// An amount of a gain in its indicator's smallest unit; many at once are asked about.
fn read_amount(typed: &str, indicator: &str, sure: bool, field: &'static str) -> AppResult<i64> {
    let known = GAINS.iter().find(|(code, ..)| *code == indicator);
    let (_, unit, per, ask) = known.ok_or_else(|| wrong("indicator")(text!("请选是哪一种收益")))?;
    if *unit == "万元" {
        return money::read(typed, *ask, sure).map(|fen| fen.0).map_err(wrong(field));
    }
    // Whole numbers and parts of them to the smallest unit, read as 万元 are.
    let parsed = Fen::parse_wan(typed).filter(|fen| fen.0 > 0 && fen.0 * per % 1_000_000 == 0);
    let parsed = parsed.ok_or_else(|| wrong(field)(text!("请填数量，例如 12")))?;
    if parsed.0 > ask * 1_000_000 && !sure {
        let say = text!(
            "一次 {n} {unit} 不常见，请核对；确实是这么多，请勾选“金额没有写错”再提交",
            n = typed,
            unit = Text::key(unit)
        );
        return Err(wrong(field)(say));
    }
    Ok(parsed.0 * per / 1_000_000)
}

pub async fn add_gain(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let indicator = store::gain_code(form.get("indicator"));
        let indicator = indicator.ok_or_else(|| wrong("indicator")(text!("请选是哪一种收益")))?;
        let year = form.get("year").parse::<i16>().ok().filter(|year| (2000..=ctx.today.year()).contains(year));
        let year = year.ok_or_else(|| wrong("year")(text!("年度填四位数，不晚于今年")))?;
        let sure = form.get("sure") == "yes";
        let amount = read_amount(form.get("gain"), indicator, sure, "gain")?;
        let evidence = words(form.get("gain_evidence"), 500, text!("请写凭据：账目、分红表、谁能证明"));
        let evidence = evidence.map_err(wrong("gain_evidence"))?;
        let mut tx = ctx.begin().await?;
        let villages = store::villages(&mut tx, desk.row.county_id, &desk.row.id).await?;
        let counted = store::counted_elsewhere(&mut tx, &villages, indicator, i64::from(year), &desk.row.id).await?;
        let elsewhere = match form.some("elsewhere") {
            Some("0") => 0,
            Some(typed) => read_amount(typed, indicator, true, "elsewhere")?,
            None if counted == 0 => 0,
            None => {
                let shown = Catalogue::get().find(indicator).map(|one| one.shown(counted)).unwrap_or_default();
                let say = text!(
                    "{year} 年这个村的工作日志里已计 {n}。其中多少就是这个项目的？填在这里，不会重复计；都不是就填 0",
                    year = year,
                    n = shown
                );
                return Err(wrong("elsewhere")(say));
            }
        };
        let last = Day::new(year, 12, 31).map_or(ctx.today, |last| last.min(ctx.today));
        let unit = GAINS.iter().find(|(known, ..)| *known == indicator).map_or("", |(_, unit, ..)| unit);
        let name = Catalogue::get().find(indicator).map(|one| one.name.as_str()).unwrap_or_default();
        let number = form.get("gain").trim_end_matches(unit);
        let gain = NewGain {
            year: i64::from(year),
            day: last,
            indicator,
            amount,
            elsewhere,
            typed: format!("{name} {number} {unit}"),
            evidence,
        };
        acts::add_gain(&mut tx, desk.key(), &gain, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("收益已登记。")).await
}

pub async fn withdraw_gain(ctx: Ctx, Path((code, id, gain)): AtPart, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::withdraw_gain(&mut tx, desk.key(), &gain, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已撤回，不再计入统计；可以重新登记。")).await
}

pub async fn stop(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let why = words(form.get("stop_why"), 500, text!("请写为什么终止")).map_err(wrong("stop_why"))?;
        let mut tx = ctx.begin().await?;
        acts::stop(&mut tx, desk.key(), &why, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("项目已终止。")).await
}

/// The township passes what was applied for; the office passes, and lists what the township has passed.
fn may_pass(ctx: &Ctx, desk: &Desk<'_>) -> AppResult<()> {
    let roles: &[Role] = if desk.row.stage == "applied" { &[Role::Township, Role::Office] } else { &[Role::Office] };
    if ctx.viewer()?.holds_at(roles, desk.row.village) { Ok(()) } else { Err(AppError::Forbidden) }
}

pub async fn pass(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    may_pass(&ctx, &desk)?;
    let done = async {
        let mut tx = ctx.begin().await?;
        acts::pass(&mut tx, desk.key(), form.some("pass_words"), desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已审核通过。")).await
}

pub async fn refuse(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    may_pass(&ctx, &desk)?;
    let done = async {
        let why = words(form.get("refuse_why"), 500, text!("请写要改什么")).map_err(wrong("refuse_why"))?;
        let mut tx = ctx.begin().await?;
        acts::refuse(&mut tx, desk.key(), &why, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已退回，申报的人会在“今日”里看到。")).await
}

pub async fn apply_again(ctx: Ctx, Path((code, id)): At, form: FormData) -> AppResult<Response> {
    let desk = Desk::open(&ctx, &code, &id).await?;
    let done = async {
        let said = words(form.get("apply_words"), 500, text!("请写改了什么")).map_err(wrong("apply_words"))?;
        let mut tx = ctx.begin().await?;
        acts::apply_again(&mut tx, desk.key(), &said, desk.pack, &desk.actor).await?;
        Ok(tx.commit().await?)
    }
    .await;
    after(&ctx, desk.key(), &form, done, &text!("已重新申报。")).await
}
