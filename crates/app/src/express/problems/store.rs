//! All SQL of problems, their claims and advisers.

use base::{
    db::{Conn, DbError, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

use super::{
    Block, NewProblem, Origin, State,
    rules::{Said, facts},
};
use crate::{
    accounts::{Actor, Columns, Scope},
    express::{COUNTED, departments::Department},
    spine::facts::{self as spine_facts, Source, Writing},
};

/// A problem's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ProblemRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub title: String,
    pub words: String,
    pub block: String,
    pub amount: Option<i64>,
    pub origin: String,
    pub origin_id: Option<String>,
    pub person_county: Option<CountyId>,
    pub person_id: Option<String>,
    pub person_name: Option<String>,
    pub credit_county: Option<CountyId>,
    pub credit_person: Option<String>,
    pub raiser_account: String,
    pub raiser: String,
    pub raised_on: Day,
    pub state: String,
    pub state_since: Day,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub due: Option<Day>,
    pub meeting_county: Option<CountyId>,
    pub meeting_id: Option<String>,
    pub level: String,
    pub version: i64,
}

impl ProblemRow {
    #[must_use]
    pub fn state(&self) -> Option<State> {
        State::read(&self.state, self.due, self.meeting_county.zip(self.meeting_id.clone()))
    }

    #[must_use]
    pub fn block(&self) -> Block {
        Block::parse(&self.block).unwrap_or(Block::Other)
    }

    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        Origin::read(&self.origin, self.origin_id.as_deref())
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("/problems/{}/{}", self.county_id, self.id)
    }

    /// Late when the day of whoever has it in hand is over.
    #[must_use]
    pub fn is_late(&self, today: Day) -> bool {
        matches!(self.state.as_str(), "claimed" | "under_way") && self.due.is_some_and(|due| due < today)
    }
}

const COLUMNS: &str = "select p.county_id, p.id, p.village, p.title, p.words, p.block, p.amount, p.origin, p.origin_id, \
    p.person_county, p.person_id, p.person_name, p.credit_county, p.credit_person, p.raiser_account, p.raiser, p.raised_on, p.state, p.state_since, \
    p.unit_id, p.unit_name, p.due, p.meeting_county, p.meeting_id, p.level, p.version from problem p where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<ProblemRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and p.county_id = ").push_bind(county).push(" and p.id = ").push_bind(id);
    conn.maybe(query).await
}

pub async fn add(tx: &mut Tx, id: &str, new: &NewProblem, actor: &Actor) -> DbResult<()> {
    let insert = sql("insert into problem (county_id, id, village, title, words, block, amount, origin, origin_id, \
                      person_county, person_id, person_name, raiser_account, raiser, raised_on, state, state_since, \
                      level, made_at, version, credit_county, credit_person) values ($1, $2, $3, $4, $5, $6, $7, $8, \
                      $9, $10, $11, $12, $13, $14, $15, 'reported', $16, 'county', $17, 1, $18, $19)")
    .bind(new.village.county())
    .bind(id)
    .bind(new.village)
    .bind(&new.title)
    .bind(&new.words)
    .bind(new.block.code())
    .bind(new.amount.map(|fen| fen.0))
    .bind(new.origin.code())
    .bind(new.origin.id())
    .bind(new.person.as_ref().map(|(county, _, _)| *county))
    .bind(new.person.as_ref().map(|(_, id, _)| id))
    .bind(new.person.as_ref().map(|(_, _, name)| name))
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(actor.today)
    .bind(actor.today)
    .bind(actor.at)
    .bind(new.person.as_ref().map(|(county, _, _)| *county))
    .bind(new.person.as_ref().map(|(_, id, _)| id));
    tx.run(insert).await.map(drop)
}

