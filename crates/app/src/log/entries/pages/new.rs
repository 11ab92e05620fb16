//! 记一笔: an entry in a sentence, everything known filled in.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::{DivisionCode, Level, new_id},
    text,
    web::AppResult,
};

use super::{
    super::{
        Near, OutcomeState,
        changes::Said,
        store::{self, NewEntry},
    },
    desk::Desk,
    form::{self, Frame},
    pictures::Pictures,
    read::{self, Read, Row, Wrong},
};
use crate::{
    accounts::Role,
    places,
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData, Upload},
};

#[derive(Template)]
#[template(path = "log/entries/where.html")]
struct WherePage {
    shell: Shell,
    form: Form,
    villages: Vec<Choice>,
}

/// Which village: for those who write for others.
async fn ask_where(ctx: &Ctx, conn: &mut Conn) -> AppResult<Response> {
    let viewer = ctx.viewer()?;
    let kept = viewer.grants.iter().filter(|grant| grant.role == Role::Township).filter_map(|grant| grant.division);
    let mut villages = Vec::new();
    for place in kept {
        let all = places::store::list(conn, place.area()).await?;
        let own = all.iter().filter(|division| division.level() == Level::Village);
        villages.extend(own.map(|division| Choice::new(division.code.to_string(), Text::data(division.short()))));
    }
    let shell = ctx.shell(conn, text!("记一笔"), ctx.scope.home()).await?;
    Ok(ctx.page(&WherePage { shell, form: Form::default(), villages }))
}

fn frame(desk: &Desk, kept: Vec<String>) -> Frame<'_> {
    Frame {
        title: text!("记一笔"),
        action: "/log".into(),
        back: "/log".into(),
        editing: false,
        ask_why: false,
        own_note: true,
        desk,
        pictures: Vec::new(),
        kept,
    }
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let asked = DivisionCode::parse(Address::parse(&ctx.address).get("village"));
    let Some(desk) = Desk::open(&ctx, &mut conn, asked).await? else { return ask_where(&ctx, &mut conn).await };
    let mut typed = vec![("day", ctx.today.to_string())];
    let person = desk.people(ctx.today, "").first().map(|choice| choice.value.clone()).unwrap_or_default();
    let last = store::last_of(&mut conn, &person).await?;
    let village = asked.or(last.as_ref().map(|(_, village)| *village));
    let village = village.filter(|code| desk.villages.iter().any(|(known, _)| known == code));
    let village = village.or(desk.villages.first().map(|(code, _)| *code));
    typed.push(("village", village.map(|code| code.to_string()).unwrap_or_default()));
    typed.push(("duty", last.map(|(duty, _)| duty).unwrap_or_default()));
    typed.push(("person", person));
    let page = form::page(&ctx, &mut conn, frame(&desk, Vec::new()), Form::of(typed), &[]).await?;
    Ok(ctx.page(&page))
}

pub async fn add(ctx: Ctx, mut upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let village = DivisionCode::parse(upload.form.get("village"));
    let Some(desk) = Desk::open(&ctx, &mut conn, village).await? else { return ask_where(&ctx, &mut conn).await };
    let place = desk.villages.first().map(|(code, _)| *code);
    let mut wrong = Wrong::new();
    let read = read::entry(&upload.form, &desk, ctx.today, &mut wrong);
    let pack = match place {
        Some(place) => ctx.pack(&mut conn, place.county()).await?,
        None => return ask_where(&ctx, &mut conn).await,
    };
    let mut rows = read::rows(&upload.form, &[], pack, &mut wrong);
    let asked = match &read {
        Some(read) => read::ask_near(&mut conn, &read.entry, &mut rows, &[], pack, None).await?,
        None => Vec::new(),
    };
    let county = place.map(DivisionCode::county);
    let pictures = Pictures::read(&ctx, &mut conn, &mut upload, county, &[], &mut wrong).await?;
    match read.filter(|_| wrong.is_empty() && asked.is_empty()) {
        Some(read) => {
            drop(conn);
            write(&ctx, read, rows, &pictures).await
        }
        None => {
            drop(conn);
            let kept = pictures.keep_for_next(&ctx, place).await?;
            let typed = typed(&upload.form, wrong, &asked);
            let page = form::page(&ctx, &mut ctx.read().await?, frame(&desk, kept), typed, &asked).await?;
            Ok(ctx.refused(&page))
        }
    }
}

/// What was typed, with what is wrong and what is asked at its field.
pub fn typed(form: &FormData, wrong: Wrong, asked: &[(usize, Vec<Near>)]) -> Form {
    let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
    asked.iter().fold(typed, |typed, (at, near)| {
        let name = near.first().map(|near| near.person_name.clone()).unwrap_or_default();
        typed.with_error(read::field("same", *at), text!("{name} 记过差不多的一项，请选是不是同一件事", name = name))
    })
}

/// One transaction: the entry with its outcomes, facts and tasks, its pictures, the audit line.
async fn write(ctx: &Ctx, read: Read, rows: Vec<Row>, pictures: &Pictures) -> AppResult<Response> {
    let actor = ctx.actor()?;
    let id = new_id();
    let county = read.entry.village.county();
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, county).await?;
    let files = pictures.keep(ctx, &mut tx, read.entry.village).await?;
    let note_sealed = match &read.note {
        Some(note) => Some(ctx.app.keys.seal(&note_place(&id), note)?),
        None => None,
    };
    let outcomes: Vec<_> = rows.into_iter().map(|row| row.outcome).collect();
    let waiting = outcomes.iter().filter(|outcome| outcome.state == OutcomeState::Waiting).count();
    let said = Said { entry: &read.entry, outcomes: &outcomes, pictures: files.len() }.whole();
    let new = NewEntry { id: id.clone(), entry: read.entry, outcomes, note_sealed, pictures: files, by: actor.clone() };
    store::add_all(&mut tx, county, std::slice::from_ref(&new), pack).await?;
    audit::write(&mut tx, county, &actor, "entry.add", Subject { kind: "log", id: &id }, Change::made(said)).await?;
    tx.commit().await?;
    let say = match (waiting, new.outcomes.is_empty()) {
        (0, true) => text!("记下了。"),
        (0, false) => text!("记下了，成效已计入统计。"),
        (n, _) => text!("记下了；有 {n} 项数量大，已报乡镇和村党支部核实，核实后计入。", n = n),
    };
    Ok(ctx.redirect(&format!("/log/{county}/{id}"), &say))
}

/// Where a private note is sealed.
pub fn note_place(id: &str) -> String {
    format!("log_entry.note/{id}")
}
