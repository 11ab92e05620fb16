//! All SQL of members and their households.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
};

/// A Party member who looks after households.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct MemberRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub name: String,
    pub phone: Option<String>,
    pub until: Option<Day>,
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<MemberRow>> {
    let query = sql("select county_id, id, village, name, phone, until from village_member \
                     where county_id = $1 and id = $2");
    conn.maybe(query.bind(county).bind(id)).await
}

/// The members of a village who look after households now.
pub async fn of_village(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<MemberRow>> {
    let query = sql("select county_id, id, village, name, phone, until from village_member where county_id = $1 \
                     and village = $2 and until is null order by id");
    conn.all(query.bind(village.county()).bind(village)).await
}

/// The households of a village's members: household → member.
pub async fn households(conn: &mut Conn, village: DivisionCode) -> DbResult<BTreeMap<String, String>> {
    let query = sql("select h.household_id, h.member_id from village_member m \
                     join member_household h on h.county_id = m.county_id and h.member_id = m.id \
                     where m.county_id = $1 and m.village = $2 and m.until is null order by h.household_id");
    Ok(conn.all::<(String, String)>(query.bind(village.county()).bind(village)).await?.into_iter().collect())
}

/// Who looks after a household.
pub async fn of_household(conn: &mut Conn, county: CountyId, household: &str) -> DbResult<Option<String>> {
    let query = sql("select h.member_id from member_household h \
                     join village_member m on m.county_id = h.county_id and m.id = h.member_id and m.until is null \
                     where h.county_id = $1 and h.household_id = $2");
    Ok(conn.maybe::<(String,)>(query.bind(county).bind(household)).await?.map(|(id,)| id))
}

pub async fn add(tx: &mut Tx, village: DivisionCode, name: &str, phone: Option<&str>, at: Instant) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into village_member (county_id, id, village, name, phone, until, made_at) \
                      values ($1, $2, $3, $4, $5, $6, $7)")
    .bind(village.county())
    .bind(&id)
    .bind(village)
    .bind(name)
    .bind(phone)
    .bind(None::<Day>)
    .bind(at);
    tx.run(insert).await?;
    Ok(id)
}

/// Gives households to a member; whoever had them before has them no longer.
pub async fn give(tx: &mut Tx, county: CountyId, member: &str, households: &[String]) -> DbResult<()> {
    let clear = sql("delete from member_household where county_id = $1 and member_id = $2");
    tx.run(clear.bind(county).bind(member)).await?;
    let rows = households.iter().map(|household| vec![county.into(), household.into(), member.into()]).collect();
    let tail = "on conflict (county_id, household_id) do update set member_id = excluded.member_id";
    let head = "insert into member_household (county_id, household_id, member_id) values ";
    tx.run_rows(head, rows, tail).await.map(drop)
}

/// A member looks after nobody any more.
pub async fn end(tx: &mut Tx, member: &MemberRow, day: Day) -> DbResult<()> {
    let update = sql("update village_member set until = $1 where county_id = $2 and id = $3 and until is null");
    tx.run(update.bind(day).bind(member.county_id).bind(&member.id)).await?;
    let clear = sql("delete from member_household where county_id = $1 and member_id = $2");
    tx.run(clear.bind(member.county_id).bind(&member.id)).await.map(drop)
}
