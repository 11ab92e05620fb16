//! What is done to a handover: each act in one transaction with its event, its tasks and one audit line.
//!
//! Every act locks the record first ([`lock`]), so that two parties who confirm at the same instant come one after the
//! other. Nothing here knows postings: what ends a post and takes up the next is `flows::complete_handover`.

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, Day, Fen, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{Acting, Answer, ByHand, Cause, Hand, Leaving, List, Parties, Party, Plan, State, facts},
    store::{self, HandoverRow, NewHandover, NewLine},
    tasks::{ask, stage_start},
};
use crate::{
    accounts::{self, Actor, Role},
    spine::{
        audit::{self, Change, Subject},
        facts::{self as spine_facts, Source},
        open_things::{Door, Holder},
        staging::Run,
        tasks,
    },
};

/// The origin of its tasks and facts.
pub const KIND: &str = "handover";

/// Locks the record and reads it as it now stands.
pub async fn lock(tx: &mut Tx, county: CountyId, id: &str) -> AppResult<(HandoverRow, State)> {
    let row = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    store::touch(tx, &row).await?;
    let row = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    let state = state_of(&row)?;
    Ok((row, state))
}

/// The state of a row, or a defect of the store.
pub fn state_of(row: &HandoverRow) -> AppResult<State> {
    row.state().ok_or_else(|| AppError::internal(format!("handover {} has an unknown state", row.id)))
}

/// Who the parties are and which of them can sign in.
pub async fn parties(conn: &mut Conn, row: &HandoverRow, today: Day) -> DbResult<Parties> {
    let new = row.new_person_id.clone().zip(row.new_name.clone());
    let old_account = signs_in(conn, &row.old_person_id).await?;
    let new_account = match &new {
        Some((id, _)) => signs_in(conn, id).await?,
        None => None,
    };
    let branch_account = accounts::store::is_held(conn, Role::Branch, row.village, today).await?;
    Ok(Parties {
        old: (row.old_person_id.clone(), row.old_name.clone()),
        new,
        old_account,
        new_account,
        branch_account,
    })
}

/// The account of somebody who signs in; for others the township enters what was signed on paper.
async fn signs_in(conn: &mut Conn, person_id: &str) -> DbResult<Option<String>> {
    let account = accounts::store::account_of(conn, person_id).await?;
    Ok(account.filter(|(_, active)| *active).map(|(id, _)| id))
}

/// Who leaves and who comes, as the doors of open things ask for them.
#[must_use]
pub fn holders(row: &HandoverRow, parties: &Parties) -> (Holder, Holder) {
    let old = Holder {
        village: row.village,
        person: Some((row.old_person_county, row.old_person_id.clone())),
        account_id: parties.old_account.clone(),
    };
    let new = Holder { village: row.village, person: row.new_person(), account_id: parties.new_account.clone() };
    (old, new)
}

/// Makes a handover with its lists; returns its id.
pub async fn prepare(
    tx: &mut Tx,
    leaving: &Leaving,
    plan: Plan,
    (cause, side_days): (Cause, i64),
    doors: &[Door],
    actor: &Actor,
) -> AppResult<String> {
    let row = make(tx, leaving, plan, (cause, side_days), doors, None, actor).await?;
    let after = json!({"person": row.old_name, "village": row.village.to_string(), "until": row.leaves_on});
    write_audit(tx, &row, "handover.prepare", Change::made(after), actor).await?;
    Ok(row.id)
}

/// Makes one that nobody sees before its run is applied ([`store::add_staged`]); whoever applies it writes the audit line.
pub async fn stage(
    tx: &mut Tx,
    run: &Run,
    leaving: &Leaving,
    plan: Plan,
    about: (Cause, i64),
    doors: &[Door],
    actor: &Actor,
) -> AppResult<()> {
    make(tx, leaving, plan, about, doors, Some(run), actor).await.map(drop)
}

async fn make(
    tx: &mut Tx,
    leaving: &Leaving,
    plan: Plan,
    (cause, side_days): (Cause, i64),
    doors: &[Door],
    staged: Option<&Run>,
    actor: &Actor,
) -> AppResult<HandoverRow> {
    let plan = plan.check(leaving.since)?;
    let new = NewHandover { leaving, plan: &plan, cause, side_days };
    let row = store::add(tx, &new, staged, actor).await?;
    let parties = parties(tx, &row, actor.today).await?;
    gather(tx, &row, &parties, doors, actor).await?;
    let event = match cause {
        Cause::Announced => "announced",
        Cause::TermNears => "term_nears",
    };
    store::add_event(tx, &row, event, None, actor).await?;
    match staged {
        Some(run) => stage_start(tx, run, &row, actor).await?,
        None => ask(tx, &row, State::Prepared, &parties, actor).await?,
    }
    Ok(row)
}

