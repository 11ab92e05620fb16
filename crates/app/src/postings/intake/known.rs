//! What is stored of the people, units, posts and villages that a roster speaks of.

use std::collections::{HashMap, HashSet};

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, DivisionCode, Phone},
    seal::Keys,
    sheet::LooseDay,
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
    /// People by name, for rosters without ID numbers.
    pub namesakes: HashMap<String, Vec<String>>,
    /// Unit name → id and level.
    pub units: HashMap<String, (String, Option<UnitLevel>)>,
    /// Person → postings, withdrawn ones left out.
    pub postings: HashMap<String, Vec<PostingRow>>,
    /// Village and slot → the person who holds the post now.
    pub slots: HashMap<(DivisionCode, String), String>,
}

impl Known {
    /// The person of a row without ID number: the one of that name with the same phone, else the only one
    /// of that name and unit whose birth agrees.
    pub fn named(
        &self,
        name: &str,
        phone: Option<&Phone>,
        birth: Option<LooseDay>,
        unit_id: &str,
    ) -> Option<&PersonRow> {
        let same = self.namesakes.get(name).into_iter().flatten().filter_map(|id| self.people.get(id));
        let by_phone = phone.and_then(|phone| same.clone().find(|one| one.phone.as_deref() == Some(phone.as_str())));
        if by_phone.is_some() {
            return by_phone;
        }
        let agrees = |person: &&PersonRow| match (birth, &person.birth) {
            (Some(said), Some(stored)) => stored.starts_with(&said.to_string()),
            (None, _) | (_, None) => phone.is_none(),
        };
        let mut fitting = same.filter(|person| person.unit_id.as_deref() == Some(unit_id)).filter(agrees);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }
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
    let mut names: Vec<String> = rows.iter().filter(|row| row.id.is_none()).map(|row| row.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let mut namesakes: HashMap<String, Vec<String>> = HashMap::new();
    for found in people::store::find_named(conn, keeper, &names).await? {
        namesakes.entry(found.name.clone()).or_default().push(found.id.clone());
        people.insert(found.id.clone(), found);
    }
    let ids: Vec<String> = people.keys().cloned().collect();
    let mut postings: HashMap<String, Vec<PostingRow>> = HashMap::new();
    for posting in on_post_of(conn, &ids).await? {
        postings.entry(posting.person_id.clone()).or_default().push(posting);
    }
    Ok(Known {
        identities,
        people,
        namesakes,
        units: units::store::levels_by_name(conn, keeper).await?,
        postings,
        slots: slots(conn, counties).await?,
    })
}

async fn slots(conn: &mut Conn, counties: &HashSet<CountyId>) -> DbResult<HashMap<(DivisionCode, String), String>> {
    let mut slots = HashMap::new();
    for county in counties {
        let query = sql("select v.village, v.slot, p.person_id from village_post v \
                         join live_posting p on p.county_id = v.county_id and p.id = v.posting_id where v.county_id = $1");
        for (village, slot, person) in conn.all::<(DivisionCode, String, String)>(query.bind(*county)).await? {
            slots.insert((village, slot), person);
        }
    }
    Ok(slots)
}
