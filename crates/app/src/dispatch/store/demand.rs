//! What villages ask for, what units may do, and what was decided by hand.

use std::collections::{BTreeMap, HashMap};

use assign::Category;
use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, DivisionCode},
    web::{AppError, AppResult},
};

use super::{
    super::rules::{Demanded, UnitTerms},
    read,
    rounds::Round,
    text_of,
};
use crate::places;

#[derive(sqlx_macros::FromRow)]
struct Row {
    village: DivisionCode,
    name: Option<String>,
    township: Option<String>,
    county: Option<String>,
    category: String,
    team_size: Option<i64>,
    needs: String,
    fixed_unit: Option<String>,
    neighbours: String,
}

const COLUMNS: &str = "select v.village, d.name, t.name as township, c.name as county, v.category, v.team_size, \
                       v.needs, v.fixed_unit, v.neighbours";
const VILLAGES: &str = " from dispatch_village v \
                        left join division d on d.code = v.village and d.until is null \
                        left join division t on t.code = (v.village / 1000) * 1000 and t.until is null \
                        left join division c on c.code = (v.village / 1000000) * 1000000 and c.until is null \
                        where v.county_id = $1 and v.round_id = $2";
const FORBIDDEN: &str = "select village, unit_id, why from dispatch_forbidden where county_id = $1 and round_id = $2";

/// What a list of villages is narrowed to; nothing set means all.
#[derive(Clone, Debug, Default)]
pub struct VillageFilter {
    pub category: Option<Category>,
    /// Part of the name of a village, its township or, above a county, its county.
    pub words: String,
    pub county: Option<CountyId>,
    pub village: Option<DivisionCode>,
}

fn village_query(columns: &'static str, round: &Round, filter: &VillageFilter) -> Query {
    let mut query = sql(columns);
    query.push(VILLAGES);
    let mut query = query.bind(round.county).bind(&round.id);
    if let Some(code) = filter.village {
        query.push(" and v.village = ").push_bind(code);
    }
    if let Some(category) = filter.category {
        query.push(" and v.category = ").push_bind(category.code());
    }
    if let Some(county) = filter.county {
        let area = county.division().area();
        query.push(" and v.village between ").push_bind(area.first).push(" and ").push_bind(area.last);
    }
    if !filter.words.is_empty() {
        let like = format!("%{}%", filter.words.replace(['%', '_'], ""));
        query.push(" and (d.name like ").push_bind(&like).push(" or t.name like ").push_bind(&like);
        if round.is_above_county() {
            query.push(" or c.name like ").push_bind(&like);
        }
        query.push(")");
    }
    query
}

/// The villages of a round that ask for a team, by code.
pub async fn villages(conn: &mut Conn, round: &Round) -> AppResult<Vec<Demanded>> {
    list_villages(conn, round, &VillageFilter::default(), None).await
}

/// One village of a round, where it asks.
pub async fn find_village(conn: &mut Conn, round: &Round, code: DivisionCode) -> AppResult<Option<Demanded>> {
    let filter = VillageFilter { village: Some(code), ..VillageFilter::default() };
    Ok(list_villages(conn, round, &filter, None).await?.pop())
}

pub async fn count_villages(conn: &mut Conn, round: &Round, filter: &VillageFilter) -> DbResult<i64> {
    conn.value(village_query("select count(*)", round, filter)).await
}

/// How many villages of each category ask.
pub async fn villages_by_category(conn: &mut Conn, round: &Round) -> DbResult<Vec<(String, i64)>> {
    let query = sql("select category, count(*) from dispatch_village where county_id = $1 and round_id = $2 \
                     group by category");
    conn.all(query.bind(round.county).bind(&round.id)).await
}

/// The villages that the filter leaves, by code: a page of them where it is given.
pub async fn list_villages(
    conn: &mut Conn,
    round: &Round,
    filter: &VillageFilter,
    page: Option<(i64, i64)>,
) -> AppResult<Vec<Demanded>> {
    let mut pairs = sql(FORBIDDEN).bind(round.county).bind(&round.id);
    if let Some(code) = filter.village {
        pairs.push(" and village = ").push_bind(code);
    }
    pairs.push(" order by village, unit_id");
    let mut forbidden: HashMap<DivisionCode, Vec<(String, String)>> = HashMap::new();
    for (village, unit, why) in conn.all::<(DivisionCode, String, String)>(pairs).await? {
        forbidden.entry(village).or_default().push((unit, why));
    }
    let mut query = village_query(COLUMNS, round, filter);
    query.push(" order by v.village");
    if let Some((limit, offset)) = page {
        query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    }
    let rows: Vec<Row> = conn.all(query).await?;
    let village = |row: Row| {
        let category = Category::read(&row.category)
            .ok_or_else(|| AppError::internal(format!("village {} has the category {}", row.village, row.category)))?;
        let name = row.name.map_or_else(|| row.village.to_string(), |name| places::short_name(&name));
        // Villages of several counties are told apart by it.
        let county = row.county.filter(|_| round.is_above_county()).unwrap_or_default();
        Ok(Demanded {
            code: row.village,
            name: format!("{county}{name}"),
            township: row.township.unwrap_or_default(),
            category,
            team_size: row.team_size,
            needs: read(&row.needs)?,
            fixed_unit: row.fixed_unit,
            neighbours: read::<Vec<i64>>(&row.neighbours)?.into_iter().filter_map(DivisionCode::from_i64).collect(),
            forbidden: forbidden.remove(&row.village).unwrap_or_default(),
        })
    };
    rows.into_iter().map(village).collect()
}

