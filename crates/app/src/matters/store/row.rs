//! A matter as it lies in its table.

use base::{
    db::{Conn, DbError, DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Instant},
};

use super::super::rules::{Channel, Done, Hold, How, Level, Matter, Post, Rating, Size, Stage, State};

#[derive(sqlx_macros::FromRow)]
pub(super) struct Row {
    county_id: CountyId,
    id: String,
    number: i64,
    village: DivisionCode,
    kind: String,
    size: String,
    channel: String,
    urgent: i64,
    title: String,
    words: String,
    raiser: Option<String>,
    household_id: Option<String>,
    phone_sealed: Option<String>,
    proxy: Option<String>,
    outside_number: Option<String>,
    member_id: Option<String>,
    department: Option<String>,
    raised_at: Instant,
    raised_on: Day,
    state: String,
    post: String,
    account_id: Option<String>,
    due_at: Instant,
    promised_at: Option<Instant>,
    answered_at: Option<Instant>,
    reopens: i64,
    climb: i64,
    news: i64,
    why: Option<String>,
    merged_into: Option<String>,
    problem_id: Option<String>,
    done_how: Option<String>,
    done_at: Option<Instant>,
    done_on: Option<Day>,
    done_words: Option<String>,
    done_person_county: Option<CountyId>,
    done_person_id: Option<String>,
    done_name: Option<String>,
    done_unit_id: Option<String>,
    rating: Option<String>,
    rated_at: Option<Instant>,
    rated_on: Option<Day>,
    rated_by: Option<String>,
    version: i64,
}

macro_rules! columns {
    () => {
        "county_id, id, number, village, kind, size, channel, urgent, title, words, raiser, household_id, phone_sealed, \
         proxy, outside_number, member_id, department, raised_at, raised_on, state, post, account_id, due_at, \
         promised_at, answered_at, reopens, climb, news, why, merged_into, problem_id, done_how, done_at, done_on, \
         done_words, done_person_county, done_person_id, done_name, done_unit_id, rating, rated_at, rated_on, \
         rated_by, version"
    };
}

pub(super) const SELECT: &str = concat!("select ", columns!(), " from matter where 1 = 1");
pub(super) const INSERT: &str = concat!("insert into matter (", columns!(), ", open, due) values ");

impl Row {
    fn done(&self) -> Option<Done> {
        Some(Done {
            how: How::parse(self.done_how.as_deref()?)?,
            at: self.done_at?,
            on: self.done_on?,
            words: self.done_words.clone().unwrap_or_default(),
            person: self.done_person_county.zip(self.done_person_id.clone()),
            name: self.done_name.clone().unwrap_or_default(),
            unit_id: self.done_unit_id.clone(),
        })
    }

    fn rating(&self) -> Option<Rating> {
        Some(Rating {
            level: Level::parse(self.rating.as_deref()?)?,
            at: self.rated_at?,
            on: self.rated_on?,
            proxy: self.rated_by.clone(),
        })
    }

    fn state(&self) -> Option<State> {
        Some(match Stage::parse(&self.state)? {
            Stage::Held => State::Held { why: Hold::parse(self.why.as_deref()?)? },
            Stage::Raised => State::Raised,
            Stage::Accepted => State::Accepted,
            Stage::Deliberating => State::Deliberating,
            Stage::Township => State::PassedToTownship,
            Stage::Express => State::PassedToExpress { problem_id: self.problem_id.clone() },
            Stage::Solved => State::Solved { done: self.done()? },
            Stage::Closed => State::Closed { done: self.done()?, rating: self.rating() },
            Stage::Withdrawn => State::Withdrawn { why: self.why.clone().unwrap_or_default() },
            Stage::Merged => State::Merged { into: self.merged_into.clone()? },
        })
    }

    pub(super) fn matter(self) -> DbResult<Matter> {
        let unread = || DbError::Refused(format!("matter {} is in an unknown state", self.id));
        let state = self.state().ok_or_else(unread)?;
        let (size, channel, post) = (Size::parse(&self.size), Channel::parse(&self.channel), Post::parse(&self.post));
        let (Some(size), Some(channel), Some(post)) = (size, channel, post) else { return Err(unread()) };
        Ok(Matter {
            state,
            size,
            channel,
            post,
            county: self.county_id,
            id: self.id,
            number: self.number,
            village: self.village,
            kind: self.kind,
            urgent: self.urgent == 1,
            title: self.title,
            words: self.words,
            raiser: self.raiser,
            household_id: self.household_id,
            phone_sealed: self.phone_sealed,
            proxy: self.proxy,
            outside_number: self.outside_number,
            member_id: self.member_id,
            department: self.department,
            raised_at: self.raised_at,
            raised_on: self.raised_on,
            account_id: self.account_id,
            due_at: self.due_at,
            promised_at: self.promised_at,
            answered_at: self.answered_at,
            reopens: self.reopens,
            climb: self.climb,
            news: self.news == 1,
            version: self.version,
        })
    }
}

