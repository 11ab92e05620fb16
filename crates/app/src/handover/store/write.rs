//! Writing handovers: the record with its version, the parties, visits and events.

use base::{
    db::{DbResult, Tx, sql},
    kernel::{CountyId, Day, new_id},
    text,
    web::{AppError, Refusal},
};

use super::{
    super::rules::{Cause, Hand, Leaving, Party, Plan, State},
    HandoverRow,
};
use crate::{
    accounts::Actor,
    spine::staging::{Run, Shelf, shelf},
};

/// What becomes of staged handovers.
pub const SHELF: Shelf = shelf!(
    "handover",
    before: "delete from handover_line where county_id = $1 and handover_id in (select id from handover \
             where county_id = $1 and staged = $2 order by id limit $3)",
    before: "delete from handover_event where county_id = $1 and handover_id in (select id from handover \
             where county_id = $1 and staged = $2 order by id limit $3)",
    before: "delete from handover_party where county_id = $1 and handover_id in (select id from handover \
             where county_id = $1 and staged = $2 order by id limit $3)"
);

/// A handover to make.
#[derive(Clone, Debug)]
pub struct NewHandover<'a> {
    pub leaving: &'a Leaving,
    pub plan: &'a Plan,
    pub cause: Cause,
    pub side_days: i64,
}

/// Makes a handover with its three parties; a second one of the same posting is refused by its unique key. A staged one
/// takes that key when its run is applied ([`add_staged`]): nobody is refused because of what is not there.
pub async fn add(
    tx: &mut Tx,
    new: &NewHandover<'_>,
    staged: Option<&Run>,
    actor: &Actor,
) -> Result<HandoverRow, AppError> {
    let (leaving, next) = (new.leaving, new.plan.next.as_ref());
    let county = leaving.village.county();
    let row = HandoverRow {
        county_id: county,
        id: new_id(),
        posting_id: leaving.posting_id.clone(),
        village: leaving.village,
        role: leaving.role.clone(),
        unit_id: leaving.unit_id.clone(),
        old_person_county: leaving.person.0,
        old_person_id: leaving.person.1.clone(),
        old_name: leaving.name.clone(),
        old_since: leaving.since,
        new_posting_id: next.map(|next| next.posting_id.clone()),
        new_person_county: next.map(|next| next.person.0),
        new_person_id: next.map(|next| next.person.1.clone()),
        new_name: next.map(|next| next.name.clone()),
        reason: new.plan.reason.code().into(),
        leaves_on: new.plan.leaves_on,
        side_days: new.side_days,
        cause: new.cause.code().into(),
        state: State::Prepared.code().into(),
        started_on: None,
        ended_on: None,
        version: 1,
    };
    let insert = sql("insert into handover (county_id, id, posting_id, live_key, village, role, unit_id, \
                      old_person_county, old_person_id, old_name, old_since, new_posting_id, new_person_county, \
                      new_person_id, new_name, reason, leaves_on, side_days, cause, state, made_at, version, \
                      staged) values ($1, $2, $3, $21, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
                      $17, $18, $19, $20, 1, $22)")
    .bind(county)
    .bind(&row.id)
    .bind(&row.posting_id)
    .bind(row.village)
    .bind(&row.role)
    .bind(row.unit_id.as_ref())
    .bind(row.old_person_county)
    .bind(&row.old_person_id)
    .bind(&row.old_name)
    .bind(row.old_since)
    .bind(row.new_posting_id.as_ref())
    .bind(row.new_person_county)
    .bind(row.new_person_id.as_ref())
    .bind(row.new_name.as_ref())
    .bind(&row.reason)
    .bind(row.leaves_on)
    .bind(row.side_days)
    .bind(&row.cause)
    .bind(&row.state)
    .bind(actor.at)
    .bind(if staged.is_some() { &row.id } else { &row.posting_id })
    .bind(staged.map(Run::id));
    tx.run(insert).await.map_err(|error| match error.unique_violation() {
        Some(_) => AppError::from(Refusal::whole(text!("这次派驻已经有交接了，请打开原来的那份办理。"))),
        None => error.into(),
    })?;
    let parties = Party::ALL.map(|party| vec![county.into(), (&row.id).into(), party.code().into(), 0_i64.into()]);
    let head = "insert into handover_party (county_id, handover_id, party, on_paper) values ";
    tx.run_rows(head, parties.into(), "").await?;
    Ok(row)
}