/// Holds the row: whoever comes second reads what the first one left.
pub async fn touch(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<bool> {
    let update = sql("update problem set version = version + 1 where county_id = $1 and id = $2");
    Ok(tx.run(update.bind(county).bind(id)).await? == 1)
}

/// Writes state, unit and level as the row has them.
pub async fn save(tx: &mut Tx, row: &ProblemRow, state: &State, today: Day) -> DbResult<()> {
    let meeting = match state {
        State::OnAgenda { meeting } => Some(meeting.clone()),
        State::Reported
        | State::Screened
        | State::Contested
        | State::Claimed { .. }
        | State::UnderWay { .. }
        | State::Solved { .. }
        | State::StruckOff
        | State::Declined => row.meeting_county.zip(row.meeting_id.clone()),
    };
    let since = if row.state == state.code() { row.state_since } else { today };
    let update = sql("update problem set state = $1, state_since = $2, unit_id = $3, unit_name = $4, due = $5, \
                      meeting_county = $6, meeting_id = $7, level = $8 where county_id = $9 and id = $10")
    .bind(state.code())
    .bind(since)
    .bind(row.unit_id.as_ref())
    .bind(row.unit_name.as_ref())
    .bind(state.due())
    .bind(meeting.as_ref().map(|(county, _)| *county))
    .bind(meeting.as_ref().map(|(_, id)| id))
    .bind(&row.level)
    .bind(row.county_id)
    .bind(&row.id);
    tx.run(update).await.map(drop)
}

/// The states a problem came to, in order.
pub async fn steps(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<(Day, String)>> {
    let query = sql("select day, state from express_event where county_id = $1 and record_kind = 'problem' \
                     and record_id = $2 and state is not null order by at, id");
    conn.all(query.bind(county).bind(id)).await
}

/// Makes the facts say what the row and its steps say.
pub async fn record_facts(tx: &mut Tx, county: CountyId, id: &str, at: Instant) -> DbResult<()> {
    let Some(row) = find(tx, county, id).await? else { return Ok(()) };
    let facts = facts_of(tx, &row).await?;
    spine_facts::record(tx, county, &[(Source { kind: "problem", id: id.into() }, facts)], at, Writing::Difference)
        .await
}

/// What the facts of a problem must be.
pub async fn facts_of(conn: &mut Conn, row: &ProblemRow) -> DbResult<Vec<spine_facts::FactDraft>> {
    let steps = steps(conn, row.county_id, &row.id).await?;
    Ok(facts(&Said {
        id: &row.id,
        village: row.village,
        block: row.block(),
        amount: row.amount,
        person: row.credit_county.zip(row.credit_person.clone()),
        unit_id: row.unit_id.as_deref(),
        raised_on: row.raised_on,
        steps: &steps,
    }))
}

/// Every problem of a county, for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<ProblemRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and p.county_id = ").push_bind(county).push(" order by p.id");
    conn.all(query).await
}

/// Which problems a list is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    #[default]
    Open,
    Waiting,
    InHand,
    Late,
    ToConfirm,
    StruckOff,
    All,
}

impl View {
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Waiting, Self::InHand, Self::Late, Self::ToConfirm, Self::StruckOff, Self::All];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::InHand => "in_hand",
            Self::Late => "late",
            Self::ToConfirm => "to_confirm",
            Self::StruckOff => "struck_off",
            Self::All => "all",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.code() == code).unwrap_or_default()
    }

    const fn states(self) -> Option<&'static str> {
        match self {
            Self::Open => Some(
                " and p.state in ('reported', 'screened', 'on_agenda', 'contested', 'claimed', 'under_way', 'solved')",
            ),
            Self::Waiting => Some(" and p.state in ('reported', 'screened', 'on_agenda', 'contested')"),
            Self::InHand | Self::Late => Some(" and p.state in ('claimed', 'under_way')"),
            Self::ToConfirm => Some(" and p.state = 'solved'"),
            Self::StruckOff => Some(" and p.state = 'struck_off'"),
            Self::All => None,
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub view: View,
    pub block: Option<&'static str>,
    /// A part of the title or of the department's name.
    pub words: Option<String>,
    pub unit_id: Option<String>,
    pub level: Option<&'static str>,
    pub origin: Option<(&'static str, String)>,
}

/// A problem in a list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub title: String,
    pub block: String,
    pub amount: Option<i64>,
    pub person_name: Option<String>,
    pub raiser: String,
    pub raised_on: Day,
    pub state: String,
    pub state_since: Day,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub due: Option<Day>,
    pub level: String,
}

