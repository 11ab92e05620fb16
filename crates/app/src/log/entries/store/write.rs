//! Writing entries: each with its outcomes, credits, history, facts and tasks.

use base::{
    db::{DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, Instant},
    text,
    web::AppError,
};

use super::{
    super::{Entry, Outcome, OutcomeState, changes::Said, facts},
    read::{OutcomeRow, Stored, load, outcomes_of},
};
use crate::{
    accounts::{Actor, Role},
    log::events::{self, NewEvent},
    packs::Pack,
    places,
    spine::{
        facts::{self as spine_facts, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// An entry to write down.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub id: String,
    pub entry: Entry,
    pub outcomes: Vec<Outcome>,
    /// The writer's own note, sealed for the place `log_entry.note/{id}`.
    pub note_sealed: Option<String>,
    pub pictures: Vec<String>,
    /// Who writes, and when.
    pub by: Actor,
}

/// What an entry says after a change.
#[derive(Clone, Debug)]
pub struct Saved {
    pub entry: Entry,
    pub outcomes: Vec<Outcome>,
    pub note_sealed: Option<String>,
    pub pictures: Vec<String>,
}

/// A large outcome is looked at by the township or the branch: whoever is first.
const TASKS: [(&str, Role); 2] = [("log_confirm", Role::Township), ("log_confirm_branch", Role::Branch)];

fn source(id: &str) -> Source {
    Source { kind: "log", id: id.to_owned() }
}

fn count(outcomes: &[Outcome], waiting: bool) -> i64 {
    let counts = |outcome: &&Outcome| !waiting || outcome.state == OutcomeState::Waiting;
    i64::try_from(outcomes.iter().filter(counts).count()).unwrap_or(0)
}

/// Writes entries of one county, with everything that follows from them.
pub async fn add_all(tx: &mut Tx, county: CountyId, entries: &[NewEntry], pack: &Pack) -> DbResult<()> {
    let head = "insert into log_entry (county_id, id, village, day, duty, words, met, person_county, person_id, \
                person_name, unit_id, post_village, note_sealed, outcomes, waiting, state, writer_account, writer, \
                made_at, version) values ";
    let rows = entries.iter().map(|new| entry_row(county, new)).collect();
    tx.run_rows(head, rows, "").await?;
    let of = |new: &NewEntry| (new.id.clone(), new.entry.clone(), new.outcomes.clone());
    add_outcomes(tx, county, &entries.iter().map(of).collect::<Vec<_>>()).await?;
    for new in entries.iter().filter(|new| !new.entry.links.is_empty() || !new.pictures.is_empty()) {
        add_links(tx, county, &new.id, &new.entry, &new.pictures).await?;
    }
    add_events(tx, county, entries).await?;
    let sources: Vec<_> = entries.iter().map(|new| (source(&new.id), facts(&new.entry, &new.outcomes))).collect();
    let at = entries.iter().map(|new| new.by.at).max().unwrap_or(Instant(0));
    for chunk in sources.chunks(5_000) {
        spine_facts::record(tx, county, chunk, at, Writing::New).await?;
    }
    for new in entries {
        let asks = |state: &OutcomeState| matches!(state, OutcomeState::Waiting | OutcomeState::SentBack { .. });
        for outcome in new.outcomes.iter().filter(|outcome| asks(&outcome.state)) {
            follow_tasks(tx, county, (&new.id, &new.entry), outcome, pack, &new.by).await?;
        }
    }
    Ok(())
}

fn entry_row(county: CountyId, new: &NewEntry) -> Vec<Value> {
    let entry = &new.entry;
    vec![
        county.into(),
        (&new.id).into(),
        entry.village.into(),
        entry.day.into(),
        entry.duty.code().into(),
        (&entry.words).into(),
        entry.met.as_ref().into(),
        entry.who.person.0.into(),
        (&entry.who.person.1).into(),
        (&entry.who.name).into(),
        entry.who.unit_id.as_ref().into(),
        entry.post_village.into(),
        new.note_sealed.as_ref().into(),
        count(&new.outcomes, false).into(),
        count(&new.outcomes, true).into(),
        "kept".into(),
        (&new.by.account_id).into(),
        (&new.by.name).into(),
        new.by.at.into(),
        1_i64.into(),
    ]
}

async fn add_events(tx: &mut Tx, county: CountyId, entries: &[NewEntry]) -> DbResult<()> {
    let event = |new| NewEvent { kind: "log", record_id: new, act: "add", changes: None, why: None };
    let events: Vec<_> = entries.iter().map(|new| (event(new.id.as_str()), &new.by)).collect();
    events::add_all(tx, county, &events).await
}

/// The outcomes of entries and whose work they are.
async fn add_outcomes(tx: &mut Tx, county: CountyId, entries: &[(String, Entry, Vec<Outcome>)]) -> DbResult<()> {
    let (mut rows, mut credits) = (Vec::new(), Vec::new());
    for (id, entry, outcomes) in entries {
        for (at, outcome) in outcomes.iter().enumerate() {
            rows.push(outcome_row(county, id, entry, at, outcome));
            let counted_in = match &outcome.state {
                OutcomeState::Merged { into } => into,
                OutcomeState::Counted { .. }
                | OutcomeState::Waiting
                | OutcomeState::SentBack { .. }
                | OutcomeState::Withdrawn => &outcome.id,
            };
            credits.push(vec![
                county.into(),
                counted_in.into(),
                (&entry.who.person.1).into(),
                entry.who.person.0.into(),
                (&entry.who.name).into(),
                entry.who.unit_id.as_ref().into(),
                id.into(),
            ]);
        }
    }
    let head = "insert into log_outcome (county_id, id, entry_id, position, village, day, indicator, amount, typed, \
                unit, what, evidence, state, merged_into, word_by, word_on, word_why) values ";
    tx.run_rows(head, rows, "").await?;
    let head = "insert into log_credit (county_id, outcome_id, person_id, person_county, person_name, unit_id, \
                entry_id) values ";
    // Who reports the same thing in two entries of their own is credited once.
    tx.run_rows(head, credits, "on conflict (county_id, outcome_id, person_id) do nothing").await?;
    Ok(())
}

fn outcome_row(county: CountyId, entry_id: &str, entry: &Entry, at: usize, outcome: &Outcome) -> Vec<Value> {
    let (merged, word, why) = match &outcome.state {
        OutcomeState::Merged { into } => (Some(into.as_str()), None, None),
        OutcomeState::Counted { word } => (None, word.as_ref(), None),
        OutcomeState::SentBack { word, why } => (None, Some(word), Some(why.as_str())),
        OutcomeState::Waiting | OutcomeState::Withdrawn => (None, None, None),
    };
    vec![
        county.into(),
        (&outcome.id).into(),
        entry_id.into(),
        at.into(),
        entry.village.into(),
        entry.day.into(),
        outcome.indicator.code.as_str().into(),
        outcome.amount.into(),
        (&outcome.typed).into(),
        (&outcome.unit).into(),
        outcome.what.as_ref().into(),
        outcome.evidence.as_ref().into(),
        outcome.state.code().into(),
        merged.into(),
        word.map(|word| &word.by).into(),
        word.map(|word| word.on).into(),
        why.into(),
    ]
}

async fn add_links(tx: &mut Tx, county: CountyId, id: &str, entry: &Entry, pictures: &[String]) -> DbResult<()> {
    let links =
        entry.links.iter().enumerate().map(|(at, label)| {
            vec![county.into(), id.into(), at.into(), "text".into(), None::<&str>.into(), label.into()]
        });
    let head = "insert into log_link (county_id, entry_id, position, kind, target_id, label) values ";
    tx.run_rows(head, links.collect(), "").await?;
    let pictures = pictures.iter().enumerate().map(|(at, file)| vec![county.into(), id.into(), file.into(), at.into()]);
    let head = "insert into log_picture (county_id, entry_id, file_id, position) values ";
    tx.run_rows(head, pictures.collect(), "").await.map(drop)
}

/// A large outcome is somebody's to look at until they have said their word.
async fn open_confirm(
    tx: &mut Tx,
    county: CountyId,
    entry: &Entry,
    outcome: &Outcome,
    pack: &Pack,
    by: &Actor,
) -> DbResult<()> {
    let village = places::store::find(tx, entry.village).await?.map(|village| village.short()).unwrap_or_default();
    for (kind, role) in TASKS {
        let draft = TaskDraft {
            kind,
            title: format!("核实成效：{village}{} {} {}", outcome.indicator.name, outcome.typed, outcome.unit),
            detail: Some(format!("{} {} 记；核实前不计入统计", entry.day, entry.who.name)),
            link: format!("/outcomes/{county}/{}", outcome.id),
            role,
            division: entry.village,
            due: by.today.plus_days(pack.outcome_confirm_days()),
            origin_kind: "log_outcome",
            origin_id: outcome.id.clone(),
        };
        tasks::open(tx, &draft, by.at).await?;
    }
    Ok(())
}

/// What somebody must do about an outcome follows its state.
async fn follow_tasks(
    tx: &mut Tx,
    county: CountyId,
    (entry_id, entry): (&str, &Entry),
    outcome: &Outcome,
    pack: &Pack,
    by: &Actor,
) -> DbResult<()> {
    let origin = ("log_outcome", outcome.id.as_str());
    if outcome.state == OutcomeState::Waiting {
        open_confirm(tx, county, entry, outcome, pack, by).await?;
    } else {
        for (kind, _) in TASKS {
            tasks::close(tx, county, kind, origin, by).await?;
        }
    }
    match &outcome.state {
        OutcomeState::SentBack { why, .. } => {
            let draft = TaskDraft {
                kind: "log_mend",
                title: format!("成效被退回：{} {} {}", outcome.indicator.name, outcome.typed, outcome.unit),
                detail: Some(format!("{} 的日志，{}：{why}", entry.who.name, entry.day)),
                link: format!("/log/{county}/{entry_id}/edit"),
                role: Role::Cadre,
                division: entry.post_village,
                due: by.today.plus_days(pack.outcome_confirm_days()),
                origin_kind: "log_outcome",
                origin_id: outcome.id.clone(),
            };
            tasks::open(tx, &draft, by.at).await
        }
        OutcomeState::Counted { .. }
        | OutcomeState::Waiting
        | OutcomeState::Merged { .. }
        | OutcomeState::Withdrawn => tasks::close(tx, county, "log_mend", origin, by).await,
    }
}

/// Makes facts, figures of the row and tasks say what the entry now says.
async fn follow(tx: &mut Tx, county: CountyId, id: &str, pack: &Pack, by: &Actor) -> Result<(), AppError> {
    let stored = load(tx, county, id).await?.ok_or_else(|| AppError::internal(format!("log entry {id} is gone")))?;
    let withdrawn = stored.row.is_withdrawn();
    let drafts = if withdrawn { Vec::new() } else { facts(&stored.entry, &stored.outcomes) };
    spine_facts::record(tx, county, &[(source(id), drafts)], by.at, Writing::Difference).await?;
    let update = sql("update log_entry set outcomes = $1, waiting = $2 where county_id = $3 and id = $4")
        .bind(count(&stored.outcomes, false))
        .bind(count(&stored.outcomes, true))
        .bind(county)
        .bind(id);
    tx.run(update).await?;
    for outcome in &stored.outcomes {
        follow_tasks(tx, county, (id, &stored.entry), outcome, pack, by).await?;
    }
    Ok(())
}

/// Corrects an entry: the difference goes to its history, facts are reversed and made anew where they differ.
///
/// An entry that somebody else changed meanwhile is a conflict.
pub async fn save(
    tx: &mut Tx,
    before: &Stored,
    after: &Saved,
    why: Option<&str>,
    pack: &Pack,
    by: &Actor,
) -> Result<(), AppError> {
    let (county, id) = (before.row.county_id, before.row.id.as_str());
    let entry = &after.entry;
    let update = sql("update log_entry set village = $1, day = $2, duty = $3, words = $4, met = $5, \
                      person_county = $6, person_id = $7, person_name = $8, unit_id = $9, post_village = $10, \
                      note_sealed = $11, version = version + 1 where county_id = $12 and id = $13 and version = $14 \
                      and state = 'kept'")
    .bind(entry.village)
    .bind(entry.day)
    .bind(entry.duty.code())
    .bind(&entry.words)
    .bind(entry.met.as_ref())
    .bind(entry.who.person.0)
    .bind(&entry.who.person.1)
    .bind(&entry.who.name)
    .bind(entry.who.unit_id.as_ref())
    .bind(entry.post_village)
    .bind(after.note_sealed.as_ref())
    .bind(county)
    .bind(id)
    .bind(before.row.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这条日志刚被别人改过，请刷新后再办。")));
    }
    let gone = before.outcomes.iter().filter(|old| !after.outcomes.iter().any(|new| new.id == old.id));
    for outcome in gone {
        for (kind, _) in TASKS {
            tasks::close(tx, county, kind, ("log_outcome", &outcome.id), by).await?;
        }
        tasks::close(tx, county, "log_mend", ("log_outcome", &outcome.id), by).await?;
        set_free(tx, county, &outcome.id, pack, by).await?;
    }
    for table in [
        "delete from log_credit where county_id = $1 and entry_id = $2",
        "delete from log_outcome where county_id = $1 and entry_id = $2",
        "delete from log_link where county_id = $1 and entry_id = $2",
        "delete from log_picture where county_id = $1 and entry_id = $2",
    ] {
        tx.run(sql(table).bind(county).bind(id)).await?;
    }
    add_outcomes(tx, county, &[(id.to_owned(), entry.clone(), after.outcomes.clone())]).await?;
    for outcome in &after.outcomes {
        if let OutcomeState::Merged { into } = &outcome.state {
            hand_on(tx, county, &outcome.id, into).await?;
        }
    }
    add_links(tx, county, id, entry, &after.pictures).await?;
    let said = Said { entry, outcomes: &after.outcomes, pictures: after.pictures.len() };
    let earlier = Said { entry: &before.entry, outcomes: &before.outcomes, pictures: before.pictures.len() };
    let changes = said.differs_from(&earlier).map(|value| value.to_string());
    events::add(tx, county, NewEvent { kind: "log", record_id: id, act: "change", changes, why }, by).await?;
    follow(tx, county, id, pack, by).await
}

/// Takes an entry back: nothing of it counts any longer, and it stays readable by its address.
pub async fn withdraw(
    tx: &mut Tx,
    before: &Stored,
    why: Option<&str>,
    pack: &Pack,
    by: &Actor,
) -> Result<(), AppError> {
    let (county, id) = (before.row.county_id, before.row.id.as_str());
    let update = sql("update log_entry set state = 'withdrawn', version = version + 1 \
                      where county_id = $1 and id = $2 and version = $3 and state = 'kept'")
    .bind(county)
    .bind(id)
    .bind(before.row.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这条日志刚被别人改过，请刷新后再办。")));
    }
    for outcome in &before.outcomes {
        set_free(tx, county, &outcome.id, pack, by).await?;
    }
    tx.run(sql("delete from log_credit where county_id = $1 and entry_id = $2").bind(county).bind(id)).await?;
    let outcomes = sql("update log_outcome set state = 'withdrawn', merged_into = null, word_by = null, \
                        word_on = null, word_why = null where county_id = $1 and entry_id = $2");
    tx.run(outcomes.bind(county).bind(id)).await?;
    events::add(tx, county, NewEvent { kind: "log", record_id: id, act: "withdraw", changes: None, why }, by).await?;
    follow(tx, county, id, pack, by).await
}

/// What was merged into an outcome that is merged itself now stands in the same as it.
async fn hand_on(tx: &mut Tx, county: CountyId, from: &str, into: &str) -> DbResult<()> {
    let merged = sql("update log_outcome set merged_into = $1 where county_id = $2 and merged_into = $3");
    tx.run(merged.bind(into).bind(county).bind(from)).await?;
    let credits =
        sql("insert into log_credit (county_id, outcome_id, person_id, person_county, person_name, unit_id, \
                       entry_id) select county_id, $1, person_id, person_county, person_name, unit_id, entry_id \
                       from log_credit where county_id = $2 and outcome_id = $3 \
                       on conflict (county_id, outcome_id, person_id) do nothing");
    tx.run(credits.bind(into).bind(county).bind(from)).await?;
    let old = sql("delete from log_credit where county_id = $1 and outcome_id = $2");
    tx.run(old.bind(county).bind(from)).await.map(drop)
}

/// Outcomes that were counted in one that goes: the first of them counts now, the others in it.
async fn set_free(tx: &mut Tx, county: CountyId, outcome_id: &str, pack: &Pack, by: &Actor) -> Result<(), AppError> {
    let merged = sql("select id, entry_id from log_outcome where county_id = $1 and merged_into = $2 order by id");
    let merged: Vec<(String, String)> = tx.all(merged.bind(county).bind(outcome_id)).await?;
    let Some((heir, entry_id)) = merged.first() else { return Ok(()) };
    let rows = outcomes_of(tx, county, &[entry_id]).await?;
    let outcome = rows.iter().find(|row| row.id == *heir).and_then(OutcomeRow::outcome);
    let outcome = outcome.ok_or_else(|| AppError::internal(format!("outcome {heir} does not read")))?;
    let state = OutcomeState::begin(outcome.indicator, outcome.amount, pack);
    let count_it = sql("update log_outcome set state = $1, merged_into = null where county_id = $2 and id = $3");
    tx.run(count_it.bind(state.code()).bind(county).bind(heir)).await?;
    let others = sql("update log_outcome set merged_into = $1 where county_id = $2 and merged_into = $3");
    tx.run(others.bind(heir).bind(county).bind(outcome_id)).await?;
    let credits = sql("update log_credit set outcome_id = $1 where county_id = $2 and outcome_id = $3 \
                       and entry_id in (select entry_id from log_outcome where county_id = $2 \
                       and (id = $1 or merged_into = $1))");
    tx.run(credits.bind(heir).bind(county).bind(outcome_id)).await?;
    follow(tx, county, entry_id, pack, by).await
}

/// Writes the word that the township or the branch said on an outcome; the caller took the state from the rules.
pub async fn decide(
    tx: &mut Tx,
    before: &Stored,
    outcome: &Outcome,
    next: &OutcomeState,
    pack: &Pack,
    by: &Actor,
) -> Result<(), AppError> {
    let county = before.row.county_id;
    let (word, why): (Option<(&str, Day)>, Option<&str>) = match next {
        OutcomeState::Counted { word } => (word.as_ref().map(|word| (word.by.as_str(), word.on)), None),
        OutcomeState::SentBack { word, why } => (Some((word.by.as_str(), word.on)), Some(why.as_str())),
        OutcomeState::Waiting | OutcomeState::Merged { .. } | OutcomeState::Withdrawn => (None, None),
    };
    let update = sql("update log_outcome set state = $1, word_by = $2, word_on = $3, word_why = $4 \
                      where county_id = $5 and id = $6 and state = 'waiting'")
    .bind(next.code())
    .bind(word.map(|(by, _)| by))
    .bind(word.map(|(_, on)| on))
    .bind(why)
    .bind(county)
    .bind(&outcome.id);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这项成效刚被别人核实过，请刷新后再看。")));
    }
    let act = if why.is_some() { "send_back" } else { "confirm" };
    let said = format!("{} {} {}", outcome.indicator.name, outcome.typed, outcome.unit);
    let why = why.map_or_else(|| said.clone(), |why| format!("{said}：{why}"));
    let event = NewEvent { kind: "log", record_id: &before.row.id, act, changes: None, why: Some(&why) };
    events::add(tx, county, event, by).await?;
    follow(tx, county, &before.row.id, pack, by).await
}
