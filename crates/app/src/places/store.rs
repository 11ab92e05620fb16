//! All SQL of places.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Query, Tx, Value, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Instant, Level, new_id},
};

use super::{Division, Village, VillageCategory};
use crate::spine::facts::{self, FactDraft, Source, Writing, read::Place};

const COLUMNS: &str = "select code, name, parent from division where until is null";

/// A division that stands today.
pub async fn find(conn: &mut Conn, code: DivisionCode) -> DbResult<Option<Division>> {
    let mut query = sql(COLUMNS);
    query.push(" and code = ").push_bind(code);
    conn.maybe(query).await
}

/// The divisions from the province down to `code`, as far as they are known.
pub async fn path(conn: &mut Conn, code: DivisionCode) -> DbResult<Vec<Division>> {
    if code == DivisionCode::NATION {
        return Ok(Vec::new());
    }
    let mut query = sql(COLUMNS);
    query.push(" and code in (");
    for (i, above) in code.path().into_iter().enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push_bind(above);
    }
    query.push(") order by code");
    conn.all(query).await
}

/// What a page says of where it is, in one statement: the path down to a place, what lies directly below it, and the
/// viewer's home. None of them twice, by code.
pub async fn around(conn: &mut Conn, home: DivisionCode, place: Option<DivisionCode>) -> DbResult<Vec<Division>> {
    conn.all(around_query(home, place)).await
}

fn around_query(home: DivisionCode, place: Option<DivisionCode>) -> Query {
    let path = place.map(DivisionCode::path).unwrap_or_default();
    let mut query = sql(COLUMNS);
    query.push(" and code in ");
    query.push_row(true, path.into_iter().chain([home]).map(Into::into).collect());
    if let Some(place) = place.filter(|place| place.level() < Level::Village) {
        query.push(" union ").push(COLUMNS).push(" and parent = ").push_bind(place);
    }
    query.push(" order by code");
    query
}

/// The divisions directly below, by code.
pub async fn children(conn: &mut Conn, parent: DivisionCode) -> DbResult<Vec<Division>> {
    let mut query = sql(COLUMNS);
    query.push(" and parent = ").push_bind(parent).push(" order by code");
    conn.all(query).await
}

/// The divisions of one level below a place, by code.
pub async fn at_level(conn: &mut Conn, place: DivisionCode, level: Level) -> DbResult<Vec<Division>> {
    let mut query = sql(COLUMNS);
    query.and_within("code", place.area());
    query.push(" and level = ").push_bind(level.code()).push(" order by code");
    conn.all(query).await
}

/// Every division of an area that stands today, by code.
pub async fn list(conn: &mut Conn, area: Area) -> DbResult<Vec<Division>> {
    let mut query = sql(COLUMNS);
    query.and_within("code", area).push(" order by code");
    conn.all(query).await
}

/// Villages of an area whose name contains `text`, for search.
pub async fn search(conn: &mut Conn, area: Area, text: &str, limit: i64) -> DbResult<Vec<Division>> {
    let mut query = sql(COLUMNS);
    query.and_within("code", area);
    query.push(" and name like ").push_bind(format!("%{}%", text.replace(['%', '_'], "")));
    query.push(" order by code limit ").push_bind(limit);
    conn.all(query).await
}

/// Whether any division is known at all: an empty installation asks for divisions first.
pub async fn is_empty(conn: &mut Conn) -> DbResult<bool> {
    Ok(conn.maybe::<(i64,)>(sql("select code from division limit 1")).await?.is_none())
}

/// Adds divisions that are new, renames those whose name changed: the old row ends on `day`, the new one begins.
///
/// Returns (added, renamed, unchanged).
pub async fn save_all(tx: &mut Tx, divisions: &[(DivisionCode, String)], day: Day) -> DbResult<(usize, usize, usize)> {
    let mut counts = (0, 0, 0);
    let mut rows = Vec::new();
    let known: std::collections::HashMap<DivisionCode, String> = known_names(tx, divisions).await?;
    for (code, name) in divisions {
        match known.get(code) {
            Some(old) if old == name => counts.2 += 1,
            Some(_) => {
                let end = sql("update division set until = $1 where code = $2 and until is null");
                tx.run(end.bind(day).bind(*code)).await?;
                rows.push(row(*code, name, day));
                counts.1 += 1;
            }
            None => {
                rows.push(row(*code, name, Day::from_date(jiff::civil::date(1949, 10, 1))));
                counts.0 += 1;
            }
        }
    }
    tx.run_rows(
        "insert into division (code, since, name, level, parent) values ",
        rows,
        "on conflict (code, since) do update set name = excluded.name, until = null",
    )
    .await?;
    Ok(counts)
}