/// What of a state stands in columns of its own.
#[derive(Default)]
struct Parts<'a> {
    why: Option<&'a str>,
    merged_into: Option<&'a str>,
    problem_id: Option<&'a str>,
    done: Option<&'a Done>,
    rating: Option<&'a Rating>,
}

fn parts(state: &State) -> Parts<'_> {
    let none = Parts::default();
    match state {
        State::Held { why } => Parts { why: Some(why.code()), ..none },
        State::Raised | State::Accepted | State::Deliberating | State::PassedToTownship => none,
        State::PassedToExpress { problem_id } => Parts { problem_id: problem_id.as_deref(), ..none },
        State::Solved { done } => Parts { done: Some(done), ..none },
        State::Closed { done, rating } => Parts { done: Some(done), rating: rating.as_ref(), ..none },
        State::Withdrawn { why } => Parts { why: Some(why), ..none },
        State::Merged { into } => Parts { merged_into: Some(into), ..none },
    }
}

/// The values of [`INSERT`], in the order of its columns.
pub(super) fn values(matter: &Matter) -> Vec<Value> {
    let parts = parts(&matter.state);
    let (done, rating) = (parts.done, parts.rating);
    let stage = matter.stage();
    vec![
        matter.county.into(),
        (&matter.id).into(),
        matter.number.into(),
        matter.village.into(),
        (&matter.kind).into(),
        matter.size.code().into(),
        matter.channel.code().into(),
        matter.urgent.into(),
        (&matter.title).into(),
        (&matter.words).into(),
        matter.raiser.as_ref().into(),
        matter.household_id.as_ref().into(),
        matter.phone_sealed.as_ref().into(),
        matter.proxy.as_ref().into(),
        matter.outside_number.as_ref().into(),
        matter.member_id.as_ref().into(),
        matter.department.as_ref().into(),
        matter.raised_at.into(),
        matter.raised_on.into(),
        stage.code().into(),
        matter.post.code().into(),
        matter.account_id.as_ref().into(),
        matter.due_at.into(),
        matter.promised_at.into(),
        matter.answered_at.into(),
        matter.reopens.into(),
        matter.climb.into(),
        matter.news.into(),
        parts.why.into(),
        parts.merged_into.into(),
        parts.problem_id.into(),
        done.map(|done| done.how.code()).into(),
        done.map(|done| done.at).into(),
        done.map(|done| done.on).into(),
        done.map(|done| &done.words).into(),
        done.and_then(|done| done.person.as_ref()).map(|(county, _)| *county).into(),
        done.and_then(|done| done.person.as_ref()).map(|(_, id)| id).into(),
        done.map(|done| &done.name).into(),
        done.and_then(|done| done.unit_id.as_ref()).into(),
        rating.map(|rating| rating.level.code()).into(),
        rating.map(|rating| rating.at).into(),
        rating.map(|rating| rating.on).into(),
        rating.and_then(|rating| rating.proxy.as_ref()).into(),
        matter.version.into(),
        stage.is_open().into(),
        matter.due().into(),
    ]
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<Matter>> {
    let mut query = sql(SELECT);
    query.push(" and county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe::<Row>(query).await?.map(Row::matter).transpose()
}

/// The same, locked until the end of the transaction: steps of one matter follow each other.
pub async fn lock(tx: &mut Tx, county: CountyId, id: &str) -> DbResult<Option<Matter>> {
    let touch = sql("update matter set version = version where county_id = $1 and id = $2");
    tx.run(touch.bind(county).bind(id)).await?;
    find(tx, county, id).await
}

pub async fn find_by_number(conn: &mut Conn, county: CountyId, number: i64) -> DbResult<Option<Matter>> {
    let mut query = sql(SELECT);
    query.push(" and county_id = ").push_bind(county).push(" and number = ").push_bind(number);
    conn.maybe::<Row>(query).await?.map(Row::matter).transpose()
}

/// The matter of a follow-up code.
pub async fn find_by_code(conn: &mut Conn, code_hash: &str) -> DbResult<Option<Matter>> {
    let query = sql("select county_id, matter_id from matter_code where code_hash = $1").bind(code_hash);
    let Some((county, id)): Option<(CountyId, String)> = conn.maybe(query).await? else { return Ok(None) };
    find(conn, county, &id).await
}

/// Every matter of a county: for checks.
pub(super) async fn all_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Matter>> {
    let mut query = sql(SELECT);
    query.push(" and county_id = ").push_bind(county).push(" order by id");
    conn.all::<Row>(query).await?.into_iter().map(Row::matter).collect()
}
