//! 查我提的事: by its code, how it goes; add to it, rate it, open it again, take it back.

use askama::Template;
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use base::{
    db::Conn,
    html::{Form, Shell, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult, cookie},
};

use super::{alarm, carry, missed, network, raise::CODE_COOKIE};
use crate::{
    flows,
    matters::{
        acts::{self, step},
        pages::attach::Attached,
        rules::{Act, Code, Level, MOST_WORDS, Matter, Move, Rating, Stage, noted},
        store::{self, EventRow},
    },
    places,
    web::{Ctx, Upload},
};

#[derive(Template)]
#[template(path = "matters/pages/villager/ask.html")]
struct AskPage {
    shell: Shell,
    form: Form,
    action: String,
    say: Option<Text>,
}

#[derive(Template)]
#[template(path = "matters/pages/villager/received.html")]
struct ReceivedPage {
    shell: Shell,
    code: String,
    href: String,
}

#[derive(Template)]
#[template(path = "matters/pages/villager/follow.html")]
struct FollowPage {
    shell: Shell,
    form: Form,
    root: String,
    query: String,
    number: i64,
    village: String,
    words: String,
    files: usize,
    say: Text,
    steps: Vec<StepLine>,
    events: Vec<EventLine>,
    kept: Vec<String>,
    phone: Option<String>,
    may_add: bool,
    may_rate: bool,
    may_reopen: bool,
    may_withdraw: bool,
    rated: Option<Text>,
    said: Option<String>,
}

struct StepLine {
    class: &'static str,
    word: Text,
}

struct EventLine {
    when: String,
    what: Text,
    words: Text,
    own: bool,
}

fn ask_page(ctx: &Ctx, form: Form, say: Option<Text>) -> AskPage {
    AskPage { shell: ctx.bare_shell(text!("查我提的事")), form, action: carry(ctx, "/m"), say }
}

pub async fn ask(ctx: Ctx) -> AppResult<Response> {
    Ok(ctx.page(&ask_page(&ctx, Form::default(), None)))
}

/// The code typed leads to its page; whether there is such a matter is told there.
pub async fn look(ctx: Ctx, form: crate::web::FormData) -> AppResult<Response> {
    match Code::parse(form.get("number")) {
        Some(code) => Ok(Redirect::to(&carry(&ctx, &format!("/m/{}", code.plain()))).into_response()),
        None => {
            let typed = form.typed().with_error("number", text!("编号是 10 个字母和数字，请对着纸条再输一遍"));
            Ok(ctx.refused(&ask_page(&ctx, typed, None)))
        }
    }
}

/// The page right after raising: the code in large letters, from a cookie of this browser alone.
pub async fn received(ctx: Ctx, headers: HeaderMap) -> AppResult<Response> {
    let Some(code) = cookie(&headers, CODE_COOKIE).and_then(|code| Code::parse(&code)) else {
        return Ok(Redirect::to(&carry(&ctx, "/m")).into_response());
    };
    let href = carry(&ctx, &format!("/m/{}", code.plain()));
    Ok(ctx.page(&ReceivedPage { shell: ctx.bare_shell(text!("已收到")), code: code.to_string(), href }))
}

/// Unknown, mistyped and withdrawn codes are answered alike.
fn unknown(ctx: &Ctx) -> Response {
    let say = text!("没有这个编号。请对着纸条核对；编号丢了，请找驻村干部补一个。");
    let mut response = ctx.page(&ask_page(ctx, Form::default(), Some(say)));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The matter of a code. Each miss is counted; who misses too often is asked to wait, with a right code too.
async fn find(ctx: &Ctx, conn: &mut Conn, typed: &str) -> AppResult<Option<(Matter, Code)>> {
    let (who, now) = (network(ctx.peer), ctx.app.clock.now());
    if let Err(seconds) = ctx.app.villagers.misses.take(&who, now) {
        alarm(ctx, &who).await?;
        return Err(AppError::TooMany { retry_after_seconds: seconds });
    }
    let found = match Code::parse(typed) {
        Some(code) => store::find_by_code(conn, &code.hash(&ctx.app.keys, crate::matters::rules::FOLLOW_UP))
            .await?
            .map(|matter| (matter, code)),
        None => None,
    };
    match found {
        Some(found) => {
            ctx.app.villagers.misses.give_back(&who);
            Ok(Some(found))
        }
        None => {
            missed(ctx).await?;
            Ok(None)
        }
    }
}

fn steps(matter: &Matter) -> Vec<StepLine> {
    let now = match matter.stage() {
        Stage::Held | Stage::Raised => 0,
        Stage::Accepted | Stage::Deliberating | Stage::Township | Stage::Express => 1,
        Stage::Solved => 2,
        Stage::Closed | Stage::Withdrawn | Stage::Merged => 3,
    };
    let words = [text!("已收到"), text!("正在办"), text!("办完了，请您评价"), text!("已结束")];
    let class = |at: usize| match at.cmp(&now) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal if now == 3 => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "",
    };
    words.into_iter().enumerate().map(|(at, word)| StepLine { class: class(at), word }).collect()
}