fn codes(neighbours: &[DivisionCode]) -> Vec<i64> {
    neighbours.iter().map(|code| code.as_i64()).collect()
}

/// Takes villages in; those that ask already stay as they are. Returns how many came in.
pub async fn add_villages(tx: &mut Tx, round: &Round, villages: &[Demanded]) -> AppResult<u64> {
    let mut rows = Vec::new();
    for village in villages {
        rows.push(vec![
            round.county.into(),
            (&round.id).into(),
            village.code.into(),
            village.category.code().into(),
            village.team_size.into(),
            text_of(&village.needs)?.into(),
            village.fixed_unit.as_ref().into(),
            text_of(&codes(&village.neighbours))?.into(),
        ]);
    }
    let head = "insert into dispatch_village (county_id, round_id, village, category, team_size, needs, fixed_unit, \
                neighbours) values ";
    Ok(tx.run_rows(head, rows, " on conflict (county_id, round_id, village) do nothing").await?)
}

/// Changes what a village asks for; its forbidden units stay.
pub async fn save_village(tx: &mut Tx, round: &Round, village: &Demanded) -> AppResult<()> {
    let update = sql("update dispatch_village set category = $1, team_size = $2, needs = $3, fixed_unit = $4, \
                      neighbours = $5 where county_id = $6 and round_id = $7 and village = $8")
    .bind(village.category.code())
    .bind(village.team_size)
    .bind(text_of(&village.needs)?)
    .bind(village.fixed_unit.as_ref())
    .bind(text_of(&codes(&village.neighbours))?)
    .bind(round.county)
    .bind(&round.id)
    .bind(village.code);
    tx.run(update).await?;
    Ok(())
}

pub async fn remove_village(tx: &mut Tx, round: &Round, village: DivisionCode) -> DbResult<()> {
    for delete in [
        "delete from dispatch_forbidden where county_id = $1 and round_id = $2 and village = $3",
        "delete from dispatch_lock where county_id = $1 and round_id = $2 and village = $3",
        "delete from dispatch_village where county_id = $1 and round_id = $2 and village = $3",
    ] {
        tx.run(sql(delete).bind(round.county).bind(&round.id).bind(village)).await?;
    }
    Ok(())
}

/// Forbids a pair with its reason, or lifts it where there is none.
pub async fn forbid(
    tx: &mut Tx,
    round: &Round,
    (village, unit): (DivisionCode, &str),
    why: Option<&str>,
) -> DbResult<()> {
    let delete = sql("delete from dispatch_forbidden where county_id = $1 and round_id = $2 and village = $3 \
                      and unit_id = $4");
    tx.run(delete.bind(round.county).bind(&round.id).bind(village).bind(unit)).await?;
    let Some(why) = why else { return Ok(()) };
    let insert =
        sql("insert into dispatch_forbidden (county_id, round_id, village, unit_id, why) values ($1, $2, $3, $4, $5)");
    tx.run(insert.bind(round.county).bind(&round.id).bind(village).bind(unit).bind(why)).await.map(drop)
}

/// What the round says otherwise of units, by unit.
pub async fn units(conn: &mut Conn, round: &Round) -> DbResult<HashMap<String, UnitTerms>> {
    let query = sql("select unit_id, strong, max_teams from dispatch_unit where county_id = $1 and round_id = $2");
    let rows: Vec<(String, i64, i64)> = conn.all(query.bind(round.county).bind(&round.id)).await?;
    Ok(rows.into_iter().map(|(unit, strong, max_teams)| (unit, UnitTerms { strong: strong == 1, max_teams })).collect())
}

pub async fn save_unit(tx: &mut Tx, round: &Round, unit: &str, terms: UnitTerms) -> DbResult<()> {
    let upsert = sql("insert into dispatch_unit (county_id, round_id, unit_id, strong, max_teams) \
                      values ($1, $2, $3, $4, $5) on conflict (county_id, round_id, unit_id) \
                      do update set strong = excluded.strong, max_teams = excluded.max_teams")
    .bind(round.county)
    .bind(&round.id)
    .bind(unit)
    .bind(terms.strong)
    .bind(terms.max_teams);
    tx.run(upsert).await.map(drop)
}

/// What is decided by hand: for a village its unit, and those of its people who are to stay.
pub async fn locks(conn: &mut Conn, round: &Round) -> AppResult<BTreeMap<DivisionCode, (String, Vec<String>)>> {
    let query = sql("select village, unit_id, people from dispatch_lock where county_id = $1 and round_id = $2 \
                     order by village");
    let rows: Vec<(DivisionCode, String, String)> = conn.all(query.bind(round.county).bind(&round.id)).await?;
    rows.into_iter().map(|(village, unit, people)| Ok((village, (unit, read(&people)?)))).collect()
}

pub async fn lock_village(
    tx: &mut Tx,
    round: &Round,
    village: DivisionCode,
    (unit, people): (&str, &[String]),
) -> AppResult<()> {
    let upsert = sql("insert into dispatch_lock (county_id, round_id, village, unit_id, people) \
                      values ($1, $2, $3, $4, $5) on conflict (county_id, round_id, village) \
                      do update set unit_id = excluded.unit_id, people = excluded.people")
    .bind(round.county)
    .bind(&round.id)
    .bind(village)
    .bind(unit)
    .bind(text_of(&people)?);
    tx.run(upsert).await?;
    Ok(())
}

pub async fn unlock_village(tx: &mut Tx, round: &Round, village: DivisionCode) -> DbResult<()> {
    let delete = sql("delete from dispatch_lock where county_id = $1 and round_id = $2 and village = $3");
    tx.run(delete.bind(round.county).bind(&round.id).bind(village)).await.map(drop)
}
