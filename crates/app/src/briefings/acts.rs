//! What is done with a briefing, each in the caller's transaction with its event and audit line.

use std::collections::{BTreeSet, HashMap};

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    paper::Paper,
    rules::{self, Draft, Edited, Hand, MOST_TITLE, Request, State, draft, edit, may_sign},
    store::{self, Briefing},
    templates::{self, Template},
};
use crate::{
    accounts::Actor,
    places,
    spine::{
        audit::{self, Change, Subject},
        facts::{
            Catalogue,
            read::{self, Span},
        },
    },
};

/// What the figures of some codes are now; nothing where the catalogue does not know one or has it sealed: a paper goes to
/// readers of whom nobody knows what they may see.
async fn amounts(
    conn: &mut Conn,
    place: DivisionCode,
    span: Span,
    codes: BTreeSet<String>,
) -> AppResult<HashMap<String, Option<i64>>> {
    let whole = places::store::with_predecessors(conn, place).await?;
    let mut amounts = HashMap::new();
    for code in codes {
        let amount = match Catalogue::get().find(&code) {
            Some(indicator) if !indicator.sealed => Some(read::value(conn, indicator, &whole, span).await?),
            Some(_) | None => None,
        };
        amounts.insert(code, amount);
    }
    Ok(amounts)
}

/// The place's name; a code that no list of divisions holds is refused.
async fn name_of(conn: &mut Conn, place: DivisionCode) -> AppResult<String> {
    let unknown = || Refusal::at("place", text!("行政区划里没有 {code}。", code = place));
    Ok(places::store::find(conn, place).await?.ok_or_else(unknown)?.short())
}

/// A period runs forward and begins before it ends.
fn in_order(span: Span) -> Result<(), Refusal> {
    match span.from {
        Some(from) if from > span.to => {
            Err(Refusal::at("to", text!("结束日期 {to} 早于开始日期 {from}，请对调。", to = span.to, from = from)))
        }
        Some(_) | None => Ok(()),
    }
}

async fn drafted(conn: &mut Conn, template: &Template, place: DivisionCode, span: Span) -> AppResult<Draft> {
    in_order(span)?;
    let request = Request { place: name_of(conn, place).await?, span };
    let codes = template.figures().into_iter().map(|ask| ask.code.clone()).collect();
    let amounts = amounts(conn, place, span, codes).await?;
    Ok(draft(template, &request, &amounts))
}

/// A template that is named, or the one that the place's county begins with.
pub(super) fn template_of(name: Option<&str>, pack: &str) -> Result<&'static Template, Refusal> {
    let Some(name) = name else {
        return templates::usual(pack).ok_or_else(|| Refusal::at("template", text!("没有简报模板。")));
    };
    templates::find(name).ok_or_else(|| {
        let names: Vec<&str> = templates::all().iter().map(|template| template.name.as_str()).collect();
        Refusal::at("template", text!("没有“{name}”这个模板；有 {names}。", name = name, names = names.join("、")))
    })
}

/// A draft on paper that nobody keeps: for the command line.
pub async fn compose(
    conn: &mut Conn,
    (place, span): (DivisionCode, Span),
    template: Option<&str>,
    pack: &str,
    today: base::kernel::Day,
) -> AppResult<Paper> {
    let template = template_of(template, pack)?;
    let draft = drafted(conn, template, place, span).await?;
    Ok(Paper::of_draft(&draft, &name_of(conn, place).await?, place, span, today))
}

/// Makes a draft with the figures of today; returns its id.
pub async fn made(
    tx: &mut Tx,
    template: &Template,
    (place, span): (DivisionCode, Span),
    actor: &Actor,
) -> AppResult<String> {
    let draft = drafted(tx, template, place, span).await?;
    let id = store::add(tx, &template.name, (place, span), &draft, actor).await?;
    store::add_event(tx, (place.county(), &id), "make", None, actor).await?;
    let after = json!({"title": draft.title, "template": template.name, "place": place, "since": span.from,
                       "until": span.to});
    note(tx, (place.county(), &id), "briefing.make", Change::made(after), actor).await?;
    Ok(id)
}

async fn note(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    action: &'static str,
    change: Change,
    actor: &Actor,
) -> AppResult<()> {
    Ok(audit::write(tx, county, actor, action, Subject { kind: "briefing", id }, change).await?)
}

