//! Writes: a matter with its words, events, counts, facts, task and audit line, in the caller's transaction.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Conn, DbResult, Tx, Value, sql},
    kernel::{CountyId, DivisionCode, Instant, new_id},
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use super::{
    super::rules::{Act, Matter, Post, Stage, alike::grams, facts},
    files::{NewFile, add_files},
    orders::add_orders,
    row::{self, INSERT},
};
use crate::{
    accounts::{Actor, Role},
    spine::{
        audit::{self, Change, Subject},
        facts::{self as spine_facts, FactDraft, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// Something that happened, with what was said.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub act: Act,
    pub words: Option<String>,
    pub by: Actor,
}

/// A matter with all that came with it.
#[derive(Clone, Debug)]
pub struct NewMatter {
    pub matter: Matter,
    /// The keyed hash of its follow-up code.
    pub code_hash: Option<String>,
    pub events: Vec<NewEvent>,
    pub files: Vec<NewFile>,
}

/// Writes new matters of one county; they get their numbers.
pub async fn add_all(tx: &mut Tx, county: CountyId, new: &mut [NewMatter]) -> DbResult<()> {
    if new.is_empty() {
        return Ok(());
    }
    let wanted = i64::try_from(new.len()).unwrap_or(0);
    let counter =
        sql("insert into matter_counter (county_id, next) values ($1, $2) on conflict (county_id) do update \
                       set next = matter_counter.next + excluded.next - 1 returning next");
    let next: i64 = tx.value(counter.bind(county).bind(wanted + 1)).await?;
    for (at, one) in new.iter_mut().enumerate() {
        one.matter.number = next - wanted + i64::try_from(at).unwrap_or(0);
    }
    tx.run_rows(INSERT, new.iter().map(|one| row::values(&one.matter)).collect(), "").await?;
    add_orders(tx, county, new.iter().map(|one| &one.matter)).await?;
    add_words(tx, county, new.iter().map(|one| &one.matter)).await?;
    let codes = new.iter().filter_map(|one| {
        let hash = one.code_hash.as_ref()?;
        Some(vec![hash.into(), county.into(), (&one.matter.id).into(), one.matter.raised_at.into()])
    });
    tx.run_rows(CODE, codes.collect(), "").await?;
    let events = new.iter().flat_map(|one| one.events.iter().map(|event| event_row(county, &one.matter.id, event)));
    tx.run_rows(EVENT, events.collect(), "").await?;
    let counted = new.iter().map(|one| (one.matter.village, one.matter.stage(), 1));
    bump(tx, county, counted).await?;
    let mut sources = Vec::new();
    for one in new.iter() {
        add_files(tx, county, &one.matter.id, &one.files).await?;
        let at = one.events.last().map_or(one.matter.raised_at, |event| event.by.at);
        sync_task(tx, &one.matter, None, at).await?;
        sources.push((source(&one.matter), facts(&one.matter)));
    }
    let at = new.last().map_or(Instant(0), |one| one.events.last().map_or(one.matter.raised_at, |event| event.by.at));
    spine_facts::record(tx, county, &sources, at, Writing::New).await?;
    let held: BTreeSet<DivisionCode> =
        new.iter().filter(|one| one.matter.stage() == Stage::Held).map(|one| one.matter.village).collect();
    for village in held {
        sync_held(tx, village, new.last().and_then(|one| one.events.last()).map(|event| &event.by)).await?;
    }
    Ok(())
}

const CODE: &str = "insert into matter_code (code_hash, county_id, matter_id, made_at) values ";
const EVENT: &str =
    "insert into matter_event (county_id, id, matter_id, act, at, account_id, actor, words, public) values ";

fn event_row(county: CountyId, matter_id: &str, event: &NewEvent) -> Vec<Value> {
    vec![
        county.into(),
        new_id().into(),
        matter_id.into(),
        event.act.code().into(),
        event.by.at.into(),
        (&event.by.account_id).into(),
        (&event.by.name).into(),
        event.words.as_ref().into(),
        event.act.is_public().into(),
    ]
}

async fn add_words(tx: &mut Tx, county: CountyId, matters: impl Iterator<Item = &Matter>) -> DbResult<()> {
    let mut rows = Vec::new();
    for matter in matters {
        let said = format!("{} {}", matter.words, matter.raiser.as_deref().unwrap_or_default());
        for word in grams(&said) {
            rows.push(vec![county.into(), word.into(), (&matter.id).into(), matter.village.into()]);
        }
    }
    tx.run_rows("insert into matter_word (county_id, word, matter_id, village) values ", rows, "").await.map(drop)
}

async fn bump(tx: &mut Tx, county: CountyId, moved: impl Iterator<Item = (DivisionCode, Stage, i64)>) -> DbResult<()> {
    let mut sums: BTreeMap<(DivisionCode, &'static str), i64> = BTreeMap::new();
    for (village, stage, n) in moved {
        *sums.entry((village, stage.code())).or_default() += n;
    }
    let rows = sums.into_iter().filter(|(_, n)| *n != 0);
    let rows = rows.map(|((village, state), n)| vec![county.into(), village.into(), state.into(), n.into()]);
    let tail = "on conflict (county_id, village, state) do update set n = matter_count.n + excluded.n";
    tx.run_rows("insert into matter_count (county_id, village, state, n) values ", rows.collect(), tail).await.map(drop)
}

fn source(matter: &Matter) -> Source {
    Source { kind: "matter", id: matter.id.clone() }
}

/// Writes a matter after a step; whoever came first wins.
pub async fn change(tx: &mut Tx, before: &Matter, mut after: Matter, event: NewEvent) -> AppResult<Matter> {
    after.version = before.version + 1;
    let tail = "on conflict (county_id, id) do update set kind = excluded.kind, size = excluded.size, \
                member_id = excluded.member_id, department = excluded.department, state = excluded.state, \
                open = excluded.open, post = excluded.post, account_id = excluded.account_id, \
                due_at = excluded.due_at, due = excluded.due, promised_at = excluded.promised_at, \
                answered_at = excluded.answered_at, reopens = excluded.reopens, climb = excluded.climb, \
                news = excluded.news, why = excluded.why, merged_into = excluded.merged_into, \
                problem_id = excluded.problem_id, done_how = excluded.done_how, done_at = excluded.done_at, \
                done_on = excluded.done_on, done_words = excluded.done_words, \
                done_person_county = excluded.done_person_county, done_person_id = excluded.done_person_id, \
                done_name = excluded.done_name, done_unit_id = excluded.done_unit_id, rating = excluded.rating, \
                rated_at = excluded.rated_at, rated_on = excluded.rated_on, rated_by = excluded.rated_by, \
                version = excluded.version where matter.version = excluded.version - 1";
    if tx.run_rows(INSERT, vec![row::values(&after)], tail).await? != 1 {
        return Err(AppError::Conflict(text!("这件事刚被别人办过，请刷新后再办。")));
    }
    let county = after.county;
    tx.run_rows(EVENT, vec![event_row(county, &after.id, &event)], "").await?;
    if before.stage() != after.stage() {
        let moved = [(after.village, before.stage(), -1), (after.village, after.stage(), 1)];
        bump(tx, county, moved.into_iter()).await?;
    }
    spine_facts::record(tx, county, &[(source(&after), facts(&after))], event.by.at, Writing::Difference).await?;
    sync_task(tx, &after, Some((before, &event.by)), event.by.at).await?;
    if before.stage() == Stage::Held || after.stage() == Stage::Held {
        sync_held(tx, after.village, Some(&event.by)).await?;
    }
    let stands = |matter: &Matter| json!({ "state": matter.stage().code(), "holder": matter.post.code() });
    let change = Change { before: Some(stands(before)), after: Some(stands(&after)) };
    audit::write(tx, county, &event.by, "matter.step", Subject { kind: "matter", id: &after.id }, change).await?;
    Ok(after)
}

/// One task while somebody must act: the holder's.
async fn sync_task(tx: &mut Tx, matter: &Matter, before: Option<(&Matter, &Actor)>, at: Instant) -> DbResult<()> {
    let origin = ("matter", matter.id.as_str());
    let stage = matter.stage();
    if stage.is_in_hand() && stage != Stage::Held {
        tasks::open_for(tx, &draft(matter), matter.account_id.as_deref(), at).await?;
        if let Some((before, by)) = before
            && before.climb > 0
            && matter.climb == 0
        {
            tasks::close(tx, matter.county, "matter_late", origin, by).await?;
        }
    } else if let Some((_, by)) = before {
        tasks::close_all(tx, matter.county, origin, by).await?;
    }
    Ok(())
}

fn draft(matter: &Matter) -> TaskDraft {
    let who = matter.raiser.as_deref().unwrap_or("群众");
    let again = if matter.reopens > 0 { "（重办）" } else { "" };
    TaskDraft {
        kind: "matter",
        title: format!("{}{again}", matter.title),
        detail: Some(format!("{who} · {} · {}", matter.channel.zh(), matter.due_at.local_minute())),
        link: format!("/matters/{}/{}", matter.county, matter.id),
        role: matter.post.role(),
        division: matter.seat(),
        due: matter.due(),
        origin_kind: "matter",
        origin_id: matter.id.clone(),
    }
}

/// One task a village for whatever waits for a look, however much it is.
async fn sync_held(tx: &mut Tx, village: DivisionCode, by: Option<&Actor>) -> DbResult<()> {
    let Some(by) = by else { return Ok(()) };
    let county = village.county();
    let count = sql("select n from matter_count where county_id = $1 and village = $2 and state = 'held'");
    let held: Option<(i64,)> = tx.maybe(count.bind(county).bind(village)).await?;
    let id = village.to_string();
    if held.is_none_or(|(n,)| n == 0) {
        return tasks::close(tx, county, "matter_held", ("matter_held", &id), by).await;
    }
    let draft = TaskDraft {
        kind: "matter_held",
        title: "扫码提出的事项待审".into(),
        detail: None,
        link: format!("/matters?state=held&place={village}"),
        role: Role::Cadre,
        division: village,
        due: by.today.plus_days(1),
        origin_kind: "matter_held",
        origin_id: id,
    };
    tasks::open(tx, &draft, by.at).await
}

/// Gives a matter another code; the old one opens nothing any more.
pub async fn renew_code(tx: &mut Tx, matter: &Matter, hash: &str, at: Instant) -> DbResult<()> {
    let old = sql("delete from matter_code where county_id = $1 and matter_id = $2");
    tx.run(old.bind(matter.county).bind(&matter.id)).await?;
    let row = vec![hash.into(), matter.county.into(), (&matter.id).into(), at.into()];
    tx.run_rows(CODE, vec![row], "").await.map(drop)
}

/// What the matters of a county say as facts: for checks.
pub async fn facts_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<(Source, Vec<FactDraft>)>> {
    Ok(row::all_of(conn, county).await?.iter().map(|matter| (source(matter), facts(matter))).collect())
}

/// Counties that have matters.
pub async fn due_counties(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let rows: Vec<(CountyId,)> = conn.all(sql("select county_id from matter_counter order by county_id")).await?;
    Ok(rows.into_iter().map(|(county,)| county).collect())
}

/// Matters in hand whose due instant lies before `before` and that have not climbed to `level`.
pub async fn late_ones(tx: &mut Tx, county: CountyId, before: Instant, level: i64, most: i64) -> DbResult<Vec<Matter>> {
    let ids = sql("select id from matter where county_id = $1 and open = 1 and due_at < $2 and climb < $3 \
                   and state not in ('solved', 'held') order by due_at, id limit $4")
    .bind(county)
    .bind(before)
    .bind(level)
    .bind(most);
    gather(tx, county, ids).await
}

/// Solved matters whose time for rating is over.
pub async fn overdue_ratings(tx: &mut Tx, county: CountyId, now: Instant, most: i64) -> DbResult<Vec<Matter>> {
    let ids = sql("select id from matter where county_id = $1 and open = 1 and state = 'solved' and due_at < $2 \
                   order by due_at, id limit $3");
    gather(tx, county, ids.bind(county).bind(now).bind(most)).await
}

async fn gather(tx: &mut Tx, county: CountyId, ids: base::db::Query) -> DbResult<Vec<Matter>> {
    let mut matters = Vec::new();
    for (id,) in tx.all::<(String,)>(ids).await? {
        matters.extend(row::find(tx, county, &id).await?);
    }
    Ok(matters)
}

/// A late matter becomes the business of the township, then of the county: a task of theirs beside the holder's.
pub async fn climb(tx: &mut Tx, matter: &Matter, to: Post, due: base::kernel::Day, by: &Actor) -> AppResult<()> {
    let (level, division) = match to {
        Post::Office => (2, matter.county.division()),
        Post::Township | Post::Cadre | Post::Branch => (1, matter.village.parent()),
    };
    let after = Matter { climb: level, ..matter.clone() };
    let event = NewEvent { act: Act::Climb, words: Some(to.zh().into()), by: by.clone() };
    let after = change(tx, matter, after, event).await?;
    let draft = TaskDraft {
        kind: "matter_late",
        title: format!("督办：{}", after.title),
        detail: Some(format!("应于 {} 前办，已逾期", after.due_at.local_minute())),
        role: to.role(),
        division,
        due,
        ..draft(&after)
    };
    Ok(tasks::open(tx, &draft, by.at).await?)
}
