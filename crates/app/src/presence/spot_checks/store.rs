//! All SQL of `spot_check`, `spot_check_village` and `spot_check_line`.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, new_id},
    text,
    web::AppError,
};
use serde_json::json;

use super::{Finding, order};
use crate::{
    accounts::{self, Actor, Columns, Role, Scope},
    packs::Pack,
    presence::posts::{Post, PostRole},
    spine::{
        audit::{self, Change, Subject},
        facts::{self, FactDraft, Source, Writing},
        tasks::{self, TaskDraft},
    },
};

/// A check as lists show it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct CheckRow {
    pub county_id: CountyId,
    pub id: String,
    pub place: DivisionCode,
    pub place_name: Option<String>,
    pub day: Day,
    pub seed: String,
    pub wanted: i64,
    /// `drawn` or `held`.
    pub state: String,
    pub made_by: String,
    pub made_at: Instant,
    pub version: i64,
    pub people: i64,
    pub noted: i64,
    pub absent: i64,
}

/// A village of the pool.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct PoolRow {
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub township_name: Option<String>,
    pub place_in_order: i64,
    pub drawn: i64,
}

/// A person who was to be looked for.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct LineRow {
    pub county_id: CountyId,
    pub id: String,
    pub check_id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub person_county: CountyId,
    pub person_id: String,
    pub person_name: String,
    pub role: String,
    pub finding: Option<String>,
    pub note: Option<String>,
    pub found_by: Option<String>,
    pub word: Option<String>,
    pub word_at: Option<Instant>,
    pub version: i64,
    pub day: Day,
}

impl LineRow {
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        self.finding.as_deref().and_then(Finding::parse)
    }
}

/// What was found of one person.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct PersonLine {
    pub county_id: CountyId,
    pub id: String,
    pub check_id: String,
    pub day: Day,
    pub finding: String,
    pub word: Option<String>,
}

impl PersonLine {
    #[must_use]
    pub fn is_absent(&self) -> bool {
        Finding::parse(&self.finding) == Some(Finding::Absent)
    }
}

/// A draw to make.
#[derive(Clone, Debug)]
pub struct Draw<'a> {
    pub place: DivisionCode,
    pub seed: &'a str,
    pub wanted: usize,
    /// Everybody on post in the place today; their villages are the pool.
    pub posts: &'a [Post],
}

/// Draws villages and writes down seed, pool and order before anybody has seen them: the check, its people, the task of
/// whoever drew, the audit line. Returns its id.
pub async fn draw(tx: &mut Tx, draw: &Draw<'_>, actor: &Actor) -> Result<String, AppError> {
    let (county, id, day) = (draw.place.county(), new_id(), actor.today);
    let pool: Vec<DivisionCode> = draw.posts.iter().map(|post| post.village).collect();
    let ordered = order(draw.seed, day, &pool);
    let insert = sql("insert into spot_check (county_id, id, place, day, seed, wanted, state, made_by, made_at, \
                      version) values ($1, $2, $3, $4, $5, $6, 'drawn', $7, $8, 1)")
    .bind(county)
    .bind(&id)
    .bind(draw.place)
    .bind(day)
    .bind(draw.seed)
    .bind(draw.wanted)
    .bind(&actor.name)
    .bind(actor.at);
    tx.run(insert).await?;
    let villages = ordered.iter().enumerate().map(|(at, (village, _))| {
        vec![county.into(), (&id).into(), (*village).into(), (at + 1).into(), (at < draw.wanted).into()]
    });
    let head = "insert into spot_check_village (county_id, check_id, village, place_in_order, drawn) values ";
    tx.run_rows(head, villages.collect(), "").await?;
    let drawn: Vec<DivisionCode> = ordered.iter().take(draw.wanted).map(|(village, _)| *village).collect();
    let people = draw.posts.iter().filter(|post| drawn.contains(&post.village)).map(|post| {
        vec![
            county.into(),
            new_id().into(),
            (&id).into(),
            post.village.into(),
            post.person.0.into(),
            (&post.person.1).into(),
            (&post.name).into(),
            (&post.id).into(),
            post.unit_id.as_ref().into(),
            post.role.map_or("", PostRole::code).into(),
            1_i64.into(),
        ]
    });
    let head = "insert into spot_check_line (county_id, id, check_id, village, person_county, person_id, \
                person_name, posting_id, unit_id, role, version) values ";
    tx.run_rows(head, people.collect(), "").await?;
    let role = if draw.place.level() < Level::Township { Role::Office } else { Role::Township };
    let task = TaskDraft {
        kind: "spot_check",
        title: format!("查岗：{} 个村", drawn.len()),
        detail: Some("到村看了以后，把每个人的情况记上".into()),
        link: format!("/spot-checks/{county}/{id}"),
        role,
        division: draw.place,
        due: day.plus_days(1),
        origin_kind: "spot_check",
        origin_id: id.clone(),
    };
    tasks::open(tx, &task, actor.at).await?;
    let after = json!({"place": draw.place, "seed": draw.seed, "pool": ordered.len(), "drawn": drawn});
    let subject = Subject { kind: "spot_check", id: &id };
    audit::write(tx, county, actor, "spot_check.draw", subject, Change::made(after)).await?;
    Ok(id)
}