/// Takes down what every door now lists and takes out what is done: how many lines came in, how many went.
async fn gather(
    tx: &mut Tx,
    row: &HandoverRow,
    parties: &Parties,
    doors: &[Door],
    actor: &Actor,
) -> DbResult<(u64, u64)> {
    let (old, _) = holders(row, parties);
    let (mut lines, mut done) = (Vec::new(), 0);
    for door in doors {
        let things = (door.list)(tx, &old).await?;
        let open: Vec<String> = things.iter().map(|thing| thing.id.clone()).collect();
        done += store::remove_done(tx, row, door.kind, &open, actor).await?;
        lines.extend(things.into_iter().map(|thing| NewLine {
            list: List::Open,
            kind: door.kind,
            thing_id: thing.id,
            title: thing.title,
            note: thing.note,
            due: thing.due,
            link: thing.link,
            amount: None,
        }));
    }
    Ok((store::add_lines(tx, row, &lines, actor).await?, done))
}

/// Begins the days side by side.
pub async fn start(tx: &mut Tx, county: CountyId, id: &str, doors: &[Door], actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    let next = state.start(actor.today)?;
    let parties = parties(tx, &row, actor.today).await?;
    gather(tx, &row, &parties, doors, actor).await?;
    carry(tx, &row, (state, next), ("handover.start", "started", None), &parties, actor).await
}

/// Writes the next state with its event, tasks and audit line.
async fn carry(
    tx: &mut Tx,
    row: &HandoverRow,
    (before, next): (State, State),
    (action, event, note): (&'static str, &'static str, Option<&str>),
    parties: &Parties,
    actor: &Actor,
) -> AppResult<()> {
    store::save(tx, row, next).await?;
    store::add_event(tx, row, event, note, actor).await?;
    ask(tx, row, next, parties, actor).await?;
    let change = Change::changed(
        json!({"state": before.code()}),
        json!({"state": next.code(), "until": row.leaves_on, "person": row.new_name, "why": note}),
    );
    write_audit(tx, row, action, change, actor).await
}

async fn write_audit(
    tx: &mut Tx,
    row: &HandoverRow,
    action: &'static str,
    change: Change,
    actor: &Actor,
) -> AppResult<()> {
    Ok(audit::write(tx, row.county_id, actor, action, Subject { kind: KIND, id: &row.id }, change).await?)
}

/// Changes the day of leaving, the reason or who follows. The page's version guards against a change unseen.
pub async fn change_plan(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    plan: Plan,
    version: i64,
    actor: &Actor,
) -> AppResult<()> {
    let seen = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    if seen.version != version {
        return Err(AppError::Conflict(text!("这次交接刚被别人改过，请刷新后再办。")));
    }
    let (mut row, state) = lock(tx, county, id).await?;
    let plan = plan.check(row.old_since)?;
    let someone_else = plan.next.as_ref().map(|next| &next.person.1) != row.new_person_id.as_ref();
    row.leaves_on = plan.leaves_on;
    row.reason = plan.reason.code().into();
    row.new_posting_id = plan.next.as_ref().map(|next| next.posting_id.clone());
    row.new_person_county = plan.next.as_ref().map(|next| next.person.0);
    row.new_person_id = plan.next.as_ref().map(|next| next.person.1.clone());
    row.new_name = plan.next.map(|next| next.name);
    // Another person has confirmed nothing yet.
    let next = if someone_else { reopen(tx, &row, state).await? } else { state.revise().map(|_| state)? };
    if someone_else {
        store::remove_answers(tx, &row, Party::New).await?;
    }
    let parties = parties(tx, &row, actor.today).await?;
    carry(tx, &row, (state, next), ("handover.plan", "planned", None), &parties, actor).await
}

/// The lists change: whoever had confirmed them confirms again.
async fn reopen(tx: &mut Tx, row: &HandoverRow, state: State) -> AppResult<State> {
    let next = state.revise()?;
    store::clear_confirmations(tx, row.county_id, &row.id).await?;
    Ok(next)
}

/// A line written by hand.
#[derive(Clone, Debug)]
pub struct Written {
    pub kind: ByHand,
    pub title: String,
    pub note: Option<String>,
    pub amount: Option<Fen>,
}

