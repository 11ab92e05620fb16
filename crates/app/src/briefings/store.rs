//! All SQL of briefings.

use base::{
    db::{Conn, DbResult, Query, Tx, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
    web::{AppError, AppResult},
};

use super::rules::{Draft, Edited, Figure, Hand, Paragraph, State};
use crate::{
    accounts::{Actor, Columns, Scope},
    spine::facts::read::Span,
};

/// A briefing as it stands.
#[derive(Clone, Debug)]
pub struct Briefing {
    pub county: CountyId,
    pub id: String,
    pub template: String,
    pub title: String,
    pub place: DivisionCode,
    pub span: Span,
    pub state: State,
    pub text: Vec<Paragraph>,
    pub drafted: Vec<Paragraph>,
    pub version: i64,
    pub actor: String,
    /// The day whose records its figures are of.
    pub counted_on: Day,
    pub figures: Vec<Figure>,
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    county_id: CountyId,
    id: String,
    template: String,
    title: String,
    place: DivisionCode,
    since: Option<Day>,
    until: Day,
    state: String,
    body: String,
    drafted: String,
    version: i64,
    actor: String,
    counted_on: Day,
    signed_on: Option<Day>,
    signed_by: Option<String>,
}

#[derive(sqlx_macros::FromRow)]
struct FigureRow {
    position: i64,
    code: String,
    name: String,
    unit: String,
    above: i64,
    amount: Option<i64>,
    computed: String,
    shown: String,
    hand_by: Option<String>,
    hand_on: Option<Day>,
    removed: i64,
}

impl FigureRow {
    fn figure(self) -> Figure {
        Figure {
            position: self.position,
            code: self.code,
            name: self.name,
            unit: self.unit,
            above: self.above == 1,
            amount: self.amount,
            computed: self.computed,
            shown: self.shown,
            hand: self.hand_by.zip(self.hand_on).map(|(by, on)| Hand { by, on }),
            removed: self.removed == 1,
        }
    }
}

/// A line of the list.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Line {
    pub county_id: CountyId,
    pub id: String,
    pub title: String,
    pub place: DivisionCode,
    pub place_name: Option<String>,
    pub since: Option<Day>,
    pub until: Day,
    pub state: String,
    pub made_at: Instant,
    pub actor: String,
    pub signed_on: Option<Day>,
    pub signed_by: Option<String>,
}

/// The sign keeps SQLite on the index that is in the order of the list.
const SCOPED: Columns = Columns { county: "b.county_id", division: "+b.place", unit: None, person: None };

