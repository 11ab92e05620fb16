//! Reading handovers: lists, the record, its parties, visits and events.

use std::collections::BTreeSet;

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{CountyId, Day, DivisionCode, Instant},
};

use super::super::rules::{Party, Reason, State};
use crate::accounts::{Columns, Scope};

/// A handover's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct HandoverRow {
    pub county_id: CountyId,
    pub id: String,
    pub posting_id: String,
    pub village: DivisionCode,
    pub role: String,
    pub unit_id: Option<String>,
    pub old_person_county: CountyId,
    pub old_person_id: String,
    pub old_name: String,
    /// The first day of the post that is left.
    pub old_since: Day,
    pub new_posting_id: Option<String>,
    pub new_person_county: Option<CountyId>,
    pub new_person_id: Option<String>,
    pub new_name: Option<String>,
    pub reason: String,
    /// The first day no longer on post, as planned.
    pub leaves_on: Day,
    pub side_days: i64,
    pub cause: String,
    pub state: String,
    pub started_on: Option<Day>,
    pub ended_on: Option<Day>,
    pub version: i64,
}

impl HandoverRow {
    /// Where it stands; `None` when a stored code is unknown to this program.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        State::read(&self.state, self.started_on, self.ended_on)
    }

    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        Reason::parse(&self.reason)
    }

    #[must_use]
    pub fn address(&self) -> String {
        format!("/handovers/{}/{}", self.county_id, self.id)
    }

    #[must_use]
    pub fn new_person(&self) -> Option<(CountyId, String)> {
        Some((self.new_person_county?, self.new_person_id.clone()?))
    }
}

const RECORD: &str = "select h.county_id, h.id, h.posting_id, h.village, h.role, h.unit_id, h.old_person_county, \
    h.old_person_id, h.old_name, h.old_since, h.new_posting_id, h.new_person_county, h.new_person_id, h.new_name, \
    h.reason, h.leaves_on, h.side_days, h.cause, h.state, h.started_on, h.ended_on, h.version from live_handover h \
    where 1 = 1";

const SCOPED: Columns = Columns { county: "h.county_id", division: "h.village", unit: Some("h.unit_id"), person: None };
/// Who leaves and who comes both see it.
const PEOPLE: [&str; 2] = ["h.old_person_id", "h.new_person_id"];

/// A handover within the scope.
pub async fn find_within(conn: &mut Conn, scope: &Scope, county: CountyId, id: &str) -> DbResult<Option<HandoverRow>> {
    let mut query = sql(RECORD);
    scope.narrow_to(&mut query, SCOPED, &PEOPLE);
    query.push(" and h.county_id = ").push_bind(county).push(" and h.id = ").push_bind(id);
    conn.maybe(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<HandoverRow>> {
    let mut query = sql(RECORD);
    query.push(" and h.county_id = ").push_bind(county).push(" and h.id = ").push_bind(id);
    conn.maybe(query).await
}

/// The standing handover of a posting, cancelled ones apart.
pub async fn find_by_posting(conn: &mut Conn, county: CountyId, posting_id: &str) -> DbResult<Option<HandoverRow>> {
    let mut query = sql(RECORD);
    query.push(" and h.county_id = ").push_bind(county).push(" and h.live_key = ").push_bind(posting_id);
    conn.maybe(query).await
}

/// The postings of a county that have a handover, cancelled ones apart.
pub async fn live_postings(conn: &mut Conn, county: CountyId) -> DbResult<BTreeSet<String>> {
    let query = sql("select posting_id from live_handover where county_id = $1 and state <> 'cancelled'").bind(county);
    Ok(conn.all::<(String,)>(query).await?.into_iter().map(|(id,)| id).collect())
}

/// Whose handovers are printed.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    Place(DivisionCode),
    Person(&'a str),
}

/// The standing handovers of a place by day of leaving; or all that somebody has or had a part in, cancelled ones apart.
pub async fn to_print(conn: &mut Conn, whose: Whose<'_>) -> DbResult<Vec<HandoverRow>> {
    let mut query = sql(RECORD);
    match whose {
        Whose::Place(place) => {
            Scope::of(place).narrow_to(&mut query, SCOPED, &[]);
            query.push(" and h.state in ('prepared', 'under_way', 'confirmed')");
        }
        Whose::Person(person) => {
            query.push(" and h.state <> 'cancelled' and (h.old_person_id = ").push_bind(person);
            query.push(" or h.new_person_id = ").push_bind(person).push(")");
        }
    }
    query.push(" order by h.leaves_on, h.id");
    conn.all(query).await
}

/// Every handover of a county, for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<HandoverRow>> {
    let mut query = sql(RECORD);
    query.push(" and h.county_id = ").push_bind(county).push(" order by h.id");
    conn.all(query).await
}

/// What a list is narrowed to; nothing set means those that are not over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// A stored state, `all`, or nothing for those that are open.
    pub state: Option<String>,
    pub name: Option<String>,
}