/// The names that divisions between the lowest and the highest of these codes have today.
pub async fn known_names(
    conn: &mut Conn,
    divisions: &[(DivisionCode, String)],
) -> DbResult<std::collections::HashMap<DivisionCode, String>> {
    let (Some(first), Some(last)) =
        (divisions.iter().map(|d| d.0.as_i64()).min(), divisions.iter().map(|d| d.0.as_i64()).max())
    else {
        return Ok(std::collections::HashMap::new());
    };
    let known = sql("select code, name from division where until is null and code between $1 and $2");
    Ok(conn.all::<(DivisionCode, String)>(known.bind(first).bind(last)).await?.into_iter().collect())
}

fn row(code: DivisionCode, name: &str, since: Day) -> Vec<Value> {
    vec![code.into(), since.into(), name.into(), code.level().code().into(), code.parent().into()]
}

/// Ends divisions on a day and names their successors: a merger or a recoding.
pub async fn succeed(tx: &mut Tx, old: DivisionCode, new: DivisionCode, day: Day) -> DbResult<()> {
    let end = sql("update division set until = $1 where code = $2 and until is null");
    tx.run(end.bind(day).bind(old)).await?;
    let link = sql("insert into division_successor (old_code, new_code, day) values ($1, $2, $3) \
                    on conflict (old_code, new_code) do nothing");
    tx.run(link.bind(old).bind(new).bind(day)).await.map(drop)
}

/// A place as its figures see it: with the records of the divisions that came to it, without those that left.
pub async fn with_predecessors(conn: &mut Conn, code: DivisionCode) -> DbResult<Place> {
    let counties = counties_below(conn, code).await?;
    Ok(Place { counties, ..seen(code, &moved(conn, code.area()).await?) })
}

/// As [`with_predecessors`] for a place and, behind it, its parts.
pub async fn parts_with_predecessors(
    conn: &mut Conn,
    whole: DivisionCode,
    parts: &[DivisionCode],
) -> DbResult<Vec<Place>> {
    let (links, counties) = (moved(conn, whole.area()).await?, counties_below(conn, whole).await?);
    let place = |code: &DivisionCode| {
        let own = |county: &&CountyId| code.level() < Level::County && code.contains(county.division());
        Place { counties: counties.iter().filter(own).copied().collect(), ..seen(*code, &links) }
    };
    Ok(std::iter::once(&whole).chain(parts).map(place).collect())
}

/// The counties of a place above counties. Townships name theirs even where its own row is missing.
async fn counties_below(conn: &mut Conn, code: DivisionCode) -> DbResult<Vec<CountyId>> {
    if code.level() >= Level::County {
        return Ok(Vec::new());
    }
    let area = code.area();
    let below = sql("select distinct code / 1000000 from division where code between $1 and $2 and code % 1000 = 0 \
                     order by 1");
    let below: Vec<(CountyId,)> = conn.all(below.bind(area.first).bind(area.last)).await?;
    Ok(below.into_iter().map(|(county,)| county).collect())
}

/// Old and new code of the divisions that came to an area, left it or changed within it.
async fn moved(conn: &mut Conn, area: Area) -> DbResult<Vec<(DivisionCode, DivisionCode)>> {
    let links = sql("select old_code, new_code from division_successor \
                     where (new_code between $1 and $2) or (old_code between $1 and $2) order by old_code");
    conn.all(links.bind(area.first).bind(area.last)).await
}

fn seen(code: DivisionCode, links: &[(DivisionCode, DivisionCode)]) -> Place {
    let area = code.area();
    let mut place = Place::of(code);
    for (old, new) in links {
        match (area.contains(*old), area.contains(*new)) {
            (false, true) => place.plus.push(*old),
            (true, false) => place.minus.push(*old),
            (true, true) | (false, false) => {}
        }
    }
    // A township that came whole brings its villages with it.
    let whole = place.plus.clone();
    place.plus.retain(|old| !whole.iter().any(|other| other != old && other.contains(*old)));
    place
}

// ---------------------------------------------------------------- villages

#[derive(sqlx_macros::FromRow)]
struct Counts {
    code: DivisionCode,
    households: Option<i64>,
    members: Option<i64>,
    poor_households: Option<i64>,
    monitored_households: Option<i64>,
    longitude: Option<f64>,
    latitude: Option<f64>,
}

