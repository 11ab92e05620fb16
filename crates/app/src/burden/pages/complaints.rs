//! The complaint box. A nameless complaint goes its own way: no `ctx.begin`, which would write the form's key beside the
//! account; no redirect, whose address would be remembered; no draft kept by the browser.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Form, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::Day,
    seal::random_token,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{county_of, views};
use crate::{
    accounts::Permission,
    burden::{
        acts,
        rules::{Class, Code},
        store::{self, ComplaintRow, NamelessRow},
    },
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "burden/complaints.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    named: Vec<Line>,
    nameless: Vec<Line>,
    is_office: bool,
    form: Form,
}

/// A complaint as it is shown.
struct Line {
    id: String,
    class: Text,
    words: String,
    /// Who and when, as far as the viewer may know.
    who: Text,
    answer: String,
    answered: Text,
    state: Shown,
    /// Where the office answers.
    action: Option<String>,
}

#[derive(Template)]
#[template(path = "burden/new_complaint.html")]
struct NewPage {
    shell: Shell,
    views: Vec<Link>,
    form: Form,
    classes: Vec<Choice>,
    ways: Vec<Choice>,
    /// Made for this form; only the complainer ever sees it again.
    code: String,
    days: i64,
}

#[derive(Template)]
#[template(path = "burden/code.html")]
struct CodePage {
    shell: Shell,
    code: String,
    due: Day,
}

#[derive(Template)]
#[template(path = "burden/follow_up.html")]
struct FollowUpPage {
    shell: Shell,
    form: Form,
    found: Option<Line>,
}

fn class_of(code: &str) -> Text {
    Class::parse(code).map(|class| Text::key(class.zh())).unwrap_or_default()
}

fn standing(answer: Option<&String>, due: Day, today: Day) -> Shown {
    match answer {
        Some(_) => Shown::new(Tone::Ok, text!("已答复")),
        None if due < today => Shown::new(Tone::Late, text!("逾期未答复")),
        None => Shown::new(Tone::Wait, text!("{day} 前答复", day = due)),
    }
}

fn answered(on: Option<Day>, by: Option<String>) -> Text {
    match (on, by) {
        (Some(on), Some(by)) => text!("{name} {day} 答复", name = by, day = on),
        _ => Text::default(),
    }
}

/// A named complaint: its name is for the office and for who made it.
fn named(row: ComplaintRow, today: Day, viewer: &str, is_office: bool) -> Line {
    let sees_name = is_office || row.account_id == viewer;
    let who = if sees_name {
        text!("{name} {day}", name = row.actor, day = row.made_on)
    } else {
        text!("实名反映 {day}", day = row.made_on)
    };
    let open = row.answer.is_none() && is_office;
    Line {
        class: class_of(&row.class),
        who,
        state: standing(row.answer.as_ref(), row.due, today),
        answered: answered(row.answered_on, row.answered_by),
        action: open.then(|| format!("/complaints/{}/{}/answer", row.county_id, row.id)),
        answer: row.answer.unwrap_or_default(),
        words: row.words,
        id: row.id,
    }
}

fn nameless(row: NamelessRow, today: Day, is_office: bool) -> Line {
    let open = row.answer.is_none() && is_office;
    Line {
        class: class_of(&row.class),
        who: text!("不记名，{day} 那一周", day = row.week),
        state: standing(row.answer.as_ref(), row.due, today),
        answered: answered(row.answered_on, row.answered_by),
        action: open.then(|| format!("/complaints/nameless/{}/{}/answer", row.county_id, row.code_hash)),
        answer: row.answer.unwrap_or_default(),
        words: row.words,
        id: row.code_hash,
    }
}

