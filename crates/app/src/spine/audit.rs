//! The audit trail: append-only, one hash chain per county whose head row is locked by the writer.
//!
//! A line is written in the transaction of the change; if it cannot be written, the change fails.
//! `hash = sha256(previous hash, every column)`, so that a changed, removed or inserted line breaks the chain.

use base::{
    db::{Conn, DbResult, Query, Tx, sql},
    kernel::{CountyId, Instant},
    seal::sha256,
};
use serde::Serialize;

use crate::accounts::Actor;

/// What an audit line is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub kind: &'static str,
    pub id: &'a str,
}

/// One line as it is stored.
#[derive(Clone, Debug, sqlx_macros::FromRow, Serialize)]
pub struct Line {
    pub seq: i64,
    #[serde(skip)]
    pub at: Instant,
    pub account_id: String,
    pub actor: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub hash: String,
}

const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Line {
    fn chained(&self, county: CountyId, previous: &str) -> String {
        let nothing = "\u{1}".to_owned();
        let parts = [
            previous.to_owned(),
            county.to_string(),
            self.seq.to_string(),
            self.at.0.to_string(),
            self.account_id.clone(),
            self.actor.clone(),
            self.action.clone(),
            self.subject_kind.clone(),
            self.subject_id.clone(),
            self.before.clone().unwrap_or_else(|| nothing.clone()),
            self.after.clone().unwrap_or(nothing),
        ];
        sha256(parts.join("\u{0}").as_bytes())
    }
}

/// Appends a line. `before` and `after` hold what changed, without secrets and without sealed values.
pub async fn write(
    tx: &mut Tx,
    county: CountyId,
    actor: &Actor,
    action: &'static str,
    subject: Subject<'_>,
    change: Change,
) -> DbResult<()> {
    // The upsert takes the head's row lock, so lines of one county are written one after another.
    let head = sql("insert into audit_head (county_id, seq, hash) values ($1, 0, $2) \
                    on conflict (county_id) do update set seq = audit_head.seq \
                    returning seq, hash")
    .bind(county)
    .bind(FIRST);
    let (seq, previous): (i64, String) = tx.one(head).await?;
    let mut line = Line {
        seq: seq + 1,
        at: actor.at,
        account_id: actor.account_id.clone(),
        actor: actor.name.clone(),
        action: action.into(),
        subject_kind: subject.kind.into(),
        subject_id: subject.id.into(),
        before: change.before.map(|value| value.to_string()),
        after: change.after.map(|value| value.to_string()),
        hash: String::new(),
    };
    line.hash = line.chained(county, &previous);
    let insert = sql("insert into audit (county_id, seq, at, account_id, actor, action, subject_kind, subject_id, \
                      before, after, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(county)
    .bind(line.seq)
    .bind(line.at)
    .bind(&line.account_id)
    .bind(&line.actor)
    .bind(&line.action)
    .bind(&line.subject_kind)
    .bind(&line.subject_id)
    .bind(line.before)
    .bind(line.after)
    .bind(&line.hash);
    tx.run(insert).await?;
    let advance = sql("update audit_head set seq = $1, hash = $2 where county_id = $3")
        .bind(line.seq)
        .bind(&line.hash)
        .bind(county);
    tx.run(advance).await?;
    Ok(())
}

/// What a line keeps of a change.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub before: Option<serde_json::Value>,
    pub after: Option<serde_json::Value>,
}

impl Change {
    #[must_use]
    pub fn made(after: serde_json::Value) -> Self {
        Self { before: None, after: Some(after) }
    }

    #[must_use]
    pub fn changed(before: serde_json::Value, after: serde_json::Value) -> Self {
        Self { before: Some(before), after: Some(after) }
    }
}

/// The lines of a county, newest first, below `before_seq` where given; of one subject where given.
pub async fn list(
    conn: &mut Conn,
    county: CountyId,
    subject: Option<(&str, &str)>,
    before_seq: Option<i64>,
    limit: i64,
) -> DbResult<Vec<Line>> {
    let mut query = sql("select seq, at, account_id, actor, action, subject_kind, subject_id, before, after, hash \
                         from audit where county_id = $1")
    .bind(county);
    if let Some((kind, id)) = subject {
        query.push(" and subject_kind = ").push_bind(kind).push(" and subject_id = ").push_bind(id);
    }
    if let Some(seq) = before_seq {
        query.push(" and seq < ").push_bind(seq);
    }
    query.push(" order by seq desc limit ").push_bind(limit);
    conn.all(query).await
}

