//! The village talent register (村级人才专家库, WZ-7): who can be asked, at home, about what.

mod pages;
pub mod rules;
pub mod store;

use base::{
    db::Tx,
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use crate::{
    accounts::Actor,
    express::events::{self, NewEvent},
    spine::audit::{self, Change, Subject},
};

pub use pages::routes;
pub use rules::Field;

const KIND: &str = "village_talent";

/// Puts somebody on the register; returns the id.
pub async fn register(tx: &mut Tx, talent: &store::Talent, actor: &Actor) -> AppResult<String> {
    let id = store::add(tx, talent, actor).await?;
    let county = talent.village.county();
    events::add(tx, county, (KIND, &id), NewEvent { act: "register", ..NewEvent::default() }, actor).await?;
    let change = Change::made(json!({"name": talent.name, "kind": talent.field.code()}));
    audit::write(tx, county, actor, "talent.add", Subject { kind: KIND, id: &id }, change).await?;
    Ok(id)
}

async fn change(tx: &mut Tx, row: &store::TalentRow, talent: &store::Talent, actor: &Actor) -> AppResult<()> {
    if !store::save(tx, row, talent).await? {
        return Err(AppError::Conflict(text!("这个人的资料刚被别人改过，请刷新后再改。")));
    }
    events::add(tx, row.county_id, (KIND, &row.id), NewEvent { act: "change", ..NewEvent::default() }, actor).await?;
    let change = Change::changed(
        json!({"name": row.name, "kind": row.field}),
        json!({"name": talent.name, "kind": talent.field.code()}),
    );
    Ok(audit::write(tx, row.county_id, actor, "talent.save", Subject { kind: KIND, id: &row.id }, change).await?)
}

async fn remove(tx: &mut Tx, row: &store::TalentRow, why: Option<&str>, actor: &Actor) -> AppResult<()> {
    if !store::remove(tx, row, actor).await? {
        return Err(AppError::Conflict(text!("已经移出人才库。")));
    }
    let event = NewEvent { act: "remove", words: why, ..NewEvent::default() };
    events::add(tx, row.county_id, (KIND, &row.id), event, actor).await?;
    let change = Change::changed(json!({"name": row.name}), json!({"state": "removed", "why": why}));
    Ok(audit::write(tx, row.county_id, actor, "talent.remove", Subject { kind: KIND, id: &row.id }, change).await?)
}