/// One line of a list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ListRow {
    pub county_id: CountyId,
    pub id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub role: String,
    pub old_name: String,
    pub new_name: Option<String>,
    pub leaves_on: Day,
    pub state: String,
    /// How many of the three parties have confirmed.
    pub confirmed: i64,
}

const COLUMNS: &str = "select h.county_id, h.id, h.village, v.name as village_name, t.name as township_name, h.role, \
    h.old_name, h.new_name, h.leaves_on, h.state, (select count(*) from handover_party p \
    where p.county_id = h.county_id and p.handover_id = h.id and p.confirmed_at is not null) as confirmed \
    from live_handover h \
    left join division v on v.code = h.village and v.until is null \
    left join division t on t.code = (h.village / 1000) * 1000 and t.until is null \
    where 1 = 1";

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow_to(query, SCOPED, &PEOPLE);
    match filter.state.as_deref() {
        Some("all") => {}
        Some(state) => {
            query.push(" and h.state = ").push_bind(state);
        }
        None => {
            query.push(" and h.state in ('prepared', 'under_way', 'confirmed')");
        }
    }
    if let Some(name) = &filter.name {
        let like = format!("%{}%", name.replace(['%', '_'], ""));
        query.push(" and (h.old_name like ").push_bind(&like).push(" or h.new_name like ").push_bind(&like).push(")");
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, filter);
    query.push(" order by h.leaves_on, h.id, h.county_id limit ").push_bind(limit);
    query.push(" offset ").push_bind(offset);
    query
}

/// Handovers of the scope by day of leaving, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<ListRow>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from live_handover h where 1 = 1");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

/// A party's confirmation.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct PartyRow {
    pub party: String,
    pub confirmed_at: Option<Instant>,
    pub actor: Option<String>,
    pub on_paper: i64,
}

impl PartyRow {
    #[must_use]
    pub fn party(&self) -> Option<Party> {
        Party::parse(&self.party)
    }
}

/// The three parties and their confirmations.
pub async fn parties(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<PartyRow>> {
    let query = sql("select party, confirmed_at, actor, on_paper from handover_party \
                     where county_id = $1 and handover_id = $2 order by party desc");
    conn.all(query.bind(county).bind(id)).await
}

/// Whether a party has confirmed the whole of the lists.
pub async fn is_confirmed(conn: &mut Conn, row: &HandoverRow, party: Party) -> DbResult<bool> {
    let query = sql("select confirmed_at from handover_party where county_id = $1 and handover_id = $2 \
                     and party = $3 and confirmed_at is not null");
    let found: Option<(Instant,)> = conn.maybe(query.bind(row.county_id).bind(&row.id).bind(party.code())).await?;
    Ok(found.is_some())
}

/// A joint visit.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct VisitRow {
    pub day: Day,
    pub whom: String,
    pub note: Option<String>,
    pub actor: String,
}

/// The joint visits, latest first.
pub async fn visits(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<VisitRow>> {
    let query = sql("select day, whom, note, actor from handover_visit where county_id = $1 and handover_id = $2 \
                     order by day desc, id desc");
    conn.all(query.bind(county).bind(id)).await
}

/// A step in a handover's life.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub what: String,
    pub day: Day,
    pub at: Instant,
    pub actor: String,
    pub note: Option<String>,
}

/// The steps, newest first.
pub async fn events(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select what, day, at, actor, note from handover_event where county_id = $1 and handover_id = $2 \
                     order by at desc, id desc");
    conn.all(query.bind(county).bind(id)).await
}
