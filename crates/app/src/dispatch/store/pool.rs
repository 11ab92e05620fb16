//! Candidates and their sign-offs.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode},
    web::AppResult,
};

use super::{
    super::rules::{Candidate, DIVISION, Gate, Makeup, Sign, level_of},
    read,
    rounds::Round,
};
use crate::{accounts::Actor, units::UnitLevel};

#[derive(sqlx_macros::FromRow)]
struct Row {
    person_county: CountyId,
    person_id: String,
    name: String,
    unit_id: Option<String>,
    unit_name: Option<String>,
    unit_level: Option<String>,
    birth: Option<String>,
    party_since: Option<String>,
    position: Option<String>,
    rank_name: Option<String>,
    specialities: String,
    village_experience: i64,
    agriculture: i64,
    reserve: i64,
    rank: Option<i64>,
    home_township: Option<DivisionCode>,
    waived: Option<String>,
    nominated_by: String,
}

#[derive(sqlx_macros::FromRow)]
struct SignRow {
    person_id: String,
    gate: String,
    passed: i64,
    why: Option<String>,
    body: String,
    signed_on: Day,
    actor: String,
}

/// What a list of the pool is narrowed to; nothing set means everybody.
#[derive(Clone, Debug, Default)]
pub struct PoolFilter {
    /// `waiting`, `cleared` or `refused` at the gates.
    pub show: String,
    /// Part of a name, of a person's or of a unit's.
    pub words: String,
    /// The county that keeps the file.
    pub county: Option<CountyId>,
    /// These people alone, by id: as many as a page holds.
    pub people: Option<Vec<String>>,
    /// The people of these units alone, by id.
    pub units: Option<Vec<String>>,
}

const COLUMNS: &str = "select c.person_county, c.person_id, p.name, p.unit_id, u.name as unit_name, \
                       u.level as unit_level, p.birth, p.party_since, p.position, p.rank as rank_name, \
                       p.specialities, p.village_experience, p.agriculture, p.reserve, c.rank, c.home_township, \
                       c.waived, c.nominated_by";
const POOL: &str = " from dispatch_candidate c \
                    join live_person p on p.county_id = c.person_county and p.id = c.person_id \
                    left join unit u on u.id = p.unit_id";
/// What a candidate's gates must say for `show`: looked up for whom the rest of the filter leaves, since a plan that
/// joins all sign-offs compares each with each where the tables were never analysed.
fn gates_say(show: &str) -> &'static str {
    match show {
        "cleared" => {
            " and 3 = (select count(*) from dispatch_gate g where g.county_id = c.county_id \
             and g.round_id = c.round_id and g.person_id = c.person_id and g.passed = 1)"
        }
        "waiting" => {
            " and 3 > (select count(*) + coalesce(sum(case when g.passed = 0 then 3 else 0 end), 0) from dispatch_gate g \
             where g.county_id = c.county_id and g.round_id = c.round_id and g.person_id = c.person_id)"
        }
        "refused" => {
            " and 0 < (select count(*) from dispatch_gate g where g.county_id = c.county_id \
             and g.round_id = c.round_id and g.person_id = c.person_id and g.passed = 0)"
        }
        _ => "",
    }
}

fn pool_query(columns: &'static str, round: &Round, filter: &PoolFilter) -> Query {
    let mut query = sql(columns);
    query.push(POOL).push(" where c.county_id = $1 and c.round_id = $2").push(gates_say(&filter.show));
    let mut query = query.bind(round.county).bind(&round.id);
    if !filter.words.is_empty() {
        let like = format!("%{}%", filter.words.replace(['%', '_'], ""));
        query.push(" and (p.name like ").push_bind(&like).push(" or u.name like ").push_bind(&like).push(")");
    }
    if let Some(county) = filter.county {
        query.push(" and c.person_county = ").push_bind(county);
    }
    for (column, ids) in [(" and c.person_id in (", &filter.people), (" and p.unit_id in (", &filter.units)] {
        let Some(ids) = ids else { continue };
        query.push(column);
        for (at, id) in ids.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(if ids.is_empty() { "null)" } else { ")" });
    }
    query
}

/// Ids that one statement names at most.
const CHUNK: usize = 5_000;