/// Keeps what an author wrote over the version they saw.
pub(super) async fn write(
    tx: &mut Tx,
    briefing: &Briefing,
    (title, body, version): (&str, &str, i64),
    actor: &Actor,
) -> AppResult<()> {
    briefing.state.require_draft()?;
    let title = title.trim();
    if title.is_empty() {
        return Err(Refusal::at("title", text!("题目不能空着")).into());
    }
    if title.chars().count() > MOST_TITLE {
        return Err(Refusal::at("title", text!("题目太长，最多 {n} 个字", n = MOST_TITLE)).into());
    }
    let hand = Hand { by: actor.name.clone(), on: actor.today };
    let edited = edit(body, &briefing.figures, &hand)?;
    if !store::save(tx, briefing, title, &edited, version).await? {
        return Err(AppError::Conflict(text!("这份简报刚刚被别人改过。请返回看过最新的再改；您写的内容还在上一页。")));
    }
    let changed = changes(briefing, &edited);
    let words = changed.join("；");
    let words = (!words.is_empty()).then_some(words.as_str());
    store::add_event(tx, (briefing.county, &briefing.id), "edit", words, actor).await?;
    let change = Change::changed(
        json!({"title": briefing.title, "version": version}),
        json!({"title": title, "figures": changed}),
    );
    note(tx, (briefing.county, &briefing.id), "briefing.edit", change, actor).await
}

/// Figures that a hand changed, took out or put back, in words.
fn changes(briefing: &Briefing, edited: &Edited) -> Vec<String> {
    let mut said = Vec::new();
    for (before, after) in briefing.figures.iter().zip(&edited.figures) {
        if edited.changed.contains(&after.position) {
            said.push(format!("{}：{} 改为 {}（算出 {}）", after.name, before.shown, after.shown, after.computed));
        }
        if after.removed && !before.removed {
            said.push(format!("删去 {}（{}）", after.name, before.shown));
        }
    }
    said
}

/// The figures of a briefing as the records say today.
pub(super) async fn today(conn: &mut Conn, briefing: &Briefing) -> AppResult<Vec<rules::Figure>> {
    let codes = briefing.figures.iter().map(|figure| figure.code.clone()).collect();
    let amounts = amounts(conn, briefing.place, briefing.span, codes).await?;
    let again = |figure: &rules::Figure| {
        let amount = amounts.get(&figure.code).copied().flatten();
        figure.clone().counted_again(amount)
    };
    Ok(briefing.figures.iter().map(again).collect())
}

/// Counts a draft's figures again; what a hand changed stays as it was written.
pub(super) async fn recount(tx: &mut Tx, briefing: &Briefing, actor: &Actor) -> AppResult<usize> {
    briefing.state.require_draft()?;
    let figures = today(tx, briefing).await?;
    let moved = figures.iter().zip(&briefing.figures).filter(|(now, then)| now.computed != then.computed).count();
    store::save_counted(tx, briefing, &figures, actor.today).await?;
    store::add_event(tx, (briefing.county, &briefing.id), "recount", None, actor).await?;
    let change = Change::changed(
        json!({"counted_on": briefing.counted_on}),
        json!({"counted_on": actor.today, "changed": moved}),
    );
    note(tx, (briefing.county, &briefing.id), "briefing.recount", change, actor).await?;
    Ok(moved)
}

/// Signs a draft: from now on nothing of it changes.
pub(super) async fn sign(tx: &mut Tx, briefing: &Briefing, actor: &Actor) -> AppResult<()> {
    may_sign(&briefing.state, &briefing.figures)?;
    store::sign(tx, briefing, actor).await?;
    store::add_event(tx, (briefing.county, &briefing.id), "sign", None, actor).await?;
    let hands = briefing.figures.iter().filter(|figure| figure.hand.is_some() && !figure.removed).count();
    let signed = State::Signed { by: actor.name.clone(), on: actor.today };
    let change = Change::changed(
        json!({"state": briefing.state.code()}),
        json!({"state": signed.code(), "figures": briefing.figures.len(), "by_hand": hands}),
    );
    note(tx, (briefing.county, &briefing.id), "briefing.sign", change, actor).await
}

/// Makes a briefing and signs it at once: how a demo brings one.
pub async fn made_and_signed(
    tx: &mut Tx,
    template: &Template,
    (place, span): (DivisionCode, Span),
    actor: &Actor,
) -> AppResult<String> {
    let id = made(tx, template, (place, span), actor).await?;
    let briefing = store::lock(tx, place.county(), &id).await?.ok_or(AppError::NotFound)?;
    sign(tx, &briefing, actor).await?;
    Ok(id)
}

/// Gives a draft up.
pub(super) async fn cancel(tx: &mut Tx, briefing: &Briefing, actor: &Actor) -> AppResult<()> {
    briefing.state.require_draft()?;
    store::cancel(tx, briefing).await?;
    store::add_event(tx, (briefing.county, &briefing.id), "cancel", None, actor).await?;
    let change = Change::changed(json!({"state": briefing.state.code()}), json!({"state": "cancelled"}));
    note(tx, (briefing.county, &briefing.id), "briefing.cancel", change, actor).await
}