/// Adds a line by hand.
pub async fn add_line(tx: &mut Tx, county: CountyId, id: &str, line: Written, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    let next = reopen(tx, &row, state).await?;
    let new = NewLine {
        list: line.kind.list(),
        kind: line.kind.code(),
        thing_id: new_id(),
        title: line.title,
        note: line.note,
        due: None,
        link: None,
        amount: line.amount,
    };
    store::add_lines(tx, &row, std::slice::from_ref(&new), actor).await?;
    let parties = parties(tx, &row, actor.today).await?;
    carry(tx, &row, (state, next), ("handover.line", "line_added", Some(&new.title)), &parties, actor).await
}

/// Takes a line out that was written by hand; what came through a door goes away only by being done.
pub async fn remove_line(tx: &mut Tx, county: CountyId, id: &str, line: &str, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    let found = store::find_line(tx, county, id, line).await?.ok_or(AppError::NotFound)?;
    if ByHand::parse(&found.kind).is_none() {
        return Err(Refusal::whole(text!("这一项是系统汇总的，办完才会消失，不能删。")).into());
    }
    let next = reopen(tx, &row, state).await?;
    store::remove_line(tx, &row, line, actor).await?;
    let parties = parties(tx, &row, actor.today).await?;
    carry(tx, &row, (state, next), ("handover.line", "line_removed", Some(&found.title)), &parties, actor).await
}

/// Brings the lists up to now: how many lines came in, how many were done meanwhile.
///
/// New lines are to be confirmed by all three; that something was done undoes nobody's confirmation.
pub async fn refresh(tx: &mut Tx, county: CountyId, id: &str, doors: &[Door], actor: &Actor) -> AppResult<(u64, u64)> {
    let (row, state) = lock(tx, county, id).await?;
    state.revise()?;
    let parties = parties(tx, &row, actor.today).await?;
    let (added, done) = gather(tx, &row, &parties, doors, actor).await?;
    if added + done > 0 {
        let next = if added > 0 { reopen(tx, &row, state).await? } else { state };
        let note = format!("新增 {added} 项，办完 {done} 项");
        carry(tx, &row, (state, next), ("handover.line", "refreshed", Some(&note)), &parties, actor).await?;
    }
    Ok((added, done))
}

/// A party answers one line.
pub async fn answer(
    tx: &mut Tx,
    (county, id, line): (CountyId, &str, &str),
    party: Party,
    answer: Answer,
    acting: &Acting,
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    let hand = parties(tx, &row, actor.today).await?.hand(party, acting)?;
    state.confirm(false)?;
    let found = store::find_line(tx, county, id, line).await?.ok_or(AppError::NotFound)?;
    let before = store::answers(tx, county, id).await?.remove(&(found.id.clone(), party));
    let said = before.as_ref().and_then(store::AnswerRow::answer);
    let answer = answer.after(said.as_ref())?;
    if store::is_confirmed(tx, &row, party).await? {
        return Err(Refusal::whole(text!("您这一方已经签认整份清单；清单有变动时才重新确认。")).into());
    }
    store::add_answers(tx, &row, &[found.id], (party, hand), &answer, actor).await?;
    // An answer takes the place of the one before; what was objected, and that it was settled, stays in the history.
    if let Some((event, words)) = told(&said, &answer) {
        let note = format!("{}：{words}", found.title);
        store::add_event(tx, &row, event, Some(&note), actor).await?;
    }
    let change = Change::changed(
        json!({"party": party.code(), "answer": said.as_ref().map(Answer::code)}),
        json!({"party": party.code(), "answer": answer.code(), "on_paper": hand == Hand::Paper, "line": found.title}),
    );
    write_audit(tx, &row, "handover.answer", change, actor).await
}

/// What the history tells of an answer: objections, and what became of them.
fn told<'a>(before: &Option<Answer>, now: &'a Answer) -> Option<(&'static str, &'a str)> {
    match (before, now) {
        (_, Answer::Objected { words }) => Some(("objected", words)),
        (Some(Answer::Objected { .. }), Answer::Confirmed) => Some(("settled", "已说清，确认")),
        (None | Some(Answer::Confirmed), Answer::Confirmed) => None,
    }
}