impl Line {
    #[must_use]
    pub fn is_late(&self, today: Day) -> bool {
        matches!(self.state.as_str(), "claimed" | "under_way") && self.due.is_some_and(|due| due < today)
    }

    #[must_use]
    pub fn href(&self) -> String {
        format!("/problems/{}/{}", self.county_id, self.id)
    }
}

const LINE: &str = "select p.county_id, p.id, p.village, v.name as village_name, t.name as township_name, p.title, \
    p.block, p.amount, p.person_name, p.raiser, p.raised_on, p.state, p.state_since, p.unit_id, p.unit_name, p.due, \
    p.level from problem p left join division v on v.code = p.village and v.until is null \
    left join division t on t.code = (p.village / 1000) * 1000 and t.until is null where 1 = 1";

const SCOPED: Columns =
    Columns { county: "p.county_id", division: "p.village", unit: Some("p.unit_id"), person: Some("p.person_id") };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter, today: Day) {
    scope.narrow(query, SCOPED);
    if let Some(states) = filter.view.states() {
        query.push(states);
    }
    if filter.view == View::Late {
        query.push(" and p.due < ").push_bind(today);
    }
    if let Some(block) = filter.block {
        query.push(" and p.block = ").push_bind(block);
    }
    if let Some(unit) = &filter.unit_id {
        query.push(" and p.unit_id = ").push_bind(unit);
    }
    if let Some(level) = filter.level {
        query.push(" and p.level = ").push_bind(level);
    }
    if let Some((origin, id)) = &filter.origin {
        query.push(" and p.origin = ").push_bind(*origin).push(" and p.origin_id = ").push_bind(id);
    }
    if let Some(words) = &filter.words {
        let part = format!("%{}%", words.replace(['%', '_'], ""));
        query
            .push(" and (p.title like ")
            .push_bind(part.clone())
            .push(" or p.unit_name like ")
            .push_bind(part)
            .push(")");
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, today: Day, (limit, offset): (i64, i64)) -> Query {
    let mut query = sql(LINE);
    narrow(&mut query, scope, filter, today);
    query.push(" order by p.raised_on desc, p.id desc limit ").push_bind(limit);
    query.push(" offset ").push_bind(offset);
    query
}

/// Problems of the scope, newest first, a page of them.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    today: Day,
    span: (i64, i64),
) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, filter, today, span)).await
}

/// How many there are; none where there are more than a list counts.
pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter, today: Day) -> DbResult<Option<i64>> {
    let mut query = sql("select count(*) from (select p.id from problem p where 1 = 1");
    narrow(&mut query, scope, filter, today);
    query.push(" limit ").push_bind(COUNTED + 1).push(") as counted");
    let n: i64 = conn.value(query).await?;
    Ok((n <= COUNTED).then_some(n))
}

/// The statement behind [`joined`], for its plan.
#[must_use]
pub fn joined_query(unit_id: &str, limit: i64) -> Query {
    sql("select p.county_id, p.id, p.village, v.name as village_name, t.name as township_name, p.title, p.block, \
         p.amount, p.person_name, p.raiser, p.raised_on, p.state, p.state_since, p.unit_id, p.unit_name, p.due, p.level \
         from problem_claim c join problem p on p.county_id = c.county_id and p.id = c.problem_id \
         left join division v on v.code = p.village and v.until is null \
         left join division t on t.code = (p.village / 1000) * 1000 and t.until is null \
         where c.unit_id = $1 and c.ended_on is null and c.part = 'join' order by c.due, c.id limit $2")
    .bind(unit_id)
    .bind(limit)
}

/// What a department has joined and is not over, by due day.
pub async fn joined(conn: &mut Conn, unit_id: &str, limit: i64) -> DbResult<Vec<Line>> {
    conn.all(joined_query(unit_id, limit)).await
}

