//! Writing postings: each with its event, its locks, its facts, the coverage of its village and the vacancy tasks.

use std::collections::BTreeSet;

use base::{
    collate::sort_key,
    db::{DbError, DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Period, new_id},
    text,
    web::{AppError, Refusal},
};
use serde_json::json;

use super::{
    super::rules::{Held, Ledger, PostRole, State, coverage_facts, village_slot},
    list::{PostingRow, held_by_village},
};
use crate::{
    accounts::{Actor, Role},
    places,
    spine::{
        audit::{self, Change, Subject},
        facts::{self, FactDraft, Source, Writing},
        staging::{Run, Shelf, shelf},
        tasks::{self, TaskDraft},
    },
};

/// What becomes of staged postings, teams and batches; the events of a posting, which have no other way to be seen, go with it.
pub const SHELVES: [Shelf; 3] = [
    shelf!(
        "posting",
        before: "delete from posting_event where county_id = $1 and posting_id in (select id from posting \
                 where county_id = $1 and staged = $2 order by id limit $3)"
    ),
    shelf!(
        "team",
        before: "delete from team_neighbour where county_id = $1 and team_id in (select id from team \
                 where county_id = $1 and staged = $2 order by id limit $3)",
        before: "delete from team_unit where county_id = $1 and team_id in (select id from team \
                 where county_id = $1 and staged = $2 order by id limit $3)"
    ),
    shelf!("batch"),
];

/// A posting to enter.
#[derive(Clone, Debug)]
pub struct NewPosting {
    pub held: Held,
    pub team_id: Option<String>,
    pub person_name: String,
    pub note: Option<String>,
}

impl NewPosting {
    fn until(&self) -> Option<Day> {
        match self.held.state {
            State::Ended { until, .. } => Some(until),
            State::Proposed | State::Vetted | State::Approved | State::OnPost | State::Withdrawn => None,
        }
    }

    fn row(&self, county: CountyId, at: Instant, staged: Option<&Run>) -> Vec<Value> {
        let held = &self.held;
        let reason = match held.state {
            State::Ended { reason, .. } => Some(reason.code()),
            State::Proposed | State::Vetted | State::Approved | State::OnPost | State::Withdrawn => None,
        };
        vec![
            county.into(),
            (&held.posting_id).into(),
            (&held.batch_id).into(),
            self.team_id.as_ref().into(),
            held.person.0.into(),
            (&held.person.1).into(),
            (&self.person_name).into(),
            sort_key(&self.person_name).into(),
            held.village.into(),
            held.role.code().into(),
            held.ledger.code().into(),
            held.unit_id.as_ref().into(),
            held.state.code().into(),
            held.since.into(),
            self.until().into(),
            reason.into(),
            self.note.as_ref().into(),
            at.into(),
            1_i64.into(),
            staged.map(Run::id).into(),
        ]
    }

    fn event(&self, county: CountyId, actor: &Actor) -> Vec<Value> {
        let held = &self.held;
        vec![
            county.into(),
            new_id().into(),
            (&held.posting_id).into(),
            None::<&str>.into(),
            held.state.code().into(),
            self.until().unwrap_or(held.since).into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
            self.note.as_ref().into(),
        ]
    }
}

/// Enters postings of one county, with everything that follows from them.
///
/// A person who is on post already breaks `post_holder`, a village whose post is held breaks `village_post`: both come
/// back as a refusal that names what to do.
pub async fn add_all(
    tx: &mut Tx,
    county: CountyId,
    postings: &[NewPosting],
    county_guide_beside: bool,
    actor: &Actor,
) -> Result<(), AppError> {
    enter(tx, county, postings, None, actor).await?;
    let on_post = postings.iter().map(|p| &p.held).filter(|held| held.state == State::OnPost);
    lock(tx, county, on_post, county_guide_beside).await?;
    let villages: BTreeSet<DivisionCode> = postings.iter().map(|posting| posting.held.village).collect();
    Ok(record_coverage(tx, county, &villages, actor.at).await?)
}

/// Writes postings of one county unseen: a chunk of a run. Their locks and the coverage of their villages follow when the
/// run is applied ([`add_staged`]).
pub async fn stage(
    tx: &mut Tx,
    run: &Run,
    county: CountyId,
    postings: &[NewPosting],
    actor: &Actor,
) -> Result<(), AppError> {
    Ok(enter(tx, county, postings, Some(run), actor).await?)
}