fn narrow(query: &mut Query, scope: &Scope, state: Option<&str>) {
    scope.narrow(query, SCOPED);
    if let Some(state) = state {
        query.push(" and b.state = ").push_bind(state);
    } else {
        query.push(" and b.state <> 'cancelled'");
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, state: Option<&str>, limit: i64, offset: i64) -> Query {
    let mut query =
        sql("select b.county_id, b.id, b.title, b.place, d.name as place_name, b.since, b.until, b.state, \
                         b.made_at, b.actor, b.signed_on, b.signed_by from briefing b \
                         left join division d on d.code = b.place and d.until is null where 1 = 1");
    narrow(&mut query, scope, state);
    query.push(" order by b.made_at desc, b.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Briefings of the scope's places, newest first; cancelled ones only where they are asked for.
pub async fn list(
    conn: &mut Conn,
    scope: &Scope,
    state: Option<&str>,
    (limit, offset): (i64, i64),
) -> DbResult<Vec<Line>> {
    conn.all(list_query(scope, state, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, state: Option<&str>) -> DbResult<i64> {
    let mut query = sql("select count(*) from briefing b where 1 = 1");
    narrow(&mut query, scope, state);
    conn.value(query).await
}

const BRIEFING: &str = "select county_id, id, template, title, place, since, until, state, body, drafted, version, \
                        actor, counted_on, signed_on, signed_by from briefing where county_id = $1 and id = $2";

fn json<T: serde::de::DeserializeOwned>(text: &str) -> AppResult<T> {
    serde_json::from_str(text).map_err(|error| AppError::Internal(error.into()))
}

fn text_of<T: serde::Serialize>(value: &T) -> AppResult<String> {
    serde_json::to_string(value).map_err(|error| AppError::Internal(error.into()))
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> AppResult<Option<Briefing>> {
    let Some(row) = conn.maybe::<Row>(sql(BRIEFING).bind(county).bind(id)).await? else { return Ok(None) };
    let figures = sql("select position, code, name, unit, above, amount, computed, shown, hand_by, hand_on, removed \
                       from briefing_figure where county_id = $1 and briefing_id = $2 order by position");
    let figures: Vec<FigureRow> = conn.all(figures.bind(county).bind(id)).await?;
    let state = match (row.state.as_str(), row.signed_by, row.signed_on) {
        ("draft", ..) => State::Draft,
        ("signed", Some(by), Some(on)) => State::Signed { by, on },
        ("cancelled", ..) => State::Cancelled,
        (other, ..) => return Err(AppError::internal(format!("briefing {id} has the state {other}"))),
    };
    Ok(Some(Briefing {
        county: row.county_id,
        id: row.id,
        template: row.template,
        title: row.title,
        place: row.place,
        span: Span { from: row.since, to: row.until },
        state,
        text: json(&row.body)?,
        drafted: json(&row.drafted)?,
        version: row.version,
        actor: row.actor,
        counted_on: row.counted_on,
        figures: figures.into_iter().map(FigureRow::figure).collect(),
    }))
}

/// The briefing, locked until the transaction ends.
pub async fn lock(tx: &mut Tx, county: CountyId, id: &str) -> AppResult<Option<Briefing>> {
    let touch = sql("update briefing set state = state where county_id = $1 and id = $2");
    tx.run(touch.bind(county).bind(id)).await?;
    find(tx, county, id).await
}

/// Keeps a draft; returns its id.
pub async fn add(
    tx: &mut Tx,
    template: &str,
    (place, span): (DivisionCode, Span),
    draft: &Draft,
    actor: &Actor,
) -> AppResult<String> {
    let (county, id, text) = (place.county(), new_id(), text_of(&draft.text)?);
    let insert =
        sql("insert into briefing (county_id, id, template, title, place, since, until, state, body, drafted, \
                      version, made_at, account_id, actor, counted_on) \
                      values ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, 1, $10, $11, $12, $13)")
        .bind(county)
        .bind(&id)
        .bind(template)
        .bind(&draft.title)
        .bind(place)
        .bind(span.from)
        .bind(span.to)
        .bind(&text)
        .bind(&text)
        .bind(actor.at)
        .bind(&actor.account_id)
        .bind(&actor.name)
        .bind(actor.today);
    tx.run(insert).await?;
    let row = |figure: &Figure| -> Vec<Value> {
        vec![
            county.into(),
            id.as_str().into(),
            figure.position.into(),
            figure.code.as_str().into(),
            figure.name.as_str().into(),
            figure.unit.as_str().into(),
            figure.above.into(),
            figure.amount.into(),
            figure.computed.as_str().into(),
            figure.shown.as_str().into(),
            Value::Int(Some(0)),
        ]
    };
    let head = "insert into briefing_figure (county_id, briefing_id, position, code, name, unit, above, amount, \
                computed, shown, removed) values ";
    tx.run_rows(head, draft.figures.iter().map(row).collect(), "").await?;
    Ok(id)
}

async fn save_figures(tx: &mut Tx, county: CountyId, id: &str, figures: &[Figure]) -> DbResult<()> {
    for figure in figures {
        let update =
            sql("update briefing_figure set amount = $1, computed = $2, shown = $3, hand_by = $4, hand_on = $5, \
                          removed = $6 where county_id = $7 and briefing_id = $8 and position = $9")
            .bind(figure.amount)
            .bind(&figure.computed)
            .bind(&figure.shown)
            .bind(figure.hand.as_ref().map(|hand| hand.by.clone()))
            .bind(figure.hand.as_ref().map(|hand| hand.on))
            .bind(figure.removed)
            .bind(county)
            .bind(id)
            .bind(figure.position);
        tx.run(update).await?;
    }
    Ok(())
}

/// Keeps what an author changed; false where somebody else changed it meanwhile.
pub async fn save(tx: &mut Tx, briefing: &Briefing, title: &str, edited: &Edited, version: i64) -> AppResult<bool> {
    let update = sql("update briefing set title = $1, body = $2, version = version + 1 \
                      where county_id = $3 and id = $4 and version = $5 and state = 'draft'")
    .bind(title)
    .bind(text_of(&edited.text)?)
    .bind(briefing.county)
    .bind(&briefing.id)
    .bind(version);
    if tx.run(update).await? != 1 {
        return Ok(false);
    }
    save_figures(tx, briefing.county, &briefing.id, &edited.figures).await?;
    Ok(true)
}

/// Keeps figures counted again on a day.
pub async fn save_counted(tx: &mut Tx, briefing: &Briefing, figures: &[Figure], on: Day) -> DbResult<()> {
    let update = sql("update briefing set counted_on = $1, version = version + 1 where county_id = $2 and id = $3 \
                      and state = 'draft'");
    tx.run(update.bind(on).bind(briefing.county).bind(&briefing.id)).await?;
    save_figures(tx, briefing.county, &briefing.id, figures).await
}

pub async fn sign(tx: &mut Tx, briefing: &Briefing, actor: &Actor) -> DbResult<()> {
    let update = sql("update briefing set state = 'signed', signed_at = $1, signed_on = $2, signed_by = $3, \
                      signed_account = $4, version = version + 1 where county_id = $5 and id = $6 and state = 'draft'")
    .bind(actor.at)
    .bind(actor.today)
    .bind(&actor.name)
    .bind(&actor.account_id)
    .bind(briefing.county)
    .bind(&briefing.id);
    tx.run(update).await.map(drop)
}

pub async fn cancel(tx: &mut Tx, briefing: &Briefing) -> DbResult<()> {
    let update = sql("update briefing set state = 'cancelled', version = version + 1 \
                      where county_id = $1 and id = $2 and state = 'draft'");
    tx.run(update.bind(briefing.county).bind(&briefing.id)).await.map(drop)
}

/// What happened to a briefing.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub at: Instant,
    pub actor: String,
    pub act: String,
    pub words: Option<String>,
}

pub async fn add_event(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    act: &'static str,
    words: Option<&str>,
    actor: &Actor,
) -> DbResult<()> {
    let insert = sql("insert into briefing_event (county_id, id, briefing_id, at, account_id, actor, act, words) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(county)
    .bind(new_id())
    .bind(id)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(act)
    .bind(words);
    tx.run(insert).await.map(drop)
}

/// The story of a briefing, newest first.
pub async fn events(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select at, actor, act, words from briefing_event where county_id = $1 and briefing_id = $2 \
                     order by at desc, id desc");
    conn.all(query.bind(county).bind(id)).await
}