/// How many the filter leaves.
pub async fn count_pool(conn: &mut Conn, round: &Round, filter: &PoolFilter) -> DbResult<i64> {
    conn.value(pool_query("select count(*)", round, filter)).await
}

/// How many are in the pool, how many of them have passed all gates, and how many wait for a word.
pub async fn count_candidates(conn: &mut Conn, round: &Round) -> DbResult<(i64, i64, i64)> {
    let people = count_pool(conn, round, &PoolFilter::default()).await?;
    let (cleared, refused): (i64, i64) = conn.one(decided_query(round)).await?;
    Ok((people, cleared, people - cleared - refused))
}

/// How many have passed all gates, and how many were refused at one.
fn decided_query(round: &Round) -> Query {
    sql("select cast(coalesce(sum(case when s.least = 1 and s.signed = 3 then 1 else 0 end), 0) as bigint), \
         cast(coalesce(sum(case when s.least = 0 then 1 else 0 end), 0) as bigint) \
         from (select min(passed) as least, count(*) as signed from dispatch_gate \
         where county_id = $1 and round_id = $2 group by person_id) s")
    .bind(round.county)
    .bind(&round.id)
}

/// The pool of a round, by name.
pub async fn candidates(conn: &mut Conn, round: &Round) -> AppResult<Vec<Candidate>> {
    list_candidates(conn, round, &PoolFilter::default(), None).await
}

pub async fn find_candidate(conn: &mut Conn, round: &Round, person: &str) -> AppResult<Option<Candidate>> {
    let filter = PoolFilter { people: Some(vec![person.to_owned()]), ..PoolFilter::default() };
    Ok(list_candidates(conn, round, &filter, Some((1, 0))).await?.pop())
}

/// Those of the pool among these people, without their sign-offs.
pub async fn find_people(conn: &mut Conn, round: &Round, people: &[String]) -> AppResult<Vec<Candidate>> {
    let mut found = Vec::new();
    for some in people.chunks(CHUNK) {
        let filter = PoolFilter { people: Some(some.to_vec()), ..PoolFilter::default() };
        for row in rows(conn, round, &filter, None).await? {
            found.push(candidate([None, None, None], row)?);
        }
    }
    Ok(found)
}

/// Those whom the filter leaves, by name: a page of them where it is given.
pub async fn list_candidates(
    conn: &mut Conn,
    round: &Round,
    filter: &PoolFilter,
    page: Option<(i64, i64)>,
) -> AppResult<Vec<Candidate>> {
    let rows = rows(conn, round, filter, page).await?;
    let mut signs = sql("select person_id, gate, passed, why, body, signed_on, actor from dispatch_gate \
                         where county_id = $1 and round_id = $2")
    .bind(round.county)
    .bind(&round.id);
    if (page.is_some() || filter.units.is_some()) && !rows.is_empty() {
        signs.push(" and person_id in ").push_row(true, rows.iter().map(|row| (&row.person_id).into()).collect());
    }
    let mut gates: HashMap<String, [Option<Sign>; 3]> = HashMap::new();
    for row in conn.all::<SignRow>(signs).await? {
        let Some(gate) = Gate::parse(&row.gate) else { continue };
        let sign = Sign { passed: row.passed == 1, why: row.why, body: row.body, on: row.signed_on, by: row.actor };
        gates.entry(row.person_id).or_default()[gate.at()] = Some(sign);
    }
    let gates_of = |row: &Row, gates: &mut HashMap<String, _>| gates.remove(&row.person_id).unwrap_or_default();
    rows.into_iter().map(|row| candidate(gates_of(&row, &mut gates), row)).collect()
}

/// Which county keeps the file of each of a pool.
pub async fn keepers(conn: &mut Conn, round: &Round) -> DbResult<HashMap<String, CountyId>> {
    let query = sql("select person_id, person_county from dispatch_candidate where county_id = $1 and round_id = $2");
    Ok(conn.all::<(String, CountyId)>(query.bind(round.county).bind(&round.id)).await?.into_iter().collect())
}

/// Rank by hand, rank of the register, young, rural, in reserve, and how many are so.
type Alike = (Option<i64>, Option<String>, i64, i64, i64, i64);