/// What a look into the trail is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Part of the actor's name.
    pub actor: Option<&'a str>,
    /// The beginning of the action, `account.` or `account.grant`.
    pub action: Option<&'a str>,
    /// A kind (`account`) or one subject's id.
    pub subject: Option<&'a str>,
    /// Only lines below this number: the next page.
    pub before_seq: Option<i64>,
}

/// The lines of a county that fit, newest first.
pub async fn search(conn: &mut Conn, county: CountyId, filter: Filter<'_>, limit: i64) -> DbResult<Vec<Line>> {
    let plain = |text: &str| text.replace(['%', '_'], "");
    let mut query = sql("select seq, at, account_id, actor, action, subject_kind, subject_id, before, after, hash \
                         from audit where county_id = $1")
    .bind(county);
    if let Some(actor) = filter.actor {
        query.push(" and actor like ").push_bind(format!("%{}%", plain(actor)));
    }
    if let Some(action) = filter.action {
        query.push(" and action like ").push_bind(format!("{}%", plain(action)));
    }
    if let Some(subject) = filter.subject {
        query.push(" and (subject_kind = ").push_bind(subject);
        query.push(" or subject_id = ").push_bind(subject).push(")");
    }
    if let Some(seq) = filter.before_seq {
        query.push(" and seq < ").push_bind(seq);
    }
    query.push(" order by seq desc limit ").push_bind(limit);
    conn.all(query).await
}

/// A break in a chain.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Break {
    pub county: String,
    pub seq: i64,
    pub what: String,
}

/// What a verification found.
#[derive(Clone, Debug, Serialize, Default)]
pub struct Verdict {
    pub lines: i64,
    pub chains: i64,
    /// County, last number and hash: what an operator keeps elsewhere, so that a cut tail shows.
    pub heads: Vec<(String, i64, String)>,
    pub breaks: Vec<Break>,
}

/// Walks every chain from its first line to its head.
pub async fn verify(conn: &mut Conn) -> DbResult<Verdict> {
    verify_heads(conn, sql("select county_id, seq, hash from audit_head order by county_id")).await
}

/// Walks the chain of one county.
pub async fn verify_county(conn: &mut Conn, county: CountyId) -> DbResult<Verdict> {
    verify_heads(conn, sql("select county_id, seq, hash from audit_head where county_id = $1").bind(county)).await
}

async fn verify_heads(conn: &mut Conn, heads: Query) -> DbResult<Verdict> {
    let heads: Vec<(CountyId, i64, String)> = conn.all(heads).await?;
    let mut verdict = Verdict::default();
    for (county, seq, hash) in heads {
        verdict.chains += 1;
        verdict.heads.push((county.to_string(), seq, hash.clone()));
        let (walked, last) = walk(conn, county, &mut verdict).await?;
        if walked != seq || last != hash {
            let what = format!("链头为第 {seq} 条，实际走到第 {walked} 条");
            verdict.breaks.push(Break { county: county.to_string(), seq: walked, what });
        }
    }
    Ok(verdict)
}

async fn walk(conn: &mut Conn, county: CountyId, verdict: &mut Verdict) -> DbResult<(i64, String)> {
    const PAGE: i64 = 2_000;
    let (mut at, mut previous) = (0_i64, FIRST.to_owned());
    loop {
        let page = sql("select seq, at, account_id, actor, action, subject_kind, subject_id, before, after, hash \
                        from audit where county_id = $1 and seq > $2 order by seq limit $3")
        .bind(county)
        .bind(at)
        .bind(PAGE);
        let lines: Vec<Line> = conn.all(page).await?;
        if lines.is_empty() {
            return Ok((at, previous));
        }
        for line in lines {
            verdict.lines += 1;
            let expected = line.chained(county, &previous);
            if line.seq != at + 1 || expected != line.hash {
                let what = if line.seq == at + 1 { "内容与校验值不符" } else { "中间缺少记录" };
                verdict.breaks.push(Break { county: county.to_string(), seq: line.seq, what: what.into() });
            }
            at = line.seq;
            previous = line.hash;
        }
    }
}
