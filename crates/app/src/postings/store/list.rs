//! Reading postings: lists, records, history as at any day.

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Period},
};

use super::super::rules::{Held, Ledger, PostRole, State};
use crate::{
    accounts::{Columns, Scope},
    units::UnitLevel,
};

/// What a list of postings is narrowed to; nothing set means everybody on post.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Filter {
    /// A part of the name.
    pub name: Option<String>,
    pub role: Option<PostRole>,
    pub ledger: Option<Ledger>,
    /// Who was on post on this day; without it the state decides.
    pub on: Option<Day>,
    /// A stored state; `on_post` where nothing is asked.
    pub state: Option<String>,
    pub batch_id: Option<String>,
    pub unit_id: Option<String>,
    pub person_id: Option<String>,
    pub id: Option<String>,
}

/// The orders a list can stand in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    #[default]
    Village,
    VillageDown,
    Name,
    NameDown,
    Since,
    SinceDown,
}

impl Sort {
    /// From the address: `name`, `-name` …
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "-village" => Self::VillageDown,
            "name" => Self::Name,
            "-name" => Self::NameDown,
            "since" => Self::Since,
            "-since" => Self::SinceDown,
            _ => Self::Village,
        }
    }

    const fn clause(self) -> &'static str {
        match self {
            Self::Village => " order by p.village, p.role, p.id",
            Self::VillageDown => " order by p.village desc, p.role, p.id",
            Self::Name => " order by p.name_key, p.id",
            Self::NameDown => " order by p.name_key desc, p.id desc",
            Self::Since => " order by p.since, p.id",
            Self::SinceDown => " order by p.since desc, p.id desc",
        }
    }
}

/// One line of a list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ListRow {
    pub county_id: CountyId,
    pub id: String,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub gender: Option<String>,
    pub birth: Option<String>,
    pub phone: Option<String>,
    pub education: Option<String>,
    pub position: Option<String>,
    pub rank: Option<String>,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub role: String,
    pub ledger: String,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub state: String,
    pub since: Day,
    pub until: Option<Day>,
    pub end_reason: Option<String>,
    pub batch_number: Option<i64>,
}

impl ListRow {
    #[must_use]
    pub fn role(&self) -> Option<PostRole> {
        PostRole::parse(&self.role)
    }

    #[must_use]
    pub fn ledger(&self) -> Option<Ledger> {
        Ledger::parse(&self.ledger)
    }
}

const COLUMNS: &str = "select p.county_id, p.id, p.person_county, p.person_id, p.person_name, h.gender, h.birth, \
    h.phone, h.education, h.position, h.rank, p.village, v.name as village_name, t.name as township_name, p.role, \
    p.ledger, p.unit_id, u.name as unit_name, p.state, p.since, p.until, p.end_reason, b.number as batch_number \
    from ";

const JOINS: &str = " p left join live_person h on h.county_id = p.person_county and h.id = p.person_id \
    left join division v on v.code = p.village and v.until is null \
    left join division t on t.code = (p.village / 1000) * 1000 and t.until is null \
    left join unit u on u.id = p.unit_id \
    left join live_batch b on b.county_id = p.county_id and b.id = p.batch_id";

/// Postings with what stands beside them; narrowed by what is pushed.
fn rows() -> Query {
    let mut query = sql(COLUMNS);
    query.push("live_posting").push(JOINS).push(" where 1 = 1");
    query
}

const SCOPED: Columns =
    Columns { county: "p.county_id", division: "p.village", unit: Some("p.unit_id"), person: Some("p.person_id") };

/// The sign keeps SQLite from walking the villages of a county: their index holds neither what is counted nor an order.
const COUNTED: Columns = Columns { division: "+p.village", ..SCOPED };