/// Takes the posts of a run that is being applied, and records the coverage of its villages.
///
/// Refuses as [`add_all`] does; the run's rows are then taken out.
pub async fn add_staged(
    tx: &mut Tx,
    run: &Run,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    county_guide_beside: bool,
    at: Instant,
) -> Result<(), AppError> {
    let holders = sql("insert into post_holder (person_id, county_id, posting_id) select person_id, county_id, id \
                       from posting where county_id = $1 and staged = $2 and state = 'on_post'");
    tx.run(holders.bind(county).bind(run.id())).await.map_err(locked)?;
    let posts = PostRole::ALL.into_iter().flat_map(|role| Ledger::ALL.map(|ledger| (role, ledger)));
    let slots: Vec<_> = posts
        .filter_map(|(role, ledger)| Some((role, ledger, village_slot(role, ledger, county_guide_beside)?)))
        .collect();
    // One pass over the run's rows, whatever the post.
    let mut insert =
        sql("insert into village_post (county_id, village, slot, posting_id) select county_id, village, case");
    for (role, ledger, slot) in &slots {
        insert.push(" when role = ").push_bind(role.code()).push(" and ledger = ").push_bind(ledger.code());
        insert.push(" then ").push_bind(*slot);
    }
    insert
        .push(" end, id from posting where county_id = ")
        .push_bind(county)
        .push(" and staged = ")
        .push_bind(run.id());
    insert.push(" and state = 'on_post' and (1 = 0");
    for (role, ledger, _) in &slots {
        insert.push(" or (role = ").push_bind(role.code()).push(" and ledger = ").push_bind(ledger.code()).push(")");
    }
    insert.push(")");
    tx.run(insert).await.map_err(locked)?;
    Ok(record_coverage(tx, county, villages, at).await?)
}

/// The rows of postings with their events, facts and next steps.
async fn enter(
    tx: &mut Tx,
    county: CountyId,
    postings: &[NewPosting],
    staged: Option<&Run>,
    actor: &Actor,
) -> DbResult<()> {
    let at = actor.at;
    let head = "insert into posting (county_id, id, batch_id, team_id, person_county, person_id, person_name, \
                name_key, village, role, ledger, unit_id, state, since, until, end_reason, note, made_at, version, \
                staged) values ";
    for chunk in postings.chunks(Tx::batch(20)) {
        let rows = chunk.iter().map(|posting| posting.row(county, at, staged)).collect();
        tx.run_rows(head, rows, "").await?;
    }
    add_events(tx, county, postings, actor).await?;
    // Half a dozen facts each: made in part, so that a province's do not all stand in memory.
    for chunk in postings.chunks(5_000) {
        let source = |posting: &NewPosting| Source { kind: "posting", id: posting.held.posting_id.clone() };
        let sources: Vec<_> = chunk.iter().map(|posting| (source(posting), posting.held.facts())).collect();
        facts::record(tx, county, &sources, at, staged.map_or(Writing::New, Writing::Staged)).await?;
    }
    for posting in postings {
        step_task(tx, &posting.held, &posting.person_name, staged, actor).await?;
    }
    Ok(())
}

/// The next step of a posting that is not yet on post is somebody's task; afterwards there is none.
async fn step_task(tx: &mut Tx, held: &Held, name: &str, staged: Option<&Run>, actor: &Actor) -> DbResult<()> {
    let (role, what, grace) = match held.state {
        State::Proposed => (Role::Office, "审核拟派人选", 7),
        State::Vetted => (Role::Office, "批准拟派人选", 5),
        State::Approved => (Role::Office, "确认到岗", 0),
        State::OnPost | State::Ended { .. } | State::Withdrawn => return Ok(()),
    };
    let village = places::store::find(tx, held.village).await?.map(|village| village.short()).unwrap_or_default();
    // What waits for a decision is due before the posting begins; what waits for the person, on that day.
    let due = held.since.plus_days(-grace).max(actor.today);
    let draft = TaskDraft {
        kind: "posting_step",
        title: format!("{what}：{name}到{village}任{}", held.role.zh()),
        detail: Some(format!("拟于 {} 到岗", held.since)),
        link: format!("/postings/{}/{}", held.village.county(), held.posting_id),
        role,
        division: held.village,
        due,
        origin_kind: "posting",
        origin_id: held.posting_id.clone(),
    };
    match staged {
        Some(run) => tasks::stage(tx, &draft, actor.at, run).await,
        None => tasks::open(tx, &draft, actor.at).await,
    }
}

const EVENT: &str = "insert into posting_event (county_id, id, posting_id, from_state, to_state, day, at, account_id, \
                     actor, why) values ";