/// A party confirms what it has not answered yet, and with it the whole of the lists.
///
/// Its objections stand in the way; a second confirmation is refused.
pub async fn confirm(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    party: Party,
    acting: &Acting,
    actor: &Actor,
) -> AppResult<State> {
    let (row, state) = lock(tx, county, id).await?;
    let parties = parties(tx, &row, actor.today).await?;
    let hand = parties.hand(party, acting)?;
    if store::is_confirmed(tx, &row, party).await? {
        return Err(Refusal::whole(text!("您这一方已经签认过，不用再签。")).into());
    }
    state.confirm(false)?;
    let answers = store::answers(tx, county, id).await?;
    let mut open = Vec::new();
    for line in store::lines(tx, county, id, None).await? {
        match answers.get(&(line.id.clone(), party)).and_then(store::AnswerRow::answer) {
            Some(Answer::Confirmed) => {}
            Some(Answer::Objected { .. }) => {
                let say = text!("“{line}”您这一方还有异议；说清之后先确认这一项，再签认整份清单。", line = line.title);
                return Err(Refusal::whole(say).into());
            }
            None => open.push(line.id),
        }
    }
    store::add_answers(tx, &row, &open, (party, hand), &Answer::Confirmed, actor).await?;
    store::save_confirmation(tx, &row, (party, hand), actor).await?;
    let waits_for = store::parties(tx, county, id).await?.iter().filter(|one| one.confirmed_at.is_none()).count();
    let all = waits_for == 0 && store::counts(tx, county, id).await?.is_settled();
    let next = state.confirm(all)?;
    let event = match party {
        Party::Old => "confirmed_old",
        Party::New => "confirmed_new",
        Party::Branch => "confirmed_branch",
    };
    let note = (hand == Hand::Paper).then_some(PAPER);
    carry(tx, &row, (state, next), ("handover.confirm", event, note), &parties, actor).await?;
    Ok(next)
}

/// What stands on the record where the township entered a signature.
pub const PAPER: &str = "由乡镇代录，纸质签字存档";

/// Notes a joint visit.
pub async fn add_visit(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    (day, whom, note): (Day, &str, Option<&str>),
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    state.revise()?;
    if day > actor.today {
        return Err(Refusal::at("day", text!("走访日期不能晚于今天")).into());
    }
    store::add_visit(tx, &row, (day, whom, note), actor).await?;
    let after = json!({"since": day, "place": whom});
    write_audit(tx, &row, "handover.visit", Change::made(after), actor).await
}

/// Calls it off; the posting stays as it is and may have another handover.
pub async fn cancel(tx: &mut Tx, county: CountyId, id: &str, why: &str, actor: &Actor) -> AppResult<()> {
    let (row, state) = lock(tx, county, id).await?;
    let next = state.cancel(actor.today)?;
    let parties = parties(tx, &row, actor.today).await?;
    carry(tx, &row, (state, next), ("handover.cancel", "cancelled", Some(why)), &parties, actor).await
}

/// Decides whether a handover may be completed on a day, before anything is touched.
pub async fn check_complete(tx: &mut Tx, row: &HandoverRow, state: State, on: Day, today: Day) -> AppResult<State> {
    let next = state.complete(row.old_since, row.leaves_on, on, today)?;
    let waiting = store::parties(tx, row.county_id, &row.id).await?;
    let count = store::counts(tx, row.county_id, &row.id).await?;
    if !count.is_settled() || waiting.iter().any(|party| party.confirmed_at.is_none()) {
        return Err(Refusal::whole(text!("还有没确认或有异议的事项，不能办结。请先逐项确认。")).into());
    }
    Ok(next)
}

/// Everything open with the old holder becomes the new holder's, whether it stood in the lists or came since.
pub async fn hand_over(tx: &mut Tx, row: &HandoverRow, doors: &[Door], actor: &Actor) -> AppResult<u64> {
    let parties = parties(tx, row, actor.today).await?;
    let (old, new) = holders(row, &parties);
    let mut moved = 0;
    for door in doors {
        moved += (door.hand_over)(tx, &old, &new, actor).await?;
    }
    Ok(moved)
}

/// The handover's own part of its completion: state, event, fact, audit line; its tasks are done.
pub async fn finish(
    tx: &mut Tx,
    row: &HandoverRow,
    (state, next): (State, State),
    moved: u64,
    actor: &Actor,
) -> AppResult<()> {
    store::save(tx, row, next).await?;
    let note = format!("移交 {moved} 项待办");
    store::add_event(tx, row, "completed", Some(&note), actor).await?;
    let source = Source { kind: KIND, id: row.id.clone() };
    let old = (row.old_person_county, row.old_person_id.clone());
    let said = facts(next, row.village, &old, row.unit_id.as_deref());
    spine_facts::record(tx, row.county_id, &[(source, said)], actor.at, spine_facts::Writing::Difference).await?;
    tasks::close_all(tx, row.county_id, (KIND, &row.id), actor).await?;
    let change = Change::changed(
        json!({"state": state.code()}),
        json!({"state": next.code(), "until": next.ended(), "rows": moved}),
    );
    write_audit(tx, row, "handover.complete", change, actor).await
}