/// How a pool is made up on the round's first day.
pub async fn makeup(conn: &mut Conn, round: &Round) -> DbResult<Makeup> {
    // Whoever was born on the day or before is 40 or older; days that are known in part stand for their first.
    let young = "select c.rank, p.rank, cast(case when p.birth > $3 then 1 else 0 end as bigint) as young, \
                 cast(case when p.village_experience = 1 or p.agriculture = 1 then 1 else 0 end as bigint) as rural, p.reserve, \
                 count(*) from dispatch_candidate c \
                 join live_person p on p.county_id = c.person_county and p.id = c.person_id \
                 where c.county_id = $1 and c.round_id = $2 group by 1, 2, 3, 4, 5";
    let query = sql(young).bind(round.county).bind(&round.id).bind(round.starts_on.plus_months(-480));
    let groups: Vec<Alike> = conn.all(query).await?;
    let mut all = Makeup { division: Some(0), ..Makeup::default() };
    for (by_hand, name, young, rural, reserve, people) in groups {
        let people = usize::try_from(people).unwrap_or_default();
        let level = by_hand.or_else(|| level_of(name.as_deref()?));
        all.of += people;
        for (is, count) in [(young, &mut all.young), (rural, &mut all.rural), (reserve, &mut all.reserve)] {
            *count += if is == 1 { people } else { 0 };
        }
        if level.is_some_and(|level| level <= DIVISION) {
            all.division = all.division.map(|count| count + people);
        }
    }
    Ok(all)
}

/// A unit that has candidates in the pool.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Sender {
    pub id: String,
    pub county_id: CountyId,
    pub name: String,
    pub level: String,
    pub strong: i64,
    pub people: i64,
}

/// The units that have candidates in the pool and send teams, by name.
pub async fn senders(conn: &mut Conn, round: &Round) -> DbResult<Vec<Sender>> {
    let query = sql("select u.id, u.county_id, u.name, u.level, u.strong, count(*) as people \
                     from dispatch_candidate c \
                     join live_person p on p.county_id = c.person_county and p.id = c.person_id \
                     join unit u on u.id = p.unit_id \
                     where c.county_id = $1 and c.round_id = $2 and u.level <> 'township' \
                     group by u.id, u.county_id, u.name, u.level, u.strong, u.name_key order by u.name_key, u.id");
    conn.all(query.bind(round.county).bind(&round.id)).await
}

async fn rows(conn: &mut Conn, round: &Round, filter: &PoolFilter, page: Option<(i64, i64)>) -> DbResult<Vec<Row>> {
    let mut query = pool_query(COLUMNS, round, filter);
    query.push(" order by p.name_key, p.id");
    if let Some((limit, offset)) = page {
        query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    }
    conn.all(query).await
}

fn candidate(gates: [Option<Sign>; 3], row: Row) -> AppResult<Candidate> {
    let level = row.unit_level.as_deref().and_then(UnitLevel::parse);
    Ok(Candidate {
        gates,
        county: row.person_county,
        person_id: row.person_id,
        name: row.name,
        unit: row.unit_id.zip(row.unit_name).map(|(id, name)| (id, name, level)),
        birth: row.birth,
        party_since: row.party_since,
        position: row.position,
        rank_name: row.rank_name,
        rank_by_hand: row.rank,
        specialities: read(&row.specialities)?,
        rural: row.village_experience == 1,
        agri: row.agriculture == 1,
        reserve: row.reserve == 1,
        home_township: row.home_township,
        waived: row.waived,
        nominated_by: row.nominated_by,
    })
}

/// Somebody who is put into a pool, and what a table says of them beyond the register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Nominee {
    /// The county that keeps the file, and the person.
    pub person: (CountyId, String),
    pub rank: Option<i64>,
    pub home: Option<DivisionCode>,
}

impl Nominee {
    #[must_use]
    pub fn of(county: CountyId, person: &str) -> Self {
        Self { person: (county, person.to_owned()), rank: None, home: None }
    }
}

/// Takes people into the pool; who is there already stays as they are. Returns how many came in.
pub async fn add_candidates(tx: &mut Tx, round: &Round, people: &[Nominee], by: &str, actor: &Actor) -> DbResult<u64> {
    let row = |one: &Nominee| {
        vec![
            round.county.into(),
            (&round.id).into(),
            one.person.0.into(),
            (&one.person.1).into(),
            one.rank.into(),
            one.home.into(),
            by.into(),
            actor.at.into(),
        ]
    };
    let head = "insert into dispatch_candidate (county_id, round_id, person_county, person_id, rank, home_township, \
                nominated_by, made_at) values ";
    let known = " on conflict (county_id, round_id, person_id) do nothing";
    tx.run_rows(head, people.iter().map(row).collect(), known).await
}