async fn add_events(tx: &mut Tx, county: CountyId, postings: &[NewPosting], actor: &Actor) -> DbResult<()> {
    for chunk in postings.chunks(Tx::batch(10)) {
        let rows = chunk.iter().map(|posting| posting.event(county, actor)).collect();
        tx.run_rows(EVENT, rows, "").await?;
    }
    Ok(())
}

async fn lock<'a>(
    tx: &mut Tx,
    county: CountyId,
    on_post: impl Iterator<Item = &'a Held> + Clone,
    county_guide_beside: bool,
) -> Result<(), AppError> {
    let holders = on_post.clone().map(|held| vec![(&held.person.1).into(), county.into(), (&held.posting_id).into()]);
    let insert = "insert into post_holder (person_id, county_id, posting_id) values ";
    tx.run_rows(insert, holders.collect(), "").await.map_err(locked)?;
    let slots = on_post.filter_map(|held| {
        let slot = village_slot(held.role, held.ledger, county_guide_beside)?;
        Some(vec![county.into(), held.village.into(), slot.into(), (&held.posting_id).into()])
    });
    let insert = "insert into village_post (county_id, village, slot, posting_id) values ";
    tx.run_rows(insert, slots.collect(), "").await.map_err(locked)?;
    Ok(())
}

fn locked(error: DbError) -> AppError {
    match error.unique_violation().as_deref() {
        Some("post_holder") => {
            Refusal::at("person", text!("此人已在别的村任职，一人不能同时任两职；请先办理离任。")).into()
        }
        Some("village_post") => Refusal::at("role", text!("这个村已有第一书记在岗；请先为现任办理离任。")).into(),
        _ => error.into(),
    }
}

/// Makes the coverage facts of villages say what their postings and categories now say: after either has changed.
pub async fn record_coverage(
    tx: &mut Tx,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    at: Instant,
) -> DbResult<()> {
    let sources = coverage_sources(tx, county, villages, None).await?;
    facts::record(tx, county, &sources, at, Writing::Difference).await
}

/// Writes the coverage facts that villages without any will have once the run is applied. Whatever has changed by then is
/// put right by [`add_staged`], which compares.
pub async fn stage_coverage(
    tx: &mut Tx,
    run: &Run,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    at: Instant,
) -> DbResult<()> {
    let sources = coverage_sources(tx, county, villages, Some(run)).await?;
    facts::stage_first(tx, county, sources, at, run).await
}

/// The coverage facts of villages as their postings say, those of a run among them where it is named.
async fn coverage_sources(
    tx: &mut Tx,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    run: Option<&Run>,
) -> DbResult<Vec<(Source, Vec<FactDraft>)>> {
    let mut held = std::collections::HashMap::new();
    let mut add = |rows: Vec<(DivisionCode, Day, Option<Day>)>| {
        for (village, since, until) in rows {
            held.entry(village).or_insert_with(Vec::new).extend(Period::new(since, until));
        }
    };
    if let Some(run) = run {
        let own = sql("select village, since, until from posting where county_id = $1 and staged = $2 \
                       and state in ('on_post', 'ended')");
        add(tx.all(own.bind(county).bind(run.id())).await?);
    }
    // One query for many villages, one each for few: an import touches thousands, a change one.
    if villages.len() > 20 {
        let all = sql("select village, since, until from live_posting where county_id = $1 \
                       and state in ('on_post', 'ended')");
        add(tx.all(all.bind(county)).await?);
    } else {
        for village in villages {
            held.entry(*village).or_default().extend(held_by_village(tx, *village).await?);
        }
    }
    let (Some(first), Some(last)) = (villages.first(), villages.last()) else { return Ok(Vec::new()) };
    let area = base::kernel::Area { first: first.as_i64(), last: last.as_i64() };
    let mut categories = std::collections::HashMap::new();
    for (village, category, since, until) in places::store::categories(tx, county, area).await? {
        let period = Period::new(since, until).map(|period| (category, period));
        categories.entry(village).or_insert_with(Vec::new).extend(period);
    }
    let none = Vec::new();
    let source = |village: &DivisionCode| {
        let source = Source { kind: "village", id: village.to_string() };
        let periods = held.get(village).map_or(&[][..], Vec::as_slice);
        (source, coverage_facts(*village, periods, categories.get(village).unwrap_or(&none)))
    };
    Ok(villages.iter().map(source).collect())
}

