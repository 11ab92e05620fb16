//! What is done, each act in one transaction with its task and audit line; a nameless complaint with neither.

use base::{
    db::Tx,
    kernel::{CountyId, Day},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{Class, Code, Opening, nameless_due, week},
    store::{self, SwitchRow},
};
use crate::{
    accounts::{Actor, Role},
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

pub async fn open_switch(
    tx: &mut Tx,
    county: CountyId,
    opening: Opening,
    most_days: i64,
    actor: &Actor,
) -> AppResult<()> {
    let opening = opening.check(actor.today, most_days)?;
    let id = store::open_switch(tx, county, &opening, actor).await?;
    let after = json!({"kind": opening.kind.code(), "basis": opening.basis, "approver": opening.approver,
                       "until": opening.until});
    let subject = Subject { kind: "switch", id: &id };
    Ok(audit::write(tx, county, actor, "switch.open", subject, Change::made(after)).await?)
}

pub async fn close_switch(tx: &mut Tx, row: &SwitchRow, why: &str, actor: &Actor) -> AppResult<()> {
    if !store::close_switch(tx, row, why, actor).await? {
        return Err(AppError::Conflict(text!("这一项已经停用或到期了。")));
    }
    let change = Change::changed(json!({"until": row.until}), json!({"until": actor.today, "why": why}));
    let subject = Subject { kind: "switch", id: &row.id };
    Ok(audit::write(tx, row.county_id, actor, "switch.close", subject, change).await?)
}

/// A complaint under a name: the office has a task until it is answered.
pub async fn complain(
    tx: &mut Tx,
    county: CountyId,
    (class, words): (Class, &str),
    days: i64,
    actor: &Actor,
) -> AppResult<()> {
    let due = actor.today.plus_days(days);
    let id = store::add(tx, county, (class, words, due), actor).await?;
    let draft = TaskDraft {
        kind: "complaint",
        title: format!("答复减负意见：{}", class.zh()),
        detail: Some(format!("{} 提出", actor.today)),
        link: format!("/complaints#c-{id}"),
        role: Role::Office,
        division: county.division(),
        due,
        origin_kind: "complaint",
        origin_id: id.clone(),
    };
    tasks::open(tx, &draft, actor.at).await?;
    let subject = Subject { kind: "complaint", id: &id };
    Ok(audit::write(tx, county, actor, "complaint.add", subject, Change::made(json!({"kind": class.code()}))).await?)
}

/// A nameless complaint: one row, and nothing beside it.
pub async fn complain_nameless(
    tx: &mut Tx,
    code: &Code,
    (class, words): (Class, &str),
    today: Day,
    days: i64,
) -> AppResult<()> {
    let week = week(today);
    Ok(store::add_nameless(tx, code, (class, words), (week, nameless_due(week, days))).await?)
}

fn answered_already() -> AppError {
    Refusal::whole(text!("这一条已经答复过了。")).into()
}

pub async fn answer(tx: &mut Tx, county: CountyId, id: &str, words: &str, actor: &Actor) -> AppResult<()> {
    store::find_complaint(tx, county, id).await?.ok_or(AppError::NotFound)?;
    if !store::answer(tx, county, id, words, actor).await? {
        return Err(answered_already());
    }
    tasks::close(tx, county, "complaint", ("complaint", id), actor).await?;
    let subject = Subject { kind: "complaint", id };
    Ok(audit::write(tx, county, actor, "complaint.answer", subject, Change::made(json!({"answer": words}))).await?)
}

/// The office's answer has its name and its line in the trail; the complaint still has none.
pub async fn answer_nameless(tx: &mut Tx, county: CountyId, hash: &str, words: &str, actor: &Actor) -> AppResult<()> {
    store::find_nameless(tx, county, hash).await?.ok_or(AppError::NotFound)?;
    if !store::answer_nameless(tx, county, hash, words, actor).await? {
        return Err(answered_already());
    }
    ask_nameless(tx, county, actor).await?;
    let subject = Subject { kind: "complaint", id: hash };
    Ok(audit::write(tx, county, actor, "complaint.answer", subject, Change::made(json!({"answer": words}))).await?)
}

/// One task for all nameless complaints that wait: opened by the day's round, never by the complaint itself.
async fn ask_nameless(tx: &mut Tx, county: CountyId, actor: &Actor) -> AppResult<()> {
    let origin = county.to_string();
    let (count, due) = store::waiting_nameless(tx, county).await?;
    let Some(due) = due.filter(|_| count > 0) else {
        return Ok(tasks::close(tx, county, "complaint_nameless", ("county", &origin), actor).await?);
    };
    let draft = TaskDraft {
        kind: "complaint_nameless",
        title: format!("答复不记名的减负意见（{count} 条）"),
        detail: None,
        link: "/complaints".into(),
        role: Role::Office,
        division: county.division(),
        due,
        origin_kind: "county",
        origin_id: origin,
    };
    Ok(tasks::open(tx, &draft, actor.at).await?)
}

/// The day's round of a county: nameless complaints are written anew, and asked for.
pub async fn every_day(tx: &mut Tx, county: CountyId, actor: &Actor) -> AppResult<()> {
    store::shuffle(tx, county).await?;
    ask_nameless(tx, county, actor).await
}