fn narrow(query: &mut Query, scope: &Scope, columns: Columns, filter: &Filter) {
    scope.narrow(query, columns);
    if let Some(day) = filter.on {
        query.push(" and p.state in ('on_post', 'ended') and p.since <= ").push_bind(day);
        query.push(" and (p.until is null or p.until > ").push_bind(day).push(")");
    } else {
        match filter.state.as_deref() {
            Some("all") => {}
            state => {
                query.push(" and p.state = ").push_bind(state.unwrap_or("on_post"));
            }
        }
    }
    if let Some(role) = filter.role {
        query.push(" and p.role = ").push_bind(role.code());
    }
    if let Some(ledger) = filter.ledger {
        query.push(" and p.ledger = ").push_bind(ledger.code());
    }
    if let Some(batch) = &filter.batch_id {
        query.push(" and p.batch_id = ").push_bind(batch);
    }
    if let Some(unit) = &filter.unit_id {
        query.push(" and p.unit_id = ").push_bind(unit);
    }
    if let Some(person) = &filter.person_id {
        query.push(" and p.person_id = ").push_bind(person);
    }
    if let Some(id) = &filter.id {
        query.push(" and p.id = ").push_bind(id);
    }
    if let Some(name) = &filter.name {
        query.push(" and p.person_name like ").push_bind(format!("%{}%", name.replace(['%', '_'], "")));
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, sort: Sort, limit: i64, offset: i64) -> Query {
    // The page is found first, so that only its rows are looked up elsewhere.
    let mut query = sql(COLUMNS);
    query.push(
        "(select p.county_id, p.id, p.person_county, p.person_id, p.person_name, p.name_key, p.village, p.role, \
         p.ledger, p.unit_id, p.batch_id, p.state, p.since, p.until, p.end_reason from live_posting p where 1 = 1",
    );
    // Of whole counties the villages narrow nothing: walked, the county would be sorted for one page.
    narrow(&mut query, scope, if scope.is_of_counties() { COUNTED } else { SCOPED }, filter);
    query.push(sort.clause()).push(" limit ").push_bind(limit).push(" offset ").push_bind(offset).push(")");
    query.push(JOINS).push(sort.clause());
    query
}

/// Postings of the scope in an order, a page of them.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    sort: Sort,
    limit: i64,
    offset: i64,
) -> DbResult<Vec<ListRow>> {
    conn.all(list_query(scope, filter, sort, limit, offset)).await
}

/// The statement behind [`count`], for its plan.
#[must_use]
pub fn count_query(scope: &Scope, filter: &Filter) -> Query {
    let mut query = sql("select count(*) from live_posting p where 1 = 1");
    narrow(&mut query, scope, COUNTED, filter);
    query
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    conn.value(count_query(scope, filter)).await
}

