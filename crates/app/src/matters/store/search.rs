//! Search and likeness over two-character words.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, Query, sql},
    kernel::{CountyId, Day, DivisionCode},
};

use super::{
    super::rules::{
        Stage,
        alike::{Posting, SAME, grams, likeliest, ranked},
    },
    list::{Line, lines_of},
};
use crate::accounts::Scope;

/// How far a word's frequency is counted: beyond it, it is simply common.
const COMMON: i64 = 2_000;
/// Earlier matters read for a word of a new one.
const NEWEST: i64 = 300;
/// Days after its end in which a matter may be the same as a new one.
const RECENT: i64 = 30;
/// Words of a new matter that are looked up.
const LOOKED_UP: usize = 32;

/// The statement behind [`found`]: matters of a county that hold all words, the first one leading; newest first.
#[must_use]
pub fn found_query(county: CountyId, scope: &Scope, words: &[String], most: i64) -> Query {
    let mut query = sql("select w.matter_id from matter_word w where w.county_id = ");
    query.push_bind(county).push(" and w.word = ").push_bind(words.first());
    query.push(" and (1 = 0");
    for area in scope.areas() {
        query.push(" or w.village between ").push_bind(area.first).push(" and ").push_bind(area.last);
    }
    query.push(")");
    for word in words.iter().skip(1) {
        query.push(" and exists (select 1 from matter_word x where x.county_id = w.county_id and x.word = ");
        query.push_bind(word).push(" and x.matter_id = w.matter_id)");
    }
    query.push(" order by w.matter_id desc limit ").push_bind(most);
    query
}

/// The matters of the scope that hold every two-character piece of what is asked, newest first. `None` where fewer than
/// two characters were typed.
pub async fn found(conn: &mut Conn, scope: &Scope, asked: &str, most: i64) -> DbResult<Option<Vec<Line>>> {
    let words: Vec<String> = grams(asked).into_iter().take(12).collect();
    if words.is_empty() {
        return Ok(None);
    }
    let mut newest: Vec<(String, CountyId)> = Vec::new();
    for county in counties(conn, scope).await? {
        let Some(rare_first) = rare_first(conn, county, &words).await? else { continue };
        let ids: Vec<(String,)> = conn.all(found_query(county, scope, &rare_first, most)).await?;
        newest.extend(ids.into_iter().map(|(id,)| (id, county)));
    }
    newest.sort_by(|a, b| b.cmp(a));
    newest.truncate(usize::try_from(most).unwrap_or(50));
    let mut by_county: BTreeMap<CountyId, Vec<String>> = BTreeMap::new();
    for (id, county) in newest {
        by_county.entry(county).or_default().push(id);
    }
    let mut all = Vec::new();
    for (county, ids) in by_county {
        all.extend(lines_of(conn, county, &ids).await?);
    }
    all.sort_by(|a, b| b.id.cmp(&a.id));
    Ok(Some(all))
}

/// The words, what few matters hold first; `None` where one of several is in no matter of the county.
async fn rare_first(conn: &mut Conn, county: CountyId, words: &[String]) -> DbResult<Option<Vec<String>>> {
    if let [_] = words {
        return Ok(Some(words.to_vec()));
    }
    let mut rated = Vec::new();
    for word in words {
        let n = frequency(conn, county, word).await?;
        if n == 0 {
            return Ok(None);
        }
        rated.push((n, word.clone()));
    }
    rated.sort();
    Ok(Some(rated.into_iter().map(|(_, word)| word).collect()))
}

async fn counties(conn: &mut Conn, scope: &Scope) -> DbResult<Vec<CountyId>> {
    let mut counties = Vec::new();
    for area in scope.areas() {
        let (first, last) = area.counties();
        let query = sql("select county_id from matter_counter where county_id between $1 and $2 order by county_id");
        let rows: Vec<(CountyId,)> = conn.all(query.bind(first).bind(last)).await?;
        counties.extend(
            rows.into_iter().map(|(county,)| county).filter(|county| !counties.contains(county)).collect::<Vec<_>>(),
        );
    }
    Ok(counties)
}

async fn frequency(conn: &mut Conn, county: CountyId, word: &str) -> DbResult<i64> {
    let query = sql("select count(*) from (select 1 as one from matter_word where county_id = $1 and word = $2 \
                     limit $3) counted");
    conn.value(query.bind(county).bind(word).bind(COMMON)).await
}

/// What earlier matters suggest for a new one, each with the matters that say so.
#[derive(Clone, Debug, Default)]
pub struct Suggestion {
    /// Perhaps the same: of the same village, still open or of the last weeks; with the likeness in per cent.
    pub same: Vec<(Line, u8)>,
    pub kind: Option<Reasoned>,
    pub department: Option<Reasoned>,
}

/// A suggestion with the matters that speak for it and the words that they share with the new one.
#[derive(Clone, Debug, Default)]
pub struct Reasoned {
    pub said: String,
    pub why: Vec<Line>,
    pub words: Vec<String>,
}

/// Compares with earlier matters of the county: their words are read, nothing else.
pub async fn suggest(
    conn: &mut Conn,
    village: DivisionCode,
    words: &str,
    own: Option<&str>,
    today: Day,
) -> DbResult<Suggestion> {
    let county = village.county();
    let mut postings = Vec::new();
    for word in grams(words).into_iter().take(LOOKED_UP) {
        let query = sql("select matter_id from matter_word where county_id = $1 and word = $2 \
                         order by matter_id desc limit $3");
        let ids: Vec<(String,)> = conn.all(query.bind(county).bind(&word).bind(NEWEST)).await?;
        let matters = ids.into_iter().map(|(id,)| id).filter(|id| Some(id.as_str()) != own).collect();
        postings.push(Posting { word, matters });
    }
    let alike = ranked(&postings, 40);
    let ids: Vec<String> = alike.iter().map(|one| one.id.clone()).collect();
    let lines = lines_of(conn, county, &ids).await?;
    let line = |id: &str| lines.iter().find(|line| line.id == id);
    let settled = |line: &&Line| !matches!(line.stage(), Some(Stage::Held | Stage::Raised | Stage::Withdrawn) | None);
    let shown = |found: Option<(String, Vec<&super::super::rules::alike::Alike>)>| {
        found.map(|(said, why)| Reasoned {
            said,
            words: why.first().map(|one| one.words.iter().take(6).cloned().collect()).unwrap_or_default(),
            why: why.iter().take(3).filter_map(|one| line(&one.id).cloned()).collect(),
        })
    };
    let kind = likeliest(&alike, |id| line(id).filter(settled).map(|line| line.kind.clone()));
    let department = likeliest(&alike, |id| line(id).filter(settled).and_then(|line| line.department.clone()));
    let recent = |line: &&Line| {
        let ended = line.done_on.is_some_and(|day| today.days_since(day) <= RECENT);
        line.village == village
            && line.stage().is_some_and(|stage| stage.is_open() || (stage == Stage::Closed && ended))
    };
    let same = alike.iter().filter(|one| one.score >= SAME).filter_map(|one| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of one")]
        let per_cent = (one.score * 100.0).min(100.0) as u8;
        line(&one.id).filter(recent).map(|line| (line.clone(), per_cent))
    });
    Ok(Suggestion { same: same.take(3).collect(), kind: shown(kind), department: shown(department) })
}
