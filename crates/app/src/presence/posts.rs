//! Who holds which post on a day: the one place where presence asks postings.

use std::collections::HashMap;

use base::{
    db::Conn,
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, Period},
    text,
    web::AppResult,
};

use crate::{
    accounts::Scope,
    places::short_name,
    postings::store::{self, Filter, ListRow, Sort},
};

pub use crate::postings::{PostRole, section};

/// A post that is or was really held.
#[derive(Clone, Debug)]
pub struct Post {
    pub county: CountyId,
    pub id: String,
    pub person: (CountyId, String),
    pub name: String,
    pub village: DivisionCode,
    /// `司庄村`
    pub village_name: String,
    pub township_name: String,
    pub unit_id: Option<String>,
    pub unit_name: String,
    pub role: Option<PostRole>,
    pub since: Day,
    pub until: Option<Day>,
    /// The first day after the batch's term.
    pub term_end: Option<Day>,
}

impl Post {
    fn of(row: ListRow) -> Self {
        Self {
            role: row.role(),
            county: row.county_id,
            id: row.id,
            person: (row.person_county, row.person_id),
            name: row.person_name,
            village: row.village,
            village_name: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
            township_name: row.township_name.unwrap_or_default(),
            unit_id: row.unit_id,
            unit_name: row.unit_name.unwrap_or_default(),
            since: row.since,
            until: row.until,
            term_end: None,
        }
    }

    /// The days on which it was held.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        Period::new(self.since, self.until)
    }

    #[must_use]
    pub fn holds(&self, day: Day) -> bool {
        self.period().is_some_and(|period| period.contains(day))
    }

    /// The first day for which nothing can be asked any more: the real end, or the term's while it still runs. Who stays
    /// on beyond the term is bound by nothing yet.
    #[must_use]
    pub fn bound(&self, today: Day) -> Option<Day> {
        self.until.or(self.term_end.filter(|end| today < *end))
    }

    #[must_use]
    pub fn role_text(&self) -> Text {
        self.role.map(|role| Text::key(role.zh())).unwrap_or_default()
    }

    /// `司庄村 第一书记`
    #[must_use]
    pub fn label(&self) -> Text {
        text!("{village} {role}", village = self.village_name, role = self.role_text())
    }
}

/// Every post that a person held or holds, newest first, in whatever county.
pub async fn of_person(conn: &mut Conn, person_id: &str) -> AppResult<Vec<Post>> {
    let mut ends: HashMap<(CountyId, i64), Day> = HashMap::new();
    let mut posts = Vec::new();
    for row in store::of_person(conn, person_id).await? {
        if !matches!(row.state.as_str(), "on_post" | "ended") {
            continue;
        }
        let batch = row.batch_number.map(|number| (row.county_id, number));
        if let Some(key) = batch
            && !ends.contains_key(&key)
            && let Some(found) = store::find_batch(conn, key.0, key.1).await?
        {
            ends.insert(key, found.until);
        }
        let term_end = batch.and_then(|key| ends.get(&key).copied());
        posts.push(Post { term_end, ..Post::of(row) });
    }
    Ok(posts)
}

/// Everybody of the scope who is on post on a day, village by village.
pub async fn on(conn: &mut Conn, scope: &Scope, day: Day, limit: i64) -> AppResult<Vec<Post>> {
    let filter = Filter { on: Some(day), ..Filter::default() };
    let rows = store::list(conn, scope, &filter, Sort::Village, limit, 0).await?;
    Ok(rows.into_iter().map(Post::of).collect())
}

/// How many those are.
pub async fn count_on(conn: &mut Conn, scope: &Scope, day: Day) -> AppResult<i64> {
    let filter = Filter { on: Some(day), ..Filter::default() };
    Ok(store::count(conn, scope, &filter).await?)
}

/// Whether a person holds or held a post within the scope.
pub async fn is_within(conn: &mut Conn, scope: &Scope, person_id: &str) -> AppResult<bool> {
    if scope.is_empty() {
        return Ok(false);
    }
    let filter = Filter { person_id: Some(person_id.to_owned()), state: Some("all".into()), ..Filter::default() };
    Ok(store::count(conn, scope, &filter).await? > 0)
}
