//! Three bindings (三个捆绑, HN-7): the projects, the funds and the responsibility bound to a unit's village.
//!
//! Projects and funds are those of the library; only the responsibility is written here. All of it is shown as delivered
//! or not.

mod pages;
pub mod store;

use base::{
    db::Tx,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use crate::{
    accounts::{Actor, Role},
    express::events::{self, NewEvent},
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

pub use pages::routes;

const KIND: &str = "binding";

/// Writes down what a unit is responsible for in its village, until when.
pub async fn bind(tx: &mut Tx, new: &store::NewBinding, unit_name: &str, actor: &Actor) -> AppResult<String> {
    let id = store::add(tx, new, actor).await?;
    let county = new.village.county();
    let event = NewEvent { act: "bind", unit_name: Some(unit_name), words: Some(&new.words), ..NewEvent::default() };
    events::add(tx, county, (KIND, &id), event, actor).await?;
    let task = TaskDraft {
        kind: "binding",
        title: format!("兑现捆绑责任：{}", new.words.chars().take(30).collect::<String>()),
        detail: Some(format!("{unit_name} {}", new.person)),
        link: format!("/bindings/{}", new.unit_id),
        role: Role::Unit,
        division: new.village,
        due: new.due,
        origin_kind: KIND,
        origin_id: id.clone(),
    };
    tasks::open_for_unit(tx, &task, &new.unit_id, actor.at).await?;
    let change = Change::made(json!({"unit": unit_name, "village": new.village.to_string(), "until": new.due}));
    audit::write(tx, county, actor, "binding.add", Subject { kind: KIND, id: &id }, change).await?;
    Ok(id)
}

/// The responsibility is delivered, with what came of it.
pub async fn deliver(tx: &mut Tx, (county, id): (CountyId, &str), result: &str, actor: &Actor) -> AppResult<()> {
    if !store::deliver(tx, county, id, (actor.today, result)).await? {
        return Err(AppError::Conflict(text!("这一项已经兑现了。")));
    }
    events::add(tx, county, (KIND, id), NewEvent { act: "deliver", words: Some(result), ..NewEvent::default() }, actor)
        .await?;
    tasks::close_all(tx, county, (KIND, id), actor).await?;
    let change = Change::changed(json!({"done": false}), json!({"done": true, "result": result}));
    Ok(audit::write(tx, county, actor, "binding.deliver", Subject { kind: KIND, id }, change).await?)
}
