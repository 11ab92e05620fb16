//! What is done: opening, casting, closing. Casting writes nothing beside the ballots and the code's day.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    code::Code,
    db::{Conn, Tx},
    kernel::{CountyId, Day, DivisionCode, Month, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{self, BRANCH, LEAST, LEAST_WORDS, Marks, NewRound, Pace, Sums, Window, tally, windows},
    store::{self, RoundRow, SubjectRow},
};
use crate::{
    accounts::{Actor, Role},
    app::App,
    packs::Pack,
    spine::{
        audit::{self, Change, Subject},
        facts::{self, FactDraft, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// What the codes of slips are hashed for.
pub const PURPOSE: &str = "rating slip";
/// The longest that somebody writes on a ballot, in characters.
pub const LONGEST: usize = 300;

/// The fewest marks that are shown together: the pack's, and never fewer than five.
#[must_use]
pub fn floor(pack: &Pack) -> i64 {
    pack.rating_floor().max(LEAST)
}

/// The fewest ballots with which words are shown: the pack's, and never fewer than ten.
#[must_use]
pub fn words_floor(pack: &Pack) -> i64 {
    pack.rating_words_floor().max(LEAST_WORDS)
}

async fn draw(tx: &mut Tx, app: &App, county: CountyId, round: &str, many: i64) -> AppResult<Vec<Code>> {
    let codes = (0..many).map(|_| Code::fresh()).collect::<Result<Vec<_>, _>>()?;
    let hashes = codes.iter().map(|code| code.hash(&app.keys, PURPOSE)).collect();
    store::add_codes(tx, county, round, hashes).await?;
    Ok(codes)
}

/// Opens a village's round; returns its id and the codes, which nobody can see again.
pub async fn open(
    tx: &mut Tx,
    app: &App,
    village: (DivisionCode, &str),
    round: NewRound,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<(String, Vec<Code>)> {
    let (code, name) = village;
    let round = round.check(floor(pack), actor.today)?;
    let (county, id) = (code.county(), new_id());
    if !store::add(tx, (code, &id), &round, &format!("{name}党支部"), actor).await? {
        return Err(Refusal::at("month", text!("这个村这个月的评议已经开了；票不够，到那一页换票。")).into());
    }
    let codes = draw(tx, app, county, &id, round.slips).await?;
    let draft = TaskDraft {
        kind: "rating_close",
        title: format!("{name} {} 群众评事：收票截止后开箱计票", round.month),
        detail: None,
        link: format!("/ratings/{county}/{id}"),
        role: Role::Township,
        division: code,
        due: round.until.plus_days(1),
        origin_kind: "rating_round",
        origin_id: id.clone(),
    };
    tasks::open(tx, &draft, actor.at).await?;
    let after =
        json!({ "village": code, "month": round.month.to_string(), "slips": round.slips, "until": round.until });
    let subject = Subject { kind: "rating_round", id: &id };
    audit::write(tx, county, actor, "rating.open", subject, Change::made(after)).await?;
    Ok((id, codes))
}

/// New codes for all that have not come back: the old slips are worth nothing from here on.
pub async fn draw_again(tx: &mut Tx, app: &App, row: &RoundRow, actor: &Actor) -> AppResult<Vec<Code>> {
    let row = store::lock(tx, row.county_id, &row.id).await?.ok_or(AppError::NotFound)?;
    if !row.is_open() {
        return Err(closed());
    }
    let unused = store::remove_unused(tx, row.county_id, &row.id).await?;
    let codes = draw(tx, app, row.county_id, &row.id, i64::try_from(unused).unwrap_or(0)).await?;
    let subject = Subject { kind: "rating_round", id: &row.id };
    let change = Change::made(json!({ "slips": unused }));
    audit::write(tx, row.county_id, actor, "rating.slips", subject, change).await?;
    Ok(codes)
}

fn closed() -> AppError {
    Refusal::whole(text!("这一轮已经计票了。")).into()
}

/// What a code opens.
pub struct Ballot {
    pub round: RoundRow,
    pub subjects: Vec<SubjectRow>,
}

/// The ballot of a code; a refusal where it cannot be cast.
pub async fn find(conn: &mut Conn, app: &App, typed: &str, today: Day) -> AppResult<(Code, Ballot)> {
    let unknown = || Refusal::at("slip", text!("没有这个编号，请对照票上的字再输一遍。"));
    let code = Code::parse(typed).ok_or_else(unknown)?;
    let known = store::find_code(conn, &code.hash(&app.keys, PURPOSE)).await?;
    let (county, id, used) = known.ok_or_else(unknown)?;
    let round = store::find(conn, county, &id).await?.ok_or_else(unknown)?;
    if used {
        return Err(Refusal::at("slip", text!("这张票已经投过了，一张票只能投一次。")).into());
    }
    if !round.is_open() || today > round.until {
        return Err(Refusal::at("slip", text!("这一轮评议已经截止，不再收票。")).into());
    }
    let subjects = store::subjects(conn, county, &id).await?;
    Ok((code, Ballot { round, subjects }))
}

/// Casts a ballot. Its transaction writes the boxes and the code's day, and nothing else.
pub async fn cast(
    tx: &mut Tx,
    app: &App,
    (code, ballot): (&Code, &Ballot),
    marks: &Marks,
    words: Option<String>,
    today: Day,
) -> AppResult<()> {
    let (county, id) = (ballot.round.county_id, ballot.round.id.as_str());
    // Locked first, so that two ballots write their box one after the other.
    let round = store::lock(tx, county, id).await?.ok_or(AppError::NotFound)?;
    if !round.is_open() {
        return Err(Refusal::at("slip", text!("这一轮评议已经截止，不再收票。")).into());
    }
    if !store::use_code(tx, &code.hash(&app.keys, PURPOSE), today).await? {
        return Err(Refusal::at("slip", text!("这张票已经投过了，一张票只能投一次。")).into());
    }
    store::cast(tx, county, id, marks, words).await
}

/// Opens the box and counts.
pub async fn close(tx: &mut Tx, row: &RoundRow, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let row = store::lock(tx, row.county_id, &row.id).await?.ok_or(AppError::NotFound)?;
    if !row.is_open() {
        return Err(closed());
    }
    if actor.today <= row.until && store::used(tx, row.county_id, &row.id).await? < row.slips {
        return Err(Refusal::whole(text!("还没到截止日，票也没有收齐；{day} 之后再开箱。", day = row.until)).into());
    }
    let ballots = store::open_box(tx, row.county_id, &row.id).await?;
    store::close(tx, &row, ballots.len(), &tally(&ballots), actor).await?;
    settle(tx, row.village, pack, actor).await?;
    tasks::close(tx, row.county_id, "rating_close", ("rating_round", &row.id), actor).await?;
    let subject = Subject { kind: "rating_round", id: &row.id };
    let change = Change::made(json!({ "ballots": ballots.len() }));
    Ok(audit::write(tx, row.county_id, actor, "rating.close", subject, change).await?)
}

/// Keeps what may be seen from today on: rounds that waited for this one, or whose month can no longer change. The
/// facts of the village's rounds follow: how many ballots, and what became visible of the branch.
async fn settle(tx: &mut Tx, village: DivisionCode, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let rounds = store::rounds(tx, village).await?;
    let mut months = BTreeMap::<String, BTreeMap<Month, Sums>>::new();
    let (mut closed, mut open) = (BTreeSet::new(), BTreeSet::new());
    for round in &rounds {
        let Some(month) = Month::parse(&round.month) else { continue };
        if round.is_open() {
            open.insert(month);
            continue;
        }
        closed.insert(month);
        for row in store::subjects(tx, round.county_id, &round.id).await? {
            months.entry(row.subject().to_owned()).or_default().insert(month, row.sums());
        }
    }
    let until = rules::unsettled(&closed, &open, actor.today);
    let kept = store::shown(tx, village).await?;
    for (subject, months) in &months {
        let before = kept.get(subject).map_or(&[][..], Vec::as_slice);
        for window in windows(before, months, Pace::of(subject), floor(pack), until) {
            store::show(tx, village, subject, &window, actor.today).await?;
        }
    }
    record(tx, village, rounds, actor).await
}

/// What the calendar settles: called once a day, a county in one transaction.
pub async fn every_day(tx: &mut Tx, county: CountyId, pack: &Pack, actor: &Actor) -> AppResult<()> {
    for village in store::counted_villages(tx, county).await? {
        settle(tx, village, pack, actor).await?;
    }
    Ok(())
}

async fn record(tx: &mut Tx, village: DivisionCode, rounds: Vec<RoundRow>, actor: &Actor) -> AppResult<()> {
    let mut kept = store::shown(tx, village).await?;
    let shown = kept.remove(BRANCH).unwrap_or_default();
    let mut sources = Vec::new();
    for round in rounds {
        let (Some(ballots), Some(day)) = (round.ballots, round.closed_on) else { continue };
        let fact = |indicator, amount| FactDraft {
            indicator,
            day,
            amount,
            division: village,
            person: None,
            unit_id: None,
            key: None,
            value: None,
        };
        let mut drafts = vec![fact("rating.round", 1), fact("rating.ballot", ballots)];
        if let Some(window) = shown.iter().find(|window| window.to.to_string() == round.month) {
            drafts.push(fact("rating.branch.marks", window.sums.all()));
            drafts.push(fact("rating.branch.satisfied", window.sums.satisfied));
        }
        drafts.retain(|draft| draft.amount != 0);
        sources.push((Source { kind: "rating_round", id: round.id }, drafts));
    }
    Ok(facts::record(tx, village.county(), &sources, actor.at, Writing::Difference).await?)
}

/// All that may be seen of a village.
pub struct Results {
    pub branch: Vec<Window>,
    pub members: Vec<(String, Vec<Window>)>,
    /// What was written, the newest month with enough ballots first.
    pub words: Vec<(Month, Vec<String>)>,
}

pub async fn results(conn: &mut Conn, village: DivisionCode, pack: &Pack) -> AppResult<Results> {
    let mut shown = store::shown(conn, village).await?;
    let branch = shown.remove(BRANCH).unwrap_or_default();
    let (mut rated, mut words) = (BTreeSet::new(), Vec::new());
    for round in store::rounds(conn, village).await? {
        let Some(month) = Month::parse(&round.month) else { continue };
        if round.is_open() {
            continue;
        }
        let subjects = store::subjects(conn, round.county_id, &round.id).await?;
        rated.extend(subjects.into_iter().filter(|row| row.position > 0).map(|row| row.name));
        if round.ballots.is_some_and(|ballots| ballots >= words_floor(pack)) {
            let said = store::words(conn, round.county_id, &round.id).await?;
            words.push((month, said));
        }
    }
    words.retain(|(_, said)| !said.is_empty());
    words.reverse();
    let members = rated.into_iter().map(|name| {
        let windows = shown.remove(&name).unwrap_or_default();
        (name, windows)
    });
    Ok(Results { branch, members: members.collect(), words })
}
