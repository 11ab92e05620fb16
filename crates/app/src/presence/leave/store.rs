//! All SQL of `leave` and `leave_event`.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, new_id},
    seal::{Keys, SealError},
    text,
    web::AppError,
};
use serde_json::json;

use super::{Kind, Level, Span, State};
use crate::{
    accounts::{self, Actor, Columns, Role, Scope},
    packs::Pack,
    presence::{away, posts::Post},
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

/// A leave as it is stored.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct LeaveRow {
    pub county_id: CountyId,
    pub id: String,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub unit_id: Option<String>,
    pub unit_name: Option<String>,
    pub kind: String,
    pub since: Day,
    pub until: Day,
    pub back: Option<Day>,
    pub level: String,
    pub state: String,
    reason_sealed: Option<String>,
    pub decided_by: Option<String>,
    pub why: Option<String>,
    pub made_at: Instant,
    pub version: i64,
}

impl LeaveRow {
    /// As asked.
    #[must_use]
    pub fn span(&self) -> Span {
        Span { since: self.since, until: self.until }
    }

    /// The days really away: up to the first day back, once that is known.
    #[must_use]
    pub fn taken(&self) -> Span {
        Span { since: self.since, until: self.back.unwrap_or(self.until) }
    }

    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }

    /// The stricter level where the code is unknown.
    #[must_use]
    pub fn level(&self) -> Level {
        Level::parse(&self.level).unwrap_or(Level::County)
    }

    #[must_use]
    pub fn state(&self, today: Day) -> Option<State> {
        State::read(&self.state, self.since, self.back, today)
    }

    #[must_use]
    pub fn has_reason(&self) -> bool {
        self.reason_sealed.is_some()
    }

    /// The reason in plain words. Whoever asks has checked who looks.
    pub fn reason(&self, keys: &Keys) -> Result<Option<String>, SealError> {
        let open = |sealed: &String| Ok(keys.open(&place(&self.id), sealed)?.to_string());
        self.reason_sealed.as_ref().map(open).transpose()
    }
}

fn place(id: &str) -> String {
    format!("leave.reason/{id}")
}

/// A leave to ask for.
#[derive(Clone, Debug)]
pub struct NewLeave<'a> {
    pub post: &'a Post,
    pub kind: Kind,
    pub span: Span,
    pub reason: Option<&'a str>,
}

/// Asks for leave: the record, its days, its event, the task of whoever approves, the audit line. Returns its id.
pub async fn ask(tx: &mut Tx, keys: &Keys, new: &NewLeave<'_>, pack: &Pack, actor: &Actor) -> Result<String, AppError> {
    let (post, span, id) = (new.post, new.span, new_id());
    let level = Level::of(span.days(), pack);
    let sealed = new.reason.map(|reason| keys.seal(&place(&id), reason)).transpose()?;
    away::take(tx, post.county, &post.person.1, (span.since, span.until), ("leave", &id), "since").await?;
    let insert = sql("insert into leave (county_id, id, person_county, person_id, person_name, posting_id, village, \
                      unit_id, kind, since, until, level, state, reason_sealed, made_at, version) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)")
    .bind(post.county)
    .bind(&id)
    .bind(post.person.0)
    .bind(&post.person.1)
    .bind(&post.name)
    .bind(&post.id)
    .bind(post.village)
    .bind(post.unit_id.as_ref())
    .bind(new.kind.code())
    .bind(span.since)
    .bind(span.until)
    .bind(level.code())
    .bind(State::Asked.code())
    .bind(sealed)
    .bind(actor.at);
    tx.run(insert).await?;
    add_event(tx, (post.county, &id), (None, State::Asked), None, actor).await?;
    let due = span.since.min(actor.today.plus_days(pack.leave_answer_days())).max(actor.today);
    let draft = TaskDraft {
        kind: "leave_decision",
        title: format!("批请假：{}，{}", post.name, new.kind.zh()),
        detail: Some(format!("{} — {}，{} 天，{}", span.since, span.last(), span.days(), post.village_name)),
        link: format!("/leaves/{}/{id}", post.county),
        role: level.holder(),
        division: post.village,
        due,
        origin_kind: "leave",
        origin_id: id.clone(),
    };
    tasks::open(tx, &draft, actor.at).await?;
    let after = json!({
        "person": post.name, "kind": new.kind.code(), "since": span.since, "until": span.until, "level": level.code(),
    });
    let subject = Subject { kind: "leave", id: &id };
    audit::write(tx, post.county, actor, "leave.ask", subject, Change::made(after)).await?;
    Ok(id)
}

