//! All SQL of visits, visitors and promises.

use std::collections::BTreeMap;

use base::{
    collate::sort_key,
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Month},
    text,
    web::AppError,
};

use super::{NewPromise, NewVisit, Visitor, facts};
use crate::{
    accounts::{Actor, Columns, Scope},
    log::events::{self, NewEvent},
    places,
    spine::{
        facts::{self as spine_facts, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// Writes visits of one county with visitors, promises, history, facts and tasks.
pub async fn add_all(tx: &mut Tx, county: CountyId, visits: &[NewVisit]) -> DbResult<()> {
    add_visitors(tx, county, visits).await?;
    let rows = visits.iter().map(|visit| {
        vec![
            county.into(),
            (&visit.id).into(),
            visit.day.into(),
            (&visit.words).into(),
            "kept".into(),
            (&visit.by.account_id).into(),
            (&visit.by.name).into(),
            visit.by.at.into(),
            1_i64.into(),
        ]
    });
    let head = "insert into visit (county_id, id, day, words, state, writer_account, writer, made_at, version) values ";
    tx.run_rows(head, rows.collect(), "").await?;
    let places = visits.iter().flat_map(|visit| {
        visit
            .villages
            .iter()
            .map(|village| vec![county.into(), (&visit.id).into(), (*village).into(), visit.day.into(), "kept".into()])
    });
    let head = "insert into visit_place (county_id, visit_id, village, day, state) values ";
    tx.run_rows(head, places.collect(), "").await?;
    let who = visits.iter().flat_map(|visit| {
        visit.visitors.iter().enumerate().map(|(at, visitor)| {
            vec![county.into(), (&visit.id).into(), visitor.id().into(), at.into(), visitor.post.as_ref().into()]
        })
    });
    let head = "insert into visit_visitor (county_id, visit_id, visitor_id, position, post) values ";
    tx.run_rows(head, who.collect(), "").await?;
    for visit in visits {
        for (at, promise) in visit.promises.iter().enumerate() {
            add_promise(tx, county, visit, at, promise).await?;
        }
    }
    let event = |id| NewEvent { kind: "visit", record_id: id, act: "add", changes: None, why: None };
    let made: Vec<_> = visits.iter().map(|visit| (event(visit.id.as_str()), &visit.by)).collect();
    events::add_all(tx, county, &made).await?;
    let source = |visit: &NewVisit| Source { kind: "visit", id: visit.id.clone() };
    let sources: Vec<_> = visits.iter().map(|visit| (source(visit), facts(visit))).collect();
    let at = visits.first().map_or(Instant(0), |visit| visit.by.at);
    spine_facts::record(tx, county, &sources, at, Writing::New).await
}

async fn add_visitors(tx: &mut Tx, county: CountyId, visits: &[NewVisit]) -> DbResult<()> {
    let mut known: BTreeMap<String, (&Visitor, Instant)> = BTreeMap::new();
    for visit in visits {
        for visitor in &visit.visitors {
            let entry = known.entry(visitor.id()).or_insert((visitor, visit.by.at));
            if visitor.post.is_some() {
                entry.0 = visitor;
            }
        }
    }
    let rows = known.into_iter().map(|(id, (visitor, at))| {
        vec![
            county.into(),
            id.into(),
            (&visitor.name).into(),
            sort_key(&visitor.name).into(),
            visitor.post.as_ref().into(),
            (&visitor.unit).into(),
            at.into(),
        ]
    });
    let head = "insert into visitor (county_id, id, name, name_key, post, unit_name, made_at) values ";
    let tail = "on conflict (county_id, id) do update set post = coalesce(excluded.post, visitor.post)";
    tx.run_rows(head, rows.collect(), tail).await.map(drop)
}

async fn add_promise(tx: &mut Tx, county: CountyId, visit: &NewVisit, at: usize, promise: &NewPromise) -> DbResult<()> {
    let insert = sql("insert into visit_promise (county_id, id, visit_id, village, position, what, holder, due) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(county)
    .bind(&promise.id)
    .bind(&visit.id)
    .bind(promise.village)
    .bind(at)
    .bind(&promise.what)
    .bind(promise.holder.code())
    .bind(promise.due);
    tx.run(insert).await?;
    let village = places::store::find(tx, promise.village).await?.map(|place| place.short()).unwrap_or_default();
    let who: Vec<&str> = visit.visitors.iter().map(|visitor| visitor.name.as_str()).collect();
    let draft = TaskDraft {
        kind: "visit_promise",
        title: format!("调研承诺：{}", promise.what),
        detail: Some(format!("{} {} 到{village}时答应", visit.day, who.join("、"))),
        link: format!("/visits/{county}/{}", visit.id),
        role: promise.holder.role(),
        division: promise.village,
        due: promise.due,
        origin_kind: "visit_promise",
        origin_id: promise.id.clone(),
    };
    tasks::open(tx, &draft, visit.by.at).await
}

/// What a list of visits is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// A part of a visitor's name.
    pub name: Option<String>,
    pub month: Option<Month>,
}

/// One village of one visit.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub visit_id: String,
    pub day: Day,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub words: String,
}

const LINE: &str = "select p.county_id, p.visit_id, p.day, p.village, v.name as village_name, t.name as township_name, \
    w.words from visit_place p \
    join visit w on w.county_id = p.county_id and w.id = p.visit_id \
    left join division v on v.code = p.village and v.until is null \
    left join division t on t.code = (p.village / 1000) * 1000 and t.until is null where p.state = 'kept'";

const SCOPED: Columns = Columns { county: "p.county_id", division: "p.village", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    if let Some(month) = filter.month {
        query.push(" and p.day between ").push_bind(month.first_day());
        query.push(" and ").push_bind(month.next().first_day().plus_days(-1));
    }
    if let Some(name) = &filter.name {
        query.push(
            " and exists (select 1 from visit_visitor x join visitor y on y.county_id = x.county_id \
             and y.id = x.visitor_id where x.county_id = p.county_id and x.visit_id = p.visit_id and y.name like ",
        );
        query.push_bind(format!("%{}%", name.replace(['%', '_'], ""))).push(")");
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(LINE);
    narrow(&mut query, scope, filter);
    query.push(" order by p.day desc, p.visit_id desc, p.village limit ").push_bind(limit);
    query.push(" offset ").push_bind(offset);
    query
}

/// Visits of the scope by village, newest first, a page of them.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from visit_place p where p.state = 'kept'");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

/// A visitor of a visit.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct VisitorRow {
    pub visit_id: String,
    pub name: String,
    pub post: Option<String>,
    pub unit_name: String,
}

/// Who came on visits of a county, in the order in which they were written down.
pub async fn visitors_of(conn: &mut Conn, county: CountyId, visit_ids: &[&str]) -> DbResult<Vec<VisitorRow>> {
    let mut rows = Vec::new();
    for chunk in visit_ids.chunks(500) {
        let mut query = sql("select x.visit_id, y.name, coalesce(x.post, y.post) as post, y.unit_name \
                             from visit_visitor x join visitor y on y.county_id = x.county_id and y.id = x.visitor_id \
                             where x.county_id = ");
        query.push_bind(county).push(" and x.visit_id in (");
        for (at, id) in chunk.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(*id);
        }
        query.push(") order by x.visit_id, x.position, x.visitor_id");
        rows.extend(conn.all::<VisitorRow>(query).await?);
    }
    Ok(rows)
}

/// Visitors known in a county, for suggestions while typing: name, unit.
pub async fn known_visitors(conn: &mut Conn, county: CountyId, most: i64) -> DbResult<Vec<(String, String)>> {
    let query = sql("select name, unit_name from visitor where county_id = $1 order by name_key, id limit $2");
    conn.all(query.bind(county).bind(most)).await
}

/// A visit's own row.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct VisitRow {
    pub county_id: CountyId,
    pub id: String,
    pub day: Day,
    pub words: String,
    pub state: String,
    pub writer_account: String,
    pub writer: String,
    pub version: i64,
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<VisitRow>> {
    let query = sql("select county_id, id, day, words, state, writer_account, writer, version from visit \
                     where county_id = $1 and id = $2");
    conn.maybe(query.bind(county).bind(id)).await
}

/// The villages of a visit with their names.
pub async fn places_of(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<(DivisionCode, Option<String>)>> {
    let query = sql("select p.village, v.name from visit_place p \
                     left join division v on v.code = p.village and v.until is null \
                     where p.county_id = $1 and p.visit_id = $2 order by p.village");
    conn.all(query.bind(county).bind(id)).await
}

/// What was promised on a visit.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct PromiseRow {
    pub id: String,
    pub village: DivisionCode,
    pub what: String,
    pub holder: String,
    pub due: Day,
    pub done_on: Option<Day>,
    pub done_by: Option<String>,
    pub result: Option<String>,
}

pub async fn promises_of(conn: &mut Conn, county: CountyId, visit_id: &str) -> DbResult<Vec<PromiseRow>> {
    let query = sql("select id, village, what, holder, due, done_on, done_by, result from visit_promise \
                     where county_id = $1 and visit_id = $2 order by position, id");
    conn.all(query.bind(county).bind(visit_id)).await
}

/// A promise is kept: its task is done, the result stands in the visit's history.
pub async fn keep_promise(
    tx: &mut Tx,
    visit: &VisitRow,
    promise: &PromiseRow,
    result: &str,
    by: &Actor,
) -> Result<(), AppError> {
    let update = sql("update visit_promise set done_on = $1, done_by = $2, result = $3 \
                      where county_id = $4 and id = $5 and done_on is null")
    .bind(by.today)
    .bind(&by.name)
    .bind(result)
    .bind(visit.county_id)
    .bind(&promise.id);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这项承诺刚被别人办结，请刷新后再看。")));
    }
    tasks::close(tx, visit.county_id, "visit_promise", ("visit_promise", &promise.id), by).await?;
    let why = format!("{}：{result}", promise.what);
    let event = NewEvent { kind: "visit", record_id: &visit.id, act: "promise_done", changes: None, why: Some(&why) };
    Ok(events::add(tx, visit.county_id, event, by).await?)
}

/// Takes a visit back: it counts no longer, its open promises are nobody's task.
pub async fn withdraw(tx: &mut Tx, visit: &VisitRow, why: Option<&str>, by: &Actor) -> Result<(), AppError> {
    let county = visit.county_id;
    let update = sql("update visit set state = 'withdrawn', version = version + 1 \
                      where county_id = $1 and id = $2 and version = $3 and state = 'kept'")
    .bind(county)
    .bind(&visit.id)
    .bind(visit.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这次调研刚被别人改过，请刷新后再办。")));
    }
    let places = sql("update visit_place set state = 'withdrawn' where county_id = $1 and visit_id = $2");
    tx.run(places.bind(county).bind(&visit.id)).await?;
    for promise in promises_of(tx, county, &visit.id).await? {
        tasks::close(tx, county, "visit_promise", ("visit_promise", &promise.id), by).await?;
    }
    let source = Source { kind: "visit", id: visit.id.clone() };
    spine_facts::record(tx, county, &[(source, Vec::new())], by.at, Writing::Difference).await?;
    let event = NewEvent { kind: "visit", record_id: &visit.id, act: "withdraw", changes: None, why };
    Ok(events::add(tx, county, event, by).await?)
}