/// The handovers of a run that is being applied become the standing ones of their postings; a posting that got one
/// meanwhile is a conflict.
pub async fn add_staged(tx: &mut Tx, run: &Run, county: CountyId) -> Result<(), AppError> {
    let update = sql("update handover set live_key = posting_id where county_id = $1 and staged = $2");
    tx.run(update.bind(county).bind(run.id())).await.map(drop).map_err(|error| match error.unique_violation() {
        Some(_) => AppError::Conflict(text!("有人的交接刚刚准备好了，请再批准一次。")),
        None => error.into(),
    })
}

/// Writes the record's state and plan as they now are. Somebody else's change meanwhile is a conflict.
pub async fn save(tx: &mut Tx, row: &HandoverRow, next: State) -> Result<(), AppError> {
    let live = if matches!(next, State::Cancelled { .. }) { &row.id } else { &row.posting_id };
    let update = sql("update handover set state = $1, started_on = $2, ended_on = $3, live_key = $4, leaves_on = $5, \
                      reason = $6, new_posting_id = $7, new_person_county = $8, new_person_id = $9, new_name = $10, \
                      version = version + 1 where county_id = $11 and id = $12 and version = $13")
    .bind(next.code())
    .bind(next.since().or(row.started_on))
    .bind(next.ended())
    .bind(live)
    .bind(row.leaves_on)
    .bind(&row.reason)
    .bind(row.new_posting_id.as_ref())
    .bind(row.new_person_county)
    .bind(row.new_person_id.as_ref())
    .bind(row.new_name.as_ref())
    .bind(row.county_id)
    .bind(&row.id)
    .bind(row.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这次交接刚被别人改过，请刷新后再办。")));
    }
    Ok(())
}

/// A party has confirmed; false when it had already.
pub async fn save_confirmation(
    tx: &mut Tx,
    row: &HandoverRow,
    (party, hand): (Party, Hand),
    actor: &Actor,
) -> DbResult<bool> {
    let update = sql("update handover_party set confirmed_at = $1, account_id = $2, actor = $3, on_paper = $4 \
                      where county_id = $5 and handover_id = $6 and party = $7 and confirmed_at is null")
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(hand == Hand::Paper)
    .bind(row.county_id)
    .bind(&row.id)
    .bind(party.code());
    Ok(tx.run(update).await? == 1)
}

/// What the parties confirmed stands no longer; returns how many had.
pub async fn clear_confirmations(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<u64> {
    let update = sql("update handover_party set confirmed_at = null, account_id = null, actor = null, on_paper = 0 \
                      where county_id = $1 and handover_id = $2 and confirmed_at is not null");
    tx.run(update.bind(county).bind(id)).await
}

/// Notes a joint visit.
pub async fn add_visit(
    tx: &mut Tx,
    row: &HandoverRow,
    (day, whom, note): (Day, &str, Option<&str>),
    actor: &Actor,
) -> DbResult<()> {
    let insert = sql("insert into handover_visit (county_id, id, handover_id, day, whom, note, made_at, account_id, \
                      actor) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(row.county_id)
    .bind(new_id())
    .bind(&row.id)
    .bind(day)
    .bind(whom)
    .bind(note)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name);
    tx.run(insert).await.map(drop)
}

/// Writes down a step: what, on which day, by whom.
pub async fn add_event(
    tx: &mut Tx,
    row: &HandoverRow,
    what: &'static str,
    note: Option<&str>,
    actor: &Actor,
) -> DbResult<()> {
    let insert =
        sql("insert into handover_event (county_id, id, handover_id, what, day, at, account_id, actor, note) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(row.county_id)
        .bind(new_id())
        .bind(&row.id)
        .bind(what)
        .bind(actor.today)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name)
        .bind(note);
    tx.run(insert).await.map(drop)
}
