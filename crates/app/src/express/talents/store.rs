//! All SQL of village talents.

use base::{
    collate::sort_key,
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, new_id},
};

use super::rules::{Field, facts};
use crate::{
    accounts::{Actor, Columns, Scope},
    express::COUNTED,
    spine::facts::{self as spine_facts, Source, Writing},
};

/// A talent's row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct TalentRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub name: String,
    pub field: String,
    pub strengths: String,
    pub phone: Option<String>,
    pub note: Option<String>,
    pub since: Day,
    pub until: Option<Day>,
    pub writer: String,
    pub version: i64,
}

/// What is known of a talent.
#[derive(Clone, Debug)]
pub struct Talent {
    pub village: DivisionCode,
    pub name: String,
    pub field: Field,
    pub strengths: String,
    pub phone: Option<String>,
    pub note: Option<String>,
}

const COLUMNS: &str = "select t.county_id, t.id, t.village, v.name as village_name, w.name as township_name, t.name, \
    t.field, t.strengths, t.phone, t.note, t.since, t.until, t.writer, t.version from village_talent t \
    left join division v on v.code = t.village and v.until is null \
    left join division w on w.code = (t.village / 1000) * 1000 and w.until is null where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<TalentRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and t.county_id = ").push_bind(county).push(" and t.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every talent of a county, for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<TalentRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and t.county_id = ").push_bind(county).push(" order by t.id");
    conn.all(query).await
}

pub async fn add(tx: &mut Tx, talent: &Talent, actor: &Actor) -> DbResult<String> {
    let id = new_id();
    let county = talent.village.county();
    let insert =
        sql("insert into village_talent (county_id, id, village, name, name_key, field, strengths, phone, note, \
                      since, writer, made_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)")
        .bind(county)
        .bind(&id)
        .bind(talent.village)
        .bind(&talent.name)
        .bind(sort_key(&talent.name))
        .bind(talent.field.code())
        .bind(&talent.strengths)
        .bind(talent.phone.as_ref())
        .bind(talent.note.as_ref())
        .bind(actor.today)
        .bind(&actor.name)
        .bind(actor.at);
    tx.run(insert).await?;
    record_facts(tx, county, &id, actor).await?;
    Ok(id)
}

/// Writes a talent anew; the village stays. `false` when somebody changed it meanwhile.
pub async fn save(tx: &mut Tx, row: &TalentRow, talent: &Talent) -> DbResult<bool> {
    let update = sql("update village_talent set name = $1, name_key = $2, field = $3, strengths = $4, phone = $5, \
                      note = $6, version = version + 1 where county_id = $7 and id = $8 and version = $9")
    .bind(&talent.name)
    .bind(sort_key(&talent.name))
    .bind(talent.field.code())
    .bind(&talent.strengths)
    .bind(talent.phone.as_ref())
    .bind(talent.note.as_ref())
    .bind(row.county_id)
    .bind(&row.id)
    .bind(row.version);
    Ok(tx.run(update).await? == 1)
}

/// Moved away or no longer willing: no longer on the register, and counted no more.
pub async fn remove(tx: &mut Tx, row: &TalentRow, actor: &Actor) -> DbResult<bool> {
    let update = sql("update village_talent set until = $1, version = version + 1 where county_id = $2 and id = $3 \
                      and until is null");
    let removed = tx.run(update.bind(actor.today).bind(row.county_id).bind(&row.id)).await? == 1;
    record_facts(tx, row.county_id, &row.id, actor).await?;
    Ok(removed)
}

async fn record_facts(tx: &mut Tx, county: CountyId, id: &str, actor: &Actor) -> DbResult<()> {
    let Some(row) = find(tx, county, id).await? else { return Ok(()) };
    let source = Source { kind: "village_talent", id: id.to_owned() };
    let facts = facts(id, row.village, row.since, row.until);
    spine_facts::record(tx, county, &[(source, facts)], actor.at, Writing::Difference).await
}

/// What a list is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    pub field: Option<&'static str>,
    /// A part of the name or of what they are good at.
    pub words: Option<String>,
}

const SCOPED: Columns = Columns { county: "t.county_id", division: "t.village", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    query.push(" and t.until is null");
    if let Some(field) = filter.field {
        query.push(" and t.field = ").push_bind(field);
    }
    if let Some(words) = &filter.words {
        let part = format!("%{}%", words.replace(['%', '_'], ""));
        query.push(" and (t.name like ").push_bind(part.clone());
        query.push(" or t.strengths like ").push_bind(part).push(")");
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, filter);
    query.push(" order by t.name_key, t.id limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Talents of the scope by name, a page of them.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> DbResult<Vec<TalentRow>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<Option<i64>> {
    let mut query = sql("select count(*) from (select t.id from village_talent t where 1 = 1");
    narrow(&mut query, scope, filter);
    query.push(" limit ").push_bind(COUNTED + 1).push(") as counted");
    let n: i64 = conn.value(query).await?;
    Ok((n <= COUNTED).then_some(n))
}
