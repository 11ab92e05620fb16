//! All SQL of forms, their ties and their fills.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
    web::{AppError, AppResult},
};

use super::{
    fill::Report,
    rules::{Kind, Spot, Tie},
};
use crate::{
    accounts::{Actor, Columns, Scope},
    spine::facts::read::Span,
};

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    pub county: CountyId,
    pub id: String,
    pub place: DivisionCode,
    pub title: String,
    pub kind: Kind,
    pub file_id: String,
    pub retired: bool,
    pub made_at: Instant,
    pub actor: String,
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    county_id: CountyId,
    id: String,
    place: DivisionCode,
    title: String,
    kind: String,
    file_id: String,
    state: String,
    made_at: Instant,
    actor: String,
}

impl Row {
    fn form(self) -> AppResult<Form> {
        let kind = Kind::parse(&self.kind)
            .ok_or_else(|| AppError::internal(format!("form {} is of the kind {}", self.id, self.kind)))?;
        Ok(Form {
            county: self.county_id,
            id: self.id,
            place: self.place,
            title: self.title,
            kind,
            file_id: self.file_id,
            retired: self.state == "retired",
            made_at: self.made_at,
            actor: self.actor,
        })
    }
}

/// A line of the list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub place: DivisionCode,
    pub place_name: Option<String>,
    pub title: String,
    pub kind: String,
    pub made_at: Instant,
    pub actor: String,
    pub ties: i64,
    pub fills: i64,
}

