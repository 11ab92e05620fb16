//! What is stored of the people, units, posts and villages that a roster speaks of.

use std::collections::{HashMap, HashSet};

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, DivisionCode},
    seal::Keys,
};

use crate::{
    people::{self, store::PersonRow},
    postings::{
        import::RosterRow,
        store::{PostingRow, on_post_of},
    },
    units::{self, UnitLevel},
};

/// Everything a plan compares with.
pub(super) struct Known {
    /// ID-number hash → where the person's file is.
    pub identities: HashMap<String, (CountyId, String)>,
    pub people: HashMap<String, PersonRow>,
    /// Name and phone → person, for rosters without ID numbers.
    pub by_phone: HashMap<(String, String), String>,
    /// Unit name → id and level.
    pub units: HashMap<String, (String, Option<UnitLevel>)>,
    /// Person → postings, withdrawn ones left out.
    pub postings: HashMap<String, Vec<PostingRow>>,
    /// Village and slot → the person who holds the post now.
    pub slots: HashMap<(DivisionCode, String), String>,
}

pub(super) async fn load(
    conn: &mut Conn,
    keys: &Keys,
    keeper: CountyId,
    counties: &HashSet<CountyId>,
    rows: &[RosterRow],
) -> DbResult<Known> {
    let hashes: Vec<String> =
        rows.iter().filter_map(|row| row.id.as_ref().map(|id| people::store::id_hash(keys, id))).collect();
    let identities = people::store::find_identities(conn, &hashes).await?;
    let mut people = HashMap::new();
    let mut by_county: HashMap<CountyId, Vec<String>> = HashMap::new();
    for (county, id) in identities.values() {
        by_county.entry(*county).or_default().push(id.clone());
    }
    for (county, ids) in by_county {
        people.extend(people::store::find_all(conn, county, &ids).await?);
    }
    let mut by_phone = HashMap::new();
    for row in rows.iter().filter(|row| row.id.is_none()) {
        let Some(phone) = &row.phone else { continue };
        if let Some(found) = people::store::find_by_phone(conn, keeper, &row.name, phone.as_str()).await? {
            by_phone.insert((row.name.clone(), phone.to_string()), found.id.clone());
            people.insert(found.id.clone(), found);
        }
    }
    let ids: Vec<String> = people.keys().cloned().collect();
    let mut postings: HashMap<String, Vec<PostingRow>> = HashMap::new();
    for posting in on_post_of(conn, &ids).await? {
        postings.entry(posting.person_id.clone()).or_default().push(posting);
    }
    Ok(Known {
        identities,
        people,
        by_phone,
        units: units::store::levels_by_name(conn, keeper).await?,
        postings,
        slots: slots(conn, counties).await?,
    })
}

async fn slots(conn: &mut Conn, counties: &HashSet<CountyId>) -> DbResult<HashMap<(DivisionCode, String), String>> {
    let mut slots = HashMap::new();
    for county in counties {
        let query = sql("select v.village, v.slot, p.person_id from village_post v \
                         join posting p on p.county_id = v.county_id and p.id = v.posting_id where v.county_id = $1");
        for (village, slot, person) in conn.all::<(DivisionCode, String, String)>(query.bind(*county)).await? {
            slots.insert((village, slot), person);
        }
    }
    Ok(slots)
}
