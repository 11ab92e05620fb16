//! The meeting on a big screen: one problem at a time, by keyboard; what is said is entered at once.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts::{self, Decision},
        rules::{Outcome, State},
        store::MeetingRow,
    },
    find,
    show::{Line, last_time, line},
    state_of,
};
use crate::{
    accounts::Permission,
    express::{county, departments, problems, words},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/meetings/screen.html")]
struct ScreenPage {
    shell: Shell,
    title: String,
    form: Form,
    /// Which screen of how many: 0 is last time, then a problem each, at the end this time's list.
    at: usize,
    total: usize,
    prev: Option<String>,
    next: Option<String>,
    first: String,
    leave: String,
    /// Last time's promises, or this time's list.
    lines: Vec<Line>,
    lines_title: String,
    /// The problem on the screen.
    problem: Option<Line>,
    block: Text,
    /// Where the decision is sent, while the meeting is on and nothing was decided.
    action: Option<String>,
    units: Vec<Choice>,
    outcomes: Vec<Choice>,
}

pub async fn show(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let at = Address::parse(&ctx.address).get("at").parse().unwrap_or(0);
    let page = page(&ctx, &mut conn, (&code, &id), at, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, (code, id): (&str, &str), at: usize, form: Form) -> AppResult<ScreenPage> {
    let (row, items) = find(ctx, conn, code, id).await?;
    let total = items.len();
    let at = at.min(total + 1);
    let go = |to: usize| format!("{}/screen?at={to}", row.address());
    let form = form.or("due", ctx.today.plus_days(ctx.pack(conn, row.county_id).await?.problem_due_days()).to_string());
    let mut page = ScreenPage {
        shell: ctx.shell(conn, Text::data(&row.title), None).await?,
        title: row.title.clone(),
        form,
        at,
        total,
        prev: at.checked_sub(1).map(go),
        next: (at <= total).then(|| go(at + 1)),
        first: go(0),
        leave: row.address(),
        lines: Vec::new(),
        lines_title: String::new(),
        problem: None,
        block: Text::default(),
        action: None,
        units: Vec::new(),
        outcomes: Vec::new(),
    };
    if at == 0 {
        (page.lines_title, page.lines) = last_time(ctx, conn, &row).await?;
    } else if at > total {
        let decided = items.into_iter().filter(|item| item.outcome.is_some());
        page.lines = decided.enumerate().map(|(at, item)| line(at, item, ctx)).collect();
    } else if let Some(item) = items.into_iter().nth(at - 1) {
        problem(ctx, conn, &row, (at, item), &mut page).await?;
    }
    Ok(page)
}

/// Puts a problem on the screen, with what can be entered about it.
async fn problem(
    ctx: &Ctx,
    conn: &mut Conn,
    row: &MeetingRow,
    (at, item): (usize, super::ItemRow),
    page: &mut ScreenPage,
) -> AppResult<()> {
    let pack = ctx.pack(conn, item.county_id).await?;
    let open = state_of(row)? == State::UnderWay && item.outcome.is_none();
    let steers = ctx.viewer()?.scope(Permission::ProblemsSteer).holds(row.division);
    let in_hand = matches!(item.state.as_str(), "claimed" | "under_way");
    let waits = item.state == "on_agenda";
    let may = open && steers && (in_hand || waits);
    if may && waits {
        let all = departments::list(conn, item.county_id).await?;
        let likely = departments::suggest(pack, &all, &format!("{}{}", item.title, item.problem_words));
        let mut units = departments::choices(&all, &likely);
        // Whom it was addressed to comes first of all.
        if let Some(place) = units.iter().position(|one| Some(&one.value) == item.unit_id.as_ref()) {
            let own = units.remove(place);
            units.insert(0, own);
        }
        page.units = units;
    }
    let fits: &[Outcome] = if in_hand {
        &[Outcome::Urged, Outcome::Deferred]
    } else {
        &[Outcome::Claimed, Outcome::Answered, Outcome::Deferred]
    };
    page.action =
        may.then(|| format!("{}/lines/{}/{}/decision?at={at}", row.address(), item.county_id, item.problem_id));
    page.block = problems::Block::parse(&item.block).map(|one| one.label(pack)).unwrap_or_default();
    page.outcomes = fits.iter().map(|one| Choice::new(one.code(), Text::key(one.zh()))).collect();
    page.problem = Some(line(at - 1, item, ctx));
    Ok(())
}

pub async fn decide(
    ctx: Ctx,
    Path((code, id, home, problem)): Path<(String, String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (row, _) = find(&ctx, &mut conn, &code, &id).await?;
    ctx.scope.require(row.division)?;
    let home = county(&home)?;
    let all = departments::list(&mut conn, home).await?;
    let pack = ctx.pack(&mut conn, home).await?;
    drop(conn);
    let at: usize = Address::parse(&ctx.address).get("at").parse().unwrap_or(0);
    let done: AppResult<()> = async {
        let outcome = Outcome::parse(form.get("outcome"));
        let outcome = outcome.ok_or_else(|| Refusal::at("outcome", text!("请选会上怎么定的")))?;
        let ask = match outcome {
            Outcome::Answered => text!("请写答复了什么"),
            Outcome::Claimed => text!("请写答应怎么办"),
            Outcome::Urged => text!("请写督办意见"),
            Outcome::Deferred => text!("请写为什么下次再议"),
        };
        let words = words(form.get("words"), 500, ask).map_err(|say| Refusal::at("words", say))?;
        let unit = all.iter().find(|one| one.id == form.get("unit")).cloned();
        let joining = form.all("joining").filter_map(|id| all.iter().find(|one| one.id == id)).cloned().collect();
        let decision = Decision { outcome, unit, joining, due: Day::parse(form.get("due")), words };
        let mut tx = ctx.begin().await?;
        let key = (row.county_id, row.id.as_str());
        acts::decide(&mut tx, key, (home, &problem), &decision, pack, &ctx.actor_at(row.division)?).await?;
        Ok(tx.commit().await?)
    }
    .await;
    match done {
        Ok(()) => Ok(ctx.redirect(&format!("{}/screen?at={at}", row.address()), &text!("已记下。"))),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let typed = form.typed().with_error(refusal.field.unwrap_or("outcome"), refusal.message);
            let page = page(&ctx, &mut conn, (&code, &id), at, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}
