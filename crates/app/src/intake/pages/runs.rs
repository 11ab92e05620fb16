//! Earlier imports, and the file of a new one.

use askama::Template;
use axum::{extract::Multipart, response::Response};
use base::{
    html::{Choice, Form, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    sheet::MAX_FILE,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        FileKind,
        runs::{self as store, Run, RunState},
        steps::{self, Upload},
    },
    kind_label,
};
use crate::{postings::section, web::Ctx};

const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "intake/runs.html")]
struct RunsPage {
    shell: Shell,
    views: Vec<Link>,
    form: Form,
    action: String,
    kinds: Vec<Choice>,
    templates: Vec<Link>,
    rows: Vec<Line>,
}

struct Line {
    href: String,
    when: String,
    file: String,
    kind: Text,
    who: String,
    state: Shown,
    counts: Option<Text>,
}

impl From<Run> for Line {
    fn from(run: Run) -> Self {
        let counts = run.report.as_ref().map(|report| {
            text!(
                "新增 {created}，更新 {updated}，不变 {unchanged}，退回 {rejected}",
                created = report.created,
                updated = report.updated,
                unchanged = report.unchanged,
                rejected = report.rejected
            )
        });
        Self {
            href: format!("/imports/{}", run.id),
            when: run.made_at.local_minute(),
            kind: kind_label(run.kind),
            state: state(run.state),
            file: run.file_name,
            who: run.made_by,
            counts,
        }
    }
}

fn state(state: RunState) -> Shown {
    match state {
        RunState::Uploaded => Shown::new(Tone::Wait, text!("待对应列")),
        RunState::Checking => Shown::new(Tone::Wait, text!("正在比对")),
        RunState::Checked => Shown::new(Tone::Wait, text!("待写入")),
        RunState::Applying => Shown::new(Tone::Wait, text!("正在写入")),
        RunState::Applied => Shown::new(Tone::Ok, text!("已写入")),
    }
}

async fn page(ctx: &Ctx, form: Form) -> AppResult<RunsPage> {
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("导入"), Some(place)).await?;
    let rows = store::list(&mut conn, &ctx.scope.within(place), SHOWN).await?;
    let kinds = FileKind::ALL.map(|kind| Choice::new(kind.code(), kind_label(kind)));
    let templates = FileKind::ALL.map(|kind| Link::new(kind_label(kind), format!("/imports/template/{}", kind.code())));
    Ok(RunsPage {
        shell,
        views: section(ctx, "/imports"),
        form,
        action: format!("/imports?place={place}"),
        kinds: kinds.to_vec(),
        templates: templates.to_vec(),
        rows: rows.into_iter().map(Line::from).collect(),
    })
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let kind = base::html::Address::parse(&ctx.address).get("kind").to_owned();
    let kind = FileKind::parse(&kind).unwrap_or(FileKind::Roster);
    Ok(ctx.page(&page(&ctx, Form::of([("kind", kind.code())])).await?))
}

/// What a form with a file said.
struct Sent {
    kind: String,
    name: String,
    bytes: Vec<u8>,
}

async fn read(mut parts: Multipart) -> AppResult<Sent> {
    let unread = |_| AppError::BadRequest(text!("文件没有传完整，请重新选择再传。"));
    let mut sent = Sent { kind: String::new(), name: String::new(), bytes: vec![] };
    while let Some(part) = parts.next_field().await.map_err(unread)? {
        match part.name() {
            Some("kind") => sent.kind = part.text().await.map_err(unread)?.trim().to_owned(),
            Some("file") => {
                // Some browsers send a path; of a name only its end says anything.
                let name = part.file_name().unwrap_or_default();
                let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
                sent.name = name.chars().filter(|c| !c.is_control()).take(120).collect();
                sent.bytes = part.bytes().await.map_err(unread)?.to_vec();
            }
            Some(_) | None => {}
        }
    }
    Ok(sent)
}

pub async fn upload(ctx: Ctx, parts: Multipart) -> AppResult<Response> {
    let place = ctx.place()?;
    let sent = read(parts).await?;
    let typed = Form::of([("kind", sent.kind.as_str())]);
    let refuse = |field: &'static str, say: Text| Refusal::at(field, say);
    let refused = match FileKind::parse(&sent.kind) {
        None => refuse("kind", text!("请选择这是哪一种表")),
        Some(_) if sent.name.is_empty() && sent.bytes.is_empty() => {
            refuse("file", text!("请选择一个 .xlsx 或 .csv 文件"))
        }
        Some(_) if sent.bytes.len() > MAX_FILE => {
            return Err(AppError::TooLarge(text!("文件超过 50 MB，请拆成几个文件，或删去其中的图片后再传")));
        }
        Some(kind) => match steps::look(&ctx.app, Upload { kind, place, name: sent.name, bytes: sent.bytes }).await {
            Ok(looked) => {
                let mut tx = ctx.begin().await?;
                let id = steps::keep(&mut tx, &ctx.app, looked, &ctx.actor()?).await?;
                tx.commit().await?;
                return Ok(ctx.redirect(&format!("/imports/{id}/mapping"), &text!("文件已收到，请核对各列的含义")));
            }
            Err(AppError::Refused(refusal)) => refusal,
            Err(other) => return Err(other),
        },
    };
    let form = typed.with_error(refused.field.unwrap_or("file"), refused.message);
    Ok(ctx.refused(&page(&ctx, form).await?))
}
