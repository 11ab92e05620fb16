//! The word on large outcomes: the township or the branch confirms, or sends back with a reason.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Column, Fact, Form, Link, Pages, Shell, State as Shown, Table, Tone, filters},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    entries::{
        Outcome, OutcomeState, Word,
        pages::{self, pill},
        store::{self, Stored, Waiting},
    },
    menu, section,
};
use crate::{
    accounts::Permission,
    places::short_name,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of the word on outcomes.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/outcomes", Permission::LogRead, list).get("/outcomes/{county}/{id}", Permission::LogRead, show).post(
        "/outcomes/{county}/{id}/word",
        Permission::OutcomesConfirm,
        decide,
    )
}

#[derive(Template)]
#[template(path = "log/outcomes/outcomes.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    states: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
}

struct Line {
    day: String,
    href: String,
    village: String,
    township: String,
    name: String,
    outcome: Text,
    amount: String,
    unit: Text,
    what: String,
    state: Shown,
}

impl From<Waiting> for Line {
    fn from(row: Waiting) -> Self {
        let line = menu::of(&row.indicator, &row.unit);
        let came_back = row.state == "sent_back";
        Self {
            href: format!("/outcomes/{}/{}", row.county_id, row.id),
            day: row.day.to_string(),
            village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
            township: row.township_name.unwrap_or_default(),
            name: row.person_name,
            outcome: line.map(|line| Text::key(line.word)).unwrap_or_default(),
            amount: row.typed,
            unit: line.map(|line| Text::key(line.unit)).unwrap_or_default(),
            what: row.what.unwrap_or_default(),
            state: if came_back {
                Shown::new(Tone::Late, text!("已退回"))
            } else {
                Shown::new(Tone::Wait, text!("已报待核"))
            },
        }
    }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let state = if address.get("state") == "sent_back" { "sent_back" } else { "waiting" };
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let waiting = store::count_waiting(&mut conn, &scope, "waiting").await?;
    let came_back = store::count_waiting(&mut conn, &scope, "sent_back").await?;
    let total = if state == "waiting" { waiting } else { came_back };
    let (limit, offset) = pages.span();
    let rows = store::waiting(&mut conn, &scope, state, limit, offset).await?;
    let columns = vec![
        Column::new(text!("日期")),
        Column::new(text!("村")),
        Column::new(text!("成效")),
        Column::new(text!("数量")).num(),
        Column::new(text!("是什么，给了谁")),
        Column::new(text!("谁做的")),
        Column::new(text!("状态")),
    ];
    let mut table = Table::new(text!("待核成效"), &address, Vec::new(), columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    (table.xlsx, table.csv) = (None, None);
    let view = |label: Text, value: &str, count: i64| Link {
        on: state == value,
        count: u64::try_from(count).ok(),
        ..Link::new(label, address.without("page").with("state", value).to_string())
    };
    let states = vec![view(text!("已报待核"), "waiting", waiting), view(text!("已退回"), "sent_back", came_back)];
    let shell = ctx.shell(&mut conn, text!("待核成效"), place).await?;
    let rows = rows.into_iter().map(Line::from).collect();
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/outcomes"), states, table, rows }))
}

#[derive(Template)]
#[template(path = "log/outcomes/show.html")]
struct ShowPage {
    shell: Shell,
    form: Form,
    action: String,
    state: Shown,
    words: String,
    entry: String,
    facts: Vec<Fact>,
    /// Whether the viewer's word is asked.
    may_decide: bool,
}

/// Reads `{county}/{id}` and finds the outcome with its entry, in the viewer's scope of reading, or 404.
async fn find(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<(Stored, Outcome)> {
    let code = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let entry = store::entry_of_outcome(conn, code, id).await?.ok_or(AppError::NotFound)?;
    let (_, stored) = pages::find(ctx, conn, county, &entry).await?;
    let outcome = stored.outcomes.iter().find(|outcome| outcome.id == id).cloned().ok_or(AppError::NotFound)?;
    Ok((stored, outcome))
}

async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (stored, outcome) = find(&ctx, &mut conn, &county, &id).await?;
    let page = page(&ctx, &mut conn, &stored, &outcome, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, stored: &Stored, outcome: &Outcome, form: Form) -> AppResult<ShowPage> {
    let village = stored.row.village;
    let line = menu::of(&outcome.indicator.code, &outcome.unit);
    let unit = line.map(|line| Text::key(line.unit)).unwrap_or_default();
    let amount = text!("{n} {unit}", n = outcome.typed, unit = unit);
    let name = crate::places::store::find(conn, village).await?.map(|place| place.short()).unwrap_or_default();
    let entry = format!("/log/{}/{}", stored.row.county_id, stored.row.id);
    let mut facts = vec![
        Fact::new(text!("成效"), Text::key(outcome.indicator.name.as_str())),
        Fact::new(text!("数量"), amount),
        Fact::new(text!("村"), Text::data(name)).link(format!("/villages/{village}")),
        Fact::new(text!("日期"), Text::data(stored.row.day.to_string())),
        Fact::new(text!("谁做的"), Text::data(&stored.row.person_name)),
    ];
    if let Some(what) = &outcome.what {
        facts.push(Fact::new(text!("是什么，给了谁"), Text::data(what)));
    }
    if let Some(evidence) = &outcome.evidence {
        facts.push(Fact::new(text!("凭据，或谁能证明"), Text::data(evidence)));
    }
    let limit = ctx.pack(conn, village.county()).await?.outcome_limit(&outcome.indicator.code);
    if let Some(limit) = limit {
        let unit = Text::key(outcome.indicator.unit.as_str());
        facts.push(
            Fact::new(text!("核实的依据"), text!("制度包：超过 {n} {unit}", n = limit, unit = unit)).link("/packs"),
        );
    }
    let decides = ctx.viewer()?.scope(Permission::OutcomesConfirm).holds(village);
    Ok(ShowPage {
        shell: ctx.shell(conn, text!("核实成效"), Some(village)).await?,
        form,
        action: format!("/outcomes/{}/{}/word", stored.row.county_id, outcome.id),
        state: pill(&outcome.state),
        words: stored.row.words.clone(),
        entry,
        facts,
        may_decide: decides && outcome.state == OutcomeState::Waiting,
    })
}

async fn decide(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (stored, outcome) = find(&ctx, &mut conn, &county, &id).await?;
    ctx.scope.require(stored.row.village)?;
    let actor = ctx.actor()?;
    let word = Word { by: actor.name.clone(), on: ctx.today };
    let next = match form.get("word") {
        "confirm" => outcome.state.clone().confirm(word),
        "send_back" => outcome.state.clone().send_back(word, form.get("why")),
        _ => return Err(AppError::BadRequest(text!("请选核实或退回。"))),
    };
    let next = match next {
        Ok(next) => next,
        // Somebody was faster: there is nothing left to mend on this page.
        Err(Refusal { field: None, message }) => return Err(AppError::Conflict(message)),
        Err(Refusal { field: Some(field), message }) => {
            let typed = form.typed().with_error(field, message);
            let page = page(&ctx, &mut conn, &stored, &outcome, typed).await?;
            return Ok(ctx.refused(&page));
        }
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    let county_id = stored.row.county_id;
    let pack = ctx.app.pack(&mut tx, county_id).await?;
    store::decide(&mut tx, &stored, &outcome, &next, pack, &actor).await?;
    let change = Change::changed(
        json!({ "state": outcome.state.code() }),
        json!({ "state": next.code(), "indicator": outcome.indicator.code, "quantity": format!("{} {}", outcome.typed, outcome.unit), "why": form.some("why") }),
    );
    let subject = Subject { kind: "log_outcome", id: &id };
    audit::write(&mut tx, county_id, &actor, "outcome.word", subject, change).await?;
    tx.commit().await?;
    let said = match next {
        OutcomeState::Counted { .. } => text!("已核实，计入统计。"),
        OutcomeState::SentBack { .. }
        | OutcomeState::Waiting
        | OutcomeState::Merged { .. }
        | OutcomeState::Withdrawn => text!("已退回，写的人会在“今日”里看到。"),
    };
    Ok(ctx.redirect("/outcomes", &said))
}
