//! Advisers for a problem: former first secretaries and what is known of them.

use std::collections::HashMap;

use base::{
    db::{Conn, sql},
    i18n::Text,
    kernel::CountyId,
    web::AppResult,
};

use super::{
    Candidate, advisers,
    store::{self, ProblemRow},
};
use crate::{express::projects, flows, people, spine::facts::Catalogue};

/// As many as one chooses from.
const MOST: usize = 6;
/// Of so many people the deeds are read.
const READ: usize = 200;

/// Who might advise, the best first, each with reasons; those sent already are left out by the page.
pub async fn suggest(conn: &mut Conn, row: &ProblemRow) -> AppResult<Vec<(Candidate, Vec<Text>)>> {
    let county = row.county_id;
    let former = flows::former_first_secretaries(conn, county).await?;
    let ids: Vec<String> = former.iter().map(|one| one.person.1.clone()).collect();
    let files = people::store::find_all(conn, county, &ids).await?;
    let by_block: HashMap<String, i64> = store::struck_off_by(conn, county, &row.block).await?.into_iter().collect();
    let kind = match row.origin() {
        Some(super::Origin::Project(id)) => projects::store::find(conn, county, &id).await?.map(|project| project.kind),
        Some(super::Origin::Direct | super::Origin::Matter(_)) | None => None,
    };
    let by_kind: HashMap<String, i64> = match kind {
        Some(kind) => projects::store::led_by(conn, county, &kind).await?.into_iter().collect(),
        None => HashMap::new(),
    };
    let near: Vec<&str> = former
        .iter()
        .filter(|one| one.villages.iter().any(|village| village.parent() == row.village.parent()))
        .map(|one| one.person.1.as_str())
        .take(READ)
        .collect();
    let mut deeds = deeds(conn, county, &near).await?;
    let candidates = former.into_iter().map(|one| Candidate {
        specialities: files.get(&one.person.1).map(people::store::PersonRow::specialities).unwrap_or_default(),
        same_block: by_block.get(&one.person.1).copied().unwrap_or_default(),
        same_kind: by_kind.get(&one.person.1).copied().unwrap_or_default(),
        deeds: deeds.remove(&one.person.1).unwrap_or_default(),
        villages: one.villages,
        name: one.name,
        person: Some(one.person),
    });
    let words = format!("{}{}{}", row.title, row.words, row.block().zh());
    Ok(advisers((&words, row.village), candidates.collect(), MOST))
}

/// What the facts of people speak of most.
async fn deeds(conn: &mut Conn, county: CountyId, people: &[&str]) -> AppResult<HashMap<String, Vec<(String, i64)>>> {
    let mut found: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    if people.is_empty() {
        return Ok(found);
    }
    let mut query = sql("select person_id, indicator, count(*) from live_fact where county_id = ");
    query.push_bind(county).push(" and reverses is null and source_kind = 'log' and person_id in (");
    for (at, id) in people.iter().enumerate() {
        query.push(if at == 0 { "" } else { ", " }).push_bind(*id);
    }
    query.push(") group by person_id, indicator order by person_id, count(*) desc, indicator");
    for (person, indicator, n) in conn.all::<(String, String, i64)>(query).await? {
        let Some(indicator) = Catalogue::get().find(&indicator) else { continue };
        found.entry(person).or_default().push((indicator.name.clone(), n));
    }
    Ok(found)
}