/// What the round knows of a candidate beyond the register.
pub async fn describe_candidate(
    tx: &mut Tx,
    round: &Round,
    person: &str,
    (rank, home, waived): (Option<i64>, Option<DivisionCode>, Option<&str>),
) -> DbResult<()> {
    let update = sql("update dispatch_candidate set rank = $1, home_township = $2, waived = $3 \
                      where county_id = $4 and round_id = $5 and person_id = $6")
    .bind(rank)
    .bind(home)
    .bind(waived)
    .bind(round.county)
    .bind(&round.id)
    .bind(person);
    tx.run(update).await.map(drop)
}

pub async fn remove_candidate(tx: &mut Tx, round: &Round, person: &str) -> DbResult<()> {
    for delete in [
        "delete from dispatch_gate where county_id = $1 and round_id = $2 and person_id = $3",
        "delete from dispatch_candidate where county_id = $1 and round_id = $2 and person_id = $3",
    ] {
        tx.run(sql(delete).bind(round.county).bind(&round.id).bind(person)).await?;
    }
    Ok(())
}

/// The last word on one gate of some candidates.
pub async fn sign(
    tx: &mut Tx,
    round: &Round,
    people: &[String],
    gate: Gate,
    (passed, why, body): (bool, Option<&str>, &str),
    actor: &Actor,
) -> DbResult<()> {
    let row = |person: &String| {
        vec![
            round.county.into(),
            (&round.id).into(),
            person.into(),
            gate.code().into(),
            passed.into(),
            why.into(),
            body.into(),
            actor.today.into(),
            (&actor.name).into(),
        ]
    };
    let head = "insert into dispatch_gate (county_id, round_id, person_id, gate, passed, why, body, signed_on, actor) \
                values ";
    let again = " on conflict (county_id, round_id, person_id, gate) do update set passed = excluded.passed, \
                 why = excluded.why, body = excluded.body, signed_on = excluded.signed_on, actor = excluded.actor";
    tx.run_rows(head, people.iter().map(row).collect(), again).await.map(drop)
}

/// Somebody of the register who is not in the pool.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Nominable {
    pub county_id: CountyId,
    pub id: String,
    pub name: String,
    pub unit_name: Option<String>,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub birth: Option<String>,
}

/// The statement behind [`nominable`], for its plan.
#[must_use]
pub fn nominable_query(
    round: &Round,
    keeper: Option<CountyId>,
    units: Option<&[String]>,
    (name, unit): (&str, &str),
    (limit, offset): (i64, i64),
) -> Query {
    let mut query = sql("select p.county_id, p.id, p.name, u.name as unit_name, p.position, p.rank, p.birth \
                         from live_person p left join unit u on u.id = p.unit_id where p.county_id");
    match keeper {
        Some(county) => query.push(" = ").push_bind(county),
        None => {
            let (first, last) = round.place.area().counties();
            query.push(" between ").push_bind(first).push(" and ").push_bind(last)
        }
    };
    if let Some(units) = units {
        query.push(" and p.unit_id in (");
        for (at, id) in units.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(")");
    }
    let like = |text: &str| format!("%{}%", text.replace(['%', '_'], ""));
    if !name.is_empty() {
        query.push(" and p.name like ").push_bind(like(name));
    }
    if !unit.is_empty() {
        query.push(" and u.name like ").push_bind(like(unit));
    }
    query.push(" and not exists (select 1 from dispatch_candidate c where c.county_id = ");
    query.push_bind(round.county).push(" and c.round_id = ").push_bind(&round.id);
    query.push(" and c.person_id = p.id) order by p.name_key, p.id limit ");
    query.push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// People of a register who are not in the pool, by name: of one county's, or of all the round's; of some units alone
/// where these are named.
pub async fn nominable(
    conn: &mut Conn,
    round: &Round,
    keeper: Option<CountyId>,
    units: Option<&[String]>,
    asked: (&str, &str),
    page: (i64, i64),
) -> DbResult<Vec<Nominable>> {
    conn.all(nominable_query(round, keeper, units, asked, page)).await
}
