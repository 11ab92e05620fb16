//! All SQL of people.

use std::collections::HashMap;

use base::{
    collate::sort_key,
    db::{Conn, DbResult, Tx, Value, sql},
    kernel::{CountyId, IdNumber, Instant, new_id},
    seal::{Keys, SealError},
};

use super::{Gender, Person};
use crate::spine::staging::{Run, Shelf, shelf};

/// What becomes of staged people.
pub const SHELF: Shelf = shelf!("person");

/// A person's row: everything but the ID number, which stays sealed.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct PersonRow {
    pub county_id: CountyId,
    pub id: String,
    pub name: String,
    pub gender: Option<String>,
    pub birth: Option<String>,
    pub id_sealed: Option<String>,
    pub id_hash: Option<String>,
    pub phone: Option<String>,
    pub ethnicity: Option<String>,
    pub party_since: Option<String>,
    pub education: Option<String>,
    pub unit_id: Option<String>,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub specialities: String,
    pub reserve: i64,
    pub village_experience: i64,
    pub agriculture: i64,
    pub note: Option<String>,
    pub version: i64,
}

impl PersonRow {
    #[must_use]
    pub fn gender(&self) -> Option<Gender> {
        self.gender.as_deref().and_then(Gender::parse)
    }

    #[must_use]
    pub fn specialities(&self) -> Vec<String> {
        serde_json::from_str(&self.specialities).unwrap_or_default()
    }

    /// The ID number itself; callers mask it or log the full view.
    pub fn id_number(&self, keys: &Keys) -> Result<Option<IdNumber>, SealError> {
        let Some(sealed) = &self.id_sealed else { return Ok(None) };
        let plain = keys.open(&place(&self.id), sealed)?;
        IdNumber::parse(&plain).map(Some).map_err(|_| SealError::DoesNotOpen)
    }
}

const COLUMNS: &str = "select county_id, id, name, gender, birth, id_sealed, id_hash, phone, ethnicity, party_since, \
                       education, unit_id, position, rank, specialities, reserve, village_experience, agriculture, \
                       note, version from live_person where 1 = 1";

fn place(person_id: &str) -> String {
    format!("person.id_number/{person_id}")
}

/// The keyed hash by which an ID number is looked up.
#[must_use]
pub fn id_hash(keys: &Keys, id: &IdNumber) -> String {
    keys.lookup_hash("person.id_number", id.reveal())
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<PersonRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// Where the people with these ID-number hashes are kept: hash → (county, id).
pub async fn find_identities(conn: &mut Conn, hashes: &[String]) -> DbResult<HashMap<String, (CountyId, String)>> {
    let mut found = HashMap::new();
    for chunk in hashes.chunks(500) {
        let mut query = sql("select id_hash, county_id, person_id from person_identity where id_hash in (");
        for (i, hash) in chunk.iter().enumerate() {
            query.push(if i == 0 { "" } else { ", " }).push_bind(hash);
        }
        query.push(")");
        for (hash, county, id) in conn.all::<(String, CountyId, String)>(query).await? {
            found.insert(hash, (county, id));
        }
    }
    Ok(found)
}

/// People by their ids within one county.
pub async fn find_all(conn: &mut Conn, county: CountyId, ids: &[String]) -> DbResult<HashMap<String, PersonRow>> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(500) {
        let mut query = sql(COLUMNS);
        query.push(" and county_id = ").push_bind(county).push(" and id in (");
        for (i, id) in chunk.iter().enumerate() {
            query.push(if i == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(")");
        for row in conn.all::<PersonRow>(query).await? {
            found.insert(row.id.clone(), row);
        }
    }
    Ok(found)
}

/// The person of a county with this name and phone, for rosters without ID numbers.
pub async fn find_by_phone(conn: &mut Conn, county: CountyId, name: &str, phone: &str) -> DbResult<Option<PersonRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and county_id = ").push_bind(county).push(" and phone = ").push_bind(phone);
    query.push(" and name = ").push_bind(name).push(" order by id limit 1");
    conn.maybe(query).await
}

/// The people of a county with these names, for lists without ID numbers; the caller picks by phone or birth.
pub async fn find_named(conn: &mut Conn, county: CountyId, names: &[String]) -> DbResult<Vec<PersonRow>> {
    let mut found = Vec::new();
    for chunk in names.chunks(500) {
        let mut query = sql(COLUMNS);
        query.push(" and county_id = ").push_bind(county).push(" and name_key in (");
        for (i, name) in chunk.iter().enumerate() {
            query.push(if i == 0 { "" } else { ", " }).push_bind(sort_key(name));
        }
        query.push(") order by id");
        found.extend(conn.all::<PersonRow>(query).await?.into_iter().filter(|row| chunk.contains(&row.name)));
    }
    Ok(found)
}

/// A page of the people that some counties keep, in the order of their ids.
pub async fn list_after(conn: &mut Conn, counties: (i64, i64), after: &str, limit: i64) -> DbResult<Vec<PersonRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and county_id between ").push_bind(counties.0).push(" and ").push_bind(counties.1);
    query.push(" and id > ").push_bind(after).push(" order by id limit ").push_bind(limit);
    conn.all(query).await
}

