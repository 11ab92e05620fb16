//! The switchboard: the office's page, and the one that anybody may read.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, ConfirmPage, Form, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{county_of, views};
use crate::{
    burden::{
        acts,
        rules::{Opening, Standing, SwitchKind},
        store::{self, SwitchRow},
    },
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "burden/switches.html")]
struct SwitchPage {
    shell: Shell,
    views: Vec<Link>,
    rows: Vec<Line>,
    form: Form,
    kinds: Vec<Choice>,
    most_days: i64,
}

#[derive(Template)]
#[template(path = "burden/switchboard.html")]
struct PublicPage {
    shell: Shell,
    rows: Vec<Line>,
    on: usize,
}

/// A switch as it is shown.
pub struct Line {
    pub kind: Text,
    pub place: String,
    pub basis: String,
    pub approver: String,
    pub since: String,
    pub until: String,
    pub state: Shown,
    pub why: String,
    pub close: Option<String>,
}

fn line(row: SwitchRow, place: String, today: Day, may_close: bool) -> Line {
    let standing = row.standing(today);
    let state = match standing {
        Standing::On => Shown::new(Tone::Late, text!("开着")),
        Standing::Ended => Shown::new(Tone::Idle, text!("到期停用")),
        Standing::Closed { on } => Shown::new(Tone::Idle, text!("{day} 停用", day = on)),
    };
    Line {
        kind: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
        place,
        since: row.since.to_string(),
        until: row.until.to_string(),
        state,
        close: (may_close && standing == Standing::On).then(|| format!("/switches/{}/{}/close", row.county_id, row.id)),
        why: row.closed_why.unwrap_or_default(),
        basis: row.basis,
        approver: row.approver,
    }
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<SwitchPage> {
    let county = ctx.viewer()?.home.county();
    let id = county.as_i64();
    let rows = store::switches(conn, (id, id)).await?.into_iter();
    Ok(SwitchPage {
        shell: ctx.shell(conn, text!("减负开关"), Some(county.division())).await?,
        views: views(ctx, "/switches"),
        rows: rows.map(|row| line(row, String::new(), ctx.today, true)).collect(),
        form,
        kinds: SwitchKind::ALL.map(|kind| Choice::new(kind.code(), Text::key(kind.zh()))).into(),
        most_days: ctx.pack(conn, county).await?.switch_days(),
    })
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = page(&ctx, &mut conn, Form::default()).await?;
    Ok(ctx.page(&page))
}

fn asked(data: &FormData) -> Result<Opening, Refusal> {
    let kind = SwitchKind::parse(data.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选开哪一项")))?;
    let until = data.some("until").and_then(Day::parse);
    let until = until.ok_or_else(|| Refusal::at("until", text!("请填停用日期，写作 2024-01-18")))?;
    Ok(Opening { kind, basis: data.get("basis").to_owned(), approver: data.get("approver").to_owned(), until })
}

pub async fn open(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let county = ctx.viewer()?.home.county();
    store::require(&ctx.scope, county)?;
    let done = async {
        let opening = asked(&data)?;
        let mut tx = ctx.begin().await?;
        let most_days = ctx.app.pack(&mut tx, county).await?.switch_days();
        acts::open_switch(&mut tx, county, opening, most_days, &ctx.actor()?).await?;
        tx.commit().await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(ctx.redirect("/switches", &text!("已开，并已列在公开页上；到期自动停用。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = data.typed().with_error(refusal.field.unwrap_or("kind"), refusal.message);
            let mut conn = ctx.read().await?;
            Ok(ctx.refused(&page(&ctx, &mut conn, typed).await?))
        }
        Err(error) => Err(error),
    }
}

async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<SwitchRow> {
    let county = county_of(county)?;
    store::require(&ctx.scope, county)?;
    store::find_switch(conn, county, id).await?.ok_or(AppError::NotFound)
}

async fn close_page(ctx: &Ctx, conn: &mut Conn, row: &SwitchRow, form: Form) -> AppResult<ConfirmPage> {
    let kind = row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default();
    Ok(ConfirmPage {
        shell: ctx.shell(conn, text!("停用“{kind}”", kind = kind), Some(row.county_id.division())).await?,
        say: text!("从今天起不再要求。公开页上留有记录。"),
        effects: Vec::new(),
        action: format!("/switches/{}/{}/close", row.county_id, row.id),
        button: text!("停用"),
        back: "/switches".into(),
        form,
        ask_reason: true,
    })
}

pub async fn ask_close(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    Ok(ctx.page(&close_page(&ctx, &mut conn, &row, Form::default()).await?))
}

pub async fn close(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let Some(why) = data.some("reason") else {
        let typed = data.typed().with_error("reason", text!("请写明为什么停用"));
        return Ok(ctx.refused(&close_page(&ctx, &mut conn, &row, typed).await?));
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    acts::close_switch(&mut tx, &row, why, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect("/switches", &text!("已停用。")))
}

/// The switches that are on in a county.
pub async fn on_now(conn: &mut Conn, county: CountyId, today: Day) -> AppResult<Vec<Line>> {
    let id = county.as_i64();
    let rows = store::switches(conn, (id, id)).await?.into_iter();
    let on = rows.filter(|row| row.standing(today) == Standing::On);
    Ok(on.map(|row| line(row, String::new(), today, false)).collect())
}

/// Every switch of the installation, for anyone.
pub async fn public(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let rows = store::switches(&mut conn, (0, i64::MAX)).await?;
    let on = rows.iter().filter(|row| row.standing(ctx.today) == Standing::On).count();
    let mut names: BTreeMap<CountyId, String> = BTreeMap::new();
    for county in rows.iter().map(|row| row.county_id).collect::<BTreeSet<_>>() {
        let found = places::store::find(&mut conn, county.division()).await?;
        names.insert(county, found.map_or_else(|| county.to_string(), |place| place.name));
    }
    let shown = rows.into_iter().map(|row| {
        let place = names.get(&row.county_id).cloned().unwrap_or_default();
        line(row, place, ctx.today, false)
    });
    let rows = shown.collect();
    Ok(ctx.page(&PublicPage { shell: ctx.bare_shell(text!("减负开关公示")), rows, on }))
}