/// Where it stands, in a sentence.
fn say(matter: &Matter) -> Text {
    let day = matter.due();
    match matter.stage() {
        Stage::Held => text!("已收到，村里看过就办。"),
        Stage::Raised => text!("已收到，{due} 前答复您。", due = matter.due_at.local_minute()),
        Stage::Accepted => text!("正在办，{day} 前办好。", day = day),
        Stage::Deliberating => text!("村党支部正在商量怎么办，{day} 前有结果。", day = day),
        Stage::Township => text!("已报到乡镇，{day} 前有结果。", day = day),
        Stage::Express => text!("已报到县里找部门、找资金，{day} 前告诉您进展。", day = day),
        Stage::Solved => text!("村里说办好了。满意不满意，请您说一句。"),
        Stage::Closed => text!("这件事结束了。"),
        Stage::Withdrawn => text!("这件事已撤回。"),
        Stage::Merged => text!("这件事和别人提的是同一件，合在一起办。"),
    }
}

fn event(row: EventRow) -> Option<EventLine> {
    let act = Act::parse(&row.act)?;
    Some(EventLine {
        when: row.at.local_minute(),
        what: Text::key(act.zh()),
        words: noted(Some(act), row.words),
        own: row.account_id == acts::VILLAGER,
    })
}

async fn page(
    ctx: &Ctx,
    conn: &mut Conn,
    (matter, code): (&Matter, &Code),
    form: Form,
    kept: Vec<String>,
) -> AppResult<FollowPage> {
    let pack = ctx.pack(conn, matter.county).await?;
    let stage = matter.stage();
    let rating = matter.state.rating();
    let holder = flows::card_holder(conn, matter.village).await?;
    let village = places::store::find(conn, matter.village).await?.map(|place| place.short()).unwrap_or_default();
    let rows = store::events(conn, matter.county, &matter.id, false).await?;
    let root = format!("/m/{}", code.plain());
    let mut shell = ctx.bare_shell(text!("我提的事"));
    shell.path = carry(ctx, &root);
    let query = shell.path.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    Ok(FollowPage {
        shell,
        form,
        root,
        query,
        number: matter.number,
        village,
        words: matter.words.clone(),
        files: store::files_of(conn, matter.county, &matter.id).await?.len(),
        say: say(matter),
        steps: steps(matter),
        events: rows.into_iter().filter_map(event).collect(),
        kept,
        phone: holder.and_then(|holder| holder.phone),
        may_add: stage.is_in_hand(),
        may_rate: matches!(stage, Stage::Solved) || (stage == Stage::Closed && rating.is_none()),
        may_reopen: matter.may_reopen(pack, ctx.today),
        may_withdraw: stage.is_in_hand(),
        rated: rating.map(|rating| Text::key(rating.level.zh())),
        said: ctx.said().map(str::to_owned),
    })
}

pub async fn show(ctx: Ctx, Path(typed): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some((matter, code)) = find(&ctx, &mut conn, &typed).await? else { return Ok(unknown(&ctx)) };
    let page = page(&ctx, &mut conn, (&matter, &code), Form::default(), Vec::new()).await?;
    Ok(ctx.page(&page))
}

/// The page again with what is wrong at its field.
async fn refused(
    ctx: &Ctx,
    conn: &mut Conn,
    found: (&Matter, &Code),
    typed: Form,
    kept: Vec<String>,
) -> AppResult<Response> {
    Ok(ctx.refused(&page(ctx, conn, found, typed, kept).await?))
}

/// A villager's step, in one transaction.
async fn take(
    ctx: &Ctx,
    matter: &Matter,
    next: Move,
    words: Option<String>,
    attached: Attached,
    said: &Text,
) -> AppResult<Response> {
    let by = acts::villager(ctx.app.clock.now(), ctx.today);
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, matter.county).await?;
    let fresh = store::lock(&mut tx, matter.county, &matter.id).await?.ok_or(AppError::NotFound)?;
    let files = attached.keep(ctx, &mut tx, matter.county, &by).await?;
    store::add_files(&mut tx, matter.county, &matter.id, &files).await?;
    let words = match (words, files.len()) {
        (None, n) if n > 0 => Some(format!("（{n} 个文件）")),
        (words, _) => words,
    };
    step(&mut tx, &fresh, next, words, pack, &by).await?;
    tx.commit().await?;
    // The answer's address is remembered with the form's key: it must not hold the code.
    Ok(ctx.redirect(&carry(ctx, "./"), said))
}