/// Adds people with ids made by the caller. An ID number that is known already breaks `person_identity_pk`.
pub async fn add_all(
    tx: &mut Tx,
    keys: &Keys,
    county: CountyId,
    people: &[(String, Person)],
    at: Instant,
) -> Result<(), base::web::AppError> {
    let (rows, identities) = rows(keys, county, people, at)?;
    add_rows(tx, rows, identities).await
}

/// Values of a bulk insert, a row each.
pub type Rows = Vec<Vec<Value>>;

/// People as rows, sealed: made before the one writer is taken.
pub fn rows(
    keys: &Keys,
    county: CountyId,
    people: &[(String, Person)],
    at: Instant,
) -> Result<(Rows, Rows), SealError> {
    let mut rows = Vec::with_capacity(people.len());
    let mut identities = Vec::new();
    for (id, person) in people {
        let sealed = person.id_number.as_ref().map(|n| keys.seal(&place(id), n.reveal())).transpose()?;
        let hash = person.id_number.as_ref().map(|n| id_hash(keys, n));
        if let Some(hash) = &hash {
            identities.push(vec![hash.into(), county.into(), id.into()]);
        }
        rows.push(row(county, id, person, sealed, hash, at));
    }
    Ok((rows, identities))
}

const INSERT: &str = "insert into person (county_id, id, name, name_key, gender, birth, id_sealed, id_hash, phone, \
                      ethnicity, party_since, education, unit_id, position, rank, specialities, reserve, \
                      village_experience, agriculture, note, made_at, version, staged) values ";

/// Writes people of [`rows`] unseen; [`add_staged`] enters their ID numbers when the run is applied.
pub async fn stage(tx: &mut Tx, run: &Run, mut rows: Rows) -> DbResult<()> {
    for staged in rows.iter_mut().filter_map(|row| row.last_mut()) {
        *staged = run.id().into();
    }
    tx.run_rows(INSERT, rows, "").await.map(drop)
}

/// Enters the ID numbers of a run's people. One that is known already breaks `person_identity_pk`.
pub async fn add_staged(tx: &mut Tx, run: &Run, county: CountyId) -> DbResult<()> {
    // In the order of the key: what lies together is written together.
    let insert = sql("insert into person_identity (id_hash, county_id, person_id) select id_hash, county_id, id \
                      from person where county_id = $1 and staged = $2 and id_hash is not null order by id_hash");
    tx.run(insert.bind(county).bind(run.id())).await.map(drop)
}

/// Adds what [`rows`] made.
pub async fn add_rows(tx: &mut Tx, rows: Rows, identities: Rows) -> Result<(), base::web::AppError> {
    tx.run_rows(INSERT, rows, "").await?;
    tx.run_rows("insert into person_identity (id_hash, county_id, person_id) values ", identities, "").await?;
    Ok(())
}

/// Adds one person and returns the id.
pub async fn add(
    tx: &mut Tx,
    keys: &Keys,
    county: CountyId,
    person: &Person,
    at: Instant,
) -> Result<String, base::web::AppError> {
    let id = new_id();
    add_all(tx, keys, county, &[(id.clone(), person.clone())], at).await?;
    Ok(id)
}

fn row(
    county: CountyId,
    id: &str,
    person: &Person,
    sealed: Option<String>,
    hash: Option<String>,
    at: Instant,
) -> Vec<Value> {
    vec![
        county.into(),
        id.into(),
        (&person.name).into(),
        sort_key(&person.name).into(),
        person.gender.map(Gender::code).into(),
        person.birth.as_ref().into(),
        sealed.into(),
        hash.into(),
        person.phone.as_ref().into(),
        person.ethnicity.as_ref().into(),
        person.party_since.as_ref().into(),
        person.education.as_ref().into(),
        person.unit_id.as_ref().into(),
        person.position.as_ref().into(),
        person.rank.as_ref().into(),
        specialities(person).into(),
        person.reserve.into(),
        person.village_experience.into(),
        person.agriculture.into(),
        person.note.as_ref().into(),
        at.into(),
        1_i64.into(),
        None::<&str>.into(),
    ]
}

fn specialities(person: &Person) -> String {
    serde_json::Value::from(person.specialities.clone()).to_string()
}

/// Changes everything but the ID number. `version` is the one the change was made from; false when it moved on.
pub async fn save(tx: &mut Tx, county: CountyId, id: &str, person: &Person, version: i64) -> DbResult<bool> {
    let update =
        sql("update person set name = $1, name_key = $2, gender = $3, birth = $4, phone = $5, ethnicity = $6, \
                      party_since = $7, education = $8, unit_id = $9, position = $10, rank = $11, specialities = $12, \
                      reserve = $13, village_experience = $14, agriculture = $15, note = $16, version = version + 1 \
                      where county_id = $17 and id = $18 and version = $19")
        .bind(&person.name)
        .bind(sort_key(&person.name))
        .bind(person.gender.map(Gender::code))
        .bind(person.birth.as_ref())
        .bind(person.phone.as_ref())
        .bind(person.ethnicity.as_ref())
        .bind(person.party_since.as_ref())
        .bind(person.education.as_ref())
        .bind(person.unit_id.as_ref())
        .bind(person.position.as_ref())
        .bind(person.rank.as_ref())
        .bind(specialities(person))
        .bind(person.reserve)
        .bind(person.village_experience)
        .bind(person.agriculture)
        .bind(person.note.as_ref())
        .bind(county)
        .bind(id)
        .bind(version);
    Ok(tx.run(update).await? == 1)
}