/// All postings of a village, newest first.
pub async fn of_village(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<ListRow>> {
    let mut query = rows();
    query.push(" and p.county_id = ").push_bind(village.county()).push(" and p.village = ").push_bind(village);
    query.push(" order by p.since desc, p.role, p.id");
    conn.all(query).await
}

/// All postings of a person in whatever county, newest first: through the person's id, which is unique everywhere.
pub async fn of_person(conn: &mut Conn, person_id: &str) -> DbResult<Vec<ListRow>> {
    let mut query = rows();
    query.push(" and p.person_id = ").push_bind(person_id).push(" order by p.since desc, p.id");
    conn.all(query).await
}

/// The postings that people hold or held, by person: for imports that look for clashes.
pub async fn held_by_village(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<Period>> {
    let query = sql("select since, until from live_posting where county_id = $1 and village = $2 \
                     and state in ('on_post', 'ended')");
    let rows: Vec<(Day, Option<Day>)> = conn.all(query.bind(village.county()).bind(village)).await?;
    Ok(rows.into_iter().filter_map(|(since, until)| Period::new(since, until)).collect())
}

/// A post that is or was really held, once for each village it serves: its own, and the neighbours of its team.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct ServedRow {
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub unit_id: Option<String>,
    pub village: DivisionCode,
    pub also: Option<DivisionCode>,
    pub since: Day,
    pub until: Option<Day>,
}

const SERVED: &str = "select p.person_county, p.person_id, p.person_name, p.unit_id, p.village, n.village as also, \
    p.since, p.until from live_posting p \
    left join team_neighbour n on n.county_id = p.county_id and n.team_id = p.team_id \
    where p.state in ('on_post', 'ended')";

/// Where a person serves or served, newest first.
pub async fn served_by(conn: &mut Conn, person_id: &str) -> DbResult<Vec<ServedRow>> {
    let mut query = sql(SERVED);
    query.push(" and p.person_id = ").push_bind(person_id).push(" order by p.since desc, p.id, n.village");
    conn.all(query).await
}

/// Who serves or served a village, as their own or as a neighbour of it, newest first.
pub async fn served_in(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<ServedRow>> {
    let mut query = sql(SERVED);
    query.push(" and p.county_id = ").push_bind(village.county());
    query.push(" and (p.village = ").push_bind(village);
    query.push(" or p.team_id in (select t.team_id from team_neighbour t where t.county_id = ");
    query.push_bind(village.county()).push(" and t.village = ").push_bind(village);
    query.push(")) order by p.since desc, p.id, n.village");
    conn.all(query).await
}

/// First secretaries of earlier days who hold no post in the county now, by person, newest first.
pub async fn former_first_secretaries(conn: &mut Conn, county: CountyId) -> DbResult<Vec<ServedRow>> {
    let query =
        sql("select p.person_county, p.person_id, p.person_name, p.unit_id, p.village, null as also, p.since, \
                     p.until from live_posting p where p.county_id = $1 and p.state = 'ended' \
                     and p.role = 'first_secretary' and not exists (select 1 from live_posting n \
                     where n.county_id = p.county_id and n.person_id = p.person_id and n.state = 'on_post') \
                     order by p.person_id, p.since desc, p.id");
    conn.all(query.bind(county)).await
}

/// Where a unit has somebody on post, each village once with the names.
pub async fn villages_of_unit(conn: &mut Conn, unit_id: &str) -> DbResult<Vec<(DivisionCode, String)>> {
    let query = sql("select village, person_name from live_posting where unit_id = $1 and state = 'on_post' \
                     order by village, role, id");
    let mut found: Vec<(DivisionCode, String)> = Vec::new();
    for (village, name) in conn.all::<(DivisionCode, String)>(query.bind(unit_id)).await? {
        match found.last_mut().filter(|(last, _)| *last == village) {
            Some((_, names)) => {
                names.push('、');
                names.push_str(&name);
            }
            None => found.push((village, name)),
        }
    }
    Ok(found)
}

/// A posting's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct PostingRow {
    pub county_id: CountyId,
    pub id: String,
    pub batch_id: String,
    pub team_id: Option<String>,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub village: DivisionCode,
    pub role: String,
    pub ledger: String,
    pub unit_id: Option<String>,
    pub unit_level: Option<String>,
    pub state: String,
    pub since: Day,
    pub until: Option<Day>,
    pub end_reason: Option<String>,
    pub note: Option<String>,
    pub version: i64,
}

impl PostingRow {
    /// The posting as rules see it; `None` when a stored code is unknown to this program.
    #[must_use]
    pub fn held(&self) -> Option<Held> {
        Some(Held {
            posting_id: self.id.clone(),
            batch_id: self.batch_id.clone(),
            person: (self.person_county, self.person_id.clone()),
            unit_id: self.unit_id.clone(),
            unit_level: self.unit_level.as_deref().and_then(UnitLevel::parse),
            village: self.village,
            role: PostRole::parse(&self.role)?,
            ledger: Ledger::parse(&self.ledger)?,
            state: State::read(&self.state, self.until, self.end_reason.as_deref())?,
            since: self.since,
        })
    }
}

const POSTING: &str = "select p.county_id, p.id, p.batch_id, p.team_id, p.person_county, p.person_id, p.person_name, \
    p.village, p.role, p.ledger, p.unit_id, u.level as unit_level, p.state, p.since, p.until, p.end_reason, p.note, \
    p.version from live_posting p left join unit u on u.id = p.unit_id where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<PostingRow>> {
    let mut query = sql(POSTING);
    query.push(" and p.county_id = ").push_bind(county).push(" and p.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every posting of a county, whatever its state: for checks.
pub async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<PostingRow>> {
    let mut query = sql(POSTING);
    query.push(" and p.county_id = ").push_bind(county).push(" order by p.id");
    conn.all(query).await
}

/// The rows of a county for the given people, ended ones included: what an import compares with.
pub async fn on_post_of(conn: &mut Conn, person_ids: &[String]) -> DbResult<Vec<PostingRow>> {
    let mut rows = Vec::new();
    for chunk in person_ids.chunks(500) {
        let mut query = sql(POSTING);
        query.push(" and p.state <> 'withdrawn' and p.person_id in (");
        for (i, id) in chunk.iter().enumerate() {
            query.push(if i == 0 { "" } else { ", " }).push_bind(id);
        }
        query.push(") order by p.id");
        rows.extend(conn.all::<PostingRow>(query).await?);
    }
    Ok(rows)
}

/// Who may follow a posting: approved for the same village and role, or on post there since later.
pub async fn successors(conn: &mut Conn, row: &PostingRow) -> DbResult<Vec<PostingRow>> {
    let mut query = sql(POSTING);
    query.push(" and p.county_id = ").push_bind(row.county_id).push(" and p.village = ").push_bind(row.village);
    query.push(" and p.role = ").push_bind(&row.role).push(" and p.person_id <> ").push_bind(&row.person_id);
    query.push(" and (p.state = 'approved' or (p.state = 'on_post' and p.since > ").push_bind(row.since);
    query.push(")) order by p.state, p.since, p.id");
    conn.all(query).await
}

/// A step in a posting's life.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub from_state: Option<String>,
    pub to_state: String,
    pub day: Day,
    pub at: Instant,
    pub actor: String,
    pub why: Option<String>,
}

/// The steps of a posting, newest first.
pub async fn events(conn: &mut Conn, county: CountyId, posting_id: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select from_state, to_state, day, at, actor, why from posting_event \
                     where county_id = $1 and posting_id = $2 order by at desc, id desc");
    conn.all(query.bind(county).bind(posting_id)).await
}