async fn list_page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<ListPage> {
    let viewer = ctx.viewer()?;
    let county = viewer.home.county();
    let is_office = viewer.scope(Permission::ComplaintsAnswer).holds(county.division());
    let rows = store::complaints(conn, county).await?.into_iter();
    let hidden = if is_office { store::nameless(conn, county).await? } else { Vec::new() };
    Ok(ListPage {
        shell: ctx.shell(conn, text!("减负意见箱"), Some(county.division())).await?,
        views: views(ctx, "/complaints"),
        named: rows.map(|row| named(row, ctx.today, &viewer.account_id, is_office)).collect(),
        nameless: hidden.into_iter().map(|row| nameless(row, ctx.today, is_office)).collect(),
        is_office,
        form,
    })
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = list_page(&ctx, &mut conn, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn new_page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<NewPage> {
    let county = ctx.viewer()?.home.county();
    let days = ctx.pack(conn, county).await?.complaint_days();
    Ok(NewPage {
        shell: ctx.shell(conn, text!("提一条减负意见"), Some(county.division())).await?,
        views: views(ctx, "/complaints"),
        form,
        classes: Class::ALL.map(|class| Choice::new(class.code(), Text::key(class.zh()))).into(),
        ways: vec![
            Choice::new("named", text!("实名：驻村办看得到您的名字，答复全县登录的人都能看到")),
            Choice::new("nameless", text!("不记名：不记账号、不记日期，只给您一个编号，凭编号看答复")),
        ],
        code: Code::new(county, &random_token()?).to_string(),
        days,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = new_page(&ctx, &mut conn, Form::of([("way", "named")])).await?;
    Ok(ctx.page(&page))
}

/// The longest complaint in characters.
const LONGEST: usize = 1_000;

fn words(form: &FormData, field: &'static str) -> Result<String, Refusal> {
    let words = form.get(field);
    match words.chars().count() {
        0..=4 => Err(Refusal::at(field, text!("请写几句，说清是哪件事"))),
        n if n > LONGEST => Err(Refusal::at(field, text!("最多 {n} 个字", n = LONGEST))),
        _ => Ok(words.to_owned()),
    }
}

struct Asked {
    class: Class,
    words: String,
    nameless: bool,
}

fn asked(form: &FormData) -> Result<Asked, Refusal> {
    let class = Class::parse(form.get("class")).ok_or_else(|| Refusal::at("class", text!("请选是哪一类负担")))?;
    let words = words(form, "words")?;
    let nameless = match form.get("way") {
        "named" => false,
        "nameless" => true,
        _ => return Err(Refusal::at("way", text!("请选实名还是不记名"))),
    };
    Ok(Asked { class, words, nameless })
}

pub async fn add(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let asked = match asked(&data) {
        Ok(asked) => asked,
        Err(refusal) => {
            let typed = data.typed().with_error(refusal.field.unwrap_or("words"), refusal.message);
            let mut conn = ctx.read().await?;
            return Ok(ctx.refused(&new_page(&ctx, &mut conn, typed).await?));
        }
    };
    if asked.nameless { add_nameless(&ctx, &asked, data.get("code")).await } else { add_named(&ctx, &asked).await }
}

async fn add_named(ctx: &Ctx, asked: &Asked) -> AppResult<Response> {
    let county = ctx.viewer()?.home.county();
    let mut tx = ctx.begin().await?;
    let days = ctx.app.pack(&mut tx, county).await?.complaint_days();
    acts::complain(&mut tx, county, (asked.class, &asked.words), days, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/complaints", &text!("已交给驻村办，会按期答复。")))
}

/// Sent twice, the code is the same and so is the row.
async fn add_nameless(ctx: &Ctx, asked: &Asked, code: &str) -> AppResult<Response> {
    let county = ctx.viewer()?.home.county();
    let spoiled = || AppError::BadRequest(text!("这张表的编号不对，请刷新页面重填。"));
    let code = Code::parse(code).filter(|code| code.county == county).ok_or_else(spoiled)?;
    let mut tx = ctx.app.db.begin().await?;
    let days = ctx.app.pack(&mut tx, county).await?.complaint_days();
    acts::complain_nameless(&mut tx, &code, (asked.class, &asked.words), ctx.today, days).await?;
    let due = store::find_nameless(&mut tx, county, &code.hash()).await?.map_or(ctx.today, |row| row.due);
    tx.commit().await?;
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("已收到"), Some(county.division())).await?;
    Ok(ctx.page(&CodePage { shell, code: code.to_string(), due }))
}

pub async fn follow_up_form(ctx: Ctx) -> AppResult<Response> {
    let shell = ctx.bare_shell(text!("凭编号看答复"));
    Ok(ctx.page(&FollowUpPage { shell, form: Form::default(), found: None }))
}

/// Looks a nameless complaint up by its code: nothing is written, and nobody need be signed in.
pub async fn follow_up(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let shell = ctx.bare_shell(text!("凭编号看答复"));
    let who = ctx.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
    let limited = ctx.app.code_tries.take(&who, ctx.app.clock.now());
    limited.map_err(|seconds| AppError::TooMany { retry_after_seconds: seconds })?;
    let row = match Code::parse(data.get("number")) {
        Some(code) => store::find_nameless(&mut ctx.read().await?, code.county, &code.hash()).await?,
        None => None,
    };
    match row {
        Some(row) => {
            let found = Some(nameless(row, ctx.today, false));
            Ok(ctx.page(&FollowUpPage { shell, form: Form::default(), found }))
        }
        None => {
            let form = data.typed().with_error("number", text!("没有这个编号，请核对后再试"));
            Ok(ctx.refused(&FollowUpPage { shell, form, found: None }))
        }
    }
}

/// Which of the two boxes a complaint lies in.
#[derive(Clone, Copy)]
enum Lot {
    Named,
    Nameless,
}

pub async fn answer(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    reply(&ctx, &county, &id, &data, Lot::Named).await
}

pub async fn answer_nameless(
    ctx: Ctx,
    Path((county, id)): Path<(String, String)>,
    data: FormData,
) -> AppResult<Response> {
    reply(&ctx, &county, &id, &data, Lot::Nameless).await
}

async fn reply(ctx: &Ctx, county: &str, id: &str, data: &FormData, lot: Lot) -> AppResult<Response> {
    let county = county_of(county)?;
    store::require(&ctx.scope, county)?;
    let done = async {
        let words = words(data, "answer")?;
        let mut tx = ctx.begin().await?;
        match lot {
            Lot::Named => acts::answer(&mut tx, county, id, &words, &ctx.actor()?).await?,
            Lot::Nameless => acts::answer_nameless(&mut tx, county, id, &words, &ctx.actor()?).await?,
        }
        tx.commit().await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(ctx.redirect("/complaints", &text!("已答复。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = data.typed().with_error("answer", refusal.message);
            let mut conn = ctx.read().await?;
            Ok(ctx.refused(&list_page(ctx, &mut conn, typed).await?))
        }
        Err(error) => Err(error),
    }
}
