//! 请假: asked on a phone; the form asks for kind and days alone.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Choice, Form, Shell, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};

use crate::{
    presence::{
        leave::{
            Kind, Span,
            store::{self, NewLeave},
        },
        posts,
    },
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "presence/leave/ask.html")]
struct AskPage {
    shell: Shell,
    form: Form,
    kinds: Vec<Choice>,
    /// Where one is posted now; empty says that there is nothing to ask leave from.
    post: Text,
    township_days: i64,
}

/// GET /leaves/new
pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let form = Form::of([("since", ctx.today.to_string())]);
    let page = page(&ctx, &mut conn, form).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<AskPage> {
    let person = ctx.viewer()?.own_person().ok_or(AppError::NotFound)?;
    let posts = posts::of_person(conn, person).await?;
    let now = posts.iter().find(|post| post.holds(ctx.today));
    let place = now.map(|post| post.village).filter(|village| ctx.scope.holds(*village));
    let pack = match now {
        Some(post) => ctx.pack(conn, post.county).await?,
        None => ctx.pack(conn, ctx.viewer()?.home.county()).await?,
    };
    Ok(AskPage {
        township_days: pack.leave_township_days(),
        post: now.map(posts::Post::label).unwrap_or_default(),
        kinds: Kind::ALL.iter().map(|kind| Choice::new(kind.code(), Text::key(kind.zh()))).collect(),
        shell: ctx.shell(conn, text!("请假"), place).await?,
        form,
    })
}

/// POST /leaves
pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let person = ctx.viewer()?.own_person().ok_or(AppError::NotFound)?.to_owned();
    let done = async {
        let kind = Kind::parse(form.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选假别")))?;
        let day = |name: &str| form.some(name).and_then(Day::parse);
        let span = Span::read(day("since"), day("last"))?;
        let mut tx = ctx.begin().await?;
        let posts = posts::of_person(&mut tx, &person).await?;
        let post = span.post(&posts, ctx.today)?;
        let pack = ctx.app.pack(&mut tx, post.county).await?;
        let new = NewLeave { post, kind, span, reason: form.some("reason") };
        let id = store::ask(&mut tx, &ctx.app.keys, &new, pack, &ctx.actor()?).await?;
        tx.commit().await?;
        Ok((post.county, id))
    };
    match done.await {
        Ok((county, id)) => {
            Ok(ctx.redirect(&format!("/leaves/{county}/{id}"), &text!("已提交，批了以后在“今日”里能看到销假提醒。")))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("since"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}
