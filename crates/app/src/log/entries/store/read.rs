//! Single entries with all that belongs to them.

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, Day, DivisionCode, Instant},
};

use super::super::{Credited, Duty, Entry, Outcome, OutcomeState, Word};
use crate::spine::facts::Catalogue;

/// An entry's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EntryRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub day: Day,
    pub duty: String,
    pub words: String,
    pub met: Option<String>,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub unit_id: Option<String>,
    pub post_village: DivisionCode,
    pub note_sealed: Option<String>,
    pub state: String,
    pub writer_account: String,
    pub writer: String,
    pub made_at: Instant,
    pub version: i64,
}

impl EntryRow {
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.state == "withdrawn"
    }
}

/// An outcome's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct OutcomeRow {
    pub id: String,
    pub entry_id: String,
    pub indicator: String,
    pub amount: i64,
    pub typed: String,
    pub unit: String,
    pub what: Option<String>,
    pub evidence: Option<String>,
    pub state: String,
    pub merged_into: Option<String>,
    pub word_by: Option<String>,
    pub word_on: Option<Day>,
    pub word_why: Option<String>,
}

impl OutcomeRow {
    fn word(&self) -> Option<Word> {
        Some(Word { by: self.word_by.clone()?, on: self.word_on? })
    }

    /// The outcome as rules see it; `None` when a stored code is unknown to this program.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        let state = match self.state.as_str() {
            "counted" => OutcomeState::Counted { word: self.word() },
            "waiting" => OutcomeState::Waiting,
            "sent_back" => {
                OutcomeState::SentBack { word: self.word()?, why: self.word_why.clone().unwrap_or_default() }
            }
            "merged" => OutcomeState::Merged { into: self.merged_into.clone()? },
            "withdrawn" => OutcomeState::Withdrawn,
            _ => return None,
        };
        Some(Outcome {
            id: self.id.clone(),
            indicator: Catalogue::get().find(&self.indicator)?,
            amount: self.amount,
            typed: self.typed.clone(),
            unit: self.unit.clone(),
            what: self.what.clone(),
            evidence: self.evidence.clone(),
            state,
        })
    }
}

/// An entry with everything in it.
#[derive(Clone, Debug)]
pub struct Stored {
    pub row: EntryRow,
    pub entry: Entry,
    pub outcomes: Vec<Outcome>,
    pub pictures: Vec<String>,
}

const ENTRY: &str = "select county_id, id, village, day, duty, words, met, person_county, person_id, person_name, \
    unit_id, post_village, note_sealed, state, writer_account, writer, made_at, version from log_entry where 1 = 1";
const OUTCOME: &str = "select id, entry_id, indicator, amount, typed, unit, what, evidence, state, merged_into, \
    word_by, word_on, word_why from log_outcome where county_id = ";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<EntryRow>> {
    let mut query = sql(ENTRY);
    query.push(" and county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// The entry that an outcome stands in.
pub async fn entry_of_outcome(conn: &mut Conn, county: CountyId, outcome_id: &str) -> DbResult<Option<String>> {
    let query = sql("select entry_id from log_outcome where county_id = $1 and id = $2");
    Ok(conn.maybe::<(String,)>(query.bind(county).bind(outcome_id)).await?.map(|(id,)| id))
}

/// An entry as rules see it. `None` where there is none, or where a stored code is unknown to this program.
pub async fn load(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<Stored>> {
    let Some(row) = find(conn, county, id).await? else { return Ok(None) };
    let Some(duty) = Duty::parse(&row.duty) else { return Ok(None) };
    let links = sql("select label from log_link where county_id = $1 and entry_id = $2 order by position");
    let links: Vec<(String,)> = conn.all(links.bind(county).bind(id)).await?;
    let entry = Entry {
        village: row.village,
        day: row.day,
        duty,
        words: row.words.clone(),
        met: row.met.clone(),
        who: Credited {
            person: (row.person_county, row.person_id.clone()),
            name: row.person_name.clone(),
            unit_id: row.unit_id.clone(),
        },
        post_village: row.post_village,
        links: links.into_iter().map(|(label,)| label).collect(),
    };
    let outcomes = outcomes_of(conn, county, &[id]).await?.iter().filter_map(OutcomeRow::outcome).collect();
    let pictures = pictures_of(conn, county, id).await?;
    Ok(Some(Stored { row, entry, outcomes, pictures }))
}

/// The outcomes of entries, in their order.
pub async fn outcomes_of(conn: &mut Conn, county: CountyId, entry_ids: &[&str]) -> DbResult<Vec<OutcomeRow>> {
    let mut rows = Vec::new();
    for chunk in entry_ids.chunks(500) {
        let mut query = sql(OUTCOME);
        query.push_bind(county).push(" and entry_id in (");
        for (at, id) in chunk.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(*id);
        }
        query.push(") order by entry_id, position, id");
        rows.extend(conn.all::<OutcomeRow>(query).await?);
    }
    Ok(rows)
}

/// The files of an entry's pictures, in their order.
pub async fn pictures_of(conn: &mut Conn, county: CountyId, entry_id: &str) -> DbResult<Vec<String>> {
    let query =
        sql("select file_id from log_picture where county_id = $1 and entry_id = $2 order by position, file_id");
    let ids: Vec<(String,)> = conn.all(query.bind(county).bind(entry_id)).await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// The last entry a person wrote or was written for: what the next form begins with.
pub async fn last_of(conn: &mut Conn, person_id: &str) -> DbResult<Option<(String, DivisionCode)>> {
    let query = sql("select duty, village from log_entry where person_id = $1 and state = 'kept' \
                     order by day desc, id desc limit 1");
    conn.maybe(query.bind(person_id)).await
}

/// Whose work an outcome is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx_macros::FromRow)]
pub struct Credit {
    pub outcome_id: String,
    pub person_id: String,
    pub person_name: String,
    pub entry_id: String,
}

/// Everybody credited with outcomes of an entry, of others' entries that were merged into it too.
pub async fn credits(conn: &mut Conn, county: CountyId, entry_id: &str) -> DbResult<Vec<Credit>> {
    let query = sql("select c.outcome_id, c.person_id, c.person_name, c.entry_id from log_outcome o \
                     join log_credit c on c.county_id = o.county_id and c.outcome_id = o.id \
                     where o.county_id = $1 and o.entry_id = $2 order by c.outcome_id, c.person_name, c.person_id");
    conn.all(query.bind(county).bind(entry_id)).await
}