/// The sign keeps SQLite on the index that is in the order of the list.
const SCOPED: Columns = Columns { county: "f.county_id", division: "+f.place", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, retired: bool) {
    scope.narrow(query, SCOPED);
    query.push(if retired { " and f.state = 'retired'" } else { " and f.state = 'in_use'" });
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, retired: bool, limit: i64, offset: i64) -> Query {
    let mut query = sql("select f.county_id, f.id, f.place, d.name as place_name, f.title, f.kind, f.made_at, \
        f.actor, (select count(*) from report_form_tie t where t.county_id = f.county_id and t.form_id = f.id) as ties, \
        (select count(*) from report_form_fill l where l.county_id = f.county_id and l.form_id = f.id) as fills \
        from report_form f left join division d on d.code = f.place and d.until is null where 1 = 1");
    narrow(&mut query, scope, retired);
    query.push(" order by f.made_at desc, f.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Forms of the scope's places, newest first.
pub async fn list(conn: &mut Conn, scope: &Scope, retired: bool, (limit, offset): (i64, i64)) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, retired, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, retired: bool) -> DbResult<i64> {
    let mut query = sql("select count(*) from report_form f where 1 = 1");
    narrow(&mut query, scope, retired);
    conn.value(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> AppResult<Option<Form>> {
    let query = sql("select county_id, id, place, title, kind, file_id, state, made_at, actor from report_form \
                     where county_id = $1 and id = $2");
    conn.maybe::<Row>(query.bind(county).bind(id)).await?.map(Row::form).transpose()
}

/// Keeps a form; returns its id.
pub async fn add(
    tx: &mut Tx,
    place: DivisionCode,
    (title, kind, file_id): (&str, Kind, &str),
    actor: &Actor,
) -> DbResult<String> {
    let id = new_id();
    let insert =
        sql("insert into report_form (county_id, id, place, title, kind, file_id, state, made_at, account_id, \
                      actor) values ($1, $2, $3, $4, $5, $6, 'in_use', $7, $8, $9)")
        .bind(place.county())
        .bind(&id)
        .bind(place)
        .bind(title)
        .bind(kind.code())
        .bind(file_id)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name);
    tx.run(insert).await?;
    Ok(id)
}

/// Lays a form aside; its fills stay.
pub async fn retire(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<bool> {
    let update = sql("update report_form set state = 'retired' where county_id = $1 and id = $2 and state = 'in_use'");
    Ok(tx.run(update.bind(county).bind(id)).await? == 1)
}

/// What the places of a form are tied to, in their order.
pub async fn ties(conn: &mut Conn, county: CountyId, form: &str) -> AppResult<Vec<(Spot, Tie)>> {
    let query = sql("select spot, tie from report_form_tie where county_id = $1 and form_id = $2 order by spot");
    let rows: Vec<(String, String)> = conn.all(query.bind(county).bind(form)).await?;
    let read = |(spot, tie): (String, String)| {
        let wrong = || AppError::internal(format!("form {form} has a tie at {spot} that cannot be read"));
        let place = Spot::parse(&spot).ok_or_else(wrong)?;
        let tie: Tie = serde_json::from_str(&tie).map_err(|_| wrong())?;
        Ok((place, tie))
    };
    let mut ties: Vec<(Spot, Tie)> = rows.into_iter().map(read).collect::<AppResult<_>>()?;
    ties.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(ties)
}

/// Ties places, in place of what they were tied to.
pub async fn save_ties(
    tx: &mut Tx,
    (county, form): (CountyId, &str),
    spots: &[Spot],
    tie: &Tie,
    actor: &Actor,
) -> AppResult<()> {
    let text = serde_json::to_string(tie).map_err(|error| AppError::Internal(error.into()))?;
    let row = |spot: &Spot| {
        vec![
            county.into(),
            form.into(),
            spot.to_string().into(),
            text.as_str().into(),
            actor.at.into(),
            actor.account_id.as_str().into(),
            actor.name.as_str().into(),
        ]
    };
    let head = "insert into report_form_tie (county_id, form_id, spot, tie, made_at, account_id, actor) values ";
    let tail = " on conflict (county_id, form_id, spot) do update set tie = excluded.tie, made_at = excluded.made_at, \
                account_id = excluded.account_id, actor = excluded.actor";
    tx.run_rows(head, spots.iter().map(row).collect(), tail).await?;
    Ok(())
}

/// Unties a place; false where it was tied to nothing.
pub async fn remove_tie(tx: &mut Tx, county: CountyId, form: &str, spot: &Spot) -> DbResult<bool> {
    let query = sql("delete from report_form_tie where county_id = $1 and form_id = $2 and spot = $3");
    Ok(tx.run(query.bind(county).bind(form).bind(spot.to_string())).await? == 1)
}

/// A fill.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct FillRow {
    pub id: String,
    pub place: DivisionCode,
    pub place_name: Option<String>,
    pub since: Option<Day>,
    pub until: Day,
    pub file_id: String,
    pub cells: i64,
    pub problems: i64,
    report: String,
    pub made_at: Instant,
    pub actor: String,
}

impl FillRow {
    pub fn report(&self) -> AppResult<Report> {
        serde_json::from_str(&self.report).map_err(|error| AppError::Internal(error.into()))
    }

    #[must_use]
    pub fn span(&self) -> Span {
        Span { from: self.since, to: self.until }
    }
}

const FILL: &str = "select l.id, l.place, d.name as place_name, l.since, l.until, l.file_id, \
                    l.cells, l.problems, l.report, l.made_at, l.actor from report_form_fill l \
                    left join division d on d.code = l.place and d.until is null where l.county_id = $1 \
                    and l.form_id = $2";

/// The statement behind [`fills`], for its plan.
#[must_use]
pub fn fills_query(county: CountyId, form: &str, limit: i64, offset: i64) -> Query {
    let mut query = sql(FILL).bind(county).bind(form);
    query.push(" order by l.made_at desc, l.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Fills of a form, newest first.
pub async fn fills(
    conn: &mut Conn,
    county: CountyId,
    form: &str,
    (limit, offset): (i64, i64),
) -> DbResult<Vec<FillRow>> {
    conn.all(fills_query(county, form, limit, offset)).await
}

pub async fn count_fills(conn: &mut Conn, county: CountyId, form: &str) -> DbResult<i64> {
    let query = sql("select count(*) from report_form_fill where county_id = $1 and form_id = $2");
    conn.value(query.bind(county).bind(form)).await
}

pub async fn find_fill(conn: &mut Conn, county: CountyId, form: &str, id: &str) -> DbResult<Option<FillRow>> {
    let mut query = sql(FILL).bind(county).bind(form);
    query.push(" and l.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Keeps a fill; returns its id.
pub async fn add_fill(
    tx: &mut Tx,
    (county, form): (CountyId, &str),
    (place, span): (DivisionCode, Span),
    (file_id, report): (&str, &Report),
    actor: &Actor,
) -> AppResult<String> {
    let id = new_id();
    let text = serde_json::to_string(report).map_err(|error| AppError::Internal(error.into()))?;
    let insert = sql("insert into report_form_fill (county_id, id, form_id, place, since, until, file_id, cells, \
                      problems, report, made_at, account_id, actor) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
    .bind(county)
    .bind(&id)
    .bind(form)
    .bind(place)
    .bind(span.from)
    .bind(span.to)
    .bind(file_id)
    .bind(report.cells)
    .bind(report.problems())
    .bind(text)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name);
    tx.run(insert).await?;
    Ok(id)
}