const CHECK: &str = "select c.county_id, c.id, c.place, d.name as place_name, c.day, c.seed, c.wanted, c.state, \
    c.made_by, c.made_at, c.version, \
    (select count(*) from spot_check_line l where l.county_id = c.county_id and l.check_id = c.id) as people, \
    (select count(*) from spot_check_line l where l.county_id = c.county_id and l.check_id = c.id \
    and l.finding is not null) as noted, \
    (select count(*) from spot_check_line l where l.county_id = c.county_id and l.check_id = c.id \
    and l.finding = 'absent') as absent \
    from spot_check c left join division d on d.code = c.place and d.until is null where 1 = 1";

const SCOPED: Columns = Columns { county: "c.county_id", division: "c.place", unit: None, person: None };

/// The statement behind [`list`], for its plan.
#[must_use]
pub fn list_query(scope: &Scope, limit: i64, offset: i64) -> Query {
    let mut query = sql(CHECK);
    scope.narrow(&mut query, SCOPED);
    query.push(" order by c.day desc, c.id desc limit ").push_bind(limit).push(" offset ").push_bind(offset);
    query
}

/// The checks of a scope, the latest first.
pub async fn list(conn: &mut Conn, scope: &Scope, limit: i64, offset: i64) -> DbResult<Vec<CheckRow>> {
    conn.all(list_query(scope, limit, offset)).await
}

pub async fn count(conn: &mut Conn, scope: &Scope) -> DbResult<i64> {
    let mut query = sql("select count(*) from spot_check c where 1 = 1");
    scope.narrow(&mut query, SCOPED);
    conn.value(query).await
}

/// A check within the scope.
pub async fn find(conn: &mut Conn, scope: &Scope, county: CountyId, id: &str) -> DbResult<Option<CheckRow>> {
    let mut query = sql(CHECK);
    scope.narrow(&mut query, SCOPED);
    query.push(" and c.county_id = ").push_bind(county).push(" and c.id = ").push_bind(id);
    conn.maybe(query).await
}

/// The pool of a check in the order of the draw.
pub async fn pool(conn: &mut Conn, county: CountyId, check: &str) -> DbResult<Vec<PoolRow>> {
    let query = sql("select p.village, v.name as village_name, t.name as township_name, p.place_in_order, p.drawn \
                     from spot_check_village p left join division v on v.code = p.village and v.until is null \
                     left join division t on t.code = (p.village / 1000) * 1000 and t.until is null \
                     where p.county_id = $1 and p.check_id = $2 order by p.place_in_order, p.village");
    conn.all(query.bind(county).bind(check)).await
}

const LINE: &str = "select l.county_id, l.id, l.check_id, l.village, v.name as village_name, l.person_county, \
    l.person_id, l.person_name, l.role, l.finding, l.note, l.found_by, l.word, l.word_at, l.version, c.day \
    from spot_check_line l join spot_check c on c.county_id = l.county_id and c.id = l.check_id \
    left join division v on v.code = l.village and v.until is null where 1 = 1";

/// The people of a check, village by village.
pub async fn lines(conn: &mut Conn, county: CountyId, check: &str) -> DbResult<Vec<LineRow>> {
    let mut query = sql(LINE);
    query.push(" and l.county_id = ").push_bind(county).push(" and l.check_id = ").push_bind(check);
    query.push(" order by l.village, l.role, l.person_name, l.id");
    conn.all(query).await
}