async fn add_event(
    tx: &mut Tx,
    (county, leave): (CountyId, &str),
    (from, to): (Option<State>, State),
    why: Option<&str>,
    actor: &Actor,
) -> DbResult<()> {
    let insert = sql("insert into leave_event (county_id, id, leave_id, from_state, to_state, day, at, account_id, \
                      actor, why) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(county)
    .bind(new_id())
    .bind(leave)
    .bind(from.map(State::code))
    .bind(to.code())
    .bind(actor.today)
    .bind(actor.at)
    .bind(&actor.account_id)
    .bind(&actor.name)
    .bind(why);
    tx.run(insert).await.map(drop)
}

/// Carries a leave to its next state; the caller has taken the transition from the rules. Somebody else's change in
/// between is a conflict.
pub async fn change(
    tx: &mut Tx,
    row: &LeaveRow,
    next: State,
    why: Option<&str>,
    actor: &Actor,
) -> Result<(), AppError> {
    let county = row.county_id;
    let unknown = || AppError::internal(format!("leave {} has an unknown state", row.id));
    let before = row.state(actor.today).ok_or_else(unknown)?;
    let back = match next {
        State::Returned { back } => Some(back),
        State::Asked | State::Approved | State::OnLeave | State::Refused | State::Withdrawn => None,
    };
    let decided = matches!(next, State::Approved | State::OnLeave | State::Refused);
    let update = sql("update leave set state = $1, back = $2, decided_by = coalesce($3, decided_by), \
                      why = coalesce($4, why), version = version + 1 \
                      where county_id = $5 and id = $6 and version = $7")
    .bind(next.code())
    .bind(back)
    .bind(decided.then_some(actor.name.as_str()))
    .bind(why.filter(|_| decided))
    .bind(county)
    .bind(&row.id)
    .bind(row.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这次请假刚被别人办过，请刷新后再看。")));
    }
    let action = match next {
        State::Asked | State::Approved | State::OnLeave | State::Refused => "leave.decide",
        State::Withdrawn => "leave.withdraw",
        State::Returned { .. } => "leave.return",
    };
    match next {
        State::Refused | State::Withdrawn => away::free(tx, county, &row.id, None).await?,
        State::Returned { back } if back < row.until => away::free(tx, county, &row.id, Some(back)).await?,
        State::Returned { back } => {
            away::take(tx, county, &row.person_id, (row.until, back), ("leave", &row.id), "back").await?;
        }
        State::Asked | State::Approved | State::OnLeave => {}
    }
    add_event(tx, (county, &row.id), (Some(before), next), why, actor).await?;
    tasks::close(tx, county, "leave_decision", ("leave", &row.id), actor).await?;
    if matches!(next, State::Approved | State::OnLeave) {
        return_task(tx, row, actor).await?;
    } else {
        tasks::close(tx, county, "leave_return", ("leave", &row.id), actor).await?;
    }
    let change = Change::changed(json!({"state": before.code()}), json!({"state": next.code(), "back": back}));
    audit::write(tx, county, actor, action, Subject { kind: "leave", id: &row.id }, change).await?;
    Ok(())
}

/// To report back is the cadre's own task; it climbs when nobody did.
async fn return_task(tx: &mut Tx, row: &LeaveRow, actor: &Actor) -> DbResult<()> {
    let account = accounts::store::account_of(tx, &row.person_id).await?.map(|(id, _)| id);
    let draft = TaskDraft {
        kind: "leave_return",
        title: format!("销假：{}", row.person_name),
        detail: Some(format!("假期到 {} 为止，回岗后点一下“销假”", row.span().last())),
        link: format!("/leaves/{}/{}", row.county_id, row.id),
        role: Role::Cadre,
        division: row.village,
        due: row.until,
        origin_kind: "leave",
        origin_id: row.id.clone(),
    };
    tasks::open_for(tx, &draft, account.as_deref(), actor.at).await
}

const COLUMNS: &str = "select l.county_id, l.id, l.person_county, l.person_id, l.person_name, l.village, \
    v.name as village_name, t.name as township_name, l.unit_id, u.name as unit_name, l.kind, l.since, l.until, \
    l.back, l.level, l.state, l.reason_sealed, l.decided_by, l.why, l.made_at, l.version from leave l \
    left join division v on v.code = l.village and v.until is null \
    left join division t on t.code = (l.village / 1000) * 1000 and t.until is null \
    left join unit u on u.id = l.unit_id where 1 = 1";

pub const SCOPED: Columns =
    Columns { county: "l.county_id", division: "l.village", unit: Some("l.unit_id"), person: Some("l.person_id") };

/// What a list of leaves is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// A stored state; `waiting` and `overdue` are those to be decided and those over but not returned.
    pub state: Option<String>,
    pub kind: Option<Kind>,
    /// A part of the name.
    pub name: Option<String>,
    /// Away on this day, by leave that was approved.
    pub on: Option<Day>,
    pub person_id: Option<String>,
    pub today: Option<Day>,
}