/// What is open with a person in a village, for handovers.
pub async fn open_with(conn: &mut Conn, village: DivisionCode, person_id: &str) -> DbResult<Vec<Line>> {
    let mut query = sql(LINE);
    query.push(" and p.county_id = ").push_bind(village.county()).push(" and p.village = ").push_bind(village);
    query.push(" and p.person_id = ").push_bind(person_id);
    query.push(" and p.state not in ('struck_off', 'declined') order by p.raised_on, p.id");
    conn.all(query).await
}

/// Gives a person's open problems in a village to somebody else, or to nobody until somebody comes.
pub async fn pass(tx: &mut Tx, village: DivisionCode, from: &str, to: Option<(CountyId, &str, &str)>) -> DbResult<u64> {
    let update = sql("update problem set person_county = $1, person_id = $2, person_name = $3, version = version + 1 \
                      where county_id = $4 and village = $5 and person_id = $6 \
                      and state not in ('struck_off', 'declined')")
    .bind(to.map(|(county, _, _)| county))
    .bind(to.map(|(_, id, _)| id))
    .bind(to.map(|(_, _, name)| name))
    .bind(village.county())
    .bind(village)
    .bind(from);
    tx.run(update).await
}

/// A unit's part in a problem.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ClaimRow {
    pub id: String,
    pub unit_id: String,
    pub unit_name: String,
    pub part: String,
    pub promise: String,
    pub since: Day,
    pub due: Day,
    pub meeting_id: Option<String>,
    pub ended_on: Option<Day>,
    pub ended_why: Option<String>,
}

pub async fn claims(conn: &mut Conn, county: CountyId, problem_id: &str) -> DbResult<Vec<ClaimRow>> {
    let query = sql("select id, unit_id, unit_name, part, promise, since, due, meeting_id, ended_on, ended_why \
                     from problem_claim where county_id = $1 and problem_id = $2 order by since, part desc, id");
    conn.all(query.bind(county).bind(problem_id)).await
}

/// A claim to write.
#[derive(Clone, Copy, Debug)]
pub struct NewClaim<'a> {
    pub unit: &'a Department,
    pub is_lead: bool,
    pub promise: &'a str,
    pub due: Day,
    pub meeting: Option<&'a (CountyId, String)>,
}

/// Writes a claim; a second lead, or the same unit again, meets a unique key: the outer result's error, or `false`.
pub async fn add_claim(
    tx: &mut Tx,
    county: CountyId,
    problem_id: &str,
    new: &NewClaim<'_>,
    today: Day,
) -> DbResult<Option<String>> {
    let id = new_id();
    let lead_key = if new.is_lead { problem_id } else { &id };
    let insert =
        sql("insert into problem_claim (county_id, id, problem_id, unit_id, unit_name, part, promise, since, due, \
                      meeting_county, meeting_id, lead_key, unit_key) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(county)
        .bind(&id)
        .bind(problem_id)
        .bind(&new.unit.id)
        .bind(&new.unit.name)
        .bind(if new.is_lead { "lead" } else { "join" })
        .bind(new.promise)
        .bind(today)
        .bind(new.due)
        .bind(new.meeting.map(|(county, _)| *county))
        .bind(new.meeting.map(|(_, id)| id))
        .bind(lead_key)
        .bind(format!("{problem_id}/{}", new.unit.id));
    match tx.run(insert).await {
        Ok(_) => Ok(Some(id)),
        Err(error) => taken(error).map(|()| None),
    }
}

fn taken(error: DbError) -> DbResult<()> {
    if error.unique_violation().is_some() { Ok(()) } else { Err(error) }
}

/// Ends the standing claims of a problem, one unit's or all; their keys are free again.
pub async fn end_claims(
    tx: &mut Tx,
    county: CountyId,
    problem_id: &str,
    unit_id: Option<&str>,
    (day, why): (Day, &str),
) -> DbResult<()> {
    let mut update = sql("update problem_claim set lead_key = id, unit_key = id, ended_on = ");
    update.push_bind(day).push(", ended_why = ").push_bind(why);
    update.push(" where county_id = ").push_bind(county).push(" and problem_id = ").push_bind(problem_id);
    update.push(" and ended_on is null");
    if let Some(unit) = unit_id {
        update.push(" and unit_id = ").push_bind(unit);
    }
    tx.run(update).await.map(drop)
}

/// Moves the day of the standing claims, when a problem is sent back.
pub async fn move_due(tx: &mut Tx, county: CountyId, problem_id: &str, due: Day) -> DbResult<()> {
    let update = sql("update problem_claim set due = $1 where county_id = $2 and problem_id = $3 and ended_on is null");
    tx.run(update.bind(due).bind(county).bind(problem_id)).await.map(drop)
}

/// An adviser sent for a problem.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct AdviserRow {
    pub person_id: String,
    pub person_county: CountyId,
    pub person_name: String,
    pub why: String,
    pub sent_on: Day,
    pub advice: Option<String>,
    pub advised_on: Option<Day>,
}