impl Counts {
    fn village(&self) -> Village {
        Village {
            households: self.households,
            members: self.members,
            poor_households: self.poor_households,
            monitored_households: self.monitored_households,
            location: self.longitude.zip(self.latitude),
            ..Village::default()
        }
    }
}

/// What a village keeps; `None` when nothing was ever recorded of it.
pub async fn find_village(conn: &mut Conn, code: DivisionCode) -> DbResult<Option<Village>> {
    Ok(villages(conn, code.county(), code.area()).await?.remove(&code))
}

/// What the villages of an area in a county keep, by code.
pub async fn villages(conn: &mut Conn, county: CountyId, area: Area) -> DbResult<BTreeMap<DivisionCode, Village>> {
    let within = |text: &'static str, column: &'static str, order: &'static str| {
        let mut query = sql(text).bind(county);
        query.and_within(column, area).push(order);
        query
    };
    let counts = within(
        "select code, households, members, poor_households, monitored_households, longitude, latitude from village \
         where county_id = $1",
        "code",
        "",
    );
    let rows: Vec<Counts> = conn.all(counts).await?;
    let mut found: BTreeMap<DivisionCode, Village> = rows.iter().map(|row| (row.code, row.village())).collect();
    for (village, category, since, until) in categories(conn, county, area).await? {
        found.entry(village).or_default().categories.push((category, since, until));
    }
    let newest = " order by village, year desc";
    let stars = within("select village, year, stars from village_star where county_id = $1", "village", newest);
    for (village, year, stars) in conn.all::<(DivisionCode, i64, i64)>(stars).await? {
        found.entry(village).or_default().stars.push((year, stars));
    }
    let income = within("select village, year, amount from village_income where county_id = $1", "village", newest);
    for (village, year, amount) in conn.all::<(DivisionCode, i64, i64)>(income).await? {
        found.entry(village).or_default().income.push((year, amount));
    }
    let tags = "select village, kind, tag from village_tag where county_id = $1";
    let tags = within(tags, "village", " order by village, kind, tag");
    for (village, kind, tag) in conn.all::<(DivisionCode, String, String)>(tags).await? {
        let village = found.entry(village).or_default();
        if kind == "industry" { &mut village.industries } else { &mut village.needs }.push(tag);
    }
    let neighbours = "select village, neighbour from village_neighbour where county_id = $1";
    let neighbours = within(neighbours, "village", " order by village, neighbour");
    for (village, neighbour) in conn.all::<(DivisionCode, DivisionCode)>(neighbours).await? {
        found.entry(village).or_default().neighbours.push(neighbour);
    }
    Ok(found)
}