fn words_of(upload: &Upload) -> Result<Option<String>, Text> {
    let words = upload.form.get("words");
    match words.chars().count() {
        0 => Ok(None),
        n if n > MOST_WORDS => Err(text!("最多 {n} 个字，请写短一些", n = MOST_WORDS)),
        _ => Ok(Some(words.to_owned())),
    }
}

pub async fn add(ctx: Ctx, Path(typed): Path<String>, mut upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some((matter, code)) = find(&ctx, &mut conn, &typed).await? else { return Ok(unknown(&ctx)) };
    let limited = ctx.app.villagers.raises.take(&network(ctx.peer), ctx.app.clock.now());
    limited.map_err(|seconds| AppError::TooMany { retry_after_seconds: seconds })?;
    let mut wrong = Vec::new();
    let words = words_of(&upload);
    wrong.extend(words.as_ref().err().map(|say| ("words", say.clone())));
    let attached = Attached::read(&ctx, &mut conn, &mut upload, matter.county, &mut wrong).await?;
    let words = words.unwrap_or_default();
    if wrong.is_empty() && words.is_none() && attached.is_empty() {
        wrong.push(("words", text!("请写一句要补充的，或放一张照片")));
    }
    if !wrong.is_empty() {
        let by = acts::villager(ctx.app.clock.now(), ctx.today);
        let kept = attached.keep_for_next(&ctx, matter.county, &by).await?;
        let form = wrong.into_iter().fold(upload.form.typed(), |form, (field, say)| form.with_error(field, say));
        return refused(&ctx, &mut conn, (&matter, &code), form, kept).await;
    }
    drop(conn);
    take(&ctx, &matter, Move::Add, words, attached, &text!("已补充，办这件事的人看得到。")).await
}

pub async fn rate(ctx: Ctx, Path(typed): Path<String>, upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some((matter, code)) = find(&ctx, &mut conn, &typed).await? else { return Ok(unknown(&ctx)) };
    let level = Level::parse(upload.form.get("level"));
    let (level, words) = match (level, words_of(&upload)) {
        (Some(level), Ok(words)) => (level, words),
        (level, words) => {
            let mut form = upload.form.typed();
            if level.is_none() {
                form = form.with_error("level", text!("请选满意不满意"));
            }
            if let Err(say) = words {
                form = form.with_error("words", say);
            }
            return refused(&ctx, &mut conn, (&matter, &code), form, Vec::new()).await;
        }
    };
    drop(conn);
    let rating = Rating { level, at: ctx.app.clock.now(), on: ctx.today, proxy: None };
    let said = text!("谢谢，已记下您的评价。");
    let words = Some(words.map_or_else(|| level.zh().to_owned(), |words| format!("{}：{words}", level.zh())));
    answer_refusal(&ctx, (&matter, &code), Move::Rate { rating }, words, &said).await
}

pub async fn reopen(ctx: Ctx, Path(typed): Path<String>, upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some((matter, code)) = find(&ctx, &mut conn, &typed).await? else { return Ok(unknown(&ctx)) };
    let words = match words_of(&upload) {
        Ok(Some(words)) => words,
        Ok(None) => {
            let form = upload.form.typed().with_error("words", text!("请写一句哪里还没办好"));
            return refused(&ctx, &mut conn, (&matter, &code), form, Vec::new()).await;
        }
        Err(say) => {
            let form = upload.form.typed().with_error("words", say);
            return refused(&ctx, &mut conn, (&matter, &code), form, Vec::new()).await;
        }
    };
    drop(conn);
    let said = text!("已重新打开，村里会接着办。");
    answer_refusal(&ctx, (&matter, &code), Move::Reopen, Some(words), &said).await
}

pub async fn withdraw(ctx: Ctx, Path(typed): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let Some(found) = find(&ctx, &mut conn, &typed).await? else { return Ok(unknown(&ctx)) };
    drop(conn);
    let next = Move::Withdraw { why: "群众撤回".into() };
    answer_refusal(&ctx, (&found.0, &found.1), next, None, &text!("已撤回。")).await
}

/// Takes a step; what the matter refuses is said on its own page.
async fn answer_refusal(
    ctx: &Ctx,
    found: (&Matter, &Code),
    next: Move,
    words: Option<String>,
    said: &Text,
) -> AppResult<Response> {
    match take(ctx, found.0, next, words, Attached::default(), said).await {
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let form = Form::default().with_error("words", refusal.message);
            refused(ctx, &mut conn, found, form, Vec::new()).await
        }
        other => other,
    }
}
