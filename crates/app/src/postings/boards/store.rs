//! All SQL of identity boards.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{Area, CountyId, Day, DivisionCode, new_id},
};

use super::rules::{Named, Party};
use crate::people::portraits::Face;

/// The five parties of a village, as far as they are known.
pub type Board = BTreeMap<Party, Named>;

#[derive(sqlx_macros::FromRow)]
struct PartyRow {
    village: DivisionCode,
    party: String,
    name: String,
    post: Option<String>,
    phone: Option<String>,
    since: Day,
}

#[derive(sqlx_macros::FromRow)]
struct PostedRow {
    village: DivisionCode,
    name: String,
    phone: Option<String>,
    since: Day,
    person_county: CountyId,
    small_id: Option<String>,
    content_hash: Option<String>,
}

/// Who answers for the villages of an area on a day. A branch secretary on post stands before one that was entered.
pub async fn boards(conn: &mut Conn, area: Area, day: Day) -> DbResult<BTreeMap<DivisionCode, Board>> {
    let (first, last) = area.counties();
    let entered = sql("select village, party, name, post, phone, since from village_party \
                       where county_id between $1 and $2 and village between $3 and $4 and since <= $5 \
                       and (until is null or until > $6) order by village, since, id")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last)
    .bind(day)
    .bind(day);
    let posted = sql("select p.village, p.person_name as name, h.phone, p.since, p.person_county, f.small_id, \
                      g.content_hash from live_posting p \
                      left join live_person h on h.county_id = p.person_county and h.id = p.person_id \
                      left join portrait f on f.county_id = p.person_county and f.person_id = p.person_id \
                      left join file g on g.county_id = f.county_id and g.id = f.file_id \
                      where p.county_id between $1 and $2 and p.village between $3 and $4 \
                      and p.role = 'branch_secretary' and p.state in ('on_post', 'ended') and p.since <= $5 \
                      and (p.until is null or p.until > $6) order by p.village, p.since, p.id")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last)
    .bind(day)
    .bind(day);
    let mut boards: BTreeMap<DivisionCode, Board> = BTreeMap::new();
    for row in conn.all::<PartyRow>(entered).await? {
        let Some(party) = Party::parse(&row.party) else { continue };
        let named = Named { name: row.name, post: row.post, phone: row.phone, since: row.since, portrait: None };
        boards.entry(row.village).or_default().insert(party, named);
    }
    for row in conn.all::<PostedRow>(posted).await? {
        let portrait = Face::read(row.person_county, row.small_id, row.content_hash);
        let named = Named { name: row.name, post: None, phone: row.phone, since: row.since, portrait };
        boards.entry(row.village).or_default().insert(Party::BranchSecretary, named);
    }
    Ok(boards)
}

/// Somebody answers for the village from a day on; whoever did before ends with it.
pub async fn set(tx: &mut Tx, village: DivisionCode, party: Party, named: &Named) -> DbResult<()> {
    let county = village.county();
    // Whoever was entered for the same day was a slip of the pen.
    let same = sql("delete from village_party where county_id = $1 and village = $2 and party = $3 and since = $4");
    tx.run(same.bind(county).bind(village).bind(party.code()).bind(named.since)).await?;
    end(tx, village, party, named.since).await?;
    let row = vec![
        county.into(),
        new_id().into(),
        village.into(),
        party.code().into(),
        (&named.name).into(),
        named.post.as_ref().into(),
        named.phone.as_ref().into(),
        None::<&str>.into(),
        named.since.into(),
        None::<&str>.into(),
        1_i64.into(),
    ];
    let head = "insert into village_party (county_id, id, village, party, name, post, phone, unit_id, since, until, \
                version) values ";
    tx.run_rows(head, vec![row], "").await.map(drop)
}

/// Nobody answers any more from a day on.
pub async fn end(tx: &mut Tx, village: DivisionCode, party: Party, day: Day) -> DbResult<u64> {
    let update = sql("update village_party set until = $1, version = version + 1 where county_id = $2 \
                      and village = $3 and party = $4 and until is null");
    tx.run(update.bind(day).bind(village.county()).bind(village).bind(party.code())).await
}

/// Everybody who ever answered for a village: party, who, until; newest first.
pub async fn history(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<(Party, Named, Option<Day>)>> {
    type Row = (String, String, Option<String>, Option<String>, Day, Option<Day>);
    let query = sql("select party, name, post, phone, since, until from village_party where county_id = $1 \
                     and village = $2 order by since desc, id desc");
    let rows: Vec<Row> = conn.all(query.bind(village.county()).bind(village)).await?;
    let read = |(party, name, post, phone, since, until): Row| {
        Some((Party::parse(&party)?, Named { name, post, phone, since, portrait: None }, until))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