/// Village, category, since, until of an area's villages in a county; newest first within a village.
pub async fn categories(
    conn: &mut Conn,
    county: CountyId,
    area: Area,
) -> DbResult<Vec<(DivisionCode, VillageCategory, Day, Option<Day>)>> {
    let mut query =
        sql("select village, category, since, until from village_category where county_id = $1").bind(county);
    query.and_within("village", area).push(" order by village, since desc, id");
    let rows: Vec<(DivisionCode, String, Day, Option<Day>)> = conn.all(query).await?;
    let known = |(village, category, since, until): (DivisionCode, String, Day, Option<Day>)| {
        VillageCategory::parse(&category).map(|category| (village, category, since, until))
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Household counts and location of a village; makes the village's row.
pub async fn save_counts(tx: &mut Tx, code: DivisionCode, village: &Village) -> DbResult<()> {
    let upsert = sql("insert into village (county_id, code, households, members, poor_households, \
                      monitored_households, longitude, latitude, version) values ($1, $2, $3, $4, $5, $6, $7, $8, 1) \
                      on conflict (county_id, code) do update set households = excluded.households, \
                      members = excluded.members, poor_households = excluded.poor_households, \
                      monitored_households = excluded.monitored_households, longitude = excluded.longitude, \
                      latitude = excluded.latitude, version = village.version + 1");
    let upsert = upsert.bind(code.county()).bind(code).bind(village.households).bind(village.members);
    let upsert = upsert.bind(village.poor_households).bind(village.monitored_households);
    let upsert = upsert.bind(village.location.map(|at| at.0)).bind(village.location.map(|at| at.1));
    tx.run(upsert).await.map(drop)
}

/// Makes village rows where there are none yet, so that categories and ratings have something to hang on.
pub async fn ensure_villages(tx: &mut Tx, codes: &[DivisionCode]) -> DbResult<()> {
    let rows = codes.iter().map(|code| vec![code.county().into(), (*code).into(), Value::Int(Some(1))]).collect();
    tx.run_rows(
        "insert into village (county_id, code, version) values ",
        rows,
        "on conflict (county_id, code) do nothing",
    )
    .await
    .map(drop)
}

/// Puts a village into a category from a day on; the category it was in until then ends that day.
pub async fn set_category(
    tx: &mut Tx,
    code: DivisionCode,
    category: VillageCategory,
    since: Day,
    basis: Option<&str>,
) -> DbResult<()> {
    let county = code.county();
    ensure_villages(tx, &[code]).await?;
    let end = sql("update village_category set until = $1 where county_id = $2 and village = $3 and until is null \
                   and since < $1");
    tx.run(end.bind(since).bind(county).bind(code)).await?;
    let drop_later = sql("delete from village_category where county_id = $1 and village = $2 and until is null");
    tx.run(drop_later.bind(county).bind(code)).await?;
    let insert = sql("insert into village_category (county_id, id, village, category, since, basis) \
                      values ($1, $2, $3, $4, $5, $6)");
    let insert = insert.bind(county).bind(new_id()).bind(code).bind(category.code()).bind(since).bind(basis);
    tx.run(insert).await.map(drop)
}

/// Puts a village into exactly these categories from a day on: others end that day, and one that holds already but
/// since another day is corrected to this one when `correct`.
pub async fn set_categories(
    tx: &mut Tx,
    code: DivisionCode,
    said: &[VillageCategory],
    since: Day,
    correct: bool,
    basis: &str,
) -> DbResult<()> {
    let county = code.county();
    ensure_villages(tx, &[code]).await?;
    let mut missing = said.to_vec();
    for (_, category, from, until) in categories(tx, county, code.area()).await? {
        if until.is_some() {
            continue;
        }
        let stays = said.contains(&category);
        missing.retain(|other| *other != category);
        let change = if stays && correct && from != since {
            sql("update village_category set since = $1 where county_id = $2 and village = $3 and category = $4 \
                 and until is null")
            .bind(since)
        } else if stays {
            continue;
        } else if from < since {
            sql("update village_category set until = $1 where county_id = $2 and village = $3 and category = $4 \
                 and until is null")
            .bind(since)
        } else {
            sql("delete from village_category where since >= $1 and county_id = $2 and village = $3 \
                 and category = $4 and until is null")
            .bind(since)
        };
        tx.run(change.bind(county).bind(code).bind(category.code())).await?;
    }
    let rows = missing.iter().map(|category| {
        vec![county.into(), new_id().into(), code.into(), category.code().into(), since.into(), basis.into()]
    });
    let head = "insert into village_category (county_id, id, village, category, since, basis) values ";
    tx.run_rows(head, rows.collect(), "").await.map(drop)
}

/// Makes the industries (`industry`) or needs (`need`) of a village exactly these.
pub async fn set_tags(tx: &mut Tx, code: DivisionCode, kind: &'static str, tags: &[String]) -> DbResult<()> {
    let old = sql("delete from village_tag where county_id = $1 and village = $2 and kind = $3");
    tx.run(old.bind(code.county()).bind(code).bind(kind)).await?;
    add_tags(tx, &tags.iter().map(|tag| (code, kind, tag.clone())).collect::<Vec<_>>()).await
}

/// The branch's star rating of a year, with its fact on the last day of that year.
pub async fn set_stars(tx: &mut Tx, ratings: &[(DivisionCode, i64, i64)], at: Instant) -> DbResult<()> {
    let mut by_county: std::collections::BTreeMap<CountyId, Vec<(DivisionCode, i64, i64)>> =
        std::collections::BTreeMap::new();
    for rating in ratings {
        by_county.entry(rating.0.county()).or_default().push(*rating);
    }
    for (county, ratings) in by_county {
        let codes: Vec<DivisionCode> = ratings.iter().map(|rating| rating.0).collect();
        ensure_villages(tx, &codes).await?;
        let rows = ratings
            .iter()
            .map(|(code, year, stars)| vec![county.into(), (*code).into(), (*year).into(), (*stars).into()]);
        tx.run_rows(
            "insert into village_star (county_id, village, year, stars) values ",
            rows.collect(),
            "on conflict (county_id, village, year) do update set stars = excluded.stars",
        )
        .await?;
        let sources: Vec<_> = ratings.iter().filter_map(star_fact).collect();
        facts::record(tx, county, &sources, at, Writing::Difference).await?;
    }
    Ok(())
}

/// The fact of a rating.
pub(crate) fn star_fact((code, year, stars): &(DivisionCode, i64, i64)) -> Option<(Source, Vec<FactDraft>)> {
    let day = Day::new(i16::try_from(*year).ok()?, 12, 31)?;
    let source = Source { kind: "village_star", id: format!("{code}/{year}") };
    let draft = FactDraft {
        indicator: "branch.star",
        day,
        amount: 1,
        division: *code,
        person: None,
        unit_id: None,
        key: Some(code.to_string()),
        value: Some(stars.to_string()),
    };
    Some((source, vec![draft]))
}

/// Collective income of a year in fen.
pub async fn set_income(tx: &mut Tx, rows: &[(DivisionCode, i64, i64)]) -> DbResult<()> {
    let rows = rows
        .iter()
        .map(|(code, year, amount)| vec![code.county().into(), (*code).into(), (*year).into(), (*amount).into()]);
    tx.run_rows(
        "insert into village_income (county_id, village, year, amount) values ",
        rows.collect(),
        "on conflict (county_id, village, year) do update set amount = excluded.amount",
    )
    .await
    .map(drop)
}

/// Industries (`industry`) and needs (`need`) of villages.
pub async fn add_tags(tx: &mut Tx, tags: &[(DivisionCode, &'static str, String)]) -> DbResult<()> {
    let rows =
        tags.iter().map(|(code, kind, tag)| vec![code.county().into(), (*code).into(), (*kind).into(), tag.into()]);
    tx.run_rows(
        "insert into village_tag (county_id, village, kind, tag) values ",
        rows.collect(),
        "on conflict (county_id, village, kind, tag) do nothing",
    )
    .await
    .map(drop)
}

/// Neighbouring villages, both ways.
pub async fn add_neighbours(tx: &mut Tx, pairs: &[(DivisionCode, DivisionCode)]) -> DbResult<()> {
    let rows = pairs.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]);
    let rows = rows.map(|(a, b)| vec![a.county().into(), a.into(), b.into()]).collect();
    tx.run_rows(
        "insert into village_neighbour (county_id, village, neighbour) values ",
        rows,
        "on conflict (county_id, village, neighbour) do nothing",
    )
    .await
    .map(drop)
}

/// How many villages of an area keep a record; residents' committees that were never recorded are not villages to cover.
pub async fn count_villages(conn: &mut Conn, area: Area) -> DbResult<i64> {
    let (first, last) = area.counties();
    let mut query = sql("select count(*) from village where county_id between $1 and $2").bind(first).bind(last);
    query.and_within("code", area);
    conn.value(query).await
}

/// Whether a code is a township or village of today.
pub async fn stands(conn: &mut Conn, code: DivisionCode) -> DbResult<bool> {
    Ok(code.level() >= Level::Province && find(conn, code).await?.is_some())
}

#[cfg(test)]
mod tests {
    use base::db::{Kind, plan_of};

    use super::*;
    use crate::testing::{COUNTY, MIGRATIONS, code, databases, world};

    #[tokio::test]
    async fn a_page_reads_the_path_to_its_place_what_lies_below_and_home_at_once() {
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            let mut conn = app.db.read().await.expect("a reader");
            let county = code(COUNTY);
            let below = children(&mut conn, county).await.expect("read");
            assert!(!below.is_empty());
            let mut all = path(&mut conn, county).await.expect("read");
            all.extend(below.iter().cloned());
            assert_eq!(around(&mut conn, county, Some(county)).await.expect("read"), all);
            let village = children(&mut conn, below[0].code).await.expect("read").remove(0);
            let found = around(&mut conn, county, Some(village.code)).await.expect("read");
            assert_eq!(found, path(&mut conn, village.code).await.expect("read"), "nothing lies below a village");
            let home = around(&mut conn, below[0].code, None).await.expect("read");
            assert_eq!(home, below[..1]);
            // PostgreSQL scans a table as small as this whatever the indices.
            if db.db().kind() == Kind::Sqlite {
                let plan = plan_of(&mut conn, around_query(county, Some(county))).await.expect("a plan").join("\n");
                assert!(plan.contains("(code=?)") && plan.contains("(parent=?)") && !plan.contains("SCAN"), "{plan}");
            }
        }
    }
}
