//! All SQL of rating rounds, codes and ballots.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Month},
    seal::random_token,
    web::AppError,
};

use super::rules::{BRANCH, Marks, NewRound, Sums, Window};
use crate::accounts::{Actor, Columns, Scope};

/// A round as it stands.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct RoundRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub month: String,
    pub state: String,
    pub slips: i64,
    pub until: Day,
    pub actor: String,
    pub closed_on: Option<Day>,
    pub closed_by: Option<String>,
    pub ballots: Option<i64>,
}

impl RoundRow {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == "open"
    }
}

const ROUND: &str = "select county_id, id, village, month, state, slips, until, actor, closed_on, closed_by, ballots \
                     from rating_round";

/// A line of the list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub month: String,
    pub state: String,
    pub slips: i64,
    pub until: Day,
    pub ballots: Option<i64>,
}

/// The sign keeps SQLite on the index that is in the order of the list.
const SCOPED: Columns = Columns { county: "r.county_id", division: "+r.village", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, month: Option<Month>) {
    scope.narrow(query, SCOPED);
    if let Some(month) = month {
        query.push(" and r.month = ").push_bind(month.to_string());
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, month: Option<Month>, limit: i64, offset: i64) -> Query {
    let mut query =
        sql("select r.county_id, r.id, r.village, v.name as village_name, t.name as township_name, r.month, \
                         r.state, r.slips, r.until, r.ballots from rating_round r \
                         left join division v on v.code = r.village and v.until is null \
                         left join division t on t.code = (r.village / 1000) * 1000 and t.until is null where 1 = 1");
    narrow(&mut query, scope, month);
    query
        .push(" order by r.month desc, r.village desc, r.id desc limit ")
        .push_bind(limit)
        .push(" offset ")
        .push_bind(offset);
    query
}

/// Rounds of the scope, newest month first.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    month: Option<Month>,
    (limit, offset): (i64, i64),
) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, month, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, month: Option<Month>) -> DbResult<i64> {
    let mut query = sql("select count(*) from rating_round r where 1 = 1");
    narrow(&mut query, scope, month);
    conn.value(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<RoundRow>> {
    let mut query = sql(ROUND);
    query.push(" where county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// The round, locked until the transaction ends: closing and casting wait for each other.
pub async fn lock(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<Option<RoundRow>> {
    let touch = sql("update rating_round set state = state where county_id = $1 and id = $2");
    tx.run(touch.bind(county).bind(id)).await?;
    find(tx, county, id).await
}

/// All rounds of a village, oldest first.
pub async fn rounds(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<RoundRow>> {
    let mut query = sql(ROUND);
    query.push(" where county_id = ").push_bind(village.county()).push(" and village = ").push_bind(village);
    query.push(" order by month");
    conn.all(query).await
}

/// A subject of a round; sums where the round is counted.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct SubjectRow {
    pub round_id: String,
    pub position: i64,
    pub name: String,
    pub satisfied: Option<i64>,
    pub fair: Option<i64>,
    pub dissatisfied: Option<i64>,
}

impl SubjectRow {
    /// Under what its results are kept.
    #[must_use]
    pub fn subject(&self) -> &str {
        if self.position == 0 { BRANCH } else { &self.name }
    }

    #[must_use]
    pub fn sums(&self) -> Sums {
        let [satisfied, fair, dissatisfied] =
            [self.satisfied, self.fair, self.dissatisfied].map(Option::unwrap_or_default);
        Sums { satisfied, fair, dissatisfied }
    }
}

pub async fn subjects(conn: &mut Conn, county: CountyId, round: &str) -> DbResult<Vec<SubjectRow>> {
    let query = sql("select round_id, position, name, satisfied, fair, dissatisfied from rating_subject \
                     where county_id = $1 and round_id = $2 order by position");
    conn.all(query.bind(county).bind(round)).await
}

/// Who was rated last in a village, for the next form.
pub async fn last_members(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<String>> {
    let last = sql("select id from rating_round where county_id = $1 and village = $2 order by month desc limit 1");
    let last: Option<(String,)> = conn.maybe(last.bind(village.county()).bind(village)).await?;
    let Some((round,)) = last else { return Ok(Vec::new()) };
    let rows = subjects(conn, village.county(), &round).await?;
    Ok(rows.into_iter().filter(|row| row.position > 0).map(|row| row.name).collect())
}

/// Opens a round; `false` where the village has one for the month.
pub async fn add(
    tx: &mut Tx,
    (village, id): (DivisionCode, &str),
    round: &NewRound,
    branch: &str,
    actor: &Actor,
) -> DbResult<bool> {
    let county = village.county();
    let insert =
        sql("insert into rating_round (county_id, id, village, month, state, slips, until, made_at, account_id, \
                      actor) values ($1, $2, $3, $4, 'open', $5, $6, $7, $8, $9) \
                      on conflict (county_id, village, month) do nothing")
        .bind(county)
        .bind(id)
        .bind(village)
        .bind(round.month.to_string())
        .bind(round.slips)
        .bind(round.until)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name);
    if tx.run(insert).await? != 1 {
        return Ok(false);
    }
    let subjects = std::iter::once(branch).chain(round.members.iter().map(String::as_str));
    let row = |(at, name): (usize, &str)| vec![county.into(), id.into(), at.into(), name.into()];
    let rows = subjects.enumerate().map(row).collect();
    tx.run_rows("insert into rating_subject (county_id, round_id, position, name) values ", rows, "").await?;
    Ok(true)
}

/// Enters the hashes of codes, in their own order.
pub async fn add_codes(tx: &mut Tx, county: CountyId, round: &str, mut hashes: Vec<String>) -> DbResult<()> {
    hashes.sort_unstable();
    let rows = hashes.into_iter().map(|hash| vec![hash.into(), county.into(), round.into()]).collect();
    tx.run_rows("insert into rating_code (code_hash, county_id, round_id) values ", rows, "").await.map(drop)
}

/// Takes the codes back that were not used; returns how many.
pub async fn remove_unused(tx: &mut Tx, county: CountyId, round: &str) -> DbResult<u64> {
    let query = sql("delete from rating_code where county_id = $1 and round_id = $2 and used_on is null");
    tx.run(query.bind(county).bind(round)).await
}

/// How many slips have come back.
pub async fn used(conn: &mut Conn, county: CountyId, round: &str) -> DbResult<i64> {
    let query = sql("select count(*) from rating_code where county_id = $1 and round_id = $2 and used_on is not null");
    conn.value(query.bind(county).bind(round)).await
}

/// The round that a code opens, and whether it was used.
pub async fn find_code(conn: &mut Conn, hash: &str) -> DbResult<Option<(CountyId, String, bool)>> {
    let query = sql("select county_id, round_id, used_on from rating_code where code_hash = $1");
    let row: Option<(CountyId, String, Option<Day>)> = conn.maybe(query.bind(hash)).await?;
    Ok(row.map(|(county, round, used)| (county, round, used.is_some())))
}

/// Marks a code used, with the day alone; false where it was used before.
pub async fn use_code(tx: &mut Tx, hash: &str, day: Day) -> DbResult<bool> {
    let query = sql("update rating_code set used_on = $1 where code_hash = $2 and used_on is null");
    Ok(tx.run(query.bind(day).bind(hash)).await? == 1)
}

/// What a box holds: one of two tables of the same shape.
#[derive(Clone, Copy)]
enum Lot {
    Marks,
    Words,
}

impl Lot {
    const fn all(self) -> &'static str {
        match self {
            Self::Marks => "select marks from ballot where county_id = $1 and round_id = $2",
            Self::Words => "select words from ballot_words where county_id = $1 and round_id = $2",
        }
    }

    const fn empty(self) -> &'static str {
        match self {
            Self::Marks => "delete from ballot where county_id = $1 and round_id = $2",
            Self::Words => "delete from ballot_words where county_id = $1 and round_id = $2",
        }
    }

    const fn insert(self) -> &'static str {
        match self {
            Self::Marks => "insert into ballot (county_id, id, round_id, marks) values ",
            Self::Words => "insert into ballot_words (county_id, id, round_id, words) values ",
        }
    }
}

/// Writes a box anew, with what has come: under ids drawn for it, in their order.
async fn refill(tx: &mut Tx, county: CountyId, round: &str, lot: Lot, come: Option<String>) -> Result<(), AppError> {
    let mut rows: Vec<String> =
        tx.all::<(String,)>(sql(lot.all()).bind(county).bind(round)).await?.into_iter().map(|(row,)| row).collect();
    tx.run(sql(lot.empty()).bind(county).bind(round)).await?;
    rows.extend(come);
    let mut drawn = Vec::with_capacity(rows.len());
    for row in rows {
        drawn.push((random_token()?, row));
    }
    drawn.sort_unstable();
    let row = |(id, text): (String, String)| vec![county.into(), id.into(), round.into(), text.into()];
    tx.run_rows(lot.insert(), drawn.into_iter().map(row).collect(), "").await?;
    Ok(())
}

/// Puts a ballot into the box of a locked round; both boxes are written anew whether or not words came.
pub async fn cast(
    tx: &mut Tx,
    county: CountyId,
    round: &str,
    marks: &Marks,
    words: Option<String>,
) -> Result<(), AppError> {
    refill(tx, county, round, Lot::Marks, Some(marks.code())).await?;
    refill(tx, county, round, Lot::Words, words).await
}

/// Writes both boxes anew and returns the ballots.
pub async fn open_box(tx: &mut Tx, county: CountyId, round: &str) -> Result<Vec<Marks>, AppError> {
    refill(tx, county, round, Lot::Marks, None).await?;
    refill(tx, county, round, Lot::Words, None).await?;
    let rows: Vec<(String,)> = tx.all(sql(Lot::Marks.all()).bind(county).bind(round)).await?;
    let read = |(code,): (String,)| Marks::parse(&code);
    let all: Option<Vec<Marks>> = rows.into_iter().map(read).collect();
    all.ok_or_else(|| AppError::internal(format!("a ballot of round {round} cannot be read")))
}

/// Ends a round with what was counted.
pub async fn close(
    tx: &mut Tx,
    row: &RoundRow,
    ballots: usize,
    sums: &BTreeMap<i64, Sums>,
    actor: &Actor,
) -> DbResult<()> {
    let end = sql("update rating_round set state = 'closed', ballots = $1, closed_on = $2, closed_by = $3 \
                   where county_id = $4 and id = $5");
    tx.run(end.bind(ballots).bind(actor.today).bind(&actor.name).bind(row.county_id).bind(&row.id)).await?;
    for subject in subjects(tx, row.county_id, &row.id).await? {
        let of = sums.get(&subject.position).copied().unwrap_or_default();
        let update = sql("update rating_subject set satisfied = $1, fair = $2, dissatisfied = $3 \
                          where county_id = $4 and round_id = $5 and position = $6")
        .bind(of.satisfied)
        .bind(of.fair)
        .bind(of.dissatisfied)
        .bind(row.county_id)
        .bind(&row.id)
        .bind(subject.position);
        tx.run(update).await?;
    }
    remove_unused(tx, row.county_id, &row.id).await.map(drop)
}

/// Villages that have counted a round.
pub async fn counted_villages(conn: &mut Conn, county: CountyId) -> DbResult<Vec<DivisionCode>> {
    let query = sql("select distinct village from rating_round where county_id = $1 and state = 'closed' order by 1");
    Ok(conn.all::<(DivisionCode,)>(query.bind(county)).await?.into_iter().map(|(village,)| village).collect())
}

/// Counties that have counted a round.
pub async fn counted_counties(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let query = sql("select distinct county_id from rating_round where state = 'closed' order by 1");
    Ok(conn.all::<(CountyId,)>(query).await?.into_iter().map(|(county,)| county).collect())
}

/// What was shown of a village, by subject, oldest first.
pub async fn shown(conn: &mut Conn, village: DivisionCode) -> DbResult<BTreeMap<String, Vec<Window>>> {
    let query = sql("select subject, from_month, to_month, satisfied, fair, dissatisfied from rating_shown \
                     where county_id = $1 and village = $2 order by subject, from_month");
    let rows: Vec<(String, String, String, i64, i64, i64)> =
        conn.all(query.bind(village.county()).bind(village)).await?;
    let mut shown: BTreeMap<String, Vec<Window>> = BTreeMap::new();
    for (subject, from, to, satisfied, fair, dissatisfied) in rows {
        let (Some(from), Some(to)) = (Month::parse(&from), Month::parse(&to)) else { continue };
        let sums = Sums { satisfied, fair, dissatisfied };
        shown.entry(subject).or_default().push(Window { from, to, sums });
    }
    Ok(shown)
}

/// Keeps a result as it is seen from today on.
pub async fn show(tx: &mut Tx, village: DivisionCode, subject: &str, window: &Window, today: Day) -> DbResult<()> {
    let insert = sql("insert into rating_shown (county_id, village, subject, from_month, to_month, satisfied, fair, \
                      dissatisfied, shown_on) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(village.county())
    .bind(village)
    .bind(subject)
    .bind(window.from.to_string())
    .bind(window.to.to_string())
    .bind(window.sums.satisfied)
    .bind(window.sums.fair)
    .bind(window.sums.dissatisfied)
    .bind(today);
    tx.run(insert).await.map(drop)
}

/// What was written in a round, in the random order in which it lies.
pub async fn words(conn: &mut Conn, county: CountyId, round: &str) -> DbResult<Vec<String>> {
    let query = sql("select words from ballot_words where county_id = $1 and round_id = $2 order by id");
    Ok(conn.all::<(String,)>(query.bind(county).bind(round)).await?.into_iter().map(|(words,)| words).collect())
}