pub async fn advisers(conn: &mut Conn, county: CountyId, problem_id: &str) -> DbResult<Vec<AdviserRow>> {
    let query =
        sql("select person_id, person_county, person_name, why, sent_on, advice, advised_on from problem_adviser \
                     where county_id = $1 and problem_id = $2 order by sent_on, person_id");
    conn.all(query.bind(county).bind(problem_id)).await
}

/// Sends an adviser; somebody who was sent already stays as they are, and the answer is `false`.
pub async fn add_adviser(
    tx: &mut Tx,
    (county, problem_id): (CountyId, &str),
    person: (CountyId, &str, &str),
    why: &str,
    actor: &Actor,
) -> DbResult<bool> {
    let insert =
        sql("insert into problem_adviser (county_id, problem_id, person_id, person_county, person_name, why, \
                      sent_on, sent_by) values ($1, $2, $3, $4, $5, $6, $7, $8) \
                      on conflict (county_id, problem_id, person_id) do nothing")
        .bind(county)
        .bind(problem_id)
        .bind(person.1)
        .bind(person.0)
        .bind(person.2)
        .bind(why)
        .bind(actor.today)
        .bind(&actor.name);
    Ok(tx.run(insert).await? == 1)
}

pub async fn save_advice(
    tx: &mut Tx,
    (county, problem_id): (CountyId, &str),
    person_id: &str,
    advice: &str,
    today: Day,
) -> DbResult<bool> {
    let update = sql("update problem_adviser set advice = $1, advised_on = $2 \
                      where county_id = $3 and problem_id = $4 and person_id = $5");
    Ok(tx.run(update.bind(advice).bind(today).bind(county).bind(problem_id).bind(person_id)).await? == 1)
}

/// What people brought to an end: person, struck-off problems of a block, for suggestions.
pub async fn struck_off_by(conn: &mut Conn, county: CountyId, block: &str) -> DbResult<Vec<(String, i64)>> {
    let query =
        sql("select person_id, count(*) from problem where county_id = $1 and state = 'struck_off' and block = $2 \
                     and person_id is not null group by person_id");
    conn.all(query.bind(county).bind(block)).await
}

/// County problems in hand that have been late for so long that they climb to the city.
pub async fn climbing(conn: &mut Conn, county: CountyId, before: Day, most: i64) -> DbResult<Vec<String>> {
    let query = sql("select id from problem where county_id = $1 and level = 'county' \
                     and state in ('claimed', 'under_way') and due < $2 order by due, id limit $3");
    Ok(conn.all::<(String,)>(query.bind(county).bind(before).bind(most)).await?.into_iter().map(|(id,)| id).collect())
}

/// Counties that have problems.
pub async fn counties(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let query = sql("select county_id from problem group by county_id order by county_id");
    Ok(conn.all::<(CountyId,)>(query).await?.into_iter().map(|(county,)| county).collect())
}
