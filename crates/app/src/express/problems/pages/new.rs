//! 报问题: what it is, what blocks it, how much is at stake.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::DivisionCode,
    text,
    web::{AppError, AppResult},
};

use super::super::{Block, NewProblem, Origin, raise};
use crate::{
    accounts::Role,
    express::{money, projects, villages::Known, words},
    packs::Pack,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/problems/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    villages: Vec<String>,
    blocks: Vec<Choice>,
    projects: Vec<Choice>,
    ask_sure: bool,
}

async fn page(ctx: &Ctx, conn: &mut Conn, known: &Known, form: Form) -> AppResult<NewPage> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let village = known.find(form.value("village"), &ctx.scope).ok();
    let pack = ctx.pack(conn, village.unwrap_or(home).county()).await?;
    let blocks = pack.blocks().iter().filter_map(|rule| Block::parse(&rule.code));
    let blocks = blocks.map(|block| Choice::new(block.code(), block.label(pack))).collect();
    let open = match village {
        Some(village) => projects::store::open_in(conn, village).await?,
        None => Vec::new(),
    };
    Ok(NewPage {
        shell: ctx.shell(conn, text!("报问题"), Some(home)).await?,
        ask_sure: form.error("amount").is_some(),
        form,
        villages: known.names(),
        blocks,
        projects: open.into_iter().map(|(id, name)| Choice::new(id, Text::data(name))).collect(),
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    let address = Address::parse(&ctx.address);
    let typed = [("village", known.first(address.get("village"))), ("project", address.get("project").to_owned())];
    let page = page(&ctx, &mut conn, &known, Form::of(typed)).await?;
    Ok(ctx.page(&page))
}

/// What the form says, or what is wrong at which field.
fn read(
    ctx: &Ctx,
    form: &FormData,
    village: DivisionCode,
    pack: &Pack,
) -> Result<NewProblem, Vec<(&'static str, Text)>> {
    let mut wrong = Vec::new();
    let mut take = |field: &'static str, most: usize, ask: Text| {
        words(form.get(field), most, ask).unwrap_or_else(|say| {
            wrong.push((field, say));
            String::new()
        })
    };
    let title = take("title", 60, text!("请用一句话写是什么问题"));
    let words = take("words", 2_000, text!("请写清楚卡在哪里、需要谁做什么"));
    let block = Block::parse(form.get("block"));
    if block.is_none() {
        wrong.push(("block", text!("请选卡在哪一类")));
    }
    let sure = form.get("sure") == "yes";
    let amount = money::read_some(form.get("amount"), pack.problem_ask_wan(), sure).unwrap_or_else(|say| {
        wrong.push(("amount", say));
        None
    });
    let origin = form.some("project").map_or(Origin::Direct, |id| Origin::Project(id.to_owned()));
    let viewer = ctx.guest_or_viewer();
    let person = viewer
        .filter(|viewer| viewer.has(Role::Cadre))
        .and_then(|viewer| viewer.person_id.clone().map(|id| (village.county(), id, viewer.name.clone())));
    match block {
        Some(block) if wrong.is_empty() => Ok(NewProblem { village, title, words, block, amount, origin, person }),
        Some(_) | None => Err(wrong),
    }
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    let village = known.find(form.get("village"), &ctx.scope);
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let pack = ctx.pack(&mut conn, village.as_ref().map_or(home, |code| *code).county()).await?;
    let read = read(&ctx, &form, village.as_ref().map_or(home, |code| *code), pack);
    let new = match (village, read) {
        (Ok(_), Ok(new)) => new,
        (village, read) => {
            let at_village = village.err().map(|say| ("village", say));
            let wrong = at_village.into_iter().chain(read.err().unwrap_or_default());
            let typed = wrong.fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
            let page = page(&ctx, &mut conn, &known, typed).await?;
            return Ok(ctx.refused(&page));
        }
    };
    drop(conn);
    let actor = ctx.actor_at(new.village)?;
    let mut tx = ctx.begin().await?;
    match raise(&mut tx, &new, pack, &actor).await {
        Ok(id) => {
            tx.commit().await?;
            let said = text!("已报上去，驻村办筛选后交部门答复或列入对接会。");
            Ok(ctx.redirect(&format!("/problems/{}/{id}", new.village.county()), &said))
        }
        Err(AppError::Refused(refusal)) => {
            drop(tx);
            let mut conn = ctx.read().await?;
            let typed = form.typed().with_error(refusal.field.unwrap_or("project"), refusal.message);
            let page = page(&ctx, &mut conn, &known, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}