/// Corrects postings of a county from a roster: first day, ledger or unit, or that they ended. Facts and coverage follow.
pub async fn correct_all(
    tx: &mut Tx,
    county: CountyId,
    changes: &[(&PostingRow, &Held)],
    actor: &Actor,
) -> Result<(), AppError> {
    let mut events = Vec::with_capacity(changes.len());
    for (row, held) in changes {
        let (until, reason) = match held.state {
            State::Ended { until, reason } => (Some(until), Some(reason.code())),
            State::Proposed | State::Vetted | State::Approved | State::OnPost | State::Withdrawn => (None, None),
        };
        let update = sql("update posting set state = $1, since = $2, until = $3, end_reason = $4, ledger = $5, \
                          unit_id = $6, version = version + 1 where county_id = $7 and id = $8 and version = $9")
        .bind(held.state.code())
        .bind(held.since)
        .bind(until)
        .bind(reason)
        .bind(held.ledger.code())
        .bind(held.unit_id.as_ref())
        .bind(county)
        .bind(&row.id)
        .bind(row.version);
        if tx.run(update).await? != 1 {
            return Err(AppError::Conflict(text!("这条派驻刚被别人改过，请刷新后再办。")));
        }
        if row.state == "on_post" && until.is_some() {
            release(tx, row).await?;
        }
        events.push(vec![
            county.into(),
            new_id().into(),
            (&row.id).into(),
            (&row.state).into(),
            held.state.code().into(),
            until.unwrap_or(held.since).into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
            "按导入的名册更正".into(),
        ]);
    }
    tx.run_rows(EVENT, events, "").await?;
    let sources: Vec<_> =
        changes.iter().map(|(row, held)| (Source { kind: "posting", id: row.id.clone() }, held.facts())).collect();
    facts::record(tx, county, &sources, actor.at, Writing::Difference).await?;
    let villages = changes.iter().map(|(row, _)| row.village).collect();
    Ok(record_coverage(tx, county, &villages, actor.at).await?)
}

/// Frees the person and the village's post.
async fn release(tx: &mut Tx, row: &PostingRow) -> DbResult<()> {
    tx.run(sql("delete from post_holder where person_id = $1").bind(&row.person_id)).await?;
    let free = sql("delete from village_post where county_id = $1 and posting_id = $2");
    tx.run(free.bind(row.county_id).bind(&row.id)).await.map(drop)
}

/// Carries a posting to its next state on a day, for a reason; the caller has taken the transition from the rules.
///
/// A posting that somebody else changed meanwhile is a conflict.
pub async fn change(
    tx: &mut Tx,
    row: &PostingRow,
    next: State,
    day: Day,
    why: Option<&str>,
    county_guide_beside: bool,
    actor: &Actor,
) -> Result<(), AppError> {
    let county = row.county_id;
    let mut held = row.held().ok_or_else(|| AppError::internal(format!("posting {} has an unknown code", row.id)))?;
    held.state = next;
    if next == State::OnPost {
        held.since = day;
    }
    let (until, reason) = match next {
        State::Ended { until, reason } => (Some(until), Some(reason.code())),
        State::Proposed | State::Vetted | State::Approved | State::OnPost | State::Withdrawn => (None, None),
    };
    let update = sql("update posting set state = $1, since = $2, until = $3, end_reason = $4, version = version + 1 \
                      where county_id = $5 and id = $6 and version = $7")
    .bind(next.code())
    .bind(held.since)
    .bind(until)
    .bind(reason)
    .bind(county)
    .bind(&row.id)
    .bind(row.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这条派驻刚被别人改过，请刷新后再办。")));
    }
    let event =
        sql("insert into posting_event (county_id, id, posting_id, from_state, to_state, day, at, account_id, \
                     actor, why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(county)
        .bind(new_id())
        .bind(&row.id)
        .bind(&row.state)
        .bind(next.code())
        .bind(day)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name)
        .bind(why);
    tx.run(event).await?;
    if next == State::OnPost {
        lock(tx, county, std::iter::once(&held), county_guide_beside).await?;
    } else if until.is_some() {
        release(tx, row).await?;
    }
    let source = Source { kind: "posting", id: row.id.clone() };
    facts::record(tx, county, &[(source, held.facts())], actor.at, Writing::Difference).await?;
    record_coverage(tx, county, &BTreeSet::from([row.village]), actor.at).await?;
    let change = Change::changed(
        json!({"state": row.state, "since": row.since, "until": row.until}),
        json!({"state": next.code(), "since": held.since, "until": until, "why": why}),
    );
    audit::write(tx, county, actor, "posting.change", Subject { kind: "posting", id: &row.id }, change).await?;
    tasks::close(tx, county, "posting_step", ("posting", &row.id), actor).await?;
    step_task(tx, &held, &row.person_name, None, actor).await?;
    Ok(())
}
