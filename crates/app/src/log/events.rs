//! What happened to a record of the log: who changed what, when and why. Nothing is taken out.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Instant, new_id},
};

use crate::accounts::Actor;

/// A step in the life of an entry or a visit.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    /// `log` or `visit`.
    pub kind: &'static str,
    pub record_id: &'a str,
    pub act: &'static str,
    /// Field by field what it was and what it became, as JSON; never the private note.
    pub changes: Option<String>,
    pub why: Option<&'a str>,
}

#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub act: String,
    pub at: Instant,
    pub actor: String,
    pub changes: Option<String>,
    pub why: Option<String>,
}

/// Writes steps, each by whoever took it.
pub async fn add_all(tx: &mut Tx, county: CountyId, events: &[(NewEvent<'_>, &Actor)]) -> DbResult<()> {
    let row = |(event, actor): &(NewEvent<'_>, &Actor)| {
        vec![
            county.into(),
            new_id().into(),
            event.kind.into(),
            event.record_id.into(),
            event.act.into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
            event.changes.as_ref().into(),
            event.why.into(),
        ]
    };
    let head = "insert into log_event (county_id, id, record_kind, record_id, act, at, account_id, actor, changes, why) \
                values ";
    tx.run_rows(head, events.iter().map(row).collect(), "").await.map(drop)
}

pub async fn add(tx: &mut Tx, county: CountyId, event: NewEvent<'_>, actor: &Actor) -> DbResult<()> {
    add_all(tx, county, &[(event, actor)]).await
}

/// The steps of a record, newest first.
pub async fn list(conn: &mut Conn, county: CountyId, kind: &str, id: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select act, at, actor, changes, why from log_event where county_id = $1 and record_kind = $2 \
                     and record_id = $3 order by at desc, id desc");
    conn.all(query.bind(county).bind(kind).bind(id)).await
}

/// The word of an act.
#[must_use]
pub fn act_zh(act: &str) -> &'static str {
    use base::word;
    match act {
        "add" => word!("记下"),
        "change" => word!("更正"),
        "withdraw" => word!("撤回"),
        "confirm" => word!("核实"),
        "send_back" => word!("退回"),
        "merge" => word!("与队友的记录合并"),
        "promise_done" => word!("承诺办结"),
        _ => word!("未知"),
    }
}