pub async fn find_line(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<LineRow>> {
    let mut query = sql(LINE);
    query.push(" and l.county_id = ").push_bind(county).push(" and l.id = ").push_bind(id);
    conn.maybe(query).await
}

/// What was found of a person on days of a stretch, the latest first.
pub async fn of_person(conn: &mut Conn, person_id: &str, (from, until): (Day, Day)) -> DbResult<Vec<PersonLine>> {
    let query = sql("select l.county_id, l.id, l.check_id, c.day, l.finding, l.word from spot_check_line l \
                     join spot_check c on c.county_id = l.county_id and c.id = l.check_id \
                     where l.person_id = $1 and l.finding is not null and c.day >= $2 and c.day < $3 \
                     order by c.day desc, l.id desc");
    conn.all(query.bind(person_id).bind(from).bind(until)).await
}

/// Notes what was found: who was not there gets the task of saying a word, the last note closes the check and writes its
/// fact. Lines that say what they said already are left alone.
pub async fn find_all(
    tx: &mut Tx,
    check: &CheckRow,
    findings: &[(LineRow, Finding, Option<String>)],
    pack: &Pack,
    actor: &Actor,
) -> Result<(), AppError> {
    let county = check.county_id;
    let changed = findings
        .iter()
        .filter(|(line, finding, note)| line.finding() != Some(*finding) || line.note.as_deref() != note.as_deref());
    for (line, finding, note) in changed {
        let update = sql("update spot_check_line set finding = $1, note = $2, found_by = $3, version = version + 1 \
                          where county_id = $4 and id = $5 and version = $6")
        .bind(finding.code())
        .bind(note.as_deref())
        .bind(&actor.name)
        .bind(county)
        .bind(&line.id)
        .bind(line.version);
        if tx.run(update).await? != 1 {
            return Err(AppError::Conflict(text!("查岗结果刚被别人记过，请刷新后再记。")));
        }
        if *finding == Finding::Absent && line.word.is_none() {
            word_task(tx, line, pack, actor).await?;
        } else {
            tasks::close(tx, county, "spot_check_word", ("spot_check_line", &line.id), actor).await?;
        }
        let before = json!({"finding": line.finding, "note": line.note});
        let after = json!({"person": line.person_name, "finding": finding.code(), "note": note});
        let subject = Subject { kind: "spot_check", id: &check.id };
        audit::write(tx, county, actor, "spot_check.find", subject, Change::changed(before, after)).await?;
    }
    let open = sql("select count(*) from spot_check_line where county_id = $1 and check_id = $2 and finding is null");
    let open: i64 = tx.value(open.bind(county).bind(&check.id)).await?;
    if open == 0 && check.state != "held" {
        let update = sql("update spot_check set state = 'held', version = version + 1 \
                          where county_id = $1 and id = $2 and state = 'drawn'");
        tx.run(update.bind(county).bind(&check.id)).await?;
        tasks::close(tx, county, "spot_check", ("spot_check", &check.id), actor).await?;
        let fact = FactDraft {
            indicator: "check.held",
            day: check.day,
            amount: 1,
            division: check.place,
            person: None,
            unit_id: None,
            key: Some(check.id.clone()),
            value: None,
        };
        let source = Source { kind: "spot_check", id: check.id.clone() };
        facts::record(tx, county, &[(source, vec![fact])], actor.at, Writing::Difference).await?;
    }
    Ok(())
}

async fn word_task(tx: &mut Tx, line: &LineRow, pack: &Pack, actor: &Actor) -> DbResult<()> {
    let account = accounts::store::account_of(tx, &line.person_id).await?.map(|(id, _)| id);
    let task = TaskDraft {
        kind: "spot_check_word",
        title: format!("查岗说明：{}", line.person_name),
        detail: Some(format!("{} 查岗时不在，请写一句当时在哪里、在办什么", line.day)),
        link: format!("/spot-check-lines/{}/{}", line.county_id, line.id),
        role: Role::Cadre,
        division: line.village,
        due: actor.today.plus_days(pack.spot_check_word_days()),
        origin_kind: "spot_check_line",
        origin_id: line.id.clone(),
    };
    tasks::open_for(tx, &task, account.as_deref(), actor.at).await
}

/// Keeps the cadre's own word, which they may change until the check is judged by people.
pub async fn save_word(tx: &mut Tx, line: &LineRow, word: &str, actor: &Actor) -> Result<(), AppError> {
    let update = sql("update spot_check_line set word = $1, word_at = $2, version = version + 1 \
                      where county_id = $3 and id = $4 and version = $5");
    let update = update.bind(word).bind(actor.at).bind(line.county_id).bind(&line.id).bind(line.version);
    if tx.run(update).await? != 1 {
        return Err(AppError::Conflict(text!("这一条刚有变动，请刷新后再写。")));
    }
    tasks::close(tx, line.county_id, "spot_check_word", ("spot_check_line", &line.id), actor).await?;
    let change = Change::changed(json!({"word": line.word}), json!({"word": word}));
    let subject = Subject { kind: "spot_check", id: &line.check_id };
    Ok(audit::write(tx, line.county_id, actor, "spot_check.word", subject, change).await?)
}