fn narrow(query: &mut Query, scope: &Scope, filter: &Filter) {
    scope.narrow(query, SCOPED);
    match (filter.state.as_deref(), filter.today) {
        (Some("waiting"), _) => {
            query.push(" and l.state = 'asked'");
        }
        (Some("overdue"), Some(today)) => {
            query.push(" and l.state = 'approved' and l.until <= ").push_bind(today);
        }
        (Some(state), _) => {
            query.push(" and l.state = ").push_bind(state);
        }
        (None, _) => {}
    }
    if let Some(kind) = filter.kind {
        query.push(" and l.kind = ").push_bind(kind.code());
    }
    if let Some(name) = &filter.name {
        query.push(" and l.person_name like ").push_bind(format!("%{}%", name.replace(['%', '_'], "")));
    }
    if let Some(day) = filter.on {
        query.push(" and l.state in ('approved', 'returned') and l.since <= ").push_bind(day);
        query.push(" and coalesce(l.back, l.until) > ").push_bind(day);
    }
    if let Some(person) = &filter.person_id {
        query.push(" and l.person_id = ").push_bind(person);
    }
}

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> Query {
    let mut query = sql(COLUMNS);
    narrow(&mut query, scope, filter);
    query.push(" order by l.since desc, l.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// Leaves of the scope, the latest first.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64, offset: i64) -> DbResult<Vec<LeaveRow>> {
    conn.all(list_query(scope, filter, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> DbResult<i64> {
    let mut query = sql("select count(*) from leave l where 1 = 1");
    narrow(&mut query, scope, filter);
    conn.value(query).await
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<LeaveRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and l.county_id = ").push_bind(county).push(" and l.id = ").push_bind(id);
    conn.maybe(query).await
}

/// Every leave of a person, in whatever county, the latest first.
pub async fn of_person(conn: &mut Conn, person_id: &str) -> DbResult<Vec<LeaveRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and l.person_id = ").push_bind(person_id).push(" order by l.since desc, l.id desc");
    conn.all(query).await
}

/// A step in a leave's life.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub to_state: String,
    pub at: Instant,
    pub actor: String,
    pub why: Option<String>,
}

/// The steps of a leave, newest first.
pub async fn events(conn: &mut Conn, county: CountyId, leave: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select to_state, at, actor, why from leave_event where county_id = $1 and leave_id = $2 \
                     order by at desc, id desc");
    conn.all(query.bind(county).bind(leave)).await
}
